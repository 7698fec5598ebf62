//! Incident waves in a decision: proposed, decided about, joined and left.

use super::{Subject, Unit, put};
use crate::{
    domain::{
        id::{TicketId, WaveId},
        lookup,
        people::Person,
        wave::{self, Involved, Standing, Wave},
    },
    proto::{
        ticket::person_to,
        v1::{self, event::Fact},
        wave::wave_to,
    },
};

impl Unit<'_> {
    /// The tenant's waves that are current, and those that ended not long ago, if they were wanted.
    pub fn waves(&self) -> impl Iterator<Item = &Wave> {
        let own = &self.draft.waves;
        let known = self.known.waves(&self.work.tenant);
        own.iter().chain(known.filter(|it| own.iter().all(|mine| mine.id != it.id)))
    }

    /// A number that no wave has or had, as tickets get theirs.
    pub fn wave_number(&mut self) -> String {
        lookup::number(wave::PREFIX, self.count(wave::PREFIX))
    }

    /// Records how a wave is from now on. If tickets of it have become part of its major incident, that follows.
    pub fn put_wave(&mut self, wave: Wave) {
        if !self.known.holds(wave.id.slot()) {
            return self.fail("touched a wave of another partition");
        }
        if wave.state.is_accepted() {
            self.draft.consequences.push(self.draft.facts.len());
        }
        let (id, fact) = (wave.id, v1::WaveChanged { wave: Some(wave_to(&wave)) });
        self.draft.facts.push((Subject::of(id), Fact::WaveChanged(fact)));
        put(&mut self.draft.waves, wave, |it| it.id == id);
    }

    /// Records that somebody said theirs is the same as a wave. The wave and its major incident may be of other
    /// partitions: that somebody is told of it from now on follows.
    pub fn join_wave(&mut self, wave: WaveId, ticket: TicketId, person: &Person, text: &str) {
        let fact = v1::WaveJoined {
            wave: wave.to_string(),
            ticket: ticket.to_string(),
            person: Some(person_to(person)),
            text: text.to_owned(),
        };
        self.draft.consequences.push(self.draft.facts.len());
        self.draft.facts.push((Subject::of(wave), Fact::WaveJoined(fact)));
        self.involve(wave, ticket, person, Standing::Joined);
    }

    /// Keeps that somebody was asked whether theirs is the same as a wave. That is no event of its own: the conversation's
    /// says it.
    pub fn ask_wave(&mut self, wave: WaveId, ticket: TicketId, person: &Person) {
        self.involve(wave, ticket, person, Standing::Asked);
    }

    /// Records that somebody does not want to be told of a wave's major incident any more.
    pub fn leave_wave(&mut self, wave: WaveId, ticket: TicketId, person: &Person) {
        let fact = v1::WaveLeft {
            wave: wave.to_string(),
            ticket: ticket.to_string(),
            person: Some(person_to(person)),
        };
        self.draft.facts.push((Subject::of(wave), Fact::WaveLeft(fact)));
        self.involve(wave, ticket, person, Standing::Left);
    }

    fn involve(&mut self, wave: WaveId, ticket: TicketId, person: &Person, standing: Standing) {
        self.draft.involved.push(Involved { wave, ticket, person: person.clone(), standing });
    }
}
