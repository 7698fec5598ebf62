//! Changes (ITIL 4, change enablement): what is planned, how risky it is, when it may be carried out, and how it went.
//!
//! A change is a ticket. What it has beyond one is its [`Record`]: the plan, the place in the calendar, the review.
//! `calendar` says when a change may not be carried out and when next it may; `risk` adds up what speaks against it.

mod calendar;
mod risk;

use std::collections::HashSet;

pub use self::{
    calendar::{Freeze, Maintenance, Obstacles, barred_at, next_window, obstacles, unforeseen},
    risk::{Against, Question, Reach, Risk, RiskLevel, RiskOption, RiskRules, assess},
};
use super::{id::AssetId, ticket::TicketAssets, time::Timestamp};

/// Longest window of a change, in seconds: 31 days.
pub const LONGEST: i64 = 31 * 86_400;
/// Shortest one, in milliseconds: the hours of calendars are read by the second.
pub const SHORTEST: i64 = 1_000;

/// How a change is agreed to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeType {
    /// Often done and little risky: agreed to once, by the template.
    Standard,
    /// Planned, agreed to, scheduled.
    #[default]
    Normal,
    /// It cannot wait: agreed to by few, and no freeze period stops it.
    Emergency,
}

impl ChangeType {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Standard, Self::Normal, Self::Emergency];

    /// As catalogues write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Normal => "normal",
            Self::Emergency => "emergency",
        }
    }
}

/// What a template says of its changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Practice {
    /// How they are agreed to.
    pub kind: ChangeType,
    /// How they are carried out; what a plan begins with.
    pub implementation: String,
    /// How it is seen that they work.
    pub test: String,
    /// How they are taken back.
    pub back_out: String,
    /// What is asked to rate their risk.
    pub questions: Vec<Question>,
}

/// What all changes of a desk go by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRules {
    /// When nothing is changed.
    pub freezes: Vec<Freeze>,
    /// When something is changed.
    pub windows: Vec<Maintenance>,
    /// For so many seconds after a change, what goes wrong on its assets is told to be behind it.
    pub look_back: u32,
    /// What points make which risk.
    pub risk: RiskRules,
}

impl Default for ChangeRules {
    fn default() -> Self {
        Self { freezes: vec![], windows: vec![], look_back: 3 * 86_400, risk: RiskRules::default() }
    }
}

/// A stretch of time; half-open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Its first moment.
    pub start: Timestamp,
    /// The moment behind its last.
    pub end: Timestamp,
}

impl Span {
    /// Whether the two have time in common.
    pub fn meets(&self, other: &Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Its length in seconds.
    pub fn seconds(&self) -> i64 {
        self.end.second() - self.start.second()
    }

    /// The full seconds that it is part of.
    #[must_use]
    pub fn whole(&self) -> Self {
        let end = Timestamp::from_second((self.end.0.saturating_add(999)).div_euclid(1_000));
        Self { start: Timestamp::from_second(self.start.second()), end }
    }
}

/// Who plans what begins later than this, in milliseconds, counts on it that an overrunning change is over by then. If it is
/// not, nobody begins.
const OVERRUN: i64 = 86_400_000;

/// What is kept of a change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// What is planned.
    pub plan: Plan,
    /// Its place in the calendar; none before it has one, and none while it is planned anew.
    pub scheduled: Option<Scheduled>,
    /// When somebody began to carry it out.
    pub begun: Option<Timestamp>,
    /// How it went.
    pub review: Option<Review>,
}

impl Record {
    /// The time for which a change that is not over has its assets to itself: its window, from an earlier beginning on, and
    /// if it is still carried out behind its end, until a day from now. None without a place in the calendar.
    pub fn occupied(&self, now: Timestamp) -> Option<Span> {
        let window = self.scheduled.as_ref()?.window;
        let Some(begun) = self.begun else { return Some(window) };
        let end =
            if self.overruns(now).is_some() { Timestamp(now.0.saturating_add(OVERRUN)) } else { window.end };
        Some(Span { start: begun.min(window.start), end })
    }

    /// Since when a change that is not over is carried out beyond its window, if it is.
    pub fn overruns(&self, now: Timestamp) -> Option<Timestamp> {
        let end = self.scheduled.as_ref()?.window.end;
        (self.begun.is_some() && end <= now).then_some(end)
    }
}

