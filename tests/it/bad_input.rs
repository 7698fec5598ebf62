//! Bad input and bad days, through the front door of the shipped program: what a caller sees, and what
//! is kept. Each test is a row of what the service promises its callers.

mod broken;
mod conflict;
mod crash;
mod crowded;
mod delivery;
mod files;
mod malformed;
mod outage;

use ticket_dispatch::{client::Client, proto::v1};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

/// Somebody who needs help.
fn employee() -> v1::Person {
    v1::Person { issuer: "chat".into(), subject: "ada".into(), display_name: "Ada".into() }
}

/// A ticket to open, with nothing wrong about it.
fn printer(request_id: &str) -> v1::CreateTicketRequest {
    v1::CreateTicketRequest {
        request_id: request_id.into(),
        template: "printer_fault".into(),
        requester: Some(employee()),
        description: "The printer on the second floor jams.".into(),
        fields: vec![jam()],
        ..v1::CreateTicketRequest::default()
    }
}

fn jam() -> v1::FieldValue {
    let value = Some(v1::field_value::Value::Choice("jam".into()));
    v1::FieldValue { field: "symptom".into(), value }
}

/// A message with nothing wrong about it.
fn hello(message_id: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        message_id: message_id.into(),
        conversation: "thread-1".into(),
        requester: Some(employee()),
        text: "hello".into(),
        language: 0,
    }
}

/// A move to another state that expects no version.
fn to(state: v1::TicketState, request_id: &str, ticket: &str) -> v1::TransitionTicketRequest {
    v1::TransitionTicketRequest {
        request_id: request_id.into(),
        ticket: ticket.into(),
        to: state.into(),
        ..v1::TransitionTicketRequest::default()
    }
}

async fn open(client: &Client, request: v1::CreateTicketRequest) -> Result<v1::Ticket, Status> {
    let answer = client.tickets().create_ticket(request).await?.into_inner();
    Ok(answer.ticket.unwrap())
}

async fn read(client: &Client, ticket: &str) -> Result<v1::Ticket, Status> {
    let answer = client.tickets().get_ticket(v1::GetTicketRequest { ticket: ticket.into() }).await?;
    Ok(answer.into_inner().ticket.unwrap())
}

/// Every ticket of the caller's tenant, newest first.
async fn all(client: &Client) -> Vec<v1::Ticket> {
    let (mut tickets, mut page_token) = (vec![], String::new());
    loop {
        let request = v1::ListTicketsRequest { page_size: 200, page_token, filter: None };
        let page = client.tickets().list_tickets(request).await.unwrap().into_inner();
        tickets.extend(page.tickets);
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return tickets;
        }
    }
}

/// The fields that a refusal names.
fn fields(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let bad = details.bad_request().map(|it| it.field_violations.clone()).unwrap_or_default();
    bad.into_iter().map(|it| it.field).collect()
}

/// What a refusal says to programs.
fn reason(status: &Status) -> String {
    status.get_error_details().error_info().map(|it| it.reason.clone()).unwrap_or_default()
}

/// All that travels of a refusal.
fn bytes(status: &Status) -> (Code, String, Vec<u8>) {
    (status.code(), status.message().to_owned(), status.details().to_vec())
}

/// Fails unless the refusal has this code and says when to come back.
#[track_caller]
fn assert_come_back(status: &Status, code: Code) {
    assert_eq!(status.code(), code, "{status:?}");
    let delay = status.get_error_details().retry_info().and_then(|it| it.retry_delay);
    assert!(delay.is_some_and(|it| !it.is_zero()), "{status:?} says not when to come back");
}

/// The same refusal or answer, byte for byte.
#[track_caller]
fn assert_same<T: prost::Message>(one: &T, other: &T) {
    assert_eq!(one.encode_to_vec(), other.encode_to_vec());
}
