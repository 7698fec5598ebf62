//! What a life counts for: the values of every measure, each with its day and what it is about.

use std::{collections::BTreeMap, sync::Arc};

use super::{Change, Goal, Life, Mark, Measure, TicketLife};
use crate::domain::{sla, ticket::TicketKind, time::Timestamp};

/// What a value counts for: a measure, a day, and what the ticket was about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct About {
    /// Which measure.
    pub measure: Measure,
    /// Which day: so many after 1970-01-01, of UTC.
    pub day: i32,
    /// Id of the service; empty where there is none.
    pub service: Arc<str>,
    /// Id of the group that had the ticket when it happened.
    pub group: Arc<str>,
    /// Id of the template.
    pub template: Arc<str>,
    /// Which practice.
    pub kind: Option<TicketKind>,
}

/// Which tickets are measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this service.
    pub service: Option<String>,
    /// Only what this group had.
    pub group: Option<String>,
    /// Only of this template.
    pub template: Option<String>,
    /// Only of this kind.
    pub kind: Option<TicketKind>,
}

/// One value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// What it counts for.
    pub about: About,
    /// How much.
    pub amount: u32,
}

/// The day that a time is on: so many after 1970-01-01, of UTC.
pub fn day_of(at: Timestamp) -> i32 {
    i32::try_from(at.second().div_euclid(86_400)).unwrap_or(i32::MAX)
}

/// The first day of the month that a day is in, in the same count.
pub fn month_of(day: i32) -> i32 {
    let at = Timestamp::from_second(i64::from(day) * 86_400);
    day - i32::from(at.date().day()) + 1
}

/// How the values of lives differ after something happened.
pub fn changes<'a>(
    before: impl IntoIterator<Item = &'a Life>,
    after: impl IntoIterator<Item = &'a Life>,
) -> BTreeMap<About, Change> {
    let mut changes: BTreeMap<About, Change> = BTreeMap::new();
    let mut note = |life: &Life, more: i64| {
        life.values(&mut |it: Value| {
            *changes.entry(it.about).or_default().entry(it.amount).or_default() += more;
        });
    };
    before.into_iter().for_each(|it| note(it, -1));
    after.into_iter().for_each(|it| note(it, 1));
    for change in changes.values_mut() {
        change.retain(|_, more| *more != 0);
    }
    changes.retain(|_, change| !change.is_empty());
    changes
}

impl Life {
    /// Gives all values that it counts for.
    pub fn values(&self, give: &mut impl FnMut(Value)) {
        match self {
            Self::Ticket(life) => life.values(give),
            Self::Reading(helps) => {
                helps.iter().filter(|it| !it.in_vain).for_each(|it| give(knowledge(it.at, 1)));
            }
        }
    }
}

impl TicketLife {
    fn values(&self, give: &mut impl FnMut(Value)) {
        let since = |mark: &Mark| {
            u32::try_from((mark.at.second() - self.opened.at.second()).max(0)).unwrap_or(u32::MAX)
        };
        let mut value = |measure, mark: &Mark, amount: u32| give(self.value(measure, mark, amount));
        value(Measure::Opened, &self.opened, 1);
        if let Some(automatic) = self.automatic {
            value(Measure::Automatic, &self.opened, automatic.into());
            if automatic {
                value(Measure::AutomaticError, &self.opened, self.rerouted.into());
            }
        }
        let times = [
            (Measure::Acknowledge, Measure::AcknowledgeWorking, self.acknowledged.as_ref()),
            (Measure::Respond, Measure::RespondWorking, self.responded.as_ref()),
            (Measure::Resolve, Measure::ResolveWorking, self.resolved.as_ref().map(|it| &it.mark)),
        ];
        for (by_the_wall, by_hours, mark) in times {
            let Some(mark) = mark else { continue };
            value(by_the_wall, mark, since(mark));
            if let Some(worked) = mark.worked {
                value(by_hours, mark, worked);
            }
        }
        if let Some(it) = &self.resolved {
            value(Measure::Reassignments, &it.mark, self.reassigned);
            if it.by_desk {
                value(Measure::FirstContact, &it.mark, self.is_first_contact().into());
            }
        }
        for mark in &self.reopened {
            value(Measure::Reopened, mark, 1);
        }
        for it in &self.ratings {
            value(Measure::Satisfaction, &it.mark, it.score.into());
        }
        self.goals.iter().filter_map(|it| self.kept(it)).for_each(&mut *give);
        // No article takes the place of a problem or a change.
        if matches!(self.kind, TicketKind::Incident | TicketKind::Request) {
            give(knowledge(self.opened.at, 0));
        }
    }

    /// Whether a goal was met, of those that are measured.
    fn kept(&self, Goal { goal, met, mark }: &Goal) -> Option<Value> {
        let measure = match goal {
            sla::Goal::Response => Measure::ResponseMet,
            sla::Goal::Resolution => Measure::ResolutionMet,
            sla::Goal::NextResponse | sla::Goal::Update | sla::Goal::Ola | sla::Goal::Contract => {
                return None;
            }
        };
        Some(self.value(measure, mark, (*met).into()))
    }

    fn value(&self, measure: Measure, mark: &Mark, amount: u32) -> Value {
        let about = About {
            measure,
            day: day_of(mark.at),
            service: Arc::clone(&self.service),
            group: Arc::clone(&mark.group),
            template: Arc::clone(&self.template),
            kind: Some(self.kind),
        };
        Value { about, amount }
    }
}

/// Somebody had a question: an article answered it, or a ticket was opened.
fn knowledge(at: Timestamp, amount: u32) -> Value {
    let nobody: Arc<str> = "".into();
    let about = About {
        measure: Measure::Knowledge,
        day: day_of(at),
        service: Arc::clone(&nobody),
        group: Arc::clone(&nobody),
        template: nobody,
        kind: None,
    };
    Value { about, amount }
}
