//! How sure a figure is: 95 % intervals of shares, and of anything by drawing the messages again.

use crate::model::svc::random::Random;

/// Where a figure lies with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Two-sided 95 % of a normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Of a share, by Wilson's score (1927), which is honest for few messages and near 0 and 1.
pub fn of_share(part: usize, whole: usize) -> Interval {
    if whole == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (whole, share) = (whole as f64, part as f64 / whole as f64);
    let scale = 1.0 + Z * Z / whole;
    let middle = (share + Z * Z / (2.0 * whole)) / scale;
    let half = Z / scale * (share * (1.0 - share) / whole + Z * Z / (4.0 * whole * whole)).sqrt();
    Interval { low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// Of an area under the curve, by Hanley and McNeil (1982).
pub fn of_auroc(area: f64, inside: usize, outside: usize) -> Interval {
    let (inside, outside) = (inside.max(1) as f64, outside.max(1) as f64);
    let (one, two) = (area / (2.0 - area), 2.0 * area * area / (1.0 + area));
    let variance =
        area * (1.0 - area) + (outside - 1.0) * (one - area * area) + (inside - 1.0) * (two - area * area);
    let half = Z * (variance.max(0.0) / (inside * outside)).sqrt();
    Interval { low: (area - half).max(0.0), high: (area + half).min(1.0) }
}

/// Of a figure of `messages` things, by the bootstrap: `figure` is asked for the figure of things drawn
/// with repetition, and the middle 95 % of its answers count.
pub fn by_drawing(
    messages: usize,
    seed: u64,
    mut figure: impl FnMut(&mut dyn Iterator<Item = usize>) -> f64,
) -> Interval {
    let mut random = Random::seeded(seed);
    let draws = (MOST / messages.max(1)).clamp(FEWEST, DRAWS);
    let mut figures: Vec<f64> =
        (0..draws).map(|_| figure(&mut (0..messages).map(|_| random.below(messages)))).collect();
    figures.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| figures[((figures.len() - 1) as f64 * share).round() as usize];
    Interval { low: at(0.025), high: at(0.975) }
}

/// How often is drawn, and how often at least where there are many messages.
const DRAWS: usize = 2_000;
const FEWEST: usize = 200;

/// No more things are drawn altogether, if there need not be.
const MOST: usize = 50_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_has_the_interval_of_the_textbook() {
        let Interval { low, high } = of_share(81, 263);
        assert!((low - 0.2553).abs() < 1e-4 && (high - 0.3662).abs() < 1e-4, "{low} {high}");
        assert_eq!(of_share(0, 0), Interval { low: 0.0, high: 1.0 });
        assert!(of_share(10, 10).low < 0.75);
    }

    #[test]
    fn a_drawn_mean_lies_about_the_mean() {
        let values: Vec<f64> = (0..400).map(|it| f64::from(it % 2)).collect();
        let mean = |rows: &mut dyn Iterator<Item = usize>| rows.map(|row| values[row]).sum::<f64>() / 400.0;
        let interval = by_drawing(400, 1, mean);
        assert!((interval.low - 0.451).abs() < 0.01 && (interval.high - 0.549).abs() < 0.01, "{interval:?}");
        assert_eq!(interval, by_drawing(400, 1, mean), "the same seed draws alike");
    }

    #[test]
    fn a_perfect_area_is_certain_and_a_middling_one_is_not() {
        assert_eq!(of_auroc(1.0, 50, 50).low, 1.0);
        let Interval { low, high } = of_auroc(0.8, 50, 50);
        assert!((0.70..0.73).contains(&low) && (0.87..0.90).contains(&high), "{low} {high}");
    }
}
