//! What the machine does with waves by itself: it proposes them, says what more is known, and ends those that are over.

use super::{counted, parent_of, slot};
use crate::{
    clock,
    desk::{
        Desk, digest,
        fault::{Fault, undone},
    },
    domain::{
        id::WaveId,
        lifecycle::State,
        lookup::{TicketRef, WaveRef},
        people::{Caller, Tenant},
        ticket::Ticket,
        time::Timestamp,
        wave::{Growth, Member, Parent, Wave, WaveState},
    },
    proto::{time::time_from, v1},
    routing::waves::{Begun, CALM, Meaning, NEAR, Stream},
    store::{Unit, Wants, Work},
};

/// Who it was, in the history.
pub(super) const ACTOR: &str = "waves";

impl Desk {
    /// Proposes a wave, unless it is known, and says which one it is. The event of the message that made it known gives
    /// the request its id: whoever finds it there, and however often, it is one wave.
    pub(super) async fn propose(
        &self,
        tenant: &Tenant,
        begun: &Begun,
        event: &v1::Event,
    ) -> Result<WaveId, Fault> {
        let wave = self.found(tenant, begun, event);
        let id = wave.id;
        // No caller can send such an id.
        let request = format!("\u{1}wave {}/{}-{}", event.partition, event.epoch, event.position);
        let begun = begun.clone();
        let at = wave.created;
        let decide = move |unit: &mut Unit<'_>| {
            let known = unit.waves().find(|it| it.has_most_of(&begun.members) || is_same(it, &wave, &begun));
            if let Some(known) = known {
                return Ok::<_, Fault>(known.id.bytes().to_vec());
            }
            let number = unit.wave_number();
            unit.put_wave(Wave { number, ..wave.clone() });
            Ok(wave.id.bytes().to_vec())
        };
        let reply = self.in_waves(tenant, request, at, decide).await?;
        let which = WaveId::from_bytes(reply.try_into().map_err(|_| Fault::Unavailable)?);
        if let Some(wave) = self.note_wave(tenant, which).await?.filter(|_| which == id) {
            counted(&wave);
        }
        Ok(which)
    }

    fn found(&self, tenant: &Tenant, begun: &Begun, event: &v1::Event) -> Wave {
        let (template, service, assets) = self.about(tenant, &begun.stream);
        let at = clock::now();
        Wave {
            id: WaveId::new(clock::new_bytes(), slot(tenant)),
            number: String::new(),
            version: 1,
            state: WaveState::Candidate,
            template,
            service,
            assets,
            first: begun.first,
            last: event.time.as_ref().map_or(at, time_from),
            people: u32::try_from(begun.people).unwrap_or(u32::MAX),
            expected: begun.expected as f32,
            members: begun.members.iter().map(|id| Member { conversation: *id, ticket: None }).collect(),
            joined: 0,
            parent: None,
            meaning: begun.meaning.cells().to_vec(),
            author: author(),
            reason: String::new(),
            created: at,
            updated: at,
        }
    }

    /// Looks a wave up and lets this process know at once how it is.
    async fn note_wave(&self, tenant: &Tenant, id: WaveId) -> Result<Option<Wave>, Fault> {
        let found = self.store.wave(tenant, &WaveRef::Id(id)).await?;
        if let Some(wave) = &found {
            self.board.note(tenant, wave.clone());
        }
        Ok(found)
    }

    /// Says what more is known of a wave.
    pub(super) async fn grow(&self, tenant: &Tenant, id: WaveId, growth: Growth) -> Result<(), Fault> {
        let at = clock::now();
        let decide = move |unit: &mut Unit<'_>| {
            let grown = unit.waves().find(|it| it.id == id).and_then(|it| it.grown(&growth, &author(), at));
            if let Some(grown) = grown {
                unit.put_wave(grown);
            }
            Ok::<_, Fault>(vec![])
        };
        self.in_waves(tenant, clock::new_id(), at, decide).await?;
        self.note_wave(tenant, id).await.map(drop)
    }

    /// Takes the next step of a wave's life, if it is due, or its parent's new name.
    pub(super) async fn keep_up(&self, tenant: &Tenant, wave: &Wave, goes_on: bool) -> Result<(), Fault> {
        let parent = match &wave.parent {
            Some(parent) => self.store.ticket(tenant, &TicketRef::Id(parent.ticket)).await?,
            None => None,
        };
        if next(wave, parent.as_ref(), goes_on).is_none() {
            return Ok(());
        }
        let (id, at, before) = (wave.id, clock::now(), wave.state);
        let decide = move |unit: &mut Unit<'_>| {
            let found = unit.waves().find(|it| it.id == id);
            let step = found.and_then(|it| Some((it, next(it, parent.as_ref(), goes_on)?)));
            let changed = step.and_then(|(it, to)| match to {
                Next::Step(to) => it.step(to, &author(), at).ok(),
                Next::Begun(parent) => {
                    let running = it.step(WaveState::Running, &author(), at).ok()?;
                    Some(Wave { parent: Some(parent), ..running })
                }
                Next::Named(parent) => {
                    let (version, author) = (it.version + 1, author());
                    Some(Wave { parent: Some(parent), version, author, updated: at, ..it.clone() })
                }
            });
            if let Some(changed) = changed {
                unit.put_wave(changed);
            }
            Ok::<_, Fault>(vec![])
        };
        self.in_waves(tenant, clock::new_id(), at, decide).await?;
        if let Some(wave) = self.note_wave(tenant, id).await?.filter(|it| it.state != before) {
            counted(&wave);
        }
        Ok(())
    }

    async fn in_waves(
        &self,
        tenant: &Tenant,
        request: String,
        at: Timestamp,
        decide: impl FnMut(&mut Unit<'_>) -> Result<Vec<u8>, Fault> + Send + 'static,
    ) -> Result<Vec<u8>, Fault> {
        let work = Work {
            tenant: tenant.clone(),
            content: digest(&[ACTOR, &request]),
            request: request.clone(),
            actor: author(),
            at,
            slot: slot(tenant),
            wants: Wants { waves: true, ..Wants::default() },
        };
        self.store.execute(work, decide).await.map_err(|it| undone(it, &request))
    }

    /// Template, service and assets that a stream is about.
    pub(super) fn about(&self, tenant: &Tenant, stream: &Stream) -> (String, String, Vec<String>) {
        match stream {
            Stream::Template(id) => {
                let catalog = self.catalog(&Caller::system(tenant.clone(), ACTOR));
                let service = catalog.template(id).map(|it| it.service.clone());
                (id.clone(), service.unwrap_or_default(), vec![])
            }
            Stream::Service(id) => (String::new(), id.clone(), vec![]),
            Stream::Asset(tag) => (String::new(), String::new(), vec![tag.clone()]),
        }
    }
}

