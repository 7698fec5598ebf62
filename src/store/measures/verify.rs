//! Whether what is kept is what the history gives.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use futures_util::TryStreamExt as _;
use prost::Message as _;
use sqlx::{AnyConnection, Row as _};

use super::{
    Anew, Key, Place, anew, cell, heads, id, in_use,
    reckon::{Touched, changed, page, place},
};
use crate::{
    domain::{
        id::{ConversationId, TicketId},
        measure::{About, Cell, Change, Life, Names},
        people::Tenant,
        time::Timestamp,
    },
    proto::{measure::life_from, v1},
    store::{Store, fault::Unavailable},
};

/// Rows read at once.
const PAGE: i64 = 20_000;

/// Something that is kept otherwise than the history gives it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// Whose.
    pub tenant: Tenant,
    /// What, for people.
    pub what: String,
}

impl Store {
    /// Folds the history anew and names what is kept otherwise. Both are looked at as they stand at one moment. What is kept
    /// may be behind the history then: it is brought up to it, as the next reckoning will do it, and nothing is written.
    /// Says how much was compared.
    pub async fn verify_measures(
        &self,
        told: &mut dyn FnMut(Anew),
    ) -> Result<(usize, BTreeSet<Difference>), Unavailable> {
        let mut kept = self.snapshot().await?;
        let generation = in_use(&mut kept).await?;
        let heads = heads(&mut kept).await?;
        let fold = anew::fold(&mut kept, &heads, told).await?;
        let cells = anew::cells(&fold);
        let lives: HashMap<_, _> = fold.lives().map(|(key, tenant, life)| (*key, (tenant, life))).collect();
        let compared = lives.len() + cells.len();
        let late = self.late(&mut kept, generation).await?;
        let mut found = other_lives(&mut kept, generation, lives, &late).await?;
        found.extend(other_cells(&mut kept, generation, cells, changed(late.values())).await?);
        kept.rollback().await?;
        Ok((compared, found))
    }

    /// The lives that will be kept otherwise when all is reckoned.
    async fn late(&self, kept: &mut AnyConnection, generation: i64) -> Result<Touched, Unavailable> {
        let mut reckoned = self.reckoned(kept, generation).await?;
        let (mut touched, mut names) = (Touched::new(), Names::default());
        loop {
            let events = page(kept, &mut reckoned).await?;
            if events.is_empty() {
                break;
            }
            self.go_on(kept, generation, &events, (&mut touched, &mut names)).await?;
        }
        self.end_goals(kept, &mut touched, &mut names).await?;
        Ok(touched)
    }
}

/// The lives that are kept otherwise than these, with what is late.
async fn other_lives(
    kept: &mut AnyConnection,
    generation: i64,
    mut lives: HashMap<Key, (&Tenant, &Life)>,
    late: &Touched,
) -> Result<BTreeSet<Difference>, Unavailable> {
    let (mut found, mut after, mut names) = (BTreeSet::new(), vec![], Names::default());
    let mut compare = |key: Key, tenant: &Tenant, life: &Life| {
        if lives.remove(&key) != Some((tenant, life)) {
            found.insert(Difference { tenant: tenant.clone(), what: name(key, life) });
        }
    };
    for (key, it) in late {
        it.now.iter().for_each(|life| compare(*key, &it.tenant, life));
    }
    loop {
        let rows = sqlx::query(
            "select id, tenant, body from lives where generation = $1 and id > $2 order by id limit $3",
        )
        .bind(generation)
        .bind(after.clone())
        .bind(PAGE)
        .fetch_all(&mut *kept)
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get(0)?;
        for row in &rows {
            let key = id(row, 0)?;
            if !late.contains_key(&key) {
                let life = v1::MeasuredLife::decode(row.try_get::<&[u8], _>(2)?)?;
                compare(key, &super::tenant(row, 1)?, &life_from(&life, &mut names)?);
            }
        }
    }
    let missing = lives.into_iter();
    found.extend(
        missing.map(|(key, (tenant, life))| Difference { tenant: tenant.clone(), what: name(key, life) }),
    );
    Ok(found)
}

/// The cells that are kept otherwise than these, with what is late.
async fn other_cells(
    kept: &mut AnyConnection,
    generation: i64,
    mut cells: HashMap<Place, Cell>,
    mut late: BTreeMap<Place, Change>,
) -> Result<Vec<Difference>, Unavailable> {
    let mut rows = sqlx::query(
        "select tenant, measure, grain, day, service, group_id, template, kind, body from measure_cells \
         where generation = $1",
    )
    .bind(generation)
    .fetch(kept);
    let mut wrong = vec![];
    let mut compare = |place: Place, kept: &Cell, change: Option<Change>| {
        let kept = change.map_or_else(|| kept.clone(), |it| kept.changed(&it));
        if cells.remove(&place).unwrap_or_default() != kept {
            wrong.push(place);
        }
    };
    while let Some(row) = rows.try_next().await? {
        let place = place(&row)?;
        let change = late.remove(&place);
        compare(place, &cell(&row, 8)?, change);
    }
    for (place, change) in late {
        compare(place, &Cell::default(), Some(change));
    }
    Ok(wrong.into_iter().chain(cells.into_keys()).map(different).collect())
}

fn different((tenant, grain, about): Place) -> Difference {
    let (measure, day) =
        (about.measure.as_str(), Timestamp::from_second(i64::from(about.day) * 86_400).date());
    let About { service, group, template, .. } = about;
    let what = format!(
        "{measure} of {day} ({grain:?}): service `{service}`, group `{group}`, template `{template}`"
    );
    Difference { tenant, what }
}

fn name(key: Key, life: &Life) -> String {
    match life {
        Life::Ticket(_) => format!("ticket {}", TicketId::from_bytes(key)),
        Life::Reading(_) => format!("conversation {}", ConversationId::from_bytes(key)),
    }
}
