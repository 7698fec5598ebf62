//! What a request asks for, as a hash that is kept with its answer: the same request again is known by
//! it. It is taken of the contract's encoding, which may grow: a request that does not use what is new
//! keeps its hash, and so a retry after an upgrade is still a retry.

use prost::Message as _;

use super::{
    changes::{NewChange, NewPlan},
    command::{Change, FollowUp, NewTicket, Part, Split, What, Wish},
    digest,
    problems::NewProblem,
};
use crate::{
    domain::{
        attachment::Attachment,
        id::TicketId,
        ticket::{MoveTo, TaskAct},
    },
    proto::{
        change::span_to,
        diagnosis::diagnosis_to,
        ticket::{person_to, values_to},
        time::time_to,
        v1, words,
    },
};

/// Of a ticket to open.
pub(super) fn of_new(new: &NewTicket) -> [u8; 32] {
    let request = v1::CreateTicketRequest {
        request_id: String::new(),
        template: new.template.clone(),
        requester: Some(person_to(&new.requester)),
        subject: new.subject.clone(),
        description: new.description.clone(),
        fields: values_to(&new.fields),
        impact: new.impact.map_or(0, words::impact_to),
        urgency: new.urgency.map_or(0, words::urgency_to),
        opened_by: new.opened_by.as_ref().map(person_to),
    };
    digest(&["open".as_bytes(), &request.encode_to_vec()])
}

/// Of a problem to open.
pub(super) fn of_problem(new: &NewProblem) -> [u8; 32] {
    let request = v1::OpenProblemRequest {
        request_id: String::new(),
        incidents: new.incidents.iter().map(|it| format!("{it:?}")).collect(),
        template: new.template.clone().unwrap_or_default(),
        subject: new.subject.clone(),
        description: new.description.clone(),
    };
    digest(&["problem".as_bytes(), &request.encode_to_vec()])
}

/// Of a change, in the sense of change enablement, to open.
pub(super) fn of_new_change(new: &NewChange) -> [u8; 32] {
    let request = v1::OpenChangeRequest {
        request_id: String::new(),
        template: new.template.clone().unwrap_or_default(),
        settles: new.settles.iter().map(|it| format!("{it:?}")).collect(),
        assets: new.assets.iter().map(|it| it.to_string()).collect(),
        subject: new.subject.clone(),
        description: new.description.clone(),
    };
    digest(&["change".as_bytes(), &request.encode_to_vec()])
}

/// Of a change. A ticket may be named by id or by number: the content is the same.
pub(super) fn of_change(id: TicketId, other: Option<TicketId>, change: &Change) -> [u8; 32] {
    let (request_id, ticket) = (String::new(), id.to_string());
    let expected_version = change.expected.unwrap_or_default();
    let (name, bytes) = match change.what.clone() {
        What::Comment { text, internal } => {
            ("comment", v1::CommentTicketRequest { request_id, ticket, text, internal }.encode_to_vec())
        }
        What::Move(it) => ("move", move_of(ticket, it, expected_version).encode_to_vec()),
        // What was seen of the calendar is nobody's request.
        What::Begin(it) => ("move", move_of(ticket, it.wanted, expected_version).encode_to_vec()),
        What::Tie(wish) => return of_wish(id, other, wish, expected_version),
        What::Assets(it) => return it.content(id, expected_version),
        What::Tell(_) => {
            ("tell", v1::PublishKnownErrorRequest { request_id, problem: ticket }.encode_to_vec())
        }
        What::Diagnose(it) => {
            // What the desk notes of it is nobody's request.
            let diagnosis = Some(diagnosis_to(&it));
            let request =
                v1::DiagnoseProblemRequest { request_id, problem: ticket, diagnosis, expected_version };
            ("diagnose", request.encode_to_vec())
        }
        What::Plan(it) => {
            let plan = Some(plan_of(*it));
            (
                "plan",
                v1::PlanChangeRequest { request_id, change: ticket, plan, expected_version }.encode_to_vec(),
            )
        }
        What::Submit => {
            let request = v1::SubmitChangeRequest { request_id, change: ticket, expected_version };
            ("submit", request.encode_to_vec())
        }
        What::Schedule(it) => {
            // What was seen of the calendar is nobody's request.
            let (override_reason, accept_collisions) = (it.wanted.reason, it.wanted.accepted);
            let request = v1::ScheduleChangeRequest {
                request_id,
                change: ticket,
                override_reason,
                accept_collisions,
                expected_version,
            };
            ("schedule", request.encode_to_vec())
        }
        What::Review(it) => {
            let (outcome, text) = (words::change_outcome_to(it.outcome), it.text);
            let request =
                v1::ReviewChangeRequest { request_id, change: ticket, outcome, text, expected_version };
            ("review", request.encode_to_vec())
        }
        What::Assign { group, agent } => {
            let agent = agent.unwrap_or_default();
            let request = v1::AssignTicketRequest { request_id, ticket, group, agent, expected_version };
            ("assign", request.encode_to_vec())
        }
        What::Accept { agent } => {
            ("accept", v1::AcceptOfferRequest { request_id, ticket, agent }.encode_to_vec())
        }
        What::Decline { agent, reason } => {
            ("decline", v1::DeclineOfferRequest { request_id, ticket, agent, reason }.encode_to_vec())
        }
        What::Task { task, act } => of_task(ticket, task, act, expected_version),
        What::Update { subject, impact, urgency, fields } => {
            let new = v1::TicketChange {
                subject: subject.unwrap_or_default(),
                impact: impact.map_or(0, words::impact_to),
                urgency: urgency.map_or(0, words::urgency_to),
                fields: values_to(&fields),
            };
            let (change, update_mask) = (Some(new), None);
            let request =
                v1::UpdateTicketRequest { request_id, ticket, change, update_mask, expected_version };
            ("update", request.encode_to_vec())
        }
    };
    digest(&[name.as_bytes(), &bytes])
}

