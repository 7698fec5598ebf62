//! Life cycles on the real program: who may move a ticket, waiting until a time, merging, splitting, parents and
//! children, watchers, notes among agents, and files.

mod files;
mod merged;
mod stage;
mod ties;
mod uploads;

use ticket_dispatch::proto::v1::{self, HoldReason, LinkRelation, ResolutionCode, TicketState, event::Fact};
use tonic::Code;
use tonic_types::StatusExt;

use crate::{app::Settings, parts::installed::Part};
use stage::{Desk, links, to};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_role_mask_narrows_the_life_cycle_and_the_refusal_names_what_is_left() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (agent, manager) = (desk.app.token("default", "agent"), desk.app.token("default", "manager"));
    let mut desk = desk.holding(agent);
    let ticket = desk.open("ada").await;
    desk.resolve(&ticket.number).await;
    let refused = desk.go(to(&ticket.number, TicketState::Closed)).await.unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition);
    let only = "only for: requester, manager, system; now it may become assigned";
    assert!(refused.message().contains(only), "{}", refused.message());
    let details = refused.get_error_details();
    assert_eq!(details.error_info().unwrap().metadata["allowed"], "assigned");
    desk.hold(Some(manager));
    assert_eq!(desk.go(to(&ticket.number, TicketState::Closed)).await.unwrap().state(), TicketState::Closed);
}

/// A pause with an end: nobody has to remember it.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_ticket_on_hold_until_a_time_goes_on_by_itself() {
    if Part::Faketime.is_missing() {
        return;
    }
    let mut desk = Desk::start(Settings::default().clock());
    desk.app.set_clock("2027-03-01T10:00:00Z");
    let ticket = desk.open("ada").await;
    let until = |seconds| Some(pbjson_types::Timestamp { seconds, nanos: 0 });
    let noon = 1_803_902_400;
    let past = v1::TransitionTicketRequest {
        hold_until_time: until(noon - 86_400),
        ..to(&ticket.number, TicketState::OnHold)
    };
    let refused = desk.go(past.clone()).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["hold_until_time".into()]));
    let held = desk.go(v1::TransitionTicketRequest { hold_until_time: until(noon), ..past }).await.unwrap();
    assert_eq!((held.state(), held.hold_until_time), (TicketState::OnHold, until(noon)));

    // It is waiting while the program is down, too.
    desk.app.kill();
    desk.app.restart();
    desk.app.set_clock("2027-03-01T11:59:00Z");
    assert_eq!(desk.get(&ticket.number).await.state(), TicketState::OnHold);
    desk.app.set_clock("2027-03-01T12:00:01Z");
    desk.until(|| async { desk.get(&ticket.number).await.state() == TicketState::Assigned }).await;
    let on = desk.get(&ticket.number).await;
    assert_eq!(
        (on.hold_until_time, on.hold_reason(), on.response_time),
        (None, HoldReason::Unspecified, None)
    );
    let pause = on.pauses.last().unwrap();
    assert!(pause.to.as_ref().unwrap().seconds >= noon, "{pause:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_move_says_what_it_must_and_nothing_else() {
    let desk = Desk::start(Settings::default());
    let ticket = desk.open("ada").await;
    let asked = |comment: &str| v1::TransitionTicketRequest {
        hold_reason: HoldReason::Requester.into(),
        comment: comment.to_owned(),
        ..to(&ticket.number, TicketState::OnHold)
    };
    let cases = [
        (asked(""), "comment"),
        (
            v1::TransitionTicketRequest { cancel_reason: 0, ..to(&ticket.number, TicketState::Cancelled) },
            "cancel_reason",
        ),
        (
            v1::TransitionTicketRequest {
                resolution: " ".into(),
                ..to(&ticket.number, TicketState::Resolved)
            },
            "resolution",
        ),
        (
            v1::TransitionTicketRequest { hold_reason: 0, ..to(&ticket.number, TicketState::OnHold) },
            "hold_reason",
        ),
        (
            v1::TransitionTicketRequest { resolution_code: 77, ..to(&ticket.number, TicketState::Resolved) },
            "resolution_code",
        ),
        (
            v1::TransitionTicketRequest {
                resolution_code: ResolutionCode::Fixed.into(),
                ..to(&ticket.number, TicketState::InProgress)
            },
            "resolution_code",
        ),
        (
            v1::TransitionTicketRequest {
                cancel_reason: v1::CancelReason::Duplicate.into(),
                ..to(&ticket.number, TicketState::InProgress)
            },
            "cancel_reason",
        ),
    ];
    for (request, field) in cases {
        let refused = desk.go(request).await.unwrap_err();
        assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec![field.to_owned()]));
    }
    assert_eq!(desk.get(&ticket.number).await.version, ticket.version, "nothing changed");

    let held = desk.go(asked("Which floor?")).await.unwrap();
    assert_eq!((held.state(), held.comments), (TicketState::OnHold, 1));
    let resolved = v1::TransitionTicketRequest {
        resolution_code: ResolutionCode::Workaround.into(),
        ..to(&ticket.number, TicketState::Resolved)
    };
    let resolved = desk.go(resolved).await.unwrap();
    assert_eq!(resolved.resolution_code(), ResolutionCode::Workaround);
    let silent =
        v1::TransitionTicketRequest { comment: String::new(), ..to(&ticket.number, TicketState::Assigned) };
    let refused = desk.go(silent).await.unwrap_err();
    assert_eq!((refused.code(), fields(&refused)), (Code::InvalidArgument, vec!["comment".to_owned()]));
    let again = desk.go(to(&ticket.number, TicketState::Assigned)).await.unwrap();
    assert_eq!((again.reopens, again.resolution_code()), (1, ResolutionCode::Unspecified));
    desk.resolve(&ticket.number).await;
    assert_eq!(desk.go(to(&ticket.number, TicketState::Assigned)).await.unwrap().reopens, 2);
}

