//! Approvers and the approvals of templates as their owners write them, and what is wrong with them.

use super::*;
use crate::domain::approval::{Expiry, Need, OwnRequest, Quorum, Who};

const APPROVERS: &str = "approvers:
  - { id: boss, name: Boss, issuer: chat, subject: u1, language: zh, delegate: cfo, leave: [{ from: 2026-12-21, to: 2027-01-03 }], manages: [{ issuer: chat, subject: u9 }] }
  - { id: cfo, name: Finance, issuer: chat, subject: u2, agent: network-1 }
";

const APPROVAL: &str = "    approval:
      restart_on: [size]
      steps:
        - id: line
          label: { en: Line, zh: 经理 }
          approvers: [manager, owner, boss]
          self_approval: skip
          fallback: cfo
        - id: money
          label: { en: Money, zh: 预算 }
          when: { field: size, above: 24 }
          approvers: [{ agent: network-1 }, { group: network, each: true }]
          quorum: 2
          veto: true
          calendar: short
          remind: 2h
          due: 8h
          on_expiry: escalate
          escalate_to: [{ group: servicedesk }]
";

fn read(changes: &[(&str, &str)]) -> Result<Catalog, Vec<Fault>> {
    let request = GOOD.replace("    kind: incident\n", "    kind: request\n");
    let mut content = request.replace("    fields:\n", &format!("{APPROVAL}    fields:\n")) + APPROVERS;
    for (from, to) in changes {
        assert!(content.contains(from), "{from}");
        content = content.replacen(from, to, 1);
    }
    parse(&source(&content), 0, None)
}

#[test]
fn approvals_are_read() {
    let catalog = read(&[]).unwrap();
    let boss = catalog.approver("boss").unwrap();
    assert_eq!((boss.person.subject.as_str(), boss.delegate.as_deref()), ("u1", Some("cfo")));
    assert_eq!((boss.leave.len(), boss.manages.len()), (1, 1));
    let plan = catalog.template("fault").unwrap().approval.clone().unwrap();
    assert_eq!(plan.restart, ["size"]);
    let [line, money] = plan.steps.as_slice() else { panic!("{plan:?}") };
    assert_eq!(line.who, [Who::Manager, Who::Owner, Who::Approver("boss".into())]);
    assert_eq!((line.quorum, line.own, line.veto), (Quorum::Percent(100), OwnRequest::Skip, false));
    assert_eq!((line.expiry, line.fallback.len()), (Expiry::Remind, 1));
    assert_eq!(money.when, Some(Need::Above { field: "size".into(), number: 24.0 }));
    assert_eq!((money.quorum, money.veto, money.expiry), (Quorum::Count(2), true, Expiry::Escalate));
    assert_eq!(
        (money.due, money.remind, money.calendar.as_deref()),
        (Some(28_800), Some(7_200), Some("short"))
    );
    assert!(catalog.asks_approval() && !good().asks_approval());
}

