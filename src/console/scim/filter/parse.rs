//! From the text of a filter to a tree. `and` binds closer than `or`, `not` closest.

use super::{Attr, Compare, Filter, Value};
use crate::console::scim::{
    fault::Fault,
    schema::{Attribute, Kind, Resource, named},
};

/// Longest filter, in bytes.
const LONGEST: usize = 8 * 1024;
/// Groups within groups.
const DEEPEST: usize = 32;

/// Where names are looked up.
#[derive(Debug, Clone, Copy)]
enum Names {
    Resource(Resource),
    Parts(&'static [Attribute]),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Open,
    Close,
    OpenWithin,
    CloseWithin,
    Text(String),
    Word(String),
}

/// Reads a filter on a kind of resource.
pub(in crate::console::scim) fn parse(text: &str, resource: Resource) -> Result<Filter, Fault> {
    whole(text, Names::Resource(resource))
}

/// Reads a filter on the parts of an attribute.
pub(in crate::console::scim) fn parse_within(
    text: &str,
    parts: &'static [Attribute],
) -> Result<Filter, Fault> {
    whole(text, Names::Parts(parts))
}

/// Which attribute a name without a filter in it means.
pub(in crate::console::scim) fn attribute(name: &str, resource: Resource) -> Option<Attr> {
    let (extension, rest) = split(name, resource);
    let (first, part) = match rest.split_once('.') {
        Some((first, part)) => (first, Some(part)),
        None => (rest, None),
    };
    let attribute = match extension {
        Some(it) => named(it.attributes.iter(), first)?,
        None => named(resource.top(), first)?,
    };
    let part = match part {
        Some(part) => Some(named(attribute.parts().iter(), part)?),
        None => None,
    };
    Some(Attr { extension, attribute, part })
}

/// The extension that a name begins with, and the rest.
pub(in crate::console::scim) fn split(
    name: &str,
    resource: Resource,
) -> (Option<&'static crate::console::scim::schema::Schema>, &str) {
    let behind = |urn: &str| {
        let rest = name.get(urn.len()..)?.strip_prefix(':')?;
        name.get(..urn.len()).filter(|it| it.eq_ignore_ascii_case(urn)).map(|_| rest)
    };
    let extension = resource.extensions.iter().find_map(|it| Some((Some(*it), behind(it.id)?)));
    extension.unwrap_or_else(|| (None, behind(resource.core.id).unwrap_or(name)))
}

fn whole(text: &str, names: Names) -> Result<Filter, Fault> {
    if LONGEST < text.len() {
        return Err(Fault::filter(format!("has {} bytes; at most {LONGEST} are taken", text.len())));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, names, depth: 0 };
    let filter = parser.either()?;
    match parser.next() {
        None => Ok(filter),
        Some(more) => Err(Fault::filter(format!("{} was not expected there", shown(&more)))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    names: Names,
    depth: usize,
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn is_next(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token::Word(it)) if it.eq_ignore_ascii_case(word))
    }

    fn either(&mut self) -> Result<Filter, Fault> {
        let mut filter = self.both()?;
        while self.is_next("or") {
            self.at += 1;
            filter = Filter::Or(Box::new(filter), Box::new(self.both()?));
        }
        Ok(filter)
    }

    fn both(&mut self) -> Result<Filter, Fault> {
        let mut filter = self.one()?;
        while self.is_next("and") {
            self.at += 1;
            filter = Filter::And(Box::new(filter), Box::new(self.one()?));
        }
        Ok(filter)
    }

    fn one(&mut self) -> Result<Filter, Fault> {
        if self.is_next("not") && matches!(self.tokens.get(self.at + 1), Some(Token::Open)) {
            self.at += 1;
            return Ok(Filter::Not(Box::new(self.one()?)));
        }
        match self.next() {
            Some(Token::Open) => self.group(&Token::Close, ")"),
            Some(Token::Word(name)) => self.condition(&name),
            Some(other) => Err(Fault::filter(format!("expected an attribute, found {}", shown(&other)))),
            None => Err(Fault::filter("ends where an attribute was expected")),
        }
    }

    fn group(&mut self, close: &Token, sign: &str) -> Result<Filter, Fault> {
        self.depth += 1;
        if DEEPEST < self.depth {
            return Err(Fault::filter(format!("has groups in groups, more than {DEEPEST} deep")));
        }
        let filter = self.either()?;
        self.depth -= 1;
        match self.next() {
            Some(it) if it == *close => Ok(filter),
            Some(_) | None => Err(Fault::filter(format!("a `{sign}` is missing"))),
        }
    }

    fn condition(&mut self, name: &str) -> Result<Filter, Fault> {
        let attr = self.named(name)?;
        if self.tokens.get(self.at) == Some(&Token::OpenWithin) {
            self.at += 1;
            return self.within(attr, name);
        }
        let Some(Token::Word(operator)) = self.next() else {
            return Err(Fault::filter(format!("expected an operator behind `{name}`")));
        };
        let operator = operator.to_ascii_lowercase();
        if operator == "pr" {
            return Ok(Filter::Present(attr));
        }
        let compare = compare(&operator)?;
        let value = self.value(&operator)?;
        let kind = attr.part.unwrap_or(attr.attribute).kind;
        let is_ordered = !matches!(compare, Compare::Equal | Compare::NotEqual);
        if kind == Kind::Flag && is_ordered {
            return Err(Fault::filter(format!(
                "`{name}` is true or false, which `{operator}` does not order"
            )));
        }
        Ok(Filter::Compare(attr, compare, value))
    }

    fn within(&mut self, attr: Attr, name: &str) -> Result<Filter, Fault> {
        let parts = attr.attribute.parts();
        if parts.is_empty() || attr.part.is_some() {
            return Err(Fault::filter(format!("`{name}` has no parts that could be compared")));
        }
        let names = std::mem::replace(&mut self.names, Names::Parts(parts));
        let filter = self.group(&Token::CloseWithin, "]")?;
        self.names = names;
        Ok(Filter::Within(attr, Box::new(filter)))
    }

    fn named(&self, name: &str) -> Result<Attr, Fault> {
        let found = match self.names {
            Names::Resource(resource) => attribute(name, resource),
            Names::Parts(parts) => {
                named(parts.iter(), name).map(|it| Attr { extension: None, attribute: it, part: None })
            }
        };
        found.ok_or_else(|| Fault::filter(format!("there is no attribute `{name}`")))
    }

    fn value(&mut self, operator: &str) -> Result<Value, Fault> {
        let Some(token) = self.next() else {
            return Err(Fault::filter(format!("ends where a value for `{operator}` was expected")));
        };
        match token {
            Token::Text(text) => Ok(Value::Text(text)),
            Token::Word(word) if word.eq_ignore_ascii_case("true") => Ok(Value::Flag(true)),
            Token::Word(word) if word.eq_ignore_ascii_case("false") => Ok(Value::Flag(false)),
            Token::Word(word) if word.eq_ignore_ascii_case("null") => Ok(Value::Nothing),
            Token::Word(word) => match word.parse() {
                Ok(number) => Ok(Value::Number(number)),
                Err(_) => Err(Fault::filter(format!("`{word}` is no value; texts stand in double quotes"))),
            },
            Token::Open | Token::Close | Token::OpenWithin | Token::CloseWithin => {
                Err(Fault::filter(format!("expected a value, found {}", shown(&token))))
            }
        }
    }
}

fn compare(operator: &str) -> Result<Compare, Fault> {
    Ok(match operator {
        "eq" => Compare::Equal,
        "ne" => Compare::NotEqual,
        "co" => Compare::Contains,
        "sw" => Compare::Begins,
        "ew" => Compare::Ends,
        "gt" => Compare::Greater,
        "ge" => Compare::GreaterOrEqual,
        "lt" => Compare::Less,
        "le" => Compare::LessOrEqual,
        other => {
            let known = "eq, ne, co, sw, ew, gt, ge, lt, le, pr";
            return Err(Fault::filter(format!("`{other}` is no operator; there are {known}")));
        }
    })
}

fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = vec![];
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let sign = match first {
            '(' => Some(Token::Open),
            ')' => Some(Token::Close),
            '[' => Some(Token::OpenWithin),
            ']' => Some(Token::CloseWithin),
            _ => None,
        };
        let (token, length) = match (sign, first) {
            (Some(sign), _) => (sign, 1),
            (None, '"') => quoted(rest)?,
            (None, _) => {
                let ends = |it: char| it.is_whitespace() || matches!(it, '(' | ')' | '[' | ']' | '"');
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest[..length].to_owned()), length)
            }
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// A text in quotes, with the escapes of JSON.
fn quoted(rest: &str) -> Result<(Token, usize), Fault> {
    let mut is_escaped = false;
    for (at, it) in rest.char_indices().skip(1) {
        match it {
            '"' if !is_escaped => {
                let text = serde_json::from_str(&rest[..=at]);
                let text = text.map_err(|_| Fault::filter(format!("{} is no text", &rest[..=at])))?;
                return Ok((Token::Text(text), at + 1));
            }
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    Err(Fault::filter("a quote is never closed"))
}

fn shown(token: &Token) -> String {
    match token {
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::OpenWithin => "`[`".to_owned(),
        Token::CloseWithin => "`]`".to_owned(),
        Token::Text(text) => format!("the text {text:?}"),
        Token::Word(word) => format!("`{word}`"),
    }
}
