//! Letters as their plain counterparts, byte for byte: small ones for capitals, and simplified Chinese
//! characters for traditional ones, so that 電腦 and 电脑 are one word.

use std::{borrow::Cow, ops::RangeInclusive, sync::LazyLock};

/// The block of common Han characters.
const HAN: RangeInclusive<char> = '\u{4e00}'..='\u{9fff}';

/// The simplified form of each character of the block, in order; mostly itself. One for one: of the few that
/// have several readings, the common one counts.
static SIMPLIFIED: LazyLock<Vec<char>> = LazyLock::new(|| {
    let form = |it: char| {
        let to = simplet2s::convert(it.encode_utf8(&mut [0; 4])).chars().next();
        to.filter(|to| to.len_utf8() == it.len_utf8()).unwrap_or(it)
    };
    HAN.map(form).collect()
});

/// A character's simplified form, or itself.
pub fn simplified(it: char) -> char {
    if !HAN.contains(&it) {
        return it;
    }
    let place = u32::from(it) - u32::from(*HAN.start());
    SIMPLIFIED.get(place as usize).copied().unwrap_or(it)
}

/// A text in simplified characters; every byte stays in its place.
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|it| simplified(it) != it) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().map(simplified).collect())
}

/// A text in lower case and simplified characters, to look for words in. Every byte stays in its place, so a
/// letter whose small form has another length stays as it is: `İ`, `ẞ`, the sign for Kelvin.
pub fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let small = |it: char| {
        let mut small = it.to_lowercase();
        small.next().filter(|to| small.next().is_none() && to.len_utf8() == it.len_utf8()).unwrap_or(it)
    };
    text.chars().map(|it| simplified(small(it))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traditional_characters_are_read_as_simplified_ones() {
        assert_eq!(fold("筆電電池壞了，麻煩了 LT-20417"), "笔电电池坏了，麻烦了 LT-20417");
        assert_eq!(fold("7樓會議室"), "7楼会议室");
        assert!(matches!(fold("打印机坏了"), Cow::Borrowed(_)));
        assert_eq!(fold("確認").len(), "確認".len());
        for text in ["Tool İ I need to install中文 Å", "STRAẞE Ⱥ Å İ", "Laptop 電腦"] {
            let places = |it: &str| it.char_indices().map(|(at, _)| at).collect::<Vec<_>>();
            assert_eq!(places(&lower(text)), places(text), "{text}");
        }
    }
}
