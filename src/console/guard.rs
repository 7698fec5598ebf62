//! Turns away requests to a loopback address that were not meant for it: a foreign page whose name
//! was made to resolve to this machine gives itself away by its Host or its Origin.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Knows the port that must have been asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    port: u16,
}

impl Guard {
    pub(super) fn new(port: u16) -> Self {
        Self { port }
    }

    /// Why a request is turned away, if it is.
    fn refusal(self, host: Option<&str>, origin: Option<&str>) -> Option<String> {
        let Self { port } = self;
        let Some(host) = host else {
            return Some(format!("the request has no Host header; ask for http://127.0.0.1:{port}"));
        };
        if !self.is_here(host) {
            return Some(format!(
                "this server answers for http://127.0.0.1:{port} and http://localhost:{port}, not for `{host}`",
            ));
        }
        let origin = origin?;
        let is_ours = origin.strip_prefix("http://").is_some_and(|it| self.is_here(it));
        (!is_ours).then(|| format!("a page of `{origin}` may not talk to this server"))
    }

    /// Whether `host:port` is a name of this machine's loopback, with our port.
    fn is_here(self, authority: &str) -> bool {
        let (name, port) = match authority.rsplit_once(':') {
            // An IPv6 address without a port ends in a bracket.
            Some((name, port)) if !authority.ends_with(']') => (name, port.parse().ok()),
            Some(_) | None => (authority, Some(80)),
        };
        let bracketed = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let is_loopback = match bracketed {
            Some(bare) => bare.parse().is_ok_and(|it: Ipv6Addr| it.is_loopback()),
            None => name.parse().is_ok_and(|it: Ipv4Addr| it.is_loopback()),
        };
        port == Some(self.port) && (is_loopback || name.eq_ignore_ascii_case("localhost"))
    }
}

/// Lets a request through, or answers 403 with the reason.
pub(super) async fn admit(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let (host, origin) = (only(request.headers(), &header::HOST), only(request.headers(), &header::ORIGIN));
    let refusal = match (host, origin) {
        (Ok(host), Ok(origin)) => guard.refusal(host, origin),
        (Err(header), _) | (_, Err(header)) => Some(format!("the header {header} is not one readable value")),
    };
    match refusal {
        Some(reason) => (StatusCode::FORBIDDEN, format!("{reason}\n")).into_response(),
        None => next.run(request).await,
    }
}

/// The only value of a header; two of them, or one that is no text, are an attempt to confuse.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, HeaderName> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| name.clone()),
        (Some(_), Some(_)) => Err(name.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUARD: Guard = Guard { port: 7401 };

    #[test]
    fn names_of_this_machine_are_let_through() {
        for host in ["127.0.0.1:7401", "localhost:7401", "LOCALHOST:7401", "[::1]:7401", "127.8.9.1:7401"] {
            assert_eq!(GUARD.refusal(Some(host), None), None, "{host}");
        }
        let origin = Some("http://localhost:7401");
        assert_eq!(GUARD.refusal(Some("127.0.0.1:7401"), origin), None);
        assert_eq!(Guard::new(80).refusal(Some("localhost"), Some("http://[::1]")), None);
    }

    #[test]
    fn a_rebound_name_is_turned_away() {
        for host in [
            "evil.example:7401",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1.evil.example:7401",
            "localhost.evil.example:7401",
            "evil.localhost:7401",
            "10.0.0.1:7401",
            "[::1]",
            "[::1:7401",
            "::1:7401",
            "0.0.0.0:7401",
            "2130706433:7401",
            "user@localhost:7401",
            "",
        ] {
            assert!(GUARD.refusal(Some(host), None).is_some(), "{host}");
        }
        assert!(GUARD.refusal(None, None).is_some());
    }

    #[test]
    fn a_page_of_another_origin_is_turned_away() {
        for origin in
            ["null", "https://localhost:7401", "http://evil.example", "http://localhost:3000", "file://"]
        {
            assert!(GUARD.refusal(Some("localhost:7401"), Some(origin)).is_some(), "{origin}");
        }
    }
}
