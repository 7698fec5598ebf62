//! The commands for those who make models, as they are typed: any number of files in two formats, figures for
//! people and for programs, and what they say of data that is not as it should be.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with data of two labels in both formats, and commands that run in it.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let lines = |said: &str, label: &str| -> String {
            let line = |turn: usize| format!("{{\"text\":\"{said} number {turn}\",\"label\":\"{label}\"}}\n");
            (0..12).map(line).collect()
        };
        let rows = |said: &str, label: &str| -> String {
            (20..32).map(|turn| format!("\"{said}, number {turn}\",{label},2\n")).collect()
        };
        desk.write("coffee.jsonl", lines("the coffee machine is dry", "coffee_machine"));
        desk.write("rest.csv", format!("text,label,weight\n{}", rows("the lift is stuck", "lift")));
        desk.write("all.jsonl", lines("coffee is dry", "coffee_machine") + &lines("lift stuck", "lift"));
        desk.write("chatter.csv", "text\nwhat a lovely day\nwho won the match\n");
        desk
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs a command line, its words parted by blanks.
    fn run(&self, line: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        command.current_dir(self.0.path()).args(line.split(' ')).env_remove("MLFLOW_TRACKING_URI");
        command.output().unwrap()
    }

    /// Runs it to a good end and reads its JSON.
    fn json(&self, line: &str) -> Value {
        let output = self.run(line);
        assert!(output.status.success(), "{line}: {}", said(&output));
        serde_json::from_slice(&output.stdout).unwrap_or_else(|it| panic!("{line}: {it}: {output:?}"))
    }

    fn trained() -> Self {
        let desk = Self::new();
        desk.json("train --data coffee.jsonl rest.csv --out-of-scope chatter.csv --output model --json");
        desk
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn files_of_both_formats_make_one_model_and_are_measured_as_one() {
    let desk = Desk::new();
    let trained =
        desk.json("train --data coffee.jsonl rest.csv --out-of-scope chatter.csv --output model --json");
    assert_eq!((&trained["examples"], &trained["labels"]), (&26.into(), &3.into()), "{trained}");
    let measured =
        desk.json("evaluate --model model --data coffee.jsonl rest.csv --out-of-scope chatter.csv --json");
    assert_eq!(measured["messages"], 24);
    assert_eq!(measured["accuracy"], 1.0);
    for figure in ["accuracy", "macro_f1", "ece", "microseconds_per_message"] {
        assert!(measured[figure].is_number(), "{figure}: {measured}");
    }
    assert!(measured["out_of_scope"]["auroc"].is_number(), "{measured}");
}

#[test]
fn every_message_is_judged_by_a_model_that_has_not_seen_it() {
    let desk = Desk::new();
    let found = desk.json("cross-validate --data all.jsonl --folds 4 --json");
    assert_eq!(found["folds"].as_array().unwrap().len(), 4);
    assert_eq!(found["evaluation"]["messages"], 24);
    assert_eq!(found["accuracy"]["mean"], 1.0);
    assert_eq!(
        found,
        desk.json("cross-validate --data all.jsonl --folds 4 --json"),
        "the same seed, the same figures"
    );

    let wrong = fs::read_to_string(desk.path("all.jsonl")).unwrap().replacen("coffee_machine", "lift", 1);
    desk.write("wrong.jsonl", wrong);
    let output = desk.run("cross-validate --data wrong.jsonl");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(printed.contains("wrong.jsonl:1: lift, or coffee_machine?"), "{printed}{}", said(&output));
}

#[test]
fn two_models_are_compared_on_the_same_messages() {
    let desk = Desk::trained();
    let swapped = fs::read_to_string(desk.path("all.jsonl")).unwrap();
    let swapped = swapped
        .replace("coffee_machine", "x")
        .replace("\"lift\"", "\"coffee_machine\"")
        .replace("\"x\"", "\"lift\"");
    desk.write("swapped.jsonl", swapped);
    desk.json("train --data swapped.jsonl --output wrong --json");
    let found = desk.json("compare model wrong --data all.jsonl --json");
    assert_eq!(
        (&found["gained"], &found["lost"], &found["difference"]),
        (&0.into(), &24.into(), &(-1.0).into())
    );
    assert!(found["p_value"].as_f64().unwrap() < 1e-6, "{found}");
    assert_eq!(found["labels"][0]["regressions"].as_array().unwrap().len(), 3);
    let printed = desk.run("compare model wrong --data all.jsonl").stdout;
    assert!(String::from_utf8_lossy(&printed).contains("B is worse."));
}

#[test]
fn the_report_and_the_card_are_written_for_people() {
    let desk = Desk::trained();
    let line = "report --model model --data all.jsonl --training coffee.jsonl rest.csv --out-of-scope chatter.csv \
                --output report.html --json";
    let report = desk.json(&line.split_whitespace().collect::<Vec<_>>().join(" "));
    assert_eq!(report["evaluation"]["messages"], 24);
    assert!(report["training"]["drift"]["words"]["value"].is_number(), "{report}");
    let page = fs::read_to_string(desk.path("report.html")).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    let card = desk.run("card --model model --data all.jsonl");
    let card = String::from_utf8(card.stdout).unwrap();
    for part in ["## Data", "## Figures", "## Limits", "`coffee_machine`", "| accuracy |"] {
        assert!(card.contains(part), "{part} is not in: {card}");
    }
    let nowhere = desk.run("report --model model --data all.jsonl --output all.jsonl/report.html");
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(said(&nowhere).contains("report.html: cannot be written"), "{}", said(&nowhere));
}

#[test]
fn bad_data_is_refused_with_file_line_and_field_and_no_model_is_written() {
    let good = "{\"text\":\"vpn down\",\"label\":\"vpn_fault\"}\n";
    let wide: Vec<u8> = good.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>, &str); 10] = [
        ("empty.jsonl", Vec::new(), "empty.jsonl: has no examples"),
        ("one.jsonl", good.repeat(2).into(), "all 2 examples have the label 'vpn_fault'"),
        ("label.jsonl", format!("{good}{{\"text\":\"x\"}}").into(), "label.jsonl:2: 'label' is missing"),
        ("label.csv", "text,label\nx,\n".into(), "label.csv:2: 'label' is empty"),
        (
            "header.csv",
            "message,label\nx,y\n".into(),
            "header.csv:1: has no column 'text' but 'message', 'label'",
        ),
        (
            "latin.csv",
            b"text,label\ncaf\xe9,x\n".to_vec(),
            "latin.csv:2: byte 4 of the line (0xE9) is no UTF-8",
        ),
        ("wide.jsonl", wide, "wide.jsonl: is in UTF-16"),
        ("weight.csv", "text,label,weight\nx,y,NaN\n".into(), "weight.csv:2: 'weight' is NaN"),
        (
            "control.jsonl",
            format!("{good}{{\"text\":\"x\",\"label\":\"a\\u001b[31m\"}}").into(),
            "control.jsonl:2: the label \"a\\u{1b}[31m\" is none; it must have 1 to 200 bytes",
        ),
        ("list.json", "[{\"text\":\"x\",\"label\":\"y\"}]".into(), "list.json:1: is a JSON array"),
    ];
    let desk = Desk::trained();
    for (name, content, expected) in cases {
        desk.write(name, content);
        let lines = [
            format!("train --data {name} --output none"),
            format!("cross-validate --data {name}"),
            format!("evaluate --model model --data {name}"),
        ];
        // Data with a single label can be measured on; it cannot be learned from.
        let measured = if name == "one.jsonl" { 2 } else { 3 };
        for line in &lines[..measured] {
            let output = desk.run(line);
            assert_eq!(output.status.code(), Some(1), "{line}: {}", said(&output));
            assert!(said(&output).contains(expected), "{line}: {}", said(&output));
            assert!(output.stdout.is_empty());
        }
    }
    assert!(!Path::new(&desk.path("none")).exists());
}

