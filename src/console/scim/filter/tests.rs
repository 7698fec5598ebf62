//! What filters mean, and what is wrong with those that mean nothing.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::console::scim::schema::{ENTERPRISE, USERS};

fn fits(filter: &str) -> bool {
    let ada = json!({
        "id": "ppl_1", "userName": "Ada@Example.com", "active": true, "title": "",
        "name": { "familyName": "Lovelace" },
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home" },
        ],
        "meta": { "created": "2026-03-01T09:00:00Z" },
        ENTERPRISE: { "department": "Sales", "manager": { "value": "ppl_2" } },
    });
    parse(filter, USERS).unwrap_or_else(|fault| panic!("{filter}: {fault:?}")).fits(&ada)
}

#[test]
fn operators_mean_what_the_standard_says() {
    for filter in [
        r#"userName eq "ada@example.com""#,
        r#"USERNAME EQ "ADA@EXAMPLE.COM""#,
        r#"userName sw "ada" and userName ew ".com" and userName co "@""#,
        r#"name.familyName ne "Byron""#,
        r#"active eq true"#,
        r#"active eq "True""#,
        r#"meta.created gt "2026-01-01T00:00:00Z" and meta.created le "2026-03-01T09:00:00Z""#,
        r#"emails pr and not (title pr)"#,
        r#"emails eq "ada@home.example""#,
        r#"emails.type eq "home""#,
        r#"emails[type eq "work" and value co "@example.com"]"#,
        r#"title eq null"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "sales""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com""#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "ppl_2""#,
        r#"title pr or userName pr and active eq true"#,
        r#"not (userName eq "bo")"#,
    ] {
        assert!(fits(filter), "{filter}");
    }
    for filter in [
        r#"userName eq "bo""#,
        r#"id eq "PPL_1""#,
        r#"emails[type eq "home" and value co "@example.com"]"#,
        r#"(title pr or userName pr) and active eq false"#,
        r#"title pr"#,
    ] {
        assert!(!fits(filter), "{filter}");
    }
}

#[test]
fn what_means_nothing_says_why() {
    for (filter, said) in [
        ("", "ends where an attribute"),
        ("shoeSize eq 3", "no attribute `shoeSize`"),
        ("userName", "expected an operator"),
        ("userName is \"x\"", "`is` is no operator"),
        ("userName eq", "ends where a value"),
        ("userName eq ada", "double quotes"),
        ("userName eq \"ada", "never closed"),
        ("(userName pr", "`)` is missing"),
        ("emails[type pr", "`]` is missing"),
        ("userName pr)", "not expected"),
        ("userName[type pr]", "no parts"),
        ("active gt true", "does not order"),
        ("emails.shoe pr", "no attribute"),
    ] {
        let fault = parse(filter, USERS).unwrap_err();
        assert!(fault.kind == Some("invalidFilter") && fault.detail.contains(said), "{filter}: {fault:?}");
    }
    let deep = format!("{}userName pr{}", "(".repeat(40), ")".repeat(40));
    assert!(parse(&deep, USERS).unwrap_err().detail.contains("deep"));
}

#[test]
fn what_can_be_looked_up_is_found_behind_an_and_only() {
    let of = |filter: &str| parse(filter, USERS).unwrap().must_be("userName").map(str::to_owned);
    assert_eq!(of(r#"active eq true and userName eq "ada""#).as_deref(), Some("ada"));
    assert_eq!(of(r#"active eq true or userName eq "ada""#), None);
    assert_eq!(of(r#"not (userName eq "ada")"#), None);
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}") {
        let _ = parse(&text, USERS);
    }

    #[test]
    fn whatever_is_built_of_the_right_words_is_answered(
        words in proptest::collection::vec(
            prop::sample::select(vec!["userName", "eq", "\"a\"", "and", "or", "not", "(", ")", "emails", "[", "]", "pr", "true", "type"]),
            0..14,
        ),
    ) {
        let _ = parse(&words.join(" "), USERS).map(|it| it.fits(&json!({})));
    }
}
