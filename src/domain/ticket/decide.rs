//! Whether a command may be carried out, and what happens then.

use super::{
    AssetKnot, Command, Event, Knot, MoveTo, Moved, Passed, TaskRefusal, Ticket, TicketKind, Tie,
    Undiagnosed, Unplanned, Unrated, Update,
};
use crate::domain::{
    approval,
    assignment::Because,
    lifecycle::{self, CancelReason, HoldReason, State, Who},
};

/// Why a command may not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The life cycle has no such move, or not for them.
    #[error(
        "a ticket that is {} cannot become {}{}; now it may become {}",
        from.as_str(), to.as_str(), only(others), list(allowed)
    )]
    NoSuchMove {
        /// Where it stands.
        from: State,
        /// Where it should go.
        to: State,
        /// Where they may move it.
        allowed: Vec<State>,
        /// Who may make the move, if anybody may.
        others: &'static [Who],
    },
    /// On hold needs a reason.
    #[error("on hold needs a hold_reason")]
    NoHoldReason,
    /// A question to the requester needs the question, and what was resolved is not taken up without a word.
    #[error("{0}")]
    NoComment(&'static str),
    /// Cancelled needs a reason.
    #[error("cancelled needs a cancel_reason")]
    NoCancelReason,
    /// Resolved needs a word on what was done.
    #[error("resolved needs a resolution: a line on what was done")]
    NoResolution,
    /// It is over; nothing changes any more.
    #[error("a ticket that is {} does not change any more", .0.as_str())]
    Over(State),
    /// Another ticket has taken its place.
    #[error("{number} was merged into {survivor}, which has its place now")]
    Merged {
        /// Its number.
        number: String,
        /// The survivor's.
        survivor: String,
    },
    /// It is not over yet, so nothing can follow it.
    #[error("{0} is not closed: comment on it, or reopen it if it is resolved")]
    NotOver(String),
    /// What is to be tied to it cannot be, or not be untied.
    #[error(transparent)]
    Tie(#[from] Knot),
    /// An asset cannot be linked to it, or not be unlinked.
    #[error(transparent)]
    Asset(#[from] AssetKnot),
    /// It is there already.
    #[error("it already has that group and agent")]
    AlreadyThere,
    /// It is not offered to them, or no longer.
    #[error("it is not offered to `{0}`, or no longer; an agent may be given it by AssignTicket")]
    NotOffered(String),
    /// Its tasks do not allow it.
    #[error(transparent)]
    Task(#[from] TaskRefusal),
    /// A problem is not known like this.
    #[error(transparent)]
    Undiagnosed(#[from] Undiagnosed),
    /// A change does not go on like this.
    #[error(transparent)]
    Unplanned(#[from] Unplanned),
    /// How satisfied somebody is does not count.
    #[error(transparent)]
    Unrated(#[from] Unrated),
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

fn only(others: &[Who]) -> String {
    if others.is_empty() {
        return String::new();
    }
    format!(" for you, only for: {}", others.iter().map(|it| it.as_str()).collect::<Vec<_>>().join(", "))
}

impl Ticket {
    /// Says what would happen. Changes nothing, and may refuse.
    pub fn decide(&self, command: Command, actor: &str) -> Result<Vec<Event>, Refusal> {
        if !matches!(command, Command::Tie(Tie::Detach { .. })) {
            self.stands_alone()?;
        }
        match command {
            Command::Comment { text, internal, by_requester } => {
                self.comment(text, internal, by_requester, actor)
            }
            Command::Move(it) => self.transition(*it, actor),
            Command::Assign { group, agent, because } => self.assign(group, agent, because),
            Command::Accept { agent } => self.accept(agent),
            Command::Decline { agent, reason } => {
                self.offered_to(&agent)?;
                Ok(vec![Event::Passed { passed: Passed { agent, declined: true }, reason }])
            }
            Command::Task { task, act, now } => self.act_on(&task, act, actor, now),
            Command::Update(update) => self.update(update),
            Command::Assets(_) if !self.state.is_open() => Err(Refusal::Over(self.state)),
            Command::Assets(assets) => Ok(vec![Event::AssetsChanged(*assets)]),
            Command::Diagnose(diagnosis) => {
                self.may_be_diagnosed(&diagnosis)?;
                Ok(vec![Event::Diagnosed(diagnosis)])
            }
            Command::Plan(plan) => self.plan(*plan),
            Command::Submit => self.submit(actor),
            Command::Schedule(scheduled) => self.schedule(*scheduled),
            Command::Review(review) => self.review(*review),
            Command::Rate { by, score, comment, now } => self.rate(&by, (score, comment), now),
            Command::Tie(tie) => self.tie(tie, actor == self.requester.subject),
        }
    }

    /// Refuses what is to be done with the ticket that took its place.
    pub(super) fn stands_alone(&self) -> Result<(), Refusal> {
        self.ties.survivor().map_or(Ok(()), |link| {
            let (number, survivor) = (self.number.clone(), link.number.clone());
            Err(Refusal::Merged { number, survivor })
        })
    }

    fn comment(
        &self,
        text: String,
        internal: bool,
        by_requester: bool,
        actor: &str,
    ) -> Result<Vec<Event>, Refusal> {
        if self.is_over() {
            return Err(Refusal::Over(self.state));
        }
        let said = Event::Commented { author: actor.to_owned(), text, internal, by_requester, carried: None };
        // What the requester was asked for has come: the work goes on (the waiting was for them). A change that was begun
        // goes on when the calendar lets somebody take it up.
        let answered = by_requester && self.asks_the_requester() && !self.is_in_calendar();
        let resumed = || Event::Moved(Moved { by_requester, ..Moved::new(self.state, self.at_work()) });
        Ok(if answered { vec![said, resumed()] } else { vec![said] })
    }

    /// Whether it is on hold for an answer of the requester.
    pub fn asks_the_requester(&self) -> bool {
        self.state == State::OnHold && self.hold == Some(HoldReason::Requester)
    }

    /// The state of a ticket that goes on after it was on hold.
    pub fn at_work(&self) -> State {
        let is_worked_on =
            if self.kind == TicketKind::Change { self.is_in_calendar() } else { self.agent.is_some() };
        if is_worked_on { State::InProgress } else { State::Assigned }
    }

    fn transition(&self, it: MoveTo, actor: &str) -> Result<Vec<Event>, Refusal> {
        let (from, to) = (self.state, it.to);
        let others = lifecycle::movers(self.kind, from, to);
        if !others.contains(&it.who) {
            let allowed = lifecycle::reachable(self.kind, from, it.who);
            return Err(Refusal::NoSuchMove { from, to, allowed, others });
        }
        if self.is_waiting_for_approval() && to != State::Cancelled {
            return Err(Refusal::NotApproved);
        }
        self.may_change(to)?;
        let cancel = it.cancel.or((it.who == Who::Requester).then_some(CancelReason::Withdrawn));
        self.says_enough(&it, cancel)?;
        let by_requester = it.who == Who::Requester || actor == self.requester.subject;
        // Whoever needed it and is done with it needs nothing more.
        if to == State::Resolved && it.who != Who::Requester {
            self.unfinished()?;
            self.is_explained(it.code)?;
        }
        let asks = to == State::OnHold && it.hold == Some(HoldReason::Requester);
        let question = if asks { it.comment.clone() } else { String::new() };
        let said = (!it.comment.trim().is_empty()).then(|| Event::Commented {
            author: actor.to_owned(),
            text: it.comment,
            internal: false,
            by_requester,
            carried: None,
        });
        let is = |state| to == state;
        let moved = Moved {
            hold: it.hold.filter(|_| is(State::OnHold)),
            until: it.until.filter(|_| is(State::OnHold)),
            resolution: if is(State::Resolved) { it.resolution } else { String::new() },
            code: it.code.filter(|_| is(State::Resolved)),
            cancel: cancel.filter(|_| is(State::Cancelled)),
            by_requester,
            question,
            ..Moved::new(from, to)
        };
        Ok(said.into_iter().chain([Event::Moved(moved)]).collect())
    }

    /// Whether all is said that a move needs.
    fn says_enough(&self, it: &MoveTo, cancel: Option<CancelReason>) -> Result<(), Refusal> {
        let is_silent = it.comment.trim().is_empty();
        match it.to {
            State::OnHold if it.hold.is_none() => Err(Refusal::NoHoldReason),
            State::OnHold if it.hold == Some(HoldReason::Requester) && is_silent => {
                Err(Refusal::NoComment("on hold for the requester needs a comment: what they are asked for"))
            }
            State::Resolved if it.resolution.trim().is_empty() => Err(Refusal::NoResolution),
            State::Cancelled if cancel.is_none() => Err(Refusal::NoCancelReason),
            to if to.is_open() && self.state == State::Resolved && is_silent => {
                Err(Refusal::NoComment("reopening needs a comment: what is not solved"))
            }
            State::New
            | State::WaitingApproval
            | State::Assigned
            | State::Analysing
            | State::Scheduled
            | State::InProgress
            | State::OnHold
            | State::Resolved
            | State::Closed
            | State::Cancelled => Ok(()),
        }
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
