//! The models of one tenant: which versions there are, which is in use, which is tried in its shadow,
//! and who changed that when.
//!
//! A version is a file named by the hash of its content, so it never changes. What was done with the
//! versions stands in one small file, [`journal`], which is written whole: after a power cut a change
//! has happened with all that it says, or not at all. Below everything stands the base, the model that
//! the desk started with; it is in use until a version is promoted, and again when all are rolled back.
//!
//! One process at a time holds a registry.

pub mod card;
pub mod error;
pub mod folder;
pub mod journal;

use std::{collections::BTreeMap, path::Path, sync::Arc};

use self::{
    card::{Card, Listing, Skipped},
    error::RegistryError,
    folder::Folder,
    journal::{Answered, Entry, Journal, Order, Shadow, What},
};
use crate::model::{classifier::Classifier, golden};

/// The models of one tenant.
#[derive(Debug)]
pub struct Registry {
    folder: Folder,
    base: Arc<Classifier>,
    journal: Journal,
    /// The version in use. Not what the journal says if that one cannot be used.
    in_use: String,
    /// What was read of files already; a version's content does not change.
    cards: BTreeMap<String, Card>,
}

/// A registry just opened, and what it says to use.
#[derive(Debug)]
pub struct Opened {
    /// The registry.
    pub registry: Registry,
    /// The model in use.
    pub current: Arc<Classifier>,
    /// The model in its shadow, and which percentage of the messages it reads along.
    pub shadow: Option<(Arc<Classifier>, u8)>,
    /// What was not as it should be, and what was done about it.
    pub notes: Vec<String>,
}

/// What a change led to.
#[derive(Debug)]
pub struct Changed {
    /// The version that was promoted, gone back to, or set; none where the shadow ended.
    pub version: Option<String>,
    /// That model, to be used from now on; none if this request was answered before and nothing is to
    /// be done.
    pub model: Option<Arc<Classifier>>,
}

/// Keeps a model as a version in the folder of a registry, whether that is open or not.
pub fn import(folder: &Path, model: &Classifier) -> Result<(), RegistryError> {
    Folder::new(folder).keep(model)
}

impl Registry {
    /// Opens the registry in a folder, which need not exist. A version that is to be used and cannot be
    /// is passed over for the one before it.
    pub fn open(folder: &Path, base: Arc<Classifier>) -> Result<Opened, RegistryError> {
        let folder = Folder::new(folder);
        let mut notes = Vec::new();
        let journal = folder.journal(&mut notes)?;
        let in_use = base.version().to_string();
        let mut registry = Self { folder, base, journal, in_use, cards: BTreeMap::new() };
        let (_, current) = registry.first_usable(registry.journal.standing(), &mut notes);
        registry.in_use = current.version().to_string();
        let shadow = registry.journal.shadow.as_ref().and_then(|Shadow { model, percent }| {
            match registry.load(model) {
                Ok(model) => Some((model, *percent)),
                Err(error) => {
                    notes.push(format!("there is no shadow now: {error}"));
                    None
                }
            }
        });
        Ok(Opened { registry, current, shadow, notes })
    }

    /// What was done, the oldest first.
    pub fn history(&self) -> &[Entry] {
        &self.journal.history
    }

    /// What the request was answered before, if it was.
    pub fn answered(&self, order: &Order) -> Result<Option<&Entry>, RegistryError> {
        match self.journal.answered(order) {
            Answered::No => Ok(None),
            Answered::Yes(entry) => Ok(Some(entry)),
            Answered::OtherContent => Err(RegistryError::RequestReused(order.request.clone())),
        }
    }

    /// Reads and checks a version.
    pub fn load(&self, version: &str) -> Result<Arc<Classifier>, RegistryError> {
        if *version == **self.base.version() {
            return Ok(Arc::clone(&self.base));
        }
        self.folder.load(version).map(Arc::new)
    }

    /// Keeps a model that was trained here.
    pub fn trained(&mut self, model: &Classifier, order: Order) -> Result<(), RegistryError> {
        self.folder.keep(model)?;
        self.record(What::Trained, model.version().to_string(), order, |_| {})
    }

    /// Puts a version into use, if it has the golden messages right: those of the product whose label
    /// is `known` to the catalogue, and all of the owner's.
    pub fn promote(
        &mut self,
        version: &str,
        order: Order,
        known: &dyn Fn(&str) -> bool,
    ) -> Result<Changed, RegistryError> {
        if let Some(entry) = self.answered(&order)? {
            return Ok(Changed { version: Some(entry.model.clone()), model: None });
        }
        let model = self.load(version)?;
        if self.in_use == version {
            return Err(RegistryError::AlreadyThere(version.to_owned()));
        }
        self.check_golden(&model, known)?;
        // The base may be another one after the next start; what was promoted stays.
        self.folder.keep(&model)?;
        self.record(What::Promoted, version.to_owned(), order, |journal| {
            journal.current = Some(version.to_owned());
            // There is nothing to compare any more.
            journal.shadow.take_if(|it| it.model == version);
        })?;
        version.clone_into(&mut self.in_use);
        Ok(Changed { version: Some(version.to_owned()), model: Some(model) })
    }

