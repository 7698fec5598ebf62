//! Tokens: Latin words, single CJK characters, and the marks that carry tone.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Letters and digits up to the next break, with apostrophes inside.
    Word,
    /// One character of a script that is written without spaces.
    Cjk,
    /// A question or exclamation mark.
    Mark,
}

/// A token as a byte range of the text it was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// First byte.
    pub start: usize,
    /// End, exclusive.
    pub end: usize,
}

impl Token {
    /// Whether nothing stands between this token and the next one.
    pub fn touches(&self, next: &Self) -> bool {
        self.end == next.start
    }
}

/// The tokens of a text, in order, none overlapping.
pub fn tokens(text: &str) -> impl Iterator<Item = Token> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let c = text.get(at..)?.chars().next()?;
            let start = at;
            at += c.len_utf8();
            let kind = if is_cjk(c) {
                Kind::Cjk
            } else if is_word(c) {
                at = word_end(text, at);
                Kind::Word
            } else if matches!(c, '?' | '!') {
                Kind::Mark
            } else {
                continue;
            };
            return Some(Token { kind, start, end: at });
        }
    })
}

/// Whether a character belongs to a script in which each character is a token of its own.
pub fn is_cjk(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '々' | '〇')
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || is_mark_of_letter(c)
}

/// Vowel signs and accents of scripts that write them apart.
fn is_mark_of_letter(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn word_end(text: &str, from: usize) -> usize {
    let mut chars = text[from..].char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let apostrophe = matches!(c, '\'' | '’');
        let inside = apostrophe && chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if is_cjk(c) || !(is_word(c) || inside) {
            return from + at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = tokens(text).map(|t| &text[t.start..t.end]).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn words_characters_and_marks_are_tokens() {
        check("can't log in!", &["can't", "log", "in", "!"]);
        check("vpn连不上 了?", &["vpn", "连", "不", "上", "了", "?"]);
        check("error 0x80070005 - 'quoted'", &["error", "0x80070005", "quoted"]);
        check("", &[]);
    }

    proptest! {
        #[test]
        fn tokens_lie_on_boundaries_in_order(text in any::<String>()) {
            let mut last = 0;
            for token in tokens(&text) {
                prop_assert!(last <= token.start && token.start < token.end);
                prop_assert!(text.get(token.start..token.end).is_some());
                last = token.end;
            }
        }
    }
}
