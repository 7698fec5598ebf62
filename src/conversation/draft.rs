//! A ticket in the making: how it begins, what is asked next, how it is opened or dropped. What is answered
//! is read in `choosing`, `filling` and `confirming`, what comes in between in `digressing`.

use super::{
    heard::Heard,
    lexicon::Answer,
    reading::{cancels, clauses},
    slots::{self, choice, number::Misread},
    state::{Draft, Phase},
    turn::{Effect, PATIENCE, Say, Turn},
};
use crate::{
    domain::{
        assignment::Gate,
        catalog::FALLBACK,
        field::{Field, FieldValue},
        profile,
        template::{self, Template},
    },
    text::token::is_cjk,
};

/// Longest description of a ticket in bytes; what is said beyond it is not lost, it is in the
/// conversation's history.
const DESCRIPTION: usize = 16 * 1024;

impl Draft {
    /// A draft that begins with a message.
    pub(super) fn of(heard: &Heard<'_>, template: &str) -> Self {
        let mut draft = Self {
            template: template.to_owned(),
            understanding: heard.understanding.clone(),
            ..Self::default()
        };
        draft.describe(heard);
        draft
    }

    /// A draft of a template that a message surely is about.
    pub(super) fn begun(heard: &Heard<'_>, id: &str) -> Self {
        let mut draft = Self::of(heard, id);
        if let Some(template) = heard.catalog.template(id) {
            draft.settle(heard, template);
        }
        draft
    }

    /// How sure the model is of the draft's template.
    pub(super) fn confidence(&self) -> f32 {
        let labels = &self.understanding.labels;
        labels.iter().find(|(label, _)| *label == self.template).map_or(0.0, |(_, it)| *it)
    }

    /// Adds a message to the description, and what it points at.
    pub(super) fn describe(&mut self, heard: &Heard<'_>) {
        self.point(heard);
        let text = heard.text;
        if !self.description.is_empty() {
            self.description.push('\n');
        }
        let room = DESCRIPTION.saturating_sub(self.description.len());
        let end = (0..=text.len().min(room)).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
        self.description.push_str(text[..end].trim());
    }

    /// Takes the template, and from what was said so far what it needs.
    pub(super) fn settle(&mut self, heard: &Heard<'_>, template: &Template) {
        if self.template != template.id {
            (self.shown_price, self.agreed_price) = (None, None);
        }
        template.id.clone_into(&mut self.template);
        self.keep_what_fits(template);
        let said = self.description.clone();
        let whole = heard.of(&said, heard.understanding);
        for (id, value) in slots::volunteered(&whole, template) {
            if !self.fields.iter().any(|(it, _)| *it == id) {
                self.fields.push((id, value));
            }
        }
        if let Some(details) = heard.details {
            profile::fill(template, details, &mut self.fields);
        }
    }

    /// Whether it costs something, and the employee has not said yes to that very price.
    fn awaits_yes_to_price(&self, template: &Template) -> bool {
        let price = template.prices.of(&self.fields);
        price.is_some() && price.as_ref() != self.agreed_price.as_deref()
    }

    /// Drops the values that a template has no field for.
    fn keep_what_fits(&mut self, template: &Template) {
        self.fields.retain(|(id, value)| template.check_one(id, value.clone()).is_ok());
    }

    /// Takes the values that a message volunteers. Whether any of them was new.
    pub(super) fn take(&mut self, heard: &Heard<'_>, template: &Template, replace: bool) -> bool {
        let mut changed = false;
        for (id, value) in slots::volunteered(heard, template) {
            let old = self.fields.iter().find(|(it, _)| *it == id).map(|(_, it)| it);
            let exact = old.is_some_and(|old| is_more_exact(old, &value));
            if old.is_none() || exact || (replace && old != Some(&value)) {
                template::set(&mut self.fields, &id, value);
                changed = true;
            }
        }
        changed
    }
}

/// Whether a point in time makes a rough one of the same day exact: "this morning", "around 7:40".
fn is_more_exact(old: &FieldValue, new: &FieldValue) -> bool {
    const DAY: i64 = 24 * 3600;
    let (FieldValue::DateTime(old), FieldValue::DateTime(new)) = (old, new) else { return false };
    old.second() % 3600 == 0 && new.second() % 3600 != 0 && (new.second() - old.second()).abs() < DAY
}

