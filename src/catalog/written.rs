//! How single values are written: ids, texts, words of a closed set, numbers, durations, hours, dates.

use jiff::civil::Date;

use super::{fault::quoted, item::Item, yaml::Value};
use crate::domain::{calendar::Hours, people::Bilingual};

/// Longest id.
const ID: usize = 64;
/// Longest goal, in hours: a working year.
const LONGEST_GOAL: u32 = 2_000;

impl Item<'_> {
    /// Text of one line, neither empty nor longer than so many characters.
    pub(super) fn text(&self, most: usize) -> Option<String> {
        let Value::Text(raw) = &self.node().value else {
            self.expected("text");
            return None;
        };
        let text = raw.trim();
        let length = text.chars().count();
        if text.is_empty() {
            self.fault("is empty; expected text");
        } else if length > most {
            self.fault(format!("has {length} characters; at most {most} are allowed"));
        } else if text.chars().any(char::is_control) {
            self.fault("must be one line, without tabs and other control characters");
        } else {
            return Some(text.to_owned());
        }
        None
    }

    /// An id: 1 to 64 lower-case letters, digits, hyphens and underscores.
    pub(super) fn id(&self) -> Option<String> {
        let Value::Text(raw) = &self.node().value else {
            self.expected("an id");
            return None;
        };
        self.id_of(raw)
    }

    /// The id that a text of this item is.
    pub(super) fn id_of(&self, raw: &str) -> Option<String> {
        let id = raw.trim();
        let legal = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'-' || it == b'_';
        if (1..=ID).contains(&id.len()) && id.bytes().all(legal) {
            return Some(id.to_owned());
        }
        let rule = format!("write 1 to {ID} of a-z, 0-9, `_` and `-`, such as `meeting_room`");
        self.fault(format!("{} is no id; {rule}", quoted(id)));
        None
    }

    /// A text in both languages.
    pub(super) fn bilingual(&self, most: usize) -> Option<Bilingual> {
        let map = self.map(&["en", "zh"])?;
        let en = map.need("en").and_then(|it| it.text(most));
        let zh = map.need("zh").and_then(|it| it.text(most));
        Some(Bilingual { en: en?, zh: zh? })
    }

    /// One word of a closed set.
    pub(super) fn word<T: Copy>(&self, all: &[T], name: impl Fn(T) -> &'static str + Copy) -> Option<T> {
        let Some(text) = self.node().text() else {
            let words: Vec<_> = all.iter().map(|it| name(*it)).collect();
            self.expected(&format!("one of {}", words.join(", ")));
            return None;
        };
        let found = all.iter().copied().find(|it| name(*it) == text);
        if found.is_none() {
            self.unknown("unknown word", text, all.iter().map(|it| name(*it)));
        }
        found
    }

    /// True or false.
    pub(super) fn flag(&self) -> Option<bool> {
        if let Value::Flag(it) = self.node().value {
            return Some(it);
        }
        self.expected("true or false");
        None
    }

    /// A number.
    pub(super) fn number(&self) -> Option<f64> {
        match self.node().value {
            Value::Number(it) if it.is_finite() => Some(it),
            Value::Number(_)
            | Value::Nothing
            | Value::Flag(_)
            | Value::Text(_)
            | Value::List(_)
            | Value::Map(_) => {
                self.expected("a number");
                None
            }
        }
    }

    /// A whole number from 0 to a bound.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked in the line above")]
    pub(super) fn count(&self, most: u32) -> Option<usize> {
        let number = self.number()?;
        if number.fract() == 0.0 && (0.0..=f64::from(most)).contains(&number) {
            return Some(number as usize);
        }
        self.fault(format!("{number} is no whole number from 0 to {most}"));
        None
    }

    /// A goal such as `30m` or `4h`, in seconds.
    pub(super) fn duration(&self) -> Option<u32> {
        let Some(text) = self.node().text() else {
            self.expected("a duration such as 30m or 4h");
            return None;
        };
        let seconds = duration(text);
        if seconds.is_none() {
            let rule =
                format!("write minutes or hours such as 30m or 4h, more than 0, at most {LONGEST_GOAL}h");
            self.fault(format!("{} is no duration; {rule}", quoted(text)));
        }
        seconds
    }

    /// A share such as `75%`, of one percent at least.
    pub(super) fn percent(&self) -> Option<u32> {
        const MOST: u32 = 1_000;
        let percent = self.node().text().and_then(|it| it.strip_suffix('%')?.trim().parse().ok());
        let percent = percent.filter(|it| (1..=MOST).contains(it));
        if percent.is_none() {
            self.expected("a share of the target's time such as 75%, from 1% to 1000%");
        }
        percent
    }

    /// Hours of a day such as `09:00-12:30`.
    pub(super) fn hours(&self) -> Option<Hours> {
        let Some(text) = self.node().text() else {
            self.expected("hours such as 09:00-12:30");
            return None;
        };
        let hours = text.split_once('-').and_then(|(from, to)| Some((clock(from)?, clock(to)?)));
        match hours {
            Some((from, to)) if from < to => return Some(Hours { from, to }),
            Some(_) => {
                self.fault(format!("{} ends before it starts; hours end later, by 24:00", quoted(text)))
            }
            None => self.fault(format!("{} is no stretch of hours; write it like 09:00-12:30", quoted(text))),
        }
        None
    }

    /// A day such as `2026-12-25`.
    pub(super) fn date(&self) -> Option<Date> {
        let text = self.node().text();
        if text.is_none() {
            self.expected("a date such as 2026-12-25");
        }
        self.date_of(text?)
    }

    /// The day that a text of this item names.
    pub(super) fn date_of(&self, text: &str) -> Option<Date> {
        // The parser of dates would also take a time behind the day.
        let date = if text.len() == 10 { text.parse().ok() } else { None };
        if date.is_none() {
            self.fault(format!("{} is no date; write it like 2026-12-25", quoted(text)));
        }
        date
    }
}

