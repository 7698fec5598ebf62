//! What the events of waves mean for tickets: those of an accepted wave become part of its major incident, and what
//! those say who join it stands there.

use std::sync::Arc;

use crate::{
    desk::{Desk, consequences::Cause, fault::Fault},
    domain::{
        id::{TicketId, WaveId},
        lookup::TicketRef,
        ticket::{Command, Relation, Tie},
    },
    proto::{ticket::person_from, time::time_from, v1, wave::wave_from},
};

/// What so many callers said when they joined stands on the major incident, the first ones; more of them only count.
const TOLD: i64 = 20;

impl Desk {
    /// Makes the tickets of an accepted wave part of its major incident, as far as they can be.
    pub(in crate::desk) async fn follow_wave(
        &self,
        cause: &Cause<'_>,
        fact: &v1::WaveChanged,
    ) -> Result<(), Fault> {
        let Some(Ok(wave)) = fact.wave.as_ref().map(wave_from) else { return Ok(()) };
        let Some(parent) = wave.parent.as_ref().map(|it| it.ticket) else { return Ok(()) };
        let found = self.store.ticket(cause.tenant, &TicketRef::Id(parent)).await?;
        let Some(found) = found.filter(|it| it.state.is_open()) else { return Ok(()) };
        let is_new = |id: &TicketId| *id != parent && !found.ties.has(Relation::Child, *id);
        for child in wave.tickets().filter(is_new) {
            // What cannot be part of it is not tried again whenever more is known of the wave.
            let ticket = self.store.ticket(cause.tenant, &TicketRef::Id(child)).await?;
            if ticket.is_none_or(|it| !it.may_lead() || it.ties.related(Relation::Child).next().is_some()) {
                continue;
            }
            let actor: Arc<str> = cause.consequence.event.actor.as_str().into();
            self.command(cause, vec![child, parent], move |unit, _, _| {
                unit.rely_on(parent);
                let (Some(ticket), Some(other)) = (unit.ticket(child), unit.ticket(parent)) else { return };
                let link = Tie::Link { relation: Relation::Parent, other: Box::new(other.clone()) };
                // One that is part of another, or over, stays as it is.
                for event in ticket.decide(Command::Tie(link), &actor).unwrap_or_default() {
                    unit.record(child, event);
                }
            })
            .await?;
        }
        Ok(())
    }

    /// Keeps what somebody said when they joined a wave, for those who work on its major incident.
    pub(in crate::desk) async fn follow_join(
        &self,
        cause: &Cause<'_>,
        fact: &v1::WaveJoined,
    ) -> Result<(), Fault> {
        let (Ok(wave), Ok(ticket)) = (fact.wave.parse::<WaveId>(), fact.ticket.parse::<TicketId>()) else {
            return Ok(());
        };
        let Some(person) = fact.person.as_ref().map(person_from) else { return Ok(()) };
        metrics::counter!("dispatch_wave_joins_total").increment(1);
        let at = cause.consequence.event.time.as_ref().map(time_from).unwrap_or_default();
        if TOLD <= self.store.joined_before(cause.tenant, wave, (at, &person)).await? {
            return Ok(());
        }
        let who = if person.name.is_empty() { &person.subject } else { &person.name };
        let text = format!("{who} has the same: {}", fact.text);
        let actor: Arc<str> = cause.consequence.event.actor.as_str().into();
        self.command(cause, vec![ticket], move |unit, _, _| {
            let Some(parent) = unit.ticket(ticket) else { return };
            let said = Command::Comment { text: text.clone(), internal: true, by_requester: false };
            // One that is over by now takes none.
            for event in parent.decide(said, &actor).unwrap_or_default() {
                unit.record(ticket, event);
            }
        })
        .await
    }
}
