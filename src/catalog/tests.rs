//! The catalogue as its owners write it: what a good one becomes, and that nothing breaks the reader.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    assignment::Condition,
    calendar::Hours,
    catalog::{FALLBACK, INTENTS},
    field::{FieldKind, Required, When},
    people::Bilingual,
    priority::{Impact, Priority, Urgency},
};

mod approvals;
mod assets;
mod bad;
mod changes;
mod directory;
mod duties;
mod levels;
mod services;
mod special;
mod steps;

/// A small catalogue without a fault, from which the cases depart.
const GOOD: &str = r#"groups:
  - { id: servicedesk, name: { en: Service desk, zh: 服务台 }, description: First line }
  - { id: network, name: { en: Network, zh: 网络组 }, description: Cables }
services:
  - { id: office, name: Office, owner: network }
agents:
  - { id: network-1, name: Agent 1, groups: [network, servicedesk], present: false }
calendars:
  - id: short
    zone: Europe/Berlin
    hours: { mon-fri: ["13:00-17:00", "08:00-12:00"], sun: "20:00-24:00" }
    holidays: [2026-12-25, 2026-12-25]
sla_policies:
  - id: standard
    calendar: short
    targets:
      P1: { response: 15m, resolution: 4h }
      P2: { response: 15m, resolution: 4h }
      P3: { response: 15m, resolution: 4h }
      P4: { response: 15m, resolution: 4h }
matrix:
  person: { low: P4, medium: P4, high: P3 }
  team: { low: P4, medium: P3, high: P2 }
  site: { low: P3, medium: P2, high: P1 }
templates:
  - id: fault
    kind: incident
    label: { en: Fault, zh: 故障 }
    service: office
    group: network
    impact: person
    urgency: medium
    sla: standard
    fields:
      - id: device
        type: choice
        label: { en: Device, zh: 设备 }
        ask: { en: "Which one?", zh: "哪个？" }
        required: true
        options:
          - { id: laptop, label: { en: Laptop, zh: 笔记本 }, synonyms: [notebook, "365"] }
          - { id: monitor, label: { en: Monitor, zh: 显示器 }, urgency: high, impact: team, advice: { en: Unplug it., zh: 拔掉电源。 } }
      - id: size
        type: number
        label: { en: Size, zh: 尺寸 }
        ask: { en: "What size?", zh: "多大？" }
        required_when: { field: device, is: monitor }
        min: 10
        max: 60.5
rules:
  - id: first
    when: { template: fault, field: { device: [Laptop] }, language: zh, urgency: high, says: smoke }
    group: servicedesk
"#;

/// What every catalogue must have.
const OTHER: &str = r#"templates:
  - id: other
    kind: request
    label: { en: Something else, zh: 其他 }
    service: office
    group: network
    impact: person
    urgency: low
    sla: standard
"#;

fn source(content: &str) -> Vec<Source> {
    let file = |name: &str, content: &str| Source { name: name.into(), content: content.into() };
    vec![file("all.yaml", content), file("other.yaml", OTHER)]
}

fn good() -> Catalog {
    parse(&source(GOOD), 7, None).unwrap()
}

#[test]
fn a_catalogue_is_read_as_it_is_written() {
    let catalog = good();
    assert_eq!(catalog.version, 7);
    assert!(!catalog.agents[0].present);
    let week = catalog.calendars[0].week();
    assert_eq!(week[4], [Hours { from: 28_800, to: 43_200 }, Hours { from: 46_800, to: 61_200 }]);
    assert_eq!((week[5].len(), week[6].as_slice()), (0, &[Hours { from: 72_000, to: 86_400 }][..]));
    assert_eq!(catalog.calendars[0].special().len(), 1);
    assert_eq!(catalog.policies[0].targets[3].response, 900);
    assert_eq!(catalog.matrix.priority(Impact::Person, Urgency::High), Priority::P3);
    let template = catalog.template("fault").unwrap();
    let FieldKind::Choice(options) = &template.fields[0].kind else { panic!() };
    assert_eq!(options[0].synonyms, ["notebook", "365"]);
    assert_eq!(options[0].gravity(), (None, None));
    assert_eq!(options[1].gravity(), (Some(Urgency::High), Some(Impact::Team)));
    assert_eq!(options[1].advice.as_ref().unwrap().zh, "拔掉电源。");
    assert_eq!(catalog.groups[1].name, Bilingual { en: "Network".into(), zh: "网络组".into() });
    let when = Required::When(When { field: "device".into(), any: vec!["monitor".into()] });
    assert_eq!(template.fields[1].required, when);
    assert_eq!(template.fields[1].kind, FieldKind::Number { min: 10.0, max: 60.5 });
    let device = Condition::Field { field: "device".into(), any: vec!["Laptop".into()] };
    assert_eq!(catalog.rules[0].when[1], device);
    assert_eq!(catalog.rules[0].when.len(), 5);
}

