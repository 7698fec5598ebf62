//! The statements of many rows, put together once.

use super::{
    bulk::{Bulk, Shape},
    engine::Engine,
};

/// Reads and writes of a batch, and of receipts.
pub(super) struct Statements {
    pub(super) find_requests: Bulk,
    pub(super) find_tickets: Bulk,
    pub(super) find_conversations: Bulk,
    pub(super) find_loads: Bulk,
    pub(super) find_catalogs: Bulk,
    pub(super) find_people: Bulk,
    pub(super) find_user_names: Bulk,
    pub(super) find_articles: Bulk,
    pub(super) find_uses: Bulk,
    pub(super) put_articles: Bulk,
    pub(super) add_revisions: Bulk,
    pub(super) drop_texts: Bulk,
    pub(super) add_texts: Bulk,
    pub(super) put_uses: Bulk,
    pub(super) put_counts: Bulk,
    pub(super) find_registers: Bulk,
    pub(super) put_assets: Bulk,
    pub(super) find_waves: Bulk,
    pub(super) put_waves: Bulk,
    pub(super) find_changes: Bulk,
    pub(super) find_under_way: Bulk,
    pub(super) put_changes: Bulk,
    pub(super) put_wave_people: Bulk,
    pub(super) put_linked: Bulk,
    pub(super) drop_linked: Bulk,
    pub(super) add_requests: Bulk,
    pub(super) add_events: Bulk,
    pub(super) add_tickets: Bulk,
    pub(super) change_tickets: Bulk,
    pub(super) put_tasks: Bulk,
    pub(super) put_conversations: Bulk,
    pub(super) put_loads: Bulk,
    pub(super) put_absences: Bulk,
    pub(super) put_leavers: Bulk,
    pub(super) put_people: Bulk,
    pub(super) find_overloads: Bulk,
    pub(super) find_unchanged: Bulk,
    pub(super) add_consequences: Bulk,
    pub(super) add_catalogs: Bulk,
    pub(super) add_files: Bulk,
    pub(super) put_receipts: Bulk,
    pub(super) put_links: Bulk,
    pub(super) put_outcomes: Bulk,
    pub(super) put_outages: Bulk,
    pub(super) void_outages: Bulk,
    pub(super) find_improvements: Bulk,
    pub(super) put_improvements: Bulk,
    pub(super) find_lives: Bulk,
    pub(super) find_goals: Bulk,
    pub(super) find_cells: Bulk,
    pub(super) put_lives: Bulk,
    pub(super) put_cells: Bulk,
    pub(super) put_reckoned: Bulk,
    pub(super) drop_approvals: Bulk,
    pub(super) add_approvals: Bulk,
}

impl Statements {
    pub(super) fn new(engine: Engine) -> Self {
        let bulk = |shape| Bulk::new(engine, shape);
        Self {
            find_requests: bulk(FIND_REQUESTS),
            find_tickets: bulk(FIND_TICKETS),
            find_conversations: bulk(FIND_CONVERSATIONS),
            find_loads: bulk(FIND_LOADS),
            find_catalogs: bulk(FIND_CATALOGS),
            find_people: bulk(FIND_PEOPLE),
            find_user_names: bulk(FIND_USER_NAMES),
            find_articles: bulk(super::articles::FIND),
            find_uses: bulk(super::articles::FIND_USES),
            put_articles: bulk(super::articles::PUT),
            add_revisions: bulk(super::articles::ADD_REVISIONS),
            drop_texts: bulk(super::articles::DROP_TEXTS),
            add_texts: bulk(super::articles::ADD_TEXTS),
            put_uses: bulk(super::articles::PUT_USES),
            put_counts: bulk(super::articles::PUT_COUNTS),
            find_registers: bulk(super::assets::FIND_REGISTERS),
            find_waves: bulk(super::waves::FIND),
            put_waves: bulk(super::waves::PUT),
            find_changes: bulk(super::changes::FIND),
            find_under_way: bulk(super::changes::FIND_UNDER_WAY),
            put_changes: bulk(super::changes::PUT),
            put_wave_people: bulk(super::wave_people::PUT),
            put_assets: bulk(super::assets::PUT),
            put_linked: bulk(super::assets::PUT_LINKED),
            drop_linked: bulk(super::assets::DROP_LINKED),
            add_requests: bulk(ADD_REQUESTS),
            add_events: bulk(ADD_EVENTS),
            add_tickets: bulk(ADD_TICKETS),
            change_tickets: bulk(CHANGE_TICKETS),
            put_tasks: bulk(PUT_TASKS),
            put_conversations: bulk(PUT_CONVERSATIONS),
            put_loads: bulk(PUT_LOADS),
            put_absences: bulk(PUT_ABSENCES),
            put_leavers: bulk(PUT_LEAVERS),
            put_people: bulk(PUT_PEOPLE),
            find_overloads: bulk(FIND_OVERLOADS),
            find_unchanged: bulk(FIND_UNCHANGED),
            add_consequences: bulk(ADD_CONSEQUENCES),
            add_catalogs: bulk(ADD_CATALOGS),
            put_receipts: bulk(PUT_RECEIPTS),
            put_links: bulk(PUT_LINKS),
            put_outcomes: bulk(super::outcomes::PUT),
            put_outages: bulk(super::outages::PUT),
            void_outages: bulk(super::outages::VOID),
            find_improvements: bulk(super::improvements::FIND),
            put_improvements: bulk(super::improvements::PUT),
            find_lives: bulk(super::measures::FIND_LIVES),
            find_goals: bulk(super::measures::FIND_GOALS),
            find_cells: bulk(super::measures::FIND_CELLS),
            put_lives: bulk(super::measures::PUT_LIVES),
            put_cells: bulk(super::measures::PUT_CELLS),
            put_reckoned: bulk(super::measures::PUT_RECKONED),
            add_files: bulk(ADD_FILES),
            drop_approvals: bulk(DROP_APPROVALS),
            add_approvals: bulk(ADD_APPROVALS),
        }
    }
}

