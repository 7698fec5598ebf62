//! What makes sense and may not be: unknown ids, ids used twice, moves that the life cycle does not
//! have, and versions that are stale.

use ticket_dispatch::proto::v1;
use tonic::Code;

use super::{all, assert_same, bytes, hello, open, printer, read, reason, to};
use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_unknown_ticket_and_another_tenants_are_refused_with_the_same_bytes() {
    let app = App::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let ours = app.client(Some(&app.token("acme", "agent")));
    let theirs = app.client(Some(&app.token("globex", "agent")));
    let ticket = open(&ours, printer("r-1")).await.unwrap();
    assert_eq!(read(&ours, &ticket.id).await.unwrap(), ticket);

    // One that nobody has, and differs in a digit only.
    let unknown = format!("{}{}", &ticket.id[..35], if ticket.id.ends_with('0') { '1' } else { '0' });
    let (foreign, none) =
        (read(&theirs, &ticket.id).await.unwrap_err(), read(&theirs, &unknown).await.unwrap_err());
    assert_eq!(foreign.code(), Code::NotFound);
    assert_eq!(bytes(&foreign), bytes(&none));
    let number = read(&theirs, &ticket.number).await.unwrap_err();
    assert_eq!(bytes(&number), bytes(&none));

    let comment = |ticket: &str| v1::CommentTicketRequest {
        request_id: "r-2".into(),
        ticket: ticket.into(),
        text: "mine now".into(),
        internal: false,
    };
    let foreign = theirs.tickets().comment_ticket(comment(&ticket.id)).await.unwrap_err();
    let none = theirs.tickets().comment_ticket(comment(&unknown)).await.unwrap_err();
    assert_eq!((foreign.code(), bytes(&foreign)), (Code::NotFound, bytes(&none)));
    assert_eq!(all(&theirs).await, []);
    assert_eq!(read(&ours, &ticket.id).await.unwrap(), ticket);
    // A request id of one tenant says nothing to another.
    assert_ne!(open(&theirs, printer("r-1")).await.unwrap().id, ticket.id);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_same_request_gets_the_same_bytes_and_has_one_effect() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let first = open(&client, printer("r-1")).await.unwrap();
    let start = || to(v1::TicketState::InProgress, "r-2", &first.id);
    let moved = client.tickets().transition_ticket(start()).await.unwrap().into_inner();

    // Even after the ticket has changed meanwhile.
    assert_same(&open(&client, printer("r-1")).await.unwrap(), &first);
    assert_same(&client.tickets().transition_ticket(start()).await.unwrap().into_inner(), &moved);
    let (one, other) = tokio::join!(client.send(hello("m-1")), client.send(hello("m-1")));
    assert_same(&one.unwrap(), &other.unwrap());
    assert_eq!(all(&client).await.len(), 1);
    assert_eq!(read(&client, &first.id).await.unwrap().version, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_request_id_with_other_content_is_refused_by_its_name() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let ticket = open(&client, printer("r-1")).await.unwrap();
    let other = v1::CreateTicketRequest { description: "Something else.".into(), ..printer("r-1") };
    let status = open(&client, other).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::AlreadyExists, "REQUEST_REUSED"));
    assert!(status.message().contains("`r-1`"), "{status:?}");
    // Nor may another kind of call use it.
    let moved = to(v1::TicketState::InProgress, "r-1", &ticket.id);
    let status = client.tickets().transition_ticket(moved).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);

    client.conversations().send_message(hello("m-1")).await.unwrap();
    let edited = v1::SendMessageRequest { text: "hello!".into(), ..hello("m-1") };
    let status = client.conversations().send_message(edited).await.unwrap_err();
    assert_eq!(status.code(), Code::AlreadyExists);
    assert!(status.message().contains("`m-1`"), "{status:?}");
    assert_eq!(all(&client).await, [ticket]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_illegal_move_is_refused_with_what_is_allowed_now() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let ticket = open(&client, printer("r-1")).await.unwrap();
    assert_eq!(ticket.state(), v1::TicketState::Assigned);
    let closed = to(v1::TicketState::Closed, "r-2", &ticket.id);
    let status = client.tickets().transition_ticket(closed).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    let details = tonic_types::StatusExt::get_error_details(&status);
    assert_eq!(
        details.error_info().unwrap().metadata["allowed"],
        "in_progress,on_hold,resolved,cancelled",
        "{status:?}"
    );
    assert!(status.message().contains("in_progress, on_hold, resolved, cancelled"), "{status:?}");
    let unresolved = to(v1::TicketState::Resolved, "r-2", &ticket.id);
    let status = client.tickets().transition_ticket(unresolved).await.unwrap_err();
    assert!(status.message().contains("resolution"), "{status:?}");
    assert_eq!(read(&client, &ticket.id).await.unwrap(), ticket);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_stale_version_is_aborted_and_none_expected_is_decided_on_the_new_state() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let ticket = open(&client, printer("r-1")).await.unwrap();
    let start = to(v1::TicketState::InProgress, "r-2", &ticket.id);
    let start = v1::TransitionTicketRequest { expected_version: ticket.version, ..start };
    client.tickets().transition_ticket(start).await.unwrap();

    let assign = |request_id: &str, expected_version| v1::AssignTicketRequest {
        request_id: request_id.into(),
        ticket: ticket.id.clone(),
        group: "network".into(),
        agent: String::new(),
        expected_version,
    };
    let status = client.tickets().assign_ticket(assign("r-3", ticket.version)).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::Aborted, "STALE"), "{status:?}");
    assert_eq!(read(&client, &ticket.id).await.unwrap().group, ticket.group);
    let assigned = client.tickets().assign_ticket(assign("r-4", 0)).await.unwrap().into_inner().ticket;
    assert_eq!(assigned.unwrap().group, "network");
}