/// The bot answers an employee, and events go to whoever may work on tickets: a note among agents stays with them.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn notes_among_agents_reach_no_requester_and_no_bot() {
    let desk = Desk::start(Settings::default().env("DISPATCH_AUTH_MODE", "tokens"));
    let (agent, bot) = (desk.app.token("default", "agent"), desk.app.token("default", "bot"));
    let mut desk = desk.holding(agent);
    let ticket = desk.open("ada").await;
    const NOTE: &str = "ada is on the list of leavers";
    desk.comment(&ticket.number, NOTE, true).await.unwrap();
    let shown = desk.get(&ticket.number).await;
    assert!(!format!("{shown:?}").contains(NOTE), "not on the ticket itself");

    let mut client = desk.app.client(Some(&bot)).conversations();
    for (place, text) in
        ["status", &format!("how is {}?", ticket.number), "what did you do?"].iter().enumerate()
    {
        let message = v1::SendMessageRequest {
            message_id: format!("m-{place}"),
            conversation: "room".to_owned(),
            requester: Some(stage::person("ada")),
            text: (*text).to_owned(),
            ..Default::default()
        };
        let answer = client.send_message(message).await.unwrap().into_inner();
        assert!(!format!("{answer:?}").contains(NOTE), "{answer:?}");
    }
    desk.hold(Some(bot));
    let (number, mut tickets) = (ticket.number.clone(), desk.tickets());
    let history = v1::ListTicketEventsRequest { ticket: number.clone(), ..Default::default() };
    let denied = [
        tickets.list_ticket_events(desk.request(history)).await.map(drop),
        tickets.list_events(desk.request(v1::ListEventsRequest::default())).await.map(drop),
        tickets.watch_tickets(desk.request(v1::WatchTicketsRequest { ticket: number })).await.map(drop),
        desk.find(&ticket.number).await.map(drop),
        desk.download(&ticket.number, "att_00000000000000000000000000000000").await.map(drop),
    ];
    for it in denied {
        assert_eq!(it.unwrap_err().code(), Code::PermissionDenied);
    }
}

