//! Listening to what is committed, by whatever process: a detector for each tenant hears every trouble that is told, from
//! an hour before the start on, so that a restart forgets nothing. Nothing of it is on the way of a message.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
    time::Duration,
};

use super::{
    past::Past,
    proposing::ACTOR,
    room::{Opened, Room},
};
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
        id::{ConversationId, WaveId},
        people::{Caller, Tenant},
        template::Template,
        time::Timestamp,
        wave::{Member, Wave},
    },
    proto::{
        ticket::person_from,
        time::time_from,
        v1::{self, event::Fact},
        wave::wave_from,
    },
    routing::waves::{Detector, Finding, Meaning, Message, Stream, Week},
    text::found,
};

/// How often what is known is brought up to date.
const PAUSE: u64 = 1000;
/// So long is waited for what could not be done.
const REST: Duration = Duration::from_secs(5);
/// So much of the past is heard at the start, in milliseconds.
const PAST: i64 = 3_600_000;
/// A clock that is set back by more than this, in milliseconds, makes what is known wrong.
const BACK: i64 = 5 * 60_000;
/// From this confidence on a message is about a template, where the conversation has not settled on one.
const FLOOR: f32 = 0.3;
/// Assets that are watched of one message, the first ones.
const ASSETS: usize = 5;
/// After so many events of the past others have their turn.
const TURN: usize = 64;

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
            match self.listen().await {
                Ok(()) => tracing::info!("the clock was set back: waves are looked for anew"),
                Err(fault) => {
                    tracing::warn!(%fault, "waves must wait");
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// Listens until something fails or the clock is set back; then what was heard in the last hour is heard again.
    async fn listen(&self) -> Result<(), Fault> {
        let watcher = Watcher::from_now(&self.store, |_| true).await?;
        let kept = clock::now();
        let mut past = Past::since(&self.store, Timestamp(kept.0 - PAST), watcher.told()).await?;
        for tenant in self.store.tenants_with_waves().await? {
            self.renewed_waves(&tenant).await?;
        }
        let mut listener = Listener { desk: self.clone(), watcher, rooms: HashMap::new(), kept };
        let mut heard = 0;
        // Nothing ends before all of it is heard again.
        while let Some(event) = past.next().await? {
            listener.hear(&event).await?;
            heard += 1;
            if heard % TURN == 0 {
                tokio::task::yield_now().await;
            }
        }
        while listener.step().await? {}
        Ok(())
    }
}

impl Listener {
    /// Hears what comes next; whether that can go on.
    async fn step(&mut self) -> Result<bool, Fault> {
        match self.watcher.hear().await? {
            Told::Event(event) => self.hear(&event).await?,
            Told::Nothing => {}
            // The store is gone, and so is the desk.
            Told::End => std::future::pending().await,
        }
        let now = clock::now();
        if now.0 + BACK < self.kept.0 {
            return Ok(false);
        }
        // A clock may be set back a little.
        if now.0.abs_diff(self.kept.0) >= PAUSE {
            self.kept = now;
            self.keep_up(now).await?;
        }
        Ok(true)
    }

    async fn hear(&mut self, event: &v1::Event) -> Result<(), Fault> {
        let Some(tenant) = Tenant::parse(&event.tenant) else { return Ok(()) };
        match &event.fact {
            Some(Fact::TurnTaken(turn)) => self.heard(&tenant, turn, event).await,
            Some(Fact::TicketOpened(it)) => self.opened(&tenant, it).await,
            Some(Fact::WaveChanged(it)) => {
                self.desk.current_waves(&tenant).await?;
                if let Some(Ok(wave)) = it.wave.as_ref().map(wave_from) {
                    self.desk.board.note(&tenant, wave);
                }
                Ok(())
            }
            // Nothing else tells of waves.
            Some(_) | None => Ok(()),
        }
    }

    /// A message was heard: each trouble that it tells counts.
    async fn heard(&mut self, tenant: &Tenant, turn: &v1::TurnTaken, event: &v1::Event) -> Result<(), Fault> {
        let at = event.time.as_ref().map(time_from).unwrap_or_default();
        // A clock that was set back has left some of what it would call the future.
        if turn.matters.is_empty() || clock::now().0 + BACK < at.0 {
            return Ok(());
        }
        self.desk.welcome(tenant).await?;
        let catalog = self.desk.catalog(&Caller::system(tenant.clone(), ACTOR));
        for matter in &turn.matters {
            let Some(message) = self.message(tenant, (turn, matter), at, &catalog).await? else { continue };
            let (requester, conversation) = (message.requester, message.conversation);
            let room = self.room(tenant, &catalog, at).await?;
            catch_up(room, at).await?;
            for finding in room.detector.take(message) {
                self.found(tenant, finding, (requester, conversation), event).await?;
            }
        }
        Ok(())
    }

    async fn room(&mut self, tenant: &Tenant, catalog: &Catalog, at: Timestamp) -> Result<&mut Room, Fault> {
        if !self.rooms.contains_key(tenant) {
            let mut rates = self.desk.store.wave_rates(tenant).await?.unwrap_or_default();
            rates.forget_future(at);
            self.desk.current_waves(tenant).await?;
            // Its people live by the clock of the desk.
            let zone = catalog.template(FALLBACK).map_or("UTC", |it| catalog.zone(&it.sla));
            let detector = Detector::new(rates, Week::of(zone), at);
            self.rooms.insert(tenant.clone(), Room::new(detector));
        }
        self.rooms.get_mut(tenant).ok_or(Fault::Unavailable)
    }

    async fn found(
        &mut self,
        tenant: &Tenant,
        finding: Finding,
        (requester, conversation): (u64, ConversationId),
        event: &v1::Event,
    ) -> Result<(), Fault> {
        let Some(room) = self.rooms.get_mut(tenant) else { return Ok(()) };
        match finding {
            Finding::Begun(begun) => {
                let id = self.desk.propose(tenant, &begun, event).await?;
                tracing::info!(%tenant, wave.id = %id, people = begun.people, "an incident wave");
                room.begin(&begun, id);
                // Those who wrote before a wave was known again belong to it as well.
                let growth = room.grown.entry(id).or_default();
                let member = |id: &ConversationId| Member { conversation: *id, ticket: None };
                growth.members.extend(begun.members.iter().map(member));
                growth.last = event.time.as_ref().map(time_from).unwrap_or_default();
                for conversation in &begun.members {
                    self.attach(tenant, Some(id), *conversation).await?;
                }
                self.grow(tenant).await
            }
            Finding::Joined { wave } => {
                let at = event.time.as_ref().map(time_from).unwrap_or_default();
                match room.join(wave, requester, (conversation, at)) {
                    Some(id) => self.attach(tenant, Some(id), conversation).await,
                    None => Ok(()),
                }
            }
            Finding::Widened { wave, stream } => {
                let (template, service, assets) = self.desk.about(tenant, &stream);
                if let Some(growth) = room.growth(wave) {
                    growth.assets.extend(assets);
                    growth.about =
                        growth.about.take().or(Some((template, service))).filter(|it| !it.0.is_empty());
                }
                Ok(())
            }
        }
    }

    /// A ticket was opened: it may be one of a wave.
    async fn opened(&mut self, tenant: &Tenant, it: &v1::TicketOpened) -> Result<(), Fault> {
        let Some(it) = &it.ticket else { return Ok(()) };
        let Ok(conversation) = it.conversation.parse() else { return Ok(()) };
        self.desk.welcome(tenant).await?;
        let catalog = self.desk.catalog(&Caller::system(tenant.clone(), ACTOR));
        let service = catalog.template(&it.template).map_or("", |it| it.service.as_str());
        let Some(opened) = Opened::of(it, service) else { return Ok(()) };
        self.room(tenant, &catalog, clock::now()).await?.note_opened(conversation, opened);
        self.attach(tenant, None, conversation).await
    }

    /// Makes what was opened of a conversation part of one wave, or of all that the conversation is one of: a ticket that
    /// is about the same itself, unless its requester was asked whether it is the same. They have said what they want.
    async fn attach(
        &mut self,
        tenant: &Tenant,
        which: Option<WaveId>,
        conversation: ConversationId,
    ) -> Result<(), Fault> {
        let Some(room) = self.rooms.get_mut(tenant) else { return Ok(()) };
        let current = self.desk.current_waves(tenant).await?;
        let is_one = |it: &&Wave| which.is_none_or(|id| it.id == id) && room.has(it, conversation);
        let waves: Vec<Wave> = current.iter().filter(is_one).cloned().collect();
        for wave in waves {
            for it in room.fitting(&wave, conversation) {
                if !self.desk.store.is_involved(tenant, wave.id, &it.requester).await? {
                    let growth = room.grown.entry(wave.id).or_default();
                    growth.members.push(Member { conversation, ticket: Some(it.ticket) });
                }
            }
        }
        Ok(())
    }

    /// Says what more is known of waves.
    async fn grow(&mut self, tenant: &Tenant) -> Result<(), Fault> {
        let Some(room) = self.rooms.get_mut(tenant) else { return Ok(()) };
        for (id, growth) in std::mem::take(&mut room.grown) {
            self.desk.grow(tenant, id, growth).await?;
        }
        Ok(())
    }

    /// Says what more is known, ends what is over, and keeps what is usual.
    async fn keep_up(&mut self, now: Timestamp) -> Result<(), Fault> {
        let tenants: Vec<Tenant> = self.rooms.keys().cloned().collect();
        for tenant in &tenants {
            self.grow(tenant).await?;
        }
        let desk = &self.desk;
        for (tenant, room) in &mut self.rooms {
            catch_up(room, now).await?;
            let over = room.detector.over(now);
            room.end(&over);
            if room.kept < room.detector.rates().until() {
                room.kept = room.detector.rates().until();
                desk.store.keep_wave_rates(tenant, room.detector.rates(), now).await?;
            }
        }
        for tenant in desk.board.tenants() {
            let going_on: HashSet<WaveId> = self.rooms.get(&tenant).map(Room::going_on).unwrap_or_default();
            for wave in desk.current_waves(&tenant).await?.iter() {
                desk.keep_up(&tenant, wave, going_on.contains(&wave.id)).await?;
            }
        }
        Ok(())
    }

    /// A trouble that was told, as the detector wants it; nothing if it is about nothing that is watched.
    async fn message(
        &self,
        tenant: &Tenant,
        (turn, matter): (&v1::TurnTaken, &v1::TurnMatter),
        at: Timestamp,
        catalog: &Catalog,
    ) -> Result<Option<Message>, Fault> {
        let text = if matter.text.is_empty() { &turn.text } else { &matter.text };
        let template = template(turn, matter, catalog);
        if template.is_some_and(|it| !it.is_watched()) {
            return Ok(None);
        }
        let mut streams = vec![];
        if let Some(template) = template {
            streams.push(Stream::Template(template.id.clone()));
            if !template.service.is_empty() {
                streams.push(Stream::Service(template.service.clone()));
            }
        }
        streams.extend(self.assets(tenant, text).await?.into_iter().map(Stream::Asset));
        let (Some(state), false) = (&turn.state, streams.is_empty()) else { return Ok(None) };
        let (Some(requester), Ok(conversation)) = (&state.requester, state.id.parse()) else {
            return Ok(None);
        };
        let mut hasher = DefaultHasher::new();
        person_from(requester).key().hash(&mut hasher);
        let meaning = Meaning::of(&meaning(text).unwrap_or_default());
        Ok(Some(Message { at, requester: hasher.finish(), conversation, streams, meaning }))
    }

    /// Tags of the assets that a text names, of those that are in the register. Only the first few tags are looked up.
    async fn assets(&self, tenant: &Tenant, text: &str) -> Result<Vec<String>, Fault> {
        // All tags have digits, and many messages have none.
        if !text.contains(char::is_numeric) {
            return Ok(vec![]);
        }
        let mut tags: Vec<String> = vec![];
        for it in found::found(text) {
            if let found::Kind::AssetTag(tag) = it.kind
                && tags.len() < ASSETS
                && !tags.contains(&tag)
            {
                tags.push(tag);
            }
        }
        if tags.is_empty() {
            return Ok(tags);
        }
        let known = self.desk.store.assets_by_tag(tenant, &tags).await?;
        Ok(known.into_iter().filter(|it| !it.removed).map(|it| it.details.tag).collect())
    }
}

/// The template that a trouble is about: what the conversation took it for, else what the message sounds like.
fn template<'a>(turn: &v1::TurnTaken, matter: &v1::TurnMatter, catalog: &'a Catalog) -> Option<&'a Template> {
    if !matter.template.is_empty() && matter.template != FALLBACK {
        return catalog.template(&matter.template);
    }
    let labels = &turn.understanding.as_ref()?.labels;
    let offered = |id: &str| catalog.offered(id).filter(|it| it.id != FALLBACK);
    labels.iter().filter(|it| it.confidence >= FLOOR).find_map(|it| offered(&it.label))
}

/// Lets a detector know how late it is. The end of an hour is work, and many hours are much; others have their turn then.
async fn catch_up(room: &mut Room, now: Timestamp) -> Result<(), Fault> {
    if !room.detector.is_late(now) {
        room.detector.advance(now);
        return Ok(());
    }
    let mut detector = std::mem::take(&mut room.detector);
    let caught_up = tokio::task::spawn_blocking(move || {
        detector.advance(now);
        detector
    });
    room.detector = caught_up.await.map_err(|_| Fault::Unavailable)?;
    Ok(())
}
