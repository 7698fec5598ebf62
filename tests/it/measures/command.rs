//! The command line and the figures on `/metrics`.

use serde_json::Value;
use ticket_dispatch::proto::v1::TicketState;

use super::stage::Desk;
use crate::{
    app::{Settings, complaint, get, said},
    parts::server::within,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_are_shown_as_a_table_as_csv_and_as_json() {
    let desk = Desk::start(Settings::default());
    let none = said(&desk.command(&["measures", "show", "--measure", "resolve"]));
    assert!(none.starts_with("Nothing is measured from "), "{none}");
    assert_eq!(said(&desk.command(&["measures", "backlog"])), "Nothing is open.\n");
    for who in ["ann", "bob"] {
        let ticket = desk.open(who).await.unwrap().number;
        desk.say(&ticket, "Please try again").await.unwrap();
        if who == "ann" {
            desk.go(&ticket, TicketState::Resolved).await.unwrap();
        }
    }
    let shown =
        said(&desk.command(&["measures", "show", "--measure", "opened,first_contact", "--by", "group"]));
    let lines: Vec<_> = shown.lines().collect();
    assert!(
        lines[0].ends_with("days of UTC") && lines[1].starts_with("MEASURE        GROUP    COUNT"),
        "{shown}"
    );
    assert!(
        lines[2].starts_with("opened         network      2") && lines[2].ends_with(&"█".repeat(16)),
        "{shown}"
    );
    assert!(lines[3].starts_with("first_contact  network      1  100.0 %"), "{shown}");

    let csv = said(&desk.command(&[
        "measures",
        "show",
        "--measure",
        "respond",
        "--by",
        "service,kind",
        "--format",
        "csv",
    ]));
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines[0], "measure,from,to,service,kind,count,sum,mean,p50,p90,p95,max");
    assert!(lines[1].contains(",remote_access,incident,2,") && lines.len() == 2, "{csv}");

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("days.svg").to_str().unwrap().to_owned();
    said(&desk.command(&["measures", "show", "--period", "day", "--by", "group", "--svg", &picture]));
    let drawn = std::fs::read_to_string(&picture).unwrap();
    assert!(
        drawn.starts_with("<svg ") && drawn.contains("resolve_working") && drawn.contains(">network<"),
        "{drawn}"
    );
    let alone = desk.command(&["measures", "show", "--svg", &picture]);
    assert!(alone.status.code() == Some(64) && String::from_utf8_lossy(&alone.stderr).contains("--period"));
    let nowhere = desk.command(&["measures", "show", "--period", "day", "--svg", "/nowhere/days.svg"]);
    assert!(complaint(&nowhere).contains("the picture cannot be written to /nowhere/days.svg"));

    let json = said(&desk.command(&["measures", "show", "--period", "day", "--format", "json"]));
    let rows: Vec<Value> = serde_json::from_str(&json).unwrap();
    let resolve = rows.iter().find(|it| it["measure"] == "resolve").unwrap();
    assert_eq!((&resolve["count"], resolve.get("group")), (&Value::from(1), None));
    let open: Vec<Value> = serde_json::from_str(&said(
        &desk.command(&["measures", "backlog", "--by", "priority", "--format", "json"]),
    ))
    .unwrap();
    assert_eq!((&open[0]["priority"], &open[0]["count"]), (&Value::from("P3"), &Value::from(1)));
    let wrong = desk.command(&["measures", "show", "--measure", "speed"]);
    assert!(
        wrong.status.code() == Some(64)
            && String::from_utf8_lossy(&wrong.stderr).contains("write one of opened, ")
    );

    let of_all = "{tenant=\"default\",";
    let told = [
        format!("dispatch_measure{of_all}measure=\"opened\",days=\"30\",figure=\"count\"}} 2"),
        format!("dispatch_measure_by_group{of_all}measure=\"opened\",group=\"network\",figure=\"count\"}} 2"),
        format!(
            "dispatch_measure_by_service{of_all}measure=\"resolve\",service=\"remote_access\",figure=\"count\"}} 1"
        ),
        format!(
            "dispatch_measure_by_template{of_all}measure=\"first_contact\",template=\"vpn_fault\",figure=\"mean\"}} 1"
        ),
        format!("dispatch_measure_by_group{of_all}measure=\"opened\",group=\"(other)\",figure=\"count\"}} 0"),
        format!("dispatch_backlog{of_all}figure=\"count\"}} 1"),
        format!("dispatch_backlog_by_group{of_all}group=\"network\",figure=\"count\"}} 1"),
    ];
    let port = desk.app.http();
    let is_told = |page: &str| {
        let ages =
            page.lines().filter(|it| it.starts_with("dispatch_backlog{") && it.contains("\"max\"")).count();
        ages == 1 && told.iter().all(|line| page.contains(line))
    };
    let all =
        within(std::time::Duration::from_secs(60), || get(port, "/metrics").is_some_and(|it| is_told(&it.1)));
    let page = get(port, "/metrics").unwrap().1;
    let missing: Vec<_> = told.iter().filter(|it| !page.contains(*it)).collect();
    assert!(all, "{missing:#?}\n{page}");
}
