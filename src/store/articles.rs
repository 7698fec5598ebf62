//! The knowledge in the database: articles with all their revisions, the texts that readers find, and what came of them.
//! All articles of a tenant lie in one partition; what came of one for a reader is written in the reader's, and counts
//! add up from everywhere.

mod find;

use std::collections::{HashMap, HashSet};

use prost::Message as _;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

pub use self::find::{ArticleFilter, ArticleSketch, Found};
use super::{
    batch::{Batch, Held},
    bulk::{Query, Shape},
    fault::Unavailable,
    find::{readable, tenant_of},
    save::{Unsaved, changed},
    statements::Statements,
    unit::Used,
};
use crate::{
    domain::{
        article::{Article, Use},
        id::ArticleId,
        people::{Language, Tenant},
        time::Timestamp,
    },
    proto::{
        article::{article_from, article_to},
        event::Malformed,
        v1,
    },
};

pub(super) const FIND: Shape =
    ("select a.tenant, a.id, a.body from (", 1, ") as w join articles a on a.id = w.column1");
pub(super) const FIND_USES: Shape = (
    "select u.tenant, u.article, u.reader, u.use from (",
    2,
    ") as w join article_uses u on u.article = w.column1 and u.reader = w.column2",
);
pub(super) const PUT: Shape = (
    "insert into articles (id, tenant, number, state, owner, languages, templates, review, revision, published, body)",
    11,
    "on conflict (id) do update set state = excluded.state, owner = excluded.owner, languages = excluded.languages, \
     templates = excluded.templates, review = excluded.review, revision = excluded.revision, \
     published = excluded.published, body = excluded.body where articles.tenant = excluded.tenant",
);
pub(super) const ADD_REVISIONS: Shape =
    ("insert into article_revisions (article, revision, tenant, body)", 4, "");
pub(super) const DROP_TEXTS: Shape = ("delete from article_texts where article in (", 1, ")");
pub(super) const ADD_TEXTS: Shape =
    ("insert into article_texts (tenant, article, language, everyone, words)", 5, "");
pub(super) const PUT_USES: Shape = (
    "insert into article_uses (tenant, article, reader, use)",
    4,
    "on conflict (article, reader) do update set use = excluded.use where article_uses.tenant = excluded.tenant",
);
pub(super) const PUT_COUNTS: Shape = (
    "insert into article_counts (tenant, article, shown, helped, not_helped)",
    5,
    "on conflict (article) do update set shown = article_counts.shown + excluded.shown, \
     helped = article_counts.helped + excluded.helped, \
     not_helped = article_counts.not_helped + excluded.not_helped \
     where article_counts.tenant = excluded.tenant",
);

/// Wanted articles in their latest revisions.
pub(super) async fn wanted(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[ArticleId],
    unreadable: &mut HashSet<[u8; 16]>,
) -> Result<HashMap<ArticleId, (Tenant, Held<Article>)>, Unavailable> {
    let key = |it: Query, id: &ArticleId| it.bind(id.bytes().to_vec());
    let rows = statements.find_articles.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let now = article_of(&row.try_get::<Vec<u8>, _>(2)?)?;
        let loaded = Some(now.revision);
        Ok((now.id, (tenant_of(row)?, Held { now, loaded, is_changed: false })))
    };
    readable(&rows, entry, unreadable)
}

/// What came of articles for wanted readers.
pub(super) async fn uses(
    connection: &mut AnyConnection,
    statements: &Statements,
    wanted: &[(ArticleId, String)],
) -> Result<HashMap<(Tenant, ArticleId, String), Use>, Unavailable> {
    let key =
        |it: Query, (id, reader): &(ArticleId, String)| it.bind(id.bytes().to_vec()).bind(reader.clone());
    let rows = statements.find_uses.find(connection, wanted, key).await?;
    let entry = |row: &AnyRow| {
        let what = use_of(row.try_get(3)?).ok_or(Malformed("article.use"))?;
        Ok(((tenant_of(row)?, id_of(row, 1)?, row.try_get(2)?), what))
    };
    rows.iter().map(entry).collect()
}

