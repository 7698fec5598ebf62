//! Between an entry of the directory and a resource as clients see it.

use serde_json::{Map, Value, json};

use super::{
    fault::Fault,
    filter::split,
    schema::{Attribute, ENTERPRISE, GROUP, Kind, Mutability, Resource, USER, named},
};
use crate::{
    desk::people::PersonRef,
    domain::profile::{Contact, Details, Profile},
};

/// A resource as it is sent in: only attributes that are known and may be written, under their own names.
pub(super) fn written(body: &Value, resource: Resource) -> Result<Map<String, Value>, Fault> {
    let Value::Object(body) = body else { return Err(Fault::syntax("the body must be a JSON object")) };
    let mut all = Map::new();
    for (key, value) in body {
        put(&mut all, key, value, resource)?;
    }
    Ok(all)
}

/// Sets what a key names, be it an attribute, one of an extension, or an extension as a whole. What is not known, or
/// not for clients to write, is passed over.
fn put(all: &mut Map<String, Value>, key: &str, value: &Value, resource: Resource) -> Result<(), Fault> {
    if let Some(extension) = resource.extension(key) {
        let Value::Object(parts) = value else { return Ok(()) };
        let mut inner = Map::new();
        for (key, value) in parts {
            if let Some(attribute) = named(extension.attributes.iter(), key) {
                set(&mut inner, attribute, value)?;
            }
        }
        if !inner.is_empty() {
            all.insert(extension.id.to_owned(), Value::Object(inner));
        }
        return Ok(());
    }
    let (extension, name) = split(key, resource);
    match extension {
        Some(extension) => {
            let Some(attribute) = named(extension.attributes.iter(), name) else { return Ok(()) };
            let inner = all.entry(extension.id).or_insert_with(|| json!({}));
            inner.as_object_mut().map_or(Ok(()), |it| set(it, attribute, value))
        }
        None => named(resource.top(), name).map_or(Ok(()), |it| set(all, it, value)),
    }
}

fn set(to: &mut Map<String, Value>, attribute: &Attribute, value: &Value) -> Result<(), Fault> {
    if attribute.mutability == Mutability::ReadOnly {
        return Ok(());
    }
    if let Some(value) = normal(attribute, value)? {
        to.insert(attribute.name.to_owned(), value);
    }
    Ok(())
}

/// A value in the form that its attribute has; nothing for an empty one.
pub(super) fn normal(attribute: &Attribute, value: &Value) -> Result<Option<Value>, Fault> {
    if !attribute.multi {
        return one(attribute, value);
    }
    let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut all = vec![];
    for value in values {
        all.extend(one(attribute, value)?);
    }
    Ok(Some(Value::Array(all)).filter(|it| it.as_array().is_some_and(|it| !it.is_empty())))
}

/// One value in the form that its attribute has.
pub(super) fn one(attribute: &Attribute, value: &Value) -> Result<Option<Value>, Fault> {
    let expected = |what: &str| Fault::value(format!("`{}` must be {what}", attribute.name));
    match (attribute.kind, value) {
        (_, Value::Null) => Ok(None),
        (Kind::Text | Kind::Reference | Kind::Time, Value::String(text)) => {
            Ok(Some(text.trim()).filter(|it| !it.is_empty()).map(|it| json!(it)))
        }
        (Kind::Text | Kind::Reference | Kind::Time, _) => Err(expected("a text")),
        (Kind::Flag, Value::Bool(it)) => Ok(Some(json!(it))),
        // As Entra ID writes it.
        (Kind::Flag, Value::String(it)) if it.eq_ignore_ascii_case("true") => Ok(Some(json!(true))),
        (Kind::Flag, Value::String(it)) if it.eq_ignore_ascii_case("false") => Ok(Some(json!(false))),
        (Kind::Flag, _) => Err(expected("true or false")),
        (Kind::Complex(parts), Value::Object(object)) => {
            let mut all = Map::new();
            for (key, value) in object {
                if let Some(part) = named(parts.iter(), key) {
                    set(&mut all, part, value)?;
                }
            }
            Ok(Some(Value::Object(all)).filter(|it| it.as_object().is_some_and(|it| !it.is_empty())))
        }
        // A manager by their id alone.
        (Kind::Complex(parts), Value::String(text)) if named(parts.iter(), "value").is_some() => {
            Ok(Some(json!({ "value": text })).filter(|_| !text.is_empty()))
        }
        (Kind::Complex(_), _) => Err(expected("an object")),
    }
}

/// What a resource says of somebody. What SCIM has no words for, assets and who is a VIP, stays as `before` has it.
pub(super) fn details(
    resource: &Map<String, Value>,
    before: Option<&Details>,
) -> Result<(Details, Option<PersonRef>), Fault> {
    let text = |it: Option<&Value>| it.and_then(Value::as_str).unwrap_or_default().to_owned();
    let own = |name: &str| text(resource.get(name));
    let name = |part: &str| text(resource.get("name").and_then(|it| it.get(part)));
    let extended = |name: &str| resource.get(ENTERPRISE).and_then(|it| it.get(name));
    let user_name = own("userName");
    if user_name.is_empty() {
        return Err(Fault::value("`userName` is required"));
    }
    let details = Details {
        user_name,
        external_id: own("externalId"),
        display_name: own("displayName"),
        formatted_name: name("formatted"),
        given_name: name("givenName"),
        family_name: name("familyName"),
        title: own("title"),
        emails: contacts(resource.get("emails")),
        phones: contacts(resource.get("phoneNumbers")),
        employee_number: text(extended("employeeNumber")),
        department: text(extended("department")),
        cost_centre: text(extended("costCenter")),
        location: location(resource.get("addresses")),
        language: own("preferredLanguage"),
        time_zone: own("timezone"),
        manager: None,
        assets: before.map_or_else(Vec::new, |it| it.assets.clone()),
        vip: before.is_some_and(|it| it.vip),
        active: resource
            .get("active")
            .and_then(Value::as_bool)
            .unwrap_or_else(|| before.is_none_or(|it| it.active)),
    };
    Ok((details, manager(extended("manager"))?))
}

