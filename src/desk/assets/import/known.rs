//! The register as a list finds it.

use std::collections::HashMap;

use crate::{
    desk::fault::Fault,
    domain::{asset::Asset, id::AssetId, people::Tenant},
    store::Store,
};

/// Assets read at once.
const PAGE: u32 = 5_000;

/// All assets that were not taken out.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) assets: HashMap<AssetId, Asset>,
    pub(super) tags: HashMap<String, AssetId>,
    /// None for a number that several have.
    pub(super) serials: HashMap<String, Option<AssetId>>,
    /// When the register last changed.
    pub(super) seen: u64,
}

impl Known {
    pub(super) async fn read(store: &Store, tenant: &Tenant) -> Result<Self, Fault> {
        let (mut known, mut after) = (Self::default(), None);
        loop {
            let page = store.assets_since(tenant, after, PAGE).await?;
            let full = page.len() == PAGE as usize;
            if let Some((at, last)) = page.last() {
                after = Some((*at, last.id));
                known.seen = *at;
            }
            // One that changes meanwhile comes again, and as it is then.
            for (_, it) in page {
                known.assets.insert(it.id, it);
            }
            if !full {
                break;
            }
        }
        known.assets.retain(|_, it| !it.removed);
        for it in known.assets.values() {
            known.tags.insert(it.details.tag.clone(), it.id);
            if !it.details.serial.is_empty() {
                let owner = known.serials.entry(it.details.serial.clone()).or_insert(Some(it.id));
                *owner = owner.filter(|id| *id == it.id);
            }
        }
        Ok(known)
    }
}
