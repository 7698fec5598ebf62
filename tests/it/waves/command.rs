//! The command line: waves listed, shown and decided about beside a running server.

use serde_json::Value;
use ticket_dispatch::proto::v1::{LinkRelation, WaveState};

use super::stage::{Desk, PRINTING, VPN, acting, linked, with_tickets};
use crate::app::{complaint, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waves_are_listed_shown_and_decided_about() {
    let desk = Desk::start(acting());
    let none = desk.command(&["waves", "list"]);
    assert_eq!(String::from_utf8_lossy(&none.stderr), "No waves.\n");
    let numbers = desk.storm("vpn", &VPN).await;
    desk.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
    let listed = said(&desk.command(&["waves", "list", "--state", "candidate"]));
    let lines: Vec<_> = listed.lines().collect();
    assert!(lines[0].starts_with("NUMBER") && lines[1].starts_with("WAV-000001  candidate"), "{listed}");
    assert!(lines[1].ends_with("vpn_fault"), "{listed}");

    let done = said(&desk.command(&["waves", "accept", "wav-1", "--parent", &numbers[1]]));
    assert!(
        done.starts_with(&format!("WAV-000001 is accepted with {} as its parent.\n", numbers[1])),
        "{done}"
    );
    assert!(done.contains(VPN[1]), "its subject, which callers are told: {done}");
    // The running server does what follows, and asks later callers.
    desk.until(&numbers[1], |it| linked(it, LinkRelation::Child).len() == VPN.len() - 1).await;
    let shown = said(&desk.command(&["waves", "show", "WAV-000001"]));
    assert!(shown.contains(&format!("parent    {}", numbers[1])), "{shown}");
    assert!(shown.contains(VPN[3]), "the subjects of its tickets: {shown}");
    let object: Value =
        serde_json::from_str(&said(&desk.command(&["waves", "show", "wav-1", "--json"]))).unwrap();
    assert_eq!(object["state"], "accepted");
    let ticket = object["tickets"][0]["number"].as_str().unwrap();
    assert!(numbers.iter().any(|it| it == ticket), "{object}");

    desk.storm("printing", &PRINTING).await;
    desk.wave("printer_fault", |_| true).await;
    let done = said(&desk.command(&["waves", "dismiss", "WAV-000002", "--reason", "a drill"]));
    assert_eq!(done, "WAV-000002 is dismissed.\n");
    desk.wave("printer_fault", |it| it.state() == WaveState::Dismissed && it.reason == "a drill").await;
    let refused = complaint(&desk.command(&["waves", "accept", "WAV-000002"]));
    assert!(
        refused.contains("WAV-000002 is dismissed and cannot become accepted; it has ended"),
        "{refused}"
    );
    let refused = complaint(&desk.command(&["waves", "show", "WAV-000009"]));
    assert!(refused.contains("no such wave"), "{refused}");
    let done = said(&desk.command(&["waves", "close", "WAV-000001", "--reason", "found"]));
    assert!(done.starts_with("WAV-000001 is over"), "{done}");
}
