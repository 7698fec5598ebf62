//! Whether confidence keeps its word: what was said, against the share that was right.

use super::{Judged, confidence, is_right};

/// Messages of about the same confidence.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Bin {
    /// How many messages there are.
    pub messages: usize,
    /// How sure the verdicts are on average, 0 to 1.
    pub confidence: f64,
    /// Share of right verdicts, 0 to 1.
    pub right: f64,
}

/// How many bins there are.
const BINS: usize = 15;

/// The bins, the least sure one first; each is as wide as the others.
pub fn bins(judged: &[Judged<'_>]) -> Vec<Bin> {
    let mut sums = [(0_usize, 0.0_f64, 0_usize); BINS];
    for it in judged {
        let confidence = confidence(it.1);
        let (messages, sum, right) = &mut sums[((confidence * BINS as f64) as usize).min(BINS - 1)];
        *messages += 1;
        *sum += confidence;
        *right += usize::from(is_right(it));
    }
    let bin = |(messages, sum, right): (usize, f64, usize)| {
        let count = messages.max(1) as f64;
        Bin { messages, confidence: sum / count, right: right as f64 / count }
    };
    sums.into_iter().map(bin).collect()
}

/// The expected calibration error: how far confidence is from the share that is right, on average.
pub fn error(bins: &[Bin]) -> f64 {
    let messages: usize = bins.iter().map(|bin| bin.messages).sum();
    let apart = bins.iter().map(|bin| bin.messages as f64 * (bin.confidence - bin.right).abs());
    apart.sum::<f64>() / messages.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{evaluation::tests::verdict, examples::Example};

    #[test]
    fn three_quarters_said_and_half_right_is_a_quarter_off() {
        let example = Example::new("text", "a");
        let (right, wrong) = (verdict("a", 0.75), verdict("b", 0.75));
        let bins = bins(&[(&example, &right), (&example, &wrong)]);
        assert_eq!(bins[11], Bin { messages: 2, confidence: 0.75, right: 0.5 });
        assert!((error(&bins) - 0.25).abs() < 1e-9);
        assert_eq!(error(&super::bins(&[])), 0.0);
    }
}
