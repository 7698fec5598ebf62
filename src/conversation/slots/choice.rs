//! Telling which option a text names, by id, label and synonyms in both languages.

use std::{borrow::Cow, cmp::Reverse};

use crate::{
    conversation::{
        lexicon::{Answer, lower, plain, trimmed},
        phrases::Phrases,
        reading::{filled_out, is_whole},
    },
    domain::field::Choice,
    text::{han::fold, nearest::slips},
};

/// The option that a text names: the gravest wins ("clicked, and entered my password"), then the longest
/// name ("laptop screen" over "laptop"), then the first. A name right behind a "not" does not count, and
/// one within a longer name of another option adds no gravity: "haven't opened" is not "opened".
pub fn find<'a>(phrases: &Phrases, options: &'a [Choice], text: &str) -> Option<&'a Choice> {
    find_among(phrases, options, text)
}

/// The same for options that do not stand in one list.
pub fn find_among<'a>(
    phrases: &Phrases,
    options: impl IntoIterator<Item = &'a Choice> + Clone,
    text: &str,
) -> Option<&'a Choice> {
    named(phrases, options.clone(), text).or_else(|| match fold(text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(simplified) => named(phrases, options, &simplified),
    })
}

fn named<'a>(
    phrases: &Phrases,
    options: impl IntoIterator<Item = &'a Choice>,
    text: &str,
) -> Option<&'a Choice> {
    let said = Said::of(text);
    let mut named = Vec::new();
    for option in options {
        for name in option.names().iter().filter(|it| said.may_hold(it)) {
            let told = |at: &usize| {
                let behind = &said.lower[at + name.len()..];
                !negated(phrases, &said.lower[..*at]) && !is_fine(phrases, behind)
            };
            let meant = mentions(&said.lower, name).filter(told);
            named.extend(meant.map(|at| Named { option, at, name }));
        }
    }
    named.sort_by_cached_key(|it| Reverse(it.rank()));
    named.iter().find(|it| !named.iter().any(|other| other.covers(it))).map(|it| it.option)
}

/// Where a text names an option.
struct Named<'a> {
    option: &'a Choice,
    at: usize,
    name: &'a str,
}

impl Named<'_> {
    /// What is more wins; of two alike, the earlier one.
    fn rank(&self) -> impl Ord + use<> {
        (self.option.gravity(), self.name.chars().count(), Reverse(self.at))
    }

    /// Whether another option's name stands within this longer one.
    fn covers(&self, other: &Self) -> bool {
        let [own, inner] = [self, other].map(|it| it.at..it.at + it.name.len());
        own.start <= inner.start
            && inner.end <= own.end
            && inner.len() < own.len()
            && self.option.id != other.option.id
    }
}

/// The option that a short answer names with a slip of the hand: "it keeps droping".
pub fn misspelt<'a>(options: &'a [Choice], text: &str) -> Option<&'a Choice> {
    const BRIEF: usize = 6;
    const LETTERS: usize = 5;
    const LONG: usize = 10;
    let names = |it: &'a Choice| it.names().iter().map(String::as_str);
    let one_word = |it: &&str| it.is_ascii() && it.len() >= LETTERS && !it.contains(' ');
    let words: Vec<&str> = text.split_whitespace().map(trimmed).collect();
    let long = words.iter().filter(|it| it.is_ascii() && it.len() >= LETTERS && words.len() <= BRIEF);
    let slip = |word: &str, name: &str| {
        let allowed = if word.len() < LONG { 1 } else { 2 };
        word.len().abs_diff(name.len()) <= allowed && slips(word, name) <= allowed
    };
    let meant = |word: &&str| options.iter().find(|it| names(it).filter(one_word).any(|it| slip(word, it)));
    long.into_iter().find_map(meant)
}

/// Whether a text is the name of an option and nothing else that counts: "the monitor", "是显示器".
pub fn is_bare_name(phrases: &Phrases, option: &Choice, text: &str) -> bool {
    let said = plain(filled_out(phrases, text));
    let idle = |it: &str| it.is_empty() || is_whole(phrases, Answer::Softener, it);
    let article = |it: &str| it.split_whitespace().all(|word| phrases.is(Answer::Article, word));
    option.names().iter().any(|name| {
        let parts = said.split_once(name.as_str());
        parts.is_some_and(|(before, behind)| article(before) && idle(behind.trim()))
    })
}

