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

pub(super) struct Watcher {
    store: Store,
    live: Receiver<Arc<v1::Event>>,
    /// How far each partition was told.
    told: Vec<u64>,
    /// Read from the log and not told yet.
    ready: VecDeque<v1::Event>,
    /// Whether the log may hold more that was not told.
    behind: bool,
    /// Which events are told.
    wanted: Box<dyn Fn(&v1::Event) -> bool + Send + Sync>,
}

/// What a watcher tells.
pub(super) enum Told {
    /// Something was committed.
    Event(Box<v1::Event>),
    /// All that was committed has been told.
    Nothing,
    /// Nothing more will be.
    End,
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
        let tenant = caller.tenant.as_str().to_owned();
        let wanted = move |event: &v1::Event| {
            let is_it = subject.as_ref().is_none_or(|it| *it == event.subject);
            is_it && event.tenant == tenant && event.subject.starts_with("tkt_")
        };
        let watcher = Watcher::from_now(&self.store, wanted).await?;
        Ok(stream::try_unfold(watcher, Watcher::next))
    }
}

impl Watcher {
    /// Tells what is committed from now on.
    pub(super) async fn from_now(
        store: &Store,
        wanted: impl Fn(&v1::Event) -> bool + Send + Sync + 'static,
    ) -> Result<Self, Fault> {
        // Listen first, then ask where the log stands: nothing can fall between the two.
        let live = store.watch();
        let mut told = vec![];
        for partition in 0..store.partitions() {
            told.push(store.head(partition).await?.position);
        }
        let (ready, behind, wanted) = (VecDeque::new(), false, Box::new(wanted));
        Ok(Self { store: store.clone(), live, told, ready, behind, wanted })
    }

    /// How far each partition has been told.
    pub(super) fn told(&self) -> &[u64] {
        &self.told
    }

    /// The next thing to be told.
    pub(super) async fn hear(&mut self) -> Result<Told, Fault> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Ok(Told::Event(Box::new(event)));
            }
            if self.behind {
                self.catch_up().await?;
                if self.ready.is_empty() && !self.behind {
                    return Ok(Told::Nothing);
                }
                continue;
            }
            match timeout(TICK, self.live.recv()).await {
                Ok(Ok(event)) => self.take_live(&event),
                Ok(Err(RecvError::Lagged(_))) | Err(_) => self.behind = true,
                Ok(Err(RecvError::Closed)) => return Ok(Told::End),
            }
        }
    }

    async fn next(mut self) -> Result<Option<(v1::Event, Self)>, Fault> {
        loop {
            match self.hear().await? {
                Told::Event(event) => return Ok(Some((*event, self))),
                Told::Nothing => {}
                Told::End => return Ok(None),
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
        if (self.wanted)(event) {
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
