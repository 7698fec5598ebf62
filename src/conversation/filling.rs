//! Taking the answer to a question for a field. Whatever else the answer says is kept as well.

use super::{
    draft::{is_brief, is_sentence},
    heard::{DIGRESSION, Heard},
    lexicon::{Answer, plain},
    meaning::{Meaning, meaning},
    reading::{Reading, adds, asks, begins, cancels, clauses},
    slots::{self, number::Misread, ordinal, place},
    state::{Draft, Phase},
    turn::{PATIENCE, Turn},
};
use crate::domain::{
    catalog::FALLBACK,
    field::{Choice, Field, FieldKind, FieldValue},
    number::Unclear,
    template,
};

impl Turn {
    /// Takes the answer to a question for a field.
    pub(super) fn filled(self, heard: &Heard<'_>, mut draft: Draft, field: String, tries: u32) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        // The template may have lost the field since the question was asked.
        let Some(asked) = template.field(&field) else { return self.proceed(heard, draft, "ask") };
        if cancels(heard.phrases, heard.text) {
            return self.drop_it(heard);
        }
        // Nobody is asked again for what they do not know, or to choose from a list without their case.
        let beside = beside_not_knowing(heard).filter(|_| is_free(asked));
        let answer = match &beside {
            Some(rest) => slots::answered(&heard.of(rest, heard.understanding), template, asked),
            None => slots::answered(heard, template, asked),
        };
        let also = adds(heard.phrases, heard.text) && is_sentence(heard.text);
        let unlisted = heard.is(Answer::Other) && (answer.is_none() || is_free(asked));
        let begun = begins(heard.phrases, Answer::Unknown, heard.text).is_some();
        let placed = place::find(heard.text).is_some();
        let unknown = begun && is_free(asked) && !placed && beside.is_none();
        if heard.is(Answer::Unknown) || unlisted || unknown {
            if !heard.is_any(&[Answer::Unknown, Answer::Other]) {
                draft.describe(heard);
            }
            draft.skipped.push(field);
            return self.plain("skipped").proceed(heard, draft, "ask");
        }
        let (turn, mut draft) = if answer.is_some() && !also && answers_plainly(heard, asked) {
            (self, draft)
        } else {
            match self.digress_from(heard, draft, asked) {
                Ok(turn) => return turn,
                Err(back) => back,
            }
        };
        let corrected = draft.is_corrected_by(heard);
        let vague = tries == 1 && asked.kind == FieldKind::Location && is_nowhere(heard);
        match answer.filter(|_| !vague && (!is_free(asked) || says_something(heard, asked))) {
            Some(value) => {
                draft.take(heard, template, corrected);
                if !is_all_said(heard, asked, &value.plain()) || draft.description.is_empty() {
                    draft.describe(heard);
                }
                // Who wants a person still has a problem of some kind.
                let surely = heard.best().1 >= DIGRESSION;
                if let (FALLBACK, Meaning::Template(id), true) = (&*draft.template, meaning(heard), surely) {
                    return turn.hand_over(heard, Draft::begun(heard, id));
                }
                if let FieldValue::Asset(tag) = &value {
                    draft.settle_on(heard, tag);
                }
                template::set(&mut draft.fields, &asked.id, value);
                draft.confirmed = true;
                turn.proceed(heard, draft, "ask")
            }
            // "My laptop", of which they have two.
            None if matches!(asked.kind, FieldKind::Asset { .. }) && draft.point(heard) => {
                turn.proceed(heard, draft, "ask")
            }
            None => {
                let told = draft.take(heard, template, corrected);
                turn.ask_again(heard, draft, asked, if told { tries } else { tries + 1 })
            }
        }
    }

    #[expect(clippy::result_large_err, reason = "the draft moves, it is not copied")]
    fn digress_from(self, heard: &Heard<'_>, draft: Draft, asked: &Field) -> Result<Self, (Self, Draft)> {
        // Whoever asked for a person was asked what about: whatever comes is the answer to that.
        if draft.template == FALLBACK {
            return Err((self, draft));
        }
        let unclear = matches!(meaning(heard), Meaning::OutOfScope | Meaning::Nothing);
        let asks = asks(heard.phrases, heard.text);
        if (is_free(asked) || asks) && unclear { Err((self, draft)) } else { self.digress(heard, draft) }
    }

