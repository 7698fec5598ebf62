//! Whether what is kept is what the history gives.

use std::collections::BTreeSet;

use prost::Message as _;
use sqlx::Row as _;

use super::{Anew, anew, cell, id, in_use, reckon::place};
use crate::{
    domain::{
        id::TicketId,
        measure::{Life, Names},
        people::Tenant,
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
        let mut fold = self.fold(&reckoned, told).await?;
        let mut cells = anew::cells(&fold);
        let (compared, mut found) = (fold.lives.len() + cells.len(), BTreeSet::new());
        let (mut after, mut names) = (vec![], Names::default());
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
                if fold.lives.remove(&key).is_none_or(|it| it != (tenant.clone(), life.clone())) {
                    found.insert(Difference { tenant, what: name(key, &life) });
                }
            }
        }
        for (key, (tenant, life)) in fold.lives {
            found.insert(Difference { tenant, what: name(key, &life) });
        }
        let rows = sqlx::query(
            "select tenant, measure, grain, day, service, group_id, template, kind, body from measure_cells \
             where generation = $1",
        )
        .bind(generation)
        .fetch_all(&mut *kept)
        .await?;
        kept.rollback().await?;
        let mut wrong = vec![];
        for row in &rows {
            let place = place(row)?;
            if cells.remove(&place) != Some(cell(row, 8)?) {
                wrong.push(place);
            }
        }
        for (tenant, grain, about) in wrong.into_iter().chain(cells.into_keys()) {
            let at = crate::domain::time::Timestamp::from_second(i64::from(about.day) * 86_400).date();
            let what = format!(
                "{} of {at} ({grain:?}): service `{}`, group `{}`, template `{}`",
                about.measure.as_str(),
                about.service,
                about.group,
                about.template
            );
            found.insert(Difference { tenant, what });
        }
        Ok((compared, found))
    }
}

fn name(key: [u8; 16], life: &Life) -> String {
    match life {
        Life::Ticket(_) => format!("ticket {}", TicketId::from_bytes(key)),
        Life::Reading(_) => "a reader of an article".to_owned(),
    }
}
