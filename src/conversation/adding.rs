//! Going on about a ticket that stands without saying so: "forgot to say: it is the lower tray", "about the
//! laptop: it beeps now", "on the second floor", "it is back again".

use super::{
    draft::{has, is_sentence},
    heard::{Auto, DIGRESSION, Heard, Policy},
    lexicon::Answer,
    meaning::{GUESS, Meaning, meaning},
    meant::{says_closing, speaks_of},
    reading::{Reading, adds, asks, begins, filled_out},
    slots::{self, choice, place},
    state::TicketIntent,
    turn::{Effect, Turn},
};
use crate::domain::{
    catalog::FALLBACK,
    field::{Choice, FieldKind},
    lifecycle::State,
    ticket::Ticket,
};

/// For so many seconds behind the opening of a ticket, what is said is likely about it.
const FRESH: i64 = 3600;
/// From this confidence on a message surely is about a ticket that stands.
const SURE: f32 = 0.5;
/// From this confidence on even a question behind a ticket is about something else.
const SURELY_ANOTHER: f32 = 0.9;

impl Turn {
    /// The ticket that was talked about last.
    pub(super) fn last_ticket<'a>(&self, heard: &Heard<'a>) -> Option<&'a Ticket> {
        let last = self.conversation.tickets.last()?;
        heard.tickets.iter().copied().find(|it| it.id == *last)
    }

    /// Takes what is likely the answer that a ticket is on hold for: a bare yes or no, or what else makes no sense.
    /// `Err` gives the turn back if it is something else.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    pub(super) fn answered(self, heard: &Heard<'_>) -> Result<Self, Self> {
        let waits = |it: &&Ticket| !it.course.question.is_empty();
        let waiting: Vec<&Ticket> = heard.tickets.iter().copied().filter(waits).collect();
        if waiting.is_empty() || !heard.numbers.is_empty() {
            return Err(self);
        }
        let reading = Reading::of(heard.phrases, heard.text);
        let is_bare = matches!(reading.answer, Some(Answer::Yes | Answer::No)) && reading.is_bare();
        let meaning = meaning(heard);
        let is_its_own = |id: &str| waiting.iter().any(|it| it.template == id);
        let may_be = match &meaning {
            Meaning::Nothing | Meaning::OutOfScope | Meaning::Unsure(_) => true,
            Meaning::Ticket(intent) => *intent == TicketIntent::Comment,
            Meaning::Template(id) => is_its_own(id),
            Meaning::Greeting | Meaning::Thanks | Meaning::Person => false,
        };
        if !is_bare && (!may_be || asks(heard.phrases, heard.text)) {
            return Err(self);
        }
        let surely = is_bare || matches!(meaning, Meaning::Nothing | Meaning::Ticket(_));
        Ok(match waiting.as_slice() {
            [one] if surely => self.go_on(heard, one),
            many => self.pick_one(heard, TicketIntent::Comment, many),
        })
    }

    /// Takes a message that goes on about a ticket talked about here. `Err` gives the turn back if it does
    /// not.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    pub(super) fn added(self, heard: &Heard<'_>) -> Result<Self, Self> {
        if !heard.numbers.is_empty() {
            return Err(self);
        }
        let add = TicketIntent::Comment;
        let open: Vec<&Ticket> = heard.tickets.iter().copied().filter(|it| add.fits(it.state)).collect();
        let known = |it: &&Ticket| self.conversation.tickets.contains(&it.id);
        let here: Vec<&Ticket> = open.iter().copied().filter(known).collect();
        if here.is_empty() {
            return match self.last_ticket(heard) {
                Some(last) if is_back(heard, last) => Ok(self.take_back(heard, last)),
                _ => Err(self),
            };
        }
        let text = filled_out(heard.phrases, heard.text);
        let starts = |answer| begins(heard.phrases, answer, text).is_some();
        let spoken_of: Vec<&Ticket> = open.iter().copied().filter(|it| speaks_of(heard, it)).collect();
        match (spoken_of.as_slice(), here.as_slice()) {
            ([one], _) | (_, [one]) if starts(Answer::Addition) && !is_of_another(heard, one) => {
                return Ok(self.act(heard, add, one, heard.text));
            }
            ([], many) if starts(Answer::Addition) => return Ok(self.pick_one(heard, add, many)),
            (many, _) if starts(Answer::Addition) || starts(Answer::Regarding) && !many.is_empty() => {
                return Ok(self.pick_one(heard, add, many));
            }
            _ => {}
        }
        match self.last_ticket(heard) {
            Some(last) if is_back(heard, last) => Ok(self.take_back(heard, last)),
            // A whole problem of the same kind may be the next one.
            Some(last) if follows(heard, last) && heard.is_of(&last.template, DIGRESSION) => {
                Ok(self.pick_one(heard, add, &[last]))
            }
            Some(last) if follows(heard, last) => Ok(self.go_on(heard, last)),
            Some(last) if add.fits(last.state) && goes_on(heard, last) => Ok(if is_fresh(heard, last) {
                self.go_on(heard, last)
            } else {
                self.pick_one(heard, add, &[last])
            }),
            _ => Err(self),
        }
    }

    /// Offers to reopen what was resolved; what was closed for good is offered as a new one.
    fn take_back(self, heard: &Heard<'_>, ticket: &Ticket) -> Self {
        if TicketIntent::Reopen.fits(ticket.state) {
            self.pick_one(heard, TicketIntent::Reopen, &[ticket])
        } else {
            self.act(heard, TicketIntent::Reopen, ticket, heard.text)
        }
    }

    /// Adds what can hardly be anything else, without asking: a comment does no harm.
    pub(super) fn go_on(mut self, heard: &Heard<'_>, ticket: &Ticket) -> Self {
        heard.text.clone_into(&mut self.conversation.aside);
        self.conversation.remember(ticket.id);
        self.effects.push(Effect::Comment { ticket: ticket.id, text: heard.text.to_owned() });
        self.ticket("added_on", ticket.id).resume(heard)
    }

    /// Takes what shall not be added to a ticket as a matter of its own, which nobody has said yes to.
    pub(super) fn anew(self, heard: &Heard<'_>, text: &str) -> Self {
        let understanding = (heard.reader.0)(text);
        let policy = Policy { auto: Auto::Never, ..heard.policy };
        let alone = Heard { policy, ..heard.of(text, &understanding) };
        let own = matches!(meaning(&alone), Meaning::Template(_) | Meaning::Unsure(_));
        if own { self.begin_with(&alone) } else { self.plain("nothing_open") }
    }
}

