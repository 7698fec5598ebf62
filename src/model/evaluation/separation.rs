//! How well each label is told from its nearest neighbour.

use std::collections::BTreeMap;

use super::{Judged, auroc};
use crate::model::verdict::Verdict;

/// A label and the one that its messages are most like.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Separation {
    /// The label.
    pub label: String,
    /// The other label that its messages are given most confidence for.
    pub neighbour: String,
    /// How often a message of the label looks more like it than one of the neighbour does: 1 is always,
    /// one half no better than chance.
    pub apart: f64,
}

/// Each label of the data that has a neighbour, the least apart first.
pub fn separations(judged: &[Judged<'_>]) -> Vec<Separation> {
    let mut by_label: BTreeMap<&str, Vec<&Verdict>> = BTreeMap::new();
    for (example, verdict) in judged {
        by_label.entry(&example.label).or_default().push(verdict);
    }
    let mut found: Vec<Separation> = by_label
        .iter()
        .filter_map(|(label, verdicts)| {
            let neighbour = neighbour(label, verdicts)?;
            let leans = |verdicts: &[&Verdict]| -> Vec<f32> {
                verdicts
                    .iter()
                    .map(|verdict| sure_of(verdict, label) - sure_of(verdict, &neighbour))
                    .collect()
            };
            let others = by_label.get(neighbour.as_str()).map_or(&[][..], Vec::as_slice);
            // Where the data has none of the neighbour's messages, a tie stands for them.
            let others = if others.is_empty() { vec![0.0] } else { leans(others) };
            Some(Separation {
                label: (*label).to_owned(),
                apart: auroc(&others, &leans(verdicts)),
                neighbour,
            })
        })
        .collect();
    found.sort_by(|left, right| left.apart.total_cmp(&right.apart));
    found
}

fn neighbour(label: &str, verdicts: &[&Verdict]) -> Option<String> {
    let mut sums: BTreeMap<&str, f32> = BTreeMap::new();
    for scored in verdicts.iter().flat_map(|verdict| &verdict.ranked).filter(|scored| *scored.label != *label)
    {
        *sums.entry(&scored.label).or_default() += scored.confidence;
    }
    sums.into_iter().max_by(|(_, left), (_, right)| left.total_cmp(right)).map(|(label, _)| label.to_owned())
}

fn sure_of(verdict: &Verdict, label: &str) -> f32 {
    verdict.ranked.iter().find(|scored| *scored.label == *label).map_or(0.0, |scored| scored.confidence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{evaluation::tests::verdict, examples::Example, verdict::Scored};

    #[test]
    fn a_label_is_compared_with_the_one_it_is_mixed_up_with() {
        let two = |first: f32, second: f32| Verdict {
            ranked: vec![
                Scored { label: "a".into(), confidence: first },
                Scored { label: "b".into(), confidence: second },
            ],
            ..verdict("a", first)
        };
        let rows =
            [("a", two(0.9, 0.1)), ("a", two(0.4, 0.6)), ("b", two(0.5, 0.5)), ("c", verdict("c", 1.0))];
        let rows = rows.map(|(label, verdict)| (Example::new("text", label), verdict));
        let judged: Vec<Judged<'_>> = rows.iter().map(|(example, verdict)| (example, verdict)).collect();
        let found = separations(&judged);
        let figures: Vec<_> = found.iter().map(|it| (&*it.label, &*it.neighbour, it.apart)).collect();
        assert_eq!(figures, [("a", "b", 0.5), ("b", "a", 0.5)]);
    }
}
