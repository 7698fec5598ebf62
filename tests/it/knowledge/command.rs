//! The command line: a folder of Markdown into the knowledge, and the knowledge listed and found.

use std::fs;

use serde_json::Value;

use super::stage::Desk;
use crate::app::Settings;

fn ran(desk: &Desk, args: &[&str]) -> (bool, String, String) {
    let done = desk.command(args);
    let text = |it: Vec<u8>| String::from_utf8(it).unwrap();
    (done.status.success(), text(done.stdout), text(done.stderr))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_is_imported_again_and_only_what_changed_is_new() {
    let desk = Desk::start(Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let front = "---\ntitle: A paper jam\nsummary: Open the rear door.\ntemplates: printer_fault\n---\n";
    file("jam.en.md", &format!("{front}# Jam\n\n<script>alert(1)</script>\n"));
    file("jam.zh.md", "---\ntitle: 卡纸\nsummary: 打开后盖。\n---\n# 卡纸\n");
    file("notes.txt", "is none of it");
    let (done, out, error) = ran(&desk, &["knowledge", "import", path]);
    assert!(done, "{error}");
    assert_eq!(out, "1 new, 0 changed, 0 unchanged; 0 published.\n");
    let (_, out, error) = ran(&desk, &["knowledge", "search", "paper", "jam"]);
    assert_eq!((out.as_str(), error.as_str()), ("", "Nothing.\n"), "a draft is not found");

    let (_, out, _) = ran(&desk, &["knowledge", "import", path, "--publish", "--json"]);
    let counts: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(counts, serde_json::json!({ "new": 0, "changed": 0, "unchanged": 1, "published": 1 }));
    let (_, out, _) = ran(&desk, &["knowledge", "search", "paper", "jam"]);
    assert!(out.starts_with("KB0000001  A paper jam\n"), "{out}");
    let (_, out, _) = ran(&desk, &["knowledge", "search", "后盖", "--language", "zh", "--json"]);
    let hit: Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((hit["number"].as_str(), hit["title"].as_str()), (Some("KB0000001"), Some("卡纸")));
    // The running server has it as well.
    assert_eq!(desk.found("paper jam").await, ["KB0000001"]);
    let read = desk.get("kb1", 0).await.unwrap();
    assert_eq!(read.texts[0].body, "# Jam\n\n<script>alert(1)</script>\n");

    file("jam.zh.md", "---\ntitle: 卡纸了\nsummary: 打开后盖。\n---\n# 卡纸\n");
    let (_, out, _) = ran(&desk, &["knowledge", "import", path]);
    assert_eq!(out, "0 new, 1 changed, 0 unchanged; 0 published.\n");
    let (_, out, _) = ran(&desk, &["knowledge", "list"]);
    let lines: Vec<_> = out.lines().collect();
    assert!(lines[0].starts_with("NUMBER") && lines[1].starts_with("KB0000001   draft      "), "{out}");
    let (_, out, _) = ran(&desk, &["knowledge", "list", "--state", "published"]);
    assert_eq!(out, "");
    let (_, out, _) = ran(&desk, &["knowledge", "list", "--order", "helps-least", "--json"]);
    let listed: Value = serde_json::from_str(out.trim()).unwrap();
    assert_eq!((listed["revision"].as_u64(), listed["published_revision"].as_u64()), (Some(3), Some(2)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_with_faults_is_refused_whole_with_file_and_line() {
    let desk = Desk::start(Settings::default());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let file = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let (done, _, error) = ran(&desk, &["knowledge", "import", path]);
    assert!(!done && error.contains("no files like jam.en.md"), "{error}");
    file("good.en.md", "---\ntitle: Good\nsummary: Good.\n---\nGood.\n");
    file("bad.en.md", "---\ntitel: Bad\naudience: all\n---\nBad.\n");
    file("lost.md", "# No language\n");
    let (done, _, error) = ran(&desk, &["knowledge", "import", path]);
    assert!(!done);
    for part in ["bad.en.md:2: `titel` is not known", "bad.en.md:3: audience", "lost.md: has no language"] {
        assert!(error.contains(part), "{error}");
    }
    fs::remove_file(folder.path().join("lost.md")).unwrap();
    file("bad.en.md", "---\ntitle: Bad\ntemplates: no_such_template\n---\nBad.\n");
    let (done, _, error) = ran(&desk, &["knowledge", "import", path]);
    assert!(!done);
    assert!(error.contains("bad: texts[0].summary: is required"), "{error}");
    assert!(error.contains("bad: templates[0]: no template `no_such_template`"), "{error}");
    let (_, out, _) = ran(&desk, &["knowledge", "list"]);
    assert_eq!(out, "", "nothing was written");
}
