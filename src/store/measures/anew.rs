//! Reckons everything anew from the history, beside what is in use.

use std::collections::HashMap;

use prost::Message as _;
use sqlx::{Row as _, any::AnyRow};

use super::{Place, Reckoned, goal, hold, in_order, in_use, key, reckon::places};
use crate::{
    domain::{
        measure::{Cell, Life, Names},
        people::Tenant,
    },
    proto::{measure::step_of, time::time_from, v1},
    store::{Store, fault::Unavailable},
};

/// Events read at once.
const PAGE: i64 = 20_000;
/// Outcomes read at once.
const OUTCOMES: i64 = 20_000;
/// Rows written or deleted in one transaction.
const ROWS: usize = 8_192;

/// What all lives of a history are.
#[derive(Default)]
pub(super) struct Fold {
    pub(super) lives: HashMap<[u8; 16], (Tenant, Life)>,
    names: Names,
    tenants: HashMap<String, Tenant>,
}

/// How far the reckoning anew is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anew {
    /// So many events of all are read.
    Reading(u64, u64),
    /// So many rows of all are written.
    Writing(u64, u64),
}

impl Store {
    /// Reckons everything anew from the history, and puts it in the place of what is in use. Whatever ends in between
    /// leaves that as it is. Says how many tickets and readers there are; nothing if somebody else began after this and is
    /// ahead.
    pub async fn reckon_anew(&self, told: &mut dyn FnMut(Anew)) -> Result<Option<usize>, Unavailable> {
        let row = sqlx::query("update reckoning set newest = newest + 1 where id = 0 returning newest")
            .fetch_one(&self.inner.pools.write)
            .await?;
        let generation: i64 = row.try_get(0)?;
        let mut heads = Reckoned::new();
        for partition in 0..self.partitions() {
            heads.insert(partition, self.head(partition).await?.position);
        }
        let fold = self.fold(&heads, told).await?;
        let cells = cells(&fold);
        let all = (fold.lives.len() + cells.len()) as u64;
        let mut done = 0;
        let lives: Vec<_> = fold.lives.iter().map(|(key, (tenant, life))| (tenant, key, life)).collect();
        for some in lives.chunks(ROWS) {
            let mut transaction = self.inner.pools.write.begin().await?;
            self.put_lives(&mut transaction, generation, some.iter().copied()).await?;
            transaction.commit().await?;
            done += some.len() as u64;
            told(Anew::Writing(done, all));
        }
        let cells: Vec<_> = cells.iter().collect();
        for some in cells.chunks(ROWS) {
            let rows: Vec<_> = some.iter().map(|(place, cell)| (*place, cell.bytes())).collect();
            let mut transaction = self.inner.pools.write.begin().await?;
            self.put_cells(&mut transaction, generation, &rows).await?;
            transaction.commit().await?;
            done += some.len() as u64;
            told(Anew::Writing(done, all));
        }
        let count = fold.lives.len();
        let is_newest = self.put_in_use(generation, &heads).await?;
        self.forget(generation).await?;
        Ok(is_newest.then_some(count))
    }

    /// What all lives are up to some positions.
    pub(super) async fn fold(
        &self,
        heads: &Reckoned,
        told: &mut dyn FnMut(Anew),
    ) -> Result<Fold, Unavailable> {
        let (mut fold, mut read, all) = (Fold::default(), 0, heads.values().sum());
        for (partition, head) in heads {
            let mut position = 0;
            while position < *head {
                let rows = sqlx::query(
                    "select payload, position from events where partition = $1 and position > $2 \
                     and position <= $3 order by position limit $4",
                )
                .bind(i64::from(*partition))
                .bind(position.cast_signed())
                .bind(head.cast_signed())
                .bind(PAGE)
                .fetch_all(&self.inner.pools.read)
                .await?;
                let Some(last) = rows.last() else { break };
                position = last.try_get::<i64, _>(1)?.cast_unsigned();
                read += rows.len() as u64;
                rows.iter().try_for_each(|it| fold.take(it))?;
                told(Anew::Reading(read, all));
            }
        }
        self.fold_goals(&mut fold).await?;
        Ok(fold)
    }

