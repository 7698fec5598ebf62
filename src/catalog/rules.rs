//! Routing rules: conditions that must all hold, and the group that the ticket goes to then.

use super::{
    asset_conditions,
    fault::quoted,
    fields::option_ids,
    item::Item,
    outline::Outline,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    assignment::{Condition, Rule},
    people::Language,
    priority::{Impact, Priority, Urgency},
};

/// Values that one condition may list.
const VALUES: usize = 200;
/// Longest value or phrase, in characters.
const VALUE: usize = 120;

const KEYS: [&str; 15] = [
    "template",
    "service",
    "field",
    "language",
    "impact",
    "urgency",
    "priority",
    "says",
    "vip",
    "department",
    "location",
    "asset_type",
    "asset_criticality",
    "asset_location",
    "asset",
];

pub(super) fn rules(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Rule> {
    sections.items(Noun::Rule).iter().filter_map(|it| rule(it, outline)).collect()
}

fn rule(item: &Item<'_>, outline: &Outline<'_>) -> Option<Rule> {
    let map = item.map(&["id", "when", "group"])?;
    let id = map.need("id").and_then(|it| it.id());
    let when = map.need("when");
    let when = when.and_then(|it| conditions(&it, outline));
    let group = map.need("group").and_then(|it| outline.refer(&it, Noun::Group));
    Some(Rule { id: id?, when: when?, group: group? })
}

/// The conditions in a fixed order, so that a rule reads the same however it was written.
pub(super) fn conditions(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<Condition>> {
    let map = item.map(&KEYS)?;
    let refer = |key: &str, to: Noun| {
        let items = map.get(key)?.one_or_more(VALUES)?;
        let known: Vec<_> = items.iter().filter_map(|it| outline.refer(it, to)).collect();
        // With one in doubt, which fields the rule may look at is in doubt as well: any will do.
        (known.len() == items.len()).then_some(known)
    };
    let templates = refer("template", Noun::Template);
    let services = refer("service", Noun::Service);
    let fields = map.get("field").map(|it| fields(&it, templates.as_deref(), services.as_deref(), outline));
    let language = map.get("language").and_then(|it| it.word(&Language::ALL, Language::code));
    let impact = map.get("impact").and_then(|it| it.word(&Impact::ALL, Impact::as_str));
    let urgency = map.get("urgency").and_then(|it| it.word(&Urgency::ALL, Urgency::as_str));
    let priority = map.get("priority").and_then(|it| it.word(&Priority::ALL, Priority::as_str));
    let says = map.get("says").and_then(|it| texts(&it));
    let vip = map.get("vip").and_then(|it| it.flag());
    let department = map.get("department").and_then(|it| texts(&it));
    let location = map.get("location").and_then(|it| texts(&it));

    let mut all: Vec<_> = templates.map(Condition::Template).into_iter().collect();
    all.extend(services.map(Condition::Service));
    all.extend(fields.unwrap_or_default());
    all.extend(language.map(Condition::Language));
    all.extend(impact.map(Condition::Impact));
    all.extend(urgency.map(Condition::Urgency));
    all.extend(priority.map(Condition::Priority));
    all.extend(says.map(Condition::Says));
    all.extend(vip.map(Condition::Vip));
    all.extend(department.map(Condition::Department));
    all.extend(location.map(Condition::Location));
    all.extend(asset_conditions::read(&map, outline).into_iter().map(Condition::Asset));
    if map.each().next().is_none() {
        item.fault("has no condition and would take every ticket; give at least one");
    }
    Some(all)
}

fn fields(
    item: &Item<'_>,
    templates: Option<&[String]>,
    services: Option<&[String]>,
    outline: &Outline<'_>,
) -> Vec<Condition> {
    let Some(map) = item.open_map() else { return Vec::new() };
    let written = written_fields(templates, services, outline);
    let condition = |(id, item): (&str, Item<'_>)| {
        let values = item.one_or_more(VALUES)?;
        let alike: Vec<_> = written.iter().filter(|(it, _)| *it == id).map(|(_, node)| *node).collect();
        if alike.is_empty() && outline.is_whole() {
            let known = written.iter().map(|(id, _)| *id);
            item.unknown("the templates of this rule have no field", id, known);
            return None;
        }
        let any = values.iter().filter_map(|it| value(it, id, &alike)).collect();
        Some(Condition::Field { field: id.to_owned(), any })
    };
    map.each().filter_map(condition).collect()
}

/// The fields of the templates that a rule can hold for.
fn written_fields<'a>(
    templates: Option<&[String]>,
    services: Option<&[String]>,
    outline: &Outline<'a>,
) -> Vec<(&'a str, &'a Node)> {
    let among = |all: Option<&[String]>, id: &str| all.is_none_or(|all| all.iter().any(|it| it == id));
    let service = |node: &'a Node| node.get("service").and_then(Node::text).unwrap_or_default();
    outline
        .templates()
        .iter()
        .filter(|(id, node)| among(templates, id) && among(services, service(node)))
        .flat_map(|(_, node)| node.get("fields").map_or(&[][..], Node::list))
        .filter_map(|field| Some((field.get("id")?.text()?, field)))
        .collect()
}

/// A value that the field can have: one of its options if it is a choice wherever it occurs.
fn value(item: &Item<'_>, field: &str, alike: &[&Node]) -> Option<String> {
    let value = item.text(VALUE)?;
    let options: Option<Vec<Vec<&str>>> = alike.iter().map(|it| option_ids(it)).collect();
    let options: Vec<&str> = options.unwrap_or_default().into_iter().flatten().collect();
    if !options.is_empty() && !options.iter().any(|it| it.eq_ignore_ascii_case(&value)) {
        item.unknown(&format!("{} has no option", quoted(field)), &value, options.iter().copied());
        return None;
    }
    Some(value)
}

pub(super) fn texts(item: &Item<'_>) -> Option<Vec<String>> {
    Some(item.one_or_more(VALUES)?.iter().filter_map(|it| it.text(VALUE)).collect())
}