/// A text in lower case, and what tells at a glance that a name does not stand in it: a template may
/// have a hundred names, and a message holds one of them at most.
struct Said {
    lower: String,
    /// A bit for each letter; several letters share one.
    letters: u64,
    /// Where runs of ASCII letters and digits begin.
    starts: Vec<usize>,
}

impl Said {
    fn of(text: &str) -> Self {
        let (lower, mut letters, mut within) = (text.to_lowercase(), 0, false);
        let mut starts = Vec::with_capacity(lower.len() / 4);
        for (at, letter) in lower.char_indices() {
            letters |= bit(letter);
            let is_word = letter.is_ascii_alphanumeric();
            if is_word && !within {
                starts.push(at);
            }
            within = is_word;
        }
        Self { lower, letters, starts }
    }

    /// False only if `mentions` surely finds the name nowhere.
    fn may_hold(&self, name: &str) -> bool {
        let Some(first) = name.chars().next() else { return false };
        if first.is_ascii_alphanumeric() && ends_latin(name) {
            let (text, name) = (self.lower.as_bytes(), name.as_bytes());
            return self.starts.iter().any(|at| text[*at] == name[0] && text[*at..].starts_with(name));
        }
        self.letters & bit(first) != 0
    }
}

fn bit(letter: char) -> u64 {
    1 << (u32::from(letter) % 64)
}

fn ends_latin(name: &str) -> bool {
    name.chars().next_back().is_some_and(|it| it.is_ascii_alphanumeric())
}

/// Where a name stands in a text. A Latin name must stand as whole words (a plural counts); in
/// Chinese, which has no blanks, it may stand anywhere.
pub fn mentions<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let latin = ends_latin(name);
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let word = |it: char| it.is_ascii_alphanumeric();
        let before = text[..*at].chars().next_back().is_some_and(word);
        let behind = &text[at + name.len()..];
        let tail = behind.strip_prefix("es").or_else(|| behind.strip_prefix('s')).unwrap_or(behind);
        let open = behind.chars().next().is_some_and(word) && tail.chars().next().is_some_and(word);
        let glued = behind.chars().next().is_some_and(word) && tail.len() == behind.len();
        !name.is_empty() && (!latin || !(before || open || glued))
    })
}

/// Whether a text has a phrase of this kind anywhere.
pub fn says(phrases: &Phrases, answer: Answer, text: &str) -> bool {
    let text = lower(text);
    phrases.words(answer).any(|it| mentions(&text, it).next().is_some())
}

/// Whether the words right behind a name say that it is all right: "the cable works".
fn is_fine(phrases: &Phrases, behind: &str) -> bool {
    phrases.words(Answer::FineBehind).any(|it| behind.starts_with(it.as_str()))
}

/// Whether the words right before a name take it back.
pub(super) fn negated(phrases: &Phrases, before: &str) -> bool {
    let before = before.trim_end().trim_end_matches(['a', 'y']).trim_end();
    let before = before.strip_suffix(" the").or_else(|| before.strip_suffix(" m")).unwrap_or(before);
    phrases.words(Answer::Negation).any(|it| {
        before.strip_suffix(it.as_str()).is_some_and(|rest| {
            let glued =
                it.is_ascii() && rest.chars().next_back().is_some_and(|it| it.is_ascii_alphanumeric());
            !glued && !is_question(rest, &before[rest.len()..])
        })
    })
}

/// Whether a text takes a name back: "not 381".
pub fn is_denied(phrases: &Phrases, text: &str, name: &str) -> bool {
    let (text, name) = (lower(text), lower(name));
    mentions(&text, &name).any(|at| negated(phrases, &text[..at]))
}

/// Whether a text names something as what it is about: "not 381" and "381 is fine" do not.
pub fn is_told(phrases: &Phrases, text: &str, name: &str) -> bool {
    let (text, name) = (lower(text), lower(name));
    let told = |at: usize| !negated(phrases, &text[..at]) && !is_fine(phrases, &text[at + name.len()..]);
    mentions(&text, &name).any(told)
}

/// Whether a text denies something.
pub fn denies(phrases: &Phrases, text: &str) -> bool {
    let lower = lower(text).replace('’', "'");
    let denied = |word: &String| mentions(&lower, word).any(|at| !is_question(&lower[..at], &lower[at..]));
    phrases.words(Answer::Negation).any(denied)
}

