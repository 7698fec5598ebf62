//! Looks after tickets by itself when their time comes: escalates them, and closes what stays resolved.
//!
//! The time stands in an indexed column, so nothing is kept in memory for a ticket that waits. A look has a
//! request identity made of the ticket and that time: whoever looks, and however often, it has one effect.

use std::{collections::HashMap, time::Duration};

use futures_util::future::join_all;

use super::{Desk, catalogs::InUse, clocks, digest, fault::Fault};
use crate::{
    clock,
    domain::{
        assignment::Because,
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        people::{Caller, Tenant},
        sla::{Fired, reached},
        ticket::Event,
        time::Timestamp,
    },
    routing,
    store::{Unit, Wants, Work},
};

/// How often the column is looked into; that late may an escalation come.
const PAUSE: Duration = Duration::from_millis(500);
/// Tickets looked after at once.
const BATCH: u32 = 256;
/// Who it was, in histories.
const ACTOR: &str = "clock";

impl Desk {
    /// Looks after tickets until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_clocks(self) {
        let mut reckoned = HashMap::new();
        loop {
            self.follow_versions(&mut reckoned).await;
            match self.look_after_once(clock::now()).await {
                Ok(looks) if 0 < looks => {}
                Ok(_) => tokio::time::sleep(PAUSE).await,
                Err(fault) => {
                    tracing::warn!(%fault, "tickets whose time has come must wait");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// After another version of a catalogue other times may be due.
    async fn follow_versions(&self, reckoned: &mut HashMap<Tenant, u64>) {
        for (tenant, catalog) in self.catalogs.all() {
            if reckoned.get(&tenant) == Some(&catalog.version) {
                continue;
            }
            match self.reckon_with(&tenant, &catalog).await {
                Ok(()) => drop(reckoned.insert(tenant, catalog.version)),
                Err(fault) => tracing::warn!(%tenant, %fault, "due times must wait for the new catalogue"),
            }
        }
    }

    /// Looks after tickets whose time has come by now, and tells after how many; there may be more.
    pub async fn look_after_once(&self, now: Timestamp) -> Result<usize, Fault> {
        let waiting = self.store.to_look_at(now, BATCH).await?;
        let looks = waiting.into_iter().map(|(tenant, id, look)| self.look_after(tenant, id, look, now));
        let mut done = 0;
        for look in join_all(looks).await {
            look?;
            done += 1;
        }
        Ok(done)
    }

    async fn look_after(
        &self,
        tenant: Tenant,
        id: TicketId,
        look: Timestamp,
        now: Timestamp,
    ) -> Result<(), Fault> {
        self.welcome(&tenant).await?;
        let InUse { catalog, present } = self.in_use(&Caller::system(tenant.clone(), ACTOR));
        let request = format!("look-{id}-{}", look.0);
        let work = Work {
            tenant,
            content: digest(&["look", &request]),
            request: request.clone(),
            actor: ACTOR.to_owned(),
            at: now,
            slot: id.slot(),
            wants: Wants { tickets: vec![id], agents: present, ..Wants::default() },
        };
        let decide = move |unit: &mut Unit<'_>| {
            come_to(&catalog, unit, id, now);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| super::fault::undone(it, &request))?;
        Ok(())
    }
}

/// Records what a ticket has come to by now.
fn come_to(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, now: Timestamp) {
    let Some(ticket) = unit.ticket(id) else { return };
    if let Some((policy, calendar)) = catalog.sla(&ticket.sla) {
        let (steps, closes) = reached(ticket, policy, calendar, now);
        for step in steps {
            let Fired { goal, percent } = step.fired;
            let (notify, group) = policy.at(goal, percent);
            unit.record(id, Event::Escalated { fired: step.fired, at: step.at, notify });
            if let Some(group) = group {
                let why = format!("SLA policy {}: {percent} % of the {}", policy.id, goal.as_str());
                hand_on(catalog, unit, id, group, why);
            }
        }
        if closes {
            let (from, to) = (State::Resolved, State::Closed);
            unit.record(
                id,
                Event::Moved { from, to, hold: None, resolution: String::new(), by_requester: false },
            );
        }
    }
    clocks::settle(catalog, unit, id);
}

/// Gives a ticket to another group.
fn hand_on(catalog: &Catalog, unit: &mut Unit<'_>, id: TicketId, group: &str, why: String) {
    if unit.ticket(id).is_none_or(|it| it.group == group || !it.state.is_open()) {
        return;
    }
    let (agent, because, _) = routing::least_loaded(catalog, group, |it| unit.load(it));
    let because = vec![Because::ChosenBy(why), because];
    unit.record(id, Event::Assigned { group: group.to_owned(), agent, because });
}
