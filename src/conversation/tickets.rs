//! Talking about tickets that stand: how they go, adding to them, closing and reopening them.

use super::{
    heard::Heard,
    lexicon::Answer,
    slots::choice,
    state::{Conversation, Phase, TicketIntent},
    turn::{Effect, Say, Turn},
};
use crate::domain::{id::TicketId, lifecycle::State, ticket::Ticket};

/// How many tickets are listed at once.
const LISTED: usize = 5;
/// How many tickets a conversation remembers.
const REMEMBERED: usize = 8;
/// Below this confidence a ticket is not changed before the employee says yes.
const SURE: f32 = 0.6;

impl Conversation {
    /// Notes that a ticket was talked about.
    pub fn remember(&mut self, id: TicketId) {
        self.tickets.retain(|it| *it != id);
        self.tickets.push(id);
        let surplus = self.tickets.len().saturating_sub(REMEMBERED);
        self.tickets.drain(..surplus);
    }
}

impl TicketIntent {
    /// Whether it makes sense for a ticket in this state.
    fn fits(self, state: State) -> bool {
        match self {
            Self::Status => true,
            Self::Comment => state.is_open() || state == State::Resolved,
            Self::Close => state.is_open() || state == State::Resolved,
            Self::Reopen => state == State::Resolved,
        }
    }

    fn which(self) -> &'static str {
        match self {
            Self::Status => "pick_status",
            Self::Comment => "pick_comment",
            Self::Close => "pick_close",
            Self::Reopen => "pick_reopen",
        }
    }

    fn sure(self) -> &'static str {
        match self {
            Self::Status => "sure_status",
            Self::Comment => "sure_comment",
            Self::Close => "sure_close",
            Self::Reopen => "sure_reopen",
        }
    }
}

impl Turn {
    /// Takes a message about tickets that stand.
    pub(super) fn about_tickets(mut self, heard: &Heard<'_>, intent: TicketIntent) -> Self {
        if let Some(number) = heard.numbers.first() {
            return match heard.tickets.iter().find(|it| it.number == *number) {
                Some(ticket) => self.perhaps(heard, intent, ticket),
                None => {
                    self.say.push(Say::Number { key: "no_such_ticket", number: number.clone() });
                    self
                }
            };
        }
        let fitting: Vec<&Ticket> =
            heard.tickets.iter().copied().filter(|it| intent.fits(it.state)).collect();
        let here: Vec<&Ticket> =
            fitting.iter().copied().filter(|it| self.conversation.tickets.contains(&it.id)).collect();
        match (fitting.as_slice(), here.as_slice()) {
            ([], _) => self.none_fits(heard, intent),
            (many, _) if intent == TicketIntent::Status => self.list(many),
            ([one], _) | (_, [one]) => self.perhaps(heard, intent, one),
            (many, _) => self.pick_one(heard, intent, many),
        }
    }

    fn none_fits(self, heard: &Heard<'_>, intent: TicketIntent) -> Self {
        let newest = heard.tickets.first().filter(|_| intent != TicketIntent::Status);
        match newest.map(|it| (it, it.state.is_open())) {
            Some((ticket, true)) => self.ticket("not_resolved_yet", ticket.id),
            Some((ticket, false)) if intent == TicketIntent::Reopen => {
                self.ticket("closed_for_good", ticket.id)
            }
            Some((ticket, false)) => self.ticket("already_closed", ticket.id),
            None => self.plain("no_tickets"),
        }
    }

    /// Tells how tickets go: the open ones, or the last one if none is open.
    fn list(self, tickets: &[&Ticket]) -> Self {
        let open: Vec<_> = tickets.iter().filter(|it| it.state.is_open()).take(LISTED).collect();
        let shown = if open.is_empty() { tickets.iter().take(1).collect() } else { open };
        shown.into_iter().fold(self, |turn, it| turn.tell(it))
    }

    fn tell(mut self, ticket: &Ticket) -> Self {
        self.conversation.remember(ticket.id);
        self.ticket(if ticket.state.is_open() { "status" } else { "status_done" }, ticket.id)
    }

    fn perhaps(self, heard: &Heard<'_>, intent: TicketIntent, ticket: &Ticket) -> Self {
        let (label, confidence) = heard.best();
        let sure =
            label == intent.as_str() && confidence >= SURE && !choice::denies(heard.phrases, heard.text);
        if sure || intent == TicketIntent::Status || !intent.fits(ticket.state) {
            return self.act(heard, intent, ticket, heard.text);
        }
        self.pick_one(heard, intent, &[ticket])
    }

    fn pick_one(mut self, heard: &Heard<'_>, intent: TicketIntent, tickets: &[&Ticket]) -> Self {
        let tickets: Vec<TicketId> = tickets.iter().take(LISTED).map(|it| it.id).collect();
        self = match tickets.as_slice() {
            [one] => self.ticket(intent.sure(), *one),
            _ => self.plain(intent.which()),
        };
        self.conversation.phase = Phase::Picking { intent, tickets, text: heard.text.to_owned() };
        self
    }

    /// Does what was asked for, or says why not.
    fn act(mut self, heard: &Heard<'_>, intent: TicketIntent, ticket: &Ticket, text: &str) -> Self {
        let id = ticket.id;
        self.conversation.remember(id);
        if !intent.fits(ticket.state) {
            let key = match (intent, ticket.state.is_open()) {
                (TicketIntent::Reopen, true) => "not_resolved_yet",
                (TicketIntent::Reopen | TicketIntent::Comment, false) => "closed_for_good",
                (TicketIntent::Close | TicketIntent::Status, _) | (TicketIntent::Comment, true) => {
                    "already_closed"
                }
            };
            return self.ticket(key, id);
        }
        let text = text.to_owned();
        let (effect, key) = match intent {
            TicketIntent::Status => return self.tell(ticket),
            TicketIntent::Comment => (Effect::Comment { ticket: id, text }, "commented"),
            TicketIntent::Close => (Effect::Close { ticket: id, text }, "closed"),
            TicketIntent::Reopen => (Effect::Reopen { ticket: id, text }, "reopened"),
        };
        self.effect = Some(effect);
        self.ticket(key, id).resume(heard)
    }

    /// Takes the answer to "which ticket?".
    pub(super) fn picked(
        self,
        heard: &Heard<'_>,
        intent: TicketIntent,
        shown: &[TicketId],
        text: String,
    ) -> Self {
        let listed = |id: &TicketId| heard.tickets.iter().find(|it| it.id == *id).copied();
        let alone = shown.first().filter(|_| shown.len() == 1);
        let agreed = heard.phrases.is(Answer::Yes, heard.text);
        // A number within a sentence of its own is not the answer to "which one?".
        let brief = heard.text.split_whitespace().count() <= 3 && !choice::denies(heard.phrases, heard.text);
        let numbers = heard.numbers.iter().filter(|_| brief);
        let named =
            || numbers.clone().find_map(|it| heard.tickets.iter().find(|ticket| ticket.number == *it));
        let placed =
            || choice::place(heard.text).and_then(|it| shown.get(it.checked_sub(1)?)).and_then(listed);
        if let Some(ticket) =
            named().copied().or_else(placed).or_else(|| alone.filter(|_| agreed).and_then(listed))
        {
            return self.act(heard, intent, ticket, &text);
        }
        if [Answer::No, Answer::Cancel, Answer::Other].into_iter().any(|it| heard.phrases.is(it, heard.text))
        {
            return self.plain("left_alone").resume(heard);
        }
        self.fresh(heard).resume(heard)
    }
}
