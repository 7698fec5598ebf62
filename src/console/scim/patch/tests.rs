//! Changes as Entra ID, Okta and the standard write them.

use proptest::prelude::*;

use super::*;
use crate::console::scim::schema::{ENTERPRISE, USERS};

fn ada() -> Map<String, Value> {
    let ada = json!({
        "userName": "ada", "active": true, "name": { "givenName": "Ada", "familyName": "Byron" },
        "emails": [
            { "value": "ada@example.com", "type": "work", "primary": true },
            { "value": "ada@home.example", "type": "home", "primary": false },
        ],
        ENTERPRISE: { "department": "Sales" },
    });
    ada.as_object().unwrap().clone()
}

fn after(operations: Value) -> Result<Value, Fault> {
    patched(ada(), &json!({ "Operations": operations }), USERS).map(Value::Object)
}

#[test]
fn entra_id_spells_things_its_own_way() {
    let it = after(json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Add", "path": "emails[type eq \"work\"].value", "value": "lovelace@example.com" },
        { "op": "Replace", "path": "name.familyName", "value": "Lovelace" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+44 1" },
        { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Science" },
        { "op": "Add", "path": format!("{ENTERPRISE}:manager"), "value": "ppl_1" },
    ]))
    .unwrap();
    assert_eq!(it["active"], json!(false));
    assert_eq!(it["emails"][0], json!({ "value": "lovelace@example.com", "type": "work", "primary": true }));
    assert_eq!(it["name"], json!({ "givenName": "Ada", "familyName": "Lovelace" }));
    assert_eq!(it["phoneNumbers"], json!([{ "type": "mobile", "value": "+44 1" }]));
    assert_eq!(it[ENTERPRISE], json!({ "department": "Science", "manager": { "value": "ppl_1" } }));
}

#[test]
fn okta_sends_no_path() {
    let it = after(json!([{ "op": "replace", "value": { "active": false, "id": "x", "nickName": "y" } }]))
        .unwrap();
    assert_eq!((&it["active"], it.get("id"), it.get("nickName")), (&json!(false), None, None));
    let value = json!({ "name.givenName": "A.", format!("{ENTERPRISE}:costCenter"): "4711", ENTERPRISE: { "department": "HR" } });
    let it = after(json!([{ "op": "add", "value": value }])).unwrap();
    assert_eq!(it["name"]["givenName"], json!("A."));
    assert_eq!(it[ENTERPRISE], json!({ "department": "HR", "costCenter": "4711" }));
}

#[test]
fn values_are_added_replaced_and_removed() {
    let new = json!({ "value": "a@x.example", "type": "other", "primary": true });
    let it = after(json!([{ "op": "add", "path": "emails", "value": [new] }])).unwrap();
    let primary: Vec<_> = it["emails"].as_array().unwrap().iter().map(|it| &it["primary"]).collect();
    assert_eq!(primary, [&json!(false), &json!(false), &json!(true)]);
    let it = after(json!([{ "op": "replace", "path": "emails", "value": [new] }])).unwrap();
    assert_eq!(it["emails"], json!([new]));
    let it = after(json!([{ "op": "remove", "path": "emails[type eq \"home\"]" }])).unwrap();
    assert_eq!(it["emails"].as_array().unwrap().len(), 1);
    let it =
        after(json!([{ "op": "remove", "path": "emails" }, { "op": "remove", "path": "name.givenName" }]))
            .unwrap();
    assert_eq!((it.get("emails"), &it["name"]), (None, &json!({ "familyName": "Byron" })));
    let it = after(json!([{ "op": "remove", "path": ENTERPRISE }])).unwrap();
    assert_eq!(it.get(ENTERPRISE), None);
    let twice = json!([{ "op": "add", "path": "emails", "value": { "value": "ada@example.com", "type": "work", "primary": true } }]);
    assert_eq!(after(twice).unwrap()["emails"].as_array().unwrap().len(), 2);
}

#[test]
fn what_cannot_be_done_says_why() {
    for (operation, kind) in [
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "move", "path": "title" }), "invalidSyntax"),
        (json!({ "op": "add", "path": "shoeSize", "value": 3 }), "invalidPath"),
        (json!({ "op": "add", "path": "emails[type is 3].value", "value": "x" }), "invalidPath"),
        (json!({ "op": "add", "path": "emails[type eq \"work\"", "value": "x" }), "invalidPath"),
        (
            json!({ "op": "replace", "path": "emails[type co \"w\" and value sw \"q\"].value", "value": "x" }),
            "noTarget",
        ),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "replace", "path": "active", "value": "perhaps" }), "invalidValue"),
        (json!({ "op": "replace", "path": "title" }), "invalidValue"),
        (json!({ "op": "replace", "value": "x" }), "invalidValue"),
    ] {
        assert_eq!(after(json!([operation])).unwrap_err().kind, Some(kind), "{operation}");
    }
}

proptest! {
    #[test]
    fn any_path_is_answered(path in "[a-zA-Z:.\\[\\]\" ]{0,30}", op in 0..3_usize) {
        let op = ["add", "replace", "remove"][op];
        let _ = after(json!([{ "op": op, "path": path, "value": "x" }]));
    }
}
