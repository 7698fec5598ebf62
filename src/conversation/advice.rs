//! Advice of a chosen option: told as soon as the option is known, before the next question, and once
//! for each ticket in the making.

use super::{
    state::{Draft, Phase},
    turn::{Effect, Say, Turn},
};
use crate::domain::catalog::Catalog;

impl Turn {
    /// Puts in the advice that is due: for a ticket just opened behind the word that it is, for one in
    /// the making before what is asked next.
    pub(super) fn advise(mut self, catalog: &Catalog) -> Self {
        for effect in &mut self.effects {
            let Effect::Open { id, draft, .. } = effect else { continue };
            let opened = |it: &Say| matches!(it, Say::Ticket { id: it, .. } if it == id);
            let behind = self.say.iter().position(opened).map_or(self.say.len(), |it| it + 1);
            let due = draft.advice_due(catalog);
            self.say.splice(behind..behind, due);
        }
        if let Phase::Filling { draft, .. } | Phase::Confirming { draft } | Phase::Pointing { draft } =
            &mut self.conversation.phase
        {
            let before = self.say.len().saturating_sub(1);
            let due = draft.advice_due(catalog);
            self.say.splice(before..before, due);
        }
        self
    }
}

impl Draft {
    /// The advice of the chosen options that was not given yet; from now on it is.
    fn advice_due(&mut self, catalog: &Catalog) -> Vec<Say> {
        let Some(template) = catalog.template(&self.template) else { return vec![] };
        let mut due = vec![];
        for (field, option) in template.chosen(&self.fields).filter(|(_, it)| it.advice.is_some()) {
            let name = format!("{}.{}.{}", template.id, field.id, option.id);
            if !self.advised.contains(&name) {
                self.advised.push(name);
                let [template, field, option] = [&template.id, &field.id, &option.id].map(String::clone);
                due.push(Say::Advice { template, field, option });
            }
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        catalog,
        conversation::state::Conversation,
        domain::{
            assignment::Gate,
            field::FieldValue,
            id::{ConversationId, Slot, TicketId},
            people::{Language, Person},
        },
    };

    fn turn(phase: Phase, effect: Option<Effect>, say: Vec<Say>) -> Turn {
        let id = ConversationId::new([0; 16], Slot(0));
        let start = Conversation::new(id, String::new(), Person::default(), Language::En);
        let turn = Turn {
            conversation: Conversation { phase, ..start },
            effects: effect.into_iter().collect(),
            say,
        };
        turn.advise(&catalog::parse(&catalog::starter(), 1, None).unwrap())
    }

    fn gas() -> Draft {
        let fields = vec![("trade".to_owned(), FieldValue::Choice("danger".into()))];
        Draft { template: "facility_fault".into(), fields, ..Draft::default() }
    }

    fn told(turn: &Turn) -> Vec<usize> {
        let advice = |it: &(usize, &Say)| matches!(it.1, Say::Advice { .. });
        turn.say.iter().enumerate().filter(advice).map(|(at, _)| at).collect()
    }

    #[test]
    fn advice_stands_before_the_question_and_is_given_once() {
        let say = vec![Say::Plain("parked"), Say::Plain("ask")];
        let phase = Phase::Filling { draft: gas(), field: "location".into(), tries: 1 };
        let first = turn(phase, None, say.clone());
        assert_eq!(told(&first), [1]);
        assert_eq!(told(&turn(first.conversation.phase, None, say)), [0_usize; 0]);
    }

    #[test]
    fn advice_stands_behind_the_word_that_the_ticket_is_open() {
        let id = TicketId::new([0; 16], Slot(0));
        let effect = Effect::Open { id, draft: gas(), gate: Gate::Auto };
        let say = vec![Say::Ticket { key: "opened", id }, Say::Plain("back_to")];
        assert_eq!(told(&turn(Phase::Idle, Some(effect), say)), [1]);
    }
}
