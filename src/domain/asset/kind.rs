//! Types of assets, as the catalogue has them, and how much hangs on one.

use std::borrow::Cow;

use crate::domain::{field::FieldKind, people::Bilingual, priority::Impact};

/// A type of assets.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssetType {
    /// Its id.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// Other words for it, in any language, lower case.
    pub synonyms: Vec<String>,
    /// Words that employees say of one that is theirs, lower case; other types may have the same.
    pub called: Vec<String>,
    /// How much hangs on one of which nothing else is said.
    pub criticality: Criticality,
    /// What is kept of it besides what every asset has.
    pub fields: Vec<AssetField>,
}

impl AssetType {
    /// All that people call one, in lower case: its id in words, its name in both languages, and the other words for it.
    pub fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let spoken = self.id.replace(['_', '-'], " ");
        let labels = [&self.label.en, &self.label.zh].into_iter().filter(|it| !it.is_empty());
        let labels = labels.map(|it| Cow::Owned(it.to_lowercase()));
        let others = self.synonyms.iter().chain(&self.called).map(|it| Cow::Borrowed(it.as_str()));
        std::iter::once(Cow::Owned(spoken)).chain(labels).chain(others)
    }
}

/// Something that is kept of assets of one type.
#[derive(Debug, Clone, PartialEq)]
pub struct AssetField {
    /// Its id within the type.
    pub id: String,
    /// Its name.
    pub label: Bilingual,
    /// What it may hold.
    pub kind: FieldKind,
}

/// How much hangs on an asset.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Criticality {
    /// One person's work.
    #[default]
    Low,
    /// A team's work.
    Medium,
    /// A site's work, or everybody's.
    High,
}

impl Criticality {
    /// From least to most.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// As files and commands write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// Reads what `as_str` writes.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == raw)
    }

    /// The effect on the business when it fails.
    pub fn impact(self) -> Impact {
        match self {
            Self::Low => Impact::Person,
            Self::Medium => Impact::Team,
            Self::High => Impact::Site,
        }
    }
}
