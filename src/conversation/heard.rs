//! All that one turn of a conversation is told.

use std::fmt;

use super::{
    lexicon::Answer, offering::Shelf, phrases::Phrases, pointing::Stock, slots::place, state::TicketIntent,
    waves::Waves,
};
use crate::{
    domain::{
        assignment::Understanding, catalog::Catalog, id::TicketId, people::Language, profile::Details,
        ticket::Ticket, time::Timestamp,
    },
    model::gate::Gate,
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
    /// What it names that looks like the tag of an asset, upper case.
    pub assets: &'a [String],
    /// What of the register it may point at.
    pub stock: Stock<'a>,
    /// The requester's tickets, newest first.
    pub tickets: &'a [&'a Ticket],
    /// Requests of others that wait for the employee's consent, those opened first.
    pub awaiting: &'a [&'a Ticket],
    /// Requests that the message names, and that they were asked about once or that are their own and wait for others.
    pub known: &'a [&'a Ticket],
    /// When.
    pub at: Timestamp,
    /// Identity for a ticket, should one be opened.
    pub new_id: TicketId,
    /// The catalogue.
    pub catalog: &'a Catalog,
    /// How sure the machine must be.
    pub policy: Policy<'a>,
    /// What is said, and how yes and no are recognised.
    pub phrases: &'a Phrases,
    /// What the directory of people says of the requester.
    pub details: Option<&'a Details>,
    /// The text model, for texts that are not the message itself.
    pub reader: Reader<'a>,
    /// The knowledge.
    pub shelf: Shelf<'a>,
    /// What many people have at the moment.
    pub waves: Waves<'a>,
}

/// The text model: what it understands of a text.
#[derive(Clone, Copy)]
pub struct Reader<'a>(pub &'a dyn Fn(&str) -> Understanding);

impl fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

/// How sure the machine must be to act, to ask, or to give up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy<'a> {
    /// What is opened without the employee's yes.
    pub auto: Auto<'a>,
    /// From this confidence on a template is taken without a short list; the employee still confirms.
    pub sure: f32,
    /// From this confidence on a template is worth showing in the short list.
    pub floor: f32,
}

/// Which tickets are opened without the employee's yes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Auto<'a> {
    /// None.
    Never,
    /// Those of which the model is so sure, certified or not.
    From(f32),
    /// Those that the gate certified with the model lets pass.
    Certified(&'a Gate),
}

impl Default for Policy<'_> {
    fn default() -> Self {
        Self { auto: Auto::Never, sure: 0.5, floor: 0.2 }
    }
}

impl Policy<'_> {
    /// The policy while a model is in use: the gate certified with it, if any, comes before the setting.
    pub fn with<'b>(&self, gate: Option<&'b Gate>) -> Policy<'b>
    where
        Self: 'b,
    {
        Policy { auto: gate.map_or(self.auto, Auto::Certified), ..*self }
    }

    /// Whether a ticket of this template is opened without a yes, for a message understood like this.
    pub fn acts(&self, template: &str, understanding: &Understanding) -> bool {
        let confidence = understanding.labels.iter().find(|(label, _)| label == template);
        let confidence = confidence.map_or(0.0, |(_, it)| *it);
        match self.auto {
            Auto::Never => false,
            Auto::From(least) => confidence >= least,
            // What was certified is the best label, and no other.
            Auto::Certified(gate) => {
                understanding.labels.first().is_some_and(|(best, _)| best == template)
                    && gate.lets_pass(template, confidence, understanding.out_of_scope)
            }
        }
    }
}

/// Sure enough that a message is about something else than what was asked.
pub(super) const DIGRESSION: f32 = 0.8;

/// Where nobody has a ticket, a message about one is likely something else if a template has this much.
const RATHER_A_TEMPLATE: f32 = 0.04;

impl<'a> Heard<'a> {
    /// The same moment with another text.
    pub(super) fn of<'b>(self, text: &'b str, understanding: &'b Understanding) -> Heard<'b>
    where
        'a: 'b,
    {
        Heard { text, understanding, ..self }
    }

