//! Tasks of a ticket, and what happened to them.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1::{self, ticket_task_changed::Change},
    words,
};
use crate::domain::{
    people::Bilingual,
    task::{Task, TaskChange, TaskEnd, TaskItem, TaskState},
    ticket::Ticket,
};

/// A ticket's tasks, each as it stands.
pub(super) fn tasks_to(ticket: &Ticket) -> Vec<v1::Task> {
    ticket.tasks.iter().map(|it| task_to(it, ticket.task_state(it))).collect()
}

/// A task as it stands.
pub fn task_to(it: &Task, state: TaskState) -> v1::Task {
    let item = |it: &TaskItem| v1::TaskItem {
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        done: it.done,
    };
    let (ended_by, note) = it.ended.as_ref().map(|it| (it.by.clone(), it.note.clone())).unwrap_or_default();
    v1::Task {
        id: it.id.clone(),
        label_en: it.label.en.clone(),
        label_zh: it.label.zh.clone(),
        group: it.group.clone().unwrap_or_default(),
        agent: it.agent.clone().unwrap_or_default(),
        after: it.after.clone(),
        optional: it.optional,
        checklist: it.items.iter().map(item).collect(),
        state: words::task_state_to(state),
        ended_by,
        end_time: it.ended.as_ref().map(|it| time_to(it.at)),
        note,
    }
}

/// From the contract's words. Whether it waits follows from the ticket, so only its end is read.
pub(super) fn task_from(it: &v1::Task) -> Task {
    let filled = |it: &String| Some(it.clone()).filter(|it| !it.is_empty());
    let label = |en: &String, zh: &String| Bilingual { en: en.clone(), zh: zh.clone() };
    let ended = it.end_time.as_ref().map(|at| TaskEnd {
        skipped: it.state() == v1::TaskState::Skipped,
        by: it.ended_by.clone(),
        at: time_from(at),
        note: it.note.clone(),
    });
    let item = |it: &v1::TaskItem| TaskItem { label: label(&it.label_en, &it.label_zh), done: it.done };
    Task {
        id: it.id.clone(),
        label: label(&it.label_en, &it.label_zh),
        group: filled(&it.group),
        agent: filled(&it.agent),
        after: it.after.clone(),
        optional: it.optional,
        items: it.checklist.iter().map(item).collect(),
        ended,
    }
}

pub(super) fn change_to(task: &str, change: &TaskChange) -> v1::TicketTaskChanged {
    let change = match change {
        TaskChange::Added(task) => Change::Added(task_to(task, TaskState::Waiting)),
        TaskChange::Taken { agent } => Change::TakenBy(agent.clone()),
        TaskChange::Ticked { item, done: true } => Change::TickedItem(*item),
        TaskChange::Ticked { item, done: false } => Change::UntickedItem(*item),
        TaskChange::Ended(end) if end.skipped => Change::Skipped(end_to(end)),
        TaskChange::Ended(end) => Change::Done(end_to(end)),
        TaskChange::Reopened { reason } => Change::ReopenedBecause(reason.clone()),
    };
    v1::TicketTaskChanged { task: task.to_owned(), change: Some(change) }
}

pub(super) fn change_from(it: &v1::TicketTaskChanged) -> Result<TaskChange, Malformed> {
    Ok(match it.change.as_ref().ok_or(Malformed("ticket_task_changed.change"))? {
        Change::Added(task) => TaskChange::Added(Box::new(task_from(task))),
        Change::TakenBy(agent) => TaskChange::Taken { agent: agent.clone() },
        Change::TickedItem(item) => TaskChange::Ticked { item: *item, done: true },
        Change::UntickedItem(item) => TaskChange::Ticked { item: *item, done: false },
        Change::Done(end) => TaskChange::Ended(end_from(end, false)?),
        Change::Skipped(end) => TaskChange::Ended(end_from(end, true)?),
        Change::ReopenedBecause(reason) => TaskChange::Reopened { reason: reason.clone() },
    })
}

fn end_to(it: &TaskEnd) -> v1::TaskEnding {
    v1::TaskEnding { by: it.by.clone(), time: Some(time_to(it.at)), note: it.note.clone() }
}

fn end_from(it: &v1::TaskEnding, skipped: bool) -> Result<TaskEnd, Malformed> {
    let at = it.time.as_ref().map(time_from).ok_or(Malformed("task_ending.time"))?;
    Ok(TaskEnd { skipped, by: it.by.clone(), at, note: it.note.clone() })
}
