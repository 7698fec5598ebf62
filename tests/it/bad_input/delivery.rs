//! Redis or a ticket store downstream is away: tickets are opened as before, what waits can be seen,
//! and nothing of it is lost.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
    time::Duration,
};

use super::{open, printer};
use crate::{
    app::{App, Settings, get},
    parts::{installed::Part, redis::Redis, server::within},
};

const LONG: Duration = Duration::from_secs(30);

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn tickets_are_opened_while_redis_is_down_and_published_when_it_returns() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut redis = Redis::start();
    let app = App::start(Settings::default().env("DISPATCH_REDIS_URL", &redis.url()));
    let client = app.client(None);
    open(&client, printer("r-1")).await.unwrap();
    assert!(app.is_settled_within(LONG));

    redis.stop();
    for id in ["r-2", "r-3"] {
        open(&client, printer(id)).await.unwrap();
    }
    let (status, facts) = app.readiness().unwrap();
    assert_eq!((status, &facts["ready"]), (200, &true.into()), "it goes on taking tickets: {facts}");
    assert_eq!((&facts["backlog"], &facts["waiting"]["relay"]), (&2.into(), &2.into()), "{facts}");
    let lag = "dispatch_relay_lag_events{partition=\"0\"} 2";
    assert!(within(LONG, || figures(&app).contains(lag)), "{}", figures(&app));

    redis.restart();
    assert!(app.is_settled_within(LONG), "{:?}", app.readiness());
    let ids: Vec<_> = redis.entries("dispatch:{0}").into_iter().map(|it| it.id).collect();
    assert_eq!(ids, ["1-1", "1-2", "1-3"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn it_starts_and_opens_tickets_without_the_redis_that_its_settings_name() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut redis = Redis::start();
    redis.stop();
    let app = App::start(Settings::default().env("DISPATCH_REDIS_URL", &redis.url()));
    open(&app.client(None), printer("r-1")).await.unwrap();
    assert_eq!(app.backlog(), Some(1));
    redis.restart();
    assert!(app.is_settled_within(LONG), "{:?}", app.readiness());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_sink_that_is_away_is_waited_for_and_one_that_refuses_parks_the_event_with_the_reason() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sink = format!(
        "[[sink]]\nname = \"rt\"\nkind = \"request_tracker\"\nurl = \"http://{address}\"\ntoken = \"1-2-3\"\nattempts = 1\n"
    );
    let app = App::start(Settings::default().config(&sink));
    open(&app.client(None), printer("r-1")).await.unwrap();
    assert_eq!(app.readiness().unwrap().1["waiting"]["rt"], 1);
    assert!(within(LONG, || app.log().contains("the sink is away")), "{}", app.log());
    assert_eq!(app.readiness().unwrap().1["waiting"]["rt"], 1, "an absence parks nothing");

    let listener = TcpListener::bind(address).unwrap();
    thread::spawn(move || refuse(&listener));
    assert!(app.is_settled_within(LONG), "{:?}", app.readiness());
    let figures = figures(&app);
    assert!(figures.contains("dispatch_sink_parked_total{sink=\"rt\"} 1"), "{figures}");
    assert!(app.log().contains("an event was parked"), "{}", app.log());
}

/// A tracker with which something is wrong.
fn refuse(listener: &TcpListener) {
    for mut stream in listener.incoming().flatten() {
        thread::spawn(move || {
            // Whatever is asked; the question fits into one read.
            let asked = stream.read(&mut [0; 64 * 1024]);
            let answer = "HTTP/1.1 500 Oh\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops";
            asked.and_then(|_| stream.write_all(answer.as_bytes())).ok();
        });
    }
}

fn figures(app: &App) -> String {
    get(app.http(), "/metrics").map(|(_, body)| body).unwrap_or_default()
}
