//! The time of a day: `14:30`, `3pm`, `half past three`, `at 3`, `下午3点`, `this morning`.

use jiff::civil;

use super::words::{Text, at_each, counted, counts_nothing, is_digits, is_letters, number};

/// A part of the day and the hour it stands for without a better one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Morning,
    Noon,
    Afternoon,
    Evening,
}

pub(super) fn find(text: &Text<'_>) -> Option<civil::Time> {
    let written = at_each(&text.pieces, written);
    let told = || at_each(&text.words, chinese).or_else(|| at_each(&text.words, bare));
    let roughly = || Some(civil::time(usual(part(&text.words)?), 0, 0, 0));
    written.or_else(told).or_else(roughly)
}

fn clock(hour: i64, minute: i64) -> Option<civil::Time> {
    civil::Time::new(hour.try_into().ok()?, minute.try_into().ok()?, 0, 0).ok()
}

fn usual(part: Part) -> i8 {
    match part {
        Part::Morning => 9,
        Part::Noon => 12,
        Part::Afternoon => 15,
        Part::Evening => 20,
    }
}

/// `14:30`, `3pm`, `3:15 p.m.`, `3.30 pm`
fn written(before: &[&str], here: &[&str]) -> Option<civil::Time> {
    let (minute, rest) = match here {
        [_, ":" | "：", minute, rest @ ..] if two(minute) => (number(minute)?, rest),
        [_, ".", minute, rest @ ..] if two(minute) && half_day(rest).is_some() => (number(minute)?, rest),
        [_, rest @ ..] if half_day(rest).is_some() => (0, rest),
        _ => return None,
    };
    // "00:1a:2b" and "fe80::10:20" are addresses.
    let glued =
        before.last().is_some_and(|it| matches!(*it, ":" | "." | "-") || (is_letters(it) && *it != "t"));
    let tied = half_day(rest).is_none() && rest.first().is_some_and(|it| is_letters(it));
    let tied = tied || matches!(rest, [":", _, ":", ..]);
    let hour = number(here[0]).filter(|_| is_digits(here[0]) && here[0].len() <= 2 && !glued && !tied)?;
    let hour = match (half_day(rest), hour) {
        (Some(_), 0 | 13..) => return None,
        (Some(late), _) => hour % 12 + if late { 12 } else { 0 },
        (None, 1..=6) if here[0].len() == 1 && is_appointed(before) => said(hour, near(before, rest))?,
        (None, _) => hour + if is_late(hour, near(before, rest)) { 12 } else { 0 },
    };
    clock(hour, minute)
}

/// "At 1:30" is said as "at 3" is; `01:30` and a mere `1:30` are read as they stand.
fn is_appointed(before: &[&str]) -> bool {
    matches!(before, [.., "at" | "around" | "by" | "until" | "till", _])
}

fn two(word: &str) -> bool {
    is_digits(word) && word.len() == 2
}

/// Whether `pm` or `am` stands right behind an hour.
fn half_day(behind: &[&str]) -> Option<bool> {
    let behind = behind.split_first().filter(|(it, _)| it.trim().is_empty()).map_or(behind, |(_, it)| it);
    match behind {
        ["pm", ..] | ["p", ".", "m", ..] => Some(true),
        ["am", ..] | ["a", ".", "m", ..] => Some(false),
        _ => None,
    }
}

/// Whether the part of the day puts an hour into its second half: "at 8 this evening".
fn is_late(hour: i64, part: Option<Part>) -> bool {
    match part {
        Some(Part::Evening) => (5..=11).contains(&hour),
        Some(Part::Afternoon) => (1..=6).contains(&hour),
        Some(Part::Noon) => (1..=3).contains(&hour),
        Some(Part::Morning) | None => false,
    }
}

/// An hour as it is said in an office: "at 3" is in the afternoon. "Last night at 2" may be either day's.
fn said(hour: i64, part: Option<Part>) -> Option<i64> {
    let early = (1..=6).contains(&hour);
    match part {
        Some(Part::Morning) => Some(hour),
        Some(Part::Evening) if hour < 5 => None,
        _ if early || is_late(hour, part) => Some(hour + 12),
        _ => Some(hour),
    }
}

/// The part of the day in the same clause as an hour, or right before it: "yesterday evening, around 8".
fn near(before: &[&str], behind: &[&str]) -> Option<Part> {
    let before = &before[before.len().saturating_sub(24)..];
    let behind = &behind[..behind.len().min(16)];
    let stops = |it: &&str| matches!(*it, "," | "." | ";" | "!" | "?" | "，" | "。" | "；");
    let mut before: Vec<&str> = before.iter().filter(|it| !it.trim().is_empty()).copied().collect();
    before.pop_if(|it| matches!(*it, "at" | "around" | "about" | "by" | "until"));
    before.pop_if(|it| matches!(*it, "," | "，"));
    let start = before.iter().rposition(stops).map_or(0, |it| it + 1);
    let end = behind.iter().position(stops).unwrap_or(behind.len());
    let behind = behind[..end].iter().filter(|it| !it.trim().is_empty());
    part(&before[start..].iter().chain(behind).copied().collect::<Vec<_>>())
}

