//! Chinese numerals: `十二`, `两百零五`, `三万五`.

use super::{
    Found, Meaning,
    tokens::{Kind, Token, written},
};
use crate::domain::number::Unclear;

/// Each at its value.
const DIGITS: &str = "零一二三四五六七八九";
/// What things are counted by.
const MEASURES: &str = "个台位名件套部只张块元份间次箱支条把组盒包桶颗枚盏口家辆册瓶人";
/// What says of a number that it is a time or a place.
const PLACES: &str = "月日号年点楼层室期代版度时分秒";

pub(super) fn is_digit(it: char) -> bool {
    digit(it).is_some()
}

/// A unit that something may be counted in: 5 万.
pub(super) fn is_great(it: char) -> bool {
    power(it).is_some_and(|it| 2 <= it)
}

pub(super) fn is_unit(it: char) -> bool {
    power(it).is_some()
}

pub(super) fn digit(it: char) -> Option<u64> {
    match it {
        '〇' => Some(0),
        '两' => Some(2),
        _ => DIGITS.chars().position(|digit| digit == it).map(|it| it as u64),
    }
}

/// Noughts of a unit.
pub(super) fn power(it: char) -> Option<u32> {
    match it {
        '十' => Some(1),
        '百' => Some(2),
        '千' => Some(3),
        '万' => Some(4),
        '亿' => Some(8),
        _ => None,
    }
}

/// Whether what follows says that a number counts nothing: `3楼`.
pub(super) fn is_place(next: Option<&Token<'_>>) -> bool {
    next.is_some_and(|it| it.kind == Kind::Other && it.text.starts_with(|it| PLACES.contains(it)))
}

pub(super) fn is_measure(it: &Token<'_>) -> bool {
    it.kind == Kind::Other && it.text.starts_with(|it| MEASURES.contains(it))
}

/// Chinese numerals at a place in a text. Many of them are parts of words: 一起, 万一, 十分.
pub(super) fn at(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let token = tokens.get(at).filter(|it| it.kind == Kind::Han)?;
    let (before, next) = (at.checked_sub(1).and_then(|it| tokens.get(it)), tokens.get(at + 1));
    let is_apart = |it: &Token<'_>| {
        it.kind == Kind::Blank || it.kind == Kind::Other && !it.text.chars().all(char::is_alphanumeric)
    };
    let found = |meaning| Some(Found { tokens: 1, meaning });
    let is_ordinal = before.is_some_and(|it| it.text == "第") || is_place(next);
    if is_ordinal || token.text.starts_with(|it| is_unit(it) && it != '十') {
        return found(Meaning::Name);
    }
    if next.is_some_and(|it| matches!(it.kind, Kind::Figures | Kind::Odd)) {
        return found(Meaning::Unclear(Unclear::Strange(written(&tokens[at..at + 2]))));
    }
    let ends = next.is_none_or(is_apart);
    let is_one = token.text.chars().nth(1).is_none();
    let counts = next.is_some_and(is_measure) || (ends && (!is_one || before.is_none_or(is_apart)));
    if !counts {
        // Not read; it may be half of what stands beside it: 三万到五万, 三到五万.
        let is_range = next.is_some_and(|it| matches!(it.text, "到" | "至" | "或"));
        return found(if is_one && !is_range { Meaning::Name } else { Meaning::Doubtful });
    }
    let value = value(token.text).ok_or_else(|| Unclear::Strange(token.text.to_owned()));
    found(value.map_or_else(Meaning::Unclear, |it| Meaning::Number(it as f64)))
}

/// The value of numerals; 两三 is about as many, and none.
pub(super) fn value(text: &str) -> Option<u64> {
    let chars: Vec<char> = text.chars().collect();
    if let [only] = chars.as_slice()
        && let Some(digit) = digit(*only)
    {
        return Some(digit);
    }
    below(&chars, u32::MAX)
}

/// Numerals whose units are all smaller than one of so many noughts.
fn below(chars: &[char], limit: u32) -> Option<u64> {
    let chars = match chars {
        ['零' | '〇', rest @ ..] if limit < u32::MAX => rest,
        all => all,
    };
    match chars {
        [] => Some(0),
        ['十'] if limit > 1 => Some(10),
        [only] => digit(*only),
        _ => {
            // The greatest unit divides what it counts from what is smaller.
            let (at, noughts) = chars
                .iter()
                .enumerate()
                .filter_map(|(at, it)| Some((at, power(*it)?)))
                .max_by_key(|(at, noughts)| (*noughts, usize::MAX - at))?;
            let (count, rest) = (&chars[..at], &chars[at + 1..]);
            let count = match count {
                [] if noughts == 1 => 1,
                [only] => digit(*only).filter(|it| *it > 0)?,
                [_, ..] if noughts >= 4 => below(count, noughts)?,
                _ => return None,
            };
            let rest = match rest {
                // 三万五 is 35000, 三万零五 is 30005.
                [only] if noughts > 1 => digit(*only).filter(|it| *it > 0)? * 10_u64.pow(noughts - 1),
                rest => below(rest, noughts)?,
            };
            (noughts < limit).then(|| count.checked_mul(10_u64.pow(noughts))?.checked_add(rest)).flatten()
        }
    }
}
