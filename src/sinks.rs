//! The ticket stores downstream. It owns how each product is spoken to: how an event is told to it once
//! and only once, and what its refusals mean. It knows no stream and no database of ours: whoever calls
//! keeps the receipts, waits between attempts, and decides when to give up.

pub mod request_tracker;
pub mod rest;
pub mod settings;

use std::time::Duration;

use self::{
    request_tracker::RequestTracker,
    settings::{BadSink, SinkKind, SinkSettings},
};
use crate::proto::v1::{self, event::Fact};

/// After a time-out, a broken line or the end of our own process a store is likely still at work; asking it
/// sooner could miss what it is about to do.
pub const STILL_AT_WORK: Duration = Duration::from_secs(10);

/// A ticket store downstream. The set is closed and small: a new product is one file, one variant, and
/// the arms that the compiler then asks for.
#[derive(Debug)]
pub enum Sink {
    /// Best Practical's Request Tracker 5.
    RequestTracker(RequestTracker),
}

/// What became of an event that is done with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// It had its effect on the record with this id, which was read back.
    To(String),
    /// Nothing that this store keeps.
    Skipped,
}

/// Why an event is not delivered yet, by what the caller must do next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// Try the same event again; whether it had its effect is unknown, and the next attempt finds out.
    #[error("{why}")]
    Again {
        /// Not before this has passed, if the store said so or is likely still at work.
        after: Option<Duration>,
        /// What happened.
        why: String,
    },
    /// The store is not there, or has no time for anybody. That says nothing about this event, so it
    /// does not count as an attempt.
    #[error("{why}")]
    Away {
        /// Not before this has passed, if the store said so.
        after: Option<Duration>,
        /// What happened.
        why: String,
    },
    /// It will never take this one.
    #[error("{why}")]
    Never {
        /// What the store said.
        why: String,
    },
    /// It takes nothing until a person has set something right: credentials, rights, a queue, a field.
    #[error("{why}")]
    Blocked {
        /// What to set right.
        why: String,
    },
}

impl Sink {
    /// The sink that the settings describe.
    pub fn new(settings: &SinkSettings) -> Result<Self, BadSink> {
        match settings.kind {
            SinkKind::RequestTracker => RequestTracker::new(settings).map(Self::RequestTracker),
        }
    }

    /// Makes records without looking for those that earlier attempts made: what the checks of the tests
    /// must notice.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn creating_without_search(self) -> Self {
        match self {
            Self::RequestTracker(it) => Self::RequestTracker(it.creating_without_search()),
        }
    }

    /// Its name in receipts, metrics and logs.
    pub fn name(&self) -> &str {
        match self {
            Self::RequestTracker(it) => it.name(),
        }
    }

    /// Whether an event is anything to a ticket store: conversations, the catalogue, and what comes
    /// before a ticket is somebody's are not.
    pub fn wants(&self, event: &v1::Event) -> bool {
        match &event.fact {
            Some(
                Fact::TicketOpened(_)
                | Fact::TicketAssigned(_)
                | Fact::TicketCommented(_)
                | Fact::TicketMoved(_)
                | Fact::TicketUpdated(_)
                | Fact::ApprovalAsked(_)
                | Fact::ApprovalVoted(_)
                | Fact::ApprovalEnded(_)
                | Fact::TicketTaskChanged(_)
                | Fact::TicketEscalated(_)
                | Fact::TicketLinked(_)
                | Fact::TicketUnlinked(_)
                | Fact::TicketWatched(_)
                | Fact::TicketAttached(_)
                | Fact::TicketDetached(_),
            ) => true,
            Some(
                Fact::TicketOffered(_)
                | Fact::TicketOfferPassed(_)
                | Fact::AgentPresenceChanged(_)
                | Fact::ApprovalHanded(_)
                | Fact::ApprovalReminded(_)
                | Fact::ApprovalExpired(_)
                | Fact::ApprovalStepEnded(_)
                | Fact::ApprovalRestarted(_)
                | Fact::TurnTaken(_)
                | Fact::CatalogApplied(_)
                | Fact::PersonChanged(_)
                | Fact::ArticleChanged(_)
                | Fact::ArticleUsed(_)
                | Fact::WaveChanged(_)
                | Fact::WaveJoined(_)
                | Fact::WaveLeft(_)
                | Fact::AssetChanged(_)
                | Fact::TicketDiagnosed(_)
                | Fact::TicketPlanned(_)
                | Fact::TicketScheduled(_)
                | Fact::TicketReviewed(_)
                | Fact::TicketSurveyAsked(_)
                | Fact::TicketRated(_)
                | Fact::ImprovementChanged(_)
                | Fact::TicketAssetsChanged(_),
            )
            | None => false,
        }
    }

    /// Tells the store about one event. `link` is the store's id of the ticket, where it is known. Safe
    /// to repeat: what an earlier attempt has done is found, not done again.
    pub async fn deliver(&self, event: &v1::Event, link: Option<&str>) -> Result<Delivered, Undelivered> {
        match self {
            Self::RequestTracker(it) => it.deliver(event, link).await,
        }
    }
}
