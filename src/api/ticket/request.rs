//! Requests about tickets, from the contract's words to the desk's.

use crate::{
    api::parse::{
        Checks,
        words::{CANCEL, CODE, HOLD, IMPACT, STATE, URGENCY},
    },
    desk::{
        command::{Change, NewTicket, What},
        fault::Fault,
    },
    domain::lookup::{TicketFilter, TicketRef},
    domain::{
        id::TicketId,
        lifecycle::{HoldReason, State, Who},
        people::Caller,
        template::Values,
        ticket::MoveTo,
    },
    proto::v1,
};

/// What the mask of an update may name.
const PATHS: [&str; 4] = ["subject", "impact", "urgency", "fields"];

pub(super) fn open(raw: v1::CreateTicketRequest) -> Result<NewTicket, Fault> {
    let mut checks = Checks::default();
    let new = NewTicket {
        request: checks.id("request_id", raw.request_id),
        template: checks.id("template", raw.template),
        requester: checks.person("requester", raw.requester),
        subject: checks.subject("subject", &raw.subject),
        description: checks.text("description", raw.description),
        fields: checks.values("fields", &raw.fields),
        impact: checks.optional_word("impact", raw.impact, &IMPACT),
        urgency: checks.optional_word("urgency", raw.urgency, &URGENCY),
        opened_by: raw.opened_by.map(|it| checks.person("opened_by", Some(it))),
    };
    checks.done(new)
}

/// The ticket that a request names and asks nothing else of.
pub(super) fn get(ticket: &str) -> Result<TicketRef, Fault> {
    let mut checks = Checks::default();
    let ticket = checks.ticket("ticket", ticket);
    checks.done(ticket)
}

/// Behind which ticket, and how many.
pub(super) fn verify(raw: &v1::VerifyTicketClocksRequest) -> Result<(Option<TicketId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_ticket(&raw.page_token);
    checks.done((after, size))
}

/// Which tickets, behind which one, and how many.
pub(super) fn list(raw: v1::ListTicketsRequest) -> Result<(TicketFilter, Option<TicketId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_ticket(&raw.page_token);
    let filter = filter(&mut checks, raw.filter.unwrap_or_default());
    checks.done((filter, after, size))
}

fn filter(checks: &mut Checks, raw: v1::TicketFilter) -> TicketFilter {
    if raw.states.len() > State::ALL.len() {
        checks.wrong("filter.states", "names a state twice; give each state once");
        return TicketFilter::default();
    }
    let states = raw.states.iter().enumerate();
    TicketFilter {
        states: states
            .filter_map(|(index, it)| checks.word(&format!("filter.states[{index}]"), *it, &STATE))
            .collect(),
        group: checks.optional_id("filter.group", raw.group),
        agent: checks.optional_id("filter.agent", raw.agent),
        template: checks.optional_id("filter.template", raw.template),
        requester: raw.requester.map(|it| checks.person("filter.requester", Some(it))),
    }
}

pub(super) fn update(raw: v1::UpdateTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let paths = raw.update_mask.unwrap_or_default().paths;
    if paths.is_empty() || paths.len() > PATHS.len() || paths.iter().any(|it| !PATHS.contains(&it.as_str())) {
        checks.wrong("update_mask", format!("must name one or more of {}, each once", PATHS.join(", ")));
    }
    let change = Change {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("ticket", &raw.ticket),
        what: masked(&mut checks, &paths, &raw.change.unwrap_or_default()),
        expected: expected(raw.expected_version),
    };
    checks.done(change)
}

/// The values that the mask names; what it does not name is not even looked at.
fn masked(checks: &mut Checks, paths: &[String], raw: &v1::TicketChange) -> What {
    let named = |path: &str| paths.iter().any(|it| it == path);
    let subject = named("subject").then(|| checks.subject("change.subject", &raw.subject));
    if subject.as_deref() == Some("") {
        checks.wrong("change.subject", "is required, since the mask names it");
    }
    let impact = named("impact").then(|| checks.word("change.impact", raw.impact, &IMPACT));
    let urgency = named("urgency").then(|| checks.word("change.urgency", raw.urgency, &URGENCY));
    let fields = if named("fields") { checks.values("change.fields", &raw.fields) } else { Values::new() };
    What::Update { subject, impact: impact.flatten(), urgency: urgency.flatten(), fields }
}

