//! What many values say, exactly.

use super::Cell;

/// Figures of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// How many there are; none has no figures.
    pub count: u64,
    /// All of them together.
    pub sum: u64,
    /// The mean.
    pub mean: f64,
    /// Half of them are at most this.
    pub p50: u32,
    /// Nine of ten are.
    pub p90: u32,
    /// Nineteen of twenty are.
    pub p95: u32,
    /// All of them are.
    pub max: u32,
}

impl Figures {
    /// Of a cell; nothing if it is empty.
    pub fn of(cell: &Cell) -> Option<Self> {
        let runs = cell.runs();
        let (max, _) = *runs.last()?;
        let count: u64 = runs.iter().map(|(_, count)| u64::from(*count)).sum();
        let sum = runs.iter().map(|(it, count)| u64::from(*it) * u64::from(*count)).sum();
        let mut at = Ranks { runs, seen: 0 };
        let (p50, p90, p95) = (at.of(rank(count, 50))?, at.of(rank(count, 90))?, at.of(rank(count, 95))?);
        Some(Self { count, sum, mean: sum as f64 / count as f64, p50, p90, p95, max })
    }
}

/// The nearest rank of a percentile among so many values: the smallest at which at least so many percent are reached.
fn rank(count: u64, percent: u64) -> u64 {
    (count * percent).div_ceil(100).max(1)
}

/// Walks along sorted values, and never back.
struct Ranks<'a> {
    runs: &'a [(u32, u32)],
    seen: u64,
}

impl Ranks<'_> {
    fn of(&mut self, rank: u64) -> Option<u32> {
        loop {
            let ((value, count), rest) = self.runs.split_first()?;
            if rank <= self.seen + u64::from(*count) {
                return Some(*value);
            }
            self.seen += u64::from(*count);
            self.runs = rest;
        }
    }
}
