//! Whether a command may be carried out, and what happens then.

use super::{Command, Event, Passed, TaskRefusal, Ticket, Update};
use crate::domain::{
    approval,
    assignment::Because,
    lifecycle::{self, HoldReason, State},
};

/// Why a command may not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The life cycle has no such move.
    #[error("a ticket that is {} cannot become {}; now it may become {}", from.as_str(), to.as_str(), list(allowed))]
    NoSuchMove {
        /// Where it stands.
        from: State,
        /// Where it should go.
        to: State,
        /// Where it may go.
        allowed: Vec<State>,
    },
    /// On hold needs a reason.
    #[error("on hold needs a hold_reason")]
    NoHoldReason,
    /// Resolved needs a word on what was done.
    #[error("resolved needs a resolution: a line on what was done")]
    NoResolution,
    /// It is over; nothing changes any more.
    #[error("a ticket that is {} does not change any more", .0.as_str())]
    Over(State),
    /// It is there already.
    #[error("it already has that group and agent")]
    AlreadyThere,
    /// It is not offered to them, or no longer.
    #[error("it is not offered to `{0}`, or no longer; an agent may be given it by AssignTicket")]
    NotOffered(String),
    /// Its tasks do not allow it.
    #[error(transparent)]
    Task(#[from] TaskRefusal),
    /// The change changes nothing.
    #[error("nothing to change")]
    NothingToChange,
    /// Somebody must agree first.
    #[error("it waits for approval; the work begins when that is granted, by DecideApproval")]
    NotApproved,
    /// An approval cannot be decided like this.
    #[error(transparent)]
    Approval(#[from] approval::Refusal),
}

fn list(states: &[State]) -> String {
    if states.is_empty() {
        "nothing else".to_owned()
    } else {
        states.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", ")
    }
}

impl Ticket {
    /// Says what would happen. Changes nothing, and may refuse.
    pub fn decide(&self, command: Command, actor: &str) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Comment { text, internal, by_requester } => {
                self.comment(text, internal, by_requester, actor)
            }
            Command::Move { to, hold, resolution } => self.transition(to, hold, resolution, actor),
            Command::Assign { group, agent, because } => self.assign(group, agent, because),
            Command::Accept { agent } => self.accept(agent),
            Command::Decline { agent, reason } => {
                self.offered_to(&agent)?;
                Ok(vec![Event::Passed { passed: Passed { agent, declined: true }, reason }])
            }
            Command::Task { task, act, now } => self.act_on(&task, act, actor, now),
            Command::Update(update) => self.update(update),
        }
    }

    fn comment(
        &self,
        text: String,
        internal: bool,
        by_requester: bool,
        actor: &str,
    ) -> Result<Vec<Event>, Refusal> {
        if matches!(self.state, State::Closed | State::Cancelled) {
            return Err(Refusal::Over(self.state));
        }
        let said = Event::Commented { author: actor.to_owned(), text, internal, by_requester };
        // What the requester was asked for has come: the work goes on (the waiting was for them).
        let answered =
            by_requester && self.state == State::OnHold && self.hold == Some(HoldReason::Requester);
        let to = if self.agent.is_some() { State::InProgress } else { State::Assigned };
        let resumed =
            Event::Moved { from: self.state, to, hold: None, resolution: String::new(), by_requester };
        Ok(if answered { vec![said, resumed] } else { vec![said] })
    }

    fn transition(
        &self,
        to: State,
        hold: Option<HoldReason>,
        resolution: String,
        actor: &str,
    ) -> Result<Vec<Event>, Refusal> {
        if !lifecycle::table(self.kind).contains(&(self.state, to)) {
            let allowed = lifecycle::reachable(self.kind, self.state);
            return Err(Refusal::NoSuchMove { from: self.state, to, allowed });
        }
        if self.is_waiting_for_approval() && to != State::Cancelled {
            return Err(Refusal::NotApproved);
        }
        if to == State::OnHold && hold.is_none() {
            return Err(Refusal::NoHoldReason);
        }
        if to == State::Resolved && resolution.trim().is_empty() {
            return Err(Refusal::NoResolution);
        }
        let hold = hold.filter(|_| to == State::OnHold);
        let resolution = if to == State::Resolved { resolution } else { String::new() };
        let by_requester = actor == self.requester.subject;
        // Whoever needed it and is done with it needs nothing more.
        if to == State::Resolved && !by_requester {
            self.unfinished()?;
        }
        Ok(vec![Event::Moved { from: self.state, to, hold, resolution, by_requester }])
    }

    fn assign(
        &self,
        group: String,
        agent: Option<String>,
        because: Vec<Because>,
    ) -> Result<Vec<Event>, Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        if self.group == group && self.agent == agent {
            return Err(Refusal::AlreadyThere);
        }
        Ok(vec![Event::Assigned { group, agent, because }])
    }

    fn accept(&self, agent: String) -> Result<Vec<Event>, Refusal> {
        self.offered_to(&agent)?;
        let because = vec![Because::Accepted(agent.clone())];
        Ok(vec![Event::Assigned { group: self.group.clone(), agent: Some(agent), because }])
    }

    fn offered_to(&self, agent: &str) -> Result<(), Refusal> {
        match &self.offering.to {
            Some(it) if it.agent == agent => Ok(()),
            Some(_) | None => Err(Refusal::NotOffered(agent.to_owned())),
        }
    }

    fn update(&self, update: Update) -> Result<Vec<Event>, Refusal> {
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        if update == Update::default() {
            Err(Refusal::NothingToChange)
        } else {
            Ok(vec![Event::Updated(update)])
        }
    }
}
