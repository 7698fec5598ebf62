//! `ticket-dispatch changes` beside the running program.

use ticket_dispatch::proto::v1::{ChangeOutcome, TicketState};

use super::stage::{BROKEN, Desk, plan, window};
use crate::app::Settings;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_shown_with_what_came_of_it_for_people_and_for_programs() {
    let desk = Desk::with(Settings::default(), &[BROKEN]);
    let printed = |arguments: &str| {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let output = desk.app.command(&arguments).args(["--data", "data"]).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    };
    let json = |arguments: &str| -> serde_json::Value {
        serde_json::from_str(&printed(&format!("{arguments} --json")).1).unwrap()
    };
    assert_eq!(printed("changes list").2, "No changes.\n");
    desk.asset("HOST-1", "server", &[]).await;
    let change = desk.under_way(&["HOST-1"]).await;
    let incident = desk.incident("ada", "HOST-1").await;
    desk.go(&change.id, TicketState::Resolved).await.unwrap();
    desk.review(&change.id, ChangeOutcome::BackedOut, "It did not boot").await.unwrap();
    let shown = printed("changes show CHG-000001").1;
    let after = format!("  after it   {}  ", incident.number);
    for part in [
        "CHG-000001 is closed: New firmware",
        "  asset      HOST-1",
        "  implementation: Install the new firmware",
        "  review     backed_out It did not boot",
        &after,
    ] {
        assert!(shown.contains(part), "{shown}");
    }
    let shown = json("changes show CHG-000001");
    assert_eq!(shown["review"]["outcome"], "backed_out");
    assert_eq!(shown["incidents_after"], serde_json::json!([incident.number]));
    assert_eq!(shown["window"], shown["scheduled"]["window"]);
    let next = desk.open("", &["HOST-1"]).await;
    desk.plan(&next.id, plan(window(30, 1))).await.unwrap();
    assert_eq!(json("changes check CHG-000002")["missing"], serde_json::json!([]));
    // What came to stand against its place in the calendar.
    desk.asset("VM-1", "server", &[]).await;
    let window = window(40, 1);
    let (below, above) = (desk.standard(&["HOST-1"], window).await, desk.standard(&["VM-1"], window).await);
    desk.hang("VM-1", "HOST-1").await;
    let line = format!("{} has its place at the same time on VM-1", below.number);
    for arguments in ["changes check", "changes show"] {
        let shown = printed(&format!("{arguments} {}", above.number)).1;
        assert!(shown.contains(&format!("  collision  {line}")), "{shown}");
        let told = json(&format!("{arguments} {}", above.number));
        assert_eq!(told["conflicts"][0]["with"], below.number);
    }
    let listed = printed("changes list").1;
    assert!(listed.contains(&format!("{} collision: {line}", above.number)), "{listed}");
    let (code, _, told) = printed("changes show CHG-000009");
    assert!(code == 1 && told.contains("no such ticket"), "{code} {told}");
    assert_eq!(printed("changes list --from tomorrow").0, 64);
}
