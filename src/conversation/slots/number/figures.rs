//! Numbers in figures, with what stands before and behind them.

use super::{
    Found, Meaning,
    han::{self, is_great, is_measure, is_place, power},
    tokens::{Kind, Token, written},
    words::{factor, is_count},
};
use crate::domain::number::{Figures, Unclear, figures};

/// Words that stand at a number without a blank and leave it as it is.
const BESIDE: [&str; 23] = [
    "eur", "euro", "euros", "usd", "us", "cny", "rmb", "gbp", "chf", "jpy", "hkd", "sgd", "inr", "twd", "x",
    "pc", "pcs", "ppl", "people", "persons", "users", "units", "seats",
];
/// Letters behind a number that mean millions to one and metres to another.
pub(super) const EITHER: [&str; 5] = ["m", "mm", "b", "t", "g"];

/// Figures at a place in a text.
pub(super) fn at(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let token = tokens.get(at)?;
    match token.kind {
        Kind::Figures => {}
        Kind::Odd => return Some(Found { tokens: 1, meaning: Meaning::Doubtful }),
        Kind::Han | Kind::Word | Kind::Blank | Kind::Other => return None,
    }
    let sign = match sign(&tokens[..at]) {
        Sign::Of(sign) => sign,
        Sign::Name => return Some(Found { tokens: run(&tokens[at..]), meaning: Meaning::Name }),
        Sign::Unclear => return Some(strange(&tokens[at - 1..], 2, 1)),
    };
    let here = &tokens[at..];
    if let Some(found) = beside(here) {
        return Some(found);
    }
    let (count, value) = value(here);
    if here.get(count).is_some_and(|it| matches!(it.kind, Kind::Figures | Kind::Word | Kind::Odd)) {
        // `1k5`
        return Some(Found { tokens: run(here), meaning: Meaning::Doubtful });
    }
    let meaning = value.map_or_else(Meaning::Unclear, |it| Meaning::Number(sign * it));
    Some(Found { tokens: count, meaning })
}

/// What the tokens before a number make of it.
enum Sign {
    Of(f64),
    Name,
    Unclear,
}

