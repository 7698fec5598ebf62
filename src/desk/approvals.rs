//! Approvals at the desk: a yes or no, a place handed on, and what follows on the ticket: it goes to its group, or it is
//! cancelled. Whoever is to be told is told by the event itself.

mod chat;
mod follow;
mod query;

pub(super) use chat::Voice;

use std::sync::Arc;

use prost::Message as _;

use super::{
    Desk,
    catalogs::InUse,
    clocks, digest, dispatch, escalations,
    fault::{Fault, undone},
};
use crate::{
    clock,
    conversation::{approving::Wording, phrases::Phrases},
    domain::{
        approval::{self, Asked, Ending, Event as Happened, Notice, Outcome, Vote},
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        lookup::TicketRef,
        people::{Caller, Person, Role},
        ticket::{Event, Moved, Refusal, Ticket},
        time::Timestamp,
    },
    proto::{ticket::person_to, v1},
    store::{Unit, Wants, Work},
};

/// What somebody says to a request that waits for them.
#[derive(Debug, Clone)]
pub struct Word {
    /// Request id.
    pub request: String,
    /// Which ticket.
    pub ticket: TicketRef,
    /// Who, if not the caller.
    pub person: Option<Person>,
    /// What.
    pub what: What,
}

/// What somebody does with their place.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// They say yes or no.
    Decide {
        /// Yes or no.
        approves: bool,
        /// Why.
        comment: String,
    },
    /// They hand it on.
    Delegate {
        /// Id of an approver or an agent.
        to: String,
    },
}

/// Approvals as one decision sees them.
#[derive(Clone, Copy)]
pub(super) struct Approvals<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) phrases: &'a Phrases,
    pub(super) at: Timestamp,
}

