//! Numbers in words: `twenty-five`, `two thousand`, `a dozen`.

use super::{
    Found, Meaning,
    tokens::{Kind, Token, written},
};
use crate::domain::number::{Figures, Unclear, figures};

/// Each at its value.
const ONES: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
/// From twenty on.
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
/// Words before "one" that make it a number; "the big one" is none.
const BEFORE_ONE: [&str; 14] = [
    "need", "just", "only", "want", "exactly", "like", "about", "around", "get", "is", "it's", "take",
    "order", "maybe",
];
/// Words that count in themselves, and not only behind a number.
const COUNTED: [&str; 6] = ["dozen", "hundred", "thousand", "million", "lakh", "crore"];

/// Words before those that leave them one of them, beside those before "one".
const BEFORE_COUNTED: [&str; 7] = ["a", "one", "the", "approximately", "approx", "roughly", "circa"];

/// What multiplies the number before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Factor {
    Power(u32),
    Dozen,
}

/// What a word behind a number multiplies it by.
pub(super) fn factor(word: &str) -> Option<Factor> {
    Some(match word {
        "dozen" => Factor::Dozen,
        "hundred" => Factor::Power(2),
        "k" | "thousand" | "tsd" | "tausend" => Factor::Power(3),
        "lakh" | "lakhs" => Factor::Power(5),
        "million" | "millions" | "millionen" | "mio" | "mln" | "mn" => Factor::Power(6),
        "crore" | "crores" => Factor::Power(7),
        "keur" | "keuro" | "kusd" | "kcny" | "krmb" | "kgbp" | "kchf" => Factor::Power(3),
        "billion" | "bn" => Factor::Power(9),
        _ => return None,
    })
}

impl Factor {
    /// So many times a number.
    pub(super) fn of(self, figures: &Figures) -> Result<f64, Unclear> {
        match self {
            Self::Power(power) => figures.times(power),
            Self::Dozen => figures.times(0).map(|it| it * 12.0),
        }
    }
}

/// Whether a word counts by itself: `five`.
pub(super) fn is_count(word: &str) -> bool {
    ONES.contains(&word) || TENS.contains(&word)
}

/// A number in words at a place in a text.
pub(super) fn at(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let here = &tokens[at..];
    let word = here.first().filter(|it| it.kind == Kind::Word)?.text;
    let before = at.checked_sub(1).and_then(|it| tokens.get(it));
    if before.is_some_and(|it| matches!(it.text, "-" | "'" | "_")) {
        return None;
    }
    let Some((count, value)) = below_hundred(here) else { return alone(tokens, at, word) };
    if joined(here, count).is_some() {
        // "two-factor", "one's"
        return Some(Found { tokens: count + 2, meaning: Meaning::Name });
    }
    if word == "one" && !is_number(tokens, at) {
        return None;
    }
    let value = figures(&value.to_string());
    let (count, value) = match here.get(count..count + 2) {
        Some([blank, next]) if blank.kind == Kind::Blank => match factor(next.text) {
            Some(factor) => (count + 2, value.and_then(|it| factor.of(&it))),
            None => (count, value.and_then(|it| it.times(0))),
        },
        _ => (count, value.and_then(|it| it.times(0))),
    };
    Some(Found { tokens: count, meaning: value.map_or_else(Meaning::Unclear, Meaning::Number) })
}

/// The number from 0 to 99 that a text begins with, and of how many tokens.
fn below_hundred(here: &[Token<'_>]) -> Option<(usize, usize)> {
    let ones = |it: &Token<'_>| ONES.iter().position(|word| *word == it.text);
    let first = here.first()?;
    if let Some(value) = ones(first) {
        return Some((1, value));
    }
    let tens = (TENS.iter().position(|it| *it == first.text)? + 2) * 10;
    match here {
        [_, join, last, ..] if join.text == "-" || join.kind == Kind::Blank => {
            let ones = ones(last).filter(|it| (1..10).contains(it));
            Some(ones.map_or((1, tens), |it| (3, tens + it)))
        }
        _ => Some((1, tens)),
    }
}

/// What is joined to so many tokens by a stroke.
fn joined<'a>(here: &'a [Token<'a>], count: usize) -> Option<&'a Token<'a>> {
    let [join, next] = here.get(count..count + 2)? else { return None };
    (matches!(join.text, "-" | "'" | "_") && next.kind == Kind::Word).then_some(next)
}

/// Whether "one" is a number here.
fn is_number(tokens: &[Token<'_>], at: usize) -> bool {
    let words: Vec<_> = tokens[..at].iter().filter(|it| it.kind == Kind::Word).collect();
    words.last().is_none_or(|it| BEFORE_ONE.contains(&it.text))
}

/// "A dozen", and "hundreds", which is none.
fn alone(tokens: &[Token<'_>], at: usize, word: &str) -> Option<Found> {
    let singular = word.strip_suffix('s').filter(|it| COUNTED.contains(it));
    if singular.is_some() {
        let strange = Unclear::Strange(written(&tokens[at..=at]));
        return Some(Found { tokens: 1, meaning: Meaning::Unclear(strange) });
    }
    let factor = factor(word).filter(|_| COUNTED.contains(&word))?;
    let before = tokens[..at].iter().rposition(|it| it.kind != Kind::Blank);
    let is_whole = before.is_none_or(|it| match tokens[it].kind {
        Kind::Word => BEFORE_COUNTED.contains(&tokens[it].text) || BEFORE_ONE.contains(&tokens[it].text),
        Kind::Other => !tokens[it].text.chars().all(char::is_alphabetic),
        Kind::Figures | Kind::Han | Kind::Blank | Kind::Odd => false,
    });
    if !is_whole {
        // "A few thousand", "half dozen"
        let strange = Unclear::Strange(written(&tokens[before.unwrap_or(at)..=at]));
        return Some(Found { tokens: 1, meaning: Meaning::Unclear(strange) });
    }
    let value = figures("1").and_then(|it| factor.of(&it));
    Some(Found { tokens: 1, meaning: value.map_or_else(Meaning::Unclear, Meaning::Number) })
}
