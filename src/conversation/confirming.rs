//! Taking the answer to "shall I open it?".

use super::{
    draft::{alternatives, is_correction, is_sentence},
    heard::{DIGRESSION, Heard},
    lexicon::{Answer, plain},
    meaning::{Meaning, meaning},
    pointing::{Pointer, pointers},
    reading::{Reading, adds, asks, begins, clauses, filled_out},
    slots::{self, choice},
    state::{Draft, Phase},
    turn::{Say, Turn},
};
use crate::{
    domain::{
        field::{Field, FieldKind, FieldValue, Required},
        template::Template,
    },
    text::token::is_cjk,
};

impl Turn {
    /// Takes the answer to "shall I open it?".
    pub(super) fn confirmed(self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        let reading = Reading::of(heard.phrases, heard.text);
        if reading.answer == Some(Answer::Yes) && reading.is_bare() {
            draft.agree_to_assets();
        }
        match reading.answer {
            Some(Answer::Cancel) => self.drop_it(heard),
            _ if draft.is_corrected_by(heard) => self.corrected(heard, draft, template),
            Some(Answer::Yes) if reading.is_bare() => self.agreed(heard, draft),
            Some(Answer::Yes) => self.agreed_and(heard, draft, template, &reading.rest.join(", ")),
            Some(_) if reading.is_bare() => self.offer_others(draft),
            Some(_) => self.corrected(heard, draft, template),
            None if heard.is(Answer::Other) => {
                let list = alternatives(&draft);
                self.choose("choose_other", draft, list)
            }
            None => self.told_more(heard, draft, template),
        }
    }

    fn agreed(self, heard: &Heard<'_>, mut draft: Draft) -> Self {
        draft.confirmed = true;
        draft.agreed_price.clone_from(&draft.shown_price);
        self.proceed(heard, draft, "ask")
    }

    /// "Yes, and it is in room 5"; "yes, and the wifi is down as well" is another ticket.
    fn agreed_and(self, heard: &Heard<'_>, mut draft: Draft, template: &Template, rest: &str) -> Self {
        let understanding = (heard.reader.0)(rest);
        let more = heard.of(rest, &understanding);
        let other = surely_other(&more, &draft).map(str::to_owned);
        if let Some(other) = other.filter(|_| adds(heard.phrases, rest) && is_sentence(rest)) {
            let mut turn = self;
            turn.park(Draft::begun(&more, &other));
            return turn.agreed(heard, draft);
        }
        // "Yes, but it is LT-20418": what they agree to is shown once more.
        let before = draft.pointers.clone();
        draft.take_pointers(pointers(&more), true);
        if draft.pointers != before {
            draft.fields.retain(|(_, it)| !is_of_asset(it, &before));
            draft.take(&more, template, true);
            draft.describe(heard);
            draft.fill_assets(heard, template);
            return self.confirm(heard, "confirm_again", draft);
        }
        draft.agree_to_assets();
        draft.take(&more, template, false);
        draft.describe(heard);
        self.agreed(heard, draft)
    }

    /// What is right follows, or is still to be found.
    fn corrected(self, heard: &Heard<'_>, mut draft: Draft, template: &Template) -> Self {
        let before = draft.pointers.clone();
        draft.describe(heard);
        let repointed = draft.pointers != before;
        if repointed {
            draft.fields.retain(|(_, it)| !is_of_asset(it, &before));
        }
        if surely_other(heard, &draft).is_none() && (draft.take(heard, template, true) || repointed) {
            draft.fill_assets(heard, template);
            return self.confirm(heard, "confirm_again", draft);
        }
        // "No, 3" is no other matter.
        let told =
            heard.text.chars().filter(|it| it.is_alphabetic()).count() > 3 || heard.text.chars().any(is_cjk);
        // What was sure is not given up for what is not.
        let sure = draft.confidence() >= heard.policy.sure;
        let least = if sure { heard.policy.sure } else { heard.policy.floor };
        let likely = heard.templates().next().filter(|(_, it)| *it >= least && told);
        if let Some((id, _)) = likely
            && let Some(other) = heard.catalog.template(id).filter(|it| it.id != draft.template)
        {
            draft.understanding = heard.understanding.clone();
            draft.settle(heard, other);
            return self.proceed(heard, draft, "ask_in_template");
        }
        // "Get me that other one instead": of words that were taken back none are left.
        let words = |it: &&Field| matches!(it.kind, FieldKind::Text { .. }) && it.required == Required::Yes;
        let taken_back = is_correction(heard) && heard.best().0 == template.id;
        if let Some(field) = template.fields.iter().find(words).filter(|_| taken_back) {
            draft.fields.retain(|(id, _)| *id != field.id);
            return self.proceed(heard, draft, "ask");
        }
        // "No, the keyboard" where the keyboard is what stands there; "make that two" where nothing counts.
        let repeats = !slots::volunteered(heard, template).is_empty();
        let changes = clauses(heard.text)
            .any(|it| begins(heard.phrases, Answer::Change, filled_out(heard.phrases, it)).is_some());
        let only = alternatives(&draft).is_empty() && is_sentence(heard.text);
        if repeats || changes || !told || only {
            self.confirm(heard, "confirm_added", draft)
        } else {
            self.offer_others(draft)
        }
    }

