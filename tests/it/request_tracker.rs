//! The sink for Request Tracker, against a real one.

pub(crate) mod lossy;

use serde_json::Value;
use ticket_dispatch::{
    domain::{
        lifecycle::{HoldReason, State},
        people::Person,
        priority::Priority,
        ticket::{Event, Ticket},
    },
    sinks::{
        Delivered, Sink, Undelivered,
        settings::{Secret, SinkKind, SinkSettings},
    },
};

use self::lossy::Lossy;
use crate::{
    parts::{installed::Part, request_tracker::RequestTracker, rest},
    stream::{
        Desk,
        desk::{assigned, moved, said, ticket, updated},
    },
};

fn settings(tracker: &RequestTracker) -> SinkSettings {
    let owned =
        |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    SinkSettings {
        name: "rt".to_owned(),
        kind: SinkKind::RequestTracker,
        url: tracker.url(),
        token: Secret(tracker.token().to_owned()),
        queues: owned(&[("network", "Network"), ("hardware", "Hardware"), ("lost", "Nowhere")]),
        default_queue: "General".to_owned(),
        owners: owned(&[("mei", "svc-dispatch"), ("gone", "nobody-here")]),
        attempts: 12,
    }
}

fn sink(settings: &SinkSettings) -> Sink {
    Sink::new(settings).unwrap()
}

/// Asks the tracker itself.
fn ask(tracker: &RequestTracker, path: &str) -> Value {
    let reply = rest::get(tracker.address(), &format!("/REST/2.0/{path}"), tracker.token()).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
    serde_json::from_str(&reply.body).unwrap()
}

fn shown(tracker: &RequestTracker, id: &str) -> (String, String, String, String) {
    let it = ask(tracker, &format!("ticket/{id}?fields=Subject,Status,Queue,Owner&fields[Queue]=Name"));
    let text = |at: &str| it.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    (text("/Status"), text("/Queue/Name"), text("/Owner/id"), text("/Subject"))
}

/// Bodies of all messages of a ticket, the first one included.
fn messages(tracker: &RequestTracker, id: &str) -> Vec<String> {
    let attachments = ask(tracker, &format!("ticket/{id}/attachments?fields=Content&per_page=100"));
    let content = |it: &Value| it["Content"].as_str().unwrap_or_default().to_owned();
    attachments["items"].as_array().unwrap().iter().map(content).collect()
}

