//! How many messages may be dispatched at which risk: the surest verdicts first.

use super::{Judged, confidence, is_right};

/// What happens if the verdicts from a confidence on are acted on.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Point {
    /// From this confidence on.
    pub confidence: f64,
    /// Share of all messages that this is, 0 to 1.
    pub coverage: f64,
    /// Share of wrong ones among them, 0 to 1.
    pub risk: f64,
}

/// The curve, the surest verdicts first; messages of equal confidence come together.
pub fn curve(judged: &[Judged<'_>]) -> Vec<Point> {
    let mut sure: Vec<(f64, bool)> = judged.iter().map(|it| (confidence(it.1), is_right(it))).collect();
    sure.sort_by(|(left, _), (right, _)| right.total_cmp(left));
    let (mut taken, mut wrong) = (0, 0);
    let point = |alike: &[(f64, bool)]| {
        taken += alike.len();
        wrong += alike.iter().filter(|(_, right)| !right).count();
        Point {
            confidence: alike[0].0,
            coverage: taken as f64 / judged.len() as f64,
            risk: wrong as f64 / taken as f64,
        }
    };
    sure.chunk_by(|(left, _), (right, _)| left == right).map(point).collect()
}

/// The largest coverage whose risk is at most `risk` on these very messages; no promise about others.
pub fn at_risk(curve: &[Point], risk: f64) -> Option<Point> {
    curve.iter().rfind(|point| point.risk <= risk).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{evaluation::tests::verdict, examples::Example};

    #[test]
    fn the_surest_come_first_and_equals_together() {
        let example = Example::new("text", "a");
        let verdicts = [("a", 0.9), ("b", 0.5), ("a", 0.5), ("a", 0.8)].map(|(it, sure)| verdict(it, sure));
        let judged: Vec<Judged<'_>> = verdicts.iter().map(|verdict| (&example, verdict)).collect();
        let curve = curve(&judged);
        let figures: Vec<_> = curve.iter().map(|point| (point.coverage, point.risk)).collect();
        assert_eq!(figures, [(0.25, 0.0), (0.5, 0.0), (1.0, 0.25)]);
        assert_eq!(at_risk(&curve, 0.1).map(|point| point.coverage), Some(0.5));
        assert_eq!(at_risk(&[], 0.1), None);
    }
}
