//! The troubles that a message tells. An answer to the bot's own question tells none: not a yes or a no, not a pick from a
//! list, and not a value that was asked for. Nor does what is said about a ticket that stands.

use super::{
    state::{Conversation, Draft, Phase},
    turn::{Effect, Turn},
};
use crate::domain::catalog::FALLBACK;

/// A trouble that an employee tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matter {
    /// Id of the template that the conversation took it for; empty while that is unsure.
    pub template: String,
    /// What they wrote about it.
    pub text: String,
}

/// The troubles that a conversation knows of, with their templates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told(Vec<Matter>);

impl Conversation {
    /// The tickets in the making: the one that is talked about, and those that wait.
    fn drafts(&self) -> impl Iterator<Item = &Draft> {
        let current = match &self.phase {
            Phase::Choosing { draft, .. }
            | Phase::Filling { draft, .. }
            | Phase::Confirming { draft }
            | Phase::Pointing { draft } => Some(draft),
            Phase::Idle | Phase::Picking { .. } | Phase::Approving { .. } => None,
        };
        current.into_iter().chain(&self.parked)
    }

    /// The troubles that it knows of.
    pub fn told(&self) -> Told {
        Told(self.drafts().map(Matter::of).collect())
    }
}

impl Matter {
    fn of(draft: &Draft) -> Self {
        Self { template: draft.template.clone(), text: draft.description.clone() }
    }

    /// Whether it is this one with more said about it.
    fn goes_on(&self, before: &Self) -> bool {
        !before.text.is_empty() && self.text.starts_with(&before.text)
    }
}

impl Turn {
    /// The troubles that a message told: those that began with it, and those that turned out to be about something else
    /// than was known before it.
    pub fn matters(&self, before: &Told) -> Vec<Matter> {
        let opened = self.effects.iter().filter_map(|it| match it {
            Effect::Open { draft, .. } => Some(draft),
            Effect::Comment { .. }
            | Effect::Close { .. }
            | Effect::Cancel { .. }
            | Effect::Reopen { .. }
            | Effect::Rate { .. }
            | Effect::JoinWave { .. }
            | Effect::LeaveWave { .. }
            | Effect::UseArticle { .. } => None,
        });
        let told = self.conversation.drafts().chain(opened).map(Matter::of);
        let is_new = |it: &Matter| {
            let known: Vec<&Matter> = before.0.iter().filter(|known| it.goes_on(known)).collect();
            // Handed over to a person it is about what it was about.
            let settled =
                || it.template != FALLBACK && known.iter().all(|known| known.template != it.template);
            !it.text.is_empty() && (known.is_empty() || settled())
        };
        told.filter(is_new).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        assignment::Gate,
        id::{ConversationId, TicketId},
        people::{Language, Person},
    };

    fn draft(template: &str, description: &str) -> Draft {
        Draft { template: template.into(), description: description.into(), ..Draft::default() }
    }

    fn conversation(phase: Phase) -> Conversation {
        let ada = Person { issuer: "chat".into(), subject: "ada".into(), ..Person::default() };
        let id = ConversationId::from_bytes([1; 16]);
        Conversation { phase, ..Conversation::new(id, "c".into(), ada, Language::En) }
    }

    fn after(before: Phase, phase: Phase, effects: Vec<Effect>) -> Vec<Matter> {
        let told = conversation(before).told();
        Turn { conversation: conversation(phase), effects, say: vec![] }.matters(&told)
    }

    fn matter(template: &str, text: &str) -> Vec<Matter> {
        vec![Matter { template: template.into(), text: text.into() }]
    }

    #[test]
    fn what_begins_is_a_matter_and_what_is_answered_is_none() {
        let confirming = |it: Draft| Phase::Confirming { draft: it };
        let vpn = || draft("vpn_fault", "the vpn is down");
        assert_eq!(after(Phase::Idle, confirming(vpn()), vec![]), matter("vpn_fault", "the vpn is down"));
        // A value, then the yes.
        let filling = Phase::Filling { draft: vpn(), field: "place".into(), tries: 1 };
        let more = draft("vpn_fault", "the vpn is down\nat home");
        assert_eq!(after(filling, confirming(more.clone()), vec![]), vec![]);
        let open =
            Effect::Open { id: TicketId::from_bytes([2; 16]), draft: more.clone(), gate: Gate::Confirmed };
        assert_eq!(after(confirming(more), Phase::Idle, vec![open]), vec![]);
        assert_eq!(after(Phase::Idle, Phase::Idle, vec![]), vec![]);
    }

    #[test]
    fn what_settles_on_a_template_is_a_matter_of_that() {
        let unsure =
            || Phase::Choosing { draft: draft("", "it is down"), templates: vec!["vpn_fault".into()] };
        assert_eq!(after(Phase::Idle, unsure(), vec![]), matter("", "it is down"));
        let settled = Phase::Confirming { draft: draft("vpn_fault", "it is down") };
        assert_eq!(after(unsure(), settled, vec![]), matter("vpn_fault", "it is down"));
        let given_up = draft(FALLBACK, "it is down\nI do not know");
        let open = Effect::Open { id: TicketId::from_bytes([2; 16]), draft: given_up, gate: Gate::Person };
        assert_eq!(after(unsure(), Phase::Idle, vec![open]), vec![], "a person shall look at it");
    }
}
