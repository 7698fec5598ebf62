//! How stored versions of a catalogue come into use. Only the latest is read, and of those before it what tickets that
//! may still be worked on were opened from: the number of versions costs nothing.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::Semaphore;

use super::sources;
use crate::{
    catalog,
    desk::{Desk, fault::Fault},
    domain::{
        catalog::Catalog,
        people::{Caller, Tenant},
        template::Template,
    },
};

/// So many catalogues that callers send or ask for are read at once; a big one takes a core for seconds.
const AT_ONCE: usize = 2;

/// Where catalogues are read.
pub(in crate::desk) struct Reading {
    seats: Arc<Semaphore>,
    /// For what comes into use: whoever waits for that waits for no other tenant's trials.
    own: Arc<Semaphore>,
    /// How far the versions of a tenant were read that are not in use yet: a reading that is cut off goes on there.
    read: Mutex<HashMap<Tenant, Arc<Catalog>>>,
}

impl Default for Reading {
    fn default() -> Self {
        Self {
            seats: Arc::new(Semaphore::new(AT_ONCE)),
            own: Arc::new(Semaphore::new(AT_ONCE)),
            read: Mutex::default(),
        }
    }
}

impl Reading {
    /// Does long work with catalogues aside from the threads that answer calls.
    pub(in crate::desk) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        Self::seated(&self.seats, work).await
    }

    async fn seated<T: Send + 'static>(
        seats: &Arc<Semaphore>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        // The work goes on when nobody waits for it any more, so it keeps its seat.
        let seat = Arc::clone(seats).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let _seat = seat;
            work()
        });
        done.await.map_err(|_| Fault::Unavailable)
    }

    async fn parse(
        &self,
        files: Vec<(String, String)>,
        version: u64,
        previous: Option<Arc<Catalog>>,
    ) -> Result<Result<Catalog, Vec<catalog::Fault>>, Fault> {
        let parse = move || catalog::parse(&sources(&files), version, previous.as_deref());
        Self::seated(&self.own, parse).await
    }

    fn take(&self, tenant: &Tenant) -> Option<Arc<Catalog>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).remove(tenant)
    }

    fn keep(&self, tenant: &Tenant, catalog: &Arc<Catalog>) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.insert(tenant.clone(), Arc::clone(catalog));
    }
}

impl Desk {
    /// Takes into use what was stored since: versions come in their order, so that a template has the
    /// same version in every process and after every restart.
    pub(super) async fn refresh(&self, tenant: &Tenant) -> Result<(), Fault> {
        let in_use = self.catalogs.of(tenant).map(|it| it.catalog).filter(|it| it.version > 0);
        let before = in_use.as_ref().map_or(0, |it| it.version);
        let read = self.catalogs.reading.take(tenant);
        let mut known = in_use.into_iter().chain(read).max_by_key(|it| it.version);
        if known.is_none() {
            known = self.latest(tenant).await?;
        }
        let mut read_to = known.as_ref().map_or(0, |it| it.version);
        while let Some((version, files)) = self.store.catalog_after(tenant, read_to).await? {
            read_to = version;
            match self.catalogs.reading.parse(files, version, known.clone()).await? {
                Ok(mut catalog) => {
                    // Tickets may have been opened from what is built in.
                    if known.is_none() {
                        catalog.earlier.extend(self.catalogs.built_in());
                    }
                    let catalog = Arc::new(catalog);
                    self.catalogs.reading.keep(tenant, &catalog);
                    let versions = catalog.templates.iter().map(|it| (it.id.as_str(), it.version));
                    self.store.note_template_versions(tenant, version, versions).await?;
                    known = Some(catalog);
                }
                Err(faults) => {
                    let first = faults.first().map(ToString::to_string);
                    tracing::error!(%tenant, version, faults = faults.len(), first, "a stored catalogue cannot be read");
                }
            }
        }
        match known.filter(|it| it.version == read_to) {
            Some(catalog) if read_to > before => self.catalogs.put(tenant, catalog),
            None if read_to > 0 => return Err(Fault::Unavailable),
            Some(_) | None => {}
        }
        Ok(())
    }

    /// The latest catalogue of a tenant, if it can be read without those before it.
    async fn latest(&self, tenant: &Tenant) -> Result<Option<Arc<Catalog>>, Fault> {
        let Some((version, files)) = self.store.catalog(tenant).await? else { return Ok(None) };
        let Some(versions) = self.store.template_versions(tenant, version).await? else { return Ok(None) };
        let Ok(mut catalog) = self.catalogs.reading.parse(files, version, None).await? else {
            return Ok(None);
        };
        for template in &mut catalog.templates {
            let Some(version) = versions.get(&template.id) else { return Ok(None) };
            template.version = *version;
        }
        let in_use = self.store.templates_in_use(tenant).await?;
        let earlier = in_use.into_iter().filter(|(id, version)| catalog.template_at(id, *version).is_none());
        let mut by_version: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for (id, version) in earlier {
            by_version.entry(version).or_default().push(id);
        }
        for (version, ids) in by_version {
            // Of a ticket that does not say from which version it was opened.
            if version == 0 {
                return Ok(None);
            }
            catalog.earlier.extend(self.templates_of(tenant, version, &ids).await?);
        }
        Ok(Some(Arc::new(catalog)))
    }

    /// Those of some templates that had a version: it follows from the catalogue's that they came with, and what was not
    /// new there never had it.
    async fn templates_of(
        &self,
        tenant: &Tenant,
        version: u32,
        ids: &[String],
    ) -> Result<Vec<Template>, Fault> {
        let Some(catalog) = u64::from(version).checked_sub(1) else { return Ok(vec![]) };
        let Some(before) = catalog.checked_sub(1) else {
            return Ok(self.catalogs.built_in().into_iter().filter(|it| ids.contains(&it.id)).collect());
        };
        let noted = self.store.template_versions(tenant, catalog).await?.unwrap_or_default();
        let had = |id: &String| ids.contains(id) && noted.get(id) == Some(&version);
        if !noted.keys().any(had) {
            return Ok(vec![]);
        }
        let Some((found, files)) = self.store.catalog_after(tenant, before).await? else { return Ok(vec![]) };
        let read = self.catalogs.reading.parse(files, found, None).await?;
        let templates = read.map_or_else(|_| vec![], |it| it.templates).into_iter();
        Ok(templates.filter(|it| had(&it.id)).map(|it| Template { version, ..it }).collect())
    }

    /// A template as it was in a version.
    pub async fn template_at(
        &self,
        caller: &Caller,
        id: &str,
        version: u32,
    ) -> Result<Option<Template>, Fault> {
        if let Some(known) = self.catalog(caller).template_at(id, version) {
            return Ok(Some(known.clone()));
        }
        let found = self.templates_of(&caller.tenant, version, &[id.to_owned()]).await?;
        Ok(found.into_iter().next())
    }
}
