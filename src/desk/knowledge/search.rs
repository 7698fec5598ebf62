//! Finding articles: by their words, by what they mean, and by both together.

use std::collections::HashSet;

use super::{
    Knowledge, Reader,
    index::{Entry, Index, meaning},
    words,
};
use crate::{
    desk::fault::Fault,
    domain::{article::Audience, article::rank::fused, id::ArticleId, people::Language},
    store::Found,
};

/// Texts with any of the words that are looked at.
const WITH_WORDS: u32 = 200;
/// Texts that go into each list.
const LISTED: usize = 50;
/// What is less like the query than this is about something else.
const NEAR: f32 = 0.35;

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// As somebody wrote it.
    pub text: String,
    /// Only texts in this language.
    pub language: Option<Language>,
    /// Only articles about this template.
    pub template: Option<String>,
    /// At most so many articles.
    pub limit: usize,
}

/// An article that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    /// Which.
    pub id: ArticleId,
    /// Its number.
    pub number: String,
    /// The revision that readers see.
    pub revision: u64,
    /// Language of the text that fits.
    pub language: Language,
    /// Who may read it.
    pub audience: Audience,
    /// Its title.
    pub title: String,
    /// Its summary.
    pub summary: String,
    /// Place among those with some of the words, from 1.
    pub by_words: Option<usize>,
    /// Place among those that mean something like it, from 1.
    pub by_meaning: Option<usize>,
    /// How like it they are in meaning.
    pub likeness: f32,
}

impl Knowledge {
    /// Articles in sight that tell about something, best first.
    pub async fn search(&self, query: &Query, reader: Reader) -> Result<Vec<Hit>, Fault> {
        let index = self.indexes.of(&self.store, &self.tenant).await?;
        let may = |it: &Entry| {
            (reader == Reader::Desk || it.audience == Audience::Everyone)
                && query.language.is_none_or(|language| it.language == language)
                && query.template.as_ref().is_none_or(|template| it.templates.contains(template))
        };
        let words = words::of_query(&query.text);
        let everyone = reader == Reader::Employee;
        let found =
            self.store.texts_with(&self.tenant, &words, (query.language, everyone), WITH_WORDS).await?;
        let by_words = by_words(&index, &words, &found, may);
        let meant = meaning(&query.text);
        let by_meaning = meant.as_ref().map_or_else(Vec::new, |it| by_meaning(&index, it, may));
        let mut seen = HashSet::new();
        let hits = fused(&[&by_words, &by_meaning]).into_iter().filter_map(|(place, _)| {
            let entry = &index.entries[place];
            let place_in = |list: &[usize]| list.iter().position(|it| *it == place).map(|it| it + 1);
            seen.insert(entry.article).then(|| Hit {
                id: entry.article,
                number: entry.number.clone(),
                revision: entry.revision,
                language: entry.language,
                audience: entry.audience,
                title: entry.title.clone(),
                summary: entry.summary.clone(),
                by_words: place_in(&by_words),
                by_meaning: place_in(&by_meaning),
                likeness: meant.as_ref().map_or(0.0, |it| entry.likeness(it)),
            })
        });
        Ok(hits.take(query.limit).collect())
    }
}

/// Places of entries with some of the words, best first.
fn by_words(index: &Index, words: &[String], found: &[Found], may: impl Fn(&Entry) -> bool) -> Vec<usize> {
    let texts: Vec<&str> = found.iter().map(|it| it.words.as_str()).collect();
    let fits = words::fits(words, &texts, index.sizes());
    // One that was published a moment ago may not be in the index yet, or not any more.
    let place = |it: &Found| {
        let key = (it.article, it.language as u8);
        index.entries.binary_search_by_key(&key, |it| (it.article, it.language as u8)).ok()
    };
    let known = found.iter().zip(fits).filter_map(|(it, fit)| Some((place(it)?, fit)));
    best(known.filter(|(place, _)| may(&index.entries[*place])).collect())
}

/// Places of entries that mean something like it, nearest first.
fn by_meaning(index: &Index, meaning: &[f32], may: impl Fn(&Entry) -> bool) -> Vec<usize> {
    let all = index.entries.iter().enumerate().filter(|(_, it)| may(it));
    let likeness = all.map(|(place, it)| (place, f64::from(it.likeness(meaning))));
    best(likeness.filter(|(_, it)| *it >= f64::from(NEAR)).collect())
}

fn best(mut all: Vec<(usize, f64)>) -> Vec<usize> {
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all.into_iter().take(LISTED).map(|it| it.0).collect()
}
