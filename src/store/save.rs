//! Writes what a batch decided, with few statements of many rows each.

use std::collections::HashMap;

use prost::Message as _;
use sqlx::{AnyConnection, Row as _};

use super::{
    approvals, articles, assets,
    batch::{Batch, EventRow, Held, RequestRow},
    bulk::Query,
    catalogs, changes,
    fault::Unavailable,
    improvements,
    statements::Statements,
    waves,
};
use crate::{
    conversation::state::Conversation,
    domain::{
        duty::{Away, Left},
        id::TicketId,
        people::Tenant,
        profile::Profile,
        task::Task,
        ticket::Ticket,
        time::Timestamp,
    },
    proto::{draft::conversation_to, profile::profile_to, ticket::ticket_to},
};

/// What stopped a batch from being written.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unsaved {
    /// A row was not as it had been loaded; the works must be decided again, one by one.
    #[error("a {0} was changed by somebody else meanwhile")]
    Stale(&'static str),
    #[error(transparent)]
    Store(#[from] Unavailable),
}

impl Unsaved {
    /// Whether somebody else was in the way, so that trying again may do.
    pub(super) fn is_clash(&self) -> bool {
        match self {
            Self::Stale(_) => true,
            Self::Store(error) => error.is_clash(),
        }
    }
}

impl From<sqlx::Error> for Unsaved {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Writes all rows of a batch and moves the partition's head. Loads change by differences, so they add up
/// although several partitions change them; agents come in one order everywhere, so that partitions may
/// wait for each other, but never in a circle.
pub(super) async fn batch(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    history(connection, statements, batch).await?;
    new_tickets(connection, statements, batch).await?;
    changed_tickets(connection, statements, batch).await?;
    tasks(connection, statements, batch).await?;
    approvals::save(connection, statements, batch).await?;
    changes::save(connection, statements, batch).await?;
    conversations(connection, statements, batch).await?;
    catalogs::save(connection, statements, batch).await?;
    people(connection, statements, batch).await?;
    articles::save(connection, statements, batch).await?;
    assets::save(connection, statements, batch).await?;
    waves::save(connection, statements, batch).await?;
    improvements::save(connection, statements, batch).await?;
    super::wave_people::save(connection, statements, batch).await?;
    super::outcomes::write(connection, statements, batch).await?;
    super::outages::write(connection, statements, batch).await?;
    loads(connection, statements, batch).await?;
    articles::save_uses(connection, statements, batch).await?;
    unchanged(connection, statements, batch).await
}

/// The requests with their replies, the events, and the partition's new head.
async fn history(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let request = |it: Query, row: &RequestRow| {
        let it = it.bind(row.tenant.as_str().to_owned()).bind(row.request.clone());
        it.bind(row.content.to_vec()).bind(row.reply.clone()).bind(row.at.0)
    };
    statements.add_requests.write(connection, &batch.requests, request).await?;
    let place = &batch.known.place;
    let partition = i64::from(place.partition);
    let event = |it: Query, row: &EventRow| {
        let it = it.bind(partition).bind(row.event.position.cast_signed()).bind(row.event.tenant.clone());
        let it = it.bind(row.subject.clone()).bind(row.at.0);
        it.bind(row.payload.clone()).bind(row.hash.to_vec())
    };
    statements.add_events.write(connection, &batch.events, event).await?;
    let consequence = |it: Query, position: &u64| it.bind(partition).bind(position.cast_signed());
    statements.add_consequences.write(connection, &batch.consequences, consequence).await?;
    sqlx::query("update partitions set head = $2, hash = $3 where id = $1")
        .bind(partition)
        .bind(place.head.cast_signed())
        .bind(place.hash.to_vec())
        .execute(connection)
        .await?;
    Ok(())
}

async fn new_tickets(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let mut rows: Vec<_> = changed(&batch.known.tickets).filter(|(_, it)| it.loaded.is_none()).collect();
    rows.sort_by_key(|(_, it)| it.now.id);
    let bind = |it: Query, (tenant, held): &(&Tenant, &Held<Ticket>)| {
        let ticket = &held.now;
        let it = it.bind(ticket.id.bytes().to_vec()).bind(tenant.as_str().to_owned());
        let it = it.bind(ticket.number.clone()).bind(ticket.kind.prefix()).bind(ticket.state.as_str());
        let it = it.bind(ticket.template.clone()).bind(ticket.group.clone());
        let it = it.bind(ticket.agent.clone().unwrap_or_default()).bind(ticket.requester.key());
        let it = it.bind(ticket.opened.0).bind(ticket.updated.0);
        let it = it.bind(ticket.version.cast_signed()).bind(ticket_to(ticket).encode_to_vec());
        it.bind(look(ticket)).bind(i64::from(ticket.template_version))
    };
    statements.add_tickets.write(connection, &rows, bind).await?;
    Ok(())
}

async fn changed_tickets(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let loaded = |(_, it): (_, &'_ Held<Ticket>)| it.loaded.map(|version| (version, it.now.clone()));
    let mut rows: Vec<_> = changed(&batch.known.tickets).filter_map(loaded).collect();
    rows.sort_by_key(|(_, it)| it.id);
    let bind = |it: Query, (version, ticket): &(u64, Ticket)| {
        let it = it.bind(ticket.id.bytes().to_vec()).bind(ticket.state.as_str()).bind(ticket.group.clone());
        let it = it.bind(ticket.agent.clone().unwrap_or_default()).bind(ticket.updated.0);
        let it = it.bind(ticket.version.cast_signed()).bind(ticket_to(ticket).encode_to_vec());
        it.bind(version.cast_signed()).bind(look(ticket)).bind(i64::from(ticket.is_known_error()))
    };
    let count = statements.change_tickets.write(connection, &rows, bind).await?;
    if count == rows.len() as u64 { Ok(()) } else { Err(Unsaved::Stale("ticket")) }
}

fn look(ticket: &Ticket) -> Option<i64> {
    ticket.due.look.map(|it| it.0)
}

/// By whom the tasks of changed tickets are found.
async fn tasks(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let tickets = changed(&batch.known.tickets).map(|(tenant, it)| (tenant, &it.now));
    let mut rows: Vec<_> =
        tickets.flat_map(|(tenant, it)| it.tasks.iter().map(move |task| (tenant, it, task))).collect();
    rows.sort_by_key(|(_, ticket, task)| (ticket.id, &task.id));
    let bind = |it: Query, (tenant, ticket, task): &(&Tenant, &Ticket, &Task)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(ticket.id.bytes().to_vec()).bind(task.id.clone());
        let it = it.bind(ticket.group_of(task).to_owned());
        let it = it.bind(ticket.agent_of(task).unwrap_or_default().to_owned());
        it.bind(ticket.task_state(task).as_str())
    };
    statements.put_tasks.write(connection, &rows, bind).await?;
    Ok(())
}

async fn conversations(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let mut rows: Vec<_> = changed(&batch.known.conversations).collect();
    rows.sort_by_key(|(_, it)| it.now.id);
    let bind = |it: Query, (tenant, held): &(&Tenant, &Held<Conversation>)| {
        let body = conversation_to(&held.now).encode_to_vec();
        it.bind(held.now.id.bytes().to_vec()).bind(tenant.as_str().to_owned()).bind(body)
    };
    let count = statements.put_conversations.write(connection, &rows, bind).await?;
    if count == rows.len() as u64 { Ok(()) } else { Err(Unsaved::Stale("conversation")) }
}

async fn people(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let mut rows: Vec<_> = changed(&batch.known.people).collect();
    // Whoever gives a user name up comes before whoever takes it.
    rows.sort_by_key(|(_, it)| (!it.now.removed, it.now.id));
    let bind = |it: Query, (tenant, held): &(&Tenant, &Held<Profile>)| {
        let Profile { id, details, removed, version, .. } = &held.now;
        let it = it.bind(id.bytes().to_vec()).bind(tenant.as_str().to_owned());
        let it = it.bind((!removed).then(|| details.user_key())).bind(details.email().to_lowercase());
        let it = it.bind(details.external_id.clone()).bind(details.department.to_lowercase());
        let it = it.bind(details.manager.map(|it| it.bytes().to_vec()));
        let it = it.bind(i64::from(held.now.is_here())).bind(i64::from(*removed));
        it.bind(version.cast_signed()).bind(profile_to(&held.now).encode_to_vec())
    };
    let count = statements.put_people.write(connection, &rows, bind).await?;
    if count == rows.len() as u64 { Ok(()) } else { Err(Unsaved::Stale("person")) }
}

async fn loads(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.loads.iter().map(|(agent, change)| (agent.clone(), *change)).collect();
    let bind = |it: Query, ((tenant, agent), (more, last)): &((Tenant, String), (i64, Timestamp))| {
        it.bind(tenant.as_str().to_owned()).bind(agent.clone()).bind(*more).bind(last.0)
    };
    statements.put_loads.write(connection, &rows, bind).await?;
    let rows: Vec<_> = batch.absences.iter().map(|(agent, away)| (agent.clone(), *away)).collect();
    let bind = |it: Query, ((tenant, agent), Away(until)): &((Tenant, String), Away)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(agent.clone());
        it.bind(0_i64).bind(0_i64).bind(until.0)
    };
    statements.put_absences.write(connection, &rows, bind).await?;
    let rows: Vec<_> = batch.leavers.iter().map(|(agent, left)| (agent.clone(), *left)).collect();
    let bind = |it: Query, ((tenant, agent), left): &((Tenant, String), Left)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(agent.clone());
        it.bind(0_i64).bind(0_i64).bind(*left as i64)
    };
    statements.put_leavers.write(connection, &rows, bind).await?;
    limits(connection, statements, batch).await
}

