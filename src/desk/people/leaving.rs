//! Agents who have left: what they hold goes back to the line of its group, where somebody else gets it.
//!
//! That they take no work any more is known with the entry itself. This loop does the rest, and compares agents with
//! the directory when the catalogue changes. Whoever looks, and however often, it has one effect.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use crate::{
    clock,
    desk::{
        Desk, clocks, digest,
        fault::{Fault, undone},
    },
    domain::{
        assignment::Because,
        catalog::Catalog,
        duty::Left,
        id::{Slot, TicketId},
        lifecycle::State,
        lookup::TicketFilter,
        people::Tenant,
        ticket::Event,
    },
    proto::v1::{self, event::Fact},
    store::{Unit, Wants, Work},
};

/// How often a look is taken when nothing has happened.
const PAUSE: Duration = Duration::from_secs(1);
/// Tickets of one agent handed back at once.
const PAGE: u32 = 100;
/// Who it was, in histories.
const ACTOR: &str = "people";

impl Desk {
    /// Looks after agents who leave until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_people(self) {
        let mut news = self.store.watch();
        let mut compared = HashMap::new();
        loop {
            let _ = timeout(PAUSE, changed(&mut news)).await;
            if let Err(fault) = self.look_after_leavers(&mut compared).await {
                tracing::warn!(%fault, "tickets of agents who have left must wait");
            }
        }
    }

    async fn look_after_leavers(&self, compared: &mut HashMap<Tenant, u64>) -> Result<(), Fault> {
        for (tenant, catalog) in self.catalogs.all() {
            if compared.get(&tenant) != Some(&catalog.version) {
                self.compare(&tenant, &catalog).await?;
                compared.insert(tenant, catalog.version);
            }
        }
        for (tenant, agent) in self.store.leavers().await? {
            self.welcome(&tenant).await?;
            self.hand_back(&tenant, &agent).await?;
        }
        Ok(())
    }

    /// Brings what is kept of agents in step with the directory: the catalogue may have named new ones.
    async fn compare(&self, tenant: &Tenant, catalog: &Catalog) -> Result<(), Fault> {
        let names: Vec<String> = catalog.agents.iter().map(|it| it.user_key()).collect();
        let people = self.store.profiles_by_name(tenant, &names).await?;
        let is_here: HashMap<String, bool> =
            people.into_iter().map(|it| (it.details.user_key(), it.is_here())).collect();
        let loads = self.store.loads(tenant).await?;
        for agent in &catalog.agents {
            // Of whom the directory says nothing, nothing follows.
            let Some(is_here) = is_here.get(&agent.user_key()) else { continue };
            let known = loads.get(&agent.id).is_some_and(|it| it.left.is_gone());
            if known == *is_here {
                let left = if *is_here { Left::No } else { Left::Holding };
                self.note(tenant, &agent.id, move |_| Some(left)).await?;
            }
        }
        Ok(())
    }

    /// Gives back to their groups what an agent holds who has left.
    async fn hand_back(&self, tenant: &Tenant, agent: &str) -> Result<(), Fault> {
        let filter = TicketFilter {
            agent: Some(agent.to_owned()),
            states: State::ALL.into_iter().filter(|it| it.is_open()).collect(),
            ..TicketFilter::default()
        };
        let mut after = None;
        loop {
            let page = self.store.tickets(tenant, &filter, after, PAGE).await?;
            after = page.last().map(|it| it.id);
            for ticket in &page {
                self.give_back(tenant, agent, ticket.id).await?;
            }
            if page.len() < PAGE as usize {
                break;
            }
        }
        self.note(tenant, agent, |left| (left == Left::Holding).then_some(Left::Cleared)).await
    }

    async fn give_back(&self, tenant: &Tenant, agent: &str, id: TicketId) -> Result<(), Fault> {
        let catalog = self.in_use(&crate::domain::people::Caller::system(tenant.clone(), ACTOR)).catalog;
        let agents: Arc<[String]> = [agent.to_owned()].into();
        let wants = Wants { tickets: vec![id], agents, ..Wants::default() };
        let work = Work { slot: id.slot(), wants, ..clocks::work(tenant, ACTOR, "hand-back") };
        let (request, agent) = (work.request.clone(), agent.to_owned());
        let decide = move |unit: &mut Unit<'_>| {
            let is_theirs = unit
                .ticket(id)
                .filter(|it| it.state.is_open() && it.agent.as_deref() == Some(&agent))
                .map(|it| it.group.clone());
            if let Some(group) = is_theirs.filter(|_| unit.load(&agent).left.is_gone()) {
                let because = vec![Because::Left(agent.clone())];
                unit.record(id, Event::Assigned { group, agent: None, because });
                clocks::settle(&catalog, unit, id);
            }
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map(drop).map_err(|it| undone(it, &request))
    }

    /// Keeps that an agent has left, or has not.
    async fn note(
        &self,
        tenant: &Tenant,
        agent: &str,
        next: impl Fn(Left) -> Option<Left> + Send + 'static,
    ) -> Result<(), Fault> {
        let slot = Slot(digest(&[tenant.as_str(), agent])[0]);
        let wants = Wants { agents: [agent.to_owned()].into(), ..Wants::default() };
        let work = Work { slot, wants, at: clock::now(), ..clocks::work(tenant, ACTOR, "left") };
        let (request, agent) = (work.request.clone(), agent.to_owned());
        let decide = move |unit: &mut Unit<'_>| {
            if let Some(left) = next(unit.load(&agent).left) {
                unit.set_left(&agent, left);
            }
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map(drop).map_err(|it| undone(it, &request))
    }
}

/// Waits for something after which an agent may hold what they should not.
async fn changed(news: &mut Receiver<Arc<v1::Event>>) {
    loop {
        match news.recv().await {
            Ok(event) if matches!(event.fact, Some(Fact::PersonChanged(_) | Fact::CatalogApplied(_))) => {
                return;
            }
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => return,
            // The store is gone, and so is the desk.
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