fn text(it: &str) -> String {
    it.to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn request_tracker_follows_a_ticket_through_its_life_and_repeats_change_nothing() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let (desk, tracker) = (Desk::open().await, RequestTracker::start());
    let sink = sink(&settings(&tracker));
    let requester = Person { issuer: "chat".into(), subject: "ann@example.com".into(), name: "Ann".into() };
    let id = desk.opened(Ticket { requester, ..ticket() }).await;
    for event in [
        Event::Commented {
            author: "mei".into(),
            text: "内部 note".into(),
            internal: true,
            by_requester: false,
            carried: None,
        },
        said("Please restart it."),
        moved(State::OnHold, Some(HoldReason::Requester), ""),
        Event::Commented {
            author: "u-1".into(),
            text: "It helped".into(),
            internal: false,
            by_requester: true,
            carried: None,
        },
        assigned("hardware", Some("mei")),
        assigned("finance", Some("kim")),
        updated("A better subject", Priority::P2),
        moved(State::Resolved, None, "Restarted the client."),
        said("Glad to hear it."),
        moved(State::Closed, None, ""),
    ] {
        desk.happens(id, event).await;
    }
    let mut seen = vec![];
    let mut link: Option<String> = None;
    for event in desk.log(0).await {
        let first = sink.deliver(&event, link.as_deref()).await.unwrap();
        // The second time without the link, as if everything had been lost.
        assert_eq!(sink.deliver(&event, None).await.unwrap(), first);
        let Delivered::To(id) = first else { panic!("skipped {event:?}") };
        let (status, queue, owner, _) = shown(&tracker, &id);
        seen.push((status, queue, owner));
        link = Some(id);
    }
    let id_there = link.unwrap();
    let right = [
        ("open", "Network", "Nobody"),
        ("open", "Network", "Nobody"),
        ("open", "Network", "Nobody"),
        ("stalled", "Network", "Nobody"),
        ("stalled", "Network", "Nobody"), // a reply would have opened it
        ("stalled", "Hardware", "svc-dispatch"),
        ("stalled", "General", "svc-dispatch"),
        ("stalled", "General", "svc-dispatch"),
        ("resolved", "General", "svc-dispatch"),
        ("resolved", "General", "svc-dispatch"), // a reply would have opened it again
        ("resolved", "General", "svc-dispatch"),
    ];
    assert_eq!(seen, right.map(|(a, b, c)| (text(a), text(b), text(c))));
    assert_eq!(shown(&tracker, &id_there).3, "A better subject");
    assert_eq!(tracker.tickets_with_key(&id.to_string()), 1);
    let messages = messages(&tracker, &id_there);
    for once in [
        "My VPN does not connect\n打不开",
        "内部 note",
        "Please restart it.",
        "On hold: waits for the requester's answer.",
        "It helped",
        "Assigned to kim of group finance.",
        "Priority: P2",
        "Restarted the client.",
        "Glad to hear it.",
    ] {
        assert_eq!(messages.iter().filter(|it| it.contains(once)).count(), 1, "{once}: {messages:#?}");
    }
    let requestors = ask(&tracker, &format!("ticket/{id_there}"))["Requestor"].clone();
    assert_eq!(requestors[0]["id"], "ann@example.com", "{requestors}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn request_tracker_keeps_one_ticket_and_one_message_when_answers_are_lost() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let (desk, tracker) = (Desk::open().await, RequestTracker::start());
    let lossy = Lossy::before(tracker.address()).await;
    let url = format!("http://{}", lossy.address);
    let sink = sink(&SinkSettings { url, ..settings(&tracker) });
    let id = desk.ticket("network").await;
    desk.says(id, "only once").await;
    desk.happens(id, moved(State::Cancelled, None, "")).await;
    for event in desk.log(0).await {
        let unknown = sink.deliver(&event, None).await.unwrap_err();
        assert!(matches!(unknown, Undelivered::Again { .. }), "{unknown}");
        assert_eq!(sink.deliver(&event, None).await, Ok(Delivered::To("1".to_owned())));
    }
    assert_eq!(lossy.lost(), 4, "one answer for each event, and that of the subject without its mark");
    assert_eq!(tracker.tickets_with_key(&id.to_string()), 1);
    assert_eq!(messages(&tracker, "1").iter().filter(|it| it.contains("only once")).count(), 1);
    assert_eq!(shown(&tracker, "1").0, "rejected");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn request_tracker_says_what_a_person_has_to_set_right() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let (desk, mut tracker) = (Desk::open().await, RequestTracker::start());
    let right = settings(&tracker);
    let id = desk.ticket("network").await;
    desk.happens(id, assigned("network", Some("gone"))).await;
    desk.ticket("lost").await;
    let log = desk.log(0).await;

    let bad_token = SinkSettings { token: Secret("1-1-bad".to_owned()), ..right.clone() };
    let blocked = sink(&bad_token).deliver(&log[0], None).await.unwrap_err();
    assert!(matches!(&blocked, Undelivered::Blocked { why } if why.contains("`token`")), "{blocked}");
    assert!(!format!("{:?}", sink(&bad_token)).contains("1-1-bad"));

    let blocked = sink(&right).deliver(&log[2], None).await.unwrap_err();
    assert!(matches!(&blocked, Undelivered::Blocked { why } if why.contains("queue `Nowhere`")), "{blocked}");

    // An owner who is no user there stops nothing.
    let sink = sink(&right);
    assert!(matches!(sink.deliver(&log[0], None).await, Ok(Delivered::To(_))));
    assert!(matches!(sink.deliver(&log[1], None).await, Ok(Delivered::To(_))));

    // A ticket that is not there, and never will be.
    let never = sink.deliver(&log[1], Some("4711")).await.unwrap_err();
    assert!(matches!(never, Undelivered::Never { .. }), "{never}");

    tracker.stop();
    let away = sink.deliver(&log[1], Some("1")).await.unwrap_err();
    assert!(matches!(away, Undelivered::Away { .. }), "{away}");
    tracker.restart();
    assert!(matches!(sink.deliver(&log[1], Some("1")).await, Ok(Delivered::To(_))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn request_tracker_without_the_custom_field_is_told_apart_before_a_ticket_is_made() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let (desk, mut tracker) = (Desk::open().await, RequestTracker::start());
    tracker.stop();
    let file = tracker.folder().join("rt.db");
    let change = async |sql: &'static str| {
        use sqlx::Connection as _;
        let url = format!("sqlite:{}", file.display());
        sqlx::any::install_default_drivers();
        let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
        sqlx::query(sql).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    };
    change("update CustomFields set Name = 'Something' where Name = 'DispatchKey'").await;
    tracker.restart();
    desk.ticket("network").await;
    let event = desk.log(0).await.remove(0);
    let right = settings(&tracker);
    let asked = sink(&right);
    for _ in 0..2 {
        let blocked = asked.deliver(&event, None).await.unwrap_err();
        assert!(matches!(&blocked, Undelivered::Blocked { why } if why.contains("create it")), "{blocked}");
    }
    let made = ask(&tracker, "tickets?query=id%20%3E%200");
    assert_eq!(made["total"], 0, "{made}");
    tracker.stop();
    change("update CustomFields set Name = 'DispatchKey' where Name = 'Something'").await;
    tracker.restart();
    assert_eq!(asked.deliver(&event, None).await, Ok(Delivered::To("1".to_owned())));
    let subject = shown(&tracker, "1").3;

    // As if it had not kept its key, and nobody remembered it: its subject tells whose it is.
    tracker.stop();
    change(
        "update Tickets set Subject = Subject || ' [' || (select Content from ObjectCustomFieldValues \
         where Content like 'tkt%') || ']'",
    )
    .await;
    change("delete from ObjectCustomFieldValues").await;
    tracker.restart();
    assert_ne!(shown(&tracker, "1").3, subject);
    assert_eq!(sink(&right).deliver(&event, None).await, Ok(Delivered::To("1".to_owned())));
    assert_eq!(shown(&tracker, "1").3, subject);
    assert_eq!(tracker.tickets_with_key(&event.subject), 1);
}
