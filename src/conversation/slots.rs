//! Finding values for a template's fields in what an employee typed.

pub mod choice;
pub mod number;
pub mod ordinal;
pub mod place;
pub mod when;

use super::{
    heard::Heard,
    lexicon::{Answer, lower, plain},
    phrases::Phrases,
    pointing,
    reading::{Reading, begins, clauses, filled_out, is_whole},
};
use crate::{
    domain::{
        field::{Field, FieldKind, FieldValue},
        template::{Template, Values},
        time::Timestamp,
    },
    text::token::is_cjk,
};

/// What a message says for fields that nobody asked for just now: only what cannot well be anything
/// else (an option by its name, an asset tag, a point in time, a place).
pub fn volunteered(heard: &Heard<'_>, template: &Template) -> Values {
    let text = latest(heard);
    let value = |field: &Field| {
        let value = match &field.kind {
            FieldKind::Choice(options) => {
                FieldValue::Choice(choice::find(heard.phrases, options, text)?.id.clone())
            }
            FieldKind::Asset { of } => FieldValue::Asset(pointing::tag(heard, of)?),
            FieldKind::DateTime => FieldValue::DateTime(when::find(text, heard.at, zone(heard, template))?),
            FieldKind::Location => FieldValue::Location(place::find(text)?),
            FieldKind::Text { .. } => FieldValue::Text(cued(heard, field, text)?),
            FieldKind::Person => FieldValue::Person(cued(heard, field, text)?),
            FieldKind::Number { .. } => return None,
        };
        // What does not fit is asked for.
        Some((field.id.clone(), field.kind.check(value).ok()?))
    };
    template.fields.iter().filter_map(value).collect()
}

/// What a message says to the question for one field.
pub fn answered(heard: &Heard<'_>, template: &Template, field: &Field) -> Option<FieldValue> {
    let text = latest(heard);
    let value = match &field.kind {
        FieldKind::Choice(options) => {
            let named = options.iter().find(|it| it.id == plain(text));
            let placed = named.or_else(|| ordinal::by_number(options, text));
            let chosen = placed.or_else(|| choice::find(heard.phrases, options, text));
            let meant = chosen.or_else(|| choice::misspelt(options, text));
            FieldValue::Choice(meant?.id.clone())
        }
        FieldKind::Asset { of } => {
            let tag = pointing::tag(heard, of).or_else(|| pointing::answered(heard, of));
            FieldValue::Asset(tag.or_else(|| lone_tag(text))?)
        }
        FieldKind::DateTime => FieldValue::DateTime(when::find(text, heard.at, zone(heard, template))?),
        FieldKind::Number { .. } => FieldValue::Number(number::said(text).ok()?),
        FieldKind::Text { pattern: Some(pattern), .. } => FieldValue::Text(pattern.within(text)?.to_owned()),
        FieldKind::Text { pattern: None, .. } => FieldValue::Text(beside_yes(heard, text)),
        FieldKind::Person => FieldValue::Person(beside_yes(heard, text)),
        FieldKind::Location => {
            FieldValue::Location(place::find(text).unwrap_or_else(|| beside_yes(heard, text)))
        }
    };
    field.kind.check(value).ok()
}

/// Why a message gives no value for a field of numbers.
pub fn misread(heard: &Heard<'_>, field: &Field) -> Option<number::Misread> {
    number::misread(&field.kind, latest(heard))
}

/// What an answer names beside its yes: "yes, the finance share".
fn beside_yes(heard: &Heard<'_>, text: &str) -> String {
    let reading = Reading::of(heard.phrases, text);
    match reading.answer {
        Some(Answer::Yes) if !reading.is_bare() => reading.rest.join(", "),
        _ => text.trim().to_owned(),
    }
}

