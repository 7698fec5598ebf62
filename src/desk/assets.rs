//! The register of assets: entering and finding them, bringing it in line with a list, and what suffers when assets
//! fail.
//!
//! Whatever holds for a whole register (a tag is one asset's, nothing runs on itself) is checked against a picture of
//! it, and the writer takes the change only if the register is still as the picture has it; else it is checked again.

mod enter;
mod fields;
mod impact;
pub mod import;
mod links;
mod opening;
mod picture;
mod weighing;

use std::sync::Arc;

pub use self::{
    enter::NewAsset,
    impact::{Assessment, Suffers},
    links::{LinkChange, Relinked, Weighed},
    picture::Pictures,
};
pub(super) use self::{links::ASSETS, opening::Shown, weighing::say};
use super::{
    Desk, digest,
    fault::{Fault, Violation},
    people::{Directory, PersonRef},
};
use crate::{
    domain::{
        asset::{Asset, AssetState, Details, tag_key},
        catalog::Catalog,
        id::{AssetId, Slot},
        people::{Caller, Tenant},
    },
    proto::v1,
    store::{AssetFilter, Store},
    text::nearest::nearest,
};

/// A tenant's register of assets, and on whose behalf it is worked on.
#[derive(Clone)]
pub struct Register {
    store: Store,
    catalog: Arc<Catalog>,
    tenant: Tenant,
    actor: String,
    pictures: Pictures,
}

impl std::fmt::Debug for Register {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Register").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// How callers point at an asset.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AssetRef {
    /// By its identity.
    Id(AssetId),
    /// By its tag, in upper case.
    Tag(String),
}

impl AssetRef {
    /// Reads `ast_…` or a tag.
    pub fn parse(raw: &str) -> Self {
        raw.trim().parse().map_or_else(|_| Self::Tag(tag_key(raw)), Self::Id)
    }
}

impl std::fmt::Display for AssetRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Tag(tag) => f.write_str(tag),
        }
    }
}

/// Which assets are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Id of the type.
    pub kind: Option<String>,
    /// Where they are in their lives.
    pub state: Option<AssetState>,
    /// Whose they are.
    pub owner: Option<PersonRef>,
    /// Name in the network.
    pub host: Option<String>,
    /// Serial number.
    pub serial: Option<String>,
}

impl Desk {
    /// The register of the caller's tenant.
    pub fn register(&self, caller: &Caller) -> Register {
        Register {
            store: self.store.clone(),
            catalog: self.catalog(caller),
            tenant: caller.tenant.clone(),
            actor: caller.subject.clone(),
            pictures: self.pictures.clone(),
        }
    }
}

impl Register {
    /// The register of a tenant as a catalogue has its types; `actor` stands in the history for whoever works on it.
    pub fn new(store: Store, catalog: Arc<Catalog>, tenant: Tenant, actor: String) -> Self {
        Self { store, catalog, tenant, actor, pictures: Pictures::default() }
    }

    /// The catalogue whose types it has.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// One asset that was not taken out.
    pub async fn get(&self, which: &AssetRef) -> Result<Asset, Fault> {
        let found = self.find(which).await?.filter(|it| !it.removed);
        found.ok_or(Fault::NotFound("asset"))
    }

    /// One asset, also one that was taken out if it is asked for by id.
    pub async fn find(&self, which: &AssetRef) -> Result<Option<Asset>, Fault> {
        match which {
            AssetRef::Id(id) => Ok(self.store.asset(&self.tenant, *id).await?),
            AssetRef::Tag(tag) => {
                let found = self.store.assets_by_tag(&self.tenant, std::slice::from_ref(tag)).await?;
                Ok(found.into_iter().next())
            }
        }
    }

    /// Assets by their identities, in any order; those that there are.
    pub async fn all(&self, ids: &[AssetId]) -> Result<Vec<Asset>, Fault> {
        Ok(self.store.assets_by_id(&self.tenant, ids).await?)
    }

