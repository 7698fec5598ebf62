//! A conversation between two messages, and the ticket in the making.

use super::{
    event::Malformed,
    ticket::{person_from, person_to, values_from, values_to},
    understanding::{understanding_from, understanding_to},
    v1::{self, conversation_state::Phase as Stage},
    words,
};
use crate::{
    conversation::{
        pointing::{Pointed, Pointer},
        state::{Conversation, Draft, Phase, Said, TicketIntent},
    },
    domain::{id::TicketId, money::Money, people::Language},
};

/// In the contract's words.
pub fn conversation_to(it: &Conversation) -> v1::ConversationState {
    v1::ConversationState {
        id: it.id.to_string(),
        key: it.key.clone(),
        requester: Some(person_to(&it.requester)),
        language: words::language_to(it.language),
        phase: Some(phase_to(&it.phase)),
        parked: it.parked.iter().map(draft_to).collect(),
        tickets: ids_to(&it.tickets),
        turns: it.turns,
        misses: it.misses,
        unheard: it.unheard.clone(),
        aside: it.aside.clone(),
        offer: it.offer.map(|it| it.to_string()).unwrap_or_default(),
        offered: it.offered.iter().map(ToString::to_string).collect(),
        wave: it.wave.map(|it| it.to_string()).unwrap_or_default(),
        waves_asked: it.waves_asked.iter().map(ToString::to_string).collect(),
        pointers: it.pointers.iter().map(pointer_to).collect(),
    }
}

/// From the contract's words, as this program wrote them.
pub fn conversation_from(it: &v1::ConversationState) -> Result<Conversation, Malformed> {
    Ok(Conversation {
        id: it.id.parse().map_err(|_| Malformed("conversation.id"))?,
        key: it.key.clone(),
        requester: it.requester.as_ref().map(person_from).ok_or(Malformed("conversation.requester"))?,
        language: words::language_from(it.language).unwrap_or(Language::En),
        phase: phase_from(it.phase.as_ref().ok_or(Malformed("conversation.phase"))?)?,
        parked: it.parked.iter().map(draft_from).collect(),
        tickets: ids_from(&it.tickets)?,
        turns: it.turns,
        misses: it.misses,
        unheard: it.unheard.clone(),
        aside: it.aside.clone(),
        offer: it.offer.parse().ok(),
        offered: it.offered.iter().filter_map(|it| it.parse().ok()).collect(),
        wave: it.wave.parse().ok(),
        waves_asked: it.waves_asked.iter().filter_map(|it| it.parse().ok()).collect(),
        pointers: it.pointers.iter().map(pointer_from).collect(),
    })
}

fn phase_to(phase: &Phase) -> Stage {
    match phase {
        Phase::Idle => Stage::Idle(v1::PhaseIdle {}),
        Phase::Choosing { draft, templates } => {
            Stage::Choosing(v1::PhaseChoosing { draft: Some(draft_to(draft)), templates: templates.clone() })
        }
        Phase::Filling { draft, field, tries } => Stage::Filling(v1::PhaseFilling {
            draft: Some(draft_to(draft)),
            field: field.clone(),
            tries: *tries,
        }),
        Phase::Confirming { draft } => {
            Stage::Confirming(v1::PhaseConfirming { draft: Some(draft_to(draft)) })
        }
        Phase::Pointing { draft } => Stage::Pointing(v1::PhasePointing { draft: Some(draft_to(draft)) }),
        Phase::Approving { tickets, rounds, said } => Stage::Approving(v1::PhaseApproving {
            tickets: ids_to(tickets),
            rounds: rounds.clone(),
            said: said.map(|it| match it {
                Said::Yes => v1::phase_approving::Said::Approves(true),
                Said::No => v1::phase_approving::Said::Rejects(true),
            }),
        }),
        Phase::Picking { intent, tickets, text } => Stage::Picking(v1::PhasePicking {
            intent: intent.as_str().to_owned(),
            tickets: ids_to(tickets),
            text: text.clone(),
        }),
    }
}

