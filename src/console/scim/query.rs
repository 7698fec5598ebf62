//! What is asked for beside the resource itself: a filter, a page, some of the attributes (RFC 7644, 3.4.2 and 3.9).

use serde_json::{Map, Value, json};

use super::{
    discovery::MOST,
    fault::Fault,
    filter::{self, Attr, Filter},
    schema::Resource,
};

/// Resources of a page if the client does not say.
const USUAL: u64 = 100;

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) filter: Option<Filter>,
    /// From 1.
    pub(super) start: u64,
    pub(super) count: u64,
    attributes: Vec<Attr>,
    without: Vec<Attr>,
    /// Some were asked for, known or not.
    only: bool,
}

impl Query {
    /// Reads the part of an address behind the question mark.
    pub(super) fn read(raw: &str, resource: Resource) -> Result<Self, Fault> {
        let pairs = raw.split('&').filter(|it| !it.is_empty());
        let pair = |it: &str| {
            let (name, value) = it.split_once('=').unwrap_or((it, ""));
            Some((decoded(name)?, decoded(value)?))
        };
        let pairs = pairs.map(pair).collect::<Option<Vec<_>>>();
        let pairs = pairs.ok_or_else(|| Fault::syntax("the query is not percent-encoded UTF-8"))?;
        Self::of(pairs.into_iter(), resource)
    }

    /// Reads the body of a search.
    pub(super) fn search(body: &Value, resource: Resource) -> Result<Self, Fault> {
        let Value::Object(body) = body else { return Err(Fault::syntax("the body must be a JSON object")) };
        let text = |value: &Value| {
            let list = |all: &Vec<Value>| all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",");
            let text = value.as_str().map(str::to_owned).or_else(|| value.as_array().map(list));
            text.unwrap_or_else(|| value.to_string())
        };
        Self::of(body.iter().map(|(name, value)| (name.clone(), text(value))), resource)
    }

    fn of(pairs: impl Iterator<Item = (String, String)>, resource: Resource) -> Result<Self, Fault> {
        let mut query = Self { start: 1, count: USUAL, ..Self::default() };
        for (name, value) in pairs {
            match name.to_ascii_lowercase().as_str() {
                "filter" => query.filter = Some(filter::parse(&value, resource)?),
                "startindex" => query.start = number("startIndex", &value)?.max(1),
                "count" => query.count = number("count", &value)?.min(MOST),
                "attributes" => {
                    query.only = true;
                    query.attributes = attributes(&value, resource);
                }
                "excludedattributes" => query.without = attributes(&value, resource),
                // Sorting is not offered, and anything else means nothing.
                _ => {}
            }
        }
        if query.only && !query.without.is_empty() {
            return Err(Fault::value("`attributes` and `excludedAttributes` exclude each other"));
        }
        Ok(query)
    }

    /// What is to be shown of a resource.
    pub(super) fn shown(&self, resource: Value) -> Value {
        let Value::Object(mut all) = resource else { return resource };
        if self.only {
            let mut some = Map::new();
            for name in ["schemas", "id"] {
                if let Some(value) = all.get(name) {
                    some.insert(name.to_owned(), value.clone());
                }
            }
            self.attributes.iter().for_each(|it| copy(*it, &all, &mut some));
            return Value::Object(some);
        }
        for it in self.without.iter().filter(|it| it.attribute.name != "id") {
            let holder = match it.extension {
                Some(schema) => all.get_mut(schema.id).and_then(Value::as_object_mut),
                None => Some(&mut all),
            };
            if let Some(holder) = holder {
                leave_out(*it, holder);
            }
        }
        Value::Object(all)
    }
}

fn attributes(list: &str, resource: Resource) -> Vec<Attr> {
    list.split(',').filter_map(|it| filter::attribute(it.trim(), resource)).collect()
}

fn number(name: &str, value: &str) -> Result<u64, Fault> {
    let number = value.trim().parse::<i64>();
    let number = number.map_err(|_| Fault::value(format!("`{name}` must be a whole number")))?;
    Ok(u64::try_from(number).unwrap_or(0))
}

fn copy(attr: Attr, from: &Map<String, Value>, to: &mut Map<String, Value>) {
    let (from, to) = match attr.extension {
        None => (Some(from), Some(to)),
        Some(schema) => {
            let inner = from.get(schema.id).and_then(Value::as_object);
            let held = to.entry(schema.id).or_insert_with(|| json!({}));
            (inner, held.as_object_mut())
        }
    };
    let (Some(from), Some(to)) = (from, to) else { return };
    let name = attr.attribute.name;
    let Some(value) = from.get(name) else { return };
    let part = |value: &Value| match attr.part {
        Some(part) => value.get(part.name).map_or(json!({}), |it| json!({ part.name: it })),
        None => value.clone(),
    };
    let value = value.as_array().map_or_else(|| part(value), |all| all.iter().map(part).collect());
    to.insert(name.to_owned(), value);
}

fn leave_out(attr: Attr, holder: &mut Map<String, Value>) {
    let name = attr.attribute.name;
    let Some(part) = attr.part else {
        holder.remove(name);
        return;
    };
    match holder.get_mut(name) {
        Some(Value::Object(it)) => {
            it.remove(part.name);
        }
        Some(Value::Array(all)) => all.iter_mut().filter_map(Value::as_object_mut).for_each(|it| {
            it.remove(part.name);
        }),
        Some(_) | None => {}
    }
}

/// Text without its percent signs.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = vec![];
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16).and_then(|it| u8::try_from(it).ok());
                let (high, low) = (digit()?, digit()?);
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::scim::schema::{ENTERPRISE, USERS};

    fn shown(query: &str) -> Value {
        let ada = json!({
            "schemas": [], "id": "ppl_1", "userName": "ada", "name": { "givenName": "Ada", "familyName": "L" },
            "emails": [{ "value": "a@b", "type": "work" }], ENTERPRISE: { "department": "Sales", "costCenter": "1" },
        });
        Query::read(query, USERS).unwrap().shown(ada)
    }

    #[test]
    fn some_attributes_are_shown_and_others_left_out() {
        let it = shown("attributes=username,name.givenName,emails.value");
        let expected = json!({ "schemas": [], "id": "ppl_1", "userName": "ada", "name": { "givenName": "Ada" }, "emails": [{ "value": "a@b" }] });
        assert_eq!(it, expected);
        let it = shown(&format!("attributes={}", format!("{ENTERPRISE}:department").replace(':', "%3A")));
        assert_eq!(it, json!({ "schemas": [], "id": "ppl_1", ENTERPRISE: { "department": "Sales" } }));
        let it = shown("excludedAttributes=emails,name.familyName,id");
        assert_eq!(
            (it.get("emails"), &it["name"], &it["id"]),
            (None, &json!({ "givenName": "Ada" }), &json!("ppl_1"))
        );
    }

    #[test]
    fn pages_are_bounded() {
        let of = |it: &str| Query::read(it, USERS).map(|it| (it.start, it.count));
        assert_eq!(of(""), Ok((1, 100)));
        assert_eq!(of("startIndex=-3&count=5000"), Ok((1, 200)));
        assert_eq!(of("startIndex=7&count=0"), Ok((7, 0)));
        assert!(of("count=many").is_err() && of("filter=%zz").is_err());
        assert!(of("attributes=id&excludedAttributes=userName").is_err());
    }
}
