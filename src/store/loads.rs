//! Loads of agents and groups as a batch sees them, and what a writer remembers of them from one batch to the next, so
//! that it does not ask for all of them again. Loads change with events only: in a store of one partition they are as
//! they were as long as nobody else has moved its head. With several partitions they are never remembered.

use std::{collections::HashMap, sync::Arc};

use super::batch::{Known, Place};
use crate::domain::{assignment::Load, people::Tenant};

/// Loads by tenant.
#[derive(Debug, Default)]
pub(super) struct Loads(HashMap<Tenant, Board>);

/// Loads of a tenant's agents and groups: found by name, or by where they stand in a list of names, without a look at
/// the names.
#[derive(Debug, Default)]
pub(super) struct Board {
    places: HashMap<String, usize>,
    loads: Vec<Load>,
    /// Lists that are known, and where the loads are of those who stand in them.
    lists: Vec<(Arc<[String]>, Vec<usize>)>,
}

impl Loads {
    pub(super) fn board(&self, tenant: &Tenant) -> Option<&Board> {
        self.0.get(tenant)
    }

    pub(super) fn get(&self, tenant: &Tenant, holder: &str) -> Option<Load> {
        let board = self.board(tenant)?;
        board.place(holder).map(|it| board.loads[it])
    }

    pub(super) fn get_mut(&mut self, tenant: &Tenant, holder: &str) -> Option<&mut Load> {
        let board = self.0.get_mut(tenant)?;
        board.place(holder).map(|it| &mut board.loads[it])
    }

    pub(super) fn put(&mut self, tenant: &Tenant, holder: String, load: Load) {
        let board = self.0.entry(tenant.clone()).or_default();
        let place = *board.places.entry(holder).or_insert(board.loads.len());
        match board.loads.get_mut(place) {
            Some(it) => *it = load,
            None => board.loads.push(load),
        }
    }

    /// Whether all of a list is known.
    pub(super) fn has(&self, tenant: &Tenant, list: &Arc<[String]>) -> bool {
        list.is_empty() || self.board(tenant).is_some_and(|it| it.list(list).is_some())
    }

    /// Notes where those of a list are, all of whom are known; lists that nobody has any more are forgotten.
    pub(super) fn note(&mut self, tenant: &Tenant, list: &Arc<[String]>) {
        let board = self.0.entry(tenant.clone()).or_default();
        board.lists.retain(|it| 1 < Arc::strong_count(&it.0));
        let places: Option<Vec<usize>> = list.iter().map(|it| board.place(it)).collect();
        board.lists.extend(places.map(|it| (Arc::clone(list), it)));
    }
}

impl Board {
    /// Where a holder's load is.
    pub(super) fn place(&self, holder: &str) -> Option<usize> {
        self.places.get(holder).copied()
    }

    /// Where the loads are of those who stand in a list.
    pub(super) fn list(&self, list: &Arc<[String]>) -> Option<&[usize]> {
        self.lists.iter().find(|it| Arc::ptr_eq(&it.0, list)).map(|it| it.1.as_slice())
    }

    /// The load in a place.
    pub(super) fn at(&self, place: usize) -> Load {
        self.loads.get(place).copied().unwrap_or_default()
    }
}

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
        if holds { loads } else { Loads::default() }
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

    fn acme() -> Tenant {
        Tenant::parse("acme").unwrap()
    }

    fn open(open: u32) -> Load {
        Load { open, ..Load::default() }
    }

    fn known(partitions: u32, head: u64) -> Known {
        let place = Place { partition: 0, partitions, epoch: 1, head, hash: [0; 32] };
        let mut loads = Loads::default();
        loads.put(&acme(), "mei".to_owned(), open(3));
        Known {
            place,
            requests: HashMap::new(),
            tickets: HashMap::new(),
            conversations: HashMap::new(),
            loads,
            catalogs: HashMap::new(),
            people: HashMap::new(),
            articles: HashMap::new(),
            uses: HashMap::new(),
            user_names: HashMap::new(),
            registers: HashMap::new(),
            waves: HashMap::new(),
            improvements: HashMap::new(),
            unreadable: HashSet::new(),
        }
    }

    fn taken(partitions: u32, before: u64, now: u64) -> bool {
        let mut remembered = Remembered::default();
        remembered.keep(&mut known(partitions, before));
        remembered.take(&known(partitions, now).place).get(&acme(), "mei").is_some()
    }

    #[test]
    fn loads_hold_while_nobody_else_has_written() {
        assert!(taken(1, 7, 7));
        assert!(!taken(1, 7, 8));
        assert!(!taken(16, 7, 7));
    }

    #[test]
    fn a_list_finds_what_its_names_find_and_is_forgotten_when_nobody_has_it() {
        let (tenant, mut loads) = (acme(), Loads::default());
        let list: Arc<[String]> = ["mei".to_owned(), "ada".to_owned()].into();
        assert!(!loads.has(&tenant, &list));
        for (name, load) in [("ada", 1), ("mei", 2), ("ada", 3)] {
            loads.put(&tenant, name.to_owned(), open(load));
        }
        loads.note(&tenant, &list);
        assert!(loads.has(&tenant, &list));
        assert!(!loads.has(&Tenant::parse("other").unwrap(), &list));
        let board = loads.board(&tenant).unwrap();
        let found: Vec<u32> = board.list(&list).unwrap().iter().map(|it| board.at(*it).open).collect();
        assert_eq!(found, [2, 3]);
        assert_eq!(loads.get(&tenant, "ada"), Some(open(3)));
        let same_names: Arc<[String]> = list.iter().cloned().collect();
        assert!(!loads.has(&tenant, &same_names), "another list may stand in another order");
        drop(list);
        loads.note(&tenant, &same_names);
        assert_eq!(loads.board(&tenant).unwrap().lists.len(), 1);
    }

    #[test]
    fn a_list_with_somebody_unknown_is_not_known() {
        let (tenant, mut loads) = (acme(), Loads::default());
        let list: Arc<[String]> = ["mei".to_owned()].into();
        loads.note(&tenant, &list);
        assert!(!loads.has(&tenant, &list));
    }
}
