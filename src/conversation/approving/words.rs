//! What approvers and requesters read of an approval.

use crate::{
    conversation::{phrases::Phrases, pointing::field_of, reply::summary},
    domain::{
        approval::{Asked, Button, Notice, Outcome},
        catalog::Catalog,
        change::{Plan, RiskLevel},
        people::{Language, Person},
        ticket::Ticket,
        time::Timestamp,
    },
};

/// Longest part of a description that a question repeats, in characters.
const TOLD: usize = 400;

/// What a message is put into words with.
#[derive(Debug, Clone, Copy)]
pub struct Wording<'a> {
    /// Words.
    pub phrases: &'a Phrases,
    /// Names, and the zone of times.
    pub catalog: &'a Catalog,
}

impl Wording<'_> {
    /// A sentence about a ticket and its approval.
    pub fn say(&self, key: &str, ticket: &Ticket, language: Language) -> String {
        let zone = self.catalog.zone(&ticket.sla);
        let due = crate::domain::approval::due(ticket, self.catalog);
        let (by, reason) = self.ending(ticket, language);
        let linked = ticket.assets.links.iter().filter(|it| it.how.is_about());
        let shown = linked.filter(|it| field_of(&ticket.fields, &it.tag).is_none());
        let assets = shown.map(|it| (it.facts.kind.as_str(), it.tag.clone())).collect();
        let gaps = [
            ("number", ticket.number.as_str()),
            ("subject", &ticket.subject),
            ("requester", name(&ticket.requester)),
            (
                "summary",
                &summary(self.phrases, self.catalog, (&ticket.template, &ticket.fields, assets), language),
            ),
            ("description", &told(&ticket.description)),
            ("step", step(ticket, language)),
            ("approvers", &self.approvers(ticket, language)),
            ("since", &self.phrases.time(language, since(ticket), zone)),
            ("until", &self.phrases.time(language, due, zone)),
            ("state", self.phrases.state(language, ticket.state.as_str())),
            ("by", &by),
            ("reason", &reason),
        ];
        self.phrases.say(language, key, &gaps)
    }

    /// Who must still agree, in a list.
    fn approvers(&self, ticket: &Ticket, language: Language) -> String {
        let approval = ticket.approval.as_deref();
        let names: Vec<&str> =
            approval.iter().flat_map(|it| it.pending()).map(|it| name(&it.person)).collect();
        if names.is_empty() {
            return self.phrases.word(language, "nobody_yet").to_owned();
        }
        names.join(self.phrases.word(language, "comma"))
    }

    /// Whose word ended it, and why.
    fn ending(&self, ticket: &Ticket, language: Language) -> (String, String) {
        let ending = ticket.approval.as_ref().and_then(|it| it.ending.as_ref());
        let Some(ending) = ending else { return (String::new(), String::new()) };
        match &ending.by {
            Some(by) => (name(by).to_owned(), ending.reason.clone()),
            None if ending.outcome == Outcome::Rejected => {
                let word = |key| self.phrases.word(language, key).to_owned();
                (word("service_desk"), word("no_answer_in_time"))
            }
            None => (self.phrases.word(language, "service_desk").to_owned(), ending.reason.clone()),
        }
    }

    /// The question for somebody who is asked, with what they may press.
    pub fn question(&self, key: &str, ticket: &Ticket, asked: &Asked) -> Notice {
        let language = asked.language;
        let mut text = self.say(key, ticket, language);
        if let Some(other) = &asked.stands_for {
            let gaps = [("other", name(other))];
            text = format!("{} {text}", self.phrases.say(language, "approval_in_place", &gaps));
        }
        if let Some(change) = &ticket.change {
            text = format!("{text}\n{}", self.planned(&change.plan, ticket, language));
        }
        let button = |word: &'static str| Button {
            value: self.value(word, ticket, language),
            label: self.phrases.word(language, word).to_owned(),
        };
        Notice {
            to: asked.person.clone(),
            language,
            text,
            buttons: vec![button("approve"), button("reject")],
        }
    }

    /// What is planned of a change: that is what is agreed to.
    fn planned(&self, plan: &Plan, ticket: &Ticket, language: Language) -> String {
        let zone = self.catalog.zone(&ticket.sla);
        let time = |at: Option<Timestamp>| match at {
            Some(_) => self.phrases.time(language, at, zone),
            None => "…".to_owned(),
        };
        let text = |it: &String| {
            let line = told(it);
            if line.is_empty() { self.phrases.word(language, "not_said").to_owned() } else { line }
        };
        let risk = match plan.risk.level {
            RiskLevel::Low => "risk_low",
            RiskLevel::Moderate => "risk_moderate",
            RiskLevel::High => "risk_high",
        };
        let gaps = [
            ("subject", told(&ticket.subject)),
            ("from", time(plan.window.map(|it| it.start))),
            ("to", time(plan.window.map(|it| it.end))),
            ("risk", self.phrases.word(language, risk).to_owned()),
            ("implementation", text(&plan.implementation)),
            ("test", text(&plan.test)),
            ("back_out", text(&plan.back_out)),
        ];
        let gaps: Vec<(&str, &str)> = gaps.iter().map(|(gap, it)| (*gap, it.as_str())).collect();
        self.phrases.say(language, "approval_change", &gaps)
    }

    /// What a button sends: the word, the ticket, and which round of its approval was shown.
    pub fn value(&self, word: &str, ticket: &Ticket, language: Language) -> String {
        let round = ticket.approval.as_ref().map_or(1, |it| it.round);
        format!("{} {} #{round}", self.phrases.word(language, word), ticket.number)
    }

    /// A message without a question.
    pub fn message(&self, key: &str, ticket: &Ticket, to: &Person, language: Language) -> Notice {
        Notice { to: to.clone(), language, text: self.say(key, ticket, language), buttons: vec![] }
    }
}

/// Since when the open step is asked.
pub fn since(ticket: &Ticket) -> Option<Timestamp> {
    ticket.approval.as_ref()?.current()?.1.asked
}

fn step(ticket: &Ticket, language: Language) -> &str {
    let current = ticket.approval.as_ref().and_then(|it| it.current());
    current.map_or("", |(_, step)| step.plan.label.get(language))
}

fn name(it: &Person) -> &str {
    if it.name.is_empty() { &it.subject } else { &it.name }
}

fn told(description: &str) -> String {
    let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= TOLD { line } else { line.chars().take(TOLD).chain(['…']).collect() }
}
