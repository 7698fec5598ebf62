//! Keeps what is due in step with what happened to a ticket and with the catalogue, and proves it.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{
    Desk, digest,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        lookup::{TicketFilter, TicketRef},
        people::{Caller, Tenant},
        sla::{self, Due, Outcome},
        ticket::{Event, Ticket, Update},
        time::Timestamp,
    },
    proto::{
        event::{Malformed, fact_from},
        time::time_from,
        v1,
    },
    store::{Unit, Wants, Work},
};

mod ended;

/// Who reckons, in histories.
const WHO: &str = "catalogue";
/// Tickets read at once.
const PAGE: u32 = 200;
/// Events read at once.
const EVENTS: u32 = 200;
/// How often a look is taken for another catalogue.
const PAUSE: Duration = Duration::from_secs(1);
/// So many milliseconds after the first time tickets are reckoned again: for what was under way with the catalogue
/// before, here and in other processes.
const AGAIN: i64 = 10_000;

/// Records which policy a ticket falls under now and new due times, if the events recorded before have changed any,
/// which of the goals that they ended it had, and how many working seconds it has had. When the desk looks at a ticket by itself is no fact about it, so
/// that alone is kept without an event.
pub(super) fn settle(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId) {
    unit.keep_outcomes(|ticket, ended| catalog.measures(ticket, ended));
    let worked = unit.is_timed(id).and_then(|(ticket, at)| {
        let (_, calendar) = catalog.terms(ticket).policy?;
        Some(calendar.working_between(ticket.opened, at))
    });
    worked.into_iter().for_each(|seconds| unit.note_worked(id, seconds));
    let Some(ticket) = unit.ticket(id) else { return };
    if catalog.another_sla(ticket).is_some() {
        let mut update = Update::default();
        promise(catalog, ticket, &mut update);
        return unit.record(id, Event::Updated(update));
    }
    let due = catalog.due(ticket);
    if ticket.due == (Due { look: ticket.due.look, ..due }) {
        unit.look(id, due.look);
    } else {
        let catalog = Some(catalog.version);
        unit.record(id, Event::Updated(Update { due: Some(due), catalog, ..Update::default() }));
    }
}

/// Adds to an update of a ticket what the catalogue makes of it: another policy, and other due times, reckoned from the
/// original start with all pauses.
pub(super) fn promise(catalog: &Catalog, ticket: &Ticket, update: &mut Update) {
    let with = |update: &Update| ticket.clone().apply(&Event::Updated(update.clone()), ticket.updated);
    let mut changed = with(update);
    update.sla = catalog.another_sla(&changed);
    if update.sla.is_some() {
        changed = with(update);
    }
    update.due = Some(catalog.due(&changed)).filter(|it| *it != ticket.due);
    update.catalog = (update.due.is_some() || update.sla.is_some()).then_some(catalog.version);
}

/// Whether a ticket is as the catalogue wants it.
fn is_settled(catalog: &Catalog, ticket: &Ticket) -> bool {
    catalog.another_sla(ticket).is_none() && catalog.due(ticket) == ticket.due
}

