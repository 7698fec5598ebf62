//! A model as bytes: one safetensors file whose manifest is one JSON document.
//!
//! The manifest stands under a single metadata key, since several keys would come in random order
//! and the content hash, which is the model's version, would change from one writing to the next.
//! Nothing read from a file is believed before it has been checked: see [`check`].

pub mod check;
pub mod file;
pub mod manifest;
mod net;
pub(in crate::model) mod tensors;

use std::{collections::HashMap, sync::Arc};

use safetensors::{SafeTensors, tensor::SafeTensorError};
use sha2::{Digest, Sha256};

use crate::model::{
    artifact::{manifest::Manifest, tensors::Tensor},
    classifier::{Classifier, Learned, Weights},
    features::Vocabulary,
    table::TokenTable,
};

/// The only metadata key of the file.
const MANIFEST: &str = "ticket-dispatch";

const VOCABULARY: &str = "vocabulary";
const WEIGHTS: [&str; 2] = ["weights", "scales"];
const BIAS: &str = "bias";

/// Why bytes are no model, or a model could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The container is broken or cut short.
    #[error("not a safetensors file: {0}")]
    Container(#[from] SafeTensorError),
    /// A safetensors file, but none of ours.
    #[error("the file has no '{MANIFEST}' manifest; it is no model of this product")]
    NoManifest,
    /// The manifest does not say what it must.
    #[error("the manifest cannot be read: {0}")]
    Manifest(#[from] serde_json::Error),
    /// Written by another version of the product.
    #[error("the model has format {found}; this version reads format {known}: train it again", known = manifest::FORMAT)]
    Format {
        /// What the manifest says.
        found: u32,
    },
    /// A part that contradicts the manifest or itself.
    #[error("{part}: {fault}")]
    Invalid {
        /// The tensor or the manifest's field.
        part: &'static str,
        /// What is wrong and what would be right.
        fault: String,
    },
    /// The file system refused.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: String,
        /// What it said.
        #[source]
        source: std::io::Error,
    },
}

impl Classifier {
    /// The bytes of the artifact.
    pub fn to_bytes(&self) -> Result<Vec<u8>, ArtifactError> {
        to_bytes(self.learned())
    }

    /// Reads an artifact. Hostile bytes give an error that says what is wrong with them.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ArtifactError> {
        Ok(Self::new(from_bytes(bytes)?, version(bytes)))
    }
}

/// The classifier of what was learned, after its artifact has passed every check.
pub fn classifier(learned: Learned) -> Result<Classifier, ArtifactError> {
    let bytes = to_bytes(&learned)?;
    check::learned(&Manifest::of(&learned), learned.vocabulary.hashes())?;
    Ok(Classifier::new(learned, version(&bytes)))
}

/// The first 16 hexadecimal digits of the bytes' SHA-256.
pub fn version(bytes: &[u8]) -> Arc<str> {
    let hash = Sha256::digest(bytes);
    hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>().into()
}

fn to_bytes(learned: &Learned) -> Result<Vec<u8>, ArtifactError> {
    let manifest = Manifest::of(learned);
    let weights = &learned.weights;
    let own = [
        Tensor::of_hashes(VOCABULARY, learned.vocabulary.hashes()),
        Tensor::of_numbers(BIAS, weights.bias()),
    ];
    let of_weights = Tensor::of_rows(WEIGHTS, weights.rows());
    let tensors: Vec<Tensor> = own.into_iter().chain(of_weights).chain(net::tensors(&learned.net)).collect();
    let views = tensors.iter().map(Tensor::view).collect::<Result<Vec<_>, _>>()?;
    let metadata = HashMap::from([(MANIFEST.to_owned(), serde_json::to_string(&manifest)?)]);
    Ok(safetensors::serialize(views, Some(metadata))?)
}

