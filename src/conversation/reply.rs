//! What the employee reads: a turn's sentences in their language, the buttons below, and what the bot
//! waits for.

use super::{
    approving::Wording,
    phrases::Phrases,
    pointing::{OTHER, Pointed, Stock, label},
    slots::number::Misread,
    state::{Conversation, Draft, Phase, Said},
    turn::{Effect, Say, Turn},
    waves::Known,
};
use crate::domain::{
    approval::Outcome,
    catalog::{Catalog, FALLBACK},
    field::{Field, FieldKind, FieldValue},
    id::TicketId,
    number::{Unclear, plainly},
    people::Language,
    task::TaskState,
    template::Values,
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
    /// Why a request is rejected.
    Reason,
    /// Which asset.
    Asset,
}

/// What a reply is put into words with; `tickets` shows them as they are after the turn's effect.
pub struct Speaker<'a, F: Fn(TicketId) -> Option<&'a Ticket>> {
    /// Words.
    pub phrases: &'a Phrases,
    /// Names of templates, groups and agents.
    pub catalog: &'a Catalog,
    /// The tickets that may be named.
    pub tickets: F,
    /// What of the register of assets may be shown.
    pub stock: Stock<'a>,
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
            Say::AskNumber { template, field, misread } => {
                let field = self.catalog.template(template).and_then(|it| it.field(field));
                self.misread(misread, field.map_or("", |it| it.ask.get(language)), language)
            }
            Say::Advice { template, field, option } => self.advice(template, field, option, language),
            Say::Article { title, summary } => {
                speak("offer_article", &[("title", title), ("summary", summary)])
            }
            Say::Wave { key, wave } => self.wave(key, wave, language),
            Say::Watched { key, ticket } => {
                (self.tickets)(*ticket).map_or_else(String::new, |it| self.watched(key, it, language))
            }
            Say::Summary { key, draft } => speak(key, &[("summary", &self.summary(draft, language))]),
            Say::Ticket { key, id } => {
                (self.tickets)(*id).map_or_else(String::new, |it| self.about(key, it, language))
            }
        }
    }

    /// A wave's major incident. What somebody wrote in another language is left out.
    fn wave(&self, key: &'static str, wave: &Known, language: Language) -> String {
        let named = [("number", &*wave.number), ("subject", &*wave.subject)];
        let what = if wave.language == language {
            self.phrases.fill_word(language, "wave_named", &named)
        } else {
            wave.number.clone()
        };
        let (stands, at) = wave.began.map_or(("wave_reported", wave.since), |it| ("wave_worked_on", it));
        let at = self.phrases.time(language, Some(at), &wave.zone);
        let stands = self.phrases.fill_word(language, stands, &[("at", &at)]);
        self.phrases.say(language, key, &[("number", &wave.number), ("what", &what), ("stands", &stands)])
    }

    /// How a ticket of somebody else stands: nothing that others have written about it.
    fn watched(&self, key: &'static str, ticket: &Ticket, language: Language) -> String {
        let gaps = [
            ("number", ticket.number.as_str()),
            ("subject", &ticket.subject),
            ("state", self.phrases.state(language, ticket.state.as_str())),
            ("resolution", &ticket.resolution),
            ("survivor", ticket.ties.survivor().map_or("", |it| &it.number)),
        ];
        self.phrases.say(language, key, &gaps)
    }

    /// Why an answer is no number that the field takes, and the question again.
    fn misread(&self, misread: &Misread, question: &str, language: Language) -> String {
        let (key, gaps) = match misread {
            Misread::Outside { said, min, max } => (
                "ask_number_within",
                [("written", plainly(*said)), ("one", plainly(*min)), ("other", plainly(*max))],
            ),
            Misread::Unclear(Unclear::Ambiguous { written, grouped, decimal }) => (
                "ask_number_which",
                [("written", short(written)), ("one", plainly(*grouped)), ("other", plainly(*decimal))],
            ),
            Misread::Unclear(Unclear::Several(all)) => {
                let shown: Vec<_> = all.iter().take(SHOWN).map(|it| short(it)).collect();
                let written = shown.join(self.phrases.word(language, "comma"));
                ("ask_number_one", [("written", written), ("one", String::new()), ("other", String::new())])
            }
            Misread::Unclear(Unclear::Strange(written)) => (
                "ask_number_plain",
                [("written", short(written)), ("one", String::new()), ("other", String::new())],
            ),
            Misread::Unclear(Unclear::Absent) => ("ask_again", Default::default()),
        };
        let gaps = gaps.each_ref().map(|(name, value)| (*name, value.as_str()));
        let [written, one, other] = gaps;
        self.phrases.say(language, key, &[("question", question), written, one, other])
    }

    fn summary(&self, draft: &Draft, language: Language) -> String {
        let assets = draft.shown_assets().map(|it| (it.kind.as_str(), it.shown())).collect();
        let known = (draft.template.as_str(), &draft.fields, assets);
        summary(self.phrases, self.catalog, known, language)
    }

    fn advice(&self, template: &str, field: &str, option: &str, language: Language) -> String {
        let field = self.catalog.template(template).and_then(|it| it.field(field));
        let option = field.and_then(|it| it.option(&FieldValue::Choice(option.to_owned())));
        let advice = option.and_then(|it| it.advice.as_ref());
        advice.map_or_else(String::new, |it| it.get(language).to_owned())
    }

    fn about(&self, key: &'static str, ticket: &Ticket, language: Language) -> String {
        let wording = Wording { phrases: self.phrases, catalog: self.catalog };
        if let Some(key) = of_approval(key, ticket) {
            return wording.say(key, ticket, language);
        }
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
            ("question", &ticket.course.question),
            ("ended", &ended),
            ("tasks", &ticket.tasks.len().to_string()),
            ("next", &next.join(self.phrases.word(language, "comma"))),
            ("survivor", ticket.ties.survivor().map_or("", |it| &it.number)),
        ];
        self.phrases.say(language, key, &gaps)
    }

    fn offers(&self, conversation: &Conversation) -> (Vec<(String, String)>, Expecting) {
        let language = conversation.language;
        let word = |key: &'static str| (key.to_owned(), self.phrases.word(language, key).to_owned());
        if conversation.offer.is_some() || conversation.wave.is_some() {
            return (vec![word("yes"), word("no")], Expecting::Confirmation);
        }
        match &conversation.phase {
            Phase::Idle => (vec![], Expecting::Nothing),
            Phase::Confirming { .. } => (vec![word("yes"), word("no")], Expecting::Confirmation),
            Phase::Pointing { draft } => {
                let template = self.catalog.template(&draft.template);
                let shown = template.and_then(|it| draft.in_question(it)).unwrap_or_default();
                let mut offers = assets(shown);
                offers.push((OTHER.to_owned(), self.phrases.word(language, "none_of_them").to_owned()));
                (offers, Expecting::Asset)
            }
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
                    Some(FieldKind::Asset { of }) => assets(&self.stock.own_of(of)),
                    _ => vec![],
                };
                (offers, Expecting::Field)
            }
            Phase::Approving { tickets, said, .. } => self.offers_of_approval(tickets, *said, language),
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

    fn offers_of_approval(
        &self,
        tickets: &[TicketId],
        said: Option<Said>,
        language: Language,
    ) -> (Vec<(String, String)>, Expecting) {
        let word = |key: &'static str| self.phrases.word(language, key).to_owned();
        let known: Vec<&Ticket> = tickets.iter().filter_map(|it| (self.tickets)(*it)).collect();
        match (known.as_slice(), said) {
            ([_], Some(Said::No)) => (vec![], Expecting::Reason),
            ([it], Some(Said::Yes) | None) => {
                let wording = Wording { phrases: self.phrases, catalog: self.catalog };
                let offer = |key| (wording.value(key, it, language), word(key));
                (vec![offer("approve"), offer("reject")], Expecting::Confirmation)
            }
            (many, _) => {
                let offer = |it: &&Ticket| (it.number.clone(), format!("{} {}", it.number, it.subject));
                (many.iter().map(offer).collect(), Expecting::Ticket)
            }
        }
    }
}

