//! `knowledge import`: a folder of Markdown files into the knowledge.

use std::{
    collections::BTreeMap,
    fs,
    io::{Write as _, stdout},
    path::{Path, PathBuf},
};

use serde_json::json;

use super::{Failure, front, knowledge, tenant};
use crate::{
    clock,
    commands::database,
    config::Config,
    desk::{
        fault::Fault,
        knowledge::{Knowledge, Made, Reader},
        people::Asked,
    },
    domain::{
        article::{ArticleRef, Content},
        people::{Language, Tenant},
    },
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The folder of files like jam.en.md
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    /// Show readers what is new or changed
    #[arg(long)]
    publish: bool,
    /// Whose knowledge [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
    /// Print the counts as JSON
    #[arg(long)]
    json: bool,
}

/// What came of the articles.
#[derive(Debug, Default)]
struct Counts {
    new: u32,
    changed: u32,
    unchanged: u32,
    published: u32,
}

pub(super) async fn run(config: &Config, args: &Args) -> Result<(), Failure> {
    let articles = read(&args.folder)?;
    let store = database::open(config).await?;
    let knowledge = knowledge(config, &store, args.tenant.as_ref()).await?;
    let faults: Vec<String> = articles.iter().flat_map(|(name, it)| faults(&knowledge, name, it)).collect();
    if !faults.is_empty() {
        return Err(Failure::Faulty { folder: args.folder.clone(), faults });
    }
    let written = database::writing(&store, write(&knowledge, articles, args.publish)).await?;
    let Counts { new, changed, unchanged, published } = written;
    let mut out = stdout().lock();
    if args.json {
        let line = json!({ "new": new, "changed": changed, "unchanged": unchanged, "published": published });
        writeln!(out, "{line}")?;
    } else {
        writeln!(out, "{new} new, {changed} changed, {unchanged} unchanged; {published} published.")?;
    }
    Ok(())
}

/// The articles of a folder by their names.
fn read(folder: &Path) -> Result<BTreeMap<String, Content>, Failure> {
    let unread = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::Read { path, source }
    };
    let entries = fs::read_dir(folder).map_err(unread(folder))?;
    let paths = entries.map(|it| it.map(|it| it.path())).collect::<Result<Vec<_>, _>>();
    let mut paths = paths.map_err(unread(folder))?;
    paths.sort();
    let (mut articles, mut faults) = (BTreeMap::<String, Content>::new(), vec![]);
    for path in paths {
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let parts = file.strip_suffix(".md").and_then(|it| it.rsplit_once('.'));
        let Some((name, language)) = parts.and_then(|(name, it)| Some((name, Language::parse(it)?))) else {
            if file.ends_with(".md") {
                faults.push(format!("{file}: has no language; call it like jam.en.md or jam.zh.md"));
            }
            continue;
        };
        let raw = fs::read_to_string(&path).map_err(unread(&path))?;
        let wrong = front::read(&raw, language, articles.entry(name.to_owned()).or_default());
        faults.extend(wrong.into_iter().map(|(line, it)| format!("{file}:{line}: {it}")));
    }
    if !faults.is_empty() {
        return Err(Failure::Faulty { folder: folder.to_owned(), faults });
    }
    if articles.is_empty() { Err(Failure::Empty(folder.to_owned())) } else { Ok(articles) }
}

fn faults(knowledge: &Knowledge, name: &str, content: &Content) -> Vec<String> {
    let all = knowledge.faults(content);
    all.into_iter().map(|(field, problem)| format!("{name}: {field}: {problem}")).collect()
}

async fn write(
    knowledge: &Knowledge,
    articles: BTreeMap<String, Content>,
    publish: bool,
) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    for (name, content) in articles {
        let which = ArticleRef::Id(knowledge.called(&name));
        let before = match knowledge.get(&which, None, Reader::Desk).await {
            Ok((article, _)) => Some(article.revision),
            Err(Fault::NotFound(_)) => None,
            Err(fault) => return Err(fault),
        };
        let request = format!("knowledge-{}", clock::new_id());
        let asked = Asked { request: &request, content: name.as_bytes() };
        let article = knowledge.write(asked, Made::Called(name.clone()), content, None).await?;
        match before {
            None => counts.new += 1,
            Some(it) if it == article.revision => counts.unchanged += 1,
            Some(_) => counts.changed += 1,
        }
        if publish && !article.is_in_sight() {
            let request = format!("knowledge-{}", clock::new_id());
            let asked = Asked { request: &request, content: name.as_bytes() };
            knowledge.publish(asked, &which, Some(article.revision)).await?;
            counts.published += 1;
        }
    }
    Ok(counts)
}