#[test]
fn where_no_model_can_be_kept_is_told_before_the_training() {
    let desk = Desk::new();
    let output = desk.run("train --data all.jsonl --output coffee.jsonl");
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("coffee.jsonl: Not a directory"), "{}", said(&output));
    let output = desk.run("train --data all.jsonl --output coffee.jsonl/deep/model");
    assert!(said(&output).contains("coffee.jsonl/deep/model: Not a directory"), "{}", said(&output));
}

#[test]
fn a_gate_is_not_certified_by_what_was_learned() {
    let desk = Desk::new();
    let lines = fs::read_to_string(desk.path("all.jsonl")).unwrap();
    desk.write("learned.jsonl", lines.replace(" number ", "  NUMBER "));
    let output = desk.run("train --data all.jsonl --validation learned.jsonl --output model --json");
    let warned = "24 of the 24 validation messages were learned from: they certify no gate";
    assert!(said(&output).contains(warned), "{}", said(&output));
    let trained: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(trained["gate"]["pooled"]["confirmed"], 0, "{trained}");
}

#[test]
fn a_report_takes_the_place_of_nothing_but_a_file() {
    let desk = Desk::trained();
    let report = |output: &str| desk.run(&format!("report --model model --data all.jsonl --output {output}"));
    for input in ["all.jsonl", "model/model.safetensors"] {
        let before = fs::read(desk.path(input)).unwrap();
        let refused = report(input);
        assert_eq!(refused.status.code(), Some(1));
        assert!(said(&refused).contains("is read by this command"), "{}", said(&refused));
        assert_eq!(fs::read(desk.path(input)).unwrap(), before);
    }
    symlink("real.html", desk.path("link.html")).unwrap();
    desk.write("real.html", "");
    assert!(report("link.html").status.success());
    assert!(fs::read_to_string(desk.path("real.html")).unwrap().starts_with("<!doctype html>"));
    symlink("/proc/self/fd/1", desk.path("pipe.html")).unwrap();
    let piped = report("pipe.html");
    assert!(piped.stdout.starts_with(b"<!doctype html>"), "{}", said(&piped));
    assert!(desk.path("pipe.html").is_symlink() && desk.path("link.html").is_symlink());
}

