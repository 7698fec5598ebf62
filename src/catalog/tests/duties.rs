//! Skills, shifts, leave, substitutes and turns on call as their owners write them, and what is wrong with them.

use super::*;
use crate::domain::assignment::Policy;

/// The agents of the good catalogue, and what stands there instead.
const AGENTS: &str = "  - { id: network-1, name: Agent 1, groups: [network, servicedesk], present: false }\n";

const DUTIES: &str = "  - { id: ada, name: Ada, groups: [network], skills: { sap: 3 }, capacity: 2, shift: short, substitute: bo, leave: [{ from: 2026-12-21, to: 2027-01-03 }] }
  - { id: bo, name: Bo, groups: [network, servicedesk] }
";

fn read(changes: &[(&str, &str)]) -> Result<Catalog, Vec<Fault>> {
    let mut content = GOOD.replace(AGENTS, DUTIES);
    for (from, to) in changes {
        assert!(content.contains(from), "{from}");
        content = content.replacen(from, to, 1);
    }
    parse(&source(&content), 0, None)
}

#[test]
fn duties_are_read() {
    let group = (
        "description: Cables }",
        "description: Cables, dispatch: { policy: sla_aware, offer: 10m }, on_call: [{ agent: ada, from: 2026-12-24, to: 2026-12-24 }] }",
    );
    let template = ("    fields:\n", "    skills: { sap: 2 }\n    handling: 45m\n    fields:\n");
    let catalog = read(&[group, template]).unwrap();
    let network = catalog.group("network").unwrap();
    assert_eq!((network.policy, network.offer, network.on_call.len()), (Policy::SlaAware, Some(600), 1));
    let ada = catalog.agent("ada").unwrap();
    assert_eq!((ada.level("sap"), ada.capacity, ada.leave.len()), (3, Some(2), 1));
    assert_eq!((ada.shift.as_deref(), ada.substitute.as_deref()), (Some("short"), Some("bo")));
    let fault = catalog.template("fault").unwrap();
    assert_eq!((fault.skills[0].level, fault.handling), (2, 2700));
    let bo = catalog.agent("bo").unwrap();
    assert_eq!((bo.capacity, bo.shift.as_deref(), bo.present), (None, None, true));
}

/// What stands there, what instead, and the place and a part of the fault.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("substitute: bo", "substitute: ada", "agents[0].substitute", "in a circle: ada"),
    (
        "[network, servicedesk] }",
        "[network], substitute: ada }",
        "agents[0].substitute",
        "in a circle: ada, bo",
    ),
    ("substitute: bo", "substitute: cy", "agents[0].substitute", "there is no agent `cy`"),
    ("shift: short", "shift: long", "agents[0].shift", "there is no calendar `long`"),
    ("sap: 3", "sap: 6", "agents[0].skills.sap", "from 0 to 5"),
    ("sap: 3", "sap: 0", "agents[0].skills.sap", "from 1, a beginner"),
    ("sap: 3", "S A P: 3", "agents[0].skills.S A P", "is no id"),
    ("capacity: 2", "capacity: many", "agents[0].capacity", "expected a number"),
    ("to: 2027-01-03", "to: 2026-12-20", "agents[0].leave[0]", "before it begins"),
    (
        "to: 2027-01-03 }",
        "to: 2027-01-03 }, { from: 2027-01-03, to: 2027-01-04 }",
        "agents[0].leave[1]",
        "2027-01-03 the leave is written twice",
    ),
    (
        "description: Cables",
        "description: Cables, dispatch: { policy: fair }",
        "groups[1].dispatch.policy",
        "known: ",
    ),
    (
        "description: Cables",
        "description: Cables, dispatch: { policy: manual, offer: 5m }",
        "groups[1].dispatch",
        "nothing is offered",
    ),
    (
        "description: First line",
        "description: First line, on_call: [{ agent: ada, from: 2026-12-24, to: 2026-12-24 }]",
        "groups[0].on_call",
        "`ada` is not in group `servicedesk`",
    ),
    (
        "description: Cables",
        "description: Cables, on_call: [{ agent: ada, from: 2026-12-24, to: 2026-12-27 }, { agent: bo, from: 2026-12-27, to: 2026-12-28 }]",
        "groups[1].on_call[1]",
        "on 2026-12-27 two agents are on call",
    ),
    (
        "    fields:\n",
        "    skills: { sap: 4 }\n    fields:\n",
        "templates[0].skills",
        "no agent has the skill `sap` at level 4",
    ),
    ("    fields:\n", "    handling: 0m\n    fields:\n", "templates[0].handling", "is no duration"),
];

#[test]
fn what_is_wrong_with_duties_is_told_with_its_place() {
    for (from, to, field, problem) in CASES {
        let faults = read(&[(from, to)]).unwrap_err();
        let found = faults.iter().any(|it| it.field == *field && it.problem.contains(problem) && 0 < it.line);
        assert!(found, "{to}: {faults:?}");
    }
}

/// A chain is no circle, and two that end in one are none either.
/// zammad#3694: the replacement of a replacement was lost.
#[test]
fn a_substitute_of_a_substitute_is_in_order() {
    let more = "  - { id: bo, name: Bo, groups: [network], substitute: cy }\n  - { id: cy, name: Cy, groups: [network] }\n  - { id: di, name: Di, groups: [network], substitute: bo }\n";
    let bo = "  - { id: bo, name: Bo, groups: [network, servicedesk] }\n";
    assert!(read(&[(bo, more)]).is_ok());
}
