//! An approval as it stands.

use super::plan::StepPlan;
use crate::domain::{
    people::{Language, Person},
    time::Timestamp,
};

/// The approval of a ticket.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// Version of the catalogue that its steps are from.
    pub catalog: u64,
    /// Counts how often it began: a material change of the request begins it anew.
    pub round: u32,
    /// The steps that are needed, in order.
    pub steps: Vec<Step>,
    /// How it ended.
    pub ending: Option<Ending>,
}

/// A step as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// What the catalogue said.
    pub plan: StepPlan,
    /// Its places; none until it is asked.
    pub seats: Vec<Seat>,
    /// Since when it is asked.
    pub asked: Option<Timestamp>,
    /// How often its approvers were reminded.
    pub reminders: u32,
    /// When they were reminded last.
    pub reminded: Option<Timestamp>,
    /// When its time was up.
    pub expired: Option<Timestamp>,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

/// One place of a step: whoever is asked for it first fills it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seat {
    /// Who may fill it; nobody if nobody could be found.
    pub asked: Vec<Asked>,
    /// What was said.
    pub vote: Option<Vote>,
    /// Who handed it on.
    pub handed: Vec<Person>,
    /// Whether it decides the step alone: that of those to whom it was escalated.
    pub decides: bool,
}

/// Somebody who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Who.
    pub person: Person,
    /// In which language.
    pub language: Language,
    /// In whose place.
    pub stands_for: Option<Person>,
}

/// What somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vote {
    /// Who.
    pub by: Person,
    /// Yes or no.
    pub approves: bool,
    /// In their words.
    pub comment: String,
    /// When.
    pub at: Timestamp,
}

/// How a step or a whole approval ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// So many agreed as must.
    Granted,
    /// It was refused.
    Rejected,
    /// The request was withdrawn.
    Withdrawn,
    /// The request was changed so that nobody need agree any more.
    NotNeeded,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Granted, Self::Rejected, Self::Withdrawn, Self::NotNeeded];

    /// For people, and as programs read it in refusals.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::NotNeeded => "not_needed",
        }
    }
}

/// How an approval ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// How.
    pub outcome: Outcome,
    /// Whose word ended it; nobody if it was the time.
    pub by: Option<Person>,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

impl Approval {
    /// The step that is asked now, and its place in the order.
    pub fn current(&self) -> Option<(usize, &Step)> {
        let open = |it: &(usize, &Step)| it.1.asked.is_some() && it.1.outcome.is_none();
        self.steps.iter().enumerate().find(open).filter(|_| self.ending.is_none())
    }

    /// The people whose word is waited for, each once.
    pub fn pending(&self) -> Vec<&Asked> {
        let mut all: Vec<&Asked> = vec![];
        for seat in self.current().iter().flat_map(|(_, step)| &step.seats).filter(|it| it.vote.is_none()) {
            all.extend(
                seat.asked
                    .iter()
                    .filter(|it| !all.iter().any(|one| one.person == it.person))
                    .collect::<Vec<_>>(),
            );
        }
        all
    }

    /// Whether somebody was asked at any time.
    pub fn knows(&self, who: &Person) -> bool {
        self.steps.iter().any(|it| it.seat_of(who).is_some())
    }
}

impl Step {
    /// A step that nobody was asked yet.
    pub fn new(plan: StepPlan) -> Self {
        let (asked, reminded, expired, outcome) = (None, None, None, None);
        Self { plan, seats: vec![], asked, reminders: 0, reminded, expired, outcome }
    }

    /// The place that somebody has or had: is asked for, has filled, or handed on.
    pub fn seat_of(&self, who: &Person) -> Option<usize> {
        self.seats.iter().position(|it| it.asks(who) || it.is_by(who) || it.handed.contains(who))
    }
}

impl Seat {
    /// A place for these.
    pub fn of(asked: Vec<Asked>) -> Self {
        Self { asked, ..Self::default() }
    }

    /// Whether somebody is asked for it.
    pub fn asks(&self, who: &Person) -> bool {
        self.asked.iter().any(|it| it.person == *who)
    }

    /// Whether somebody has filled it.
    pub fn is_by(&self, who: &Person) -> bool {
        self.vote.as_ref().is_some_and(|it| it.by == *who)
    }
}
