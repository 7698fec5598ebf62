//! Runs recorded in a real MLflow server; and a server that is not there stops nobody.

use std::{
    fs,
    process::{Command, Output},
};

use serde_json::{Value, json};

use crate::parts::{installed::Part, mlflow::Mlflow};

fn run(folder: &std::path::Path, line: &str, tracking: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
    command.current_dir(folder).args(line.split(' ')).env("MLFLOW_TRACKING_URI", tracking);
    command.env("MLFLOW_EXPERIMENT_NAME", "desk").output().unwrap()
}

fn data(folder: &std::path::Path) {
    let line = |turn: usize| {
        let (said, label) = if turn.is_multiple_of(2) {
            ("the vpn drops", "vpn_fault")
        } else {
            ("paper jam", "printer_fault")
        };
        format!("{}\n", json!({ "text": format!("{said} {turn}"), "label": label }))
    };
    fs::write(folder.join("data.jsonl"), (0..20).map(line).collect::<String>()).unwrap();
}

#[tokio::test]
async fn trainings_and_measurements_are_recorded_with_parameters_metrics_and_artifacts() {
    if Part::Mlflow.is_missing() {
        return;
    }
    let server = Mlflow::start();
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    for (line, metric, parameter, artifact) in [
        (
            "train --data data.jsonl --validation data.jsonl --output model --seed 7 --json",
            "accuracy",
            "seed",
            "model.safetensors",
        ),
        (
            "evaluate --model model --data data.jsonl --json",
            "microseconds_per_message",
            "model",
            "evaluation.json",
        ),
        (
            "cross-validate --data data.jsonl --folds 3 --json",
            "accuracy.mean",
            "folds",
            "cross-validation.json",
        ),
    ] {
        let output = run(folder.path(), line, &server.url());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !said.contains("recorded"), "{line}: {said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let id = report["run"].as_str().unwrap_or_else(|| panic!("{report}"));
        let run = &server.get(&format!("runs/get?run_id={id}")).await["run"];
        assert_eq!(run["info"]["status"], "FINISHED", "{run}");
        let keys = |what: &str| -> Vec<String> {
            let all = run["data"][what].as_array().unwrap();
            all.iter().map(|it| it["key"].as_str().unwrap().to_owned()).collect()
        };
        assert!(keys("metrics").contains(&metric.to_owned()), "{run}");
        assert!(keys("params").contains(&parameter.to_owned()), "{run}");
        let files = server.get(&format!("artifacts/list?run_id={id}")).await;
        let files: Vec<&str> =
            files["files"].as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
        assert!(files.contains(&artifact), "{files:?}");
    }
}

#[test]
fn without_its_server_the_model_is_written_and_what_is_missing_is_told() {
    let folder = tempfile::tempdir().unwrap();
    data(folder.path());
    for (tracking, reason) in [
        ("http://me:secret@127.0.0.1:1", "refused"),
        ("file:///somewhere", "it must be the address of a server"),
    ] {
        let output = run(folder.path(), "train --data data.jsonl --output model --json", tracking);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        assert!(said.contains("not recorded in") || said.contains("nothing was recorded"), "{said}");
        assert!(said.contains(reason) && !said.contains("secret"), "{said}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["run"], Value::Null);
        assert!(folder.path().join("model/model.safetensors").is_file());
        fs::remove_dir_all(folder.path().join("model")).unwrap();
    }
}
