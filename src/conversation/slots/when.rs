//! Points in time as people write them: `yesterday at 3pm`, `2026-03-01 14:00`, `今天下午3点`.

use jiff::{Span, ToSpan, civil, tz::TimeZone};

use super::plausible;
use crate::domain::time::Timestamp;

/// The point in time that a text names, read on the clocks of `zone`; a day without a time is its noon.
pub fn find(text: &str, now: Timestamp, zone: &str) -> Option<Timestamp> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let today = jiff::Timestamp::from_second(now.second()).ok()?.to_zoned(zone.clone()).date();
    let text = text.to_lowercase();
    let (day, time) = (day(&text, today), time(&text));
    if day.is_none() && time.is_none() {
        return None;
    }
    let day = day.unwrap_or(today);
    let time = time.unwrap_or(civil::time(12, 0, 0, 0));
    let at = Timestamp::from_second(day.to_datetime(time).to_zoned(zone).ok()?.timestamp().as_second());
    plausible(at, now).then_some(at)
}

const DAYS: [(&str, i64); 13] = [
    ("day before yesterday", -2),
    ("前天", -2),
    ("yesterday", -1),
    ("last night", -1),
    ("昨天", -1),
    ("昨晚", -1),
    ("day after tomorrow", 2),
    ("后天", 2),
    ("tomorrow", 1),
    ("明天", 1),
    ("today", 0),
    ("this morning", 0),
    ("今天", 0),
];

const WEEKDAYS: [(&str, i8); 14] = [
    ("monday", 0),
    ("tuesday", 1),
    ("wednesday", 2),
    ("thursday", 3),
    ("friday", 4),
    ("saturday", 5),
    ("sunday", 6),
    ("周一", 0),
    ("周二", 1),
    ("周三", 2),
    ("周四", 3),
    ("周五", 4),
    ("周六", 5),
    ("周日", 6),
];

fn day(text: &str, today: civil::Date) -> Option<civil::Date> {
    let iso = || text.split(|it: char| !(it.is_ascii_digit() || it == '-')).find_map(|it| it.parse().ok());
    let named = || DAYS.iter().find(|(word, _)| text.contains(word)).map(|(_, it)| *it);
    // The coming one: people say the day of what lies ahead; for what lies behind they say "last".
    let weekday = || {
        let (_, index) = WEEKDAYS.iter().find(|(word, _)| text.contains(word))?;
        let ahead = i64::from((index - today.weekday().to_monday_zero_offset()).rem_euclid(7));
        let last = ["last ", "上周", "上个周", "上星期"].iter().any(|it| text.contains(it));
        Some(if last { ahead - 7 } else { ahead })
    };
    let relative = |days: i64| today.checked_add(Span::new().try_days(days).unwrap_or(0.days())).ok();
    iso().or_else(|| named().or_else(weekday).and_then(relative))
}

/// `14:30`, `3pm`, `3:15 pm`, `下午3点`, `15点半`. A bare number is no time.
fn time(text: &str) -> Option<civil::Time> {
    let mut rest = text;
    while let Some(start) = rest.find(|it: char| it.is_ascii_digit()) {
        let (before, tail) = rest.split_at(start);
        let digits = tail.find(|it: char| !it.is_ascii_digit()).unwrap_or(tail.len());
        if let Some(time) = clock(before, &tail[..digits], &tail[digits..]) {
            return Some(time);
        }
        rest = &tail[digits..];
    }
    None
}

fn clock(before: &str, hour: &str, behind: &str) -> Option<civil::Time> {
    let hour: i8 = hour.parse().ok()?;
    let minutes = behind.strip_prefix(':').and_then(|it| it.get(..2)).and_then(|it| it.parse::<i8>().ok());
    let behind = if minutes.is_some() { behind.get(3..)? } else { behind };
    let behind = behind.trim_start();
    let (pm, am) = (behind.starts_with("pm") || behind.starts_with("p.m"), behind.starts_with("am"));
    let chinese = behind.starts_with('点') || behind.starts_with('點');
    if minutes.is_none() && !(pm || am || chinese) {
        return None;
    }
    let late = pm || before.ends_with("下午") || before.ends_with("晚上") || before.ends_with("昨晚");
    let hour = match (hour, late, am) {
        (12, false, true) => 0,
        (1..=11, true, _) => hour + 12,
        _ => hour,
    };
    let half = if chinese && behind.chars().nth(1) == Some('半') { 30 } else { 0 };
    civil::Time::new(hour, minutes.unwrap_or(half), 0, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now = Timestamp::parse("2026-03-04T09:00:00Z").unwrap();
        for (text, at) in [
            ("yesterday at 3pm on the train", Some("2026-03-03T14:00:00Z")),
            ("2026-03-01 14:30", Some("2026-03-01T13:30:00Z")),
            ("last friday", Some("2026-02-27T11:00:00Z")),
            ("friday 9 am", Some("2026-03-06T08:00:00Z")),
            ("今天下午3点半", Some("2026-03-04T14:30:00Z")),
            ("昨天", Some("2026-03-03T11:00:00Z")),
            ("12 people on floor 3", None),
            ("at 99:99", None),
            ("2031-01-01", None),
        ] {
            let expected = at.map(|it| Timestamp::parse(it).unwrap());
            assert_eq!(find(text, now, "Europe/Berlin"), expected, "{text}");
        }
    }
}
