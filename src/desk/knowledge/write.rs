//! Writing articles, inside the writer of their partition: who else writes at the same moment is seen.

use prost::Message as _;

use super::{Knowledge, Reader, slot, words};
use crate::{
    clock,
    desk::{
        digest,
        fault::{Fault, Violation, undone},
        people::Asked,
    },
    domain::{
        article::{Article, ArticleRef, ArticleState, Content, Counts, Refused, Use},
        id::{ArticleId, TicketId},
        people::Language,
        time::Timestamp,
    },
    proto::{
        article::{article_from, article_to},
        v1,
    },
    store::{Unit, Wants, Work},
};

/// Where an article that is to be written stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// It is new, drafted from a ticket or not.
    New(Option<TicketId>),
    /// It is kept elsewhere under this name, and new if it was never written from there.
    Called(String),
    /// It gets another revision.
    Of(ArticleRef),
}

/// What happens to an article.
#[derive(Debug, Clone)]
enum Step {
    Write(Content),
    Publish,
    Retire,
}

impl Knowledge {
    /// Writes an article or its next revision. What says the same as the latest revision makes none.
    pub async fn write(
        &self,
        asked: Asked<'_>,
        made: Made,
        content: Content,
        expected: Option<u64>,
    ) -> Result<Article, Fault> {
        let faults = self.faults(&content);
        // A request that was done is answered as it was, whatever has become of the catalogue.
        if !faults.is_empty() && !self.store.is_done(&self.tenant, asked.request).await? {
            let violation = |(field, problem)| Violation::new(format!("article.{field}"), problem);
            return Err(Fault::Malformed(faults.into_iter().map(violation).collect()));
        }
        match made {
            Made::New(ticket) => {
                let id = ArticleId::new(clock::new_bytes(), slot(&self.tenant));
                self.create(asked, id, ticket, content).await
            }
            Made::Called(name) => self.create(asked, self.called(&name), None, content).await,
            Made::Of(which) => self.step(asked, &which, expected, Step::Write(content)).await,
        }
    }

    /// Identity of the article that is kept elsewhere under a name.
    pub fn called(&self, name: &str) -> ArticleId {
        let hash = digest(&["article", self.tenant.as_str(), name]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&hash[..16]);
        ArticleId::new(bytes, slot(&self.tenant))
    }

    /// Shows the latest revision to readers.
    pub async fn publish(
        &self,
        asked: Asked<'_>,
        which: &ArticleRef,
        expected: Option<u64>,
    ) -> Result<Article, Fault> {
        self.step(asked, which, expected, Step::Publish).await
    }

    /// Takes an article out of sight.
    pub async fn retire(
        &self,
        asked: Asked<'_>,
        which: &ArticleRef,
        expected: Option<u64>,
    ) -> Result<Article, Fault> {
        self.step(asked, which, expected, Step::Retire).await
    }

    /// Notes whether an article has helped somebody; the last word of a reader counts.
    pub async fn rate(
        &self,
        asked: Asked<'_>,
        which: &ArticleRef,
        sees: Reader,
        reader: String,
        helped: bool,
    ) -> Result<Counts, Fault> {
        let id = match sees {
            Reader::Desk => self.id(which).await?,
            Reader::Employee => self.get(which, None, sees).await?.0.id,
        };
        let at = clock::now();
        let mut work = self.work(asked, "rate article", at);
        work.wants = Wants { articles: vec![id], uses: vec![(id, reader.clone())], ..Wants::default() };
        let now = if helped { Use::Helped } else { Use::NotHelped };
        let decide = move |unit: &mut Unit<'_>| {
            let article = unit.article(id).ok_or(Fault::NotFound("article"))?;
            if article.published.is_none() {
                return Err(Refused::OutOfSight(article.number.clone()).into());
            }
            let before = unit.use_of(id, &reader);
            unit.use_article(id, &reader, before, now);
            Ok::<_, Fault>(vec![])
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        let counts = self.store.article_counts(&self.tenant, &[id]).await?;
        Ok(counts.get(&id).copied().unwrap_or_default())
    }