    fn ask_again(mut self, heard: &Heard<'_>, mut draft: Draft, field: &Field, tries: u32) -> Self {
        let asked_back = asks(heard.phrases, heard.text);
        if is_sentence(heard.text) && !asked_back {
            draft.describe(heard);
        }
        if tries > PATIENCE {
            return self.hand_over(heard, draft);
        }
        // Two answers that are on no list: it is something else.
        if let Some(other) = something_else(field).filter(|_| tries == PATIENCE && !asked_back) {
            template::set(&mut draft.fields, &field.id, FieldValue::Choice(other.to_owned()));
            return self.proceed(heard, draft, "ask");
        }
        let misread =
            slots::misread(heard, field).filter(|it| !asked_back && *it != Misread::Unclear(Unclear::Absent));
        let key = if matches!(field.kind, FieldKind::Choice(_)) {
            "ask_choice_again"
        } else if asked_back {
            "ask_why"
        } else if field.pattern().is_some() {
            "ask_like"
        } else if field.kind == FieldKind::Location && place::is_vague(heard.text) {
            "ask_place"
        } else {
            "ask_again"
        };
        self = match misread {
            Some(misread) => self.ask_number(misread, draft, field),
            None => self.ask(key, draft, field),
        };
        if let Phase::Filling { tries: seen, .. } = &mut self.conversation.phase {
            *seen = tries;
        }
        self
    }
}

/// The option for what no other option is for.
fn something_else(field: &Field) -> Option<&str> {
    field.options().iter().map(|it| it.id.as_str()).find(|it| matches!(*it, "something_else" | "other"))
}

/// Whether a field takes any words.
fn is_free(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Text { .. } | FieldKind::Person | FieldKind::Location)
}

/// What somebody knows who does not know all: "no idea which floor, it is beside the finance people".
fn beside_not_knowing(heard: &Heard<'_>) -> Option<String> {
    let is_unknown = |it: &&str| begins(heard.phrases, Answer::Unknown, it).is_some();
    let (unknown, known): (Vec<&str>, Vec<&str>) = clauses(heard.text).partition(is_unknown);
    let rest = known.join(", ");
    (!unknown.is_empty() && is_sentence(&rest)).then_some(rest)
}

/// "At my desk" is no place that anyone could walk to, and "the coffee machine leaks" is none at all.
fn is_nowhere(heard: &Heard<'_>) -> bool {
    let tells = heard.likelihood() >= DIGRESSION && is_sentence(heard.text);
    place::is_vague(heard.text) || (tells && place::find(heard.text).is_none())
}

/// "Where is it?" "Yes." "Why do you ask?" "No, it worked yesterday." A question of yes or no has a choice
/// of the two.
fn says_something(heard: &Heard<'_>, field: &Field) -> bool {
    let refers_back =
        ["i told you", "i just told you", "i already said", "as i said", "我说过", "我刚说", "刚才说了"];
    let lower = plain(heard.text);
    let reading = Reading::of(heard.phrases, heard.text);
    let placed = field.kind == FieldKind::Location && place::find(heard.text).is_some();
    let denied = reading.answer == Some(Answer::No) && !placed;
    !denied
        && !reading.is_bare()
        && !heard.phrases.is(Answer::All, &reading.rest.join(" "))
        && !heard.is_any(&[Answer::Yes, Answer::No, Answer::Hesitation, Answer::Done, Answer::Help])
        && !asks(heard.phrases, heard.text)
        && !refers_back.iter().any(|it| lower.starts_with(it))
}

/// Whether nothing of a message would be lost if only the value were kept.
fn is_all_said(heard: &Heard<'_>, field: &Field, value: &str) -> bool {
    let said = plain(heard.text);
    let FieldKind::Choice(options) = &field.kind else { return said == plain(value) };
    let mut names = options.iter().flat_map(choice_names);
    ordinal::place(heard.text).is_some() || names.any(|it| it == said)
}

fn choice_names(option: &Choice) -> impl Iterator<Item = String> + '_ {
    std::iter::once(option.id.clone()).chain(option.names().iter().map(|it| plain(it)))
}

/// Whether a message that answers the question surely does so, whatever else it might mean: an option, a
/// number in a list, a date. Free text never surely does.
fn answers_plainly(heard: &Heard<'_>, field: &Field) -> bool {
    match field.kind {
        FieldKind::Choice(_) | FieldKind::Number { .. } | FieldKind::DateTime | FieldKind::Asset { .. } => {
            let about_work = heard.catalog.template(heard.best().0).is_some();
            (!is_sentence(heard.text) || (about_work && is_brief(heard.text))) && heard.numbers.is_empty()
        }
        // "Second floor, next to the kitchen" sounds like the building's troubles and is just a place.
        FieldKind::Location => {
            heard.numbers.is_empty() && place::find(heard.text).is_some() && is_brief(heard.text)
        }
        FieldKind::Text { .. } | FieldKind::Person => false,
    }
}
