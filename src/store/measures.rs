//! What is measured, kept beside the history and reckoned from it. Whoever reckons holds one row, reads what each
//! partition has that is not reckoned yet, and writes in one transaction what follows and up to where it is reckoned: it
//! is done once, whoever does it, and whatever ends in between. Commits of tickets do not wait for it, but on SQLite, where
//! all that is written takes turns.
//!
//! A generation that is made anew is written beside the one in use, and takes its place in one step.

mod anew;
mod read;
mod reckon;
mod verify;

use std::collections::BTreeMap;

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

pub use self::{
    anew::Anew,
    read::{CellRow, Grain, OpenTicket},
    verify::Difference,
};
use super::{
    Store,
    bulk::{Query, Shape},
    engine::Engine,
    fault::Unavailable,
};
use crate::{
    domain::{
        measure::{About, Cell, Goal, Life, Mark, Names, TicketLife},
        people::Tenant,
        sla,
        time::Timestamp,
    },
    proto::{event::Malformed, measure::life_to},
};

pub(super) const FIND_LIVES: Shape = (
    "select l.id, l.tenant, l.body from (",
    2,
    ") as w join lives l on l.generation = w.column1 and l.id = w.column2",
);
pub(super) const PUT_LIVES: Shape = (
    "insert into lives (generation, id, tenant, body, opened, service, group_id, template, kind, priority)",
    10,
    "on conflict (generation, id) do update set body = excluded.body, opened = excluded.opened, \
     service = excluded.service, group_id = excluded.group_id, template = excluded.template, \
     kind = excluded.kind, priority = excluded.priority",
);
pub(super) const FIND_CELLS: Shape = (
    "select c.tenant, c.measure, c.grain, c.day, c.service, c.group_id, c.template, c.kind, c.body from (",
    9,
    ") as w join measure_cells c on c.generation = w.column1 and c.tenant = w.column2 and c.measure = w.column3 \
     and c.grain = w.column4 and c.day = w.column5 and c.service = w.column6 and c.group_id = w.column7 \
     and c.template = w.column8 and c.kind = w.column9",
);
pub(super) const PUT_CELLS: Shape = (
    "insert into measure_cells (generation, tenant, measure, grain, day, service, group_id, template, kind, body)",
    10,
    "on conflict (generation, tenant, measure, grain, day, service, group_id, template, kind) \
     do update set body = excluded.body",
);
pub(super) const PUT_RECKONED: Shape = (
    "insert into reckoned (generation, partition, position)",
    3,
    "on conflict (generation, partition) do update set position = excluded.position",
);
/// The join is `cross` for SQLite, which otherwise reads another index from its beginning to its end.
pub(super) const FIND_GOALS: Shape = (
    "select o.ticket, o.goal, o.due, o.result, o.group_id, o.started from (",
    2,
    ") as w cross join outcomes o where o.tenant = w.column1 and o.ticket = w.column2 and o.result > 0",
);

/// Where a cell is: the tenant, the grain, and what it counts for; its day is the first of the grain.
type Place = (Tenant, Grain, About);

/// What a life is found by: the identity of its ticket or its conversation.
type Key = [u8; 16];

/// Up to where each partition is meant.
type Reckoned = BTreeMap<u32, u64>;

impl Store {
    /// A look at all of the history and of what is reckoned, as they stand at one moment, while others go on.
    async fn snapshot(&self) -> Result<sqlx::Transaction<'static, sqlx::Any>, Unavailable> {
        let begin = match self.inner.engine {
            Engine::Sqlite => "begin",
            Engine::Postgres => "begin isolation level repeatable read",
        };
        Ok(self.inner.pools.read.begin_with(begin).await?)
    }

    /// Up to where each partition is reckoned.
    async fn reckoned(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
    ) -> Result<Reckoned, Unavailable> {
        let rows = sqlx::query("select partition, position from reckoned where generation = $1")
            .bind(generation)
            .fetch_all(connection)
            .await?;
        let known = rows.iter().map(|it| Ok((number(it, 0)?, it.try_get::<i64, _>(1)?.cast_unsigned())));
        let known: Reckoned = known.collect::<Result<_, Unavailable>>()?;
        Ok((0..self.partitions()).map(|it| (it, known.get(&it).copied().unwrap_or_default())).collect())
    }

    /// Writes up to where partitions are reckoned.
    async fn put_reckoned(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        reckoned: &Reckoned,
    ) -> Result<(), Unavailable> {
        let rows: Vec<_> = reckoned.iter().map(|(partition, position)| (*partition, *position)).collect();
        let bind = |it: Query, (partition, position): &(u32, u64)| {
            it.bind(generation).bind(i64::from(*partition)).bind(position.cast_signed())
        };
        self.inner.statements.put_reckoned.write(connection, &rows, bind).await?;
        Ok(())
    }

    async fn put_lives<'a>(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        lives: impl IntoIterator<Item = (&'a Tenant, &'a [u8; 16], &'a Life)>,
    ) -> Result<(), Unavailable> {
        let rows: Vec<_> = lives.into_iter().collect();
        let bind = |it: Query, (tenant, id, life): &(&Tenant, &[u8; 16], &Life)| {
            let it = it.bind(generation).bind(id.to_vec()).bind(tenant.as_str().to_owned());
            let it = it.bind(life_to(life).encode_to_vec());
            // What a report of open tickets asks for stands beside them, and beside no other.
            let open = open(life);
            let text = |of: fn(&TicketLife) -> &str| open.map(|it| of(it).to_owned());
            let it = it.bind(open.map(|it| it.opened.at.0)).bind(text(|it| &it.service));
            let it = it.bind(text(|it| &it.group)).bind(text(|it| &it.template));
            it.bind(text(|it| it.kind.as_str())).bind(open.map(|it| it.priority as i64 + 1))
        };
        self.inner.statements.put_lives.write(connection, &rows, bind).await?;
        Ok(())
    }

    async fn put_cells(
        &self,
        connection: &mut AnyConnection,
        generation: i64,
        cells: &[(&Place, Vec<u8>)],
    ) -> Result<(), Unavailable> {
        let bind =
            |it: Query, (place, body): &(&Place, Vec<u8>)| at(it, generation, place).bind(body.clone());
        self.inner.statements.put_cells.write(connection, cells, bind).await?;
        Ok(())
    }
}

