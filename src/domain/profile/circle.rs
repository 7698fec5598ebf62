//! Managers in a circle: nobody is their own manager, by however many others.

use std::hash::Hash;

/// Longest chain of managers that is followed. No company has as many ranks, so a longer one is a circle that other
/// changes closed meanwhile.
pub(super) const RANKS: usize = 64;

/// The people through whom somebody would be their own manager, beginning with them; nothing if they would not.
pub fn circle<T: Copy + Eq + Hash>(who: T, manager: impl Fn(T) -> Option<T>) -> Option<Vec<T>> {
    let mut chain = vec![who];
    let mut at = who;
    while let Some(next) = manager(at) {
        chain.push(next);
        if next == who {
            return Some(chain);
        }
        if RANKS < chain.len() {
            // A circle above them, which they are no part of.
            return None;
        }
        at = next;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_circle_is_named_from_where_it_was_asked() {
        let manager = |it: u8| [None, Some(2), Some(3), Some(1), Some(1)][usize::from(it)];
        assert_eq!(circle(1, manager), Some(vec![1, 2, 3, 1]));
        assert_eq!(circle(4, manager), None, "they are below the circle and no part of it");
        assert_eq!(circle(0, |_| Some(0)), Some(vec![0, 0]));
    }

    proptest! {
        #[test]
        fn whatever_stands_there_it_ends(managers in proptest::collection::vec(0_usize..30, 30)) {
            for who in 0..30 {
                let found = circle(who, |it| Some(managers[it]));
                let mut seen = vec![who];
                while let Some(next) = seen.last().map(|it| managers[*it]).filter(|it| *it == who || !seen.contains(it)) {
                    seen.push(next);
                    if next == who { break; }
                }
                let is_in = seen.len() > 1 && seen.last() == Some(&who);
                prop_assert_eq!(found.is_some(), is_in);
            }
        }
    }
}
