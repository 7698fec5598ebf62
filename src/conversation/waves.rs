//! While many people have the same trouble, a caller whose message fits is asked before there is a ticket: "is it the
//! same? shall I add you?" A yes opens none, and the caller is told of the major incident from now on. A no goes on where
//! it was. Once for each person and wave; never who wants a person or says that it works again, and never about what has
//! an advice to be given at once.
//!
//! Who was added hears how it goes when they ask, and is taken off when they want to be.

use std::fmt;

use super::{
    emergency::advises,
    heard::{DIGRESSION, Heard},
    lexicon::Answer,
    meant::names,
    offering::{is_no, wants_person},
    reading::{Reading, asks, cancels},
    slots::choice,
    state::{Draft, Phase, TicketIntent},
    turn::{Effect, Say, Turn},
};
use crate::domain::{
    catalog::FALLBACK,
    id::{TicketId, WaveId},
    people::Language,
    template::Template,
    ticket::Ticket,
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
    /// The language that the subject is in.
    pub language: Language,
    /// When it was reported.
    pub since: Timestamp,
    /// Since when it has been worked on, if it is.
    pub began: Option<Timestamp>,
    /// Whether the employee was asked about it before, or has a ticket that is part of it.
    pub asked: bool,
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
    /// Those that the employee has joined, with their major incidents, the first one first.
    pub joined: &'a [(WaveId, &'a Ticket)],
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
        let asked = |it: &Known| it.asked || self.conversation.waves_asked.contains(&it.id);
        let mut open = heard.waves.known.iter().filter(|it| !asked(it)).peekable();
        open.peek()?;
        let never = template.id == FALLBACK
            || !template.is_watched()
            || is_well_again(heard)
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
            return self.joined(heard, known, draft, &reading.rest.join(", "));
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

    /// "Yes"; "yes, and my printer jams" has something else as well, and "yes, but I want to talk to a human" wants a
    /// person for it.
    fn joined(mut self, heard: &Heard<'_>, wave: &Known, draft: Draft, rest: &str) -> Self {
        self.conversation.misses = 0;
        let (id, ticket) = (wave.id, wave.ticket);
        let mut text = draft.description.clone();
        if !rest.is_empty() {
            text.push('\n');
            text.push_str(heard.text);
        }
        self.effects.push(Effect::JoinWave { wave: id, ticket, text });
        let understanding = (heard.reader.0)(rest);
        let more = heard.of(rest, &understanding);
        if !rest.is_empty() && (choice::says(heard.phrases, Answer::Human, rest) || more.best().0 == "person")
        {
            self.say.push(Say::Wave { key: "wave_joined_too", wave: wave.clone() });
            let mut draft = draft;
            draft.describe(heard);
            return self.hand_over(heard, draft);
        }
        self.say.push(Say::Wave { key: "wave_joined", wave: wave.clone() });
        match more.other_than(&draft.template, DIGRESSION) {
            Some(other) if !rest.is_empty() => self.begin(&more, other),
            Some(_) | None => self.resume(heard),
        }
    }

    /// Takes what is said of a major incident that the employee has joined: that they want to hear no more of it, or
    /// anything that names it. `Err` gives the turn back if it is about something else.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    pub(super) fn of_joined(mut self, heard: &Heard<'_>) -> Result<Self, Self> {
        let named: Vec<_> = heard.waves.joined.iter().filter(|it| names(heard, it.1)).collect();
        if !heard.waves.joined.is_empty() && choice::says(heard.phrases, Answer::Leaving, heard.text) {
            let last = heard.waves.joined.last().filter(|_| heard.numbers.is_empty());
            let left: Vec<_> = if named.is_empty() { last.into_iter().collect() } else { named };
            if left.is_empty() {
                return Err(self);
            }
            for (wave, ticket) in left {
                self.effects.push(Effect::LeaveWave { wave: *wave, ticket: ticket.id });
                self.say.push(Say::Watched { key: "wave_left", ticket: ticket.id });
            }
            return Ok(self);
        }
        if named.is_empty() || heard.tickets.iter().any(|it| names(heard, it)) {
            return Err(self);
        }
        let turn = named.into_iter().fold(self, |turn, it| turn.tell_joined(it.1));
        let asks = asks(heard.phrases, heard.text) || heard.best().0 == TicketIntent::Status.as_str();
        Ok(if asks || heard.text.ends_with(['?', '？']) { turn } else { turn.plain("watched_only") })
    }

    /// Tells how the major incidents go that the employee has joined.
    pub(super) fn tell_all_joined(self, heard: &Heard<'_>) -> Self {
        heard.waves.joined.iter().fold(self, |turn, it| turn.tell_joined(it.1))
    }

    /// Number, subject, state and resolution, and nothing that others have written.
    fn tell_joined(mut self, ticket: &Ticket) -> Self {
        let key = match (ticket.ties.survivor(), ticket.state.is_open()) {
            (Some(_), _) => "watched_merged",
            (None, true) => "watched",
            (None, false) => "watched_done",
        };
        self.say.push(Say::Watched { key, ticket: ticket.id });
        self
    }
}

/// Whether a message only says that something works again.
pub(super) fn is_well_again(heard: &Heard<'_>) -> bool {
    /// Whoever says more than so many words says something else as well.
    const WORDS: usize = 12;
    let says = |answer| choice::says(heard.phrases, answer, heard.text);
    heard.text.split_whitespace().count() <= WORDS
        && !choice::denies(heard.phrases, heard.text)
        && !asks(heard.phrases, heard.text)
        && !heard.text.contains(['?', '？'])
        && (says(Answer::Recovered) || (says(Answer::Closing) && says(Answer::Thanking)))
}
