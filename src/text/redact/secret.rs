//! Passwords that people type into a message: what stands behind a word such as "password" and looks like one.

use std::ops::Range;

use crate::text::{
    found::{Kind, found},
    han::lower,
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
    "pass",
    "pwd",
    "pw",
    "pin",
    "密码",
    "口令",
];
/// What states that the next word is the secret.
const STATING: [&str; 9] = ["is", "was", "it's", "as", "是", "为", "改成", "改为", "叫"];
/// What else may stand between the two.
const BETWEEN: [&str; 9] = ["s", "still", "new", "old", "now", "still:", "the", "to", "from"];
/// So many words behind the cue a word is still looked at that can be nothing but a secret.
const NEAR: usize = 6;

/// Secrets in order, none overlapping.
pub(super) fn secrets(text: &str) -> Vec<Range<usize>> {
    let lower = lower(text);
    if !CUES.iter().any(|it| lower.contains(it)) {
        return vec![];
    }
    let named = found(text);
    let is_named = |range: &Range<usize>| {
        named.iter().any(|it| it.start < range.end && range.start < it.end && is_thing(&it.kind))
    };
    let words = words(text);
    let (mut all, mut near, mut next) = (vec![], 0, false);
    for (at, word) in words.iter().enumerate() {
        let said = lower[word.clone()].trim_matches(|it: char| !it.is_alphanumeric());
        if CUES.contains(&said) || said.rsplit('/').next().is_some_and(|it| CUES.contains(&it)) {
            (near, next) = (NEAR, true);
            continue;
        }
        let stated = stated(text, &words, at);
        let secret =
            near > 0 && looks_secret(&text[word.clone()], next && stated, next && ends_here(text, word));
        if secret && !is_named(word) {
            all.push(word.clone());
        }
        next &= secret || said.is_empty() || STATING.contains(&said) || BETWEEN.contains(&said);
        near = near.saturating_sub(1);
    }
    all
}

/// What has a name of its own is no secret; a host may be a password with a dot in it.
fn is_thing(kind: &Kind) -> bool {
    match kind {
        Kind::Host(name) => name.matches('.').count() > 1,
        Kind::Ticket(_) | Kind::AssetTag(_) | Kind::ErrorCode(_) | Kind::Date(_) | Kind::Time(_) => true,
    }
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
    let folded = lower(&text[range.clone()]);
    while from < range.end {
        let rest = &folded[from - range.start..];
        let known = CUES.iter().chain(&STATING).filter(|it| !it.is_ascii());
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
    "\"“”'‘’「」()（），。；：、=:;,<>*".contains(it)
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let end = range.start + text[range.clone()].trim_end_matches('.').len();
    (range.start < end).then_some(range.start..end)
}

/// "Password: 4711", "pin is 4711" and "密码abc12345" state one; "password 4711" may count something.
fn stated(text: &str, words: &[Range<usize>], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|it| words.get(it)) else { return false };
    let between = &text[before.end..words[at].start];
    between.is_empty()
        || between.contains([':', '=', '：'])
        || STATING.contains(&&*lower(&text[before.clone()]))
}

/// Whether a clause ends behind a word.
fn ends_here(text: &str, word: &Range<usize>) -> bool {
    text[word.end..].chars().next().is_none_or(|it| ends(it) || matches!(it, '.' | '!' | '\n'))
}

/// A word that was stated to be the secret needs little to look like one; any other needs signs that no
/// ordinary word has.
fn looks_secret(word: &str, stated: bool, last: bool) -> bool {
    let letters = word.chars().count();
    let digit = word.chars().any(|it| it.is_ascii_digit());
    let letter = word.chars().any(char::is_alphabetic);
    // "Password!!!" is a cry, and "password?" a question.
    let inner = word.trim_end_matches(['!', '?']);
    let cried = inner.len() < word.len();
    let sign = inner.chars().any(|it| "!@#$%^&*?+_~".contains(it));
    let address = word.contains("://") || (word.contains('@') && word.contains('.'));
    let number = word.chars().all(|it| it.is_ascii_digit());
    match (letter, digit || sign) {
        _ if address || word.chars().any(is_cjk) => false,
        (true, true) => letters >= 6 && (stated || (digit && (sign || cried))),
        (false, true) => number && letters >= 4 && stated,
        // "Password: hunterpass", and nothing behind it.
        (true, false) => stated && last && letters >= 8 && word.is_ascii(),
        (false, false) => false,
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
            ("changed my password from Alt!12345 to Neu!12345", vec!["Alt!12345", "Neu!12345"]),
            ("我的密码是abc12345，登不上", vec!["abc12345"]),
            ("密码Sommer_2026不对", vec!["Sommer_2026"]),
            ("密碼是123456", vec!["123456"]),
            ("İstanbul office: my password Summer2026! does not work", vec!["Summer2026!"]),
            ("**password**: Summer2026!", vec!["Summer2026!"]),
            ("password - Summer2026!", vec!["Summer2026!"]),
            ("--password=Summer2026", vec!["Summer2026"]),
            ("my password is not accepted: Summer2026!", vec!["Summer2026!"]),
            ("the password I use is Summer2026!", vec!["Summer2026!"]),
            ("password: hunterpass", vec!["hunterpass"]),
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
            "password and Office365 licence",
            "I forgot the password and Windows11 wants the recovery key",
            "the password to srv-db01.corp.example.com",
            "password to S4HANA",
            "password from user4711",
            "pin to 10.1.20.7",
            "password İ Å",
            "my password is not accepted, says the screen",
        ] {
            assert!(secrets(text).is_empty(), "{text}");
        }
    }
}
