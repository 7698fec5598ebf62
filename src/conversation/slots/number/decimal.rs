//! Decimals as they are spoken in Chinese: `三点五万`, `3点5万`.

use super::{
    Found, Meaning,
    figures::noughts,
    han::{digit, is_unit, value},
    tokens::{Kind, Token, written},
};
use crate::domain::number::Unclear;

/// What no number stands behind, or one with a sign.
const BEFORE: [&str; 7] = ["-", "minus", "negative", "负", "第", "/", ":"];
/// Figures that a number can have without losing any.
const FIGURES: usize = 15;

/// A number with 点 in it at a place in a text. Times are said with it as well, so only one with units behind it is told.
pub(super) fn at(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let [whole, point, decimals, rest @ ..] = tokens.get(at..)? else { return None };
    let is_numeral = |it: &Token<'_>| matches!(it.kind, Kind::Figures | Kind::Han);
    if point.text != "点" || !is_numeral(whole) || !is_numeral(decimals) {
        return None;
    }
    let before = written(&tokens[..at]);
    let is_apart = !BEFORE.iter().any(|it| before.trim_end().ends_with(it))
        && tokens[..at].last().is_none_or(|it| it.kind != Kind::Word);
    let units = rest.first().filter(|it| decimals.kind == Kind::Figures && it.text.starts_with(is_unit));
    let count = 3 + usize::from(units.is_some());
    let told = spoken(whole, decimals.text, units.map_or("", |it| it.text)).filter(|_| is_apart);
    let strange = || Meaning::Unclear(Unclear::Strange(written(&tokens[at..at + count])));
    Some(Found { tokens: count, meaning: told.map_or_else(strange, Meaning::Number) })
}

fn spoken(whole: &Token<'_>, decimals: &str, units: &str) -> Option<f64> {
    let whole: u64 = if whole.kind == Kind::Figures { whole.text.parse().ok()? } else { value(whole.text)? };
    let all: Vec<char> = decimals.chars().chain(units.chars()).collect();
    let at = all.iter().position(|it| is_unit(*it))?;
    let decimals: String = all[..at]
        .iter()
        .map(|it| it.to_digit(10).map(u64::from).or_else(|| digit(*it)))
        .map(|it| it.map(|it| it.to_string()))
        .collect::<Option<_>>()?;
    let units: String = all[at..].iter().collect();
    // Nobody counts 3.5 tens, and 三点五十 is a time.
    let noughts = noughts(&units).filter(|it| 3 <= *it && units.chars().all(is_unit))?;
    let written = format!("{whole}.{decimals}");
    (written.len() <= FIGURES).then(|| format!("{written}e{noughts}").parse().ok()).flatten()
}
