//! What an employee sees of a message: without characters that only steer or hide.

use std::borrow::Cow;

/// The message without invisible and direction-changing characters, which could hide words from
/// people and from us alike, and with full-width letters and digits in their usual form.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.chars().any(|it| is_hidden(it) || usual(it) != it) {
        return Cow::Borrowed(text);
    }
    let mut last = ' ';
    let kept = text.chars().filter(|it| {
        // A joiner behind a picture belongs to it.
        let belongs = *it == '\u{200d}' && !last.is_alphanumeric();
        let hides = is_hidden(*it) && !belongs;
        last = *it;
        !hides
    });
    Cow::Owned(kept.map(usual).collect())
}

fn is_hidden(it: char) -> bool {
    matches!(it, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn usual(it: char) -> char {
    match it {
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
            char::from_u32(u32::from(it) - 0xfee0).unwrap_or(it)
        }
        _ => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_characters_go_and_pictures_stay() {
        assert_eq!(visible("lap\u{200b}top \u{202e}x"), "laptop x");
        assert_eq!(visible("２ 号"), "2 号");
        assert_eq!(visible("👩\u{200d}💻"), "👩\u{200d}💻");
        assert!(matches!(visible("打印机，坏了"), Cow::Borrowed(_)));
    }
}
