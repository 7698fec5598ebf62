//! How often a sum that watches a stream alarms although nothing has changed, and the threshold for a wanted average run
//! length.
//!
//! The sum is the one-sided CUSUM for Poisson counts (Lucas 1985) in continuous time: it falls steadily, never below 0,
//! and rises by 1 with each arrival; at the threshold it alarms. Time is counted in usual arrivals (the integral of the
//! usual rate), in which a stream that is as usual is a Poisson process of rate 1, whatever its rate is and however it
//! changes over the day. So one threshold serves all streams.
//!
//! The average run length is computed as Brook and Evans (1972) do: the sum just before an arrival is cut into cells, and
//! the chain's mean time to absorption is a system of linear equations. [`run_length`] lies within 5 % of simulated run
//! lengths; a test holds it to that.

/// Cells that an interval of length 1 is cut into.
const CELLS: usize = 24;
/// No threshold is below it: so many arrivals at once would be a wave.
const LOWEST: f64 = 2.0;
/// Nor above it.
const HIGHEST: f64 = 40.0;

/// By how much the sum falls for each arrival that is usual, if a rate that many times the usual one is to be found as
/// soon as can be: the drift of the likelihood ratio, in units of its jumps.
pub fn drift(ratio: f64) -> f64 {
    (ratio - 1.0) / ratio.ln()
}

/// The mean number of arrivals until the sum, from 0, reaches a threshold above 1 although nothing has changed; as many
/// as are usual in the mean time until then.
pub fn run_length(threshold: f64, drift: f64) -> f64 {
    let top = threshold - 1.0;
    let cells = (top * CELLS as f64).ceil().max(1.0) as usize;
    let width = top / cells as f64;
    // State 0 is the sum at rest, state i the cell that ends at i times the width.
    let middle = |state: usize| if state == 0 { 0.0 } else { (state as f64 - 0.5) * width };
    let mut rows: Vec<Vec<f64>> = Vec::with_capacity(cells + 1);
    let mut rest: Vec<f64> = Vec::with_capacity(cells + 1);
    for from in 0..=cells {
        let high = middle(from) + 1.0;
        // The chance that it has fallen to `level` or below when the next one arrives.
        let below = |level: f64| (-(high - level.min(high)) / drift).exp();
        let mut row: Vec<f64> =
            (1..=cells).map(|to| below((to - 1) as f64 * width) - below(to as f64 * width)).collect();
        row.insert(0, -below(0.0));
        row[from] += 1.0;
        rest.push(1.0 + (1.0 - below(top)));
        rows.push(row);
    }
    first_of_solution(rows, rest, (1.0 / width).ceil() as usize + 1)
}

/// The first unknown of a system whose rows have nothing further than `reach` to the right of the diagonal.
fn first_of_solution(mut rows: Vec<Vec<f64>>, mut rest: Vec<f64>, reach: usize) -> f64 {
    for at in (1..rows.len()).rev() {
        let (above, below) = rows.split_at_mut(at);
        let pivot = &below[0];
        for (up, row) in above.iter_mut().enumerate().skip(at.saturating_sub(reach)) {
            let factor = row[at] / pivot[at];
            row[..at].iter_mut().zip(pivot).for_each(|(cell, by)| *cell -= factor * by);
            rest[up] -= factor * rest[at];
        }
    }
    rest[0] / rows[0][0]
}

/// The threshold with a wanted average run length, in arrivals.
pub fn threshold(wanted: f64, drift: f64) -> f64 {
    let (mut low, mut high) = (LOWEST, LOWEST + 1.0);
    while high < HIGHEST && run_length(high, drift) < wanted {
        (low, high) = (high, high + 1.0);
    }
    for _ in 0..7 {
        let middle = f64::midpoint(low, high);
        if run_length(middle, drift) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::svc::random::Random;

    /// The mean run length of simulated sums, and its standard error.
    fn simulated(threshold: f64, drift: f64, seed: u64) -> (f64, f64) {
        const RUNS: usize = 4_000;
        let mut random = Random::seeded(seed);
        let mut pause = || -(((random.bits() >> 11) as f64 + 1.0) / (1_u64 << 53) as f64).ln();
        let mut run = || {
            let (mut sum, mut arrivals) = (0.0_f64, 0_u32);
            while sum < threshold {
                sum = (sum - drift * pause()).max(0.0) + 1.0;
                arrivals += 1;
            }
            f64::from(arrivals)
        };
        let runs: Vec<f64> = (0..RUNS).map(|_| run()).collect();
        let mean = runs.iter().sum::<f64>() / RUNS as f64;
        let spread = runs.iter().map(|it| (it - mean).powi(2)).sum::<f64>() / RUNS as f64;
        (mean, (spread / RUNS as f64).sqrt())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn simulated_run_lengths_are_as_computed(
            threshold in 1.5..4.5_f64,
            ratio in 2.0..10.0_f64,
            seed in any::<u64>(),
        ) {
            let computed = run_length(threshold, drift(ratio));
            prop_assume!(computed < 2_000.0);
            let (mean, error) = simulated(threshold, drift(ratio), seed);
            // What chance does to so few runs comes on top of the 5 %.
            prop_assert!((mean - computed).abs() <= 0.05 * computed + 4.0 * error, "{computed} {mean} {error}");
        }

        #[test]
        fn the_threshold_has_the_wanted_run_length(wanted in 1e2..1e7_f64, ratio in 2.0..10.0_f64) {
            let drift = drift(ratio);
            let found = threshold(wanted, drift);
            prop_assert!(wanted <= run_length(found, drift));
            prop_assert!(found <= LOWEST + 0.02 || run_length(found - 0.02, drift) <= wanted);
        }
    }

    #[test]
    fn longer_runs_need_higher_thresholds() {
        let found: Vec<f64> = [1e3, 1e4, 1e5].iter().map(|it| threshold(*it, drift(5.0))).collect();
        assert!(found.is_sorted_by(|a, b| a < b), "{found:?}");
    }
}
