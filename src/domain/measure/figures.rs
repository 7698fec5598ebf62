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

/// Up to so many runs are sorted as they are.
const FEW: usize = 1_024;
/// Into so many parts, as a power of two, the values of more are put before any of them is sorted.
const PARTS: u32 = 12;
/// The percentiles, in percent.
const PERCENT: [u64; 3] = [50, 90, 95];

impl Figures {
    /// Of all values of some cells; nothing if there is none.
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a Cell> + Clone) -> Option<Self> {
        let runs = || cells.clone().into_iter().flat_map(|it| it.runs().iter().copied());
        let (mut all, mut count, mut sum, mut max) = (0, 0, 0, 0);
        for (value, times) in runs() {
            all += 1;
            count += u64::from(times);
            sum += u64::from(value) * u64::from(times);
            max = max.max(value);
        }
        let ranks = PERCENT.map(|percent| rank(count, percent));
        let [p50, p90, p95] =
            if all <= FEW { of_sorted(sorted(runs()), ranks)? } else { of_many(runs, max, ranks)? };
        Some(Self { count, sum, mean: sum as f64 / count as f64, p50, p90, p95, max })
    }
}

fn sorted(runs: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, u32)> {
    let mut runs: Vec<_> = runs.collect();
    runs.sort_unstable();
    runs
}

/// The values at some ranks, which rise.
fn of_sorted(runs: Vec<(u32, u32)>, ranks: [u64; 3]) -> Option<[u32; 3]> {
    let mut at = Ranks { runs: &runs, seen: 0 };
    let [a, b, c] = ranks;
    Some([at.of(a)?, at.of(b)?, at.of(c)?])
}

/// The same where there are many: of all parts that values are put into by their size, only those with a rank in them are
/// sorted.
fn of_many<I: Iterator<Item = (u32, u32)>>(
    runs: impl Fn() -> I,
    max: u32,
    ranks: [u64; 3],
) -> Option<[u32; 3]> {
    let shift = (u32::BITS - max.leading_zeros()).saturating_sub(PARTS);
    let part = |value: u32| (value >> shift) as usize;
    let mut counts = vec![0_u64; 1 << PARTS];
    for (value, times) in runs() {
        counts[part(value)] += u64::from(times);
    }
    // The part of each rank, and how many values lie before it.
    let (mut place, mut before) = (0, 0);
    let places = ranks.map(|rank| {
        while place < counts.len() && before + counts[place] < rank {
            before += counts[place];
            place += 1;
        }
        (place, before)
    });
    let mut parts = places.map(|_| vec![]);
    for run in runs() {
        let of = part(run.0);
        if let Some(at) = places.iter().position(|(place, _)| *place == of) {
            parts[at].push(run);
        }
    }
    parts.iter_mut().for_each(|it| it.sort_unstable());
    let mut values = [0; 3];
    for (value, (rank, (place, before))) in values.iter_mut().zip(ranks.into_iter().zip(places)) {
        let first = places.iter().position(|it| it.0 == place)?;
        *value = Ranks { runs: &parts[first], seen: before }.of(rank)?;
    }
    Some(values)
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
