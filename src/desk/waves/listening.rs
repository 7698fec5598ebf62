//! Listening to what is committed, by whatever process: a detector for each tenant hears every message, from an hour
//! before the start on, so that a restart forgets nothing. Nothing of it is on the way of a message.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use super::{past::Past, proposing::ACTOR};
use crate::{
    clock,
    desk::{
        Desk,
        fault::Fault,
        knowledge::meaning,
        watch::{Told, Watcher},
    },
    domain::{
        catalog::{Catalog, FALLBACK},
        id::{ConversationId, TicketId, WaveId},
        people::{Caller, Tenant},
        time::Timestamp,
        wave::{Growth, Member, Wave},
    },
    proto::{
        ticket::person_from,
        time::time_from,
        v1::{self, event::Fact},
        wave::wave_from,
    },
    routing::waves::{Detector, Finding, Meaning, Message, Stream, window},
    text::found,
};

/// How often what is known is brought up to date.
const PAUSE: u64 = 1000;
/// So long is waited for what could not be done.
const REST: Duration = Duration::from_secs(5);
/// So much of the past is heard at the start, in milliseconds.
const PAST: i64 = 3_600_000;
/// From this confidence on a message is about a template.
const FLOOR: f32 = 0.3;

/// What is known of one tenant.
struct Room {
    detector: Detector,
    /// The waves that the detector has under way.
    under_way: HashMap<u64, WaveId>,
    /// People of each, as the detector counts them.
    people: HashMap<u64, u32>,
    /// Tickets by the conversations that they were opened of, as long as messages are remembered.
    opened: HashMap<ConversationId, TicketId>,
    order: VecDeque<ConversationId>,
    /// What more is known of waves.
    grown: HashMap<WaveId, Growth>,
    /// Up to when what is usual is kept.
    kept: Timestamp,
}

/// Listens to all tenants.
struct Listener {
    desk: Desk,
    watcher: Watcher,
    rooms: HashMap<Tenant, Room>,
    /// When what is known was brought up to date.
    kept: Timestamp,
}

impl Desk {
    /// Finds waves until the desk goes.
    pub async fn follow_waves(self) {
        loop {
            if let Err(fault) = self.listen().await {
                tracing::warn!(%fault, "waves must wait");
                tokio::time::sleep(REST).await;
            }
        }
    }

    /// Listens until something fails; then what was heard in the last hour is heard again.
    async fn listen(&self) -> Result<(), Fault> {
        let watcher = Watcher::from_now(&self.store, |_| true).await?;
        let begin = Timestamp(clock::now().0 - PAST);
        let mut past = Past::since(&self.store, begin, watcher.told()).await?;
        for tenant in self.store.tenants_with_waves().await? {
            self.current_waves(&tenant).await?;
        }
        let (rooms, kept) = (HashMap::new(), clock::now());
        let mut listener = Listener { desk: self.clone(), watcher, rooms, kept };
        // Nothing ends before all of it is heard again.
        while let Some(event) = past.next().await? {
            listener.hear(&event).await?;
        }
        loop {
            listener.step().await?;
        }
    }
}

impl Listener {
    async fn step(&mut self) -> Result<(), Fault> {
        match self.watcher.hear().await? {
            Told::Event(event) => self.hear(&event).await?,
            Told::Nothing => {}
            // The store is gone, and so is the desk.
            Told::End => std::future::pending().await,
        }
        let now = clock::now();
        // A clock may be set back.
        if now.0.abs_diff(self.kept.0) >= PAUSE {
            self.kept = now;
            self.keep_up(now).await?;
        }
        Ok(())
    }

    async fn hear(&mut self, event: &v1::Event) -> Result<(), Fault> {
        let Some(tenant) = Tenant::parse(&event.tenant) else { return Ok(()) };
        if let Some(Fact::TurnTaken(turn)) = &event.fact {
            self.desk.welcome(&tenant).await?;
            let catalog = self.desk.catalog(&Caller::system(tenant.clone(), ACTOR));
            let Some(message) = message(turn, event, &catalog) else { return Ok(()) };
            let conversation = message.conversation;
            let room = self.room(&tenant, message.at).await?;
            for finding in room.detector.take(message) {
                self.found(&tenant, finding, conversation, event).await?;
            }
        } else if let Some(Fact::TicketOpened(it)) = &event.fact {
            self.opened(&tenant, it).await?;
        } else if let Some(Fact::WaveChanged(it)) = &event.fact {
            self.desk.current_waves(&tenant).await?;
            if let Some(Ok(wave)) = it.wave.as_ref().map(wave_from) {
                self.desk.board.note(&tenant, wave);
            }
        }
        Ok(())
    }

    async fn room(&mut self, tenant: &Tenant, at: Timestamp) -> Result<&mut Room, Fault> {
        if !self.rooms.contains_key(tenant) {
            let rates = self.desk.store.wave_rates(tenant).await?.unwrap_or_default();
            self.desk.current_waves(tenant).await?;
            self.rooms.insert(tenant.clone(), Room::new(Detector::new(rates, at)));
        }
        self.rooms.get_mut(tenant).ok_or(Fault::Unavailable)
    }

