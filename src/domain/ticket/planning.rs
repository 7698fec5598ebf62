//! The life of a change beyond that of any ticket: planned, submitted, scheduled, reviewed.

use super::{Event, Moved, Refusal, Ticket, TicketKind};
use crate::domain::{
    approval::Outcome as Consent,
    change::{ChangeType, Plan, Review, RiskLevel, Scheduled, Span},
    field::FieldValue,
    id::AssetId,
    lifecycle::{self, State, Who},
    template::{Values, set},
    time::Timestamp,
};

/// Id of the field by which steps of an approval ask for the risk of a change.
pub const RISK: &str = "risk";

/// Why a change does not go on like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unplanned {
    /// It is another kind of ticket.
    #[error("{0} is no change; only a change has a plan and a window: open one with OpenChange")]
    NoChange(String),
    /// Not all is planned.
    #[error("the plan is not complete; missing are {}: say them with PlanChange", .0.join(", "))]
    Incomplete(Vec<String>),
    /// It was agreed to like this.
    #[error("it is {} as it was agreed to; take it back to assigned to plan it anew", .0.as_str())]
    AsAgreed(State),
    /// Somebody must agree first.
    #[error("nobody has agreed to it as it is planned now; SubmitChange asks for consent")]
    NotAgreed,
    /// It has no place in the calendar.
    #[error("nobody carries out what is not scheduled; ScheduleChange does that")]
    NotScheduled,
    /// It is not its time.
    #[error(
        "it is not carried out now: {0}; plan another window, or let a manager begin it who says why in `comment`"
    )]
    NotNow(String),
    /// It is more risky than what was agreed to.
    #[error("its risk is {} now, and {} was agreed to; SubmitChange asks for consent anew", now.as_str(), agreed.as_str())]
    Riskier {
        /// What was agreed to.
        agreed: RiskLevel,
        /// What it is now.
        now: RiskLevel,
    },
    /// Another one would get assets that nobody has agreed to.
    #[error("{number} is {} as it was agreed to, and would get other assets; take it back to assigned first, or link the two", state.as_str())]
    OtherAsAgreed {
        /// Its number.
        number: String,
        /// Where it stands.
        state: State,
    },
    /// What was begun is brought to an end.
    #[error("it was begun: resolve it, and say in its review how it went")]
    Begun,
    /// Consent is asked for by another call.
    #[error("SubmitChange asks for consent to a change")]
    BySubmitting,
    /// Its time has passed.
    #[error("the window {0}; plan another one with PlanChange")]
    Past(&'static str),
    /// It may not be carried out then.
    #[error("{0}")]
    Barred(String),
    /// Others change the same at the same time.
    #[error("it collides with {}; choose another window, or accept each by its number in accept_collisions", .0.join(", "))]
    Collides(Vec<String>),
    /// Nobody has looked back on it.
    #[error("a {} change is closed with its review, by ReviewChange", .0.as_str())]
    Unreviewed(ChangeType),
}

impl Ticket {
    /// Whether it is a change that has its place in the calendar, and is not over.
    pub fn is_in_calendar(&self) -> bool {
        self.state.is_open() && self.change.as_ref().is_some_and(|it| it.scheduled.is_some())
    }

    /// The time for which a change in the calendar has its assets to itself; see `Record::occupied`.
    pub fn occupied(&self, now: Timestamp) -> Option<Span> {
        self.change.as_ref().filter(|_| self.is_in_calendar())?.occupied(now)
    }

    /// Since when it is carried out beyond its window, if it is.
    pub fn overruns(&self, now: Timestamp) -> Option<Timestamp> {
        self.change.as_ref().filter(|_| self.is_in_calendar())?.overruns(now)
    }

    /// Whether it is a change to which somebody must still agree as it is planned now.
    pub fn awaits_consent(&self) -> bool {
        let needs = self.change.as_ref().is_some_and(|it| it.plan.kind != ChangeType::Standard);
        needs && !self.is_agreed()
    }

