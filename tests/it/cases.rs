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
    let asking = App::start(Settings::default());
    // What these show is what is done once the machine acts, not from which confidence on.
    let acting = Settings::default().env("DISPATCH_GATE_UNCERTIFIED", "auto");
    let acting = App::start(acting.env("DISPATCH_GATE_AUTO", "0.6").env("DISPATCH_GATE_SURE", "0.6"));
    let mut failures = Failures::default();
    for (name, script) in scripts("", 80) {
        let app = if script.auto { &acting } else { &asking };
        failures.note(&name, Stage::new(app, &name).play(&script).await);
    }
    failures.none();
}

/// The scripts of a folder within `tests/cases` with their names, at least so many; of those whose names contain `CASE`,
/// if that is set.
pub(crate) fn scripts(folder: &str, least: usize) -> Vec<(String, Script)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases").join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.sort();
    files.retain(|it| it.extension().is_some_and(|it| it == "chat"));
    assert!(files.len() >= least, "only {} conversations are there", files.len());
    let only = std::env::var("CASE").unwrap_or_default();
    let named = files.into_iter().map(|it| (it.file_stem().unwrap().to_string_lossy().into_owned(), it));
    let chosen = named.filter(|(name, _)| name.contains(&only));
    chosen.map(|(name, file)| (name, Script::parse(&fs::read_to_string(file).unwrap()))).collect()
}

/// Conversations that did not end as their scripts say.
#[derive(Default)]
pub(crate) struct Failures(Vec<String>);

impl Failures {
    pub(crate) fn note(&mut self, name: &str, outcome: Result<(), String>) {
        self.0.extend(outcome.err().map(|why| format!("{name}.chat:{why}")));
    }

    pub(crate) fn none(self) {
        let Self(all) = self;
        assert!(all.is_empty(), "{} conversations went wrong:\n\n{}", all.len(), all.join("\n\n"));
    }
}
