//! Typing errors, so that a classifier has seen some before its first tired employee.

use crate::{model::svc::random::Random, text::token::is_cjk};

/// One in this many letters is mistyped, but at least one in a message.
const LETTERS_PER_ERROR: usize = 25;

/// The message with some letters mistyped; what is written in characters stays as it is.
pub fn mistyped(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let typed = letters.iter().filter(|c| is_typed(**c)).count();
    if typed < 2 {
        return text.to_owned();
    }
    for _ in 0..typed.div_ceil(LETTERS_PER_ERROR) {
        mistype(&mut letters, random);
    }
    letters.into_iter().collect()
}

fn is_typed(c: char) -> bool {
    c.is_alphabetic() && !is_cjk(c)
}

fn mistype(letters: &mut Vec<char>, random: &mut Random) {
    let at = random.below(letters.len());
    if !is_typed(letters[at]) {
        return;
    }
    match random.below(4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letters[at]),
        2 if at + 1 < letters.len() && is_typed(letters[at + 1]) => letters.swap(at, at + 1),
        _ => letters[at] = neighbour(letters[at], random),
    }
}

/// A key beside the right one on the usual keyboard.
fn neighbour(letter: char, random: &mut Random) -> char {
    const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];
    let beside = |row: &str| -> Option<char> {
        let at = row.find(letter)?;
        let step = if random.below(2) == 0 { at.checked_sub(1) } else { Some(at + 1) };
        row.get(step?..)?.chars().next()
    };
    ROWS.into_iter().find(|row| row.contains(letter)).and_then(beside).unwrap_or('e')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_seed_mistypes_alike() {
        let copy = |seed| mistyped("the printer on the third floor is jammed", &mut Random::seeded(seed));
        assert_eq!(copy(7), copy(7));
        assert!((0..20).any(|seed| copy(seed) != copy(7)));
    }

    #[test]
    fn characters_stay() {
        assert_eq!(mistyped("打印机卡纸", &mut Random::seeded(1)), "打印机卡纸");
    }

    proptest! {
        #[test]
        fn any_message_can_be_mistyped(text in any::<String>(), seed in any::<u64>()) {
            mistyped(&text, &mut Random::seeded(seed));
        }
    }
}
