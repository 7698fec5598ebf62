//! What the employee reads: a turn's sentences in their language, the buttons below, and what the bot
//! waits for.

use super::{
    phrases::Phrases,
    state::{Conversation, Draft, Phase},
    turn::{Effect, Say, Turn},
};
use crate::domain::{
    catalog::{Catalog, FALLBACK},
    field::{Field, FieldKind, FieldValue},
    id::TicketId,
    people::Language,
    task::TaskState,
    ticket::Ticket,
};

/// What the employee reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Sentences, a line each.
    pub text: String,
    /// Buttons: what to send, what to show.
    pub choices: Vec<(String, String)>,
    /// What the bot waits for.
    pub expecting: Expecting,
    /// The ticket that this is about.
    pub ticket: Option<TicketId>,
}

/// What the bot waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expecting {
    /// Nothing.
    #[default]
    Nothing,
    /// Which template.
    Choice,
    /// A value for a field.
    Field,
    /// Yes or no.
    Confirmation,
    /// Which ticket.
    Ticket,
}

/// What a reply is put into words with; `tickets` shows them as they are after the turn's effect.
pub struct Speaker<'a, F: Fn(TicketId) -> Option<&'a Ticket>> {
    /// Words.
    pub phrases: &'a Phrases,
    /// Names of templates, groups and agents.
    pub catalog: &'a Catalog,
    /// The tickets that may be named.
    pub tickets: F,
}