impl Desk {
    /// Reckons tickets anew whenever a tenant has another catalogue, and once at the start, until the desk goes.
    pub async fn follow_reckoning(self) {
        // Which version was reckoned with, when it came, and whether that was done again.
        let mut reckoned: HashMap<Tenant, (u64, Timestamp, bool)> = HashMap::new();
        if let Err(fault) = self.welcome_all().await {
            tracing::warn!(%fault, "due times are reckoned when somebody comes");
        }
        loop {
            for (tenant, catalog) in self.catalogs.all() {
                let now = clock::now();
                let known = reckoned.get(&tenant).filter(|it| it.0 == catalog.version).copied();
                let (since, again) = match known {
                    None => (now, false),
                    Some((_, since, false)) if since.0 + AGAIN <= now.0 => (since, true),
                    Some(_) => continue,
                };
                match self.reckon(&tenant, &catalog).await {
                    Ok(()) => drop(reckoned.insert(tenant, (catalog.version, since, again))),
                    Err(fault) => {
                        tracing::warn!(%tenant, %fault, "due times must wait for the new catalogue")
                    }
                }
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Tenants that have tickets need not come before their clocks run.
    async fn welcome_all(&self) -> Result<(), Fault> {
        for tenant in self.store.tenants().await? {
            if let Err(fault) = self.welcome(&tenant).await {
                tracing::warn!(%tenant, %fault, "the clocks of a tenant stand until its catalogue can be read");
            }
        }
        Ok(())
    }

    /// Reckons the due times of a tenant's open tickets, and when those that are resolved will be closed. Ends as soon
    /// as there is a newer catalogue.
    async fn reckon(&self, tenant: &Tenant, catalog: &Arc<Catalog>) -> Result<(), Fault> {
        // No caller can send such an id, so none can claim that it was done.
        let refolded = "\u{1}refolded-levels".to_owned();
        let is_old = !self.store.is_done(tenant, &refolded).await?;
        let states = State::ALL.into_iter().filter(|it| it.is_open() || *it == State::Resolved).collect();
        let filter = TicketFilter { states, ..TicketFilter::default() };
        let mut after = None;
        loop {
            let tickets = self.store.tickets_or_damage(tenant, &filter, after, PAGE).await?;
            let works = tickets.iter().filter_map(|(_, _, it)| it.as_ref()).map(|it| async move {
                // An older program has written no pauses, nor since when its group has it.
                let derived = if is_old { self.derived(tenant, it.id).await? } else { None };
                let derived =
                    derived.map(|derived| with_look(derived.ticket, it)).filter(|derived| derived != it);
                if derived.is_none() && is_settled(catalog, it) {
                    return Ok(());
                }
                self.set_right(catalog, work(tenant, WHO, "reckon"), it.id, (derived, vec![])).await
            });
            join_all(works).await.into_iter().collect::<Result<Vec<()>, Fault>>()?;
            let is_newest = self.catalog(&Caller::system(tenant.clone(), WHO)).version <= catalog.version;
            match tickets.last() {
                Some((id, ..)) if is_newest => after = Some(*id),
                Some(_) | None => break,
            }
        }
        if is_old {
            let work = Work {
                request: refolded.clone(),
                content: digest(&[WHO, &refolded]),
                ..work(tenant, WHO, "")
            };
            self.store.execute(work, |_| Ok::<_, Fault>(vec![])).await.map_err(|it| undone(it, &refolded))?;
        }
        Ok(())
    }

    /// Sets a ticket's row, its due times and what is counted of it right, as work of somebody.
    async fn set_right(
        &self,
        catalog: &Arc<Catalog>,
        work: Work,
        id: TicketId,
        (derived, mended): (Option<Ticket>, Vec<Outcome>),
    ) -> Result<(), Fault> {
        let (catalog, request) = (Arc::clone(catalog), work.request.clone());
        let wants = Wants { tickets: vec![id], ..Wants::default() };
        let work = Work { slot: id.slot(), wants, ..work };
        let decide = move |unit: &mut Unit<'_>| {
            // Something may have happened to it since.
            let is_same = |it: &Ticket| unit.ticket(id).is_some_and(|now| now.version == it.version);
            if let Some(derived) = derived.clone().filter(is_same) {
                unit.refold(derived);
                unit.mend_outcomes(id, mended.clone());
            }
            settle(&catalog, unit, id);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(())
    }

    /// Derives tickets behind one again from their histories, and compares; with `repair` it also sets right what can
    /// be. Says what it found, behind which ticket to go on, and how many it looked at.
    pub async fn verify_clocks(
        &self,
        caller: &Caller,
        after: Option<TicketId>,
        limit: u32,
        repair: bool,
    ) -> Result<(Vec<v1::ClockDifference>, Option<TicketId>, u32), Fault> {
        let tenant = &caller.tenant;
        let tickets = self.store.tickets_or_damage(tenant, &TicketFilter::default(), after, limit).await?;
        let catalog = self.catalog(caller);
        let mut found = vec![];
        for (id, number, ticket) in &tickets {
            let mut difference = |what: &str, repaired| {
                let (ticket, number) = (id.to_string(), number.clone());
                found.push(v1::ClockDifference { ticket, number, what: what.to_owned(), repaired });
            };
            let Some(ticket) = ticket else {
                difference("its row cannot be read; restore it from a backup", false);
                continue;
            };
            // A store that does not answer is no damage: the caller is told to come back.
            let Some(derived) = self.derived(tenant, *id).await? else {
                difference("its history cannot be read; restore it from a backup", false);
                continue;
            };
            // Something may have happened to it between the two reads.
            if derived.ticket.version != ticket.version {
                continue;
            }
            let mended = self.miscounted(&catalog, tenant, &derived).await?;
            let derived = with_look(derived.ticket, ticket);
            let what = if derived != *ticket {
                "its row is not what its history gives"
            } else if !is_settled(&catalog, ticket) {
                "its policy or its due times are not what the catalogue gives"
            } else if !mended.is_empty() {
                "how its goals ended is not counted as its history gives it"
            } else {
                continue;
            };
            if repair {
                let work = work(tenant, &caller.subject, "repair");
                self.set_right(&catalog, work, *id, (Some(derived), mended)).await?;
            }
            difference(what, repair);
        }
        let checked = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
        let next = tickets.last().map(|it| it.0).filter(|_| checked == limit);
        Ok((found, next, checked))
    }

    /// How goals of a ticket ended, where it is not counted as its history gives it.
    async fn miscounted(
        &self,
        catalog: &Catalog,
        tenant: &Tenant,
        derived: &Derived,
    ) -> Result<Vec<Outcome>, Fault> {
        let stored = match self.store.outcomes_of(tenant, derived.ticket.id).await {
            Ok(stored) => stored,
            // What cannot be read is written again.
            Err(error) if error.is_damage() => unreadable(error).unwrap_or_default(),
            Err(error) => return Err(error.into()),
        };
        let mended = ended::miscounted(&stored, &derived.ended, |it| catalog.measures(&derived.ticket, it));
        if mended.is_empty() {
            return Ok(mended);
        }
        // Something may have happened to it between the two reads.
        let which = TicketRef::Id(derived.ticket.id);
        let now = self.store.ticket(tenant, &which).await?.map(|it| it.version);
        Ok(if now == Some(derived.ticket.version) { mended } else { vec![] })
    }

    /// A ticket as its history gives it; nothing if that cannot be read.
    async fn derived(&self, tenant: &Tenant, id: TicketId) -> Result<Option<Derived>, Fault> {
        let (mut ticket, mut ended, mut after) = (None, vec![], 0);
        loop {
            let events = match self.store.history(tenant, id, after, EVENTS).await {
                Ok(events) => events,
                Err(error) if error.is_damage() => return Ok(unreadable(error)),
                Err(error) => return Err(error.into()),
            };
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in &events {
                match folded(ticket.take(), event, &mut ended) {
                    Ok(next) => ticket = next,
                    Err(error) => return Ok(unreadable(error)),
                }
            }
        }
        let derived = ticket.map(|ticket| Derived { ticket, ended });
        Ok(derived.or_else(|| unreadable(Malformed("ticket"))))
    }
}

/// What a history gives.
struct Derived {
    ticket: Ticket,
    /// How its goals ended, in the order in which they did; whether the ticket had each of them, it does not say.
    ended: Vec<Outcome>,
}

/// What a ticket is after an event of its history, and what that ended.
fn folded(
    ticket: Option<Ticket>,
    event: &v1::Event,
    ended: &mut Vec<Outcome>,
) -> Result<Option<Ticket>, Malformed> {
    let fact = event.fact.as_ref().map(fact_from).transpose()?.flatten();
    let Some(fact) = fact else { return Ok(ticket) };
    let at = event.time.as_ref().map(time_from).ok_or(Malformed("time"))?;
    Ok(match ticket {
        None => Ticket::opened(&fact),
        Some(before) => {
            let after = before.clone().apply(&fact, at);
            ended.extend(sla::outcomes(&before, &fact, &after, at));
            Some(after)
        }
    })
}

/// A derived ticket that is looked at when its row says so, which no event tells.
fn with_look(derived: Ticket, row: &Ticket) -> Ticket {
    Ticket { due: Due { look: row.due.look, ..derived.due }, ..derived }
}

/// Work that no request of a caller stands behind.
pub(super) fn work(tenant: &Tenant, who: &str, what: &str) -> Work {
    let request = format!("{what}-{}", clock::new_id());
    Work {
        tenant: tenant.clone(),
        content: digest(&[who, &request]),
        request,
        actor: who.to_owned(),
        at: clock::now(),
        slot: crate::domain::id::Slot(0),
        wants: Wants::default(),
    }
}

fn unreadable<T>(error: impl std::fmt::Display) -> Option<T> {
    tracing::error!(%error, "a history cannot be read");
    None
}
