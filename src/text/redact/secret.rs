//! Passwords that people type into a message: what stands behind a word such as "password" and looks like one.

use std::ops::Range;

use crate::text::{
    found::{Kind, found},
    token::is_cjk,
};

/// Words behind which a secret may stand.
const CUES: [&str; 12] = [
    "passwords",
    "password",
    "passwort",
    "passcode",
    "passphrase",
    "passwd",
    "pwd",
    "pw",
    "pin",
    "密码",
    "密碼",
    "口令",
];
/// What may stand between the two.
const BETWEEN: [&str; 17] = [
    "is", "was", "from", "to", "as", "and", "or", "it's", "still", "new", "old", "是", "为", "從", "从",
    "到", "改成",
];

/// Secrets in order, none overlapping.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let lower = text.to_lowercase();
    // Places in the lower case are places in the text only if no letter changed its length.
    if lower.len() != text.len() || !CUES.iter().any(|it| lower.contains(it)) {
        return vec![];
    }
    let named = found(text);
    let is_named = |range: &Range<usize>| {
        let known = |kind: &Kind| !matches!(kind, Kind::Host(_));
        named.iter().any(|it| known(&it.kind) && it.start < range.end && range.start < it.end)
    };
    let words = words(text);
    let (mut all, mut expected) = (vec![], false);
    for (at, word) in words.iter().enumerate() {
        let said = &lower[word.clone()];
        if CUES.contains(&said) {
            expected = true;
        } else if expected && looks_secret(&text[word.clone()], stated(text, &words, at)) && !is_named(word) {
            all.push(word.clone());
        } else {
            expected &= BETWEEN.contains(&said);
        }
    }
    all
}

/// Runs between blanks and between Chinese characters, which are words of their own as far as the cues go,
/// without the punctuation at their ends that is no part of a secret.
fn words(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = vec![];
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((_, letter)) = chars.next() {
        let next = chars.peek().map_or(text.len(), |(at, _)| *at);
        let after = text[next..].chars().next();
        let edge = after.is_none_or(|it| it.is_whitespace() || is_cjk(it) != is_cjk(letter) || ends(it));
        if letter.is_whitespace() || ends(letter) {
            start = next;
        } else if edge {
            all.extend(split(text, start..next));
            start = next;
        }
    }
    all.into_iter().filter_map(|it| trimmed(text, it)).collect()
}

/// Chinese has no blanks: the cues and what stands between are cut out of it.
fn split(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut all = vec![];
    let mut from = range.start;
    while from < range.end {
        let rest = &text[from..range.end];
        let known = CUES.iter().chain(&BETWEEN).filter(|it| !it.is_ascii());
        let length = known.filter(|it| rest.starts_with(**it)).map(|it| it.len()).max();
        let length = length.unwrap_or_else(|| match rest.chars().next() {
            Some(it) if is_cjk(it) => it.len_utf8(),
            _ => rest.len(),
        });
        all.push(from..from + length);
        from += length;
    }
    all
}

fn ends(it: char) -> bool {
    "\"“”'‘’「」()（），。；：、=:;,<>".contains(it)
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let end = range.start + text[range.clone()].trim_end_matches('.').len();
    (range.start < end).then_some(range.start..end)
}

/// "Password: 4711" and "密码是4711" state one; "password 4711" may count something.
fn stated(text: &str, words: &[Range<usize>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|it| words.get(it)) else { return false };
    let between = &text[before.end..words[at].start];
    between.contains([':', '=', '：']) || ["is", "是", "为"].contains(&&*text[before.clone()].to_lowercase())
}

fn looks_secret(word: &str, stated: bool) -> bool {
    let letters = word.chars().count();
    let digits = word.chars().any(|it| it.is_ascii_digit());
    let letter = word.chars().any(char::is_alphabetic);
    // "Password!!!" is a cry, and "password?" a question.
    let inner = word.trim_end_matches(['!', '?']);
    let sign = inner.chars().any(|it| "!@#$%^&*?+_~".contains(it));
    let address = word.contains("://") || (word.contains('@') && word.contains('.'));
    match (letter, digits || sign) {
        (true, true) => letters >= 6 && !address,
        (false, true) => digits && letters >= if stated { 4 } else { 6 },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_password_behind_the_word_is_found() {
        for (text, secret) in [
            ("my password Summer2026! is not accepted on the laptop", vec!["Summer2026!"]),
            ("Password: hunter22, please help", vec!["hunter22"]),
            ("pw=\"Tr0ub4dor&3\" does not work", vec!["Tr0ub4dor&3"]),
            ("my pin is 4711.", vec!["4711"]),
            ("changed my password from Alt12345 to Neu12345", vec!["Alt12345", "Neu12345"]),
            ("我的密码是abc12345，登不上", vec!["abc12345"]),
            ("密码Sommer_2026不对", vec!["Sommer_2026"]),
        ] {
            let found: Vec<_> = secrets(text).into_iter().map(|it| &text[it]).collect();
            assert_eq!(found, secret, "{text}");
        }
    }

    #[test]
    fn what_is_no_password_stays() {
        for text in [
            "my password expired and I cannot log in!!!",
            "password is wrong",
            "I forgot the password of LT-20417",
            "password reset does not work, error 0x80070005",
            "the new password is not accepted 3 times",
            "password INC-000123",
            "密码忘了，3楼",
            "the pin of the badge reader on floor 2",
            "Summer2026!",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
