//! One message taken in: what the conversation is afterwards, what shall happen, what to say.

use super::{
    adding::is_another_case,
    approving::wish,
    draft::is_sentence,
    emergency::{advises, emergency},
    heard::Heard,
    lexicon::{Answer, trimmed},
    meaning::{Meaning, meaning, short_list},
    meant::says_closing,
    offering::is_solved,
    pointing::{Stock, pointers},
    rating::rates,
    reading::{Reading, begins, clauses, filled_out, is_plain_no, starts_over},
    slots::{number::Misread, ordinal},
    state::{Conversation, Draft, Phase, TicketIntent},
    waves::{Known, is_well_again},
};
use crate::domain::{
    article::Use,
    assignment::Gate,
    id::{ArticleId, TicketId, WaveId},
    people::Language,
    template::Template,
    ticket::Ticket,
};

/// What came of one message.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// The conversation afterwards.
    pub conversation: Conversation,
    /// What shall happen to tickets, in order.
    pub effects: Vec<Effect>,
    /// What to say, in order.
    pub say: Vec<Say>,
}

/// What shall happen to a ticket.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one a message, and it moves once")]
pub enum Effect {
    /// Open one.
    Open {
        /// Its identity.
        id: TicketId,
        /// What is known.
        draft: Draft,
        /// Who agreed to it.
        gate: Gate,
    },
    /// Add what the requester says.
    Comment {
        /// To which.
        ticket: TicketId,
        /// What.
        text: String,
    },
    /// The requester is done with it.
    Close {
        /// Which.
        ticket: TicketId,
        /// In their words.
        text: String,
    },
    /// The requester wants it no longer.
    Cancel {
        /// Which.
        ticket: TicketId,
        /// In their words.
        text: String,
    },
    /// The requester says that it is not solved.
    Reopen {
        /// Which.
        ticket: TicketId,
        /// In their words.
        text: String,
    },
    /// So satisfied is the requester.
    Rate {
        /// With which one.
        ticket: TicketId,
        /// From 1 to 5.
        score: u8,
    },
    /// Theirs is the same as a wave: they are told of its major incident.
    JoinWave {
        /// Which wave.
        wave: WaveId,
        /// Its major incident.
        ticket: TicketId,
        /// In their words.
        text: String,
    },
    /// They want to hear no more of a wave's major incident.
    LeaveWave {
        /// Which wave.
        wave: WaveId,
        /// Its major incident.
        ticket: TicketId,
    },
    /// Something came of an article.
    UseArticle {
        /// Which.
        article: ArticleId,
        /// What had come of it before.
        before: Option<Use>,
        /// What came of it.
        now: Use,
    },
}

