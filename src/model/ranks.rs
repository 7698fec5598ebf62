//! Rising hashes, and how to find the rank of one without searching far.

/// Hashes in rising order; the rank of each is its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranks {
    hashes: Vec<u64>,
    /// Where the hashes with given leading bits start.
    starts: Vec<u32>,
    shift: u32,
}

impl Ranks {
    /// Ranks of these hashes, or none if they do not rise strictly.
    pub fn of_rising(hashes: Vec<u64>) -> Option<Self> {
        let rising = hashes.is_sorted_by(|a, b| a < b);
        (rising && u32::try_from(hashes.len()).is_ok()).then(|| Self::of_sorted(hashes))
    }

    /// Ranks of these hashes, which rise strictly.
    pub fn of_sorted(hashes: Vec<u64>) -> Self {
        let bits = (usize::BITS - hashes.len().leading_zeros()).clamp(1, 31);
        let shift = u64::BITS - bits;
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        let mut rank = 0_u32;
        for bucket in 0..=(1_u64 << bits) {
            let below = |hash: &u64| (hash >> shift) < bucket;
            while hashes.get(rank as usize).is_some_and(below) {
                rank += 1;
            }
            starts.push(rank);
        }
        Self { hashes, starts, shift }
    }

    /// The hashes in order.
    pub fn hashes(&self) -> &[u64] {
        &self.hashes
    }

    /// The rank of a hash, if it is one of these.
    pub fn rank(&self, hash: u64) -> Option<u32> {
        let bucket = usize::try_from(hash >> self.shift).ok()?;
        let (from, to) = (*self.starts.get(bucket)?, *self.starts.get(bucket + 1)?);
        let within = self.hashes.get(from as usize..to as usize)?;
        let rank = within.iter().position(|known| *known == hash)?;
        Some(from + u32::try_from(rank).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hashes_out_of_order_have_no_ranks() {
        assert_eq!(Ranks::of_rising(vec![3, 2]), None);
        assert_eq!(Ranks::of_rising(vec![2, 2]), None);
        assert_eq!(Ranks::of_rising(vec![]).and_then(|none| none.rank(7)), None);
    }

    proptest! {
        #[test]
        fn every_hash_is_found_at_its_rank_and_no_other(
            hashes in proptest::collection::btree_set(any::<u64>(), 0..200),
            other in any::<u64>(),
        ) {
            let ranks = Ranks::of_rising(hashes.iter().copied().collect()).unwrap();
            for (rank, hash) in hashes.iter().enumerate() {
                prop_assert_eq!(ranks.rank(*hash), Some(rank as u32));
            }
            prop_assert_eq!(ranks.rank(other).is_some(), hashes.contains(&other));
        }
    }
}
