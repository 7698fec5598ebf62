//! Rules that choose an SLA policy: conditions that must all hold, in the language of routing rules.

use super::{
    item::Item,
    outline::Outline,
    rules::conditions,
    sections::{Noun, Sections},
};
use crate::domain::sla::SlaRule;

pub(super) fn sla_rules(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<SlaRule> {
    sections.items(Noun::SlaRule).iter().filter_map(|it| rule(it, outline)).collect()
}

fn rule(item: &Item<'_>, outline: &Outline<'_>) -> Option<SlaRule> {
    let map = item.map(&["id", "when", "policy"])?;
    let id = map.need("id").and_then(|it| it.id());
    let when = map.need("when").and_then(|it| conditions(&it, outline));
    let policy = map.need("policy").and_then(|it| outline.refer(&it, Noun::Policy));
    Some(SlaRule { id: id?, when: when?, policy: policy? })
}
