//! Tasks of tickets: who may take them, which there are, and how they follow a ticket's values.

use super::{
    Desk,
    fault::Fault,
    tickets::{known, members_only},
};
use crate::{
    domain::{
        catalog::Catalog,
        id::TicketId,
        lookup::{TaskFilter, TaskRef},
        people::Caller,
        task::{TaskChange, TaskEnd, tasks},
        template::Template,
        ticket::{Command, Event, MOST_TASKS, TaskAct, Ticket},
        time::Timestamp,
    },
    proto::{tasks::task_to, v1, words},
    store::Unit,
};

/// Who it was, where a task follows from a ticket's values.
const WHO: &str = "template";

/// What is asked of a task, as the ticket's rules understand it.
pub(super) fn command(
    task: String,
    act: TaskAct,
    ticket: &Ticket,
    catalog: &Catalog,
    now: Timestamp,
) -> Result<Command, Fault> {
    match &act {
        TaskAct::Add(new) => {
            let is_step = |it: &Template| it.steps.iter().any(|it| it.id == task);
            if catalog.template_of(ticket).is_some_and(is_step) {
                return Err(Fault::field(
                    "task",
                    format!("`{task}` is a step of the template; take another id"),
                ));
            }
            new.group.as_deref().map_or(Ok(()), |it| known(catalog, it))?;
        }
        TaskAct::Take { agent } => {
            if let Some(task) = ticket.task(&task) {
                members_only(catalog, ticket.group_of(task), agent)?;
            }
        }
        TaskAct::Tick { .. } | TaskAct::Finish { .. } | TaskAct::Skip { .. } | TaskAct::Reopen { .. } => {}
    }
    Ok(Command::Task { task, act, now })
}

/// Gives a ticket the tasks that its values ask for now, and leaves out those that they do not any more and that
/// nobody has begun.
pub(super) fn follow(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, before: &Ticket, now: Timestamp) {
    let Some(ticket) = unit.ticket(id).filter(|it| it.fields != before.fields && it.state.is_open()) else {
        return;
    };
    let Some(template) = catalog.template_of(ticket) else { return };
    let wanted = tasks(&template.steps, &ticket.fields);
    let new = wanted.iter().filter(|it| ticket.task(&it.id).is_none());
    let room = MOST_TASKS.saturating_sub(ticket.tasks.len());
    let added = new.take(room).map(|it| (it.id.clone(), TaskChange::Added(Box::new(it.clone()))));
    let is_step = |id: &str| template.steps.iter().any(|it| it.id == id);
    let gone = ticket.tasks.iter().filter(|it| {
        let untouched = it.ended.is_none() && it.agent.is_none() && it.items.iter().all(|it| !it.done);
        untouched && is_step(&it.id) && !wanted.iter().any(|wanted| wanted.id == it.id)
    });
    let end = |note: &str| TaskEnd { skipped: true, by: WHO.to_owned(), at: now, note: note.to_owned() };
    let left = gone
        .map(|it| (it.id.clone(), TaskChange::Ended(end("the ticket's values do not ask for it any more"))));
    // What was left out by itself comes back by itself.
    let by_itself = |it: &TaskEnd| it.skipped && it.by == WHO;
    let back = ticket.tasks.iter().filter(|it| {
        it.ended.as_ref().is_some_and(by_itself) && wanted.iter().any(|wanted| wanted.id == it.id)
    });
    let back = back.map(|it| {
        let reason = "the ticket's values ask for it again".to_owned();
        (it.id.clone(), TaskChange::Reopened { reason })
    });
    let changes: Vec<_> = added.chain(left).chain(back).collect();
    for (task, change) in changes {
        unit.record(id, Event::TaskChanged { task, change });
    }
}

impl Desk {
    /// Tasks that fit a filter, oldest ticket first, behind one of them.
    pub async fn tasks(
        &self,
        caller: &Caller,
        filter: TaskFilter,
        after: Option<TaskRef>,
        limit: u32,
    ) -> Result<Vec<v1::TicketTask>, Fault> {
        let rows = self.store.tasks(&caller.tenant, &filter, after, limit).await?;
        let entry = |(ticket, task): &(Ticket, String)| {
            let task = ticket.task(task)?;
            Some(v1::TicketTask {
                ticket: ticket.id.to_string(),
                number: ticket.number.clone(),
                subject: ticket.subject.clone(),
                priority: words::priority_to(ticket.priority),
                task: Some(task_to(task, ticket.task_state(task))),
            })
        };
        Ok(rows.iter().filter_map(entry).collect())
    }
}
