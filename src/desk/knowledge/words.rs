//! The words that articles are found by. Both databases get them ready made, as small Latin letters and digits alone, so
//! that both find the same; and so nothing that anybody types is ever syntax of a query.

use std::{collections::HashMap, fmt::Write as _};

use crate::{
    domain::article::Text,
    text::{
        normalise::Normalised,
        token::{Kind, Token, tokens},
    },
};

/// Longest word, in bytes; what is longer is known by its beginning.
const LONGEST: usize = 64;
/// Words of a query that are looked for; who writes more has said enough.
const MOST: usize = 32;
/// A title says more of what an article is about than any other line.
const TITLE: usize = 3;

/// All words of an article in one language.
pub(super) fn of_text(text: &Text) -> Vec<String> {
    let mut all = vec![];
    for _ in 0..TITLE {
        collect(&text.title, true, &mut all);
    }
    collect(&text.summary, true, &mut all);
    collect(&text.body, true, &mut all);
    all
}

/// The words of a query, each once.
pub(super) fn of_query(query: &str) -> Vec<String> {
    let mut all = vec![];
    collect(query, false, &mut all);
    if all.iter().any(|it| !is_empty_word(it)) {
        all.retain(|it| !is_empty_word(it));
    }
    let mut unique: Vec<String> = vec![];
    for word in all {
        if unique.len() < MOST && !unique.contains(&word) {
            unique.push(word);
        }
    }
    unique
}

/// Words that a title has of its own: none of those that only hold sentences together, nor of these.
pub(super) fn telling(title: &str, but: &[String]) -> Vec<String> {
    let mut all = of_query(title);
    all.retain(|it| !is_empty_word(it) && !but.contains(it));
    all
}

/// Whether a word says nothing about what is looked for: every article has some of these.
fn is_empty_word(word: &str) -> bool {
    EMPTY.split(' ').any(|it| it == word)
}

const EMPTY: &str = "a an and any are as at be been but by can did do does doe for from had has ha have he her his how i \
                     if in into is it its me my no not of on or our she so that the their them then there these they \
                     this to was wa we were what when where which who why will with you your";

/// All words of what somebody wrote, with single characters.
pub(super) fn of_message(text: &str) -> Vec<String> {
    let mut all = vec![];
    collect(text, true, &mut all);
    all
}

/// Chinese is written without blanks: pairs of neighbours are its words. An article has single characters as well, since
/// somebody may look for one.
fn collect(raw: &str, singles: bool, all: &mut Vec<String>) {
    let normalised = Normalised::of(raw);
    let text = normalised.text();
    let found: Vec<Token> = tokens(text).collect();
    for (at, token) in found.iter().enumerate() {
        let written = &text[token.start..token.end];
        match token.kind {
            Kind::Mark => {}
            Kind::Word => {
                let parts = written.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
                all.extend(parts.map(|it| encoded(stem(it).as_ref())));
            }
            Kind::Cjk => {
                let beside = |other: Option<&Token>| other.is_some_and(|it| it.kind == Kind::Cjk);
                let next = found.get(at + 1).filter(|it| token.touches(it) && it.kind == Kind::Cjk);
                let before = at.checked_sub(1).and_then(|it| found.get(it)).filter(|it| it.touches(token));
                if let Some(next) = next {
                    all.push(encoded(&text[token.start..next.end]));
                }
                if singles || (next.is_none() && !beside(before)) {
                    all.push(encoded(written));
                }
            }
        }
    }
}

/// An English word without its plural (D. Harman, How effective is suffixing?, 1991: the S stemmer).
fn stem(word: &str) -> std::borrow::Cow<'_, str> {
    let ends = |all: &[&str]| all.iter().any(|it| word.ends_with(it));
    if word.len() < 4 || !word.bytes().all(|it| it.is_ascii_lowercase()) {
        word.into()
    } else if word.ends_with("ies") && !ends(&["eies", "aies"]) {
        format!("{}y", &word[..word.len() - 3]).into()
    } else if word.ends_with('s') && !ends(&["us", "ss"]) {
        word[..word.len() - 1].into()
    } else {
        word.into()
    }
}

/// Plain words as they are, all others by the digits of their bytes.
fn encoded(word: &str) -> String {
    let word = &word[..word.floor_char_boundary(LONGEST)];
    if word.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()) {
        return word.to_owned();
    }
    word.bytes().fold("x".to_owned(), |mut all, it| {
        // Writing to a string cannot fail.
        let _ = write!(all, "{it:02x}");
        all
    })
}

