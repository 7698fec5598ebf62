//! A known error that the README shows.

use super::is_shown;
use crate::{app::Settings, problems::Desk};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_known_error_of_the_readme_is_what_the_program_prints() {
    let desk = Desk::start(Settings::default());
    let (alike, other) = desk.two_of_one_cause().await;
    let arguments = ["known-errors", alike.as_str()];
    let printed = desk.printed(&arguments);
    let none = desk.printed(&["known-errors", &other]);
    assert_eq!(none, format!("No known errors that {other} is likely about.\n"));
    let json: serde_json::Value = serde_json::from_str(&desk.printed(&["known-errors", "--json"])).unwrap();
    assert_eq!(json["error_code"], "809");
    is_shown(
        "known-errors",
        &format!("\n```console\n$ ticket-dispatch {}\n{printed}```\n", arguments.join(" ")),
        |it| it.to_owned(),
    );
}
