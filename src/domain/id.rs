//! Typed identities. `Id<Ticket>` and `Id<Conversation>` cannot be mixed up, and print as `tkt_…` and
//! `cnv_…` so that a log line says what it names.

use std::{fmt, hash::Hash, marker::PhantomData, str::FromStr};

/// What an identity names; gives the prefix of its written form.
pub trait Kind {
    /// Three letters before the underscore.
    const PREFIX: &'static str;
}

/// Names tickets: `tkt_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TicketKey {}

impl Kind for TicketKey {
    const PREFIX: &'static str = "tkt";
}

/// Names conversations: `cnv_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationKey {}

impl Kind for ConversationKey {
    const PREFIX: &'static str = "cnv";
}

/// Names entries of the directory of people: `ppl_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProfileKey {}

impl Kind for ProfileKey {
    const PREFIX: &'static str = "ppl";
}

/// Names attachments: `att_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AttachmentKey {}

impl Kind for AttachmentKey {
    const PREFIX: &'static str = "att";
}

/// Names articles of the knowledge: `art_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ArticleKey {}

impl Kind for ArticleKey {
    const PREFIX: &'static str = "art";
}

/// Names incident waves: `wav_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WaveKey {}

impl Kind for WaveKey {
    const PREFIX: &'static str = "wav";
}

/// Names improvements: `imp_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImprovementKey {}

impl Kind for ImprovementKey {
    const PREFIX: &'static str = "imp";
}

/// Names assets: `ast_…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetKey {}

impl Kind for AssetKey {
    const PREFIX: &'static str = "ast";
}

/// Identity of an article.
pub type ArticleId = Id<ArticleKey>;
/// Identity of an asset.
pub type AssetId = Id<AssetKey>;
/// Identity of an attachment.
pub type AttachmentId = Id<AttachmentKey>;
/// Identity of a ticket.
pub type TicketId = Id<TicketKey>;
/// Identity of a conversation.
pub type ConversationId = Id<ConversationKey>;
/// Identity of an improvement.
pub type ImprovementId = Id<ImprovementKey>;
/// Identity of an incident wave.
pub type WaveId = Id<WaveKey>;
/// Identity of an entry in the directory of people.
pub type ProfileId = Id<ProfileKey>;

/// Sixteen bytes that name one `K`. The last byte is the slot, from which the partition follows:
/// whatever belongs to one requester is made with one slot, so one transaction can hold it all.
pub struct Id<K> {
    bytes: [u8; 16],
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// An identity from its bytes, with the slot put in place of the last one.
    pub fn new(mut bytes: [u8; 16], slot: Slot) -> Self {
        bytes[15] = slot.0;
        Self { bytes, kind: PhantomData }
    }

    /// The identity with exactly these bytes.
    pub fn from_bytes(bytes: [u8; 16]) -> Self {
        Self { bytes, kind: PhantomData }
    }

    /// The bytes; identities made from time-ordered bytes sort by time.
    pub fn bytes(&self) -> &[u8; 16] {
        &self.bytes
    }

    /// Where its events belong.
    pub fn slot(&self) -> Slot {
        Slot(self.bytes[15])
    }
}

/// One of 256 slots; the store maps them onto its partitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Slot(pub u8);

impl Slot {
    /// The partition of this slot in a store with `partitions` of them.
    pub fn partition(self, partitions: u32) -> u32 {
        u32::from(self.0) % partitions.max(1)
    }
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for Id<K> {}

impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<K> Eq for Id<K> {}

impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.bytes.cmp(&other.bytes)
    }
}

impl<K> Hash for Id<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bytes.hash(state);
    }
}

impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_", K::PREFIX)?;
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.bytes) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl<K: Kind> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is no identity of the kind expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected `{expected}_` and 32 hexadecimal digits")]
pub struct WrongId {
    expected: &'static str,
}

impl<K: Kind> FromStr for Id<K> {
    type Err = WrongId;

    fn from_str(text: &str) -> Result<Self, WrongId> {
        let wrong = WrongId { expected: K::PREFIX };
        let digits =
            text.strip_prefix(K::PREFIX).and_then(|rest| rest.strip_prefix('_')).ok_or(wrong.clone())?;
        if digits.len() != 32 || !digits.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(wrong);
        }
        let number = u128::from_str_radix(digits, 16).map_err(|_| wrong)?;
        Ok(Self::from_bytes(number.to_be_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_back_what_it_prints() {
        let id = TicketId::new(*b"0123456789abcdef", Slot(7));
        assert_eq!(id.to_string().parse::<TicketId>(), Ok(id));
        assert_eq!(id.slot().partition(16), 7);
        assert!(id.to_string().parse::<ConversationId>().is_err());
        assert!("tkt_+123456789abcdef0123456789abcdef".parse::<TicketId>().is_err());
    }
}
