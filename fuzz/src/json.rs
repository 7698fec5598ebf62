//! Changes inside a file's metadata.

use arbitrary::Arbitrary;
use serde_json::{Value, json};

use crate::File;

/// What a value may become.
#[derive(Debug, Arbitrary)]
pub enum Replacement {
    Null,
    Bool(bool),
    Whole(i64),
    Count(u64),
    Number(f64),
    Text(String),
    Numbers(Vec<f32>),
    /// What stands elsewhere in the metadata.
    Other(u8),
    /// A member or an item that is not there.
    Empty,
}

impl Replacement {
    /// Puts it in the place of a value.
    pub(crate) fn put(self, file: &mut File, at: usize) {
        let value = match self {
            Self::Null => Value::Null,
            Self::Bool(it) => it.into(),
            Self::Whole(it) => it.into(),
            Self::Count(it) => it.into(),
            Self::Number(it) => it.into(),
            Self::Text(it) => it.into(),
            Self::Numbers(it) => it.into(),
            Self::Other(other) => find(file, other.into()).map_or(Value::Null, |it| it.clone()),
            Self::Empty => {
                return match find(file, at) {
                    Some(Value::Object(members)) => members.clear(),
                    Some(Value::Array(items)) => items.clear(),
                    Some(value) => *value = json!({}),
                    None => {}
                };
            }
        };
        if let Some(place) = find(file, at) {
            *place = value;
        }
    }
}

/// A list gets its first item once more; an object its first member, under the name of a count.
pub(crate) fn double(file: &mut File, at: usize, name: u8) {
    match find(file, at) {
        Some(Value::Array(items)) => items.extend(items.first().cloned()),
        Some(Value::Object(members)) => {
            if let Some(member) = members.values().next().cloned() {
                members.insert(name.to_string(), member);
            }
        }
        _ => {}
    }
}

/// The value that is reached after `at` others, each before what it holds.
fn find(file: &mut File, at: usize) -> Option<&mut Value> {
    let count: usize = file.metadata.iter().map(|(_, value)| size(value)).sum();
    let mut left = at % count.max(1);
    file.metadata.iter_mut().find_map(|(_, value)| descend(value, &mut left))
}

fn size(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 0,
    }
}

fn descend<'a>(value: &'a mut Value, left: &mut usize) -> Option<&'a mut Value> {
    if *left == 0 {
        return Some(value);
    }
    *left -= 1;
    match value {
        Value::Array(items) => items.iter_mut().find_map(|item| descend(item, left)),
        Value::Object(members) => members.values_mut().find_map(|member| descend(member, left)),
        _ => None,
    }
}
