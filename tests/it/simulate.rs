//! `simulate` as it is typed: what it prints for people and for programs, its page, a catalogue and a history of one's
//! own, the tickets of a running desk, and what it says of what is not right.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

use serde_json::Value;
use ticket_dispatch::{catalog, client::Client, proto::v1};

use crate::app::{App, Settings};

fn run(folder: &Path, line: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
    command.current_dir(folder).arg("simulate").args(line.split_whitespace()).env("NO_COLOR", "1");
    command.output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_str(&text(output)).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn the_same_seed_gives_the_same_findings_for_people_programs_and_as_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let line = "--scenario small --load 0.8,1 --runs 3 --weeks 1 --seed 5";
    let first = json(&run(folder.path(), &format!("{line} --json --html page.html")));
    assert_eq!(first, json(&run(folder.path(), &format!("{line} --json"))));
    assert_ne!(first, json(&run(folder.path(), &format!("{line} --seed 6 --json").replace("--seed 5", ""))));

    let load = &first[0]["loads"][1];
    assert_eq!((&first[0]["scenario"], &load["load"]), (&Value::from("small"), &Value::from(1.0)));
    let row = &load["rows"][2];
    assert_eq!(row["priority"], "P1+P2");
    let policies: Vec<_> =
        row["policies"].as_array().unwrap().iter().map(|it| it["policy"].clone()).collect();
    assert_eq!(policies, ["sla_aware", "priority_first", "round_robin", "least_loaded", "most_capacity"]);
    let late = &row["policies"][1]["late"];
    let [low, value, high] = ["low", "value", "high"].map(|it| late[it].as_f64().unwrap());
    assert!(0.0 <= low && low <= value && value <= high && high <= 1.0, "{late}");

    let shown = text(&run(folder.path(), line));
    for part in ["small: four people", "load 0.8", "load 1 ", "P1+P2", "priority_first", "█", "sla_aware"] {
        assert!(shown.contains(part), "no {part} in {shown}");
    }
    assert!(
        shown.contains("Where sla_aware loses:") || shown.contains("Nowhere is sla_aware late"),
        "{shown}"
    );
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(
        page.matches("<svg").count() == 6 && page.contains("round_robin") && !page.contains("NaN"),
        "{page}"
    );
}

#[test]
fn a_desk_of_ones_own_with_what_came_to_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("own")).unwrap();
    for source in catalog::starter() {
        fs::write(folder.path().join("own").join(source.name), source.content).unwrap();
    }
    let found = json(&run(folder.path(), "--catalog own --load 0.8 --runs 2 --weeks 1 --json"));
    assert_eq!((&found[0]["scenario"], &found[0]["tickets_from"]), (&"own".into(), &"generated".into()));

    // Three of network's agents get two hours of work each on Monday, all at once.
    let row = |it: u32| format!("2026-03-02T09:00:{it:02}Z,vpn_fault,P2,network,120\n");
    let rows: String = (0..6).map(row).collect();
    fs::write(
        folder.path().join("came.csv"),
        format!("opened,template,priority,group,handling_minutes\n{rows}"),
    )
    .unwrap();
    let found = json(&run(folder.path(), "--catalog own --history came.csv --runs 2 --weeks 2 --json"));
    let load = &found[0]["loads"][0];
    assert_eq!((&found[0]["tickets_from"], &load["load"]), (&"history".into(), &1.0.into()));
    assert_eq!(load["rows"][1]["tickets"], 12.0, "six tickets in each of two weeks");
    assert_eq!(load["rows"][0]["priority"], "P2", "no row for tickets that there are none of");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_came_to_a_running_desk() {
    let app = App::start(Settings::default());
    let client = Client::new(&app.url(), None).unwrap();
    for turn in 0..3 {
        let request = v1::CreateTicketRequest {
            request_id: format!("call-{turn}"),
            requester: Some(v1::Person {
                issuer: "it".into(),
                subject: format!("employee-{turn}"),
                ..Default::default()
            }),
            template: "vpn_fault".into(),
            description: "The VPN drops".into(),
            fields: vec![v1::FieldValue {
                field: "symptom".into(),
                value: Some(v1::field_value::Value::Choice("no_connection".into())),
            }],
            ..Default::default()
        };
        client.tickets().create_ticket(request).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let line = format!("--connect {} --runs 2 --weeks 1 --json", app.url());
    let found = tokio::task::spawn_blocking(move || json(&run(folder.path(), &line))).await.unwrap();
    let about = found[0]["about"].as_str().unwrap();
    assert!(about.starts_with("3 tickets that came in 1 weeks: too few"), "{about}");
}

#[test]
fn what_is_not_right_is_named_with_what_would_be() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("came.csv"), "opened,template\n2026-03-02T09:00:00Z,vpn\n").unwrap();
    fs::write(folder.path().join("bad.yaml"), "groups: nonsense\n").unwrap();
    for (line, says) in [
        ("--scenario bnak", "no scenario `bnak`; known: office, experts,"),
        ("--load 9", "between 0.05 and 3, such as 0.9"),
        ("--history came.csv", "came.csv: line 2: template: `vpn` is not in the catalogue"),
        ("--history gone.csv", "gone.csv: "),
        ("--catalog bad.yaml", "`ticket-dispatch check` says what is wrong with it"),
        ("--scenario bank --catalog x", "cannot be used with"),
        ("--runs 1", "2..=1000"),
    ] {
        let problem = refused(&run(folder.path(), line));
        assert!(problem.contains(says), "{line}: {problem}");
    }
}
