//! Articles of the knowledge.

use super::{
    event::Malformed,
    time::{time_from, time_to},
    v1, words,
};
use crate::domain::article::{Article, Content, Counts, Text};

/// In the contract's words, without counts.
pub fn article_to(it: &Article) -> v1::Article {
    v1::Article {
        id: it.id.to_string(),
        number: it.number.clone(),
        revision: it.revision,
        state: words::article_state_to(it.state),
        published_revision: it.published.unwrap_or_default(),
        ticket: it.ticket.map(|it| it.to_string()).unwrap_or_default(),
        author: it.author.clone(),
        create_time: Some(time_to(it.created)),
        update_time: Some(time_to(it.updated)),
        ..content_to(&it.content)
    }
}

/// What an article says, without which one it is.
pub fn content_to(it: &Content) -> v1::Article {
    let text = |it: &Text| v1::ArticleText {
        language: words::language_to(it.language),
        title: it.title.clone(),
        summary: it.summary.clone(),
        body: it.body.clone(),
    };
    v1::Article {
        audience: words::readers_to(it.audience),
        texts: it.texts.iter().map(text).collect(),
        templates: it.templates.clone(),
        services: it.services.clone(),
        owner: it.owner.clone(),
        review_time: it.review.map(time_to),
        ..v1::Article::default()
    }
}

/// From the contract's words, as this program wrote them.
pub fn article_from(it: &v1::Article) -> Result<Article, Malformed> {
    let ticket = Some(&it.ticket).filter(|it| !it.is_empty());
    let time = |it: &Option<_>| it.as_ref().map(time_from).ok_or(Malformed("article.time"));
    Ok(Article {
        id: it.id.parse().map_err(|_| Malformed("article.id"))?,
        number: it.number.clone(),
        revision: it.revision,
        state: words::article_state_from(it.state).ok_or(Malformed("article.state"))?,
        published: Some(it.published_revision).filter(|it| *it > 0),
        content: content_from(it),
        ticket: ticket.map(|it| it.parse().map_err(|_| Malformed("article.ticket"))).transpose()?,
        author: it.author.clone(),
        created: time(&it.create_time)?,
        updated: time(&it.update_time)?,
    })
}

/// What an article says. What is not said, or not known, is for everyone and in English: the entries refuse it.
pub fn content_from(it: &v1::Article) -> Content {
    let text = |it: &v1::ArticleText| Text {
        language: words::language_from(it.language).unwrap_or_default(),
        title: it.title.clone(),
        summary: it.summary.clone(),
        body: it.body.clone(),
    };
    Content {
        audience: words::readers_from(it.audience).unwrap_or_default(),
        texts: it.texts.iter().map(text).collect(),
        templates: it.templates.clone(),
        services: it.services.clone(),
        owner: it.owner.clone(),
        review: it.review_time.as_ref().map(time_from),
    }
}

/// How an article is used.
pub fn counts_to(it: &Counts) -> v1::ArticleCounts {
    v1::ArticleCounts {
        shown: it.shown,
        helped: it.helped,
        not_helped: it.not_helped,
        helps_at_least: it.helps_at_least().unwrap_or_default(),
    }
}