/// How many texts there are, and how many words one has.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sizes {
    pub(super) texts: usize,
    pub(super) average: f64,
}

/// How well texts fit a query, in the order of the texts. The databases say which texts have any of its words; how well
/// they fit is reckoned here, since their own measures differ: BM25 with the usual parameters (S. Robertson, H. Zaragoza,
/// The probabilistic relevance framework, 2009). `texts` are all that have any of the words.
pub(super) fn fits(query: &[String], texts: &[&str], sizes: Sizes) -> Vec<f64> {
    const K: f64 = 1.2;
    const B: f64 = 0.75;
    let counted: Vec<(HashMap<&str, f64>, f64)> = texts.iter().map(|it| count(it, query)).collect();
    let all = sizes.texts.max(texts.len()) as f64;
    let weight = |word: &String| {
        let with = counted.iter().filter(|it| it.0.contains_key(word.as_str())).count() as f64;
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    };
    let weights: Vec<f64> = query.iter().map(weight).collect();
    let fit = |(counts, length): &(HashMap<&str, f64>, f64)| {
        let norm = K * (1.0 - B + B * length / sizes.average.max(1.0));
        let of = |(word, weight): (&String, &f64)| {
            let count = counts.get(word.as_str()).copied().unwrap_or_default();
            weight * count * (K + 1.0) / (count + norm)
        };
        query.iter().zip(&weights).map(of).sum()
    };
    counted.iter().map(fit).collect()
}

/// How often each word of a query stands in a text, and how many words that has.
fn count<'a>(text: &'a str, query: &[String]) -> (HashMap<&'a str, f64>, f64) {
    let (mut counts, mut length) = (HashMap::new(), 0.0);
    for word in text.split(' ') {
        length += 1.0;
        if query.iter().any(|it| it == word) {
            *counts.entry(word).or_default() += 1.0;
        }
    }
    (counts, length)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn plurals_and_wide_letters_are_the_words_that_they_mean() {
        assert_eq!(of_query("Printers, batteries ＶＰＮ boxes"), ["printer", "battery", "vpn", "boxe"]);
        assert_eq!(of_query("printer battery vpn box"), ["printer", "battery", "vpn", "box"]);
        assert_eq!(of_query("see the status of a bus"), ["see", "status", "bus"]);
        assert_eq!(of_query("what is it"), ["what", "is", "it"], "there is nothing else to look for");
    }

    #[test]
    fn chinese_is_found_by_pairs_and_a_lone_character_by_itself() {
        let pairs = of_query("打印机");
        assert_eq!(pairs.len(), 2);
        let text = Text { title: "打印机卡纸".into(), ..Text::default() };
        let words = of_text(&text);
        assert!(pairs.iter().chain(&of_query("纸")).all(|it| words.contains(it)));
        assert_eq!(
            of_query("印表機"),
            of_query("印表机"),
            "traditional characters are read as simplified ones"
        );
        assert!(!of_text(&text).contains(&of_query("机打")[0]));
    }

    #[test]
    fn the_rarer_word_and_the_shorter_text_fit_better() {
        let query = ["vpn".to_owned(), "the".to_owned()];
        let texts = [
            "the the printer jams",
            "the vpn down",
            "the vpn and many other words that say little of the matter",
        ];
        let fit = fits(&query, &texts, Sizes { texts: 10, average: 5.0 });
        assert!(fit[1] > fit[0] && fit[2] > 0.0, "{fit:?}");
        let one = fits(&query[..1], &texts[1..], Sizes { texts: 10, average: 5.0 });
        assert!(one[0] > one[1] && one[1] > 0.0, "{one:?}");
    }

    proptest! {
        /// Nothing that anybody types is syntax of a query, in neither database.
        #[test]
        fn words_are_small_latin_letters_and_digits_alone(text in any::<String>()) {
            let found = of_query(&text);
            prop_assert!(found.len() <= MOST);
            let is_plain = |it: u8| it.is_ascii_lowercase() || it.is_ascii_digit();
            prop_assert!(found.iter().all(|it| !it.is_empty() && it.bytes().all(is_plain)), "{found:?}");
        }

        /// Whoever looks for words of an article finds it.
        #[test]
        fn what_an_article_says_is_among_its_words(text in any::<String>()) {
            let words = of_text(&Text { body: text.clone(), ..Text::default() });
            prop_assert!(of_query(&text).iter().all(|it| words.contains(it)));
        }
    }
}