/// What stands behind one of the field's cues, up to the end of the clause or to words that go on about
/// something else: "I need access to the finance share by Friday". "A system" names nothing.
fn cued(heard: &Heard<'_>, field: &Field, text: &str) -> Option<String> {
    let lower = lower(text);
    // "No error message, it just closes"
    let told = |at: &usize| !choice::negated(heard.phrases, &lower[..*at]);
    let behind_cue = |cue: &'_ String| {
        choice::mentions(&lower, cue).filter(told).map(|at| at + cue.len()).collect::<Vec<_>>()
    };
    let cues = field.cues.iter().flat_map(behind_cue);
    let behind = cues.filter_map(|at| clauses(&text[at..]).next()).map(|it| without_tail(heard.phrases, it));
    let behind = behind.chain(share(field, text)).chain(before(heard, field, text, &lower));
    let names = |it: &&str| {
        let words = plain(it);
        // "I need to edit there" names no program.
        let verb = words.starts_with("to ");
        words.chars().count() > 1 && !verb && !is_whole(heard.phrases, Answer::Vague, &words)
    };
    let bare = |it| without_articles(heard.phrases, filled_out(heard.phrases, it));
    // "I need you to install Visio": the closest cue leaves the least.
    behind.filter(names).map(bare).filter(names).min_by_key(|it| it.len()).map(str::to_owned)
}

fn without_articles<'a>(phrases: &Phrases, mut text: &'a str) -> &'a str {
    while let Some(rest) = begins(phrases, Answer::Article, text).map(str::trim).filter(|it| !it.is_empty()) {
        text = rest;
    }
    text
}

/// What stands before a cue that begins with an ellipsis: "…的权限" in "我需要 Jira 的权限".
fn before<'a>(heard: &Heard<'_>, field: &Field, text: &'a str, lower: &str) -> Option<&'a str> {
    let cues = field.cues.iter().filter_map(|it| it.strip_prefix('…'));
    let at = cues.filter_map(|it| lower.find(it)).min()?;
    let start = text[..at].rfind(['，', '。', ',', ';', '；', '\n']).map_or(0, |it| it + 1);
    let mut named = text.get(start..at)?.trim_start_matches(|it: char| !it.is_alphanumeric()).trim();
    while let Some(rest) = [Answer::Filler, Answer::Wanting, Answer::Article]
        .into_iter()
        .find_map(|it| begins(heard.phrases, it, named))
        .map(str::trim)
        .filter(|it| !it.is_empty())
    {
        named = rest;
    }
    (!is_whole(heard.phrases, Answer::Wanting, named)).then_some(named)
}

/// A path to a share is a name by itself.
fn share<'a>(field: &Field, text: &'a str) -> Option<&'a str> {
    let mut words = text.split(|it: char| it.is_whitespace() || is_cjk(it));
    let is_text = matches!(field.kind, FieldKind::Text { .. });
    words.find(|it| is_text && it.starts_with("\\\\") && it.len() > 4 && !field.cues.is_empty())
}

fn without_tail<'a>(phrases: &Phrases, text: &'a str) -> &'a str {
    let lower = lower(text);
    let tails = phrases.words(Answer::Tail).filter_map(|it| lower.find(it.as_str()));
    let end = tails.min();
    end.and_then(|it| text.get(..it)).map_or(text, str::trim)
}

/// The part of the message behind the last correction: "laptop, no wait, the monitor".
pub(super) fn latest<'a>(heard: &Heard<'a>) -> &'a str {
    let lower = lower(heard.text);
    let behind = |word: &String| lower.rfind(word.as_str()).map(|at| at + word.len());
    let cut =
        heard.phrases.words(Answer::Correction).filter(|it| whole_word(&lower, it)).filter_map(behind).max();
    match cut.and_then(|cut| heard.text.get(cut..)) {
        Some(rest) if plain(rest).chars().count() > 1 => rest,
        _ => heard.text,
    }
}

fn whole_word(text: &str, word: &str) -> bool {
    choice::mentions(text, word).next().is_some()
}

/// A whole message that is a tag and nothing else, such as `C02XK1`.
fn lone_tag(text: &str) -> Option<String> {
    let tag = text.trim().trim_end_matches('.');
    let legal = tag.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
    (legal && (4..=32).contains(&tag.len()) && tag.chars().any(|it| it.is_ascii_digit()))
        .then(|| tag.to_uppercase())
}

/// The zone that an employee's "3 pm" is meant in: that of the hours the template is worked in.
fn zone<'a>(heard: &Heard<'a>, template: &Template) -> &'a str {
    heard.catalog.zone(&template.sla)
}

/// How far a date may lie from the message; beyond it was something else than a date.
pub(super) fn plausible(at: Timestamp, now: Timestamp) -> bool {
    const TWO_YEARS: i64 = 2 * 366 * 86_400;
    (at.second() - now.second()).abs() < TWO_YEARS
}