/// Something to say; the key names a phrase.
#[derive(Debug, Clone, PartialEq)]
pub enum Say {
    /// As it is.
    Plain(&'static str),
    /// A question for a field of a template.
    Ask {
        /// Phrase.
        key: &'static str,
        /// Id of the template.
        template: String,
        /// Id of the field.
        field: String,
    },
    /// A question for a field of numbers again, and why.
    AskNumber {
        /// Id of the template.
        template: String,
        /// Id of the field.
        field: String,
        /// What the answer did not tell.
        misread: Misread,
    },
    /// What to do before anybody comes, by an option of a template.
    Advice {
        /// Id of the template.
        template: String,
        /// Id of the field.
        field: String,
        /// Id of the option.
        option: String,
    },
    /// An article that may help, and whether it does.
    Article {
        /// Its title.
        title: String,
        /// What to do.
        summary: String,
    },
    /// A wave that theirs may be the same as.
    Wave {
        /// Phrase.
        key: &'static str,
        /// Which.
        wave: Known,
    },
    /// How a major incident stands that the employee has joined.
    Watched {
        /// Phrase.
        key: &'static str,
        /// Which.
        ticket: TicketId,
    },
    /// What would be opened.
    Summary {
        /// Phrase.
        key: &'static str,
        /// What is known.
        draft: Box<Draft>,
    },
    /// A ticket number that means nothing here.
    Number {
        /// Phrase.
        key: &'static str,
        /// As the employee named it.
        number: String,
    },
    /// A ticket as it is after the effect.
    Ticket {
        /// Phrase.
        key: &'static str,
        /// Which.
        id: TicketId,
    },
}

/// After so many messages in a row that were not understood, a person takes over.
pub(super) const PATIENCE: u32 = 3;

impl Conversation {
    /// Takes one message in. Changes nothing else: whoever calls carries the effect out.
    pub fn take_turn(mut self, heard: &Heard<'_>) -> Turn {
        self.turns += 1;
        self.language = heard.language.unwrap_or(self.language);
        let phase = std::mem::replace(&mut self.phase, Phase::Idle);
        let aside = std::mem::take(&mut self.aside);
        let offer = std::mem::take(&mut self.offer);
        let wave = std::mem::take(&mut self.wave);
        let turn = Turn { conversation: self, effects: vec![], say: vec![] };
        if starts_over(heard.phrases, heard.text) {
            return turn.start_over();
        }
        if let Some(rates) = rates(&turn.conversation, &phase, heard) {
            let turn = turn.rated(heard, phase, rates);
            return Turn { conversation: Conversation { aside, offer, wave, ..turn.conversation }, ..turn };
        }
        if offer.is_some() && is_solved(heard) {
            return turn.solved(heard, offer);
        }
        if let Some(wish) = wish(&phase, heard) {
            return turn.approving(heard, phase, wish);
        }
        if let Some(language) = wanted_language(heard) {
            return turn.speak(heard, language, phase);
        }
        let another = || is_plain_no(heard.phrases, heard.text) || heard.is(Answer::AnotherMatter);
        if let Some(template) = emergency(heard).filter(|it| !turn.is_about(heard, &phase, it)) {
            return turn.interrupt(heard, phase, template).advise(heard.catalog);
        }
        let turn = match phase {
            Phase::Filling { draft, field, tries } if offer.is_some() => {
                turn.unsolved_filling(heard, offer, draft, (&field, tries))
            }
            Phase::Confirming { draft } if offer.is_some() => turn.unsolved(heard, offer, draft),
            Phase::Confirming { draft } => match wave {
                Some(wave) => turn.said_of_wave(heard, wave, draft),
                None => turn.confirmed(heard, draft),
            },
            Phase::Idle if !aside.is_empty() && another() => turn.anew(heard, &aside),
            Phase::Idle => turn.fresh(heard),
            Phase::Choosing { draft, templates } => turn.chosen(heard, draft, templates),
            Phase::Filling { draft, field, tries } => turn.filled(heard, draft, field, tries),
            Phase::Pointing { draft } => turn.pointed(heard, draft),
            Phase::Picking { intent, tickets, text } => turn.picked(heard, intent, &tickets, text),
            // What is no answer to "do you approve?" is about something else.
            Phase::Approving { .. } => turn.fresh(heard),
        };
        turn.advise(heard.catalog).offer(heard)
    }
}

impl Turn {
    /// Whether a template is what is talked about anyway.
    fn is_about(&self, heard: &Heard<'_>, phase: &Phase, template: &Template) -> bool {
        let advised = |id: &str| heard.catalog.template(id).is_some_and(|it| advises(heard, it));
        match phase {
            Phase::Filling { draft, .. } | Phase::Confirming { draft } | Phase::Pointing { draft } => {
                draft.template == template.id || advised(&draft.template)
            }
            Phase::Idle | Phase::Picking { .. } | Phase::Approving { .. } => {
                let same = |it: &Ticket| it.template == template.id && !is_another_case(heard, it);
                let own = |it: &Ticket| it.template != template.id && advised(&it.template);
                self.last_ticket(heard).is_some_and(|it| it.state.is_open() && (same(it) || own(it)))
            }
            Phase::Choosing { .. } => false,
        }
    }

