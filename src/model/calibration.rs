//! From scores to probabilities that keep their word.
//!
//! A softmax with one temperature, fitted on scores that each message got from a model which had
//! not seen it.

/// Turns scores into probabilities, in place.
pub fn softmax(scores: &mut [f32], sharpness: f32) {
    let top = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = ((*score - top) * sharpness).exp();
        sum += *score;
    }
    scores.iter_mut().for_each(|score| *score /= sum);
}

/// The sharpness (one over the temperature) that makes held-out labels likeliest.
///
/// `scores` are rows of `classes` numbers, `targets` the right class of each row. Without rows the
/// answer is [`USUAL_SHARPNESS`].
pub fn sharpness(scores: &[f32], classes: usize, targets: &[usize]) -> f32 {
    if targets.is_empty() {
        return USUAL_SHARPNESS;
    }
    let loss = |logarithm: f64| loss(scores, classes, targets, logarithm.exp() as f32);
    let (mut low, mut high) = (LOWEST.ln(), HIGHEST.ln());
    while 1e-3 < high - low {
        let (left, right) = (low + (high - low) / 3.0, high - (high - low) / 3.0);
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    ((low + high) / 2.0).exp() as f32
}

/// What most data sets come out near.
pub const USUAL_SHARPNESS: f32 = 4.0;

const LOWEST: f64 = 0.25;
const HIGHEST: f64 = 32.0;

/// The mean negative logarithm of the right classes' probabilities.
pub fn loss(scores: &[f32], classes: usize, targets: &[usize], sharpness: f32) -> f64 {
    let sharpness = f64::from(sharpness);
    let rows = scores.chunks_exact(classes).zip(targets);
    let losses = rows.map(|(row, target)| {
        let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let of = |score: f32| f64::from(score - top) * sharpness;
        row.iter().map(|score| of(*score).exp()).sum::<f64>().ln() - of(row[*target])
    });
    losses.sum::<f64>() / targets.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_keep_the_order() {
        let mut scores = [0.2, -1.0, 0.9];
        softmax(&mut scores, 3.0);
        assert!((scores.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!(scores[1] < scores[0] && scores[0] < scores[2]);
    }

    /// With scores of 0 and 1 and three in four right, three quarters is the honest confidence.
    #[test]
    fn confidence_becomes_the_share_that_is_right() {
        let scores = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let sharpness = sharpness(&scores, 2, &[0, 0, 0, 1]);
        let mut one = [1.0, 0.0];
        softmax(&mut one, sharpness);
        assert!((one[0] - 0.75).abs() < 0.01, "{one:?}");
    }
}