/// Which generation is in use. Whoever is told so holds it until the transaction ends.
async fn hold(connection: &mut AnyConnection) -> Result<i64, Unavailable> {
    let row = sqlx::query("update reckoning set generation = generation where id = 0 returning generation")
        .fetch_one(connection)
        .await?;
    Ok(row.try_get(0)?)
}

/// Which generation is in use.
async fn in_use(connection: &mut AnyConnection) -> Result<i64, Unavailable> {
    let row = sqlx::query("select generation from reckoning where id = 0").fetch_one(connection).await?;
    Ok(row.try_get(0)?)
}

/// Where each partition ends, as a connection sees it.
async fn heads(connection: &mut AnyConnection) -> Result<Reckoned, Unavailable> {
    let rows = sqlx::query("select id, head from partitions").fetch_all(connection).await?;
    rows.iter().map(|it| Ok((number(it, 0)?, it.try_get::<i64, _>(1)?.cast_unsigned()))).collect()
}

/// The ticket, if somebody still has work with it.
fn open(life: &Life) -> Option<&TicketLife> {
    match life {
        Life::Ticket(it) => Some(&**it).filter(|it| it.state.is_open()),
        Life::Reading(_) => None,
    }
}

/// A place as it is bound.
fn at(query: Query, generation: i64, (tenant, grain, about): &Place) -> Query {
    let it = query.bind(generation).bind(tenant.as_str().to_owned()).bind(about.measure.as_str());
    let it = it.bind(*grain as i64).bind(i64::from(about.day));
    let it = it.bind(about.service.to_string()).bind(about.group.to_string());
    it.bind(about.template.to_string()).bind(about.kind.map_or("", |it| it.as_str()))
}

/// A goal that ended, and whose.
fn goal(row: &AnyRow, names: &mut Names) -> Result<Option<([u8; 16], Goal)>, Unavailable> {
    let goal = sla::Goal::parse(&row.try_get::<String, _>(1)?).ok_or(Malformed("outcome.goal"))?;
    if !matches!(goal, sla::Goal::Response | sla::Goal::Resolution) {
        return Ok(None);
    }
    let group = names.get(&row.try_get::<String, _>(4)?);
    let mark = Mark { at: Timestamp(row.try_get(2)?), group, worked: None };
    let met = row.try_get::<i64, _>(3)? == 1;
    Ok(Some((id(row, 0)?, Goal { goal, met, mark })))
}

/// The goals of a ticket, in an order that is always the same.
fn in_order(goals: &mut [Goal]) {
    goals.sort_by(|a, b| {
        (a.goal, a.mark.at, a.met, &a.mark.group).cmp(&(b.goal, b.mark.at, b.met, &b.mark.group))
    });
}

fn id(row: &AnyRow, place: usize) -> Result<[u8; 16], Unavailable> {
    let bytes: Vec<u8> = row.try_get(place)?;
    Ok(bytes.try_into().map_err(|_| Malformed("life.id"))?)
}

fn tenant(row: &AnyRow, place: usize) -> Result<Tenant, Unavailable> {
    Ok(Tenant::parse(&row.try_get::<String, _>(place)?).ok_or(Malformed("tenant"))?)
}

fn number<N: TryFrom<i64>>(row: &AnyRow, place: usize) -> Result<N, Unavailable> {
    Ok(N::try_from(row.try_get::<i64, _>(place)?).map_err(|_| Malformed("number"))?)
}

fn cell(row: &AnyRow, place: usize) -> Result<Cell, Unavailable> {
    Ok(Cell::read(&row.try_get::<Vec<u8>, _>(place)?).map_err(|_| Malformed("measure_cells.body"))?)
}