    async fn found(
        &mut self,
        tenant: &Tenant,
        finding: Finding,
        conversation: ConversationId,
        event: &v1::Event,
    ) -> Result<(), Fault> {
        let Some(room) = self.rooms.get_mut(tenant) else { return Ok(()) };
        match finding {
            Finding::Begun(begun) => {
                let id = self.desk.propose(tenant, &begun, &room.opened, event).await?;
                tracing::info!(%tenant, wave.id = %id, people = begun.people, "an incident wave");
                room.under_way.insert(begun.wave, id);
                room.people.insert(begun.wave, u32::try_from(begun.people).unwrap_or(u32::MAX));
            }
            Finding::Joined { wave, counts } => {
                let people = room.people.entry(wave).or_default();
                *people += u32::from(counts);
                let people = *people;
                let member = Member { conversation, ticket: room.opened.get(&conversation).copied() };
                if let Some(growth) = room.growth(wave) {
                    growth.members.push(member);
                    growth.people = growth.people.max(people);
                    growth.last = event.time.as_ref().map(time_from).unwrap_or_default();
                }
            }
            Finding::Widened { wave, stream } => {
                let (template, service, assets) = self.desk.about(tenant, &stream);
                if let Some(growth) = room.growth(wave) {
                    growth.assets.extend(assets);
                    growth.about =
                        growth.about.take().or(Some((template, service))).filter(|it| !it.0.is_empty());
                }
            }
        }
        Ok(())
    }

    /// A ticket was opened: it may be one of a wave.
    async fn opened(&mut self, tenant: &Tenant, it: &v1::TicketOpened) -> Result<(), Fault> {
        let Some(opened) = &it.ticket else { return Ok(()) };
        let (Ok(conversation), Ok(ticket)) = (opened.conversation.parse(), opened.id.parse()) else {
            return Ok(());
        };
        let Some(room) = self.rooms.get_mut(tenant) else { return Ok(()) };
        room.note_opened(conversation, ticket);
        let current = self.desk.current_waves(tenant).await?;
        let has = |it: &&Wave| {
            (it.template.is_empty() || it.template == opened.template)
                && it.members.iter().any(|it| it.conversation == conversation)
        };
        for wave in current.iter().filter(has) {
            let growth = room.grown.entry(wave.id).or_default();
            growth.members.push(Member { conversation, ticket: Some(ticket) });
        }
        Ok(())
    }

    /// Says what more is known, ends what is over, and keeps what is usual.
    async fn keep_up(&mut self, now: Timestamp) -> Result<(), Fault> {
        let desk = &self.desk;
        for (tenant, room) in &mut self.rooms {
            room.detector.advance(now);
            for wave in room.detector.over(now) {
                room.under_way.remove(&wave);
                room.people.remove(&wave);
            }
            for (id, growth) in std::mem::take(&mut room.grown) {
                desk.grow(tenant, id, growth).await?;
            }
            if room.kept < room.detector.rates().until() {
                room.kept = room.detector.rates().until();
                desk.store.keep_wave_rates(tenant, room.detector.rates()).await?;
            }
        }
        for tenant in desk.board.tenants() {
            let under_way: HashSet<WaveId> = self
                .rooms
                .get(&tenant)
                .map(|it| it.under_way.values().copied().collect())
                .unwrap_or_default();
            for wave in desk.current_waves(&tenant).await?.iter() {
                desk.keep_up(&tenant, wave, under_way.contains(&wave.id)).await?;
            }
        }
        Ok(())
    }
}

impl Room {
    fn new(detector: Detector) -> Self {
        Self {
            detector,
            under_way: HashMap::new(),
            people: HashMap::new(),
            opened: HashMap::new(),
            order: VecDeque::new(),
            grown: HashMap::new(),
            kept: Timestamp::default(),
        }
    }

    fn note_opened(&mut self, conversation: ConversationId, ticket: TicketId) {
        if self.opened.insert(conversation, ticket).is_none() {
            self.order.push_back(conversation);
        }
        if self.order.len() > window::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.opened.remove(&oldest);
        }
    }

    fn growth(&mut self, wave: u64) -> Option<&mut Growth> {
        Some(self.grown.entry(*self.under_way.get(&wave)?).or_default())
    }
}

/// What was heard, as the detector wants it; nothing if it is about nothing that is watched.
fn message(turn: &v1::TurnTaken, event: &v1::Event, catalog: &Catalog) -> Option<Message> {
    let state = turn.state.as_ref()?;
    let labels = &turn.understanding.as_ref()?.labels;
    let offered = |id: &str| catalog.offered(id).filter(|it| it.id != FALLBACK);
    let template = labels.iter().filter(|it| it.confidence >= FLOOR).find_map(|it| offered(&it.label));
    let mut streams = vec![];
    if let Some(template) = template {
        streams.push(Stream::Template(template.id.clone()));
        if !template.service.is_empty() {
            streams.push(Stream::Service(template.service.clone()));
        }
    }
    // All tags have digits, and many messages have none.
    if turn.text.contains(char::is_numeric) {
        let tag = |it: found::Found| match it.kind {
            found::Kind::AssetTag(tag) => Some(Stream::Asset(tag)),
            found::Kind::Ticket(_)
            | found::Kind::Host(_)
            | found::Kind::ErrorCode(_)
            | found::Kind::Date(_)
            | found::Kind::Time(_) => None,
        };
        streams.extend(found::found(&turn.text).into_iter().filter_map(tag));
    }
    if streams.is_empty() {
        return None;
    }
    let mut hasher = DefaultHasher::new();
    person_from(state.requester.as_ref()?).key().hash(&mut hasher);
    Some(Message {
        at: event.time.as_ref().map(time_from)?,
        requester: hasher.finish(),
        conversation: state.id.parse().ok()?,
        streams,
        meaning: Meaning::of(&meaning(&turn.text).unwrap_or_default()),
    })
}
