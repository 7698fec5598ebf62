//! How well articles do and how well they fit: a bound on how often one helps, and two lists made one.

use std::{cmp::Ordering, collections::HashMap, hash::Hash};

use super::Counts;

/// The quantile of the normal distribution for 95 % confidence.
const Z: f64 = 1.96;
/// What a place counts less, as measured best by Cormack, Clarke and Büttcher.
const DAMPING: f64 = 60.0;

impl Counts {
    /// The share of readers that an article helps at least, with 95 % confidence, of those who said anything: the lower
    /// bound of Wilson's interval (E. B. Wilson, Probable inference, the law of succession, and statistical inference,
    /// 1927). One reader who was not helped weighs less than ten. `None` while nobody has said anything.
    pub fn helps_at_least(&self) -> Option<f64> {
        let said = self.helped + self.not_helped;
        if said == 0 {
            return None;
        }
        let (n, share) = (said as f64, self.helped as f64 / said as f64);
        let centre = share + Z * Z / (2.0 * n);
        let margin = Z * (share * (1.0 - share) / n + Z * Z / (4.0 * n * n)).sqrt();
        Some(((centre - margin) / (1.0 + Z * Z / n)).clamp(0.0, 1.0))
    }

    /// The share that it does not help at least, bounded in the same way: what surfaces the articles that fail.
    pub fn fails_at_least(&self) -> f64 {
        let turned = Self { helped: self.not_helped, not_helped: self.helped, ..*self };
        turned.helps_at_least().unwrap_or(0.0)
    }

    /// The article that helps least comes first; of equals the one that was shown more often.
    pub fn worse_first(&self, other: &Self) -> Ordering {
        other.fails_at_least().total_cmp(&self.fails_at_least()).then(other.shown.cmp(&self.shown))
    }
}

/// Lists, each best first, made one by reciprocal rank fusion (G. V. Cormack, C. L. A. Clarke, S. Büttcher, Reciprocal
/// rank fusion outperforms Condorcet and individual rank learning methods, SIGIR 2009): scores of different kinds are not
/// compared, only places. Each entry has its sum; equals are in their own order.
pub fn fused<T: Copy + Eq + Hash + Ord>(lists: &[&[T]]) -> Vec<(T, f64)> {
    let mut sums: HashMap<T, f64> = HashMap::new();
    for list in lists {
        for (place, it) in list.iter().enumerate() {
            *sums.entry(*it).or_default() += 1.0 / (DAMPING + place as f64 + 1.0);
        }
    }
    let mut all: Vec<_> = sums.into_iter().collect();
    all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts(helped: u64, not_helped: u64) -> Counts {
        Counts { shown: helped + not_helped, helped, not_helped }
    }

    /// As computed by other means (Brown, Cai, DasGupta 2001, formula 4).
    #[test]
    fn the_bound_is_wilsons() {
        let is = |it: Counts, expected: f64| (it.helps_at_least().unwrap() - expected).abs() < 5e-4;
        assert!(is(counts(8, 2), 0.4902));
        assert!(is(counts(1, 0), 0.2065));
        assert!(is(counts(0, 10), 0.0));
        assert_eq!(counts(0, 0).helps_at_least(), None);
    }

    #[test]
    fn one_who_was_not_helped_surfaces_nothing_above_ten_of_twelve() {
        let mut all = [counts(0, 1), counts(2, 10), counts(90, 10), counts(0, 0)];
        all.sort_by(Counts::worse_first);
        assert_eq!(all, [counts(2, 10), counts(0, 1), counts(90, 10), counts(0, 0)]);
    }

    #[test]
    fn what_two_lists_name_comes_before_the_best_of_one() {
        let found = fused(&[&["words", "both"], &["meaning", "both"]]);
        assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), ["both", "meaning", "words"]);
    }

    proptest! {
        #[test]
        fn the_bound_lies_below_the_share(helped in 0_u64..1000, not_helped in 0_u64..1000) {
            let it = counts(helped, not_helped);
            if let Some(bound) = it.helps_at_least() {
                let share = helped as f64 / (helped + not_helped) as f64;
                prop_assert!((0.0..=1.0).contains(&bound) && bound <= share);
            }
        }
    }
}
