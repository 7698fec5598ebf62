//! Loads what a batch needs, with one statement for each kind of row.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    articles, assets,
    batch::{Held, Known, Place, Stored},
    bulk::Query,
    changes,
    fault::Unavailable,
    improvements,
    loads::Loads,
    statements::Statements,
    waves,
    work::{Job, Work},
};
use crate::{
    conversation::state::Conversation,
    domain::{
        assignment::Load,
        change::Span,
        duty::{Away, Left},
        id::{ArticleId, ConversationId, ImprovementId, ProfileId, TicketId},
        people::Tenant,
        profile::Profile,
        ticket::Ticket,
        time::Timestamp,
    },
    proto::{draft::conversation_from, event::Malformed, profile::profile_from, ticket::ticket_from, v1},
};

/// Locks a partition until the transaction ends, and says where it stands. This comes first, so that
/// whatever is read after it cannot be changed by another writer of the partition.
pub(super) async fn lock(
    connection: &mut AnyConnection,
    partition: u32,
    partitions: u32,
) -> Result<Place, Unavailable> {
    let row = sqlx::query("update partitions set head = head where id = $1 returning epoch, head, hash")
        .bind(i64::from(partition))
        .fetch_one(connection)
        .await?;
    Ok(Place {
        partition,
        partitions,
        epoch: row.try_get::<i64, _>(0)?.cast_unsigned(),
        head: row.try_get::<i64, _>(1)?.cast_unsigned(),
        hash: row.try_get::<Vec<u8>, _>(2)?.try_into().map_err(|_| Malformed("partition.hash"))?,
    })
}

/// What the works of a batch want, each thing once.
pub(super) struct Wanted {
    requests: Vec<(Tenant, String)>,
    tickets: Vec<TicketId>,
    conversations: Vec<ConversationId>,
    /// Each list once: works of one tenant share one as a rule.
    agents: Vec<(Tenant, Arc<[String]>)>,
    catalogs: Vec<Tenant>,
    people: Vec<ProfileId>,
    user_names: Vec<(Tenant, String)>,
    articles: Vec<ArticleId>,
    uses: Vec<(ArticleId, String)>,
    registers: Vec<Tenant>,
    waves: Vec<(Tenant, Timestamp)>,
    changes: Vec<(Tenant, Span)>,
    improvements: Vec<ImprovementId>,
}

impl Wanted {
    pub(super) fn by(jobs: &[Job]) -> Self {
        let works = || jobs.iter().map(|it| &it.work);
        let mut lists: Vec<&Work> = works().filter(|it| !it.wants.agents.is_empty()).collect();
        lists.sort_unstable_by_key(|it| (&it.tenant, it.wants.agents.as_ptr()));
        lists.dedup_by(|a, b| a.tenant == b.tenant && Arc::ptr_eq(&a.wants.agents, &b.wants.agents));
        let agents = lists.iter().map(|it| (it.tenant.clone(), Arc::clone(&it.wants.agents)));
        let catalogs = works().filter(|it| it.wants.catalog).map(|it| it.tenant.clone());
        Self {
            requests: unique(works().map(|it| (it.tenant.clone(), it.request.clone()))),
            tickets: unique(works().flat_map(|it| it.wants.tickets.iter().copied())),
            conversations: unique(works().filter_map(|it| it.wants.conversation)),
            agents: agents.collect(),
            catalogs: unique(catalogs),
            articles: unique(works().flat_map(|it| it.wants.articles.iter().copied())),
            uses: unique(works().flat_map(|it| it.wants.uses.iter().cloned())),
            registers: unique(works().filter(|it| it.wants.register).map(|it| it.tenant.clone())),
            waves: unique(works().filter(|it| it.wants.waves).map(|it| (it.tenant.clone(), it.at))),
            changes: unique(works().filter_map(|it| Some((it.tenant.clone(), it.wants.changes?)))),
            improvements: unique(works().flat_map(|it| it.wants.improvements.iter().copied())),
            people: unique(works().flat_map(|it| it.wants.people.iter().copied())),
            user_names: unique(
                works()
                    .flat_map(|it| it.wants.user_names.iter().map(|name| (it.tenant.clone(), name.clone()))),
            ),
        }
    }
}

