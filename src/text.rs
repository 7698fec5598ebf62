//! Text as a pure matter: normalising, tokenising, finding values. No IO, no clock.

/// Whether a character is a Chinese or Japanese one, which stands for a word or a syllable of its own.
pub fn is_cjk(it: char) -> bool {
    matches!(it, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}
