//! What the door reads of a call's metadata.

use std::time::Duration;

use tonic::codegen::http;

use crate::api::status::Denied;

/// A unary call without a deadline gets this.
const DEADLINE: Duration = Duration::from_secs(5);
/// A unary call gets at most this, whatever deadline it brings.
const LONGEST: Duration = Duration::from_secs(10);
/// No token of ours is longer; what is, is not worth a look into the database.
const LONGEST_TOKEN: usize = 512;

/// The API token of a call.
pub(super) fn token(headers: &http::HeaderMap) -> Result<&str, Denied> {
    let mut values = headers.get_all(http::header::AUTHORIZATION).iter();
    let value = values.next().ok_or(Denied::NoToken)?;
    let (scheme, token) = value.to_str().ok().and_then(|it| it.split_once(' ')).ok_or(Denied::NoToken)?;
    let legal = (1..=LONGEST_TOKEN).contains(&token.len()) && values.next().is_none();
    match scheme.eq_ignore_ascii_case("bearer") {
        true if legal => Ok(token),
        true => Err(Denied::UnknownToken),
        false => Err(Denied::NoToken),
    }
}

/// The deadline that the call brings, within our bounds; what cannot be read counts as missing.
pub(super) fn deadline(headers: &http::HeaderMap) -> Duration {
    let given = headers.get("grpc-timeout").and_then(|it| it.to_str().ok()).and_then(wait);
    given.unwrap_or(DEADLINE).min(LONGEST)
}

/// A wait as gRPC writes it: at most eight digits and a unit.
fn wait(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let legal = (1..=8).contains(&digits.len()) && digits.bytes().all(|it| it.is_ascii_digit());
    let number: u64 = digits.parse().ok().filter(|_| legal)?;
    match unit {
        "H" => Some(Duration::from_secs(number * 3600)),
        "M" => Some(Duration::from_secs(number * 60)),
        "S" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_millis(number)),
        "u" => Some(Duration::from_micros(number)),
        "n" => Some(Duration::from_nanos(number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &'static str, value: &'static str) -> http::HeaderMap {
        [(http::HeaderName::from_static(name), http::HeaderValue::from_static(value))].into_iter().collect()
    }

    #[test]
    fn a_deadline_stays_within_bounds() {
        let of = |text| deadline(&headers("grpc-timeout", text));
        assert_eq!(deadline(&http::HeaderMap::new()), DEADLINE);
        assert_eq!(of("250m"), Duration::from_millis(250));
        assert_eq!(of("7S"), Duration::from_secs(7));
        assert_eq!(of("99999999H"), LONGEST);
        for bad in ["", "S", "1", "+1S", "123456789S", "1x", "-1S", "1.5S"] {
            assert_eq!(of(bad), DEADLINE, "{bad}");
        }
    }

    #[test]
    fn a_token_is_read_from_one_well_formed_header_only() {
        let of = |text| token(&headers("authorization", text)).ok().map(str::to_owned);
        assert_eq!(of("Bearer abc"), Some("abc".to_owned()));
        assert_eq!(of("bearer abc"), Some("abc".to_owned()));
        for bad in ["", "Bearer", "Bearer ", "Basic abc", "abc"] {
            assert_eq!(of(bad), None, "{bad}");
        }
        let mut two = headers("authorization", "Bearer abc");
        two.append("authorization", http::HeaderValue::from_static("Bearer def"));
        assert!(token(&two).is_err());
    }
}
