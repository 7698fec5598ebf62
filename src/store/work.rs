//! What callers hand to a writer, and how they learn what came of it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::unit::Unit;
use crate::domain::{
    change::Span,
    id::{ArticleId, ConversationId, ImprovementId, ProfileId, Slot, TicketId},
    people::Tenant,
    time::Timestamp,
};

/// One request for a change: who, when, where, and what its decision needs to read.
#[derive(Debug, Clone)]
pub struct Work {
    /// Whose desk.
    pub tenant: Tenant,
    /// Identity of the request; one effect for each.
    pub request: String,
    /// Hash of the request's content: the same identity with another content is refused.
    pub content: [u8; 32],
    /// Who asks, for the history.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Where all that it changes belongs.
    pub slot: Slot,
    /// What its decision reads.
    pub wants: Wants,
}

/// What a decision reads; anything else is not there for it.
#[derive(Debug, Clone, Default)]
pub struct Wants {
    /// A conversation, and the tickets that are talked about in it.
    pub conversation: Option<ConversationId>,
    /// Tickets.
    pub tickets: Vec<TicketId>,
    /// Agents whose loads matter; shared, since many works want the same.
    pub agents: Arc<[String]>,
    /// Whether the catalogue's version matters.
    pub catalog: bool,
    /// Entries of the directory of people.
    pub people: Vec<ProfileId>,
    /// User names, in lower case, of which it matters whose they are.
    pub user_names: Vec<String>,
    /// Articles of the knowledge.
    pub articles: Vec<ArticleId>,
    /// What came of articles for readers.
    pub uses: Vec<(ArticleId, String)>,
    /// Improvements of the register.
    pub improvements: Vec<ImprovementId>,
    /// Whether the tenant's incident waves matter.
    pub waves: bool,
    /// The time in which it matters which of the tenant's changes have their place in the calendar.
    pub changes: Option<Span>,
    /// Whether it matters when the register of assets last changed.
    pub register: bool,
    /// So many rows come of it at most, where that is many: the transaction has more time for them.
    pub rows: usize,
}

/// Why work was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undone<R> {
    /// The decision said no; nothing was stored.
    Refused(R),
    /// The request's identity was used for something else.
    OtherContent,
    /// Too much waits already; try later.
    Full,
    /// The database does not answer. Whether the work was done is not known; the same request
    /// identity finds out.
    Unavailable,
}

/// How one piece of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ending {
    Done(Vec<u8>),
    Refused,
    OtherContent,
    Unavailable,
    /// Nobody waited for it any more.
    Skipped,
}

/// Work with its decision and whoever waits for it, whatever its type of refusal.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) call: Box<dyn Call>,
}

/// The part of a job that knows its type of refusal. Decisions may be asked again: after a clash in
/// the database, or when numbers ran out.
pub(super) trait Call: Send {
    /// Nobody waits any more.
    fn is_gone(&self) -> bool;
    /// The reply, or nothing if it was refused.
    fn decide(&mut self, unit: &mut Unit<'_>) -> Option<Vec<u8>>;
    /// Tells whoever waits.
    fn answer(self: Box<Self>, ending: Ending);
}

/// A decision, the refusal it gave last, and the way back.
pub(super) struct Asked<R, D> {
    pub(super) decide: D,
    pub(super) refusal: Option<R>,
    pub(super) reply: oneshot::Sender<Result<Vec<u8>, Undone<R>>>,
}

impl<R, D> Call for Asked<R, D>
where
    R: Send,
    D: FnMut(&mut Unit<'_>) -> Result<Vec<u8>, R> + Send,
{
    fn is_gone(&self) -> bool {
        self.reply.is_closed()
    }

    fn decide(&mut self, unit: &mut Unit<'_>) -> Option<Vec<u8>> {
        match (self.decide)(unit) {
            Ok(reply) => Some(reply),
            Err(refusal) => {
                self.refusal = Some(refusal);
                None
            }
        }
    }

    fn answer(self: Box<Self>, ending: Ending) {
        let answer = match ending {
            Ending::Done(reply) => Ok(reply),
            Ending::Refused => Err(self.refusal.map_or(Undone::Unavailable, Undone::Refused)),
            Ending::OtherContent => Err(Undone::OtherContent),
            Ending::Unavailable | Ending::Skipped => Err(Undone::Unavailable),
        };
        // Whoever has gone meanwhile finds the reply under the same request identity.
        let _ = self.reply.send(answer);
    }
}
