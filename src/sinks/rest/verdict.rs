//! What an HTTP answer that is no success means to whoever delivers.

use std::time::Duration;

use serde_json::Value;

use crate::sinks::Undelivered;

/// An answer that does not carry what was asked for.
#[derive(Debug)]
pub struct Refused {
    /// Method and path.
    pub what: String,
    /// HTTP status.
    pub status: u16,
    /// Content type.
    pub kind: String,
    /// The body, if it is JSON.
    pub json: Option<Value>,
    /// The body.
    pub bytes: Vec<u8>,
    /// How long to wait, if it says.
    pub wait: Option<Duration>,
}

impl Refused {
    /// What to do about it.
    pub fn verdict(&self) -> Undelivered {
        let why = self.why();
        match self.status {
            // A success without JSON: a login page, a portal, another program.
            200..=299 => Undelivered::Blocked { why: format!("{why}; is `url` the root of its interface?") },
            300..=399 => Undelivered::Blocked {
                why: format!("{why}; redirects are not followed, so `url` must name its target"),
            },
            401 => Undelivered::Blocked { why: format!("{why}; is `token` right, and still valid?") },
            403 | 407 => Undelivered::Blocked { why },
            408 | 425 => Undelivered::Again { after: self.wait, why },
            429 | 502 | 503 => Undelivered::Away { after: self.wait, why },
            400..=499 => Undelivered::Never { why },
            _ => Undelivered::Again { after: self.wait, why },
        }
    }

    fn why(&self) -> String {
        format!("{} answered {}: {}", self.what, self.status, self.said())
    }

    /// The store's own words: a JSON message, or the title of a page, and never a whole page.
    fn said(&self) -> String {
        let message = self.json.as_ref().and_then(|it| it.get("message")).and_then(Value::as_str);
        let text = String::from_utf8_lossy(&self.bytes);
        let words = match (message, title(&text)) {
            (Some(message), _) => message,
            (None, Some(title)) => title,
            (None, None) if self.kind.starts_with("text/html") => "a page without a title",
            (None, None) => &text,
        };
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let short: String = words.chars().filter(|it| !it.is_control()).take(200).collect();
        if short.is_empty() { "nothing".to_owned() } else { short }
    }
}

fn title(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<title>").or_else(|| page.split_once("<TITLE>"))?;
    Some(rest.split('<').next().unwrap_or(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Undelivered {
        let json = serde_json::from_str(body).ok();
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        let (kind, what, bytes) = (kind.to_owned(), "GET /ticket".to_owned(), body.as_bytes().to_vec());
        Refused { what, status, kind, json, bytes, wait: Some(Duration::from_secs(7)) }.verdict()
    }

    #[test]
    fn a_status_says_what_to_do() {
        for status in [401, 403, 302, 200] {
            assert!(matches!(answer(status, "<html>"), Undelivered::Blocked { .. }), "{status}");
        }
        for status in [400, 404, 405, 409, 412, 415, 422] {
            assert!(matches!(answer(status, "{}"), Undelivered::Never { .. }), "{status}");
        }
        let wait = Some(Duration::from_secs(7));
        for status in [408, 425, 500, 504, 507] {
            assert!(
                matches!(answer(status, ""), Undelivered::Again { after, .. } if after == wait),
                "{status}"
            );
        }
        for status in [429, 502, 503] {
            assert!(
                matches!(answer(status, ""), Undelivered::Away { after, .. } if after == wait),
                "{status}"
            );
        }
    }

    #[test]
    fn a_reason_is_the_stores_own_words_and_never_a_whole_page() {
        let said = answer(403, r#"{"message":"No permission to create tickets in the queue 'Gone'"}"#);
        let right = "GET /ticket answered 403: No permission to create tickets in the queue 'Gone'";
        assert_eq!(said.to_string(), right);
        let page = answer(500, "<html><title>Internal\n error</title><body>stack trace</body></html>");
        assert_eq!(page.to_string(), "GET /ticket answered 500: Internal error");
        assert_eq!(answer(500, "").to_string(), "GET /ticket answered 500: nothing");
        assert_eq!(answer(500, "<html>x").to_string(), "GET /ticket answered 500: a page without a title");
    }
}
