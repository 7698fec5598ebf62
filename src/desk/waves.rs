//! Incident waves: they are found in the log of what was heard ([`listening`]), proposed and kept up with
//! ([`proposing`]), decided about by people of the desk (here), and later callers are asked about them ([`asking`]). What
//! follows for tickets is in [`following`].
//!
//! All of a tenant's waves lie in one partition. Whoever proposes one sees those that there are, so that two replicas that
//! find the same propose one.

mod asking;
mod following;
mod listening;
mod past;
mod proposing;
mod room;

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
};

use prost::Message as _;

pub(super) use self::asking::Asking;
use super::{
    Desk, digest,
    fault::{Fault, undone},
    people::Asked,
};
use crate::{
    clock,
    domain::{
        id::{Slot, TicketId, WaveId},
        lookup::{TicketRef, WaveRef},
        people::{Caller, Person, Tenant},
        ticket::Ticket,
        time::Timestamp,
        wave::{Parent, Refused, Wave, WaveState},
    },
    proto::{
        v1,
        wave::{wave_from, wave_to},
    },
    store::{Store, Unit, Wants, Work},
};

/// What is known of waves is looked up again after so long, in milliseconds: another process may have decided.
const FRESH: u64 = 1000;

/// The waves of each tenant that are current, as far as this process knows.
#[derive(Debug, Default)]
pub(super) struct Board(RwLock<HashMap<Tenant, Seen>>);

/// What was read of a tenant, and when.
#[derive(Debug, Clone, Default)]
struct Seen {
    waves: Arc<Vec<Wave>>,
    at: Timestamp,
}

impl Board {
    fn of(&self, tenant: &Tenant) -> Option<Seen> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(tenant).cloned()
    }

    fn tenants(&self) -> Vec<Tenant> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// What was read of a tenant from a time on. What was noted meanwhile is more recent.
    fn renew(&self, tenant: &Tenant, mut waves: Vec<Wave>, at: Timestamp) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(tenant) {
            for wave in known.waves.iter().filter(|it| at <= it.updated) {
                if waves.iter().all(|it| it.id != wave.id || it.version < wave.version) {
                    waves.retain(|it| it.id != wave.id);
                    waves.push(wave.clone());
                }
            }
        }
        all.insert(tenant.clone(), Seen { waves: Arc::new(waves), at });
    }

    /// A wave as it is now, unless a later version is known.
    fn note(&self, tenant: &Tenant, wave: Wave) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = all.get_mut(tenant) else { return };
        if known.waves.iter().any(|it| it.id == wave.id && it.version >= wave.version) {
            return;
        }
        let waves = Arc::make_mut(&mut known.waves);
        waves.retain(|it| it.id != wave.id);
        if wave.state.is_current() {
            waves.push(wave);
        }
    }
}

/// What a person of the desk wants of a wave.
#[derive(Debug, Clone)]
enum Step {
    /// It is one; this ticket shall be the parent, or the oldest of its own.
    Accept(Option<TicketId>),
    /// It is none, for this reason.
    Dismiss(String),
    /// It has ended, for this reason.
    Close(String),
}

/// A tenant's waves, and on whose behalf they are decided about.
#[derive(Clone)]
pub struct Waves {
    store: Store,
    board: Arc<Board>,
    tenant: Tenant,
    actor: String,
}

impl std::fmt::Debug for Waves {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waves").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

impl Desk {
    /// The waves of the caller's tenant.
    pub fn waves(&self, caller: &Caller) -> Waves {
        Waves {
            store: self.store.clone(),
            board: Arc::clone(&self.board),
            tenant: caller.tenant.clone(),
            actor: caller.subject.clone(),
        }
    }

    /// Makes a candidate a major incident. The others of the wave have become part of it when this ends, unless something
    /// is in the way.
    pub async fn accept_wave(
        &self,
        caller: &Caller,
        asked: Asked<'_>,
        which: &WaveRef,
        parent: Option<&TicketRef>,
        expected: Option<u64>,
    ) -> Result<Wave, Fault> {
        let wave = self.waves(caller).accept(asked, which, parent, expected).await?;
        self.draw_at_once().await;
        Ok(wave)
    }

    /// The tenant's waves that are current, as far as this process knows.
    async fn current_waves(&self, tenant: &Tenant) -> Result<Arc<Vec<Wave>>, Fault> {
        match self.board.of(tenant) {
            Some(seen) => Ok(seen.waves),
            None => self.renewed_waves(tenant).await,
        }
    }

    /// The same, and no older than a second.
    async fn fresh_waves(&self, tenant: &Tenant) -> Result<Arc<Vec<Wave>>, Fault> {
        match self.board.of(tenant) {
            Some(seen) if clock::now().0.abs_diff(seen.at.0) < FRESH => Ok(seen.waves),
            Some(_) | None => self.renewed_waves(tenant).await,
        }
    }

    async fn renewed_waves(&self, tenant: &Tenant) -> Result<Arc<Vec<Wave>>, Fault> {
        let at = clock::now();
        self.board.renew(tenant, self.store.current_waves(tenant).await?, at);
        Ok(self.board.of(tenant).unwrap_or_default().waves)
    }
}

impl Waves {
    /// The waves of a tenant; `actor` stands in the history for whoever decides about them.
    pub fn new(store: Store, tenant: Tenant, actor: String) -> Self {
        Self { store, board: Arc::default(), tenant, actor }
    }

    /// One wave.
    pub async fn get(&self, which: &WaveRef) -> Result<Wave, Fault> {
        self.store.wave(&self.tenant, which).await?.ok_or(Fault::NotFound("wave"))
    }

