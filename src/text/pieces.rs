//! Words cut into the pieces that a token table knows: greedy, the longest first (WordPiece, Wu et al. 2016).
//!
//! A piece inside a word is another than the same letters at its beginning; as in the vocabularies
//! of sentence transformers it is written with `##` in front. Runs of CJK characters are cut the
//! same way, and there the beginning is no different from the rest.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::text::{
    grams::{Tokenised, finish, step},
    token::Kind,
};

/// A known piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// What the table calls it.
    pub row: u32,
    /// The first of the tokens that it covers, as an index.
    pub first: u32,
    /// How many tokens it covers.
    pub tokens: u32,
}

const BEGINNING: u64 = 0xa076_1d64_78bd_642f;
const INSIDE: u64 = 0xe703_7ed1_a0b4_28db;

/// No piece is longer.
const LONGEST: usize = 20;

/// The hash by which a piece is looked up.
pub fn hash(piece: &str) -> u64 {
    let (seed, letters) = match piece.strip_prefix("##") {
        Some(letters) if !letters.is_empty() => (INSIDE, letters),
        _ => (BEGINNING, piece),
    };
    finish(letters.chars().fold(seed, step_letter))
}

fn step_letter(state: u64, letter: char) -> u64 {
    step(state, u64::from(u32::from(letter)))
}

/// Calls `take` for every known piece of a normalised text, in order; `row` finds a piece by its hash.
pub fn each_piece(
    text: &str,
    tokenised: &Tokenised,
    row: impl Fn(u64) -> Option<u32>,
    mut take: impl FnMut(Piece),
) {
    let mut letters: Vec<char> = Vec::with_capacity(LONGEST);
    let mut first = 0;
    while first < tokenised.tokens.len() {
        let count = tokenised.run(first);
        let token = tokenised.tokens[first];
        let run = &text[token.start..tokenised.tokens[first + count - 1].end];
        let at = |offset| u32::try_from(first + offset).unwrap_or(u32::MAX);
        if token.kind == Kind::Cjk {
            letters.clear();
            letters.extend(run.chars());
            cut(&letters, BEGINNING, &row, |row, from, length| {
                take(Piece { row, first: at(from), tokens: u32::try_from(length).unwrap_or(u32::MAX) });
            });
        } else {
            for word in run.split(['\'', '’', '_']).filter(|word| !word.is_empty()) {
                letters.clear();
                plain_into(word, &mut letters);
                cut(&letters, INSIDE, &row, |row, _, _| take(Piece { row, first: at(0), tokens: 1 }));
            }
        }
        first += count;
    }
}

/// Letters without their accents, as the vocabulary has them.
fn plain_into(word: &str, letters: &mut Vec<char>) {
    if word.is_ascii() {
        letters.extend(word.chars());
    } else {
        letters.extend(word.nfd().filter(|c| !is_combining_mark(*c)));
    }
}

/// Cuts letters into the longest known pieces, from the front; those after the first begin with `inside`.
/// A letter that begins no known piece is passed over.
fn cut(
    letters: &[char],
    inside: u64,
    row: &impl Fn(u64) -> Option<u32>,
    mut take: impl FnMut(u32, usize, usize),
) {
    let mut from = 0;
    let mut hashes = [0; LONGEST];
    while from < letters.len() {
        let mut state = if from == 0 { BEGINNING } else { inside };
        let longest = LONGEST.min(letters.len() - from);
        for (hash, letter) in hashes.iter_mut().zip(&letters[from..from + longest]) {
            state = step_letter(state, *letter);
            *hash = finish(state);
        }
        let known = (1..=longest).rev().find_map(|length| Some((row(hashes[length - 1])?, length)));
        if let Some((row, length)) = known {
            take(row, from, length);
        }
        from += known.map_or(1, |(_, length)| length);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: [&str; 9] = ["print", "##er", "##s", "can", "t", "cafe", "打印机", "打印", "?"];

    fn check(text: &str, expected: &[(&str, u32, u32)]) {
        let row = |wanted| KNOWN.iter().position(|piece| hash(piece) == wanted).map(|row| row as u32);
        let mut found = Vec::new();
        each_piece(text, &Tokenised::of(text), row, |piece| {
            found.push((KNOWN[piece.row as usize], piece.first, piece.tokens));
        });
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn the_longest_known_piece_comes_first() {
        check("printers", &[("print", 0, 1), ("##er", 0, 1), ("##s", 0, 1)]);
        check("can't print?", &[("can", 0, 1), ("t", 0, 1), ("print", 1, 1), ("?", 2, 1)]);
        check("café", &[("cafe", 0, 1)]);
        check("xprint", &[]);
    }

    #[test]
    fn runs_of_characters_are_cut_alike_everywhere() {
        check("坏打印机了打印", &[("打印机", 1, 3), ("打印", 5, 2)]);
    }

    proptest! {
        #[test]
        fn every_piece_covers_tokens_that_exist(text in any::<String>()) {
            let tokenised = Tokenised::of(&text);
            let count = tokenised.tokens.len();
            each_piece(&text, &tokenised, |hash| Some(hash as u32), |piece| {
                assert!((piece.first + piece.tokens) as usize <= count && 0 < piece.tokens);
            });
        }
    }
}
