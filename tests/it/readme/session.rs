//! The session that the README shows: two employees, one in English and one in Chinese, talk to the
//! program by its own `chat`.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::is_shown;
use crate::app::{App, Settings};

/// Who says what.
const EMPLOYEES: [(&str, &[&str]); 2] = [
    (
        "alex",
        &[
            "vpn drops every ten minutes since the update, I have a client call at 3",
            "yes",
            "and water drips from the ceiling",
            "second floor, next to the kitchen",
            "any news about my tickets?",
            "the vpn holds now, please close INC-000001",
        ],
    ),
    ("mei", &["公司VPN一直断线", "可以", "我的工单怎么样了"]),
];

#[test]
fn the_session_of_the_readme_is_what_the_program_prints() {
    let app = App::start(Settings::default());
    let mut made = String::from("\n");
    for (name, lines) in EMPLOYEES {
        let heard = chat(&mut app.command(&["chat", "--as", name, "--connect", &app.url()]), lines);
        made.push_str(&format!(
            "```console\n$ ticket-dispatch chat --as {name}\n{}\n```\n",
            heard.trim_end()
        ));
    }
    is_shown("session", &made, masked);
}

pub(super) fn chat(command: &mut Command, lines: &[&str]) -> String {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let said: String = lines.iter().flat_map(|it| [it, "\n"]).collect();
    child.stdin.take().unwrap().write_all(said.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Without what differs from day to day: digits, the names of days and months, and where a line breaks.
pub(super) fn masked(text: &str) -> String {
    let names = "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec";
    let is_name = |it: &str| names.split(' ').any(|name| name == it.trim_end_matches(','));
    let word = |it: &str| if is_name(it) { "#".to_owned() } else { it.to_owned() };
    let words: Vec<_> = text.split_whitespace().map(word).collect();
    let mut masked = String::new();
    for it in words.join(" ").chars().map(|it| if it.is_ascii_digit() { '#' } else { it }) {
        // A day may have one digit or two.
        if it != '#' || !masked.ends_with('#') {
            masked.push(it);
        }
    }
    // Chinese breaks anywhere.
    masked.retain(|it| it != ' ');
    masked
}
