//! Requests about tasks, from the contract's words to the desk's.

use crate::{
    api::parse::{Checks, words::TASK_STATE},
    desk::{
        command::{Change, What},
        fault::Fault,
        presence::spoken_for,
    },
    domain::{
        lookup::{TaskFilter, TaskRef},
        people::{Bilingual, Caller, Role},
        task::{Task, TaskItem, TaskState},
        ticket::TaskAct,
    },
    proto::v1,
};

/// Lines of one checklist.
const CHECKLIST: usize = 50;
/// Tasks that one names.
const AFTER: usize = 50;
/// Longest id of a task: that of a step.
const ID: usize = 64;

/// Which tasks, behind which one, and how many.
pub(super) fn list(raw: v1::ListTasksRequest) -> Result<(TaskFilter, Option<TaskRef>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_task(&raw.page_token);
    if raw.group.is_empty() && raw.agent.is_empty() {
        checks.wrong("group", "is required, unless `agent` is named");
    }
    if raw.states.len() > TaskState::ALL.len() {
        checks.wrong("states", "names a state twice; give each state once");
    }
    let states = raw.states.iter().take(TaskState::ALL.len()).enumerate();
    let states: Vec<_> =
        states.filter_map(|(at, it)| checks.word(&format!("states[{at}]"), *it, &TASK_STATE)).collect();
    let filter = TaskFilter {
        states: if raw.states.is_empty() { vec![TaskState::Ready] } else { states },
        group: checks.optional_id("group", raw.group),
        agent: checks.optional_id("agent", raw.agent),
    };
    checks.done((filter, after, size))
}

pub(super) fn add(raw: v1::AddTaskRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let own = own_id(&mut checks, raw.task);
    let label = label(&mut checks, "label", &raw.label);
    let group = checks.optional_id("group", raw.group);
    for (field, count, most) in
        [("after", raw.after.len(), AFTER), ("checklist", raw.checklist.len(), CHECKLIST)]
    {
        if count > most {
            checks.wrong(field, format!("has {count} entries; at most {most} are taken"));
        }
    }
    let after = raw.after.into_iter().take(AFTER).enumerate();
    let after = after.map(|(at, it)| checks.id(&format!("after[{at}]"), it)).collect();
    let lines = raw.checklist.iter().take(CHECKLIST).enumerate();
    let items = lines.map(|(at, it)| {
        let label = self::label(&mut checks, &format!("checklist[{at}]"), it);
        TaskItem { label, done: false }
    });
    let items = items.collect();
    let task = Task {
        id: own.clone(),
        label,
        group,
        agent: None,
        after,
        optional: raw.optional,
        items,
        ended: None,
    };
    let act = TaskAct::Add(Box::new(task));
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), own, act)
}

pub(super) fn take(caller: &Caller, raw: v1::TakeTaskRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (task, agent) = (checks.id("task", raw.task), checks.optional_id("agent", raw.agent));
    let agent = spoken_for(caller, agent)?;
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), task, TaskAct::Take { agent })
}

pub(super) fn tick(raw: v1::TickTaskItemRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let task = checks.id("task", raw.task);
    let act = TaskAct::Tick { item: raw.item, done: !raw.undo };
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), task, act)
}

pub(super) fn finish(raw: v1::FinishTaskRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (task, note) = (checks.id("task", raw.task), checks.optional_text("note", raw.note));
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), task, TaskAct::Finish { note })
}

pub(super) fn skip(caller: &Caller, raw: v1::SkipTaskRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (task, reason) = (checks.id("task", raw.task), checks.text("reason", raw.reason));
    let act = TaskAct::Skip { reason, anyway: caller.has(&[Role::Manager, Role::Admin]) };
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), task, act)
}

pub(super) fn reopen(raw: v1::ReopenTaskRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (task, reason) = (checks.id("task", raw.task), checks.text("reason", raw.reason));
    change(checks, (raw.request_id, &raw.ticket, raw.expected_version), task, TaskAct::Reopen { reason })
}

/// The rest that all of them have: the request's id, the ticket, and the version that it must have.
fn change(
    mut checks: Checks,
    (request, ticket, expected): (String, &str, u64),
    task: String,
    act: TaskAct,
) -> Result<Change, Fault> {
    let change = Change {
        request: checks.id("request_id", request),
        ticket: checks.ticket("ticket", ticket),
        what: What::Task { task, act },
        expected: Some(expected).filter(|it| *it > 0),
    };
    checks.done(change)
}

fn own_id(checks: &mut Checks, raw: String) -> String {
    let legal = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'_';
    if !(1..=ID).contains(&raw.len()) || !raw.bytes().all(legal) {
        checks.wrong("task", format!("must be 1 to {ID} of a-z, 0-9, `_` and `-`, such as `call_vendor`"));
    }
    raw
}

/// What people write themselves is in their own language, whichever that is.
fn label(checks: &mut Checks, field: &str, raw: &str) -> Bilingual {
    let line = checks.subject(field, raw);
    if line.is_empty() {
        checks.wrong(field, "is required");
    }
    Bilingual { en: line.clone(), zh: line }
}