pub(super) fn transition(caller: &Caller, raw: v1::TransitionTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let to = checks.word("to", raw.to, &STATE);
    let only = |checks: &mut Checks, field: &str, is_given: bool, state: State, name: &str| {
        if is_given && to.is_some_and(|it| it != state) {
            checks.wrong(field, format!("goes with {name} only"));
        }
    };
    let until = raw.hold_until_time.as_ref().map(|it| checks.time("hold_until_time", it));
    only(&mut checks, "hold_until_time", until.is_some(), State::OnHold, "TICKET_STATE_ON_HOLD");
    let code = checks.optional_word("resolution_code", raw.resolution_code, &CODE);
    only(&mut checks, "resolution_code", code.is_some(), State::Resolved, "TICKET_STATE_RESOLVED");
    let cancel = checks.optional_word("cancel_reason", raw.cancel_reason, &CANCEL);
    only(&mut checks, "cancel_reason", cancel.is_some(), State::Cancelled, "TICKET_STATE_CANCELLED");
    let accepted = checks.changes("accept_collisions", &raw.accept_collisions);
    only(
        &mut checks,
        "accept_collisions",
        !accepted.is_empty(),
        State::InProgress,
        "TICKET_STATE_IN_PROGRESS",
    );
    let moved = MoveTo {
        accepted,
        hold: hold(&mut checks, to, raw.hold_reason),
        until,
        resolution: checks.optional_text("resolution", raw.resolution),
        code,
        cancel,
        comment: checks.optional_text("comment", raw.comment),
        ..MoveTo::new(to.unwrap_or(State::New), Who::at_the_desk(caller))
    };
    let change = Change {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("ticket", &raw.ticket),
        what: What::Move(moved),
        expected: expected(raw.expected_version),
    };
    checks.done(change)
}

fn hold(checks: &mut Checks, to: Option<State>, raw: i32) -> Option<HoldReason> {
    if raw != 0 && to.is_some_and(|it| it != State::OnHold) {
        checks.wrong("hold_reason", "goes with TICKET_STATE_ON_HOLD only");
        return None;
    }
    if to == Some(State::OnHold) {
        return checks.word("hold_reason", raw, &HOLD);
    }
    checks.optional_word("hold_reason", raw, &HOLD)
}

pub(super) fn comment(raw: v1::CommentTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let change = Change {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("ticket", &raw.ticket),
        what: What::Comment { text: checks.text("text", raw.text), internal: raw.internal },
        expected: None,
    };
    checks.done(change)
}

pub(super) fn assign(raw: v1::AssignTicketRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let change = Change {
        request: checks.id("request_id", raw.request_id),
        ticket: checks.ticket("ticket", &raw.ticket),
        what: What::Assign {
            group: checks.id("group", raw.group),
            agent: checks.optional_id("agent", raw.agent),
        },
        expected: expected(raw.expected_version),
    };
    checks.done(change)
}

/// Which ticket, behind which position, and how many events.
pub(super) fn history(raw: &v1::ListTicketEventsRequest) -> Result<(TicketRef, u64, u32), Fault> {
    let mut checks = Checks::default();
    let ticket = checks.ticket("ticket", &raw.ticket);
    let after = checks.after_event(&raw.page_token);
    let size = checks.page_size(raw.page_size);
    checks.done((ticket, after, size))
}

/// How many events.
pub(super) fn events(raw: &v1::ListEventsRequest) -> Result<u32, Fault> {
    let mut checks = Checks::default();
    let size = checks.size(raw.page_size, 100, 500);
    checks.done(size)
}

/// One ticket, or all of them.
pub(super) fn watch(raw: &v1::WatchTicketsRequest) -> Result<Option<TicketRef>, Fault> {
    let mut checks = Checks::default();
    let ticket = (!raw.ticket.is_empty()).then(|| checks.ticket("ticket", &raw.ticket));
    checks.done(ticket)
}

pub(super) fn expected(version: u64) -> Option<u64> {
    Some(version).filter(|it| *it > 0)
}

#[cfg(test)]
mod tests;
