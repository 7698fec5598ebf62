//! Who can do what and when, and how work comes to them: the parts of agents, groups and templates that dispatch
//! looks at.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::{
    item::{Item, Map},
    outline::Outline,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::{
    assignment::{Agent, Group, Policy, Skill},
    duty::{Leave, Turn},
    template::Template,
};

/// Skills of one agent, or of one template.
const SKILLS: usize = 50;
/// The best level of a skill.
const BEST: u32 = 5;
/// Leaves of one agent, turns of one group.
const SPANS: usize = 200;
/// Open tickets that one agent may have.
pub(super) const CAPACITY: u32 = 10_000;

/// Skills and their levels, such as `{ sap: 3 }`.
pub(super) fn skills(map: &Map<'_>) -> Option<Vec<Skill>> {
    let Some(item) = map.get("skills") else { return Some(vec![]) };
    let all = item.open_map()?;
    if SKILLS < all.each().count() {
        item.fault(format!("has more than {SKILLS} skills"));
        return None;
    }
    all.each().map(|(id, level)| skill(id, &level)).collect()
}

fn skill(id: &str, item: &Item<'_>) -> Option<Skill> {
    let level = item.count(BEST)?;
    if level == 0 {
        item.fault(format!("0 is no level of a skill; from 1, a beginner, to {BEST}, an expert"));
        return None;
    }
    let level = u8::try_from(level).ok()?;
    Some(Skill { id: item.id_of(id)?, level })
}

/// How a group's work comes to its agents.
pub(super) fn dispatch(map: &Map<'_>) -> Option<(Policy, Option<u32>)> {
    let Some(item) = map.get("dispatch") else { return Some((Policy::default(), None)) };
    let map = item.map(&["policy", "offer"])?;
    let policy = map.need("policy").and_then(|it| it.word(&Policy::ALL, Policy::as_str));
    let offer = map.optional("offer", Item::duration);
    let (policy, offer) = (policy?, offer?);
    if policy == Policy::Manual && offer.is_some() {
        item.fault("people take the tickets themselves, so nothing is offered; leave `offer` out");
        return None;
    }
    Some((policy, offer))
}

/// The turns of a group's agents on call.
pub(super) fn on_call(map: &Map<'_>, outline: &Outline<'_>) -> Option<Vec<Turn>> {
    let Some(item) = map.get("on_call") else { return Some(vec![]) };
    let turn = |it: &Item<'_>| {
        let map = it.map(&["agent", "from", "to"])?;
        let agent = map.need("agent").and_then(|it| outline.refer(&it, Noun::Agent));
        let (from, to) = span(&map)?;
        Some(Turn { agent: agent?, from, to })
    };
    let items = item.list(SPANS)?;
    let turns: Vec<Turn> = items.iter().map(turn).collect::<Option<_>>()?;
    let spans: Vec<_> = turns.iter().map(|it| (it.from, it.to)).collect();
    apart(&items, &spans, "two agents are on call").then_some(turns)
}

/// When an agent is on leave.
pub(super) fn leave(map: &Map<'_>) -> Option<Vec<Leave>> {
    let Some(item) = map.get("leave") else { return Some(vec![]) };
    let items = item.list(SPANS)?;
    let spans: Vec<_> = items.iter().map(|it| span(&it.map(&["from", "to"])?)).collect::<Option<_>>()?;
    let leave = spans.iter().map(|(from, to)| Leave { from: *from, to: *to }).collect();
    apart(&items, &spans, "the leave is written twice").then_some(leave)
}

/// The first and the last day.
fn span(map: &Map<'_>) -> Option<(Date, Date)> {
    let from = map.need("from").and_then(|it| it.date());
    let to = map.need("to").and_then(|it| it.date());
    let (from, to) = (from?, to?);
    if to < from {
        map.item().fault(format!("ends on {to}, before it begins on {from}"));
        return None;
    }
    Some((from, to))
}

/// Reports the first two spans that share a day.
fn apart(items: &[Item<'_>], spans: &[(Date, Date)], what: &str) -> bool {
    let mut all: Vec<_> = spans.iter().zip(items).collect();
    all.sort_by_key(|(span, _)| **span);
    let pair = all.windows(2).find(|pair| pair[1].0.0 <= pair[0].0.1);
    if let Some([(_, first), (span, second)]) = pair {
        let (file, line) = first.place();
        second.fault(format!("on {} {what} ({file}:{line}); let one end before the other begins", span.0));
    }
    pair.is_none()
}

/// What only agents, groups and templates together show: who is on call is in the group, no substitute stands in for
/// those who stand in for them, and somebody has what a template needs.
pub(super) fn together(sections: &Sections<'_>, agents: &[Agent], groups: &[Group], templates: &[Template]) {
    let by_id: BTreeMap<&str, &Agent> = agents.iter().map(|it| (it.id.as_str(), it)).collect();
    let ids = agents.iter().map(|it| it.id.as_str());
    let substitute = |id: &str| by_id.get(id).and_then(|it| it.substitute.as_deref());
    for circle in circles(ids, |id| substitute(id).filter(|it| by_id.contains_key(it))) {
        let way = circle.join(", ");
        fault_at(sections, Noun::Agent, circle[0], "substitute", || {
            format!("substitutes in a circle: {way}; let one of them have no substitute")
        });
    }
    for group in groups {
        let stranger =
            |it: &&Turn| by_id.get(it.agent.as_str()).is_some_and(|it| !it.groups.contains(&group.id));
        if let Some(turn) = group.on_call.iter().find(stranger) {
            fault_at(sections, Noun::Group, &group.id, "on_call", || {
                format!("`{}` is not in group `{}` and cannot be on call for it", turn.agent, group.id)
            });
        }
    }
    for template in templates {
        let nobody = |it: &&Skill| !agents.iter().any(|agent| it.level <= agent.level(&it.id));
        if let Some(Skill { id, level }) = template.skills.iter().find(nobody) {
            fault_at(sections, Noun::Template, &template.id, "skills", || {
                format!(
                    "no agent has the skill `{id}` at level {level} or better; its tickets would wait for ever"
                )
            });
        }
    }
}

/// The circles that one leads to the next in, each once.
pub(super) fn circles<'a>(
    all: impl Iterator<Item = &'a str>,
    next: impl Fn(&str) -> Option<&'a str>,
) -> Vec<Vec<&'a str>> {
    let (mut circles, mut seen) = (vec![], BTreeSet::new());
    for first in all {
        let mut way = vec![];
        let mut at = Some(first);
        while let Some(id) = at.filter(|it| seen.insert(*it)) {
            way.push(id);
            at = next(id);
        }
        let begins = at.and_then(|last| way.iter().position(|it| *it == last));
        circles.extend(begins.map(|it| way.split_off(it)));
    }
    circles
}

fn fault_at(sections: &Sections<'_>, noun: Noun, id: &str, key: &str, problem: impl Fn() -> String) {
    let item = sections.items(noun).iter().find(|it| it.node().get("id").and_then(Node::text) == Some(id));
    let Some(item) = item else { return };
    item.peek(key).as_ref().unwrap_or(item).fault(problem());
}