    /// Whether the whole message is this answer.
    pub(super) fn is(&self, answer: Answer) -> bool {
        self.phrases.is(answer, self.text)
    }

    /// Whether the whole message is one of these answers.
    pub(super) fn is_any(&self, answers: &[Answer]) -> bool {
        answers.iter().any(|it| self.is(*it))
    }

    /// The best label and its confidence. Somebody without a ticket hardly asks about one.
    pub(super) fn best(&self) -> (&str, f32) {
        let first = self.understanding.labels.first().map_or(("", 0.0), |(label, it)| (label, *it));
        let about_none = self.tickets.is_empty() && self.numbers.is_empty() && self.waves.joined.is_empty();
        let template = self.templates().next().filter(|(_, it)| *it >= RATHER_A_TEMPLATE);
        match (TicketIntent::parse(first.0), template) {
            (Some(_), Some(template)) if about_none => template,
            _ => first,
        }
    }

    /// How likely the best template is.
    pub(super) fn likelihood(&self) -> f32 {
        self.templates().next().map_or(0.0, |(_, it)| it)
    }

    /// Whether the best template is this one, with at least this confidence.
    pub(super) fn is_of(&self, template: &str, least: f32) -> bool {
        self.templates().next().is_some_and(|(id, it)| id == template && it >= least)
    }

    /// The best template if it is another than this one, with at least this confidence.
    pub(super) fn other_than(&self, template: &str, least: f32) -> Option<&str> {
        self.templates().next().filter(|(id, it)| *id != template && *it >= least).map(|(id, _)| id)
    }

    /// Whether a message is about a template whatever place it names: so many faults have a place that a place
    /// alone sounds like one.
    pub(super) fn says_apart_from_its_place(&self, template: &str) -> bool {
        let Some(place) = place::find(self.text) else { return true };
        let rest = self.text.replacen(place.as_str(), "", 1);
        let understanding = (self.reader.0)(&rest);
        let apart = self.of(&rest, &understanding);
        apart.is_of(template, DIGRESSION)
    }

    /// The labels that are templates of this catalogue which employees may ask for, best first.
    pub(super) fn templates(&self) -> impl Iterator<Item = (&str, f32)> {
        let known = |(label, _): &&(String, f32)| self.catalog.offered(label).is_some();
        self.understanding.labels.iter().filter(known).map(|(label, it)| (label.as_str(), *it))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::gate::{Certificate, Promise};

    use super::*;

    fn certificate(threshold: f32) -> Certificate {
        Certificate { threshold: Some(threshold), ..Certificate::default() }
    }

    #[test]
    fn a_certified_gate_decides_by_label_and_comes_before_the_setting() {
        let gate = Gate {
            promise: Promise::default(),
            out_of_scope: 0.5,
            labels: [("vpn_fault".to_owned(), certificate(0.6))].into(),
            pooled: certificate(0.9),
        };
        let setting = Policy { auto: Auto::From(0.3), ..Policy::default() };
        let certified = setting.with(Some(&gate));
        let understood = |labels: &[(&str, f32)], out_of_scope| Understanding {
            labels: labels.iter().map(|(label, it)| ((*label).to_owned(), *it)).collect(),
            out_of_scope,
            ..Understanding::default()
        };
        let vpn = understood(&[("vpn_fault", 0.65), ("printer_fault", 0.35)], 0.1);
        assert!(certified.acts("vpn_fault", &vpn));
        // Likely enough for the setting, but not what was certified: the best label.
        assert!(setting.acts("printer_fault", &vpn) && !certified.acts("printer_fault", &vpn));
        let printer = understood(&[("printer_fault", 0.65)], 0.1);
        assert!(setting.with(None).acts("printer_fault", &printer));
        assert!(!certified.acts("printer_fault", &printer));
        assert!(!certified.acts("vpn_fault", &understood(&[("vpn_fault", 0.99)], 0.6)));
        assert!(!Policy::default().acts("vpn_fault", &vpn));
    }
}
