//! Circles of what must be a tree: nothing runs on itself, and nothing is a part of itself, by however many others.

use std::collections::HashMap;
use std::hash::Hash;

/// The first circle that can be reached from any of `from`, in order and without its first one again.
pub fn circle<K: Copy + Eq + Hash, I: Iterator<Item = K>>(
    from: impl Iterator<Item = K>,
    next: impl Fn(K) -> I,
) -> Option<Vec<K>> {
    // Whether it is on the way that is being walked; else all behind it is in order.
    let mut seen: HashMap<K, bool> = HashMap::new();
    for start in from {
        if seen.contains_key(&start) {
            continue;
        }
        seen.insert(start, true);
        let mut way = vec![(start, next(start))];
        while let Some((here, rest)) = way.last_mut() {
            let here = *here;
            match rest.next() {
                None => {
                    seen.insert(here, false);
                    way.pop();
                }
                Some(there) => match seen.get(&there) {
                    Some(true) => {
                        let found = way.iter().map(|it| it.0);
                        return Some(found.skip_while(|it| *it != there).collect());
                    }
                    Some(false) => {}
                    None => {
                        seen.insert(there, true);
                        way.push((there, next(there)));
                    }
                },
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(edges: &[(u8, u8)], from: &[u8]) -> Option<Vec<u8>> {
        let next = |it| edges.iter().filter(move |edge| edge.0 == it).map(|edge| edge.1);
        circle(from.iter().copied(), next)
    }

    #[test]
    fn a_circle_is_found_wherever_the_walk_begins() {
        let ring = [(1, 2), (2, 3), (3, 2), (1, 4)];
        assert_eq!(of(&ring, &[1]), Some(vec![2, 3]));
        assert_eq!(of(&ring, &[4]), None);
        assert_eq!(of(&[(1, 1)], &[1]), Some(vec![1]));
    }

    #[test]
    fn what_is_reached_on_two_ways_is_no_circle() {
        assert_eq!(of(&[(1, 2), (1, 3), (2, 4), (3, 4)], &[1, 2, 3, 4]), None);
    }
}