/// Whether a message says that what was resolved is there again.
fn is_back(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    // What the requester closed themselves just now comes back as a new one.
    let closed = ticket.state == State::Closed && is_fresh(heard, ticket);
    (closed || TicketIntent::Reopen.fits(ticket.state))
        && !intends_otherwise(heard)
        && !is_of_another(heard, ticket)
        && choice::says(heard.phrases, Answer::Again, heard.text)
}

/// Whether a message is a few words that only make sense behind what was said about a ticket.
fn goes_on(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    /// Longest such message in characters.
    const FEW: usize = 40;
    let text = filled_out(heard.phrases, heard.text);
    let article = begins(heard.phrases, Answer::Article, text).is_some_and(|it| it.starts_with(' '));
    let continues = begins(heard.phrases, Answer::Continuing, text).is_some() && !article;
    let same = begins(heard.phrases, Answer::Same, text).is_some();
    let tagged = !heard.assets.is_empty();
    let other = if same || tagged { DIGRESSION } else { heard.policy.sure };
    let of_another = heard.other_than(&ticket.template, other).is_some();
    // A tag alone says nothing of a problem, whatever it is the tag of.
    let bare_tag = tagged && !is_sentence(heard.text);
    let points = place::find(text).is_some() || tagged;
    let few = text.chars().count() <= FEW && (continues || same || points);
    few && !intends_otherwise(heard) && (bare_tag || !of_another)
}

/// Whether a message right behind the opening of a ticket tells more about it: of the same template with
/// nothing that speaks for another case, or of nothing that is clear by itself.
pub(super) fn follows(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    let fits = TicketIntent::Comment.fits(ticket.state) && is_fresh(heard, ticket);
    // Whoever waits for a person tells that person all of it.
    let called = ticket.template == FALLBACK;
    let otherwise = intends_otherwise(heard) && !(called && meaning(heard) == Meaning::Person);
    if !fits || !says_a_bit(heard.text) || adds(heard.phrases, heard.text) || otherwise {
        return false;
    }
    // "Should I change my password first?" asks about the incident, whatever else it sounds like.
    let other = if asks(heard.phrases, heard.text) { SURELY_ANOTHER } else { heard.policy.sure };
    let another = heard.other_than(&ticket.template, other);
    let of_another = another.is_some_and(|it| heard.says_apart_from_its_place(it));
    called || (!of_another && !is_another_case(heard, ticket))
}

fn is_fresh(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    (heard.at.second() - ticket.opened.second()).abs() <= FRESH
}

/// Whether there is enough to be worth adding.
fn says_a_bit(text: &str) -> bool {
    has(text, 3, 5)
}

/// Whether a message names another device, another place or another option than the ticket has.
pub(super) fn is_another_case(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    let Some(template) = heard.catalog.template_of(ticket) else { return false };
    slots::volunteered(heard, template).iter().any(|(id, value)| {
        let old = ticket.fields.iter().find(|(it, _)| it == id).map(|(_, old)| old);
        let (Some(field), Some(old)) = (template.field(id), old) else { return false };
        let telling =
            matches!(field.kind, FieldKind::Choice(_) | FieldKind::Location | FieldKind::Asset { .. });
        // "Nothing else happened" takes no grave option back.
        let gravity = |it| field.option(it).map(Choice::gravity);
        telling && old != value && gravity(old) <= gravity(value)
    })
}

/// Whether a message is surely about something else than work.
fn intends_otherwise(heard: &Heard<'_>) -> bool {
    let (_, confidence) = heard.best();
    match meaning(heard) {
        // Who says that they add something is taken at their word, further on.
        Meaning::Ticket(TicketIntent::Close) => confidence >= SURE && says_closing(heard),
        Meaning::Ticket(TicketIntent::Status) => confidence >= GUESS,
        Meaning::Ticket(_) => confidence >= SURE,
        Meaning::Greeting | Meaning::Thanks => true,
        Meaning::Person | Meaning::OutOfScope => confidence >= DIGRESSION,
        Meaning::Template(_) | Meaning::Unsure(_) | Meaning::Nothing => false,
    }
}

/// Whether a message is likely about another template than a ticket's.
fn is_of_another(heard: &Heard<'_>, ticket: &Ticket) -> bool {
    heard.other_than(&ticket.template, heard.policy.sure).is_some()
}
