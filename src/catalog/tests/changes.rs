//! Changes as their owners write them: templates, freeze periods, maintenance windows, risk; and what is wrong with them.

use super::*;
use crate::domain::{
    approval::Need,
    change::{ChangeType, Reach, RiskRules},
    time::Timestamp,
};

const CHANGES: &str = r#"changes:
  look_back: 12h
  risk:
    moderate: 2
    high: 4
    criticality: { low: 0, medium: 2, high: 4 }
    reach: [{ assets: 5, points: 1 }]
    people: [{ people: 50, points: 2 }]
asset_types:
  - { id: switch, label: { en: Switch, zh: 交换机 } }
freezes:
  - id: year_end
    label: { en: Year end, zh: 年终 }
    zone: Europe/Berlin
    from: "2026-12-18 18:00"
    to: "2027-01-04 06:00"
    services: [office]
    reason: The books are closed
maintenance_windows:
  - { id: nights, label: { en: Nights, zh: 夜间 }, calendar: short, asset_types: [switch] }
"#;

const TEMPLATE: &str = r#"    audience: desk
    change:
      type: normal
      implementation: |
        Pull the cable.
        Plug the other one in.
      risk:
        - id: downtime
          ask: { en: "How long?", zh: "多久？" }
          options:
            - { id: none, label: { en: Not at all, zh: 不 }, points: 0 }
            - { id: long, label: { en: Long, zh: 久 }, points: 3 }
    approval:
      steps:
        - { id: board, label: { en: Board, zh: 委员会 }, approvers: [owner], when: { field: risk, is: [high] } }
"#;

fn read(changes: &[(&str, &str)]) -> Result<Catalog, Vec<Fault>> {
    let change = GOOD.replace("    kind: incident\n", "    kind: change\n");
    let mut content = change.replace("    fields:\n", &format!("{TEMPLATE}    fields:\n")) + CHANGES;
    for (from, to) in changes {
        assert!(content.contains(from), "{from}");
        content = content.replacen(from, to, 1);
    }
    parse(&source(&content), 0, None)
}

#[test]
fn changes_are_read() {
    let catalog = read(&[]).unwrap();
    let template = catalog.template("fault").unwrap();
    let practice = template.change.as_ref().unwrap();
    assert_eq!(practice.kind, ChangeType::Normal);
    assert_eq!(practice.implementation, "Pull the cable.\nPlug the other one in.");
    assert_eq!(practice.questions[0].options[1].points, 3);
    let step = &template.approval.as_ref().unwrap().steps[0];
    assert_eq!(step.when, Some(Need::Is { field: "risk".into(), any: vec!["high".into()] }));
    let rules = &catalog.changes;
    assert_eq!(rules.look_back, 12 * 3600);
    let (reach, people) = (vec![Reach { least: 5, points: 1 }], vec![Reach { least: 50, points: 2 }]);
    assert_eq!(rules.risk, RiskRules { moderate: 2, high: 4, criticality: [0, 2, 4], reach, people });
    let freeze = &rules.freezes[0];
    assert_eq!(Some(freeze.span.start), Timestamp::parse("2026-12-18T17:00:00Z"));
    assert_eq!(Some(freeze.span.end), Timestamp::parse("2027-01-04T05:00:00Z"));
    assert_eq!(
        (freeze.services.as_slice(), rules.windows[0].calendar.as_str()),
        (&["office".into()][..], "short")
    );
    assert_eq!(good().changes, crate::domain::change::ChangeRules::default());
}

#[test]
fn a_time_that_the_clock_skips_is_the_one_behind_the_jump() {
    let skipped = read(&[("2026-12-18 18:00", "2026-03-29 02:30"), ("2027-01-04 06:00", "2026-10-25 02:30")]);
    let span = skipped.unwrap().changes.freezes[0].span;
    assert_eq!(Some(span.start), Timestamp::parse("2026-03-29T01:30:00Z"));
    let end = Timestamp::parse("2026-10-25T01:30:00Z");
    assert_eq!(Some(span.end), end, "it ends with the second of two");
    let begins = read(&[("2026-12-18 18:00", "2026-10-25 02:30")]).unwrap().changes.freezes[0].span;
    assert_eq!(Some(begins.start), Timestamp::parse("2026-10-25T00:30:00Z"), "and begins with the first");
    let none = [("2026-12-18 18:00", "2026-10-25 02:30"), ("2027-01-04 06:00", "2026-10-25 02:30")];
    assert!(read(&none).unwrap_err()[0].to_string().contains("is not after `from`"));
}

