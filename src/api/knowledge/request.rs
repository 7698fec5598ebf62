//! Requests about the knowledge, from the contract's words to the desk's.

use std::mem;

use prost::Message;

use crate::{
    api::parse::{
        Checks,
        words::{LANGUAGE, Words},
    },
    desk::{
        fault::Fault,
        knowledge::{Made, Order, Query, Which},
        people::Asked,
    },
    domain::{
        article::{ArticleRef, ArticleState, Audience, Content},
        id::ArticleId,
        lookup::TicketRef,
        people::{Caller, Role},
    },
    proto::{article::content_from, v1, words},
};

/// Longest query, in characters.
const QUERY: usize = 1000;
/// Hits, if not said, and at most.
const HITS: (u32, u32) = (10, 50);

const STATE: Words<ArticleState> = Words {
    read: words::article_state_from,
    name: |it| v1::ArticleState::try_from(it).ok().map(|it| it.as_str_name()),
};

const AUDIENCE: Words<Audience> = Words {
    read: words::readers_from,
    name: |it| v1::ArticleAudience::try_from(it).ok().map(|it| it.as_str_name()),
};

const ORDER: Words<Order> = Words {
    read: |it| match v1::ArticleOrder::try_from(it) {
        Ok(v1::ArticleOrder::HelpsLeast) => Some(Order::HelpsLeast),
        Ok(v1::ArticleOrder::Review) => Some(Order::Review),
        Ok(v1::ArticleOrder::Unspecified) | Err(_) => None,
    },
    name: |it| v1::ArticleOrder::try_from(it).ok().map(|it| it.as_str_name()),
};

/// A request's id, and what it asks for: without the id.
pub(super) struct Same {
    request: String,
    content: Vec<u8>,
}

impl Same {
    fn of<M: Message>(checks: &mut Checks, request: String, rest: &M) -> Self {
        Self { request: checks.id("request_id", request), content: rest.encode_to_vec() }
    }

    /// As the desk wants it.
    pub(super) fn asked(&self) -> Asked<'_> {
        Asked { request: &self.request, content: &self.content }
    }
}

/// The request, which article is written, what it says, and in place of which revision.
pub(super) fn put(mut raw: v1::PutArticleRequest) -> Result<(Same, Made, Content, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, id, &raw);
    let article = raw.article.unwrap_or_else(|| {
        checks.wrong("article", "is required");
        v1::Article::default()
    });
    let made = if article.id.is_empty() {
        Made::New(None)
    } else {
        Made::Of(which(&mut checks, "article.id", &article.id))
    };
    if made == Made::New(None) && raw.expected_revision != 0 {
        checks.wrong("expected_revision", "is for an article that is there; name it in article.id");
    }
    checks.optional_word("article.audience", article.audience, &AUDIENCE);
    for (at, text) in article.texts.iter().enumerate() {
        checks.word(&format!("article.texts[{at}].language"), text.language, &LANGUAGE);
    }
    if let Some(review) = &article.review_time {
        checks.time("article.review_time", review);
    }
    let content = content_from(&article);
    // The desk looks at this again, for those who do not come in here; callers are told everything at once.
    for (field, problem) in content.faults() {
        checks.wrong(format!("article.{field}"), problem);
    }
    checks.done((same, made, content, revision(raw.expected_revision)))
}

/// Which article, and which revision of it.
pub(super) fn get(raw: &v1::GetArticleRequest) -> Result<(ArticleRef, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let which = which(&mut checks, "article", &raw.article);
    checks.done((which, revision(raw.revision)))
}

/// Which articles, in which order, behind which one, and how many.
pub(super) fn list(raw: v1::ListArticlesRequest) -> Result<(Which, Order, Option<ArticleId>, u32), Fault> {
    let mut checks = Checks::default();
    let size = checks.page_size(raw.page_size);
    let after = checks.after_article(&raw.page_token);
    let order = checks.optional_word("order", raw.order, &ORDER).unwrap_or_default();
    let filter = raw.filter.unwrap_or_default();
    let which = Which {
        state: checks.optional_word("filter.state", filter.state, &STATE),
        language: checks.optional_word("filter.language", filter.language, &LANGUAGE),
        template: checks.optional_id("filter.template", filter.template),
        owner: checks.optional_id("filter.owner", filter.owner),
        overdue: filter.overdue,
    };
    checks.done((which, order, after, size))
}

/// What is looked for.
pub(super) fn search(raw: v1::SearchArticlesRequest) -> Result<Query, Fault> {
    let mut checks = Checks::default();
    if raw.query.trim().is_empty() {
        checks.wrong("query", "is required: say in some words what is looked for");
    } else if QUERY < raw.query.chars().count() {
        checks.wrong("query", format!("is longer than {QUERY} characters"));
    }
    let (usual, most) = HITS;
    let limit = u32::try_from(raw.limit).ok().filter(|it| *it <= most);
    if limit.is_none() {
        checks.wrong("limit", format!("must be 1 to {most}, or 0 for {usual}"));
    }
    let query = Query {
        text: raw.query,
        language: checks.optional_word("language", raw.language, &LANGUAGE),
        template: checks.optional_id("template", raw.template),
        limit: limit.filter(|it| *it > 0).unwrap_or(usual) as usize,
    };
    checks.done(query)
}

/// The request, which article, and in which revision.
pub(super) fn publish(mut raw: v1::PublishArticleRequest) -> Result<(Same, ArticleRef, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, id, &raw);
    let which = which(&mut checks, "article", &raw.article);
    checks.done((same, which, revision(raw.expected_revision)))
}

/// The request, which article, and in which revision.
pub(super) fn retire(mut raw: v1::RetireArticleRequest) -> Result<(Same, ArticleRef, Option<u64>), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, id, &raw);
    let which = which(&mut checks, "article", &raw.article);
    checks.done((same, which, revision(raw.expected_revision)))
}

/// The request, which article, who says it as one text, and whether it helped.
pub(super) fn rate(
    mut raw: v1::RateArticleRequest,
    caller: &Caller,
) -> Result<(Same, ArticleRef, String, bool), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, id, &raw);
    let which = which(&mut checks, "article", &raw.article);
    let works = caller.has(&[Role::Agent, Role::Manager, Role::Admin]);
    let who = match raw.reader {
        None if works => format!("desk/{}", caller.subject),
        Some(_) if !caller.has(&[Role::Bot]) => {
            checks.wrong("reader", "must be absent: only a bot says who an employee is");
            String::new()
        }
        reader => format!("person/{}", checks.person("reader", reader).key()),
    };
    checks.done((same, which, who, raw.helped))
}

/// The request, and which ticket.
pub(super) fn draft(mut raw: v1::DraftFromTicketRequest) -> Result<(Same, TicketRef), Fault> {
    let mut checks = Checks::default();
    let id = mem::take(&mut raw.request_id);
    let same = Same::of(&mut checks, id, &raw);
    let ticket = checks.ticket("ticket", &raw.ticket);
    checks.done((same, ticket))
}

fn which(checks: &mut Checks, field: &str, raw: &str) -> ArticleRef {
    ArticleRef::parse(raw).unwrap_or_else(|| {
        checks.wrong(field, "must be an article's id like `art_…` or its number like `KB0000001`");
        ArticleRef::Number(String::new())
    })
}

fn revision(raw: u64) -> Option<u64> {
    Some(raw).filter(|it| *it > 0)
}
