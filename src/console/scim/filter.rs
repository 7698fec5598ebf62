//! Filters (RFC 7644, 3.4.2.2): read into a tree whose leaves name attributes that are known, and asked of resources.

mod parse;
mod test;

pub(super) use self::parse::{attribute, parse, parse_within, split};
use super::schema::{Attribute, Schema};

/// A condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    /// An attribute has a value.
    Present(Attr),
    /// An attribute compares with a value.
    Compare(Attr, Compare, Value),
    /// One of several values of an attribute fits a condition on its parts.
    Within(Attr, Box<Filter>),
}

/// Which attribute: of an extension if one is named, and which of its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attr {
    pub(super) extension: Option<&'static Schema>,
    pub(super) attribute: &'static Attribute,
    pub(super) part: Option<&'static Attribute>,
}

impl PartialEq for Attr {
    fn eq(&self, other: &Self) -> bool {
        let id = |it: &Self| (it.extension.map(|it| it.id), it.attribute.name, it.part.map(|it| it.name));
        id(self) == id(other)
    }
}

/// How values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    NotEqual,
    Contains,
    Begins,
    Ends,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What is compared with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Number(f64),
    Nothing,
}

impl Filter {
    /// The text that an attribute at the top must equal for this to hold, if it must equal one: what is looked up by
    /// an index.
    pub(super) fn must_be(&self, name: &str) -> Option<&str> {
        match self {
            Self::Compare(attr, Compare::Equal, Value::Text(text)) => {
                let is_it = attr.extension.is_none() && attr.part.is_none() && attr.attribute.name == name;
                is_it.then_some(text.as_str())
            }
            Self::And(a, b) => a.must_be(name).or_else(|| b.must_be(name)),
            Self::Or(..) | Self::Not(_) | Self::Present(_) | Self::Compare(..) | Self::Within(..) => None,
        }
    }

    /// What the parts must equal for this to hold, if it asks for nothing else.
    pub(super) fn equalities(&self) -> Option<Vec<(&'static Attribute, &Value)>> {
        match self {
            Self::Compare(attr, Compare::Equal, value) => Some(vec![(attr.attribute, value)]),
            Self::And(a, b) => Some(a.equalities()?.into_iter().chain(b.equalities()?).collect()),
            Self::Compare(..) | Self::Or(..) | Self::Not(_) | Self::Present(_) | Self::Within(..) => None,
        }
    }
}

#[cfg(test)]
mod tests;
