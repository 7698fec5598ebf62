//! The commands of the register of assets that the README shows, and "my laptop" in the chat.

use std::{fs, process::Command};

use super::{
    is_shown,
    session::{chat, masked},
};
use crate::app::{App, Settings};

/// The list that the README shows.
const STOCK: &str = "\
tag,type,name,host,owner,connected_to,part_of,needs.part_of
SW-1,switch,,sw1.example.com,,,,
SRV-1,server,,srv1.example.com,,SW-1,FARM,
SRV-2,server,,srv2.example.com,,SW-1,FARM,
FARM,service,Files,,,,,1
LT-20417,laptop,ThinkPad X1,,alex,,,
LT-20418,laptop,MacBook Pro,,alex,,,
";

#[test]
fn the_assets_of_the_readme_are_what_the_program_prints() {
    let app = App::start(Settings::default());
    let data = app.data();
    let folder = data.parent().unwrap();
    fs::write(folder.join("stock.csv"), STOCK).unwrap();
    fs::write(folder.join("staff.csv"), "user name,email\nalex,alex@example.com\n").unwrap();
    let printed = |command: &mut Command| {
        let output = command.current_dir(folder).args(["--data", "data"]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    printed(&mut app.command(&["people", "import", "staff.csv"]));
    let mut made = format!("\n```console\n$ cat stock.csv\n{STOCK}");
    for arguments in ["assets import stock.csv --dry-run", "assets import stock.csv", "assets impact SW-1"] {
        let all: Vec<&str> = arguments.split(' ').collect();
        made.push_str(&format!("$ ticket-dispatch {arguments}\n{}", printed(&mut app.command(&all))));
    }
    let url = app.url();
    let lines = &["my laptop does not start any more, the screen stays black", "the MacBook", "yes"];
    let heard = chat(&mut app.command(&["chat", "--as", "alex", "--connect", &url]), lines);
    made.push_str(&format!("$ ticket-dispatch chat --as alex\n{}\n```\n", heard.trim_end()));
    is_shown("assets", &made, masked);
}
