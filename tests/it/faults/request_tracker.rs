//! A hundred tickets find their way into a real Request Tracker, once each, although the program is killed
//! on the way and answers are lost.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use ticket_dispatch::proto::v1::{self, event::Fact};
use ticket_dispatch::store::{Outcome, Store};

use super::call::{Call, Reply, Wire};
use super::chance::Chance;
use super::checker;
use crate::app::{App, Settings};
use crate::parts::installed::Part;
use crate::parts::proxy::Proxy;
use crate::parts::request_tracker::RequestTracker;
use crate::parts::rest;
use crate::parts::server::within;
use crate::request_tracker::lossy::Lossy;

/// Settings of a program that reaches the tracker at this address.
fn settings(tracker: &RequestTracker, address: SocketAddr) -> Settings {
    let token = tracker.token();
    let sink = format!(
        "[[sink]]\nname = \"rt\"\nkind = \"request_tracker\"\nurl = \"http://{address}\"\ntoken = \"{token}\"\n\
         default_queue = \"General\"\n"
    );
    Settings::default().config(&sink).env("DISPATCH_LOG_FILTER", "warn")
}

/// Opens so many tickets; to some of them something more happens.
async fn open(app: &App, count: u64) -> Vec<String> {
    let mut wire = Wire::new(&app.channel());
    let mut ids = vec![];
    for number in 0..count {
        let request_id = format!("open-{number}");
        let subject = format!("u-{number}");
        let open = Call::Open(v1::CreateTicketRequest {
            request_id: request_id.clone(),
            template: "leave_question".into(),
            requester: Some(v1::Person { issuer: "chat".into(), subject, display_name: String::new() }),
            description: format!("How many days are left? ({number})"),
            ..v1::CreateTicketRequest::default()
        });
        let Reply::Ticket(ticket) = open.make(&mut wire).await.unwrap() else { unreachable!() };
        let request_id = format!("then-{number}");
        let ticket = ticket.id;
        ids.push(ticket.clone());
        let then = match number % 8 {
            0 => {
                let text = "See the handbook, page 7".to_owned();
                Call::Comment(v1::CommentTicketRequest {
                    request_id,
                    ticket,
                    text,
                    internal: number % 8 == 0,
                })
            }
            1 => Call::Move(v1::TransitionTicketRequest {
                request_id,
                ticket,
                to: v1::TicketState::OnHold.into(),
                hold_reason: v1::HoldReason::Vendor.into(),
                ..Default::default()
            }),
            2 => Call::Move(v1::TransitionTicketRequest {
                request_id,
                ticket,
                to: v1::TicketState::Resolved.into(),
                resolution: "Twelve".to_owned(),
                ..Default::default()
            }),
            _ => continue,
        };
        then.make(&mut wire).await.unwrap();
    }
    ids
}

/// Asks the tracker itself, not through the proxy.
fn ask(tracker: &RequestTracker, path: &str) -> Value {
    let reply = rest::get(tracker.address(), &format!("/REST/2.0/{path}"), tracker.token()).unwrap();
    assert_eq!(reply.status, 200, "{}", reply.body);
    serde_json::from_str(&reply.body).unwrap()
}

