//! What somebody is told of an approval, in their language; a bot takes it from the event and sends it.

use crate::domain::people::{Language, Person};

/// A message for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// To whom.
    pub to: Person,
    /// In this language.
    pub language: Language,
    /// What.
    pub text: String,
    /// What they may press to answer.
    pub buttons: Vec<Button>,
}

/// Something to press.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    /// What to send as their next message.
    pub value: String,
    /// What to show.
    pub label: String,
}
