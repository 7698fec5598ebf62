//! An incident wave that the README shows: listed, accepted, and a later caller who is asked.

use std::process::Command;

use super::{
    is_shown,
    session::{chat, masked},
};
use crate::{
    app::Settings,
    waves::stage::{Desk, VPN, with_tickets},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_wave_of_the_readme_is_what_the_program_prints() {
    let desk = Desk::start(Settings::default());
    let numbers = desk.storm("caller", &VPN).await;
    desk.wave("vpn_fault", |it| with_tickets(it) == VPN.len()).await;
    let data = desk.app.data();
    let printed = |command: &mut Command| {
        let output = command.current_dir(data.parent().unwrap()).args(["--data", "data"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let mut made = "\n```console\n".to_owned();
    for arguments in ["waves list", "waves accept WAV-000001"] {
        let all: Vec<&str> = arguments.split(' ').collect();
        made.push_str(&format!("$ ticket-dispatch {arguments}\n{}", printed(&mut desk.app.command(&all))));
    }
    // The running server sees it within a moment, and does what follows.
    desk.until(&numbers[1], |it| !it.links.is_empty()).await;
    let url = desk.app.url();
    let lines = &["the vpn says error 809 and does not connect", "yes, that is it"];
    let heard = chat(&mut desk.app.command(&["chat", "--as", "alex", "--connect", &url]), lines);
    made.push_str(&format!("$ ticket-dispatch chat --as alex\n{}\n```\n", heard.trim_end()));
    is_shown("waves", &made, masked);
}
