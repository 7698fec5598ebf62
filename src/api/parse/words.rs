//! Closed sets of words. An enum on the wire is a number from a stranger: a newer caller may send one
//! that this build has never seen, and is told which names it knows.

use super::Checks;
use crate::{
    domain::{
        asset::{AssetState, Criticality, RelationKind},
        lifecycle::{CancelReason, HoldReason, ResolutionCode, State},
        people::Language,
        priority::{Impact, Urgency},
        task::TaskState,
        ticket::Relation,
    },
    proto::{v1, words},
};

/// One closed set: how to read a number of it, and its names in the contract.
pub(in crate::api) struct Words<T> {
    pub(in crate::api) read: fn(i32) -> Option<T>,
    pub(in crate::api) name: fn(i32) -> Option<&'static str>,
}

/// States of tickets.
pub(in crate::api) const STATE: Words<State> = Words {
    read: words::state_from,
    name: |it| v1::TicketState::try_from(it).ok().map(|it| it.as_str_name()),
};

/// States of tasks.
pub(in crate::api) const TASK_STATE: Words<TaskState> = Words {
    read: words::task_state_from,
    name: |it| v1::TaskState::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Reasons to wait.
pub(in crate::api) const HOLD: Words<HoldReason> =
    Words { read: words::hold_from, name: |it| v1::HoldReason::try_from(it).ok().map(|it| it.as_str_name()) };

/// Ways in which tickets are resolved.
pub(in crate::api) const CODE: Words<ResolutionCode> = Words {
    read: words::code_from,
    name: |it| v1::ResolutionCode::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Why tickets are cancelled.
pub(in crate::api) const CANCEL: Words<CancelReason> = Words {
    read: words::cancel_from,
    name: |it| v1::CancelReason::try_from(it).ok().map(|it| it.as_str_name()),
};

/// What people may make a ticket to another one.
pub(in crate::api) const RELATION: Words<Relation> = Words {
    read: |it| words::relation_from(it).filter(|it| it.is_free()),
    name: |it| v1::LinkRelation::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Where assets are in their lives.
pub(in crate::api) const ASSET_STATE: Words<AssetState> = Words {
    read: words::asset_state_from,
    name: |it| v1::AssetState::try_from(it).ok().map(|it| it.as_str_name()),
};

/// How much hangs on assets.
pub(in crate::api) const CRITICALITY: Words<Criticality> = Words {
    read: words::criticality_from,
    name: |it| v1::AssetCriticality::try_from(it).ok().map(|it| it.as_str_name()),
};

/// How assets hang together.
pub(in crate::api) const HANGING: Words<RelationKind> = Words {
    read: words::hanging_from,
    name: |it| v1::AssetRelationKind::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Effects on the business.
pub(in crate::api) const IMPACT: Words<Impact> =
    Words { read: words::impact_from, name: |it| v1::Impact::try_from(it).ok().map(|it| it.as_str_name()) };

/// How long something can wait.
pub(in crate::api) const URGENCY: Words<Urgency> =
    Words { read: words::urgency_from, name: |it| v1::Urgency::try_from(it).ok().map(|it| it.as_str_name()) };

/// Languages of answers.
pub(in crate::api) const LANGUAGE: Words<Language> = Words {
    read: words::language_from,
    name: |it| v1::Language::try_from(it).ok().map(|it| it.as_str_name()),
};

/// Yes or no.
pub(in crate::api) const WORD: Words<bool> = Words {
    read: |it| match v1::ApprovalWord::try_from(it) {
        Ok(v1::ApprovalWord::Approve) => Some(true),
        Ok(v1::ApprovalWord::Reject) => Some(false),
        Ok(v1::ApprovalWord::Unspecified) | Err(_) => None,
    },
    name: |it| v1::ApprovalWord::try_from(it).ok().map(|it| it.as_str_name()),
};

impl Checks {
    /// A word, or none if it is not said.
    pub(in crate::api) fn optional_word<T>(
        &mut self,
        field: &str,
        number: i32,
        words: &Words<T>,
    ) -> Option<T> {
        if number == 0 { None } else { self.word(field, number, words) }
    }

    /// A word that must be said; `None` only if it was not, or is unknown.
    pub(in crate::api) fn word<T>(&mut self, field: &str, number: i32, words: &Words<T>) -> Option<T> {
        let word = (words.read)(number);
        if word.is_none() {
            let names: Vec<_> =
                (1..32).filter(|it| (words.read)(*it).is_some()).filter_map(words.name).collect();
            self.wrong(field, format!("{number} is not one of {}", names.join(", ")));
        }
        word
    }
}
