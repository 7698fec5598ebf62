//! SLA rules, agreements of groups and suppliers, calendars by site and steps that act, as their owners write them, and
//! what is wrong with them.

use super::*;
use crate::domain::{condition::Known, people::Language, sla::Goal, template::Values};

const NETWORK: &str = "  - { id: network, name: { en: Network, zh: 网络组 }, description: Cables }\n";
/// The network group with an agreement.
const WITH_OLA: &str = "  - id: network
    name: { en: Network, zh: 网络组 }
    description: Cables
    ola:
      calendar: short
      targets: { P1: 30m, P2: 1h, P3: 2h, P4: 4h }
      escalations: [{ at: 50%, notify: group }, { at: 100%, group: servicedesk, note: Took too long }]
";
const ESCALATIONS: &str = "    escalations:
      - { goal: response, at: 50%, reassign: true, raise_urgency: true, note: Nobody has answered }
";
const MORE: &str = "sla_rules:
  - id: pressing-faults
    when: { template: fault, priority: P2 }
    policy: strict
  - id: laptops
    when: { field: { device: laptop } }
    policy: strict
suppliers:
  - id: telco
    name: Telco
    calendar: short
    targets: { P1: 1h, P2: 2h, P3: 4h, P4: 8h }
    escalations: [{ at: 100%, notify: owner }]
    services: [office]
sla_policies:
  - id: strict
    calendar: { by_field: device, sites: { Monitor: round }, else: short }
    targets:
      P1: { response: 15m, update: 1h, resolution: 2h }
      P2: { response: 15m, update: 1h, resolution: 2h }
      P3: { response: 15m, resolution: 2h }
      P4: { response: 15m, resolution: 2h }
