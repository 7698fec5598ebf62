//! How satisfied the requester is with how their ticket ended. They are asked when the desk resolves it and not when it is
//! closed: what was done is fresh then, and who is not satisfied can still have it taken up again. Each ending is asked
//! about once, and only of who talks to the desk in chat.

use super::{Event, Refusal, Ticket, TicketKind};
use crate::domain::{approval::Notice, lifecycle::State, people::Person, time::Timestamp};

/// For so long after the first answer it can be changed, in milliseconds: 14 days.
const CHANGEABLE: i64 = 14 * 86_400_000;

/// The best score; the worst is 1.
pub const BEST: u8 = 5;

/// What is known of how satisfied the requester is with the last ending that they were asked about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Survey {
    /// Which ending: so often the ticket had been taken up again by then.
    pub ending: u32,
    /// When they were asked, and how many messages their conversation had by then.
    pub asked: Option<(Timestamp, u32)>,
    /// What they said.
    pub rating: Option<Rating>,
}

/// How satisfied they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rating {
    /// From 1, not at all, to 5, very.
    pub score: u8,
    /// In their words, if they said more.
    pub comment: String,
    /// When they said so first.
    pub first: Timestamp,
    /// When they said so last.
    pub last: Timestamp,
}

/// Something happened to a survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Surveyed {
    /// The requester is asked.
    Asked {
        /// About which ending.
        ending: u32,
        /// Messages of their conversation by then.
        turns: u32,
        /// What they are asked.
        notice: Notice,
    },
    /// They answered.
    Rated {
        /// From 1 to 5.
        score: u8,
        /// In their words.
        comment: String,
    },
}

/// Why an answer does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unrated {
    /// Another one has the ticket.
    #[error("only the requester says how satisfied they are")]
    NotTheirs,
    /// It has not ended.
    #[error("a ticket that is {} is not rated; it can be when it is resolved", .0.as_str())]
    NotEnded(State),
    /// They said it long ago.
    #[error("the answer was given more than 14 days ago and stays as it is")]
    TooLate,
}

impl Ticket {
    /// What is known of the ending that it is at, if it has ended and anything is known.
    pub fn survey_of_this_ending(&self) -> Option<&Survey> {
        let has_ended = matches!(self.state, State::Resolved | State::Closed);
        self.survey.as_deref().filter(|it| has_ended && it.ending == self.course.reopens)
    }

    /// Whether its requester may be asked about the ending that it is at.
    pub fn may_be_asked_about(&self) -> bool {
        self.state == State::Resolved
            && self.kind != TicketKind::Problem
            && self.conversation.is_some()
            && self.ties.survivor().is_none()
            && self.survey_of_this_ending().is_none()
    }

    /// When its requester was last asked.
    pub fn survey_asked(&self) -> Option<Timestamp> {
        self.survey.as_ref()?.asked.map(|it| it.0)
    }

    /// Whether its requester may say now how satisfied they are.
    pub fn may_be_rated(&self, now: Timestamp) -> Result<(), Unrated> {
        let has_ended = matches!(self.state, State::Resolved | State::Closed);
        if !has_ended || self.ties.survivor().is_some() {
            return Err(Unrated::NotEnded(self.state));
        }
        let before = self.survey_of_this_ending().and_then(|it| it.rating.as_ref());
        if before.is_some_and(|it| CHANGEABLE < now.0 - it.first.0) { Err(Unrated::TooLate) } else { Ok(()) }
    }

    pub(super) fn rate(
        &self,
        by: &Person,
        (score, comment): (u8, String),
        now: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if *by != self.requester {
            return Err(Unrated::NotTheirs.into());
        }
        self.may_be_rated(now)?;
        let before = self.survey_of_this_ending().and_then(|it| it.rating.as_ref());
        if before.is_some_and(|it| it.score == score && it.comment == comment) {
            return Ok(vec![]);
        }
        Ok(vec![Event::Surveyed(Box::new(Surveyed::Rated { score, comment }))])
    }

    pub(super) fn take_survey(&mut self, happened: &Surveyed, at: Timestamp) {
        match happened {
            Surveyed::Asked { ending, turns, .. } => {
                let asked = Some((at, *turns));
                self.survey = Some(Box::new(Survey { ending: *ending, asked, rating: None }));
            }
            Surveyed::Rated { score, comment } => {
                let mut survey = self.survey_of_this_ending().cloned().unwrap_or_default();
                survey.ending = self.course.reopens;
                let first = survey.rating.map_or(at, |it| it.first);
                survey.rating = Some(Rating { score: *score, comment: comment.clone(), first, last: at });
                self.survey = Some(Box::new(survey));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ticket::{Command, tests::ticket};

    const DAY: i64 = 86_400_000;

    fn rate(ticket: &Ticket, score: u8, day: i64) -> Result<Ticket, Refusal> {
        let (by, comment) = (ticket.requester.clone(), String::new());
        let now = Timestamp(day * DAY);
        let events = ticket.decide(Command::Rate { by, score, comment, now }, "bot")?;
        Ok(events.iter().fold(ticket.clone(), |it, event| it.apply(event, now)))
    }

    #[test]
    fn an_answer_is_replaced_within_fourteen_days_and_stays_then() {
        let open = ticket();
        assert_eq!(rate(&open, 5, 1), Err(Unrated::NotEnded(open.state).into()));
        let resolved = Ticket { state: State::Resolved, ..open };
        let rated = rate(&rate(&resolved, 2, 1).unwrap(), 4, 15).unwrap();
        let rating = rated.survey_of_this_ending().unwrap().rating.clone().unwrap();
        assert_eq!((rating.score, rating.first, rating.last), (4, Timestamp(DAY), Timestamp(15 * DAY)));
        assert_eq!(rate(&rated, 1, 16), Err(Unrated::TooLate.into()));
        // Another ending is another matter.
        let mut again = rated.clone();
        again.course.reopens += 1;
        assert_eq!(again.survey_of_this_ending(), None);
        assert_eq!(rate(&again, 1, 16).unwrap().survey.unwrap().rating.unwrap().score, 1);
        let closed = Ticket { state: State::Closed, ..rated };
        assert_eq!(rate(&closed, 4, 15).unwrap(), closed, "the same again is nothing new");
    }

    #[test]
    fn nobody_elses_answer_counts() {
        let resolved = Ticket { state: State::Resolved, ..ticket() };
        let by = Person { subject: "somebody else".to_owned(), ..resolved.requester.clone() };
        let rate = Command::Rate { by, score: 1, comment: String::new(), now: Timestamp(0) };
        assert_eq!(resolved.decide(rate, "bot"), Err(Unrated::NotTheirs.into()));
    }
}
