//! Tries a template out: what the bot would ask and answer, without a text model and without a trace.

use super::{
    heard::{Heard, Policy, Reader},
    offering::Shelf,
    phrases::Phrases,
    pointing::Stock,
    reply::{Reply, Speaker},
    state::{Conversation, Draft},
    turn::Effect,
    waves::Waves,
};
use crate::{
    domain::{
        assignment::{Gate, Understanding},
        catalog::Catalog,
        id::{ConversationId, Slot, TicketId},
        people::{Language, Person},
        time::Timestamp,
    },
    text::found::{Kind, found},
};

/// A talk about a template, whatever the messages are like otherwise.
#[derive(Debug)]
pub struct Trial<'a> {
    /// The catalogue that has it.
    pub catalog: &'a Catalog,
    /// The bot's words.
    pub phrases: &'a Phrases,
    /// Id of the template.
    pub template: &'a str,
    /// What the bot speaks.
    pub language: Language,
    /// When.
    pub at: Timestamp,
}

/// What came of a talk.
#[derive(Debug, Default)]
pub struct Tried {
    /// Each message and its answer.
    pub turns: Vec<(String, Reply)>,
    /// The ticket that would be opened, and who agreed to it.
    pub opens: Option<(Draft, Gate)>,
}

impl Trial<'_> {
    /// Hears messages until a ticket would be opened.
    pub fn talk(&self, messages: &[String]) -> Tried {
        let id = ConversationId::new([0; 16], Slot(0));
        let mut talk = Conversation::new(id, String::new(), Person::default(), self.language);
        let mut tried = Tried::default();
        for message in messages {
            let turn = talk.take_turn(&self.heard(message, &self.surely(), &assets(message)));
            let speaker = Speaker {
                phrases: self.phrases,
                catalog: self.catalog,
                tickets: |_| None,
                stock: Stock::default(),
            };
            tried.turns.push((message.clone(), speaker.reply(&turn)));
            tried.opens = turn.effects.into_iter().find_map(|it| match it {
                Effect::Open { draft, gate, .. } => Some((draft, gate)),
                Effect::Comment { .. }
                | Effect::Close { .. }
                | Effect::Cancel { .. }
                | Effect::Reopen { .. }
                | Effect::Rate { .. }
                | Effect::JoinWave { .. }
                | Effect::LeaveWave { .. }
                | Effect::UseArticle { .. } => None,
            });
            if tried.opens.is_some() {
                break;
            }
            talk = turn.conversation;
        }
        tried
    }

    fn heard<'a>(
        &'a self,
        text: &'a str,
        understanding: &'a Understanding,
        assets: &'a [String],
    ) -> Heard<'a> {
        Heard {
            text,
            language: Some(self.language),
            understanding,
            numbers: &[],
            assets,
            stock: Stock::default(),
            tickets: &[],
            awaiting: &[],
            known: &[],
            at: self.at,
            new_id: TicketId::new([0; 16], Slot(0)),
            catalog: self.catalog,
            policy: Policy::default(),
            phrases: self.phrases,
            details: None,
            reader: Reader(&nothing),
            shelf: Shelf(&|_| None),
            waves: Waves { known: &[], joined: &[], fits: &|_, _| false },
        }
    }

    /// Whatever is said, it is about the template.
    fn surely(&self) -> Understanding {
        Understanding { labels: vec![(self.template.to_owned(), 1.0)], ..Understanding::default() }
    }
}

/// What a text model that knows nothing makes of a part of a message.
fn nothing(_: &str) -> Understanding {
    Understanding::default()
}

fn assets(text: &str) -> Vec<String> {
    let tag = |kind| match kind {
        Kind::AssetTag(tag) => Some(tag),
        Kind::Ticket(_) | Kind::Host(_) | Kind::ErrorCode(_) | Kind::Date(_) | Kind::Time(_) => None,
    };
    found(text).into_iter().filter_map(|it| tag(it.kind)).collect()
}