fn unique<T: Ord>(all: impl Iterator<Item = T>) -> Vec<T> {
    all.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Loads what a batch wants.
pub(super) async fn known(
    connection: &mut AnyConnection,
    statements: &Statements,
    (place, known): (Place, Loads),
    wanted: &Wanted,
) -> Result<Known, Unavailable> {
    let mut unreadable = HashSet::new();
    let conversations = conversations(connection, statements, &wanted.conversations, &mut unreadable).await?;
    let at_hand = conversations.values().flat_map(|(_, it)| it.now.named());
    let wanted_tickets = unique(wanted.tickets.iter().copied().chain(at_hand));
    let mut tickets = tickets(connection, statements, &wanted_tickets, &mut unreadable).await?;
    tickets.extend(in_calendar(connection, statements, &wanted.changes, &mut unreadable).await?);
    Ok(Known {
        place,
        requests: requests(connection, statements, &wanted.requests).await?,
        tickets,
        conversations,
        loads: loads(connection, statements, known, &wanted.agents).await?,
        catalogs: catalogs(connection, statements, &wanted.catalogs).await?,
        people: people(connection, statements, &wanted.people, &mut unreadable).await?,
        user_names: user_names(connection, statements, &wanted.user_names).await?,
        articles: articles::wanted(connection, statements, &wanted.articles, &mut unreadable).await?,
        uses: articles::uses(connection, statements, &wanted.uses).await?,
        registers: assets::registers(connection, statements, &wanted.registers).await?,
        waves: waves::wanted(connection, statements, &wanted.waves).await?,
        improvements: improvements::wanted(connection, statements, &wanted.improvements).await?,
        unreadable,
    })
}

/// A ticket from its row's body.
pub(super) fn ticket_of(body: &[u8]) -> Result<Ticket, Unavailable> {
    Ok(ticket_from(&v1::Ticket::decode(body)?)?)
}

/// A conversation from its row's body.
pub(super) fn conversation_of(body: &[u8]) -> Result<Conversation, Unavailable> {
    Ok(conversation_from(&v1::ConversationState::decode(body)?)?)
}

/// An entry of the directory from its row's body.
pub(super) fn profile_of(body: &[u8]) -> Result<Profile, Unavailable> {
    Ok(profile_from(&v1::Profile::decode(body)?)?)
}

/// A load from the columns `open`, `last`, `away` and `left_desk`, the first of which stands at `first`.
pub(super) fn load_of(row: &AnyRow, first: usize) -> Result<Load, Unavailable> {
    let open = u32::try_from(row.try_get::<i64, _>(first)?.max(0)).unwrap_or(u32::MAX);
    let [last, away] = [row.try_get(first + 1)?, row.try_get(first + 2)?].map(Timestamp);
    let left = match row.try_get::<i64, _>(first + 3)? {
        0 => Left::No,
        1 => Left::Holding,
        _ => Left::Cleared,
    };
    Ok(Load { open, last, away: Away(away), left })
}

async fn requests(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[(Tenant, String)],
) -> Result<HashMap<(Tenant, String), Stored>, Unavailable> {
    let rows = statements.find_requests.find(connection, wanted, pair).await?;
    let entry = |row: &AnyRow| {
        let stored = Stored { content: row.try_get(2)?, reply: row.try_get(3)? };
        Ok(((tenant_of(row)?, row.try_get(1)?), stored))
    };
    rows.iter().map(entry).collect()
}

async fn tickets(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[TicketId],
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<TicketId, (Tenant, Held<Ticket>)>, Unavailable> {
    let key = |it: Query, id: &TicketId| it.bind(id.bytes().to_vec());
    let rows = statements.find_tickets.find(connection, wanted, key).await?;
    readable(&rows, held, unreadable)
}

/// The changes of tenants that have their place in the calendar in some spans, and those that are under way.
async fn in_calendar(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[(Tenant, Span)],
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<TicketId, (Tenant, Held<Ticket>)>, Unavailable> {
    let mut rows = statements.find_changes.find(connection, wanted, changes::in_span).await?;
    rows.extend(statements.find_under_way.find(connection, wanted, changes::before).await?);
    readable(&rows, held, unreadable)
}

/// A ticket as its row has it.
fn held(row: &AnyRow) -> Result<(TicketId, (Tenant, Held<Ticket>)), Unavailable> {
    let now = ticket_of(&row.try_get::<Vec<u8>, _>(2)?)?;
    let loaded = Some(now.version);
    Ok((now.id, (tenant_of(row)?, Held { now, loaded, is_changed: false })))
}

async fn conversations(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[ConversationId],
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<ConversationId, (Tenant, Held<Conversation>)>, Unavailable> {
    let key = |it: Query, id: &ConversationId| it.bind(id.bytes().to_vec());
    let rows = statements.find_conversations.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let now = conversation_of(&row.try_get::<Vec<u8>, _>(2)?)?;
        Ok((now.id, (tenant_of(row)?, Held { now, loaded: Some(0), is_changed: false })))
    };
    readable(&rows, entry, unreadable)
}

async fn people(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[ProfileId],
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<ProfileId, (Tenant, Held<Profile>)>, Unavailable> {
    let key = |it: Query, id: &ProfileId| it.bind(id.bytes().to_vec());
    let rows = statements.find_people.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let now = profile_of(&row.try_get::<Vec<u8>, _>(2)?)?;
        let loaded = Some(now.version);
        Ok((now.id, (tenant_of(row)?, Held { now, loaded, is_changed: false })))
    };
    readable(&rows, entry, unreadable)
}

async fn user_names(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[(Tenant, String)],
) -> Result<HashMap<(Tenant, String), ProfileId>, Unavailable> {
    let rows = statements.find_user_names.find(connection, wanted, pair).await?;
    let entry = |row: &AnyRow| {
        let id = row.try_get::<Vec<u8>, _>(2)?.try_into().map_err(|_| Malformed("person.id"))?;
        Ok(((tenant_of(row)?, row.try_get(1)?), ProfileId::from_bytes(id)))
    };
    rows.iter().map(entry).collect()
}

/// The entries of those rows that can be read. The others, whose identities stand in the second column,
/// are noted: only the works that want them must fail, and not everybody else's in the batch.
pub(super) fn readable<I: Eq + std::hash::Hash, T>(
    rows: &[AnyRow],
    entry: impl Fn(&AnyRow) -> Result<(I, T), Unavailable>,
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<I, T>, Unavailable> {
    let mut entries = HashMap::new();
    for row in rows {
        match entry(row) {
            Ok((id, held)) => {
                entries.insert(id, held);
            }
            Err(error) => {
                let id = row.try_get::<Vec<u8>, _>(1)?.try_into().map_err(|_| Malformed("id"))?;
                tracing::error!(row = %uuid::Uuid::from_bytes(id).simple(), %error, "a row cannot be read");
                unreadable.insert(id);
            }
        }
    }
    Ok(entries)
}

/// Asks only for loads that are not known; an agent without a row has no work yet.
async fn loads(
    connection: &mut AnyConnection,
    statements: &Statements,
    mut known: Loads,
    wanted: &[(Tenant, Arc<[String]>)],
) -> Result<Loads, Unavailable> {
    let new: Vec<_> = wanted.iter().filter(|(tenant, list)| !known.has(tenant, list)).collect();
    let of_list = |(tenant, list): &&(Tenant, Arc<[String]>)| {
        let unknown = list.iter().filter(|it| known.get(tenant, it).is_none());
        unknown.map(|it| (tenant.clone(), it.clone())).collect::<Vec<_>>()
    };
    let unknown = unique(new.iter().flat_map(of_list));
    let rows = statements.find_loads.find(connection, &unknown, pair).await?;
    for (tenant, holder) in unknown {
        known.put(&tenant, holder, Load::default());
    }
    for row in &rows {
        known.put(&tenant_of(row)?, row.try_get(1)?, load_of(row, 2)?);
    }
    for (tenant, list) in new {
        known.note(tenant, list);
    }
    Ok(known)
}

async fn catalogs(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[Tenant],
) -> Result<HashMap<Tenant, u64>, Unavailable> {
    let key = |it: Query, tenant: &Tenant| it.bind(tenant.as_str().to_owned());
    let rows = statements.find_catalogs.find(connection, wanted, key).await?;
    rows.iter().map(|row| Ok((tenant_of(row)?, row.try_get::<i64, _>(1)?.cast_unsigned()))).collect()
}

fn pair(query: Query, (tenant, name): &(Tenant, String)) -> Query {
    query.bind(tenant.as_str().to_owned()).bind(name.clone())
}

/// The tenant in a row's first column.
pub(super) fn tenant_of(row: &AnyRow) -> Result<Tenant, Unavailable> {
    Ok(Tenant::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("tenant"))?)
}
