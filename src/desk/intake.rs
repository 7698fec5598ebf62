//! One message inside the writer: the conversation takes it in, its effect is carried out, and the
//! answer is put into words, all on what stands in the database at that moment.

use std::{collections::BTreeSet, sync::Arc};

use prost::Message as _;

use super::{
    answer,
    approvals::{Approvals, Voice},
    assets::{Shown, Weighed},
    clocks, escalations,
    fault::Fault,
    knowledge::Index,
    offspring,
    open::Opening,
    tickets::named,
    waves::Asking,
};
use crate::{
    conversation::{
        heard::{Heard, Policy, Reader},
        matter::{Matter, Told},
        offering::{Shelf, Sought},
        phrases::Phrases,
        pointing::{Pointed, field_of},
        reply::{Reply, Speaker},
        state::{Conversation, Draft},
        turn::{Effect, Say, Turn},
        waves::{Alike, Known, Waves},
    },
    domain::{
        assignment::{Gate, Understanding},
        catalog::{Catalog, FALLBACK},
        id::{ConversationId, TicketId, WaveId},
        lifecycle::{State, Who},
        people::Language,
        profile::{Leavers, Profile},
        ticket::{Asked, AssetLink, Command, LinkedHow, MoveTo, Relation, Ticket, TicketAssets},
        time::Timestamp,
    },
    model::classifier::Classifier,
    proto::{draft::conversation_to, understanding::understanding_to, v1},
    routing::priority,
    store::Unit,
};

use super::command::Message;

/// All that the intake of one message needs; it owns it, since the writer may ask more than once.
pub(super) struct Intake {
    pub(super) message: Message,
    /// The message as the employee sees it.
    pub(super) visible: String,
    /// Whether a password in it was hidden.
    pub(super) masked: bool,
    pub(super) actor: String,
    pub(super) id: ConversationId,
    pub(super) new_id: TicketId,
    pub(super) tickets: Vec<TicketId>,
    pub(super) understanding: Understanding,
    pub(super) numbers: Vec<String>,
    pub(super) assets: Vec<String>,
    /// What of the register of assets it may point at.
    pub(super) shown: Shown,
    pub(super) language: Option<Language>,
    pub(super) at: Timestamp,
    pub(super) catalog: Arc<Catalog>,
    pub(super) phrases: Arc<Phrases>,
    pub(super) policy: Policy<'static>,
    pub(super) model: Arc<Classifier>,
    /// What the directory of people says of the requester.
    pub(super) profile: Option<Profile>,
    /// What a ticket notes of them.
    pub(super) asked: Asked,
    /// What the message may say about requests of others.
    pub(super) voice: Voice,
    /// The knowledge that employees see.
    pub(super) index: Arc<Index>,
    /// What many people have at the moment.
    pub(super) asking: Asking,
}

/// Why a message is not taken in.
#[derive(Debug)]
pub(super) enum Held {
    /// It cannot be.
    Fault(Fault),
    /// It opens a ticket with assets of which it is not known what hangs on them.
    Unweighed(Vec<AssetLink>),
}

impl From<Fault> for Held {
    fn from(it: Fault) -> Self {
        Self::Fault(it)
    }
}

