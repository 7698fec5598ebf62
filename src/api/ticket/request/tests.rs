//! Requests about tickets, parsed.

use prost_types::FieldMask;

use super::*;

fn fields<T: std::fmt::Debug>(outcome: Result<T, Fault>) -> Vec<String> {
    match outcome {
        Err(Fault::Malformed(it)) => it.into_iter().map(|it| it.field).collect(),
        other => panic!("{other:?}"),
    }
}

fn agent() -> Caller {
    let tenant = crate::domain::people::Tenant::parse("acme").unwrap();
    Caller { tenant, subject: "mei".to_owned(), roles: vec![crate::domain::people::Role::Agent] }
}

fn update_of(paths: &[&str], change: v1::TicketChange) -> Result<Change, Fault> {
    update(v1::UpdateTicketRequest {
        request_id: "r".to_owned(),
        ticket: "inc-7".to_owned(),
        change: Some(change),
        update_mask: Some(FieldMask { paths: paths.iter().map(|it| (*it).to_owned()).collect() }),
        expected_version: 0,
    })
}

fn move_to(to: v1::TicketState, hold: v1::HoldReason) -> Result<Change, Fault> {
    transition(
        &agent(),
        v1::TransitionTicketRequest {
            request_id: "r".to_owned(),
            ticket: "INC-7".to_owned(),
            to: to.into(),
            hold_reason: hold.into(),
            ..Default::default()
        },
    )
}

#[test]
fn an_empty_request_names_all_that_it_lacks() {
    let empty = v1::CreateTicketRequest { impact: -1, ..Default::default() };
    assert_eq!(fields(open(empty)), ["request_id", "template", "requester", "description", "impact"]);
    assert_eq!(fields(assign(Default::default())), ["request_id", "ticket", "group"]);
    assert_eq!(fields(comment(Default::default())), ["request_id", "ticket", "text"]);
    assert_eq!(fields(transition(&agent(), Default::default())), ["to", "request_id", "ticket"]);
    assert_eq!(fields(update(Default::default())), ["update_mask", "request_id", "ticket"]);
    assert_eq!(fields(get("")), ["ticket"]);
}

#[test]
fn only_what_the_mask_names_is_read() {
    let change = v1::TicketChange { subject: " new  line ".to_owned(), impact: 99, ..Default::default() };
    let what = update_of(&["subject"], change).unwrap().what;
    let subject = Some("new line".to_owned());
    assert_eq!(what, What::Update { subject, impact: None, urgency: None, fields: vec![] });
}

#[test]
fn a_mask_names_known_paths_and_their_values_are_there() {
    let empty = v1::TicketChange::default;
    assert_eq!(fields(update_of(&[], empty())), ["update_mask"]);
    assert_eq!(fields(update_of(&["priority"], empty())), ["update_mask"]);
    assert_eq!(fields(update_of(&["*"], empty())), ["update_mask"]);
    assert_eq!(
        fields(update_of(&["subject", "impact", "urgency"], empty())),
        ["change.subject", "change.impact", "change.urgency"]
    );
}

#[test]
fn a_hold_reason_goes_with_on_hold_and_on_hold_with_a_reason() {
    use v1::{HoldReason::*, TicketState};
    assert_eq!(fields(move_to(TicketState::OnHold, Unspecified)), ["hold_reason"]);
    assert_eq!(fields(move_to(TicketState::Closed, Vendor)), ["hold_reason"]);
    let what = move_to(TicketState::OnHold, Vendor).unwrap().what;
    let hold = Some(HoldReason::Vendor);
    assert_eq!(what, What::Move(MoveTo { hold, ..MoveTo::new(State::OnHold, Who::Agent) }));
}

#[test]
fn a_list_names_every_bad_condition() {
    let filter = v1::TicketFilter {
        states: vec![1, 0, 44],
        group: "x".repeat(200),
        requester: Some(v1::Person::default()),
        ..Default::default()
    };
    let raw = v1::ListTicketsRequest { page_size: -5, page_token: "zz".to_owned(), filter: Some(filter) };
    assert_eq!(
        fields(list(raw)),
        [
            "page_size",
            "page_token",
            "filter.states[1]",
            "filter.states[2]",
            "filter.group",
            "filter.requester.issuer",
            "filter.requester.subject"
        ]
    );
    let (_, after, size) = list(v1::ListTicketsRequest::default()).unwrap();
    assert_eq!((after, size), (None, 50));
}

#[test]
fn an_expected_version_of_0_expects_nothing() {
    let assign_at = |expected_version| {
        let raw = v1::AssignTicketRequest {
            request_id: "r".to_owned(),
            ticket: "REQ-1".to_owned(),
            group: "network".to_owned(),
            expected_version,
            ..Default::default()
        };
        assign(raw).unwrap().expected
    };
    assert_eq!((assign_at(0), assign_at(3)), (None, Some(3)));
}
