//! What a writer remembers of agents' loads from one batch to the next, so that it does not ask for
//! all of them again. Loads change with events only: in a store of one partition they are as they were
//! as long as nobody else has moved its head. With several partitions they are never remembered.

use std::collections::HashMap;

use super::batch::{Known, Place};
use crate::domain::{assignment::Load, people::Tenant};

/// Loads by tenant and agent.
pub(super) type Loads = HashMap<(Tenant, String), Load>;

/// Loads as they were after a commit.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    after: Option<Place>,
    loads: Loads,
}

impl Remembered {
    /// Gives what still holds where the partition stands now, and keeps nothing: whether the batch at
    /// hand will be committed is not known yet.
    pub(super) fn take(&mut self, now: &Place) -> Loads {
        let holds = self.after.take().as_ref() == Some(now);
        let loads = std::mem::take(&mut self.loads);
        if holds { loads } else { Loads::new() }
    }

    /// Remembers what a committed batch knew.
    pub(super) fn keep(&mut self, known: &mut Known) {
        if known.place.partitions == 1 {
            self.after = Some(known.place.clone());
            self.loads = std::mem::take(&mut known.loads);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn known(partitions: u32, head: u64) -> Known {
        let place = Place { partition: 0, partitions, epoch: 1, head, hash: [0; 32] };
        let agent = (Tenant::parse("acme").unwrap(), "mei".to_owned());
        let load = Load { open: 3, ..Load::default() };
        Known {
            place,
            requests: HashMap::new(),
            tickets: HashMap::new(),
            conversations: HashMap::new(),
            loads: [(agent, load)].into(),
            catalogs: HashMap::new(),
            people: HashMap::new(),
            user_names: HashMap::new(),
            registers: HashMap::new(),
            unreadable: HashSet::new(),
        }
    }

    fn taken(partitions: u32, before: u64, now: u64) -> usize {
        let mut remembered = Remembered::default();
        remembered.keep(&mut known(partitions, before));
        remembered.take(&known(partitions, now).place).len()
    }

    #[test]
    fn loads_hold_while_nobody_else_has_written() {
        assert_eq!(taken(1, 7, 7), 1);
        assert_eq!(taken(1, 7, 8), 0);
        assert_eq!(taken(16, 7, 7), 0);
    }
}
