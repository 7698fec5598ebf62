//! Text as a pure matter: normalising, tokenising, finding values, masking personal data.
//!
//! Everything here is a function of its input: no IO, no clock, no settings. Spans that leave this
//! room are byte ranges of the *original* message and lie on character boundaries, so whoever
//! shows them need not know how the message was normalised.

pub mod found;
pub mod grams;
pub mod han;
pub mod language;
pub mod nearest;
pub mod normalise;
pub mod pieces;
pub mod redact;
pub mod token;
pub mod visible;
