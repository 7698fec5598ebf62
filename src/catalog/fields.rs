//! The fields of a template: what is asked, what may be answered, and when it must be.

use std::collections::BTreeMap;

use super::{
    fault::quoted,
    item::{Item, Map},
    outline::{Outline, ids},
    sections::Noun,
    services::money,
    yaml::Node,
};
use crate::domain::{
    field::{Choice, Field, FieldKind, FieldValue, Pattern, Required, When},
    priority::{Impact, Urgency},
    profile::Known,
};

/// Fields of one template; nobody answers more questions in a chat.
const FIELDS: usize = 30;
/// Options of one choice.
const OPTIONS: usize = 200;
/// Synonyms of one option.
const SYNONYMS: usize = 200;
/// Longest label and synonym, in characters.
const LABEL: usize = 80;
/// Longest question.
const QUESTION: usize = 300;
/// Longest advice of an option: one or two sentences.
const ADVICE: usize = 400;
/// Longest text that a field may ask for.
const TEXT: u32 = 4_000;
/// Longest text unless the field says otherwise.
const USUAL_TEXT: usize = 500;
/// A number lies between this and its opposite.
const NUMBER: f64 = 1e12;

pub(super) const TYPES: [&str; 7] = ["text", "choice", "number", "date_time", "asset", "person", "location"];
/// Types of assets that one field may ask for.
const TYPES_ASKED: usize = 200;
/// Longest pattern and example.
const PATTERN: usize = 200;

/// Keys that only fields of some types have.
const OF_TYPES: [&str; 7] = ["options", "min", "max", "cues", "pattern", "example", "asset_types"];
const KEYS: [&str; 15] = [
    "id",
    "type",
    "label",
    "ask",
    "required",
    "required_when",
    "default",
    "options",
    "min",
    "max",
    "cues",
    "pattern",
    "example",
    "from",
    "asset_types",
];

/// The fields of a template by their ids, as they are written.
pub(super) type Siblings<'a> = BTreeMap<&'a str, &'a Node>;

/// The fields of a template as they are written.
pub(super) fn siblings<'a>(template: &Item<'a>) -> Siblings<'a> {
    let list = template.peek("fields").map_or(&[][..], |it| it.node().list());
    list.iter().filter_map(|it| Some((it.get("id")?.text()?, it))).collect()
}

