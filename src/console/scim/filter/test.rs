//! Whether a resource fits a filter.

use serde_json::Value as Json;

use super::{Attr, Compare, Filter, Value};
use crate::console::scim::schema::Attribute;

impl Filter {
    /// Whether a resource fits, or, within an attribute, one of its values.
    pub(in crate::console::scim) fn fits(&self, resource: &Json) -> bool {
        match self {
            Self::And(a, b) => a.fits(resource) && b.fits(resource),
            Self::Or(a, b) => a.fits(resource) || b.fits(resource),
            Self::Not(it) => !it.fits(resource),
            Self::Present(attr) => values(*attr, resource).iter().any(|it| is_there(it)),
            Self::Within(attr, filter) => values(*attr, resource).iter().any(|it| filter.fits(it)),
            Self::Compare(attr, Compare::NotEqual, value) => {
                !any(*attr, resource, |it, exact| is(it, Compare::Equal, value, exact))
            }
            Self::Compare(attr, Compare::Equal, Value::Nothing) => {
                !values(*attr, resource).iter().any(|it| is_there(it))
            }
            Self::Compare(attr, compare, value) => {
                any(*attr, resource, |it, exact| is(it, *compare, value, exact))
            }
        }
    }
}

/// All values of an attribute, or of a part of it.
fn values(attr: Attr, resource: &Json) -> Vec<&Json> {
    let holder = match attr.extension {
        Some(extension) => resource.get(extension.id),
        None => Some(resource),
    };
    let Some(value) = holder.and_then(|it| it.get(attr.attribute.name)) else { return vec![] };
    let each: Vec<&Json> = value.as_array().map_or_else(|| vec![value], |all| all.iter().collect());
    match attr.part {
        Some(part) => each.into_iter().filter_map(|it| it.get(part.name)).collect(),
        None => each,
    }
}

/// Whether a value fits; that of something with parts is its `value`.
fn any(attr: Attr, resource: &Json, fits: impl Fn(&Json, bool) -> bool) -> bool {
    let own = attr.part.unwrap_or(attr.attribute);
    let value = own.parts().iter().find(|it| it.name == "value");
    let exact = value.map_or(own.exact, |it: &Attribute| it.exact);
    values(attr, resource).into_iter().any(|it| match (value, it.get("value")) {
        (Some(_), Some(inner)) => fits(inner, exact),
        (_, _) => fits(it, exact),
    })
}

fn is_there(value: &Json) -> bool {
    match value {
        Json::Null => false,
        Json::String(it) => !it.is_empty(),
        Json::Array(it) => !it.is_empty(),
        Json::Object(it) => !it.is_empty(),
        Json::Bool(_) | Json::Number(_) => true,
    }
}

fn is(found: &Json, compare: Compare, value: &Value, exact: bool) -> bool {
    match (found, value) {
        (Json::String(a), Value::Text(b)) if exact => texts(a, compare, b),
        (Json::String(a), Value::Text(b)) => texts(&a.to_lowercase(), compare, &b.to_lowercase()),
        (Json::Bool(a), Value::Flag(b)) => compare == Compare::Equal && a == b,
        // "True" and "False", as some write them.
        (Json::Bool(a), Value::Text(b)) => {
            compare == Compare::Equal && b.eq_ignore_ascii_case(&a.to_string())
        }
        (Json::Number(a), Value::Number(b)) => a.as_f64().is_some_and(|a| numbers(a, compare, *b)),
        (_, _) => false,
    }
}

fn texts(a: &str, compare: Compare, b: &str) -> bool {
    match compare {
        Compare::Equal => a == b,
        Compare::NotEqual => a != b,
        Compare::Contains => a.contains(b),
        Compare::Begins => a.starts_with(b),
        Compare::Ends => a.ends_with(b),
        Compare::Greater => a > b,
        Compare::GreaterOrEqual => a >= b,
        Compare::Less => a < b,
        Compare::LessOrEqual => a <= b,
    }
}

fn numbers(a: f64, compare: Compare, b: f64) -> bool {
    match compare {
        Compare::Equal => a == b,
        Compare::NotEqual => a != b,
        Compare::Greater => a > b,
        Compare::GreaterOrEqual => a >= b,
        Compare::Less => a < b,
        Compare::LessOrEqual => a <= b,
        Compare::Contains | Compare::Begins | Compare::Ends => false,
    }
}
