//! A conversation between two messages.

use super::pointing::Pointer;
use crate::domain::{
    assignment::Understanding,
    id::{ArticleId, ConversationId, TicketId, WaveId},
    money::Money,
    people::{Language, Person},
    template::Values,
};

/// A conversation between two messages.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its identity.
    pub id: ConversationId,
    /// The bot's own key.
    pub key: String,
    /// Who talks.
    pub requester: Person,
    /// Language of the answers.
    pub language: Language,
    /// What the bot waits for.
    pub phase: Phase,
    /// Problems that wait while another one is talked about, the latest last.
    pub parked: Vec<Draft>,
    /// Tickets talked about here, the latest last; at most eight.
    pub tickets: Vec<TicketId>,
    /// Messages heard.
    pub turns: u32,
    /// Messages in a row that were not understood.
    pub misses: u32,
    /// What they said: with what comes next it may make sense.
    pub unheard: String,
    /// What was added to a ticket without being asked for: a "no" makes it a matter of its own.
    pub aside: String,
    /// The article that was just offered beside what is waited for: whether it has solved it.
    pub offer: Option<ArticleId>,
    /// Articles that were offered here, each once.
    pub offered: Vec<ArticleId>,
    /// The wave that was just asked about: whether theirs is the same.
    pub wave: Option<WaveId>,
    /// Waves that were asked about here, each once.
    pub waves_asked: Vec<WaveId>,
    /// What the messages that were not understood point at.
    pub pointers: Vec<Pointer>,
}

/// What the bot waits for.
#[derive(Debug, Clone, PartialEq)]
pub enum Phase {
    /// Nothing.
    Idle,
    /// Which template is meant.
    Choosing {
        /// What was said so far.
        draft: Draft,
        /// Ids of the templates shown, in order.
        templates: Vec<String>,
    },
    /// A value for a field.
    Filling {
        /// What is known so far.
        draft: Draft,
        /// Id of the field asked for.
        field: String,
        /// How often it was asked.
        tries: u32,
    },
    /// Yes or no to the summary.
    Confirming {
        /// What would be opened.
        draft: Draft,
    },
    /// Which ticket is meant.
    Picking {
        /// What to do with it.
        intent: TicketIntent,
        /// The tickets shown, in order.
        tickets: Vec<TicketId>,
        /// What the employee wrote.
        text: String,
    },
    /// Which of several assets is meant.
    Pointing {
        /// What is known so far; the first of its pointers that fits several assets is asked about.
        draft: Draft,
    },
    /// Whether a request of somebody else may go ahead, or which one is meant.
    Approving {
        /// The requests shown, in order.
        tickets: Vec<TicketId>,
        /// The round of each one's approval that was shown; 0 where it was not known.
        rounds: Vec<u32>,
        /// What was said already; of a no the reason is asked.
        said: Option<Said>,
    },
}

impl Phase {
    /// The round of a request's approval that the employee was shown.
    pub fn shown_round(&self, ticket: TicketId) -> Option<u32> {
        let Self::Approving { tickets, rounds, .. } = self else { return None };
        let shown = tickets.iter().zip(rounds).find(|(id, _)| **id == ticket);
        shown.map(|(_, round)| *round).filter(|it| *it > 0)
    }
}

/// What an approver has said so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl Said {
    /// As a word.
    pub fn of(approves: bool) -> Self {
        if approves { Self::Yes } else { Self::No }
    }
}

/// What an employee wants of a ticket that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TicketIntent {
    /// Know how it goes.
    Status,
    /// Add something.
    Comment,
    /// Be done with it.
    Close,
    /// Have it taken up again.
    Reopen,
}

impl TicketIntent {
    /// Every intent.
    pub const ALL: [Self; 4] = [Self::Status, Self::Comment, Self::Close, Self::Reopen];

    /// The model's label for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Comment => "comment",
            Self::Close => "close",
            Self::Reopen => "reopen",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }
}

/// A ticket in the making.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Draft {
    /// Id of the template; empty while it is unsure.
    pub template: String,
    /// What the employee wrote about it, one message a line.
    pub description: String,
    /// Values known so far.
    pub fields: Values,
    /// What the model understood of its first message.
    pub understanding: Understanding,
    /// Whether the employee has agreed to the template.
    pub confirmed: bool,
    /// Ids of fields that the employee was asked for and cannot tell.
    pub skipped: Vec<String>,
    /// Advice that the employee was given, each as `template.field.option`.
    pub advised: Vec<String>,
    /// The closed ticket that it goes on from.
    pub follows: Option<TicketId>,
    /// An article was offered for it.
    pub article_offered: bool,
    /// The price that the employee was shown.
    pub shown_price: Option<Box<Money>>,
    /// The price that the employee said yes to, as it was shown.
    pub agreed_price: Option<Box<Money>>,
    /// Assets that it is about.
    pub pointers: Vec<Pointer>,
}

impl Conversation {
    /// The tickets that the next message may be about whatever it says: those shown, and the last one.
    pub fn at_hand(&self) -> impl Iterator<Item = TicketId> {
        let shown = if let Phase::Picking { tickets, .. } = &self.phase { tickets.as_slice() } else { &[] };
        shown.iter().chain(self.tickets.last()).copied()
    }

    /// All the tickets that an answer may name whatever the message says: those at hand, and requests of others that were
    /// asked about.
    pub fn named(&self) -> impl Iterator<Item = TicketId> {
        let asked = if let Phase::Approving { tickets, .. } = &self.phase { tickets.as_slice() } else { &[] };
        asked.iter().copied().chain(self.at_hand())
    }

    /// A conversation of which nothing was heard yet.
    pub fn new(id: ConversationId, key: String, requester: Person, language: Language) -> Self {
        Self {
            id,
            key,
            requester,
            language,
            phase: Phase::Idle,
            parked: vec![],
            tickets: vec![],
            turns: 0,
            misses: 0,
            unheard: String::new(),
            aside: String::new(),
            offer: None,
            offered: vec![],
            wave: None,
            waves_asked: vec![],
            pointers: vec![],
        }
    }
}
