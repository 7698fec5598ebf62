//! Reading the knowledge. Every read names the tenant.

use std::collections::HashMap;

use sqlx::{Row as _, any::AnyRow};

use super::{article_of, id_of, lines};
use crate::{
    domain::{
        article::{Article, ArticleRef, ArticleState, Counts},
        id::ArticleId,
        people::{Language, Tenant},
        time::Timestamp,
    },
    proto::event::Malformed,
    store::{
        Store,
        fault::Unavailable,
        filter::{self, Value, bound},
    },
};

/// Conditions that must all hold; an empty one does not count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ArticleFilter {
    /// Where the latest revision is in its life.
    pub state: Option<ArticleState>,
    /// It has a text in this language.
    pub language: Option<Language>,
    /// It is about this template.
    pub template: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its review was due at this time, and it is not retired.
    pub overdue_at: Option<Timestamp>,
}

/// What articles are put in order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArticleSketch {
    /// Which one.
    pub id: ArticleId,
    /// When its review is due.
    pub review: Option<Timestamp>,
    /// How it is used.
    pub counts: Counts,
}

/// A text that has some of the words looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Of which article.
    pub article: ArticleId,
    /// In which language.
    pub language: Language,
    /// All its words, as they were written.
    pub words: String,
}

impl Store {
    /// The latest revision of an article.
    pub async fn article(&self, tenant: &Tenant, which: &ArticleRef) -> Result<Option<Article>, Unavailable> {
        let query = match which {
            ArticleRef::Id(id) => sqlx::query("select body from articles where tenant = $1 and id = $2")
                .bind(tenant.as_str())
                .bind(id.bytes().to_vec()),
            ArticleRef::Number(number) => {
                sqlx::query("select body from articles where tenant = $1 and number = $2")
                    .bind(tenant.as_str())
                    .bind(number.as_str())
            }
        };
        let row = query.fetch_optional(&self.inner.pools.read).await?;
        row.map(|it| article_of(&it.try_get::<Vec<u8>, _>(0)?)).transpose()
    }

    /// One revision of an article.
    pub async fn revision(
        &self,
        tenant: &Tenant,
        id: ArticleId,
        revision: u64,
    ) -> Result<Option<Article>, Unavailable> {
        let query = sqlx::query(
            "select body from article_revisions where article = $1 and revision = $2 and tenant = $3",
        )
        .bind(id.bytes().to_vec())
        .bind(i64::try_from(revision).unwrap_or(i64::MAX))
        .bind(tenant.as_str());
        let row = query.fetch_optional(&self.inner.pools.read).await?;
        row.map(|it| article_of(&it.try_get::<Vec<u8>, _>(0)?)).transpose()
    }

    /// Changes with every change of a tenant's knowledge, and never comes back to what it was. 0 while there is none.
    pub async fn knowledge_state(&self, tenant: &Tenant) -> Result<u64, Unavailable> {
        // Articles are not deleted, and each change makes a revision more.
        let sum = "select cast(coalesce(sum(revision), 0) as bigint) from articles where tenant = $1";
        let row = sqlx::query(sum).bind(tenant.as_str()).fetch_one(&self.inner.pools.read).await?;
        Ok(row.try_get::<i64, _>(0)?.cast_unsigned())
    }

    /// The articles that readers see, each with the revision that they see.
    pub async fn in_sight(&self, tenant: &Tenant) -> Result<Vec<(ArticleId, u64)>, Unavailable> {
        let rows =
            sqlx::query("select id, published from articles where tenant = $1 and published > 0 order by id")
                .bind(tenant.as_str())
                .fetch_all(&self.inner.pools.read)
                .await?;
        let entry = |row: &AnyRow| Ok((id_of(row, 0)?, row.try_get::<i64, _>(1)?.cast_unsigned()));
        rows.iter().map(entry).collect()
    }

