//! Services as their owners write them, the prices of what they offer, and what is wrong with either.

use super::*;
use crate::domain::{
    approval::Need,
    asset::AssetState,
    field::FieldValue,
    service::{Bound, Stage},
};

const OFFICE: &str = "  - { id: office, name: Office, owner: network }\n";
const SERVICES: &str = "  - id: office
    name: Office
    owner: network
    users: [Sales, Shipping]
    cost_centre: '4711'
    value: Everybody writes and reads
    ticket_cost: 18.50 EUR
    sla: standard
    needs: [network]
    availability: { target: 99.5%, calendar: short, down_from: team }
    capacity:
      - { label: { en: Spares, zh: 备用 }, asset_type: laptop, states: [in_stock, ordered], at_least: 5 }
  - { id: network, name: Network, owner: network, stage: pipeline }
  - { id: fax, name: Fax, owner: network, stage: retired }
";
const TYPES: &str = "\nasset_types:\n  - { id: laptop, label: { en: Laptop, zh: 笔记本电脑 } }\n";

fn good() -> String {
    assert!(GOOD.contains(OFFICE) && GOOD.contains("    sla: standard\n"));
    // The template takes the service's policy.
    GOOD.replacen(OFFICE, SERVICES, 1).replacen("    sla: standard\n", "", 1) + TYPES
}

fn read(text: &str) -> Result<Catalog, Vec<Fault>> {
    parse(&source(text), 0, None)
}

#[test]
fn services_are_read() {
    let catalog = read(&good()).unwrap();
    let [office, network, fax] = catalog.services.as_slice() else { panic!("{catalog:?}") };
    assert_eq!(office.users, ["Sales", "Shipping"]);
    assert_eq!(office.ticket_cost.as_ref().unwrap().to_string(), "18.50 EUR");
    assert_eq!((office.needs.as_slice(), office.stage), (&["network".to_owned()][..], Stage::Live));
    let promise = office.availability.clone().unwrap();
    assert_eq!(
        (promise.target, promise.calendar.as_deref(), promise.impact),
        (9950, Some("short"), Impact::Team)
    );
    assert_eq!(office.capacity[0].states, [AssetState::InStock, AssetState::Ordered]);
    assert_eq!(office.capacity[0].bound, Bound::Least(5));
    assert_eq!((network.stage, fax.stage), (Stage::Pipeline, Stage::Retired));
    assert_eq!(catalog.template("fault").unwrap().sla, "standard");
    for (written, hundredths) in [("99%", 9900), ("99.95%", 9995), ("100%", 10_000), ("0.01%", 1)] {
        let catalog = read(&good().replacen("99.5%", written, 1)).unwrap();
        assert_eq!(catalog.services[0].availability.as_ref().unwrap().target, hundredths);
    }
}

#[test]
fn what_is_wrong_with_a_service_is_named() {
    for (from, to, field, problem) in [
        ("stage: retired", "stage: gone", "services[2].stage", "known: pipeline, live, retired"),
        ("18.50 EUR", "18,50", "services[0].ticket_cost", "such as 1200 EUR"),
        ("needs: [network]", "needs: [netwrok]", "services[0].needs", "did you mean `network`?"),
        ("needs: [network]", "needs: [fax]", "services[0].needs", "which is retired"),
        ("stage: pipeline", "needs: [office]", "services[0].needs", "stands in a circle"),
        ("needs: [network]", "needs: [office]", "services[0].needs", "stands in a circle"),
        ("99.5%", "99.5", "services[0].availability.target", "such as 99.5%"),
        ("99.5%", "100.1%", "services[0].availability.target", "such as 99.5%"),
        ("99.5%", "99.999%", "services[0].availability.target", "such as 99.5%"),
        ("99.5%", "0%", "services[0].availability.target", "above 0%"),
        (
            "down_from: team",
            "down_from: person",
            "services[0].availability.down_from",
            "no failure of the service",
        ),
        ("calendar: short", "calendar: shrot", "services[0].availability.calendar", "did you mean `short`?"),
        (
            "asset_type: laptop",
            "asset_type: lap",
            "services[0].capacity[0].asset_type",
            "there is no asset type",
        ),
        (
            "at_least: 5",
            "at_least: 5, at_most: 6",
            "services[0].capacity[0]",
            "either `at_least` or `at_most`",
        ),
        ("in_stock, ordered", "in_stok", "services[0].capacity[0].states", "did you mean `in_stock`?"),
        ("    sla: standard\n", "", "templates[0].sla", "is missing"),
        ("    users: [Sales", "    stage: pipeline\n    users: [Sales", "services[0].stage", "must be live"),
    ] {
        let text = good();
        assert!(text.contains(from), "{from}");
        let faults = read(&text.replacen(from, to, 1)).unwrap_err();
        let is_it = |it: &Fault| it.field.starts_with(field) && it.problem.contains(problem);
        assert!(faults.iter().any(is_it), "{to}: {faults:?}");
    }
}