/// Writes the articles of a batch with their revisions, and what readers find.
pub(super) async fn save(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    if batch.revisions.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> = changed(&batch.known.articles).collect();
    let bind = |it: Query, (tenant, held): &(&Tenant, &Held<Article>)| {
        let Article { id, number, revision, state, published, content, .. } = &held.now;
        let it = it.bind(id.bytes().to_vec()).bind(tenant.as_str().to_owned()).bind(number.clone());
        let it = it.bind(state.as_str()).bind(content.owner.clone());
        let it = it.bind(lines(content.texts.iter().map(|it| it.language.code())));
        let it = it.bind(lines(content.templates.iter().map(String::as_str)));
        let it = it.bind(content.review.map(|Timestamp(it)| it)).bind(revision.cast_signed());
        it.bind(published.unwrap_or_default().cast_signed()).bind(article_to(&held.now).encode_to_vec())
    };
    let count = statements.put_articles.write(connection, &rows, bind).await?;
    if count != rows.len() as u64 {
        return Err(Unsaved::Stale("article"));
    }
    let bind = |it: Query, (tenant, article): &(Tenant, Article)| {
        let it = it.bind(article.id.bytes().to_vec()).bind(article.revision.cast_signed());
        it.bind(tenant.as_str().to_owned()).bind(article_to(article).encode_to_vec())
    };
    statements.add_revisions.write(connection, &batch.revisions, bind).await?;
    texts(connection, statements, batch).await
}

async fn texts(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let ids: Vec<ArticleId> = batch.in_sight.keys().copied().collect();
    let bind = |it: Query, id: &ArticleId| it.bind(id.bytes().to_vec());
    statements.drop_texts.write(connection, &ids, bind).await?;
    let all = batch.in_sight.iter().flat_map(|(id, (tenant, everyone, words))| {
        words.iter().map(move |(language, words)| (tenant, id, *language, *everyone, words))
    });
    let rows: Vec<_> = all.collect();
    let bind = |it: Query, row: &(&Tenant, &ArticleId, Language, bool, &String)| {
        let (tenant, id, language, everyone, words) = row;
        let it = it.bind(tenant.as_str().to_owned()).bind(id.bytes().to_vec());
        it.bind(language.code()).bind(i64::from(*everyone)).bind((*words).clone())
    };
    statements.add_texts.write(connection, &rows, bind).await?;
    Ok(())
}

/// Writes what came of articles. Counts are rows that several partitions change: they come in one order everywhere, and
/// behind the loads of agents, so that partitions may wait for each other, but never in a circle.
pub(super) async fn save_uses(
    connection: &mut AnyConnection,
    statements: &Statements,
    batch: &Batch,
) -> Result<(), Unsaved> {
    let rows: Vec<_> = batch.uses.iter().collect();
    let bind = |it: Query, ((tenant, article, reader), now): &(&(Tenant, ArticleId, String), &Use)| {
        let it = it.bind(tenant.as_str().to_owned()).bind(article.bytes().to_vec());
        it.bind(reader.clone()).bind(code(**now))
    };
    statements.put_uses.write(connection, &rows, bind).await?;
    let rows: Vec<_> = batch.counts.iter().collect();
    let bind = |it: Query, ((tenant, article), more): &(&(Tenant, ArticleId), &[i64; 3])| {
        let it = it.bind(tenant.as_str().to_owned()).bind(article.bytes().to_vec());
        more.iter().fold(it, |it, count| it.bind(*count))
    };
    statements.put_counts.write(connection, &rows, bind).await?;
    Ok(())
}

/// Counts what was committed, for those who watch the process: only what a conversation shows was offered, and only who
/// was shown it there and says that it helped is a ticket less.
pub(super) fn count(it: &Used) {
    if it.now == Use::Shown {
        metrics::counter!("dispatch_articles_offered_total").increment(1);
    } else if it.now == Use::Helped && it.before == Some(Use::Shown) {
        metrics::counter!("dispatch_articles_solved_total").increment(1);
    }
}

fn article_of(body: &[u8]) -> Result<Article, Unavailable> {
    Ok(article_from(&v1::Article::decode(body)?)?)
}

fn id_of(row: &AnyRow, at: usize) -> Result<ArticleId, Unavailable> {
    let bytes = row.try_get::<Vec<u8>, _>(at)?.try_into();
    Ok(bytes.map(ArticleId::from_bytes).map_err(|_| Malformed("article.id"))?)
}

/// A list with each entry between line feeds, which no entry has.
fn lines<'a>(all: impl Iterator<Item = &'a str>) -> String {
    all.fold("\n".to_owned(), |list, it| list + it + "\n")
}

fn code(it: Use) -> i64 {
    match it {
        Use::Shown => 1,
        Use::Helped => 2,
        Use::NotHelped => 3,
    }
}

fn use_of(number: i64) -> Option<Use> {
    [Use::Shown, Use::Helped, Use::NotHelped].into_iter().find(|it| code(*it) == number)
}