pub(super) fn fields(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<Field>> {
    let items = item.list(FIELDS)?;
    let siblings = ids(&items, "field of this template");
    let fields: Vec<_> = items.iter().filter_map(|it| field(it, &siblings, outline)).collect();
    (fields.len() == items.len()).then_some(fields)
}

/// The ids of the options of a field as it is written; none unless it is a choice.
pub(super) fn option_ids(field: &Node) -> Option<Vec<&str>> {
    let choice = field.get("type").and_then(Node::text) == Some("choice");
    let ids = || field.get("options")?.list().iter().map(|it| it.get("id")?.text()).collect();
    choice.then(ids).flatten()
}

fn field(item: &Item<'_>, siblings: &Siblings<'_>, outline: &Outline<'_>) -> Option<Field> {
    let map = item.map(&KEYS)?;
    let id = map.need("id").and_then(|it| it.id());
    let kind =
        map.need("type").and_then(|it| it.word(&TYPES, |it| it)).and_then(|it| kind(&map, it, outline));
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let ask = map.need("ask").and_then(|it| it.bilingual(QUESTION));
    let required = required(&map, siblings);
    let default = default(&map, kind.as_ref());
    let cues = map.get("cues").map_or(Some(vec![]), |it| it.one_or_more(SYNONYMS)).unwrap_or_default();
    let cues = cues.iter().filter_map(|it| it.text(LABEL)).map(|it| it.to_lowercase()).collect();
    let kind = kind?;
    let from = map.optional("from", |it| from(it, &kind));
    Some(Field {
        id: id?,
        label: label?,
        ask: ask?,
        required: required?,
        default: default?,
        cues,
        from: from?,
        kind,
    })
}

/// What a field takes from the directory of people: what a field of its type can hold.
fn from(item: &Item<'_>, kind: &FieldKind) -> Option<Known> {
    let known = item.word(&Known::ALL, Known::as_str)?;
    let fits = match kind {
        FieldKind::Text { .. } | FieldKind::Choice(_) => true,
        FieldKind::Location => known == Known::Location,
        FieldKind::Person => known == Known::Name,
        FieldKind::Asset { .. } => known == Known::Asset,
        FieldKind::Number { .. } | FieldKind::DateTime => false,
    };
    if !fits {
        let (word, kind) = (known.as_str(), kind.as_str());
        item.fault(format!("a field of type {kind} cannot hold a {word}; a field of type text can"));
    }
    fits.then_some(known)
}

/// What a field of a type may hold, by the keys beside its type.
pub(super) fn kind(map: &Map<'_>, name: &str, outline: &Outline<'_>) -> Option<FieldKind> {
    let takes: &[&str] = match name {
        "choice" => &["options"],
        "text" => &["min", "max", "cues", "pattern", "example"],
        "number" => &["min", "max"],
        "person" => &["cues"],
        "asset" => &["asset_types"],
        _ => &[],
    };
    for key in OF_TYPES.iter().filter(|key| !takes.contains(key)) {
        if let Some(item) = map.get(key) {
            item.fault(format!("a field of type {name} has no `{key}`; take it out"));
        }
    }
    match name {
        "text" => text(map),
        "choice" => map.need("options").and_then(|it| options(&it)).map(FieldKind::Choice),
        "number" => number(map),
        "date_time" => Some(FieldKind::DateTime),
        "asset" => asset(map, outline),
        "person" => Some(FieldKind::Person),
        // `TYPES` has nothing else.
        _ => Some(FieldKind::Location),
    }
}

fn asset(map: &Map<'_>, outline: &Outline<'_>) -> Option<FieldKind> {
    let items = map.get("asset_types").map_or(Some(vec![]), |it| it.one_or_more(TYPES_ASKED))?;
    let of: Vec<_> = items.iter().filter_map(|it| outline.refer(it, Noun::AssetType)).collect();
    (of.len() == items.len()).then_some(FieldKind::Asset { of })
}

fn text(map: &Map<'_>) -> Option<FieldKind> {
    let min = map.get("min").map_or(Some(1), |it| it.count(TEXT));
    let max = map.get("max").map_or(Some(USUAL_TEXT), |it| it.count(TEXT));
    let pattern = pattern(map);
    let (min, max) = (min?.max(1), max?);
    if max < min {
        map.item().fault(format!("no text has at least {min} and at most {max} characters; swap the bounds"));
        return None;
    }
    Some(FieldKind::Text { min, max, pattern: pattern? })
}

/// What a text must look like. People are shown the example, so a pattern has one.
fn pattern(map: &Map<'_>) -> Option<Option<Pattern>> {
    let example = map.optional("example", |it| it.text(PATTERN))?;
    match (map.get("pattern"), example) {
        (None, None) => Some(None),
        (None, Some(_)) => {
            map.item().fault("has an `example` and no `pattern`; an example shows what a pattern takes");
            None
        }
        (Some(_), None) => map.need("example").and(None),
        (Some(item), Some(example)) => match Pattern::new(&item.text(PATTERN)?, &example) {
            Ok(pattern) => Some(Some(pattern)),
            Err(why) => {
                item.fault(why.to_string());
                None
            }
        },
    }
}

/// What a field has if nothing is said, as its type has it.
fn default(map: &Map<'_>, kind: Option<&FieldKind>) -> Option<Option<FieldValue>> {
    let Some(item) = map.get("default") else { return Some(None) };
    if map.get("required_when").is_some() || map.get("required").is_some() {
        item.fault("a field with a default is never asked for; take out `required` or `required_when`");
        return None;
    }
    let value = match kind? {
        FieldKind::Text { .. } => FieldValue::Text(item.text(USUAL_TEXT)?),
        FieldKind::Choice(_) => FieldValue::Choice(item.text(LABEL)?),
        FieldKind::Number { .. } => FieldValue::Number(item.number()?),
        FieldKind::Location => FieldValue::Location(item.text(LABEL)?),
        FieldKind::DateTime | FieldKind::Asset { .. } | FieldKind::Person => {
            item.fault(
                "a point in time, an asset or a person is another one each time; take the default out",
            );
            return None;
        }
    };
    match kind?.check(value) {
        Ok(value) => Some(Some(value)),
        Err(why) => {
            item.fault(format!("{why}"));
            None
        }
    }
}

fn number(map: &Map<'_>) -> Option<FieldKind> {
    let bound = |key: &str, usual: f64| match map.get(key) {
        None => Some(usual),
        Some(item) => {
            let number = item.number()?;
            if number.abs() > NUMBER {
                item.fault(format!("bounds lie between -{NUMBER:e} and {NUMBER:e}"));
            }
            Some(number)
        }
    };
    let (min, max) = (bound("min", -NUMBER), bound("max", NUMBER));
    let (min, max) = (min?, max?);
    if max < min {
        map.item().fault(format!("no number is at least {min} and at most {max}; swap the bounds"));
        return None;
    }
    Some(FieldKind::Number { min, max })
}

fn options(item: &Item<'_>) -> Option<Vec<Choice>> {
    let items = item.list(OPTIONS)?;
    if items.is_empty() {
        item.fault("a choice needs options; give at least one");
        return None;
    }
    ids(&items, "option of this field");
    let mut words = Words::default();
    let options: Vec<_> = items.iter().filter_map(|it| option(it, &mut words)).collect();
    (options.len() == items.len()).then_some(options)
}

fn option<'a>(item: &Item<'a>, words: &mut Words<'a>) -> Option<Choice> {
    let map = item.map(&["id", "label", "synonyms", "urgency", "impact", "advice", "price"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let synonyms = map.get("synonyms").and_then(|it| it.list(SYNONYMS)).unwrap_or_default();
    let read = |it: &Item<'a>| it.text(LABEL).inspect(|word| words.add(word, item, it));
    let synonyms = synonyms.iter().filter_map(read).collect();
    let (id, label) = (id?, label?);
    for word in [&id, &label.en, &label.zh] {
        words.add(word, item, item);
    }
    let mut choice = Choice::new(id, label, synonyms);
    choice.urgency = map.get("urgency").and_then(|it| it.word(&Urgency::ALL, Urgency::as_str));
    choice.impact = map.get("impact").and_then(|it| it.word(&Impact::ALL, Impact::as_str));
    choice.price = map.get("price").and_then(|it| money(&it));
    choice.advice = map.get("advice").and_then(|it| it.bilingual(ADVICE));
    Some(choice)
}

/// The words of a choice. One that two options share would say nothing.
#[derive(Debug, Default)]
struct Words<'a> {
    owners: BTreeMap<String, Item<'a>>,
}

impl<'a> Words<'a> {
    fn add(&mut self, word: &str, option: &Item<'a>, at: &Item<'a>) {
        let owner = self.owners.entry(word.to_lowercase()).or_insert_with(|| option.clone());
        if !std::ptr::eq(owner.node(), option.node()) {
            let (file, line) = owner.place();
            at.fault(format!("{} stands for another option already ({file}:{line}); keep one", quoted(word)));
        }
    }
}

fn required(map: &Map<'_>, siblings: &Siblings<'_>) -> Option<Required> {
    match (map.get("required"), map.get("required_when")) {
        (None, None) => Some(Required::No),
        (Some(item), None) => item.flag().map(|it| if it { Required::Yes } else { Required::No }),
        (None, Some(item)) => when(&item, Some(map.item().node()), siblings).map(Required::When),
        (Some(_), Some(item)) => {
            item.fault("a field is either `required` or `required_when`; take one out");
            None
        }
    }
}

/// That another field has one of some values; `own` is the field that asks, if one does.
pub(super) fn when(item: &Item<'_>, own: Option<&Node>, siblings: &Siblings<'_>) -> Option<When> {
    let map = item.map(&["field", "is"])?;
    let at = map.need("field");
    let other = at.as_ref().and_then(|it| it.id());
    let values = map.need("is").and_then(|it| it.one_or_more(OPTIONS));
    let (at, other, values) = (at?, other?, values?);
    let is_own = |it: &Node| own.is_some_and(|own| std::ptr::eq(it, own));
    let Some(node) = siblings.get(other.as_str()).filter(|it| !is_own(it)) else {
        let others = siblings.iter().filter(|(_, it)| !is_own(it)).map(|(id, _)| *id);
        let what = if own.is_some() { "there is no other field" } else { "the template has no field" };
        at.unknown(what, &other, others);
        return None;
    };
    let options = option_ids(node);
    let known = |it: &Item<'_>| {
        let value = it.text(LABEL)?;
        match &options {
            Some(options) if !options.contains(&value.as_str()) => {
                it.unknown(&format!("{} has no option", quoted(&other)), &value, options.iter().copied());
                None
            }
            Some(_) | None => Some(value),
        }
    };
    let any: Vec<_> = values.iter().filter_map(known).collect();
    (any.len() == values.len()).then_some(When { field: other, any })
}