fn plan_of(it: NewPlan) -> v1::ChangePlan {
    let answer = |(question, option)| v1::ChangeAnswer { question, option };
    v1::ChangePlan {
        implementation: it.implementation,
        test: it.test,
        back_out: it.back_out,
        window: it.window.as_ref().map(span_to),
        answers: it.answers.into_iter().map(answer).collect(),
        ..v1::ChangePlan::default()
    }
}

fn of_task(ticket: String, task: String, act: TaskAct, expected_version: u64) -> (&'static str, Vec<u8>) {
    let request_id = String::new();
    match act {
        TaskAct::Add(it) => {
            let request = v1::AddTaskRequest {
                request_id,
                ticket,
                task,
                label: it.label.en,
                group: it.group.unwrap_or_default(),
                after: it.after,
                optional: it.optional,
                checklist: it.items.into_iter().map(|it| it.label.en).collect(),
                expected_version,
            };
            ("add task", request.encode_to_vec())
        }
        TaskAct::Take { agent } => {
            let request = v1::TakeTaskRequest { request_id, ticket, task, agent, expected_version };
            ("take task", request.encode_to_vec())
        }
        TaskAct::Tick { item, done } => {
            let request =
                v1::TickTaskItemRequest { request_id, ticket, task, item, undo: !done, expected_version };
            ("tick task", request.encode_to_vec())
        }
        TaskAct::Finish { note } => {
            let request = v1::FinishTaskRequest { request_id, ticket, task, note, expected_version };
            ("finish task", request.encode_to_vec())
        }
        TaskAct::Skip { reason, anyway: _ } => {
            let request = v1::SkipTaskRequest { request_id, ticket, task, reason, expected_version };
            ("skip task", request.encode_to_vec())
        }
        TaskAct::Reopen { reason } => {
            let request = v1::ReopenTaskRequest { request_id, ticket, task, reason, expected_version };
            ("reopen task", request.encode_to_vec())
        }
    }
}

fn move_of(ticket: String, it: MoveTo, expected_version: u64) -> v1::TransitionTicketRequest {
    v1::TransitionTicketRequest {
        request_id: String::new(),
        ticket,
        to: words::state_to(it.to),
        hold_reason: it.hold.map_or(0, words::hold_to),
        resolution: it.resolution,
        expected_version,
        hold_until_time: it.until.map(time_to),
        resolution_code: it.code.map_or(0, words::code_to),
        cancel_reason: it.cancel.map_or(0, words::cancel_to),
        comment: it.comment,
        accept_collisions: it.accepted,
    }
}

