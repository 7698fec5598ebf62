//! Requests about assets, from the contract's words to the desk's.

use std::mem;

use jiff::civil::Date;

use crate::{
    api::{
        parse::{
            Checks,
            words::{ASSET_STATE, CRITICALITY, HANGING},
        },
        people::Same,
    },
    desk::{
        assets::{AssetRef, LinkChange, NewAsset, Which, import::Missing},
        fault::Fault,
        people::{Guard, PersonRef},
    },
    domain::{
        asset::{AssetState, Details, Need, RelationKind},
        id::AssetId,
        ticket::AssetAct,
    },
    proto::v1,
};

/// Assets that may be down in one question.
const DOWN: usize = 100;
/// Assets that may be vetoed in one question.
const VETOED: usize = 1_000;

pub(super) fn get(raw: v1::GetAssetRequest) -> Result<AssetRef, Fault> {
    let mut checks = Checks::default();
    let asset = asset(&mut checks, "asset", raw.asset);
    checks.done(asset)
}

/// Which assets, behind which one, and how many.
pub(super) fn list(raw: v1::ListAssetsRequest) -> Result<(Which, Option<AssetId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_asset(&raw.page_token);
    let filter = raw.filter.unwrap_or_default();
    let which = Which {
        kind: checks.optional_id("filter.type", filter.r#type),
        state: checks.optional_word("filter.state", filter.state, &ASSET_STATE),
        owner: checks.optional_id("filter.owner", filter.owner).map(|it| PersonRef::parse(&it)),
        host: checks.optional_id("filter.host", filter.host),
        serial: checks.optional_id("filter.serial", filter.serial),
    };
    checks.done((which, after, size))
}

/// Which asset, behind which event, and how many.
pub(super) fn events(raw: v1::ListAssetEventsRequest) -> Result<(AssetRef, u64, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_event(&raw.page_token);
    let asset = asset(&mut checks, "asset", raw.asset);
    checks.done((asset, after, size))
}

/// The request, what is entered, and in place of what.
pub(super) fn put(mut raw: v1::PutAssetRequest) -> Result<(Same, NewAsset, Guard), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", mem::take(&mut raw.request_id));
    let request = Same::of(request, "put asset ", &raw);
    let asset = raw.asset.unwrap_or_else(|| {
        checks.wrong("asset", "is required");
        v1::Asset::default()
    });
    let id = Some(&asset.id).filter(|it| !it.is_empty()).and_then(|it| match it.parse::<AssetId>() {
        Ok(id) => Some(id),
        Err(problem) => {
            checks.wrong("asset.id", problem.to_string());
            None
        }
    });
    let owner = checks.optional_id("asset.owner", asset.owner.clone()).map(|it| PersonRef::parse(&it));
    let relations = relations(&mut checks, &asset.relations);
    let new = NewAsset { id, details: details(&mut checks, asset), owner, relations };
    checks.done((request, new, guard(raw.expected_version)))
}

fn details(checks: &mut Checks, raw: v1::Asset) -> Details {
    let mut line = |name: &str, text: String| checks.subject(&format!("asset.{name}"), &text);
    let (name, location, department) =
        (line("name", raw.name), line("location", raw.location), line("department", raw.department));
    Details {
        tag: raw.tag,
        kind: raw.r#type,
        name,
        host: raw.host,
        serial: raw.serial,
        state: checks.optional_word("asset.state", raw.state, &ASSET_STATE).unwrap_or(AssetState::InUse),
        owner: None,
        location,
        department,
        criticality: checks.optional_word("asset.criticality", raw.criticality, &CRITICALITY),
        supplier: raw.supplier,
        ordered: day(checks, "asset.ordered", &raw.ordered),
        purchased: day(checks, "asset.purchased", &raw.purchased),
        warranty_until: day(checks, "asset.warranty_until", &raw.warranty_until),
        contract_until: day(checks, "asset.contract_until", &raw.contract_until),
        fields: checks.values("asset.fields", &raw.fields),
        relations: vec![],
        needs: needs(checks, &raw.needs),
    }
    .plain()
}

fn relations(checks: &mut Checks, raw: &[v1::AssetRelation]) -> Vec<(RelationKind, AssetRef)> {
    let mut all = vec![];
    for (at, it) in raw.iter().enumerate() {
        let path = format!("asset.relations[{at}]");
        let kind = checks.word(&format!("{path}.kind"), it.kind, &HANGING);
        let to = asset(checks, &format!("{path}.to"), it.to.clone());
        all.extend(kind.map(|kind| (kind, to)));
    }
    all
}