fn author() -> String {
    format!("system:{ACTOR}")
}

/// Whether a wave that is found is one that is known: it is about the same, and means nearly the same. After a restart its
/// first messages may be out of sight. What people of the desk have ended stays so until it was calm for a while.
fn is_same(known: &Wave, found: &Wave, begun: &Begun) -> bool {
    let by_people = known.state == WaveState::Dismissed || known.author != author();
    let stands = known.state.is_current() || (by_people && begun.first.0 < known.last.0 + CALM);
    let means = Meaning::from_cells(known.meaning.as_slice().into());
    stands
        && known.is_about((&found.template, &found.service, &found.assets))
        && means.likeness(&begun.meaning) >= NEAR
}

/// What becomes of a wave.
enum Next {
    Step(WaveState),
    /// The work on its major incident has begun.
    Begun(Parent),
    /// Its major incident is called otherwise.
    Named(Parent),
}

fn next(wave: &Wave, parent: Option<&Ticket>, goes_on: bool) -> Option<Next> {
    let began = wave.parent.as_ref().and_then(|it| it.began);
    let lead = |it: &Ticket| Parent { began, ..parent_of(it) };
    let works = parent.filter(|it| it.state == State::InProgress);
    let done = parent.is_none_or(|it| !it.state.is_open());
    let named = parent.map(lead).filter(|it| wave.parent.as_ref() != Some(it));
    match (wave.state, works) {
        (WaveState::Candidate, _) => (!goes_on).then_some(Next::Step(WaveState::Over)),
        (WaveState::Accepted | WaveState::Running, _) if done && !goes_on => {
            Some(Next::Step(WaveState::Over))
        }
        (WaveState::Accepted, Some(it)) => {
            Some(Next::Begun(Parent { began: Some(it.updated), ..parent_of(it) }))
        }
        (WaveState::Accepted | WaveState::Running, _) => named.map(Next::Named),
        (WaveState::Over | WaveState::Dismissed, _) => None,
    }
}