impl<'a, F: Fn(TicketId) -> Option<&'a Ticket>> Speaker<'a, F> {
    /// Puts a turn into words.
    pub fn reply(&self, turn: &Turn) -> Reply {
        let language = turn.conversation.language;
        let lines: Vec<String> = turn.say.iter().map(|it| self.sentence(it, language)).collect();
        let (choices, expecting) = self.offers(&turn.conversation);
        Reply { text: lines.join("\n"), choices, expecting, ticket: subject(turn) }
    }

    fn sentence(&self, say: &Say, language: Language) -> String {
        let speak = |key, gaps: &[(&str, &str)]| self.phrases.say(language, key, gaps);
        match say {
            Say::Plain(key) => speak(key, &[]),
            Say::Number { key, number } => speak(key, &[("number", number)]),
            Say::Ask { key, template, field } => {
                let template = self.catalog.template(template);
                let field = template.and_then(|it| it.field(field));
                let question = field.map_or("", |it| it.ask.get(language));
                let name = template.map_or("", |it| it.label.get(language));
                let example = field.and_then(Field::pattern).map_or("", |it| &it.example);
                speak(key, &[("question", question), ("template", name), ("example", example)])
            }
            Say::Advice { template, field, option } => self.advice(template, field, option, language),
            Say::Summary { key, draft } => speak(key, &[("summary", &self.summary(draft, language))]),
            Say::Ticket { key, id } => {
                (self.tickets)(*id).map_or_else(String::new, |it| self.about(key, it, language))
            }
        }
    }

    fn advice(&self, template: &str, field: &str, option: &str, language: Language) -> String {
        let field = self.catalog.template(template).and_then(|it| it.field(field));
        let option = field.and_then(|it| it.option(&FieldValue::Choice(option.to_owned())));
        let advice = option.and_then(|it| it.advice.as_ref());
        advice.map_or_else(String::new, |it| it.get(language).to_owned())
    }

    /// The template's name and the values known, as in `Broken device (Device: Laptop)`.
    fn summary(&self, draft: &Draft, language: Language) -> String {
        let Some(template) = self.catalog.template(&draft.template) else { return draft.template.clone() };
        let known = draft.fields.iter().filter_map(|(id, value)| {
            let field = template.field(id)?;
            let value = if let FieldValue::DateTime(at) = value {
                self.phrases.time(language, Some(*at), self.catalog.zone(&template.sla))
            } else {
                field.show(value, language)
            };
            let gaps = [("field", field.label.get(language)), ("value", &value)];
            Some(self.phrases.fill_word(language, "field_and_value", &gaps))
        });
        let known: Vec<String> = known.collect();
        let known = known.join(self.phrases.word(language, "comma"));
        let name = template.label.get(language);
        if known.is_empty() {
            return name.to_owned();
        }
        self.phrases.fill_word(language, "template_and_fields", &[("template", name), ("fields", &known)])
    }

    fn about(&self, key: &'static str, ticket: &Ticket, language: Language) -> String {
        let name = self.catalog.template_of(ticket).map_or(&*ticket.template, |it| it.label.get(language));
        let group = self.catalog.group(&ticket.group).map_or(&*ticket.group, |it| it.name.get(language));
        let agent = ticket.agent.as_ref().and_then(|id| self.catalog.agent(id));
        let holder = agent.map_or_else(
            || group.to_owned(),
            |agent| {
                let gaps = [("group", group), ("agent", agent.name.as_str())];
                self.phrases.fill_word(language, "group_and_agent", &gaps)
            },
        );
        let ended = ticket.tasks.iter().filter(|it| it.ended.is_some()).count().to_string();
        let ready = ticket.tasks.iter().filter(|it| ticket.task_state(it) == TaskState::Ready);
        let next: Vec<_> = ready.map(|it| it.label.get(language)).collect();
        let due = self.phrases.time(language, ticket.due.resolution, self.catalog.zone(&ticket.sla));
        let gaps = [
            ("number", ticket.number.as_str()),
            ("template", name),
            ("group", &holder),
            ("priority", ticket.priority.as_str()),
            ("due", &due),
            ("subject", &ticket.subject),
            ("state", self.phrases.state(language, ticket.state.as_str())),
            ("resolution", &ticket.resolution),
            ("survivor", ticket.ties.survivor().map_or("", |it| &it.number)),
            ("ended", &ended),
            ("tasks", &ticket.tasks.len().to_string()),
            ("next", &next.join(self.phrases.word(language, "comma"))),
        ];
        self.phrases.say(language, key, &gaps)
    }

    fn offers(&self, conversation: &Conversation) -> (Vec<(String, String)>, Expecting) {
        let language = conversation.language;
        let word = |key: &'static str| (key.to_owned(), self.phrases.word(language, key).to_owned());
        match &conversation.phase {
            Phase::Idle => (vec![], Expecting::Nothing),
            Phase::Confirming { .. } => (vec![word("yes"), word("no")], Expecting::Confirmation),
            Phase::Choosing { templates, .. } => {
                let named = templates.iter().filter_map(|it| self.catalog.template(it));
                let mut offers: Vec<_> =
                    named.map(|it| (it.id.clone(), it.label.get(language).to_owned())).collect();
                offers.push((FALLBACK.to_owned(), self.phrases.word(language, "something_else").to_owned()));
                (offers, Expecting::Choice)
            }
            Phase::Filling { draft, field, .. } => {
                let field = self.catalog.template(&draft.template).and_then(|it| it.field(field));
                let offers = match field.map(|it| &it.kind) {
                    Some(FieldKind::Choice(options)) => {
                        options.iter().map(|it| (it.id.clone(), it.label.get(language).to_owned())).collect()
                    }
                    _ => vec![],
                };
                (offers, Expecting::Field)
            }
            Phase::Picking { tickets, .. } => {
                let known = tickets.iter().filter_map(|it| (self.tickets)(*it));
                let offers: Vec<_> =
                    known.map(|it| (it.number.clone(), format!("{} {}", it.number, it.subject))).collect();
                match offers.as_slice() {
                    [_] => (vec![word("yes"), word("no")], Expecting::Confirmation),
                    _ => (offers, Expecting::Ticket),
                }
            }
        }
    }
}

/// The ticket that a turn is about: the one it changes, else the only one it names.
fn subject(turn: &Turn) -> Option<TicketId> {
    match turn.effects.first() {
        Some(Effect::Open { id, .. }) => Some(*id),
        Some(
            Effect::Comment { ticket, .. }
            | Effect::Close { ticket, .. }
            | Effect::Cancel { ticket, .. }
            | Effect::Reopen { ticket, .. },
        ) => Some(*ticket),
        None => turn.say.iter().find_map(|it| match it {
            Say::Ticket { id, .. } => Some(*id),
            Say::Plain(_)
            | Say::Ask { .. }
            | Say::Advice { .. }
            | Say::Summary { .. }
            | Say::Number { .. } => None,
        }),
    }
}
