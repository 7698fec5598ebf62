//! The commands of the knowledge that the README shows, and an offer in the chat.

use std::{path::Path, process::Command};

use super::{is_shown, session::chat};
use crate::app::{App, Settings};

#[test]
fn the_knowledge_of_the_readme_is_what_the_program_prints() {
    let app = App::start(Settings::default());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/knowledge");
    let printed = |command: &mut Command| {
        let output = command.args(["--data", "data"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let mut made = String::from("\n```console\n");
    let import = printed(app.command(&["knowledge", "import", "--publish"]).arg(folder));
    made.push_str(&format!("$ ticket-dispatch knowledge import deploy/knowledge --publish\n{import}"));
    let url = app.url();
    let lines = &["the printer has a paper jam again", "yes"];
    let heard = chat(&mut app.command(&["chat", "--as", "alex", "--connect", &url]), lines);
    made.push_str(&format!("$ ticket-dispatch chat --as alex\n{}\n", heard.trim_end()));
    for arguments in ["knowledge search 会议室 屏幕", "knowledge list --order helps-least"] {
        let all: Vec<&str> = arguments.split(' ').collect();
        made.push_str(&format!("$ ticket-dispatch {arguments}\n{}", printed(&mut app.command(&all))));
    }
    made.push_str("```\n");
    is_shown("knowledge", &made, str::to_owned);
}
