//! Requests about dispatch, from the contract's words to the desk's.

use crate::{
    api::parse::Checks,
    desk::{
        command::{Change, What},
        fault::Fault,
        presence::{Which, spoken_for},
    },
    domain::{duty::Away, lookup::TicketRef, people::Caller},
    proto::v1,
};

pub(super) fn accept(caller: &Caller, raw: v1::AcceptOfferRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (request, ticket) = (checks.id("request_id", raw.request_id), checks.ticket("ticket", &raw.ticket));
    let agent = checks.optional_id("agent", raw.agent);
    let (request, ticket, agent) = checks.done((request, ticket, agent))?;
    let agent = spoken_for(caller, agent)?;
    Ok(Change { request, ticket, what: What::Accept { agent }, expected: None })
}

pub(super) fn decline(caller: &Caller, raw: v1::DeclineOfferRequest) -> Result<Change, Fault> {
    let mut checks = Checks::default();
    let (request, ticket) = (checks.id("request_id", raw.request_id), checks.ticket("ticket", &raw.ticket));
    let (agent, reason) =
        (checks.optional_id("agent", raw.agent), checks.optional_text("reason", raw.reason));
    let (request, ticket, agent, reason) = checks.done((request, ticket, agent, reason))?;
    let agent = spoken_for(caller, agent)?;
    Ok(Change { request, ticket, what: What::Decline { agent, reason }, expected: None })
}

/// The request's id, the agent, and until when they are away.
pub(super) fn presence(
    caller: &Caller,
    raw: v1::SetPresenceRequest,
) -> Result<(String, String, Away), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", raw.request_id);
    let agent = checks.optional_id("agent", raw.agent);
    let until = raw.until_time.as_ref().map(|it| checks.time("until_time", it));
    if until.is_some() && !raw.away {
        checks.wrong("until_time", "goes with `away` only");
    }
    let away = if raw.away { until.map_or(Away::OPEN, Away) } else { Away::default() };
    let (request, agent) = checks.done((request, agent))?;
    Ok((request, spoken_for(caller, agent)?, away))
}

/// Whose dispatch, and the group that is asked after instead of its own.
pub(super) fn preview(raw: v1::PreviewDispatchRequest) -> Result<(Which, Option<String>), Fault> {
    let mut checks = Checks::default();
    let which = match (raw.ticket.as_str(), raw.template.as_str()) {
        ("", "") | (_, "") => Which::Ticket(checks.ticket("ticket", &raw.ticket)),
        ("", _) => Which::Template(checks.id("template", raw.template)),
        (_, _) => {
            checks.wrong("template", "goes without `ticket` only: name one of the two");
            Which::Ticket(TicketRef::Number(String::new()))
        }
    };
    let group = checks.optional_id("group", raw.group);
    checks.done((which, group))
}

/// The group, and how many.
pub(super) fn backlog(raw: v1::ListBacklogRequest) -> Result<(String, u32), Fault> {
    let mut checks = Checks::default();
    let page = (checks.id("group", raw.group), checks.page_size(raw.page_size));
    checks.done(page)
}
