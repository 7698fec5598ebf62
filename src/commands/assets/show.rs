//! `assets list`, `assets show` and `assets impact`: the register, read.

use std::{
    collections::{BTreeSet, HashMap},
    io::{BufWriter, Write as _, stderr, stdout},
};

use serde_json::{Value, json};

use super::{Failure, register};
use crate::{
    commands::{
        database::{self, tenant},
        history::{change, what, when},
    },
    config::Config,
    desk::{
        assets::{AssetRef, Register, Which},
        fault::Fault,
        people::PersonRef,
    },
    domain::{
        asset::{Asset, AssetState},
        id::AssetId,
        people::Tenant,
    },
    proto::{
        asset::asset_from,
        v1::{self, event::Fact},
    },
};

/// Assets read at once.
const PAGE: u32 = 1_000;
/// Changes that `show` tells, the first ones.
const CHANGES: u32 = 1_000;
/// Impacted assets that a table shows.
const SHOWN: usize = 50;
/// Impacted assets that JSON has.
const MOST: usize = 100_000;

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those of this type, by its id
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Only those in this state: ordered, in_stock, in_use, in_repair, lost or retired
    #[arg(long, value_name = "STATE", value_parser = state)]
    state: Option<AssetState>,
    /// Only those of this person, by user name or id
    #[arg(long, value_name = "PERSON")]
    owner: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose register [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// Tag, or id like `ast_…`
    #[arg(value_name = "ASSET")]
    asset: String,
    /// A JSON object
    #[arg(long)]
    json: bool,
    /// Whose register [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImpactArgs {
    /// Tags or ids of what is down
    #[arg(value_name = "ASSET", required = true)]
    down: Vec<String>,
    /// What is known not to be impacted: it passes nothing on
    #[arg(long, value_name = "ASSET")]
    not_impacted: Vec<String>,
    /// A JSON object
    #[arg(long)]
    json: bool,
    /// Whose register [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

fn state(raw: &str) -> Result<AssetState, String> {
    let known = || format!("expected one of {}", AssetState::ALL.map(AssetState::as_str).join(", "));
    AssetState::parse(raw).ok_or_else(known)
}

pub(super) async fn list(config: &Config, args: &ListArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let register = register(config, &store, args.tenant.as_ref()).await?;
    let which = Which {
        kind: args.kind.clone(),
        state: args.state,
        owner: args.owner.as_deref().map(PersonRef::parse),
        ..Which::default()
    };
    let mut out = BufWriter::new(stdout().lock());
    let (mut after, mut any) = (None, false);
    loop {
        let page = register.list(which.clone(), after, PAGE).await?;
        let names = tags(&register, &page).await?;
        for it in &page {
            if args.json {
                writeln!(out, "{}", object(it, &names))?;
                continue;
            }
            if !any {
                writeln!(
                    out,
                    "{:16}  {:16}  {:10}  {:20}  {:16}  NAME",
                    "TAG", "TYPE", "STATE", "HOST", "LOCATION"
                )?;
            }
            any = true;
            let it = &it.details;
            let (kind, state, host, place) = (&it.kind, it.state.as_str(), &it.host, &it.location);
            writeln!(out, "{:16}  {kind:16}  {state:10}  {host:20}  {place:16}  {}", it.tag, it.name)?;
        }
        after = page.last().map(|it| it.id);
        if page.len() < PAGE as usize {
            break;
        }
    }
    if !any && !args.json {
        writeln!(stderr(), "Nothing.")?;
    }
    out.flush()?;
    Ok(())
}

pub(super) async fn show(config: &Config, args: &ShowArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let register = register(config, &store, args.tenant.as_ref()).await?;
    let found = register.find(&AssetRef::parse(&args.asset)).await?;
    let found = found.ok_or_else(|| Failure::Nothing(args.asset.clone()))?;
    let history = register.history(found.id, 0, CHANGES).await?;
    let versions = history.iter().filter_map(|it| match &it.fact {
        Some(Fact::AssetChanged(it)) => asset_from(it.asset.as_ref()?).ok(),
        Some(_) | None => None,
    });
    let all: Vec<Asset> = versions.chain([found]).collect();
    let tags = tags(&register, &all).await?;
    let mut objects = vec![];
    for it in &all {
        let mut object = object(it, &tags);
        if let Some(id) = it.details.owner {
            let owner = register.people().find(&PersonRef::Id(id)).await?;
            object["owner_name"] = json!(owner.map(|it| it.details.user_name));
        }
        objects.push(object);
    }
    let Some(mut now) = objects.pop() else { return Ok(()) };
    let happened = history.iter().enumerate().map(|(at, event)| {
        let before = at.checked_sub(1).and_then(|it| objects.get(it));
        (event, objects.get(at).map(|it| differences(before, it)).unwrap_or_default())
    });
    let mut out = BufWriter::new(stdout().lock());
    if args.json {
        let told = |(event, fields): (&v1::Event, Vec<(String, Value, Value)>)| {
            let mut told = change(event);
            let pair = |(name, from, to)| (name, json!({ "from": from, "to": to }));
            told["fields"] = Value::Object(fields.into_iter().map(pair).collect());
            told
        };
        now["history"] = happened.map(told).collect();
        writeln!(out, "{now:#}")?;
        out.flush()?;
        return Ok(());
    }
    for (name, value) in now.as_object().into_iter().flatten() {
        let text = plain(value);
        if !text.is_empty() {
            writeln!(out, "{name:16} {text}")?;
        }
    }
    if history.len() == CHANGES as usize {
        writeln!(
            out,
            "{:16} of its changes the first {CHANGES} are told; ListAssetEvents has all",
            "changed"
        )?;
    }
    for (event, fields) in happened {
        let or_nothing =
            |it: &Value| Some(plain(it)).filter(|it| !it.is_empty()).unwrap_or("nothing".to_owned());
        let told = |(name, from, to): &(String, Value, Value)| {
            format!("{name} from {} to {}", or_nothing(from), or_nothing(to))
        };
        let told: Vec<_> = fields.iter().map(told).collect();
        let told = if told.is_empty() { what(event) } else { told.join("; ") };
        writeln!(out, "{:16} {} {}: {told}", "changed", when(event), event.actor)?;
    }
    out.flush()?;
    Ok(())
}

/// What a value is in a line; empty if there is none.
fn plain(value: &Value) -> String {
    match value {
        Value::String(it) => it.clone(),
        Value::Array(all) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
        Value::Object(all) => {
            all.iter().map(|(name, it)| format!("{name} {}", plain(it))).collect::<Vec<_>>().join(", ")
        }
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Number(it) => it.to_string(),
    }
}

/// What is another than before, with what it was; nothing of a new entry.
fn differences(before: Option<&Value>, after: &Value) -> Vec<(String, Value, Value)> {
    let (Some(before), Some(after)) = (before.and_then(Value::as_object), after.as_object()) else {
        return vec![];
    };
    // These change with every change, or say the same as another one.
    let says = |name: &&String| !["updated", "version", "owner"].contains(&name.as_str());
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).filter(says).collect();
    let value =
        |of: &serde_json::Map<String, Value>, name: &String| of.get(name).cloned().unwrap_or_default();
    let pairs = names.into_iter().map(|it| (it.clone(), value(before, it), value(after, it)));
    pairs.filter(|(_, from, to)| from != to).collect()
}

