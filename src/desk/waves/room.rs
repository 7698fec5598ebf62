//! What is known of one tenant while its messages are listened to.

use std::collections::{HashMap, HashSet, VecDeque};

use super::asking::{Means, fits, meanings};
use crate::{
    domain::{
        id::{ConversationId, TicketId, WaveId},
        people::Person,
        time::Timestamp,
        wave::{Growth, Member, Wave},
    },
    proto::{ticket::person_from, v1},
    routing::waves::{Begun, Detector, Meaning, window},
};

/// Tickets that are remembered of a conversation, the latest.
const OPENED: usize = 4;

/// What is known of one tenant.
pub(super) struct Room {
    pub(super) detector: Detector,
    /// The waves that the detector has under way.
    under_way: HashMap<u64, UnderWay>,
    /// Tickets by the conversations that they were opened of, as long as messages are remembered.
    opened: HashMap<ConversationId, Vec<Opened>>,
    order: VecDeque<ConversationId>,
    /// What more is known of waves.
    pub(super) grown: HashMap<WaveId, Growth>,
    /// Up to when what is usual is kept.
    pub(super) kept: Timestamp,
}

/// A wave that the detector has under way.
struct UnderWay {
    id: WaveId,
    /// Hashes of the people who write about it.
    people: HashSet<u64>,
}

/// A ticket that was opened of a conversation.
#[derive(Clone)]
pub(super) struct Opened {
    pub(super) ticket: TicketId,
    pub(super) requester: Person,
    template: String,
    service: String,
    assets: Vec<String>,
    meanings: Vec<Meaning>,
}

impl Room {
    pub(super) fn new(detector: Detector) -> Self {
        Self {
            detector,
            under_way: HashMap::new(),
            opened: HashMap::new(),
            order: VecDeque::new(),
            grown: HashMap::new(),
            kept: Timestamp::default(),
        }
    }

    /// A wave has begun, or one that is known goes on.
    pub(super) fn begin(&mut self, begun: &Begun, id: WaveId) {
        let people = begun.requesters.iter().copied().collect();
        self.under_way.insert(begun.wave, UnderWay { id, people });
    }

    /// A message belongs to a wave: which one that is, and what more is known of it by now. Each person is one member.
    pub(super) fn join(
        &mut self,
        wave: u64,
        requester: u64,
        (conversation, at): (ConversationId, Timestamp),
    ) -> Option<WaveId> {
        let under_way = self.under_way.get_mut(&wave)?;
        let is_new = under_way.people.len() < window::MOST && under_way.people.insert(requester);
        let growth = self.grown.entry(under_way.id).or_default();
        growth.people = growth.people.max(u32::try_from(under_way.people.len()).unwrap_or(u32::MAX));
        growth.last = growth.last.max(at);
        if is_new {
            growth.members.push(Member { conversation, ticket: None });
        }
        Some(under_way.id)
    }

    /// What more is known of a wave that the detector has under way.
    pub(super) fn growth(&mut self, wave: u64) -> Option<&mut Growth> {
        Some(self.grown.entry(self.under_way.get(&wave)?.id).or_default())
    }

    /// The detector's waves that are over are forgotten.
    pub(super) fn end(&mut self, over: &[u64]) {
        over.iter().for_each(|it| drop(self.under_way.remove(it)));
    }

    /// The waves that go on.
    pub(super) fn going_on(&self) -> HashSet<WaveId> {
        self.under_way.values().map(|it| it.id).collect()
    }

    /// Whether a conversation is one of a wave's, as far as that is known by now.
    pub(super) fn has(&self, wave: &Wave, conversation: ConversationId) -> bool {
        let is_it = |it: &Member| it.conversation == conversation;
        let grown = self.grown.get(&wave.id).map(|it| it.members.as_slice()).unwrap_or_default();
        wave.members.iter().chain(grown).any(is_it)
    }

    /// Keeps that a ticket was opened.
    pub(super) fn note_opened(&mut self, conversation: ConversationId, opened: Opened) {
        let all = self.opened.entry(conversation).or_insert_with(|| {
            self.order.push_back(conversation);
            vec![]
        });
        all.retain(|it| it.ticket != opened.ticket);
        all.push(opened);
        if OPENED < all.len() {
            all.remove(0);
        }
        if self.order.len() > window::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.opened.remove(&oldest);
        }
    }

    /// The tickets of a conversation that are about a wave themselves.
    pub(super) fn fitting(&self, wave: &Wave, conversation: ConversationId) -> Vec<Opened> {
        let all = self.opened.get(&conversation).into_iter().flatten();
        all.filter(|it| it.fits(wave)).cloned().collect()
    }
}

impl Opened {
    /// A ticket with the service of its template.
    pub(super) fn of(it: &v1::Ticket, service: &str) -> Option<Self> {
        Some(Self {
            ticket: it.id.parse().ok()?,
            requester: person_from(it.requester.as_ref()?),
            template: it.template.clone(),
            service: service.to_owned(),
            assets: it.assets.iter().map(|it| it.tag.clone()).collect(),
            meanings: meanings(&it.description),
        })
    }

    fn fits(&self, wave: &Wave) -> bool {
        let Self { template, service, assets, meanings, .. } = self;
        fits(wave, &Means { template, service, assets, meanings })
    }
}
