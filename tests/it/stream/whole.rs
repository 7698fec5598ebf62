//! The shipped program with Redis and a sink: what it accepted goes out, over its own death, and can be
//! watched and replayed from the command line.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
    time::Duration,
};

use serde_json::Value;
use ticket_dispatch::proto::v1::{self, ticket_service_client::TicketServiceClient};

use super::tracker::Tracker;
use crate::{
    app::{App, Settings},
    parts::{installed::Part, redis::Redis, server::within},
};

const SOON: Duration = Duration::from_secs(30);

async fn open(app: &App, number: usize, subject: &str) {
    let request = v1::CreateTicketRequest {
        request_id: format!("request-{number}"),
        template: "vpn_fault".to_owned(),
        requester: Some(v1::Person {
            issuer: "chat".into(),
            subject: "ann".into(),
            display_name: String::new(),
        }),
        subject: subject.to_owned(),
        description: "The VPN does not connect".to_owned(),
        fields: vec![v1::FieldValue {
            field: "symptom".to_owned(),
            value: Some(v1::field_value::Value::Choice("no_connection".to_owned())),
        }],
        ..v1::CreateTicketRequest::default()
    };
    TicketServiceClient::new(app.channel()).create_ticket(request).await.unwrap();
}

fn lines(app: &App, args: &[&str]) -> Vec<Value> {
    let output = app.command(args).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|it| serde_json::from_str(it).ok()).collect()
}

/// The first events that `tail` shows.
fn tail(app: &App, args: &[&str], count: usize) -> Vec<Value> {
    let mut command = app.command(&["tail", "--data", "data", "--json", "--from", "0"]);
    let mut child = command.args(args).stdout(Stdio::piped()).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    let events = out.lines().take(count).map(|it| serde_json::from_str(&it.unwrap()).unwrap()).collect();
    child.kill().unwrap();
    child.wait().unwrap();
    events
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_accepted_goes_out_over_the_death_of_the_program() {
    if Part::Redis.is_missing() {
        return;
    }
    let (redis, tracker) = (Redis::start(), Tracker::start().await);
    let sink = format!(
        "[[sink]]\nname = \"rt\"\nkind = \"request_tracker\"\nurl = \"http://{}\"\ntoken_env = \"RT_TOKEN\"\n",
        tracker.address
    );
    let settings =
        Settings::default().env("DISPATCH_REDIS_URL", &redis.url()).env("RT_TOKEN", "t").config(&sink);
    let mut app = App::start(settings);
    for number in 0..30 {
        open(&app, number, "No VPN").await;
        if number % 10 == 4 {
            app.kill();
            app.restart();
        }
    }
    assert!(app.is_settled_within(SOON), "{:?} wait: {}", app.backlog(), app.log());
    assert_eq!(tracker.with(|it| it.tickets.len()), 30);
    let entries = redis.entries("dispatch:{0}");
    let opened = entries.iter().filter(|it| it.fields["type"] == b"dispatch.v1.TicketOpened").count();
    assert_eq!(opened, 30);

    for place in [vec![], vec!["--redis", &redis.url()]] {
        let events = tail(&app, &place, entries.len());
        for (event, entry) in events.iter().zip(&entries) {
            assert_eq!(event["position"], entry.id.split_once('-').unwrap().1);
        }
    }

    tracker.with(|it| it.poison = Some(("poison", 422)));
    open(&app, 30, "poison").await;
    let list = ["dead-letters", "--data", "data", "list", "--json"];
    assert!(within(SOON, || lines(&app, &list).len() == 1));
    let letter = lines(&app, &list).remove(0);
    assert_eq!(
        (&letter["sink"], &letter["why"]),
        (&"rt".into(), &"POST /REST/2.0/ticket answered 422: poisoned".into())
    );
    assert_eq!(redis.entries("dispatch:dead").len(), 1);
    tracker.with(|it| it.poison = None);
    lines(&app, &["dead-letters", "--data", "data", "replay", "--sink", "rt"]);
    assert!(within(SOON, || tracker.with(|it| it.tickets.len()) == 31), "{}", app.log());
    assert!(app.is_settled_within(SOON));
    assert!(lines(&app, &list).is_empty());
}
