//! What a merged ticket leaves to its survivor: what was said of it, whoever was told of it, and its files.

use std::sync::Arc;

use super::Cause;
use crate::{
    desk::{Desk, fault::Fault},
    domain::{
        id::TicketId,
        lookup::TicketRef,
        ticket::{Carried, Event, Relation, Ticket, Tied},
    },
    proto::{
        event::fact_from,
        time::time_from,
        v1::{self, event::Fact},
    },
};

/// Events of a history read at once.
const EVENTS: u32 = 200;
/// So many comments go along with a merged ticket, the first ones; all of them stay readable on it.
const CARRIED: usize = 500;

impl Desk {
    /// What was said of a merged ticket until then, as its survivor hears it. What reaches it later is passed on.
    pub(super) async fn what_was_said(
        &self,
        cause: &Cause<'_>,
        ticket: &Ticket,
    ) -> Result<Vec<Event>, Fault> {
        let merged = cause.consequence.event.position;
        let (mut said, mut after) = (vec![], 0);
        while said.len() < CARRIED && after < merged {
            let events = self.store.history(cause.tenant, ticket.id, after, EVENTS).await?;
            let Some(last) = events.last() else { break };
            after = last.position;
            let until_then = events.iter().filter(|it| it.position <= merged);
            said.extend(until_then.filter_map(|it| carried(it, &ticket.number)));
        }
        said.truncate(CARRIED);
        Ok(said)
    }

    /// Brings what a survivor got too late, since it had been merged itself by then, to its own survivor.
    pub(super) async fn pass_on(
        &self,
        cause: &Cause<'_>,
        merged: TicketId,
        survivor: TicketId,
        said: Vec<Event>,
    ) -> Result<(), Fault> {
        let (said, mut heir) = (Arc::new(said), survivor);
        while let Some(next) = self.merged_before(cause, heir).await? {
            let said = Arc::clone(&said);
            self.command(cause, vec![next, merged], move |unit, _, _| {
                unit.rely_on(merged);
                for event in left(&said, unit.ticket(merged), unit.ticket(next)) {
                    unit.follow(next, event);
                }
            })
            .await?;
            heir = next;
        }
        Ok(())
    }

    /// Into what a ticket had been merged when something reached it because of this cause.
    async fn merged_before(&self, cause: &Cause<'_>, ticket: TicketId) -> Result<Option<TicketId>, Fault> {
        let there = self.store.ticket(cause.tenant, &TicketRef::Id(ticket)).await?;
        if there.is_none_or(|it| it.ties.survivor().is_none()) {
            return Ok(None);
        }
        let (mut into, mut after, request) = (None, 0, cause.request(ticket));
        loop {
            let events = self.store.history(cause.tenant, ticket, after, EVENTS).await?;
            let Some(last) = events.last() else { return Ok(None) };
            after = last.position;
            for event in &events {
                if event.cause == request {
                    return Ok(into);
                }
                if let Some(Ok(Some(Event::Tied(Tied::Linked(link))))) = event.fact.as_ref().map(fact_from)
                    && link.relation == Relation::MergedInto
                {
                    into = Some(link.ticket);
                }
            }
        }
    }
}

/// What a merged ticket leaves to its survivor: that hears what was said, whoever was told of the merged one is told of
/// it, and it has the files.
pub(super) fn left(said: &[Event], merged: Option<&Ticket>, survivor: Option<&Ticket>) -> Vec<Event> {
    let (Some(merged), Some(survivor)) = (merged, survivor) else { return vec![] };
    let (told, files) = merged.left_to(survivor);
    let watched = told.into_iter().map(|it| Event::Tied(Tied::Watched(it)));
    let attached = files.into_iter().map(|it| Event::Tied(Tied::Attached(it)));
    said.iter().cloned().chain(watched).chain(attached).collect()
}

/// What was said by an event of a merged ticket, as its survivor hears it.
fn carried(event: &v1::Event, number: &str) -> Option<Event> {
    let at = event.time.as_ref().map(time_from)?;
    if let Some(Fact::TicketOpened(it)) = &event.fact {
        let ticket = it.ticket.as_ref()?;
        let author = ticket.requester.as_ref()?.subject.clone();
        let carried = Some(Carried { number: number.to_owned(), at });
        let text = ticket.description.clone();
        let says = !text.trim().is_empty();
        return says.then_some(Event::Commented {
            author,
            text,
            internal: false,
            by_requester: true,
            carried,
        });
    }
    let Ok(Some(Event::Commented { author, text, internal, by_requester, carried })) =
        event.fact.as_ref().map(fact_from)?
    else {
        return None;
    };
    let carried = carried.or(Some(Carried { number: number.to_owned(), at }));
    Some(Event::Commented { author, text, internal, by_requester, carried })
}
