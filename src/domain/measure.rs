//! How well the desk does: what is measured of tickets, what a value counts for, and exact figures of many values (ITIL
//! 4, measurement and reporting practice; service desk practice). All of it follows from the history, so it can be
//! reckoned again at any time, and gives the same.
//!
//! Every value is a small whole number on one day: seconds for times, 0 or 1 for shares, 1 to 5 for satisfaction. Days
//! are those of UTC. A time counts on the day on which it ended, so a month that is over changes only when a ticket is
//! reopened that was resolved in it: then its resolution is taken away again.
//!
//! What counts: every ticket that was opened, also one that was split off another or goes on from one. A ticket that was
//! merged into another or cancelled was opened, and perhaps answered, but it was never resolved, and has missed and
//! kept nothing since. Times are seconds by the wall clock, nights and holidays included. The same times are measured a
//! second time in working seconds: those that lie in the hours of the calendar of the SLA policy under which the ticket was
//! at that moment, by the catalogue of that moment; the event carries them. A ticket without such a calendar, or an event
//! of a program that did not write them yet, has none. What a ticket waited for is in both.

mod cell;
mod figures;
mod life;
mod reading;
mod values;

pub use self::{
    cell::{Broken, Cell, Change},
    figures::Figures,
    life::{Goal, Life, Mark, Moment, Names, Opened, Rated, Resolved, Step, TicketLife},
    reading::Help,
    values::{About, Filter, Value, changes, day_of, month_of},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Tickets that were opened, on that day.
    Opened,
    /// Seconds until somebody of the desk first did something about a ticket: took it, began, or said something. That a
    /// machine gave it to them is nothing that they did.
    Acknowledge,
    /// Seconds until the requester first had an answer, or work began.
    Respond,
    /// Seconds until the last resolution.
    Resolve,
    /// `Acknowledge` in working seconds.
    AcknowledgeWorking,
    /// `Respond` in working seconds.
    RespondWorking,
    /// `Resolve` in working seconds.
    ResolveWorking,
    /// Share of resolved tickets that whoever had them first resolved without a hand-over, without waiting for anything
    /// or anybody (on hold, for consent, for the window of a change), and for good: first contact resolution (HDI,
    /// support center standard; ITIL 4, incident management). One that the requester closed as solved is in neither part.
    FirstContact,
    /// How often a resolved ticket had gone to another group, or to another agent of the same one.
    Reassignments,
    /// Resolutions that did not hold, on the day on which the ticket was taken up again.
    Reopened,
    /// Share of first answers that came in the time promised, by when they were due.
    ResponseMet,
    /// Share of resolutions that came in the time promised, by when they were due.
    ResolutionMet,
    /// Share of what an article solved in a conversation, so that no ticket came of it, among that and the tickets opened.
    /// It counts on the day on which the employee said that it helped, and no more once a ticket is opened in the same
    /// conversation within 24 hours; each article once in a conversation. What agents say, or a bot outside of a
    /// conversation, counts for the article and not here. Articles are nobody's, so this has no service, group or template.
    Knowledge,
    /// Share of tickets from messages that were routed without asking anybody.
    Automatic,
    /// Share of those that a person sent to another group later, on the day on which they were routed.
    AutomaticError,
    /// How satisfied requesters were, 1 to 5: for each ending of a ticket what they said last, on the day on which they
    /// first said so.
    Satisfaction,
}

/// What a measure's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// Each is one: how many matters.
    Count,
    /// Seconds.
    Seconds,
    /// Yes is 1, no is 0.
    Share,
    /// How often.
    Times,
    /// From 1 to 5.
    Score,
}

/// Which values of a measure are the good ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// The lower the better.
    Lower,
    /// The higher the better.
    Higher,
}

impl Measure {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Opened,
        Self::Acknowledge,
        Self::Respond,
        Self::Resolve,
        Self::AcknowledgeWorking,
        Self::RespondWorking,
        Self::ResolveWorking,
        Self::FirstContact,
        Self::Reassignments,
        Self::Reopened,
        Self::ResponseMet,
        Self::ResolutionMet,
        Self::Knowledge,
        Self::Automatic,
        Self::AutomaticError,
        Self::Satisfaction,
    ];

    /// As reports, commands and the database write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Acknowledge => "acknowledge",
            Self::Respond => "respond",
            Self::Resolve => "resolve",
            Self::AcknowledgeWorking => "acknowledge_working",
            Self::RespondWorking => "respond_working",
            Self::ResolveWorking => "resolve_working",
            Self::FirstContact => "first_contact",
            Self::Reassignments => "reassignments",
            Self::Reopened => "reopened",
            Self::ResponseMet => "response_met",
            Self::ResolutionMet => "resolution_met",
            Self::Knowledge => "knowledge",
            Self::Automatic => "automatic",
            Self::AutomaticError => "automatic_error",
            Self::Satisfaction => "satisfaction",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }

    /// What its values are.
    pub fn nature(self) -> Nature {
        match self {
            Self::Opened | Self::Reopened => Nature::Count,
            Self::Acknowledge
            | Self::Respond
            | Self::Resolve
            | Self::AcknowledgeWorking
            | Self::RespondWorking
            | Self::ResolveWorking => Nature::Seconds,
            Self::FirstContact
            | Self::ResponseMet
            | Self::ResolutionMet
            | Self::Knowledge
            | Self::Automatic
            | Self::AutomaticError => Nature::Share,
            Self::Reassignments => Nature::Times,
            Self::Satisfaction => Nature::Score,
        }
    }

    /// Which of its values are the good ones.
    pub fn better(self) -> Better {
        match self {
            Self::Opened
            | Self::Acknowledge
            | Self::Respond
            | Self::Resolve
            | Self::AcknowledgeWorking
            | Self::RespondWorking
            | Self::ResolveWorking
            | Self::Reassignments
            | Self::Reopened
            | Self::AutomaticError => Better::Lower,
            Self::FirstContact
            | Self::ResponseMet
            | Self::ResolutionMet
            | Self::Knowledge
            | Self::Automatic
            | Self::Satisfaction => Better::Higher,
        }
    }

    /// Whether its values have a service, a group, a template and a kind.
    pub fn is_told_apart(self) -> bool {
        self != Self::Knowledge
    }
}

#[cfg(test)]
mod tests;