    /// Texts in sight that have any of some words, which are small Latin letters and digits alone: those that fit best by
    /// the database's own measure, at most so many, in no order that means anything.
    pub async fn texts_with(
        &self,
        tenant: &Tenant,
        words: &[String],
        (language, everyone): (Option<Language>, bool),
        most: u32,
    ) -> Result<Vec<Found>, Unavailable> {
        let is_word = |it: &String| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric());
        if words.is_empty() || !words.iter().all(is_word) {
            return Ok(vec![]);
        }
        let engine = self.inner.engine;
        let rows = sqlx::query(engine.find_texts())
            .bind(engine.any_of(words))
            .bind(tenant.as_str())
            .bind(i64::from(everyone))
            .bind(language.map_or("", Language::code))
            .bind(i64::from(most))
            .fetch_all(&self.inner.pools.read)
            .await?;
        let entry = |row: &AnyRow| {
            let language =
                Language::parse(&row.try_get::<String, _>(1)?).ok_or(Malformed("article.language"))?;
            Ok(Found { article: id_of(row, 0)?, language, words: row.try_get(2)? })
        };
        rows.iter().map(entry).collect()
    }

    /// What the articles that fit a filter are put in order by, oldest first.
    pub async fn article_sketches(
        &self,
        tenant: &Tenant,
        filter: &ArticleFilter,
    ) -> Result<Vec<ArticleSketch>, Unavailable> {
        let (sql, values) = conditions(filter);
        let sql = format!(
            "select a.id, a.review, coalesce(c.shown, 0), coalesce(c.helped, 0), coalesce(c.not_helped, 0) \
             from articles a left join article_counts c on c.article = a.id where a.tenant = $1{sql} order by a.id"
        );
        let rows = bound(sql, tenant, &values).fetch_all(&self.inner.pools.read).await?;
        let entry = |row: &AnyRow| {
            let review = row.try_get::<Option<i64>, _>(1)?.map(Timestamp);
            Ok(ArticleSketch { id: id_of(row, 0)?, review, counts: counts_of(row, 2)? })
        };
        rows.iter().map(entry).collect()
    }

    /// The latest revisions of articles, in any order.
    pub async fn articles_by_id(
        &self,
        tenant: &Tenant,
        ids: &[ArticleId],
    ) -> Result<Vec<Article>, Unavailable> {
        let rows = self.rows_with(tenant, "select body from articles", "id", &keys(ids)).await?;
        rows.iter().map(|it| article_of(&it.try_get::<Vec<u8>, _>(0)?)).collect()
    }

    /// How articles are used; those that nobody has seen are left out.
    pub async fn article_counts(
        &self,
        tenant: &Tenant,
        ids: &[ArticleId],
    ) -> Result<HashMap<ArticleId, Counts>, Unavailable> {
        let select = "select article, shown, helped, not_helped from article_counts";
        let rows = self.rows_with(tenant, select, "article", &keys(ids)).await?;
        rows.iter().map(|it| Ok((id_of(it, 0)?, counts_of(it, 1)?))).collect()
    }
}

/// The conditions of a filter as SQL with placeholders from `$2` on, and what stands in them.
fn conditions(filter: &ArticleFilter) -> (String, Vec<Value>) {
    filter::conditions([
        ("a.state = ?", filter.state.map(|it| Value::Text(it.as_str().to_owned()))),
        ("a.owner = ?", filter.owner.clone().map(Value::Text)),
        // Both databases have it, and unlike `like` it has no wildcards.
        (
            "replace(a.languages, ?, '') <> a.languages",
            filter.language.map(|it| Value::Text(lines([it.code()].into_iter()))),
        ),
        (
            "replace(a.templates, ?, '') <> a.templates",
            filter.template.as_deref().map(|it| Value::Text(lines([it].into_iter()))),
        ),
        ("a.state <> 'retired' and a.review <= ?", filter.overdue_at.map(|it| Value::Number(it.0))),
    ])
}

fn keys(ids: &[ArticleId]) -> Vec<Value> {
    ids.iter().map(|it| Value::Bytes(it.bytes().to_vec())).collect()
}

fn counts_of(row: &AnyRow, first: usize) -> Result<Counts, Unavailable> {
    let count = |at| row.try_get::<i64, _>(at).map(|it| it.max(0).cast_unsigned());
    Ok(Counts { shown: count(first)?, helped: count(first + 1)?, not_helped: count(first + 2)? })
}
