//! Each part starts, does its work, comes back after a crash, and leaves nothing behind.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, PgConnection};

use crate::parts::installed::{Part, program};
use crate::parts::made_once::run;
use crate::parts::postgres::Postgres;
use crate::parts::proxy::Proxy;
use crate::parts::redis::Redis;
use crate::parts::request_tracker::RequestTracker;
use crate::parts::server::{processes_in, within};

#[test]
fn redis_keeps_its_entries_over_a_crash() {
    if Part::Redis.is_missing() {
        return;
    }
    let mut redis = Redis::start();
    let folder = redis.folder().to_owned();
    redis::cmd("XADD")
        .arg(&["dispatch:{0}", "1-1", "event", "opened"])
        .exec(&mut redis.connection())
        .unwrap();

    redis.kill9();
    assert!(redis::Client::open(redis.url()).unwrap().get_connection().is_err());
    redis.restart();
    let entries = redis.entries("dispatch:{0}");
    assert_eq!(entries.len(), 1);
    assert_eq!((entries[0].id.as_str(), &entries[0].fields["event"][..]), ("1-1", &b"opened"[..]));

    redis.stop();
    redis.restart();
    assert_eq!(redis.entries("dispatch:{0}"), entries);
    redis.flushall();
    assert_eq!(redis.entries("dispatch:{0}"), []);
    leaves_nothing(redis, &folder);
}

#[tokio::test]
async fn postgres_keeps_its_rows_over_a_crash() {
    if Part::Postgres.is_missing() {
        return;
    }
    let mut postgres = Postgres::start();
    let folder = postgres.folder().to_owned();
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    sqlx::raw_sql("create table ticket (id bigint primary key); insert into ticket values (7)")
        .execute(&mut connection)
        .await
        .unwrap();

    postgres.kill9();
    postgres.restart();
    assert_eq!(only_ticket(&postgres).await, 7);
    postgres.stop();
    postgres.restart();
    assert_eq!(only_ticket(&postgres).await, 7);
    leaves_nothing(postgres, &folder);
}

async fn only_ticket(postgres: &Postgres) -> i64 {
    let mut connection = PgConnection::connect(&postgres.url()).await.unwrap();
    sqlx::query_scalar("select id from ticket").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn request_tracker_finds_a_ticket_by_its_dispatch_key() {
    if Part::RequestTracker.is_missing() {
        return;
    }
    let mut tracker = RequestTracker::start();
    let folder = tracker.folder().to_owned();
    assert_eq!(tracker.tickets_with_key("INC-1"), 0);
    assert_eq!(create(&tracker, "Network").await, 201);
    assert_eq!(tracker.tickets_with_key("INC-1"), 1);

    tracker.kill();
    tracker.restart();
    assert_eq!(create(&tracker, "General").await, 201);
    assert_eq!(tracker.tickets_with_key("INC-1"), 2);
    tracker.stop();
    tracker.restart();
    assert_eq!(tracker.tickets_with_key("INC-1"), 2);
    leaves_nothing(tracker, &folder);
}

async fn create(tracker: &RequestTracker, queue: &str) -> u16 {
    let ticket = json!({
        "Queue": queue, "Subject": "No network in room 12", "Requestor": "employee@dispatch.test",
        "Content": "Since nine.", "CustomFields": { "DispatchKey": "INC-1", "Impact": "High" },
    });
    let request = reqwest::Client::new()
        .post(format!("{}/REST/2.0/ticket", tracker.url()))
        .header("Authorization", format!("token {}", tracker.token()))
        .json(&ticket);
    request.send().await.unwrap().status().as_u16()
}

#[test]
fn python_speaks_grpc() {
    if Part::PythonGrpc.is_missing() {
        return;
    }
    let imports = "import grpc, grpc_tools.protoc, google.rpc.error_details_pb2, grpc_status.rpc_status";
    run(Command::new(program("python-with-grpc")).args(["-c", imports]));
}

#[test]
fn a_cut_proxy_lets_nothing_through_until_it_is_mended() {
    let (echo, _) = echo();
    let proxy = Proxy::before(echo);
    assert_eq!(proxy.through(&format!("redis://{echo}/0")), format!("redis://{}/0", proxy.address()));
    let mut early = TcpStream::connect(proxy.address()).unwrap();
    assert_eq!(said_back(&mut early), Some(*b"ping"));

    proxy.cut();
    assert_eq!(said_back(&mut early), None);
    assert_eq!(TcpStream::connect(proxy.address()).ok().and_then(|mut late| said_back(&mut late)), None);

    proxy.mend();
    assert_eq!(said_back(&mut TcpStream::connect(proxy.address()).unwrap()), Some(*b"ping"));
}

#[test]
fn a_delaying_proxy_delays_both_ways() {
    let proxy = Proxy::before(echo().0);
    let mut connection = TcpStream::connect(proxy.address()).unwrap();
    proxy.delay(100);
    let begin = Instant::now();
    assert_eq!(said_back(&mut connection), Some(*b"ping"));
    assert!(begin.elapsed() >= Duration::from_millis(200), "{:?}", begin.elapsed());
}

#[test]
fn a_proxy_that_drops_replies_still_forwards_requests() {
    let (echo, heard) = echo();
    let proxy = Proxy::before(echo);
    let mut connection = TcpStream::connect(proxy.address()).unwrap();
    proxy.drop_replies();
    connection.write_all(b"once").unwrap();
    assert_eq!(heard.recv_timeout(Duration::from_secs(10)).unwrap(), *b"once");

    assert!(within(Duration::from_secs(10), || proxy.replies_dropped() == 1));
    proxy.mend();
    assert_eq!(connection.read(&mut [0]).unwrap(), 0, "mending ends it");
    assert_eq!(said_back(&mut TcpStream::connect(proxy.address()).unwrap()), Some(*b"ping"));
}

/// A server that says everything back, and tells the test what it heard.
fn echo() -> (SocketAddr, std::sync::mpsc::Receiver<[u8; 4]>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, heard) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let tell = tell.clone();
            thread::spawn(move || {
                let mut word = [0; 4];
                while client.read_exact(&mut word).is_ok() {
                    tell.send(word).ok();
                    client.write_all(&word).ok();
                }
            });
        }
    });
    (address, heard)
}

fn said_back(connection: &mut TcpStream) -> Option<[u8; 4]> {
    let mut word = [0; 4];
    connection.write_all(b"ping").ok()?;
    connection.read_exact(&mut word).ok().map(|()| word)
}

fn leaves_nothing<T>(part: T, folder: &Path) {
    assert!(!processes_in(folder).is_empty(), "a running part has processes in {}", folder.display());
    drop(part);
    assert_eq!(processes_in(folder), Vec::<u32>::new());
    assert!(!folder.exists(), "{} is gone", folder.display());
}
