//! A ticket in the making: choosing its template, filling its fields, confirming, opening.

use super::{
    heard::{DIGRESSION, Heard},
    lexicon::{Answer, plain},
    slots::{self, choice, place},
    state::{Draft, Phase, TicketIntent},
    turn::{Effect, Meaning, PATIENCE, Say, Turn, meaning},
};
use crate::domain::{
    assignment::Gate,
    catalog::FALLBACK,
    field::{Field, FieldKind},
    template::{self, Template},
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
        draft.describe(heard.text);
        draft
    }

    /// How sure the model is of the draft's template.
    fn confidence(&self) -> f32 {
        let labels = &self.understanding.labels;
        labels.iter().find(|(label, _)| *label == self.template).map_or(0.0, |(_, it)| *it)
    }

    /// Adds a message to the description.
    fn describe(&mut self, text: &str) {
        if !self.description.is_empty() {
            self.description.push('\n');
        }
        let room = DESCRIPTION.saturating_sub(self.description.len());
        let end = (0..=text.len().min(room)).rev().find(|it| text.is_char_boundary(*it)).unwrap_or(0);
        self.description.push_str(text[..end].trim());
    }

    /// Takes the template, and from what was said so far what it needs.
    fn settle(&mut self, heard: &Heard<'_>, template: &Template) {
        template.id.clone_into(&mut self.template);
        self.fields.retain(|(id, value)| template.check_one(id, value.clone()).is_ok());
        let whole = Heard { text: &self.description.clone(), ..*heard };
        for (id, value) in slots::volunteered(&whole, template) {
            if !self.fields.iter().any(|(it, _)| *it == id) {
                self.fields.push((id, value));
            }
        }
    }

    /// Takes the values that a message volunteers. Whether any of them was new.
    fn take(&mut self, heard: &Heard<'_>, template: &Template, replace: bool) -> bool {
        let mut changed = false;
        for (id, value) in slots::volunteered(heard, template) {
            let old = self.fields.iter().find(|(it, _)| *it == id).map(|(_, it)| it);
            if old.is_none() || (replace && old != Some(&value)) {
                template::set(&mut self.fields, &id, value);
                changed = true;
            }
        }
        changed
    }
}

impl Turn {
    /// Begins a ticket of a template that the message surely is about.
    pub(super) fn begin(self, heard: &Heard<'_>, id: &str) -> Self {
        let mut draft = Draft::of(heard, id);
        if let Some(template) = heard.catalog.template(id) {
            draft.settle(heard, template);
        }
        self.proceed(heard, draft, "ask_in_template")
    }

    /// Shows a short list.
    pub(super) fn choose(mut self, key: &'static str, draft: Draft, templates: Vec<String>) -> Self {
        self.conversation.phase = Phase::Choosing { draft, templates };
        self.plain(key)
    }

