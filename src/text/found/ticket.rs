//! Ticket numbers, however people type them.

use std::fmt;

use crate::text::found::{
    Kind,
    words::{HYPHENS, Words, is_number},
};

/// The four kinds of ticket by the prefix of their numbers.
const PREFIXES: [&str; 4] = ["INC", "REQ", "PRB", "CHG"];

/// The number of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TicketNumber {
    /// One of `INC`, `REQ`, `PRB` and `CHG`.
    pub prefix: &'static str,
    /// The number without leading zeros.
    pub number: u64,
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", self.prefix, self.number)
    }
}

/// The ticket number at a word: in one word ("inc123") or two ("INC-000123", "inc 123", "chg#77").
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let word = words.word(at);
    let prefix = PREFIXES.into_iter().find(|prefix| word.starts_with(prefix))?;
    let rest = &word[prefix.len()..];
    if is_number(rest, 1..=12) {
        return Some((1, number(prefix, rest)?));
    }
    let gap = words.gap(at);
    let joined = HYPHENS.contains(&gap) || matches!(gap, " " | "" | "_" | "#" | " #" | ":" | ": ");
    let digits = words.word(at + 1);
    (rest.is_empty() && joined && is_number(digits, 1..=12))
        .then(|| number(prefix, digits))
        .flatten()
        .map(|kind| (2, kind))
}

fn number(prefix: &'static str, digits: &str) -> Option<Kind> {
    Some(Kind::Ticket(TicketNumber { prefix, number: digits.parse().ok()? }))
}
