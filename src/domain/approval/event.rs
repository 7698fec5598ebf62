//! What may have happened to an approval.

use super::state::{Asked, Ending, Outcome, Seat, Step, Vote};
use crate::domain::people::Person;

/// What happened to an approval. Steps and places go by their order, from 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A step was asked.
    Asked {
        /// Which.
        step: usize,
        /// Its places.
        seats: Vec<Seat>,
    },
    /// Somebody said yes or no, or changed their mind.
    Voted {
        /// In which step.
        step: usize,
        /// For which place.
        seat: usize,
        /// What.
        vote: Vote,
    },
    /// A place went to others.
    Handed {
        /// In which step.
        step: usize,
        /// Which; one more than there are is a new one.
        seat: usize,
        /// Who is asked for it now.
        asked: Vec<Asked>,
        /// Why.
        why: Handover,
    },
    /// Those who have not answered were reminded.
    Reminded {
        /// In which step.
        step: usize,
    },
    /// The time of a step was up.
    Expired {
        /// Which.
        step: usize,
    },
    /// A step ended.
    StepEnded {
        /// Which.
        step: usize,
        /// How.
        outcome: Outcome,
    },
    /// A material change of the request began the approval anew.
    Restarted {
        /// The steps that are needed now.
        steps: Vec<Step>,
        /// Version of the catalogue that they are from.
        catalog: u64,
    },
    /// The approval ended.
    Ended(Ending),
}

/// Why a place went to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handover {
    /// An approver handed it on.
    Delegated(Person),
    /// Who was asked is not there any more, or the catalogue says otherwise.
    Left(Vec<Person>),
    /// Nobody answered in time.
    Escalated,
}
