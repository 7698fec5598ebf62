//! Assets of the register.

use jiff::civil::Date;

use super::{
    event::Malformed,
    ticket::{values_from, values_to},
    time::{time_from, time_to},
    v1, words,
};
use crate::domain::asset::{Asset, AssetState, Details, Need, Relation};

/// In the contract's words.
pub fn asset_to(it: &Asset) -> v1::Asset {
    let details = &it.details;
    let day = |it: Option<Date>| it.map(|it| it.to_string()).unwrap_or_default();
    v1::Asset {
        id: it.id.to_string(),
        tag: details.tag.clone(),
        r#type: details.kind.clone(),
        name: details.name.clone(),
        host: details.host.clone(),
        serial: details.serial.clone(),
        state: words::asset_state_to(details.state),
        owner: details.owner.map(|it| it.to_string()).unwrap_or_default(),
        location: details.location.clone(),
        department: details.department.clone(),
        criticality: details.criticality.map_or(0, words::criticality_to),
        supplier: details.supplier.clone(),
        ordered: day(details.ordered),
        purchased: day(details.purchased),
        warranty_until: day(details.warranty_until),
        contract_until: day(details.contract_until),
        fields: values_to(&details.fields),
        relations: details.relations.iter().map(relation_to).collect(),
        needs: details.needs.iter().map(need_to).collect(),
        removed: it.removed,
        create_time: Some(time_to(it.created)),
        update_time: Some(time_to(it.updated)),
        version: it.version,
    }
}

/// From the contract's words, as this program wrote them.
pub fn asset_from(it: &v1::Asset) -> Result<Asset, Malformed> {
    let day = |text: &str, name| match text {
        "" => Ok(None),
        text => text.parse::<Date>().map(Some).map_err(|_| Malformed(name)),
    };
    let owner = Some(&it.owner).filter(|it| !it.is_empty());
    Ok(Asset {
        id: it.id.parse().map_err(|_| Malformed("asset.id"))?,
        details: Details {
            tag: it.tag.clone(),
            kind: it.r#type.clone(),
            name: it.name.clone(),
            host: it.host.clone(),
            serial: it.serial.clone(),
            state: words::asset_state_from(it.state).unwrap_or(AssetState::InUse),
            owner: owner.map(|it| it.parse().map_err(|_| Malformed("asset.owner"))).transpose()?,
            location: it.location.clone(),
            department: it.department.clone(),
            criticality: words::criticality_from(it.criticality),
            supplier: it.supplier.clone(),
            ordered: day(&it.ordered, "asset.ordered")?,
            purchased: day(&it.purchased, "asset.purchased")?,
            warranty_until: day(&it.warranty_until, "asset.warranty_until")?,
            contract_until: day(&it.contract_until, "asset.contract_until")?,
            fields: values_from(&it.fields),
            relations: it.relations.iter().map(relation_from).collect::<Result<_, _>>()?,
            needs: it.needs.iter().map(need_from).collect::<Result<_, _>>()?,
        },
        removed: it.removed,
        created: it.create_time.as_ref().map(time_from).ok_or(Malformed("asset.create_time"))?,
        updated: it.update_time.as_ref().map(time_from).ok_or(Malformed("asset.update_time"))?,
        version: it.version,
    })
}

fn relation_to(it: &Relation) -> v1::AssetRelation {
    v1::AssetRelation { kind: words::hanging_to(it.kind), to: it.to.to_string() }
}

fn relation_from(it: &v1::AssetRelation) -> Result<Relation, Malformed> {
    let kind = words::hanging_from(it.kind).ok_or(Malformed("asset.relations.kind"))?;
    Ok(Relation { kind, to: it.to.parse().map_err(|_| Malformed("asset.relations.to"))? })
}

fn need_to(it: &Need) -> v1::AssetNeed {
    v1::AssetNeed { kind: words::hanging_to(it.kind), at_least: it.at_least }
}

fn need_from(it: &v1::AssetNeed) -> Result<Need, Malformed> {
    let kind = words::hanging_from(it.kind).ok_or(Malformed("asset.needs.kind"))?;
    Ok(Need { kind, at_least: it.at_least })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        asset::{Criticality, RelationKind},
        field::FieldValue,
        id::{AssetId, ProfileId},
        time::Timestamp,
    };

    #[test]
    fn an_asset_reads_back_as_it_is_written() {
        let asset = Asset {
            id: AssetId::from_bytes([7; 16]),
            details: Details {
                tag: "SRV-1".into(),
                kind: "server".into(),
                host: "srv1".into(),
                state: AssetState::InRepair,
                owner: Some(ProfileId::from_bytes([1; 16])),
                criticality: Some(Criticality::High),
                purchased: Some(jiff::civil::date(2026, 2, 28)),
                fields: vec![("ram".into(), FieldValue::Number(64.0))],
                relations: vec![Relation { kind: RelationKind::RunsOn, to: AssetId::from_bytes([2; 16]) }],
                needs: vec![Need { kind: RelationKind::PartOf, at_least: 2 }],
                ..Details::default()
            },
            removed: true,
            created: Timestamp(1000),
            updated: Timestamp(2000),
            version: 3,
        };
        assert_eq!(asset_from(&asset_to(&asset)), Ok(asset));
    }
}
