//! Keeps what is due in step with what happened to a ticket and with the catalogue, and proves it.

use std::sync::Arc;

use super::{
    Desk, digest,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        id::{Slot, TicketId},
        lifecycle::State,
        lookup::TicketFilter,
        people::{Caller, Tenant},
        sla::Due,
        ticket::{Event, Ticket, Update},
    },
    proto::{
        event::{Malformed, fact_from},
        time::time_from,
        v1,
    },
    store::{Unit, Wants, Work},
};

/// Who reckons after an apply, in histories.
const WHO: &str = "catalogue";
/// Tickets read at once.
const PAGE: u32 = 200;
/// Events read at once.
const EVENTS: u32 = 200;

/// Records new due times, if the events recorded before have changed any. When the desk looks at a ticket by
/// itself is no fact about it, so that alone is kept without an event.
pub(super) fn settle(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId) {
    let Some(ticket) = unit.ticket(id) else { return };
    let due = catalog.due(ticket);
    if ticket.due == (Due { look: ticket.due.look, ..due }) {
        unit.look(id, due.look);
    } else {
        let catalog = Some(catalog.version);
        unit.record(id, Event::Updated(Update { due: Some(due), catalog, ..Update::default() }));
    }
}

impl Desk {
    /// Reckons the due times of all open tickets of a tenant with the catalogue in use, once for each version; and
    /// when those that are resolved will be closed.
    pub(super) async fn reckon_with(&self, tenant: &Tenant, catalog: &Arc<Catalog>) -> Result<(), Fault> {
        let done = format!("reckoned-{}", catalog.version);
        if self.store.is_done(tenant, &done).await? {
            return Ok(());
        }
        let states = State::ALL.into_iter().filter(|it| it.is_open() || *it == State::Resolved).collect();
        let filter = TicketFilter { states, ..TicketFilter::default() };
        let mut after = None;
        loop {
            let tickets = self.store.tickets(tenant, &filter, after, PAGE).await?;
            for ticket in tickets.iter().filter(|it| catalog.due(it) != it.due) {
                let request = format!("reckon-{}-{}", catalog.version, ticket.id);
                self.settle_by(catalog, work(tenant, WHO, request, Some(ticket.id)), ticket.id).await?;
            }
            let Some(last) = tickets.last() else { break };
            after = Some(last.id);
        }
        let work = work(tenant, WHO, done.clone(), None);
        self.store.execute(work, |_| Ok::<_, Fault>(vec![])).await.map_err(|it| undone(it, &done))?;
        Ok(())
    }

    /// Sets a ticket's due times by a catalogue, as work of somebody.
    async fn settle_by(&self, catalog: &Arc<Catalog>, work: Work, id: TicketId) -> Result<(), Fault> {
        let (catalog, request) = (Arc::clone(catalog), work.request.clone());
        let decide = move |unit: &mut Unit<'_>| {
            settle(&catalog, unit, id);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(())
    }

    /// Derives tickets behind one again from their histories, and compares; with `repair` it also sets due times
    /// right that the catalogue in use does not give.
    pub async fn verify_clocks(
        &self,
        caller: &Caller,
        after: Option<TicketId>,
        limit: u32,
        repair: bool,
    ) -> Result<(Vec<v1::ClockDifference>, Option<TicketId>, u32), Fault> {
        let tickets = self.store.tickets(&caller.tenant, &TicketFilter::default(), after, limit).await?;
        let catalog = self.catalog(caller);
        let mut found = vec![];
        for ticket in &tickets {
            let derived = self.derived(&caller.tenant, ticket.id).await?;
            // Something may have happened to it between the two reads.
            if derived.version != ticket.version {
                continue;
            }
            let mut difference = |what: &str, repaired| {
                let (ticket, number) = (ticket.id.to_string(), ticket.number.clone());
                found.push(v1::ClockDifference { ticket, number, what: what.to_owned(), repaired });
            };
            let due = Due { look: ticket.due.look, ..derived.due };
            if (Ticket { due, ..derived }) != *ticket {
                difference("its row is not what its history gives; restore it from a backup", false);
            } else if catalog.due(ticket) != ticket.due {
                if repair {
                    let request = format!("repair-{}-{}-{}", catalog.version, ticket.id, ticket.version);
                    let work = work(&caller.tenant, &caller.subject, request, Some(ticket.id));
                    self.settle_by(&catalog, work, ticket.id).await?;
                }
                difference("its due times are not what the catalogue gives", repair);
            }
        }
        let checked = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
        let next = tickets.last().map(|it| it.id).filter(|_| checked == limit);
        Ok((found, next, checked))
    }

    /// A ticket as its history gives it.
    async fn derived(&self, tenant: &Tenant, id: TicketId) -> Result<Ticket, Fault> {
        let (mut ticket, mut after) = (None, 0);
        loop {
            let events = self.store.history(tenant, id, after, EVENTS).await?;
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in &events {
                let fact = event.fact.as_ref().map(fact_from).transpose().map_err(unreadable)?.flatten();
                let Some(fact) = fact else { continue };
                let at = event.time.as_ref().map(time_from).ok_or_else(|| unreadable(Malformed("time")))?;
                ticket = match ticket {
                    None => Ticket::opened(&fact),
                    Some(it) => Some(Ticket::apply(it, &fact, at)),
                };
            }
        }
        ticket.ok_or_else(|| unreadable(Malformed("ticket")))
    }
}

fn work(tenant: &Tenant, who: &str, request: String, ticket: Option<TicketId>) -> Work {
    Work {
        tenant: tenant.clone(),
        content: digest(&[who, &request]),
        request,
        actor: who.to_owned(),
        at: clock::now(),
        slot: ticket.map_or(Slot(0), |it| it.slot()),
        wants: Wants { tickets: ticket.into_iter().collect(), ..Wants::default() },
    }
}

fn unreadable(error: Malformed) -> Fault {
    tracing::error!(%error, "a history cannot be read");
    Fault::Unavailable
}