const FIND_REQUESTS: Shape = (
    "select r.tenant, r.request, r.content, r.reply from (",
    2,
    ") as w join requests r on r.tenant = w.column1 and r.request = w.column2",
);
const FIND_TICKETS: Shape =
    ("select t.tenant, t.id, t.body from (", 1, ") as w join tickets t on t.id = w.column1");
const FIND_CONVERSATIONS: Shape =
    ("select c.tenant, c.id, c.body from (", 1, ") as w join conversations c on c.id = w.column1");
const FIND_LOADS: Shape = (
    "select l.tenant, l.agent, l.open, l.last, l.away, l.left_desk from (",
    2,
    ") as w join loads l on l.tenant = w.column1 and l.agent = w.column2",
);
const FIND_CATALOGS: Shape = (
    "select c.tenant, max(c.version) from (",
    1,
    ") as w join catalogs c on c.tenant = w.column1 group by c.tenant",
);
const FIND_PEOPLE: Shape =
    ("select p.tenant, p.id, p.body from (", 1, ") as w join people p on p.id = w.column1");
const FIND_USER_NAMES: Shape = (
    "select p.tenant, p.user_name, p.id from (",
    2,
    ") as w join people p on p.tenant = w.column1 and p.user_name = w.column2",
);
const PUT_PEOPLE: Shape = (
    "insert into people (id, tenant, user_name, email, external_id, department, manager, active, removed, version, \
     body)",
    11,
    "on conflict (id) do update set user_name = excluded.user_name, email = excluded.email, \
     external_id = excluded.external_id, department = excluded.department, manager = excluded.manager, \
     active = excluded.active, removed = excluded.removed, version = excluded.version, body = excluded.body \
     where people.tenant = excluded.tenant",
);
const PUT_LEAVERS: Shape = (
    "insert into loads (tenant, agent, open, last, left_desk)",
    5,
    "on conflict (tenant, agent) do update set left_desk = excluded.left_desk",
);
const ADD_REQUESTS: Shape = ("insert into requests (tenant, request, content, reply, at)", 5, "");
const ADD_EVENTS: Shape =
    ("insert into events (partition, position, tenant, subject, at, payload, hash)", 7, "");
