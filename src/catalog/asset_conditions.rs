//! Conditions on the assets that a ticket is about, in the rules that route and in those that choose an SLA policy.

use super::{
    item::{Item, Map},
    outline::Outline,
    rules::texts,
    sections::Noun,
    yaml::Node,
};
use crate::domain::{
    asset::Criticality,
    assignment::AssetCondition::{self, Field, Location, Type},
};

/// Types that one condition may list.
const VALUES: usize = 200;

/// What the rule asks of assets.
pub(super) fn read(map: &Map<'_>, outline: &Outline<'_>) -> Vec<AssetCondition> {
    let types = map.get("asset_type").and_then(|it| it.one_or_more(VALUES));
    let types =
        types.map(|all| all.iter().filter_map(|it| outline.refer(it, Noun::AssetType)).collect::<Vec<_>>());
    let criticality =
        map.get("asset_criticality").and_then(|it| it.word(&Criticality::ALL, Criticality::as_str));
    let location = map.get("asset_location").and_then(|it| texts(&it));
    let fields = map.get("asset").map(|it| fields(&it, types.as_deref(), outline)).unwrap_or_default();
    let mut all: Vec<_> = types.map(Type).into_iter().collect();
    all.extend(criticality.map(AssetCondition::Criticality));
    all.extend(location.map(Location));
    all.extend(fields);
    all
}

fn fields(item: &Item<'_>, types: Option<&[String]>, outline: &Outline<'_>) -> Vec<AssetCondition> {
    let Some(map) = item.open_map() else { return vec![] };
    let asked = |id: &str| types.is_none_or(|all| all.iter().any(|it| it == id));
    let known: Vec<&str> = outline
        .asset_types()
        .iter()
        .filter(|(id, _)| asked(id))
        .flat_map(|(_, node)| node.get("fields").map_or(&[][..], Node::list))
        .filter_map(|field| field.get("id")?.text())
        .collect();
    let condition = |(id, item): (&str, Item<'_>)| {
        let any = texts(&item)?;
        if outline.is_whole() && !known.contains(&id) {
            item.unknown("the asset types of this rule have no field", id, known.iter().copied());
            return None;
        }
        Some(Field { field: id.to_owned(), any })
    };
    map.each().filter_map(condition).collect()
}
