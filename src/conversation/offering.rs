//! An article is offered before a ticket is opened: "did it solve it?". Only a plain yes says so, and then there is no
//! ticket. A no goes on where it was. Whatever else is said goes on as well, as if nothing had been offered, and counts
//! for nothing.
//!
//! It is offered in the place of a question that would wait for the employee anyway. What the machine opens by itself is
//! opened at once: if nothing came back, the offer would have cost the ticket.

use std::fmt;

use super::{
    heard::Heard,
    lexicon::Answer,
    reading::{Reading, cancels, clauses, is_plain_no},
    slots::choice,
    state::{Draft, Phase},
    turn::{Effect, Say, Turn},
};
use crate::domain::{
    article::Use,
    catalog::FALLBACK,
    id::ArticleId,
    people::Language,
    priority::Urgency,
    template::{Knowledge, Template},
};

/// Articles that one conversation is offered; who has seen so many wants a person.
const MOST: usize = 8;
/// From this confidence on a message says that it cannot wait.
const URGENT: f32 = 0.6;
/// From this confidence on a message may ask for a person.
const PERSON: f32 = 0.05;

/// What an article is wanted for.
#[derive(Debug, Clone, Copy)]
pub struct Sought<'a> {
    /// Id of the template of the ticket that it may save.
    pub template: &'a str,
    /// Its name: what every ticket of it is about.
    pub name: &'a str,
    /// The language of the conversation.
    pub language: Language,
    /// What the employee wrote.
    pub text: &'a str,
}

/// An article that may help.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggested {
    /// Which.
    pub id: ArticleId,
    /// Its title.
    pub title: String,
    /// What to do.
    pub summary: String,
}

/// The knowledge: the best article for something, if it is good enough.
#[derive(Clone, Copy)]
pub struct Shelf<'a>(pub &'a dyn Fn(Sought<'_>) -> Option<Suggested>);

impl fmt::Debug for Shelf<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Shelf")
    }
}

impl Turn {
    /// Offers an article in the place of a question, if there is one that may help.
    pub(super) fn offer(mut self, heard: &Heard<'_>) -> Self {
        let language = self.conversation.language;
        let offered = &mut self.conversation.offered;
        let (Phase::Filling { draft, tries: 1, .. } | Phase::Confirming { draft }) =
            &mut self.conversation.phase
        else {
            return self;
        };
        let asks = matches!(
            self.say.last(),
            Some(Say::Ask { key: "ask" | "ask_in_template", .. } | Say::Summary { key: "confirm", .. })
        );
        let may = self.effects.is_empty() && asks && offered.len() < MOST;
        let Some(template) = heard.catalog.template(&draft.template).filter(|_| may) else { return self };
        if !draft.may_be_offered(heard, template) {
            return self;
        }
        let name = template.label.get(language);
        let sought = Sought { template: &template.id, name, language, text: &draft.description };
        let Some(article) = (heard.shelf.0)(sought).filter(|it| !offered.contains(&it.id)) else {
            return self;
        };
        draft.article_offered = true;
        offered.push(article.id);
        self.conversation.offer = Some(article.id);
        self.effects.push(Effect::UseArticle { article: article.id, before: None, now: Use::Shown });
        self.say.pop();
        self.say.push(Say::Article { title: article.title, summary: article.summary });
        self
    }

    /// It is solved, so there is no ticket.
    pub(super) fn solved(mut self, heard: &Heard<'_>, offer: Option<ArticleId>) -> Self {
        self.note_use(offer, Use::Helped);
        self.conversation.misses = 0;
        self.plain("article_solved").resume(heard)
    }