#[test]
fn prices_are_added_up_and_decide_who_must_agree() {
    let priced = |more: &str, option: &str| {
        let text = GOOD.replacen("    kind: incident\n", &format!("    kind: request\n{more}"), 1);
        text.replacen("synonyms: [notebook, \"365\"] }", &format!("synonyms: [notebook], {option} }}"), 1)
    };
    let approval = "    approval: { restart_on: [size], steps: [{ id: money, label: { en: Money, zh: 预算 }, approvers: [owner], \
                    when: { price_above: 1000 EUR } }] }\n";
    let more = format!("    price: 900 EUR\n{approval}");
    let catalog = read(&priced(&more, "price: 200.50 EUR")).unwrap();
    let template = catalog.template("fault").unwrap();
    let laptop = vec![("device".to_owned(), FieldValue::Choice("laptop".to_owned()))];
    assert_eq!(template.prices.of(&laptop).unwrap().to_string(), "1100.50 EUR");
    assert_eq!(template.prices.of(&[]).unwrap().to_string(), "900 EUR");
    let plan = template.approval.as_ref().unwrap();
    assert!(matches!(&plan.steps[0].when, Some(Need::Price(it)) if it.to_string() == "1000 EUR"));
    // What the price hangs on is material, named or not.
    assert_eq!(plan.restart, ["size", "device"]);
    for (more, option, problem) in [
        (more.as_str(), "price: 200 USD", "write all of one template in one currency"),
        (more.as_str(), "price: cheap", "such as 1200 EUR"),
        (approval, "urgency: low", "the template has no price"),
    ] {
        let faults = read(&priced(more, option)).unwrap_err();
        assert!(faults.iter().any(|it| it.problem.contains(problem)), "{problem}: {faults:?}");
    }
    let many = |min: &str, quantity: &str| {
        let field = format!(
            "    fields:\n      - {{ id: count, type: number, label: {{ en: How many, zh: 数量 }}, ask: {{ en: \"How many?\", zh: 几个？ }}, {min}, max: 50 }}\n"
        );
        priced(&more, "price: 200.50 EUR").replacen("    fields:\n", &field, 1).replacen(
            "    price: 900 EUR\n",
            &format!("    price: 900 EUR\n    quantity: {quantity}\n"),
            1,
        )
    };
    let catalog = read(&many("required: true, min: 1", "count")).unwrap();
    let template = catalog.template("fault").unwrap();
    let three = [laptop, vec![("count".to_owned(), FieldValue::Number(3.0))]].concat();
    assert_eq!(template.prices.of(&three).unwrap().to_string(), "3301.50 EUR");
    assert_eq!(template.approval.as_ref().unwrap().restart, ["size", "device", "count"]);
    for (min, quantity, problem) in [
        ("required: true", "count", "write `min: 1` there"),
        ("min: 1", "count", "write `required: true` there"),
        ("required: true, min: 1", "device", "is no number"),
        ("required: true, min: 1", "pieces", "is no field of this template"),
    ] {
        let faults = read(&many(min, quantity)).unwrap_err();
        assert!(faults.iter().any(|it| it.problem.contains(problem)), "{problem}: {faults:?}");
    }
    let dollars = priced(&more.replace("1000 EUR", "1000 USD"), "urgency: low");
    assert!(read(&dollars).unwrap_err().iter().any(|it| it.problem.contains("are in EUR")));
}