fn of_wish(id: TicketId, other: Option<TicketId>, wish: Wish, expected_version: u64) -> [u8; 32] {
    let (request_id, ticket) = (String::new(), id.to_string());
    let other = other.map(|it| it.to_string()).unwrap_or_default();
    let (name, bytes) = match wish {
        Wish::Link { relation, .. } => {
            let relation = words::relation_to(relation);
            let request = v1::LinkTicketRequest { request_id, ticket, relation, other, expected_version };
            ("link", request.encode_to_vec())
        }
        Wish::Unlink { relation, .. } => {
            let relation = words::relation_to(relation);
            let request = v1::UnlinkTicketRequest { request_id, ticket, relation, other, expected_version };
            ("unlink", request.encode_to_vec())
        }
        Wish::Merge { .. } => {
            let into = other;
            ("merge", v1::MergeTicketRequest { request_id, ticket, into, expected_version }.encode_to_vec())
        }
        Wish::Watch(person) => {
            let watcher = Some(person_to(&person));
            let request = v1::AddWatcherRequest { request_id, ticket, watcher, expected_version };
            ("watch", request.encode_to_vec())
        }
        Wish::Unwatch(person) => {
            let watcher = Some(person_to(&person));
            let request = v1::RemoveWatcherRequest { request_id, ticket, watcher, expected_version };
            ("unwatch", request.encode_to_vec())
        }
        Wish::Attach(it) => ("attach", attach_of(ticket, it, expected_version)),
        Wish::Detach { id, reason } => {
            let attachment = id.to_string();
            let request =
                v1::RemoveAttachmentRequest { request_id, ticket, attachment, reason, expected_version };
            ("detach", request.encode_to_vec())
        }
    };
    digest(&[name.as_bytes(), &bytes])
}

/// The same file again has another identity and another time: neither is content.
fn attach_of(ticket: String, it: Attachment, expected_version: u64) -> Vec<u8> {
    let (request_id, content_type) = (String::new(), it.media.as_str().to_owned());
    let requester = None;
    let start = v1::UploadAttachmentStart {
        request_id,
        ticket,
        name: it.name,
        content_type,
        expected_version,
        requester,
    };
    [start.encode_to_vec(), it.hash.to_vec()].concat()
}

/// Of a ticket to make of a part of another one.
pub(super) fn of_split(id: TicketId, split: &Split) -> [u8; 32] {
    let (text, comment_position) = match &split.part {
        Part::Text(text) => (text.clone(), 0),
        Part::Comment(position) => (String::new(), *position),
    };
    let request = v1::SplitTicketRequest {
        request_id: String::new(),
        ticket: id.to_string(),
        text,
        comment_position,
        template: split.template.clone().unwrap_or_default(),
        subject: split.subject.clone(),
        fields: values_to(&split.fields),
        expected_version: split.expected.unwrap_or_default(),
    };
    digest(&["split".as_bytes(), &request.encode_to_vec()])
}

/// Of a ticket that goes on where another one ended.
pub(super) fn of_follow_up(id: TicketId, it: &FollowUp) -> [u8; 32] {
    let (request_id, ticket, text) = (String::new(), id.to_string(), it.text.clone());
    let request = v1::FollowUpTicketRequest { request_id, ticket, text };
    digest(&["follow up".as_bytes(), &request.encode_to_vec()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::Slot,
        lifecycle::{State, Who},
        lookup::TicketRef,
        people::Person,
        priority::{Impact, Urgency},
    };

    fn hex(hash: [u8; 32]) -> String {
        hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }

    /// They stand in databases: when one of these changes, honest retries are refused after an upgrade.
    #[test]
    fn what_is_kept_with_old_requests_stays() {
        let id = TicketId::new([7; 16], Slot(0));
        let of = |what| {
            let ticket = TicketRef::Id(id);
            hex(of_change(id, None, &Change { request: "r-1".into(), ticket, what, expected: Some(3) }))
        };
        let new = NewTicket {
            request: "r-1".into(),
            template: "printer_fault".into(),
            requester: Person { issuer: "chat".into(), subject: "ada".into(), name: "Ada".into() },
            subject: "Jam".into(),
            description: "It jams".into(),
            fields: vec![],
            impact: Some(Impact::Person),
            urgency: None,
            opened_by: None,
        };
        let got = [
            hex(of_new(&new)),
            of(What::Comment { text: "hi".into(), internal: true }),
            of(What::Move(MoveTo::new(State::Closed, Who::Agent))),
            of(What::Assign { group: "network".into(), agent: None }),
            of(What::Update { subject: None, impact: None, urgency: Some(Urgency::High), fields: vec![] }),
        ];
        assert_eq!(got, ["fcae5c7f", "a5f2553f", "27309a4d", "8cf81d33", "6d3bc5c2"]);
    }
}