/// `at 3`, `until 5, please`, `3 o'clock`, `half past three`. Any other bare number is no time.
fn bare(before: &[&str], here: &[&str]) -> Option<civil::Time> {
    let (hour, rest) = here.split_first()?;
    counted(hour)?;
    let part = near(before, rest);
    let past = match before {
        [.., "half", "past"] => Some(30),
        [.., "quarter", "past"] => Some(15),
        [.., "quarter", "to"] => Some(-15),
        _ => None,
    };
    if let Some(past) = past {
        let minutes = said(counted(hour).filter(|it| (1..=12).contains(it))?, part)? * 60 + past;
        return clock(minutes / 60, minutes % 60);
    }
    let told = matches!(rest, ["in", "the", "morning" | "afternoon" | "evening", ..]) && !is_amount(before);
    let exact = told || matches!(rest, ["o", "'" | "’", "clock", ..] | ["oclock", ..]);
    let vague = matches!(before, [.., "at" | "since" | "by" | "until", "about" | "around"]);
    let (cue, sooner) = before[..before.len() - usize::from(vague)].split_last().unwrap_or((&"", &[]));
    let cued = matches!(*cue, "at" | "around" | "by" | "until" | "till" | "since") && !is_amount(sooner);
    let fits = exact || (cued && counts_nothing(rest));
    // "One by one" is no hour.
    let hour = if exact || *cue == "at" { counted(hour) } else { number(hour) };
    clock(said(hour.filter(|it| fits && (1..=23).contains(it))?, part)?, 0)
}

/// Whether what stands before `at` or `around` makes the number behind it an amount: "we are around 5".
fn is_amount(before: &[&str]) -> bool {
    const AMOUNTS: [&str; 14] = [
        "are",
        "were",
        "have",
        "need",
        "stuck",
        "hangs",
        "reduced",
        "increased",
        "look",
        "looking",
        "divided",
        "up",
        "down",
        "stays",
    ];
    before.last().is_some_and(|it| AMOUNTS.contains(it))
}

/// `3点`, `下午 3 点半`, `三点一刻`
fn chinese(before: &[&str], here: &[&str]) -> Option<civil::Time> {
    let [hour, "点" | "點" | "时" | "時", rest @ ..] = here else { return None };
    let minute = match rest {
        ["半", ..] => Some(30),
        [quarters, "刻", ..] => Some(number(quarters)? * 15),
        [minute, "分", ..] => number(minute),
        [minute, ..] if two(minute) => number(minute),
        _ => None,
    };
    let led = before.concat();
    let exact = minute.is_some() || matches!(rest, ["钟" | "鐘" | "整", ..]);
    // "第3点" is a third matter.
    if led.ends_with(['第', '有', '这', '几']) {
        return None;
    }
    if !exact
        && (is_matter(&rest.concat())
            || !(is_digits(hour) || is_cued(&led, hour) || (led.is_empty() && rest.is_empty())))
    {
        return None;
    }
    let hour = number(hour)?;
    let ends = |words: &[&str]| words.iter().any(|it| led.ends_with(it));
    let hour = match hour {
        1..=11 if ends(&["下午"]) => hour + 12,
        5..=11 if ends(&["晚上", "晚"]) => hour + 12,
        // Midnight is still that evening's.
        12 if ends(&["晚上", "晚"]) => return clock(23, 59),
        _ if ends(&["上午", "早上", "早", "凌晨", "半夜", "深夜"]) => hour,
        _ => said(hour, near(before, rest))?,
    };
    clock(hour, minute.unwrap_or(0))
}

/// "三点问题" are three matters and "一点都不" is "not at all".
fn is_matter(behind: &str) -> bool {
    ["问题", "建议", "意见", "原因", "要求", "说明", "都", "也", "点", "儿"]
        .iter()
        .any(|it| behind.starts_with(it))
}

/// A spelled hour needs a sign that it is one: "快一点" is "a bit faster".
fn is_cued(before: &str, hour: &str) -> bool {
    let cue = before.ends_with(['午', '晚', '早', '晨', '在', '到'])
        || before.ends_with("晚上")
        || before.ends_with("早上");
    cue || (hour != "一" && before.ends_with(['天', '日', '号']))
}

fn part(words: &[&str]) -> Option<Part> {
    const CHINESE: [(&str, Part); 11] = [
        ("早上", Part::Morning),
        ("上午", Part::Morning),
        ("今早", Part::Morning),
        ("明早", Part::Morning),
        ("中午", Part::Noon),
        ("下午", Part::Afternoon),
        ("晚上", Part::Evening),
        ("傍晚", Part::Evening),
        ("昨晚", Part::Evening),
        ("今晚", Part::Evening),
        ("明晚", Part::Evening),
    ];
    let text = words.concat();
    let greeting = |it: &str| text.contains(&format!("{it}好"));
    let chinese = || CHINESE.iter().find(|(it, _)| text.contains(it) && !greeting(it)).map(|(_, it)| *it);
    (0..words.len()).find_map(|at| latin(&words[..at], words[at], words)).or_else(chinese)
}

/// "Good morning" and "every evening" are no time.
fn latin(before: &[&str], word: &str, whole: &[&str]) -> Option<Part> {
    let (part, cues): (_, &[&str]) = match word {
        "morning" => (Part::Morning, &["this", "the"]),
        "afternoon" => (Part::Afternoon, &["this", "the"]),
        "evening" => (Part::Evening, &["this", "the"]),
        "night" => (Part::Evening, &["last"]),
        "tonight" => return Some(Part::Evening),
        "noon" | "lunchtime" => return before.last().is_none_or(|it| *it != "every").then_some(Part::Noon),
        _ => return None,
    };
    let day = |it: &&str| it.ends_with("day") && *it != "every" || *it == "tomorrow";
    (whole.len() == 1 || before.last().is_some_and(|it| cues.contains(it) || day(it))).then_some(part)
}
