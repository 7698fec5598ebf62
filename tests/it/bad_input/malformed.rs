//! What makes no sense is refused with every bad field named at once, and changes nothing.

use ticket_dispatch::proto::v1::{self, field_value::Value};
use tokio_stream::StreamExt as _;
use tonic::Code;

use super::{all, employee, fields, hello, open, printer, read, reason, to};
use crate::app::{App, Settings};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_bad_message_names_every_bad_field_and_says_nothing_to_the_conversation() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let bad = v1::SendMessageRequest {
        message_id: "m".repeat(129),
        conversation: "  ".into(),
        requester: Some(v1::Person { issuer: "chat\u{7}".into(), ..v1::Person::default() }),
        text: "a\0b".into(),
        language: 99,
    };
    let status = client.conversations().send_message(bad).await.unwrap_err();
    assert_eq!((status.code(), reason(&status).as_str()), (Code::InvalidArgument, "MALFORMED"));
    let named = ["message_id", "conversation", "requester.issuer", "requester.subject", "text", "language"];
    assert_eq!(fields(&status), named, "{status:?}");

    // Its id is still free, and the bounds themselves are within.
    let longest =
        v1::SendMessageRequest { message_id: "m".repeat(128), text: "x".repeat(16 * 1024), ..hello("m") };
    client.conversations().send_message(longest.clone()).await.unwrap();
    let longer = v1::SendMessageRequest { message_id: "n".into(), text: longest.text + "x", ..hello("n") };
    let status = client.conversations().send_message(longer).await.unwrap_err();
    assert_eq!(fields(&status), ["text"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_bad_ticket_names_every_bad_field_and_is_not_opened() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let value = |field: &str, value| v1::FieldValue { field: field.into(), value };
    let bad = v1::CreateTicketRequest {
        request_id: String::new(),
        template: String::new(),
        requester: None,
        subject: "s".repeat(121),
        description: "\u{1b}[2J".into(),
        fields: vec![value("", None), value("room", Some(Value::Number(f64::NAN)))],
        impact: 7,
        urgency: -1,
        ..Default::default()
    };
    let status = open(&client, bad).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let named = [
        "request_id",
        "template",
        "requester",
        "subject",
        "description",
        "fields[0].field",
        "fields[0]",
        "fields[1]",
        "impact",
        "urgency",
    ];
    assert_eq!(fields(&status), named, "{status:?}");

    let unknown = v1::CreateTicketRequest { template: "pony_request".into(), ..printer("r-1") };
    let status = open(&client, unknown).await.unwrap_err();
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["template".to_owned()]));
    assert!(status.message().contains("pony_request"), "{status:?}");

    // Values that are values, and do not fit the template.
    let unfit = v1::CreateTicketRequest {
        template: "hardware_fault".into(),
        fields: vec![
            value("device", Some(Value::Choice("toaster".into()))),
            value("asset", Some(Value::Number(3.0))),
            value("wings", Some(Value::Text("two".into()))),
        ],
        ..printer("r-1")
    };
    let status = open(&client, unfit).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(sorted(fields(&status)), ["fields.asset", "fields.device", "fields.wings"], "{status:?}");
    assert_eq!(all(&client).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn bad_combinations_are_refused_and_the_ticket_stays_as_it_is() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let ticket = open(&client, printer("r-1")).await.unwrap();
    let mut tickets = client.tickets();

    let held = v1::TransitionTicketRequest {
        hold_reason: v1::HoldReason::Vendor.into(),
        ..to(v1::TicketState::InProgress, "r-2", &ticket.id)
    };
    let status = tickets.transition_ticket(held).await.unwrap_err();
    assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["hold_reason".to_owned()]));
    let unheld = to(v1::TicketState::OnHold, "r-2", "nonsense");
    let status = tickets.transition_ticket(unheld).await.unwrap_err();
    assert_eq!(sorted(fields(&status)), ["hold_reason", "ticket"]);

    let update = v1::UpdateTicketRequest {
        request_id: "r-2".into(),
        ticket: ticket.number.clone(),
        change: Some(v1::TicketChange { impact: 0, ..v1::TicketChange::default() }),
        update_mask: Some(mask(&["subject", "impact"])),
        expected_version: 0,
    };
    let status = tickets.update_ticket(update.clone()).await.unwrap_err();
    assert_eq!(fields(&status), ["change.subject", "change.impact"]);
    let masked = v1::UpdateTicketRequest { update_mask: Some(mask(&["number"])), ..update };
    let status = tickets.update_ticket(masked).await.unwrap_err();
    assert_eq!(fields(&status), ["update_mask"]);

    let page = v1::ListTicketsRequest { page_size: 201, page_token: "?".into(), filter: None };
    let status = tickets.list_tickets(page).await.unwrap_err();
    assert_eq!(sorted(fields(&status)), ["page_size", "page_token"]);
    let stranger = v1::Person { issuer: String::new(), ..employee() };
    let filter = v1::TicketFilter { states: vec![44], requester: Some(stranger), ..Default::default() };
    let page = v1::ListTicketsRequest { filter: Some(filter), ..Default::default() };
    let status = tickets.list_tickets(page).await.unwrap_err();
    assert_eq!(fields(&status), ["filter.states[0]", "filter.requester.issuer"]);

    assert_eq!(read(&client, &ticket.id).await.unwrap(), ticket);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_bad_text_on_a_stream_of_suggestions_is_answered_and_the_stream_goes_on() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    let ask = |id: &str, text: &str| v1::SuggestStreamRequest {
        request: Some(v1::SuggestRequest { id: id.into(), text: text.into(), explain: false }),
    };
    let asked = [ask("one", "the printer jams"), ask("two", ""), ask("three", "vpn drops all the time")];
    let answers = client.routing().suggest_stream(tokio_stream::iter(asked)).await.unwrap().into_inner();
    let answers: Vec<_> = answers.collect::<Result<_, _>>().await.unwrap();

    let ids: Vec<_> = answers.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["one", "two", "three"]);
    let templates: Vec<_> =
        answers.iter().map(|it| it.suggestion.as_ref().map(|it| it.template.as_str())).collect();
    assert_eq!(templates, [Some("printer_fault"), None, Some("vpn_fault")]);
    let fault = answers[1].fault.clone().unwrap();
    assert_eq!((fault.code, fault.reason.as_str()), (Code::InvalidArgument as i32, "MALFORMED"));
    assert!(fault.violations[0].starts_with("text: "), "{fault:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn after_a_position_beyond_all_others_there_is_nothing() {
    let app = App::start(Settings::default());
    let client = app.client(None);
    open(&client, printer("r-1")).await.unwrap();
    for after_position in [1 << 63, u64::MAX] {
        let ask = v1::ListEventsRequest { partition: 0, after_position, page_size: 10 };
        let answer = client.tickets().list_events(ask).await.unwrap().into_inner();
        assert_eq!((answer.events, answer.read_to), (vec![], after_position));
    }
}

fn mask(paths: &[&str]) -> prost_types::FieldMask {
    prost_types::FieldMask { paths: paths.iter().map(|it| (*it).to_owned()).collect() }
}

fn sorted(mut fields: Vec<String>) -> Vec<String> {
    fields.sort();
    fields
}
