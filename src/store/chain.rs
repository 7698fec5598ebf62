//! The chain of hashes over a partition's history. Each link covers the link before and the hash of
//! an event's bytes, so the bytes can be erased, with their hash kept, and the chain still holds.

use sha2::{Digest as _, Sha256};

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// What the first link hangs on.
pub(super) const START: Hash = [0; 32];

/// The hash of an event's bytes.
pub(super) fn digest(payload: &[u8]) -> Hash {
    Sha256::digest(payload).into()
}

/// The link after `before`.
pub(super) fn link(before: &Hash, digest: &Hash) -> Hash {
    Sha256::new().chain_update(before).chain_update(digest).finalize().into()
}
