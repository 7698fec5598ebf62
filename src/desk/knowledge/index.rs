//! What is in sight of a tenant's knowledge, in memory: titles and summaries, and what they mean. It is read anew, as far
//! as it has changed, whenever the store says that something has; so replicas need not hear of each other.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use super::words;
use crate::{
    conversation::offering::{Sought, Suggested},
    desk::fault::Fault,
    domain::{
        article::{Article, Audience},
        id::ArticleId,
        people::{Language, Tenant},
    },
    model::table::TokenTable,
    store::Store,
};

/// What is less like a message than this is not offered.
const OFFERED: f32 = 0.4;

/// One text of an article that readers see.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::desk) struct Entry {
    pub(in crate::desk) article: ArticleId,
    pub(in crate::desk) number: String,
    pub(in crate::desk) revision: u64,
    pub(in crate::desk) language: Language,
    pub(in crate::desk) audience: Audience,
    pub(in crate::desk) templates: Vec<String>,
    pub(in crate::desk) title: String,
    pub(in crate::desk) summary: String,
    /// What title and summary mean, of length one.
    meaning: Vec<f32>,
    words: usize,
}

/// All that readers see, in the order of the articles.
#[derive(Debug, Default)]
pub(in crate::desk) struct Index {
    state: u64,
    pub(in crate::desk) entries: Vec<Entry>,
}

/// The indexes of all tenants that were asked for.
#[derive(Debug, Default)]
pub struct Indexes(Mutex<HashMap<Tenant, Arc<Index>>>);

impl Indexes {
    /// The index of a tenant as its knowledge is now.
    pub(in crate::desk) async fn of(&self, store: &Store, tenant: &Tenant) -> Result<Arc<Index>, Fault> {
        let state = store.knowledge_state(tenant).await?;
        let old =
            self.0.lock().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned().unwrap_or_default();
        if old.state == state {
            return Ok(old);
        }
        let index = Arc::new(Index { state, entries: entries(store, tenant, &old).await? });
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(tenant.clone(), Arc::clone(&index));
        Ok(index)
    }
}

async fn entries(store: &Store, tenant: &Tenant, old: &Index) -> Result<Vec<Entry>, Fault> {
    let in_sight = store.in_sight(tenant).await?;
    let is_known = |(id, revision): &(ArticleId, u64)| {
        old.entries.iter().any(|it| it.article == *id && it.revision == *revision)
    };
    let new: Vec<_> = in_sight.iter().copied().filter(|it| !is_known(it)).collect();
    let ids: Vec<ArticleId> = new.iter().map(|it| it.0).collect();
    let latest = store.articles_by_id(tenant, &ids).await?;
    let mut entries: Vec<Entry> =
        old.entries.iter().filter(|it| in_sight.contains(&(it.article, it.revision))).cloned().collect();
    for (id, revision) in new {
        // As a rule what readers see is the latest revision.
        let found = latest.iter().find(|it| it.id == id && it.revision == revision).cloned();
        let article = match found {
            Some(it) => Some(it),
            None => store.revision(tenant, id, revision).await?,
        };
        entries.extend(article.iter().flat_map(of_article));
    }
    entries.sort_by_key(|it| (it.article, it.language as u8));
    Ok(entries)
}

fn of_article(article: &Article) -> impl Iterator<Item = Entry> + '_ {
    article.content.texts.iter().map(|it| Entry {
        article: article.id,
        number: article.number.clone(),
        revision: article.revision,
        language: it.language,
        audience: article.content.audience,
        templates: article.content.templates.clone(),
        title: it.title.clone(),
        summary: it.summary.clone(),
        meaning: meaning(&format!("{}\n{}", it.title, it.summary)).unwrap_or_default(),
        words: words::of_text(it).len(),
    })
}

/// What a text means by the model's table, of length one; `None` if no word of it is known.
pub(in crate::desk) fn meaning(raw: &str) -> Option<Vec<f32>> {
    let table = TokenTable::shipped().inspect_err(|error| tracing::error!(%error, "no search by meaning"));
    table.ok()?.meaning_of(raw)
}

impl Entry {
    /// How near its meaning is to another of length one: the cosine.
    pub(in crate::desk) fn likeness(&self, meaning: &[f32]) -> f32 {
        self.meaning.iter().zip(meaning).map(|(a, b)| a * b).sum()
    }
}

impl Index {
    /// What is best offered to an employee: near enough in meaning, and of the title something must be said that the
    /// template's name does not say, since all that goes wrong with a printer is near each other. All of it in memory:
    /// every message would wait for the database otherwise.
    pub(in crate::desk) fn suggest(&self, sought: Sought<'_>) -> Option<Suggested> {
        let fits = |it: &&Entry| {
            it.audience == Audience::Everyone
                && it.language == sought.language
                && it.templates.iter().any(|id| id == sought.template)
        };
        let mut all = self.entries.iter().filter(fits).peekable();
        all.peek()?;
        let (said, name) = (words::of_message(sought.text), words::of_message(sought.name));
        let is_told = |it: &&Entry| words::telling(&it.title, &name).iter().any(|it| said.contains(it));
        let mut all = all.filter(is_told).peekable();
        all.peek()?;
        let meaning = meaning(sought.text)?;
        let likeness = all.map(|it| (it, it.likeness(&meaning)));
        let (best, likeness) = likeness.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let suggested =
            Suggested { id: best.article, title: best.title.clone(), summary: best.summary.clone() };
        (likeness >= OFFERED).then_some(suggested)
    }

    /// How large its texts are.
    pub(super) fn sizes(&self) -> words::Sizes {
        let (texts, words) = (self.entries.len(), self.entries.iter().map(|it| it.words).sum::<usize>());
        words::Sizes { texts, average: words as f64 / texts.max(1) as f64 }
    }
}