fn from_bytes(bytes: &[u8]) -> Result<Learned, ArtifactError> {
    let (_, header) = SafeTensors::read_metadata(bytes)?;
    let metadata = header.metadata().as_ref().and_then(|all| all.get(MANIFEST));
    let manifest = Manifest::parse(metadata.ok_or(ArtifactError::NoManifest)?)?;
    let file = SafeTensors::deserialize(bytes)?;
    let hashes = tensors::hashes(&file, VOCABULARY)?;
    check::learned(&manifest, &hashes)?;
    let table = TokenTable::shipped()?;
    if *manifest.table != **table.version() {
        let fault = format!(
            "it is {}; this version of the product has {}: train it again",
            manifest.table,
            table.version()
        );
        return Err(check::invalid("table", fault));
    }
    let scores = manifest.scores();
    let rows = tensors::rows(&file, WEIGHTS, (hashes.len(), scores))?;
    let weights = Weights::new(rows, tensors::numbers(&file, BIAS, scores)?);
    let weights = weights.ok_or_else(|| check::invalid("weights", "their parts disagree"))?;
    let vocabulary = Vocabulary::of_hashes(hashes, manifest.features, Arc::clone(&table));
    let vocabulary = vocabulary.ok_or_else(|| check::invalid("vocabulary", "its hashes must rise"))?;
    let net = net::read(&file, table.width(), manifest.intent.labels.len())?;
    Ok(manifest.learned(vocabulary, weights, net))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use safetensors::tensor::TensorView;

    use crate::model::train::{Settings, tests::small_classifier};

    use super::*;

    fn bytes() -> Vec<u8> {
        small_classifier(&Settings::default()).to_bytes().unwrap()
    }

    fn changed(change: impl Fn(&mut Manifest)) -> String {
        let classifier = small_classifier(&Settings::default());
        let mut manifest = Manifest::of(classifier.learned());
        change(&mut manifest);
        let learned = classifier.learned().clone();
        let learned = manifest.learned(learned.vocabulary, learned.weights, learned.net);
        let refused = super::classifier(learned).map(|_| ());
        refused.unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_back_bit_for_bit() {
        let first = small_classifier(&Settings::default());
        let second = Classifier::from_bytes(&bytes()).unwrap();
        assert_eq!(second.learned(), first.learned());
        assert_eq!(second.version(), first.version());
        assert_eq!(second.to_bytes().unwrap(), bytes());
        let text = "the vpn 断了";
        assert_eq!(second.understand(text, true), first.understand(text, true));
    }

    #[test]
    fn a_foreign_file_is_told_apart_from_a_broken_one() {
        let refused = |bytes: &[u8]| Classifier::from_bytes(bytes).unwrap_err();
        assert!(matches!(refused(b"hello"), ArtifactError::Container(_)));
        let foreign = safetensors::serialize(Vec::<(&str, TensorView<'_>)>::new(), None).unwrap();
        assert!(matches!(refused(&foreign), ArtifactError::NoManifest));
        assert!(matches!(refused(&bytes()[..bytes().len() - 1]), ArtifactError::Container(_)));
    }

    #[test]
    fn a_manifest_that_makes_no_sense_is_refused_with_the_field() {
        let twice = changed(|manifest| manifest.intent.labels[1] = manifest.intent.labels[0].clone());
        assert_eq!(twice, "intent.labels: 'out_of_scope' stands there twice");
        let level = changed(|manifest| manifest.urgency.labels[0] = "soon".into());
        assert_eq!(level, "urgency.labels: 'soon' is none of low, medium, high");
        let sharp = changed(|manifest| manifest.intent.sharpness = -1.0);
        assert_eq!(sharp, "intent.sharpness: it is -1; it must lie between 0.001 and 1000");
        // The signs of a message are divided by it: a number next to nothing makes them infinite.
        let blunt = changed(|manifest| manifest.intent.sharpness = f32::from_bits(1));
        assert!(blunt.ends_with("; it must lie between 0.001 and 1000"), "{blunt}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn hostile_bytes_never_panic(at in any::<prop::sample::Index>(), value in any::<u8>(), cut in any::<Option<prop::sample::Index>>()) {
            static BYTES: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
            let mut bytes = BYTES.get_or_init(bytes).clone();
            // Half of the faults hit the header, which is small and where most can go wrong.
            let reach = if value.is_multiple_of(2) { bytes.len() } else { bytes.len().min(1_000) };
            let place = at.index(reach);
            bytes[place] = value;
            if let Some(cut) = cut {
                bytes.truncate(cut.index(bytes.len()));
            }
            if let Ok(classifier) = Classifier::from_bytes(&bytes) {
                let verdict = classifier.understand("the vpn 断了!", true);
                prop_assert!(verdict.ranked.iter().all(|scored| scored.confidence.is_finite()));
            }
        }
    }
}
