//! A desk with knowledge, and the calls that the tests of it make.

use std::{
    process::{Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use ticket_dispatch::proto::v1::{
    self, ArticleAudience, ArticleState, Language, conversation_service_client::ConversationServiceClient,
    knowledge_service_client::KnowledgeServiceClient, ticket_service_client::TicketServiceClient,
};
use tonic::{Request, Status, transport::Channel};

use crate::app::{App, Settings};
pub(crate) use crate::parts::postgres::settings_of_both;

/// A running program.
pub(crate) struct Desk {
    pub(crate) app: App,
    calls: AtomicU32,
}

/// A text in one language.
pub(crate) fn text(language: Language, title: &str, summary: &str, body: &str) -> v1::ArticleText {
    v1::ArticleText {
        language: language.into(),
        title: title.to_owned(),
        summary: summary.to_owned(),
        body: body.to_owned(),
    }
}

/// An article in English for everyone.
pub(crate) fn article(title: &str, summary: &str, body: &str) -> v1::Article {
    v1::Article { texts: vec![text(Language::En, title, summary, body)], ..Default::default() }
}

pub(crate) fn jam() -> v1::Article {
    v1::Article {
        texts: vec![
            text(
                Language::En,
                "A paper jam in the printer",
                "Open the rear door, pull the paper out in the direction of the arrows, and close it again.",
                "# A paper jam\n\n1. Open the rear door.\n2. Pull the sheet out.\n",
            ),
            text(
                Language::Zh,
                "打印机卡纸怎么办",
                "打开打印机后盖，按箭头方向把卡住的纸取出来，再关上后盖。",
                "# 卡纸\n\n打开后盖，取出纸张。\n",
            ),
        ],
        templates: vec!["printer_fault".to_owned()],
        owner: "workplace".to_owned(),
        ..Default::default()
    }
}

pub(crate) fn vpn() -> v1::Article {
    v1::Article {
        templates: vec!["vpn_fault".to_owned()],
        ..article(
            "The VPN does not connect from home",
            "Close the VPN client, restart the computer and log in again with the code of your phone.",
            "The client keeps an old session. Error 809 goes away after a restart.",
        )
    }
}

impl Desk {
    pub(crate) fn start(settings: Settings) -> Self {
        Self { app: App::start(settings), calls: AtomicU32::new(0) }
    }

    pub(crate) fn knowledge(&self) -> KnowledgeServiceClient<Channel> {
        KnowledgeServiceClient::new(self.app.channel())
    }

    pub(crate) fn tickets(&self) -> TicketServiceClient<Channel> {
        TicketServiceClient::new(self.app.channel())
    }

    pub(crate) fn request(&self) -> String {
        format!("call-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) async fn put(&self, article: v1::Article) -> Result<v1::Article, Status> {
        self.put_at(article, 0).await
    }

    pub(crate) async fn put_at(&self, article: v1::Article, expected: u64) -> Result<v1::Article, Status> {
        let request = v1::PutArticleRequest {
            request_id: self.request(),
            article: Some(article),
            expected_revision: expected,
        };
        Ok(self.knowledge().put_article(request).await?.into_inner().article.unwrap())
    }

    pub(crate) async fn publish(&self, article: &str) -> Result<v1::Article, Status> {
        let request = v1::PublishArticleRequest {
            request_id: self.request(),
            article: article.to_owned(),
            expected_revision: 0,
        };
        Ok(self.knowledge().publish_article(request).await?.into_inner().article.unwrap())
    }

    pub(crate) async fn retire(&self, article: &str) -> Result<v1::Article, Status> {
        let request = v1::RetireArticleRequest {
            request_id: self.request(),
            article: article.to_owned(),
            expected_revision: 0,
        };
        Ok(self.knowledge().retire_article(request).await?.into_inner().article.unwrap())
    }

    /// Writes an article and publishes it: its number.
    pub(crate) async fn published(&self, article: v1::Article) -> String {
        let written = self.put(article).await.unwrap();
        let published = self.publish(&written.id).await.unwrap();
        assert_eq!(published.state(), ArticleState::Published);
        published.number
    }

    pub(crate) async fn get(&self, article: &str, revision: u64) -> Result<v1::Article, Status> {
        let request = v1::GetArticleRequest { article: article.to_owned(), revision };
        Ok(self.knowledge().get_article(request).await?.into_inner().article.unwrap())
    }

    pub(crate) async fn hits(&self, request: v1::SearchArticlesRequest) -> Vec<v1::ArticleHit> {
        self.knowledge().search_articles(request).await.unwrap().into_inner().hits
    }

    /// Numbers of what is found, best first.
    pub(crate) async fn found(&self, query: &str) -> Vec<String> {
        let request = v1::SearchArticlesRequest { query: query.to_owned(), ..Default::default() };
        self.hits(request).await.into_iter().map(|it| it.number).collect()
    }

    /// Numbers of those that are listed, page by page.
    pub(crate) async fn list(&self, filter: v1::ArticleFilter, order: v1::ArticleOrder) -> Vec<String> {
        let (mut numbers, mut token) = (vec![], String::new());
        loop {
            let request = v1::ListArticlesRequest {
                filter: Some(filter.clone()),
                order: order.into(),
                page_size: 1,
                page_token: token,
            };
            let page = self.knowledge().list_articles(request).await.unwrap().into_inner();
            numbers.extend(page.articles.into_iter().map(|it| it.number));
            token = page.next_page_token;
            if token.is_empty() {
                return numbers;
            }
        }
    }

    pub(crate) async fn rate(
        &self,
        article: &str,
        who: &str,
        helped: bool,
    ) -> Result<v1::ArticleCounts, Status> {
        let request = v1::RateArticleRequest {
            request_id: self.request(),
            article: article.to_owned(),
            reader: Some(person(who)),
            helped,
        };
        Ok(self.knowledge().rate_article(request).await?.into_inner().counts.unwrap())
    }

    /// All events of all partitions.
    pub(crate) async fn facts(&self) -> Vec<v1::Event> {
        let mut all = vec![];
        for partition in 0..16 {
            let request = v1::ListEventsRequest { partition, after_position: 0, page_size: 500 };
            // SQLite has one partition only.
            let Ok(events) = self.tickets().list_events(request).await else { break };
            all.extend(events.into_inner().events);
        }
        all
    }

    pub(crate) async fn say(&self, who: &str, text: &str) -> v1::SendMessageResponse {
        let request = v1::SendMessageRequest {
            message_id: self.request(),
            conversation: who.to_owned(),
            requester: Some(person(who)),
            text: text.to_owned(),
            ..Default::default()
        };
        let mut bot = ConversationServiceClient::new(self.app.channel());
        bot.send_message(request).await.unwrap().into_inner()
    }

    /// A command of the program on the same data: what it printed, and how it ended.
    pub(crate) fn command(&self, args: &[&str]) -> Output {
        let mut command = self.app.command(args);
        command.args(["--data", "data"]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap()
    }
}

pub(crate) fn person(who: &str) -> v1::Person {
    v1::Person { issuer: "chat".into(), subject: who.into(), ..Default::default() }
}

pub(crate) fn with<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// For the desk alone.
pub(crate) fn for_desk(article: v1::Article) -> v1::Article {
    v1::Article { audience: ArticleAudience::Desk.into(), ..article }
}
