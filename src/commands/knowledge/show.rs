//! `knowledge search` and `list`: the knowledge, read.

use std::io::{BufWriter, Write as _, stderr, stdout};

use serde_json::{Value, json};

use super::{Failure, knowledge, language, tenant};
use crate::{
    commands::database,
    config::Config,
    desk::knowledge::{Hit, Order, Query, Reader, Which},
    domain::{
        article::{Article, ArticleState, Counts},
        people::{Language, Tenant},
    },
};

/// Articles read at once.
const PAGE: usize = 200;

#[derive(Debug, clap::Args)]
pub(super) struct SearchArgs {
    /// What is looked for, in words as people write them
    #[arg(value_name = "WORDS", required = true)]
    words: Vec<String>,
    /// Only texts in this language: en or zh
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 10)]
    limit: usize,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose knowledge [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    /// Only those in this state: draft, published or retired
    #[arg(long, value_parser = state)]
    state: Option<ArticleState>,
    /// Only those with a text in this language: en or zh
    #[arg(long, value_parser = language)]
    language: Option<Language>,
    /// Only those about this template
    #[arg(long, value_name = "ID")]
    template: Option<String>,
    /// Only those of this owner
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// Only those whose review is overdue
    #[arg(long)]
    overdue: bool,
    /// In which order: oldest, helps-least or review
    #[arg(long, value_parser = order, default_value = "oldest")]
    order: Order,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Whose knowledge [default: the tenant of the settings]
    #[arg(long, value_parser = tenant)]
    tenant: Option<Tenant>,
}

fn state(raw: &str) -> Result<ArticleState, String> {
    ArticleState::parse(raw).ok_or_else(|| "expected draft, published or retired".to_owned())
}

fn order(raw: &str) -> Result<Order, String> {
    match raw {
        "oldest" => Ok(Order::Oldest),
        "helps-least" => Ok(Order::HelpsLeast),
        "review" => Ok(Order::Review),
        _ => Err("expected oldest, helps-least or review".to_owned()),
    }
}

pub(super) async fn search(config: &Config, args: &SearchArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let knowledge = knowledge(config, &store, args.tenant.as_ref()).await?;
    let (text, language) = (args.words.join(" "), args.language);
    let query = Query { text, language, template: None, limit: args.limit };
    let hits = knowledge.search(&query, Reader::Desk).await?;
    let mut out = BufWriter::new(stdout().lock());
    for it in &hits {
        if args.json {
            writeln!(out, "{}", hit(it))?;
        } else {
            writeln!(out, "{}  {}\n           {}", it.number, it.title, it.summary.replace('\n', " "))?;
        }
    }
    if hits.is_empty() && !args.json {
        writeln!(stderr(), "Nothing.")?;
    }
    out.flush()?;
    Ok(())
}

pub(super) async fn list(config: &Config, args: &ListArgs) -> Result<(), Failure> {
    let store = database::open_existing(config).await?;
    let knowledge = knowledge(config, &store, args.tenant.as_ref()).await?;
    let which = Which {
        state: args.state,
        language: args.language,
        template: args.template.clone(),
        owner: args.owner.clone(),
        overdue: args.overdue,
    };
    let mut out = BufWriter::new(stdout().lock());
    let (mut after, mut any) = (None, false);
    loop {
        let (page, more) = knowledge.list(which.clone(), args.order, after, PAGE).await?;
        for (article, counts) in &page {
            if args.json {
                writeln!(out, "{}", object(article, counts))?;
                continue;
            }
            if !any {
                writeln!(
                    out,
                    "{:10}  {:9}  {:>3}  {:>5}  {:>6}  {:>3}  TITLE",
                    "NUMBER", "STATE", "REV", "SHOWN", "HELPED", "NOT"
                )?;
            }
            any = true;
            let title = article.any_text(Language::En).map_or("", |it| &it.title);
            let Counts { shown, helped, not_helped } = counts;
            let (number, state) = (&article.number, article.state.as_str());
            writeln!(
                out,
                "{number:10}  {state:9}  {:>3}  {shown:>5}  {helped:>6}  {not_helped:>3}  {title}",
                article.revision
            )?;
        }
        after = page.last().map(|it| it.0.id);
        if !more {
            break;
        }
    }
    if !any && !args.json {
        writeln!(stderr(), "No articles.")?;
    }
    out.flush()?;
    Ok(())
}

fn hit(it: &Hit) -> Value {
    json!({
        "number": it.number, "id": it.id.to_string(), "language": it.language.code(), "title": it.title,
        "summary": it.summary, "audience": it.audience.as_str(), "revision": it.revision,
        "by_words": it.by_words, "by_meaning": it.by_meaning, "likeness": it.likeness,
    })
}

fn object(it: &Article, counts: &Counts) -> Value {
    let titles: Value =
        it.content.texts.iter().map(|it| (it.language.code().to_owned(), json!(it.title))).collect();
    json!({
        "number": it.number, "id": it.id.to_string(), "state": it.state.as_str(), "revision": it.revision,
        "published_revision": it.published, "titles": titles, "templates": it.content.templates,
        "services": it.content.services, "audience": it.content.audience.as_str(), "owner": it.content.owner,
        "review": it.content.review.map(|it| it.rfc3339()), "shown": counts.shown, "helped": counts.helped,
        "not_helped": counts.not_helped, "helps_at_least": counts.helps_at_least(),
    })
}