#[test]
fn what_is_no_message_is_not_predicted_but_named_by_its_line() {
    let desk = Desk::trained();
    let predict = |input: &[u8]| {
        desk.write("input", input);
        let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
        command.current_dir(desk.0.path()).args(["predict", "--model", "model", "--no-reasons"]);
        command.stdin(fs::File::open(desk.path("input")).unwrap()).output().unwrap()
    };
    let texts = |input: &[u8]| -> Vec<String> {
        let output = predict(input);
        assert!(output.status.success(), "{}", said(&output));
        let lines = String::from_utf8(output.stdout).unwrap();
        let text = |line: &str| -> Value { serde_json::from_str(line).unwrap() };
        lines.lines().map(|line| text(line)["text"].as_str().unwrap().to_owned()).collect()
    };
    let mixed = texts(b"\xef\xbb\xbf{\"text\":\"the lift\"}\r\nthe lift\n[1] lift");
    assert_eq!(mixed, ["the lift", "the lift", "[1] lift"]);
    assert_eq!(texts("升".repeat(10_000).as_bytes())[0].len(), 16_383, "as much as the service reads");
    for (second, problem) in [
        (&b"{\"text\":null}"[..], "invalid type: null, expected a string"),
        (b"{\"message\":\"lift\"}", "missing field `text`"),
        (b"{\"text\":\"a\"", "EOF while parsing an object"),
        (b"caf\xe9", "byte 4 is no UTF-8"),
        (b" ", "is empty"),
    ] {
        let output = predict(&[b"the lift\n", second, b"\nthe lift\n"].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(said(&output).contains("no message in 1 of 3 lines"), "{}", said(&output));
        let lines = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 3);
        assert_eq!(lines[1]["line"], 2);
        assert!(lines[1]["error"].as_str().unwrap().contains(problem), "{}", lines[1]);
        assert_eq!(lines[0]["label"], lines[2]["label"]);
    }
}

