//! What a message is about when nothing was asked.

use super::{heard::Heard, lexicon::trimmed, state::TicketIntent};
use crate::domain::catalog::FALLBACK;

/// What a message is about, when nothing was asked.
#[derive(Debug, PartialEq)]
pub(super) enum Meaning<'a> {
    /// A problem or a wish, surely of this template.
    Template(&'a str),
    /// One of these templates.
    Unsure(Vec<String>),
    /// A ticket that stands.
    Ticket(TicketIntent),
    /// A hello.
    Greeting,
    /// Thanks.
    Thanks,
    /// Wants a person.
    Person,
    /// Nothing that the desk does.
    OutOfScope,
    /// No idea.
    Nothing,
}

/// How many templates a short list has at most.
const SHORT_LIST: usize = 3;
/// An intent that is no ticket is acted upon from this confidence on; it costs nothing to be wrong.
const INTENT: f32 = 0.5;
/// Below this an intent about tickets is no better than a guess.
pub(super) const GUESS: f32 = 0.3;

/// Reads a message of which nothing was expected. Whoever writes what a template is called means that one, also if the
/// model has never heard of it.
pub(super) fn meaning<'a>(heard: &'a Heard<'_>) -> Meaning<'a> {
    let understood = understood(heard);
    if !heard.numbers.is_empty() {
        return understood;
    }
    let is_clear = match &understood {
        Meaning::Template(_) | Meaning::Ticket(_) | Meaning::Person | Meaning::Thanks => true,
        Meaning::Unsure(_) | Meaning::Greeting | Meaning::OutOfScope | Meaning::Nothing => false,
    };
    let named = called(heard).or_else(|| if is_clear { None } else { mentioned(heard) });
    named.map_or(understood, Meaning::Template)
}

/// The templates that a bot offers by name, with each of their names.
fn names<'a>(heard: &'a Heard<'_>) -> impl Iterator<Item = (&'a str, &'a str)> {
    let offered = heard.catalog.templates.iter().filter(|it| heard.catalog.is_offered(it));
    let named = offered.filter(|it| it.id != FALLBACK);
    named.flat_map(|it| [&it.label.en, &it.label.zh].map(|label| (it.id.as_str(), label.trim())))
}

/// The template whose name is all that a message has.
fn called<'a>(heard: &'a Heard<'_>) -> Option<&'a str> {
    let small = |text: &'a str| text.chars().flat_map(char::to_lowercase);
    let text = trimmed(heard.text);
    names(heard).find(|(_, label)| !label.is_empty() && small(label).eq(small(text))).map(|it| it.0)
}

/// The first template whose name stands in a message.
fn mentioned<'a>(heard: &'a Heard<'_>) -> Option<&'a str> {
    /// Shorter names are words that stand in many messages.
    const LONG: usize = 8;
    let is_long = |label: &str| LONG <= label.chars().map(|it| if it.is_ascii() { 1 } else { 2 }).sum();
    let text = trimmed(heard.text).to_lowercase();
    names(heard).find(|(_, it)| is_long(it) && has_words(&text, &it.to_lowercase())).map(|it| it.0)
}

/// Whether words stand in a text, and not in the middle of others.
fn has_words(text: &str, words: &str) -> bool {
    let is_letter = |it: char| it.is_ascii_alphanumeric();
    text.match_indices(words).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        let begins_one = !(before.ends_with(is_letter) && words.starts_with(is_letter));
        let goes_on = after.starts_with(is_letter) && words.ends_with(is_letter);
        begins_one && !goes_on
    })
}

fn understood<'a>(heard: &'a Heard<'_>) -> Meaning<'a> {
    let (label, confidence) = heard.best();
    let surely = |id: &str, it| {
        it >= heard.policy.sure || stands_out(heard) || heard.policy.acts(id, heard.understanding)
    };
    let template = heard.templates().next().filter(|(id, it)| surely(id, *it));
    if let Some((id, _)) = template.filter(|(id, _)| heard.numbers.is_empty() || *id == label) {
        return Meaning::Template(id);
    }
    if !heard.numbers.is_empty() {
        return Meaning::Ticket(TicketIntent::parse(label).unwrap_or(TicketIntent::Status));
    }
    let list = short_list(heard, heard.policy.floor);
    if confidence < INTENT && !list.is_empty() {
        return Meaning::Unsure(list);
    }
    match (label, TicketIntent::parse(label)) {
        // Telling how tickets go does no harm.
        (_, Some(TicketIntent::Status)) if !heard.tickets.is_empty() => Meaning::Ticket(TicketIntent::Status),
        (_, Some(_)) if confidence < GUESS => Meaning::Nothing,
        (_, Some(intent)) => Meaning::Ticket(intent),
        (_, None) if confidence < INTENT && list.is_empty() => Meaning::Nothing,
        ("greeting", None) => Meaning::Greeting,
        ("thanks", None) => Meaning::Thanks,
        ("person", None) => Meaning::Person,
        ("out_of_scope", None) if confidence >= INTENT => Meaning::OutOfScope,
        (_, None) if list.is_empty() => Meaning::Nothing,
        (_, None) => Meaning::Unsure(list),
    }
}

/// Whether the best template is likely and no other comes near it: a list would only offer what it is not.
fn stands_out(heard: &Heard<'_>) -> bool {
    const TIMES: f32 = 4.0;
    let mut all = heard.understanding.labels.iter();
    let (first, second) = (all.next(), all.next().map_or(0.0, |(_, it)| *it));
    first.is_some_and(|(label, it)| {
        heard.catalog.offered(label).is_some() && *it >= INTENT && *it >= TIMES * second
    })
}

/// The best templates, if the first of them is worth showing.
pub(super) fn short_list(heard: &Heard<'_>, floor: f32) -> Vec<String> {
    let worth = heard.templates().next().is_some_and(|(_, it)| it >= floor);
    let best = heard.templates().take(SHORT_LIST).map(|(id, _)| id.to_owned());
    if worth { best.collect() } else { vec![] }
}
