//! Chance that can be had again: a run prints its seed, and FAULT_SEED repeats it.

/// A source of numbers, all of which follow from its seed.
#[derive(Debug, Clone)]
pub(super) struct Chance(u64);

impl Chance {
    /// A source with the seed of FAULT_SEED, or with one of its own; either is printed.
    pub(super) fn new() -> Chance {
        let asked = std::env::var("FAULT_SEED").ok().and_then(|it| it.parse().ok());
        let seed = asked.unwrap_or_else(|| u64::from(uuid::Uuid::new_v4().as_fields().0));
        eprintln!("FAULT_SEED={seed}");
        Chance(seed)
    }

    /// Another source, which depends on this one's seed and a number alone.
    pub(super) fn branch(&self, number: u64) -> Chance {
        Chance(self.0.wrapping_add(number.wrapping_mul(0xa076_1d64_78bd_642f)))
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    /// True once in so many times.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// One of several.
    pub(super) fn of<'a, T: ?Sized>(&mut self, several: &[&'a T]) -> &'a T {
        several[usize::try_from(self.below(several.len() as u64)).unwrap()]
    }
}