    /// Waves in a state or in any, the newest first, older than one of them.
    pub async fn list(
        &self,
        state: Option<WaveState>,
        before: Option<WaveId>,
        limit: u32,
    ) -> Result<Vec<Wave>, Fault> {
        Ok(self.store.waves(&self.tenant, state, before, limit).await?)
    }

    /// Those who have joined a wave, in the order of their keys, behind one of these.
    pub async fn people(&self, which: &WaveRef, after: &str, limit: u32) -> Result<Vec<Person>, Fault> {
        let wave = self.get(which).await?;
        Ok(self.store.joined(&self.tenant, wave.id, after, limit).await?)
    }

    /// Makes a candidate a major incident: the ticket that is named, or the oldest of the wave that can be, becomes the
    /// parent. That the others become part of it follows.
    pub async fn accept(
        &self,
        asked: Asked<'_>,
        which: &WaveRef,
        parent: Option<&TicketRef>,
        expected: Option<u64>,
    ) -> Result<Wave, Fault> {
        let parent = match parent {
            Some(named) => {
                let found = self.store.ticket(&self.tenant, named).await?;
                Some(found.ok_or(Fault::NotFound("ticket"))?.id)
            }
            None => None,
        };
        self.step(asked, which, expected, Step::Accept(parent)).await
    }

    /// Says that a candidate is no wave.
    pub async fn dismiss(
        &self,
        asked: Asked<'_>,
        which: &WaveRef,
        reason: String,
        expected: Option<u64>,
    ) -> Result<Wave, Fault> {
        self.step(asked, which, expected, Step::Dismiss(reason)).await
    }

    /// Ends a wave.
    pub async fn close(
        &self,
        asked: Asked<'_>,
        which: &WaveRef,
        reason: String,
        expected: Option<u64>,
    ) -> Result<Wave, Fault> {
        self.step(asked, which, expected, Step::Close(reason)).await
    }

    async fn step(
        &self,
        asked: Asked<'_>,
        which: &WaveRef,
        expected: Option<u64>,
        step: Step,
    ) -> Result<Wave, Fault> {
        let found = self.get(which).await?;
        let work = self.work(asked, &found, &step);
        let (author, at) = (self.actor.clone(), work.at);
        let decide = move |unit: &mut Unit<'_>| {
            // One that ended long ago is not among those that matter, and does not change any more.
            let wave = unit.waves().find(|it| it.id == found.id).unwrap_or(&found).clone();
            if let Some(expected) = expected.filter(|it| *it != wave.version) {
                return Err(Fault::Stale { what: "wave", expected, current: wave.version });
            }
            let next = match &step {
                Step::Accept(named) => {
                    let next = wave.step(WaveState::Accepted, &author, at)?;
                    Wave { parent: Some(lead(unit, &wave, *named)?), ..next }
                }
                Step::Dismiss(reason) => {
                    Wave { reason: reason.clone(), ..wave.step(WaveState::Dismissed, &author, at)? }
                }
                Step::Close(reason) => {
                    Wave { reason: reason.clone(), ..wave.step(WaveState::Over, &author, at)? }
                }
            };
            unit.put_wave(next.clone());
            Ok(wave_to(&next).encode_to_vec())
        };
        let reply = self.store.execute(work, decide).await.map_err(|it| undone(it, asked.request))?;
        let reply = v1::Wave::decode(reply.as_slice()).map_err(|_| Fault::Unavailable)?;
        let wave = wave_from(&reply).map_err(|_| Fault::Unavailable)?;
        self.board.note(&self.tenant, wave.clone());
        counted(&wave);
        Ok(wave)
    }

    fn work(&self, asked: Asked<'_>, found: &Wave, step: &Step) -> Work {
        let (name, tickets) = match step {
            Step::Accept(Some(parent)) => ("accept wave", vec![*parent]),
            Step::Accept(None) => ("accept wave", found.tickets().collect()),
            Step::Dismiss(_) => ("dismiss wave", vec![]),
            Step::Close(_) => ("close wave", vec![]),
        };
        Work {
            tenant: self.tenant.clone(),
            request: asked.request.to_owned(),
            content: digest(&[name.as_bytes(), asked.content]),
            actor: self.actor.clone(),
            at: clock::now(),
            slot: slot(&self.tenant),
            wants: Wants { waves: true, tickets, ..Wants::default() },
        }
    }
}

/// The ticket that becomes the major incident: the one that is named, or the oldest of the wave that can be.
fn lead(unit: &mut Unit<'_>, wave: &Wave, named: Option<TicketId>) -> Result<Parent, Fault> {
    let parent = match named {
        Some(id) => {
            let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
            if !ticket.may_lead() {
                return Err(Refused::Unfit(ticket.number.clone()).into());
            }
            ticket
        }
        None => {
            let all = wave.tickets().filter_map(|it| unit.ticket(it)).filter(|it| it.may_lead());
            all.min_by_key(|it| (it.opened, it.id)).ok_or_else(|| Refused::NoIncident(wave.number.clone()))?
        }
    };
    let parent = parent_of(parent);
    unit.rely_on(parent.ticket);
    Ok(parent)
}

/// A ticket as the major incident of a wave.
fn parent_of(ticket: &Ticket) -> Parent {
    let (number, subject) = (ticket.number.clone(), ticket.subject.clone());
    Parent { ticket: ticket.id, number, subject, since: ticket.opened, began: None }
}

/// Counts a wave that has come into a state.
fn counted(wave: &Wave) {
    metrics::counter!("dispatch_waves_total", "state" => wave.state.as_str()).increment(1);
}

/// Where all waves of a tenant belong.
fn slot(tenant: &Tenant) -> Slot {
    Slot(digest(&["waves", tenant.as_str()])[0])
}