    /// Shows what else it may be, as far as there is anything.
    fn offer_others(self, draft: Draft) -> Self {
        let list = alternatives(&draft);
        self.choose(if list.is_empty() { "tell_otherwise" } else { "choose_other" }, draft, list)
    }

    /// Neither yes nor no: a detail, another problem, a question, or nothing of the kind.
    fn told_more(self, heard: &Heard<'_>, mut draft: Draft, template: &Template) -> Self {
        if adds(heard.phrases, heard.text) && is_sentence(heard.text) && contradicts(heard, &draft, template)
        {
            return self.second(heard, &template.id, draft);
        }
        // "How long will it take?" is about the ticket that is not there yet.
        let about_none = heard.tickets.is_empty() && heard.numbers.is_empty();
        if asks(heard.phrases, heard.text) && about_none && meaning(heard) != Meaning::Person {
            // "Her name is Marta. How long does it take?"
            if clauses(heard.text).nth(1).is_some() {
                draft.describe(heard);
            }
            return self.still(heard, draft);
        }
        let known = surely_other(heard, &draft).is_none();
        // "The monitor" corrects; "the monitor flickers" tells about it.
        if known && draft.take(heard, template, names_an_option(heard, template)) {
            self.noted(heard, draft, "confirm_again")
        } else {
            match self.digress(heard, draft) {
                Ok(turn) => turn,
                Err((turn, draft)) if is_detail(heard, &draft) => turn.noted(heard, draft, "confirm_added"),
                Err((turn, draft)) => turn.still(heard, draft),
            }
        }
    }

    fn still(self, heard: &Heard<'_>, draft: Draft) -> Self {
        match self.missed(heard, draft) {
            Ok((turn, draft)) => turn.confirm(heard, "confirm_still", draft),
            Err(handed) => handed,
        }
    }

    fn noted(mut self, heard: &Heard<'_>, mut draft: Draft, key: &'static str) -> Self {
        draft.describe(heard);
        self.conversation.misses = 0;
        self.confirm(heard, key, draft)
    }

    /// Shows the summary.
    pub(super) fn confirm(mut self, heard: &Heard<'_>, key: &'static str, mut draft: Draft) -> Self {
        let template = heard.catalog.template(&draft.template);
        draft.shown_price = template.and_then(|it| it.prices.of(&draft.fields)).map(Box::new);
        self.say.push(Say::Summary { key, draft: Box::new(draft.clone()) });
        self.conversation.phase = Phase::Confirming { draft };
        self
    }
}

/// Whether a value is the tag of one of these assets.
fn is_of_asset(value: &FieldValue, pointers: &[Pointer]) -> bool {
    let tags = || pointers.iter().flat_map(|it| &it.assets).map(|it| &it.tag);
    matches!(value, FieldValue::Asset(tag) if tags().any(|it| it == tag))
}

/// Another template than the draft's that a message surely is about.
fn surely_other<'a>(heard: &'a Heard<'_>, draft: &Draft) -> Option<&'a str> {
    heard.other_than(&draft.template, DIGRESSION).filter(|it| heard.says_apart_from_its_place(it))
}

/// Whether a message is the name of an option and nothing else.
fn names_an_option(heard: &Heard<'_>, template: &Template) -> bool {
    template.options().any(|it| choice::is_bare_name(heard.phrases, it, heard.text))
}

/// Whether a message names another value than the draft has.
fn contradicts(heard: &Heard<'_>, draft: &Draft, template: &Template) -> bool {
    let other = |(id, value): &(String, _)| draft.fields.iter().any(|(it, old)| it == id && old != value);
    slots::volunteered(heard, template).iter().any(other)
}

/// Whether a message tells something that was not told yet.
fn is_detail(heard: &Heard<'_>, draft: &Draft) -> bool {
    let empty = heard.is_any(&[Answer::Hesitation, Answer::Unknown, Answer::Done]);
    let said = plain(heard.text);
    let is_new = !draft.description.lines().any(|it| plain(it) == said);
    !empty
        && is_new
        && !asks(heard.phrases, heard.text)
        && said.chars().filter(|it| it.is_alphanumeric()).count() > 3
}
