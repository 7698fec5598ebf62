//! Taking the answer to a short list of templates.

use super::{
    draft::is_sentence,
    heard::{DIGRESSION, Heard},
    lexicon::{Answer, plain},
    meaning::{Meaning, meaning},
    reading::{Reading, adds, begins},
    slots::{choice, ordinal},
    state::Draft,
    turn::Turn,
};
use crate::{
    domain::{catalog::FALLBACK, field::FieldKind, template::Template},
    text::token::is_cjk,
};

impl Turn {
    /// Takes the answer to a short list.
    pub(super) fn chosen(mut self, heard: &Heard<'_>, mut draft: Draft, templates: Vec<String>) -> Self {
        let reading = Reading::of(heard.phrases, heard.text);
        if reading.answer == Some(Answer::Cancel) {
            return self.drop_it(heard);
        }
        if let Some(template) = pick(heard, &templates) {
            draft.confirmed = true;
            self.conversation.misses = 0;
            if ordinal::place(heard.text).is_none() && plain(heard.text) != template.id {
                draft.describe(heard);
            }
            draft.settle(heard, template);
            return self.proceed(heard, draft, "ask");
        }
        let unknown = heard.is_any(&[Answer::Other, Answer::Unknown, Answer::No]);
        if unknown || plain(heard.text) == FALLBACK || ordinal::place(heard.text) == Some(templates.len() + 1)
        {
            FALLBACK.clone_into(&mut draft.template);
            return self.hand_over(heard, draft);
        }
        // "No", and then what was wrong about it.
        if let Some(template) = heard.catalog.template(&draft.template)
            && draft.take(heard, template, true)
        {
            draft.describe(heard);
            return self.confirm(heard, "confirm_again", draft);
        }
        let empty = reading.is_bare() || heard.is_any(&[Answer::Hesitation, Answer::Done]);
        if empty || plain(heard.text).is_empty() || ordinal::place(heard.text).is_some() {
            return self.not_chosen(heard, draft, templates);
        }
        self.described(heard, draft, templates)
    }

    /// The answer tells more about it: understood alone, or with what was said before.
    fn described(self, heard: &Heard<'_>, mut draft: Draft, templates: Vec<String>) -> Self {
        let whole = format!("{}\n{}", draft.description, heard.text);
        let understanding = (heard.reader.0)(&whole);
        let together = heard.of(&whole, &understanding);
        // "I don't know its name" behind a problem is that problem still, and tells nothing about it.
        let before = heard.of(heard.text, &draft.understanding).likelihood();
        let clearer = together.likelihood() >= before + CLEARER;
        let sure = |it: &Heard<'_>| match meaning(it) {
            Meaning::Template(id) => Some(id.to_owned()),
            Meaning::Unsure(list) => list.into_iter().next().filter(|it| templates.contains(it)),
            Meaning::Ticket(_) | Meaning::Greeting | Meaning::Thanks | Meaning::Person => None,
            Meaning::OutOfScope | Meaning::Nothing => None,
        };
        // "Have a nice day" behind a problem is no choice.
        let beside = !matches!(meaning(heard), Meaning::Template(_) | Meaning::Unsure(_) | Meaning::Nothing)
            && heard.best().1 >= DIGRESSION;
        // A few words are hardly a problem of their own.
        let alone = sure(heard).filter(|it| is_sentence(heard.text) || templates.contains(it));
        let (template, understanding) = match (alone, sure(&together)) {
            (Some(alone), _) => (Some(alone), heard.understanding),
            (None, together) => (together.filter(|_| clearer && !beside), &understanding),
        };
        if let Some(template) = template.as_deref().and_then(|it| heard.catalog.template(it)) {
            // What was not on the list and is sure by itself is another matter; the first one waits.
            let sure = heard.is_of(&template.id, DIGRESSION);
            let alone = heard.best().0 == template.id;
            let listed = templates.contains(&template.id);
            let adds = adds(heard.phrases, heard.text) && (sure || !listed);
            if alone && (adds || (sure && !listed)) {
                return self.second(heard, &template.id, draft);
            }
            draft.describe(heard);
            draft.understanding = understanding.clone();
            draft.settle(heard, template);
            return self.proceed(heard, draft, "ask_in_template");
        }
        if begins(heard.phrases, Answer::Unknown, heard.text).is_some() {
            draft.describe(heard);
            return self.not_chosen(heard, draft, templates);
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((turn, mut draft)) => {
                draft.describe(heard);
                turn.not_chosen(heard, draft, templates)
            }
        }
    }

    fn not_chosen(self, heard: &Heard<'_>, draft: Draft, templates: Vec<String>) -> Self {
        match self.missed(heard, draft) {
            Ok((turn, draft)) => turn.choose("choose_again", draft, templates),
            Err(handed) => handed,
        }
    }
}

