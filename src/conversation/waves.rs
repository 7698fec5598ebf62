//! While many people have the same trouble, a caller whose message fits is asked before there is a ticket: "is it the
//! same? shall I add you?" A yes opens none, and the caller is told of the major incident from now on. A no goes on where
//! it was. Once in a conversation for each wave; never who wants a person, and never about what has an advice to be given
//! at once.

use std::fmt;

use super::{
    emergency::advises,
    heard::{DIGRESSION, Heard},
    lexicon::Answer,
    offering::{is_no, wants_person},
    reading::{Reading, cancels},
    state::{Draft, Phase},
    turn::{Effect, Say, Turn},
};
use crate::domain::{
    catalog::FALLBACK,
    id::{TicketId, WaveId},
    template::Template,
    time::Timestamp,
};

/// A wave that has a major incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which wave.
    pub id: WaveId,
    /// Its major incident.
    pub ticket: TicketId,
    /// What people call that.
    pub number: String,
    /// Its subject.
    pub subject: String,
    /// Since when it has been worked on.
    pub since: Timestamp,
    /// The time zone in which that is told.
    pub zone: String,
}

/// What may be the same as a wave.
#[derive(Debug, Clone, Copy)]
pub struct Alike<'a> {
    /// Id of the template.
    pub template: &'a str,
    /// What the employee wrote.
    pub text: &'a str,
    /// Tags of assets that it names, upper case.
    pub assets: &'a [String],
}

/// The waves that callers are asked about, and whether something fits one of them.
#[derive(Clone, Copy)]
pub struct Waves<'a> {
    /// Those that there are.
    pub known: &'a [Known],
    /// Whether something fits.
    pub fits: &'a dyn Fn(&Known, Alike<'_>) -> bool,
}

impl fmt::Debug for Waves<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waves").field("known", &self.known).finish_non_exhaustive()
    }
}

impl Turn {
    /// The wave that a ticket in the making may belong to, if its caller is to be asked.
    pub(super) fn wave_of(&self, heard: &Heard<'_>, draft: &Draft, template: &Template) -> Option<Known> {
        let mut open =
            heard.waves.known.iter().filter(|it| !self.conversation.waves_asked.contains(&it.id)).peekable();
        open.peek()?;
        let never = template.id == FALLBACK
            || draft.follows.is_some()
            || !draft.advised.is_empty()
            || advises(heard, template)
            || wants_person(heard, draft);
        if never {
            return None;
        }
        let alike = Alike { template: &draft.template, text: &draft.description, assets: heard.assets };
        open.find(|it| (heard.waves.fits)(it, alike)).cloned()
    }

    /// Asks whether it is the same.
    pub(super) fn ask_wave(mut self, draft: Draft, wave: Known) -> Self {
        self.conversation.waves_asked.push(wave.id);
        self.conversation.wave = Some(wave.id);
        self.conversation.phase = Phase::Confirming { draft };
        self.say.push(Say::Wave { key: "wave_same", wave });
        self
    }

    /// Takes the answer to "is it the same?".
    pub(super) fn said_of_wave(self, heard: &Heard<'_>, wave: WaveId, draft: Draft) -> Self {
        let Some(template) = heard.catalog.template(&draft.template) else {
            return self.hand_over(heard, draft);
        };
        if cancels(heard.phrases, heard.text) {
            return self.drop_it(heard);
        }
        let reading = Reading::of(heard.phrases, heard.text);
        // It may have ended since: then there is nothing to be added to.
        let known = heard.waves.known.iter().find(|it| it.id == wave);
        if let (Some(Answer::Yes), Some(known)) = (reading.answer, known) {
            return self.joined(heard, known, &draft, &reading.rest.join(", "));
        }
        if is_no(heard) || reading.answer == Some(Answer::Yes) {
            let key = if known.is_some() { "wave_other" } else { "wave_ended" };
            return self.plain(key).proceed(heard, draft.told(heard, template), "ask");
        }
        match self.digress(heard, draft) {
            Ok(turn) => turn,
            Err((turn, draft)) => turn.proceed(heard, draft.told(heard, template), "ask"),
        }
    }

    /// "Yes"; "yes, and my printer jams" has something else as well.
    fn joined(mut self, heard: &Heard<'_>, wave: &Known, draft: &Draft, rest: &str) -> Self {
        self.conversation.misses = 0;
        let (id, ticket) = (wave.id, wave.ticket);
        self.effects.push(Effect::JoinWave { wave: id, ticket, text: draft.description.clone() });
        self.say.push(Say::Wave { key: "wave_joined", wave: wave.clone() });
        let understanding = (heard.reader.0)(rest);
        let more = heard.of(rest, &understanding);
        match more.other_than(&draft.template, DIGRESSION) {
            Some(other) if !rest.is_empty() => self.begin(&more, other),
            Some(_) | None => self.resume(heard),
        }
    }
}
