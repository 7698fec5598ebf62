//! "My laptop", "我的笔记本": words that say that something is the employee's own, and the types of assets that they mean.

use crate::{
    conversation::{
        heard::Heard,
        lexicon::{Answer, lower, trimmed},
        phrases::Phrases,
        reading::begins,
        slots::choice::mentions,
    },
    domain::catalog::Catalog,
};

/// Places where a text names a type of assets that are looked at; who writes more of them wants none.
const MOST: usize = 40;

/// Whether a message may name something of the employee's own.
pub fn says_own(phrases: &Phrases, catalog: &Catalog, text: &str) -> bool {
    !named(phrases, catalog, &lower(text)).is_empty()
}

/// What a text names as the employee's own: the words, and the ids of the types that they stand for.
pub(super) fn owned<'a>(heard: &Heard<'a>, text: &str) -> Vec<(String, Vec<&'a str>)> {
    named(heard.phrases, heard.catalog, &lower(text))
}

/// Where a word for a type stands.
struct Found<'a> {
    at: usize,
    end: usize,
    kind: &'a str,
}

fn named<'a>(phrases: &Phrases, catalog: &'a Catalog, text: &str) -> Vec<(String, Vec<&'a str>)> {
    if !phrases.words(Answer::Owning).any(|it| text.contains(it.as_str())) {
        return vec![];
    }
    let mut found = vec![];
    for kind in &catalog.asset_types {
        for word in kind.names() {
            let end = |at| at + word.len();
            let all = mentions(text, &word).take(MOST).map(|at| Found { at, end: end(at), kind: &kind.id });
            found.extend(all);
        }
    }
    if found.len() > MOST {
        return vec![];
    }
    // "My laptop screen" is the laptop's, and "my desk phone" no mobile.
    let within = |it: &Found<'_>| {
        let longer = |other: &Found<'_>| other.end - other.at > it.end - it.at;
        found.iter().any(|other| other.at <= it.at && it.end <= other.end && longer(other))
    };
    let mut all: Vec<(String, Vec<&str>)> = vec![];
    for it in found.iter().filter(|it| !within(it)) {
        let Some(said) = possessed(phrases, text, it, &found) else { continue };
        match all.iter_mut().find(|(other, _)| *other == said) {
            Some((_, kinds)) if kinds.contains(&it.kind) => {}
            Some((_, kinds)) => kinds.push(it.kind),
            None => all.push((said, vec![it.kind])),
        }
    }
    all
}

/// The words from "my" to the thing, if it is the speaker's own.
fn possessed(phrases: &Phrases, text: &str, it: &Found<'_>, found: &[Found<'_>]) -> Option<String> {
    let before = &text[..it.at];
    let mark = |word: &str| {
        let at = before.rfind(word)?;
        let glued =
            word.is_ascii() && before[..at].chars().next_back().is_some_and(|it| it.is_ascii_alphanumeric());
        (!glued).then_some((at, at + word.len()))
    };
    let (start, end) = phrases.words(Answer::Owning).filter_map(|it| mark(it)).max_by_key(|it| it.1)?;
    // "My laptop screen": the laptop stands between.
    if found.iter().any(|other| end <= other.at && other.end <= it.at) {
        return None;
    }
    // "Call me on my phone" is about no phone.
    let is_reached = |word: &String| trimmed(&before[..start]).ends_with(word.as_str());
    let kinds = describes_only(phrases, &before[end..]);
    (kinds && !phrases.words(Answer::Reaching).any(is_reached)).then(|| text[start..it.end].to_owned())
}

/// Whether words say nothing but what kind of a thing it is: "new company". Anything else may make it somebody else's, or
/// something that is not there yet: "my boss's", "my next".
fn describes_only(phrases: &Phrases, between: &str) -> bool {
    let mut rest = between.trim();
    rest = rest.strip_prefix('的').unwrap_or(rest).trim();
    while !rest.is_empty() {
        let Some(next) = begins(phrases, Answer::Describing, rest) else { return false };
        rest = next.trim_start();
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    fn check(text: &str, expected: &[&str]) {
        let catalog = catalog::parse(&catalog::starter(), 1, None).unwrap();
        let phrases = Phrases::built_in().unwrap();
        let named = named(&phrases, &catalog, &lower(text));
        let said: Vec<_> = named.iter().map(|(said, kinds)| format!("{said}: {}", kinds.join(" "))).collect();
        assert_eq!(said, expected, "{text}");
    }

    #[test]
    fn what_is_ones_own_is_found_in_english() {
        check("My laptop does not start", &["my laptop: laptop"]);
        check("my new company notebook is slow", &["my new company notebook: laptop"]);
        check("the desk phone and my mobile are dead", &["my mobile: phone"]);
        check("my desk phone is dead", &["my desk phone: desk_phone"]);
        check("my computer is broken", &["my computer: laptop desktop"]);
        check("my laptop screen is black", &["my laptop: laptop"]);
        check("my phone and my headset are gone", &["my phone: phone", "my headset: headset"]);
        check("my second dell monitor flickers", &["my second dell monitor: monitor"]);
    }

    #[test]
    fn what_is_somebody_elses_is_not() {
        check("my colleague's laptop does not start", &[]);
        check("my boss has a laptop", &[]);
        check("my desk, the printer and a laptop", &[]);
        check("the laptop of my colleague", &[]);
        check("a laptop", &[]);
        check("tommy laptop", &[]);
        for it in ["boss", "colleagues", "team", "colleague Tom lost", "next", "wife's"] {
            check(&format!("my {it} laptop does not start"), &[]);
        }
        check("the vpn is down, call me on my phone", &[]);
        check("please reach me at my desk phone", &[]);
    }

    #[test]
    fn what_is_ones_own_is_found_in_chinese() {
        check("我的笔记本开不了机", &["我的笔记本: laptop"]);
        check("我笔记本坏了", &["我笔记本: laptop"]);
        check("我的公司手机丢了", &["我的公司手机: phone"]);
        check("我同事的笔记本坏了", &[]);
        check("我们的打印机坏了", &[]);
        check("我电脑蓝屏了", &["我电脑: laptop desktop"]);
        check("我那台旧笔记本坏了", &["我那台旧笔记本: laptop"]);
        for it in
            ["我同事电脑开不了机了", "我老婆手机丢了", "我需要一台新笔记本", "请打我手机", "我的同事的电脑"]
        {
            check(it, &[]);
        }
    }

    #[test]
    fn who_repeats_it_a_thousand_times_is_read_in_no_time_and_means_nothing() {
        check(&format!("my {}", "pc ".repeat(5_000)), &[]);
    }
}
