//! The shell: the only place where the pure rooms meet the store. Its heart is one short walk: read
//! the message, load, decide, commit. Bots, people and programs all come in here.

mod answer;
pub mod approvals;
pub mod assets;
mod backlog;
mod catalogs;
pub mod changes;
mod clocks;
pub mod command;
mod consequences;
mod content;
mod credentials;
mod dispatch;
mod escalations;
pub mod fault;
pub mod files;
mod founding;
mod hear;
pub mod improvements;
mod intake;
pub mod knowledge;
pub mod levels;
pub mod measures;
pub mod models;
mod offspring;
mod open;
pub mod people;
pub mod presence;
pub mod problems;
mod query;
pub mod services;
pub mod surveys;
pub mod table;
mod tasks;
mod tickets;
mod ties;
mod timers;
pub mod trial;
mod watch;
pub mod waves;

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::{
    conversation::{heard::Policy, phrases::Phrases},
    domain::{
        id::{Slot, TicketId},
        people::{Person, Tenant},
    },
    store::Store,
};
pub use catalogs::Beginning;
use catalogs::Catalogs;
use credentials::Credentials;
use files::Files;
use knowledge::Indexes;
use models::Models;

/// The shell. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    models: Arc<Models>,
    catalogs: Arc<Catalogs>,
    credentials: Arc<Credentials>,
    phrases: Arc<Phrases>,
    policy: Policy<'static>,
    files: Files,
    knowledge: Arc<Indexes>,
    pictures: assets::Pictures,
    board: Arc<waves::Board>,
    surveys: surveys::Surveys,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").finish_non_exhaustive()
    }
}

impl Desk {
    /// A desk over a store, with the models, the catalogue of tenants that have none of their own, and the files of
    /// tickets.
    pub fn new(
        store: Store,
        models: Models,
        beginning: Beginning,
        phrases: Phrases,
        policy: Policy<'static>,
        files: Files,
    ) -> Self {
        Self {
            store,
            models: Arc::new(models),
            catalogs: Arc::new(Catalogs::new(beginning)),
            credentials: Arc::default(),
            phrases: Arc::new(phrases),
            policy,
            files,
            knowledge: Arc::default(),
            pictures: assets::Pictures::default(),
            board: Arc::default(),
            surveys: surveys::Surveys::default(),
        }
    }

    /// The same desk, which asks these requesters how satisfied they are.
    #[must_use]
    pub fn surveying(self, surveys: surveys::Surveys) -> Self {
        Self { surveys, ..self }
    }
}

/// Where everything of one requester belongs, so that one transaction can hold a conversation and
/// what it does to their tickets.
fn slot(tenant: &Tenant, requester: &Person) -> Slot {
    Slot(digest(&[tenant.as_str(), &requester.key()])[0])
}

/// Identity for a new ticket of a requester.
fn new_ticket_id(tenant: &Tenant, requester: &Person) -> TicketId {
    TicketId::new(crate::clock::new_bytes(), slot(tenant, requester))
}

/// A hash of some parts that tells them apart however they are cut.
fn digest(parts: &[impl AsRef<[u8]>]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
