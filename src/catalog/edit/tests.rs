//! Templates within the text of their files: found, put, taken out, and all else left alone.

use super::*;

const FILE: &str = "\
# What people ask for.
templates:
  # The printer.
  - id: printer
    label: { en: Printer, zh: 打印机 }
    fields:
      - id: place
        # where it stands

  # Remote access.
  - id: vpn
    label: { en: VPN, zh: VPN }

groups:
  - id: network
";

fn sources(content: &str) -> Vec<Source> {
    let other = Source { name: "germany.ics".into(), content: "BEGIN:VCALENDAR".into() };
    vec![other, Source { name: "all.yaml".into(), content: content.into() }]
}

#[test]
fn a_template_is_shown_as_it_is_written_and_put_back_unchanged() {
    let before = sources(FILE);
    for id in ["printer", "vpn"] {
        let (file, text) = definition(&before, id).unwrap();
        assert_eq!(file, "all.yaml");
        assert!(text.starts_with(&format!("id: {id}\nlabel: ")), "{text}");
        assert_eq!(put(&before, &text).unwrap(), before, "{id}");
    }
    assert!(definition(&before, "printer").unwrap().1.ends_with("  - id: place\n    # where it stands\n"));
    assert_eq!(definition(&before, "network"), None);
}

#[test]
fn only_the_lines_of_the_template_change() {
    let after = put(&sources(FILE), "id: printer\nlabel: x\nnote: |\n  two\n  lines\n").unwrap();
    let expected = FILE.replace(
        "    label: { en: Printer, zh: 打印机 }\n    fields:\n      - id: place\n        # where it stands\n",
        "    label: x\n    note: |\n      two\n      lines\n",
    );
    assert_eq!(after[1].content, expected);
}

#[test]
fn what_is_taken_out_leaves_the_others_as_they_are() {
    let after = remove(&sources(FILE), "vpn").unwrap();
    assert_eq!(after[1].content, FILE.replace("  - id: vpn\n    label: { en: VPN, zh: VPN }\n", ""));
    assert_eq!(remove(&after, "vpn"), Err(Uneditable::Unknown("vpn".into())));
    assert_eq!(definition(&after, "printer"), definition(&sources(FILE), "printer"));
}

#[test]
fn new_ones_come_into_a_file_of_their_own() {
    let one = put(&sources(FILE), "id: one\nlabel: x\n").unwrap();
    let two = put(&one, "id: two\nlabel: y").unwrap();
    assert_eq!(two.len(), 3);
    assert!(
        two[2].content.ends_with("templates:\n  - id: one\n    label: x\n  - id: two\n    label: y\n"),
        "{}",
        two[2].content
    );
    let none = remove(&remove(&two, "one").unwrap(), "two").unwrap();
    let again = put(&none, "id: three\nlabel: z\n").unwrap();
    assert_eq!(definition(&again, "three").unwrap().1, "id: three\nlabel: z\n");
}

#[test]
fn what_is_no_template_is_refused_with_its_line() {
    let why = |text: &str| put(&sources(FILE), text).unwrap_err().to_string();
    assert!(why("label: x").contains("id: …"));
    assert!(why("id: a\nlabel: [").starts_with("line "));
    assert!(why("id: a\n---\nid: b").contains("line "), "{}", why("id: a\n---\nid: b"));
    assert!(why("{ id: a }").contains("a key a line"));
    assert!(why("  id: a\n  label: x").contains("first column"));
    let braces = "templates:\n  - { id: a, label: x }\n";
    assert_eq!(
        put(&sources(braces), "id: a\nlabel: y\n"),
        Err(Uneditable::Flow("a".into(), "all.yaml".into()))
    );
}

#[test]
fn every_template_of_the_starter_comes_back_unchanged() {
    let before = super::super::starter();
    let catalog = super::super::parse(&before, 0, None).unwrap();
    for template in &catalog.templates {
        let (_, text) = definition(&before, &template.id).unwrap();
        assert_eq!(put(&before, &text).unwrap(), before, "{}", template.id);
    }
}
