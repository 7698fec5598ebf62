//! Asset tags and the names of machines.

use crate::text::found::{
    Kind,
    words::{HYPHENS, Words, is_number},
};

/// What looks like a tag and is none.
const NO_TAGS: [&str; 14] =
    ["COVID", "UTF", "ISO", "MP", "USB", "WPA", "AES", "SHA", "RFC", "GPT", "DIN", "KB", "CAT", "HTTP"];

/// Endings of names that are files, not machines.
const FILES: [&str; 24] = [
    "PDF", "DOC", "DOCX", "XLS", "XLSX", "XLSM", "PPT", "PPTX", "CSV", "TXT", "ZIP", "EXE", "MSI", "DLL",
    "PNG", "JPG", "JPEG", "PST", "OST", "MSG", "LOG", "HTML", "JS", "NET",
];

/// The asset tag or host at a word.
pub(super) fn at(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    tag(words, at).or_else(|| share(words, at)).or_else(|| address(words, at)).or_else(|| name(words, at))
}

/// Two to five letters, then one or two groups of digits: LT-20417, PRN-3-02.
fn tag(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let letters = words.word(at);
    let plausible = (2..=5).contains(&letters.len())
        && letters.bytes().all(|byte| byte.is_ascii_uppercase())
        && !NO_TAGS.contains(&letters);
    if !plausible || HYPHENS.contains(&words.before(at)) {
        return None;
    }
    let count = words.joined(at, &HYPHENS);
    let digits: usize = (at + 1..at + count).map(|at| words.word(at).len()).sum();
    let numbers = (at + 1..at + count).all(|at| is_number(words.word(at), 1..=8));
    if !numbers || !(2..=3).contains(&count) || digits < 3 {
        return None;
    }
    let tag = (at..at + count).map(|at| words.word(at)).collect::<Vec<_>>().join("-");
    Some((count, Kind::AssetTag(tag)))
}

/// The machine in \\machine\share.
fn share(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let named = words.before(at).ends_with(r"\\");
    named.then(|| {
        let count = words.joined(at, &["-", "."]);
        (count, Kind::Host(words.typed(at, count).to_lowercase()))
    })
}

/// An IPv4 address.
fn address(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let small = |at: usize| words.word(at).parse::<u8>().is_ok() && is_number(words.word(at), 1..=3);
    let four = words.joined(at, &["."]) == 4 && (at..at + 4).all(small);
    four.then(|| (4, Kind::Host(words.typed(at, 4).to_owned())))
}

/// A name with a domain: letters at the end, a digit or a third part somewhere, no mail address.
fn name(words: &Words<'_>, at: usize) -> Option<(usize, Kind)> {
    let count = words.joined(at, &["-", "."]);
    let typed = words.typed(at, count);
    let parts: Vec<&str> = typed.split('.').collect();
    let last = parts.last()?.to_uppercase();
    let domain = (2..=10).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_uppercase())
        && !FILES.contains(&last.as_str());
    let first = parts.first()?;
    let machine = 3 <= parts.len() && 2 <= first.len() || first.bytes().any(|byte| byte.is_ascii_digit());
    let mail = words.before(at).ends_with('@') || words.gap(at + count - 1).starts_with('@');
    let long = parts.iter().all(|part| !part.is_empty()) && 2 <= parts.len() && typed.is_ascii();
    let starts = first.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic());
    (long && starts && domain && machine && !mail).then(|| (count, Kind::Host(typed.to_lowercase())))
}
