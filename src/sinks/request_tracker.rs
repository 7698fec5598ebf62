//! Request Tracker 5, over REST 2.0 with a token. It has no idempotency key, so every ticket carries ours
//! in the custom field `DispatchKey` and every message carries the event's position in its subject; both
//! are looked for before anything is made, and read back after. Reading back is needed: it answers 201 to
//! custom fields that it does not know, and 200 to changes that it refused. Until a queue has shown that it
//! keeps the key, the key stands in the subjects of its new tickets as well, and is taken away again after.

mod approval;
mod change;
mod note;
mod open;
mod record;
mod say;
pub mod wording;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, PoisonError},
};

use super::{
    Delivered, Undelivered,
    rest::Rest,
    settings::{BadSink, SinkSettings},
};
use crate::proto::v1::{self, event::Fact};

/// The custom field that ties a record to a ticket of ours. It has to be made once, by an administrator.
pub const KEY: &str = "DispatchKey";
/// A custom field for the ticket's number, filled in where the queue has it.
pub const NUMBER: &str = "DispatchNumber";

/// One Request Tracker.
#[derive(Debug)]
pub struct RequestTracker {
    name: String,
    rest: Rest,
    queues: BTreeMap<String, String>,
    default_queue: String,
    owners: BTreeMap<String, String>,
    seen: Mutex<Seen>,
    /// For tests: see `creating_without_search`.
    #[cfg(debug_assertions)]
    is_careless: bool,
}

/// What has been found out about the other side. Forgetting it costs requests; only a message that the token
/// may not see is posted once more.
#[derive(Debug, Default)]
struct Seen {
    /// Queues that have the custom field for the key, and whether they have the one for the number.
    queues: BTreeMap<String, bool>,
    /// Queues whose records have been seen to keep their key.
    keeping: BTreeSet<String>,
    /// Records that were made and did not keep their key, by key.
    keyless: BTreeMap<String, String>,
    /// Markers of messages that were posted and have not been seen.
    posted: BTreeSet<String>,
}

impl RequestTracker {
    /// A tracker from its settings; nothing is asked of it yet.
    pub fn new(settings: &SinkSettings) -> Result<Self, BadSink> {
        settings.check()?;
        Ok(Self {
            name: settings.name.clone(),
            rest: Rest::new(settings, "REST/2.0", &format!("token {}", settings.token.0))?,
            queues: settings.queues.clone(),
            default_queue: settings.default_queue.clone(),
            owners: settings.owners.clone(),
            seen: Mutex::default(),
            #[cfg(debug_assertions)]
            is_careless: false,
        })
    }

    /// See [`super::Sink::creating_without_search`].
    #[cfg(debug_assertions)]
    pub fn creating_without_search(self) -> Self {
        Self { is_careless: true, ..self }
    }

    /// Its name in receipts, metrics and logs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// See [`super::Sink::deliver`].
    pub async fn deliver(&self, event: &v1::Event, link: Option<&str>) -> Result<Delivered, Undelivered> {
        match &event.fact {
            Some(Fact::TicketOpened(it)) => self.open(event, it).await,
            Some(Fact::TicketCommented(it)) => self.comment(event, &self.id_of(event, link).await?, it).await,
            Some(Fact::TicketMoved(it)) => self.follow(event, &self.id_of(event, link).await?, it).await,
            Some(Fact::TicketAssigned(it)) => {
                self.hand_over(event, &self.id_of(event, link).await?, it).await
            }
            Some(Fact::TicketUpdated(it)) => self.update(event, &self.id_of(event, link).await?, it).await,
            Some(Fact::TicketTaskChanged(it)) => {
                self.note_task(event, &self.id_of(event, link).await?, it).await
            }
            Some(Fact::TicketEscalated(it)) => self.warn(event, &self.id_of(event, link).await?, it).await,
            Some(Fact::ApprovalAsked(it)) => {
                let text = approval::asked(it);
                self.tell_agents(event, &self.id_of(event, link).await?, &text).await
            }
            Some(Fact::ApprovalVoted(it)) => {
                let text = approval::voted(it);
                self.tell_agents(event, &self.id_of(event, link).await?, &text).await
            }
            Some(Fact::ApprovalEnded(it)) => self.settle(event, &self.id_of(event, link).await?, it).await,
            Some(
                Fact::TicketLinked(_)
                | Fact::TicketUnlinked(_)
                | Fact::TicketWatched(_)
                | Fact::TicketAttached(_)
                | Fact::TicketDetached(_),
            ) => self.note(event, &self.id_of(event, link).await?).await,
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
            | None => Ok(Delivered::Skipped),
        }
    }

    /// The record of the event's ticket: the one linked, or else the one that carries its key.
    async fn id_of(&self, event: &v1::Event, link: Option<&str>) -> Result<String, Undelivered> {
        if let Some(id) = link {
            return Ok(id.to_owned());
        }
        self.find(&event.subject).await?.ok_or_else(|| Undelivered::Never {
            why: format!("no ticket carries {KEY} {}: its opening was never delivered here", event.subject),
        })
    }

    fn queue_of(&self, group: &str) -> &str {
        self.queues.get(group).map_or(&self.default_queue, |it| it)
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