    async fn create(
        &self,
        asked: Asked<'_>,
        id: ArticleId,
        ticket: Option<TicketId>,
        content: Content,
    ) -> Result<Article, Fault> {
        let at = clock::now();
        let mut work = self.work(asked, "write article", at);
        work.wants = Wants { articles: vec![id], ..Wants::default() };
        let author = self.actor.clone();
        let decide = move |unit: &mut Unit<'_>| {
            if let Some(before) = unit.article(id) {
                let (article, is_new) = next(before, &Step::Write(content.clone()), &author, at)?;
                if is_new {
                    unit.write_article(article.clone(), vec![]);
                }
                return Ok::<_, Fault>(article_to(&article).encode_to_vec());
            }
            let first = Article::first(id, unit.article_number(), content.clone(), &author, at);
            let article = Article { ticket, ..first };
            unit.write_article(article.clone(), vec![]);
            Ok::<_, Fault>(article_to(&article).encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        written(&reply)
    }

    async fn step(
        &self,
        asked: Asked<'_>,
        which: &ArticleRef,
        expected: Option<u64>,
        step: Step,
    ) -> Result<Article, Fault> {
        let id = self.id(which).await?;
        let at = clock::now();
        let name = match step {
            Step::Write(_) => "write article",
            Step::Publish => "publish article",
            Step::Retire => "retire article",
        };
        let mut work = self.work(asked, name, at);
        work.wants = Wants { articles: vec![id], ..Wants::default() };
        let author = self.actor.clone();
        let decide = move |unit: &mut Unit<'_>| {
            let before = unit.article(id).ok_or(Fault::NotFound("article"))?;
            if let Some(expected) = expected.filter(|it| *it != before.revision) {
                return Err(Fault::Stale { what: "article", expected, current: before.revision });
            }
            let (article, is_new) = next(before, &step, &author, at)?;
            if is_new {
                unit.write_article(article.clone(), found_by(&article));
            }
            Ok::<_, Fault>(article_to(&article).encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        written(&reply)
    }

    /// Everything that is wrong with an article, each with its name.
    pub fn faults(&self, content: &Content) -> Vec<(String, String)> {
        content.faults().into_iter().chain(self.unknown(content)).collect()
    }

    /// Templates and services that the catalogue does not have.
    fn unknown(&self, content: &Content) -> Vec<(String, String)> {
        let templates = content.templates.iter().enumerate();
        let templates = templates.filter(|(_, it)| self.catalog.template(it).is_none());
        let services = content.services.iter().enumerate();
        let services = services.filter(|(_, it)| !self.catalog.services.iter().any(|is| is.id == **it));
        let template = |(at, id): (usize, &String)| {
            (format!("templates[{at}]"), format!("no template `{id}` in the catalogue"))
        };
        let service = |(at, id): (usize, &String)| {
            (format!("services[{at}]"), format!("no service `{id}` in the catalogue"))
        };
        templates.map(template).chain(services.map(service)).collect()
    }

    fn work(&self, asked: Asked<'_>, name: &str, at: Timestamp) -> Work {
        Work {
            tenant: self.tenant.clone(),
            request: asked.request.to_owned(),
            content: digest(&[name.as_bytes(), asked.content]),
            actor: self.actor.clone(),
            at,
            slot: slot(&self.tenant),
            wants: Wants::default(),
        }
    }
}

/// The revision that a reply tells of.
fn written(reply: &[u8]) -> Result<Article, Fault> {
    let article = v1::Article::decode(reply).map_err(|_| Fault::Unavailable)?;
    article_from(&article).map_err(|_| Fault::Unavailable)
}

/// The revision that follows, and whether it is one.
fn next(before: &Article, step: &Step, author: &str, at: Timestamp) -> Result<(Article, bool), Fault> {
    match step {
        Step::Write(content) if *content == before.content && before.state != ArticleState::Retired => {
            Ok((before.clone(), false))
        }
        Step::Write(content) => Ok((before.rewritten(content.clone(), author, at)?, true)),
        Step::Publish => Ok((before.publish(author, at)?, true)),
        Step::Retire => Ok((before.retire(author, at)?, true)),
    }
}

/// The words that readers find an article by, if they see this revision.
fn found_by(article: &Article) -> Vec<(Language, String)> {
    let texts = article.content.texts.iter().filter(|_| article.is_in_sight());
    texts.map(|it| (it.language, words::of_text(it).join(" "))).collect()
}