    /// Asks for what is missing, else for the employee's yes, else opens.
    fn proceed(mut self, heard: &Heard<'_>, draft: Draft, key: &'static str) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        if let Some(field) = template.missing(&draft.fields) {
            return self.ask(key, draft, field);
        }
        if draft.confirmed {
            return self.open(heard, draft, Gate::Confirmed);
        }
        if heard.policy.auto.is_some_and(|least| draft.confidence() >= least) {
            return self.open(heard, draft, Gate::Auto);
        }
        self.say.push(Say::Summary { key: "confirm", draft: draft.clone() });
        self.conversation.phase = Phase::Confirming { draft };
        self
    }

    fn ask(mut self, key: &'static str, draft: Draft, field: &Field) -> Self {
        self.say.push(Say::Ask { key, template: draft.template.clone(), field: field.id.clone() });
        self.conversation.phase = Phase::Filling { draft, field: field.id.clone(), tries: 1 };
        self
    }

    fn open(mut self, heard: &Heard<'_>, draft: Draft, gate: Gate) -> Self {
        let id = heard.new_id;
        self.conversation.misses = 0;
        self.conversation.remember(id);
        self.effect = Some(Effect::Open { id, draft, gate });
        self.ticket(if gate == Gate::Person { "opened_person" } else { "opened" }, id).resume(heard)
    }

    /// Opens what is known for a person to look at.
    pub(super) fn hand_over(self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        if draft.template.is_empty() {
            FALLBACK.clone_into(&mut draft.template);
        }
        self.open(heard, draft, Gate::Person)
    }

    /// The employee wants a person and has not said why.
    pub(super) fn call_person(self, heard: &Heard<'_>) -> Self {
        let draft = Draft { template: FALLBACK.to_owned(), confirmed: true, ..Draft::default() };
        match heard.catalog.template(FALLBACK).and_then(|it| it.missing(&[])) {
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
            None => self.choose("choose_again", draft.clone(), alternatives(&draft)),
            Some(template) => match template.missing(&draft.fields) {
                Some(field) => self.ask("back_to", draft, field),
                None => {
                    self.say.push(Say::Summary { key: "back_to_confirm", draft: draft.clone() });
                    self.conversation.phase = Phase::Confirming { draft };
                    self
                }
            },
        }
    }

    fn drop_it(self, heard: &Heard<'_>) -> Self {
        self.plain("cancelled").resume(heard)
    }

    /// A message that is not about the ticket in the making: dealt with, and then back to it. `Err`
    /// gives turn and draft back when there is no such thing in the message.
    #[expect(clippy::result_large_err, reason = "the draft moves, it is not copied")]
    fn digress(mut self, heard: &Heard<'_>, draft: Draft) -> Result<Self, (Self, Draft)> {
        let (label, confidence) = heard.best();
        if heard.phrases.is(Answer::Cancel, heard.text) {
            return Ok(self.drop_it(heard));
        }
        let named = !heard.numbers.is_empty();
        if confidence < DIGRESSION && !named {
            return Err((self, draft));
        }
        match meaning(heard) {
            // "It works again, forget it": the ticket in the making is what is no longer needed.
            Meaning::Ticket(TicketIntent::Close) if !named => Ok(self.drop_it(heard)),
            Meaning::Ticket(TicketIntent::Comment) if !named => Err((self, draft)),
            Meaning::Person => Ok(self.hand_over(heard, draft)),
            Meaning::Ticket(intent) => {
                self.conversation.parked.push(draft);
                Ok(self.about_tickets(heard, intent).resume(heard))
            }
            Meaning::Greeting | Meaning::Thanks | Meaning::OutOfScope => {
                self.conversation.parked.push(draft);
                let said = match label {
                    "greeting" => self,
                    "thanks" => self.plain("welcome"),
                    _ => self.plain("out_of_scope"),
                };
                Ok(said.resume(heard))
            }
            Meaning::Template(id) if is_second_problem(heard, id, &draft) => {
                if !is_correction(heard) {
                    self.conversation.parked.push(draft);
                    self = self.plain("parked");
                }
                Ok(self.begin(heard, id))
            }
            Meaning::Template(_) | Meaning::Unsure(_) | Meaning::Nothing => Err((self, draft)),
        }
    }

    /// Takes the answer to a question for a field.
    pub(super) fn filled(self, heard: &Heard<'_>, draft: Draft, field: String, tries: u32) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        // The template may have lost the field since the question was asked.
        let Some(asked) = template.field(&field) else { return self.proceed(heard, draft, "ask") };
        let free = matches!(asked.kind, FieldKind::Text { .. } | FieldKind::Person | FieldKind::Location);
        let is = |answer| heard.phrases.is(answer, heard.text);
        // "Where is it?" "Yes." A question of yes or no has a choice of the two.
        if free && (is(Answer::Yes) || is(Answer::No)) {
            return self.ask_again(heard, draft, asked, tries);
        }
        // Whoever asked for a person was asked what about: whatever comes is the answer to that.
        let to_a_person = draft.template == FALLBACK && !heard.phrases.is(Answer::Cancel, heard.text);
        let no_digression = free && matches!(meaning(heard), Meaning::OutOfScope | Meaning::Nothing);
        let plainly = to_a_person || no_digression || plainly_answers(heard, template, asked);
        let (turn, mut draft) = match if plainly { Err((self, draft)) } else { self.digress(heard, draft) } {
            Ok(turn) => return turn,
            Err(back) => back,
        };
        let corrected = is_correction(heard);
        let answer = slots::answered(heard, template, asked).filter(|_| !(free && is(Answer::Other)));
        // Nobody is asked for what they do not know, or to choose from a list without their case.
        if is(Answer::Unknown) || (answer.is_none() && is(Answer::Other)) {
            return turn.hand_over(heard, draft);
        }
        match answer {
            Some(value) => {
                draft.take(heard, template, corrected);
                template::set(&mut draft.fields, &asked.id, value);
                draft.confirmed = true;
                if is_sentence(heard.text) || draft.description.is_empty() {
                    draft.describe(heard.text);
                }
                turn.proceed(heard, draft, "ask")
            }
            None if draft.take(heard, template, corrected) => turn.proceed(heard, draft, "ask_again"),
            None => turn.ask_again(heard, draft, asked, tries),
        }
    }

    fn ask_again(mut self, heard: &Heard<'_>, mut draft: Draft, field: &Field, tries: u32) -> Self {
        if is_sentence(heard.text) {
            draft.describe(heard.text);
        }
        if tries >= PATIENCE {
            return self.hand_over(heard, draft);
        }
        let choice = matches!(field.kind, FieldKind::Choice(_));
        let key = if choice { "ask_choice_again" } else { "ask_again" };
        self = self.ask(key, draft, field);
        if let Phase::Filling { tries: seen, .. } = &mut self.conversation.phase {
            *seen = tries + 1;
        }
        self
    }

    /// Takes the answer to a short list.
    pub(super) fn chosen(mut self, heard: &Heard<'_>, mut draft: Draft, templates: Vec<String>) -> Self {
        if let Some(template) = pick(heard, &templates) {
            draft.confirmed = true;
            draft.settle(heard, template);
            self.conversation.misses = 0;
            return self.proceed(heard, draft, "ask");
        }
        if heard.phrases.is(Answer::Other, heard.text)
            || plain(heard.text) == FALLBACK
            || choice::place(heard.text) == Some(templates.len() + 1)
        {
            FALLBACK.clone_into(&mut draft.template);
            return self.hand_over(heard, draft);
        }
        let sure = match meaning(heard) {
            Meaning::Template(id) => Some(id.to_owned()),
            Meaning::Unsure(list) => list.into_iter().next().filter(|it| templates.contains(it)),
            Meaning::Ticket(_) | Meaning::Greeting | Meaning::Thanks | Meaning::Person => None,
            Meaning::OutOfScope | Meaning::Nothing => None,
        };
        if let Some(template) = sure.as_deref().and_then(|it| heard.catalog.template(it)) {
            draft.describe(heard.text);
            draft.understanding = heard.understanding.clone();
            draft.settle(heard, template);
            return self.proceed(heard, draft, "ask_in_template");
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((mut turn, mut draft)) => {
                draft.describe(heard.text);
                turn.conversation.misses += 1;
                if turn.conversation.misses >= PATIENCE {
                    return turn.hand_over(heard, draft);
                }
                turn.choose("choose_again", draft, templates)
            }
        }
    }

    /// Takes the answer to "shall I open it?".
    pub(super) fn confirmed(mut self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        if heard.phrases.is(Answer::Yes, heard.text) {
            draft.confirmed = true;
            return self.proceed(heard, draft, "ask");
        }
        if heard.phrases.is(Answer::No, heard.text) || heard.phrases.is(Answer::Other, heard.text) {
            let list = alternatives(&draft);
            return self.choose("choose_other", draft, list);
        }
        if heard.phrases.after(Answer::Yes, heard.text).is_some() {
            draft.take(heard, template, true);
            draft.describe(heard.text);
            draft.confirmed = true;
            return self.proceed(heard, draft, "ask");
        }
        let denied = heard.phrases.after(Answer::No, heard.text).is_some() || is_correction(heard);
        let other =
            heard.templates().next().filter(|(id, it)| *id != draft.template && *it >= heard.policy.floor);
        let surely_other = other.is_some_and(|(_, it)| it >= DIGRESSION);
        if denied && !surely_other && draft.take(heard, template, true) {
            draft.describe(heard.text);
            return self.confirm_again(draft);
        }
        if let Some(other) = other.filter(|_| denied).and_then(|(id, _)| heard.catalog.template(id)) {
            draft.describe(heard.text);
            draft.settle(heard, other);
            return self.proceed(heard, draft, "ask_in_template");
        }
        if draft.take(heard, template, true) {
            draft.describe(heard.text);
            return self.confirm_again(draft);
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((turn, draft)) => {
                self = turn;
                self.conversation.misses += 1;
                if self.conversation.misses >= PATIENCE {
                    return self.hand_over(heard, draft);
                }
                let mut draft = draft;
                draft.describe(heard.text);
                if denied {
                    let list = alternatives(&draft);
                    return self.choose("choose_other", draft, list);
                }
                self.confirm_again(draft)
            }
        }
    }

    fn confirm_again(mut self, draft: Draft) -> Self {
        self.say.push(Say::Summary { key: "confirm_again", draft: draft.clone() });
        self.conversation.phase = Phase::Confirming { draft };
        self
    }
}