/// By so much the best template must gain from what was added.
const CLEARER: f32 = 0.05;

/// The template of a short list that a message names: by its place, its name, a word of its name, or an
/// option that only it has.
fn pick<'a>(heard: &Heard<'a>, templates: &[String]) -> Option<&'a Template> {
    let listed: Vec<&Template> = templates.iter().filter_map(|it| heard.catalog.template(it)).collect();
    let said = plain(heard.text);
    let labels = |it: &Template| [plain(&it.label.en), plain(&it.label.zh)];
    let named = listed.iter().find(|it| said == it.id || labels(it).contains(&said));
    let agreed = || listed.first().filter(|_| listed.len() == 1 && heard.is(Answer::Yes));
    let placed = || listed.get(ordinal::place(heard.text)?.checked_sub(1)?);
    let worded = || only(&listed, |it| labels(it).iter().any(|label| shares_a_word(&said, label)));
    let optioned = || only(&listed, |it| names_an_option(heard, it));
    let brief = !is_sentence(heard.text);
    let found = named.or_else(placed).or_else(agreed);
    found.or_else(|| worded().filter(|_| brief)).or_else(|| optioned().filter(|_| brief)).copied()
}

/// The one that it holds for, unless there are several.
fn only<'b, 'a>(listed: &'b [&'a Template], holds: impl Fn(&Template) -> bool) -> Option<&'b &'a Template> {
    let mut all = listed.iter().filter(|it| holds(it));
    all.next().filter(|_| all.next().is_none())
}

fn names_an_option(heard: &Heard<'_>, template: &Template) -> bool {
    template.fields.iter().any(|field| {
        let FieldKind::Choice(options) = &field.kind else { return false };
        choice::find(heard.phrases, options, heard.text).is_some()
    })
}

/// Whether two texts in lower case share a word with a meaning: a long one, or two Chinese characters.
pub(super) fn shares_a_word(one: &str, other: &str) -> bool {
    let words = |it: &str| -> Vec<String> {
        let split = it.split(|it: char| !it.is_alphanumeric() || is_cjk(it));
        split
            .filter(|it| it.len() >= 3 && !COMMON.contains(it))
            .map(|it| it.trim_end_matches('s').to_owned())
            .collect()
    };
    let pairs = |it: &str| -> Vec<(char, char)> {
        let letters: Vec<char> = it.chars().collect();
        letters.windows(2).filter(|it| it.iter().all(|it| is_cjk(*it))).map(|it| (it[0], it[1])).collect()
    };
    let (theirs, their_pairs) = (words(other), pairs(other));
    words(one).iter().any(|it| theirs.contains(it)) || pairs(one).iter().any(|it| their_pairs.contains(it))
}

/// Words that say nothing about what is meant.
const COMMON: [&str; 32] = [
    "the", "and", "one", "two", "with", "that", "this", "for", "not", "but", "you", "are", "new", "fault",
    "trouble", "request", "question", "other", "ticket", "please", "problem", "about", "has", "have", "was",
    "again", "add", "close", "from", "still", "broken", "all",
];
