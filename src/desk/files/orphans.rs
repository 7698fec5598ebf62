//! Files that no ticket has: the process ended before the ticket was written, or the ticket was not to have them.

use std::{collections::HashSet, time::Duration};

use super::unwritten;
use crate::{
    clock,
    desk::{Desk, fault::Fault},
    domain::{lookup::TicketFilter, people::Tenant, time::Timestamp},
};

/// A file that has been in its place for so long is no longer on its way to a ticket, whichever replica brought it: the
/// longest upload takes ten minutes, and what is written waits for seconds. The rest is for clocks that differ.
const OLD: Duration = Duration::from_secs(3600);
/// How often such files are looked for; also at every start.
const EVERY: Duration = Duration::from_secs(3600);
/// Tickets looked at in one step.
const PAGE: u32 = 256;

impl Desk {
    /// Takes away files that no ticket has, for as long as the desk is there.
    pub async fn follow_files(self) {
        loop {
            match self.take_orphans_away().await {
                Ok(0) => {}
                Ok(count) => tracing::info!(count, "took away files that no ticket has"),
                Err(fault) => tracing::warn!(%fault, "files that no ticket has stay for now"),
            }
            tokio::time::sleep(EVERY).await;
        }
    }

    async fn take_orphans_away(&self) -> Result<usize, Fault> {
        let old = i64::try_from(OLD.as_millis()).unwrap_or(i64::MAX);
        let since = Timestamp(clock::now().0 - old);
        let pending = self.files.folder.pending(since).await.map_err(unwritten)?;
        let tenants: HashSet<Tenant> = pending.iter().map(|it| it.tenant.clone()).collect();
        let mut had = HashSet::new();
        for tenant in tenants {
            let hashes: HashSet<_> =
                pending.iter().filter(|it| it.tenant == tenant).map(|it| it.hash).collect();
            had.extend(
                self.had_by_tickets(&tenant, &hashes).await?.into_iter().map(|it| (tenant.clone(), it)),
            );
        }
        let mut count = 0;
        for it in pending {
            if had.contains(&(it.tenant.clone(), it.hash)) {
                it.known().await.map_err(unwritten)?;
            } else if it.remove(since).await.map_err(unwritten)? {
                count += 1;
            }
        }
        Ok(count)
    }

    /// Those of some files that a ticket of a tenant has. One ticket that cannot be read ends it: it may have them all.
    async fn had_by_tickets(
        &self,
        tenant: &Tenant,
        hashes: &HashSet<[u8; 32]>,
    ) -> Result<HashSet<[u8; 32]>, Fault> {
        let (mut had, mut after) = (HashSet::new(), None);
        loop {
            let page = self.store.tickets(tenant, &TicketFilter::default(), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(had) };
            after = Some(last.id);
            let of_page = page.iter().flat_map(|it| &it.ties.attachments).map(|it| it.hash);
            had.extend(of_page.filter(|it| hashes.contains(it)));
        }
    }
}
