//! How a ticket's life has gone, beyond the state that it is in.

use crate::domain::{
    lifecycle::{CancelReason, HoldReason, ResolutionCode, State},
    time::Timestamp,
};

/// How a ticket's life has gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// On hold until then; the desk goes on by itself.
    pub resume: Option<Timestamp>,
    /// In what way it was resolved, if that was said.
    pub code: Option<ResolutionCode>,
    /// Why it was cancelled.
    pub cancel: Option<CancelReason>,
    /// How often it was taken up again after it had been resolved.
    pub reopens: u32,
    /// What the requester is asked for, while it is on hold for their answer; empty otherwise.
    pub question: String,
    /// Since when as many feel it as do now; since it was opened, if that never changed. Of a change that was resolved and
    /// taken up again, since then at least.
    pub impact_since: Option<Timestamp>,
}

/// A move that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// Why it waits.
    pub hold: Option<HoldReason>,
    /// Until when it waits at most.
    pub until: Option<Timestamp>,
    /// What was done.
    pub resolution: String,
    /// In what way it was resolved.
    pub code: Option<ResolutionCode>,
    /// Why it was cancelled.
    pub cancel: Option<CancelReason>,
    /// The requester moved it, which is no answer to them.
    pub by_requester: bool,
    /// What the requester is asked for, if it waits for their answer.
    pub question: String,
}

impl Moved {
    /// A move with nothing said about it.
    pub fn new(from: State, to: State) -> Self {
        Self {
            from,
            to,
            hold: None,
            until: None,
            resolution: String::new(),
            code: None,
            cancel: None,
            by_requester: false,
            question: String::new(),
        }
    }
}

impl Course {
    /// Goes on by a move.
    pub(super) fn go(&mut self, moved: &Moved) {
        if moved.from == State::Resolved && moved.to.is_open() {
            self.reopens = self.reopens.saturating_add(1);
        }
        self.resume = moved.until.filter(|_| moved.to == State::OnHold);
        self.question.clone_from(&moved.question);
        match moved.to {
            State::Resolved => self.code = moved.code,
            State::Closed => {}
            State::Cancelled => (self.code, self.cancel) = (None, moved.cancel),
            State::New
            | State::WaitingApproval
            | State::Assigned
            | State::Analysing
            | State::Scheduled
            | State::InProgress
            | State::OnHold => self.code = None,
        }
    }
}
