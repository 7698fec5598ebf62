//! The assets of a ticket.

use super::{
    event::Malformed,
    ticket::{values_from, values_to},
    v1, words,
};
use crate::domain::ticket::{AssetFacts, AssetLink, Said, TicketAssets};

/// Puts them into a ticket.
pub(super) fn write_assets(it: &TicketAssets, ticket: &mut v1::Ticket) {
    let v1::TicketAssetsChanged { assets, computed_count, assets_impact, said, agreed_impact, people_count } =
        changed_to(it);
    ticket.assets = assets;
    ticket.computed_assets_count = computed_count;
    ticket.affected_people_count = people_count;
    ticket.assets_impact = assets_impact;
    ticket.said = said;
    ticket.agreed_impact = agreed_impact;
}

/// Takes them out of a ticket.
pub(super) fn read_assets(it: &v1::Ticket) -> Result<TicketAssets, Malformed> {
    let links = it.assets.iter().map(link_from).collect::<Result<_, _>>()?;
    Ok(TicketAssets {
        links,
        computed: it.computed_assets_count,
        people: it.affected_people_count,
        impact: words::impact_from(it.assets_impact),
        agreed: words::impact_from(it.agreed_impact),
        said: it.said.as_ref().map(said_from).transpose()?,
    })
}

/// As a fact.
pub(super) fn changed_to(it: &TicketAssets) -> v1::TicketAssetsChanged {
    v1::TicketAssetsChanged {
        assets: it.links.iter().map(link_to).collect(),
        computed_count: it.computed,
        people_count: it.people,
        assets_impact: it.impact.map_or(0, words::impact_to),
        said: it.said.map(said_to),
        agreed_impact: it.agreed.map_or(0, words::impact_to),
    }
}

/// From a fact.
pub(super) fn changed_from(it: &v1::TicketAssetsChanged) -> Result<TicketAssets, Malformed> {
    let links = it.assets.iter().map(link_from).collect::<Result<_, _>>()?;
    Ok(TicketAssets {
        links,
        computed: it.computed_count,
        people: it.people_count,
        impact: words::impact_from(it.assets_impact),
        agreed: words::impact_from(it.agreed_impact),
        said: it.said.as_ref().map(said_from).transpose()?,
    })
}

fn said_to(it: Said) -> v1::TicketSaid {
    v1::TicketSaid {
        impact: words::impact_to(it.impact),
        urgency: words::urgency_to(it.urgency),
        priority: words::priority_to(it.priority),
    }
}

fn said_from(it: &v1::TicketSaid) -> Result<Said, Malformed> {
    Ok(Said {
        impact: words::impact_from(it.impact).ok_or(Malformed("ticket.said.impact"))?,
        urgency: words::urgency_from(it.urgency).ok_or(Malformed("ticket.said.urgency"))?,
        priority: words::priority_from(it.priority).ok_or(Malformed("ticket.said.priority"))?,
    })
}

fn link_to(it: &AssetLink) -> v1::TicketAsset {
    v1::TicketAsset {
        asset: it.asset.to_string(),
        tag: it.tag.clone(),
        how: words::linked_how_to(it.how),
        because: it.because.clone(),
        r#type: it.facts.kind.clone(),
        // What nothing is known of is of no type.
        criticality: if it.facts.kind.is_empty() { 0 } else { words::criticality_to(it.facts.criticality) },
        location: it.facts.location.clone(),
        fields: values_to(&it.facts.fields),
    }
}

fn link_from(it: &v1::TicketAsset) -> Result<AssetLink, Malformed> {
    Ok(AssetLink {
        asset: it.asset.parse().map_err(|_| Malformed("ticket.assets.asset"))?,
        tag: it.tag.clone(),
        how: words::linked_how_from(it.how).ok_or(Malformed("ticket.assets.how"))?,
        because: it.because.clone(),
        facts: AssetFacts {
            kind: it.r#type.clone(),
            criticality: words::criticality_from(it.criticality).unwrap_or_default(),
            location: it.location.clone(),
            fields: values_from(&it.fields),
        },
    })
}