    /// Puts whatever is under way aside for an emergency.
    fn interrupt(mut self, heard: &Heard<'_>, phase: Phase, template: &Template) -> Self {
        match phase {
            Phase::Choosing { draft, .. }
            | Phase::Filling { draft, .. }
            | Phase::Confirming { draft }
            | Phase::Pointing { draft } => self.park(draft),
            Phase::Idle | Phase::Picking { .. } | Phase::Approving { .. } => {}
        }
        self.begin(heard, &template.id)
    }

    fn start_over(mut self) -> Self {
        self.conversation.parked.clear();
        self.conversation.misses = 0;
        self.plain("started_over")
    }

    /// Goes on in another language where it stood.
    fn speak(mut self, heard: &Heard<'_>, language: Language, phase: Phase) -> Self {
        self.conversation.language = language;
        match phase {
            Phase::Idle => self.plain("greeting"),
            Phase::Choosing { draft, templates } => self.choose("choose_again", draft, templates),
            Phase::Filling { draft, .. } | Phase::Confirming { draft } | Phase::Pointing { draft } => {
                self.conversation.parked.push(draft);
                self.resume(heard)
            }
            Phase::Picking { intent, tickets, text } => {
                self.conversation.phase = Phase::Picking { intent, tickets, text };
                self.plain(intent.which())
            }
            Phase::Approving { tickets, said, .. } => self.ask_approval(heard, tickets, said),
        }
    }

    /// Takes a message as the beginning of something.
    pub(super) fn fresh(mut self, heard: &Heard<'_>) -> Self {
        if heard.is(Answer::Done) {
            return self.plain("welcome");
        }
        if heard.is(Answer::Help) {
            return self.plain("help");
        }
        if heard.is(Answer::Identity) {
            return self.plain("identity");
        }
        if heard.is(Answer::AnotherMatter) {
            return self.plain("started_over");
        }
        self = match self.of_joined(heard) {
            Ok(turn) => return turn,
            Err(turn) => turn,
        };
        self = match self.answered(heard) {
            Ok(turn) => return turn,
            Err(turn) => turn,
        };
        self = match self.answer_to_nothing(heard) {
            Ok(turn) => return turn,
            Err(turn) => turn,
        };
        self = match self.added(heard) {
            Ok(turn) => return turn,
            Err(turn) => turn,
        };
        // What made no sense alone may do so with what follows.
        let before = std::mem::take(&mut self.conversation.unheard);
        let pointers = std::mem::take(&mut self.conversation.pointers);
        let alone = matches!(meaning(heard), Meaning::Ticket(_) | Meaning::Person | Meaning::Thanks);
        if before.is_empty() || alone {
            return self.begin_with(heard);
        }
        let whole = format!("{before}\n{}", heard.text);
        let understanding = (heard.reader.0)(&whole);
        let before = pointers.iter().filter_map(|it| Some((it.said.clone(), it.clear()?.clone())));
        let named: Vec<_> = heard.stock.named.iter().cloned().chain(before).collect();
        let stock = Stock { named: &named, ..heard.stock };
        let whole = Heard { stock, ..heard.of(&whole, &understanding) };
        let clearer = whole.likelihood() > heard.likelihood();
        let understanding = if clearer { whole.understanding } else { heard.understanding };
        self.begin_with(&whole.of(whole.text, understanding))
    }

    /// Takes a yes, a no, a cancellation or a number where nothing was asked. `Err` gives the turn back if the
    /// message is more than that.
    #[expect(clippy::result_large_err, reason = "the turn moves, it is not copied")]
    fn answer_to_nothing(self, heard: &Heard<'_>) -> Result<Self, Self> {
        let reading = Reading::of(heard.phrases, heard.text);
        let a_word = heard.is_any(&[Answer::Cancel, Answer::Unknown, Answer::Other]);
        let number = ordinal::place(heard.text).is_some();
        if reading.answer.is_none() && !a_word && !number {
            return Err(self);
        }
        let meaning = meaning(heard);
        if meaning == Meaning::Ticket(TicketIntent::Close) && says_closing(heard) {
            return Err(self);
        }
        let open = self.last_ticket(heard).filter(|it| it.state.is_open());
        if let (Some(Answer::Cancel), Some(last)) = (reading.answer, open) {
            return Ok(self.pick_one(heard, TicketIntent::Close, &[last]));
        }
        let agrees = reading.answer == Some(Answer::Yes) && !is_sentence(&reading.rest.join(" "));
        let bare = reading.answer.is_some() && reading.is_bare();
        let answers = (agrees || bare) && meaning != Meaning::Thanks;
        match open.filter(|_| reading.answer == Some(Answer::Yes)) {
            _ if !answers && !a_word && !number => Err(self),
            Some(ticket) => Ok(self.ticket("open_already", ticket.id)),
            None => Ok(self.plain("nothing_open")),
        }
    }

