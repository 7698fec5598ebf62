//! A text cut into what points in time are written with.

/// A lower-case text, cut so that whole words and whole numbers can be compared.
pub(super) struct Text<'a> {
    raw: &'a str,
    /// Runs of digits, letters, Chinese numerals and blanks; all else character by character.
    pub(super) pieces: Vec<&'a str>,
    /// The pieces without the blanks.
    pub(super) words: Vec<&'a str>,
    spoken: String,
}

impl<'a> Text<'a> {
    pub(super) fn of(raw: &'a str) -> Self {
        let chars: Vec<(usize, char)> = raw.char_indices().collect();
        let joined = |left: &(usize, char), right: &(usize, char)| {
            kind(left.1) == kind(right.1) && kind(left.1) != Kind::Other
        };
        let end = |it: &[(usize, char)]| it.last().map_or(0, |(at, last)| at + last.len_utf8());
        let pieces: Vec<&str> = chars.chunk_by(joined).map(|it| &raw[it[0].0..end(it)]).collect();
        let words: Vec<&str> = pieces.iter().filter(|it| !it.trim().is_empty()).copied().collect();
        let spoken = format!(" {} ", words.join(" "));
        Self { raw, pieces, words, spoken }
    }

    /// Whether a phrase occurs: in English as whole words, in Chinese anywhere.
    pub(super) fn says(&self, phrase: &str) -> bool {
        if phrase.is_ascii() {
            self.spoken.contains(&format!(" {phrase} "))
        } else {
            self.raw.contains(phrase)
        }
    }

    pub(super) fn says_any(&self, phrases: &[&str]) -> bool {
        phrases.iter().any(|it| self.says(it))
    }
}

#[derive(PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Numeral,
    Blank,
    Other,
}

fn kind(it: char) -> Kind {
    match it {
        '0'..='9' => Kind::Digit,
        _ if NUMERALS.contains(it) || it == '十' => Kind::Numeral,
        _ if it.is_whitespace() => Kind::Blank,
        _ if it.is_alphabetic() && it < '\u{2e80}' => Kind::Letter,
        _ => Kind::Other,
    }
}

/// Each at its value; 两 is 二.
const NUMERALS: &str = "零一二三四五六七八九两";

const SPELLED: [&str; 12] =
    ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];

pub(super) fn is_digits(word: &str) -> bool {
    word.starts_with(|it: char| it.is_ascii_digit())
}

pub(super) fn is_letters(word: &str) -> bool {
    word.starts_with(|it: char| kind(it) == Kind::Letter)
}

/// `16` or `十六`.
pub(super) fn number(word: &str) -> Option<i64> {
    if is_digits(word) {
        return word.parse().ok().filter(|_| word.len() <= 4);
    }
    let digit = |it: &str| {
        let mut chars = it.chars();
        let value = NUMERALS.chars().position(|it| Some(it) == chars.clone().next())?;
        chars.next();
        chars.next().is_none().then_some(if value == 10 { 2 } else { value as i64 })
    };
    let Some((tens, ones)) = word.split_once('十') else { return digit(word) };
    let part = |it: &str, absent: i64| if it.is_empty() { Some(absent) } else { digit(it) };
    Some(part(tens, 1)? * 10 + part(ones, 0)?)
}

/// `16`, `十六` or `three`.
pub(super) fn counted(word: &str) -> Option<i64> {
    let spelled = || SPELLED.iter().zip(1..).find(|(it, _)| **it == word).map(|(_, value)| value);
    number(word).or_else(spelled)
}

/// What can be read at the first place where anything can, other than within a number.
pub(super) fn at_each<T>(words: &[&str], read: impl Fn(&[&str], &[&str]) -> Option<T>) -> Option<T> {
    (0..words.len()).find_map(|at| {
        let (before, here) = words.split_at(at);
        (!in_number(before)).then(|| read(before, here)).flatten()
    })
}

/// Whether a number behind these words is only the end of one: the `5` of `2.5`, the `2` of `1/2`.
fn in_number(before: &[&str]) -> bool {
    matches!(before, [.., whole, "." | "," | "/"] if is_digits(whole))
}

/// What may stand behind a number without being counted by it.
const FOLLOWERS: [&str; 43] = [
    "and",
    "but",
    "today",
    "tomorrow",
    "yesterday",
    "tonight",
    "this",
    "on",
    "in",
    "so",
    "because",
    "the",
    "i",
    "we",
    "my",
    "our",
    "it",
    "he",
    "she",
    "they",
    "for",
    "which",
    "when",
    "then",
    "please",
    "sharp",
    "with",
    "if",
    "as",
    "last",
    "next",
    "until",
    "at",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "latest",
    "already",
    "since",
];

/// Whether a number before these words ends a phrase, rather than counting what follows.
pub(super) fn counts_nothing(behind: &[&str]) -> bool {
    match behind {
        [] => true,
        ["." | ",", next, ..] => !is_digits(next),
        ["." | "," | "!" | "?" | ";" | ")" | "，" | "。", ..] => true,
        [next, ..] => FOLLOWERS.contains(next),
    }
}
