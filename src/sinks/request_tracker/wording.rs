//! What agents read in Request Tracker: plain text, one fact a line.

use crate::{
    domain::{
        sla::{Goal, MISSED},
        time::Timestamp,
    },
    proto::{
        time::time_from,
        v1::{self, CancelReason, HoldReason, field_value::Value, ticket_task_changed::Change},
        words,
    },
};

/// The first message of a record.
pub fn opened(ticket: &v1::Ticket) -> String {
    let person = ticket.requester.as_ref();
    let due = |label, at: Option<&pbjson_types::Timestamp>| line(label, &at.map_or_else(String::new, when));
    let lines = [
        ticket.description.clone(),
        String::new(),
        line("Ticket", &ticket.number),
        line("Requester", &person.map_or_else(String::new, who)),
        line("Template", &ticket.template),
        line("Service", &ticket.service),
        line("Priority", &priority(ticket.priority)),
        line("Impact", words::impact_from(ticket.impact).map_or("", |it| it.as_str())),
        line("Urgency", words::urgency_from(ticket.urgency).map_or("", |it| it.as_str())),
        line("Group", &ticket.group),
        line("Agent", &ticket.agent),
        due("First answer due", ticket.response_due.as_ref()),
        due("Resolution due", ticket.resolution_due.as_ref()),
        line("Tasks", &ticket.tasks.iter().map(|it| it.label_en.as_str()).collect::<Vec<_>>().join("; ")),
    ];
    let fields = ticket.fields.iter().map(|it| line(&it.field, &value(it)));
    let kept = lines.into_iter().enumerate().filter(|(at, it)| *at < 2 || !it.is_empty()).map(|(_, it)| it);
    kept.chain(fields).collect::<Vec<_>>().join("\n")
}

/// Something that was said.
pub fn commented(said: &v1::TicketCommented) -> String {
    let role = if said.by_requester { "requester" } else { "agent" };
    let from =
        if said.carried_from.is_empty() { String::new() } else { format!(", on {}", said.carried_from) };
    format!("{} ({role}{from}):\n\n{}", said.author, said.text)
}

/// What was said with a move: what was done, or what it waits for.
pub fn moved(moved: &v1::TicketMoved) -> Option<String> {
    if !moved.resolution.trim().is_empty() {
        return Some(moved.resolution.clone());
    }
    match moved.hold_reason() {
        HoldReason::Unspecified => cancelled(moved.cancel_reason()),
        HoldReason::Requester => Some("On hold: waits for the requester's answer.".to_owned()),
        HoldReason::Vendor => Some("On hold: waits for a supplier.".to_owned()),
        HoldReason::Change => Some("On hold: waits for a change to be carried out.".to_owned()),
        HoldReason::Problem => Some("On hold: waits for a problem to be solved.".to_owned()),
    }
}

fn cancelled(why: CancelReason) -> Option<String> {
    match why {
        CancelReason::Unspecified => None,
        CancelReason::Duplicate => Some("Cancelled: another ticket has it.".to_owned()),
        CancelReason::NotForDesk => Some("Cancelled: it is nothing for the desk.".to_owned()),
        CancelReason::Withdrawn => Some("Cancelled: the requester wants it no more.".to_owned()),
    }
}

/// An assignment to somebody who is no user there.
pub fn assigned(given: &v1::TicketAssigned) -> String {
    format!("Assigned to {} of group {}.", given.agent, given.group)
}

/// What a comment says of a clock that came to a step.
pub fn escalated(it: &v1::TicketEscalated) -> String {
    let step = it.escalation.unwrap_or_default();
    let goal = words::goal_from(step.goal).map_or("work", Goal::name);
    let since = it.reached_time.as_ref().map_or_else(String::new, when);
    if step.percent < MISSED {
        format!("SLA: {}% of the time for the {goal} has passed ({since})", step.percent)
    } else {
        format!("SLA: the {goal} is late ({}% of its time, {since})", step.percent)
    }
}

