//! The one number that an answer says: `about 1,250.50 euros`, `1.2k`, `3万`, `twenty-five`. What may be several, or
//! another, is asked about rather than guessed.

mod around;
mod decimal;
mod figures;
mod han;
mod tokens;
mod words;

use std::{borrow::Cow, ops::Range};

use self::tokens::Token;
use crate::domain::{
    field::{FieldKind, FieldValue},
    number::{THIN, Unclear},
};

/// What an answer to the question for a number does not tell.
#[derive(Debug, Clone, PartialEq)]
pub enum Misread {
    /// Which number it is.
    Unclear(Unclear),
    /// A number that the field takes.
    Outside {
        /// What it says.
        said: f64,
        /// At least.
        min: f64,
        /// At most.
        max: f64,
    },
}

/// Something at a place in a text that has to do with numbers.
enum Meaning {
    /// A number.
    Number(f64),
    /// It may be the number that is meant; it must be asked about.
    Unclear(Unclear),
    /// No number that counts anything, unless there is no other: `16GB`, `12:30`, `4th`.
    Doubtful,
    /// Part of a name: `A4`, `LT-20417`.
    Name,
}

/// So many tokens mean this.
struct Found {
    tokens: usize,
    meaning: Meaning,
}

/// The one number that a text says.
///
/// # Errors
/// If there is none, or it is not clear which one is meant.
pub fn said(text: &str) -> Result<f64, Unclear> {
    let folded = folded(text);
    let tokens = tokens::cut(&folded);
    let mut heard = Heard { tokens: &tokens, numbers: vec![], doubtful: vec![] };
    let (mut unclear, mut at) = (None, 0);
    while at < tokens.len() {
        let Some(found) = found(&tokens, at) else {
            at += 1;
            continue;
        };
        let place = at..at + found.tokens;
        at = place.end;
        match found.meaning {
            Meaning::Number(value) => heard.numbers.push((value, place)),
            Meaning::Unclear(it) => unclear = unclear.or(Some(it)),
            Meaning::Doubtful => heard.doubtful.push(place),
            Meaning::Name => {}
        }
    }
    match unclear.or_else(|| half(&folded)) {
        Some(unclear) => Err(unclear),
        None => heard.only(),
    }
}

/// What was heard of numbers in a text, and where.
struct Heard<'a> {
    tokens: &'a [Token<'a>],
    numbers: Vec<(f64, Range<usize>)>,
    doubtful: Vec<Range<usize>>,
}

impl Heard<'_> {
    /// The only number. Equal ones at two places are two, unless the second says the first again.
    fn only(&self) -> Result<f64, Unclear> {
        let Some((value, first)) = self.numbers.first() else {
            let doubtful = self.doubtful.first();
            return Err(doubtful.map_or(Unclear::Absent, |it| Unclear::Strange(self.written(it.clone()))));
        };
        let restates = |pair: &[(f64, Range<usize>)]| {
            matches!(pair, [(one, before), (other, behind)]
                if same(*one, *other) && around::restates(&self.tokens[before.end..behind.start]))
        };
        if !self.numbers.windows(2).all(restates) {
            return Err(Unclear::Several(self.numbers.iter().map(|it| self.written(it.1.clone())).collect()));
        }
        if self.numbers.iter().any(|(_, it)| self.is_unread_around(it)) {
            let (from, to) = (first.start.saturating_sub(3), (first.end + 4).min(self.tokens.len()));
            return Err(Unclear::Strange(self.written(from..to).trim().to_owned()));
        }
        Ok(*value)
    }

    /// Whether something stands at a number that was not read with it and may belong to it.
    fn is_unread_around(&self, number: &Range<usize>) -> bool {
        let is_beside = |it: &Range<usize>| {
            let between = if it.start < number.start { it.end..number.start } else { number.end..it.start };
            !around::is_measure(&self.tokens[it.clone()]) && around::joins(&self.tokens[between])
        };
        self.doubtful.iter().any(is_beside) || around::is_unread(self.tokens, number.start, number.end)
    }

    fn written(&self, place: Range<usize>) -> String {
        tokens::written(&self.tokens[place])
    }
}

/// Why an answer gives no value for a field of numbers; nothing for other fields, and for answers that do.
pub fn misread(kind: &FieldKind, text: &str) -> Option<Misread> {
    let FieldKind::Number { min, max } = *kind else { return None };
    match said(text) {
        Ok(said) => {
            let fits = kind.check(FieldValue::Number(said)).is_ok();
            (!fits).then_some(Misread::Outside { said, min, max })
        }
        Err(unclear) => Some(Misread::Unclear(unclear)),
    }
}

fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}

fn found(tokens: &[Token<'_>], at: usize) -> Option<Found> {
    let found = decimal::at(tokens, at).or_else(|| figures::at(tokens, at));
    found.or_else(|| han::at(tokens, at)).or_else(|| words::at(tokens, at))
}

/// "One and a half", "两个半": whatever else is read beside it, it is not the whole.
fn half(text: &str) -> Option<Unclear> {
    let is_half =
        text.split(|it: char| !it.is_ascii_alphabetic()).any(|it| it == "half") || text.contains('半');
    let counts = text.contains(|it: char| it.is_ascii_digit()) || !text.is_ascii() || text.contains("half a");
    (is_half && counts || text.contains(" and a half")).then(|| Unclear::Strange(text.trim().to_owned()))
}

/// A text in small letters, wide figures and signs as narrow ones. Blanks within a text that is nothing but a number
/// stand between its thousands.
fn folded(text: &str) -> String {
    let one = |it: char| match it {
        '０'..='９' | '－' | '．' | '％' | '＋' | '＄' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(it) - 0xfee0).unwrap_or(it)
        }
        '\u{2212}' => '-',
        '‘' | '’' | 'ʼ' => '\'',
        _ if THIN.contains(&it) => THIN[0],
        _ => it,
    };
    let text: String = text.trim().chars().map(one).collect();
    let lower = crate::text::han::lower(&text);
    let is_bare = |it: char| it.is_ascii_digit() || " .,'-+€$£¥￥".contains(it);
    let text = if lower.chars().all(is_bare) {
        Cow::Owned(lower.replace(' ', "\u{a0}"))
    } else {
        Cow::Borrowed(&*lower)
    };
    text.into_owned()
}

#[cfg(test)]
mod tests;
