//! What is answered when something is wrong (RFC 7644, 3.12).

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use crate::desk::fault;

/// How the bodies of answers are called.
pub(super) const SCIM_JSON: &str = "application/scim+json";

/// Something that is wrong with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) status: StatusCode,
    /// Its keyword, where the standard has one.
    pub(super) kind: Option<&'static str>,
    pub(super) detail: String,
}

impl Fault {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, kind: None, detail: detail.into() }
    }

    /// 400 with a keyword.
    pub(super) fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, kind: Some(kind), detail: detail.into() }
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    pub(super) fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    pub(super) fn path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    pub(super) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "there is no such resource")
    }
}

impl From<fault::Fault> for Fault {
    fn from(fault: fault::Fault) -> Self {
        use fault::Fault as Desk;
        let detail = fault.to_string();
        match fault {
            Desk::Malformed(_) => Self::value(detail),
            Desk::NotFound(_) => Self::not_found(),
            Desk::Taken(_) | Desk::RequestReused(_) => {
                Self { status: StatusCode::CONFLICT, kind: Some("uniqueness"), detail }
            }
            Desk::Stale { .. } => Self::new(StatusCode::PRECONDITION_FAILED, detail),
            Desk::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, detail),
            Desk::Busy | Desk::Training | Desk::Uploads { .. } => {
                Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
            }
            Desk::Unavailable => Self::new(StatusCode::SERVICE_UNAVAILABLE, detail),
            Desk::Refused(_)
            | Desk::Article(_)
            | Desk::Wave(_)
            | Desk::Improvement(_)
            | Desk::Unfit { .. }
            | Desk::Left(_) => Self::new(StatusCode::CONFLICT, detail),
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": self.status.as_u16().to_string(),
            "detail": self.detail,
        });
        if let Some(kind) = self.kind {
            body["scimType"] = json!(kind);
        }
        let mut response = answer(self.status, &body);
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
        }
        if matches!(self.status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
        }
        response
    }
}

/// An answer with a body.
pub(super) fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, SCIM_JSON)], body.to_string()).into_response()
}
