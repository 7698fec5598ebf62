//! Why somebody may not decide, or not hand on, with what would be right.

use super::state::{Ending, Outcome};
use crate::domain::people::Person;

/// Why somebody may not decide, or not hand on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing waits.
    #[error("nobody's approval is asked for here")]
    NotAsked,
    /// It ended.
    #[error("the approval is over: {} {}", .0.outcome.as_str(), ended(.0))]
    Over(Ending),
    /// The step that they were asked in ended.
    #[error("the step `{step}` is over: {}; now the step `{now}` is asked", outcome.as_str())]
    StepOver {
        /// Its id.
        step: String,
        /// How it ended.
        outcome: Outcome,
        /// Id of the step that is asked now.
        now: String,
    },
    /// They are not asked.
    #[error("they are not asked; {} may decide", names(.0))]
    NotApprover(Vec<Person>),
    /// It is their own request.
    #[error("nobody decides their own request; {} may", names(.0))]
    OwnRequest(Vec<Person>),
    /// They have planned the change themselves, and others can be found.
    #[error("nobody agrees to what they have planned or submitted themselves; {} may", names(.0))]
    OwnPlan(Vec<Person>),
    /// Somebody else has answered in their place.
    #[error("{} has answered already for this place", name(.0))]
    SeatTaken(Person),
    /// Their time was up, and others decide alone.
    #[error("the time was up; {} decide alone now", names(.0))]
    Escalated(Vec<Person>),
    /// They handed their place on.
    #[error("they handed their place on to {}", names(.0))]
    HandedOn(Vec<Person>),
    /// What they speak of was changed since.
    #[error("the request was changed since round {said}: look at it again, and decide on round {now}")]
    Changed {
        /// Which round they speak of.
        said: u32,
        /// Which is open.
        now: u32,
    },
    /// What was agreed to is not changed behind the backs of those who agreed.
    #[error("`{}` was agreed to{}: open another request for what is different", .fields.join("`, `"), agreed(.by.as_ref()))]
    Agreed {
        /// Ids of the fields.
        fields: Vec<String>,
        /// Whose word was the last.
        by: Option<Person>,
    },
    /// What nobody was asked about does not grow into what somebody must agree to.
    #[error("with this it needs the consent of `{}`, which nobody was asked for: open another request for it", .0.join("`, `"))]
    Unasked(Vec<String>),
    /// A no needs a reason.
    #[error("a rejection needs a comment: the requester is told why")]
    NoReason,
    /// A place cannot go to this one.
    #[error("the place cannot go to {}: {why}", name(to))]
    BadDelegate {
        /// To whom it should go.
        to: Person,
        /// Why not.
        why: &'static str,
    },
}

fn ended(ending: &Ending) -> String {
    let by = ending.by.as_ref().map(|it| format!("by {} ", name(it))).unwrap_or_default();
    format!("{by}on {}", ending.at.rfc3339())
}

fn agreed(by: Option<&Person>) -> String {
    by.map(|it| format!(" by {}", name(it))).unwrap_or_default()
}

fn name(it: &Person) -> String {
    if it.name.is_empty() { it.subject.clone() } else { format!("{} ({})", it.name, it.subject) }
}

fn names(all: &[Person]) -> String {
    if all.is_empty() {
        "nobody can be found who".to_owned()
    } else {
        all.iter().map(name).collect::<Vec<_>>().join(", ")
    }
}
