//! The desk's knowledge: articles are written, published and retired, found by readers, and drafted from tickets that
//! were resolved.

mod drafts;
mod index;
mod search;
mod words;
mod write;

use std::{collections::HashMap, sync::Arc};

pub(in crate::desk) use self::{
    drafts::{masked, shortened},
    index::{Index, meaning},
};
pub use self::{
    index::Indexes,
    search::{Hit, Query},
    write::Made,
};
use super::{Desk, digest, fault::Fault};
use crate::{
    clock,
    domain::{
        article::{Article, ArticleRef, ArticleState, Audience, Counts},
        catalog::Catalog,
        id::{ArticleId, Slot},
        people::{Caller, Language, Tenant},
        time::Timestamp,
    },
    store::{ArticleFilter, ArticleSketch, Store},
};

/// A tenant's knowledge, and on whose behalf it is worked on.
#[derive(Clone)]
pub struct Knowledge {
    store: Store,
    indexes: Arc<Indexes>,
    catalog: Arc<Catalog>,
    tenant: Tenant,
    actor: String,
}

/// What a reader may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// What is published for everyone.
    Employee,
    /// Everything.
    Desk,
}

/// Which articles are listed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Which {
    /// Where the latest revision is in its life.
    pub state: Option<ArticleState>,
    /// It has a text in this language.
    pub language: Option<Language>,
    /// It is about this template.
    pub template: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Its review is overdue.
    pub overdue: bool,
}

/// In which order articles are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// Oldest first.
    #[default]
    Oldest,
    /// Those that fail most surely to help.
    HelpsLeast,
    /// Those whose review is due first.
    Review,
}

impl Desk {
    /// The knowledge of the caller's tenant.
    pub fn knowledge(&self, caller: &Caller) -> Knowledge {
        Knowledge {
            store: self.store.clone(),
            indexes: Arc::clone(&self.knowledge),
            catalog: self.catalog(caller),
            tenant: caller.tenant.clone(),
            actor: caller.subject.clone(),
        }
    }
}

/// Where all articles of a tenant belong.
fn slot(tenant: &Tenant) -> Slot {
    Slot(digest(&["knowledge", tenant.as_str()])[0])
}

impl Knowledge {
    /// The knowledge of a tenant with this catalogue; `actor` stands in the history for whoever works on it.
    pub fn new(store: Store, catalog: Arc<Catalog>, tenant: Tenant, actor: String) -> Self {
        Self { store, indexes: Arc::default(), catalog, tenant, actor }
    }

    /// One article in its latest revision or in an older one, and how it is used. An employee's reader gets the revision
    /// that is published, whichever was asked for; of one that employees may not see there is nothing.
    pub async fn get(
        &self,
        which: &ArticleRef,
        revision: Option<u64>,
        reader: Reader,
    ) -> Result<(Article, Counts), Fault> {
        let latest = self.latest(which).await?;
        let wanted = match reader {
            Reader::Desk => revision.unwrap_or(latest.revision),
            Reader::Employee => {
                let shown = latest.published.filter(|it| revision.is_none_or(|asked| asked == *it));
                shown.ok_or(Fault::NotFound("article"))?
            }
        };
        let (id, current) = (latest.id, latest.revision);
        let article = if wanted == current {
            latest
        } else {
            let found = self.store.revision(&self.tenant, id, wanted).await?;
            found.ok_or(Fault::NotFound("revision of the article"))?
        };
        if reader == Reader::Employee && article.content.audience != Audience::Everyone {
            return Err(Fault::NotFound("article"));
        }
        let counts = self.store.article_counts(&self.tenant, &[id]).await?;
        Ok((article, counts.get(&id).copied().unwrap_or_default()))
    }

    /// Articles behind one of them, with their uses, and whether there are more. Fails if that one is not among them any
    /// more.
    pub async fn list(
        &self,
        which: Which,
        order: Order,
        after: Option<ArticleId>,
        limit: usize,
    ) -> Result<(Vec<(Article, Counts)>, bool), Fault> {
        let filter = ArticleFilter {
            state: which.state,
            language: which.language,
            template: which.template,
            owner: which.owner,
            overdue_at: which.overdue.then(clock::now),
        };
        let mut sketches = self.store.article_sketches(&self.tenant, &filter).await?;
        sort(&mut sketches, order);
        let start = match after {
            None => 0,
            Some(id) => {
                let gone = "what it stands for has changed; start again from the first page";
                let place = sketches.iter().position(|it| it.id == id);
                place.ok_or_else(|| Fault::field("page_token", gone))? + 1
            }
        };
        let rest = &sketches[start..];
        let page = &rest[..limit.min(rest.len())];
        let ids: Vec<ArticleId> = page.iter().map(|it| it.id).collect();
        let articles = self.store.articles_by_id(&self.tenant, &ids).await?;
        let mut articles: HashMap<ArticleId, Article> = articles.into_iter().map(|it| (it.id, it)).collect();
        let all = page.iter().filter_map(|it| Some((articles.remove(&it.id)?, it.counts)));
        Ok((all.collect(), page.len() < rest.len()))
    }

    async fn latest(&self, which: &ArticleRef) -> Result<Article, Fault> {
        self.store.article(&self.tenant, which).await?.ok_or(Fault::NotFound("article"))
    }

    async fn id(&self, which: &ArticleRef) -> Result<ArticleId, Fault> {
        match which {
            ArticleRef::Id(id) => Ok(*id),
            ArticleRef::Number(_) => Ok(self.latest(which).await?.id),
        }
    }
}

fn sort(all: &mut [ArticleSketch], order: Order) {
    match order {
        // That is how they come.
        Order::Oldest => {}
        Order::HelpsLeast => all.sort_by(|a, b| a.counts.worse_first(&b.counts)),
        Order::Review => all.sort_by_key(|it| it.review.unwrap_or(Timestamp(i64::MAX))),
    }
}