/// What a comment says of a task that was added or has ended.
pub fn task(changed: &v1::TicketTaskChanged) -> Option<String> {
    let ended = |how: &str, end: &v1::TaskEnding| {
        let note = if end.note.is_empty() { String::new() } else { format!(": {}", end.note) };
        Some(format!("Task {} {how} by {}{note}", changed.task, end.by))
    };
    match changed.change.as_ref()? {
        Change::Added(task) => Some(format!("Task {} added: {}", changed.task, task.label_en)),
        Change::Done(end) => ended("done", end),
        Change::Skipped(end) => ended("left out", end),
        Change::ReopenedBecause(why) => Some(format!("Task {} goes on: {why}", changed.task)),
        Change::TakenBy(_) | Change::TickedItem(_) | Change::UntickedItem(_) => None,
    }
}

/// Values that changed and that no field of a record holds.
pub fn updated(changed: &v1::TicketUpdated) -> Option<String> {
    let at = |it: &Option<pbjson_types::Timestamp>| it.as_ref().map_or_else(String::new, when);
    let lines = [
        line("Priority", &priority(changed.priority)),
        line("Impact", words::impact_from(changed.impact).map_or("", |it| it.as_str())),
        line("Urgency", words::urgency_from(changed.urgency).map_or("", |it| it.as_str())),
        line("First answer due", &at(&changed.response_due)),
        line("Resolution due", &at(&changed.resolution_due)),
    ];
    // A clock that went on or stood still changes due times by itself; nobody need read of each.
    let is_moved = changed.priority == 0 && changed.impact == 0 && changed.urgency == 0;
    let lines = if is_moved && changed.due_changed { Default::default() } else { lines };
    let fields = changed.fields.iter().map(|it| line(&it.field, &value(it)));
    let lines: Vec<String> = lines.into_iter().chain(fields).filter(|it| !it.is_empty()).collect();
    (!lines.is_empty()).then(|| format!("Changed:\n{}", lines.join("\n")))
}

/// Empty when there is nothing to say.
fn line(label: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{label}: {value}") }
}

fn who(person: &v1::Person) -> String {
    let name = if person.display_name.is_empty() { &person.subject } else { &person.display_name };
    format!("{name} ({} at {})", person.subject, person.issuer)
}

fn priority(number: i32) -> String {
    words::priority_from(number).map_or_else(String::new, |it| it.as_str().to_owned())
}

fn when(at: &pbjson_types::Timestamp) -> String {
    time_from(at).rfc3339()
}

fn value(field: &v1::FieldValue) -> String {
    match &field.value {
        None => String::new(),
        Some(Value::Number(it)) => it.to_string(),
        Some(Value::DateTime(it)) => Timestamp::rfc3339(time_from(it)),
        Some(
            Value::Text(it) | Value::Choice(it) | Value::Asset(it) | Value::Person(it) | Value::Location(it),
        ) => it.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_opens_with_what_was_said_and_one_fact_a_line() {
        let ticket = v1::Ticket {
            number: "INC-000007".to_owned(),
            description: "VPN drops\nevery hour".to_owned(),
            template: "vpn".to_owned(),
            priority: v1::Priority::P3.into(),
            requester: Some(v1::Person {
                issuer: "chat".into(),
                subject: "u1".into(),
                display_name: String::new(),
            }),
            fields: vec![v1::FieldValue {
                field: "location".into(),
                value: Some(Value::Location("Zürich".into())),
            }],
            resolution_due: Some(pbjson_types::Timestamp { seconds: 1_767_225_600, nanos: 0 }),
            ..v1::Ticket::default()
        };
        let right = "VPN drops\nevery hour\n\nTicket: INC-000007\nRequester: u1 (u1 at chat)\nTemplate: vpn\n\
                     Priority: P3\nResolution due: 2026-01-01T00:00:00Z\nlocation: Zürich";
        assert_eq!(opened(&ticket), right);
    }

    #[test]
    fn a_change_that_changes_only_the_subject_needs_no_words() {
        let changed = v1::TicketUpdated { subject: Some("x".to_owned()), ..v1::TicketUpdated::default() };
        assert_eq!(updated(&changed), None);
        let changed = v1::TicketUpdated { priority: v1::Priority::P1.into(), ..changed };
        assert_eq!(updated(&changed).as_deref(), Some("Changed:\nPriority: P1"));
    }
}
