//! Codes that software shows when it fails.

use crate::text::found::{
    Kind,
    words::{HYPHENS, Words, is_number},
};

/// Prefixes of codes that are written with a hyphen and digits: ORA-12154.
const FAMILIES: [&str; 8] = ["ORA", "TNS", "PLS", "RMAN", "SQL", "BSOD", "CVE", "AADSTS"];

/// Words after which a number is a code.
const HERALDS: [&str; 8] = ["ERROR", "ERR", "CODE", "HTTP", "EVENTID", "AADSTS", "STOP", "FEHLER"];

/// The error code at a word.
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    hexadecimal(words, at).or_else(|| family(words, at)).or_else(|| heralded(words, at))
}

fn hexadecimal(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let digits = words.word(at).strip_prefix("0X")?;
    let right = (2..=16).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| (1, Kind::ErrorCode(words.typed(at, 1).to_owned())))
}

fn family(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let word = words.word(at);
    let family = FAMILIES.into_iter().find(|family| word.starts_with(family))?;
    if is_number(&word[family.len()..], 3..=8) {
        return Some((1, Kind::ErrorCode(words.typed(at, 1).to_owned())));
    }
    let count = words.joined(at, &HYPHENS);
    let numbers = (at + 1..at + count).all(|at| is_number(words.word(at), 2..=8));
    (word == family && 1 < count && count <= 3 && numbers)
        .then(|| (count, Kind::ErrorCode(words.typed(at, count).to_owned())))
}

/// A number of two to eight digits right after a word that announces it.
fn heralded(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let before = words.before(at);
    let close = before.len() <= 3 && before.chars().all(|c| matches!(c, ' ' | ':' | '#' | '-' | '：'));
    let previous = at.checked_sub(1).map_or("", |last| words.word(last));
    let earlier = at.checked_sub(2).map_or("", |last| words.word(last));
    let heralded = HERALDS.contains(&previous)
        || (earlier == "EVENT" && previous == "ID")
        || matches!((earlier, previous), ("代", "码") | ("报", "错") | ("错", "误"));
    (close && heralded && is_number(words.word(at), 2..=8))
        .then(|| (1, Kind::ErrorCode(words.typed(at, 1).to_owned())))
}
