//! The steps of a template: what is to be done for its tickets, by whom, and in which order.

use super::{
    fields::{self, Siblings},
    item::Item,
    outline::{Outline, ids},
    sections::Noun,
};
use crate::domain::task::{Step, circle};

/// Steps of one template.
const STEPS: usize = 50;
/// Lines of one checklist.
const CHECKLIST: usize = 50;
/// Longest name of a step and of a line, in characters.
const LABEL: usize = 120;

const KEYS: [&str; 7] = ["id", "label", "group", "after", "when", "optional", "checklist"];

pub(super) fn steps(item: &Item<'_>, siblings: &Siblings<'_>, outline: &Outline<'_>) -> Option<Vec<Step>> {
    let items = item.list(STEPS)?;
    let known: Vec<&str> = ids(&items, "step of this template").into_keys().collect();
    let steps: Vec<_> = items.iter().filter_map(|it| step(it, siblings, outline, &known)).collect();
    if steps.len() < items.len() {
        return None;
    }
    if let Some(round) = circle(&steps) {
        let round: Vec<_> = round.iter().chain(round.first()).map(|it| format!("`{it}`")).collect();
        item.fault(format!(
            "no step of {} can ever begin: each comes after the one before",
            round.join(", ")
        ));
        return None;
    }
    Some(steps)
}

fn step(item: &Item<'_>, siblings: &Siblings<'_>, outline: &Outline<'_>, known: &[&str]) -> Option<Step> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let group = map.optional("group", |it| outline.refer(it, Noun::Group));
    let after = map.optional("after", |it| after(it, known));
    let when = map.optional("when", |it| fields::when(it, None, siblings));
    let optional = map.optional("optional", Item::flag);
    let checklist = map.optional("checklist", |it| {
        let lines = it.list(CHECKLIST)?;
        lines.iter().map(|it| it.bilingual(LABEL)).collect::<Option<Vec<_>>>()
    });
    Some(Step {
        id: id?,
        label: label?,
        group: group?,
        after: after?.unwrap_or_default(),
        when: when?,
        optional: optional?.unwrap_or_default(),
        checklist: checklist?.unwrap_or_default(),
    })
}

fn after(item: &Item<'_>, known: &[&str]) -> Option<Vec<String>> {
    let items = item.one_or_list(STEPS)?;
    let name = |it: &Item<'_>| {
        let id = it.id()?;
        if known.contains(&id.as_str()) {
            return Some(id);
        }
        it.unknown("the template has no step", &id, known.iter().copied());
        None
    };
    let names: Vec<_> = items.iter().map(name).collect();
    names.into_iter().collect()
}
