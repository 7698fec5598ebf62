//! Steps, defaults, patterns and audiences of templates: what is read, and what is wrong with them.

use super::super::{parse, starter};
use crate::domain::{field::FieldValue, template::Audience};

/// The problems of the starter catalogue with this within its printer template, each with its path.
fn problems(field: &str, rest: &str) -> Vec<String> {
    match with(field, rest) {
        Ok(_) => vec![],
        Err(faults) => faults.into_iter().map(|it| format!("{}: {}", it.field, it.problem)).collect(),
    }
}

fn with(field: &str, rest: &str) -> Result<crate::domain::catalog::Catalog, Vec<super::super::Fault>> {
    let mut sources = starter();
    let template = format!(
        "templates:\n  - id: parking\n    kind: request\n    label: {{ en: Parking, zh: 停车 }}\n    service: parking\n    \
         group: facilities\n    impact: person\n    urgency: low\n    sla: standard\n    fields:\n      - id: size\n        \
         label: {{ en: Size, zh: 尺寸 }}\n        ask: {{ en: \"Which?\", zh: \"哪种？\" }}\n        {field}\n{rest}"
    );
    sources.push(super::super::Source { name: "z.yaml".into(), content: template });
    parse(&sources, 1, None)
}

const CHOICE: &str = "type: choice\n        options: [{ id: small, label: { en: Small, zh: 小 } }]";

fn steps(first: &str, second: &str) -> String {
    let label = "label: { en: Do it, zh: 做 }";
    format!("    steps:\n      - {{ id: one, {label}{first} }}\n      - {{ id: two, {label}{second} }}\n")
}

#[test]
fn what_is_written_is_read() {
    let catalog = with(
        "type: text\n        pattern: \"[A-Z]+\"\n        example: ABC\n        default: XYZ",
        &format!("    audience: desk\n{}", steps("", ", group: finance, after: one, optional: true")),
    );
    let catalog = catalog.unwrap();
    let template = catalog.template("parking").unwrap();
    assert_eq!(template.audience, Audience::Desk);
    assert_eq!(template.fields[0].default, Some(FieldValue::Text("XYZ".into())));
    assert_eq!(template.fields[0].pattern().unwrap().example, "ABC");
    let two = &template.steps[1];
    assert_eq!(
        (two.group.as_deref(), two.after.as_slice(), two.optional),
        (Some("finance"), &["one".to_owned()][..], true)
    );
    assert!(catalog.offered("parking").is_none() && catalog.offered("other").is_some());
}

#[test]
fn every_fault_is_named_where_it_is() {
    let when = |it: &str| format!(", when: {{ field: size, is: {it} }}");
    for (field, rest, expected) in [
        (CHOICE, steps("", ", group: nobody"), "steps[1].group: there is no group `nobody`"),
        (CHOICE, steps("", ", after: three"), "steps[1].after: the template has no step `three`"),
        (CHOICE, steps(", after: two", ", after: one"), "steps: no step of `"),
        (CHOICE, steps(", after: one", ""), "steps: no step of `one`, `one` can ever begin"),
        (CHOICE, steps("", &when("large")), "steps[1].when.is: `size` has no option `large`"),
        (CHOICE, steps("", ", chekclist: []"), "steps[1].chekclist: unknown key; did you mean `checklist`?"),
        (CHOICE, steps("", "").replace("id: two", "id: one"), "steps[1].id: `one` is the id of another step"),
        (CHOICE, "    audience: nobody\n".into(), "audience: unknown word `nobody`"),
        (CHOICE, "    knowledge: always\n".into(), "knowledge: unknown word `always`"),
        (CHOICE, "    waves: sometimes\n".into(), "waves: unknown word `sometimes`"),
        (&format!("{CHOICE}\n        default: large"), String::new(), "default: must be one of small"),
        (
            &format!("{CHOICE}\n        default: small\n        required: true"),
            String::new(),
            "default: a field with a default is never asked",
        ),
        (
            &format!("{CHOICE}\n        pattern: x"),
            String::new(),
            "pattern: a field of type choice has no `pattern`",
        ),
        (
            "type: person\n        default: ada",
            String::new(),
            "default: a point in time, an asset or a person",
        ),
        (
            "type: text\n        pattern: \"[\"\n        example: x",
            String::new(),
            "pattern: is no regular expression",
        ),
        (
            "type: text\n        pattern: \"[0-9]\"\n        example: x",
            String::new(),
            "pattern: does not match its own example `x`",
        ),
        ("type: text\n        pattern: \"[0-9]\"", String::new(), "example: is missing"),
        (
            "type: text\n        pattern: \"[0-9]\"\n        example: 5\n        default: x",
            String::new(),
            "example: ",
        ),
    ] {
        let found = problems(field, &rest);
        assert!(found.iter().any(|it| it.contains(expected)), "{expected}: {found:?}");
    }
}

#[test]
fn what_the_bot_falls_back_on_is_for_everyone() {
    let mut sources = starter();
    for source in &mut sources {
        source.content = source.content.replace("  - id: other\n", "  - id: other\n    audience: desk\n");
    }
    let faults = parse(&sources, 1, None).unwrap_err();
    assert!(faults.iter().any(|it| it.problem.contains("it is for everyone")), "{faults:?}");
}

#[test]
fn templates_as_they_were_are_kept_in_every_version() {
    let first = with(CHOICE, &steps("", "")).unwrap();
    let mut sources = starter();
    let second = parse(&sources, 2, Some(&first)).unwrap();
    assert!(second.template("parking").is_none());
    let old = first.template("parking").unwrap();
    assert_eq!(second.template_at("parking", old.version), Some(old));
    sources.retain(|it| it.name != "templates-site.yaml");
    let third = with(CHOICE, &steps("", ", optional: true")).unwrap();
    assert_ne!(third.template("parking"), Some(old));
}
