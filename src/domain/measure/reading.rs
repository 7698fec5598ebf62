//! What articles solved in one conversation.

use std::sync::Arc;

use crate::domain::time::Timestamp;

/// A ticket opened within so many milliseconds in the same conversation is one of the same trouble: 24 hours. A
/// conversation with a bot has no end, so what comes days later is another one.
const SAME: i64 = 86_400_000;

/// An employee said that an article helped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Help {
    /// Id of the article.
    pub article: Arc<str>,
    /// When they first said so.
    pub at: Timestamp,
    /// A ticket came all the same.
    pub in_vain: bool,
}

/// They say that an article helped, or say so no more.
pub(super) fn note(helps: &mut Vec<Help>, article: &Arc<str>, helped: bool, at: Timestamp) {
    if !helped {
        helps.retain(|it| it.article != *article);
    } else if !helps.iter().any(|it| it.article == *article) {
        helps.push(Help { article: Arc::clone(article), at, in_vain: false });
    }
}

/// A ticket is opened in the conversation.
pub(super) fn came(helps: &mut [Help], at: Timestamp) {
    for it in helps.iter_mut().filter(|it| (0..SAME).contains(&(at.0 - it.at.0))) {
        it.in_vain = true;
    }
}
