//! One value of a file together with its place: what readers ask for what they need, and what tells
//! the owner where they did not find it.

use super::{
    Fault,
    fault::{Faults, quoted},
    nearest::advice,
    yaml::{Key, Node, Value},
};

/// A value and its place.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    faults: &'a Faults,
    file: &'a str,
    field: String,
    node: &'a Node,
}

/// A map of which only known keys are asked.
#[derive(Debug)]
pub(super) struct Map<'a> {
    item: Item<'a>,
    pairs: &'a [(Key, Node)],
}

impl<'a> Item<'a> {
    /// The whole of a file.
    pub(super) fn root(faults: &'a Faults, file: &'a str, node: &'a Node) -> Self {
        Self { faults, file, field: String::new(), node }
    }

    /// The tree below, for a look without faults.
    pub(super) fn node(&self) -> &'a Node {
        self.node
    }

    /// File and line.
    pub(super) fn place(&self) -> (&'a str, u32) {
        (self.file, self.node.line)
    }

    /// The value of a key, for a look without faults.
    pub(super) fn peek(&self, key: &str) -> Option<Self> {
        let node = self.node.get(key)?;
        Some(Self { field: self.path_of(key), node, ..self.clone() })
    }

    /// Says what is wrong here.
    pub(super) fn fault(&self, problem: impl Into<String>) {
        self.fault_at(self.node.line, self.field.clone(), problem.into());
    }

    /// Says that a word is not one of the known ones.
    pub(super) fn unknown<'k>(&self, what: &str, word: &str, known: impl Iterator<Item = &'k str> + Clone) {
        if !self.faults.full() {
            self.fault(format!("{what} {}; {}", quoted(word), advice(word, known)));
        }
    }

    fn fault_at(&self, line: u32, field: String, problem: String) {
        self.faults.add(Fault { file: self.file.to_owned(), line, field, problem });
    }

    /// Says that something else was expected, in words for what is there.
    pub(super) fn expected(&self, what: &str) {
        self.fault(match &self.node.value {
            Value::Nothing => format!("is empty; expected {what}"),
            Value::Flag(it) => format!("YAML reads {it} as yes or no; expected {what} (quotes make it text)"),
            Value::Number(it) => {
                format!("YAML reads {it} as a number; expected {what} (quotes make it text)")
            }
            Value::Text(it) => format!("{} is text; expected {what}", quoted(it)),
            Value::List(_) => format!("is a list; expected {what}"),
            Value::Map(_) => format!("is a map of keys; expected {what}"),
        });
    }

    /// A map with no other keys than these, none of them twice.
    pub(super) fn map(&self, known: &[&str]) -> Option<Map<'a>> {
        let map = self.open_map()?;
        for (key, _) in map.pairs.iter().filter(|(key, _)| !known.contains(&key.name.as_str())) {
            if !self.faults.full() {
                let advice = advice(&key.name, known.iter().copied());
                self.fault_at(key.line, self.path_of(&key.name), format!("unknown key; {advice}"));
            }
        }
        Some(map)
    }

    /// Whether this is a map.
    pub(super) fn is_map(&self) -> bool {
        matches!(self.node.value, Value::Map(_))
    }

    /// A map with any keys, none of them twice.
    pub(super) fn open_map(&self) -> Option<Map<'a>> {
        let Value::Map(pairs) = &self.node.value else {
            self.expected("a map of keys");
            return None;
        };
        let mut seen = std::collections::BTreeMap::new();
        for (key, _) in pairs {
            if let Some(first) = seen.insert(key.name.as_str(), key.line) {
                let problem = format!("is written twice; the first is on line {first}");
                self.fault_at(key.line, self.path_of(&key.name), problem);
            }
        }
        Some(Map { item: self.clone(), pairs })
    }

    /// The elements of a list of at most so many.
    pub(super) fn list(&self, most: usize) -> Option<Vec<Self>> {
        let Value::List(nodes) = &self.node.value else {
            self.expected("a list");
            return None;
        };
        if nodes.len() > most {
            self.fault(format!("has {} entries; at most {most} are allowed", nodes.len()));
            return None;
        }
        let element =
            |(index, node)| Self { field: format!("{}[{index}]", self.field), node, ..self.clone() };
        Some(nodes.iter().enumerate().map(element).collect())
    }

    /// The elements of a list, or one text in place of a list of one.
    pub(super) fn one_or_list(&self, most: usize) -> Option<Vec<Self>> {
        match &self.node.value {
            Value::Text(_) => Some(vec![self.clone()]),
            Value::List(_) | Value::Nothing | Value::Flag(_) | Value::Number(_) | Value::Map(_) => {
                self.list(most)
            }
        }
    }

    /// The same, and at least one.
    pub(super) fn one_or_more(&self, most: usize) -> Option<Vec<Self>> {
        let items = self.one_or_list(most)?;
        if items.is_empty() {
            self.fault("is an empty list; give at least one");
        }
        Some(items)
    }

    fn path_of(&self, key: &str) -> String {
        let key = quoted(key);
        let key = key.trim_matches('`');
        if self.field.is_empty() { key.to_owned() } else { format!("{}.{key}", self.field) }
    }
}

impl<'a> Map<'a> {
    /// The map itself.
    pub(super) fn item(&self) -> &Item<'a> {
        &self.item
    }

    /// The value of a key that may be left out.
    pub(super) fn get(&self, key: &str) -> Option<Item<'a>> {
        let (key, node) = self.pairs.iter().find(|(it, _)| it.name == key)?;
        Some(Item { field: self.item.path_of(&key.name), node, ..self.item.clone() })
    }

    /// What is read from a key that may be left out; nothing at all if it is there and wrong.
    pub(super) fn optional<T>(
        &self,
        key: &str,
        read: impl FnOnce(&Item<'a>) -> Option<T>,
    ) -> Option<Option<T>> {
        self.get(key).map_or(Some(None), |it| read(&it).map(Some))
    }

    /// The value of a key that must be there.
    pub(super) fn need(&self, key: &str) -> Option<Item<'a>> {
        let found = self.get(key);
        if found.is_none() {
            let item = &self.item;
            item.fault_at(item.node.line, item.path_of(key), "is missing".to_owned());
        }
        found
    }

    /// Every key and its value.
    pub(super) fn each(&self) -> impl Iterator<Item = (&'a str, Item<'a>)> {
        self.pairs.iter().map(|(key, node)| {
            let item = Item { field: self.item.path_of(&key.name), node, ..self.item.clone() };
            (key.name.as_str(), item)
        })
    }
}