impl Turn {
    /// Begins a ticket of a template that the message surely is about.
    pub(super) fn begin(self, heard: &Heard<'_>, id: &str) -> Self {
        self.proceed(heard, Draft::begun(heard, id), "ask_in_template")
    }

    /// Shows a short list.
    pub(super) fn choose(mut self, key: &'static str, draft: Draft, templates: Vec<String>) -> Self {
        self.conversation.phase = Phase::Choosing { draft, templates };
        self.plain(key)
    }

    /// Asks for what is missing, else for the employee's yes, else opens.
    pub(super) fn proceed(self, heard: &Heard<'_>, mut draft: Draft, key: &'static str) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        if let Some(wave) = self.wave_of(heard, &draft, template) {
            return self.ask_wave(draft, wave);
        }
        if draft.in_question(template).is_some() {
            return self.ask_asset("which_asset", draft);
        }
        draft.fill_assets(heard, template);
        if let Some(field) = template.missing(&draft.fields, &draft.skipped) {
            return self.ask(key, draft, field);
        }
        // What costs something is not opened before the employee has agreed to that very price.
        if draft.awaits_yes_to_price(template) {
            return self.confirm(heard, "confirm", draft);
        }
        if draft.confirmed {
            return self.open(heard, draft, Gate::Confirmed);
        }
        if heard.policy.acts(&draft.template, &draft.understanding) {
            return self.open(heard, draft, Gate::Auto);
        }
        self.confirm(heard, "confirm", draft)
    }

    pub(super) fn ask(mut self, key: &'static str, draft: Draft, field: &Field) -> Self {
        self.say.push(Say::Ask { key, template: draft.template.clone(), field: field.id.clone() });
        self.conversation.phase = Phase::Filling { draft, field: field.id.clone(), tries: 1 };
        self
    }

    /// Asks again for a number that an answer did not tell.
    pub(super) fn ask_number(mut self, misread: Misread, draft: Draft, field: &Field) -> Self {
        let (template, id) = (draft.template.clone(), field.id.clone());
        self.say.push(Say::AskNumber { template, field: id.clone(), misread });
        self.conversation.phase = Phase::Filling { draft, field: id, tries: 1 };
        self
    }

    fn open(mut self, heard: &Heard<'_>, draft: Draft, gate: Gate) -> Self {
        let id = heard.new_id;
        self.conversation.misses = 0;
        self.conversation.remember(id);
        self.effects.push(Effect::Open { id, draft, gate });
        self.ticket(if gate == Gate::Person { "opened_person" } else { "opened" }, id).resume(heard)
    }

    /// Opens what is known for a person to look at. What costs something, and was not agreed to, is not ordered by that.
    pub(super) fn hand_over(self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        let template = heard.catalog.template(&draft.template);
        if draft.template.is_empty() || template.is_some_and(|it| draft.awaits_yes_to_price(it)) {
            FALLBACK.clone_into(&mut draft.template);
        }
        if let Some(template) = heard.catalog.template(&draft.template) {
            draft.keep_what_fits(template);
        }
        self.open(heard, draft, Gate::Person)
    }

    /// The employee wants a person and has not said why.
    pub(super) fn call_person(self, heard: &Heard<'_>) -> Self {
        let draft = Draft { template: FALLBACK.to_owned(), confirmed: true, ..Draft::default() };
        match heard.catalog.template(FALLBACK).and_then(|it| it.missing(&[], &[])) {
            Some(field) => self.plain("person_asked").ask_silently(draft, field),
            None => self.hand_over(heard, Draft::of(heard, FALLBACK)),
        }
    }

    fn ask_silently(mut self, draft: Draft, field: &Field) -> Self {
        self.conversation.phase = Phase::Filling { draft, field: field.id.clone(), tries: 1 };
        self
    }

    /// Goes back to what was parked, if anything was.
    pub(super) fn resume(mut self, heard: &Heard<'_>) -> Self {
        if self.conversation.phase != Phase::Idle {
            return self;
        }
        let Some(draft) = self.conversation.parked.pop() else { return self };
        match heard.catalog.template(&draft.template) {
            None => self.choose("back_to_choose", draft.clone(), alternatives(&draft)),
            Some(template) if draft.in_question(template).is_some() => self.ask_asset("back_to_asset", draft),
            Some(template) => match template.missing(&draft.fields, &draft.skipped) {
                Some(field) => self.ask("back_to", draft, field),
                None => self.confirm(heard, "back_to_confirm", draft),
            },
        }
    }

    pub(super) fn drop_it(self, heard: &Heard<'_>) -> Self {
        let key = if self.conversation.parked.is_empty() { "cancelled" } else { "cancelled_this" };
        let turn = self.plain(key);
        // "Forget the laptop, a keyboard will do"
        let rest: Vec<&str> = clauses(heard.text).filter(|it| !cancels(heard.phrases, it)).collect();
        let rest = rest.join(", ");
        let understanding = (heard.reader.0)(&rest);
        let rest = heard.of(&rest, &understanding);
        match rest.templates().next() {
            Some((id, it)) if it >= WISHED && is_sentence(rest.text) => turn.begin(&rest, id),
            _ => turn.resume(heard),
        }
    }

    /// One more message in a row that led nowhere; `Err` gives the draft to a person once there were
    /// too many.
    #[expect(clippy::result_large_err, reason = "the draft moves, it is not copied")]
    pub(super) fn missed(mut self, heard: &Heard<'_>, draft: Draft) -> Result<(Self, Draft), Self> {
        self.conversation.misses += 1;
        if self.conversation.misses < PATIENCE {
            Ok((self, draft))
        } else {
            Err(self.hand_over(heard, draft))
        }
    }

    /// Puts a ticket in the making aside for another one. There is room for a few; the oldest beyond them has
    /// to be told again.
    pub(super) fn park(&mut self, draft: Draft) {
        self.conversation.parked.push(draft);
        let surplus = self.conversation.parked.len().saturating_sub(PARKED);
        if self.conversation.parked.drain(..surplus).count() > 0 {
            self.say.push(Say::Plain("too_many"));
        }
    }
}

