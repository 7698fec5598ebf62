//! Every id of a catalogue, known before anything is read in earnest, so that items may name each
//! other in any order and across files.

use std::collections::BTreeMap;

use super::{
    Fault,
    fault::{Faults, quoted},
    item::Item,
    sections::{Noun, Sections},
    yaml::Node,
};
use crate::domain::catalog::FALLBACK;

/// The ids of a catalogue.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    ids: BTreeMap<Noun, BTreeMap<&'a str, &'a Node>>,
    whole: bool,
}

impl<'a> Outline<'a> {
    /// Learns all ids and reports those that are there twice. Unless the catalogue is `whole`, every
    /// id is taken for known.
    pub(super) fn of(sections: &Sections<'a>, whole: bool, faults: &Faults) -> Self {
        let ids: BTreeMap<_, _> =
            Noun::ALL.into_iter().map(|noun| (noun, ids(sections.items(noun), noun.name()))).collect();
        let outline = Self { ids, whole };
        if whole {
            outline.check_whole(faults);
        }
        outline
    }

    /// Reads an id that must be one of a kind.
    pub(super) fn refer(&self, item: &Item<'_>, to: Noun) -> Option<String> {
        let id = item.id()?;
        if self.whole && !self.all(to).contains_key(id.as_str()) {
            item.unknown(&format!("there is no {}", to.name()), &id, self.all(to).keys().copied());
            return None;
        }
        Some(id)
    }

    /// The templates as they are written.
    pub(super) fn templates(&self) -> &BTreeMap<&'a str, &'a Node> {
        self.all(Noun::Template)
    }

    /// The types of assets as they are written.
    pub(super) fn asset_types(&self) -> &BTreeMap<&'a str, &'a Node> {
        self.all(Noun::AssetType)
    }

    /// Whether no file is missing from it.
    pub(super) fn is_whole(&self) -> bool {
        self.whole
    }

    fn all(&self, noun: Noun) -> &BTreeMap<&'a str, &'a Node> {
        // `of` fills in every noun.
        &self.ids[&noun]
    }

    /// What no catalogue can do without: somebody to turn to, and something to open.
    fn check_whole(&self, faults: &Faults) {
        let lacks = |noun: Noun, problem: String| {
            faults.add(Fault { file: String::new(), line: 0, field: noun.key().to_owned(), problem });
        };
        if !self.all(Noun::Template).contains_key(FALLBACK) {
            let why = "it is for what no other fits, and its group looks at what the machine is unsure of";
            lacks(Noun::Template, format!("there must be a template with the id `{FALLBACK}`: {why}"));
        }
    }
}

/// The ids of some items; one that is there already is reported where it comes again.
pub(super) fn ids<'a>(items: &[Item<'a>], what: &str) -> BTreeMap<&'a str, &'a Node> {
    let mut first: BTreeMap<&str, &Item<'a>> = BTreeMap::new();
    for item in items {
        let Some((id, at)) = item.node().get("id").and_then(Node::text).zip(item.peek("id")) else {
            continue;
        };
        if let Some(before) = first.get(id) {
            let (file, line) = before.place();
            at.fault(format!("{} is the id of another {what} already ({file}:{line})", quoted(id)));
        } else {
            first.insert(id, item);
        }
    }
    first.into_iter().map(|(id, item)| (id, item.node())).collect()
}
