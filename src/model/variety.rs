//! How varied messages are, and which of them are nearly the same: within a corpus, and across two.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    hash::{DefaultHasher, Hasher as _},
};

use crate::{
    model::examples::Example,
    text::{
        normalise::Normalised,
        token::{Kind, tokens},
    },
};

/// How varied messages are.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Variety {
    /// How many messages there are.
    pub messages: usize,
    /// How many words the middle message has; a Chinese character counts as one.
    pub median_words: usize,
    /// How many different words there are.
    pub distinct_words: usize,
    /// Share of different ones among all pairs of words that follow each other, 0 to 1.
    pub distinct_pairs: f64,
    /// Messages that are nearly the same as an earlier one.
    pub near_duplicates: usize,
}

/// A message that is nearly the same as another.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Twin {
    /// Index of the message.
    pub row: usize,
    /// Index of the other one.
    pub of: usize,
    /// Share of the groups of three characters that both have among all that either has, 0 to 1.
    pub alike: f64,
}

/// From this share on two messages are nearly the same.
pub const NEARLY: f64 = 0.7;

/// How varied these messages are.
pub fn variety(examples: &[Example]) -> Variety {
    let (mut words, mut pairs) = (HashSet::new(), HashSet::new());
    let (mut lengths, mut all_pairs) = (Vec::with_capacity(examples.len()), 0);
    for example in examples {
        let text = Normalised::of(&example.text);
        let said: Vec<u64> = tokens(text.text())
            .filter(|token| token.kind != Kind::Mark)
            .map(|token| hash(&text.text()[token.start..token.end]))
            .collect();
        lengths.push(said.len());
        all_pairs += said.len().saturating_sub(1);
        pairs.extend(said.windows(2).map(|pair| (pair[0], pair[1])));
        words.extend(said);
    }
    lengths.sort_unstable();
    Variety {
        messages: examples.len(),
        median_words: lengths.get(lengths.len() / 2).copied().unwrap_or_default(),
        distinct_words: words.len(),
        distinct_pairs: pairs.len() as f64 / all_pairs.max(1) as f64,
        near_duplicates: twins_within(examples).len(),
    }
}

/// For each message that is nearly the same as an earlier one, the likest of these.
pub fn twins_within(examples: &[Example]) -> Vec<Twin> {
    let sets = Sets::of(examples.iter());
    let mut index = Index::default();
    let mut twins = Vec::new();
    for (row, set) in sets.0.iter().enumerate() {
        twins.extend(index.likest(&sets.0, set).map(|(of, alike)| Twin { row, of, alike }));
        index.add(row, set);
    }
    twins
}

/// For each message of `later` that is nearly the same as one of `earlier`, the likest of these.
pub fn twins_across(earlier: &[Example], later: &[Example]) -> Vec<Twin> {
    let sets = Sets::of(earlier.iter().chain(later));
    let (before, after) = sets.0.split_at(earlier.len());
    let mut index = Index::default();
    before.iter().enumerate().for_each(|(row, set)| index.add(row, set));
    let twin =
        |(row, set): (usize, &Vec<u32>)| index.likest(before, set).map(|(of, alike)| Twin { row, of, alike });
    after.iter().enumerate().filter_map(twin).collect()
}

