//! The words of a message as the finders see them: runs of letters and digits, in capitals, with
//! what stands between them.

use crate::text::token::is_cjk;

/// A run of ASCII-like letters and digits, or one CJK character.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    /// Folded to ASCII where it was typed in wide forms, in capitals.
    capitals: String,
    start: usize,
    end: usize,
    cjk: bool,
}

/// A message cut into words.
#[derive(Debug)]
pub(super) struct Words<'a> {
    text: &'a str,
    all: Vec<Word>,
}

impl<'a> Words<'a> {
    /// Cuts a message into words.
    pub(super) fn of(text: &'a str) -> Self {
        let mut all: Vec<Word> = Vec::new();
        for (at, c) in text.char_indices() {
            let end = at + c.len_utf8();
            let c = narrow(c);
            if !c.is_alphanumeric() {
                continue;
            }
            let cjk = is_cjk(c);
            match all.last_mut().filter(|word| word.end == at && !word.cjk && !cjk) {
                Some(word) => {
                    word.capitals.extend(c.to_uppercase());
                    word.end = end;
                }
                None => {
                    let capitals = c.to_uppercase().collect();
                    all.push(Word { capitals, start: at, end, cjk });
                }
            }
        }
        Self { text, all }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// A word in capitals; empty beyond the last.
    pub(super) fn word(&self, at: usize) -> &str {
        self.all.get(at).map_or("", |word| &word.capitals)
    }

    /// What stands between a word and the next.
    pub(super) fn gap(&self, at: usize) -> &'a str {
        let next = self.all.get(at + 1).map_or(self.text.len(), |word| word.start);
        self.all.get(at).map_or("", |word| &self.text[word.end..next])
    }

    /// What stands right before a word.
    pub(super) fn before(&self, at: usize) -> &'a str {
        let from = at.checked_sub(1).and_then(|last| self.all.get(last)).map_or(0, |word| word.end);
        self.all.get(at).map_or("", |word| &self.text[from..word.start])
    }

    /// The byte range of `count` words.
    pub(super) fn span(&self, at: usize, count: usize) -> (usize, usize) {
        let start = self.all.get(at).map_or(0, |word| word.start);
        let end = self.all.get((at + count).saturating_sub(1)).map_or(start, |word| word.end);
        (start, end)
    }

    /// `count` words and what stands between them, as typed.
    pub(super) fn typed(&self, at: usize, count: usize) -> &'a str {
        let (start, end) = self.span(at, count);
        &self.text[start..end]
    }

    /// How many words from `at` on are joined by one of these marks each, at least one.
    pub(super) fn joined(&self, at: usize, marks: &[&str]) -> usize {
        let mut count = 1;
        while at + count < self.len() && marks.contains(&self.gap(at + count - 1)) {
            count += 1;
        }
        count
    }
}

/// The marks that people and their phones write for a hyphen.
pub(super) const HYPHENS: [&str; 6] = ["-", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "－"];

/// Whether a word is digits only, and how many fit.
pub(super) fn is_number(word: &str, digits: std::ops::RangeInclusive<usize>) -> bool {
    digits.contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// Wide letters and digits in their usual form.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        _ => c,
    }
}
