//! Hashed n-grams of a normalised text: what the text model counts.
//!
//! Words give single words and pairs, characters of CJK scripts give runs of one to three, and the
//! inside of each word or run of characters gives two to five letters with the edges marked.

use std::ops::Range;

use crate::text::token::{Kind, Token, tokens};

/// Which family of features an n-gram belongs to; each family is scaled to length one apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Whole words and CJK characters, alone and in sequence.
    Words,
    /// Letters inside a word.
    Letters,
}

/// One occurrence of an n-gram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gram {
    /// Its 64-bit hash, different for each family.
    pub hash: u64,
    /// Its family.
    pub block: Block,
    /// The first of the tokens that it covers, as an index.
    pub first: u32,
    /// How many tokens it covers.
    pub tokens: u32,
}

/// The tokens of a normalised text, and room to work in; made once a message.
#[derive(Debug, Default)]
pub struct Tokenised {
    /// The tokens in order.
    pub tokens: Vec<Token>,
    hashes: Vec<u64>,
}

impl Tokenised {
    /// Tokenises a normalised text.
    pub fn of(text: &str) -> Self {
        let mut all = Vec::with_capacity(text.len() / 4 + 4);
        let mut hashes = Vec::with_capacity(text.len() / 4 + 4);
        for token in tokens(text) {
            hashes.push(hash_word(&text[token.start..token.end]));
            all.push(token);
        }
        Self { tokens: all, hashes }
    }

    /// Calls `take` for every n-gram, in an order that depends on the text alone.
    pub fn each_gram(&self, text: &str, mut take: impl FnMut(Gram)) {
        self.each_word_gram(&mut take);
        let mut first = 0;
        while first < self.tokens.len() {
            let count = self.run(first);
            let kind = self.tokens[first].kind;
            if kind != Kind::Mark {
                let run = &text[self.tokens[first].start..self.tokens[first + count - 1].end];
                each_letter_gram(run, &mut |hash, letters| {
                    let (first, tokens) = match kind {
                        Kind::Cjk => (first + letters.start, letters.len()),
                        Kind::Word | Kind::Mark => (first, 1),
                    };
                    let (first, tokens) = (small(first), small(tokens));
                    take(Gram { hash, block: Block::Letters, first, tokens });
                });
            }
            first += count;
        }
    }

    /// How many tokens from `first` on are written in one: a run of CJK characters, else one.
    pub(super) fn run(&self, first: usize) -> usize {
        let pairs = self.tokens[first..].windows(2);
        let joined =
            |pair: &&[Token]| pair[0].touches(&pair[1]) && pair.iter().all(|token| token.kind == Kind::Cjk);
        1 + pairs.take_while(joined).count()
    }

    fn each_word_gram(&self, take: &mut impl FnMut(Gram)) {
        self.each_outermost(take);
        for first in 0..self.tokens.len() {
            let mut state = WORDS;
            for count in 1..=3_usize {
                let Some(hash) = self.hashes.get(first + count - 1) else {
                    break;
                };
                if count == 3 && !self.all_cjk(first, count) {
                    break;
                }
                state = step(state, *hash);
                let hash = finish(state);
                take(Gram { hash, block: Block::Words, first: small(first), tokens: small(count) });
            }
        }
    }

    /// The first and the last word once more, as such: questions begin alike.
    fn each_outermost(&self, take: &mut impl FnMut(Gram)) {
        let last = self.hashes.len().saturating_sub(1);
        for (place, token) in [(FIRST, 0), (LAST, last)] {
            if let Some(word) = self.hashes.get(token) {
                let hash = finish(step(step(WORDS, place), *word));
                take(Gram { hash, block: Block::Words, first: small(token), tokens: 1 });
            }
        }
    }

    fn all_cjk(&self, first: usize, count: usize) -> bool {
        self.tokens[first..first + count].iter().all(|token| token.kind == Kind::Cjk)
    }
}

const WORDS: u64 = 0x9e37_79b9_7f4a_7c15;
const LETTERS: u64 = 0xd1b5_4a32_d192_ed03;
const EDGE: u64 = 0x1_0000_0001;
const FIRST: u64 = 0x1_0000_0002;
const LAST: u64 = 0x1_0000_0003;
const SHORTEST: usize = 2;
const LONGEST: usize = 5;

/// Calls `take` with the hash of each run of letters and the range of letters that it covers.
fn each_letter_gram(word: &str, take: &mut impl FnMut(u64, Range<usize>)) {
    let count = word.chars().count();
    let letters = || {
        let inner = word.chars().map(|c| u64::from(u32::from(c)));
        std::iter::once(EDGE).chain(inner).chain(std::iter::once(EDGE))
    };
    let mut from = letters();
    for start in 0..=count {
        let mut state = LETTERS;
        for (length, letter) in (1..=LONGEST).zip(from.clone()) {
            state = step(state, letter);
            if SHORTEST <= length {
                // The edges stand before letter 0 and after the last; they cover nothing.
                let covered = start.saturating_sub(1)..(start + length - 1).min(count);
                take(finish(state), covered);
            }
        }
        from.next();
    }
}

fn hash_word(word: &str) -> u64 {
    let letters = word.chars().map(|c| u64::from(u32::from(c)));
    finish(letters.fold(WORDS, step))
}

pub(super) fn step(state: u64, next: u64) -> u64 {
    (state.rotate_left(5) ^ next).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Spreads what `step` left in the high bits (the finaliser of splitmix64).
pub(super) fn finish(state: u64) -> u64 {
    let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;

    fn grams(text: &str) -> Vec<Gram> {
        let mut all = Vec::new();
        Tokenised::of(text).each_gram(text, |gram| all.push(gram));
        all
    }

    fn check(text: &str, words: usize, letters: usize) {
        let all = grams(text);
        let count = |block| all.iter().filter(|gram| gram.block == block).count();
        assert_eq!((count(Block::Words), count(Block::Letters)), (words, letters), "{text}");
    }

    #[test]
    fn words_give_pairs_and_characters_give_threes() {
        check("a b c", 5 + 2, 9);
        check("vpn down", 3 + 2, 10 + 14);
        check("连不上", 6 + 2, 10);
        check("", 0, 0);
    }

    #[test]
    fn the_edges_of_words_and_messages_count() {
        let hashes = |text| grams(text).iter().map(|gram| gram.hash).collect::<HashSet<_>>();
        assert!(!hashes("vpn").is_subset(&hashes("xvpnx")));
        assert_ne!(hashes("down vpn"), hashes("vpn down"));
    }

    proptest! {
        #[test]
        fn every_gram_covers_tokens_that_exist(text in any::<String>()) {
            let tokenised = Tokenised::of(&text);
            let count = tokenised.tokens.len();
            tokenised.each_gram(&text, |gram| {
                assert!((gram.first + gram.tokens) as usize <= count && 0 < gram.tokens);
            });
        }
    }
}