/// What stands there, what instead, and the place and a part of the fault.
const CASES: &[(&str, &str, &str, &str)] = &[
    ("kind: request", "kind: incident", "templates[0].approval", "an incident does not wait"),
    (
        "restart_on: [size]",
        "restart_on: [sise]",
        "templates[0].approval.restart_on[0]",
        "did you mean `size`?",
    ),
    ("owner, boss]", "owner, bos]", "templates[0].approval.steps[0].approvers[2]", "did you mean `boss`?"),
    ("[manager, owner, boss]", "[]", "templates[0].approval.steps[0].approvers", "give at least one"),
    ("[manager, owner, boss]", "[boss, boss]", "templates[0].approval.steps[0].approvers[1]", "two votes"),
    ("owner, boss]", "owner, { each: true }]", "templates[0].approval.steps[0].approvers[2]", "names one of"),
    (
        "{ agent: network-1 }",
        "{ agent: network-1, group: network }",
        "templates[0].approval.steps[1].approvers[0]",
        "names one of",
    ),
    (
        "{ agent: network-1 }",
        "{ agent: network-9 }",
        "templates[0].approval.steps[1].approvers[0].agent",
        "network-1",
    ),
    ("quorum: 2", "quorum: 3", "templates[0].approval.steps[1].quorum", "there are 2 places"),
    ("quorum: 2", "quorum: 0", "templates[0].approval.steps[1].quorum", "never satisfied by nobody"),
    ("quorum: 2", "quorum: 101%", "templates[0].approval.steps[1].quorum", "a share such as 50%"),
    (
        "veto: true\n          calendar: short",
        "calendar: long",
        "templates[0].approval.steps[1].calendar",
        "there is no calendar",
    ),
    ("          due: 8h\n", "", "templates[0].approval.steps[1].on_expiry", "no time that could be up"),
    ("on_expiry: escalate", "on_expiry: reject", "templates[0].approval.steps[1].escalate_to", "never used"),
    ("on_expiry: escalate", "on_expiry: ignore", "templates[0].approval.steps[1].on_expiry", "known: remind"),
    (
        "          escalate_to: [{ group: servicedesk }]\n",
        "",
        "templates[0].approval.steps[1].on_expiry",
        "nobody to escalate to",
    ),
    (
        "field: size, above",
        "field: cost, above",
        "templates[0].approval.steps[1].when.field",
        "no field `cost`",
    ),
    (
        "field: size, above",
        "field: device, above",
        "templates[0].approval.steps[1].when.above",
        "is no number",
    ),
    ("above: 24", "is: [10], above: 24", "templates[0].approval.steps[1].when", "either `is`"),
    (
        "field: size, above: 24",
        "field: device, is: tablet",
        "templates[0].approval.steps[1].when.is",
        "has no option `tablet`",
    ),
    ("id: money", "id: line", "templates[0].approval.steps[1].id", "another step of this approval"),
    (
        "self_approval: skip",
        "self_approval: allow",
        "templates[0].approval.steps[0].self_approval",
        "known: refuse, skip",
    ),
    ("delegate: cfo", "delegate: boss", "approvers[0].delegate", "in a circle: boss"),
    ("agent: network-1 }\n", "delegate: boss }\n", "approvers[0].delegate", "in a circle: boss, cfo"),
    ("delegate: cfo", "delegate: ceo", "approvers[0].delegate", "there is no approver `ceo`"),
    ("subject: u2", "subject: u1", "approvers[1].subject", "is approver `boss` already"),
    (
        "issuer: chat, subject: u2",
        "issuer: desk, subject: u2",
        "approvers[1].issuer",
        "vouches for the agents",
    ),
    ("id: cfo", "id: owner", "approvers[1].id", "stands for somebody else"),
    ("subject: u9", "subject: u1", "approvers[0].manages", "their own manager"),
    (
        "agent: network-1 }\n",
        "manages: [{ issuer: chat, subject: u9 }] }\n",
        "approvers[1].manages",
        "has the manager `boss` already",
    ),
    (
        "[network, servicedesk], present",
        "[network], present",
        "templates[0].approval.steps[1].approvers",
        "no agent is in group `servicedesk`",
    ),
];

fn faults_of(from: &str, to: &str) -> Vec<Fault> {
    read(&[(from, to)]).err().unwrap_or_default()
}

#[test]
fn what_is_wrong_with_approvals_is_told_with_its_place() {
    let is_missing = |(from, to, field, problem): &&(&str, &str, &str, &str)| {
        let is_it = |it: &Fault| it.field == *field && it.problem.contains(problem) && 0 < it.line;
        !faults_of(from, to).iter().any(is_it)
    };
    let missing: Vec<_> =
        CASES.iter().filter(is_missing).map(|(from, to, ..)| (to, faults_of(from, to))).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn a_template_whose_approval_changes_is_another_version() {
    let before = read(&[]).unwrap();
    let request = GOOD.replace("    kind: incident\n", "    kind: request\n");
    let after = parse(&source(&(request + APPROVERS)), 9, Some(&before)).unwrap();
    assert_ne!(after.template("fault").unwrap().version, before.template("fault").unwrap().version);
}

/// What the documentation shows is taken, in the starter catalogue.
#[test]
fn the_example_of_the_documentation_is_a_good_one() {
    let mut sources = starter();
    let file = |name: &str| sources.iter().position(|it| it.name == name).unwrap();
    let (documented, templates) = (file("approvals.yaml"), file("templates-accounts.yaml"));
    let lines = sources[documented].content.replace("cost", "quantity");
    let example = |key: &str| {
        let behind = lines.lines().skip_while(|it| *it != format!("#   {key}:"));
        let lines = behind.take_while(|it| it.starts_with("#   "));
        lines.map(|it| it.trim_start_matches('#').to_owned() + "\n").collect::<String>()
    };
    let (approvers, approval) = (example("approvers").replace("\n   ", "\n"), example("approval"));
    sources[documented].content = approvers.trim_start().to_owned();
    let (before, behind) = sources[templates].content.split_once("  - id: equipment_request\n").unwrap();
    let approval: String = approval.lines().map(|it| format!(" {it}\n")).collect();
    let behind = behind.replacen("    fields:\n", &format!("{approval}    fields:\n"), 1);
    sources[templates].content = format!("{before}  - id: equipment_request\n{behind}");
    let catalog = parse(&sources, 1, None).unwrap();
    let plan = catalog.template("equipment_request").unwrap().approval.clone().unwrap();
    assert_eq!((plan.steps.len(), catalog.approvers.len()), (2, 2));
}
