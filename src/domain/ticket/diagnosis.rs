//! What is known of a problem: how it shows, what causes it, and what to do about it (ITIL 4, problem management; the
//! known error as iTop keeps it). A problem whose cause or workaround is known is a known error once somebody says so,
//! and stays one until it is resolved.

use super::{Refusal, Ticket, TicketKind};
use crate::domain::{
    id::ArticleId,
    lifecycle::{ResolutionCode, State},
};

/// What is known of a problem; empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// How it shows.
    pub symptom: String,
    /// What causes it.
    pub root_cause: String,
    /// What helps until it is solved.
    pub workaround: String,
    /// What ends it.
    pub solution: String,
    /// What programs show of it, such as `0x80070035`.
    pub error_code: String,
    /// It is a known error: whoever meets it is told.
    pub is_known: bool,
    /// The article that tells readers of it.
    pub article: Option<ArticleId>,
}

/// Why a problem is not diagnosed like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undiagnosed {
    /// It is another kind of ticket.
    #[error("{0} is no problem; only a problem has a cause and a workaround: open one with OpenProblem")]
    NoProblem(String),
    /// A known error is recognised by its symptom.
    #[error("a known error needs its symptom, and the workaround or the root cause")]
    NotKnown,
    /// Nobody has said that it is one.
    #[error("{0} is no known error yet; say so with DiagnoseProblem, is_known_error")]
    NotSaid(String),
    /// Nobody knows why it will not come back.
    #[error(
        "a problem is resolved with its root cause, or with a resolution_code that says why there is none: \
         workaround is not enough, risk_accepted, no_fault, not_reproducible and duplicate are"
    )]
    NoCause,
}

impl Diagnosis {
    /// Whether it says enough for somebody who meets it.
    fn may_be_known(&self) -> bool {
        let says = |it: &str| it.chars().any(char::is_alphanumeric);
        says(&self.symptom) && (says(&self.workaround) || says(&self.root_cause))
    }
}

impl Ticket {
    /// Whether it is a known error: it is one until it is resolved, and longer if the company lives with it.
    pub fn is_known_error(&self) -> bool {
        let stays = self.state.is_open() || self.course.code == Some(ResolutionCode::RiskAccepted);
        stays && self.diagnosis.as_ref().is_some_and(|it| it.is_known)
    }

    /// Whether it was a problem's end that ends its incidents as well: the cause is gone, or does no harm any more.
    pub fn has_solved(&self) -> bool {
        let is_done = matches!(self.state, State::Resolved | State::Closed);
        is_done && matches!(self.course.code, None | Some(ResolutionCode::Fixed | ResolutionCode::Workaround))
    }

    /// Whether this may be said of it.
    pub(super) fn may_be_diagnosed(&self, diagnosis: &Diagnosis) -> Result<(), Refusal> {
        if self.kind != TicketKind::Problem {
            return Err(Undiagnosed::NoProblem(self.number.clone()).into());
        }
        if self.is_over() && !self.is_known_error() {
            return Err(Refusal::Over(self.state));
        }
        if diagnosis.is_known && !diagnosis.may_be_known() {
            return Err(Undiagnosed::NotKnown.into());
        }
        if self.diagnosis.as_deref() == Some(diagnosis) {
            return Err(Refusal::NothingToChange);
        }
        if self.state.is_open() {
            return Ok(());
        }
        let then = Self { diagnosis: Some(Box::new(diagnosis.clone())), ..self.clone() };
        then.is_explained(self.course.code)
    }

    /// Whether a problem may be resolved in this way: somebody must know why it does not come back, or say why not.
    pub(super) fn is_explained(&self, code: Option<ResolutionCode>) -> Result<(), Refusal> {
        let needs_no_cause = match code {
            Some(
                ResolutionCode::RiskAccepted
                | ResolutionCode::NoFault
                | ResolutionCode::NotReproducible
                | ResolutionCode::Duplicate,
            ) => true,
            Some(ResolutionCode::Fixed | ResolutionCode::Workaround | ResolutionCode::GivenUp) | None => {
                false
            }
        };
        let has_cause = self.diagnosis.as_ref().is_some_and(|it| !it.root_cause.trim().is_empty());
        if self.kind != TicketKind::Problem || needs_no_cause || has_cause {
            return Ok(());
        }
        Err(Undiagnosed::NoCause.into())
    }
}
