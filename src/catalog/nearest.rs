//! "Did you mean": the known word nearest to an unknown one.

use super::fault::quoted;
use crate::text::nearest::nearest;

/// Words listed when none is near.
const LISTED: usize = 12;

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_near_word_the_known_ones_are_listed() {
        assert_eq!(advice("finance", ["hr", "network"].into_iter()), "known: hr, network");
        assert_eq!(advice("finance", [].into_iter()), "none is defined");
    }
}
