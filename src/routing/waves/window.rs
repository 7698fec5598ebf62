//! What was heard in the last hour, and no more than fits.

use std::collections::{HashMap, VecDeque};

use super::Meaning;
use crate::domain::{id::ConversationId, time::Timestamp};

/// For so long a message is remembered, in milliseconds; and so long who wrote about something does not count again.
pub(super) const SPAN: i64 = 3_600_000;
/// Messages that are remembered, at most.
pub const MOST: usize = 100_000;

/// A message that is remembered.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) requester: u64,
    pub(super) conversation: ConversationId,
    pub(super) meaning: Meaning,
    /// What it is about: numbers of streams.
    about: Vec<u64>,
}

/// The messages that are remembered, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Messages that were heard before the first one here.
    gone: u64,
    entries: VecDeque<Entry>,
    /// Who has written about what, and when that counted.
    counted: HashMap<(u64, u64), Timestamp>,
    /// How many messages each writer has here.
    people: HashMap<u64, u32>,
}

impl Window {
    /// Remembers a message and gives its number.
    pub(super) fn push(&mut self, entry: Entry) -> u64 {
        if self.entries.len() == MOST {
            self.forget();
        }
        *self.people.entry(entry.requester).or_default() += 1;
        self.entries.push_back(entry);
        self.gone + self.entries.len() as u64 - 1
    }

    /// Forgets what is too old.
    pub(super) fn advance(&mut self, now: Timestamp) {
        while self.entries.front().is_some_and(|it| it.at.0 + SPAN <= now.0) {
            self.forget();
        }
    }

    fn forget(&mut self) {
        let Some(entry) = self.entries.pop_front() else { return };
        self.gone += 1;
        if let Some(left) = self.people.get_mut(&entry.requester) {
            *left -= 1;
            if *left == 0 {
                self.people.remove(&entry.requester);
            }
        }
        for stream in entry.about {
            let key = (stream, entry.requester);
            if self.counted.get(&key).is_some_and(|it| *it <= entry.at) {
                self.counted.remove(&key);
            }
        }
    }

    /// A message by its number, if it is remembered.
    pub(super) fn get(&self, number: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(number.checked_sub(self.gone)?).ok()?)
    }

    /// Whether somebody has not written about something within the span; from now on they have.
    pub(super) fn counts(&mut self, stream: u64, requester: u64, at: Timestamp) -> bool {
        let last = self.counted.get(&(stream, requester));
        if last.is_some_and(|it| at.0 < it.0 + SPAN) {
            return false;
        }
        self.counted.insert((stream, requester), at);
        true
    }

    /// When the latest message was written.
    pub(super) fn latest(&self) -> Timestamp {
        self.entries.back().map_or(Timestamp::default(), |it| it.at)
    }

    /// How many people have written.
    pub(super) fn people(&self) -> usize {
        self.people.len()
    }

    /// Messages and counted writers that are remembered.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.entries.len(), self.counted.len())
    }
}

impl Entry {
    pub(super) fn new(message: super::Message, about: Vec<u64>) -> Self {
        let super::Message { at, requester, conversation, meaning, .. } = message;
        Self { at, requester, conversation, meaning, about }
    }
}