fn hash(text: &(impl std::hash::Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// For each message its groups of three characters, as numbers in order, the rarest first.
struct Sets(Vec<Vec<u32>>);

impl Sets {
    fn of<'a>(examples: impl Iterator<Item = &'a Example>) -> Self {
        let groups: Vec<HashSet<u64>> = examples.map(|example| groups(&example.text)).collect();
        let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
        groups.iter().flatten().for_each(|group| *counts.entry(*group).or_default() += 1);
        let mut order: Vec<(usize, u64)> = counts.into_iter().map(|(group, count)| (count, group)).collect();
        order.sort_unstable();
        let numbers = order.into_iter().zip(0_u32..).map(|((_, group), number)| (group, number));
        let numbers: HashMap<u64, u32> = numbers.collect();
        let set = |groups: HashSet<u64>| {
            let mut set: Vec<u32> = groups.iter().filter_map(|group| numbers.get(group).copied()).collect();
            set.sort_unstable();
            set
        };
        Self(groups.into_iter().map(set).collect())
    }
}

fn groups(text: &str) -> HashSet<u64> {
    let text = Normalised::of(text);
    let words: Vec<&str> = text.text().split_whitespace().collect();
    let characters: Vec<char> = format!(" {} ", words.join(" ")).chars().collect();
    characters.windows(3).map(hash).collect()
}

/// Finds candidates by their rarest groups: sets that are alike enough must share one of those
/// (prefix filtering, Chaudhuri et al. 2006), so nothing is missed and little is compared.
#[derive(Default)]
struct Index(HashMap<u32, Vec<usize>>);

impl Index {
    fn add(&mut self, row: usize, set: &[u32]) {
        for group in rarest(set) {
            self.0.entry(*group).or_default().push(row);
        }
    }

    /// The likest of the sets, if one is alike enough.
    fn likest(&self, sets: &[Vec<u32>], set: &[u32]) -> Option<(usize, f64)> {
        let rows: HashSet<usize> =
            rarest(set).iter().filter_map(|it| self.0.get(it)).flatten().copied().collect();
        let near = rows.into_iter().map(|row| (row, alike(&sets[row], set))).filter(|(_, it)| NEARLY <= *it);
        // The first of equals, whatever order the candidates come in.
        near.max_by(|left, right| left.1.total_cmp(&right.1).then(right.0.cmp(&left.0)))
    }
}

fn rarest(set: &[u32]) -> &[u32] {
    let needed = (NEARLY * set.len() as f64).ceil() as usize;
    &set[..(set.len() + 1 - needed).min(set.len())]
}

/// Jaccard's measure of two ordered sets.
fn alike(left: &[u32], right: &[u32]) -> f64 {
    let (mut one, mut other, mut both) = (0, 0, 0);
    while let (Some(a), Some(b)) = (left.get(one), right.get(other)) {
        both += usize::from(a == b);
        one += usize::from(a <= b);
        other += usize::from(b <= a);
    }
    both as f64 / (left.len() + right.len() - both).max(1) as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn examples(texts: &[&str]) -> Vec<Example> {
        texts.iter().map(|text| Example::new(*text, "a")).collect()
    }

    #[test]
    fn a_repeat_with_a_typing_error_is_a_twin_and_another_matter_is_not() {
        let earlier =
            examples(&["the printer on the third floor is jammed", "我的电脑打不开了,怎么办", "vpn down"]);
        let later = examples(&[
            "My password has expired",
            "The  printer on the third flor is jammed",
            "我的电脑打不开了,怎么办?",
        ]);
        let twins = twins_across(&earlier, &later);
        let rows: Vec<_> = twins.iter().map(|twin| (twin.row, twin.of)).collect();
        assert_eq!(rows, [(1, 0), (2, 1)], "{twins:?}");
        assert!(twins_within(&earlier).is_empty());
    }

    #[test]
    fn variety_counts_words_and_pairs() {
        let found = variety(&examples(&["vpn is down", "vpn is slow", "打印机", "vpn  is down!"]));
        let expected = Variety {
            messages: 4,
            median_words: 3,
            distinct_words: 7,
            distinct_pairs: 5.0 / 8.0,
            near_duplicates: 1,
        };
        assert_eq!(found, expected);
    }

    proptest! {
        /// The index finds what comparing everything with everything finds.
        #[test]
        fn no_twin_is_missed(texts in prop::collection::vec("[ab ]{0,12}", 0..20)) {
            let examples: Vec<Example> = texts.iter().map(|text| Example::new(text, "a")).collect();
            let sets = Sets::of(examples.iter()).0;
            let has_twin = |row: &usize| (0..*row).any(|of| NEARLY <= alike(&sets[of], &sets[*row]));
            let slow: Vec<usize> = (0..sets.len()).filter(has_twin).collect();
            let fast: Vec<usize> = twins_within(&examples).iter().map(|twin| twin.row).collect();
            prop_assert_eq!(slow, fast);
        }
    }
}
