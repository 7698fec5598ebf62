//! A morning of outages that the README shows.

use super::is_shown;
use crate::{app::Settings, parts::installed::Part, services::Desk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_services_of_the_readme_are_what_the_program_prints() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(Settings::default().clock(), &[]);
    desk.morning_of_outages().await;
    let arguments = "services remote_access --from 2027-03-01 --to 2027-03-01";
    let printed = desk.printed(&arguments.split(' ').collect::<Vec<_>>());
    let made = format!("\n```console\n$ ticket-dispatch {arguments}\n{printed}```\n");
    // The program's clock goes on between two commands, so figures differ by seconds.
    is_shown("services", &made, |it| it.replace(|it: char| it.is_ascii_digit(), "#").replace("##", "#"));
}
