//! Gives out what waits with groups as soon as somebody can take it, in the order of the group's policy: nobody who
//! frees up gets a newer ticket while an older one waits.
//!
//! What wakes it are the events themselves; a look every second finds what no event tells, such as a shift that
//! begins. Whoever looks, and however often, a ticket is given away once: who gets it is decided where it is written.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::{
    Desk,
    catalogs::InUse,
    clocks, dispatch,
    fault::{Fault, undone},
};
use crate::{
    clock,
    domain::{
        assignment::{Group, Load, Policy},
        catalog::Catalog,
        id::TicketId,
        people::{Caller, Tenant},
        ticket::{Holder, Ticket},
        time::Timestamp,
    },
    proto::v1::{self, event::Fact},
    routing::{Team, dispatch::rank},
    store::{Unit, Wants, Work},
};

/// How often a look is taken when nothing has happened.
const PAUSE: Duration = Duration::from_secs(1);
/// What happens at once is looked at together.
const MOMENT: Duration = Duration::from_millis(10);
/// Tickets of one group that are put in order; those that came first.
pub(super) const LINE: u32 = 1_000;
/// Who it was, in histories.
const ACTOR: &str = "dispatch";

impl Desk {
    /// Gives out what waits until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_backlogs(self) {
        let mut news = self.store.watch();
        loop {
            let _ = timeout(PAUSE, freed(&mut news)).await;
            tokio::time::sleep(MOMENT).await;
            if let Err(fault) = self.drain_all(clock::now()).await {
                tracing::warn!(%fault, "what waits with groups must wait on");
            }
        }
    }

    async fn drain_all(&self, now: Timestamp) -> Result<(), Fault> {
        for (tenant, key) in self.store.waiting_groups().await? {
            let Some(group) = Holder::group_of(&key) else { continue };
            self.welcome(&tenant).await?;
            let in_use = self.in_use(&Caller::system(tenant.clone(), ACTOR));
            let group = in_use.catalog.group(group).filter(|it| it.policy != Policy::Manual);
            if let Some(group) = group.cloned() {
                self.drain(&tenant, &in_use, &group, now).await?;
            }
        }
        Ok(())
    }

    async fn drain(
        &self,
        tenant: &Tenant,
        in_use: &InUse,
        group: &Group,
        now: Timestamp,
    ) -> Result<(), Fault> {
        let catalog = &in_use.catalog;
        let loads = self.store.loads(tenant).await?;
        let mut team = team(catalog, group, &loads, now);
        if !team.has_room() {
            return Ok(());
        }
        for ticket in self.line(tenant, catalog, group, now).await? {
            // A look that spares a transaction; who gets it is decided there.
            if dispatch::next(catalog, &team, &ticket).0.agent.is_none() {
                continue;
            }
            if let Some(agent) = self.give(tenant, in_use, ticket.id, now).await? {
                team.took(&agent);
            }
            if !team.has_room() {
                break;
            }
        }
        Ok(())
    }

    /// What waits with a group, the next one first.
    pub(super) async fn line(
        &self,
        tenant: &Tenant,
        catalog: &Catalog,
        group: &Group,
        now: Timestamp,
    ) -> Result<Vec<Ticket>, Fault> {
        let mut line = self.store.waiting(tenant, &group.id, LINE).await?;
        line.retain(Ticket::waits);
        line.sort_by_cached_key(|it| rank(group.policy, &dispatch::work(catalog, it, &[]), now));
        Ok(line)
    }

    /// The agent who got it, or to whom it is offered.
    async fn give(
        &self,
        tenant: &Tenant,
        in_use: &InUse,
        id: TicketId,
        now: Timestamp,
    ) -> Result<Option<String>, Fault> {
        let (catalog, holders) = (Arc::clone(&in_use.catalog), Arc::clone(&in_use.holders));
        let wants = Wants { tickets: vec![id], agents: holders, ..Wants::default() };
        let work = Work { at: now, slot: id.slot(), wants, ..clocks::work(tenant, ACTOR, "give") };
        let request = work.request.clone();
        let decide = move |unit: &mut Unit<'_>| {
            if !dispatch::give(&catalog, unit, id, now) {
                return Ok(vec![]);
            }
            clocks::settle(&catalog, unit, id);
            let holder = unit.ticket(id).and_then(Ticket::holder).map(Holder::key);
            Ok::<_, Fault>(holder.unwrap_or_default().into_bytes())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(String::from_utf8(reply).ok().filter(|it| !it.is_empty()))
    }
}

/// The team of a group as its agents stand.
pub(super) fn team<'a>(
    catalog: &'a Catalog,
    group: &'a Group,
    loads: &HashMap<String, Load>,
    now: Timestamp,
) -> Team<'a> {
    let load = |it: usize| loads.get(&catalog.agents[it].id).copied().unwrap_or_default();
    Team::of(catalog, group, waiting(group, loads), load, now)
}

/// So much waits with a group.
pub(super) fn waiting(group: &Group, loads: &HashMap<String, Load>) -> u32 {
    loads.get(&Holder::Group(&group.id).key()).map_or(0, |it| it.open)
}

/// Waits for something that may let somebody take work, or that waits itself.
async fn freed(news: &mut Receiver<Arc<v1::Event>>) {
    loop {
        match news.recv().await {
            Ok(event) if frees(&event) => return,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is gone, and so is the desk.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}

fn frees(event: &v1::Event) -> bool {
    match &event.fact {
        Some(Fact::TicketOpened(it)) => it.ticket.as_ref().is_some_and(|it| it.agent.is_empty()),
        Some(
            Fact::TicketAssigned(_)
            | Fact::TicketMoved(_)
            | Fact::TicketOfferPassed(_)
            | Fact::AgentPresenceChanged(_)
            | Fact::CatalogApplied(_)
            | Fact::PersonChanged(_)
            | Fact::AssetChanged(_)
            | Fact::TicketAssetsChanged(_),
        ) => true,
        Some(
            Fact::TicketOffered(_)
            | Fact::TicketCommented(_)
            | Fact::TicketUpdated(_)
            | Fact::TicketEscalated(_)
            | Fact::TicketTaskChanged(_)
            | Fact::TicketLinked(_)
            | Fact::TicketUnlinked(_)
            | Fact::TicketWatched(_)
            | Fact::TicketAttached(_)
            | Fact::TicketDetached(_)
            | Fact::ApprovalAsked(_)
            | Fact::ApprovalVoted(_)
            | Fact::ApprovalHanded(_)
            | Fact::ApprovalReminded(_)
            | Fact::ApprovalExpired(_)
            | Fact::ApprovalStepEnded(_)
            | Fact::ApprovalRestarted(_)
            | Fact::ApprovalEnded(_)
            | Fact::ArticleChanged(_)
            | Fact::TicketDiagnosed(_)
            | Fact::TicketPlanned(_)
            | Fact::TicketScheduled(_)
            | Fact::TicketReviewed(_)
            | Fact::TicketSurveyAsked(_)
            | Fact::TicketRated(_)
            | Fact::ImprovementChanged(_)
            | Fact::ArticleUsed(_)
            | Fact::WaveChanged(_)
            | Fact::WaveJoined(_)
            | Fact::WaveLeft(_)
            | Fact::TurnTaken(_),
        )
        | None => false,
    }
}
