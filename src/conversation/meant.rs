//! Which of the requester's tickets a message means.

use super::{
    choosing::shares_a_word,
    heard::Heard,
    lexicon::{Answer, lower, plain},
    slots::choice,
};
use crate::domain::ticket::Ticket;

/// Whether a message says in so many words that something is over: "the guard has come and cut the power"
/// may sound like the end, and is none.
pub(super) fn says_closing(heard: &Heard<'_>) -> bool {
    choice::says(heard.phrases, Answer::Closing, heard.text)
}

/// Whether a message means all of some tickets; "both" are two.
pub(super) fn says_all(heard: &Heard<'_>, count: usize) -> bool {
    let lower = lower(heard.text);
    // "All good now" is about no ticket.
    let plural = |it: &&String| it.contains(' ') || (!it.is_ascii() && it.chars().count() > 1);
    let all = heard.phrases.words(Answer::All).filter(plural);
    let said = |word: &str| choice::mentions(&lower, word).next().is_some();
    (count == 2 && said("both")) || all.into_iter().any(|it| said(it))
}

/// Whether a message names a ticket: by its number, or by the digits of it, as in "ticket 29" or "#29".
pub(super) fn names(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    const BEFORE: [&str; 7] =
        ["ticket ", "tickets ", "ticket no. ", "ticket number ", "ticket #", "工单", "工单 "];
    let digits = ticket.number.rsplit('-').next().map(|it| it.trim_start_matches('0'));
    let lower = lower(heard.text);
    let by_digits = |digits: &str| {
        let mut said = BEFORE.iter().map(|it| format!("{it}{digits}"));
        said.any(|it| choice::mentions(&lower, &it).next().is_some())
    };
    heard.numbers.contains(&ticket.number) || (heard.numbers.is_empty() && digits.is_some_and(by_digits))
}

/// The only one of some tickets that a message speaks of, by a word of its subject or its template's name.
pub(super) fn meant<'a>(heard: &Heard<'_>, tickets: &[&'a Ticket]) -> Option<&'a Ticket> {
    let mut all = tickets.iter().copied().filter(|it| speaks_of(heard, it));
    all.next().filter(|_| all.next().is_none() && tickets.len() > 1)
}

/// Whether a message shares a word with a ticket's subject or its template's name.
pub(super) fn speaks_of(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    let said = plain(heard.text);
    let template = heard.catalog.template_of(ticket);
    let labels = template.iter().flat_map(|it| [&it.label.en, &it.label.zh]);
    labels.chain([&ticket.subject]).any(|name| shares_a_word(&said, &plain(name)))
}
