//! Routing by rule, by template, by load, and to a person.

use super::*;
use crate::domain::{
    assignment::{Agent, Condition, Group, Load, Policy, Rule},
    field::{Choice, Field, FieldKind, FieldValue, Required},
    people::Bilingual,
    priority::Priority,
    ticket::TicketKind,
    time::Timestamp,
};

fn template(id: &str, group: &str) -> Template {
    Template {
        id: id.into(),
        version: 1,
        kind: TicketKind::Incident,
        label: Bilingual::default(),
        service: "it".into(),
        group: group.into(),
        impact: Impact::Person,
        urgency: Urgency::Medium,
        sla: "standard".into(),
        skills: vec![],
        handling: 1800,
        fields: vec![],
        audience: crate::domain::template::Audience::Everyone,
        prices: crate::domain::money::Prices::default(),
        steps: vec![],
        approval: None,
        knowledge: crate::domain::template::Knowledge::default(),
        change: None,
        waves: crate::domain::template::Waves::default(),
    }
}

fn catalog() -> Catalog {
    let group = |id: &str| Group { id: id.into(), ..Group::default() };
    let agent =
        |id: &str, present| Agent { id: id.into(), groups: vec!["apps".into()], present, ..Agent::default() };
    let rule = Rule {
        id: "sap".into(),
        when: vec![Condition::Template(vec!["software".into()]), Condition::Says(vec!["SAP".into()])],
        group: "erp".into(),
    };
    Catalog {
        groups: vec![group("apps"), group("erp"), group("servicedesk")],
        agents: vec![agent("a1", true), agent("a2", true), agent("a3", false)],
        templates: vec![template("software", "apps"), template(FALLBACK, "servicedesk")],
        rules: vec![rule],
        ..Catalog::default()
    }
}

fn decide(text: &str, gate: Gate, load: impl Fn(&str) -> Load) -> (String, Chosen) {
    let catalog = catalog();
    let fields = vec![("app".to_owned(), FieldValue::Text("x".into()))];
    let facts = Facts {
        template: &catalog.templates[0],
        fields: &fields,
        text,
        language: Language::En,
        impact: Impact::Person,
        urgency: Urgency::Medium,
        priority: Priority::P3,
        gate: Some(gate),
        understanding: None,
        asked: &Asked::default(),
        assets: &[],
    };
    let (group, _) = group(&catalog, &facts);
    let work = dispatch::Work {
        skills: &[],
        priority: Priority::P3,
        opened: Timestamp(0),
        due: None,
        handling: 1800,
        declined: &[],
    };
    let by_place = |it: usize| load(&catalog.agents[it].id);
    let team = Team::of(&catalog, catalog.group(&group).unwrap(), 0, by_place, Timestamp(0));
    let chosen = team.assign(&work);
    (group, chosen)
}

fn load(open: u32, last: i64) -> Load {
    Load { open, last: Timestamp(last), ..Load::default() }
}

#[test]
fn a_rule_goes_before_the_template() {
    assert_eq!(decide("my SAP hangs", Gate::Auto, |_| Load::default()).0, "erp");
    assert_eq!(decide("sapling app hangs", Gate::Auto, |_| Load::default()).0, "apps");
}

#[test]
fn the_least_loaded_of_those_present_gets_it() {
    let by = |id: &str| match id {
        "a1" => load(3, 0),
        "a2" => load(1, 9),
        _ => load(0, 0),
    };
    let (_, it) = decide("crash", Gate::Auto, by);
    assert_eq!(it.agent.as_deref(), Some("a2"));
    assert_eq!(it.load, 1);
    let policy = Policy::LeastLoaded;
    assert_eq!(it.because, Because::Policy { policy, agent: "a2".into(), open: 1 });
}

/// Round robin: zammad#854, glpi#73, freescout#1388, osTicket#3074.
#[test]
fn among_equals_the_one_who_waited_longest_gets_it() {
    let by = |id: &str| if id == "a1" { load(2, 500) } else { load(2, 400) };
    assert_eq!(decide("crash", Gate::Auto, by).1.agent.as_deref(), Some("a2"));
}

#[test]
fn what_a_person_must_look_at_goes_to_the_first_line_and_waits_if_nobody_is_there() {
    let (group, it) = decide("my SAP hangs", Gate::Person, |_| Load::default());
    assert_eq!((group.as_str(), it.agent), ("servicedesk", None));
    assert_eq!(it.because, Because::NobodyPresent("servicedesk".into()));
}

/// A template with an option of that gravity, and the values that choose it.
fn with_option(impact: Option<Impact>, urgency: Option<Urgency>) -> (Template, Vec<(String, FieldValue)>) {
    let mut option = Choice::new("gas".into(), Bilingual::default(), vec![]);
    (option.impact, option.urgency) = (impact, urgency);
    let field = Field {
        id: "what".into(),
        kind: FieldKind::Choice(vec![option]),
        label: Bilingual::default(),
        ask: Bilingual::default(),
        required: Required::No,
        default: None,
        cues: vec![],
        from: None,
    };
    let values = vec![("what".to_owned(), FieldValue::Choice("gas".into()))];
    (Template { fields: vec![field], ..template("building", "apps") }, values)
}

fn read(impact: &str, urgency: &str) -> Understanding {
    Understanding { impact: (impact.into(), 0.9), urgency: (urgency.into(), 0.9), ..Understanding::default() }
}

#[test]
fn a_grave_option_raises_and_may_reach_p1() {
    let (template, values) = with_option(Some(Impact::Site), Some(Urgency::High));
    let text = read("person", "low");
    let rating = priority::rated(&catalog(), &template, &values, &text);
    assert_eq!(rating, (Impact::Site, Urgency::High, Priority::P1));
    let (_, _, without) = priority::rated(&catalog(), &template, &[], &text);
    assert_eq!(without, Priority::P4);
}

#[test]
fn an_option_never_lowers_and_lifts_no_text_to_p1() {
    let (template, values) = with_option(Some(Impact::Person), Some(Urgency::High));
    let rating = priority::rated(&catalog(), &template, &values, &read("site", "medium"));
    assert_eq!(rating, (Impact::Site, Urgency::High, Priority::P2));
}

#[test]
fn a_text_that_says_nothing_of_its_urgency_leaves_the_templates() {
    let catalog = catalog();
    let template = Template { urgency: Urgency::High, ..template("malware", "apps") };
    let read = |word: &str, sure: f32| {
        let understanding = Understanding { urgency: (word.into(), sure), ..Understanding::default() };
        priority::from_text(&catalog, &template, &understanding).1
    };
    assert_eq!(read("medium", 0.9), Urgency::High);
    assert_eq!(read("low", 0.9), Urgency::Low);
    assert_eq!(read("low", 0.3), Urgency::High);
}
