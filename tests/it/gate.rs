//! The certified gate, through the front door: trained with confirmed messages, measured, and obeyed by a desk.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use ticket_dispatch::proto::v1;

use crate::{
    app::{App, Settings},
    parts::made_once::run,
};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"))
}

/// Messages that are clear, and as many of which nobody can say what they mean.
fn write(path: &Path, from: u32, to: u32) {
    let line = |text: String, label| format!("{}\n", serde_json::json!({ "text": text, "label": label }));
    let messages = (from..to).flat_map(|it| {
        let (floor, room) = (it % 9 + 1, it % 83 + 10);
        let either = if it % 2 == 0 { "printer_fault" } else { "vpn_fault" };
        [
            line(format!("the printer in room {floor}.{room} jams on every second sheet"), "printer_fault"),
            line(format!("the vpn drops at home since {floor} days, {room} times"), "vpn_fault"),
            line(format!("broken again, case {floor} of {room}"), either),
        ]
    });
    fs::write(path, messages.collect::<String>()).unwrap();
}

fn train(folder: &Path, output: &str, more: &[&str]) -> Output {
    let mut train = program();
    train.current_dir(folder).args(["train", "--data", "train.jsonl", "--output", output]).args(more);
    train.output().unwrap()
}

fn gate(folder: &Path, model: &str) -> Value {
    let mut evaluate = program();
    evaluate.current_dir(folder).args(["evaluate", "--model", model, "--data", "confirmed.jsonl", "--json"]);
    let report: Value = serde_json::from_str(&run(&mut evaluate)).unwrap();
    report["gate"].clone()
}

const CLEAR: &str = "the printer in room 4.11 jams on every second sheet";
const UNCLEAR: &str = "broken again, case 4 of 11";

/// What the routing says of a message, and whether the desk opens a ticket for it at once.
async fn says(app: &App, text: &str) -> (v1::GateOutcome, bool) {
    let request = v1::SuggestRequest { text: text.into(), ..Default::default() };
    let answer = app.client(None).routing().suggest(request).await.unwrap().into_inner();
    let message = v1::SendMessageRequest {
        message_id: text.into(),
        conversation: text.into(),
        requester: Some(v1::Person {
            issuer: "chat".into(),
            subject: "employee".into(),
            ..Default::default()
        }),
        text: text.into(),
        ..Default::default()
    };
    let heard = app.client(None).conversations().send_message(message).await.unwrap().into_inner();
    (answer.suggestion.unwrap().gate(), heard.ticket.is_some())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_certified_model_acts_where_it_may_and_asks_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(&folder.join("train.jsonl"), 0, 60);
    write(&folder.join("confirmed.jsonl"), 100, 500);
    let said = train(folder, "certified", &["--validation", "confirmed.jsonl"]);
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.contains("gate: 2 % wrong at most, 5 % doubt\n  all labels: confidence 0."), "{said}");
    let figures = gate(folder, "certified");
    assert_eq!(figures["certified"], true);
    assert!((0.4..0.9).contains(&figures["coverage"].as_f64().unwrap()), "{figures}");
    assert!(figures["error"].as_f64().unwrap() <= 0.02, "{figures}");
    assert!(figures["pooled"]["threshold"].is_f64(), "{figures}");

    // The same messages without the certificate: measured by halves, and nobody acts on it.
    train(folder, "plain", &[]);
    let halves = gate(folder, "plain");
    assert_eq!(halves["certified"], false);
    assert!((0.4..0.9).contains(&halves["coverage"].as_f64().unwrap()), "{halves}");

    let desk = |model: &str| {
        App::start(Settings::default().env("DISPATCH_MODEL_FILE", folder.join(model).to_str().unwrap()))
    };
    let app = desk("certified");
    assert_eq!(says(&app, CLEAR).await, (v1::GateOutcome::Auto, true));
    assert_eq!(says(&app, UNCLEAR).await, (v1::GateOutcome::Confirmed, false));
    let app = desk("plain");
    assert_eq!(says(&app, CLEAR).await, (v1::GateOutcome::Confirmed, false));
}

#[test]
fn too_few_confirmed_messages_certify_nothing_and_say_how_many_more_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(&folder.join("train.jsonl"), 0, 20);
    write(&folder.join("confirmed.jsonl"), 100, 120);
    let said = train(folder, "model", &["--validation", "confirmed.jsonl", "--json"]);
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert!(report["gate"]["pooled"]["missing"].as_u64().is_some_and(|it| 100 < it), "{report}");
    let figures = gate(folder, "model");
    assert_eq!(
        (&figures["certified"], &figures["coverage"], &figures["error"]),
        (&false.into(), &0.0.into(), &0.0.into())
    );
    assert!(figures["pooled"]["missing"].is_u64(), "{figures}");

    let refused = train(folder, "refused", &["--validation", "confirmed.jsonl", "--gate-error", "1.5"]);
    assert_eq!(refused.status.code(), Some(1));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("the error of the gate is 1.5; it must lie above 0 and below 1"), "{said}");
    assert!(!folder.join("refused").exists());
}