/// "有没有", "是不是", "能不能": in Chinese a verb, its denial and the verb again ask, and deny nothing.
/// `denial` is the text from the denial on, which is a letter and the verb.
fn is_question(before: &str, denial: &str) -> bool {
    let verb = denial.chars().nth(1).filter(|it| !it.is_ascii());
    verb.is_some() && before.chars().next_back() == verb
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        people::Bilingual,
        priority::{Impact, Urgency},
    };

    fn options() -> Vec<Choice> {
        let option = |id: &str, zh: &str, synonyms: &[&str]| {
            let label = Bilingual { en: id.into(), zh: zh.into() };
            Choice::new(id.into(), label, synonyms.iter().map(|it| (*it).to_owned()).collect())
        };
        vec![
            option("laptop", "笔记本", &["notebook", "laptop screen", "电脑"]),
            option("monitor", "显示器", &["screen", "display"]),
            option("phone", "手机", &[]),
        ]
    }

    fn id(text: &str) -> Option<String> {
        find(&Phrases::built_in().unwrap(), &options(), text).map(|it| it.id.clone())
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(id("my laptop screen stays black").as_deref(), Some("laptop"));
        assert_eq!(id("the screens flicker").as_deref(), Some("monitor"));
        assert_eq!(id("我的电脑开不了机").as_deref(), Some("laptop"));
        assert_eq!(id("headphones"), None);
    }

    #[test]
    fn a_slip_of_the_hand_still_names_an_option() {
        let meant = |text| misspelt(&options(), text).map(|it| it.id.clone());
        assert_eq!(meant("my lapotp").as_deref(), Some("laptop"));
        assert_eq!(meant("the moniter flickers").as_deref(), Some("monitor"));
        assert_eq!(meant("the printer"), None);
        // "Building" is not "bulging", nor a dialog a display.
        assert_eq!(meant("a building fault"), None);
        assert_eq!(meant("the dialog"), None);
    }

    #[test]
    fn a_bare_name_is_told_from_a_remark_about_it() {
        let phrases = Phrases::built_in().unwrap();
        let bare = |text| options().iter().any(|it| is_bare_name(&phrases, it, text));
        for text in ["the monitor", "monitor please", "it's my screen", "是显示器", "手机"] {
            assert!(bare(text), "{text}");
        }
        for text in ["screen flickers", "the monitor is black", "显示器闪"] {
            assert!(!bare(text), "{text}");
        }
    }

    #[test]
    fn the_gravest_wins_over_the_longest() {
        let mut options = options();
        (options[1].urgency, options[1].impact) = (Some(Urgency::High), Some(Impact::Team));
        options[2].urgency = Some(Urgency::High);
        let phrases = Phrases::built_in().unwrap();
        let id = |text: &str| find(&phrases, &options, text).map(|it| it.id.clone());
        assert_eq!(id("the notebook's display went dark").as_deref(), Some("monitor"));
        assert_eq!(id("我的电脑和手机").as_deref(), Some("phone"));
        assert_eq!(id("phone and display").as_deref(), Some("monitor"));
        assert_eq!(id("not the display, the notebook").as_deref(), Some("laptop"));
        // A part of a longer name is not that thing.
        assert_eq!(id("my laptop screen stays black").as_deref(), Some("laptop"));
        assert_eq!(id("my laptop screen, and the other screen").as_deref(), Some("monitor"));
    }

    #[test]
    fn what_is_denied_is_not_meant() {
        assert_eq!(id("not the laptop, the monitor").as_deref(), Some("monitor"));
        assert_eq!(id("it's not my phone but my notebook").as_deref(), Some("laptop"));
        assert_eq!(id("不是手机，是显示器").as_deref(), Some("monitor"));
        assert_eq!(id("有没有手机可以借").as_deref(), Some("phone"));
        assert_eq!(id("是不是显示器坏了").as_deref(), Some("monitor"));
    }

    #[test]
    fn a_chinese_question_of_yes_or_no_denies_nothing() {
        let phrases = Phrases::built_in().unwrap();
        for text in ["能不能关掉这张工单", "是不是可以关了", "有没有办法"] {
            assert!(!denies(&phrases, text), "{text}");
        }
        assert!(denies(&phrases, "先别关，还没有好"));
        assert!(denies(&phrases, "please do not close it"));
    }
}
