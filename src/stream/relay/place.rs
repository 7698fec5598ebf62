//! Where a relay goes on, given where the stream ends.

use super::{EntryId, Relay, Stalled};
use crate::{
    proto::v1,
    store::{Head, Unavailable},
};

/// Between two entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The next event is the one after this.
    pub(super) position: u64,
    /// The entry that the stream ends with; `None` while it is empty.
    pub(super) end: Option<EntryId>,
}

impl Relay {
    pub(super) async fn place_behind(&mut self, end: Option<EntryId>) -> Result<Place, Stalled> {
        let position = match end {
            None => self.least_known().await?,
            Some(id) => self.position_behind(id).await?,
        };
        Ok(Place { position, end })
    }

    /// An empty stream starts behind the slowest of our own sinks; without any, with the first event. And never
    /// behind what it once had: the sinks may have read the log before the stream had anything, and consumers
    /// outside have not.
    async fn least_known(&self) -> Result<u64, Unavailable> {
        let mut least = if self.sinks.is_empty() { 0 } else { self.store.published(self.partition).await? };
        for sink in &self.sinks {
            least = least.min(self.store.watermark(sink, self.partition).await?);
        }
        Ok(least)
    }

    async fn position_behind(&mut self, end: EntryId) -> Result<u64, Stalled> {
        // Read after the stream: whatever is published was committed before.
        let head = self.store.head(self.partition).await?;
        if end.epoch > head.epoch || (end.epoch == head.epoch && end.position > head.position) {
            let why = format!("its history ends at {}-{}", head.epoch, head.position);
            return Err(self.foreign(end, why));
        }
        match self.event_at(end.position).await? {
            Some(ours) if EntryId::of(&ours) == end => self.recognise(end, &ours).await,
            _ if end.epoch == head.epoch => Err(self.foreign(end, "it has another event there".to_owned())),
            // The stream ends with what a restore has lost. What came after the restore is due.
            _ => Ok(self.last_before(end.epoch + 1, head).await?),
        }
    }

    /// The entry has the id of one of our events; is it that event? Desks that share a Redis by mistake
    /// have the same ids.
    async fn recognise(&mut self, end: EntryId, ours: &v1::Event) -> Result<u64, Stalled> {
        match self.stream.newest().await? {
            // A trimmed entry tells nothing, and another relay may have added meanwhile.
            Some((id, Some(theirs))) if id == end && !is_same(ours, &theirs) => {
                Err(self.foreign(end, format!("there it is about {}", ours.subject)))
            }
            Some((id, None)) if id == end => Err(self.foreign(end, "the entry is no event".to_owned())),
            _ => Ok(end.position),
        }
    }

    async fn event_at(&self, position: u64) -> Result<Option<v1::Event>, Unavailable> {
        let before = position.saturating_sub(1);
        let found = self.store.events_after(self.partition, before, 1).await?;
        Ok(found.into_iter().next().filter(|it| it.position == position))
    }

    /// The last position before an epoch. Epochs rise along the log, so halving finds it.
    async fn last_before(&self, epoch: u64, head: Head) -> Result<u64, Unavailable> {
        let (mut low, mut high) = (0, head.position);
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.event_at(middle).await? {
                Some(event) if event.epoch >= epoch => high = middle - 1,
                Some(_) | None => low = middle,
            }
        }
        Ok(low)
    }

    fn foreign(&self, end: EntryId, why: String) -> Stalled {
        Stalled::Foreign { key: self.stream.key().to_owned(), end, why }
    }
}

/// Whether two events with one id are one: the identities in them were made at random.
pub(in crate::stream) fn is_same(one: &v1::Event, other: &v1::Event) -> bool {
    let key = |it: &v1::Event| {
        (it.partition, EntryId::of(it), it.tenant.clone(), it.subject.clone(), it.cause.clone(), it.time)
    };
    key(one) == key(other)
}
