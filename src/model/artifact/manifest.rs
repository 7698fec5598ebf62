//! What an artifact says of itself.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::{
    artifact::ArtifactError,
    classifier::{Head, Learned, Origin, Weights},
    features::{FeatureSettings, Vocabulary},
    gate::Gate,
    net::Net,
    out_of_scope::Detector,
};

/// The format that this version writes and reads. It also stands for how text is normalised and
/// hashed: whoever changes that raises it.
pub const FORMAT: u32 = 3;

/// Everything that is no tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// See [`FORMAT`].
    pub format: u32,
    /// How messages become vectors.
    pub features: FeatureSettings,
    /// Content hash of the token table behind the columns of meaning.
    pub table: String,
    /// Templates and the intents that are no ticket.
    pub intent: HeadManifest,
    /// How soon it matters.
    pub urgency: HeadManifest,
    /// Whom it concerns.
    pub impact: HeadManifest,
    /// Weighs the signs of a message out of scope.
    pub detector: Detector,
    /// What may be acted upon without asking, if that was certified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// Where the model came from.
    pub origin: Origin,
}

/// A head as it is written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeadManifest {
    /// In the order of their scores.
    pub labels: Vec<String>,
    /// One over the temperature.
    pub sharpness: f32,
}

/// Enough to see whether the rest can be understood.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl Manifest {
    /// The manifest of what was learned.
    pub fn of(learned: &Learned) -> Self {
        Self {
            format: FORMAT,
            features: learned.vocabulary.settings(),
            table: learned.vocabulary.table().version().to_string(),
            intent: HeadManifest::of(&learned.intent),
            urgency: HeadManifest::of(&learned.urgency),
            impact: HeadManifest::of(&learned.impact),
            detector: learned.detector,
            gate: learned.gate.clone(),
            origin: learned.origin.clone(),
        }
    }

    /// Reads a manifest; another format is named before its fields confuse anybody.
    pub fn parse(text: &str) -> Result<Self, ArtifactError> {
        let FormatOnly { format } = serde_json::from_str(text)?;
        if format != FORMAT {
            return Err(ArtifactError::Format { found: format });
        }
        Ok(serde_json::from_str(text)?)
    }

    /// How many scores all heads have together.
    pub fn scores(&self) -> usize {
        [&self.intent, &self.urgency, &self.impact].map(|head| head.labels.len()).iter().sum()
    }

    /// What was learned, of this manifest and its tensors.
    pub fn learned(self, vocabulary: Vocabulary, weights: Weights, net: Net) -> Learned {
        Learned {
            vocabulary,
            weights,
            net,
            intent: self.intent.head(),
            urgency: self.urgency.head(),
            impact: self.impact.head(),
            detector: self.detector,
            gate: self.gate,
            origin: self.origin,
        }
    }
}

impl HeadManifest {
    fn of(head: &Head) -> Self {
        let labels = head.labels.iter().map(|label| label.to_string()).collect();
        Self { labels, sharpness: head.sharpness }
    }

    fn head(self) -> Head {
        let labels = self.labels.into_iter().map(Arc::from).collect();
        Head { labels, sharpness: self.sharpness }
    }
}
