//! Promoting, rolling back and setting the shadow: first on disk, then in use.

use std::sync::Arc;

use super::{
    InUse, Models,
    shadow::Trial,
    strangers::{Strangers, is_known},
};
use crate::{
    clock,
    desk::{Desk, digest, fault::Fault},
    domain::{
        catalog::Catalog,
        people::{Caller, Tenant},
    },
    model::registry::{
        Changed,
        journal::{Order, Shadow},
    },
    proto::v1,
};

impl Desk {
    /// Puts a version into use, and gives it.
    pub async fn promote_model(
        &self,
        caller: &Caller,
        request: String,
        version: String,
    ) -> Result<v1::Model, Fault> {
        let order = order(caller, request, &["promote", &version]);
        let tenant = caller.tenant.clone();
        let version = self.in_registry(caller, move |models, registry, catalog| {
            let changed = registry.promote(&version, order, &|label| is_known(catalog, label))?;
            Ok(models.exchange(&tenant, catalog, "promoted", changed))
        });
        self.model(caller, version.await?).await
    }

    /// Goes back to the version before the one in use, and gives it.
    pub async fn roll_back_model(&self, caller: &Caller, request: String) -> Result<v1::Model, Fault> {
        let order = order(caller, request, &["roll back"]);
        let tenant = caller.tenant.clone();
        let version = self.in_registry(caller, move |models, registry, catalog| {
            let mut notes = vec![];
            let changed = registry.roll_back(order, &mut notes)?;
            for note in notes {
                tracing::error!(%tenant, note, "a model that was to be used is not");
            }
            Ok(models.exchange(&tenant, catalog, "rolled back", changed))
        });
        self.model(caller, version.await?).await
    }

    /// Sets the version that reads along, or ends that; gives the one that does.
    pub async fn set_shadow(
        &self,
        caller: &Caller,
        request: String,
        shadow: Option<Shadow>,
    ) -> Result<Option<v1::Model>, Fault> {
        let (model, percent) = shadow.as_ref().map_or(("", 0), |it| (it.model.as_str(), it.percent));
        let order = order(caller, request, &["shadow", model, &percent.to_string()]);
        let tenant = caller.tenant.clone();
        let version = self.in_registry(caller, move |models, registry, _| {
            let changed = registry.set_shadow(shadow, order)?;
            let Some(model) = changed.model else {
                if changed.version.is_none() {
                    let InUse { current, .. } = models.of(&tenant);
                    models.put(&tenant, InUse { current, shadow: None });
                }
                return Ok(changed.version);
            };
            let InUse { current, .. } = models.of(&tenant);
            tracing::info!(%tenant, model = changed.version, percent, "a model reads along in the shadow");
            models.put(&tenant, InUse { current, shadow: Some(Arc::new(Trial::new(model, percent))) });
            Ok(changed.version)
        });
        match version.await? {
            Some(version) => Ok(Some(self.model(caller, version).await?)),
            None => Ok(None),
        }
    }
}

impl Models {
    /// Uses what was promoted or gone back to from now on; a shadow that it was ends. Gives its version.
    fn exchange(&self, tenant: &Tenant, catalog: &Catalog, how: &'static str, changed: Changed) -> String {
        let Changed { version, model } = changed;
        let version = version.unwrap_or_default();
        if let Some(current) = model {
            Strangers::of(current.labels(), catalog).tell();
            let InUse { shadow, .. } = self.of(tenant);
            let shadow = shadow.filter(|it| *it.version() != *version);
            self.put(tenant, InUse { current, shadow });
            metrics::counter!("dispatch_model_exchanges_total").increment(1);
            tracing::info!(%tenant, model = version, how, "another model is in use");
        }
        version
    }
}

/// Who asks for what, and when.
pub(super) fn order(caller: &Caller, request: String, parts: &[&str]) -> Order {
    Order { request, content: hex(&digest(parts)), by: caller.subject.clone(), at: clock::now().0 }
}

/// The first half of a hash, which is enough.
pub(super) fn hex(hash: &[u8; 32]) -> String {
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
