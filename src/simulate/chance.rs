//! What is drawn at random; all of it follows from the seed.

use crate::model::svc::random::Random;

/// Draws.
#[derive(Debug, Clone)]
pub struct Chance(Random);

impl Chance {
    /// Draws that follow from a seed and the number of a stream; streams of one seed are unlike each other.
    pub fn seeded(seed: u64, stream: u64) -> Self {
        let mut mixed = Random::seeded(seed);
        let first = mixed.bits();
        Self(Random::seeded(first ^ stream.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Evenly from 0 to 1, without 1.
    pub fn share(&mut self) -> f64 {
        (self.0.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially, with mean 1.
    pub fn pause(&mut self) -> f64 {
        -(1.0 - self.share()).ln()
    }

    /// How many of what happens `mean` times on average (Poisson).
    pub fn count(&mut self, mean: f64) -> u32 {
        let (mut passed, mut count) = (self.pause(), 0);
        while passed < mean {
            passed += self.pause();
            count += 1;
        }
        count
    }

    /// A place, as often as its weight says.
    pub fn pick(&mut self, weights: &[f64]) -> usize {
        let mut left = self.share() * weights.iter().sum::<f64>();
        let fits = |weight: &f64| {
            left -= weight;
            left < 0.0
        };
        weights.iter().position(fits).unwrap_or(weights.len().saturating_sub(1))
    }

    /// A place below `bound`, which must not be 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0.below(bound)
    }

    /// Seconds, log-normally around a mean; at least one.
    pub fn length(&mut self, mean: f64, spread: f64) -> u32 {
        // Box and Muller, 1958.
        let (radius, angle) = ((2.0 * self.pause()).sqrt(), std::f64::consts::TAU * self.share());
        let drawn = mean * (spread * radius * angle.cos() - spread * spread / 2.0).exp();
        drawn.clamp(1.0, f64::from(u32::MAX)) as u32
    }
}
