//! Finds the known word that a misspelt one was probably meant to be.

/// A longer word is not compared; ids and keys are shorter.
const LONGEST: usize = 64;

/// The known word that a slip of the hand could have turned into this one.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = plain(word).collect();
    if word.len() > LONGEST {
        return None;
    }
    // In a word as short as `P5` one slip makes any other, so such a one must agree but for case.
    let slips = (word.len() / 3).min(3);
    known
        .into_iter()
        .map(|it| (distance(&word, &plain(it).collect::<Vec<_>>()), it))
        .filter(|(distance, _)| *distance <= slips)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, it)| it)
}

/// Without case, and with one sign between words.
fn plain(word: &str) -> impl Iterator<Item = char> {
    word.chars().flat_map(char::to_lowercase).map(|it| if it == '-' || it == ' ' { '_' } else { it })
}

/// How many slips of the hand lie between two words.
pub fn slips(one: &str, other: &str) -> usize {
    let [one, other] = [one, other].map(|it| plain(it).take(LONGEST).collect::<Vec<_>>());
    distance(&one, &other)
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
    fn a_slip_of_the_hand_is_recognised_and_a_stranger_is_not() {
        let known = ["workplace", "network", "required_when", "ask", "listen", "limits.queue"];
        for (word, meant) in [
            ("workplcae", "workplace"),
            ("netwrk", "network"),
            ("Required-When", "required_when"),
            ("aks", "ask"),
            ("lisen", "listen"),
            ("limit.queue", "limits.queue"),
        ] {
            assert_eq!(nearest(word, known), Some(meant));
        }
        assert_eq!(nearest("finance", known), None);
        assert_eq!(nearest("colour", known), None);
    }
}
