//! What a list of models says of each, and of the files that are none.

use std::sync::Arc;

use crate::model::classifier::{Classifier, Origin};

/// What is known of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Its version.
    pub version: String,
    /// Whether it is the base, which the desk started with.
    pub is_base: bool,
    /// What it tells apart.
    pub labels: Vec<Arc<str>>,
    /// What it was trained from.
    pub origin: Origin,
    /// Size of its file; 0 for the base.
    pub bytes: u64,
}

/// A file in the folder that is no usable model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Its name.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What a folder holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// In the order of versions.
    pub models: Vec<Card>,
    /// In the order of names.
    pub skipped: Vec<Skipped>,
}

impl Card {
    pub(super) fn of(model: &Classifier, is_base: bool) -> Self {
        Self {
            version: model.version().to_string(),
            is_base,
            labels: model.labels().to_vec(),
            origin: model.learned().origin.clone(),
            bytes: 0,
        }
    }
}
