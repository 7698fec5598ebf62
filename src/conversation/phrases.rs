//! The words of the bot, in files: one for each language, with the same keys.

use std::collections::BTreeMap;

use super::lexicon::{Answer, Lexicon};
use crate::domain::{people::Language, time::Timestamp};

/// The words of both languages.
#[derive(Debug, Clone)]
pub struct Phrases {
    en: Words,
    zh: Words,
}

/// The words of one language.
#[derive(Debug, Clone, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    say: BTreeMap<String, String>,
    state: BTreeMap<String, String>,
    word: BTreeMap<String, String>,
    lexicon: Lexicon,
}

impl Phrases {
    /// The phrases inside the binary.
    pub fn built_in() -> Result<Self, toml::de::Error> {
        Ok(Self {
            en: toml::from_str(include_str!("phrases/en.toml"))?,
            zh: toml::from_str(include_str!("phrases/zh.toml"))?,
        })
    }

    fn of(&self, language: Language) -> &Words {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }

    /// A sentence with its gaps filled.
    pub fn say(&self, language: Language, key: &str, gaps: &[(&str, &str)]) -> String {
        fill(self.of(language).say.get(key).map_or(key, String::as_str), gaps)
    }

    /// The name of a ticket's state.
    pub fn state<'a>(&'a self, language: Language, state: &'a str) -> &'a str {
        self.of(language).state.get(state).map_or(state, String::as_str)
    }

    /// A single word.
    pub fn word<'a>(&'a self, language: Language, key: &'a str) -> &'a str {
        self.of(language).word.get(key).map_or(key, String::as_str)
    }

    /// A part of a sentence with its gaps filled.
    pub fn fill_word(&self, language: Language, key: &str, gaps: &[(&str, &str)]) -> String {
        fill(self.word(language, key), gaps)
    }

    /// A point in time as read on the clocks of a zone.
    pub fn time(&self, language: Language, at: Option<Timestamp>, zone: &str) -> String {
        let zone = jiff::tz::TimeZone::get(zone).unwrap_or(jiff::tz::TimeZone::UTC);
        at.and_then(|at| jiff::Timestamp::from_second(at.second()).ok()).map_or_else(
            || self.word(language, "no_due").to_owned(),
            |at| at.to_zoned(zone).strftime(self.word(language, "time")).to_string(),
        )
    }

    /// Whether a whole message is this answer, in whichever language.
    pub fn is(&self, answer: Answer, message: &str) -> bool {
        self.en.lexicon.is(answer, message) || self.zh.lexicon.is(answer, message)
    }

    /// The words for an answer, of both languages.
    pub fn words(&self, answer: Answer) -> impl Iterator<Item = &String> {
        self.en.lexicon.words(answer).iter().chain(self.zh.lexicon.words(answer))
    }
}

/// Puts values into the `{gaps}` of a text, in one pass: what an employee typed is never read as a gap.
fn fill(text: &str, gaps: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, tail)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = tail.split_once('}') else { break };
        out.push_str(gaps.iter().find(|(it, _)| *it == name).map_or("", |(_, value)| value));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(text: &str) -> Vec<String> {
        let mut all: Vec<_> =
            text.split('{').skip(1).filter_map(|it| it.split('}').next()).map(str::to_owned).collect();
        all.sort();
        all
    }

    #[test]
    fn both_languages_say_the_same_things_with_the_same_gaps() {
        let it = Phrases::built_in().unwrap();
        for (en, zh) in [(&it.en.say, &it.zh.say), (&it.en.state, &it.zh.state), (&it.en.word, &it.zh.word)] {
            assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
            for (key, text) in en {
                assert_eq!(gaps(text), gaps(&zh[key]), "{key}");
            }
        }
    }

    #[test]
    fn what_was_typed_is_never_read_as_a_gap() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
    }
}
