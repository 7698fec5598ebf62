//! The shell: the only place where the pure rooms meet the store. Its heart is one short walk: read
//! the message, load, decide, commit. Bots, people and programs all come in here.

mod answer;
mod catalogs;
pub mod command;
mod credentials;
pub mod fault;
mod hear;
mod intake;
mod open;
mod query;
mod tickets;
mod watch;

use std::sync::{Arc, PoisonError, RwLock};

use sha2::{Digest, Sha256};

use crate::{
    conversation::{heard::Policy, phrases::Phrases},
    domain::{
        id::{Slot, TicketId},
        people::{Person, Tenant},
    },
    model::classifier::Classifier,
    store::Store,
};
use catalogs::Catalogs;
use credentials::Credentials;

/// The shell. Cheap to clone.
#[derive(Clone)]
pub struct Desk {
    store: Store,
    model: Arc<RwLock<Arc<Classifier>>>,
    catalogs: Arc<Catalogs>,
    credentials: Arc<Credentials>,
    phrases: Arc<Phrases>,
    policy: Policy,
}

impl std::fmt::Debug for Desk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Desk").field("model", self.model().version()).finish_non_exhaustive()
    }
}

impl Desk {
    /// A desk over a store, with the model in use and the catalogue of tenants that have none.
    pub fn new(
        store: Store,
        model: Classifier,
        starter: crate::domain::catalog::Catalog,
        phrases: Phrases,
        policy: Policy,
    ) -> Self {
        Self {
            store,
            model: Arc::new(RwLock::new(Arc::new(model))),
            catalogs: Arc::new(Catalogs::new(starter)),
            credentials: Arc::default(),
            phrases: Arc::new(phrases),
            policy,
        }
    }

    fn model(&self) -> Arc<Classifier> {
        Arc::clone(&self.model.read().unwrap_or_else(PoisonError::into_inner))
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

/// A hash of some texts that tells them apart however they are cut.
fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}
