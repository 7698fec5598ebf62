//! Talking about tickets that stand: how they go, adding to them, closing and reopening them.

use super::{
    draft::{is_correction, is_sentence},
    heard::Heard,
    lexicon::Answer,
    meaning::{Meaning, meaning},
    meant::{meant, names, says_all, says_closing},
    pointing::of_ticket,
    reading::{Reading, asks, clauses, is_plain_no},
    slots::{choice, ordinal},
    state::{Conversation, Draft, Phase, TicketIntent},
    turn::{Effect, Say, Turn},
};
use crate::{
    domain::{
        id::TicketId,
        lifecycle::State,
        task::{Task, TaskState},
        ticket::Ticket,
    },
    text::found::{Kind, found},
};

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
    pub(super) fn fits(self, state: State) -> bool {
        match self {
            Self::Status => true,
            Self::Comment => state.is_open() || state == State::Resolved,
            Self::Close => state.is_open() || state == State::Resolved,
            Self::Reopen => state == State::Resolved,
        }
    }

    /// The question for the ticket that is meant.
    pub(super) fn which(self) -> &'static str {
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
        let known: Vec<&Ticket> = heard.tickets.iter().copied().filter(|it| names(heard, it)).collect();
        match (known.as_slice(), heard.numbers.first()) {
            ([one], _) => return self.perhaps(heard, intent, one),
            ([], Some(number)) => {
                self.say.push(Say::Number { key: "no_such_ticket", number: number.clone() });
                return self;
            }
            ([], None) => {}
            // "Not the first, the second": which of them is a question of grammar.
            (many, _) if intent == TicketIntent::Status => return self.list(many),
            (many, _) => return self.several(heard, intent, many),
        }
        let fitting: Vec<&Ticket> =
            heard.tickets.iter().copied().filter(|it| intent.fits(it.state)).collect();
        let here: Vec<&Ticket> =
            fitting.iter().copied().filter(|it| self.conversation.tickets.contains(&it.id)).collect();
        let meant = meant(heard, &fitting).or_else(|| {
            // "Close the one about the chair, leave the tap open"
            let first = clauses(heard.text).next()?;
            let understanding = (heard.reader.0)(first);
            let first = heard.of(first, &understanding);
            meant(&first, &fitting).filter(|_| surely(&first, intent))
        });
        let joined = intent == TicketIntent::Status && !heard.waves.joined.is_empty();
        match (fitting.as_slice(), here.as_slice(), meant) {
            ([], ..) if joined => self.tell_all_joined(heard),
            ([], ..) => self.none_fits(heard, intent),
            (.., Some(one)) => self.perhaps(heard, intent, one),
            (many, ..) if intent == TicketIntent::Status => self.list(many).tell_all_joined(heard),
            (many @ [_, _, ..], ..) if says_all(heard, many.len()) => self.several(heard, intent, many),
            ([one], ..) | (_, [one], _) => self.perhaps(heard, intent, one),
            (many, ..) => self.pick_one(heard, intent, many),
        }
    }

    fn none_fits(self, heard: &Heard<'_>, intent: TicketIntent) -> Self {
        let newest = heard.tickets.first().filter(|_| intent != TicketIntent::Status);
        match newest.map(|it| (it, it.state.is_open())) {
            Some((ticket, true)) => self.ticket("not_resolved_yet", ticket.id),
            Some((ticket, false)) if intent == TicketIntent::Reopen => self.open_again(heard, ticket),
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
        if !ticket.state.is_open() {
            return self.ticket("status_done", ticket.id);
        }
        if !ticket.course.question.is_empty() {
            return self.ticket("status_asked", ticket.id);
        }
        let turn = self.ticket("status", ticket.id);
        let is_ready = |it: &Task| ticket.task_state(it) == TaskState::Ready;
        if ticket.tasks.iter().any(is_ready) { turn.ticket("status_steps", ticket.id) } else { turn }
    }

    /// Several tickets are named. The last clause with a number may tell which of them is meant: "oops, I
    /// meant the other; please reopen INC-000015".
    fn several(self, heard: &Heard<'_>, intent: TicketIntent, tickets: &[&Ticket]) -> Self {
        if surely(heard, intent) && !is_correction(heard) && are_listed(heard.text) && tickets.len() <= LISTED
        {
            let fitting: Vec<&Ticket> = tickets.iter().copied().filter(|it| intent.fits(it.state)).collect();
            if !fitting.is_empty() {
                return self.act_on(heard, intent, &fitting, heard.text);
            }
        }
        let naming = |clause: &&str| tickets.iter().any(|it| clause.to_uppercase().contains(&it.number));
        if let Some(clause) = clauses(heard.text).filter(naming).last() {
            let only: Vec<&&Ticket> =
                tickets.iter().filter(|it| clause.to_uppercase().contains(&it.number)).collect();
            let understanding = (heard.reader.0)(clause);
            let clause = heard.of(clause, &understanding);
            let named = TicketIntent::parse(clause.best().0).filter(|it| *it != TicketIntent::Status);
            let meant = named.filter(|it| surely(&clause, *it));
            if let ([one], Some(intent)) = (only.as_slice(), meant) {
                return self.act(heard, intent, one, heard.text);
            }
        }
        self.pick_one(heard, intent, tickets)
    }

    fn perhaps(self, heard: &Heard<'_>, intent: TicketIntent, ticket: &Ticket) -> Self {
        let sure = surely(heard, intent);
        if sure || intent == TicketIntent::Status || !intent.fits(ticket.state) {
            return self.act(heard, intent, ticket, heard.text);
        }
        self.pick_one(heard, intent, &[ticket])
    }

    pub(super) fn pick_one(mut self, heard: &Heard<'_>, intent: TicketIntent, tickets: &[&Ticket]) -> Self {
        let tickets: Vec<TicketId> = tickets.iter().take(LISTED).map(|it| it.id).collect();
        self = match tickets.as_slice() {
            [one] => self.ticket(intent.sure(), *one),
            _ => self.plain(intent.which()),
        };
        self.conversation.phase = Phase::Picking { intent, tickets, text: heard.text.to_owned() };
        self
    }

    /// Does what was asked for, or says why not.
    pub(super) fn act(self, heard: &Heard<'_>, intent: TicketIntent, ticket: &Ticket, text: &str) -> Self {
        self.act_on(heard, intent, &[ticket], text)
    }

    fn act_on(self, heard: &Heard<'_>, intent: TicketIntent, tickets: &[&Ticket], text: &str) -> Self {
        tickets.iter().fold(self, |turn, it| turn.carry_out(heard, intent, it, text)).resume(heard)
    }

    fn carry_out(mut self, heard: &Heard<'_>, intent: TicketIntent, ticket: &Ticket, text: &str) -> Self {
        let id = ticket.id;
        self.conversation.remember(id);
        if ticket.ties.survivor().is_some() {
            return self.ticket("merged", id);
        }
        if !intent.fits(ticket.state) {
            let key = match (intent, ticket.state.is_open()) {
                (TicketIntent::Reopen, true) => "not_resolved_yet",
                (TicketIntent::Reopen, false) => return self.open_again(heard, ticket),
                (TicketIntent::Comment, false) => "closed_for_good",
                (TicketIntent::Close | TicketIntent::Status, _) | (TicketIntent::Comment, true) => {
                    "already_closed"
                }
            };
            return self.ticket(key, id);
        }
        let withdraws = || choice::says(heard.phrases, Answer::Withdrawal, text);
        let text = text.to_owned();
        let (effect, key) = match intent {
            TicketIntent::Status => return self.tell(ticket),
            TicketIntent::Comment => (Effect::Comment { ticket: id, text }, "commented"),
            TicketIntent::Close if ticket.state.is_open() && withdraws() => {
                (Effect::Cancel { ticket: id, text }, "cancelled_ticket")
            }
            TicketIntent::Close => (Effect::Close { ticket: id, text }, "closed"),
            TicketIntent::Reopen => (Effect::Reopen { ticket: id, text }, "reopened"),
        };
        self.effects.push(effect);
        self.ticket(key, id)
    }

    /// What is closed stays closed: a new one with the same details takes its place.
    fn open_again(mut self, heard: &Heard<'_>, ticket: &Ticket) -> Self {
        self.conversation.remember(ticket.id);
        let mut draft = Draft {
            template: ticket.template.clone(),
            description: format!("{}: {}", ticket.number, ticket.description),
            fields: ticket.fields.clone(),
            follows: Some(ticket.id),
            pointers: of_ticket(ticket),
            ..Draft::default()
        };
        draft.describe(heard);
        self.ticket("closed_so_again", ticket.id).confirm(heard, "open_again", draft)
    }

    /// Takes the answer to "which ticket?".
    pub(super) fn picked(
        mut self,
        heard: &Heard<'_>,
        intent: TicketIntent,
        shown: &[TicketId],
        text: String,
    ) -> Self {
        let listed: Vec<&Ticket> =
            shown.iter().filter_map(|id| heard.tickets.iter().find(|it| it.id == *id).copied()).collect();
        let denied = choice::denies(heard.phrases, heard.text);
        let (meaning, words) = (meaning(heard), heard.text.split_whitespace().count());
        // A number within a sentence of its own is not the answer to "which one?".
        let wants_other = matches!(meaning, Meaning::Ticket(it) if it != intent && heard.best().1 >= SURE);
        let brief = words <= 5 && !denied && !(words > 1 && wants_other);
        let named = || heard.tickets.iter().copied().find(|it| brief && heard.numbers.contains(&it.number));
        let reading = Reading::of(heard.phrases, heard.text);
        // "Yes, open it again"
        let thanked = intent == TicketIntent::Comment && meaning == Meaning::Thanks;
        // What is closed is closed for good, so only a yes will do, or the wish itself in a few words.
        let wish = meaning == Meaning::Ticket(intent) && !denied && !asks(heard.phrases, heard.text);
        let same = wish && (intent != TicketIntent::Close || (words <= 3 && surely(heard, intent)));
        let yes = reading.answer == Some(Answer::Yes) || same || thanked;
        let agreed = || listed.first().copied().filter(|_| shown.len() == 1 && yes);
        let placed = || listed.get(ordinal::place(heard.text)?.checked_sub(1)?).copied();
        let chosen = reading.answer == Some(Answer::Yes) && shown.len() > 1;
        let worded = || meant(heard, &listed).filter(|_| brief || chosen);
        if let Some(ticket) = named().or_else(agreed).or_else(placed).or_else(worded) {
            let more = reading.rest.join(", ");
            let tells = reading.answer == Some(Answer::Yes) && is_sentence(&more);
            let text = if tells { format!("{text}\n{more}") } else { text };
            return self.act(heard, intent, ticket, &text);
        }
        let cancels = reading.answer == Some(Answer::Cancel);
        if cancels || heard.is_any(&[Answer::No, Answer::Cancel, Answer::Other]) {
            let turn = self.plain("left_alone");
            let other = is_plain_no(heard.phrases, heard.text) && intent != TicketIntent::Close;
            return if other { turn.anew(heard, &text) } else { turn }.resume(heard);
        }
        if heard.is(Answer::All) && listed.len() > 1 {
            return self.act_on(heard, intent, &listed, &text);
        }
        let unclear = ordinal::place(heard.text).is_some()
            || heard.is_any(&[Answer::All, Answer::Yes, Answer::Hesitation, Answer::Unknown]);
        if unclear {
            self.conversation.phase = Phase::Picking { intent, tickets: shown.to_vec(), text };
            return self.plain(intent.which());
        }
        // What was to be added is not lost because the question was left open.
        let waiting = listed.first().copied().filter(|_| shown.len() == 1 && intent == TicketIntent::Comment);
        let turn = match waiting {
            Some(ticket) => self.carry_out(heard, intent, ticket, &text),
            None => self,
        };
        turn.fresh(heard).resume(heard)
    }
}

/// Whether nothing but "and" stands between the numbers of a message: "close A, leave B open" means one.
fn are_listed(text: &str) -> bool {
    let numbers: Vec<_> = found(text).into_iter().filter(|it| matches!(it.kind, Kind::Ticket(_))).collect();
    let idle = |it: &str| {
        let words = it.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty());
        words
            .into_iter()
            .all(|it| matches!(it, "and" | "also" | "plus" | "和" | "跟" | "与" | "以及" | "还有"))
    };
    numbers.windows(2).all(|pair| text.get(pair[0].end..pair[1].start).is_some_and(idle))
}

/// Whether a message surely and plainly wants this of a ticket.
fn surely(heard: &Heard<'_>, intent: TicketIntent) -> bool {
    let (label, confidence) = heard.best();
    // "It is not solved, please reopen it" denies something, and asks for it all the same.
    let denied = intent != TicketIntent::Reopen && choice::denies(heard.phrases, heard.text);
    let plainly = !denied && !asks(heard.phrases, heard.text);
    let ends = intent != TicketIntent::Close || says_closing(heard);
    label == intent.as_str() && confidence >= SURE && plainly && ends
}