pub(super) async fn impact(config: &Config, args: &ImpactArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let register = register(config, &store, args.tenant.as_ref()).await?;
    let all = |raw: &[String]| raw.iter().map(|it| AssetRef::parse(it)).collect::<Vec<_>>();
    let (down, vetoed) = (all(&args.down), all(&args.not_impacted));
    for it in down.iter().chain(&vetoed) {
        match register.get(it).await {
            Err(Fault::NotFound(_)) => return Err(Failure::Nothing(it.to_string())),
            found => found.map(drop)?,
        }
    }
    let found = register.assess(&down, &vetoed, if args.json { MOST } else { SHOWN }).await?;
    let mut out = stdout().lock();
    let (count, level) = (found.count, found.criticality);
    if args.json {
        let assets = found.suffers.iter().map(|it| {
            json!({
                "tag": it.tag, "type": it.kind, "name": it.name, "criticality": it.criticality.as_str(),
                "path": it.path,
            })
        });
        let assets: Vec<_> = assets.collect();
        let impact = level.impact().as_str();
        let object =
            json!({ "count": count, "criticality": level.as_str(), "impact": impact, "assets": assets });
        writeln!(out, "{object:#}")?;
        return Ok(());
    }
    writeln!(out, "{count} impacted; criticality {}, so impact {}", level.as_str(), level.impact().as_str())?;
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "{:16}  {:16}  {:11}  BECAUSE", "TAG", "TYPE", "CRITICALITY")?;
    for it in &found.suffers {
        writeln!(
            out,
            "{:16}  {:16}  {:11}  {}",
            it.tag,
            it.kind,
            it.criticality.as_str(),
            it.path.join(" > ")
        )?;
    }
    if SHOWN < count {
        writeln!(out, "and {} more; --json has all", count - SHOWN)?;
    }
    Ok(())
}

/// Tags of the assets that some have relations to.
async fn tags(register: &Register, all: &[Asset]) -> Result<HashMap<AssetId, String>, Failure> {
    let mut ids: Vec<_> = all.iter().flat_map(|it| &it.details.relations).map(|it| it.to).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = register.all(&ids).await?;
    let named = |it: Asset| {
        let removed = if it.removed { " (removed)" } else { "" };
        (it.id, format!("{}{removed}", it.details.tag))
    };
    Ok(found.into_iter().map(named).collect())
}

fn object(it: &Asset, names: &HashMap<AssetId, String>) -> Value {
    let details = &it.details;
    let day = |it: Option<jiff::civil::Date>| it.map(|it| it.to_string());
    let mut object = json!({
        "id": it.id.to_string(),
        "tag": details.tag,
        "type": details.kind,
        "name": details.name,
        "host": details.host,
        "serial": details.serial,
        "state": details.state.as_str(),
        "owner": details.owner.map(|it| it.to_string()),
        "location": details.location,
        "department": details.department,
        "criticality": details.criticality.map(|it| it.as_str()),
        "supplier": details.supplier,
        "ordered": day(details.ordered),
        "purchased": day(details.purchased),
        "warranty_until": day(details.warranty_until),
        "contract_until": day(details.contract_until),
        "fields": details.fields.iter().map(|(id, it)| (id.clone(), Value::from(it.plain()))).collect::<serde_json::Map<_, _>>(),
        "removed": it.removed,
        "created": it.created.rfc3339(),
        "updated": it.updated.rfc3339(),
        "version": it.version,
    });
    for relation in &details.relations {
        let name = names.get(&relation.to).cloned().unwrap_or_else(|| relation.to.to_string());
        let list = &mut object[relation.kind.as_str()];
        match list.as_array_mut() {
            Some(all) => all.push(Value::from(name)),
            None => *list = json!([name]),
        }
    }
    for need in &details.needs {
        object["needs"][need.kind.as_str()] = json!(need.at_least);
    }
    object
}
