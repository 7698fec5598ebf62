//! The tasks of a ticket: what may be done with them, and what comes of it.

use super::{Event, Refusal, Ticket};
use crate::domain::{
    lifecycle::State,
    task::{Task, TaskChange, TaskEnd, TaskState, before},
    time::Timestamp,
};

/// Tasks that a ticket may have: those of its template, and those that people add.
pub const MOST: usize = 100;

/// What somebody wants of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskAct {
    /// Have it as one more task.
    Add(Box<Task>),
    /// Take it.
    Take {
        /// Id of the agent.
        agent: String,
    },
    /// Tick a line of its checklist off, or not any more.
    Tick {
        /// Which, from 0.
        item: u32,
        /// It is done.
        done: bool,
    },
    /// Say that it is done.
    Finish {
        /// What was done.
        note: String,
    },
    /// Leave it out.
    Skip {
        /// Why.
        reason: String,
        /// Whether the ticket needs it or not.
        anyway: bool,
    },
    /// Open it again.
    Reopen {
        /// Why.
        reason: String,
    },
}

/// Why something may not be done with a task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskRefusal {
    /// The ticket has no such task.
    #[error("the ticket has no task `{0}`; it has {1}")]
    Unknown(String, String),
    /// The ticket has it already.
    #[error("the ticket has a task `{0}` already")]
    AlreadyThere(String),
    /// The ticket has too many.
    #[error("a ticket has at most {MOST} tasks")]
    TooMany,
    /// The ticket does not go on yet.
    #[error("a ticket that is {} does not go on yet", .0.as_str())]
    NotYet(State),
    /// Nobody has agreed to the change that it is part of.
    #[error("nobody has agreed to the change yet; its tasks wait for that: SubmitChange asks for consent")]
    NotAgreed,
    /// It has ended.
    #[error("task `{0}` is {1}; reopen it first")]
    Ended(String, &'static str),
    /// It has not ended.
    #[error("task `{0}` is open")]
    Open(String),
    /// Others come first.
    #[error("task `{0}` comes after {1}")]
    Waits(String, String),
    /// Its checklist has lines that are not ticked off.
    #[error("task `{0}` has lines that are not ticked off: {1}")]
    Unticked(String, String),
    /// Its checklist has no such line.
    #[error("task `{0}` has {1} lines; they count from 0")]
    NoItem(String, usize),
    /// The ticket cannot do without.
    #[error("task `{0}` is no optional one; a manager may leave it out")]
    Needed(String),
    /// It says nothing new.
    #[error("task `{0}` is so already")]
    Same(String),
    /// What came after it has ended.
    #[error("{1} came after task `{0}` and has ended; reopen that first")]
    Followed(String, String),
    /// A ticket is resolved when its tasks are done.
    #[error("resolved needs its tasks done; open are {0}")]
    Resolves(String),
}

impl Ticket {
    /// Where a task stands.
    pub fn task_state(&self, task: &Task) -> TaskState {
        let goes_on = match self.state {
            State::WaitingApproval => false,
            State::New | State::Assigned | State::OnHold if self.awaits_consent() => false,
            State::Closed | State::Cancelled if task.ended.is_none() => return TaskState::Dropped,
            State::New
            | State::Assigned
            | State::Analysing
            | State::Scheduled
            | State::InProgress
            | State::OnHold
            | State::Resolved
            | State::Closed
            | State::Cancelled => true,
        };
        match &task.ended {
            Some(end) if end.skipped => TaskState::Skipped,
            Some(_) => TaskState::Done,
            None if goes_on && before(&self.tasks, task).next().is_none() => TaskState::Ready,
            None => TaskState::Waiting,
        }
    }

    /// Id of the group that does a task.
    pub fn group_of<'a>(&'a self, task: &'a Task) -> &'a str {
        task.group.as_deref().unwrap_or(&self.group)
    }

    /// Id of the agent who does a task.
    pub fn agent_of<'a>(&'a self, task: &'a Task) -> Option<&'a str> {
        let own = if task.group.is_none() { self.agent.as_deref() } else { None };
        task.agent.as_deref().or(own)
    }

    /// A task by its id.
    pub fn task(&self, id: &str) -> Option<&Task> {
        self.tasks.iter().find(|it| it.id == id)
    }

    pub(super) fn act_on(
        &self,
        id: &str,
        act: TaskAct,
        actor: &str,
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        let change = self.change_of(id, act, actor, now)?;
        Ok(vec![Event::TaskChanged { task: id.to_owned(), change }])
    }