calendars:
  - { id: round, zone: UTC, hours: { mon-sun: \"00:00-24:00\" } }
";

/// The good catalogue with all of it, changed.
fn read(changes: &[(&str, &str)]) -> Result<Catalog, Vec<Fault>> {
    let policy = "    calendar: short\n    targets:\n";
    let mut good = GOOD.replacen(policy, &format!("    calendar: short\n{ESCALATIONS}    targets:\n"), 1);
    good = good.replacen(NETWORK, WITH_OLA, 1);
    let mut more = MORE.to_owned();
    for (from, to) in changes {
        assert!(good.contains(from) || more.contains(from), "{from}");
        good = good.replacen(from, to, 1);
        more = more.replacen(from, to, 1);
    }
    let mut sources = source(&good);
    sources.push(Source { name: "more.yaml".into(), content: more });
    parse(&sources, 0, None)
}

#[test]
fn all_of_it_is_read() {
    let catalog = read(&[]).unwrap_or_else(|faults| panic!("{faults:#?}"));
    let ola = catalog.group("network").unwrap().ola.as_ref().unwrap();
    assert_eq!((ola.calendar.as_str(), ola.targets), ("short", [1800, 3600, 7200, 14_400]));
    assert!(ola.escalations.iter().all(|it| it.goal == Goal::Ola));
    assert_eq!(ola.escalations[1].step.group.as_deref(), Some("servicedesk"));
    assert_eq!(ola.escalations[1].step.notes, ["Took too long"]);
    let step = &catalog.policy("standard").unwrap().escalations[0].step;
    assert!(step.reassign && step.raise_urgency && step.notify.is_empty());
    let strict = catalog.policy("strict").unwrap();
    assert_eq!((strict.targets[0].update, strict.targets[3].update), (Some(3600), None));
    assert_eq!(strict.sites.as_ref().unwrap().calendars, [("Monitor".to_owned(), "round".to_owned())]);
    let telco = catalog.supplier("fault", "office").unwrap();
    assert_eq!((telco.id.as_str(), telco.contract.targets[3]), ("telco", 8 * 3600));
}

#[test]
fn the_first_rule_that_holds_chooses_the_policy_else_the_template_does() {
    let catalog = read(&[]).unwrap();
    let chosen = |priority, device: &str| {
        let fields: Values = vec![("device".into(), crate::domain::field::FieldValue::Choice(device.into()))];
        let known = Known {
            template: "fault",
            service: "office",
            fields: &fields,
            text: "",
            language: Language::En,
            impact: Impact::Person,
            urgency: Urgency::Low,
            priority,
            asked: &crate::domain::ticket::Asked::default(),
            assets: &[],
        };
        let chosen = catalog.choose_sla(&known, catalog.template("fault")).unwrap();
        (chosen.policy, chosen.rule)
    };
    assert_eq!(chosen(Priority::P1, "laptop"), ("strict".into(), Some("pressing-faults".into())));
    assert_eq!(chosen(Priority::P3, "laptop"), ("strict".into(), Some("laptops".into())));
    assert_eq!(chosen(Priority::P3, "monitor"), ("standard".into(), None));
}

#[test]
fn a_supplier_of_the_template_comes_before_that_of_the_service() {
    let second = "suppliers:\n  - { id: maker, name: Maker, calendar: short, targets: { P1: 1h, P2: 1h, P3: 1h, P4: 1h }, templates: [fault] }\n";
    let catalog = read(&[("suppliers:\n", second)]).unwrap();
    assert_eq!(catalog.supplier("fault", "office").unwrap().id, "maker");
    assert_eq!(catalog.supplier("other", "office").unwrap().id, "telco");
    assert_eq!(catalog.supplier("other", "elsewhere"), None);
}

/// What stands there, what instead, and the place and a part of the fault.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("    policy: strict\n", "    policy: gold\n", "sla_rules[0].policy", "there is no SLA policy `gold`"),
    (
        "template: fault, priority",
        "template: falt, priority",
        "sla_rules[0].when.template",
        "did you mean `fault`?",
    ),
    ("priority: P2", "priority: P5", "sla_rules[0].when.priority", "known: P1"),
    ("{ template: fault, priority: P2 }", "{}", "sla_rules[0].when", "has no condition"),
    ("{ device: laptop }", "{ device: tablet }", "sla_rules[1].when.field.device", "no option `tablet`"),
    // What an earlier rule takes whole.
    (
        "{ field: { device: laptop } }",
        "{ template: fault, priority: P1, says: now }",
        "sla_rules[1].when",
        "`pressing-faults` (more.yaml:2) comes first",
    ),
    (
        "{ field: { device: laptop } }",
        "{ template: fault, impact: site, urgency: high }",
        "sla_rules[1].when",
        "comes first and takes every ticket",
    ),
    // Agreements.
    (
        "P1: 30m, P2: 1h, P3",
        "P1: 3h, P2: 1h, P3",
        "groups[1].ola.targets",
        "more pressing priority more time",
    ),
    (
        "{ P1: 30m, P2: 1h, P3: 2h, P4: 4h }",
        "{ P1: 30m, P2: 1h, P3: 2h }",
        "groups[1].ola.targets.P4",
        "is missing",
    ),
    (
        "group: servicedesk, note",
        "group: network, note",
        "groups[1].ola",
        "hands its tickets to `network` itself",
    ),
    (
        "at: 50%, notify",
        "goal: response, at: 50%, notify",
        "groups[1].ola.escalations[0].goal",
        "unknown key",
    ),
    (
        "calendar: short\n      targets",
        "calendar: long\n      targets",
        "groups[1].ola.calendar",
        "there is no calendar",
    ),
    ("    services: [office]\n", "", "suppliers[0]", "stands behind nothing"),
    ("services: [office]", "services: [offices]", "suppliers[0].services[0]", "did you mean `office`?"),
    ("services: [office]", "services: [office, office]", "suppliers[0].services", "twice"),
    // Steps.
    (
        "reassign: true, raise_urgency: true, note: Nobody has answered",
        "reassign: false",
        "sla_policies[0].escalations[0]",
        "does nothing",
    ),
    (
        "reassign: true, raise",
        "group: network, reassign: true, raise",
        "sla_policies[0].escalations[0]",
        "leave `reassign` out",
    ),
    (
        "      - { goal: response, at: 50%,",
        "      - { goal: resolution, at: 50%, group: network }\n      - { goal: resolution, at: 50%, group: servicedesk }\n      - { goal: response, at: 50%,",
        "sla_policies[0].escalations[1]",
        "to another group at the same moment",
    ),
    ("goal: response, at: 50%", "goal: ola, at: 50%", "sla_policies[0].escalations[0].goal", "known: "),
    // Calendars by site.
    ("by_field: device", "by_field: devcie", "sla_policies[0].calendar.by_field", "did you mean `device`?"),
    ("Monitor: round", "Monitor: rond", "sla_policies[0].calendar.sites.Monitor", "did you mean `round`?"),
    (
        "Monitor: round",
        "Monitor: round, monitor: round",
        "sla_policies[0].calendar.sites.monitor",
        "a name of its own",
    ),
    ("sites: { Monitor: round }", "sites: {}", "sla_policies[0].calendar.sites", "has 0 sites"),
    (", else: short", "", "sla_policies[0].calendar.else", "is missing"),
    ("update: 1h", "update: soon", "sla_policies[0].targets.P1.update", "such as 30m or 4h"),
    // A calendar that is never open.
    ("\"00:00-24:00\"", "[]", "calendars[0].hours", "no working hours on any day"),
];

#[test]
fn what_is_wrong_is_told_with_its_place() {
    for (from, to, field, problem) in CASES {
        let faults = read(&[(from, to)]).unwrap_err();
        let found = faults.iter().any(|it| it.field == *field && it.problem.contains(problem) && 0 < it.line);
        assert!(found, "{to}: {faults:#?}");
    }
}

#[test]
fn a_rule_whose_template_is_of_another_service_can_never_hold() {
    let service = ("services:\n", "services:\n  - { id: phones, name: Phones, owner: network }\n");
    let rule = ("{ template: fault, priority: P2 }", "{ template: fault, service: phones }");
    let faults = read(&[service, rule]).unwrap_err();
    assert!(
        faults[0].problem.contains("no template that it names is of a service that it names"),
        "{faults:?}"
    );
}

#[test]
fn two_suppliers_behind_one_service_are_refused() {
    let second = "suppliers:\n  - { id: maker, name: Maker, calendar: short, targets: { P1: 1h, P2: 1h, P3: 1h, P4: 1h }, services: [office] }\n";
    let faults = read(&[("suppliers:\n", second)]).unwrap_err();
    assert!(faults[0].problem.contains("`maker` stands behind the service `office` already"), "{faults:?}");
}

#[test]
fn agreements_that_hand_tickets_round_in_a_circle_are_refused() {
    let back = "  - id: servicedesk
    name: { en: Service desk, zh: 服务台 }
    description: First line
    ola:
      calendar: short
      targets: { P1: 30m, P2: 1h, P3: 2h, P4: 4h }
      escalations: [{ at: 100%, group: network }]
";
    let first = "  - { id: servicedesk, name: { en: Service desk, zh: 服务台 }, description: First line }\n";
    let faults = read(&[(first, back)]).unwrap_err();
    assert_eq!(faults.len(), 1, "{faults:?}");
    assert!(faults[0].problem.contains("in a circle, for ever: network, servicedesk"), "{faults:?}");
}