#[test]
fn a_template_gets_a_new_version_only_with_a_change() {
    let first = good();
    assert_eq!(first.templates[0].version, 8);
    let same = parse(&source(&format!("# a comment\n{GOOD}")), 8, Some(&first)).unwrap();
    assert_eq!(same.templates, first.templates);
    let changed = GOOD.replace("[notebook, \"365\"]", "[notebook]");
    let changed = parse(&source(&changed), 9, Some(&same)).unwrap();
    assert_eq!((changed.templates[0].version, changed.templates[1].version), (10, 8));
    let back = parse(&source(GOOD), 10, Some(&changed)).unwrap();
    assert_eq!((back.templates[0].version, back.templates[1].version), (11, 8));
    assert_eq!(parse(&starter(), 0, None).unwrap().templates[0].version, 1);
}

#[test]
fn sections_may_be_spread_over_files_in_any_order() {
    let (one, two) = GOOD.split_at(GOOD.find("calendars:").unwrap());
    let file = |name: &str, content: &str| Source { name: name.into(), content: content.into() };
    let files = [
        file("a.yaml", two),
        file("b.yaml", one),
        file("c.yaml", "# nothing yet\nrules:\n"),
        file("d.yaml", "groups:\n  - { id: hr, name: { en: HR, zh: 人事 }, description: People }\n"),
        file("e.yaml", OTHER),
    ];
    let catalog = parse(&files, 7, None).unwrap();
    assert_eq!(catalog.templates, good().templates);
    assert_eq!(catalog.groups.len(), 3);
}

#[test]
fn the_starter_is_without_fault() {
    let catalog = parse(&starter(), 0, None).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let ids: Vec<_> = catalog.templates.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((ids.len(), catalog.groups.len()), (56, 21), "{ids:?}");
    for group in &catalog.groups {
        assert!((2..=4).contains(&catalog.members(&group.id).count()), "{}", group.id);
    }
    for template in &catalog.templates {
        let required = template.fields.iter().filter(|it| it.required == Required::Yes).count();
        assert!(template.fields.len() <= 3 && required <= 1, "{}", template.id);
    }
}

#[test]
fn a_template_cannot_be_called_like_an_intent() {
    for intent in INTENTS {
        let faults =
            parse(&source(&GOOD.replace("id: fault", &format!("id: {intent}"))), 1, None).unwrap_err();
        assert!(faults.iter().any(|it| it.line == 26 && it.field == "templates[0].id"), "{faults:?}");
    }
}

#[test]
fn a_folder_gives_its_yaml_and_ics_files_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["b.yml", "a.yaml", "c.ics", ".hidden.yaml", ".hidden.ics", "readme.md"] {
        std::fs::write(folder.path().join(name), "rules: []\n").unwrap();
    }
    std::fs::create_dir(folder.path().join("c.yaml")).unwrap();
    let names: Vec<_> = read_dir(folder.path()).unwrap().into_iter().map(|it| it.name).collect();
    assert_eq!(names, ["a.yaml", "b.yml", "c.ics"]);

    std::fs::write(folder.path().join("z.yaml"), b"groups: [\xff]").unwrap();
    let error = read_dir(folder.path()).unwrap_err();
    assert!(error.to_string().contains("z.yaml"), "{error}");
    assert!(read_dir(&folder.path().join("nowhere")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Bytes of the starter are changed, dropped, doubled; whatever comes of it is answered, and what
    /// is taken is a catalogue that can be used.
    #[test]
    fn mutated_files_are_answered_and_never_panic(
        which in any::<prop::sample::Index>(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0..4_u8, any::<u8>()), 1..12),
    ) {
        let mut sources = starter();
        let one = which.index(sources.len());
        let mut bytes = sources[one].content.clone().into_bytes();
        for (at, how, byte) in cuts {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at + 1),
                2 => { bytes.remove(at); if bytes.is_empty() { bytes.push(b' ') } }
                _ => { let piece = bytes[at..bytes.len().min(at + usize::from(byte))].to_vec(); bytes.extend(piece) }
            }
        }
        sources[one].content = String::from_utf8_lossy(&bytes).into_owned();
        match parse(&sources, 1, None) {
            Ok(catalog) => prop_assert!(catalog.template(FALLBACK).is_some()),
            Err(faults) => prop_assert!(!faults.is_empty() && faults.len() <= 201),
        }
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = parse(&source(&String::from_utf8_lossy(&bytes)), 1, None);
    }

    /// Words of the language in any order find deeper ways than bytes do.
    #[test]
    fn any_words_are_answered(words in prop::collection::vec(prop::sample::select(vec![
        "templates:", "groups:", "rules:", "matrix:", "calendars:", "\n  - ", "\n    ", "\n", "id: a", "id: ", "&x ", "*x",
        "<<: *x", "{", "}", "[", "]", ", ", "when: ", "field: ", "fields:", "options:", "type: choice", "min: 1e999",
        "max: -.inf", "hours: ", "mon-fri: ", "\"08:00-12:00\"", "!!binary ", "? ", ": ", "| ", "~", "\t", "'", "\u{feff}",
    ]), 0..60)) {
        let _ = parse(&source(&words.concat()), 1, None);
    }
}
