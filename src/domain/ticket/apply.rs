//! What a ticket is after something has happened to it.

use super::{Event, Moved, Offering, Ticket, Update};
use crate::domain::{
    approval::Approval,
    change::{Plan, Review, Scheduled},
    lifecycle::State,
    sla::SlaChoice,
    template,
    time::Timestamp,
};

impl Ticket {
    /// The ticket that an opening event made; `None` for any other event.
    pub fn opened(event: &Event) -> Option<Self> {
        match event {
            Event::Opened { ticket, .. } => Some(Self::clone(ticket)),
            Event::Assigned { .. }
            | Event::Offered { .. }
            | Event::Passed { .. }
            | Event::Commented { .. }
            | Event::Moved { .. }
            | Event::Updated(_)
            | Event::TaskChanged { .. }
            | Event::Tied(_)
            | Event::AssetsChanged(_)
            | Event::Diagnosed(_)
            | Event::Planned(_)
            | Event::Scheduled(_)
            | Event::Reviewed(_)
            | Event::Surveyed(_)
            | Event::Escalated { .. }
            | Event::Approval { .. } => None,
        }
    }

    /// Takes in what did happen. An event is a fact, so this cannot fail.
    #[must_use]
    pub fn apply(mut self, event: &Event, at: Timestamp) -> Self {
        match event {
            Event::Opened { ticket, .. } => return Self::clone(ticket),
            Event::Assigned { group, agent, .. } => {
                if agent.is_some() || self.group != *group {
                    self.offering = Offering::default();
                }
                self.offering.to = None;
                if self.group != *group {
                    self.clocks.hand_on(at);
                }
                self.group.clone_from(group);
                self.agent.clone_from(agent);
                if self.state == State::New {
                    self.state = State::Assigned;
                }
            }
            Event::Offered { offer, .. } => self.offering.to = Some(offer.clone()),
            Event::Passed { passed, .. } => {
                self.offering.to = None;
                self.offering.passed.push(passed.clone());
            }
            // What was said elsewhere answers nothing here.
            Event::Commented { carried: Some(_), .. } => self.comments += 1,
            Event::Commented { text, internal, by_requester, .. } => {
                if self.asks_the_requester() && !internal && !by_requester {
                    self.course.question.clone_from(text);
                }
                self.hear(*internal, *by_requester, at);
            }
            Event::Moved(moved) => self.go(moved, at),
            Event::Updated(update) => self.take(update, at),
            Event::TaskChanged { task, change } => self.take_task(task, change),
            Event::Escalated { fired, .. } => self.clocks.fire(*fired),
            Event::Tied(tied) => self.ties.take(tied),
            Event::AssetsChanged(assets) => self.assets.clone_from(assets),
            Event::Surveyed(happened) => self.take_survey(happened, at),
            Event::Diagnosed(diagnosis) => self.diagnosis = Some(diagnosis.clone()),
            Event::Planned(plan) => self.change.get_or_insert_default().plan = Plan::clone(plan),
            Event::Scheduled(it) => {
                self.change.get_or_insert_default().scheduled = Some(Scheduled::clone(it));
            }
            Event::Reviewed(it) => self.change.get_or_insert_default().review = Some(Review::clone(it)),
            Event::Approval { event, .. } => {
                self.approval = Approval::after(self.approval.take(), event, at);
            }
        }
        self.version += 1;
        self.updated = at;
        self
    }

    fn hear(&mut self, internal: bool, by_requester: bool, at: Timestamp) {
        self.comments += 1;
        if !internal && !by_requester {
            self.responded.get_or_insert(at);
            self.clocks.answer(at);
        } else if by_requester && self.state.is_open() && self.responded.is_some() {
            // Thanks for what is done ask for nothing.
            self.clocks.ask(at);
        }
    }

    fn go(&mut self, moved: &Moved, at: Timestamp) {
        if matches!(moved.to, State::Analysing | State::InProgress | State::Resolved) && !moved.by_requester {
            self.responded.get_or_insert(at);
        }
        let is_back = self.state == State::Resolved && moved.to.is_open();
        if is_back && self.change.is_some() {
            self.course.impact_since = Some(at);
        }
        self.arrive(moved, at);
        if is_back && moved.by_requester {
            // "It is still broken" waits for an answer.
            self.clocks.ask(at);
        }
    }

    fn arrive(&mut self, moved: &Moved, at: Timestamp) {
        let to = moved.to;
        self.state = to;
        if !to.is_workable() {
            self.offering.to = None;
        }
        self.hold = moved.hold;
        self.course.go(moved);
        self.take_move(to, at);
        self.clocks.arrive(to, moved.hold, at);
        match to {
            State::Resolved => {
                self.resolution.clone_from(&moved.resolution);
                self.resolved = Some(at);
            }
            State::Closed => {}
            State::New
            | State::WaitingApproval
            | State::Assigned
            | State::Analysing
            | State::Scheduled
            | State::InProgress
            | State::OnHold
            | State::Cancelled => {
                self.resolution.clear();
                self.resolved = None;
            }
        }
    }

    fn take(&mut self, update: &Update, at: Timestamp) {
        if let Some(subject) = &update.subject {
            self.subject.clone_from(subject);
        }
        if let Some(impact) = update.impact.filter(|it| *it != self.impact) {
            self.impact = impact;
            self.course.impact_since = Some(at);
        }
        self.urgency = update.urgency.unwrap_or(self.urgency);
        if let Some(priority) = update.priority {
            self.priority = priority;
            self.clocks.promised = update.promised;
        }
        self.due = update.due.unwrap_or(self.due);
        if let Some(SlaChoice { policy, rule }) = &update.sla {
            self.sla.clone_from(policy);
            self.clocks.rule.clone_from(rule);
        }
        for (id, value) in &update.fields {
            template::set(&mut self.fields, id, value.clone());
        }
    }
}
