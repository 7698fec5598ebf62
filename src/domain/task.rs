//! Tasks of a ticket: the steps of its template, each with who does it, what must be done before it, and a
//! checklist (ITIL 4, service request management practice: a request's workflow).

use super::{field::When, people::Bilingual, template::Values, time::Timestamp};

/// A step of a template, from which its tickets get a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id within the template.
    pub id: String,
    /// What is to be done.
    pub label: Bilingual,
    /// Id of the group that does it; without, whoever has the ticket.
    pub group: Option<String>,
    /// Ids of the steps that come before it.
    pub after: Vec<String>,
    /// It is a step only of tickets with such a value.
    pub when: Option<When>,
    /// A ticket may be resolved without it.
    pub optional: bool,
    /// What is ticked off on the way.
    pub checklist: Vec<Bilingual>,
}

impl Step {
    /// Whether a ticket with these values has it.
    pub fn applies(&self, values: &[(String, super::field::FieldValue)]) -> bool {
        self.when.as_ref().is_none_or(|it| it.holds(values))
    }

    /// The task of a ticket.
    pub fn task(&self) -> Task {
        let item = |label: &Bilingual| TaskItem { label: label.clone(), done: false };
        Task {
            id: self.id.clone(),
            label: self.label.clone(),
            group: self.group.clone(),
            agent: None,
            after: self.after.clone(),
            optional: self.optional,
            items: self.checklist.iter().map(item).collect(),
            ended: None,
        }
    }
}

/// A piece of a ticket's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its id within the ticket: that of the template's step, or one of its own.
    pub id: String,
    /// What is to be done.
    pub label: Bilingual,
    /// Id of the group that does it; without, whoever has the ticket.
    pub group: Option<String>,
    /// Id of the agent who has taken it.
    pub agent: Option<String>,
    /// Ids of the tasks that come before it. What the ticket does not have is not waited for.
    pub after: Vec<String>,
    /// The ticket may be resolved without it.
    pub optional: bool,
    /// What is ticked off on the way.
    pub items: Vec<TaskItem>,
    /// How it ended.
    pub ended: Option<TaskEnd>,
}

/// A line of a task's checklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskItem {
    /// What is to be done.
    pub label: Bilingual,
    /// It is done.
    pub done: bool,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEnd {
    /// Left out, rather than done.
    pub skipped: bool,
    /// Who said so.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// What was done, or why it was left out.
    pub note: String,
}

/// Where a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    /// Others come first, or the ticket does not go on yet.
    Waiting,
    /// It can be done now.
    Ready,
    /// It was done.
    Done,
    /// It was left out.
    Skipped,
    /// The ticket was over before it was.
    Dropped,
}

impl TaskState {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Ready, Self::Done, Self::Skipped, Self::Dropped];

    /// As the database and refusals write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Done => "done",
            Self::Skipped => "skipped",
            Self::Dropped => "dropped",
        }
    }
}

/// What happens to a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TaskChange {
    /// The ticket has it now.
    Added(Box<Task>),
    /// An agent takes it.
    Taken {
        /// Id of the agent.
        agent: String,
    },
    /// A line of its checklist is ticked off, or not any more.
    Ticked {
        /// Which, from 0.
        item: u32,
        /// It is done.
        done: bool,
    },
    /// It is done, or left out.
    Ended(TaskEnd),
    /// It is open again.
    Reopened {
        /// Why.
        reason: String,
    },
}

/// The tasks that a ticket has from its template's steps.
pub fn tasks(steps: &[Step], values: &Values) -> Vec<Task> {
    steps.iter().filter(|it| it.applies(values)).map(Step::task).collect()
}

/// The tasks that must end before one of them can be done.
pub fn before<'a>(tasks: &'a [Task], task: &'a Task) -> impl Iterator<Item = &'a Task> {
    tasks.iter().filter(|it| it.ended.is_none() && task.after.contains(&it.id))
}

/// What stands in a circle of steps, if anything does: each comes after the one before it.
pub fn circle(steps: &[Step]) -> Option<Vec<&str>> {
    let mut clear: Vec<&str> = vec![];
    loop {
        let is_known = |id: &String| steps.iter().any(|it| it.id == *id);
        let is_free = |step: &&Step| {
            !clear.contains(&step.id.as_str())
                && step.after.iter().all(|it| !is_known(it) || clear.contains(&it.as_str()))
        };
        let freed: Vec<_> = steps.iter().filter(is_free).map(|it| it.id.as_str()).collect();
        if freed.is_empty() {
            break;
        }
        clear.extend(freed);
    }
    // Each step that is left has one that is left before it: walking back must come around.
    let left = |id: &str| steps.iter().find(|it| it.id == id && !clear.contains(&id));
    let mut walk = vec![steps.iter().find(|it| !clear.contains(&it.id.as_str()))?.id.as_str()];
    loop {
        let last = left(walk.last()?)?;
        let next = last.after.iter().find(|it| left(it).is_some())?;
        if let Some(start) = walk.iter().position(|it| it == next) {
            let mut round = walk.split_off(start);
            round.reverse();
            return Some(round);
        }
        walk.push(next);
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn step(id: &str, after: &[String]) -> Step {
        Step {
            id: id.to_owned(),
            label: Bilingual::default(),
            group: None,
            after: after.to_vec(),
            when: None,
            optional: false,
            checklist: vec![],
        }
    }

    #[test]
    fn a_circle_is_named_in_its_order() {
        let steps = [
            step("a", &[]),
            step("b", &["a".into(), "d".into()]),
            step("c", &["b".into()]),
            step("d", &["c".into()]),
        ];
        let round = circle(&steps).unwrap();
        assert_eq!(round.len(), 3, "{round:?}");
        for (one, next) in round.iter().zip(round.iter().cycle().skip(1)) {
            let next = steps.iter().find(|it| it.id == *next).unwrap();
            assert!(next.after.iter().any(|it| it == one), "{round:?}");
        }
        assert_eq!(circle(&[step("a", &["a".into()])]), Some(vec!["a"]));
    }

    proptest! {
        /// Steps can all be done, one after the other, exactly if there is no circle.
        #[test]
        fn what_has_no_circle_comes_to_an_end(arrows in vec((0_usize..6, 0_usize..6), 0..12)) {
            let name = |it: usize| format!("s{it}");
            let steps: Vec<Step> = (0..6)
                .map(|it| {
                    let after = arrows.iter().filter(|(to, _)| *to == it).map(|(_, from)| name(*from));
                    step(&name(it), &after.collect::<Vec<_>>())
                })
                .collect();
            let mut tasks = tasks(&steps, &vec![]);
            let end = TaskEnd { skipped: false, by: String::new(), at: Timestamp(0), note: String::new() };
            while let Some(place) =
                tasks.iter().position(|it| it.ended.is_none() && before(&tasks, it).next().is_none())
            {
                tasks[place].ended = Some(end.clone());
            }
            prop_assert_eq!(tasks.iter().all(|it| it.ended.is_some()), circle(&steps).is_none());
        }
    }
}