    /// The assets that it is about.
    pub fn about(&self) -> Vec<AssetId> {
        let mut all: Vec<_> =
            self.assets.links.iter().filter(|it| it.how.is_about()).map(|it| it.asset).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What decides which steps of an approval are needed: its fields, and of a change its risk.
    pub fn consent_values(&self) -> Values {
        let mut values = self.fields.clone();
        if let Some(change) = &self.change {
            let level = change.plan.risk.level.as_str().to_owned();
            set(&mut values, RISK, FieldValue::Choice(level));
        }
        values
    }

    /// How risky a change is.
    pub fn risk(&self) -> RiskLevel {
        self.change.as_ref().map_or_else(RiskLevel::default, |it| it.plan.risk.level)
    }

    /// Whether this change is planned as it was before, whatever its risk.
    pub fn is_agreed_like(&self, before: &Self) -> bool {
        let plan = |it: &Self| it.change.as_ref().map(|it| it.plan.clone()).unwrap_or_default();
        plan(self).is_like(&plan(before)) && self.about() == before.about() && self.fields == before.fields
    }

    /// Whether all have agreed who must.
    pub fn is_agreed(&self) -> bool {
        let ending = self.approval.as_ref().and_then(|it| it.ending.as_ref());
        ending.is_some_and(|it| matches!(it.outcome, Consent::Granted | Consent::NotNeeded))
    }

    pub(super) fn plan(&self, plan: Plan) -> Result<Vec<Event>, Refusal> {
        self.as_change()?;
        if !self.state.is_open() {
            return Err(Refusal::Over(self.state));
        }
        if self.is_in_calendar() {
            return Err(Unplanned::AsAgreed(self.state).into());
        }
        Ok(vec![Event::Planned(Box::new(plan))])
    }

    /// Whether it is a change, and of which type.
    pub fn as_change(&self) -> Result<ChangeType, Refusal> {
        let kind = self.change.as_ref().map(|it| it.plan.kind);
        kind.ok_or_else(|| Unplanned::NoChange(self.number.clone()).into())
    }

    /// Whoever submits a plan stands for it.
    pub(super) fn submit(&self, actor: &str) -> Result<Vec<Event>, Refusal> {
        self.as_change()?;
        self.may_go(State::WaitingApproval)?;
        let plan =
            self.change.as_ref().map(|it| &it.plan).filter(|it| !it.authors.iter().any(|it| it == actor));
        let planned = plan.map(|it| Event::Planned(Box::new(it.clone().by(actor))));
        let moved = Event::Moved(Moved::new(self.state, State::WaitingApproval));
        Ok(planned.into_iter().chain([moved]).collect())
    }

    /// Whether it is a change that could have its place in the calendar, whatever stands against its window; and of which
    /// type.
    pub fn may_be_scheduled(&self) -> Result<ChangeType, Refusal> {
        let kind = self.as_change()?;
        self.may_go(State::Scheduled)?;
        if self.awaits_consent() { Err(Unplanned::NotAgreed.into()) } else { Ok(kind) }
    }

    pub(super) fn schedule(&self, scheduled: Scheduled) -> Result<Vec<Event>, Refusal> {
        self.may_be_scheduled()?;
        let moved = Event::Moved(Moved::new(self.state, State::Scheduled));
        Ok(vec![Event::Scheduled(Box::new(scheduled)), moved])
    }

    pub(super) fn review(&self, review: Review) -> Result<Vec<Event>, Refusal> {
        self.as_change()?;
        self.may_go(State::Closed)?;
        Ok(vec![Event::Reviewed(Box::new(review)), Event::Moved(Moved::new(self.state, State::Closed))])
    }

    fn may_go(&self, to: State) -> Result<(), Refusal> {
        let (from, who) = (self.state, Who::System);
        let others = lifecycle::movers(self.kind, from, to);
        if others.contains(&who) {
            return Ok(());
        }
        let allowed = lifecycle::reachable(self.kind, from, who);
        Err(Refusal::NoSuchMove { from, to, allowed, others })
    }

    /// Whether a change may be moved like any ticket. What needs more than a word has a call of its own.
    pub(super) fn may_change(&self, to: State) -> Result<(), Refusal> {
        let Some(change) = self.change.as_ref().filter(|_| self.kind == TicketKind::Change) else {
            return Ok(());
        };
        let kind = change.plan.kind;
        let refusal = match to {
            State::Scheduled => Some(Unplanned::NotScheduled),
            State::InProgress if change.scheduled.is_none() => Some(Unplanned::NotScheduled),
            State::Resolved if !self.is_in_calendar() => Some(Unplanned::NotScheduled),
            State::Assigned | State::Cancelled if change.begun.is_some() => Some(Unplanned::Begun),
            State::WaitingApproval => Some(Unplanned::BySubmitting),
            State::Closed if change.review.is_none() && kind != ChangeType::Standard => {
                Some(Unplanned::Unreviewed(kind))
            }
            State::New
            | State::Assigned
            | State::Analysing
            | State::InProgress
            | State::OnHold
            | State::Resolved
            | State::Closed
            | State::Cancelled => None,
        };
        refusal.map_or(Ok(()), |it| Err(it.into()))
    }

    /// The state in which it goes on by itself after it was on hold: a change goes on being carried out.
    pub fn resumes_as(&self) -> State {
        if self.is_in_calendar() { State::InProgress } else { State::Assigned }
    }

    /// Whether it is closed only by whoever looks back on it.
    pub fn needs_review(&self) -> bool {
        self.change.as_ref().is_some_and(|it| it.plan.kind != ChangeType::Standard && it.review.is_none())
    }

    pub(super) fn take_move(&mut self, to: State, at: Timestamp) {
        let Some(change) = self.change.as_mut() else { return };
        match to {
            State::InProgress => {
                change.begun.get_or_insert(at);
                change.review = None;
            }
            // It is planned anew.
            State::Assigned => (change.scheduled, change.begun) = (None, None),
            State::New
            | State::WaitingApproval
            | State::Analysing
            | State::Scheduled
            | State::OnHold
            | State::Resolved
            | State::Closed
            | State::Cancelled => {}
        }
    }
}