impl Approvals<'_> {
    /// Asks for consent to a ticket that was just opened, if it waits for any.
    pub(super) fn open(&self, unit: &mut Unit<'_>, id: TicketId) {
        if unit.ticket(id).is_some_and(Ticket::is_waiting_for_approval) {
            self.follow(unit, id);
            clocks::settle(self.catalog, unit, id);
        }
    }

    /// Records what follows by itself: the first question, what time has brought, places of those who left.
    pub(super) fn follow(&self, unit: &mut Unit<'_>, id: TicketId) {
        let events =
            unit.ticket(id).map(|it| approval::follow(it, self.catalog, self.at)).unwrap_or_default();
        self.record(unit, id, events);
    }

    /// Records what a change of a ticket means for its approval: one that waits no longer asks nobody any more, one that
    /// was changed begins anew.
    pub(super) fn keep_up(&self, unit: &mut Unit<'_>, id: TicketId, before: &Ticket, by: &Person) {
        let Some(ticket) = unit.ticket(id).filter(|_| before.is_waiting_for_approval()) else { return };
        let events = if ticket.state != State::WaitingApproval {
            approval::cancel(ticket, by, self.at).into_iter().collect()
        } else {
            let plan = self.catalog.template_of(ticket).and_then(|it| it.approval.as_ref());
            match plan.filter(|it| is_material(&it.restart, before, ticket)) {
                Some(plan) => approval::restart(ticket, self.catalog, plan, self.at),
                None => vec![],
            }
        };
        self.record(unit, id, events);
    }

    /// Records events of an approval, with what everybody is told, and what its end means for the ticket.
    fn record(&self, unit: &mut Unit<'_>, id: TicketId, events: Vec<Happened>) {
        for event in events {
            let Some(before) = unit.ticket(id).cloned() else { return };
            let quiet = Event::Approval { event: event.clone(), tell: vec![] };
            let after = before.clone().apply(&quiet, self.at);
            let tell = self.notices(&event, &before, &after);
            unit.record(id, Event::Approval { event, tell });
        }
        let ticket = unit.ticket(id).filter(|it| it.state == State::WaitingApproval);
        let outcome = ticket.and_then(|it| it.approval.as_ref()?.ending.as_ref()).map(|it| it.outcome);
        match outcome {
            Some(Outcome::Granted | Outcome::NotNeeded) => self.begin_work(unit, id),
            Some(Outcome::Rejected) => unit.record(id, moved(State::Cancelled)),
            Some(Outcome::Withdrawn) | None => {}
        }
    }

    /// The work begins as that on a new ticket does. Who gets it is found before it counts among what waits.
    fn begin_work(&self, unit: &mut Unit<'_>, id: TicketId) {
        if let Some(group) = unit.ticket(id).filter(|it| it.agent.is_none()).map(|it| it.group.clone()) {
            dispatch::hand_to(self.catalog, unit, id, &group, vec![], self.at);
        }
        unit.record(id, moved(State::Assigned));
    }

    /// What everybody is told.
    fn notices(&self, event: &Happened, before: &Ticket, after: &Ticket) -> Vec<Notice> {
        let words = Wording { phrases: self.phrases, catalog: self.catalog };
        let pending = |it: &Ticket| {
            let all = it.approval.as_ref().map_or_else(Vec::new, |it| it.pending());
            all.into_iter().cloned().collect::<Vec<_>>()
        };
        let ask =
            |key: &'static str| pending(after).iter().map(|it| words.question(key, after, it)).collect();
        let release = |key: &'static str| {
            pending(before).iter().map(|it| words.message(key, after, &it.person, it.language)).collect()
        };
        let requester = |key: &'static str| words.message(key, after, &after.requester, after.language);
        match event {
            Happened::Asked { .. } => ask("approval_question"),
            Happened::Reminded { .. } => ask("approval_reminder"),
            Happened::Handed { asked, .. } => {
                let known = pending(before);
                let is_new = |it: &&Asked| !known.iter().any(|one| one.person == it.person);
                asked.iter().filter(is_new).map(|it| words.question("approval_question", after, it)).collect()
            }
            Happened::StepEnded { .. } => release("approval_moot"),
            Happened::Restarted { .. } => release("approval_changed"),
            Happened::Ended(Ending { outcome: Outcome::Granted, .. }) => vec![requester("approval_granted")],
            Happened::Ended(Ending { outcome: Outcome::Rejected, .. }) => {
                vec![requester("approval_rejected")]
            }
            Happened::Ended(Ending { outcome: Outcome::Withdrawn, .. }) => release("approval_withdrawn"),
            Happened::Ended(Ending { outcome: Outcome::NotNeeded, .. }) | Happened::Expired { .. } => vec![],
            // Others who were asked for the same place.
            Happened::Voted { vote, .. } => {
                let still = pending(after);
                let moot =
                    pending(before).into_iter().filter(|it| it.person != vote.by && !still.contains(it));
                moot.map(|it| words.message("approval_moot", after, &it.person, it.language)).collect()
            }
        }
    }
}

/// Whether a change touches what was agreed to.
fn is_material(fields: &[String], before: &Ticket, after: &Ticket) -> bool {
    if fields.is_empty() {
        return before.fields != after.fields;
    }
    fields.iter().any(|it| before.value(it) != after.value(it))
}

fn moved(to: State) -> Event {
    Event::Moved(Moved::new(State::WaitingApproval, to))
}

/// Whom a caller speaks for: themselves, or, for bots, whom they name.
fn spoken_for(catalog: &Catalog, caller: &Caller, person: Option<Person>) -> Result<Person, Fault> {
    let own = approval::agent_person(catalog, &caller.subject);
    match person {
        None => Ok(own),
        Some(person) if person == own || caller.has(&[Role::Bot]) => Ok(person),
        Some(person) => {
            let only = "agents speak for themselves only; a bot says whom it speaks for";
            Err(Fault::Forbidden(format!(
                "you are `{}` and not `{}`: {only}",
                caller.subject, person.subject
            )))
        }
    }
}

