//! Reckons everything anew from the history, beside what is in use.

use std::collections::{HashMap, hash_map::Entry};

use futures_util::TryStreamExt as _;
use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Key, Place, Reckoned, goal, heads, hold, in_order, in_use, reckon::places};
use crate::{
    domain::{
        measure::{Cell, Life, Names},
        people::Tenant,
    },
    proto::{
        measure::{changes_of, is_turn, moment_of},
        v1,
    },
    store::{Store, fault::Unavailable},
};

/// Events or outcomes of one statement, which must not take as long as a database lets it.
const PAGE: i64 = 10_000;
/// Rows written or deleted in one transaction.
const ROWS: usize = 8_192;

/// What all lives of a history are.
#[derive(Default)]
pub(super) struct Fold {
    lives: HashMap<Key, (Tenant, Option<Life>)>,
    names: Names,
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
    /// leaves that as it is. Says how many tickets and conversations there are; nothing if somebody else began after this and is
    /// ahead.
    pub async fn reckon_anew(&self, told: &mut dyn FnMut(Anew)) -> Result<Option<usize>, Unavailable> {
        let row = sqlx::query("update reckoning set newest = newest + 1 where id = 0 returning newest")
            .fetch_one(&self.inner.pools.write)
            .await?;
        let generation: i64 = row.try_get(0)?;
        let mut snapshot = self.snapshot().await?;
        let heads = heads(&mut snapshot).await?;
        let fold = fold(&mut snapshot, &heads, told).await?;
        snapshot.rollback().await?;
        let cells = cells(&fold);
        let all = (fold.lives().count() + cells.len()) as u64;
        let mut done = 0;
        // In the order in which they lie, so that each page of the table is written once.
        let mut lives: Vec<_> = fold.lives().map(|(key, tenant, life)| (tenant, key, life)).collect();
        lives.sort_unstable_by_key(|(_, key, _)| **key);
        let count = lives.len();
        for some in lives.chunks(ROWS) {
            let mut transaction = self.inner.pools.write.begin().await?;
            self.put_lives(&mut transaction, generation, some.iter().copied()).await?;
            transaction.commit().await?;
            done += some.len() as u64;
            told(Anew::Writing(done, all));
        }
        let mut cells: Vec<_> = cells.iter().collect();
        cells.sort_unstable_by_key(|(place, _)| *place);
        for some in cells.chunks(ROWS) {
            let rows: Vec<_> = some.iter().map(|(place, cell)| (*place, cell.bytes())).collect();
            let mut transaction = self.inner.pools.write.begin().await?;
            self.put_cells(&mut transaction, generation, &rows).await?;
            transaction.commit().await?;
            done += some.len() as u64;
            told(Anew::Writing(done, all));
        }
        let is_newest = self.put_in_use(generation, &heads).await?;
        self.forget(generation).await?;
        Ok(is_newest.then_some(count))
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

/// What all lives are up to some positions, as a connection sees the history.
pub(super) async fn fold(
    connection: &mut AnyConnection,
    heads: &Reckoned,
    told: &mut dyn FnMut(Anew),
) -> Result<Fold, Unavailable> {
    let (mut fold, mut read, all) = (Fold::default(), 0, heads.values().sum());
    for (partition, head) in heads {
        let mut position = 0;
        while position < *head {
            // As they come: the next ones are read while this one is taken in.
            let mut rows = sqlx::query(
                "select payload, position from events where partition = $1 and position > $2 \
                 and position <= $3 order by position limit $4",
            )
            .bind(i64::from(*partition))
            .bind(position.cast_signed())
            .bind(head.cast_signed())
            .bind(PAGE)
            .fetch(&mut *connection);
            let before = position;
            while let Some(row) = rows.try_next().await? {
                position = row.try_get::<i64, _>(1)?.cast_unsigned();
                read += 1;
                fold.take(&row)?;
            }
            if position == before {
                break;
            }
            told(Anew::Reading(read, all));
        }
    }
    fold_goals(connection, &mut fold).await?;
    Ok(fold)
}

/// How all goals ended.
async fn fold_goals(connection: &mut AnyConnection, fold: &mut Fold) -> Result<(), Unavailable> {
    let mut after: Option<(String, Vec<u8>, String, i64)> = None;
    loop {
        let (tenant, ticket, name, started) = after.clone().unwrap_or_default();
        let mut rows = sqlx::query(
            "select ticket, goal, due, result, group_id, started, tenant from outcomes \
             where (tenant, ticket, goal, started) > ($1, $2, $3, $4) \
             order by tenant, ticket, goal, started limit $5",
        )
        .bind(tenant)
        .bind(ticket)
        .bind(name)
        .bind(if after.is_some() { started } else { i64::MIN })
        .bind(PAGE)
        .fetch(&mut *connection);
        let mut last = None;
        while let Some(row) = rows.try_next().await? {
            fold.take_goal(&row)?;
            last = Some(row);
        }
        let Some(last) = last else { break };
        after = Some((last.try_get(6)?, last.try_get(0)?, last.try_get(1)?, last.try_get(5)?));
    }
    for (_, life) in fold.lives.values_mut() {
        if let Some(Life::Ticket(life)) = life {
            in_order(&mut life.goals);
        }
    }
    Ok(())
}

impl Fold {
    /// All that there are, in no order.
    pub(super) fn lives(&self) -> impl Iterator<Item = (&Key, &Tenant, &Life)> {
        self.lives.iter().filter_map(|(key, (tenant, life))| Some((key, tenant, life.as_ref()?)))
    }

    fn take(&mut self, row: &AnyRow) -> Result<(), Unavailable> {
        let payload: &[u8] = row.try_get(0)?;
        if is_turn(payload) {
            return Ok(());
        }
        let event = v1::Event::decode(payload)?;
        let Some(when) = moment_of(&event) else { return Ok(()) };
        for (key, step) in changes_of(&event)?.into_iter().flatten() {
            let (tenant, life) = match self.lives.entry(key) {
                Entry::Occupied(it) => it.into_mut(),
                Entry::Vacant(it) => {
                    let Some(tenant) = Tenant::parse(&event.tenant) else { continue };
                    it.insert((tenant, None))
                }
            };
            // Behind its tenant's wall.
            if tenant.as_str() == event.tenant {
                *life = Life::after(life.take(), &step, when, &mut self.names);
            }
        }
        Ok(())
    }

    fn take_goal(&mut self, row: &AnyRow) -> Result<(), Unavailable> {
        if row.try_get::<i64, _>(3)? == 0 {
            return Ok(());
        }
        let Some((key, goal)) = goal(row, &mut self.names)? else { return Ok(()) };
        if let Some((_, Some(Life::Ticket(life)))) = self.lives.get_mut(&key) {
            life.goals.push(goal);
        }
        Ok(())
    }
}

/// The cells of all lives.
pub(super) fn cells(fold: &Fold) -> HashMap<Place, Cell> {
    let mut values: HashMap<Tenant, HashMap<_, Vec<u32>>> = HashMap::new();
    for (_, tenant, life) in fold.lives() {
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