    /// Goes on where the summary would have been shown.
    pub(super) fn unsolved(mut self, heard: &Heard<'_>, offer: Option<ArticleId>, draft: Draft) -> Self {
        if !is_no(heard) {
            let reading = Reading::of(heard.phrases, heard.text);
            // "OK" is no yes to a summary that nobody has seen.
            return match reading.answer {
                Some(Answer::Yes) if reading.is_bare() => self.confirm(heard, "confirm", draft),
                Some(_) | None => self.confirmed(heard, draft),
            };
        }
        self.note_use(offer, Use::NotHelped);
        let turn = self.plain("article_unsolved");
        match heard.catalog.template(&draft.template) {
            Some(template) => turn.confirm(heard, "confirm", draft.told(heard, template)),
            None => turn.hand_over(heard, draft),
        }
    }

    /// Goes on where the question would have been asked. What is said now is no answer to it, for nobody has heard it.
    pub(super) fn unsolved_filling(
        mut self,
        heard: &Heard<'_>,
        offer: Option<ArticleId>,
        draft: Draft,
        (field, tries): (&str, u32),
    ) -> Self {
        let template = heard.catalog.template(&draft.template);
        // The catalogue may have lost them since.
        let Some((template, _)) = template.and_then(|it| Some((it, it.field(field)?))) else {
            return self.filled(heard, draft, field.to_owned(), tries);
        };
        if is_no(heard) {
            self.note_use(offer, Use::NotHelped);
            return self.plain("article_unsolved").proceed(heard, draft.told(heard, template), "ask");
        }
        if cancels(heard.phrases, heard.text) {
            return self.drop_it(heard);
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((turn, draft)) => turn.proceed(heard, draft.told(heard, template), "ask"),
        }
    }

    fn note_use(&mut self, offer: Option<ArticleId>, now: Use) {
        let used = |article| Effect::UseArticle { article, before: Some(Use::Shown), now };
        self.effects.extend(offer.map(used));
    }
}

/// "Yes", or "it works now, thanks": nothing but that it is solved.
pub(super) fn is_solved(heard: &Heard<'_>) -> bool {
    let is = |answer, clause: &str| heard.phrases.is(answer, clause);
    let all = || clauses(heard.text);
    let polite = |it: &str| is(Answer::Solved, it) || is(Answer::Softener, it);
    is(Answer::Solved, heard.text) || (all().all(polite) && all().any(|it| is(Answer::Solved, it)))
}

/// "No", or "no, it still jams".
pub(super) fn is_no(heard: &Heard<'_>) -> bool {
    let reading = Reading::of(heard.phrases, heard.text);
    is_plain_no(heard.phrases, heard.text) || heard.is(Answer::No) || reading.answer == Some(Answer::No)
}

/// Whether somebody wants a person for it.
pub(super) fn wants_person(heard: &Heard<'_>, draft: &Draft) -> bool {
    let labels = || draft.understanding.labels.iter();
    choice::says(heard.phrases, Answer::Human, &draft.description)
        || labels().any(|(label, it)| label == "person" && *it >= PERSON)
}

impl Draft {
    /// Whether an article may be offered for it: once, and for nothing that cannot wait.
    fn may_be_offered(&self, heard: &Heard<'_>, template: &Template) -> bool {
        let person = wants_person(heard, self);
        let (said, sure) = &self.understanding.urgency;
        let urgent = template.urgency == Urgency::High
            || template.least(&self.fields).1 == Some(Urgency::High)
            || (said == Urgency::High.as_str() && *sure >= URGENT);
        let never = template.knowledge == Knowledge::Never || template.id == FALLBACK;
        !(self.article_offered || self.follows.is_some() || person || urgent || never)
    }

    /// With what a message tells beside its yes or no.
    pub(super) fn told(mut self, heard: &Heard<'_>, template: &Template) -> Self {
        let reading = Reading::of(heard.phrases, heard.text);
        if reading.answer.is_none() || !reading.is_bare() {
            let corrected = self.is_corrected_by(heard);
            self.take(heard, template, corrected);
            self.describe(heard);
        }
        self
    }
}

#[cfg(test)]
mod tests;
