//! Whether messages are still like those that a model learned from: their words and their labels.

use std::collections::{BTreeSet, HashMap};

use crate::{
    model::examples::Example,
    text::{
        normalise::Normalised,
        token::{Kind, tokens},
    },
};

/// How far messages are from those of the training.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Drift {
    /// Of the shares of words.
    pub words: Index,
    /// Of the shares of labels.
    pub labels: Index,
    /// Share of the words, each as often as it stands there, that the training knows; 0 to 1.
    pub known_words: f64,
    /// The most frequent words that it does not know, with how often they stand there.
    pub new_words: Vec<(String, usize)>,
    /// The words whose share moved most.
    pub moved_words: Vec<Moved>,
    /// The labels whose share moved most.
    pub moved_labels: Vec<Moved>,
}

/// A population stability index.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Index {
    /// The index itself; 0 is no difference.
    pub value: f64,
    /// What it would be by chance alone, with as many things drawn.
    pub chance: f64,
    /// The rest of it, in words.
    pub reading: Reading,
}

/// What an index means by the usual rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// Under 0.1.
    Stable,
    /// Under 0.25.
    Moved,
    /// From 0.25 on.
    FarOff,
}

/// A share in the training and now.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Moved {
    /// A word or a label.
    pub name: String,
    /// Its share in the training, 0 to 1.
    pub before: f64,
    /// Its share now, 0 to 1.
    pub now: f64,
}

/// No more names than this are compared one by one, the others together.
const COMMON: usize = 200;

/// Fewer where there is little data: a name must be expected this often, else chance would say all.
const EXPECTED: usize = 10;

/// How many words and labels are listed.
const SHOWN: usize = 12;

/// Compares messages with those of the training.
pub fn drift(training: &[Example], data: &[Example]) -> Drift {
    let (before, now) = (words(training), words(data));
    let (known, all) = now.iter().fold((0, 0), |(known, all), (word, count)| {
        (known + if before.contains_key(word) { *count } else { 0 }, all + count)
    });
    let mut new: Vec<(String, usize)> = now
        .iter()
        .filter(|(word, _)| !before.contains_key(*word))
        .map(|(word, n)| (word.clone(), *n))
        .collect();
    new.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    new.truncate(SHOWN);
    let known_words = known as f64 / all.max(1) as f64;
    let (words, moved_words) = compare(&before, &now);
    let (labels, moved_labels) = compare(&labels(training), &labels(data));
    Drift { words, labels, known_words, new_words: new, moved_words, moved_labels }
}

type Counts = HashMap<String, usize>;

fn words(examples: &[Example]) -> Counts {
    let mut counts = Counts::new();
    for example in examples {
        let text = Normalised::of(&example.text);
        for token in tokens(text.text()).filter(|token| token.kind != Kind::Mark) {
            *counts.entry(text.text()[token.start..token.end].to_owned()).or_default() += 1;
        }
    }
    counts
}

fn labels(examples: &[Example]) -> Counts {
    examples.iter().fold(Counts::new(), |mut counts, example| {
        *counts.entry(example.label.clone()).or_default() += 1;
        counts
    })
}

/// The commonest names.
fn common(counts: &Counts, most: usize) -> BTreeSet<&str> {
    let mut names: Vec<(&String, &usize)> = counts.iter().collect();
    names.sort_by(|left, right| right.1.cmp(left.1).then_with(|| left.0.cmp(right.0)));
    names.into_iter().take(most).map(|(name, _)| name.as_str()).collect()
}

