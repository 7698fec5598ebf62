//! "How satisfied are you?": what a button sends, such as `Rate INC-000012 4`, is understood anywhere; a number alone only
//! right after the question, in the conversation in which it was asked.

use super::{
    heard::Heard,
    phrases::Phrases,
    state::{Conversation, Phase},
    turn::{Effect, Say, Turn},
};
use crate::{
    domain::{
        approval::{Button, Notice},
        id::TicketId,
        lifecycle::State,
        people::Language,
        ticket::{BEST, Ticket},
    },
    text::found::{Kind, found},
};

/// Up to this score somebody is not satisfied.
const LOW: u8 = 2;

/// What a message says of how satisfied its author is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Rates {
    /// So satisfied, with one of their tickets.
    Ticket(TicketId, u8),
    /// With one that is none of theirs.
    Unknown(String),
}

/// What a message says of how satisfied its author is, if it says only that.
pub(super) fn rates(conversation: &Conversation, phase: &Phase, heard: &Heard<'_>) -> Option<Rates> {
    let text = heard.text.trim();
    if let Some(score) = score(text) {
        let is_idle = matches!(phase, Phase::Idle);
        let asked = heard.tickets.iter().find(|it| was_just_asked(it, conversation))?;
        // "How many do you need?": a number alone may be the answer to that.
        let is_idle = is_idle && !heard.tickets.iter().any(|it| it.asks_the_requester());
        return is_idle.then_some(Rates::Ticket(asked.id, score));
    }
    let number = found(text).into_iter().find(|it| matches!(it.kind, Kind::Ticket(_)))?;
    let (before, behind) = (text.get(..number.start)?.trim(), text.get(number.end..)?);
    let score = score(behind.trim())?;
    let word = |language| heard.phrases.word(language, "rate").to_lowercase();
    if ![Language::En, Language::Zh].into_iter().any(|it| word(it) == before.to_lowercase()) {
        return None;
    }
    let Kind::Ticket(number) = number.kind else { return None };
    let number = number.to_string();
    let own = heard.tickets.iter().find(|it| it.number == number);
    Some(own.map_or(Rates::Unknown(number), |it| Rates::Ticket(it.id, score)))
}

/// Whether nothing was said in a conversation since its author was asked about a ticket.
fn was_just_asked(ticket: &Ticket, conversation: &Conversation) -> bool {
    let survey = ticket.survey_of_this_ending().filter(|it| it.rating.is_none());
    // The turn at hand is counted already.
    let is_next = survey.and_then(|it| it.asked).is_some_and(|(_, turns)| turns + 1 == conversation.turns);
    is_next && ticket.conversation == Some(conversation.id)
}

/// A whole number from 1 to 5, in any script.
fn score(text: &str) -> Option<u8> {
    let mut all = text.chars();
    let (digit, None) = (all.next()?, all.next()) else { return None };
    let wide = '１'..='５';
    let digit =
        if wide.contains(&digit) { u32::from(digit) - u32::from('０') } else { digit.to_digit(10)? };
    u8::try_from(digit).ok().filter(|it| (1..=BEST).contains(it))
}

/// The question for the requester of a ticket that was resolved.
pub fn question(phrases: &Phrases, ticket: &Ticket) -> Notice {
    let language = ticket.language;
    let gaps = [("number", ticket.number.as_str()), ("subject", &ticket.subject)];
    let word = phrases.word(language, "rate");
    let button =
        |score: u8| Button { value: format!("{word} {} {score}", ticket.number), label: score.to_string() };
    Notice {
        to: ticket.requester.clone(),
        language,
        text: phrases.say(language, "survey", &gaps),
        buttons: (1..=BEST).map(button).collect(),
    }
}

impl Turn {
    /// Takes the answer, thanks for it, and goes on where it stood. Who is not satisfied hears how it is taken up again.
    pub(super) fn rated(mut self, heard: &Heard<'_>, phase: Phase, rates: Rates) -> Self {
        self.conversation.phase = phase;
        let (id, score) = match rates {
            Rates::Ticket(id, score) => (id, score),
            Rates::Unknown(number) => {
                self.say.push(Say::Number { key: "no_such_ticket", number });
                return self;
            }
        };
        let Some(ticket) = heard.tickets.iter().find(|it| it.id == id) else { return self };
        if ticket.may_be_rated(heard.at).is_err() {
            return self.ticket("rated_not", id);
        }
        self.effects.push(Effect::Rate { ticket: id, score });
        let may_go_on = ticket.state == State::Resolved && score <= LOW;
        self.ticket(if may_go_on { "rated_low" } else { "rated" }, id)
    }
}
