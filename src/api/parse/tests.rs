//! What may come in, and what is said about what may not.

use super::*;
use crate::proto::v1::field_value::Value;

fn wrong(checks: Checks) -> Vec<String> {
    match checks.done(()) {
        Err(Fault::Malformed(it)) => {
            it.into_iter().map(|it| format!("{}: {}", it.field, it.problem)).collect()
        }
        Ok(()) => vec![],
        Err(other) => panic!("{other:?}"),
    }
}

fn of(check: impl FnOnce(&mut Checks)) -> Vec<String> {
    let mut checks = Checks::default();
    check(&mut checks);
    wrong(checks)
}

#[test]
fn a_text_ends_at_16_kib_and_names_the_byte_of_a_control_character() {
    let text = |raw: String| of(|it| drop(it.text("text", raw)));
    assert_eq!(text("ü".repeat(8 * 1024)), [""; 0]);
    assert_eq!(text("ü".repeat(8 * 1024) + "x"), ["text: has 16385 bytes of UTF-8; at most 16384 are taken"]);
    assert_eq!(text("one\ttwo\r\nthree\u{202e}".to_owned()), [""; 0]);
    assert_eq!(text("a\u{9b}31m".to_owned()), ["text: has the control character U+009B at byte 1"]);
    assert_eq!(text("ü\0".to_owned()), ["text: has the control character U+0000 at byte 2"]);
    assert_eq!(text("a\u{1b}[2J".to_owned()), ["text: has the control character U+001B at byte 1"]);
    assert_eq!(text(" \n".to_owned()), ["text: is required"]);
}

#[test]
fn an_id_has_up_to_128_characters_and_none_that_controls() {
    let id = |raw: &str| of(|it| drop(it.id("request_id", raw.to_owned())));
    assert_eq!(id(&"号".repeat(128)), [""; 0]);
    assert_eq!(id(&"x".repeat(129)), ["request_id: is longer than 128 characters"]);
    assert_eq!(id("  "), ["request_id: is required"]);
    assert_eq!(id("a\u{85}"), ["request_id: has the control character U+0085 at byte 1"]);
}

#[test]
fn a_subject_becomes_one_line_before_it_is_measured() {
    let mut checks = Checks::default();
    assert_eq!(checks.subject("subject", "  no\n\tnetwork "), "no network");
    assert_eq!(checks.subject("subject", ""), "");
    assert_eq!(wrong(checks), [""; 0]);
    assert_eq!(
        of(|it| drop(it.subject("subject", &"x ".repeat(61)))),
        ["subject: is longer than 120 characters"]
    );
}

#[test]
fn a_person_needs_issuer_and_subject() {
    assert_eq!(
        of(|it| drop(it.person("requester", None))),
        ["requester: is required, with issuer and subject"]
    );
    let half = v1::Person { display_name: "x\0".to_owned(), ..Default::default() };
    assert_eq!(
        of(|it| drop(it.person("requester", Some(half)))),
        [
            "requester.issuer: is required",
            "requester.subject: is required",
            "requester.display_name: has the control character U+0000 at byte 1"
        ]
    );
}

#[test]
fn an_unknown_word_is_told_which_are_known() {
    assert_eq!(
        of(|it| {
            it.optional_word("impact", 77, &words::IMPACT);
        }),
        ["impact: 77 is not one of IMPACT_PERSON, IMPACT_TEAM, IMPACT_SITE"]
    );
    assert_eq!(of(|it| assert_eq!(it.optional_word("impact", 0, &words::IMPACT), None)), [""; 0]);
    assert!(
        of(|it| {
            it.word("to", 0, &words::STATE);
        })[0]
            .contains("TICKET_STATE_CANCELLED")
    );
}

#[test]
fn a_ticket_is_named_by_id_or_number() {
    assert_eq!(of(|it| drop(it.ticket("ticket", "inc-000123"))), [""; 0]);
    assert_eq!(of(|it| drop(it.ticket("ticket", "tkt_0123456789abcdef0123456789abcdef"))), [""; 0]);
    for bad in ["", "INC", "123", "tkt_1", "cnv_0123456789abcdef0123456789abcdef", "INC-1; drop"] {
        assert_eq!(of(|it| drop(it.ticket("ticket", bad))).len(), 1, "{bad}");
    }
}

#[test]
fn values_are_values_and_each_field_comes_once() {
    let value = |field: &str, value| v1::FieldValue { field: field.to_owned(), value };
    let raw = [
        value("room", Some(Value::Text("12".to_owned()))),
        value("room", None),
        value("", Some(Value::Number(f64::NAN))),
        value("when", Some(Value::DateTime(pbjson_types::Timestamp { seconds: i64::MAX, nanos: 0 }))),
    ];
    assert_eq!(
        of(|it| drop(it.values("fields", &raw))),
        [
            "fields[1].field: was given before; give each field once",
            "fields[1]: needs a value, such as `text` or `choice`",
            "fields[2].field: is required",
            "fields[2]: must be a finite number",
            "fields[3]: must be a time in the years 1 to 9999"
        ]
    );
    let flood = vec![v1::FieldValue::default(); 10_000];
    assert_eq!(
        of(|it| drop(it.values("fields", &flood))),
        ["fields: has 10000 values; at most 100 are taken"]
    );
}