/// Whether agents have become too many tickets: other partitions give them some at the same moment. By now their rows
/// are this transaction's, so what is read holds until it ends. A lone partition has nobody beside it.
async fn limits(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    if batch.known.place.partitions == 1 {
        return Ok(());
    }
    let rows: Vec<_> = batch.limits.iter().map(|(agent, most)| (agent.clone(), *most)).collect();
    let bind = |it: Query, ((tenant, agent), most): &((Tenant, String), u32)| {
        it.bind(tenant.as_str().to_owned()).bind(agent.clone()).bind(i64::from(*most))
    };
    let over = statements.find_overloads.find(connection, &rows, bind).await?;
    if over.is_empty() { Ok(()) } else { Err(Unsaved::Stale("load")) }
}

/// Whether tickets that were read and belong to other partitions are as they were. They stay so until the transaction
/// ends: two that rely on each other's tickets at the same moment wait for each other, and one of them is decided again.
async fn unchanged(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.unchanged.iter().map(|(id, version)| (*id, *version)).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let bind =
        |it: Query, (id, version): &(TicketId, u64)| it.bind(id.bytes().to_vec()).bind(version.cast_signed());
    let found = statements.find_unchanged.find(connection, &rows, bind).await?;
    let mut ids = found.iter().map(|it| it.try_get::<Vec<u8>, _>(0)).collect::<Result<Vec<_>, _>>()?;
    ids.sort_unstable();
    ids.dedup();
    if ids.len() == rows.len() { Ok(()) } else { Err(Unsaved::Stale("ticket of another partition")) }
}

pub(super) fn changed<I, T>(
    rows: &HashMap<I, (Tenant, Held<T>)>,
) -> impl Iterator<Item = (&Tenant, &Held<T>)> {
    rows.values().filter(|(_, it)| it.is_changed).map(|(tenant, it)| (tenant, it))
}
