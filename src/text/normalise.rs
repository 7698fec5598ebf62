//! One spelling for what looks or reads alike: compatibility forms folded (NFKC), lower case, simplified
//! Chinese characters, no invisible ones, and the way back to the original bytes.

use super::han::simplified;
use unicode_normalization::{IsNormalized, UnicodeNormalization, char::canonical_combining_class};

/// A message in normal form that remembers where each byte came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normalised {
    text: String,
    origins: Origins,
}

/// ASCII keeps its byte positions, so the usual message needs no table.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origins {
    Same,
    /// For each byte of the text, and for its end, where the piece that it came from starts.
    Table(Vec<u32>),
}

impl Normalised {
    /// Normalises a message. Never fails; the result normalised again is itself.
    pub fn of(original: &str) -> Self {
        if original.is_ascii() {
            let text = original.to_ascii_lowercase();
            return Self { text, origins: Origins::Same };
        }
        let mut text = String::with_capacity(original.len());
        let mut table = Vec::with_capacity(original.len() + 1);
        for (start, piece) in Pieces::of(original) {
            fold_into(piece, &mut text);
            table.resize(text.len(), offset(start));
        }
        table.push(offset(original.len()));
        Self { text, origins: Origins::Table(table) }
    }

    /// The normal form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The byte range of the original that a byte range of the normal form came from.
    ///
    /// A range that cuts through a folded piece is widened to the whole piece, so the answer
    /// always lies on character boundaries of the original.
    pub fn original_span(&self, start: usize, end: usize) -> (usize, usize) {
        match &self.origins {
            Origins::Same => (start, end),
            Origins::Table(table) => {
                let at = |byte: usize| table.get(byte).copied().unwrap_or_default();
                if end <= start {
                    return (at(start) as usize, at(start) as usize);
                }
                let last = at(end - 1);
                let after = table.iter().skip(end).find(|origin| last < **origin);
                (at(start) as usize, after.copied().unwrap_or(last) as usize)
            }
        }
    }
}

/// Messages are far below 4 GiB; a longer one would only lose its reasons' places.
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}

/// Folds one piece. Lower case comes between two foldings because each may undo the other's work.
fn fold_into(piece: &str, text: &mut String) {
    if let [byte] = piece.as_bytes() {
        text.push(char::from(byte.to_ascii_lowercase()));
        return;
    }
    let visible = piece.chars().filter(|c| !is_invisible(*c));
    let folded: String = visible.nfkc().flat_map(char::to_lowercase).collect();
    text.extend(folded.nfkc().map(simplified));
}

/// Joiners, marks of direction and soft hyphens, which split words for a machine but not for an eye.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// The smallest pieces that can be folded apart from each other.
struct Pieces<'a> {
    rest: &'a str,
    start: usize,
}

impl<'a> Pieces<'a> {
    fn of(original: &'a str) -> Self {
        Self { rest: original, start: 0 }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let mut chars = self.rest.char_indices();
        chars.next()?;
        let end = chars.find(|(_, c)| begins_piece(*c)).map_or(self.rest.len(), |(at, _)| at);
        let (piece, rest) = self.rest.split_at(end);
        let start = self.start;
        self.rest = rest;
        self.start += end;
        Some((start, piece))
    }
}

/// Whether nothing before `c` can combine with what `c` becomes.
fn begins_piece(c: char) -> bool {
    if c.is_ascii() {
        return true;
    }
    if is_invisible(c) {
        return false;
    }
    std::iter::once(c).nfkc().next().is_none_or(|first| {
        let alone = unicode_normalization::is_nfkc_quick(std::iter::once(first));
        canonical_combining_class(first) == 0 && alone == IsNormalized::Yes
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(original: &str, expected: &str) {
        assert_eq!(Normalised::of(original).text(), expected);
    }

    #[test]
    fn wide_letters_ligatures_and_capitals_are_folded() {
        check("ＶＰＮ Down", "vpn down");
        check("oﬃce", "office");
        check("E\u{301}tat", "état");
        check("soft\u{ad}ware", "software");
        check("ＶＰＮ连不上", "vpn连不上");
    }

    #[test]
    fn a_span_leads_back_to_the_original_bytes() {
        let original = "我的 ＶＰＮ断了 oﬃce";
        let normalised = Normalised::of(original);
        let at = normalised.text().find("vpn").unwrap();
        let (start, end) = normalised.original_span(at, at + 3);
        assert_eq!(&original[start..end], "ＶＰＮ");
        let at = normalised.text().find("ffi").unwrap();
        let (start, end) = normalised.original_span(at, at + 1);
        assert_eq!(&original[start..end], "ﬃ");
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(original in "\\PC{0,40}") {
            let once = Normalised::of(&original);
            let twice = Normalised::of(once.text());
            prop_assert_eq!(twice.text(), once.text());
        }

        #[test]
        fn spans_lie_on_character_boundaries(original in any::<String>()) {
            let normalised = Normalised::of(&original);
            for (at, c) in normalised.text().char_indices() {
                let (start, end) = normalised.original_span(at, at + c.len_utf8());
                prop_assert!(start < end && original.get(start..end).is_some());
            }
        }
    }
}
