//! Days by their names: `the day before yesterday`, `next monday`, `上周五`, `3 days ago`.

use jiff::{Span, ToSpan, civil};

use super::{
    date,
    distance::{self, Distance},
    words::{Text, is_digits, number},
};

const NAMED: [(&str, i64); 32] = [
    ("day before yesterday", -2),
    ("大前天", -3),
    ("前天", -2),
    ("yesterday", -1),
    ("last night", -1),
    ("昨天", -1),
    ("昨晚", -1),
    ("昨日", -1),
    ("day after tomorrow", 2),
    ("大后天", 3),
    ("大後天", 3),
    ("后天", 2),
    ("後天", 2),
    ("tomorrow", 1),
    ("tmrw", 1),
    ("明天", 1),
    ("明早", 1),
    ("明晚", 1),
    ("明日", 1),
    ("today", 0),
    ("tonight", 0),
    ("this morning", 0),
    ("this afternoon", 0),
    ("this evening", 0),
    ("今天", 0),
    ("今日", 0),
    ("今早", 0),
    ("今晚", 0),
    ("last week", -7),
    ("next week", 7),
    ("上周", -7),
    ("下周", 7),
];

/// The first three letters, or the first four with a fifth, are written too.
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// Which one of the many Mondays is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Coming,
    Past,
    /// The one in a week so many weeks from this one.
    Week(i64),
}

pub(super) fn find(text: &Text<'_>, today: civil::Date) -> Option<civil::Date> {
    let relative = |days: i64| today.checked_add(Span::new().try_days(days).unwrap_or(0.days())).ok();
    let away = || match distance::find(text)? {
        Distance::Days(days) => Some(days),
        Distance::Minutes(_) => None,
    };
    let named = |weeks: bool| {
        let mut words = NAMED.iter().filter(|(_, days)| (days.abs() == 7) == weeks);
        words.find(|(word, _)| text.says(word)).map(|(_, days)| *days)
    };
    let days = || {
        away()
            .or_else(|| named(false))
            .or_else(|| weekday(text, today))
            .or_else(|| named(true).or_else(|| same_week(text)))
    };
    date::find(text, today).or_else(|| days().and_then(relative))
}

fn same_week(text: &Text<'_>) -> Option<i64> {
    let said = |which: &str| {
        ["个星期", "星期", "礼拜", "个礼拜", "週", "个周"].iter().any(|it| text.says(&format!("{which}{it}")))
    };
    said("上").then_some(-7).or_else(|| said("下").then_some(7))
}

pub(super) fn is_weekday(word: &str) -> bool {
    WEEKDAYS.contains(&word)
}

/// How many days off the weekday is that a text names. People say the day of what lies ahead as it is;
/// of what lies behind they say that it does.
fn weekday(text: &Text<'_>, today: civil::Date) -> Option<i64> {
    let offset = i64::from(today.weekday().to_monday_zero_offset());
    let (index, which) = (0..text.words.len()).find_map(|at| {
        let (before, here) = text.words.split_at(at);
        latin(text, before, here).or_else(|| chinese(text, before, here))
    })?;
    let ahead = (index - offset).rem_euclid(7);
    Some(match which {
        Which::Coming => ahead,
        Which::Past => ahead - 7,
        Which::Week(weeks) => index - offset + weeks * 7,
    })
}

fn latin(text: &Text<'_>, before: &[&str], here: &[&str]) -> Option<(i64, Which)> {
    const PAST: [&str; 8] =
        ["broke", "happened", "stopped", "crashed", "failed", "stolen", "disappeared", "ago"];
    let word = here.first()?;
    let short = |name: &str| {
        let abbreviated =
            name[..3] == **word || matches!(*word, "tues" | "thur" | "thurs") && name.starts_with(word);
        abbreviated && is_meant(word, before, &here[1..])
    };
    let index = WEEKDAYS.iter().position(|name| name == word || short(name))?;
    let near = &before[before.len().saturating_sub(2)..];
    let which = match before {
        [.., "every" | "each"] => return None,
        [.., "next"] => Which::Week(1),
        _ if text.says("next week") => Which::Week(1),
        _ if text.says("last week") => Which::Week(-1),
        [.., "last"] => Which::Past,
        _ if near.contains(&"since") || text.says_any(&PAST) => Which::Past,
        _ => Which::Coming,
    };
    Some((index as i64, which))
}

/// "Sun", "sat" and "wed" are words too.
fn is_meant(word: &str, before: &[&str], behind: &[&str]) -> bool {
    const CUES: [&str; 10] =
        ["on", "by", "until", "till", "last", "next", "this", "since", "before", "after"];
    let alone = before.is_empty() && behind.is_empty();
    let timed = !matches!(word, "sun" | "sat" | "wed") && behind.first().is_some_and(|it| is_digits(it));
    alone || timed || before.last().is_some_and(|it| CUES.contains(it))
}

fn chinese(text: &Text<'_>, before: &[&str], here: &[&str]) -> Option<(i64, Which)> {
    let (day, behind) = match here {
        ["周" | "週", day, behind @ ..]
        | ["星", "期", day, behind @ ..]
        | ["礼" | "禮", "拜", day, behind @ ..] => (*day, behind),
        _ => return None,
    };
    let index = match day {
        "日" | "天" => 6,
        _ => ["一", "二", "三", "四", "五", "六"].iter().position(|it| *it == day)?,
    };
    // "一周一次" is once a week, "本周日志" is this week's log.
    let before = if let [sooner @ .., "个" | "個"] = before { sooner } else { before };
    let counted = before.last().is_some_and(|it| number(it).is_some() || "每几".contains(it));
    if counted || matches!(behind, ["志" | "次", ..]) {
        return None;
    }
    let past = text.says_any(&["自从", "自從", "以来", "坏了"]) || (text.says("从") && text.says("开始"));
    let which = match before {
        [.., "下", "下"] => Which::Week(2),
        [.., "上", "上"] => Which::Week(-2),
        [.., "下"] => Which::Week(1),
        [.., "上"] => Which::Week(-1),
        [.., "这" | "本"] => Which::Week(0),
        _ if past => Which::Past,
        _ => Which::Coming,
    };
    Some((index as i64, which))
}