impl Desk {
    /// Takes somebody's word on a request, or hands their place on.
    pub async fn answer_approval(&self, caller: &Caller, word: Word) -> Result<v1::ApprovalRequest, Fault> {
        let InUse { catalog, holders } = self.in_use(caller);
        let person = spoken_for(&catalog, caller, word.person.clone())?;
        if self.profile_of(caller, &person).await?.is_some_and(|it| !it.is_here()) {
            return Err(Fault::Left(format!("`{}` has left, and decides nothing any more", person.subject)));
        }
        let id = self.find(caller, &word.ticket).await?.id;
        let work = Work {
            tenant: caller.tenant.clone(),
            request: word.request.clone(),
            content: content(id, &person, &word.what),
            actor: caller.subject.clone(),
            at: clock::now(),
            slot: id.slot(),
            wants: Wants { tickets: vec![id], agents: holders, ..Wants::default() },
        };
        let (phrases, at) = (Arc::clone(&self.phrases), work.at);
        let decide = move |unit: &mut Unit<'_>| {
            carry_out(unit, (&catalog, &phrases, at), id, &person, &word.what)?;
            let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
            Ok(query::request(ticket, &catalog).encode_to_vec())
        };
        let request = work.request.clone();
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, &request))?;
        v1::ApprovalRequest::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)
    }
}

/// Takes somebody's word on a request inside the decision.
fn carry_out(
    unit: &mut Unit<'_>,
    (catalog, phrases, at): (&Catalog, &Phrases, Timestamp),
    id: TicketId,
    person: &Person,
    what: &What,
) -> Result<(), Fault> {
    let approvals = Approvals { catalog, phrases, at };
    escalations::escalate(catalog, unit, id, at);
    // Whose time is up, or who has left, does not decide any more.
    approvals.follow(unit, id);
    if approval::agent_of(catalog, person).is_some_and(|it| unit.load(&it.id).left.is_gone()) {
        return Err(Fault::Left(format!("`{}` has left, and decides nothing any more", person.subject)));
    }
    let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
    let events = decided(catalog, ticket, person, what, at)?;
    approvals.record(unit, id, events);
    clocks::settle(catalog, unit, id);
    Ok(())
}

fn decided(
    catalog: &Catalog,
    ticket: &Ticket,
    by: &Person,
    what: &What,
    at: Timestamp,
) -> Result<Vec<Happened>, Fault> {
    let events = match what.clone() {
        What::Decide { approves, comment } => {
            // The name that the catalogue has, whatever the caller calls them.
            let steps = ticket.approval.iter().flat_map(|it| &it.steps);
            let known = steps.flat_map(|it| &it.seats).flat_map(|it| &it.asked).find(|it| it.person == *by);
            let by = known.map_or_else(|| by.clone(), |it| it.person.clone());
            approval::vote(ticket, catalog, Vote { by, approves, comment, at }, at)
        }
        What::Delegate { to } => {
            let unknown = || {
                let approvers = catalog.approvers.iter().map(|it| it.id.as_str());
                let known: Vec<&str> =
                    approvers.chain(catalog.agents.iter().map(|it| it.id.as_str())).take(20).collect();
                let problem =
                    format!("no approver or agent `{to}` in the catalogue; such as {}", known.join(", "));
                Fault::field("to", problem)
            };
            let to = approval::named(catalog, &to).ok_or_else(unknown)?;
            approval::delegate(ticket, catalog, by, to, at)
        }
    };
    events.map_err(|it| Fault::Refused(Refusal::Approval(it)))
}

/// What a request asks for, as a hash that is kept with its answer.
fn content(id: TicketId, person: &Person, what: &What) -> [u8; 32] {
    let (request_id, ticket) = (String::new(), id.to_string());
    let person = Some(v1::Person { display_name: String::new(), ..person_to(person) });
    match what.clone() {
        What::Decide { approves, comment } => {
            let word = if approves { v1::ApprovalWord::Approve } else { v1::ApprovalWord::Reject };
            let request =
                v1::DecideApprovalRequest { request_id, ticket, person, word: word.into(), comment };
            digest(&["decide".as_bytes(), &request.encode_to_vec()])
        }
        What::Delegate { to } => {
            let request = v1::DelegateApprovalRequest { request_id, ticket, person, to };
            digest(&["delegate".as_bytes(), &request.encode_to_vec()])
        }
    }
}