#[test]
fn a_prediction_says_what_a_desk_would_do_and_gives_back_what_it_was_given() {
    let desk = Desk::trained();
    desk.write("input", "{\"text\":\"the lift is stuck\",\"id\":\"T-17\",\"label\":\"lift\"}\nqwrtz\n");
    let mut command = Command::new(env!("CARGO_BIN_EXE_ticket-dispatch"));
    command.current_dir(desk.0.path()).args(["predict", "--model", "model"]);
    let output = command.stdin(fs::File::open(desk.path("input")).unwrap()).output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["given"], serde_json::json!({"id": "T-17", "label": "lift"}));
    // So few messages certify no gate, so nothing goes alone.
    assert_eq!((&lines[0]["label"], &lines[0]["outcome"]), (&"lift".into(), &"confirm".into()));
    assert!(lines[0]["urgency"].is_null() && lines[0]["reasons"].is_array());
    assert_ne!(lines[1]["outcome"], "auto");
    assert!(lines[1].get("given").is_none());
}

#[test]
fn odd_data_is_learned_with_a_few_warnings_of_each_kind() {
    let desk = Desk::new();
    let row = |turn: usize, label: &str| format!("the printer jams {turn},{label},{turn}\n");
    let mut rows: String = (0..50).map(|turn| row(turn % 10, "printer_fault")).collect();
    rows.push_str(&row(1, "vpn_fault"));
    rows.push_str(&(0..5).map(|turn| format!("vpn drops {turn},vpn_fault,0\n")).collect::<String>());
    rows.push_str(&format!("{} ends,coffee_machine,0\n", "beans ".repeat(5000)));
    desk.write("odd.csv", format!("text,label,id\n{rows}"));
    let output = desk.run("train --data odd.csv --output model --json");
    assert!(output.status.success(), "{}", said(&output));
    for expected in [
        "warning: odd.csv: 'id' passed over",
        "warning: odd.csv:58: 'text' has 30005 bytes; the first 16384 are used",
        "warning: odd.csv:52 says 'vpn_fault' where odd.csv:3 says 'printer_fault' of the same message",
        "warning: odd.csv:12 repeats odd.csv:2",
        "warning: and 37 more repeated messages",
        "warning: label 'coffee_machine' has one example",
        "warning: the starter catalogue has no template 'coffee_machine'",
    ] {
        assert!(said(&output).contains(expected), "{expected} is not in: {}", said(&output));
    }
    let trained: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(trained["warnings"], 1 + 1 + 1 + 40 + 1 + 1, "{trained}");
    assert_eq!(said(&output).lines().count(), 9, "{}", said(&output));

    let output = desk.run("evaluate --model model --data all.jsonl");
    assert!(
        said(&output)
            .contains("the model does not know the label 'lift', so its messages (12) count as wrong")
    );
    let output = desk.run("train --data odd.csv --output model --catalog nowhere");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(said(&output).contains("nowhere"), "{}", said(&output));
}

#[test]
fn every_command_explains_itself_with_examples_and_shells_complete_it() {
    let desk = Desk::new();
    let script = String::from_utf8(desk.run("completions bash").stdout).unwrap();
    for command in ["train", "evaluate", "predict", "cross-validate", "compare", "report", "card"] {
        let help = String::from_utf8(desk.run(&format!("{command} --help")).stdout).unwrap();
        assert!(
            help.contains("Examples:\n  ") && help.contains(&format!("ticket-dispatch {command}")),
            "{help}"
        );
        assert!(script.contains(command), "{command}");
    }
}