    /// How all goals ended.
    async fn fold_goals(&self, fold: &mut Fold) -> Result<(), Unavailable> {
        let mut after: Option<(String, Vec<u8>, String, i64)> = None;
        loop {
            let (tenant, ticket, name, started) = after.clone().unwrap_or_default();
            let rows = sqlx::query(
                "select ticket, goal, due, result, group_id, started, tenant from outcomes \
                 where (tenant, ticket, goal, started) > ($1, $2, $3, $4) \
                 order by tenant, ticket, goal, started limit $5",
            )
            .bind(tenant)
            .bind(ticket)
            .bind(name)
            .bind(if after.is_some() { started } else { i64::MIN })
            .bind(OUTCOMES)
            .fetch_all(&self.inner.pools.read)
            .await?;
            for row in &rows {
                fold.take_goal(row)?;
            }
            let Some(last) = rows.last() else { break };
            after = Some((last.try_get(6)?, last.try_get(0)?, last.try_get(1)?, last.try_get(5)?));
        }
        for (_, life) in fold.lives.values_mut() {
            if let Life::Ticket(life) = life {
                in_order(&mut life.goals);
            }
        }
        Ok(())
    }

    /// Whether it is in use now: not if a newer one was begun.
    async fn put_in_use(&self, generation: i64, heads: &Reckoned) -> Result<bool, Unavailable> {
        let mut transaction = self.inner.pools.write.begin().await?;
        hold(&mut transaction).await?;
        let done = sqlx::query(
            "update reckoning set generation = $1 where id = 0 and newest = $1 and generation < $1",
        )
        .bind(generation)
        .execute(&mut *transaction)
        .await?;
        if done.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        self.put_reckoned(&mut transaction, generation, heads).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Deletes the generations that are not in use and older than one, in small pieces.
    async fn forget(&self, newest: i64) -> Result<(), Unavailable> {
        let used = in_use(&mut *self.inner.pools.read.acquire().await?).await?;
        for sql in [
            "delete from lives where generation <= $1 and generation <> $2 and (generation, id) in \
             (select generation, id from lives where generation <= $1 and generation <> $2 limit $3)",
            "delete from measure_cells where generation <= $1 and generation <> $2 and \
             (generation, tenant, measure, grain, day) in (select generation, tenant, measure, grain, day from \
             measure_cells where generation <= $1 and generation <> $2 limit $3)",
            "delete from reckoned where generation <= $1 and generation <> $2 and partition < $3",
        ] {
            loop {
                let done = sqlx::query(sql).bind(newest).bind(used).bind(ROWS as i64);
                if done.execute(&self.inner.pools.write).await?.rows_affected() == 0 {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Fold {
    fn take(&mut self, row: &AnyRow) -> Result<(), Unavailable> {
        let event = v1::Event::decode(row.try_get::<Vec<u8>, _>(0)?.as_slice())?;
        let Some(step) = step_of(&event)? else { return Ok(()) };
        let (Some(key), Some(at)) = (key(&event), &event.time) else { return Ok(()) };
        let Some(tenant) = self.tenant(&event.tenant) else { return Ok(()) };
        let before = self.lives.remove(&key).filter(|it| it.0 == tenant).map(|it| it.1);
        if let Some(life) = Life::after(before, &step, time_from(at), &mut self.names) {
            self.lives.insert(key, (tenant, life));
        }
        Ok(())
    }

    fn take_goal(&mut self, row: &AnyRow) -> Result<(), Unavailable> {
        if row.try_get::<i64, _>(3)? == 0 {
            return Ok(());
        }
        let Some((key, goal)) = goal(row, &mut self.names)? else { return Ok(()) };
        if let Some((_, Life::Ticket(life))) = self.lives.get_mut(&key) {
            life.goals.push(goal);
        }
        Ok(())
    }

    fn tenant(&mut self, name: &str) -> Option<Tenant> {
        if let Some(known) = self.tenants.get(name) {
            return Some(known.clone());
        }
        let new = Tenant::parse(name)?;
        self.tenants.insert(name.to_owned(), new.clone());
        Some(new)
    }
}

/// The cells of all lives.
pub(super) fn cells(fold: &Fold) -> HashMap<Place, Cell> {
    let mut values: HashMap<Tenant, HashMap<_, Vec<u32>>> = HashMap::new();
    for (tenant, life) in fold.lives.values() {
        if !values.contains_key(tenant) {
            values.insert(tenant.clone(), HashMap::new());
        }
        let Some(of) = values.get_mut(tenant) else { continue };
        life.values(&mut |it| of.entry(it.about).or_default().push(it.amount));
    }
    let (mut days, mut months) = (HashMap::new(), HashMap::<Place, Vec<Cell>>::new());
    for (tenant, of) in values {
        for (about, amounts) in of {
            let cell = Cell::of(amounts);
            let [day, month] = places(&tenant, about);
            months.entry(month).or_default().push(cell.clone());
            days.insert(day, cell);
        }
    }
    days.extend(months.into_iter().map(|(place, all)| (place, Cell::merged(&all))));
    days
}