/// From this confidence on what is said beside a cancellation is wished for instead.
const WISHED: f32 = 0.9;
/// How many tickets in the making may wait.
const PARKED: usize = 4;

/// The templates that the first message could also have meant.
pub(super) fn alternatives(draft: &Draft) -> Vec<String> {
    /// Less likely than this is as good as any.
    const LIKELY: f32 = 0.02;
    let intents = crate::domain::catalog::INTENTS;
    let labels = draft.understanding.labels.iter().filter(|(_, it)| *it >= LIKELY).map(|(label, _)| label);
    labels.filter(|it| **it != draft.template && !intents.contains(&it.as_str())).take(3).cloned().collect()
}

/// A message long enough to be about something of its own.
pub(super) fn is_sentence(text: &str) -> bool {
    has(text, 4, 7)
}

/// Whether a text has so many words, or so many characters of a script without blanks.
pub(super) fn has(text: &str, words: usize, characters: usize) -> bool {
    let wide = text.chars().filter(|it| is_cjk(*it)).count();
    text.split_whitespace().count() >= words || wide >= characters
}

/// A message with room for a place and little else.
pub(super) fn is_brief(text: &str) -> bool {
    text.split_whitespace().count() <= 8 && text.chars().count() <= 60
}

impl Draft {
    /// Whether a message takes back what the draft has: "sorry, the monitor", "it's room 318, not 381".
    pub(super) fn is_corrected_by(&self, heard: &Heard<'_>) -> bool {
        let numbered = |it: &&str| it.chars().any(|c| c.is_ascii_digit());
        let denied = |value: String| {
            value
                .split_whitespace()
                .filter(numbered)
                .any(|it| choice::is_denied(heard.phrases, heard.text, it))
        };
        is_correction(heard) || self.fields.iter().any(|(_, value)| denied(value.plain()))
    }
}

pub(super) fn is_correction(heard: &Heard<'_>) -> bool {
    choice::says(heard.phrases, Answer::Correction, heard.text)
}
