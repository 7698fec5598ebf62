//! Being told of events as they are committed. One that falls behind the broadcast goes on from the
//! log, and so does one that lacks what another process committed: a watcher misses nothing and holds
//! nobody up.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use futures_util::{Stream, stream};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::timeout,
};

use super::{Desk, fault::Fault};
use crate::{
    domain::{lookup::TicketRef, people::Caller},
    proto::v1,
    store::Store,
};

/// How many events are read from the log at once.
const PAGE: u32 = 256;
/// How long to wait before the log is asked: another process may have committed.
const TICK: Duration = Duration::from_secs(1);

struct Watcher {
    store: Store,
    live: Receiver<Arc<v1::Event>>,
    /// How far each partition was told.
    told: Vec<u64>,
    /// Read from the log and not told yet.
    ready: VecDeque<v1::Event>,
    /// Whether the log may hold more that was not told.
    behind: bool,
    tenant: String,
    subject: Option<String>,
}

impl Desk {
    /// The caller's ticket events from now on; only those of one ticket if it is named.
    pub async fn watch(
        &self,
        caller: &Caller,
        which: Option<TicketRef>,
    ) -> Result<impl Stream<Item = Result<v1::Event, Fault>> + Send + use<>, Fault> {
        let subject = match which {
            Some(which) => Some(self.find(caller, &which).await?.id.to_string()),
            None => None,
        };
        // Listen first, then ask where the log stands: nothing can fall between the two.
        let live = self.store.watch();
        let mut told = vec![];
        for partition in 0..self.store.partitions() {
            told.push(self.store.head(partition).await?.position);
        }
        let tenant = caller.tenant.as_str().to_owned();
        let watcher = Watcher {
            store: self.store.clone(),
            live,
            told,
            ready: VecDeque::new(),
            behind: false,
            tenant,
            subject,
        };
        Ok(stream::try_unfold(watcher, Watcher::next))
    }
}

impl Watcher {
    async fn next(mut self) -> Result<Option<(v1::Event, Self)>, Fault> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Some((event, self)));
            }
            if self.behind {
                self.catch_up().await?;
                continue;
            }
            match timeout(TICK, self.live.recv()).await {
                Ok(Ok(event)) => self.take_live(&event),
                Ok(Err(RecvError::Lagged(_))) | Err(_) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return Ok(None),
            }
        }
    }

    /// Another process's events are not in the broadcast: where one is missing, the log has it.
    fn take_live(&mut self, event: &v1::Event) {
        match self.told.get(event.partition as usize) {
            Some(told) if event.position > told + 1 => self.behind = true,
            Some(_) | None => self.take(event),
        }
    }

    fn take(&mut self, event: &v1::Event) {
        let Some(told) = self.told.get_mut(event.partition as usize) else { return };
        if event.position <= *told {
            return;
        }
        *told = event.position;
        let wanted = self.subject.as_ref().is_none_or(|it| *it == event.subject);
        if wanted && event.tenant == self.tenant && event.subject.starts_with("tkt_") {
            self.ready.push_back(event.clone());
        }
    }

    /// Reads a page of each partition; the live events come after what the log still holds.
    async fn catch_up(&mut self) -> Result<(), Fault> {
        self.behind = false;
        for partition in 0..self.store.partitions() {
            let told = self.told.get(partition as usize).copied().unwrap_or(0);
            let page = self.store.events_after(partition, told, PAGE).await?;
            self.behind |= page.len() == PAGE as usize;
            page.iter().for_each(|event| self.take(event));
        }
        Ok(())
    }
}
