//! Why a call of ours did not go through, in words for people and fields for programs.

use std::time::Duration;

use tonic::Status;
use tonic_types::StatusExt;

/// Why a call did not go through.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The address is none.
    #[error("`{0}` is no address; write it like http://127.0.0.1:7400")]
    BadAddress(String),
    /// The address asks for more than this client can do; it must not be called in the clear instead.
    #[error(
        "`{0}`: this client speaks plain HTTP/2 only; put a proxy or a tunnel in front and write http://"
    )]
    Encrypted(String),
    /// The token cannot be sent.
    #[error("the token has characters that no token has")]
    BadToken,
    /// The service, or the way to it, said no.
    #[error("{message}")]
    Refused {
        /// gRPC status code, such as 3 for INVALID_ARGUMENT.
        code: i32,
        /// For people.
        message: String,
        /// For programs; empty if it did not come from the desk.
        reason: String,
        /// Wrong fields, `field: problem`.
        violations: Vec<String>,
        /// Send the same again after this.
        retry_after: Option<Duration>,
    },
}

impl From<Status> for Fault {
    fn from(status: Status) -> Self {
        let details = status.get_error_details();
        let bad = details.bad_request().map(|it| it.field_violations.as_slice()).unwrap_or_default();
        Self::Refused {
            code: status.code() as i32,
            message: status.message().to_owned(),
            reason: details.error_info().map(|it| it.reason.clone()).unwrap_or_default(),
            violations: bad.iter().map(|it| format!("{}: {}", it.field, it.description)).collect(),
            retry_after: details.retry_info().and_then(|it| it.retry_delay),
        }
    }
}
