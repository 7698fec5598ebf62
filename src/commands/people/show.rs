//! `people list`, `show` and `export`: the directory, read.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Write, stderr, stdout},
    path::PathBuf,
};

use serde_json::{Value, json};

use super::{Failure, directory, tenant};
use crate::{
    commands::{
        database,
        history::{change, what, when},
    },
    config::Config,
    desk::people::{Directory, PersonRef, Which, import::Column},
    domain::{
        id::ProfileId,
        people::Tenant,
        profile::{Contact, Profile},
    },
};

/// People read at once.
const PAGE: u32 = 1_000;
/// Changes that `show` tells, the first ones.
const CHANGES: u32 = 1_000;

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those of this department
    #[arg(long, value_name = "NAME")]
    department: Option<String>,
    /// Only those with this primary e-mail address
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Only those with this manager, by user name or id
    #[arg(long, value_name = "PERSON")]
    manager: Option<String>,
    /// Only those who have left
    #[arg(long)]
    left: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose directory [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ShowArgs {
    /// User name, or id like `ppl_…`
    #[arg(value_name = "PERSON")]
    person: String,
    /// A JSON object
    #[arg(long)]
    json: bool,
    /// Whose directory [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// Where to [default: standard output]
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// Whose directory [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

pub(super) async fn list(config: &Config, args: &ListArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let directory = directory(config, &store, args.tenant.as_ref()).await?;
    let which = Which {
        department: args.department.clone(),
        email: args.email.clone(),
        manager: args.manager.as_deref().map(PersonRef::parse),
        active: args.left.then_some(false),
        external_id: None,
    };
    let mut out = BufWriter::new(stdout().lock());
    let mut any = false;
    each(&directory, &which, |it| {
        if args.json {
            return writeln!(out, "{}", object(it));
        }
        if !any {
            writeln!(out, "{:28}  {:24}  {:20}  {:16}  HERE", "USER NAME", "NAME", "DEPARTMENT", "LOCATION")?;
        }
        any = true;
        let details = &it.details;
        let (name, here) = (details.name(), if it.is_here() { "yes" } else { "no" });
        let (user, place) = (&details.user_name, &details.location);
        writeln!(out, "{user:28}  {name:24}  {:20}  {place:16}  {here}", details.department)
    })
    .await?;
    if !any && !args.json {
        writeln!(stderr(), "Nobody.")?;
    }
    out.flush()?;
    Ok(())
}

/// Every person that is asked for.
async fn each(
    directory: &Directory,
    which: &Which,
    mut told: impl FnMut(&Profile) -> io::Result<()>,
) -> Result<(), Failure> {
    let mut after = None;
    loop {
        let page = directory.list(which.clone(), after, PAGE).await?;
        for it in &page {
            told(it)?;
        }
        after = page.last().map(|it| it.id);
        if page.len() < PAGE as usize {
            return Ok(());
        }
    }
}

pub(super) async fn show(config: &Config, args: &ShowArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let directory = directory(config, &store, args.tenant.as_ref()).await?;
    let found = directory.find(&PersonRef::parse(&args.person)).await?;
    let found = found.ok_or_else(|| Failure::Nobody(args.person.clone()))?;
    let history = directory.history(found.id, CHANGES).await?;
    let mut names = HashMap::new();
    if let Some(id) = found.details.manager
        && let Some(manager) = directory.find(&PersonRef::Id(id)).await?
    {
        names.insert(id, manager.details.user_name);
    }
    let mut out = stdout().lock();
    if args.json {
        let mut object = object(&found);
        object["history"] = history.iter().map(change).collect();
        if let Some(manager) = names.values().next() {
            object["manager"] = json!(manager);
        }
        writeln!(out, "{object:#}")?;
        return Ok(());
    }
    for column in Column::ALL {
        let value = cell(column, &found, &names);
        if !value.is_empty() {
            writeln!(out, "{:16} {value}", column.as_str())?;
        }
    }
    writeln!(out, "{:16} {}", "id", found.id)?;
    for event in &history {
        let (at, what) = (when(event), what(event));
        writeln!(out, "{:16} {at} {}: {what}", "changed", event.actor)?;
    }
    Ok(())
}

pub(super) async fn export(config: &Config, args: &ExportArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let directory = directory(config, &store, args.tenant.as_ref()).await?;
    // Managers are named by user name, and come in any order.
    let mut names = HashMap::new();
    each(&directory, &Which::default(), |it| {
        names.insert(it.id, it.details.user_name.clone());
        Ok(())
    })
    .await?;
    let out: Box<dyn Write> = match &args.file {
        Some(path) => Box::new(File::create(path)?),
        None => Box::new(stdout().lock()),
    };
    let mut out = csv::Writer::from_writer(out);
    let plain = |it: csv::Error| io::Error::other(it);
    out.write_record(Column::ALL.map(Column::as_str)).map_err(plain)?;
    each(&directory, &Which::default(), |it| {
        out.write_record(Column::ALL.map(|column| cell(column, it, &names))).map_err(plain)
    })
    .await?;
    out.flush()?;
    Ok(())
}

/// What stands in a column of an export.
fn cell(column: Column, it: &Profile, names: &HashMap<ProfileId, String>) -> String {
    let details = &it.details;
    let flag = |it: bool| if it { "yes" } else { "no" }.to_owned();
    match column {
        Column::Issuer => it.issuer.clone(),
        Column::Subject => it.subject.clone(),
        Column::UserName => details.user_name.clone(),
        Column::ExternalId => details.external_id.clone(),
        Column::DisplayName => details.display_name.clone(),
        Column::GivenName => details.given_name.clone(),
        Column::FamilyName => details.family_name.clone(),
        Column::Title => details.title.clone(),
        Column::Email => contacts(&details.emails),
        Column::Phone => contacts(&details.phones),
        Column::EmployeeNumber => details.employee_number.clone(),
        Column::Department => details.department.clone(),
        Column::CostCentre => details.cost_centre.clone(),
        Column::Location => details.location.clone(),
        Column::Language => details.language.clone(),
        Column::TimeZone => details.time_zone.clone(),
        Column::Manager => details.manager.and_then(|id| names.get(&id)).cloned().unwrap_or_default(),
        Column::Assets => details.assets.join("; "),
        Column::Vip => flag(details.vip),
        Column::Active => flag(details.active),
    }
}

/// The primary one first, which is how an import knows it.
fn contacts(all: &[Contact]) -> String {
    let (first, rest): (Vec<_>, Vec<_>) = all.iter().partition(|it| it.primary);
    first.into_iter().chain(rest).map(|it| it.value.as_str()).collect::<Vec<_>>().join("; ")
}

fn object(it: &Profile) -> Value {
    let details = &it.details;
    let values = |all: &[Contact]| -> Vec<String> { all.iter().map(|it| it.value.clone()).collect() };
    json!({
        "id": it.id.to_string(),
        "issuer": it.issuer,
        "subject": it.subject,
        "user_name": details.user_name,
        "external_id": details.external_id,
        "name": details.name(),
        "emails": values(&details.emails),
        "phones": values(&details.phones),
        "title": details.title,
        "department": details.department,
        "location": details.location,
        "cost_centre": details.cost_centre,
        "employee_number": details.employee_number,
        "manager": details.manager.map(|it| it.to_string()),
        "language": details.language,
        "time_zone": details.time_zone,
        "assets": details.assets,
        "vip": details.vip,
        "active": details.active,
        "removed": it.removed,
        "created": it.created.rfc3339(),
        "updated": it.updated.rfc3339(),
        "version": it.version,
    })
}
