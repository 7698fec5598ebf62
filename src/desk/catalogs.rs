//! The catalogues in use, one a tenant, and how a new one is taken.

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use prost::Message as _;

use super::{
    Desk, digest,
    fault::{Fault, Violation, undone},
};
use crate::{
    catalog::{
        self, Source,
        edit::{self, Uneditable},
    },
    clock,
    domain::{
        catalog::Catalog,
        id::Slot,
        people::{Caller, Tenant},
        template::Template,
    },
    proto::v1,
    store::{Wants, Work},
};

/// How often a look is taken at what other processes applied.
const LOOK: Duration = Duration::from_secs(1);

/// So often a change of the catalogue that meets others is made again.
const TRIES: u32 = 20;

/// The catalogue that a desk starts with.
#[derive(Debug, Clone)]
pub struct Beginning {
    /// Its files.
    pub sources: Vec<Source>,
    /// What they say.
    pub catalog: Catalog,
    /// Whether the files are the owner's, who edits them: then they are stored as versions like any that
    /// is applied. What is built in is version 0, and is not stored.
    pub is_own: bool,
}

mod reading;

use reading::Reading;

/// The catalogues in use.
pub(super) struct Catalogs {
    starter: InUse,
    files: Vec<(String, String)>,
    is_own: bool,
    own: RwLock<HashMap<Tenant, InUse>>,
    /// Who changes single templates here comes one after the other, so that they need not try again.
    editing: tokio::sync::Mutex<()>,
    pub(super) reading: Reading,
}

/// A catalogue in use, and under what the loads are counted that every decision asks for: those of the agents who
/// take work, and of the groups.
#[derive(Clone)]
pub(super) struct InUse {
    pub(super) catalog: Arc<Catalog>,
    pub(super) holders: Arc<[String]>,
}

impl InUse {
    fn new(catalog: Arc<Catalog>) -> Self {
        let holders = Arc::clone(catalog.roster().holders());
        Self { catalog, holders }
    }
}

impl Catalogs {
    pub(super) fn new(beginning: Beginning) -> Self {
        let Beginning { sources, catalog, is_own } = beginning;
        let files = sources.into_iter().map(|it| (it.name, it.content)).collect();
        Self {
            starter: InUse::new(Arc::new(catalog)),
            files,
            is_own,
            own: RwLock::default(),
            editing: tokio::sync::Mutex::default(),
            reading: Reading::default(),
        }
    }

    fn of(&self, tenant: &Tenant) -> Option<InUse> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    /// The catalogue of each tenant that has been here.
    pub(super) fn all(&self) -> Vec<(Tenant, Arc<Catalog>)> {
        let own = self.own.read().unwrap_or_else(PoisonError::into_inner);
        own.iter().map(|(tenant, it)| (tenant.clone(), Arc::clone(&it.catalog))).collect()
    }

    /// The templates that are built in: version 1 of each, whatever catalogue the desk started with.
    fn built_in(&self) -> Vec<Template> {
        if !self.is_own {
            return self.starter.catalog.templates.clone();
        }
        catalog::parse(&catalog::starter(), 0, None).map_or_else(|_| vec![], |it| it.templates)
    }

