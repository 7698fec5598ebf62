//! The life of an asset as a table.

use AssetState::{InRepair, InStock, InUse, Lost, Ordered, Retired};

/// Where an asset is in its life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetState {
    /// It is on its way.
    Ordered,
    /// It waits on a shelf.
    InStock,
    /// Somebody or something works with it.
    #[default]
    InUse,
    /// It is being mended.
    InRepair,
    /// Nobody knows where it is.
    Lost,
    /// It is gone for good.
    Retired,
}

/// Every move that an asset may make. What is not here may not happen.
pub(super) const MOVES: [(AssetState, AssetState); 21] = [
    (Ordered, InStock),
    (Ordered, InUse),
    (Ordered, Lost),
    // The order was cancelled.
    (Ordered, Retired),
    (InStock, InUse),
    (InStock, InRepair),
    (InStock, Lost),
    (InStock, Retired),
    (InUse, InStock),
    (InUse, InRepair),
    (InUse, Lost),
    (InUse, Retired),
    (InRepair, InStock),
    (InRepair, InUse),
    (InRepair, Lost),
    (InRepair, Retired),
    // It was found.
    (Lost, InStock),
    (Lost, InUse),
    (Lost, InRepair),
    (Lost, Retired),
    // It was retired by mistake, or is put together anew.
    (Retired, InStock),
];

impl AssetState {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 6] = [Ordered, InStock, InUse, InRepair, Lost, Retired];

    /// As files and commands write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Ordered => "ordered",
            InStock => "in_stock",
            InUse => "in_use",
            InRepair => "in_repair",
            Lost => "lost",
            Retired => "retired",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }

    /// What it may become.
    pub fn next(self) -> impl Iterator<Item = Self> {
        MOVES.into_iter().filter(move |it| it.0 == self).map(|it| it.1)
    }

    /// Whether it may become another, or stay.
    pub fn may_become(self, other: Self) -> bool {
        self == other || MOVES.contains(&(self, other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_retired_comes_back_only_through_the_stock() {
        assert_eq!(Retired.next().collect::<Vec<_>>(), [InStock]);
        assert!(!Retired.may_become(InUse) && Retired.may_become(Retired));
    }

    #[test]
    fn nothing_is_ordered_again_and_no_move_stands_twice() {
        assert!(!MOVES.iter().any(|it| it.1 == Ordered || it.0 == it.1));
        for (place, it) in MOVES.iter().enumerate() {
            assert!(!MOVES[..place].contains(it), "{it:?}");
        }
    }
}
