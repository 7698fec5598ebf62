//! What an approval is after something has happened to it.

use super::{
    event::{Event, Handover},
    state::{Approval, Seat, Step},
};
use crate::domain::time::Timestamp;

impl Approval {
    /// The approval of a ticket after something has happened to it. The first beginning makes one where there is none.
    pub fn after(before: Option<Box<Self>>, event: &Event, at: Timestamp) -> Option<Box<Self>> {
        let none = || Self { catalog: 0, round: 0, steps: vec![], ending: None };
        let begins = matches!(event, Event::Restarted { .. });
        let before = before.or_else(|| begins.then(|| Box::new(none())))?;
        Some(Box::new(before.apply(event, at)))
    }

    /// Takes in what did happen. An event is a fact, so this cannot fail.
    #[must_use]
    pub fn apply(mut self, event: &Event, at: Timestamp) -> Self {
        match event {
            Event::Asked { step, seats } => self.with(*step, |it| {
                it.seats.clone_from(seats);
                it.asked = Some(at);
            }),
            Event::Voted { step, seat, vote } => self.with(*step, |it| {
                if let Some(seat) = it.seats.get_mut(*seat) {
                    seat.vote = Some(vote.clone());
                }
            }),
            Event::Handed { step, seat, asked, why } => self.with(*step, |it| {
                if it.seats.len() <= *seat {
                    let decides = *why == Handover::Escalated;
                    it.seats.push(Seat { decides, ..Seat::default() });
                }
                if let Some(seat) = it.seats.get_mut(*seat) {
                    seat.asked.clone_from(asked);
                    if let Handover::Delegated(by) = why {
                        seat.handed.push(by.clone());
                    }
                }
            }),
            Event::Reminded { step } => self.with(*step, |it| {
                it.reminders += 1;
                it.reminded = Some(at);
            }),
            Event::Expired { step } => self.with(*step, |it| it.expired = Some(at)),
            Event::StepEnded { step, outcome } => self.with(*step, |it| it.outcome = Some(*outcome)),
            Event::Restarted { steps, catalog } => {
                self.steps.clone_from(steps);
                self.catalog = *catalog;
                self.round += 1;
                self.ending = None;
            }
            Event::Ended(ending) => {
                self.ending.get_or_insert_with(|| ending.clone());
            }
        }
        self
    }

    fn with(&mut self, step: usize, change: impl FnOnce(&mut Step)) {
        if let Some(step) = self.steps.get_mut(step) {
            change(step);
        }
    }
}
