//! A point in time, as the entries hand it in.

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The whole second that this point lies in.
    pub fn second(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The start of a second.
    pub fn from_second(second: i64) -> Self {
        Self(second.saturating_mul(1000))
    }

    /// RFC 3339 in UTC with whole seconds, such as `2026-03-01T09:00:00Z`.
    pub fn rfc3339(self) -> String {
        jiff::Timestamp::from_second(self.second()).map_or_else(|_| String::new(), |it| it.to_string())
    }

    /// The date in UTC.
    pub fn date(self) -> jiff::civil::Date {
        let at = jiff::Timestamp::from_second(self.second()).unwrap_or_default();
        jiff::tz::TimeZone::UTC.to_datetime(at).date()
    }

    /// Reads RFC 3339, with any offset.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|it| Self(it.as_millisecond()))
    }
}