/// The templates that the first message could also have meant.
fn alternatives(draft: &Draft) -> Vec<String> {
    let intents = crate::domain::catalog::INTENTS;
    let labels = draft.understanding.labels.iter().map(|(label, _)| label);
    labels.filter(|it| **it != draft.template && !intents.contains(&it.as_str())).take(3).cloned().collect()
}

/// The template of a short list that a message names.
fn pick<'a>(heard: &Heard<'a>, templates: &[String]) -> Option<&'a Template> {
    let listed = || templates.iter().filter_map(|it| heard.catalog.template(it));
    let said = plain(heard.text);
    let named = |it: &&Template| {
        said == it.id || [&it.label.en, &it.label.zh].into_iter().any(|label| plain(label) == said)
    };
    let agreed =
        || listed().next().filter(|_| templates.len() == 1 && heard.phrases.is(Answer::Yes, heard.text));
    let placed = choice::place(heard.text).and_then(|it| templates.get(it.checked_sub(1)?));
    listed().find(named).or_else(|| placed.and_then(|it| heard.catalog.template(it))).or_else(agreed)
}

/// Whether a message surely answers the question, whatever else it might mean: an option, a number in
/// a list, a date. Free text never surely does.
fn plainly_answers(heard: &Heard<'_>, template: &Template, field: &Field) -> bool {
    match field.kind {
        FieldKind::Choice(_) | FieldKind::Number { .. } | FieldKind::DateTime | FieldKind::Asset => {
            let about_work = heard.catalog.template(heard.best().0).is_some();
            (!is_sentence(heard.text) || (about_work && is_brief(heard.text)))
                && heard.numbers.is_empty()
                && slots::answered(heard, template, field).is_some()
        }
        // "Second floor, next to the kitchen" sounds like the building's troubles and is just a place.
        FieldKind::Location => {
            heard.numbers.is_empty() && place::find(heard.text).is_some() && is_brief(heard.text)
        }
        FieldKind::Text { .. } | FieldKind::Person => false,
    }
}

/// A message with room for a place and little else.
fn is_brief(text: &str) -> bool {
    text.split_whitespace().count() <= 8 && text.chars().count() <= 60
}

/// A message long enough to be about something of its own.
fn is_sentence(text: &str) -> bool {
    let wide = text.chars().filter(|it| crate::text::token::is_cjk(*it)).count();
    text.split_whitespace().count() >= 4 || wide >= 7
}

fn is_second_problem(heard: &Heard<'_>, id: &str, draft: &Draft) -> bool {
    id != draft.template && is_sentence(heard.text)
}

fn is_correction(heard: &Heard<'_>) -> bool {
    let lower = heard.text.to_lowercase();
    heard.phrases.words(Answer::Correction).any(|it| choice::mentions(&lower, it).next().is_some())
}
