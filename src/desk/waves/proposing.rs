//! What the machine does with waves by itself: it proposes them, says what more is known, and ends those that are over.

use std::collections::HashMap;

use super::{parent_of, slot};
use crate::{
    clock,
    desk::{
        Desk, digest,
        fault::{Fault, undone},
    },
    domain::{
        id::{ConversationId, TicketId, WaveId},
        lifecycle::State,
        lookup::TicketRef,
        people::{Caller, Tenant},
        ticket::Ticket,
        time::Timestamp,
        wave::{Growth, Member, Parent, Wave, WaveState},
    },
    proto::{time::time_from, v1},
    routing::waves::{Begun, Meaning, NEAR, Stream},
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
        tickets: &HashMap<ConversationId, TicketId>,
        event: &v1::Event,
    ) -> Result<WaveId, Fault> {
        let id = WaveId::new(clock::new_bytes(), slot(tenant));
        let (template, service, assets) = self.about(tenant, &begun.stream);
        let member = |id: &ConversationId| Member { conversation: *id, ticket: tickets.get(id).copied() };
        let at = clock::now();
        let wave = Wave {
            id,
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
            members: begun.members.iter().map(member).collect(),
            joined: 0,
            parent: None,
            meaning: begun.meaning.cells().to_vec(),
            author: format!("system:{ACTOR}"),
            reason: String::new(),
            created: at,
            updated: at,
        };
        // No caller can send such an id.
        let request = format!("\u{1}wave {}/{}-{}", event.partition, event.epoch, event.position);
        let (members, meaning) = (begun.members.clone(), begun.meaning.clone());
        let decide = move |unit: &mut Unit<'_>| {
            let known = unit.waves().find(|it| it.has_most_of(&members) || goes_on(it, &wave, &meaning));
            if let Some(known) = known {
                return Ok::<_, Fault>(known.id.bytes().to_vec());
            }
            let number = unit.wave_number();
            unit.put_wave(Wave { number, ..wave.clone() });
            Ok(wave.id.bytes().to_vec())
        };
        let reply = self.in_waves(tenant, request, at, decide).await?;
        Ok(WaveId::from_bytes(reply.try_into().map_err(|_| Fault::Unavailable)?))
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
        self.in_waves(tenant, clock::new_id(), at, decide).await.map(drop)
    }

    /// Counts a caller who was added to a wave, once for a request.
    pub(super) async fn count_joined(
        &self,
        tenant: &Tenant,
        id: WaveId,
        request: String,
    ) -> Result<(), Fault> {
        let at = clock::now();
        let decide = move |unit: &mut Unit<'_>| {
            let joined = unit.waves().find(|it| it.id == id).map(|it| it.with_joined(&author(), at));
            if let Some(joined) = joined {
                unit.put_wave(joined);
            }
            Ok::<_, Fault>(vec![])
        };
        self.in_waves(tenant, request, at, decide).await.map(drop)
    }

    /// Keeps a current wave up with its major incident. `goes_on` says whether more people than usual write about it.
    pub(super) async fn keep_up(&self, tenant: &Tenant, wave: &Wave, goes_on: bool) -> Result<(), Fault> {
        let parent = match &wave.parent {
            Some(it) => self.store.ticket(tenant, &TicketRef::Id(it.ticket)).await?,
            None => None,
        };
        if next(wave, parent.as_ref(), goes_on).is_none() {
            return Ok(());
        }
        let (id, at) = (wave.id, clock::now());
        let decide = move |unit: &mut Unit<'_>| {
            let found = unit.waves().find(|it| it.id == id);
            let step = found.and_then(|it| Some((it, next(it, parent.as_ref(), goes_on)?)));
            let changed = step.and_then(|(it, to)| match to {
                Next::Step(to) => it.step(to, &author(), at).ok(),
                Next::Subject(parent) => {
                    let (version, author) = (it.version + 1, author());
                    Some(Wave { parent: Some(parent), version, author, updated: at, ..it.clone() })
                }
            });
            if let Some(changed) = changed {
                unit.put_wave(changed);
            }
            Ok::<_, Fault>(vec![])
        };
        self.in_waves(tenant, clock::new_id(), at, decide).await.map(drop)
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

/// Whether a wave that is found is one that is current: it is about the same, and means nearly the same. After a restart
/// its first messages may be out of sight.
fn goes_on(known: &Wave, found: &Wave, meaning: &Meaning) -> bool {
    let about = |it: &Wave| (it.template.clone(), it.service.clone(), it.assets.clone());
    let means = Meaning::from_cells(known.meaning.as_slice().into());
    known.state.is_current() && about(known) == about(found) && means.likeness(meaning) >= NEAR
}

/// What becomes of a wave.
enum Next {
    Step(WaveState),
    Subject(Parent),
}

fn next(wave: &Wave, parent: Option<&Ticket>, goes_on: bool) -> Option<Next> {
    let works = parent.is_some_and(|it| it.state == State::InProgress);
    let done = parent.is_none_or(|it| !it.state.is_open());
    let named = parent.map(parent_of).filter(|it| wave.parent.as_ref() != Some(it));
    match wave.state {
        WaveState::Candidate => (!goes_on).then_some(Next::Step(WaveState::Over)),
        WaveState::Accepted | WaveState::Running if done && !goes_on => Some(Next::Step(WaveState::Over)),
        WaveState::Accepted if works => Some(Next::Step(WaveState::Running)),
        WaveState::Accepted | WaveState::Running => named.map(Next::Subject),
        WaveState::Over | WaveState::Dismissed => None,
    }
}