    /// Assets in the order of their ids, behind one of them.
    pub async fn list(&self, which: Which, after: Option<AssetId>, limit: u32) -> Result<Vec<Asset>, Fault> {
        let owner = match &which.owner {
            None => None,
            Some(PersonRef::Id(id)) => Some(*id),
            Some(named) => Some(self.people().get(named).await?.id),
        };
        let filter = AssetFilter {
            kind: which.kind,
            state: which.state,
            owner,
            host: which.host.map(|it| it.trim().to_lowercase()),
            serial: which.serial.map(|it| tag_key(&it)),
        };
        Ok(self.store.assets(&self.tenant, &filter, after, limit).await?)
    }

    /// What happened to an asset after a position, oldest first.
    pub async fn history(&self, id: AssetId, after: u64, limit: u32) -> Result<Vec<v1::Event>, Fault> {
        Ok(self.store.asset_history(&self.tenant, id, after, limit).await?)
    }

    /// The register as it is now.
    async fn picture(&self) -> Result<tokio::sync::OwnedMutexGuard<picture::Picture>, Fault> {
        self.pictures.now(&self.store, &self.tenant).await
    }

    /// The directory that its owners are in.
    pub fn people(&self) -> Directory {
        Directory::new(self.store.clone(), Arc::clone(&self.catalog), self.tenant.clone(), self.actor.clone())
    }

    /// Where all assets of the tenant belong.
    fn slot(&self) -> Slot {
        Slot(digest(&["assets", self.tenant.as_str()])[0])
    }

    /// A new identity.
    fn new_id(&self) -> AssetId {
        AssetId::new(crate::clock::new_bytes(), self.slot())
    }

    /// All that is wrong with an asset by itself, each with its field: what the catalogue does not know, where its life
    /// may not go, and what it may not hold.
    fn faults(&self, id: AssetId, before: Option<&Details>, details: &Details) -> Vec<(String, String)> {
        let catalog = &self.catalog;
        let mut faults = vec![];
        let kind = catalog.asset_type(&details.kind);
        if details.kind.is_empty() {
            faults.push(("type".to_owned(), "is required".to_owned()));
        } else if kind.is_none() {
            let known = catalog.asset_types.iter().map(|it| it.id.as_str());
            faults.push(("type".to_owned(), unknown("asset type", &details.kind, known)));
        }
        let supplier = &details.supplier;
        if !supplier.is_empty() && !catalog.suppliers.iter().any(|it| it.id == *supplier) {
            let known = catalog.suppliers.iter().map(|it| it.id.as_str());
            faults.push(("supplier".to_owned(), unknown("supplier", supplier, known)));
        }
        if let Some(before) = before.filter(|it| !it.state.may_become(details.state)) {
            let next: Vec<_> = before.state.next().map(AssetState::as_str).collect();
            let (from, to) = (before.state.as_str(), details.state.as_str());
            let problem =
                format!("does not go from {from} to {to}; from {from} it goes to {}", next.join(", "));
            faults.push(("state".to_owned(), problem));
        }
        faults.extend(details.faults(id, kind));
        faults
    }
}

/// What is wrong with a word that the catalogue does not have.
fn unknown<'a>(what: &str, word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("there is no {what} `{word}`; did you mean `{near}`?"),
        None => {
            let some: Vec<_> = known.take(12).collect();
            let known = if some.is_empty() {
                "none is defined".to_owned()
            } else {
                format!("known: {}", some.join(", "))
            };
            format!("there is no {what} `{word}`; {known}")
        }
    }
}

/// Faults as violations of a request, within a field of it.
fn malformed(within: &str, faults: Vec<(String, String)>) -> Result<(), Fault> {
    if faults.is_empty() {
        return Ok(());
    }
    let violation = |(field, problem)| Violation::new(format!("{within}.{field}"), problem);
    Err(Fault::Malformed(faults.into_iter().map(violation).collect()))
}
