//! The models in use, one a tenant, and how another is taken: what is on disk is the registry's, what
//! answers is a pointer that is exchanged in one step. Whoever reads a message takes the pointer once
//! and keeps it, so a message has one model from beginning to end, and an exchange fails nobody.

mod answer;
mod change;
mod question;
mod shadow;
mod strangers;
mod training;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock},
};

use self::{
    shadow::{Queue, Trial},
    strangers::Strangers,
    training::Trainings,
};
use super::{
    Desk,
    fault::{Fault, Unfit},
};
use crate::{
    domain::{
        catalog::Catalog,
        people::{Caller, Tenant},
    },
    model::{
        classifier::Classifier,
        registry::{Opened, Registry, error::RegistryError},
    },
};

/// The models of a desk.
#[derive(Debug)]
pub struct Models {
    data: PathBuf,
    base: Arc<Classifier>,
    in_use: RwLock<HashMap<Tenant, InUse>>,
    registries: Mutex<HashMap<Tenant, Registry>>,
    trainings: Trainings,
    queue: Queue,
}

/// What answers a tenant now.
#[derive(Debug, Clone)]
pub(super) struct InUse {
    pub(super) current: Arc<Classifier>,
    shadow: Option<Arc<Trial>>,
}

impl Models {
    /// Models of tenants in a data folder, on top of the one that the desk starts with.
    pub fn new(data: &Path, base: Classifier) -> Self {
        Self {
            data: data.to_owned(),
            base: Arc::new(base),
            in_use: RwLock::default(),
            registries: Mutex::default(),
            trainings: Trainings::default(),
            queue: Queue::default(),
        }
    }

    /// Where the models of a tenant lie.
    pub fn folder(data: &Path, tenant: &Tenant) -> PathBuf {
        data.join("models").join(tenant.as_str())
    }

    /// What answers a tenant; what the desk started with if the tenant has never been seen.
    fn of(&self, tenant: &Tenant) -> InUse {
        let in_use = self.in_use.read().unwrap_or_else(PoisonError::into_inner);
        let base = || InUse { current: Arc::clone(&self.base), shadow: None };
        in_use.get(tenant).cloned().unwrap_or_else(base)
    }

    fn is_open(&self, tenant: &Tenant) -> bool {
        self.in_use.read().unwrap_or_else(PoisonError::into_inner).contains_key(tenant)
    }

    fn put(&self, tenant: &Tenant, in_use: InUse) {
        self.in_use.write().unwrap_or_else(PoisonError::into_inner).insert(tenant.clone(), in_use);
    }

    /// Works on a tenant's registry, with nobody else; it is opened if it was not yet.
    fn with<T>(
        &self,
        tenant: &Tenant,
        work: impl FnOnce(&mut Registry) -> Result<T, RegistryError>,
    ) -> Result<T, RegistryError> {
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = registries.get_mut(tenant) {
            return work(registry);
        }
        let opened = Registry::open(&Self::folder(&self.data, tenant), Arc::clone(&self.base))?;
        let Opened { registry, current, shadow, notes } = opened;
        for note in notes {
            tracing::error!(%tenant, note, "a model that was to be used is not");
        }
        let shadow = shadow.map(|(model, percent)| Arc::new(Trial::new(model, percent)));
        self.put(tenant, InUse { current, shadow });
        work(registries.entry(tenant.clone()).or_insert(registry))
    }
}

impl Desk {
    /// What answers the caller's tenant.
    pub(super) fn models_of(&self, caller: &Caller) -> InUse {
        self.models.of(&caller.tenant)
    }

    /// Makes sure that the models that a tenant promoted are in use, and says what they and the
    /// catalogue do not know of each other.
    pub async fn take_models(&self, tenant: &Tenant) -> Result<(), Fault> {
        if self.models.is_open(tenant) {
            return Ok(());
        }
        let (opening, whose) = (Arc::clone(&self.models), tenant.clone());
        blocking(move || opening.with(&whose, |_| Ok(())).map_err(fault)).await?;
        let current = self.models.of(tenant).current;
        Strangers::of(current.labels(), &self.catalog(&Caller::system(tenant.clone(), "start"))).tell();
        Ok(())
    }

    /// Works on the caller's registry, away from the threads that answer calls.
    async fn in_registry<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&Models, &mut Registry, &Catalog) -> Result<T, RegistryError> + Send + 'static,
    ) -> Result<T, Fault> {
        let (models, catalog, tenant) =
            (Arc::clone(&self.models), self.catalog(caller), caller.tenant.clone());
        blocking(move || models.with(&tenant, |registry| work(&models, registry, &catalog)).map_err(fault))
            .await
    }
}

/// Does what takes long, or waits for a disk, where it holds nobody up.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => {
            tracing::error!(%error, "work on models ended without a result");
            Err(Fault::Unavailable)
        }
    }
}

/// What a registry's refusal is to callers.
fn fault(error: RegistryError) -> Fault {
    let unfit = |why, error: &RegistryError| Fault::Unfit { why, problem: error.to_string() };
    match error {
        RegistryError::Unknown(_) => Fault::NotFound("model"),
        RegistryError::RequestReused(request) => Fault::RequestReused(request),
        RegistryError::AlreadyThere(_) => unfit(Unfit::AlreadyThere, &error),
        RegistryError::NothingBefore => unfit(Unfit::NothingBefore, &error),
        RegistryError::NoShadow => unfit(Unfit::NoShadow, &error),
        RegistryError::Unusable { .. } => unfit(Unfit::Unusable, &error),
        RegistryError::Golden { .. } | RegistryError::BadGolden(_) => unfit(Unfit::Golden, &error),
        RegistryError::Artifact(_) | RegistryError::Io { .. } => {
            tracing::error!(%error, "the folder of models does not do what it must");
            Fault::Unavailable
        }
    }
}