/// What is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// How it is agreed to.
    pub kind: ChangeType,
    /// How it is carried out.
    pub implementation: String,
    /// How it is seen that it works.
    pub test: String,
    /// How it is taken back.
    pub back_out: String,
    /// When.
    pub window: Option<Span>,
    /// Ids of the template's questions, and of the options chosen.
    pub answers: Vec<(String, String)>,
    /// How risky it is, by the answers and the assets.
    pub risk: Risk,
    /// Who has planned it like this, or stands for it by submitting it, as histories name them: they do not agree to it.
    pub authors: Vec<String>,
}

/// A place in the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheduled {
    /// When it is carried out.
    pub window: Span,
    /// Who scheduled it.
    pub by: String,
    /// Why against a freeze period or outside of a maintenance window.
    pub reason: String,
    /// Ids of the freeze periods that did not stop it.
    pub freezes: Vec<String>,
    /// Ids of the maintenance windows that it does not keep to.
    pub windows: Vec<String>,
    /// Numbers of the changes that it may collide with.
    pub accepted: Vec<String>,
}

/// How a change went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// In a word.
    pub outcome: Outcome,
    /// In more of them.
    pub text: String,
    /// Who looked back on it.
    pub by: String,
}

/// How a change went, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// As planned.
    Successful,
    /// It is done, and not all went well.
    WithProblems,
    /// It was taken back.
    BackedOut,
    /// Nothing was changed.
    NotDone,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Successful, Self::WithProblems, Self::BackedOut, Self::NotDone];

    /// For people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Successful => "successful",
            Self::WithProblems => "with_problems",
            Self::BackedOut => "backed_out",
            Self::NotDone => "not_done",
        }
    }

    /// Whether what it was for is there.
    pub fn is_done(self) -> bool {
        match self {
            Self::Successful | Self::WithProblems => true,
            Self::BackedOut | Self::NotDone => false,
        }
    }
}

impl Practice {
    /// The plan that a change of the template begins with.
    pub fn plan(&self, assets: &TicketAssets, rules: &RiskRules) -> Plan {
        Plan {
            kind: self.kind,
            implementation: self.implementation.clone(),
            test: self.test.clone(),
            back_out: self.back_out.clone(),
            window: None,
            answers: vec![],
            risk: assess(&self.questions, &[], assets, rules),
            authors: vec![],
        }
    }

    /// A question by its id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.questions.iter().find(|it| it.id == id)
    }
}

impl Plan {
    /// What is missing before others are asked for their consent, each with what it is.
    pub fn missing(&self, questions: &[Question]) -> Vec<String> {
        let needs_all = self.kind == ChangeType::Normal;
        let texts = [
            ("implementation", &self.implementation, self.kind != ChangeType::Standard),
            ("back_out", &self.back_out, self.kind != ChangeType::Standard),
            ("test", &self.test, needs_all),
        ];
        let mut missing: Vec<String> = texts
            .iter()
            .filter(|(_, text, is_needed)| *is_needed && text.trim().is_empty())
            .map(|(name, ..)| (*name).to_owned())
            .collect();
        if needs_all && self.window.is_none() {
            missing.push("window".to_owned());
        }
        let answered = |id: &str| self.answers.iter().any(|(it, _)| it == id);
        let open = questions.iter().filter(|it| !answered(&it.id));
        missing.extend(open.map(|it| format!("answers.{}", it.id)));
        missing
    }

    /// Whether the same is planned, whoever planned it and whatever its risk. An emergency is agreed to for what is done:
    /// when that is, is found out afterwards.
    pub fn is_like(&self, other: &Self) -> bool {
        let window = |it: &Self| it.window.filter(|_| it.kind != ChangeType::Emergency);
        let material =
            |it: &Self| Self { risk: Risk::default(), authors: vec![], window: window(it), ..it.clone() };
        material(self) == material(other)
    }

    /// The same with one more who stands for it.
    #[must_use]
    pub fn by(mut self, author: &str) -> Self {
        if !self.authors.iter().any(|it| it == author) {
            self.authors.push(author.to_owned());
        }
        self
    }
}

/// The assets by which two changes collide: those of either that are the same as one of the other, or fail with it. What
/// fails with the assets of a change stands in its `reach`, the assets themselves among it.
pub fn common(
    (about, reach): (&[AssetId], &HashSet<AssetId>),
    (other_about, other_reach): (&[AssetId], &HashSet<AssetId>),
) -> Vec<AssetId> {
    let mut all: Vec<AssetId> = about.iter().copied().filter(|it| other_reach.contains(it)).collect();
    all.extend(other_about.iter().copied().filter(|it| reach.contains(it)));
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests;
