//! The catalogues in use, one a tenant, and how a new one is taken.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use prost::Message as _;

use super::{
    Desk, digest,
    fault::{Fault, Violation, undone},
};
use crate::{
    catalog::{self, Source},
    clock,
    domain::{
        catalog::Catalog,
        id::Slot,
        people::{Caller, Tenant},
    },
    proto::v1,
    store::{Wants, Work},
};

/// The catalogues in use.
pub(super) struct Catalogs {
    starter: InUse,
    own: RwLock<HashMap<Tenant, InUse>>,
}

/// A catalogue in use, and the ids of the agents who take work, which every decision asks for.
#[derive(Clone)]
pub(super) struct InUse {
    pub(super) catalog: Arc<Catalog>,
    pub(super) present: Arc<[String]>,
}

impl InUse {
    fn new(catalog: Arc<Catalog>) -> Self {
        let present = catalog.agents.iter().filter(|it| it.present).map(|it| it.id.clone()).collect();
        Self { catalog, present }
    }
}

impl Catalogs {
    pub(super) fn new(starter: Catalog) -> Self {
        Self { starter: InUse::new(Arc::new(starter)), own: RwLock::default() }
    }

    fn of(&self, tenant: &Tenant) -> Option<InUse> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn put(&self, tenant: &Tenant, catalog: Arc<Catalog>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        // Two applies may come home in the wrong order; the later version stays.
        if own.get(tenant).is_none_or(|it| it.catalog.version <= catalog.version) {
            own.insert(tenant.clone(), InUse::new(catalog));
        }
    }
}

impl Desk {
    /// The catalogue in use.
    pub fn catalog(&self, caller: &Caller) -> Arc<Catalog> {
        self.in_use(caller).catalog
    }

    pub(super) fn in_use(&self, caller: &Caller) -> InUse {
        self.catalogs.of(&caller.tenant).unwrap_or_else(|| self.catalogs.starter.clone())
    }

    /// Makes sure that a tenant's own catalogue is in use, if it has one.
    pub async fn welcome(&self, tenant: &Tenant) -> Result<(), Fault> {
        if self.catalogs.of(tenant).is_some() {
            return Ok(());
        }
        let catalog = match self.store.catalog(tenant).await? {
            None => Arc::clone(&self.catalogs.starter.catalog),
            Some((version, files)) => {
                let previous = None;
                let parsed = catalog::parse(&sources(&files), version, previous);
                parsed.map(Arc::new).map_err(|faults| {
                    tracing::error!(%tenant, faults = faults.len(), "the stored catalogue cannot be read");
                    Fault::Unavailable
                })?
            }
        };
        self.catalogs.put(tenant, catalog);
        Ok(())
    }

    /// The version and the files of the catalogue in use.
    pub async fn catalog_files(&self, caller: &Caller) -> Result<(u64, Vec<(String, String)>), Fault> {
        let stored = self.store.catalog(&caller.tenant).await?;
        let starter = || catalog::starter().into_iter().map(|it| (it.name, it.content)).collect();
        Ok(stored.unwrap_or_else(|| (0, starter())))
    }

    /// What is wrong with a catalogue.
    pub fn check_catalog(&self, files: &[(String, String)]) -> Vec<catalog::Fault> {
        catalog::parse(&sources(files), 0, None).err().unwrap_or_default()
    }

    /// Takes a catalogue in place of the one in use, and gives its version.
    pub async fn apply_catalog(
        &self,
        caller: &Caller,
        request: String,
        files: Vec<(String, String)>,
    ) -> Result<u64, Fault> {
        let before = self.catalog(caller);
        let parse = |version| catalog::parse(&sources(&files), version, Some(&before));
        parse(before.version + 1)
            .map_err(|faults| Fault::Malformed(faults.iter().map(violation).collect()))?;
        let parts: Vec<&str> = files.iter().flat_map(|(name, content)| [name.as_str(), content]).collect();
        let work = Work {
            tenant: caller.tenant.clone(),
            request: request.clone(),
            content: digest(&[&["catalog"], parts.as_slice()].concat()),
            actor: caller.subject.clone(),
            at: clock::now(),
            slot: Slot(digest(&[caller.tenant.as_str()])[0]),
            wants: Wants { catalog: true, ..Wants::default() },
        };
        let taken = files.clone();
        let decide = move |unit: &mut crate::store::Unit<'_>| {
            let version = unit.apply_catalog(taken.clone());
            Ok::<_, Fault>(v1::ApplyCatalogResponse { version }.encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        let version =
            v1::ApplyCatalogResponse::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?.version;
        if let Ok(catalog) = parse(version) {
            self.catalogs.put(&caller.tenant, Arc::new(catalog));
        }
        Ok(version)
    }
}

fn sources(files: &[(String, String)]) -> Vec<Source> {
    files.iter().map(|(name, content)| Source { name: name.clone(), content: content.clone() }).collect()
}

fn violation(fault: &catalog::Fault) -> Violation {
    Violation::new(format!("files[{}:{}].{}", fault.file, fault.line, fault.field), fault.problem.clone())
}
