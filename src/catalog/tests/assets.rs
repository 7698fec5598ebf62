//! Types of assets and the rules that ask for them, as their owners write them, and what is wrong with them.

use super::*;
use crate::domain::{
    asset::Criticality,
    assignment::{AssetCondition, Condition},
    field::FieldKind,
};

const TYPES: &str = "
asset_types:
  - id: server
    label: { en: Server, zh: 服务器 }
    synonyms: [Host, 主机]
    criticality: high
    fields:
      - { id: ram_gb, type: number, label: { en: Memory, zh: 内存 }, min: 1, max: 4096 }
      - { id: role, type: choice, label: { en: Role, zh: 角色 }, options: [{ id: web, label: { en: Web, zh: 网站 } }] }
  - { id: laptop, label: { en: Laptop, zh: 笔记本电脑 } }
";

fn read(more: &str) -> Result<Catalog, Vec<Fault>> {
    parse(&source(&format!("{GOOD}{more}")), 0, None)
}

#[test]
fn types_are_read() {
    let types = read(TYPES).unwrap().asset_types;
    let [server, laptop] = types.as_slice() else { panic!("{types:?}") };
    assert_eq!((server.criticality, laptop.criticality), (Criticality::High, Criticality::Low));
    assert_eq!(server.synonyms, ["host", "主机"]);
    assert_eq!(server.fields[0].kind, FieldKind::Number { min: 1.0, max: 4096.0 });
    assert!(laptop.fields.is_empty() && read("").unwrap().asset_types.is_empty());
}

#[test]
fn what_is_wrong_with_a_type_is_named() {
    for (from, to, field, problem) in [
        ("criticality: high", "criticality: hihg", "asset_types[0].criticality", "did you mean `high`?"),
        ("id: laptop", "id: server", "asset_types[1].id", "another asset type already"),
        ("en: Laptop", "en: Host", "asset_types[1]", "`host` stands for another type already"),
        ("type: number", "type: numbre", "asset_types[0].fields[0].type", "did you mean `number`?"),
        ("max: 4096", "max: 0", "asset_types[0].fields[0]", "swap the bounds"),
        ("id: role", "id: ram_gb", "asset_types[0].fields[1].id", "another field of this type"),
        ("min: 1,", "cues: [x],", "asset_types[0].fields[0].cues", "unknown key"),
        (", zh: 笔记本电脑", "", "asset_types[1].label.zh", "is missing"),
    ] {
        assert!(TYPES.contains(from), "{from}");
        let faults = read(&TYPES.replacen(from, to, 1)).unwrap_err();
        let is_it = |it: &Fault| it.field == field && it.problem.contains(problem);
        assert!(faults.iter().any(is_it), "{to}: {faults:?}");
    }
}

fn rules(when: &str) -> Result<Catalog, Vec<Fault>> {
    let rules = format!("sla_rules:\n  - {{ id: core, when: {when}, policy: standard }}\n");
    assert!(!GOOD.contains("sla_rules:"));
    read(&format!("{TYPES}{rules}"))
}

#[test]
fn a_rule_may_ask_for_the_assets_of_a_ticket() {
    let when = "{ asset_type: [server, laptop], asset_criticality: medium, asset_location: Berlin, asset: { ram_gb: '64' } }";
    let catalog = rules(when).unwrap();
    assert_eq!(
        catalog.sla_rules[0].when,
        [
            Condition::Asset(AssetCondition::Type(vec!["server".into(), "laptop".into()])),
            Condition::Asset(AssetCondition::Criticality(Criticality::Medium)),
            Condition::Asset(AssetCondition::Location(vec!["Berlin".into()])),
            Condition::Asset(AssetCondition::Field { field: "ram_gb".into(), any: vec!["64".into()] }),
        ]
    );
    for (when, field, problem) in [
        ("{ asset_type: serverr }", "sla_rules[0].when.asset_type", "did you mean `server`?"),
        ("{ asset_typ: server }", "sla_rules[0].when.asset_typ", "did you mean `asset_type`?"),
        ("{ asset_criticality: higher }", "sla_rules[0].when.asset_criticality", "did you mean `high`?"),
        ("{ asset: { ram: '64' } }", "sla_rules[0].when.asset.ram", "no field `ram`; known: ram_gb, role"),
        (
            "{ asset_type: laptop, asset: { ram_gb: '64' } }",
            "sla_rules[0].when.asset.ram_gb",
            "none is defined",
        ),
    ] {
        let faults = rules(when).unwrap_err();
        let is_it = |it: &Fault| it.field == field && it.problem.contains(problem);
        assert!(faults.iter().any(is_it), "{when}: {faults:?}");
    }
}

#[test]
fn a_routing_rule_asks_for_assets_and_a_field_for_their_types() {
    let text = format!("{GOOD}{TYPES}").replacen("template: fault", "template: fault, asset_type: server", 1);
    assert_ne!(text, format!("{GOOD}{TYPES}"));
    let catalog = parse(&source(&text), 0, None).unwrap();
    let server = Condition::Asset(AssetCondition::Type(vec!["server".into()]));
    assert!(catalog.rules[0].when.contains(&server), "{:?}", catalog.rules);
    let wrong = text.replacen("asset_type: server", "asset_type: sever", 1);
    let faults = parse(&source(&wrong), 0, None).unwrap_err();
    let is_it = |it: &Fault| it.field == "rules[0].when.asset_type" && it.problem.contains("server");
    assert!(faults.iter().any(is_it), "{faults:?}");
}
