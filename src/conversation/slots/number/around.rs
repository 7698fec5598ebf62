//! What stands beside a number and was not read with it: it may make another number of it, so that none is told.

use super::{
    figures::EITHER,
    han::is_great,
    tokens::{Kind, Token},
};

/// Words behind a number that multiply it by what is not agreed on, or go on with it.
const SCALES: [&str; 37] = [
    "grand",
    "thou",
    "mil",
    "mill",
    "mille",
    "mils",
    "millones",
    "milliard",
    "milliards",
    "milliarde",
    "milliarden",
    "mrd",
    "md",
    "bil",
    "bio",
    "bln",
    "billions",
    "billionen",
    "trillion",
    "trillions",
    "trillionen",
    "tn",
    "trn",
    "tr",
    "lac",
    "lacs",
    "hundert",
    "hundreds",
    "thousands",
    "tausende",
    "dozens",
    "score",
    "myriad",
    "point",
    "comma",
    "plus",
    "minus",
];
/// Parts of a whole.
const PARTS: [&str; 18] = [
    "half",
    "halves",
    "third",
    "thirds",
    "quarter",
    "quarters",
    "fourth",
    "fourths",
    "fifth",
    "fifths",
    "eighth",
    "eighths",
    "tenth",
    "tenths",
    "hundredth",
    "hundredths",
    "thousandth",
    "thousandths",
];
/// Words before a number that say of how many of it they speak.
const VAGUE: [&str; 9] =
    ["few", "several", "many", "couple", "multiple", "various", "twice", "double", "triple"];
/// Words between those and the number.
const FILLING: [&str; 7] = ["a", "an", "the", "of", "and", "one", "about"];
/// Words that a number stands with as an amount of money.
const MONEY: [&str; 13] =
    ["eur", "euro", "euros", "usd", "us", "cny", "rmb", "gbp", "chf", "jpy", "hkd", "sgd", "twd"];
/// What counts behind a number, in Chinese, and is no numeral that is read.
const BEHIND: &str = "多余几仟佰拾";
/// What counts before a number in Chinese, or makes it negative, and is no numeral that is read.
const BEFORE: &str = "负几数之廿卅卌壹贰叁肆伍陆柒捌玖拾佰仟";
/// What stands between two numbers that belong together.
const JOINS: [&str; 6] = ["and", "to", "or", "till", "until", "bis"];
/// The same as signs, and in Chinese.
const SIGNS: &str = "+-–—~～/*×到至或";
/// What a number is told of that is part of a thing's name: "two 24-inch monitors".
const MEASURES: [&str; 9] = ["inch", "inches", "port", "core", "bit", "pin", "year", "month", "hour"];

/// Whether a word multiplies a number by thousands, millions or more, though not which.
fn is_scale(word: &str) -> bool {
    let amount = |it: &str| {
        word.strip_suffix(it).is_some_and(|it| matches!(it, "m" | "mn" | "mio" | "t" | "b" | "bn" | "kk"))
    };
    SCALES.contains(&word) || EITHER.contains(&word) || MONEY.into_iter().filter(|it| *it != "us").any(amount)
}

/// Whether something unread stands before or behind the number at `at`, which ends before `end`.
pub(super) fn is_unread(tokens: &[Token<'_>], at: usize, end: usize) -> bool {
    is_unread_before(&tokens[..at], tokens[at].kind == Kind::Figures) || is_unread_behind(&tokens[end..])
}

fn is_unread_before(before: &[Token<'_>], is_figures: bool) -> bool {
    // The sign of figures is read if nothing but money stands between.
    let (mut is_close, mut is_filled) = (is_figures, false);
    for (at, it) in before.iter().enumerate().rev() {
        match it.kind {
            Kind::Blank => is_close = false,
            Kind::Other if "€$£¥￥".contains(it.text) => {}
            Kind::Other if it.text == "-" => return !is_close && !is_filled,
            // A long stroke for a short one, unless it stands between words or numbers.
            Kind::Other if "–—".contains(it.text) => {
                let is_free = before[..at].last().is_none_or(|it| it.kind == Kind::Blank);
                return is_free && at + 1 == before.len();
            }
            Kind::Other => return BEFORE.contains(it.text),
            Kind::Word if FILLING.contains(&it.text) => is_filled = true,
            Kind::Word if MONEY.contains(&it.text) => {}
            Kind::Word if matches!(it.text, "minus" | "negative") => {
                return !(is_figures && at + 2 == before.len());
            }
            Kind::Word => return PARTS.contains(&it.text) || VAGUE.contains(&it.text),
            Kind::Figures | Kind::Han | Kind::Odd => return false,
        }
    }
    false
}

fn is_unread_behind(behind: &[Token<'_>]) -> bool {
    let mut words = behind.iter().enumerate().filter(|(_, it)| it.kind != Kind::Blank);
    let Some((place, next)) = words.next() else { return false };
    match next.kind {
        Kind::Han => next.text.starts_with(is_great),
        Kind::Other => BEHIND.contains(next.text),
        Kind::Word if is_scale(next.text) => true,
        // "A hundred and one", "two and a quarter".
        Kind::Word => {
            let mut all = std::iter::once((place, next)).chain(words).skip_while(|(_, it)| it.text == "and");
            let is_one = all.clone().next().is_some_and(|(at, it)| {
                it.text == "one" && behind.get(at + 1).is_none_or(|it| it.text != "-")
            });
            is_one
                || all
                    .find(|(_, it)| !FILLING.contains(&it.text))
                    .is_some_and(|(_, it)| PARTS.contains(&it.text))
        }
        Kind::Figures | Kind::Blank | Kind::Odd => false,
    }
}

/// Whether what stands between two numbers says that they belong together, or nothing does.
pub(super) fn joins(between: &[Token<'_>]) -> bool {
    between.iter().all(|it| match it.kind {
        Kind::Blank => true,
        Kind::Word => JOINS.contains(&it.text),
        Kind::Other => SIGNS.contains(it.text),
        Kind::Figures | Kind::Han | Kind::Odd => false,
    })
}

/// Whether a number says again what stands before it: "5, I mean 5", "5 (five)".
pub(super) fn restates(between: &[Token<'_>]) -> bool {
    let between: String = between.iter().map(|it| it.text).collect();
    let between = between.trim();
    between == "(" || between.trim_matches(|it: char| !it.is_alphabetic()) == "i mean"
}

/// Whether figures belong to the name of a thing.
pub(super) fn is_measure(tokens: &[Token<'_>]) -> bool {
    matches!(tokens, [_, stroke, word] if stroke.text == "-" && MEASURES.contains(&word.text))
}
