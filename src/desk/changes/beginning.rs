//! The beginning of a change, and its going on after it was on hold or resolved: in its window, in no freeze period that came
//! after its scheduling, and while nobody else changes the same, unless somebody knows and says so.

use super::{
    look::{self, Look},
    scheduling::refused,
};
use crate::{
    clock,
    desk::{
        Desk,
        command::{Change, What},
        fault::Fault,
    },
    domain::{
        catalog::Catalog,
        change::{Scheduled, Span, barred_at},
        lifecycle::{State, Who},
        lookup::TicketRef,
        people::Caller,
        ticket::{Command, Event, MoveTo, Ticket, TicketKind, Unplanned},
        time::Timestamp,
    },
    proto::v1,
    store::Unit,
};

/// What somebody says who begins, with what was seen of the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Beginning {
    /// What was said.
    pub wanted: MoveTo,
    /// What was seen of the time that is left to it.
    look: Look,
}

impl Desk {
    /// Moves a ticket to where it is worked on. Of a change that is its beginning, or its going on.
    pub(in crate::desk) async fn begin(
        &self,
        caller: &Caller,
        change: Change,
        wanted: MoveTo,
    ) -> Result<v1::Ticket, Fault> {
        let changes = self.changes(caller);
        changes.unknown(&wanted.accepted).await?;
        let (changes, change, wanted) = (&changes, &change, &wanted);
        look::until_current(move || async move {
            let seen = changes.register.seen().await?;
            let found = self.find(caller, &change.ticket).await?;
            if found.kind != TicketKind::Change && !wanted.accepted.is_empty() {
                let problem = format!("{} is no change; leave it out", found.number);
                return Err(Fault::field("accept_collisions", problem));
            }
            let place = found.change.as_ref().and_then(|it| it.scheduled.as_ref());
            let Some(place) = place.filter(|_| found.kind == TicketKind::Change) else {
                return self.change_as_said(caller, change.clone()).await;
            };
            let look = Look::take(changes, &found, (left(place, clock::now()), seen)).await?;
            let what = What::Begin(Box::new(Beginning { wanted: wanted.clone(), look }));
            let ticket = TicketRef::Id(found.id);
            self.change_as_said(caller, Change { ticket, what, ..change.clone() }).await
        })
        .await
    }
}

/// The time that is left to a change; who begins behind its window needs as long as was planned.
fn left(place: &Scheduled, now: Timestamp) -> Span {
    let Span { start, end } = place.window;
    let end = if now < end { end } else { Timestamp(now.0.saturating_add(end.0 - start.0)) };
    Span { start: now, end }
}

impl Beginning {
    /// The time that its decision must know the calendar of.
    pub(in crate::desk) fn span(&self) -> Span {
        self.look.span
    }

    /// Begins inside the decision.
    pub(in crate::desk) fn record(
        &self,
        catalog: &Catalog,
        unit: &mut Unit<'_>,
        change: &Ticket,
        (actor, now): (&str, Timestamp),
    ) -> Result<(), Fault> {
        let events = change.decide(Command::Move(Box::new(self.wanted.clone())), actor)?;
        let place = change.change.as_ref().and_then(|it| it.scheduled.as_ref());
        let place = place.ok_or_else(|| refused(Unplanned::NotScheduled))?;
        self.look.is_current(unit, change, now)?;
        let may_say_why = matches!(self.wanted.who, Who::Manager | Who::System);
        let is_said = may_say_why && !self.wanted.comment.trim().is_empty();
        if let Some(why) = barred_at(catalog, change, now).filter(|_| !is_said) {
            return Err(refused(Unplanned::NotNow(why)));
        }
        let open = self.look.open(&[&self.wanted.accepted, &place.accepted]);
        if !open.is_empty() {
            return Err(refused(Unplanned::Collides(open)));
        }
        // What was accepted now is kept with what was accepted before.
        let new: Vec<_> = self.look.open(&[&place.accepted]);
        if !new.is_empty() {
            let accepted = place.accepted.iter().cloned().chain(new).collect();
            let known = Scheduled { accepted, ..place.clone() };
            unit.record(change.id, Event::Scheduled(Box::new(known)));
        }
        for event in events {
            unit.record(change.id, event);
        }
        Ok(())
    }
}

/// Whether a move is the beginning of work.
pub(in crate::desk) fn begins(what: &What) -> Option<&MoveTo> {
    if let What::Move(it) = what { Some(it).filter(|it| it.to == State::InProgress) } else { None }
}
