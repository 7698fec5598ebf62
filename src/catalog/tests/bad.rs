//! Bad catalogues: what was changed in the good one, and the fault that names it.

use super::*;

/// (text of the good catalogue, what stands there instead, line, field, part of the problem).
const CASES: &[(&str, &str, u32, &str, &str)] = &[
    // Keys.
    ("    kind: incident\n", "    kidn: incident\n", 27, "templates[0].kidn", "did you mean `kind`?"),
    ("    kind: incident\n", "", 26, "templates[0].kind", "is missing"),
    ("agents:", "agnets:", 6, "agnets", "did you mean `agents`?"),
    ("    kind: incident\n", "    kind: incident\n    kind: request\n", 28, "templates[0].kind", "line 27"),
    ("owner: network", "owner: network, budget: 3", 5, "services[0].budget", "known: id, name, owner"),
    // Shapes.
    ("[network, servicedesk]", "5", 7, "agents[0].groups", "expected a list"),
    ("[network, servicedesk]", "[]", 7, "agents[0].groups", "at least one"),
    ("present: false", "present: nope", 7, "agents[0].present", "true or false"),
    ("name: Office", "name: 365", 5, "services[0].name", "quotes make it text"),
    ("name: Office", "name: \" \"", 5, "services[0].name", "is empty"),
    ("name: Office", "name:", 5, "services[0].name", "is empty"),
    ("name: Office", "name: [a]", 5, "services[0].name", "is a list; expected text"),
    ("name: Office", "name: \"a\\tb\"", 5, "services[0].name", "control characters"),
    ("{ en: Fault, zh: 故障 }", "Fault", 28, "templates[0].label", "expected a map"),
    ("{ en: Fault, zh: 故障 }", "{ en: Fault }", 28, "templates[0].label.zh", "is missing"),
    ("zh: \"多大？\"", "zh: \"\"", 46, "templates[0].fields[1].ask.zh", "is empty"),
    ("{ en: Network, zh: 网络组 }", "Network", 3, "groups[1].name", "expected a map"),
    // Ids.
    ("id: office", "id: Main Office", 5, "services[0].id", "`Main Office` is no id"),
    ("id: network-1", "id: 12", 7, "agents[0].id", "quotes"),
    ("id: network,", "id: servicedesk,", 3, "groups[1].id", "another group already (all.yaml:2)"),
    ("id: monitor", "id: laptop", 42, "templates[0].fields[0].options[1].id", "another option"),
    ("- id: size", "- id: device", 43, "templates[0].fields[1].id", "another field"),
    // References.
    (
        "owner: network",
        "owner: netwrok",
        5,
        "services[0].owner",
        "there is no group `netwrok`; did you mean `network`?",
    ),
    ("    group: network", "    group: nobody", 30, "templates[0].group", "known: network, servicedesk"),
    ("    service: office", "    service: offices", 29, "templates[0].service", "did you mean `office`?"),
    ("    sla: standard", "    sla: gold", 33, "templates[0].sla", "there is no SLA policy `gold`"),
    ("calendar: short", "calendar: long", 15, "sla_policies[0].calendar", "there is no calendar"),
    ("template: fault", "template: [fault, falt]", 52, "rules[0].when.template[1]", "did you mean `fault`?"),
    // Templates and fields.
    ("kind: incident", "kind: order", 27, "templates[0].kind", "known: incident, request, problem, change"),
    ("kind: incident", "kind: problem", 26, "templates[0]", "write `audience: desk`"),
    ("impact: person", "impact: persn", 31, "templates[0].impact", "did you mean `person`?"),
    ("type: number", "type: numbre", 44, "templates[0].fields[1].type", "did you mean `number`?"),
    ("type: number", "type: date_time", 48, "templates[0].fields[1].min", "has no `min`"),
    ("min: 10", "min: 100", 43, "templates[0].fields[1]", "swap the bounds"),
    ("min: 10", "min: ten", 48, "templates[0].fields[1].min", "expected a number"),
    ("max: 60.5", "max: 1e13", 49, "templates[0].fields[1].max", "bounds lie between"),
    (
        "field: device, is: monitor",
        "field: devcie, is: monitor",
        47,
        "templates[0].fields[1].required_when.field",
        "did you mean `device`?",
    ),
    (
        "field: device, is: monitor",
        "field: size, is: monitor",
        47,
        "templates[0].fields[1].required_when.field",
        "no other field",
    ),
    (
        "is: monitor",
        "is: [laptop, moniter]",
        47,
        "templates[0].fields[1].required_when.is[1]",
        "did you mean `monitor`?",
    ),
    ("min: 10", "required: true", 47, "templates[0].fields[1].required_when", "take one out"),
    ("[notebook, \"365\"]", "[monitor]", 42, "templates[0].fields[0].options[1]", "another option already"),
    (
        "urgency: high, impact: team",
        "urgency: critical",
        42,
        "templates[0].fields[0].options[1].urgency",
        "known: low, medium, high",
    ),
    (
        "urgency: high, impact: team",
        "impact: teem",
        42,
        "templates[0].fields[0].options[1].impact",
        "did you mean `team`?",
    ),
    (
        "impact: team, advice",
        "impact: team, advise",
        42,
        "templates[0].fields[0].options[1].advise",
        "`advice`",
    ),
    (
        "{ en: Unplug it., zh: 拔掉电源。 }",
        "Unplug it.",
        42,
        "templates[0].fields[0].options[1].advice",
        "expected a map",
    ),
    (
        "{ en: Unplug it., zh: 拔掉电源。 }",
        "{ en: Unplug it. }",
        42,
        "templates[0].fields[0].options[1].advice.zh",
        "is missing",
    ),
    // Calendars.
    ("Europe/Berlin", "Europe/Berlim", 10, "calendars[0].zone", "no IANA time zone"),
    ("\"08:00-12:00\"", "\"8-12\"", 11, "calendars[0].hours.mon-fri[1]", "write it like 09:00-12:30"),
    ("\"08:00-12:00\"", "\"12:00-08:00\"", 11, "calendars[0].hours.mon-fri[1]", "ends before it starts"),
    ("\"08:00-12:00\"", "\"08:00-13:01\"", 11, "calendars[0].hours.mon-fri[0]", "shares time"),
    ("sun: \"20", "fri: \"16", 11, "calendars[0].hours.fri", "hours of fri"),
    ("sun:", "sunday:", 11, "calendars[0].hours.sunday", "there is no day `sunday`"),
    ("mon-fri", "fri-mon", 11, "calendars[0].hours.fri-mon", "days run from mon to sun"),
    ("[2026-12-25,", "[2026-02-30,", 12, "calendars[0].holidays[0]", "is no date"),
    ("[2026-12-25, 2026-12-25]", "{ 2026-12-32: x }", 12, "calendars[0].holidays.2026-12-32", "is no date"),
    (
        "[2026-12-25, 2026-12-25]",
        "{ 2026-12-25: a, 2026-12-25: b }",
        12,
        "calendars[0].holidays.2026-12-25",
        "written twice",
    ),
    (
        "holidays: [2026-12-25, 2026-12-25]",
        "holidays_from: x.ics",
        12,
        "calendars[0].holidays_from",
        "no file of holidays",
    ),
    (
        "holidays: [2026-12-25, 2026-12-25]",
        "holidays_from: []",
        12,
        "calendars[0].holidays_from",
        "at least one",
    ),
    (
        "holidays: [2026-12-25, 2026-12-25]",
        "exceptions: { 2026-13-01: [] }",
        12,
        "calendars[0].exceptions.2026-13-01",
        "is no date",
    ),
    (
        "holidays: [2026-12-25, 2026-12-25]",
        "exceptions: { 2026-12-24: \"9-12\" }",
        12,
        "calendars[0].exceptions.2026-12-24",
        "write it like 09:00-12:30",
    ),
    (
        "holidays: [2026-12-25, 2026-12-25]",
        "exceptions: { 2026-12-24: [\"09:00-12:00\", \"11:00-13:00\"] }",
        12,
        "calendars[0].exceptions.2026-12-24[1]",
        "other hours of 2026-12-24",
    ),
    // Policies and matrix.
    (
        "P4: { response: 15m",
        "P4: { response: 2d",
        20,
        "sla_policies[0].targets.P4.response",
        "such as 30m or 4h",
    ),
    (
        "P4: { response: 15m",
        "P4: { response: 15",
        20,
        "sla_policies[0].targets.P4.response",
        "expected a duration",
    ),
    ("P4: { response: 15m", "P4: { response: 5h", 20, "sla_policies[0].targets.P4", "shorter one"),
    ("      P3: { response: 15m, resolution: 4h }\n", "", 17, "sla_policies[0].targets.P3", "is missing"),
    (
        "team: { low: P4, medium: P3",
        "team: { low: P4, medium: P5",
        23,
        "matrix.team.medium",
        "known: P1, P2, P3, P4",
    ),
    (
        "team: { low: P4, medium: P3, high: P2",
        "team: { low: P4, medium: P3, high: P4",
        22,
        "matrix",
        "never lower the priority",
    ),
    ("  site: { low: P3, medium: P2, high: P1 }\n", "", 22, "matrix.site", "is missing"),
    // Rules.
    (
        "field: { device: [Laptop] }",
        "field: { devise: [laptop] }",
        52,
        "rules[0].when.field.devise",
        "did you mean `device`?",
    ),
    ("device: [Laptop]", "device: [tablet]", 52, "rules[0].when.field.device[0]", "no option `tablet`"),
    ("language: zh", "language: de", 52, "rules[0].when.language", "known: en, zh"),
    ("says: smoke", "say: smoke", 52, "rules[0].when.say", "did you mean `says`?"),
    ("    group: servicedesk", "    group: [servicedesk]", 53, "rules[0].group", "expected an id"),
];

