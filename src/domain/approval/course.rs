//! What follows when something has happened to an approval: a settled step ends, the next one is asked, the last one ends
//! it all; and what time brings by itself.

use super::{
    event::{Event, Handover},
    plan::Expiry,
    seating::{self, Departed, Matter},
    state::{Approval, Ending, Outcome, Step},
    timing,
};
use crate::domain::{catalog::Catalog, people::Person, ticket::Ticket, time::Timestamp};

/// What happens in turn, each on what the one before it left.
pub(super) struct Course<'a> {
    pub(super) ticket: Ticket,
    pub(super) catalog: &'a Catalog,
    pub(super) departed: Departed<'a>,
    pub(super) now: Timestamp,
    pub(super) events: Vec<Event>,
    requester: Person,
    manager: Option<Person>,
    authors: Vec<Person>,
}

impl<'a> Course<'a> {
    pub(super) fn of(ticket: &Ticket, catalog: &'a Catalog, now: Timestamp) -> Self {
        let requester = seating::as_asked(catalog, &ticket.requester);
        let manager = ticket.asked.manager.as_ref().map(|it| seating::as_asked(catalog, it));
        let authors = seating::authors(catalog, ticket);
        let departed = Departed::default();
        Self { ticket: ticket.clone(), catalog, departed, now, events: vec![], requester, manager, authors }
    }

    pub(super) fn add(&mut self, event: Event) {
        self.ticket.approval = Approval::after(self.ticket.approval.take(), &event, self.now);
        self.events.push(event);
    }

    pub(super) fn matter(&self) -> Matter<'_> {
        let Self { catalog, departed, now, .. } = *self;
        let (requester, manager) = (&self.requester, self.manager.as_ref());
        Matter {
            catalog,
            requester,
            authors: &self.authors,
            manager,
            service: &self.ticket.service,
            departed,
            now,
        }
    }

    /// Reminds, and does what the catalogue says if the time of the open step is up.
    pub(super) fn pass_time(&mut self, at: usize) {
        let Some(step) = self.step(at) else { return };
        if timing::is_up(&self.ticket, &step, self.catalog, self.now) {
            self.add(Event::Expired { step: at });
            match step.plan.expiry {
                Expiry::Remind => self.add(Event::Reminded { step: at }),
                Expiry::Escalate => {
                    let asked = seating::escalated(self.matter(), &step);
                    if !asked.is_empty() {
                        let seat = step.seats.len();
                        self.add(Event::Handed { step: at, seat, asked, why: Handover::Escalated });
                    }
                }
                Expiry::Reject => {
                    self.add(Event::StepEnded { step: at, outcome: Outcome::Rejected });
                    let reason = "nobody answered in time".to_owned();
                    let ending = Ending { outcome: Outcome::Rejected, by: None, reason, at: self.now };
                    self.add(Event::Ended(ending));
                }
                // What nobody was asked, nobody's silence grants.
                Expiry::Approve if step.seats.iter().any(|it| !it.asked.is_empty()) => {
                    self.add(Event::StepEnded { step: at, outcome: Outcome::Granted });
                }
                Expiry::Approve => {}
            }
        } else if timing::reminds(&self.ticket, &step, self.catalog, self.now) {
            self.add(Event::Reminded { step: at });
        }
    }

    fn step(&self, at: usize) -> Option<Step> {
        self.ticket.approval.as_ref()?.steps.get(at).cloned()
    }

    /// Ends what is settled and asks what comes next.
    pub(super) fn go_on(&mut self) {
        let Some(approval) = self.ticket.approval.clone().filter(|it| it.ending.is_none()) else { return };
        if let Some((at, step)) = approval.current() {
            let Some(granted) = step.verdict() else { return };
            let outcome = if granted { Outcome::Granted } else { Outcome::Rejected };
            self.add(Event::StepEnded { step: at, outcome });
            if !granted {
                let vote = step.last_vote(false).cloned();
                let (by, reason) = vote.map_or((None, String::new()), |it| (Some(it.by), it.comment));
                return self.add(Event::Ended(Ending { outcome, by, reason, at: self.now }));
            }
        }
        match approval.steps.iter().position(|it| it.asked.is_none()) {
            Some(next) => {
                let seats = seating::seats(self.matter(), &approval.steps[next].plan);
                self.add(Event::Asked { step: next, seats });
            }
            None => {
                let last = approval.steps.iter().rev().find_map(|it| it.last_vote(true)).cloned();
                let (by, reason) = last.map_or((None, String::new()), |it| (Some(it.by), it.comment));
                self.add(Event::Ended(Ending { outcome: Outcome::Granted, by, reason, at: self.now }));
            }
        }
    }
}