    pub(super) fn begin_with(self, heard: &Heard<'_>) -> Self {
        // "Please open a ticket: my headset is broken" is about the headset.
        match begins(heard.phrases, Answer::Reporting, filled_out(heard.phrases, heard.text)).map(trimmed) {
            Some("") => self.plain("started_over"),
            Some(rest) if heard.numbers.is_empty() => {
                let understanding = (heard.reader.0)(rest);
                self.begin_with_what(&heard.of(heard.text, &understanding))
            }
            _ => self.begin_with_what(heard),
        }
    }

    fn begin_with_what(mut self, heard: &Heard<'_>) -> Self {
        let mut meaning = meaning(heard);
        if matches!(meaning, Meaning::Template(_) | Meaning::Unsure(_)) && is_well_again(heard) {
            meaning = Meaning::Thanks;
        }
        if matches!(meaning, Meaning::Template(_) | Meaning::Unsure(_)) {
            self = match self.split(heard) {
                Ok(turn) => return turn,
                Err(turn) => turn,
            };
        }
        match meaning {
            Meaning::Nothing => {}
            Meaning::OutOfScope => self.conversation.misses += 1,
            Meaning::Template(_) | Meaning::Unsure(_) | Meaning::Ticket(_) => self.conversation.misses = 0,
            Meaning::Greeting | Meaning::Thanks | Meaning::Person => self.conversation.misses = 0,
        }
        match meaning {
            Meaning::Template(id) => self.begin(heard, id),
            Meaning::Unsure(templates) => self.choose("choose_template", Draft::of(heard, ""), templates),
            Meaning::Ticket(intent) => self.about_tickets(heard, intent),
            Meaning::Greeting => self.plain("greeting"),
            Meaning::Thanks => self.plain("welcome"),
            Meaning::Person => self.call_person(heard),
            Meaning::OutOfScope => self.plain("out_of_scope"),
            Meaning::Nothing => self.not_understood(heard),
        }
    }

    fn not_understood(mut self, heard: &Heard<'_>) -> Self {
        self.conversation.misses += 1;
        let list = short_list(heard, 0.0);
        match self.conversation.misses {
            1 => {
                heard.text.clone_into(&mut self.conversation.unheard);
                self.conversation.pointers = pointers(heard);
                self.plain("not_understood")
            }
            it if it < PATIENCE && !list.is_empty() => {
                self.choose("choose_template", Draft::of(heard, ""), list)
            }
            _ => self.hand_over(heard, Draft::of(heard, "")),
        }
    }

    /// Adds a sentence.
    pub(super) fn plain(mut self, key: &'static str) -> Self {
        self.say.push(Say::Plain(key));
        self
    }

    /// Adds a sentence about a ticket.
    pub(super) fn ticket(mut self, key: &'static str, id: TicketId) -> Self {
        self.say.push(Say::Ticket { key, id });
        self
    }
}

/// The language that a message asks for.
pub(super) fn wanted_language(heard: &Heard<'_>) -> Option<Language> {
    // "Layouts: German, English" asks for none.
    let phrase = |it: &str| it.contains(' ') || !it.is_ascii();
    let asks =
        |answer| heard.is(answer) || clauses(heard.text).any(|it| phrase(it) && heard.phrases.is(answer, it));
    let languages = [(Answer::English, Language::En), (Answer::Chinese, Language::Zh)];
    languages.into_iter().find(|(answer, _)| asks(*answer)).map(|(_, it)| it)
}