    /// What stands for the owner's files.
    fn taken(&self) -> String {
        content(&self.files).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    fn tenants(&self) -> Vec<Tenant> {
        self.own.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
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

    /// Makes sure that a tenant's own catalogue is in use, if it has one. A tenant without one takes what
    /// the desk started with.
    pub async fn welcome(&self, tenant: &Tenant) -> Result<(), Fault> {
        if self.catalogs.of(tenant).is_some() {
            return Ok(());
        }
        self.refresh(tenant).await?;
        if self.catalogs.of(tenant).is_some() {
            return Ok(());
        }
        if self.catalogs.is_own {
            return self.apply_files(tenant, 0).await;
        }
        self.catalogs.put(tenant, Arc::clone(&self.catalogs.starter.catalog));
        Ok(())
    }

    /// Applies the owner's files, read at the start, if they were edited since they were last taken: what calls have
    /// changed since then stays until somebody edits the files. Replicas that start together do it once. The writers
    /// must run.
    pub async fn take_files(&self, tenant: &Tenant) -> Result<(), Fault> {
        let (version, files) = self.store.catalog(tenant).await?.unwrap_or_default();
        if !self.catalogs.is_own || files == self.catalogs.files {
            return self.welcome(tenant).await;
        }
        match self.store.catalog_taken(tenant).await? {
            Some((taken, files)) if files == self.catalogs.taken() => {
                tracing::info!(%tenant, version, taken, "calls changed the catalogue after its files were taken; the files were not edited since, so it stays");
                return self.welcome(tenant).await;
            }
            Some((taken, _)) if taken < version => {
                tracing::warn!(%tenant, version, taken, "the catalogue's files were edited: they replace what calls have changed since the files were taken");
            }
            Some(_) | None => {}
        }
        self.apply_files(tenant, version).await
    }

    async fn apply_files(&self, tenant: &Tenant, after: u64) -> Result<(), Fault> {
        let caller = Caller::system(tenant.clone(), "start");
        let taken = self.catalogs.taken();
        let request = format!("start-{after}-{taken}");
        let files = self.catalogs.files.clone();
        let content = content(&files);
        self.take_catalog(&caller, &request, content, Some(taken), move |_| Ok(files.clone())).await.map(drop)
    }

    /// Looks for what other processes applied, until the desk goes. What stands in the way of a look does
    /// not stop the next one.
    pub async fn follow_catalogs(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            for tenant in self.catalogs.tenants() {
                let before = self.catalogs.of(&tenant).map_or(0, |it| it.catalog.version);
                if self.refresh(&tenant).await.is_err() {
                    tracing::warn!(%tenant, version = before, "the catalogue in use stays");
                }
            }
        }
    }

    /// The version and the files of the catalogue in use.
    pub async fn catalog_files(&self, caller: &Caller) -> Result<(u64, Vec<(String, String)>), Fault> {
        let stored = self.store.catalog(&caller.tenant).await?;
        Ok(stored.unwrap_or_else(|| (0, self.catalogs.files.clone())))
    }

    /// What is wrong with a catalogue.
    pub async fn check_catalog(&self, files: &[(String, String)]) -> Result<Vec<catalog::Fault>, Fault> {
        let sources = sources(files);
        let check = move || catalog::parse(&sources, 0, None).err().unwrap_or_default();
        self.catalogs.reading.aside(check).await
    }

    /// Takes a catalogue in place of the one in use, and gives its version.
    pub async fn apply_catalog(
        &self,
        caller: &Caller,
        request: String,
        files: Vec<(String, String)>,
    ) -> Result<u64, Fault> {
        let faults = self.check_catalog(&files).await?;
        if !faults.is_empty() {
            return Err(Fault::Malformed(faults.iter().map(violation).collect()));
        }
        let content = content(&files);
        self.take_catalog(caller, &request, content, None, move |_| Ok(files.clone())).await
    }

    /// Writes one template into the files of the catalogue in use.
    pub async fn put_template(
        &self,
        caller: &Caller,
        request: &str,
        definition: String,
        expected: Option<u64>,
    ) -> Result<u64, Fault> {
        let content = digest(&["put template", &definition, &expected.unwrap_or_default().to_string()]);
        let put = move |files: &[Source]| edit::put(files, &definition);
        self.edit(caller, request, content, expected, put).await
    }

    /// Takes one template out of the files of the catalogue in use.
    pub async fn remove_template(
        &self,
        caller: &Caller,
        request: &str,
        template: String,
        expected: Option<u64>,
    ) -> Result<u64, Fault> {
        let content = digest(&["remove template", &template, &expected.unwrap_or_default().to_string()]);
        let remove = move |files: &[Source]| edit::remove(files, &template);
        self.edit(caller, request, content, expected, remove).await
    }

    /// Takes the catalogue with a change in it. Where nobody expects a version, a change that meets another one is
    /// made again on what came of that.
    async fn edit(
        &self,
        caller: &Caller,
        request: &str,
        content: [u8; 32],
        expected: Option<u64>,
        change: impl Fn(&[Source]) -> Result<Vec<Source>, Uneditable> + Clone + Send + 'static,
    ) -> Result<u64, Fault> {
        let _one = self.catalogs.editing.lock().await;
        let mut tries = 0;
        loop {
            let (version, files) = self.catalog_files(caller).await?;
            // A request that is done already gets its first reply, whatever has become of the files since.
            let change = change.clone();
            let changed = self.catalogs.reading.aside(move || changed(&files, change)).await?;
            let decide = move |current: u64| match expected.unwrap_or(version) {
                expected if expected != current => Err(Fault::Stale { what: "catalogue", expected, current }),
                _ => changed.clone(),
            };
            match self.take_catalog(caller, request, content, None, decide).await {
                Err(Fault::Stale { .. }) if expected.is_none() && tries < TRIES => tries += 1,
                taken => return taken,
            }
        }
    }

    /// Takes the catalogue that a decision gives, which is told the version of the one before.
    async fn take_catalog(
        &self,
        caller: &Caller,
        request: &str,
        content: [u8; 32],
        taken: Option<String>,
        mut files: impl FnMut(u64) -> Result<Vec<(String, String)>, Fault> + Send + 'static,
    ) -> Result<u64, Fault> {
        let work = Work {
            tenant: caller.tenant.clone(),
            request: request.to_owned(),
            content,
            actor: caller.subject.clone(),
            at: clock::now(),
            slot: Slot(digest(&[caller.tenant.as_str()])[0]),
            wants: Wants { catalog: true, ..Wants::default() },
        };
        let decide = move |unit: &mut crate::store::Unit<'_>| {
            let files = files(unit.catalog_version())?;
            let version = unit.apply_catalog(files, taken.clone());
            Ok::<_, Fault>(v1::ApplyCatalogResponse { version }.encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, request))?;
        let version =
            v1::ApplyCatalogResponse::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?.version;
        // It is stored, so if this read fails the next look takes it into use.
        if let Err(fault) = self.refresh(&caller.tenant).await {
            tracing::warn!(tenant = %caller.tenant, version, %fault, "an applied catalogue is not in use yet");
        }
        Ok(version)
    }

