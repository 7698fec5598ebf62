//! YAML to a tree that remembers its lines; the only file that knows which crate reads YAML.
//!
//! Nothing is interpreted here: what a key means, and what may be missing, is the readers' matter. So
//! one bad value never hides the next one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DefaultMessageFormatter, DuplicateKeyPolicy, MessageFormatter, Spanned};

use super::fault::Bad;

/// A value and the line that it begins on.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) line: u32,
    pub(super) value: Value,
}

/// What YAML makes of a value.
#[derive(Debug)]
pub(super) enum Value {
    Nothing,
    Flag(bool),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    /// In the order of the file; a key that is written twice is there twice.
    Map(Vec<(Key, Node)>),
}

/// A key and its line.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) line: u32,
    pub(super) name: String,
}

/// Nesting beyond this is no catalogue; the deepest honest path has nine levels.
const DEPTH: usize = 32;
/// Values that aliases may add. An honest file repeats a few lists; a bomb, millions.
const REPEATED: usize = 100_000;

/// Reads one document.
pub(super) fn read(content: &str) -> Result<Node, Bad> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: DEPTH, flow_nesting_limit: DEPTH },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: REPEATED },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options::<Spanned<Value>>(content, options).map(Node::from).map_err(|error| {
        Bad {
            line: error.location().map_or(0, line),
            problem: DefaultMessageFormatter.format_message(&error).into_owned(),
        }
    })
}

impl Node {
    /// The value of a key, if this is a map that has it.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match &self.value {
            Value::Map(pairs) => pairs.iter().find(|(it, _)| it.name == key).map(|(_, node)| node),
            Value::Nothing | Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => None,
        }
    }

    /// The elements, none if this is no list.
    pub(super) fn list(&self) -> &[Self] {
        match &self.value {
            Value::List(nodes) => nodes,
            Value::Nothing | Value::Flag(_) | Value::Number(_) | Value::Text(_) | Value::Map(_) => &[],
        }
    }

    /// The text, if this is one.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text.trim()),
            Value::Nothing | Value::Flag(_) | Value::Number(_) | Value::List(_) | Value::Map(_) => None,
        }
    }
}

impl From<Spanned<Value>> for Node {
    fn from(it: Spanned<Value>) -> Self {
        Self { line: line(it.referenced), value: it.value }
    }
}

fn line(at: serde_saphyr::Location) -> u32 {
    u32::try_from(at.line()).unwrap_or(0)
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Nothing)
    }

    fn visit_bool<E>(self, it: bool) -> Result<Value, E> {
        Ok(Value::Flag(it))
    }

    // Whole numbers beyond 2^53 lose digits here; every number of a catalogue is bounded far below.
    fn visit_i64<E>(self, it: i64) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_u64<E>(self, it: u64) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_i128<E>(self, it: i128) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_u128<E>(self, it: u128) -> Result<Value, E> {
        Ok(Value::Number(it as f64))
    }

    fn visit_f64<E>(self, it: f64) -> Result<Value, E> {
        Ok(Value::Number(it))
    }

    fn visit_str<E>(self, it: &str) -> Result<Value, E> {
        Ok(Value::Text(it.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = seq.next_element::<Spanned<Value>>()? {
            nodes.push(node.into());
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut pairs = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let key = Key { line: line(key.referenced), name: key.value };
            pairs.push((key, map.next_value::<Spanned<Value>>()?.into()));
        }
        Ok(Value::Map(pairs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_file() {
        let root = read("# top\ngroups:\n  - id: a\n    name: 365\n\n  - {id: b, id: c}\n").unwrap();
        let groups = root.get("groups").unwrap().list();
        assert_eq!((groups[0].line, groups[1].line), (3, 6));
        assert_eq!(groups[0].get("name").unwrap().line, 4);
        assert!(matches!(groups[0].get("name").unwrap().value, Value::Number(it) if it == 365.0));
        assert!(matches!(&groups[1].value, Value::Map(pairs) if pairs.len() == 2 && pairs[1].0.line == 6));
    }

    #[test]
    fn a_text_that_is_no_yaml_says_where() {
        let bad = read("groups:\n  - id: [a\n").unwrap_err();
        assert!(bad.line >= 2, "{bad:?}");
        let bad = read("a: 1\n---\nb: 2\n").unwrap_err();
        assert!(bad.problem.contains("multiple"), "{bad:?}");
    }

    #[test]
    fn aliases_cannot_blow_a_file_up() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..9 {
            let last = level - 1;
            bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{last}"); 10].join(", "));
        }
        let bad = read(&bomb).unwrap_err();
        assert!(bad.problem.contains("alias") || bad.problem.contains("budget"), "{bad:?}");
    }

    #[test]
    fn nesting_is_bounded() {
        for deep in ["[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            read(&deep).unwrap_err();
        }
    }

    #[test]
    fn nothing_is_a_document_too() {
        for empty in ["", "\n", "# only words\n", "---\n"] {
            assert!(matches!(read(empty).unwrap().value, Value::Nothing), "{empty:?}");
        }
    }
}