fn duration(text: &str) -> Option<u32> {
    let minutes = |count: u32, factor: u32| count.checked_mul(factor);
    let minutes = match (text.strip_suffix('m'), text.strip_suffix('h')) {
        (Some(count), _) => minutes(digits(count)?, 1),
        (None, Some(count)) => minutes(digits(count)?, 60),
        (None, None) => None,
    }?;
    (1..=LONGEST_GOAL * 60).contains(&minutes).then(|| minutes * 60)
}

/// Seconds from midnight of `HH:MM`; 24:00 is the end of the day.
fn clock(text: &str) -> Option<u32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute) = (two_digits(hour)?, two_digits(minute)?);
    let legal = (hour < 24 && minute < 60) || (hour == 24 && minute == 0);
    legal.then_some(hour * 3600 + minute * 60)
}

fn two_digits(text: &str) -> Option<u32> {
    if text.len() == 2 { digits(text) } else { None }
}

/// A whole number without sign.
fn digits(text: &str) -> Option<u32> {
    if text.bytes().all(|it| it.is_ascii_digit()) { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_minutes_or_hours() {
        assert_eq!(
            (duration("30m"), duration("4h"), duration("2000h")),
            (Some(1800), Some(14_400), Some(7_200_000))
        );
        for bad in
            ["", "m", "0m", "4", "4d", "1h30m", "-4h", "+4h", "4 h", "2001h", "99999999999h", "4294967295h"]
        {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_day_ends_at_24_00() {
        assert_eq!((clock("00:00"), clock("09:30"), clock("24:00")), (Some(0), Some(34_200), Some(86_400)));
        for bad in ["24:01", "23:60", "9:00", "0900", "+9:00", "09:0", "", ":"] {
            assert_eq!(clock(bad), None, "{bad}");
        }
    }
}
