//! Types of assets: what they are called, how much hangs on one, and what is kept of them.

use std::collections::BTreeMap;

use super::{
    fault::quoted,
    fields::{TYPES, kind},
    item::Item,
    outline::{Outline, ids},
    sections::{Noun, Sections},
};
use crate::domain::asset::{AssetField, AssetType, Criticality};

/// Longest label and synonym, in characters.
const LABEL: usize = 80;
/// Synonyms of one type.
const SYNONYMS: usize = 200;
/// Fields of one type.
const FIELDS: usize = 50;

/// The types of all files.
pub(super) fn asset_types(sections: &Sections<'_>, outline: &Outline<'_>) -> Vec<AssetType> {
    let mut words = BTreeMap::new();
    sections.items(Noun::AssetType).iter().filter_map(|it| asset_type(it, outline, &mut words)).collect()
}

/// What people call assets, and which type they mean by it. A word of two types would name neither.
type Words<'a> = BTreeMap<String, Item<'a>>;

fn asset_type<'a>(item: &Item<'a>, outline: &Outline<'_>, words: &mut Words<'a>) -> Option<AssetType> {
    let map = item.map(&["id", "label", "synonyms", "called", "criticality", "fields"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let criticality = map.optional("criticality", |it| it.word(&Criticality::ALL, Criticality::as_str));
    let synonyms = map.optional("synonyms", words_of);
    let called = map.optional("called", words_of);
    let fields = map.optional("fields", |it| fields(it, outline));
    let (id, label, synonyms) = (id?, label?, synonyms?.unwrap_or_default());
    for word in [id.replace(['_', '-'], " "), label.en.to_lowercase(), label.zh.to_lowercase()] {
        add(words, &word, item, item);
    }
    for (word, at) in &synonyms {
        add(words, word, item, at);
    }
    let texts = |all: Vec<(String, Item<'_>)>| all.into_iter().map(|it| it.0).collect();
    let (synonyms, called) = (texts(synonyms), texts(called?.unwrap_or_default()));
    let criticality = criticality?.unwrap_or_default();
    Some(AssetType { id, label, synonyms, called, criticality, fields: fields?.unwrap_or_default() })
}

/// Words in lower case, and where each stands.
fn words_of<'a>(item: &Item<'a>) -> Option<Vec<(String, Item<'a>)>> {
    let items = item.list(SYNONYMS)?;
    let texts: Vec<_> =
        items.iter().filter_map(|it| Some((it.text(LABEL)?.to_lowercase(), it.clone()))).collect();
    (texts.len() == items.len()).then_some(texts)
}

fn add<'a>(words: &mut Words<'a>, word: &str, of: &Item<'a>, at: &Item<'a>) {
    let owner = words.entry(word.to_owned()).or_insert_with(|| of.clone());
    if !std::ptr::eq(owner.node(), of.node()) {
        let (file, line) = owner.place();
        at.fault(format!("{} stands for another type already ({file}:{line}); keep one", quoted(word)));
    }
}

fn fields(item: &Item<'_>, outline: &Outline<'_>) -> Option<Vec<AssetField>> {
    let items = item.list(FIELDS)?;
    ids(&items, "field of this type");
    let fields: Vec<_> = items.iter().filter_map(|it| field(it, outline)).collect();
    (fields.len() == items.len()).then_some(fields)
}

fn field(item: &Item<'_>, outline: &Outline<'_>) -> Option<AssetField> {
    let map =
        item.map(&["id", "type", "label", "options", "min", "max", "pattern", "example", "asset_types"])?;
    let id = map.need("id").and_then(|it| it.id());
    let label = map.need("label").and_then(|it| it.bilingual(LABEL));
    let kind =
        map.need("type").and_then(|it| it.word(&TYPES, |it| it)).and_then(|it| kind(&map, it, outline));
    Some(AssetField { id: id?, label: label?, kind: kind? })
}
