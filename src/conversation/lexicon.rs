//! Small closed sets of words, told by lists: yes, no, cancel, don't know, and the words around them. A
//! trained model would be worse here: "no" to "shall I open it?" has no meaning of its own.

use std::collections::BTreeMap;

pub(super) use crate::text::han::lower;
use crate::text::han::simplified;

/// What a short answer means, or what a few words at the edge of a clause do to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// Agreed.
    Yes,
    /// Agreed, and more follows in the same clause.
    YesAnd,
    /// An article has solved it.
    Solved,
    /// A person is wanted.
    Human,
    /// Not agreed.
    No,
    /// Not agreed, and what is right follows in the same clause.
    NoAnd,
    /// Drop it.
    Cancel,
    /// Drop everything and begin again.
    StartOver,
    /// The employee does not know.
    Unknown,
    /// None of what was shown.
    Other,
    /// There is nothing more to say.
    Done,
    /// Neither here nor there: "hmm".
    Hesitation,
    /// What can be done here?
    Help,
    /// Who or what is talking?
    Identity,
    /// Answers in English, please.
    English,
    /// Answers in Chinese, please.
    Chinese,
    /// What comes now replaces what was said before.
    Correction,
    /// What comes now is not meant.
    Negation,
    /// At the beginning: something beside what was said before.
    Also,
    /// At the end: the same.
    Too,
    /// Behind an `Also`: still what was talked about.
    Same,
    /// Between two problems that are named in one breath.
    Between,
    /// Between two problems, or just between two halves of one.
    PerhapsBetween,
    /// At the beginning: announces that something is reported.
    Reporting,
    /// Announces two problems.
    Two,
    /// Between the two that were announced.
    BetweenTwo,
    /// What was added to a ticket is another matter.
    AnotherMatter,
    /// At the beginning of a clause: what follows is wished for.
    Wanting,
    /// Right behind a name: that thing is all right.
    FineBehind,
    /// What was over is there again.
    Again,
    /// Says that a ticket may be closed.
    Closing,
    /// At the beginning: adds to a ticket that stands.
    Addition,
    /// At the beginning: names what the rest is about.
    Regarding,
    /// Behind the name of a thing, where it is not the name any more.
    Tail,
    /// A ticket is no longer wanted, rather than done.
    Withdrawal,
    /// At the beginning of a clause: the value of what was just said is another.
    Change,
    /// At the beginning: a question.
    Asking,
    /// At the beginning: goes on with what was asked.
    Continuing,
    /// At the beginning: says nothing by itself.
    Filler,
    /// At the end: the same.
    Softener,
    /// Names nothing: "a program", "something".
    Vague,
    /// Stands with a name and changes nothing: "the", "it is".
    Article,
    /// All of them.
    All,
    /// At the beginning: agrees to a request of somebody else.
    Approve,
    /// At the beginning: does not.
    Reject,
    /// What waits for my consent?
    Approvals,
    /// What is it about?
    Details,
    /// Not now.
    Later,
    /// At the beginning of a reason.
    Because,
    /// Before a thing: it is the speaker's own.
    Owning,
    /// Between that and the thing: what kind of a thing it is.
    Describing,
    /// Before it: the speaker is reached by the thing.
    Reaching,
    /// They do not want to be told of something any more.
    Leaving,
    /// What was broken works again.
    Recovered,
    /// Thanks.
    Thanking,
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
}

/// Lower case, without the punctuation around it and with single blanks.
pub(super) fn plain(message: &str) -> String {
    plain_letters(trimmed(message)).collect()
}

/// Without the punctuation around it.
pub(super) fn trimmed(message: &str) -> &str {
    message.trim_matches(|it: char| it.is_whitespace() || "!?.,;:，。！？；：、~～…\"'“”()（）".contains(it))
}

fn plain_letters(trimmed: &str) -> impl Iterator<Item = char> {
    let words = trimmed.split_whitespace().enumerate();
    let letters = words.flat_map(|(place, word)| {
        let blank = (place > 0).then_some(' ');
        blank.into_iter().chain(word.chars().flat_map(char::to_lowercase))
    });
    letters
        .map(|it| if it == '’' { '\'' } else { simplified(it) })
        .filter(|it| *it != ',' && !is_skin_tone(*it))
}

/// A thumb up is a thumb up.
fn is_skin_tone(it: char) -> bool {
    ('\u{1F3FB}'..='\u{1F3FF}').contains(&it)
}

/// What stands behind a phrase (lower case, single blanks) at the beginning of a text. A Latin phrase must
/// end where a word does.
pub(super) fn behind<'a>(text: &'a str, phrase: &str) -> Option<&'a str> {
    let mut rest = text.trim_start();
    for letter in phrase.chars() {
        if letter == ' ' {
            let blank = rest.starts_with(char::is_whitespace);
            rest = rest.trim_start();
            if !blank {
                return None;
            }
            continue;
        }
        let mut letters = rest.chars();
        let next = letters.next()?;
        // Asked of every phrase at every clause, and nearly always answered by the first letter.
        let same = if next.is_ascii() {
            next.to_ascii_lowercase() == letter
        } else if next == '’' {
            letter == '\''
        } else {
            simplified(next).to_lowercase().eq([letter])
        };
        if !same {
            return None;
        }
        rest = letters.as_str();
    }
    let latin = |it: char| it.is_ascii_alphanumeric() || it == '\'';
    let glued = phrase.chars().next_back().is_some_and(latin) && rest.chars().next().is_some_and(latin);
    (!glued).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_ends_where_a_word_does() {
        assert_eq!(behind("Forget  it, it works", "forget it"), Some(", it works"));
        assert_eq!(behind("notebook", "no"), None);
        assert_eq!(behind("no, it isn’t", "no"), Some(", it isn’t"));
        assert_eq!(behind("不是打印机", "不是"), Some("打印机"));
    }

    #[test]
    fn skin_tones_change_nothing() {
        assert_eq!(plain(" 👍🏽! "), "👍");
    }
}
