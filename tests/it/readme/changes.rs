//! Changes that the README shows: the calendar, and what stands against one.

use ticket_dispatch::domain::time::Timestamp;

use super::{is_shown, session::masked};
use crate::{
    app::Settings,
    changes::stage::{Desk, hours, plan, span},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_changes_of_the_readme_are_what_the_program_prints() {
    let desk = Desk::start(Settings::default());
    desk.asset("ESX-1", "server", &[]).await;
    desk.asset("SRV-7", "server", &["ESX-1"]).await;
    // The evening of the day after tomorrow.
    let day = hours(48).second().div_euclid(86_400) * 86_400;
    let at = |hour: i64| Timestamp::from_second(day + hour * 3600);
    let host = desk.agreed(&["ESX-1"], span(at(20), at(22))).await;
    desk.schedule(&host.id).await.unwrap();
    let guest = desk.open("", &["SRV-7"]).await;
    let mut risky = plan(span(at(21), at(23)));
    risky.answers[0].option = "long".into();
    risky.test.clear();
    desk.plan(&guest.id, risky).await.unwrap();
    let data = desk.app.data();
    let mut made = "\n```console\n".to_owned();
    for arguments in ["changes list", "changes list --calendar", "changes check CHG-000002"] {
        let all: Vec<&str> = arguments.split(' ').collect();
        let mut command = desk.app.command(&all);
        let output = command.current_dir(data.parent().unwrap()).args(["--data", "data"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout).unwrap();
        made.push_str(&format!("$ ticket-dispatch {arguments}\n{printed}"));
    }
    made.push_str("```\n");
    is_shown("changes", &made, masked);
}