impl Intake {
    /// Takes the message in and gives the encoded answer.
    pub(super) fn take(&self, unit: &mut Unit<'_>, weighed: &Weighed) -> Result<Vec<u8>, Held> {
        let before = unit.conversation(self.id).cloned().unwrap_or_else(|| self.first());
        if self.is_turned_away() {
            return Ok(self.turn_away(unit, before));
        }
        let (told, asked) = (before.told(), before.waves_asked.len());
        let mut turn = {
            let ids: BTreeSet<TicketId> = before.at_hand().chain(self.tickets.iter().copied()).collect();
            let tickets: Vec<&Ticket> = ids.iter().rev().filter_map(|id| unit.ticket(*id)).collect();
            let understand = |text: &str| answer::understanding(&self.model.understand(text, true));
            let waits = |it: &&Ticket| {
                let pending = it.approval.as_ref().map_or_else(Vec::new, |it| it.pending());
                pending.iter().any(|it| it.person == self.message.requester)
            };
            let of = |ids: &[TicketId]| ids.iter().filter_map(|id| unit.ticket(*id)).collect::<Vec<_>>();
            let awaiting: Vec<&Ticket> = of(&self.voice.awaiting).into_iter().filter(waits).collect();
            let known_requests = of(&self.voice.known);
            let suggest = |sought: Sought<'_>| self.index.suggest(sought);
            let fits = |known: &Known, alike: Alike<'_>| self.asking.fits(&self.catalog, known, alike);
            // What has ended since it was looked up is not asked about, and nobody is sent to it.
            let leads = |it: &&Known| unit.ticket(it.ticket).is_some_and(Ticket::takes_callers);
            let known: Vec<Known> = self.asking.known.iter().filter(leads).cloned().collect();
            let joined = self.asking.joined.iter();
            let joined: Vec<_> = joined.filter_map(|(wave, it)| Some((*wave, unit.ticket(*it)?))).collect();
            let waves = Waves { known: &known, joined: &joined, fits: &fits };
            let around = (Reader(&understand), Shelf(&suggest), waves);
            let heard = self.heard(&tickets, (&awaiting, &known_requests), around);
            match self.voice.decided {
                Some((ticket, decided)) => before.decided(&heard, ticket, decided),
                None => before.take_turn(&heard),
            }
        };
        if self.masked {
            turn.say.push(Say::Plain("secret"));
        }
        self.note_asked(unit, &turn.conversation.waves_asked[asked..]);
        for effect in &turn.effects {
            self.carry_out(unit, effect, turn.conversation.language, weighed)?;
        }
        let speaker = Speaker {
            phrases: &self.phrases,
            catalog: &self.catalog,
            tickets: |id| unit.ticket(id),
            stock: self.shown.stock(),
        };
        let reply = speaker.reply(&turn);
        let understanding = understanding_to(&self.understanding);
        let taken = v1::TurnTaken {
            message_id: self.message.request.clone(),
            text: self.message.text.clone(),
            understanding: Some(understanding.clone()),
            reply: reply.text.clone(),
            state: Some(conversation_to(&turn.conversation)),
            matters: self.matters(&turn, &told),
        };
        let ticket = reply.ticket.and_then(|id| unit.ticket(id)).map(answer::summary);
        let response = answer::response(&self.message, self.id, reply, ticket, understanding);
        unit.take_turn(taken, turn.conversation);
        Ok(response.encode_to_vec())
    }

    /// Whether the requester has left, and the desk does not serve who has.
    fn is_turned_away(&self) -> bool {
        let leavers = self.catalog.people.leavers;
        leavers == Leavers::Refuse && self.profile.as_ref().is_some_and(|it| !it.is_here())
    }

    /// Answers that nothing can be done for who has left. The conversation stays as it was.
    fn turn_away(&self, unit: &mut Unit<'_>, conversation: Conversation) -> Vec<u8> {
        let language = self.language.unwrap_or(conversation.language);
        let reply = Reply { text: self.phrases.say(language, "left", &[]), ..Reply::default() };
        let understanding = understanding_to(&self.understanding);
        let taken = v1::TurnTaken {
            message_id: self.message.request.clone(),
            text: self.message.text.clone(),
            understanding: Some(understanding.clone()),
            reply: reply.text.clone(),
            state: Some(conversation_to(&conversation)),
            matters: vec![],
        };
        let response = answer::response(&self.message, self.id, reply, None, understanding);
        unit.take_turn(taken, conversation);
        response.encode_to_vec()
    }

    /// The troubles that the message told.
    fn matters(&self, turn: &Turn, told: &Told) -> Vec<v1::TurnMatter> {
        let matter = |it: Matter| v1::TurnMatter {
            template: it.template,
            text: if it.text == self.message.text { String::new() } else { it.text },
        };
        turn.matters(told).into_iter().map(matter).collect()
    }

