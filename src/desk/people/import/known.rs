//! Who stands in the directory already: an index, and no entries.

use std::collections::HashMap;

use crate::{
    desk::fault::Fault,
    domain::{id::ProfileId, people::Tenant},
    store::Store,
};

/// Entries read at once.
const PAGE: u32 = 5_000;

/// An index of the directory.
#[derive(Debug, Default)]
pub(in crate::desk::people) struct Known {
    pub(in crate::desk::people) by_name: HashMap<String, ProfileId>,
    /// None for an address that several people have.
    pub(in crate::desk::people) by_email: HashMap<String, Option<ProfileId>>,
    pub(super) managers: HashMap<ProfileId, ProfileId>,
    /// Those who are here.
    pub(super) active: Vec<ProfileId>,
    /// User names by identity, of those who were not taken out.
    pub(super) names: HashMap<ProfileId, String>,
    /// Versions of all entries, also of those that were taken out.
    pub(super) versions: HashMap<ProfileId, u64>,
}

impl Known {
    pub(in crate::desk::people) async fn read(store: &Store, tenant: &Tenant) -> Result<Self, Fault> {
        let mut known = Self::default();
        let mut after = None;
        loop {
            let page = store.sketches(tenant, after, PAGE).await?;
            let full = page.len() == PAGE as usize;
            after = page.last().map(|it| it.id);
            for it in page {
                known.versions.insert(it.id, it.version);
                if it.active {
                    known.active.push(it.id);
                }
                if let Some(manager) = it.manager {
                    known.managers.insert(it.id, manager);
                }
                let Some(name) = it.user_name else { continue };
                known.names.insert(it.id, name.clone());
                known.by_name.insert(name, it.id);
                add(&mut known.by_email, it.email, it.id);
            }
            if !full {
                return Ok(known);
            }
        }
    }
}

/// Adds an address; one that two people have names neither.
pub(super) fn add(all: &mut HashMap<String, Option<ProfileId>>, email: String, id: ProfileId) {
    if !email.is_empty() {
        let owner = all.entry(email).or_insert(Some(id));
        *owner = owner.filter(|it| *it == id);
    }
}
