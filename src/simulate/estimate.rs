//! How sure a figure from several runs is. Tickets of one run hang together (a flood makes all of them late), so the
//! runs are counted and not the tickets: a share is a ratio of sums over runs (Cochran, Sampling Techniques, 1977,
//! chapter 6), its interval is Student's.

/// A figure and where it lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Estimate {
    /// The figure itself.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimate {
    /// A share of tickets: for each run so many out of so many. `None` without a ticket.
    pub fn share(runs: &[(f64, f64)]) -> Option<Self> {
        let it = Self::mean(runs)?;
        Some(Self { value: it.value, low: it.low.max(0.0), high: it.high.min(1.0) })
    }

    /// The difference of two shares of the same tickets, first minus second: for each run so many, so many, out of so
    /// many. `None` without a ticket.
    pub fn difference(runs: &[(f64, f64, f64)]) -> Option<Self> {
        Self::mean(&runs.iter().map(|(first, second, of)| (first - second, *of)).collect::<Vec<_>>())
    }

    /// A mean: for each run a sum, and of how many things. `None` without one.
    pub fn mean(runs: &[(f64, f64)]) -> Option<Self> {
        let count = runs.len() as f64;
        let (part, whole) = runs.iter().fold((0.0, 0.0), |(part, whole), it| (part + it.0, whole + it.1));
        if whole <= 0.0 {
            return None;
        }
        let value = part / whole;
        let squares: f64 = runs.iter().map(|(part, of)| (part - value * of).powi(2)).sum();
        let error = (squares / (count - 1.0) * count).sqrt() / whole;
        // One run says nothing of how far another would be.
        let half = if runs.len() < 2 { f64::INFINITY } else { student(runs.len() - 1) * error };
        Some(Self { value, low: value - half, high: value + half })
    }

    /// Whether the two intervals have nothing in common, and this one is the lower.
    pub fn is_below(&self, other: &Self) -> bool {
        self.high < other.low
    }
}

/// Two-sided 95 % of Student's distribution.
fn student(freedom: usize) -> f64 {
    const FEW: [f64; 10] = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
    const Z: f64 = 1.959_963_984_540_054;
    if let Some(it) = freedom.checked_sub(1).and_then(|it| FEW.get(it)) {
        return *it;
    }
    // Hill, Algorithm 396 (1970): the normal quantile with its first corrections; off by less than 0.001 from
    // here on.
    let n = freedom as f64;
    let [z3, z5, z7] = [3, 5, 7].map(|it| Z.powi(it));
    let first = (z3 + Z) / 4.0;
    let second = (5.0 * z5 + 16.0 * z3 + 3.0 * Z) / 96.0;
    let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * Z) / 384.0;
    Z + first / n + second / (n * n) + third / (n * n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn students_quantiles_are_those_of_the_tables() {
        for (freedom, quantile) in [(1, 12.706), (10, 2.228), (11, 2.201), (29, 2.045), (100, 1.984)] {
            assert!((student(freedom) - quantile).abs() < 0.002, "{freedom}");
        }
    }

    #[test]
    fn runs_that_agree_are_sure_and_one_run_is_not() {
        let sure = Estimate::share(&[(1.0, 10.0); 5]).unwrap();
        assert!((sure.low - 0.1).abs() < 1e-12 && (sure.high - 0.1).abs() < 1e-12);
        let alone = Estimate::share(&[(1.0, 10.0)]).unwrap();
        assert_eq!((alone.low, alone.high), (0.0, 1.0));
        assert_eq!(Estimate::share(&[(0.0, 0.0); 3]), None);
    }

    #[test]
    fn what_differs_by_the_same_in_every_run_differs_for_sure() {
        let runs = [(3.0, 1.0, 20.0), (9.0, 7.0, 20.0), (5.0, 3.0, 20.0)];
        let apart = Estimate::difference(&runs).unwrap();
        assert!(0.09 < apart.low && apart.high < 0.11, "{apart:?}");
        let first = Estimate::share(&runs.map(|(first, _, of)| (first, of))).unwrap();
        let second = Estimate::share(&runs.map(|(_, second, of)| (second, of))).unwrap();
        assert!(!second.is_below(&first), "by themselves they overlap");
    }
}