/// What stands there, what instead, and the place and a part of the fault.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("kind: change", "kind: request", "templates[0].change", "only a template of kind change has it"),
    ("    audience: desk\n", "", "templates[0]", "a change is opened by the desk"),
    ("type: normal", "type: usual", "templates[0].change.type", "known: standard, normal, emergency"),
    (
        "type: normal",
        "type: standard",
        "templates[0].approval",
        "a standard change is agreed to by its template",
    ),
    ("      type: normal\n", "", "templates[0].change.type", "is missing"),
    (
        "points: 3",
        "points: -3",
        "templates[0].change.risk[0].options[1].points",
        "whole number from 0 to 1000",
    ),
    ("id: long", "id: none", "templates[0].change.risk[0].options[1].id", "another option"),
    ("is: [high]", "is: [hgih]", "templates[0].approval.steps[0].when.is[0]", "did you mean `high`?"),
    ("field: risk", "field: risks", "templates[0].approval.steps[0].when.field", "did you mean `risk`?"),
    ("look_back: 12h", "look_back: 12", "changes.look_back", "expected a duration"),
    ("high: 4\n", "high: 1\n", "changes.risk", "high needs at least as many"),
    ("medium: 2, high: 4", "medium: 5, high: 4", "changes.risk.criticality", "falls from low to high"),
    ("assets: 5", "asset: 5", "changes.risk.reach[0].asset", "did you mean `assets`?"),
    ("people: 50", "persons: 50", "changes.risk.people[0].persons", "people"),
    ("people: 50", "people: -1", "changes.risk.people[0].people", "whole number"),
    ("2027-01-04 06:00", "2026-12-18 18:00", "freezes[0].to", "is not after `from`"),
    ("2027-01-04 06:00", "2026-12-01 18:00", "freezes[0].to", "is not after `from`"),
    ("2027-01-04 06:00", "2029-01-04 06:00", "freezes[0]", "longer than 366 days"),
    ("2026-12-18 18:00", "2026-12-32 18:00", "freezes[0].from", "write it like 2026-12-20 18:00"),
    ("2026-12-18 18:00", "18.12.2026", "freezes[0].from", "is no time"),
    ("zone: Europe/Berlin\n    from", "zone: Berlin\n    from", "freezes[0].zone", "no IANA time zone"),
    ("services: [office]", "services: [offcie]", "freezes[0].services[0]", "did you mean `office`?"),
    ("    reason: The books are closed\n", "", "freezes[0].reason", "is missing"),
    (
        "calendar: short, asset",
        "calendar: shrt, asset",
        "maintenance_windows[0].calendar",
        "did you mean `short`?",
    ),
    (", asset_types: [switch]", "", "maintenance_windows[0]", "is for nothing"),
    ("[switch]", "[swich]", "maintenance_windows[0].asset_types[0]", "did you mean `switch`?"),
];

#[test]
fn what_is_wrong_with_changes_is_named_with_its_place() {
    for (from, to, field, part) in CASES {
        let faults = read(&[(from, to)]).err().unwrap_or_else(|| panic!("{from} -> {to} was taken"));
        let is_it = |it: &Fault| it.field == *field && it.problem.contains(part) && it.line > 0;
        assert!(faults.iter().any(is_it), "{from} -> {to}: {faults:?}");
    }
}

#[test]
fn somebody_agrees_to_a_normal_change_and_a_standard_one_says_how() {
    let approval = TEMPLATE.split_at(TEMPLATE.find("    approval:").unwrap()).1;
    let unasked = read(&[(approval, "")]).unwrap_err();
    assert!(unasked[0].problem.contains("say who in `approval`"), "{unasked:?}");
    let silent = read(&[(approval, ""), ("type: normal", "type: standard")]).unwrap_err();
    assert!(silent[0].problem.contains("write `implementation` and `back_out`"), "{silent:?}");
    let practice = TEMPLATE.split_at(TEMPLATE.find("    change:").unwrap()).1;
    let none = read(&[(practice, "")]).unwrap_err();
    assert!(none[0].problem.contains("write `change: { type: normal }`"), "{none:?}");
}
