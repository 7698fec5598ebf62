//! Asks others where somebody whose consent is waited for is not there any more: whenever a tenant has another
//! catalogue, at the start, and in every hour, since leave begins by itself.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::future::join_all;

use super::Approvals;
use crate::{
    clock,
    desk::{
        Desk,
        catalogs::InUse,
        clocks,
        fault::{Fault, undone},
    },
    domain::{
        approval,
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        lookup::TicketFilter,
        people::{Caller, Tenant},
    },
    store::{Unit, Wants, Work},
};

/// How often a look is taken for another catalogue, or another hour.
const PAUSE: Duration = Duration::from_secs(1);
/// Tickets read at once.
const PAGE: u32 = 200;
/// Who it was, in histories.
const ACTOR: &str = "approval";

impl Desk {
    /// Looks after approvals until the desk goes. What stands in the way of a look does not stop the next one.
    pub async fn follow_approvals(self) {
        // Under which version of the catalogue, and in which hour: days begin at different times in different zones.
        let mut seen: HashMap<Tenant, (u64, i64)> = HashMap::new();
        loop {
            let hour = clock::now().second().div_euclid(3600);
            for (tenant, catalog) in self.catalogs.all() {
                let now = (catalog.version, hour);
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
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn reseat(&self, tenant: &Tenant, catalog: &Arc<Catalog>) -> Result<(), Fault> {
        let filter = TicketFilter { states: vec![State::WaitingApproval], ..TicketFilter::default() };
        let mut after = None;
        loop {
            let page = self.store.tickets_or_damage(tenant, &filter, after, PAGE).await?;
            let now = clock::now();
            // A look that spares a transaction; what is to be done is decided there.
            let moves = page.iter().filter_map(|(id, _, it)| it.as_ref().map(|it| (*id, it)));
            let moves = moves.filter(|(_, it)| !approval::follow(it, catalog, now).is_empty());
            let all = join_all(moves.map(|(id, _)| self.reseat_one(tenant, id))).await;
            all.into_iter().collect::<Result<Vec<()>, Fault>>()?;
            match page.last() {
                Some((id, ..)) if page.len() == PAGE as usize => after = Some(*id),
                Some(_) | None => return Ok(()),
            }
        }
    }

    async fn reseat_one(&self, tenant: &Tenant, id: TicketId) -> Result<(), Fault> {
        let InUse { catalog, holders } = self.in_use(&Caller::system(tenant.clone(), ACTOR));
        let wants = Wants { tickets: vec![id], agents: holders, ..Wants::default() };
        let work = Work { slot: id.slot(), wants, ..clocks::work(tenant, ACTOR, "reseat") };
        let (phrases, at, request) = (Arc::clone(&self.phrases), work.at, work.request.clone());
        let decide = move |unit: &mut Unit<'_>| {
            Approvals { catalog: &catalog, phrases: &phrases, at }.follow(unit, id);
            clocks::settle(&catalog, unit, id);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        Ok(())
    }
}
