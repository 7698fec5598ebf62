//! Why a registry did not do something.

use std::{fmt::Write as _, io::Error};

use crate::model::{artifact::ArtifactError, golden::Broken, readers::ReadError};

/// Why a registry did not do something; then nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There is no such version.
    #[error("there is no model {0}")]
    Unknown(String),
    /// The request id was used for something else.
    #[error("request id `{0}` was used with other content")]
    RequestReused(String),
    /// The version is in use.
    #[error("model {0} is in use already")]
    AlreadyThere(String),
    /// Nothing was promoted, or all was rolled back.
    #[error("the model that the desk started with is in use; there is nothing before it")]
    NothingBefore,
    /// No shadow is set.
    #[error("there is no shadow that could be ended")]
    NoShadow,
    /// The file of a version is not what its name says, or no model.
    #[error("model {model} cannot be used: {problem}")]
    Unusable {
        /// The version.
        model: String,
        /// What is wrong with its file.
        problem: String,
    },
    /// The version reads golden messages wrongly.
    #[error("model {model} has {} of {of} golden messages wrong: {}", broken.len(), listed(broken))]
    Golden {
        /// The version.
        model: String,
        /// The messages.
        broken: Vec<Broken>,
        /// How many golden messages there are.
        of: usize,
    },
    /// The owner's golden messages cannot be read.
    #[error("the golden messages cannot be read: {0}")]
    BadGolden(#[from] ReadError),
    /// The model cannot be written down.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What it said.
        #[source]
        source: Error,
    },
}

fn listed(broken: &[Broken]) -> String {
    let mut list = String::new();
    for (place, it) in broken.iter().enumerate() {
        let between = if place == 0 { "" } else { "; " };
        // Writing into a string cannot fail.
        let _ = write!(list, "{between}{it}");
    }
    list
}
