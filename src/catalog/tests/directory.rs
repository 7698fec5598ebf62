//! How the directory of people is used, as its owners write it, and what is wrong with it.

use super::*;
use crate::domain::profile::{Known, Leavers, MayAsk, SubjectFrom};

fn read(more: &str, changes: &[(&str, &str)]) -> Result<Catalog, Vec<Fault>> {
    let mut content = format!("{GOOD}{more}");
    for (from, to) in changes {
        assert!(content.contains(from), "{from}");
        content = content.replacen(from, to, 1);
    }
    parse(&source(&content), 0, None)
}

#[test]
fn the_section_people_is_read_and_may_be_left_out() {
    assert_eq!(read("", &[]).unwrap().people.on_behalf, [MayAsk::Anybody]);
    let more = "\npeople:\n  issuer: teams\n  subject: external_id\n  leavers: serve\n  \
        on_behalf: [agents, same_department, manager, { delegate: ada, of: [bo, cy] }, { delegate: di }]\n";
    let people = read(more, &[]).unwrap().people;
    assert_eq!(
        (people.issuer.as_str(), people.subject, people.leavers),
        ("teams", SubjectFrom::ExternalId, Leavers::Serve)
    );
    let [
        MayAsk::Agents,
        MayAsk::SameDepartment,
        MayAsk::Manager,
        MayAsk::Delegate(one),
        MayAsk::Delegate(all),
    ] = people.on_behalf.as_slice()
    else {
        panic!("{people:?}")
    };
    assert_eq!((one.delegate.as_str(), one.of.len(), all.of.len()), ("ada", 2, 0));
    assert!(read("\npeople: { on_behalf: [] }\n", &[]).unwrap().people.on_behalf.is_empty());
}

#[test]
fn what_is_wrong_with_it_is_named() {
    for (more, field, problem) in [
        ("people: { issuers: teams }", "people.issuers", "did you mean `issuer`?"),
        ("people: { subject: mail }", "people.subject", "did you mean `email`?"),
        ("people: { leavers: refuze }", "people.leavers", "did you mean `refuse`?"),
        ("people: { on_behalf: [managers] }", "people.on_behalf[0]", "did you mean `manager`?"),
        ("people: { on_behalf: [5] }", "people.on_behalf[0]", "same_department"),
        ("people: { on_behalf: [{ of: [bo] }] }", "people.on_behalf[0].delegate", "is missing"),
        ("people: { on_behalf: [{ delegate: ada, of: [] }] }", "people.on_behalf[0].of", "at least one"),
        ("people: [ada]", "people", "a map of keys"),
    ] {
        let faults = read(&format!("\n{more}\n"), &[]).unwrap_err();
        let is_it = |it: &Fault| it.field == field && it.problem.contains(problem);
        assert!(faults.iter().any(is_it), "{more}: {faults:?}");
    }
}

#[test]
fn fields_take_from_the_directory_what_they_can_hold() {
    let from = |kind: &str, from: &str| {
        let size = "        min: 10\n        max: 60.5\n";
        read("", &[("type: number", &format!("type: {kind}\n        from: {from}")), (size, "")])
    };
    let catalog = from("location", "location").unwrap();
    assert_eq!(catalog.template("fault").unwrap().field("size").unwrap().from, Some(Known::Location));
    assert!(from("text", "cost_centre").is_ok() && from("person", "name").is_ok());
    for (kind, word) in [("location", "name"), ("date_time", "title"), ("asset", "phone")] {
        let faults = from(kind, word).unwrap_err();
        assert!(
            faults[0].field.ends_with(".from") && faults[0].problem.contains("cannot hold"),
            "{faults:?}"
        );
    }
    assert!(from("text", "shoe").unwrap_err()[0].problem.contains("unknown word"));
}

#[test]
fn agents_and_rules_may_name_people() {
    let rule = "\n  - { id: vip, when: { vip: true, department: Sales, location: [Berlin, Paris] }, group: network }\n";
    let agent = ("id: network-1,", "id: network-1, user: Ada@Example.com,");
    let catalog = read(rule, &[agent]).unwrap();
    assert_eq!(catalog.agents[0].user_key(), "ada@example.com");
    let when = &catalog.rules.iter().find(|it| it.id == "vip").unwrap().when;
    assert_eq!(when.len(), 3);
    assert_eq!(when[0], Condition::Vip(true));
    let faults = read(&rule.replace("true", "maybe"), &[]).unwrap_err();
    assert!(faults[0].problem.contains("true or false"), "{faults:?}");
}
