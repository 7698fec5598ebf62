//! Places in a list as people name them: `2`, `#2`, `the second one`, `第二个`.

use crate::conversation::lexicon::plain;

/// The option whose place in the list a whole message gives: `2`, `2.`, `#2`, `the second one`.
pub fn by_number<'a, T>(options: &'a [T], text: &str) -> Option<&'a T> {
    options.get(place(text)?.checked_sub(1)?)
}

/// A place in a list, from 1.
pub fn place(text: &str) -> Option<usize> {
    const WORDS: [(&str, usize); 16] = [
        ("first", 1),
        ("one", 1),
        ("second", 2),
        ("two", 2),
        ("third", 3),
        ("three", 3),
        ("fourth", 4),
        ("four", 4),
        ("fifth", 5),
        ("five", 5),
        ("一", 1),
        ("二", 2),
        ("三", 3),
        ("四", 4),
        ("五", 5),
        ("六", 6),
    ];
    const BEFORE: [&str; 9] = ["the ", "option ", "number ", "choice ", "no. ", "nr. ", "no ", "第", "选"];
    const BEHIND: [&str; 10] = [" one", " option", "个", "项", "台", "部", "只", "张", ".", ")"];
    let mut plain = plain(text).replace(['\u{fe0f}', '\u{20e3}'], "");
    for before in BEFORE {
        plain = plain.strip_prefix(before).map_or(plain.clone(), str::to_owned);
    }
    for behind in BEHIND {
        plain = plain.strip_suffix(behind).map_or(plain.clone(), str::to_owned);
    }
    let digits = plain.trim_start_matches('#').trim();
    let number = (digits.len() <= 2).then(|| digits.parse().ok()).flatten();
    number.or_else(|| WORDS.iter().find(|(word, _)| *word == plain).map(|(_, it)| *it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_the_list_is_understood() {
        for (text, place_of) in [
            ("2", 2),
            ("#2", 2),
            ("2.", 2),
            ("the second one", 2),
            ("第三个", 3),
            ("option 2", 2),
            ("number two", 2),
            ("the fourth", 4),
            ("第4个", 4),
            ("2️⃣", 2),
        ] {
            assert_eq!(place(text), Some(place_of), "{text}");
        }
        assert_eq!(place("200 people"), None);
    }
}