    /// Keeps that the employee was asked about these waves, so that nobody asks again.
    fn note_asked(&self, unit: &mut Unit<'_>, waves: &[WaveId]) {
        for wave in waves {
            if let Some(known) = self.asking.known.iter().find(|it| it.id == *wave) {
                unit.ask_wave(known.id, known.ticket, &self.message.requester);
            }
        }
    }

    fn first(&self) -> Conversation {
        let known = self.profile.as_ref().and_then(|it| it.details.speaks());
        let language = self.language.or(known).unwrap_or_default();
        Conversation::new(self.id, self.message.key.clone(), self.message.requester.clone(), language)
    }

    /// The message and all that is known around it: the employee's own tickets, and requests of others that wait for
    /// them, or are named and once did.
    pub(super) fn heard<'a>(
        &'a self,
        tickets: &'a [&'a Ticket],
        (awaiting, known): (&'a [&'a Ticket], &'a [&'a Ticket]),
        (reader, shelf, waves): (Reader<'a>, Shelf<'a>, Waves<'a>),
    ) -> Heard<'a> {
        Heard {
            text: &self.visible,
            language: self.language,
            understanding: &self.understanding,
            numbers: &self.numbers,
            assets: &self.assets,
            stock: self.shown.stock(),
            tickets,
            awaiting,
            known,
            at: self.at,
            new_id: self.new_id,
            catalog: &self.catalog,
            policy: self.policy.with(self.model.gate()),
            phrases: &self.phrases,
            details: self.profile.as_ref().map(|it| &it.details),
            reader,
            shelf,
            waves,
        }
    }

    fn carry_out(
        &self,
        unit: &mut Unit<'_>,
        effect: &Effect,
        language: Language,
        weighed: &Weighed,
    ) -> Result<(), Held> {
        match effect {
            Effect::Open { id, draft, gate } => {
                let links = links(draft);
                let assets = weighed.of(&links).ok_or(Held::Unweighed(links))?;
                self.open(unit, *id, draft, *gate, (language, assets))?;
            }
            Effect::Comment { ticket, text } => self.command(unit, *ticket, comment(text))?,
            Effect::Close { ticket, text } => self.close(unit, *ticket, text)?,
            Effect::Cancel { ticket, text } => self.tell_and_move(unit, *ticket, text, State::Cancelled)?,
            Effect::JoinWave { wave, ticket, text } => {
                // Should it end at this moment, the message is taken in once more.
                unit.rely_on(*ticket);
                unit.join_wave(*wave, *ticket, &self.message.requester, text);
            }
            Effect::LeaveWave { wave, ticket } => unit.leave_wave(*wave, *ticket, &self.message.requester),
            Effect::UseArticle { article, before, now } => {
                unit.use_article(*article, &self.id.to_string(), *before, *now);
            }
            Effect::Rate { ticket, score } => self.rate(unit, *ticket, *score)?,
            Effect::Reopen { ticket, text } => self.tell_and_move(unit, *ticket, text, State::Assigned)?,
        }
        Ok(())
    }

    fn open(
        &self,
        unit: &mut Unit<'_>,
        id: TicketId,
        draft: &Draft,
        gate: Gate,
        (language, assets): (Language, TicketAssets),
    ) -> Result<(), Fault> {
        // The catalogue may have lost the template since it was talked about, or its service has ended.
        let template = self.catalog.offered(&draft.template).or_else(|| self.catalog.template(FALLBACK));
        let template = template.ok_or(Fault::NotFound("template"))?;
        let fits = |(field, value): &&(String, _)| template.check_one(field, Clone::clone(value)).is_ok();
        let fields = template.completed(draft.fields.iter().filter(fits).cloned().collect());
        let profile = self.profile.as_ref();
        let name = profile.map_or_else(String::new, |it| it.details.name());
        let requester = named(&self.message.requester, name);
        let old = draft.follows.and_then(|it| unit.ticket(it)).cloned();
        let old = old.filter(|it| it.may_have(Relation::FollowedBy).is_ok());
        Opening {
            id,
            template,
            requester: &requester,
            language,
            subject: "",
            description: &draft.description,
            rating: priority::rated(&self.catalog, template, &fields, &draft.understanding),
            fields,
            gate: Some(gate),
            understanding: Some(&draft.understanding),
            conversation: Some(self.id),
            asked: self.asked.clone(),
            at: self.at,
            links: old.iter().map(|it| it.as_link(Relation::Follows)).collect(),
            assets,
        }
        .record(&self.catalog, unit);
        if let Some(old) = old {
            offspring::link_back(unit, old.id, id, Relation::FollowedBy);
        }
        self.approvals().open(unit, id);
        Ok(())
    }

    /// The requester is done with it: resolved in their words, and closed; what still waited for
    /// consent is given up.
    fn close(&self, unit: &mut Unit<'_>, id: TicketId, text: &str) -> Result<(), Fault> {
        match unit.ticket(id).map(|it| it.state) {
            Some(State::WaitingApproval) => self.command(unit, id, moved(State::Cancelled, String::new())),
            Some(State::Resolved) => self.command(unit, id, moved(State::Closed, String::new())),
            Some(_) => {
                self.command(unit, id, moved(State::Resolved, text.to_owned()))?;
                self.command(unit, id, moved(State::Closed, String::new()))
            }
            None => Err(Fault::NotFound("ticket")),
        }
    }

    fn tell_and_move(&self, unit: &mut Unit<'_>, id: TicketId, text: &str, to: State) -> Result<(), Fault> {
        let said = MoveTo { comment: text.to_owned(), ..MoveTo::new(to, Who::Requester) };
        self.command(unit, id, Command::Move(Box::new(said)))
    }

    /// What is recorded of it changes nothing that a clock or an approval looks at.
    fn rate(&self, unit: &mut Unit<'_>, id: TicketId, score: u8) -> Result<(), Fault> {
        let (by, comment) = (self.message.requester.clone(), String::new());
        let ticket = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?;
        for event in ticket.decide(Command::Rate { by, score, comment, now: self.at }, &self.actor)? {
            unit.record(id, event);
        }
        Ok(())
    }

    fn approvals(&self) -> Approvals<'_> {
        Approvals { catalog: &self.catalog, phrases: &self.phrases, at: self.at }
    }

    fn command(&self, unit: &mut Unit<'_>, id: TicketId, command: Command) -> Result<(), Fault> {
        escalations::escalate(&self.catalog, unit, id, self.at);
        let before = unit.ticket(id).ok_or(Fault::NotFound("ticket"))?.clone();
        for event in before.decide(command, &self.actor)? {
            unit.record(id, event);
        }
        self.approvals().keep_up(unit, id, &before, &self.message.requester)?;
        clocks::settle(&self.catalog, unit, id);
        Ok(())
    }
}

/// The assets that a ticket in the making is about. What nobody has agreed to was merely named.
fn links(draft: &Draft) -> Vec<AssetLink> {
    let field = |tag: &str| field_of(&draft.fields, tag).unwrap_or_default().to_owned();
    let link = |(it, agreed): (&Pointed, bool)| {
        let how = if agreed { LinkedHow::Manual } else { LinkedHow::Named };
        AssetLink { because: field(&it.tag), ..AssetLink::new(it.asset, &it.tag, how) }
    };
    draft.meant().map(link).collect()
}

fn comment(text: &str) -> Command {
    Command::Comment { text: text.to_owned(), internal: false, by_requester: true }
}

fn moved(to: State, resolution: String) -> Command {
    Command::Move(Box::new(MoveTo { resolution, ..MoveTo::new(to, Who::Requester) }))
}