/// The index over the commonest names and the rest, and the names that moved most.
fn compare(before: &Counts, now: &Counts) -> (Index, Vec<Moved>) {
    let totals = [before, now].map(|counts| counts.values().sum::<usize>());
    let count = |name: &str| [before, now].map(|counts| counts.get(name).copied().unwrap_or_default());
    let most = (totals[0].min(totals[1]) / EXPECTED).clamp(1, COMMON);
    let mut bins: Vec<[usize; 2]> = common(before, most).into_iter().map(count).collect();
    let named = bins.iter().fold([0, 0], |sums, bin| [sums[0] + bin[0], sums[1] + bin[1]]);
    bins.push([totals[0] - named[0], totals[1] - named[1]]);
    let value = bins.iter().map(|bin| moved_by(bin, totals, bins.len())).sum();

    let mut names: Vec<&str> = common(before, COMMON).union(&common(now, COMMON)).copied().collect();
    let by = |name: &str| moved_by(&count(name), totals, 1);
    names.sort_by(|left, right| by(right).total_cmp(&by(left)));
    let moved = names.into_iter().take(SHOWN).map(|name| {
        let [before, now] = count(name);
        let share = |count: usize, total: usize| count as f64 / total.max(1) as f64;
        Moved { name: name.to_owned(), before: share(before, totals[0]), now: share(now, totals[1]) }
    });
    (Index::of(value, bins.len(), totals), moved.collect())
}

/// What a bin adds to the index. Half of one is added everywhere, so that nothing is divided by nothing.
fn moved_by(bin: &[usize; 2], totals: [usize; 2], bins: usize) -> f64 {
    let share = |part: usize| (bin[part] as f64 + 0.5) / (totals[part] as f64 + 0.5 * bins as f64);
    (share(1) - share(0)) * (share(1) / share(0)).ln()
}

impl Index {
    fn of(value: f64, bins: usize, totals: [usize; 2]) -> Self {
        let each = totals.map(|total| 1.0 / total.max(1) as f64);
        let chance = (bins.max(1) - 1) as f64 * (each[0] + each[1]);
        let reading = match value - chance {
            beyond if beyond < 0.1 => Reading::Stable,
            beyond if beyond < 0.25 => Reading::Moved,
            _ => Reading::FarOff,
        };
        Self { value, chance, reading }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::svc::random::Random;

    fn said(count: usize, text: &str, label: &str) -> Vec<Example> {
        vec![Example::new(text, label); count]
    }

    #[test]
    fn the_same_messages_have_not_moved() {
        let data =
            [said(30, "the vpn is down", "vpn_fault"), said(20, "打印机卡纸", "printer_fault")].concat();
        let drift = drift(&data, &data);
        assert!(drift.words.value.abs() < 1e-9 && drift.labels.value.abs() < 1e-9);
        assert_eq!((drift.words.reading, drift.known_words), (Reading::Stable, 1.0));
        assert!(drift.new_words.is_empty());
    }

    #[test]
    fn other_words_and_labels_have_moved_and_are_named() {
        let before =
            [said(90, "the vpn is down", "vpn_fault"), said(10, "no toner", "printer_fault")].concat();
        let now = [said(10, "the vpn is down", "vpn_fault"), said(90, "no toner, COPILOT", "printer_fault")]
            .concat();
        let drift = drift(&before, &now);
        assert_eq!((drift.words.reading, drift.labels.reading), (Reading::FarOff, Reading::FarOff));
        assert_eq!(drift.new_words, [("copilot".to_owned(), 90)]);
        let vpn = drift.moved_labels.iter().find(|it| it.name == "vpn_fault").unwrap();
        assert_eq!((vpn.before, vpn.now), (0.9, 0.1));
        assert!((drift.known_words - 220.0 / 310.0).abs() < 1e-9);
    }

    #[test]
    fn few_messages_move_by_chance_alone() {
        let mut random = Random::seeded(1);
        let mut drawn = |count: usize| -> Vec<Example> {
            (0..count).map(|_| Example::new(format!("word{}", random.below(30)), "a")).collect()
        };
        let Index { value, chance, reading } = drift(&drawn(3000), &drawn(300)).words;
        assert!((0.05..0.2).contains(&value) && (value - chance).abs() < 0.05, "{value} {chance}");
        assert_eq!(reading, Reading::Stable);
    }
}