#[test]
fn every_fault_is_named_with_line_field_and_what_would_be_right() {
    for (from, to, line, field, part) in CASES {
        assert_eq!(GOOD.matches(from).count().max(1), GOOD.matches(from).count(), "no `{from}`");
        let faults = parse(&source(&GOOD.replacen(from, to, 1)), 1, None).unwrap_err();
        let named =
            faults.iter().any(|it| it.line == *line && it.field == *field && it.problem.contains(part));
        assert!(named, "{from} -> {to}\n{faults:#?}");
    }
}

#[test]
fn a_choice_needs_options_and_a_calendar_hours() {
    let options = GOOD.find("        options:").unwrap();
    let next = GOOD.find("      - id: size").unwrap();
    for (bad, part) in
        [("", "is missing"), ("        options: []\n", "needs options"), ("        options: a\n", "list")]
    {
        let text = format!("{}{bad}{}", &GOOD[..options], &GOOD[next..]);
        let faults = parse(&source(&text), 1, None).unwrap_err();
        let at = "templates[0].fields[0].options";
        assert!(faults.iter().any(|it| it.field == at && it.problem.contains(part)), "{bad}: {faults:?}");
    }
    let hours = GOOD.find("hours: {").unwrap();
    let end = GOOD[hours..].find('\n').unwrap() + hours;
    let text = format!("{}hours: {{ mon: [] }}{}", &GOOD[..hours], &GOOD[end..]);
    let faults = parse(&source(&text), 1, None).unwrap_err();
    assert!(faults[0].problem.contains("no working hours on any day"), "{faults:?}");
}