fn phase_from(stage: &Stage) -> Result<Phase, Malformed> {
    let draft = |it: &Option<v1::Draft>| it.as_ref().map(draft_from).ok_or(Malformed("phase.draft"));
    Ok(match stage {
        Stage::Idle(_) => Phase::Idle,
        Stage::Choosing(it) => Phase::Choosing { draft: draft(&it.draft)?, templates: it.templates.clone() },
        Stage::Filling(it) => {
            Phase::Filling { draft: draft(&it.draft)?, field: it.field.clone(), tries: it.tries }
        }
        Stage::Confirming(it) => Phase::Confirming { draft: draft(&it.draft)? },
        Stage::Pointing(it) => Phase::Pointing { draft: draft(&it.draft)? },
        Stage::Approving(it) => Phase::Approving {
            tickets: ids_from(&it.tickets)?,
            rounds: it.rounds.clone(),
            said: it.said.as_ref().map(|it| match it {
                v1::phase_approving::Said::Approves(_) => Said::Yes,
                v1::phase_approving::Said::Rejects(_) => Said::No,
            }),
        },
        Stage::Picking(it) => Phase::Picking {
            intent: TicketIntent::parse(&it.intent).ok_or(Malformed("phase.intent"))?,
            tickets: ids_from(&it.tickets)?,
            text: it.text.clone(),
        },
    })
}

fn draft_to(it: &Draft) -> v1::Draft {
    v1::Draft {
        template: it.template.clone(),
        description: it.description.clone(),
        fields: values_to(&it.fields),
        understanding: Some(understanding_to(&it.understanding)),
        confirmed: it.confirmed,
        skipped: it.skipped.clone(),
        advised: it.advised.clone(),
        follows: it.follows.map(|it| it.to_string()).unwrap_or_default(),
        article_offered: it.article_offered,
        shown_price: it.shown_price.as_ref().map(ToString::to_string).unwrap_or_default(),
        agreed_price: it.agreed_price.as_ref().map(ToString::to_string).unwrap_or_default(),
        pointers: it.pointers.iter().map(pointer_to).collect(),
    }
}

fn draft_from(it: &v1::Draft) -> Draft {
    Draft {
        template: it.template.clone(),
        description: it.description.clone(),
        fields: values_from(&it.fields),
        understanding: it.understanding.as_ref().map(understanding_from).unwrap_or_default(),
        confirmed: it.confirmed,
        skipped: it.skipped.clone(),
        advised: it.advised.clone(),
        follows: it.follows.parse().ok(),
        article_offered: it.article_offered,
        shown_price: Money::parse(&it.shown_price).map(Box::new),
        agreed_price: Money::parse(&it.agreed_price).map(Box::new),
        pointers: it.pointers.iter().map(pointer_from).collect(),
    }
}

fn pointer_to(it: &Pointer) -> v1::Pointer {
    let asset = |it: &Pointed| v1::PointedAsset {
        id: it.asset.to_string(),
        tag: it.tag.clone(),
        r#type: it.kind.clone(),
        name: it.name.clone(),
    };
    v1::Pointer { said: it.said.clone(), assets: it.assets.iter().map(asset).collect(), agreed: it.agreed }
}

fn pointer_from(it: &v1::Pointer) -> Pointer {
    let asset = |it: &v1::PointedAsset| {
        let (tag, kind, name) = (it.tag.clone(), it.r#type.clone(), it.name.clone());
        Some(Pointed { asset: it.id.parse().ok()?, tag, kind, name })
    };
    Pointer { said: it.said.clone(), assets: it.assets.iter().filter_map(asset).collect(), agreed: it.agreed }
}

fn ids_to(ids: &[TicketId]) -> Vec<String> {
    ids.iter().map(TicketId::to_string).collect()
}

fn ids_from(ids: &[String]) -> Result<Vec<TicketId>, Malformed> {
    ids.iter().map(|it| it.parse().map_err(|_| Malformed("conversation.tickets"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::AssetId;

    #[test]
    fn what_was_advised_offered_and_pointed_at_is_remembered() {
        let follows = Some(TicketId::from_bytes([7; 16]));
        let advised = vec!["fault.device.phone".into()];
        let (tag, kind, name) = ("LT-1".into(), "laptop".into(), "ThinkPad".into());
        let assets = vec![Pointed { asset: AssetId::from_bytes([8; 16]), tag, kind, name }];
        let pointers = vec![Pointer { said: "my laptop".into(), assets, agreed: true }];
        let draft = Draft { advised, follows, article_offered: true, pointers, ..Draft::default() };
        assert_eq!(draft_from(&draft_to(&draft)), draft);
    }
}
