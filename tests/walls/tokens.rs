//! Rust source as words and signs: comments are gone, and a string or a number is one sign, whatever it says.

use std::iter::Peekable;
use std::str::Chars;

/// A word (identifier or keyword), the sign `::`, another single sign, or `"` for a literal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is(&self, text: &str) -> bool {
        self.text == text
    }

    pub(crate) fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// Takes a source apart.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let mut reader = Reader { rest: text.chars().peekable(), line: 1 };
    let mut tokens = Vec::new();
    loop {
        reader.skip_while(char::is_whitespace);
        let line = reader.line;
        match reader.token() {
            Some(text) if text.is_empty() => {}
            Some(text) => tokens.push(Token { text, line }),
            None => return tokens,
        }
    }
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    line: usize,
}

impl Reader<'_> {
    /// The next token; an empty one for what leaves no trace (a comment, a lifetime); nothing at the end.
    fn token(&mut self) -> Option<String> {
        let first = self.next()?;
        Some(match (first, self.rest.peek().copied()) {
            ('/', Some('/')) => self.skip_while(|it| it != '\n'),
            ('/', Some('*')) => self.skip_block_comment(),
            (':', Some(':')) => {
                self.next();
                "::".to_owned()
            }
            ('"', _) => self.skip_string(),
            ('\'', Some(next)) => self.skip_character_or_lifetime(next),
            (first, _) if first.is_alphabetic() || first == '_' => self.word(first),
            (first, _) if first.is_ascii_digit() => {
                self.skip_while(|it| it.is_alphanumeric() || it == '_');
                "\"".to_owned()
            }
            (first, _) => first.to_string(),
        })
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn skip_while(&mut self, goes_on: impl Fn(char) -> bool) -> String {
        while self.rest.peek().is_some_and(|&next| goes_on(next)) {
            self.next();
        }
        String::new()
    }

    fn skip_block_comment(&mut self) -> String {
        let (mut depth, mut before) = (0, '/');
        while let Some(next) = self.next() {
            match (before, next) {
                ('/', '*') => depth += 1,
                ('*', '/') => depth -= 1,
                _ => {
                    before = next;
                    continue;
                }
            }
            if depth == 0 {
                break;
            }
            // A sign belongs to one mark only: `/*/` does not end what it begins.
            before = ' ';
        }
        String::new()
    }

    fn skip_string(&mut self) -> String {
        while let Some(next) = self.next() {
            match next {
                '\\' => {
                    self.next();
                }
                '"' => break,
                _ => {}
            }
        }
        "\"".to_owned()
    }

    fn skip_character_or_lifetime(&mut self, next: char) -> String {
        self.next();
        if next == '\\' {
            self.next();
            self.skip_while(|it| it != '\'');
            self.next();
            return "\"".to_owned();
        }
        if self.rest.peek() == Some(&'\'') {
            self.next();
            return "\"".to_owned();
        }
        self.skip_while(|it| it.is_alphanumeric() || it == '_')
    }

    fn word(&mut self, first: char) -> String {
        let mut word = String::from(first);
        while let Some(&next) = self.rest.peek().filter(|it| it.is_alphanumeric() || **it == '_') {
            word.push(next);
            self.next();
        }
        match (word.as_str(), self.rest.peek()) {
            ("b" | "c", Some('"')) => {
                self.next();
                self.skip_string()
            }
            ("b", Some('\'')) => {
                self.next();
                self.rest.peek().copied().map_or(String::new(), |next| self.skip_character_or_lifetime(next))
            }
            ("r" | "br" | "cr", Some('"' | '#')) => self.raw(),
            _ => word,
        }
    }

    /// A raw string, which ends at as many `#` as it began with; or a raw identifier.
    fn raw(&mut self) -> String {
        let mut marks = 0;
        while self.rest.peek() == Some(&'#') {
            self.next();
            marks += 1;
        }
        if self.rest.peek() != Some(&'"') {
            return String::new();
        }
        self.next();
        let mut seen = None;
        while let Some(next) = self.next() {
            seen = match (next, seen) {
                ('"', _) => Some(0),
                ('#', Some(count)) => Some(count + 1),
                _ => None,
            };
            if seen == Some(marks) {
                break;
            }
        }
        "\"".to_owned()
    }
}
