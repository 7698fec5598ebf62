//! The values of one measure that count for the same, exactly: each value and how often it is there. As bytes they are
//! sorted, and each is written as its distance from the one before.

use std::collections::BTreeMap;

/// Values and how often each is there, the smallest first, none of them no times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    runs: Vec<(u32, u32)>,
}

/// How much more often values are there than before; less often below zero.
pub type Change = BTreeMap<u32, i64>;

/// Bytes that are no cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

impl Cell {
    /// The cell of some values in any order.
    pub fn of(values: impl IntoIterator<Item = u32>) -> Self {
        let mut runs: Vec<_> = values.into_iter().map(|it| (it, 1)).collect();
        together(&mut runs);
        Self { runs }
    }

    /// All values of some cells.
    pub fn merged<'a>(cells: impl IntoIterator<Item = &'a Self>) -> Self {
        let mut runs: Vec<_> = cells.into_iter().flat_map(|it| it.runs.iter().copied()).collect();
        together(&mut runs);
        Self { runs }
    }

    /// With a change. What is not there cannot be taken away.
    #[must_use]
    pub fn changed(&self, change: &Change) -> Self {
        let mut counts: BTreeMap<u32, i64> = self.runs.iter().map(|(it, n)| (*it, i64::from(*n))).collect();
        for (value, more) in change {
            *counts.entry(*value).or_default() += more;
        }
        let left = counts.into_iter().filter(|(_, count)| 0 < *count);
        Self { runs: left.map(|(it, count)| (it, u32::try_from(count).unwrap_or(u32::MAX))).collect() }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.runs.iter().map(|(_, count)| u64::from(*count)).sum()
    }

    /// Each value and how often it is there, the smallest first.
    pub fn runs(&self) -> &[(u32, u32)] {
        &self.runs
    }

    /// As bytes: for each value its distance from the one before, doubled, and one more if it is there more than once;
    /// then how often. Numbers have seven bits in a byte, the lowest first.
    pub fn bytes(&self) -> Vec<u8> {
        let (mut bytes, mut before) = (Vec::with_capacity(3 * self.runs.len()), 0);
        for (value, count) in &self.runs {
            let many = u64::from(*count > 1);
            write(&mut bytes, u64::from(value - before) << 1 | many);
            if *count > 1 {
                write(&mut bytes, u64::from(*count));
            }
            before = *value;
        }
        bytes
    }

    /// From what `bytes` gave.
    pub fn read(mut bytes: &[u8]) -> Result<Self, Broken> {
        let (mut runs, mut value) = (Vec::with_capacity(bytes.len() / 2), 0_u32);
        while !bytes.is_empty() {
            let head = number(&mut bytes)?;
            let more = u32::try_from(head >> 1).map_err(|_| Broken)?;
            value = value.checked_add(more).ok_or(Broken)?;
            let count = if head & 1 == 1 { number(&mut bytes)? } else { 1 };
            runs.push((value, u32::try_from(count).map_err(|_| Broken)?));
        }
        Ok(Self { runs })
    }
}

/// Sorts runs, and makes one of those with the same value.
fn together(runs: &mut Vec<(u32, u32)>) {
    runs.sort_unstable();
    runs.dedup_by(|next, kept| {
        let is_same = next.0 == kept.0;
        if is_same {
            kept.1 = kept.1.saturating_add(next.1);
        }
        is_same
    });
}

fn write(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn number(bytes: &mut &[u8]) -> Result<u64, Broken> {
    let mut number = 0;
    for shift in (0..63).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or(Broken)?;
        *bytes = rest;
        number |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Broken)
}
