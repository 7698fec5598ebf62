//! What surrounds the service: the guard of its web side, its figures, and how it ends.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use ticket_dispatch::proto::v1::{self, converse_response::Outcome};

use crate::{
    app::{App, Settings, get},
    parts::server::within,
};

#[test]
fn the_web_side_answers_this_machine_and_no_foreign_page() {
    let app = App::start(Settings::default());
    let port = app.http();
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(asked(port, "/healthz", &format!("Host: {host}\r\n")), 200, "{host}");
        let own = format!("Host: {host}\r\nOrigin: http://{host}\r\n");
        assert_eq!(asked(port, "/metrics", &own), 200, "{host}");
    }
    for foreign in [
        format!("Host: evil.example:{port}\r\n"),
        "Host: 127.0.0.1\r\n".to_owned(),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: http://evil.example\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nOrigin: null\r\n"),
        format!("Host: 127.0.0.1:{port}\r\nHost: evil.example\r\n"),
    ] {
        for path in ["/", "/healthz", "/readyz", "/metrics"] {
            let status = asked(port, path, &foreign);
            assert!(status == 403 || status == 400, "{path} answered {status} to {foreign}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_figures_are_what_a_prometheus_reads() {
    let app = App::start(Settings::default());
    app.client(None).send(message("m-1")).await.unwrap();
    app.client(None).send(v1::SendMessageRequest::default()).await.unwrap_err();
    let (status, text) = get(app.http(), "/metrics").unwrap();
    assert_eq!(status, 200);
    let samples: Vec<_> = text.lines().filter(|it| !it.is_empty() && !it.starts_with('#')).collect();
    for line in &samples {
        assert!(is_sample(line), "no sample: {line}");
        let name = line.split(['{', ' ']).next().unwrap();
        let family =
            ["_bucket", "_sum", "_count"].iter().find_map(|it| name.strip_suffix(it)).unwrap_or(name);
        let typed = [name, family].iter().any(|it| text.contains(&format!("# TYPE {it} ")));
        assert!(typed, "{name} has no type");
        assert!(text.contains(&format!("# HELP {family} ")), "{name} says not what it means");
    }
    let count = |code: &str| {
        let call = "dispatch_calls_total{method=\"/dispatch.v1.ConversationService/SendMessage\",code=";
        samples.iter().any(|it| **it == format!("{call}\"{code}\"}} 1"))
    };
    assert!(count("OK") && count("INVALID_ARGUMENT"), "{text}");
    assert!(!text.contains("jams"), "what people wrote is in no figure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_graceful_stop_answers_what_was_said_and_ends_well() {
    let mut app = App::start(Settings::default());
    let client = app.client(None);
    let messages = stream::iter([message("m-1")]).chain(stream::pending());
    let mut answers = Box::pin(client.converse(messages).await.unwrap());
    let first = answers.next().await.unwrap().unwrap();
    assert!(matches!(first.outcome, Some(Outcome::Reply(_))), "{first:?}");

    let ended = tokio::task::block_in_place(|| app.stop()).unwrap();
    assert_eq!(ended.code(), Some(0), "{}", app.log());
    let last = tokio::time::timeout(Duration::from_secs(5), answers.next()).await.unwrap();
    assert!(last.is_none_or(|it| it.is_err()), "the stream ends with the process");
    assert!(app.log().contains("stopped"), "{}", app.log());
    assert!(!app.log().contains("jams"), "what people wrote is never logged");
}

fn message(id: &str) -> v1::SendMessageRequest {
    v1::SendMessageRequest {
        message_id: id.into(),
        conversation: "thread-1".into(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() }),
        text: "the printer on my floor jams".into(),
        language: 0,
    }
}

/// One line of the text format: a name, labels in braces, a number.
fn is_sample(line: &str) -> bool {
    let Some((series, value)) = line.rsplit_once(' ') else { return false };
    let (name, labels) = match series.split_once('{') {
        Some((name, rest)) => (name, rest.strip_suffix('}')),
        None => (series, Some("")),
    };
    let word = |it: &str| {
        it.chars().all(|it| it.is_ascii_alphanumeric() || it == '_')
            && it.starts_with(|it: char| !it.is_ascii_digit())
    };
    let label = |it: &str| {
        it.split_once('=').is_some_and(|(name, value)| {
            word(name) && value.len() > 1 && value.starts_with('"') && value.ends_with('"')
        })
    };
    let labels_good = labels.is_some_and(|it| it.is_empty() || it.split(',').all(label));
    let number = value.parse::<f64>().is_ok() || matches!(value, "+Inf" | "-Inf" | "NaN");
    word(name) && labels_good && number
}

/// The status of a GET with these headers.
fn asked(port: u16, path: &str, headers: &str) -> u16 {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_whitespace().nth(1).and_then(|it| it.parse().ok()).unwrap_or(0)
}

#[test]
fn a_command_that_only_looks_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    for args in [&["tail"][..], &["dead-letters", "list"], &["token", "list"], &["verify"]] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        let output = command.args(args).current_dir(folder.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("there is no database at"), "{args:?}: {said}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_walk_of_a_message_can_be_followed_without_its_words() {
    let app = App::start(Settings::default().env("DISPATCH_LOG_FILTER", "ticket_dispatch=debug"));
    let message = v1::SendMessageRequest {
        message_id: "walk-1".into(),
        conversation: "thread-1".into(),
        requester: Some(v1::Person { issuer: "chat".into(), subject: "ada".into(), ..Default::default() }),
        text: "the zanzibar printer jams on floor 3".into(),
        language: 0,
    };
    app.client(None).send(message).await.unwrap();
    assert!(within(Duration::from_secs(10), || app.log().contains("committed")), "{}", app.log());
    let log = app.log();
    let understood = log.lines().find(|it| it.contains("understood")).unwrap_or_default();
    for part in ["call", "hear", "walk-1", "understand", "printer_fault"] {
        assert!(understood.contains(part), "{part} is not in: {understood}");
    }
    let committed = log.lines().find(|it| it.contains("committed")).unwrap_or_default();
    assert!(committed.contains("transaction") && committed.contains("works"), "{committed}");
    assert!(!log.contains("zanzibar"), "{log}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_noun_of_the_catalogue_is_read_by_its_id() {
    let app = App::start(Settings::default());
    let mut catalog = app.client(None).catalog();
    let group =
        catalog.get_group(v1::GetGroupRequest { group: "network".into() }).await.unwrap().into_inner();
    let group = group.group.unwrap();
    assert_eq!((group.name.as_str(), group.name_zh.as_str()), ("Network", "网络组"));
    let agents = group.agents;
    let agent = v1::GetAgentRequest { agent: agents[0].clone() };
    assert_eq!(catalog.get_agent(agent).await.unwrap().into_inner().agent.unwrap().id, agents[0]);
    let service = v1::GetServiceRequest { service: "printing".into() };
    assert_eq!(catalog.get_service(service).await.unwrap().into_inner().service.unwrap().id, "printing");
    let policies = catalog.list_sla_policies(v1::ListSlaPoliciesRequest::default()).await.unwrap();
    let policy = policies.into_inner().sla_policies.remove(0);
    let named = v1::GetSlaPolicyRequest { sla_policy: policy.id.clone() };
    assert_eq!(catalog.get_sla_policy(named).await.unwrap().into_inner().sla_policy.unwrap(), policy);
    let named = v1::GetCalendarRequest { calendar: policy.calendar.clone() };
    assert_eq!(catalog.get_calendar(named).await.unwrap().into_inner().calendar.unwrap().id, policy.calendar);
    let named = v1::GetTemplateRequest { template: "facility_fault".into(), version: 0 };
    let template = catalog.get_template(named).await.unwrap().into_inner().template.unwrap();
    let danger = template.fields[1].options.iter().find(|it| it.value == "danger").unwrap();
    assert_eq!((danger.urgency(), danger.impact()), (v1::Urgency::High, v1::Impact::Site));
    assert!(danger.advice_en.contains("emergency number") && danger.advice_zh.contains("119"));
    let unknown = catalog.get_group(v1::GetGroupRequest { group: "nobody".into() }).await.unwrap_err();
    assert_eq!(unknown.code(), tonic::Code::NotFound);
}
