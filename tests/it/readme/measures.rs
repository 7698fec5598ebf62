//! The figures that the README shows: a month of few tickets, and what waits at its end.

use super::is_shown;
use crate::{
    app::Settings,
    measures::{month, stage::Desk},
    parts::installed::Part,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_measures_of_the_readme_are_what_the_program_prints() {
    if Part::Faketime.is_missing() {
        return;
    }
    let desk = Desk::start(Settings::default().clock());
    month(&desk).await;
    let mut made = "\n```console\n".to_owned();
    let arguments = "measures show --from 2027-03-01 --to 2027-03-31 --measure opened,respond,resolve,first_contact --by group";
    let all: Vec<&str> = arguments.split(' ').collect();
    let printed = String::from_utf8(desk.command(&all).stdout).unwrap();
    made.push_str(&format!("$ ticket-dispatch {arguments}\n{printed}"));
    made.push_str("```\n");
    is_shown("measures", &made, |it| it.to_owned());
}
