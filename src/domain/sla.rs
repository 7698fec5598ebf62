//! SLA policies: by when work must be answered and resolved, for each priority.

use super::{calendar::Calendar, priority::Priority, time::Timestamp};

/// Goals by priority, counted in the hours of one calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SlaPolicy {
    /// Its id.
    pub id: String,
    /// Id of the calendar whose hours count.
    pub calendar: String,
    /// Goals, P1 first.
    pub targets: [Target; 4],
}

/// Goals of one priority, in working seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    /// Until somebody has answered.
    pub response: u32,
    /// Until it is resolved.
    pub resolution: u32,
}

/// By when a ticket must be answered and resolved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Due {
    /// First answer.
    pub response: Option<Timestamp>,
    /// Resolution.
    pub resolution: Option<Timestamp>,
}

impl SlaPolicy {
    /// The due times of work that began at `start`.
    pub fn due(&self, calendar: &Calendar, priority: Priority, start: Timestamp) -> Due {
        let target = self.targets[priority as usize];
        Due {
            response: calendar.due(start, target.response),
            resolution: calendar.due(start, target.resolution),
        }
    }
}