    /// Goes back to the version before the one in use, or further if that one cannot be used.
    pub fn roll_back(&mut self, order: Order, notes: &mut Vec<String>) -> Result<Changed, RegistryError> {
        if let Some(entry) = self.answered(&order)? {
            return Ok(Changed { version: Some(entry.model.clone()), model: None });
        }
        let mut standing = self.journal.standing();
        standing.pop().ok_or(RegistryError::NothingBefore)?;
        let (current, model) = self.first_usable(standing, notes);
        let version = model.version().to_string();
        self.record(What::RolledBack, version.clone(), order, |journal| {
            journal.shadow.take_if(|it| it.model == version);
            journal.current = current;
        })?;
        self.in_use.clone_from(&version);
        Ok(Changed { version: Some(version), model: Some(model) })
    }

    /// Sets the version in the shadow, or ends it.
    pub fn set_shadow(&mut self, shadow: Option<Shadow>, order: Order) -> Result<Changed, RegistryError> {
        if let Some(entry) = self.answered(&order)? {
            let version = Some(entry.model.clone()).filter(|it| !it.is_empty());
            return Ok(Changed { version, model: None });
        }
        let Some(shadow) = shadow else {
            if self.journal.shadow.is_none() {
                return Err(RegistryError::NoShadow);
            }
            self.record(What::ShadowEnded, String::new(), order, |journal| journal.shadow = None)?;
            return Ok(Changed { version: None, model: None });
        };
        let (version, model) = (shadow.model.clone(), self.load(&shadow.model)?);
        if self.in_use == version {
            return Err(RegistryError::AlreadyThere(version));
        }
        self.folder.keep(&model)?;
        self.record(What::ShadowSet, version.clone(), order, |journal| journal.shadow = Some(shadow))?;
        Ok(Changed { version: Some(version), model: Some(model) })
    }

    /// All versions in their order, and what lies in the folder beside them.
    pub fn list(&mut self) -> Result<Listing, RegistryError> {
        let mut listing = Listing { models: vec![Card::of(&self.base, true)], skipped: Vec::new() };
        for file in self.folder.files()? {
            let Some(version) = folder::version(&file) else {
                let problem = "its name is no version: 16 hexadecimal digits and .safetensors".to_owned();
                listing.skipped.push(Skipped { file, problem });
                continue;
            };
            match self.card(version) {
                Ok(card) if card.version == **self.base.version() => {}
                Ok(card) => listing.models.push(card),
                Err(error) => listing.skipped.push(Skipped { problem: error.to_string(), file }),
            }
        }
        listing.models.sort_by(|one, other| one.version.cmp(&other.version));
        Ok(listing)
    }

    /// What is known of a version.
    pub fn card(&mut self, version: &str) -> Result<Card, RegistryError> {
        if *version == **self.base.version() {
            return Ok(Card::of(&self.base, true));
        }
        if let Some(known) = self.cards.get(version).filter(|it| self.folder.size(version) == it.bytes) {
            return Ok(known.clone());
        }
        let card = Card { bytes: self.folder.size(version), ..Card::of(&*self.load(version)?, false) };
        self.cards.insert(version.to_owned(), card.clone());
        Ok(card)
    }

    /// The last of these that can be used, or the base.
    fn first_usable(
        &self,
        mut standing: Vec<String>,
        notes: &mut Vec<String>,
    ) -> (Option<String>, Arc<Classifier>) {
        while let Some(version) = standing.pop() {
            match self.load(&version) {
                Ok(model) => return (Some(version), model),
                Err(error) => notes.push(format!("passed over for the one before it: {error}")),
            }
        }
        (None, Arc::clone(&self.base))
    }

    fn check_golden(&self, model: &Classifier, known: &dyn Fn(&str) -> bool) -> Result<(), RegistryError> {
        let mut golden = golden::built_in()?;
        golden.retain(|it| known(&it.label));
        golden.extend(self.folder.golden()?);
        let broken = golden::broken(model, &golden);
        if broken.is_empty() {
            return Ok(());
        }
        Err(RegistryError::Golden { model: model.version().to_string(), broken, of: golden.len() })
    }

    /// Changes the journal on disk, and then here.
    fn record(
        &mut self,
        what: What,
        model: String,
        order: Order,
        change: impl FnOnce(&mut Journal),
    ) -> Result<(), RegistryError> {
        let mut journal = self.journal.clone();
        change(&mut journal);
        journal.add(Entry { what, model, order });
        self.folder.write_journal(&journal)?;
        self.journal = journal;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
