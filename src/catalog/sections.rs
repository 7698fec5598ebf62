//! The top-level keys of all files, gathered: whoever reads groups need not know which file they are in.

use std::collections::BTreeMap;

use super::{fault::Faults, files::Tree, item::Item, yaml::Value};

/// What a catalogue lists under its top-level keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Noun {
    Service,
    Group,
    Agent,
    Calendar,
    Policy,
    Template,
    Rule,
    SlaRule,
    Supplier,
    Approver,
    AssetType,
    Freeze,
    Maintenance,
}

impl Noun {
    pub(super) const ALL: [Self; 13] = [
        Self::Service,
        Self::Group,
        Self::Agent,
        Self::Calendar,
        Self::Policy,
        Self::Template,
        Self::Rule,
        Self::SlaRule,
        Self::Supplier,
        Self::Approver,
        Self::AssetType,
        Self::Freeze,
        Self::Maintenance,
    ];

    /// The top-level key.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Service => "services",
            Self::Group => "groups",
            Self::Agent => "agents",
            Self::Calendar => "calendars",
            Self::Policy => "sla_policies",
            Self::Template => "templates",
            Self::Rule => "rules",
            Self::SlaRule => "sla_rules",
            Self::Supplier => "suppliers",
            Self::Approver => "approvers",
            Self::AssetType => "asset_types",
            Self::Freeze => "freezes",
            Self::Maintenance => "maintenance_windows",
        }
    }

    /// One of them, in a sentence.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Group => "group",
            Self::Agent => "agent",
            Self::Calendar => "calendar",
            Self::Policy => "SLA policy",
            Self::Template => "template",
            Self::Rule => "rule",
            Self::SlaRule => "SLA rule",
            Self::Supplier => "supplier",
            Self::Approver => "approver",
            Self::AssetType => "asset type",
            Self::Freeze => "freeze period",
            Self::Maintenance => "maintenance window",
        }
    }

    /// How many a catalogue may have.
    fn most(self) -> usize {
        match self {
            Self::Agent | Self::Approver => 20_000,
            Self::Service
            | Self::Group
            | Self::Calendar
            | Self::Policy
            | Self::Template
            | Self::Rule
            | Self::SlaRule
            | Self::Supplier
            | Self::AssetType
            | Self::Freeze
            | Self::Maintenance => 2_000,
        }
    }
}

const MATRIX: &str = "matrix";
const PEOPLE: &str = "people";
const CHANGES: &str = "changes";

/// The items of all files, in the order of the files.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    items: BTreeMap<Noun, Vec<Item<'a>>>,
    matrix: Option<Item<'a>>,
    people: Option<Item<'a>>,
    changes: Option<Item<'a>>,
}

impl<'a> Sections<'a> {
    pub(super) fn of(trees: &'a [Tree<'a>], faults: &'a Faults) -> Self {
        let mut all = Self { items: BTreeMap::new(), matrix: None, people: None, changes: None };
        for tree in trees {
            all.gather(&Item::root(faults, tree.name, &tree.root));
        }
        all
    }

    /// The items of one kind.
    pub(super) fn items(&self, noun: Noun) -> &[Item<'a>] {
        self.items.get(&noun).map_or(&[], Vec::as_slice)
    }

    /// The matrix, if any file has one.
    pub(super) fn matrix(&self) -> Option<&Item<'a>> {
        self.matrix.as_ref()
    }

    /// How the directory of people is used, if any file says so.
    pub(super) fn people(&self) -> Option<&Item<'a>> {
        self.people.as_ref()
    }

    /// What changes go by, if any file says so.
    pub(super) fn changes(&self) -> Option<&Item<'a>> {
        self.changes.as_ref()
    }

    fn gather(&mut self, root: &Item<'a>) {
        // A file or a section with nothing but comments in it is in order.
        if is_empty(root) {
            return;
        }
        let keys: Vec<_> = Noun::ALL.into_iter().map(Noun::key).chain([MATRIX, PEOPLE, CHANGES]).collect();
        let Some(map) = root.map(&keys) else { return };
        for noun in Noun::ALL {
            let Some(section) = map.get(noun.key()).filter(|it| !is_empty(it)) else { continue };
            let items = self.items.entry(noun).or_default();
            let room = noun.most().saturating_sub(items.len());
            items.extend(section.list(room).unwrap_or_default());
        }
        only(MATRIX, map.get(MATRIX), &mut self.matrix);
        only(PEOPLE, map.get(PEOPLE), &mut self.people);
        only(CHANGES, map.get(CHANGES), &mut self.changes);
    }
}

/// Takes what a catalogue has once; where it comes again, the first place is named.
fn only<'a>(key: &str, found: Option<Item<'a>>, kept: &mut Option<Item<'a>>) {
    let Some(item) = found.filter(|it| !is_empty(it) || key == MATRIX) else { return };
    match kept {
        Some(first) => {
            let (file, line) = first.place();
            item.fault(format!("there is a {key} already ({file}:{line}); keep one"));
        }
        None => *kept = Some(item),
    }
}

fn is_empty(item: &Item<'_>) -> bool {
    matches!(item.node().value, Value::Nothing)
}
