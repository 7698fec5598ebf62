//! Why the desk did not do something, by what its caller can do about it.

use crate::{
    domain::{article, improvement, ticket::Refusal, wave},
    store::{Unavailable, Undone},
};

/// Why a command did not go through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Send it again with these fields mended.
    #[error("{}", .0.iter().map(|it| format!("{}: {}", it.field, it.problem)).collect::<Vec<_>>().join("; "))]
    Malformed(Vec<Violation>),
    /// There is no such thing in the caller's tenant.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The request id was used for something else; take another one.
    #[error("request id `{0}` was used with other content")]
    RequestReused(String),
    /// The rules say no, and will say no again.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The life of articles says no.
    #[error(transparent)]
    Article(#[from] article::Refused),
    /// The life of waves says no.
    #[error(transparent)]
    Wave(#[from] wave::Refused),
    /// The register of improvements says no.
    #[error(transparent)]
    Improvement(#[from] improvement::Refused),
    /// Read it again, then decide again.
    #[error("the {what} has version {current}, not {expected}: somebody changed it meanwhile")]
    Stale {
        /// What was changed.
        what: &'static str,
        /// The version that the caller knew.
        expected: u64,
        /// The version that it has.
        current: u64,
    },
    /// What is asked of the models cannot be; look at them again.
    #[error("{problem}")]
    Unfit {
        /// In what way, for programs.
        why: Unfit,
        /// The same for people.
        problem: String,
    },
    /// Something that is one person's alone is another's already.
    #[error("{0}")]
    Taken(String),
    /// The requester has left, and leavers are turned away.
    #[error("{0}")]
    Left(String),
    /// The caller may not do that, in their role.
    #[error("{0}")]
    Forbidden(String),
    /// A training runs; start the next one when it has ended.
    #[error("a training runs already; one runs at a time")]
    Training,
    /// So many files of the caller's tenant come already; send the file again when one of them has.
    #[error(
        "{most} files of this tenant are being sent already, which is the most at once; wait until one of them \
         has come, and send this one again"
    )]
    Uploads {
        /// So many may come at once.
        most: usize,
    },
    /// Too much waits; send the same again in a moment.
    #[error("too much is waiting; send the same again in a moment")]
    Busy,
    /// The store does not answer; send the same again in a moment.
    #[error(
        "the store does not answer; whether it was done is not known: send the same again with the same id"
    )]
    Unavailable,
}

/// Why something cannot be done with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfit {
    /// It reads golden messages wrongly.
    Golden,
    /// Its file is no usable model.
    Unusable,
    /// It is in use already.
    AlreadyThere,
    /// Nothing was in use before.
    NothingBefore,
    /// There is no shadow.
    NoShadow,
    /// The operation has ended.
    Over,
}

/// One wrong field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Its path in the request.
    pub field: String,
    /// What is wrong, and what would be right.
    pub problem: String,
}

impl Violation {
    /// One wrong field.
    pub fn new(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { field: field.into(), problem: problem.into() }
    }
}

impl Fault {
    /// A fault of one field.
    pub fn field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::Malformed(vec![Violation::new(field, problem)])
    }
}

impl From<Unavailable> for Fault {
    fn from(fault: Unavailable) -> Self {
        tracing::error!(error = %fault, "the store does not answer");
        Self::Unavailable
    }
}

/// What work that was not done means for the caller of `request`.
pub(super) fn undone(undone: Undone<Fault>, request: &str) -> Fault {
    refused(undone, request).unwrap_or_else(|it| it)
}

/// Why a decision said no; else what it means for the caller of `request` that nothing was decided.
pub(super) fn refused<R>(undone: Undone<R>, request: &str) -> Result<R, Fault> {
    match undone {
        Undone::Refused(why) => Ok(why),
        Undone::OtherContent => Err(Fault::RequestReused(request.to_owned())),
        Undone::Full => Err(Fault::Busy),
        Undone::Unavailable => Err(Fault::Unavailable),
    }
}