const ADD_TICKETS: Shape = (
    "insert into tickets (id, tenant, number, kind, state, template, group_id, agent_id, \
     requester, opened, updated, version, body, look, template_version)",
    15,
    "",
);
const CHANGE_TICKETS: Shape = (
    "update tickets set state = v.column2, group_id = v.column3, agent_id = v.column4, \
     updated = v.column5, version = v.column6, body = v.column7, look = v.column9, \
     known_error = v.column10 from (",
    10,
    ") as v where tickets.id = v.column1 and tickets.version = v.column8",
);
const PUT_TASKS: Shape = (
    "insert into tasks (tenant, ticket, task, group_id, agent_id, state)",
    6,
    "on conflict (ticket, task) do update set group_id = excluded.group_id, \
     agent_id = excluded.agent_id, state = excluded.state",
);
const PUT_CONVERSATIONS: Shape = (
    "insert into conversations (id, tenant, body)",
    3,
    "on conflict (id) do update set body = excluded.body \
     where conversations.tenant = excluded.tenant",
);
const PUT_LOADS: Shape = (
    "insert into loads (tenant, agent, open, last)",
    4,
    "on conflict (tenant, agent) do update set open = loads.open + excluded.open, \
     last = case when excluded.last > loads.last then excluded.last else loads.last end",
);
const PUT_ABSENCES: Shape = (
    "insert into loads (tenant, agent, open, last, away)",
    5,
    "on conflict (tenant, agent) do update set away = excluded.away",
);
const FIND_OVERLOADS: Shape = (
    "select l.agent from (",
    3,
    ") as w join loads l on l.tenant = w.column1 and l.agent = w.column2 and l.open > w.column3",
);
/// Keeps the tickets found as they are until the transaction ends. For PostgreSQL: on SQLite nobody writes meanwhile.
const FIND_UNCHANGED: Shape = (
    "select t.id from (",
    2,
    ") as w join tickets t on t.id = w.column1 and t.version = w.column2 for share of t",
);
const ADD_CONSEQUENCES: Shape = ("insert into consequences (partition, position)", 2, "");
const ADD_CATALOGS: Shape = ("insert into catalogs (tenant, version, at, taken)", 4, "");
const PUT_RECEIPTS: Shape = (
    "insert into receipts (sink, partition, position, ticket, outcome, detail, at)",
    7,
    "on conflict (sink, partition, position) do update \
     set outcome = excluded.outcome, detail = excluded.detail, at = excluded.at",
);
const PUT_LINKS: Shape = (
    "insert into links (sink, ticket, external)",
    3,
    "on conflict (sink, ticket) do update set external = excluded.external",
);
const ADD_FILES: Shape = ("insert into catalog_files (tenant, version, place, name, content, since)", 6, "");
const DROP_APPROVALS: Shape = ("delete from approvals where ticket in (", 1, ")");
const ADD_APPROVALS: Shape = ("insert into approvals (tenant, person, ticket)", 3, "");

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Row as _};

    use super::*;
    use crate::store::Store;

    /// A scan would go unnoticed until there are many rows.
    #[tokio::test]
    async fn a_batch_looks_rows_up_by_key() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite:{}", folder.path().join("desk.db").display());
        let store = Store::open(&url).await.unwrap();
        let all = Statements::new(Engine::Sqlite);
        let finds = [
            &all.find_requests,
            &all.find_tickets,
            &all.find_conversations,
            &all.find_loads,
            &all.find_overloads,
            &all.find_catalogs,
            &all.find_people,
            &all.find_user_names,
            &all.find_articles,
            &all.find_uses,
            &all.find_registers,
            &all.find_waves,
            &all.find_changes,
            &all.find_under_way,
            &all.find_lives,
            &all.find_improvements,
            &all.find_goals,
            &all.find_cells,
        ];
        let sizes = finds
            .into_iter()
            .chain([&all.change_tickets, &all.drop_approvals, &all.drop_texts, &all.drop_linked])
            .flat_map(Bulk::texts);
        for sql in sizes {
            let plan = sqlx::query(AssertSqlSafe(format!("explain query plan {sql}")))
                .fetch_all(&store.inner.pools.read)
                .await
                .unwrap();
            let steps: Vec<String> = plan.iter().map(|it| it.get("detail")).collect();
            let tables = [
                "r",
                "t",
                "c",
                "l",
                "p",
                "a",
                "u",
                "o",
                "i",
                "tickets",
                "approvals",
                "article_texts",
                "linked_tickets",
            ];
            let scans = |it: &String| it.strip_prefix("SCAN ").is_some_and(|it| tables.contains(&first(it)));
            assert!(!steps.iter().any(scans), "{steps:?} of {sql}");
            assert!(steps.iter().any(|it| it.starts_with("SEARCH")), "{steps:?} of {sql}");
        }
    }
    fn first(words: &str) -> &str {
        words.split(' ').next().unwrap_or_default()
    }
}
