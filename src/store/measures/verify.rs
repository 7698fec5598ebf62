//! Whether what is kept is what the history gives.

use std::collections::{BTreeSet, HashMap};

use prost::Message as _;
use sqlx::{AnyConnection, Row as _};

use super::{Anew, Place, anew, cell, id, in_use, reckon::place};
use crate::{
    domain::{
        id::TicketId,
        measure::{About, Cell, Life, Names},
        people::Tenant,
        time::Timestamp,
    },
    proto::{measure::life_from, v1},
    store::{Store, engine::Engine, fault::Unavailable},
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
    /// Folds the history anew up to where it is reckoned, and names what is kept otherwise. Says how much was compared.
    pub async fn verify_measures(
        &self,
        told: &mut dyn FnMut(Anew),
    ) -> Result<(usize, BTreeSet<Difference>), Unavailable> {
        // All of it as it was at one moment, while others go on.
        let begin = match self.inner.engine {
            Engine::Sqlite => "begin",
            Engine::Postgres => "begin isolation level repeatable read",
        };
        let mut kept = self.inner.pools.read.begin_with(begin).await?;
        let generation = in_use(&mut kept).await?;
        let reckoned = self.reckoned(&mut kept, generation).await?;
        let fold = self.fold(&reckoned, told).await?;
        let cells = anew::cells(&fold);
        let compared = fold.lives.len() + cells.len();
        let mut found = other_lives(&mut kept, generation, fold.lives).await?;
        found.extend(other_cells(&mut kept, generation, cells).await?);
        kept.rollback().await?;
        Ok((compared, found))
    }
}

/// The lives that are kept otherwise than these.
async fn other_lives(
    kept: &mut AnyConnection,
    generation: i64,
    mut lives: HashMap<[u8; 16], (Tenant, Life)>,
) -> Result<BTreeSet<Difference>, Unavailable> {
    let (mut found, mut after, mut names) = (BTreeSet::new(), vec![], Names::default());
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
            let (key, tenant) = (id(row, 0)?, super::tenant(row, 1)?);
            let life = v1::MeasuredLife::decode(row.try_get::<Vec<u8>, _>(2)?.as_slice())?;
            let life = life_from(&life, &mut names)?;
            if lives.remove(&key).is_none_or(|it| it != (tenant.clone(), life.clone())) {
                found.insert(Difference { tenant, what: name(key, &life) });
            }
        }
    }
    found
        .extend(lives.into_iter().map(|(key, (tenant, life))| Difference { tenant, what: name(key, &life) }));
    Ok(found)
}

/// The cells that are kept otherwise than these.
async fn other_cells(
    kept: &mut AnyConnection,
    generation: i64,
    mut cells: HashMap<Place, Cell>,
) -> Result<Vec<Difference>, Unavailable> {
    let rows = sqlx::query(
        "select tenant, measure, grain, day, service, group_id, template, kind, body from measure_cells \
         where generation = $1",
    )
    .bind(generation)
    .fetch_all(kept)
    .await?;
    let mut wrong = vec![];
    for row in &rows {
        let place = place(row)?;
        if cells.remove(&place) != Some(cell(row, 8)?) {
            wrong.push(place);
        }
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

fn name(key: [u8; 16], life: &Life) -> String {
    match life {
        Life::Ticket(_) => format!("ticket {}", TicketId::from_bytes(key)),
        Life::Reading(_) => "a reader of an article".to_owned(),
    }
}