/// Assets as choices.
fn assets(shown: &[Pointed]) -> Vec<(String, String)> {
    shown.iter().map(|it| (it.tag.clone(), it.shown())).collect()
}

/// Numbers of an answer that it is told again.
const SHOWN: usize = 3;
/// Characters of an answer that are told again.
const LONGEST: usize = 40;

fn short(written: &str) -> String {
    if written.chars().count() <= LONGEST {
        return written.to_owned();
    }
    written.chars().take(LONGEST).chain(['…']).collect()
}

/// The phrase in place of one that says nothing of an approval.
fn of_approval(key: &'static str, ticket: &Ticket) -> Option<&'static str> {
    let outcome = || Some(ticket.approval.as_ref()?.ending.as_ref()?.outcome);
    match key {
        "opened" | "opened_person" if ticket.is_waiting_for_approval() => Some("opened_waiting"),
        "status" if ticket.is_waiting_for_approval() => Some("status_waiting"),
        "status_done" if outcome() == Some(Outcome::Rejected) => Some("status_rejected"),
        "approval_not_yours" if outcome().is_some() => Some("approval_over"),
        it if it.starts_with("approval_") => Some(it),
        _ => None,
    }
}

/// The template's name, the values known, and the assets with their types, as in `Broken device – Device: Laptop`.
pub(super) fn summary(
    phrases: &Phrases,
    catalog: &Catalog,
    (template, fields, assets): (&str, &Values, Vec<(&str, String)>),
    language: Language,
) -> String {
    let Some(template) = catalog.template(template) else { return template.to_owned() };
    let known = fields.iter().filter_map(|(id, value)| {
        let field = template.field(id)?;
        let value = if let FieldValue::DateTime(at) = value {
            phrases.time(language, Some(*at), catalog.zone(&template.sla))
        } else {
            field.show(value, language)
        };
        Some((field.label.get(language), value))
    });
    let assets = assets.into_iter().map(|(kind, shown)| (label(catalog, kind, language), shown));
    let say = |(field, value): (&str, String)| {
        phrases.fill_word(language, "field_and_value", &[("field", field), ("value", &value)])
    };
    let price = template.prices.of(fields).map(|it| (phrases.word(language, "price"), it.to_string()));
    let known: Vec<String> = known.chain(assets).chain(price).map(say).collect();
    let known = known.join(phrases.word(language, "comma"));
    let name = template.label.get(language);
    if known.is_empty() {
        return name.to_owned();
    }
    phrases.fill_word(language, "template_and_fields", &[("template", name), ("fields", &known)])
}

/// The ticket that a turn is about: the one it changes, else the only one it names.
fn subject(turn: &Turn) -> Option<TicketId> {
    match turn.effects.first() {
        Some(Effect::Open { id, .. }) => Some(*id),
        Some(
            Effect::Comment { ticket, .. }
            | Effect::Close { ticket, .. }
            | Effect::Cancel { ticket, .. }
            | Effect::Rate { ticket, .. }
            | Effect::Reopen { ticket, .. },
        ) => Some(*ticket),
        Some(Effect::UseArticle { .. } | Effect::JoinWave { .. } | Effect::LeaveWave { .. }) | None => {
            turn.say.iter().find_map(|it| match it {
                Say::Ticket { id, .. } => Some(*id),
                Say::Plain(_)
                | Say::Ask { .. }
                | Say::AskNumber { .. }
                | Say::Advice { .. }
                | Say::Article { .. }
                | Say::Wave { .. }
                | Say::Watched { .. }
                | Say::Summary { .. }
                | Say::Number { .. } => None,
            })
        }
    }
}