/// Two agents open a ticket within seconds, and one undoes what the other did.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn who_expects_another_version_is_told_and_who_expects_none_is_decided_anew() {
    let desk = Desk::start(Settings::default());
    let (ticket, other) = (desk.open("ada").await, desk.open("bo").await);
    desk.comment(&ticket.number, "Looking at it", false).await.unwrap();
    let (number, stale) = (ticket.number.clone(), ticket.version);
    let (ticket, other) = (number.clone(), other.number.clone());
    let mut tickets = desk.tickets();
    let request_id = || desk.next();
    let aborted = [
        desk.watch(&number, "cy", stale).await.map(drop),
        tickets
            .merge_ticket(v1::MergeTicketRequest {
                request_id: request_id(),
                ticket: ticket.clone(),
                into: other.clone(),
                expected_version: stale,
            })
            .await
            .map(drop),
        tickets
            .link_ticket(v1::LinkTicketRequest {
                request_id: request_id(),
                ticket: ticket.clone(),
                relation: LinkRelation::Related.into(),
                other: other.clone(),
                expected_version: stale,
            })
            .await
            .map(drop),
        desk.split(v1::SplitTicketRequest {
            ticket: ticket.clone(),
            text: "And the printer jams".to_owned(),
            expected_version: stale,
            ..Default::default()
        })
        .await
        .map(drop),
        desk.upload(
            v1::UploadAttachmentStart {
                expected_version: stale,
                ..desk.file(&ticket, "a.txt", "text/plain")
            },
            b"It drops",
        )
        .await
        .map(drop),
    ];
    for it in aborted {
        assert_eq!(it.unwrap_err().code(), Code::Aborted);
    }
    assert!(links(&desk.get(&number).await).is_empty());
    // Two merges at the same moment, each of which would be fine without the other: one happens.
    let (one, two) = tokio::join!(desk.merge(&number, &other), desk.merge(&other, &number));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let refused = one.and(two).unwrap_err();
    assert_eq!(refused.code(), Code::FailedPrecondition, "{refused}");
}

/// A goodbye after the end starts clocks, or brings the ticket back.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn thanks_after_the_end_change_neither_state_nor_clocks() {
    let desk = Desk::start(Settings::default());
    let mut client = desk.app.client(None).conversations();
    let ticket = desk.open("ada").await;
    desk.comment(&ticket.number, "Try again now", false).await.unwrap();
    let resolved = desk.resolve(&ticket.number).await;
    for (place, text) in ["thank you so much!", "thanks, bye", "works, thank you"].into_iter().enumerate() {
        let message = v1::SendMessageRequest {
            message_id: format!("m-{place}"),
            conversation: "room".to_owned(),
            requester: Some(stage::person("ada")),
            text: text.to_owned(),
            ..Default::default()
        };
        client.send_message(message).await.unwrap();
        let after = desk.get(&ticket.number).await;
        assert!(matches!(after.state(), TicketState::Resolved | TicketState::Closed), "{text}");
        assert_eq!(after.resolve_time, resolved.resolve_time, "{text}");
        assert_eq!((after.asked_time, after.next_response_due, after.reopens), (None, None, 0), "{text}");
        assert_eq!(after.pauses, resolved.pauses, "{text}");
    }
    let moves = desk.events(&ticket.number).await.into_iter().filter(|it| {
        matches!(&it.fact, Some(Fact::TicketMoved(it)) if it.from() == TicketState::Resolved && it.to() != TicketState::Closed)
    });
    assert_eq!(moves.count(), 0);
}

/// The requester says in the chat that what was closed is back; and asks after one that was merged.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn in_the_chat_a_closed_ticket_is_followed_and_a_merged_one_names_its_survivor() {
    let desk = Desk::start(Settings::default());
    let mut client = desk.app.client(None).conversations();
    let mut sent = 0;
    let mut say = async |text: String| {
        sent += 1;
        let message = v1::SendMessageRequest {
            message_id: format!("m-{sent}"),
            conversation: "room".to_owned(),
            requester: Some(stage::person("ada")),
            text,
            ..Default::default()
        };
        client.send_message(message).await.unwrap().into_inner()
    };
    let ticket = desk.open("ada").await;
    desk.close(&ticket.number).await;
    say(format!("please reopen {}, the problem is back", ticket.number)).await;
    let answer = say("yes".to_owned()).await;
    let new = desk.get(&answer.ticket.unwrap().id).await;
    assert_eq!(links(&new), [(LinkRelation::Follows, ticket.number.as_str())]);
    assert_eq!(links(&desk.get(&ticket.number).await), [(LinkRelation::FollowedBy, new.number.as_str())]);

    let survivor = desk.open("bo").await;
    desk.merge(&new.number, &survivor.number).await.unwrap();
    for text in [format!("what is the status of {}?", new.number), format!("please reopen {}", new.number)] {
        let answer = say(text).await.text;
        assert!(answer.contains(&format!("merged into {}", survivor.number)), "{answer}");
    }
}

fn fields(status: &tonic::Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = details.bad_request().map(|it| it.field_violations.clone()).unwrap_or_default();
    violations.into_iter().map(|it| it.field).collect()
}