fn text(json: &Value, at: &str) -> String {
    json.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Ids and states of all records by the key that they carry.
fn records(tracker: &RequestTracker) -> BTreeMap<String, Vec<(String, String)>> {
    let mut records: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for page in 1.. {
        let path =
            format!("tickets?query=id%3E0&orderby=id&fields=CustomFields,Status&per_page=50&page={page}");
        let found = ask(tracker, &path);
        let items = found["items"].as_array().unwrap();
        for it in items {
            let fields = it["CustomFields"].as_array().unwrap();
            let key = fields.iter().find(|it| it["name"] == "DispatchKey");
            let key = key.map_or_else(String::new, |it| text(it, "/values/0"));
            records.entry(key).or_default().push((text(it, "/id"), text(it, "/Status")));
        }
        if items.len() < 50 {
            break;
        }
    }
    records
}

/// What is wrong with the tracker's records, given the whole log.
fn complaints(tracker: &RequestTracker, log: &[v1::Event]) -> Vec<String> {
    let mut records = records(tracker);
    let mut complaints = vec![];
    let mut statuses = BTreeMap::new();
    for event in log {
        let status = match &event.fact {
            Some(Fact::TicketOpened(_)) => "open",
            Some(Fact::TicketMoved(it)) if it.to() == v1::TicketState::OnHold => "stalled",
            Some(Fact::TicketMoved(_)) => "resolved",
            _ => continue,
        };
        statuses.insert(event.subject.clone(), status);
    }
    for (key, status) in &statuses {
        match records.remove(key).unwrap_or_default().as_slice() {
            [(_, is)] if is == status => {}
            [(id, is)] => complaints.push(format!("record {id} is {is}, not {status}")),
            many => complaints.push(format!("{key} is there {} times: {many:?}", many.len())),
        }
    }
    complaints.extend(records.keys().map(|key| format!("there is a record of `{key}`, which nobody opened")));
    complaints
}

/// Whether an event says something to agents: a clock that goes on or stands still does not.
fn is_said(event: &v1::Event) -> bool {
    match &event.fact {
        Some(Fact::TicketOpened(_)) => false,
        Some(Fact::TicketUpdated(it)) => it.priority != 0,
        _ => true,
    }
}

/// What is wrong with the messages on the records: each later event is there once.
fn messages(tracker: &RequestTracker, log: &[v1::Event]) -> Vec<String> {
    let records = records(tracker);
    let mut complaints = vec![];
    for event in log.iter().filter(|it| is_said(it)) {
        let id = &records[&event.subject][0].0;
        let history = ask(tracker, &format!("ticket/{id}/history?fields=Data&per_page=100"));
        let marker = format!("[dispatch:0:1-{}]", event.position);
        let items = history["items"].as_array().unwrap();
        let count = items.iter().filter(|it| text(it, "/Data").contains(&marker)).count();
        if count != 1 {
            complaints.push(format!("record {id} shows event {} {count} times", event.position));
        }
    }
    complaints
}

/// What is wrong with the receipts; the log as well.
async fn receipts(app: &App) -> (Vec<v1::Event>, Vec<String>) {
    let store = Store::open(&format!("sqlite:{}", app.data().join("dispatch.db").display())).await.unwrap();
    let log = store.events_after(0, 0, u32::MAX).await.unwrap();
    let mark = store.watermark("rt", 0).await.unwrap();
    let parked = store.parked(None, 100).await.unwrap();
    let mut complaints = vec![];
    if mark != log.len() as u64 {
        complaints.push(format!("{} events, but receipts only up to {mark}", log.len()));
    }
    for it in parked {
        let Outcome::Parked { why } = it.outcome else { continue };
        complaints.push(format!("event {} was parked: {why}", it.position));
    }
    (log, complaints)
}

/// Kills the program while its requests are on the way, loses answers, and sees to it that all arrives.
fn trouble(app: &mut App, proxy: &Proxy, chance: &mut Chance, mut kills: u32, mut losses: u32) {
    let deadline = Instant::now() + Duration::from_secs(1_200);
    loop {
        let waiting = app.backlog().unwrap();
        let next = waiting.saturating_sub(2 + chance.below(20));
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(within(left, || app.backlog() <= Some(next)), "{:?} events still wait", app.backlog());
        if next == 0 {
            return;
        }
        if kills > 0 && chance.one_in(2) {
            kills -= 1;
            // A request that was sent and not taken in yet outlives the program.
            proxy.delay(1_000);
            thread::sleep(Duration::from_millis(100 + chance.below(4_000)));
            app.kill();
            proxy.delay(0);
            app.restart();
        } else if losses > 0 {
            losses -= 1;
            // Whichever answer comes next: to a search, to a creation, or to a look at what was created.
            thread::sleep(Duration::from_millis(chance.below(1_000)));
            let lost = proxy.replies_dropped();
            proxy.drop_replies();
            within(Duration::from_secs(60), || proxy.replies_dropped() > lost);
            proxy.mend();
        }
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn a_hundred_tickets_are_in_request_tracker_once_each_over_kills_and_lost_answers() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let mut chance = Chance::new();
    let tracker = RequestTracker::start();
    let proxy = Proxy::before(tracker.address());
    let mut app = App::start(settings(&tracker, proxy.address()));
    let begin = Instant::now();
    let ids = runtime().block_on(open(&app, 100));
    assert_eq!(ids.len(), 100);
    trouble(&mut app, &proxy, &mut chance, 4, 4);
    eprintln!(
        "all delivered after {:.1?}, {} pieces of answers lost",
        begin.elapsed(),
        proxy.replies_dropped()
    );
    app.stop();
    let (log, mut wrong) = runtime().block_on(receipts(&app));
    wrong.extend(complaints(&tracker, &log));
    if wrong.is_empty() {
        wrong.extend(messages(&tracker, &log));
    }
    assert!(wrong.is_empty(), "{} complaints:\n{}", wrong.len(), checker::first(&wrong));
}

#[test]
fn a_sink_that_creates_in_request_tracker_without_a_search_is_caught() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let tracker = RequestTracker::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let lossy = runtime.block_on(Lossy::before(tracker.address()));
    let settings = settings(&tracker, lossy.address).env("DISPATCH_FAULT", "unkeyed_create");
    let mut app = App::start(settings);
    runtime.block_on(open(&app, 4));
    assert!(app.is_settled_within(Duration::from_secs(150)), "{:?} events wait", app.backlog());
    app.stop();
    let (log, _) = runtime.block_on(receipts(&app));
    let wrong = complaints(&tracker, &log);
    assert_eq!(wrong.len(), 1, "{}", checker::first(&wrong));
    assert!(wrong[0].contains("is there 2 times"), "{}", wrong[0]);
}
