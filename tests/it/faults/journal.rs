//! What the load did and heard: each call with its answer, and how often the connection was cut.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::call::{Call, Reply};

/// Shared by all who make up the load.
#[derive(Debug, Default)]
pub(super) struct Journal {
    done: Mutex<Vec<(Call, Reply)>>,
    complaints: Mutex<Vec<String>>,
    acknowledged: AtomicU64,
    in_flight: AtomicU64,
    cut: AtomicU64,
}

impl Journal {
    /// A call has been acknowledged for the first time.
    pub(super) fn acknowledged(&self, call: &Call, reply: &Reply) {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).push((call.clone(), reply.clone()));
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    /// Something is not as promised.
    pub(super) fn complain(&self, complaint: String) {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).push(complaint);
    }

    /// A call is under way until its sign is dropped.
    pub(super) fn under_way(&self) -> UnderWay<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        UnderWay(self)
    }

    /// A call's outcome is unknown, since the connection was cut.
    pub(super) fn was_cut(&self) {
        self.cut.fetch_add(1, Ordering::Relaxed);
    }

    /// How many calls were acknowledged.
    pub(super) fn count(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// How many calls are under way.
    pub(super) fn in_flight(&self) -> u64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    /// How many calls were cut so far.
    pub(super) fn cuts(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }

    /// All acknowledged calls with their answers.
    pub(super) fn done(&self) -> Vec<(Call, Reply)> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// All that was not as promised, as far as the load could see.
    pub(super) fn complaints(&self) -> Vec<String> {
        self.complaints.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Says, while it lives, that a call is under way.
pub(super) struct UnderWay<'a>(&'a Journal);

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
