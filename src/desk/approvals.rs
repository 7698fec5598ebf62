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
        approval::{
            self, Asked, Departed, Ending, Event as Happened, Notice, Outcome, Plan, Refusal as NoConsent,
            Seat, Vote,
        },
        catalog::Catalog,
        id::TicketId,
        lifecycle::State,
        lookup::TicketRef,
        money::Prices,
        people::{Caller, Person, Role},
        ticket::{Event, Moved, Refusal, Ticket, TicketKind, Unplanned},
        time::Timestamp,
    },
    proto::{ticket::person_to, v1},
    store::{Unit, Wants, Work},
};

/// Who says so in histories, where the desk itself says something of an approval.
const DESK_ITSELF: &str = "approval";

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
        /// On which round, if they say so.
        round: Option<u32>,
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

    /// Records what follows by itself: the first question, what time has brought, places of those who are not there.
    pub(super) fn follow(&self, unit: &mut Unit<'_>, id: TicketId) {
        self.replace(unit, id, Departed::default());
    }

    /// The same, with others asked in the place of those who have left.
    fn replace(&self, unit: &mut Unit<'_>, id: TicketId, departed: Departed<'_>) {
        let events = unit.ticket(id).map(|it| approval::replace(it, self.catalog, departed, self.at));
        self.record(unit, id, events.unwrap_or_default());
    }

    /// Records what a change of a ticket means for its approval: one that waits no longer asks nobody any more, one that
    /// was changed begins anew. What was agreed to is not changed afterwards.
    pub(super) fn keep_up(
        &self,
        unit: &mut Unit<'_>,
        id: TicketId,
        before: &Ticket,
        by: &Person,
    ) -> Result<(), Fault> {
        let Some(ticket) = unit.ticket(id) else { return Ok(()) };
        if before.kind == TicketKind::Change {
            return self.keep_up_with_change(unit, id, before, by);
        }
        let template = self.catalog.template_of(before);
        let plan = template.and_then(|it| Some((it.approval.as_ref()?, &it.prices)));
        let changed = plan.map_or_else(Vec::new, |(it, _)| material(&it.restart, before, ticket));
        if let Some(ending) = granted(before).filter(|_| !changed.is_empty()) {
            let refusal = NoConsent::Agreed { fields: changed, by: ending.by.clone() };
            return Err(Fault::Refused(Refusal::Approval(refusal)));
        }
        if !before.is_waiting_for_approval() {
            let plan = plan.filter(|_| before.state.is_open() && before.fields != ticket.fields);
            let steps =
                plan.map(|(it, prices)| approval::newly_needed(it, prices, &before.fields, &ticket.fields));
            return match steps.filter(|it| !it.is_empty()) {
                Some(steps) => Err(Fault::Refused(Refusal::Approval(NoConsent::Unasked(steps)))),
                None => Ok(()),
            };
        }
        let events = if ticket.state != State::WaitingApproval {
            approval::cancel(ticket, by, self.at).into_iter().collect()
        } else {
            match plan.filter(|_| !changed.is_empty()) {
                Some(plan) => approval::restart(ticket, self.catalog, plan, self.at),
                None => vec![],
            }
        };
        self.record(unit, id, events);
        Ok(())
    }

    /// The same of a change, to which all agree as it is planned: what is planned anew is asked for anew.
    fn keep_up_with_change(
        &self,
        unit: &mut Unit<'_>,
        id: TicketId,
        before: &Ticket,
        by: &Person,
    ) -> Result<(), Fault> {
        let Some(ticket) = unit.ticket(id) else { return Ok(()) };
        let none = (Plan::default(), Prices::default());
        let template = self.catalog.template_of(before);
        let plan = template.and_then(|it| Some((it.approval.as_ref()?, &it.prices)));
        let plan = plan.unwrap_or((&none.0, &none.1));
        let is_same = ticket.is_agreed_like(before);
        let riskier = before.risk() < ticket.risk();
        let waits = ticket.state == State::WaitingApproval;
        let events = if before.is_waiting_for_approval() {
            if !waits {
                approval::cancel(ticket, by, self.at).into_iter().collect()
            } else if is_same && ticket.risk() == before.risk() {
                vec![]
            } else {
                approval::restart(ticket, self.catalog, plan, self.at)
            }
        } else if waits {
            approval::submit(ticket, self.catalog, plan, self.at)
        } else if before.is_in_calendar() && ticket.is_in_calendar() && !is_same {
            return Err(Fault::Refused(Unplanned::AsAgreed(before.state).into()));
        } else if before.is_agreed()
            && !before.is_in_calendar()
            && !ticket.is_in_calendar()
            && (!is_same || riskier)
        {
            vec![approval::lapse(ticket, self.catalog, plan)]
        } else {
            vec![]
        };
        self.record(unit, id, events);
        Ok(())
    }

    /// Records events of an approval, with what everybody is told, and what its end means for the ticket.
    fn record(&self, unit: &mut Unit<'_>, id: TicketId, events: Vec<Happened>) {
        for event in events {
            let Some(before) = unit.ticket(id).cloned() else { return };
            let quiet = Event::Approval { event: event.clone(), tell: vec![] };
            let after = before.clone().apply(&quiet, self.at);
            let tell = self.notices(&event, &before, &after);
            let own = asked_of_their_own(self.catalog, &event, &before);
            unit.record(id, Event::Approval { event, tell });
            if !own.is_empty() {
                let text = format!(
                    "Nobody else can be found who may agree: {} has planned or submitted it, and is asked.",
                    own.join(", ")
                );
                let author = DESK_ITSELF.to_owned();
                unit.record(
                    id,
                    Event::Commented { author, text, internal: true, by_requester: false, carried: None },
                );
            }
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
            Happened::Ended(Ending { outcome: Outcome::Granted, .. }) => match after.kind {
                TicketKind::Change => vec![requester("approval_change_granted")],
                TicketKind::Incident | TicketKind::Request | TicketKind::Problem => {
                    vec![requester("approval_granted")]
                }
            },
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

/// Who is asked for consent to what they have planned themselves, since nobody else can be.
fn asked_of_their_own(catalog: &Catalog, event: &Happened, ticket: &Ticket) -> Vec<String> {
    let authors = approval::authors(catalog, ticket);
    let seats: &[Seat] = if let Happened::Asked { seats, .. } = event { seats } else { &[] };
    let asked = seats.iter().flat_map(|it| &it.asked).map(|it| &it.person);
    asked.filter(|it| authors.contains(it)).map(|it| it.subject.clone()).collect()
}

/// Ids of the changed fields that consent is asked for: those that the template names, else any.
fn material(named: &[String], before: &Ticket, after: &Ticket) -> Vec<String> {
    let mut fields: Vec<&String> = before.fields.iter().chain(&after.fields).map(|(id, _)| id).collect();
    fields.sort();
    fields.dedup();
    fields.retain(|it| named.is_empty() || named.contains(it));
    fields.into_iter().filter(|it| before.value(it) != after.value(it)).cloned().collect()
}

/// How consent was given, if it was.
fn granted(ticket: &Ticket) -> Option<&Ending> {
    ticket.approval.as_ref()?.ending.as_ref().filter(|it| it.outcome == Outcome::Granted)
}

fn moved(to: State) -> Event {
    Event::Moved(Moved::new(State::WaitingApproval, to))
}

/// Whom a caller speaks for: themselves, or, for bots, whom they name.
fn spoken_for(catalog: &Catalog, caller: &Caller, person: Option<Person>) -> Result<Person, Fault> {
    let own = approval::agent_person(catalog, &caller.subject);
    let person = person.map(|it| approval::as_asked(catalog, &it));
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
        if let What::Delegate { to } = &word.what {
            let to = approval::named(&catalog, to);
            let profile = match &to {
                Some(to) => self.profile_of(caller, to).await?,
                None => None,
            };
            if let (Some(to), Some(_)) = (to, profile.filter(|it| !it.is_here())) {
                return Err(Fault::field(
                    "to",
                    format!("`{}` has left, and decides nothing any more", to.subject),
                ));
            }
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
        What::Decide { approves, comment, round } => {
            let open = ticket.approval.as_ref().filter(|it| it.ending.is_none());
            let now = open.map_or(0, |it| it.round);
            // A change may have been planned anew since it was looked at: a word that does not say on which round is about
            // the first one.
            let round = round.or((ticket.kind == TicketKind::Change).then_some(1));
            if let Some(said) = round.filter(|it| open.is_some() && *it != now) {
                return Err(Fault::Refused(Refusal::Approval(NoConsent::Changed { said, now })));
            }
            let by = &approval::as_asked(catalog, by);
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
        What::Decide { approves, comment, round } => {
            let word = if approves { v1::ApprovalWord::Approve } else { v1::ApprovalWord::Reject };
            let request =
                v1::DecideApprovalRequest { request_id, ticket, person, word: word.into(), comment, round };
            digest(&["decide".as_bytes(), &request.encode_to_vec()])
        }
        What::Delegate { to } => {
            let request = v1::DelegateApprovalRequest { request_id, ticket, person, to };
            digest(&["delegate".as_bytes(), &request.encode_to_vec()])
        }
    }
}
