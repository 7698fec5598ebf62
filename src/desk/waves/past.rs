//! What was committed in the last hour, in the order of time: each partition is in order by itself, and they are read side
//! by side.

use std::collections::VecDeque;

use crate::{
    desk::fault::Fault,
    domain::time::Timestamp,
    proto::{time::time_from, v1},
    store::Store,
};

/// How many events of a partition are read at once.
const PAGE: u32 = 256;

/// The events of a while, from the first to the last.
pub(super) struct Past {
    store: Store,
    lanes: Vec<Lane>,
}

/// One partition: what was read of it, and what is still to be read.
struct Lane {
    partition: u32,
    read: u64,
    last: u64,
    ready: VecDeque<v1::Event>,
}

impl Past {
    /// What was committed since a time, up to these positions of the partitions.
    pub(super) async fn since(store: &Store, at: Timestamp, until: &[u64]) -> Result<Self, Fault> {
        let mut lanes = vec![];
        for (partition, last) in (0..).zip(until) {
            let read = store.position_before(partition, at).await?;
            lanes.push(Lane { partition, read, last: *last, ready: VecDeque::new() });
        }
        Ok(Self { store: store.clone(), lanes })
    }

    /// The next event.
    pub(super) async fn next(&mut self) -> Result<Option<v1::Event>, Fault> {
        for lane in &mut self.lanes {
            if lane.ready.is_empty() && lane.read < lane.last {
                let page = self.store.events_after(lane.partition, lane.read, PAGE).await?;
                // Positions are dense; one whose bytes were erased does not say its own.
                let left = usize::try_from(lane.last - lane.read).unwrap_or(usize::MAX);
                lane.read = if page.is_empty() { lane.last } else { lane.read + page.len() as u64 };
                lane.ready.extend(page.into_iter().take(left));
            }
        }
        let time = |lane: &Lane| Some(lane.ready.front()?.time.as_ref().map(time_from).unwrap_or_default());
        let waiting = self.lanes.iter_mut().filter(|it| !it.ready.is_empty());
        let first = waiting.min_by_key(|it| time(it));
        Ok(first.and_then(|it| it.ready.pop_front()))
    }
}