    fn change_of(
        &self,
        id: &str,
        act: TaskAct,
        actor: &str,
        now: Timestamp,
    ) -> Result<TaskChange, TaskRefusal> {
        if let TaskAct::Add(task) = act {
            return self.add(id, task);
        }
        if self.state == State::WaitingApproval {
            return Err(TaskRefusal::NotYet(self.state));
        }
        if self.awaits_consent() {
            return Err(TaskRefusal::NotAgreed);
        }
        let Some(task) = self.task(id) else { return Err(TaskRefusal::Unknown(id.to_owned(), self.ids())) };
        if let TaskAct::Reopen { reason } = act {
            return self.reopen(task, reason);
        }
        if task.ended.is_some() {
            return Err(TaskRefusal::Ended(id.to_owned(), self.task_state(task).as_str()));
        }
        let end = |skipped, note| TaskEnd { skipped, by: actor.to_owned(), at: now, note };
        match act {
            TaskAct::Take { agent } if task.agent.as_ref() == Some(&agent) => {
                Err(TaskRefusal::Same(id.to_owned()))
            }
            TaskAct::Take { agent } => Ok(TaskChange::Taken { agent }),
            TaskAct::Tick { item, done } => tick(task, item, done),
            TaskAct::Finish { note } => {
                self.may_finish(task)?;
                Ok(TaskChange::Ended(end(false, note)))
            }
            TaskAct::Skip { reason, anyway } if task.optional || anyway => {
                Ok(TaskChange::Ended(end(true, reason)))
            }
            TaskAct::Skip { .. } => Err(TaskRefusal::Needed(id.to_owned())),
            // Both were taken above.
            TaskAct::Add(_) | TaskAct::Reopen { .. } => Err(TaskRefusal::Same(id.to_owned())),
        }
    }

    fn add(&self, id: &str, task: Box<Task>) -> Result<TaskChange, TaskRefusal> {
        if self.task(id).is_some() {
            return Err(TaskRefusal::AlreadyThere(id.to_owned()));
        }
        if self.tasks.len() >= MOST {
            return Err(TaskRefusal::TooMany);
        }
        // Only what is there can come before it, so no circle can close.
        if let Some(unknown) = task.after.iter().find(|it| self.task(it).is_none()) {
            return Err(TaskRefusal::Unknown(unknown.clone(), self.ids()));
        }
        Ok(TaskChange::Added(Box::new(Task { id: id.to_owned(), ..*task })))
    }

    fn may_finish(&self, task: &Task) -> Result<(), TaskRefusal> {
        let first: Vec<_> = before(&self.tasks, task).map(|it| format!("`{}`", it.id)).collect();
        if !first.is_empty() {
            return Err(TaskRefusal::Waits(task.id.clone(), first.join(", ")));
        }
        let open: Vec<_> = task.items.iter().filter(|it| !it.done).map(|it| it.label.en.as_str()).collect();
        if open.is_empty() { Ok(()) } else { Err(TaskRefusal::Unticked(task.id.clone(), open.join("; "))) }
    }

    fn reopen(&self, task: &Task, reason: String) -> Result<TaskChange, TaskRefusal> {
        if task.ended.is_none() {
            return Err(TaskRefusal::Open(task.id.clone()));
        }
        let done =
            |it: &&Task| it.after.contains(&task.id) && it.ended.as_ref().is_some_and(|it| !it.skipped);
        match self.tasks.iter().find(done) {
            Some(next) => Err(TaskRefusal::Followed(task.id.clone(), format!("`{}`", next.id))),
            None => Ok(TaskChange::Reopened { reason }),
        }
    }

    /// What must be done before the ticket may be resolved.
    pub(super) fn unfinished(&self) -> Result<(), TaskRefusal> {
        let open = self.tasks.iter().filter(|it| !it.optional && it.ended.is_none());
        let open: Vec<_> = open.map(|it| format!("`{}`", it.id)).collect();
        if open.is_empty() { Ok(()) } else { Err(TaskRefusal::Resolves(open.join(", "))) }
    }

    fn ids(&self) -> String {
        if self.tasks.is_empty() {
            return "none".to_owned();
        }
        self.tasks.iter().map(|it| format!("`{}`", it.id)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn take_task(&mut self, id: &str, change: &TaskChange) {
        if let TaskChange::Added(task) = change {
            self.tasks.push(Task::clone(task));
            return;
        }
        let Some(task) = self.tasks.iter_mut().find(|it| it.id == id) else { return };
        match change {
            TaskChange::Added(_) => {}
            TaskChange::Taken { agent } => task.agent = Some(agent.clone()),
            TaskChange::Ticked { item, done } => {
                let item = usize::try_from(*item).ok().and_then(|it| task.items.get_mut(it));
                item.into_iter().for_each(|it| it.done = *done);
            }
            TaskChange::Ended(end) => task.ended = Some(end.clone()),
            TaskChange::Reopened { .. } => task.ended = None,
        }
    }
}

fn tick(task: &Task, item: u32, done: bool) -> Result<TaskChange, TaskRefusal> {
    let found = usize::try_from(item).ok().and_then(|it| task.items.get(it));
    match found {
        None => Err(TaskRefusal::NoItem(task.id.clone(), task.items.len())),
        Some(it) if it.done == done => Err(TaskRefusal::Same(task.id.clone())),
        Some(_) => Ok(TaskChange::Ticked { item, done }),
    }
}