fn needs(checks: &mut Checks, raw: &[v1::AssetNeed]) -> Vec<Need> {
    let mut all = vec![];
    for (at, it) in raw.iter().enumerate() {
        let kind = checks.word(&format!("asset.needs[{at}].kind"), it.kind, &HANGING);
        all.extend(kind.map(|kind| Need { kind, at_least: it.at_least }));
    }
    all
}

fn day(checks: &mut Checks, field: &str, raw: &str) -> Option<Date> {
    let day = Some(raw).filter(|it| !it.is_empty())?.parse().ok();
    if day.is_none() {
        checks.wrong(field, "must be a day like 2026-03-01");
    }
    day
}

/// The request, what is taken out, and in place of what.
pub(super) fn remove(mut raw: v1::RemoveAssetRequest) -> Result<(Same, AssetRef, Guard), Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", mem::take(&mut raw.request_id));
    let request = Same::of(request, "remove asset ", &raw);
    let asset = asset(&mut checks, "asset", raw.asset);
    checks.done((request, asset, guard(raw.expected_version)))
}

/// The request, the list, and what becomes of what is not in it.
pub(super) fn import(mut raw: v1::ImportAssetsRequest) -> Result<(Same, Vec<u8>, Missing), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let id = if raw.dry_run { id } else { checks.id("request_id", id) };
    let request = Same::of(id, "import assets ", &raw);
    if raw.list.is_empty() {
        checks.wrong("list", "is empty; send CSV, or JSON with an object a line");
    }
    if 100 < raw.allow_removals_percent {
        checks.wrong("allow_removals_percent", "must be 0 to 100");
    }
    let most_percent = Some(raw.allow_removals_percent).filter(|it| *it != 0);
    checks.done((request, raw.list, Missing { remove: raw.remove_missing, most_percent }))
}

/// What is down, and what is not impacted.
pub(super) fn assess(raw: v1::AssessImpactRequest) -> Result<(Vec<AssetRef>, Vec<AssetRef>), Fault> {
    let mut checks = Checks::default();
    if raw.down.is_empty() {
        checks.wrong("down", "is required: ids or tags of what is down");
    }
    let down = assets(&mut checks, "down", raw.down, DOWN);
    let vetoed = assets(&mut checks, "not_impacted", raw.not_impacted, VETOED);
    checks.done((down, vetoed))
}

/// Which asset a ticket is about.
pub(super) fn link(raw: v1::LinkAssetRequest) -> Result<LinkChange, Fault> {
    let v1::LinkAssetRequest { request_id, ticket, asset, expected_version } = raw;
    on_ticket(AssetAct::Link, (request_id, ticket, asset), expected_version)
}

/// Which link or veto is taken back.
pub(super) fn unlink(raw: v1::UnlinkAssetRequest) -> Result<LinkChange, Fault> {
    let v1::UnlinkAssetRequest { request_id, ticket, asset, expected_version } = raw;
    on_ticket(AssetAct::Unlink, (request_id, ticket, asset), expected_version)
}

/// Which asset is not impacted.
pub(super) fn veto(raw: v1::VetoAssetRequest) -> Result<LinkChange, Fault> {
    let v1::VetoAssetRequest { request_id, ticket, asset, expected_version } = raw;
    on_ticket(AssetAct::Veto, (request_id, ticket, asset), expected_version)
}

fn on_ticket(
    act: AssetAct,
    (request, ticket, raw): (String, String, String),
    version: u64,
) -> Result<LinkChange, Fault> {
    let mut checks = Checks::default();
    let request = checks.id("request_id", request);
    let ticket = checks.ticket("ticket", &ticket);
    let asset = asset(&mut checks, "asset", raw);
    let expected = Some(version).filter(|it| *it != 0);
    checks.done(LinkChange { request, ticket, asset, act, expected })
}

fn assets(checks: &mut Checks, field: &str, raw: Vec<String>, most: usize) -> Vec<AssetRef> {
    if most < raw.len() {
        checks.wrong(field, format!("has {} entries; at most {most} are taken", raw.len()));
        return vec![];
    }
    raw.into_iter().enumerate().map(|(at, it)| asset(checks, &format!("{field}[{at}]"), it)).collect()
}

fn asset(checks: &mut Checks, field: &str, raw: String) -> AssetRef {
    AssetRef::parse(&checks.id(field, raw))
}

fn guard(version: u64) -> Guard {
    if version == 0 { Guard::Any } else { Guard::Version(version) }
}
