//! Small closed sets of answers, told by word lists: yes, no, cancel, start over, don't know. A
//! trained model would be worse here: "no" to "shall I open it?" has no meaning of its own.

use std::collections::BTreeMap;

/// What a short answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Agreed.
    Yes,
    /// Not agreed.
    No,
    /// Drop it.
    Cancel,
    /// Drop everything and begin again.
    StartOver,
    /// The employee does not know.
    Unknown,
    /// None of what was shown.
    Other,
    /// What comes now replaces what was said before.
    Correction,
    /// What comes now is not meant.
    Negation,
}

/// The word lists of one language.
#[derive(Debug, Clone, Default, serde::Deserialize)]
#[serde(transparent)]
pub struct Lexicon(BTreeMap<Answer, Vec<String>>);

impl Lexicon {
    /// The words for an answer.
    pub fn words(&self, answer: Answer) -> &[String] {
        self.0.get(&answer).map_or(&[], Vec::as_slice)
    }

    /// Whether a whole message, less its punctuation, is this answer.
    pub fn is(&self, answer: Answer, message: &str) -> bool {
        // Asked of every message, and hardly one is an answer: the first letter tells most of them.
        let message = trimmed(message);
        let first = plain_letters(message).next();
        let may_be = |it: &&String| it.chars().next() == first;
        self.words(answer).iter().filter(may_be).any(|it| plain_letters(message).eq(it.chars()))
    }

    /// What follows after the message began with this answer: `yes, it is in room 5`.
    pub fn after<'a>(&self, answer: Answer, message: &'a str) -> Option<&'a str> {
        let message = message.trim_start();
        let begins = |word: &&String| {
            message.get(..word.len()).is_some_and(|head| {
                let rest = message[word.len()..].chars().next();
                head.to_lowercase() == **word
                    && rest.is_some_and(|it| !it.is_alphanumeric() || !it.is_ascii())
            })
        };
        let word = self.words(answer).iter().filter(begins).max_by_key(|it| it.len())?;
        let rest = message[word.len()..].trim_start_matches(|it: char| !it.is_alphanumeric());
        (!rest.is_empty()).then_some(rest)
    }
}

/// Lower case, without the punctuation around it and with single blanks.
pub(super) fn plain(message: &str) -> String {
    plain_letters(trimmed(message)).collect()
}

fn trimmed(message: &str) -> &str {
    message.trim_matches(|it: char| it.is_whitespace() || "!.,;:，。！；：、~～…\"'“”()".contains(it))
}

fn plain_letters(trimmed: &str) -> impl Iterator<Item = char> {
    let words = trimmed.split_whitespace().enumerate();
    let letters = words.flat_map(|(place, word)| {
        let blank = (place > 0).then_some(' ');
        blank.into_iter().chain(word.chars().flat_map(char::to_lowercase))
    });
    letters.map(|it| if it == '’' { '\'' } else { it }).filter(|it| *it != ',')
}
