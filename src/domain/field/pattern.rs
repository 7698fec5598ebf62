//! What a text must look like, such as a cost centre or a purchase order's number.

use regex::Regex;

/// So many bytes may a compiled pattern have: enough for codes and numbers, too few to hurt.
const SIZE: usize = 64 * 1024;

/// A regular expression that a whole text must match, and an example to show to people.
#[derive(Debug, Clone)]
pub struct Pattern {
    regex: Regex,
    written: String,
    /// A text that matches.
    pub example: String,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        (&self.written, &self.example) == (&other.written, &other.example)
    }
}

/// Why something is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPattern {
    /// It cannot be read.
    #[error("is no regular expression: {0}")]
    Syntax(String),
    /// It matches too much to be checked in the time of a message.
    #[error("is too large; a field needs less")]
    Large,
    /// The example does not match.
    #[error("does not match its own example `{0}`")]
    Example(String),
}

impl Pattern {
    /// A pattern as the catalogue writes it. Matching takes a time that grows with the text alone.
    pub fn new(written: &str, example: &str) -> Result<Self, BadPattern> {
        let built = |text: &str| regex::RegexBuilder::new(text).size_limit(SIZE).nest_limit(32).build();
        // By itself first: `a)|(b` would be an expression only within the frame.
        let framed = built(written).and_then(|_| built(&format!("^(?:{written})$")));
        let regex = framed.map_err(|error| {
            if matches!(error, regex::Error::CompiledTooBig(_)) {
                return BadPattern::Large;
            }
            // The first lines of the message draw the expression; the last one says what is wrong.
            let message = error.to_string();
            let last = message.lines().last().unwrap_or_default();
            BadPattern::Syntax(last.trim_start_matches("error: ").to_owned())
        })?;
        if !regex.is_match(example) {
            return Err(BadPattern::Example(example.to_owned()));
        }
        Ok(Self { regex, written: written.to_owned(), example: example.to_owned() })
    }

    /// As the catalogue writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// What looks like it in what somebody wrote: all of it, or its first word that does.
    pub fn within<'a>(&self, text: &'a str) -> Option<&'a str> {
        let edge = |it: char| it.is_whitespace() || ".,;:!?\"'()。，；：！？".contains(it);
        let words = text.split_whitespace().map(|it| it.trim_matches(edge));
        std::iter::once(text.trim()).chain(words).find(|it| self.matches(it))
    }

    /// Whether a whole text looks like it.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_text_must_match() {
        let it = Pattern::new("[A-Z]{2}-[0-9]{4}|none", "DE-1234").unwrap();
        assert!(it.matches("FR-0001") && it.matches("none"));
        assert!(!it.matches("FR-00012") && !it.matches("xFR-0001") && !it.matches("none\n"));
    }

    #[test]
    fn a_word_of_an_answer_may_be_all_that_was_asked_for() {
        let it = Pattern::new("[A-Z]{2}-[0-9]{4}", "DE-1234").unwrap();
        assert_eq!(it.within("it is FR-0001, thanks"), Some("FR-0001"));
        assert_eq!(it.within(" FR-0001 "), Some("FR-0001"));
        assert_eq!(it.within("no idea"), None);
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        assert!(matches!(Pattern::new("[A-", "A"), Err(BadPattern::Syntax(it)) if it.contains("class")));
        assert_eq!(Pattern::new("(((a{200}){200}){200})", "a"), Err(BadPattern::Large));
        assert_eq!(Pattern::new("[0-9]+", "abc"), Err(BadPattern::Example("abc".into())));
        assert!(
            matches!(Pattern::new("a)|(b", "a"), Err(BadPattern::Syntax(_))),
            "it cannot end its own frame"
        );
    }
}