    /// How a template is written: the name of its file, and one YAML map.
    pub async fn definition(&self, caller: &Caller, id: &str) -> Result<Option<(String, String)>, Fault> {
        let (_, files) = self.catalog_files(caller).await?;
        let id = id.to_owned();
        self.catalogs.reading.aside(move || edit::definition(&sources(&files), &id)).await
    }
}

/// Files with a change in them, if they make a catalogue.
fn changed(
    files: &[(String, String)],
    change: impl Fn(&[Source]) -> Result<Vec<Source>, Uneditable>,
) -> Result<Vec<(String, String)>, Fault> {
    let sources = change(&sources(files)).map_err(|why| match why {
        Uneditable::Unknown(_) => Fault::NotFound("template"),
        Uneditable::Definition { .. } | Uneditable::Flow(..) | Uneditable::Broken(_) => {
            Fault::field("definition", why.to_string())
        }
    })?;
    match catalog::parse(&sources, 0, None) {
        Ok(_) => Ok(sources.into_iter().map(|it| (it.name, it.content)).collect()),
        Err(faults) => Err(Fault::Malformed(faults.iter().map(violation).collect())),
    }
}

fn content(files: &[(String, String)]) -> [u8; 32] {
    let parts = files.iter().flat_map(|(name, content)| [name.as_str(), content]);
    digest(&["catalog"].into_iter().chain(parts).collect::<Vec<_>>())
}

fn sources(files: &[(String, String)]) -> Vec<Source> {
    files.iter().map(|(name, content)| Source { name: name.clone(), content: content.clone() }).collect()
}

fn violation(fault: &catalog::Fault) -> Violation {
    Violation::new(format!("files[{}:{}].{}", fault.file, fault.line, fault.field), fault.problem.clone())
}