fn sign(before: &[Token<'_>]) -> Sign {
    const POSITIVE: Sign = Sign::Of(1.0);
    match before {
        [.., it] if it.kind == Kind::Word => {
            if BESIDE.contains(&it.text) {
                sign_of(&before[..before.len() - 1])
            } else {
                Sign::Name
            }
        }
        [.., it] if it.text == "第" => Sign::Name,
        [.., it] if it.kind == Kind::Other && "€$£¥￥".contains(it.text) => {
            match &before[..before.len() - 1] {
                // `US$5`
                [rest @ .., it] if it.kind == Kind::Word => sign_of(rest),
                rest => sign_of(rest),
            }
        }
        [.., minus, blank] if blank.kind == Kind::Blank && matches!(minus.text, "minus" | "negative") => {
            Sign::Of(-1.0)
        }
        [.., it] if it.text == "-" => sign_of(before),
        _ => POSITIVE,
    }
}

/// Whether what ends with a stroke, if it does, makes a number negative.
fn sign_of(before: &[Token<'_>]) -> Sign {
    let [rest @ .., stroke] = before else { return Sign::Of(1.0) };
    if stroke.text != "-" {
        return Sign::Of(1.0);
    }
    match rest.last() {
        None => Sign::Of(-1.0),
        Some(it) => match it.kind {
            Kind::Blank => Sign::Of(-1.0),
            // Another number's end, or no end at all.
            Kind::Figures => Sign::Of(1.0),
            // `100k-150k`, but `EUR-5` may be less than nothing.
            Kind::Word if is_counted(rest) => Sign::Of(1.0),
            Kind::Word if BESIDE.contains(&it.text) => Sign::Unclear,
            Kind::Word => Sign::Name,
            Kind::Han | Kind::Odd => Sign::Unclear,
            Kind::Other if it.text.chars().all(char::is_alphabetic) => Sign::Unclear,
            Kind::Other => Sign::Of(-1.0),
        },
    }
}

/// Whether a text ends with a number and a word at it: `100k`, `10 EUR`, `five`.
fn is_counted(text: &[Token<'_>]) -> bool {
    let Some((word, before)) = text.split_last() else { return false };
    let is_figures = |it: Option<&Token<'_>>| it.is_some_and(|it| it.kind == Kind::Figures);
    let is_known = factor(word.text).is_some() || BESIDE.contains(&word.text);
    is_count(word.text)
        || is_known
            && match before {
                [.., number, blank] if blank.kind == Kind::Blank => is_figures(Some(number)),
                _ => is_figures(before.last()),
            }
}

/// What stands beside figures and makes something else of them.
fn beside(here: &[Token<'_>]) -> Option<Found> {
    let doubtful = |tokens| Some(Found { tokens, meaning: Meaning::Doubtful });
    match here {
        [_, next, ..] if next.kind == Kind::Odd => doubtful(2),
        [_, next, ..] if is_place(Some(next)) => doubtful(2),
        [_, next, ..]
            if next.kind == Kind::Word && factor(next.text).is_none() && !BESIDE.contains(&next.text) =>
        {
            doubtful(run(here))
        }
        [_, join, next, ..]
            if join.kind == Kind::Other && "/:*^_\\@=×".contains(join.text) && next.kind != Kind::Blank =>
        {
            doubtful(run(here))
        }
        [_, join, next, ..] if join.text == "-" && next.kind == Kind::Word => doubtful(run(here)),
        [_, blank, next, ..] if blank.kind == Kind::Blank && EITHER.contains(&next.text) => {
            Some(strange(here, 3, 3))
        }
        [it, blank, next, ..] if blank.text == " " && is_group(it.text, next) => Some(strange(here, 3, 3)),
        _ => None,
    }
}

/// `10 000` is one number or two.
fn is_group(first: &str, next: &Token<'_>) -> bool {
    let figures = next.text.bytes().take_while(u8::is_ascii_digit).count();
    first.len() <= 3
        && next.kind == Kind::Figures
        && figures == 3
        && first.bytes().all(|it| it.is_ascii_digit())
}

/// The number that figures and what belongs to them give, and of how many tokens.
fn value(here: &[Token<'_>]) -> (usize, Result<f64, Unclear>) {
    let figures = read(here[0].text);
    match here {
        [_, units, ..] if units.kind == Kind::Han => counted(here),
        [it, blank, units, rest @ ..] if blank.kind == Kind::Blank && units.text.starts_with(is_great) => {
            // `5 万`, but 5 百度 has a name in it.
            let joined: Vec<Token<'_>> = [*it, *units].into_iter().chain(rest.iter().copied()).collect();
            let (count, value) = counted(&joined);
            let is_name = joined.get(count).is_some_and(|it| {
                it.kind == Kind::Other && it.text.chars().all(char::is_alphabetic) && !is_measure(it)
            });
            let strange = || Unclear::Strange(written(&here[..=count]));
            (count + 1, value.and_then(|it| if is_name { Err(strange()) } else { Ok(it) }))
        }
        [_, next, ..] if next.kind == Kind::Word => match factor(next.text) {
            Some(factor) => (2, figures.and_then(|it| factor.of(&it)).map_err(|it| of(it, &here[..2]))),
            None => (2, figures.and_then(|it| it.times(0))),
        },
        [_, blank, next, ..] if blank.kind == Kind::Blank && next.kind == Kind::Word => {
            match factor(next.text) {
                Some(factor) => (3, figures.and_then(|it| factor.of(&it)).map_err(|it| of(it, &here[..3]))),
                None => (1, figures.and_then(|it| it.times(0))),
            }
        }
        _ => (1, figures.and_then(|it| it.times(0))),
    }
}

/// A number of thousands, in two readings, is not told by the readings of its figures.
fn of(unclear: Unclear, tokens: &[Token<'_>]) -> Unclear {
    match unclear {
        Unclear::Ambiguous { .. } | Unclear::Strange(_) => Unclear::Strange(written(tokens)),
        it @ (Unclear::Absent | Unclear::Several(_)) => it,
    }
}

/// Figures as they are read where one talks English or Chinese: there a comma stands between thousands.
fn read(written: &str) -> Result<Figures, Unclear> {
    match figures(written) {
        Err(Unclear::Ambiguous { written, .. }) if written.contains(',') => {
            figures(&written.replace(',', ""))
        }
        other => other,
    }
}

/// `1万`, `10万5千`, `3万五千`.
fn counted(here: &[Token<'_>]) -> (usize, Result<f64, Unclear>) {
    let tokens = here.iter().take_while(|it| matches!(it.kind, Kind::Figures | Kind::Han)).count();
    let all = &here[..tokens];
    let strange = || Unclear::Strange(written(all));
    let value = counted_in(all).ok_or_else(strange);
    (tokens, value)
}

fn counted_in(all: &[Token<'_>]) -> Option<f64> {
    let [first, units, rest @ ..] = all else { return None };
    let first = read(first.text).ok()?;
    let spoken = units.text.find(|it| power(it).is_none()).unwrap_or(units.text.len());
    let (units, spoken) = units.text.split_at(spoken);
    let noughts = noughts(units)?;
    let value = first.times(noughts).ok()?;
    let rest = match rest {
        [] if spoken.is_empty() => return Some(value),
        // 3万五 is said, and 3万5 is not told.
        [] => han::value(spoken).filter(|_| spoken.chars().nth(1).is_some())? as f64,
        [figures] if spoken.is_empty() => {
            let value = read(figures.text).ok()?.times(0).ok()?;
            Some(value).filter(|it| power_of_ten(noughts - 1) <= *it)?
        }
        [_, _] if spoken.is_empty() => counted_in(rest)?,
        _ => return None,
    };
    (first.is_whole() && rest < power_of_ten(noughts)).then_some(value + rest)
}

fn power_of_ten(power: u32) -> f64 {
    (0..power).fold(1.0, |it, _| it * 10.0)
}

/// Noughts of units: of 万, and of 千万.
pub(super) fn noughts(units: &str) -> Option<u32> {
    let mut powers = units.chars().filter_map(power);
    match (powers.next()?, powers.next(), powers.next()) {
        (one, None, None) => Some(one),
        (one, Some(other), None) if one < other && other >= 4 => Some(one + other),
        _ => None,
    }
}

/// Tokens of a run without a blank in it, and without what ends a sentence.
fn run(here: &[Token<'_>]) -> usize {
    let belongs = |it: &Token<'_>| match it.kind {
        Kind::Figures | Kind::Word | Kind::Odd => true,
        Kind::Other => "/:*^_\\@=×-".contains(it.text),
        Kind::Han | Kind::Blank => false,
    };
    here.iter().take_while(|it| belongs(it)).count().max(1)
}

fn strange(from: &[Token<'_>], shown: usize, tokens: usize) -> Found {
    Found { tokens, meaning: Meaning::Unclear(Unclear::Strange(written(&from[..shown]))) }
}
