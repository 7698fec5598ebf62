//! "Did you mean": the known word nearest to an unknown one.

use super::fault::quoted;

/// Words listed when none is near.
const LISTED: usize = 12;
/// A longer word is not compared; ids and keys are shorter.
const LONGEST: usize = 64;

/// The end of a fault about an unknown word: the nearest known one, or what is known.
pub(super) fn advice<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    if let Some(near) = nearest(word, known.clone()) {
        return format!("did you mean {}?", quoted(near));
    }
    let listed: Vec<_> = known.clone().take(LISTED).collect();
    let more = if known.count() > LISTED { ", …" } else { "" };
    match listed.as_slice() {
        [] => "none is defined".to_owned(),
        words => format!("known: {}{more}", words.join(", ")),
    }
}

/// The known word that a slip of the hand could have turned into this one.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = plain(word).collect();
    if word.len() > LONGEST {
        return None;
    }
    // In a word as short as `P5` one slip makes any other, so such a one must agree but for case.
    let slips = (word.len() / 3).min(3);
    known
        .map(|it| (distance(&word, &plain(it).collect::<Vec<_>>()), it))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Without case, and with one sign between words.
fn plain(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase).map(|it| if it == '-' || it == ' ' { '_' } else { it })
}

/// Letters added, dropped, changed or swapped with a neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (row, letter) in a.iter().enumerate() {
        let mut here = vec![row + 1];
        for (column, other) in b.iter().enumerate() {
            let changed = above[column] + usize::from(letter != other);
            let mut least = changed.min(above[column + 1] + 1).min(here[column] + 1);
            let swapped = row > 0 && column > 0 && *letter == b[column - 1] && *other == a[row - 1];
            if swapped {
                least = least.min(before[column - 1] + 1);
            }
            here.push(least);
        }
        before = std::mem::replace(&mut above, here);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_recognised() {
        let known = ["workplace", "network", "required_when", "ask"];
        for (word, meant) in [
            ("workplcae", "workplace"),
            ("netwrk", "network"),
            ("Required-When", "required_when"),
            ("aks", "ask"),
        ] {
            assert_eq!(nearest(word, known.into_iter()), Some(meant));
        }
        assert_eq!(nearest("finance", known.into_iter()), None);
    }

    #[test]
    fn without_a_near_word_the_known_ones_are_listed() {
        assert_eq!(advice("finance", ["hr", "network"].into_iter()), "known: hr, network");
        assert_eq!(advice("finance", [].into_iter()), "none is defined");
    }
}
