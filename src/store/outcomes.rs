//! How goals ended, to be counted: written in the transaction of the event that ended them, read as sums.

use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Store,
    batch::Batch,
    bulk::{Query, Shape},
    fault::Unavailable,
    save::Unsaved,
    statements::Statements,
};
use crate::{
    domain::{
        id::TicketId,
        people::Tenant,
        priority::Priority,
        sla::{Ended, Goal, Outcome},
        time::Timestamp,
    },
    proto::event::Malformed,
};

pub(super) const PUT: Shape = (
    "insert into outcomes (tenant, ticket, goal, started, due, result, policy, group_id, service, priority)",
    10,
    "on conflict (tenant, ticket, goal, started) do update set due = excluded.due, \
     result = excluded.result, policy = excluded.policy, group_id = excluded.group_id, \
     service = excluded.service, priority = excluded.priority",
);

/// So many goals ended alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sum {
    /// Which goal.
    pub goal: Goal,
    /// Met or missed.
    pub result: Ended,
    /// Id of the SLA policy.
    pub policy: String,
    /// Id of the group that had the ticket.
    pub group: String,
    /// Id of the service.
    pub service: String,
    /// Priority of the ticket.
    pub priority: Priority,
    /// How many.
    pub count: u64,
}

/// Writes how goals ended in a batch.
pub(super) async fn write(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.outcomes.iter().collect();
    let bind = |it: Query, ((tenant, ..), row): &(&(Tenant, TicketId, Goal, Timestamp), &Outcome)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(row.ticket.bytes().to_vec());
        let it = it.bind(row.goal.as_str()).bind(row.started.0).bind(row.due.0).bind(code(row.result));
        let it = it.bind(row.policy.clone()).bind(row.group.clone()).bind(row.service.clone());
        it.bind(row.priority as i64 + 1)
    };
    statements.put_outcomes.write(connection, &rows, bind).await?;
    Ok(())
}

/// Counts one that was committed, for those who watch the process. A counter cannot take anything back, so each goal
/// counts once, as it ended first; what became of those that were taken up again, the report tells.
pub(super) fn count(it: &Outcome) {
    let labels = [
        ("goal", it.goal.as_str().to_owned()),
        ("policy", it.policy.clone()),
        ("group", it.group.clone()),
        ("priority", it.priority.as_str().to_owned()),
        ("result", it.result.as_str().to_owned()),
    ];
    metrics::counter!("dispatch_sla_goals_total", &labels).increment(1);
}

fn code(result: Ended) -> i64 {
    match result {
        Ended::Open => 0,
        Ended::Met => 1,
        Ended::Missed => 2,
    }
}

impl Store {
    /// How the goals of a ticket ended, as it is counted.
    pub async fn outcomes_of(&self, tenant: &Tenant, id: TicketId) -> Result<Vec<Outcome>, Unavailable> {
        let rows = sqlx::query(
            "select goal, started, due, result, policy, group_id, service, priority from outcomes \
             where tenant = $1 and ticket = $2",
        )
        .bind(tenant.as_str())
        .bind(id.bytes().to_vec())
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(|it| outcome(it, id)).collect()
    }

    /// The goals of a tenant that were due in `[from, to)`, met or missed, added up.
    pub async fn outcomes(
        &self,
        tenant: &Tenant,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<Sum>, Unavailable> {
        let rows = sqlx::query(
            "select goal, result, policy, group_id, service, priority, count(*) from outcomes \
             where tenant = $1 and due >= $2 and due < $3 and result > 0 \
             group by goal, result, policy, group_id, service, priority",
        )
        .bind(tenant.as_str())
        .bind(from.0)
        .bind(to.0)
        .fetch_all(&self.inner.pools.read)
        .await?;
        rows.iter().map(sum).collect()
    }
}

fn outcome(row: &AnyRow, ticket: TicketId) -> Result<Outcome, Unavailable> {
    let place = usize::try_from(row.try_get::<i64, _>(7)? - 1).unwrap_or(usize::MAX);
    Ok(Outcome {
        ticket,
        goal: Goal::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("outcome.goal"))?,
        started: Timestamp(row.try_get(1)?),
        due: Timestamp(row.try_get(2)?),
        result: match row.try_get::<i64, _>(3)? {
            0 => Ended::Open,
            1 => Ended::Met,
            _ => Ended::Missed,
        },
        is_again: false,
        had_due: true,
        policy: row.try_get(4)?,
        group: row.try_get(5)?,
        service: row.try_get(6)?,
        priority: Priority::ALL.get(place).copied().ok_or(Malformed("outcome.priority"))?,
    })
}

fn sum(row: &AnyRow) -> Result<Sum, Unavailable> {
    let result = match row.try_get::<i64, _>(1)? {
        1 => Ended::Met,
        _ => Ended::Missed,
    };
    let place = usize::try_from(row.try_get::<i64, _>(5)? - 1).unwrap_or(usize::MAX);
    Ok(Sum {
        goal: Goal::parse(&row.try_get::<String, _>(0)?).ok_or(Malformed("outcome.goal"))?,
        result,
        policy: row.try_get(2)?,
        group: row.try_get(3)?,
        service: row.try_get(4)?,
        priority: Priority::ALL.get(place).copied().ok_or(Malformed("outcome.priority"))?,
        count: row.try_get::<i64, _>(6)?.cast_unsigned(),
    })
}
