//! Scripted conversations: who said what, and what came of it. Each `tests/cases/*.chat` is played
//! through gRPC against the shipped program; the file's first line says what it shows.

pub(crate) mod script;
pub(crate) mod stage;

use std::fs;
use std::path::Path;

use crate::app::{App, Settings};
use script::Script;
use stage::Stage;

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn every_scripted_conversation_ends_as_its_script_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    let only = std::env::var("CASE").unwrap_or_default();
    let asking = App::start(Settings::default());
    // What these show is what is done once the machine acts, not from which confidence on.
    let acting = Settings::default().env("DISPATCH_GATE_UNCERTIFIED", "auto");
    let acting = App::start(acting.env("DISPATCH_GATE_AUTO", "0.6").env("DISPATCH_GATE_SURE", "0.6"));
    let (mut played, mut failures) = (0, vec![]);
    for file in files.iter().filter(|it| it.extension().is_some_and(|it| it == "chat")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        if !name.contains(&only) {
            continue;
        }
        let script = Script::parse(&fs::read_to_string(file).unwrap());
        let app = if script.auto { &acting } else { &asking };
        played += 1;
        if let Err(why) = Stage::new(app, &name).play(&script).await {
            failures.push(format!("{name}.chat:{why}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {played} conversations went wrong:\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
    assert!(!only.is_empty() || played >= 80, "only {played} conversations are there");
}
