//! What groups and suppliers have agreed to: how long each may have a ticket, in hours of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    item::{Item, Map},
    outline::Outline,
    policies::escalations,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    assignment::Group,
    priority::Priority,
    sla::{Agreement, Goal, Supplier},
};

/// Longest name of a supplier, in characters.
const NAME: usize = 120;
/// Services or templates of one supplier.
const BEHIND: usize = 500;

/// The operational level agreement of a group.
pub(super) fn ola(item: &Item<'_>, outline: &Outline<'_>) -> Option<Agreement> {
    let map = item.map(&["calendar", "targets", "escalations"])?;
    agreement(&map, Goal::Ola, outline)
}

pub(super) fn suppliers(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<Supplier> {
    sections.items(Noun::Supplier).iter().filter_map(|it| supplier(it, outline)).collect()
}

fn supplier(item: &Item<'_>, outline: &Outline<'_>) -> Option<Supplier> {
    let map = item.map(&["id", "name", "calendar", "targets", "escalations", "services", "templates"])?;
    let id = map.need("id").and_then(|it| it.id());
    let name = map.need("name").and_then(|it| it.text(NAME));
    let contract = agreement(&map, Goal::Contract, outline);
    let all = |key: &str, noun: Noun| {
        map.get(key).map_or(Some(vec![]), |it| {
            it.one_or_more(BEHIND)?.iter().map(|it| outline.refer(it, noun)).collect::<Option<Vec<_>>>()
        })
    };
    let (services, templates) = (all("services", Noun::Service), all("templates", Noun::Template));
    let (services, templates) = (services?, templates?);
    if services.is_empty() && templates.is_empty() {
        item.fault("stands behind nothing; name its `services` or `templates`");
        return None;
    }
    Some(Supplier { id: id?, name: name?, contract: contract?, services, templates })
}

fn agreement(map: &Map<'_>, goal: Goal, outline: &Outline<'_>) -> Option<Agreement> {
    let calendar = map.need("calendar").and_then(|it| outline.refer(&it, Noun::Calendar));
    let targets = map.need("targets").and_then(|it| targets(&it));
    let escalations = map.get("escalations").map_or(Some(vec![]), |it| escalations(&it, Some(goal), outline));
    Some(Agreement { calendar: calendar?, targets: targets?, escalations: escalations? })
}

/// A duration for each priority; what is more pressing must not have more time.
fn targets(item: &Item<'_>) -> Option<[u32; 4]> {
    let map = item.map(&Priority::ALL.map(Priority::as_str))?;
    let [p1, p2, p3, p4] = Priority::ALL.map(|it| map.need(it.as_str()).and_then(|it| it.duration()));
    let targets = [p1?, p2?, p3?, p4?];
    if !targets.is_sorted() {
        item.fault("gives a more pressing priority more time than a less pressing one; P1 has the least");
        return None;
    }
    Some(targets)
}

/// What only groups and suppliers together show: no chain of agreements hands a ticket round in a circle, and one
/// supplier stands behind each thing.
pub(super) fn together(sections: &Sections<'_>, groups: &[Group], suppliers: &[Supplier]) {
    for circle in circles(groups) {
        let (first, way) = (circle[0], circle.join(", "));
        let problem = if circle.len() == 1 {
            format!("hands its tickets to `{first}` itself, which has them; name another group")
        } else {
            format!("hand their tickets round in a circle, for ever: {way}; let one of them hand nothing on")
        };
        fault_at(sections, Noun::Group, first, "ola", &problem);
    }
    let mut behind: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for it in suppliers {
        let services = it.services.iter().map(|id| ("service", id.as_str()));
        for thing in services.chain(it.templates.iter().map(|id| ("template", id.as_str()))) {
            if let Some(other) = behind.insert(thing, &it.id) {
                let (what, id) = thing;
                let key = if what == "service" { "services" } else { "templates" };
                let problem = if other == it.id {
                    format!("names the {what} `{id}` twice")
                } else {
                    format!("`{other}` stands behind the {what} `{id}` already; one supplier each")
                };
                fault_at(sections, Noun::Supplier, &it.id, key, &problem);
            }
        }
    }
}

/// The circles in which agreements of groups hand tickets on, each once.
fn circles(groups: &[Group]) -> Vec<Vec<&str>> {
    let next: BTreeMap<&str, Vec<&str>> = groups
        .iter()
        .map(|group| {
            let steps = group.ola.iter().flat_map(|it| &it.escalations);
            (group.id.as_str(), steps.filter_map(|it| it.step.group.as_deref()).collect())
        })
        .collect();
    let (mut circles, mut seen) = (vec![], BTreeSet::new());
    for group in next.keys() {
        walk(group, &next, &mut vec![], &mut seen, &mut circles);
    }
    circles
}

fn walk<'a>(
    at: &'a str,
    next: &BTreeMap<&'a str, Vec<&'a str>>,
    way: &mut Vec<&'a str>,
    seen: &mut BTreeSet<&'a str>,
    circles: &mut Vec<Vec<&'a str>>,
) {
    if let Some(begins) = way.iter().position(|it| *it == at) {
        circles.push(way[begins..].to_vec());
        return;
    }
    if !seen.insert(at) {
        return;
    }
    way.push(at);
    for to in next.get(at).into_iter().flatten() {
        walk(to, next, way, seen, circles);
    }
    way.pop();
}

fn fault_at(sections: &Sections<'_>, noun: Noun, id: &str, key: &str, problem: &str) {
    let item = sections.items(noun).iter().find(|it| it.node().get("id").and_then(Node::text) == Some(id));
    let Some(item) = item else { return };
    item.peek(key).as_ref().unwrap_or(item).fault(problem);
}
