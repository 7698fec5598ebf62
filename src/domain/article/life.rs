//! The life of an article as a table: which revision may follow which.

use super::{
    Article,
    ArticleState::{self, Draft, Published, Retired},
    Content,
};
use crate::domain::{id::ArticleId, time::Timestamp};

/// Every step that an article may take. What is not here may not happen.
pub const ARTICLE: &[(ArticleState, ArticleState)] = &[
    (Draft, Draft),
    (Draft, Published),
    (Draft, Retired),
    // Readers go on seeing what was published until the new revision is.
    (Published, Draft),
    (Published, Retired),
    // It is taken up again.
    (Retired, Draft),
];

/// Why an article does not take a step.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such step.
    #[error(
        "{number} is {} and cannot become {}; it may become {}", from.as_str(), to.as_str(), allowed(*from)
    )]
    NoSuchStep {
        /// The article's number.
        number: String,
        /// Where it is.
        from: ArticleState,
        /// Where it was to go.
        to: ArticleState,
    },
    /// The ticket that it was to be drafted from is not resolved, or nobody has said how.
    #[error(
        "{0} is not resolved with a resolution in words, so there is nothing to learn of it; resolve it first"
    )]
    Unresolved(String),
    /// Readers do not see it, so that it can have helped nobody.
    #[error("{0} is not published, so it can have helped nobody; publish it first")]
    OutOfSight(String),
    /// It says nothing yet.
    #[error("{0} has no text; give it one before it is published")]
    NoText(String),
}

fn allowed(from: ArticleState) -> String {
    let all: Vec<_> = ARTICLE.iter().filter(|it| it.0 == from).map(|it| it.1.as_str()).collect();
    all.join(" or ")
}

impl Article {
    /// The first revision of a new article.
    pub fn first(id: ArticleId, number: String, content: Content, author: &str, at: Timestamp) -> Self {
        Self {
            id,
            number,
            revision: 1,
            state: Draft,
            published: None,
            content,
            ticket: None,
            author: author.to_owned(),
            created: at,
            updated: at,
        }
    }

    /// The next revision, with other content.
    pub fn rewritten(&self, content: Content, author: &str, at: Timestamp) -> Result<Self, Refused> {
        let next = self.stepped(Draft, author, at)?;
        Ok(Self { content, ..next })
    }

    /// The next revision, which readers see.
    pub fn publish(&self, author: &str, at: Timestamp) -> Result<Self, Refused> {
        let next = self.stepped(Published, author, at)?;
        if next.content.texts.is_empty() {
            return Err(Refused::NoText(self.number.clone()));
        }
        Ok(Self { published: Some(next.revision), ..next })
    }

    /// The next revision, with which it is out of sight.
    pub fn retire(&self, author: &str, at: Timestamp) -> Result<Self, Refused> {
        Ok(Self { published: None, ..self.stepped(Retired, author, at)? })
    }

    fn stepped(&self, to: ArticleState, author: &str, at: Timestamp) -> Result<Self, Refused> {
        if !ARTICLE.contains(&(self.state, to)) {
            return Err(Refused::NoSuchStep { number: self.number.clone(), from: self.state, to });
        }
        let revision = self.revision + 1;
        Ok(Self { revision, state: to, author: author.to_owned(), updated: at, ..self.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{article::Text, id::Slot};

    fn draft() -> Article {
        let content = Content { texts: vec![Text::default()], ..Content::default() };
        Article::first(ArticleId::new([1; 16], Slot(0)), "KB0000001".into(), content, "mei", Timestamp(1))
    }

    #[test]
    fn readers_keep_what_was_published_until_the_next_revision_is() {
        let published = draft().publish("mei", Timestamp(2)).unwrap();
        assert_eq!((published.revision, published.published), (2, Some(2)));
        let edited = published.rewritten(Content::default(), "mei", Timestamp(3)).unwrap();
        assert_eq!((edited.revision, edited.state, edited.published), (3, Draft, Some(2)));
        assert!(!edited.is_in_sight());
        let retired = edited.retire("mei", Timestamp(4)).unwrap();
        assert_eq!((retired.state, retired.published), (Retired, None));
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_with_what_is() {
        let retired = draft().retire("mei", Timestamp(2)).unwrap();
        let refused = retired.publish("mei", Timestamp(3)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "KB0000001 is retired and cannot become published; it may become draft"
        );
        let published = draft().publish("mei", Timestamp(2)).unwrap();
        assert!(published.publish("mei", Timestamp(3)).is_err());
    }

    #[test]
    fn an_article_without_a_text_is_not_published() {
        let empty = Article { content: Content::default(), ..draft() };
        assert_eq!(empty.publish("mei", Timestamp(2)), Err(Refused::NoText("KB0000001".into())));
    }

    #[test]
    fn every_state_can_be_left() {
        for state in ArticleState::ALL {
            assert!(ARTICLE.iter().any(|(from, to)| *from == state && to != from), "{state:?}");
        }
    }
}
