//! A model of one's own: trained, measured and used, all by the shipped program.

use std::{
    fs,
    process::{Command, Stdio},
};

use ticket_dispatch::proto::v1;

use crate::{
    app::{App, Settings},
    parts::made_once::run,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_of_ones_own_decides_and_what_it_does_not_know_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (data, model) = (folder.path().join("messages.jsonl"), folder.path().join("model"));
    let line = |text: String, label| format!("{}\n", serde_json::json!({ "text": text, "label": label }));
    let messages: String = (0..12)
        .flat_map(|turn| {
            let coffee = line(format!("no coffee comes out, number {turn}"), "coffee_machine");
            [coffee, line(format!("good morning, the {turn}th of us"), "greeting")]
        })
        .collect();
    fs::write(&data, messages).unwrap();
    let program = || Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
    run(program().arg("train").arg("--data").arg(&data).arg("--output").arg(&model));

    let app = App::start(Settings::default().env("DISPATCH_MODEL_FILE", model.to_str().unwrap()));
    let request = v1::SuggestRequest { text: "the coffee is out".into(), ..Default::default() };
    let answer = app.client(None).routing().suggest(request).await.unwrap().into_inner();
    let understanding = answer.suggestion.unwrap().understanding.unwrap();
    assert_eq!(understanding.labels[0].label, "coffee_machine");
    let log = app.log();
    let line = log.lines().find(|it| it.contains("coffee_machine")).unwrap_or_else(|| panic!("{log}"));
    assert!(line.contains("printer_fault") && !line.contains("greeting"), "{line}");

    // A reader who has had enough is no fault.
    for arguments in [&["--json"][..], &[]] {
        let mut evaluate = program();
        evaluate.arg("evaluate").arg("--model").arg(&model).arg("--data").arg(&data).args(arguments);
        let mut evaluate = evaluate.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(evaluate.stdout.take());
        let ended = evaluate.wait_with_output().unwrap();
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        assert!(ended.stderr.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn a_model_of_ones_own_knows_what_employees_say_of_their_tickets() {
    let folder = tempfile::tempdir().unwrap();
    let (data, model) = (folder.path().join("messages.jsonl"), folder.path().join("model"));
    let line = |turn, label| {
        let text = format!(
            "number {turn} of the {}",
            ["printer jams", "vpn drops"][usize::from(label == "vpn_fault")]
        );
        format!("{}\n", serde_json::json!({ "text": text, "label": label }))
    };
    fs::write(&data, (0..24).map(|it| line(it, ["printer_fault", "vpn_fault"][it % 2])).collect::<String>())
        .unwrap();
    let train = |more: &[&str]| {
        let mut train = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        train.args(["train", "--catalog", "deploy/catalog", "--data"]).arg(&data).arg("--output").arg(&model);
        let output = train.args(more).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let said = train(&[]);
    assert!(said.contains("2 labels") && said.contains("with --chat it does"), "{said}");
    let said = train(&["--chat", "--no-noise"]);
    assert!(said.contains("10 labels") && !said.contains("--chat"), "{said}");

    let app = App::start(Settings::default().env("DISPATCH_MODEL_FILE", model.to_str().unwrap()));
    for (text, label) in [("the printer jams again", "printer_fault"), ("any news on my ticket?", "status")] {
        let request = v1::SuggestRequest { text: text.into(), ..Default::default() };
        let answer = app.client(None).routing().suggest(request).await.unwrap().into_inner();
        assert_eq!(answer.suggestion.unwrap().understanding.unwrap().labels[0].label, label);
    }
}

#[test]
fn a_model_that_cannot_be_used_ends_the_start_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.safetensors");
    fs::write(&bad, b"no model at all").unwrap();
    for path in [bad, folder.path().join("nowhere")] {
        let mut start = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        start.args(["serve", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--data", "data"]);
        start.current_dir(folder.path()).env("DISPATCH_MODEL_FILE", &path);
        let output = start.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        for part in ["model.file", path.to_str().unwrap(), "train --output"] {
            assert!(said.contains(part), "{part} is not in: {said}");
        }
    }
}
