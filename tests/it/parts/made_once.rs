//! Folders that are slow to make and quick to copy: made once for all test processes, kept under `target`.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The template folder of this name, made now if no test has made it before.
pub(crate) fn template(name: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let templates = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parts");
    fs::create_dir_all(&templates).unwrap();
    let lock = File::create(templates.join(format!("{name}.lock"))).unwrap();
    lock.lock().unwrap();
    let finished = templates.join(name);
    if !finished.exists() {
        // A maker that was killed leaves only the unfinished folder behind.
        let unfinished = templates.join(format!("{name}.unfinished"));
        fs::remove_dir_all(&unfinished).ok();
        make(&unfinished);
        fs::rename(&unfinished, &finished).unwrap();
    }
    finished
}

/// Copies a folder with its owners and modes.
pub(crate) fn copy(from: &Path, to: &Path) {
    run(Command::new("cp").arg("-a").arg(from).arg(to));
}

/// Runs a command to its end and gives what it printed; a failure shows everything it said.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{command:?} ended with {}:\n{said}{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    said
}