#[test]
fn all_faults_of_all_files_are_told_at_once() {
    let text = GOOD
        .replace("owner: network", "owner: nobody")
        .replace("Europe/Berlin", "Nowhere")
        .replace("mon-fri", "mon-fry")
        .replace("is: monitor", "is: tablet")
        .replace("says: smoke", "says: []");
    let mut sources = source(&text);
    sources.push(Source { name: "more.yaml".into(), content: "groups:\n  - { id: network }\n".into() });
    let faults = parse(&sources, 1, None).unwrap_err();
    let places: Vec<_> = faults.iter().map(|it| format!("{}:{}: {}", it.file, it.line, it.field)).collect();
    assert_eq!(
        places,
        [
            "all.yaml:5: services[0].owner",
            "all.yaml:10: calendars[0].zone",
            "all.yaml:11: calendars[0].hours.mon-fry",
            "all.yaml:47: templates[0].fields[1].required_when.is",
            "all.yaml:52: rules[0].when.says",
            "more.yaml:2: groups[0].id",
            "more.yaml:2: groups[0].name",
            "more.yaml:2: groups[0].description",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_makes_no_other_faults() {
    let mut sources = source(&GOOD.replace("kind: incident", "kind: incidnt"));
    let (groups, rest) = GOOD.split_at(GOOD.find("services:").unwrap());
    sources[0].content = rest.replace("kind: incident", "kind: incidnt");
    sources.push(Source { name: "people.yaml".into(), content: format!("{groups}  - [\n") });
    let faults = parse(&sources, 1, None).unwrap_err();
    let files: Vec<_> = faults.iter().map(|it| (it.file.as_str(), it.field.as_str())).collect();
    assert_eq!(files, [("all.yaml", "templates[0].kind"), ("people.yaml", "")], "{faults:?}");
    assert!(faults[1].line >= 4);
}

#[test]
fn the_size_of_a_catalogue_is_bounded() {
    let of = |sources: &[Source]| parse(sources, 1, None).unwrap_err()[0].problem.clone();
    let file = |name: String, content: String| Source { name, content };
    assert!(of(&[file("big.yaml".into(), " ".repeat((1 << 20) + 1))]).contains("split it"));
    let many: Vec<_> = (0..201).map(|it| file(format!("{it}.yaml"), String::new())).collect();
    assert!(of(&many).contains("201 files"));
    assert!(of(&[file("a\u{1b}[2J".into(), String::new())]).contains("needs a name"));
    assert!(of(&[file("a".into(), String::new()), file("a".into(), String::new())]).contains("two files"));
    let templates = format!("templates: [{}]", "{id: a},".repeat(2_001));
    assert!(of(&[file("t.yaml".into(), templates)]).contains("at most 2000"));
    let noise = "x: 1\n".repeat(50_000);
    assert!(parse(&[file("n.yaml".into(), noise)], 1, None).unwrap_err().len() <= 201);
}

#[test]
fn an_empty_catalogue_is_refused() {
    let faults = parse(&[], 1, None).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].to_string().starts_with("templates: there must be a template with the id `other`"));
}
