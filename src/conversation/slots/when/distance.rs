//! Points in time told by how far off they are: `2 hours ago`, `in 3 days`, `半小时前`.

use super::words::{Text, at_each, counted, number};

#[derive(Clone, Copy)]
pub(super) enum Distance {
    Minutes(i64),
    Days(i64),
}

const UNITS: [(&str, Distance); 10] = [
    ("minute", Distance::Minutes(1)),
    ("min", Distance::Minutes(1)),
    ("hour", Distance::Minutes(60)),
    ("hr", Distance::Minutes(60)),
    ("h", Distance::Minutes(60)),
    ("day", Distance::Days(1)),
    ("week", Distance::Days(7)),
    ("second", Distance::Minutes(0)),
    ("sec", Distance::Minutes(0)),
    ("wk", Distance::Days(7)),
];

const CHINESE: [(&str, Distance); 9] = [
    ("分钟", Distance::Minutes(1)),
    ("分鐘", Distance::Minutes(1)),
    ("小时", Distance::Minutes(60)),
    ("小時", Distance::Minutes(60)),
    ("钟头", Distance::Minutes(60)),
    ("天", Distance::Days(1)),
    ("周", Distance::Days(7)),
    ("星期", Distance::Days(7)),
    ("礼拜", Distance::Days(7)),
];

pub(super) fn find(text: &Text<'_>) -> Option<Distance> {
    at_each(&text.words, |before, here| latin(before, here).or_else(|| chinese(before, here)))
}

pub(super) fn unit(word: &str) -> Option<Distance> {
    let bare = word.strip_suffix('s').unwrap_or(word);
    UNITS.iter().find(|(name, _)| *name == bare).map(|(_, it)| *it)
}

fn latin(before: &[&str], here: &[&str]) -> Option<Distance> {
    let (halves, rest) = match here {
        ["half", "a" | "an", rest @ ..] => (1, rest),
        ["a" | "an", rest @ ..] => (2, rest),
        ["couple", "of", rest @ ..] => (4, rest),
        [count, rest @ ..] => (counted(count)? * 2, rest),
        [] => return None,
    };
    let unit = unit(rest.first()?)?;
    let sign = match (before, &rest[1..]) {
        (_, ["ago", ..]) | ([.., "since"], _) => -1,
        // "It crashed 3 times in 2 days" tells no time.
        ([.., "times" | "twice" | "once", "in"], _) => return None,
        ([.., "in"], _) => 1,
        _ => return None,
    };
    Some(far(unit, halves * sign))
}

fn chinese(before: &[&str], here: &[&str]) -> Option<Distance> {
    let (count, rest) = here.split_first()?;
    let halves = if *count == "半" { 1 } else { number(count)? * 2 };
    let rest = rest[..rest.len().min(6)].concat();
    let rest = rest.trim_start_matches(['个', '個']);
    let (halves, rest) = rest.strip_prefix('半').map_or((halves, rest), |it| (halves + 1, it));
    let (unit, rest) = CHINESE.iter().find_map(|(name, unit)| Some((*unit, rest.strip_prefix(name)?)))?;
    let rest = rest.trim_start_matches(['以', '之']);
    if rest.starts_with('前') {
        return Some(far(unit, -halves));
    }
    // "开机5分钟后死机" is about any start, not about five minutes from now.
    let free =
        before.last().is_none_or(|it| !it.chars().all(char::is_alphabetic) || "在约概于要".contains(it));
    (free && rest.starts_with(['后', '後'])).then(|| far(unit, halves))
}

fn far(unit: Distance, halves: i64) -> Distance {
    match unit {
        Distance::Minutes(it) => Distance::Minutes(it * halves / 2),
        Distance::Days(it) => Distance::Days(it * halves / 2),
    }
}
