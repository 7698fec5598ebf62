//! Personal data masked: mail addresses, telephone numbers, payment cards, bank accounts; and passwords,
//! which nobody ought to send.
//!
//! Cards count only if their check digit is right (Luhn) and accounts only if theirs is (IBAN), so
//! that serial numbers and asset tags stay legible. Ticket numbers and dates are never masked.

mod number;
mod secret;

use std::{borrow::Cow, ops::Range};

/// The text with each piece of personal data replaced by its kind in brackets, as `[email]`.
///
/// Masking what is masked changes nothing.
pub fn redact(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for (range, kind) in personal(text) {
        masked.push_str(&text[from..range.start]);
        masked.push_str(kind);
        from = range.end;
    }
    masked.push_str(&text[from..]);
    masked
}

/// The text with each password replaced by `[password]`, as far as it can be told from the word in front
/// of it. Nobody at a desk needs one, and what is kept once is kept for long.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    // What was hidden may have hidden the sign of another: "password: 4711!password: 4712".
    while let Some(more) = with_secrets_masked(&masked) {
        masked = Cow::Owned(more);
    }
    masked
}

/// The text with the secrets masked that are seen at once, or none if there is none.
fn with_secrets_masked(text: &str) -> Option<String> {
    let secrets = secret::secrets(text);
    if secrets.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut from = 0;
    for range in secrets {
        masked.push_str(&text[from..range.start]);
        masked.push_str("[password]");
        from = range.end;
    }
    masked.push_str(&text[from..]);
    (masked != text).then_some(masked)
}

/// Says where one kind of personal data stands.
type Finder = fn(&str) -> Vec<Range<usize>>;

/// Personal data in order, none overlapping: where two readings meet, the earlier one in the list
/// of finders wins, since a mail address may hold a telephone number but not the other way.
fn personal(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut all: Vec<(Range<usize>, &'static str)> = Vec::new();
    let finders: [(Finder, &str); 4] = [
        (addresses, "[email]"),
        (number::accounts, "[iban]"),
        (number::cards, "[card]"),
        (number::phones, "[phone]"),
    ];
    for (find, kind) in finders {
        for range in find(text) {
            let free = all.iter().all(|(other, _)| other.end <= range.start || range.end <= other.start);
            if free {
                all.push((range, kind));
            }
        }
    }
    all.sort_by_key(|(range, _)| range.start);
    all
}

/// Mail addresses: a local part, an at sign, a domain with a dot.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let local = |c: char| c.is_alphanumeric() && !is_han(c) || "._%+-'".contains(c);
    let domain = |c: char| c.is_alphanumeric() && !is_han(c) || ".-".contains(c);
    let mut all: Vec<Range<usize>> = Vec::new();
    for (at, sign) in text.char_indices().filter(|(_, c)| matches!(c, '@' | '＠')) {
        let before = text[..at].trim_end_matches(local);
        let after = text[at + sign.len_utf8()..].trim_start_matches(domain);
        let (start, end) = (before.len(), text.len() - after.len());
        let host = text[at + sign.len_utf8()..end].trim_end_matches(['.', '-']);
        let named = host.rsplit('.').next().is_some_and(|top| 2 <= top.chars().count());
        let apart = all.last().is_none_or(|last| last.end <= start);
        if start < at && host.contains('.') && named && apart {
            all.push(start..at + sign.len_utf8() + host.len());
        }
    }
    all
}

fn is_han(c: char) -> bool {
    crate::text::token::is_cjk(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact(text), expected);
    }

    #[test]
    fn mail_addresses_are_masked() {
        check("write to ann.lee+it@mail.example.co.uk.", "write to [email].");
        check("邮箱是wang@example.com谢谢", "邮箱是[email]谢谢");
        check("see you @ 5, a@b", "see you @ 5, a@b");
    }

    #[test]
    fn telephone_numbers_are_masked() {
        check("call +49 (0)30 1234567 please", "call [phone] please");
        check("0171/2345678 or 555-123-4567", "[phone] or [phone]");
        check("手机13812345678", "手机[phone]");
        check("(020) 7946 0123", "[phone]");
    }

    #[test]
    fn cards_and_accounts_are_masked_if_their_check_digits_are_right() {
        check("card 4111 1111 1111 1111 expired", "card [card] expired");
        check("card 4111-1111-1111-1112", "card 4111-1111-1111-1112");
        check("IBAN DE89 3704 0044 0532 0130 00, thanks", "IBAN [iban], thanks");
        check("gb82west12345698765432", "[iban]");
        check("DE00 3704 0044 0532 0130 00", "DE00 3704 0044 0532 0130 00");
    }

    #[test]
    fn what_the_desk_needs_stays() {
        let needed = "INC-000123: LT-20417 shows 0x80070005 since 2026-03-01 08:15 on 10.1.20.7, S/N 5CG13820, cost center 3320, 24.12.2025";
        check(needed, needed);
    }

    #[test]
    fn a_secret_behind_a_secret_is_hidden_too() {
        assert_eq!(without_secrets("password:a,0!password:passwordis"), "password:a,[password]:[password]");
    }

    proptest! {
        #[test]
        fn masking_twice_is_masking_once(text in "[a-z0-9@. +()/-]{0,60}") {
            let once = redact(&text);
            prop_assert_eq!(redact(&once), once);
        }

        #[test]
        fn any_text_can_be_masked(text in any::<String>()) {
            redact(&text);
            without_secrets(&text);
        }

        #[test]
        fn secrets_are_hidden_once(text in "(password|pin|密码| |is|:|[a-z0-9!.,]{1,9}){0,12}") {
            let once = without_secrets(&text).into_owned();
            prop_assert_eq!(without_secrets(&once), once.as_str());
        }
    }
}
