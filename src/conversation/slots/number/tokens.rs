//! A text cut into what numbers are written with.

use super::han::{is_digit, is_unit};
use crate::domain::number::THIN;

/// What a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Figures and the marks between them.
    Figures,
    /// Chinese numerals.
    Han,
    /// Letters of an alphabet.
    Word,
    /// Blanks.
    Blank,
    /// One sign that counts in itself: `½`, `²`.
    Odd,
    /// One other character.
    Other,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
}

/// Cuts a text; nothing is left out.
pub(super) fn cut(text: &str) -> Vec<Token<'_>> {
    let mut tokens: Vec<Token<'_>> = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_free = tokens.last().is_none_or(|it| it.kind == Kind::Blank);
        let (kind, length) = match kind(first) {
            Kind::Other if first == '.' && is_free && follows(&rest[1..]) => (Kind::Figures, figures(rest)),
            Kind::Figures => (Kind::Figures, figures(rest)),
            it @ (Kind::Other | Kind::Odd) => (it, first.len_utf8()),
            it @ (Kind::Han | Kind::Word | Kind::Blank) => {
                (it, rest.find(|next| kind(next) != it).unwrap_or(rest.len()))
            }
        };
        let (token, behind) = rest.split_at(length);
        tokens.push(Token { kind, text: token });
        rest = behind;
    }
    tokens
}

/// Tokens as they were written.
pub(super) fn written(tokens: &[Token<'_>]) -> String {
    tokens.iter().map(|it| it.text).collect::<String>().replace(THIN[0], " ")
}

fn kind(it: char) -> Kind {
    match it {
        '0'..='9' => Kind::Figures,
        _ if is_digit(it) || is_unit(it) => Kind::Han,
        _ if it.is_whitespace() => Kind::Blank,
        _ if it.is_numeric() => Kind::Odd,
        _ if it.is_alphabetic() && it < '\u{2e80}' => Kind::Word,
        _ => Kind::Other,
    }
}

fn follows(text: &str) -> bool {
    text.starts_with(|it: char| it.is_ascii_digit())
}

/// Bytes of the figures that a text begins with; a mark is one of them if figures follow it.
fn figures(text: &str) -> usize {
    let mut length = 0;
    for (at, it) in text.char_indices() {
        let is_mark = matches!(it, '.' | ',' | '\'') || it == THIN[0];
        if !(it.is_ascii_digit() || is_mark && follows(&text[at + it.len_utf8()..])) {
            break;
        }
        length = at + it.len_utf8();
    }
    length
}
