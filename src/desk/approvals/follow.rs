//! Asks others where somebody whose consent is waited for is not there any more: whenever a tenant has another
//! catalogue, at the start, when somebody leaves or is asked who has, and in every minute, since leave begins by itself and
//! people leave by what other processes write.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use futures_util::future::join_all;
use tokio::{
    sync::broadcast::{
        Receiver,
        error::{RecvError, TryRecvError},
    },
    time::timeout,
};

use super::Approvals;
use crate::{
    clock,
    desk::{
        Desk,
        catalogs::InUse,
        clocks,
        fault::{Fault, undone},
        people::{above, profile_id},
    },
    domain::{
        approval::{self, Departed},
        catalog::Catalog,
        id::{ProfileId, TicketId},
        lifecycle::State,
        lookup::{TicketFilter, TicketRef},
        people::{Caller, Person, Tenant},
        profile::Profile,
        ticket::Ticket,
    },
    proto::v1::{self, event::Fact},
    store::{Unit, Wants, Work},
};

/// How often a look is taken for another catalogue, or another minute.
const PAUSE: Duration = Duration::from_secs(1);
/// Tickets read at once.
const PAGE: u32 = 200;
/// Who it was, in histories.
const ACTOR: &str = "approval";

/// Where somebody may be asked who has left.
#[derive(Debug, Default)]
struct Suspects {
    /// On any ticket of these.
    tenants: BTreeSet<Tenant>,
    /// On these tickets.
    tickets: BTreeSet<(Tenant, TicketId)>,
    /// Nobody knows where.
    anywhere: bool,
}

/// Those of a tenant who have left, of whoever may be asked.
#[derive(Debug, Default)]
struct Left {
    people: Vec<Person>,
    /// Who is above whom of them, by the key of the latter.
    above: HashMap<String, Person>,
}

