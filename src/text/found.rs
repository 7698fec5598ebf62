//! Values in a message that mean something by their form: ticket numbers, asset tags, host names,
//! error codes, dates and times.
//!
//! Finders are tried in a fixed order at each word, and the first that takes a word keeps it: a
//! ticket number is never an asset tag as well.

pub mod asset;
pub mod code;
pub mod date;
pub mod ticket;

use crate::text::found::{ticket::TicketNumber, words::Words};

mod words;

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// The number of a ticket, in its canonical form.
    Ticket(TicketNumber),
    /// The tag on a device, in capitals: LT-20417.
    AssetTag(String),
    /// The name of a machine on the network, in small letters.
    Host(String),
    /// A code that software shows, as typed.
    ErrorCode(String),
    /// A day, as typed.
    Date(String),
    /// A time of day, as typed.
    Time(String),
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Byte range in the message, on character boundaries.
    pub start: usize,
    /// End of the byte range, exclusive.
    pub end: usize,
    /// What it is.
    pub kind: Kind,
}

/// All values of a message, in order, none overlapping.
pub fn found(text: &str) -> Vec<Found> {
    let words = Words::of(text);
    let mut all = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let value = ticket::at(&words, at)
            .or_else(|| code::at(&words, at))
            .or_else(|| date::at(&words, at))
            .or_else(|| asset::at(&words, at));
        match value {
            None => at += 1,
            Some((count, kind)) => {
                let (start, end) = words.span(at, count);
                all.push(Found { start, end, kind });
                at += count;
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each value as `kind value`, so that a case is one line.
    fn said(text: &str) -> Vec<String> {
        let say = |value: Found| match value.kind {
            Kind::Ticket(number) => format!("ticket {number}"),
            Kind::AssetTag(tag) => format!("asset {tag}"),
            Kind::Host(name) => format!("host {name}"),
            Kind::ErrorCode(code) => format!("code {code}"),
            Kind::Date(date) => format!("date {date}"),
            Kind::Time(time) => format!("time {time}"),
        };
        found(text).into_iter().map(say).collect()
    }

    fn check(text: &str, expected: &[&str]) {
        assert_eq!(said(text), expected, "{text}");
    }

    #[test]
    fn ticket_numbers_are_found_however_they_are_typed() {
        check("INC-000123?", &["ticket INC-000123"]);
        check("whats with inc 123 and req000045", &["ticket INC-000123", "ticket REQ-000045"]);
        check("chg#77, PRB_1234567", &["ticket CHG-000077", "ticket PRB-1234567"]);
        check("关闭INC-000123谢谢", &["ticket INC-000123"]);
        check("INC–000123", &["ticket INC-000123"]);
        check("ＩＮＣ-000123", &["ticket INC-000123"]);
    }

    #[test]
    fn words_that_only_look_like_ticket_numbers_are_left() {
        check("Apple Inc. 2 years ago", &[]);
        check("incoming 12", &[]);
        check("inc", &[]);
        check("INC-", &[]);
    }

    #[test]
    fn asset_tags_are_found_and_are_no_tickets() {
        check("my laptop lt-20417 is dead", &["asset LT-20417"]);
        check("PRN-3-02卡纸", &["asset PRN-3-02"]);
        check("asset PH-0412.", &["asset PH-0412"]);
        check("covid-19 and utf-8 and 3-02 and wi-fi 6", &[]);
    }

    #[test]
    fn hosts_are_found() {
        check("cannot reach fs02.corp.example.com", &["host fs02.corp.example.com"]);
        check(r"open \\fs02\projects", &["host fs02"]);
        check("ping 10.1.20.7 fails", &["host 10.1.20.7"]);
        check("see e.g. report.xlsx at 3.22", &[]);
        check("mail me at ann@example.com", &[]);
    }

    #[test]
    fn error_codes_are_found() {
        check("outlook says 0x80070005", &["code 0x80070005"]);
        check("ORA-12154: TNS", &["code ORA-12154"]);
        check("Error 809 on the vpn", &["code 809"]);
        check("报错代码 691", &["code 691"]);
        check("event id 4625, HTTP 503", &["code 4625", "code 503"]);
        check("three errors on 5 pages", &[]);
    }

    #[test]
    fn days_and_times_are_found() {
        check("since 2026-03-01 08:15", &["date 2026-03-01", "time 08:15"]);
        check("on 24.12.2025 at 5pm", &["date 24.12.2025", "time 5pm"]);
        check("3月5日下午", &["date 3月5日"]);
        check("room 2.17, ratio 25:99", &[]);
    }

    proptest! {
        #[test]
        fn spans_lie_on_boundaries_in_order(text in any::<String>()) {
            let mut last = 0;
            for value in found(&text) {
                prop_assert!(last <= value.start && value.start < value.end);
                prop_assert!(text.get(value.start..value.end).is_some());
                last = value.end;
            }
        }

        #[test]
        fn nearly_values_never_panic(text in "(INC|LT|ORA|0x|error|[0-9]{1,3}|[-:.#/年月日 ]){0,12}") {
            found(&text);
        }
    }
}
