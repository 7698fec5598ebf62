//! Asking requesters how satisfied they are: once for each ending, in the conversation in which they opened the ticket, and
//! none of them more often than the settings say. That somebody is asked is an event, which carries the question for
//! the bot to send; it follows of the resolution, and has one effect however often it is done.

use std::sync::Arc;

use super::{
    Desk,
    consequences::Cause,
    digest,
    fault::{Fault, undone},
    people::Asked,
    tickets::encoded,
};
use crate::{
    clock,
    conversation::rating::question,
    domain::{
        id::TicketId,
        lookup::{TicketFilter, TicketRef},
        people::{Caller, Person},
        ticket::{Command, Event, Surveyed, Ticket},
    },
    proto::v1,
    store::{Unit, Wants, Work},
};

/// So many other tickets of a requester are looked at, the newest ones.
const OTHERS: u32 = 200;
/// A day, in milliseconds.
const DAY: i64 = 86_400_000;

/// Who is asked how satisfied they are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Surveys {
    /// This share of endings, 0 to 1; by the ticket, so that it is the same whoever asks.
    pub share: f32,
    /// Nobody is asked again within so many days.
    pub pause: u32,
}

impl Default for Surveys {
    fn default() -> Self {
        Self { share: 1.0, pause: 7 }
    }
}

impl Surveys {
    /// Whether an ending is one of those that are asked about.
    fn asks(self, ticket: TicketId, ending: u32) -> bool {
        let hash = digest(&[&ticket.bytes()[..], &ending.to_be_bytes()[..]]);
        let place = f32::from(u16::from_be_bytes([hash[0], hash[1]])) / f32::from(u16::MAX);
        place < self.share || 1.0 <= self.share
    }
}

/// What somebody says of how satisfied they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// With which ticket.
    pub ticket: TicketRef,
    /// Who.
    pub person: Person,
    /// From 1 to 5.
    pub score: u8,
    /// In their words.
    pub comment: String,
}

impl Desk {
    /// Asks the requester of a ticket that was just resolved by the desk.
    pub(super) async fn ask_how_it_was(&self, cause: &Cause<'_>, ticket: &Ticket) -> Result<(), Fault> {
        let Some(conversation) = ticket.conversation else { return Ok(()) };
        if !ticket.may_be_asked_about() || !self.surveys.asks(ticket.id, ticket.course.reopens) {
            return Ok(());
        }
        let filter = TicketFilter { requester: Some(ticket.requester.clone()), ..TicketFilter::default() };
        let others = self.store.tickets(cause.tenant, &filter, None, OTHERS).await?;
        // One who was asked not long ago; the writer looks once more.
        let tickets: Vec<TicketId> = others.iter().map(|it| it.id).chain([ticket.id]).collect();
        let request = format!("\u{1}survey {}", cause.request(ticket.id));
        let at = clock::now();
        let work = Work {
            tenant: cause.tenant.clone(),
            content: digest(&["survey", &request]),
            request: request.clone(),
            actor: cause.consequence.event.actor.clone(),
            at,
            slot: ticket.id.slot(),
            wants: Wants { conversation: Some(conversation), tickets: tickets.clone(), ..Wants::default() },
        };
        let (id, phrases) = (ticket.id, Arc::clone(&self.phrases));
        let since = at.0 - i64::from(self.surveys.pause) * DAY;
        let decide = move |unit: &mut Unit<'_>| {
            let asked = |it: &TicketId| unit.ticket(*it).and_then(Ticket::survey_asked);
            if tickets.iter().filter_map(asked).any(|it| since < it.0) {
                return Ok(vec![]);
            }
            let turns = unit.conversation(conversation).map_or(0, |it| it.turns);
            let Some(ticket) = unit.ticket(id).filter(|it| it.may_be_asked_about()) else {
                return Ok(vec![]);
            };
            let asked =
                Surveyed::Asked { ending: ticket.course.reopens, turns, notice: question(&phrases, ticket) };
            unit.record(id, Event::Surveyed(Box::new(asked)));
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map(drop).map_err(|it| undone(it, &request))
    }

    /// Takes what a requester says of how satisfied they are.
    /// The same request again gets the ticket as it was then.
    pub async fn rate(&self, caller: &Caller, asked: Asked<'_>, rated: Rated) -> Result<v1::Ticket, Fault> {
        let found = self.find(caller, &rated.ticket).await?;
        // Of the tickets of others nobody hears.
        if found.requester != rated.person {
            return Err(Fault::NotFound("ticket"));
        }
        let (id, at) = (found.id, clock::now());
        let work = Work {
            tenant: caller.tenant.clone(),
            request: asked.request.to_owned(),
            content: digest(&[b"rate".as_slice(), asked.content]),
            actor: rated.person.subject.clone(),
            at,
            slot: id.slot(),
            wants: Wants { tickets: vec![id], ..Wants::default() },
        };
        let decide = move |unit: &mut Unit<'_>| {
            let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
            let (by, comment) = (rated.person.clone(), rated.comment.clone());
            let rate = Command::Rate { by, score: rated.score, comment, now: at };
            for event in ticket.decide(rate, &rated.person.subject)? {
                unit.record(id, event);
            }
            encoded(unit, id)
        };
        self.commit(work, decide).await
    }
}
