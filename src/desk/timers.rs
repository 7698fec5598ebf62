//! Looks after tickets by itself when their time comes: escalates them, and closes what stays resolved.
//!
//! The time stands in an indexed column, so nothing is kept in memory for a ticket that waits. Whoever looks, and
//! however often, it has one effect: what a ticket has come to is decided where it is written, and a step that it
//! took is part of it from then on.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::{
    Desk,
    approvals::Approvals,
    catalogs::InUse,
    clocks, dispatch, escalations,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        catalog::Catalog,
        change::barred_at,
        id::TicketId,
        lifecycle::State,
        people::{Caller, Tenant},
        sla::closes,
        ticket::{Event, Moved, Offer, Passed},
        time::Timestamp,
    },
    store::{Unit, Wants, Work},
};

/// How often the column is looked into; that late may an escalation come.
const PAUSE: Duration = Duration::from_millis(500);
/// Tickets looked after at once.
const BATCH: u32 = 256;
/// One that cannot be looked after is left alone for so many milliseconds.
const REST: i64 = 60_000;
/// Who it was, in histories.
const ACTOR: &str = "clock";

impl Desk {
    /// Looks after tickets until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_clocks(self) {
        // Those that could not be looked after, and until when nobody tries again.
        let mut resting = HashMap::new();
        loop {
            match self.look_after_all(clock::now(), &mut resting).await {
                Ok(gone_on) if 0 < gone_on => {}
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(fault) => {
                    tracing::warn!(%fault, "tickets whose time has come must wait");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Looks once after every ticket whose time has come by now, and tells how many have gone on.
    async fn look_after_all(
        &self,
        now: Timestamp,
        resting: &mut HashMap<TicketId, Timestamp>,
    ) -> Result<usize, Fault> {
        resting.retain(|_, until| now < *until);
        let (mut after, mut gone_on, mut failed) = (None, 0, 0);
        loop {
            let page = self.store.to_look_at(now, after, BATCH).await?;
            let looks = page.iter().filter(|(_, id, _)| !resting.contains_key(id));
            let looks = looks.map(|(tenant, id, _)| async { (*id, self.look_after(tenant, *id, now).await) });
            for (id, look) in join_all(looks).await {
                match look {
                    Ok(has_gone_on) => gone_on += usize::from(has_gone_on),
                    Err(_) => {
                        failed += 1;
                        resting.insert(id, Timestamp(now.0 + REST));
                    }
                }
            }
            match page.last() {
                Some((_, id, look)) if page.len() == BATCH as usize => after = Some((*look, *id)),
                Some(_) | None => break,
            }
        }
        if 0 < failed {
            tracing::warn!(tickets = failed, "tickets whose time has come cannot be looked after now");
        }
        Ok(gone_on)
    }

    /// Whether the ticket has gone on.
    async fn look_after(&self, tenant: &Tenant, id: TicketId, now: Timestamp) -> Result<bool, Fault> {
        self.welcome(tenant).await?;
        let InUse { catalog, holders } = self.in_use(&Caller::system(tenant.clone(), ACTOR));
        let wants = Wants { tickets: vec![id], agents: holders, ..Wants::default() };
        let work = Work { at: now, slot: id.slot(), wants, ..clocks::work(tenant, ACTOR, "look") };
        let (request, phrases) = (work.request.clone(), Arc::clone(&self.phrases));
        let decide = move |unit: &mut Unit<'_>| {
            let look = |unit: &Unit<'_>| unit.ticket(id).and_then(|it| it.due.look);
            let before = look(unit);
            come_to(&catalog, unit, id, now);
            Approvals { catalog: &catalog, phrases: &phrases, at: now }.follow(unit, id);
            clocks::settle(&catalog, unit, id);
            Ok::<_, Fault>(vec![u8::from(look(unit) != before)])
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(reply == [1])
    }
}

/// Goes on with a ticket that was on hold until now.
fn resume(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, now: Timestamp) {
    let Some(ticket) = unit.ticket(id).filter(|it| it.course.resume.is_some_and(|until| until <= now)) else {
        return;
    };
    // Whoever goes on with a change looks at the calendar, and at what it would collide with; a timer looks at neither.
    if ticket.is_in_calendar() {
        let why = barred_at(catalog, ticket, now);
        let why =
            why.unwrap_or_else(|| "take it up again, which looks at what it may collide with".to_owned());
        let question = ticket.course.question.clone();
        let stays = Moved { hold: ticket.hold, question, ..Moved::new(ticket.state, ticket.state) };
        let (author, text) = (ACTOR.to_owned(), format!("It stays on hold: {why}."));
        let note = Event::Commented { author, text, internal: true, by_requester: false, carried: None };
        unit.record(id, note);
        return unit.record(id, Event::Moved(stays));
    }
    // Nobody works on it yet, so it is not in progress: that would count as an answer.
    let moved = Moved::new(ticket.state, ticket.resumes_as());
    unit.record(id, Event::Moved(moved));
}

/// Records what a ticket has come to by now.
fn come_to(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, now: Timestamp) {
    escalations::escalate(catalog, unit, id, now);
    let offer = unit.ticket(id).and_then(|it| it.offering.to.clone()).filter(|it| it.until <= now);
    if let Some(Offer { agent, .. }) = offer {
        let passed = Passed { agent, declined: false };
        unit.record(id, Event::Passed { passed, reason: String::new() });
        dispatch::give(catalog, unit, id, now);
    }
    if unit.ticket(id).is_some_and(|ticket| closes(ticket, &catalog.terms(ticket), now)) {
        unit.record(id, Event::Moved(Moved::new(State::Resolved, State::Closed)));
    }
    resume(catalog, unit, id, now);
    clocks::settle(catalog, unit, id);
}
