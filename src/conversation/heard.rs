//! All that one turn of a conversation is told.

use super::phrases::Phrases;
use crate::domain::{
    assignment::Understanding, catalog::Catalog, id::TicketId, people::Language, ticket::Ticket,
    time::Timestamp,
};

/// One message, and all that is known around it.
#[derive(Debug, Clone, Copy)]
pub struct Heard<'a> {
    /// What the employee wrote.
    pub text: &'a str,
    /// The language to answer in, if the message or the bot tells.
    pub language: Option<Language>,
    /// What the model understood of it.
    pub understanding: &'a Understanding,
    /// Ticket numbers that it names, upper case.
    pub numbers: &'a [String],
    /// Asset tags that it names, upper case.
    pub assets: &'a [String],
    /// The requester's tickets, newest first.
    pub tickets: &'a [&'a Ticket],
    /// When.
    pub at: Timestamp,
    /// Identity for a ticket, should one be opened.
    pub new_id: TicketId,
    /// The catalogue.
    pub catalog: &'a Catalog,
    /// How sure the machine must be.
    pub policy: Policy,
    /// What is said, and how yes and no are recognised.
    pub phrases: &'a Phrases,
}

/// How sure the machine must be to act, to ask, or to give up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    /// From this confidence on a ticket is opened without the employee's yes; `None` while too few
    /// messages were confirmed to certify any such threshold.
    pub auto: Option<f32>,
    /// From this confidence on a template is taken without a short list; the employee still confirms.
    pub sure: f32,
    /// From this confidence on a template is worth showing in the short list.
    pub floor: f32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { auto: None, sure: 0.5, floor: 0.2 }
    }
}

/// Sure enough that a message is about something else than what was asked.
pub(super) const DIGRESSION: f32 = 0.8;

impl Heard<'_> {
    /// The best label and its confidence.
    pub(super) fn best(&self) -> (&str, f32) {
        self.understanding.labels.first().map_or(("", 0.0), |(label, it)| (label, *it))
    }

    /// The labels that are templates of this catalogue, best first.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&str, f32)> {
        let known = |(label, _): &&(String, f32)| self.catalog.template(label).is_some();
        self.understanding.labels.iter().filter(known).map(|(label, it)| (label.as_str(), *it))
    }
}
