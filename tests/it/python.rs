//! A bot in Python against the shipped program: the one that the README shows, word for word, and one
//! that goes through a whole conversation and reads what a refusal says to programs.

use std::{
    env, fs,
    io::Write as _,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
};

use tempfile::TempDir;
use ticket_dispatch::proto::v1;

use crate::{
    app::{App, Settings},
    parts::{
        installed::{Part, program},
        made_once::run,
    },
    readme::Readme,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_bot_of_the_readme_opens_a_ticket() {
    if Part::PythonGrpc.is_missing() {
        return;
    }
    let folder = stubs();
    let readme = Readme::read();
    let bot = readme.part("bot").trim().strip_prefix("```python").unwrap().strip_suffix("```").unwrap();
    fs::write(folder.path().join("bot.py"), bot).unwrap();
    let app = App::start(Settings::default());
    let address = app.url().replace("http://", "");
    let said = "my laptop is broken, the screen stays black\nyes\n\nhow is my ticket going?\n";
    let heard = talk(python(&folder).args(["bot.py", &address]), said);
    assert!(heard.contains("[yes] Yes") || heard.contains("] Yes"), "buttons are shown:\n{heard}");
    assert!(heard.contains("INC-"), "{heard}");
    assert!(heard.contains("INVALID_ARGUMENT text: is required"), "an empty line is refused:\n{heard}");

    let again = talk(python(&folder).args(["bot.py", &address]), "hello\n");
    assert!(!again.contains("ALREADY_EXISTS"), "a second run says something new:\n{again}");
    assert!(!heard.contains(again.trim()), "and is answered anew:\n{again}");

    let request = v1::ListTicketsRequest::default();
    let tickets = app.client(None).tickets().list_tickets(request).await.unwrap().into_inner().tickets;
    let [ticket] = &tickets[..] else { panic!("{tickets:?}\n{heard}") };
    assert_eq!(ticket.template, "hardware_fault");
    assert_eq!(ticket.requester.as_ref().unwrap().subject, "U123");
}

#[test]
fn a_python_client_talks_from_the_first_word_to_a_closed_ticket_and_reads_refusals() {
    if Part::PythonGrpc.is_missing() {
        return;
    }
    let folder = stubs();
    let app = App::start(Settings::default());
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/client.py");
    run(python(&folder).arg(client).arg(app.url().replace("http://", "")));
}

/// A folder with the stubs, made by the command that the README gives.
fn stubs() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let protos = Path::new(env!("CARGO_MANIFEST_DIR")).join("proto");
    symlink(protos, folder.path().join("proto")).unwrap();
    let readme = Readme::read();
    let command = readme.text().split('`').find(|it| it.starts_with("python -m grpc_tools.protoc")).unwrap();
    let bin = program("python-with-grpc").parent().unwrap().to_owned();
    let path = env::join_paths([bin].into_iter().chain(env::split_paths(&env::var_os("PATH").unwrap())));
    run(Command::new("sh").args(["-c", command]).env("PATH", path.unwrap()).current_dir(folder.path()));
    folder
}

fn python(folder: &TempDir) -> Command {
    let mut command = Command::new(program("python-with-grpc"));
    // Stubs are modules of the folder, wherever the program lies; and no `__pycache__` beside the sources.
    command.current_dir(folder.path()).env("PYTHONPATH", folder.path()).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a program to its end with these lines piped in, and gives what it printed.
fn talk(command: &mut Command, lines: &str) -> String {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
