//! Dates: `2026-11-16`, `16.11.2026`, `Nov 16`, `11月16日`, `the 5th`.

use jiff::{ToSpan, civil};

use super::{
    day::is_weekday,
    distance::unit,
    words::{Text, at_each, counts_nothing, is_digits, is_letters, number},
};

pub(super) fn find(text: &Text<'_>, today: civil::Date) -> Option<civil::Date> {
    let figures =
        |before: &[&str], here: &[&str]| sorted(before, here).or_else(|| dotted(before, here, today));
    let named = |before: &[&str], here: &[&str]| {
        day_first(before, here, today)
            .or_else(|| month_first(here, today))
            .or_else(|| chinese(before, here, today))
            .or_else(|| ordinal(before, here, today))
    };
    at_each(&text.pieces, figures).or_else(|| at_each(&text.words, named))
}

/// `2026-11-16`, `2026/11/16`
fn sorted(before: &[&str], here: &[&str]) -> Option<civil::Date> {
    let [year, sign @ ("-" | "/"), month, second, day, rest @ ..] = here else { return None };
    let glued = matches!(before, [.., "-" | "/" | "." | "_"]) || matches!(rest, ["-" | "/" | "_", ..]);
    (sign == second && !glued).then(|| on(this_year(year), number(month)?, short(day)?)).flatten()
}

/// `16.11.`, `16.11.2026`, `16.11.26`. A version ("16.11.2"), a room ("2.14") and an address are none, so the
/// short ones need a sign that they are dates.
fn dotted(before: &[&str], here: &[&str], today: civil::Date) -> Option<civil::Date> {
    let [day, ".", month, ".", rest @ ..] = here else { return None };
    let (day, month) = (short(day)?, short(month)?);
    if before.last().is_some_and(|it| matches!(*it, "." | "-" | "/") || is_letters(it)) {
        return None;
    }
    let before: Vec<&str> = before.iter().filter(|it| !it.trim().is_empty()).copied().collect();
    let dated = is_dated(&before);
    match rest {
        [year, ".", more, ..] if is_digits(year) && is_digits(more) => None,
        [year, "-", ..] if is_digits(year) => None,
        [year, ..] if is_digits(year) && year.len() == 4 => on(this_year(year), month, day),
        [year, ..] if is_digits(year) => {
            (dated && year.len() == 2).then(|| on(Some(2000 + number(year)?), month, day)).flatten()
        }
        _ => dated.then(|| closest(month, day, today)).flatten(),
    }
}

/// Whether a date, rather than a version or a room, follows on these words.
fn is_dated(before: &[&str]) -> bool {
    const CUES: [&str; 9] = ["on", "since", "until", "till", "by", "from", "before", "after", "for"];
    let before = if let [sooner @ .., "the"] = before { sooner } else { before };
    before.last().is_none_or(|it| CUES.contains(it) || is_weekday(it) || matches!(*it, "," | "("))
}

/// `16 Nov`, `16th of November 2026`, `16. November`
fn day_first(before: &[&str], here: &[&str], today: civil::Date) -> Option<civil::Date> {
    let day = short(here.first()?)?;
    let suffixed = here.get(1).is_some_and(|it| is_suffix(it));
    let rest = &here[1 + usize::from(suffixed)..];
    let rest = if let [".", rest @ ..] = rest { rest } else { rest };
    let rest = if let ["of", rest @ ..] = rest { rest } else { rest };
    let index = month(rest.first()?)?;
    let year = year(&rest[1..]);
    // "Room 12 may be too small."
    if rest[0] == "may" && !suffixed && year.is_none() && !is_dated(before) {
        return None;
    }
    if year.is_some() { on(year, index, day) } else { closest(index, day, today) }
}

/// `Nov 16`, `November 16th, 2026`
fn month_first(here: &[&str], today: civil::Date) -> Option<civil::Date> {
    let (name, rest) = here.split_first()?;
    let rest = if let [".", rest @ ..] = rest { rest } else { rest };
    let (index, day) = (month(name)?, short(rest.first()?)?);
    let rest = &rest[1..];
    // "Jan 5 minutes ago" and "may 3 people" are no dates.
    let more = rest.first().is_some_and(|it| {
        unit(it).is_some() || matches!(*it, ":" | "am" | "pm" | "people" | "users" | "times" | "of" | "%")
    });
    if more || matches!(rest, [".", next, ..] if is_digits(next)) {
        return None;
    }
    let rest = if rest.first().is_some_and(|it| is_suffix(it)) { &rest[1..] } else { rest };
    let year = year(if let [",", rest @ ..] = rest { rest } else { rest });
    if year.is_some() { on(year, index, day) } else { closest(index, day, today) }
}

/// `11月16日`, `2026年11月16号`
fn chinese(before: &[&str], here: &[&str], today: civil::Date) -> Option<civil::Date> {
    let [month, "月", day, "日" | "号" | "號", ..] = here else { return None };
    let (month, day) = (number(month)?, number(day)?);
    match before {
        [.., year, "年"] => on(this_year(year), month, day),
        _ => closest(month, day, today),
    }
}

/// `on the 5th`, but not `the 5th floor`
fn ordinal(before: &[&str], here: &[&str], today: civil::Date) -> Option<civil::Date> {
    let ["the", day, suffix, rest @ ..] = here else { return None };
    let day = short(day).filter(|_| is_suffix(suffix) && is_dated(before) && counts_nothing(rest))?;
    let first = today.first_of_month();
    let months = (-1..=1).filter_map(|it: i64| first.checked_add(it.months()).ok());
    nearest(months.filter_map(|it| on(Some(it.year().into()), it.month().into(), day)), today)
}

fn month(word: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let named = |name: &&str| *name == word || name[..3] == *word || (word == "sept" && *name == "september");
    Some(MONTHS.iter().position(named)? as i64 + 1)
}

fn is_suffix(word: &str) -> bool {
    matches!(word, "st" | "nd" | "rd" | "th")
}

/// A day or a month in figures.
fn short(word: &str) -> Option<i64> {
    number(word).filter(|_| is_digits(word) && word.len() <= 2)
}

fn this_year(word: &str) -> Option<i64> {
    number(word).filter(|it| is_digits(word) && (2000..2100).contains(it))
}

fn year(behind: &[&str]) -> Option<i64> {
    this_year(behind.first()?)
}

fn on(year: Option<i64>, month: i64, day: i64) -> Option<civil::Date> {
    civil::Date::new(year?.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?).ok()
}

/// A date without a year is that of the year which brings it closest.
fn closest(month: i64, day: i64, today: civil::Date) -> Option<civil::Date> {
    let year = i64::from(today.year());
    nearest((year - 1..=year + 1).filter_map(|it| on(Some(it), month, day)), today)
}

fn nearest(dates: impl Iterator<Item = civil::Date>, today: civil::Date) -> Option<civil::Date> {
    dates.min_by_key(|it| it.duration_since(today).as_secs().abs())
}