impl Desk {
    /// Looks after approvals until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_approvals(self) {
        let mut news = self.store.watch();
        // Under which version of the catalogue, and in which minute.
        let mut seen: HashMap<Tenant, (u64, i64)> = HashMap::new();
        loop {
            let minute = clock::now().second().div_euclid(60);
            for (tenant, catalog) in self.catalogs.all() {
                let now = (catalog.version, minute);
                if seen.get(&tenant) == Some(&now) {
                    continue;
                }
                match self.reseat(&tenant, &catalog).await {
                    Ok(()) => drop(seen.insert(tenant, now)),
                    Err(fault) => {
                        tracing::warn!(%tenant, %fault, "approvers who left must wait to be replaced")
                    }
                }
            }
            let suspects = suspects(&mut news).await;
            if suspects.anywhere {
                seen.clear();
            }
            seen.retain(|tenant, _| !suspects.tenants.contains(tenant));
            for (tenant, id) in suspects.tickets {
                if let Err(fault) = self.reseat_if_left(&tenant, id).await {
                    tracing::warn!(%tenant, %fault, "approvers who left must wait to be replaced");
                    seen.remove(&tenant);
                }
            }
        }
    }

    async fn reseat(&self, tenant: &Tenant, catalog: &Catalog) -> Result<(), Fault> {
        let filter = TicketFilter { states: vec![State::WaitingApproval], ..TicketFilter::default() };
        let mut after = None;
        loop {
            let page = self.store.tickets_or_damage(tenant, &filter, after, PAGE).await?;
            let tickets: Vec<&Ticket> = page.iter().filter_map(|(_, _, it)| it.as_ref()).collect();
            self.reseat_all(tenant, catalog, &tickets).await?;
            match page.last() {
                Some((id, ..)) if page.len() == PAGE as usize => after = Some(*id),
                Some(_) | None => return Ok(()),
            }
        }
    }

    async fn reseat_if_left(&self, tenant: &Tenant, id: TicketId) -> Result<(), Fault> {
        let catalog = self.in_use(&Caller::system(tenant.clone(), ACTOR)).catalog;
        let ticket = self.store.ticket(tenant, &TicketRef::Id(id)).await?;
        let waits: Vec<&Ticket> = ticket.iter().filter(|it| it.is_waiting_for_approval()).collect();
        self.reseat_all(tenant, &catalog, &waits).await
    }

    async fn reseat_all(&self, tenant: &Tenant, catalog: &Catalog, tickets: &[&Ticket]) -> Result<(), Fault> {
        if tickets.is_empty() {
            return Ok(());
        }
        let now = clock::now();
        let left = Arc::new(self.left(tenant, catalog, tickets).await?);
        // A look that spares a transaction; what is to be done is decided there.
        let moves = tickets.iter().filter(|it| !approval::replace(it, catalog, left.of(it), now).is_empty());
        let all = join_all(moves.map(|it| self.reseat_one(tenant, it.id, Arc::clone(&left)))).await;
        all.into_iter().collect()
    }

    /// Who has left, of those who are asked on some tickets and those whom the catalogue names.
    async fn left(&self, tenant: &Tenant, catalog: &Catalog, tickets: &[&Ticket]) -> Result<Left, Fault> {
        let asked = tickets.iter().filter_map(|it| it.approval.as_ref()).flat_map(|it| it.pending());
        let managers = tickets.iter().filter_map(|it| it.asked.manager.as_ref());
        let all = catalog.approvers.iter().map(|it| &it.person);
        let all = all.chain(asked.map(|it| &it.person)).chain(managers);
        let by_id: BTreeMap<ProfileId, &Person> = all.map(|it| (profile_id(tenant, it), it)).collect();
        let ids: Vec<ProfileId> = by_id.keys().copied().collect();
        let mut left = Left::default();
        for profile in self.store.profiles_by_id(tenant, &ids).await?.iter().filter(|it| !it.is_here()) {
            let Some(who) = by_id.get(&profile.id) else { continue };
            left.people.push((*who).clone());
            let chain = above(&self.store, tenant, profile.details.manager).await?;
            if let Some(next) = chain.iter().find(|it| it.is_here()) {
                left.above.insert(who.key(), Profile::person(next));
            }
        }
        let loads = self.store.loads(tenant).await?;
        let agents = catalog.agents.iter().filter(|it| loads.get(&it.id).is_some_and(|it| it.left.is_gone()));
        left.people.extend(agents.map(|it| approval::agent_person(catalog, &it.id)));
        Ok(left)
    }

    async fn reseat_one(&self, tenant: &Tenant, id: TicketId, left: Arc<Left>) -> Result<(), Fault> {
        let InUse { catalog, holders } = self.in_use(&Caller::system(tenant.clone(), ACTOR));
        let wants = Wants { tickets: vec![id], agents: holders, ..Wants::default() };
        let work = Work { slot: id.slot(), wants, ..clocks::work(tenant, ACTOR, "reseat") };
        let (phrases, at, request) = (Arc::clone(&self.phrases), work.at, work.request.clone());
        let decide = move |unit: &mut Unit<'_>| {
            let Some(ticket) = unit.ticket(id).cloned() else { return Ok(vec![]) };
            let approvals = Approvals { catalog: &catalog, phrases: &phrases, at };
            approvals.replace(unit, id, left.of(&ticket));
            clocks::settle(&catalog, unit, id);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(())
    }
}

impl Left {
    fn of(&self, ticket: &Ticket) -> Departed<'_> {
        let above = ticket.asked.manager.as_ref().and_then(|it| self.above.get(&it.key()));
        Departed { people: &self.people, above }
    }
}

/// Waits a moment for something after which somebody may be asked who has left, and takes all that is known by then.
async fn suspects(news: &mut Receiver<Arc<v1::Event>>) -> Suspects {
    let mut suspects = Suspects::default();
    match timeout(PAUSE, news.recv()).await {
        Ok(Ok(event)) => suspects.add(&event),
        Ok(Err(RecvError::Lagged(_))) => suspects.anywhere = true,
        // The store is gone, and so is the desk.
        Ok(Err(RecvError::Closed)) => std::future::pending().await,
        Err(_) => return suspects,
    }
    loop {
        match news.try_recv() {
            Ok(event) => suspects.add(&event),
            Err(TryRecvError::Lagged(_)) => suspects.anywhere = true,
            Err(TryRecvError::Empty | TryRecvError::Closed) => return suspects,
        }
    }
}

impl Suspects {
    fn add(&mut self, event: &v1::Event) {
        let Some(tenant) = Tenant::parse(&event.tenant) else { return };
        if let Some(Fact::PersonChanged(it)) = &event.fact {
            let is_out = it.person.as_ref().is_some_and(|it| it.inactive);
            let leaves = is_out || it.changed.iter().any(|it| it == "removed");
            self.tenants.extend(Some(tenant).filter(|_| leaves));
        } else if matches!(event.fact, Some(Fact::ApprovalAsked(_) | Fact::ApprovalHanded(_))) {
            self.tickets.extend(event.subject.parse().ok().map(|id| (tenant, id)));
        }
    }
}
