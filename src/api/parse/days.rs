//! Days, and the zones in which they begin.

use jiff::{civil::Date, tz::TimeZone};

use super::Checks;

impl Checks {
    /// A day such as `2027-03-01`; nothing if it is empty.
    pub(in crate::api) fn day(&mut self, field: &str, raw: &str) -> Option<Date> {
        if raw.is_empty() {
            return None;
        }
        let day = raw.parse::<Date>().ok().filter(|it| 0 < it.year() && raw.len() == 10);
        if day.is_none() {
            self.wrong(field, "must be a day such as 2027-03-01, or empty");
        }
        day
    }

    /// A time zone by its IANA name; UTC if it is empty.
    pub(in crate::api) fn zone(&mut self, field: &str, raw: &str) -> TimeZone {
        if raw.is_empty() {
            return TimeZone::UTC;
        }
        TimeZone::get(raw).unwrap_or_else(|_| {
            self.wrong(field, "must be an IANA time zone such as Europe/Berlin, or empty for UTC");
            TimeZone::UTC
        })
    }
}
