//! Long numbers that belong to a person: cards, bank accounts, telephones.

use std::ops::Range;

/// Payment cards: 13 to 19 digits with a right check digit, in one run or in groups.
pub(super) fn cards(text: &str) -> Vec<Range<usize>> {
    let card = |digits: &str, _: &str| (13..=19).contains(&digits.len()) && luhn(digits);
    runs(text, &[' ', '-'], false, card)
}

/// Telephone numbers: 10 to 15 digits in groups or after a plus; a Chinese mobile number of 11
/// digits; a number of 8 or more that starts with 0 or a bracket.
pub(super) fn phones(text: &str) -> Vec<Range<usize>> {
    runs(text, &[' ', '-', '.', '/', '(', ')'], true, |digits, typed| {
        let international = typed.starts_with('+') && (8..=15).contains(&digits.len());
        let mobile = digits.len() == 11 && digits.starts_with('1') && typed == digits;
        let groups = typed.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
        let grouped = (10..=13).contains(&digits.len()) && (3..=5).contains(&groups.count());
        let domestic = (8..=13).contains(&digits.len()) && typed.starts_with(['0', '(']);
        let address = typed.split('.').count() == 4 || typed.split(' ').any(is_date);
        !address && (international || mobile || grouped || domestic)
    })
}

/// Bank accounts: two letters, then 13 to 32 letters and digits with a right check number.
pub(super) fn accounts(text: &str) -> Vec<Range<usize>> {
    let mut all: Vec<Range<usize>> = Vec::new();
    for (start, _) in text.char_indices().filter(|(_, c)| c.is_ascii_alphabetic()) {
        let inside = text[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
        if inside || all.last().is_some_and(|last| start < last.end) {
            continue;
        }
        // Grouping makes the end uncertain: the longest reading with a right check number is it.
        if let Some(end) =
            account_ends(&text[start..]).into_iter().rev().find(|end| iban(&text[start..start + end]))
        {
            all.push(start..start + end);
        }
    }
    all
}

/// Where an account that starts here could end: wherever its groups do.
fn account_ends(text: &str) -> Vec<usize> {
    const LONGEST: usize = 34;
    let mut ends = Vec::new();
    let mut count = 0;
    let mut last_space = false;
    for (at, c) in text.char_indices() {
        let digit_or_letter = c.is_ascii_alphanumeric();
        let single_space = c == ' ' && !last_space;
        if !(digit_or_letter || single_space) || LONGEST == count {
            break;
        }
        last_space = c == ' ';
        count += usize::from(digit_or_letter);
        let next = text[at + 1..].chars().next();
        if digit_or_letter && next.is_none_or(|next| !next.is_ascii_alphanumeric()) {
            ends.push(at + 1);
        }
    }
    ends
}

fn iban(typed: &str) -> bool {
    let compact: Vec<u8> = typed.bytes().filter(u8::is_ascii_alphanumeric).collect();
    let shape = (15..=34).contains(&compact.len())
        && compact[..2].iter().all(u8::is_ascii_alphabetic)
        && compact[2..4].iter().all(u8::is_ascii_digit);
    let rotated = compact.iter().skip(4).chain(compact.iter().take(4));
    let remainder = rotated.fold(0_u32, |sum, byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte.to_ascii_uppercase() - b'A') + 10) % 97,
    });
    shape && remainder == 1
}

fn luhn(digits: &str) -> bool {
    let doubled = digits.bytes().rev().enumerate().map(|(place, byte)| {
        let digit = u32::from(byte - b'0');
        let twice = if place % 2 == 1 { 2 * digit } else { digit };
        if 9 < twice { twice - 9 } else { twice }
    });
    doubled.sum::<u32>() % 10 == 0
}

fn is_date(typed: &str) -> bool {
    let lengths: Vec<usize> = typed.split(['-', '.', '/']).map(str::len).collect();
    matches!(lengths.as_slice(), [4, 1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4])
}

/// Runs of digits with single separators that `right` accepts, given the digits and the run as
/// typed; a run that touches letters is part of a name or code and is passed over.
fn runs(
    text: &str,
    separators: &[char],
    signed: bool,
    right: impl Fn(&str, &str) -> bool,
) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut at = 0;
    while let Some(start) = text[at..].find(|c: char| c.is_ascii_digit() || signed && "+(".contains(c)) {
        let start = at + start;
        let run = |c: char| c.is_ascii_digit() || separators.contains(&c) || signed && c == '+';
        let length = text[start..].find(|c| !run(c)).unwrap_or(text.len() - start);
        let typed = text[start..start + length].trim_end_matches(|c: char| !c.is_ascii_digit());
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let letter = |c: char| c.is_ascii_alphabetic() || matches!(c, '_' | '#');
        let before = text[..start].trim_end_matches(['-', '/', '.']);
        let named = before.ends_with(letter) || text[start + typed.len()..].starts_with(letter);
        if !named && right(&digits, typed) {
            all.push(start..start + typed.len());
        }
        at = start + length.max(1);
    }
    all
}
