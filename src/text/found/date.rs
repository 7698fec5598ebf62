//! Days and times of day, as spans only: what they mean depends on where the requester is.

use crate::text::found::{
    Kind,
    words::{Words, is_number},
};

/// The date or time at a word.
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    written(words, at).or_else(|| chinese(words, at)).or_else(|| time(words, at))
}

/// 2026-03-01, 24.12.2025, 3/14/2026.
fn written(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let same = |mark: &&str| words.joined(at, &[*mark]) == 3;
    ["-", ".", "/"].iter().find(|mark| same(mark))?;
    let number = |at: usize| words.word(at).parse::<u32>().ok();
    let (first, second, third) = (number(at)?, number(at + 1)?, number(at + 2)?);
    let year = |year: u32| (1900..=2199).contains(&year);
    let day_and_month = |a: u32, b: u32| (1..=31).contains(&a.max(b)) && (1..=12).contains(&a.min(b));
    let right =
        (year(first) && day_and_month(second, third)) || (year(third) && day_and_month(first, second));
    right.then(|| (3, Kind::Date(words.typed(at, 3).to_owned())))
}

/// 3月5日, 2026年3月5日, 5号.
fn chinese(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let part = |at: usize, unit: &[&str]| {
        is_number(words.word(at), 1..=4) && unit.contains(&words.word(at + 1)) && words.gap(at).is_empty()
    };
    let from = if part(at, &["年"]) { at + 2 } else { at };
    let right = part(from, &["月"]) && part(from + 2, &["日", "号"]);
    right.then(|| (from + 4 - at, Kind::Date(words.typed(at, from + 4 - at).to_owned())))
}

/// 08:15, 17:30:05, 5pm, 5 pm.
fn time(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let below = |at: usize, digits, bound: u32| {
        is_number(words.word(at), digits) && words.word(at).parse().is_ok_and(|n: u32| n < bound)
    };
    let count = words.joined(at, &[":", "："]);
    let clock = (2..=3).contains(&count)
        && below(at, 1..=2, 24)
        && (at + 1..at + count).all(|at| below(at, 2..=2, 60));
    if clock {
        return Some((count, Kind::Time(words.typed(at, count).to_owned())));
    }
    let half = |word: &str| word == "AM" || word == "PM";
    if below(at, 1..=2, 13) && words.gap(at) == " " && half(words.word(at + 1)) {
        return Some((2, Kind::Time(words.typed(at, 2).to_owned())));
    }
    let hour = words.word(at).strip_suffix("AM").or_else(|| words.word(at).strip_suffix("PM"))?;
    let right = is_number(hour, 1..=2) && hour.parse().is_ok_and(|hour: u32| (1..=12).contains(&hour));
    right.then(|| (1, Kind::Time(words.typed(at, 1).to_owned())))
}
