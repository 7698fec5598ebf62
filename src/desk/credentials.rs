//! Who holds an API token. Looked up in the store, and remembered for a moment: a busy bot sends the
//! same token with each call, and a revoked one must still die within seconds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use sha2::{Digest, Sha256};

use super::{Desk, fault::Fault};
use crate::{clock::Stopwatch, domain::people::Caller};

/// How long a token's holder is remembered, in seconds.
const REMEMBERED: f64 = 2.0;
/// How many tokens are remembered at most.
const MANY: usize = 4096;

/// Token hashes seen a moment ago, and their holders.
#[derive(Default)]
pub(super) struct Credentials(Mutex<HashMap<[u8; 32], (Stopwatch, Caller)>>);

impl Desk {
    /// The holder of a token, or `None` if it is unknown or revoked.
    pub async fn caller(&self, secret: &str) -> Result<Option<Caller>, Fault> {
        let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        if let Some(caller) = self.credentials.get(&hash) {
            return Ok(Some(caller));
        }
        let Some(token) = self.store.token_by_hash(&hash).await?.filter(|it| it.revoked.is_none()) else {
            return Ok(None);
        };
        let caller = Caller { tenant: token.tenant, subject: token.subject, roles: token.roles };
        self.welcome(&caller.tenant).await?;
        // What is in the way was told; without a model of their own they are read by the desk's.
        let _ = self.take_models(&caller.tenant).await;
        self.credentials.put(hash, caller.clone());
        Ok(Some(caller))
    }
}

impl Credentials {
    fn get(&self, hash: &[u8; 32]) -> Option<Caller> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(hash).filter(|(since, _)| since.seconds() < REMEMBERED).map(|(_, caller)| caller.clone())
    }

    fn put(&self, hash: [u8; 32], caller: Caller) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MANY {
            seen.retain(|_, (since, _)| since.seconds() < REMEMBERED);
        }
        if seen.len() < MANY {
            seen.insert(hash, (Stopwatch::start(), caller));
        }
    }
}