fn manager(value: Option<&Value>) -> Result<Option<PersonRef>, Fault> {
    let Some(value) = value else { return Ok(None) };
    let part = |name: &str| value.get(name).and_then(Value::as_str);
    let named = part("value").or_else(|| part("$ref").and_then(|it| it.rsplit('/').next()));
    let Some(id) = named else { return Ok(None) };
    let wrong = |_| Fault::value(format!("`manager` must name the id of a User; `{id}` is none"));
    id.parse().map(PersonRef::Id).map(Some).map_err(wrong)
}

fn contacts(value: Option<&Value>) -> Vec<Contact> {
    let text = |it: &Value, name: &str| it.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let contact = |it: &Value| Contact {
        value: text(it, "value"),
        kind: text(it, "type"),
        primary: it.get("primary").and_then(Value::as_bool).unwrap_or(false),
    };
    value.and_then(Value::as_array).into_iter().flatten().map(contact).collect()
}

/// The address at work, or the one without a type.
fn location(value: Option<&Value>) -> String {
    let is_work = |it: &&Value| it.get("type").and_then(Value::as_str).is_none_or(|it| it == "work");
    let found = value.and_then(Value::as_array).into_iter().flatten().find(is_work);
    found.and_then(|it| it.get("formatted")).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// An entry as clients see it; `base` is where the service is.
pub(super) fn user(it: &Profile, base: &str) -> Value {
    let mut all = core(&it.details);
    let enterprise = enterprise(&it.details, base);
    let mut schemas = vec![USER];
    if !enterprise.is_empty() {
        schemas.push(ENTERPRISE);
    }
    insert(&mut all, ENTERPRISE, enterprise);
    all.insert("schemas".to_owned(), json!(schemas));
    let id = it.id.to_string();
    let meta = json!({
        "resourceType": "User",
        "created": it.created.rfc3339(),
        "lastModified": it.updated.rfc3339(),
        "location": format!("{base}/Users/{id}"),
        "version": etag(it.version),
    });
    all.insert("meta".to_owned(), meta);
    all.insert("id".to_owned(), json!(id));
    Value::Object(all)
}

fn core(details: &Details) -> Map<String, Value> {
    let mut all = object(&[
        ("externalId", &details.external_id),
        ("userName", &details.user_name),
        ("displayName", &details.display_name),
        ("title", &details.title),
        ("preferredLanguage", &details.language),
        ("timezone", &details.time_zone),
    ]);
    let name = object(&[
        ("formatted", &details.formatted_name),
        ("familyName", &details.family_name),
        ("givenName", &details.given_name),
    ]);
    insert(&mut all, "name", name);
    all.insert("active".to_owned(), json!(details.active));
    list(&mut all, "emails", &details.emails);
    list(&mut all, "phoneNumbers", &details.phones);
    if !details.location.is_empty() {
        let address = json!([{ "formatted": details.location, "type": "work" }]);
        all.insert("addresses".to_owned(), address);
    }
    all
}

fn enterprise(details: &Details, base: &str) -> Map<String, Value> {
    let mut all = object(&[
        ("employeeNumber", &details.employee_number),
        ("costCenter", &details.cost_centre),
        ("department", &details.department),
    ]);
    if let Some(manager) = details.manager.map(|it| it.to_string()) {
        let place = format!("{base}/Users/{manager}");
        all.insert("manager".to_owned(), json!({ "value": manager, "$ref": place }));
    }
    all
}

/// A group of the catalogue as clients see it.
pub(super) fn group(id: &str, name: &str, members: &[Profile], base: &str) -> Value {
    let member = |it: &Profile| {
        let id = it.id.to_string();
        json!({ "$ref": format!("{base}/Users/{id}"), "value": id, "display": it.details.name() })
    };
    json!({
        "schemas": [GROUP],
        "id": id,
        "displayName": name,
        "members": members.iter().map(member).collect::<Vec<_>>(),
        "meta": { "resourceType": "Group", "location": format!("{base}/Groups/{id}") },
    })
}

/// A version as an entity tag.
pub(super) fn etag(version: u64) -> String {
    format!("W/\"{version}\"")
}

fn object(texts: &[(&str, &String)]) -> Map<String, Value> {
    let said = texts.iter().filter(|(_, it)| !it.is_empty());
    said.map(|(name, it)| ((*name).to_owned(), json!(it))).collect()
}

fn insert(all: &mut Map<String, Value>, name: &str, value: Map<String, Value>) {
    if !value.is_empty() {
        all.insert(name.to_owned(), Value::Object(value));
    }
}

fn list(all: &mut Map<String, Value>, name: &str, contacts: &[Contact]) {
    let contact = |it: &Contact| {
        let mut one = object(&[("value", &it.value), ("type", &it.kind)]);
        one.insert("primary".to_owned(), json!(it.primary));
        Value::Object(one)
    };
    if !contacts.is_empty() {
        all.insert(name.to_owned(), contacts.iter().map(contact).collect());
    }
}
