//! The desk's knowledge: writing articles, finding them, and hearing whether they helped.

mod request;

use tonic::{Request, Response, Status};

use super::{
    guard::admitted,
    parse::page::{behind_article, fit},
};
use crate::{
    desk::{
        Desk,
        knowledge::{Hit, Reader},
    },
    domain::{
        article::{Article, Counts},
        people::{Caller, Role},
    },
    proto::{
        article::{article_to, counts_to},
        v1::{self, knowledge_service_server::KnowledgeService},
        words,
    },
};

/// The service of the knowledge.
pub(super) struct Articles {
    pub(super) desk: Desk,
}

#[tonic::async_trait]
impl KnowledgeService for Articles {
    async fn put_article(
        &self,
        request: Request<v1::PutArticleRequest>,
    ) -> Result<Response<v1::PutArticleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, made, content, expected) = request::put(request)?;
        let article = self.desk.knowledge(&caller).write(same.asked(), made, content, expected).await?;
        Ok(Response::new(v1::PutArticleResponse { article: Some(article_to(&article)) }))
    }

    async fn get_article(
        &self,
        request: Request<v1::GetArticleRequest>,
    ) -> Result<Response<v1::GetArticleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, revision) = request::get(&request)?;
        let found = self.desk.knowledge(&caller).get(&which, revision, reader(&caller)).await?;
        Ok(Response::new(v1::GetArticleResponse { article: Some(counted(&found)) }))
    }

    async fn list_articles(
        &self,
        request: Request<v1::ListArticlesRequest>,
    ) -> Result<Response<v1::ListArticlesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (which, order, after, size) = request::list(request)?;
        let knowledge = self.desk.knowledge(&caller);
        let (found, more) = knowledge.list(which, order, after, size as usize).await?;
        let mut articles: Vec<_> = found.iter().map(counted).collect();
        articles.iter_mut().flat_map(|it| &mut it.texts).for_each(|it| it.body.clear());
        let more = fit(&mut articles, size) || more;
        let last = articles.last().filter(|_| more);
        let next_page_token = last.map(|it| behind_article(&it.id)).unwrap_or_default();
        Ok(Response::new(v1::ListArticlesResponse { articles, next_page_token }))
    }

    async fn search_articles(
        &self,
        request: Request<v1::SearchArticlesRequest>,
    ) -> Result<Response<v1::SearchArticlesResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let query = request::search(request)?;
        let found = self.desk.knowledge(&caller).search(&query, reader(&caller)).await?;
        Ok(Response::new(v1::SearchArticlesResponse { hits: found.into_iter().map(hit).collect() }))
    }

    async fn publish_article(
        &self,
        request: Request<v1::PublishArticleRequest>,
    ) -> Result<Response<v1::PublishArticleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, which, expected) = request::publish(request)?;
        let article = self.desk.knowledge(&caller).publish(same.asked(), &which, expected).await?;
        Ok(Response::new(v1::PublishArticleResponse { article: Some(article_to(&article)) }))
    }

    async fn retire_article(
        &self,
        request: Request<v1::RetireArticleRequest>,
    ) -> Result<Response<v1::RetireArticleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, which, expected) = request::retire(request)?;
        let article = self.desk.knowledge(&caller).retire(same.asked(), &which, expected).await?;
        Ok(Response::new(v1::RetireArticleResponse { article: Some(article_to(&article)) }))
    }

    async fn rate_article(
        &self,
        request: Request<v1::RateArticleRequest>,
    ) -> Result<Response<v1::RateArticleResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, which, who, helped) = request::rate(request, &caller)?;
        let knowledge = self.desk.knowledge(&caller);
        let counts = knowledge.rate(same.asked(), &which, reader(&caller), who, helped).await?;
        Ok(Response::new(v1::RateArticleResponse { counts: Some(counts_to(&counts)) }))
    }

    async fn draft_from_ticket(
        &self,
        request: Request<v1::DraftFromTicketRequest>,
    ) -> Result<Response<v1::DraftFromTicketResponse>, Status> {
        let (caller, request, _seat) = admitted(request)?;
        let (same, ticket) = request::draft(request)?;
        let article = self.desk.knowledge(&caller).draft_from(same.asked(), &ticket).await?;
        Ok(Response::new(v1::DraftFromTicketResponse { article: Some(article_to(&article)) }))
    }
}

/// A bot reads for employees.
fn reader(caller: &Caller) -> Reader {
    let works = caller.has(&[Role::Agent, Role::Manager, Role::Admin]);
    if works { Reader::Desk } else { Reader::Employee }
}

fn counted((article, counts): &(Article, Counts)) -> v1::Article {
    v1::Article { counts: Some(counts_to(counts)), ..article_to(article) }
}

fn hit(it: Hit) -> v1::ArticleHit {
    let place = |it: Option<usize>| it.and_then(|it| u32::try_from(it).ok()).unwrap_or_default();
    v1::ArticleHit {
        id: it.id.to_string(),
        number: it.number,
        revision: it.revision,
        language: words::language_to(it.language),
        title: it.title,
        summary: it.summary,
        audience: words::readers_to(it.audience),
        by_words: place(it.by_words),
        by_meaning: place(it.by_meaning),
        likeness: it.likeness,
    }
}
