//! What must hold before an artifact is believed.

use std::{collections::HashSet, ops::RangeInclusive};

use crate::model::{
    artifact::{
        ArtifactError,
        manifest::{HeadManifest, Manifest},
    },
    intent::{IMPACTS, URGENCIES},
};

/// Far above any model of a desk, far below what would exhaust memory.
const MOST_COLUMNS: usize = 1 << 24;
/// So many labels a head may have.
pub const MOST_LABELS: usize = 4_096;
/// So many bytes a label may have.
pub const LONGEST_LABEL: usize = 200;
/// Far around what calibration gives; signs of a message are divided by it.
const SHARPNESS: RangeInclusive<f32> = 0.001..=1_000.0;
/// Keeps sums over a whole message finite.
const LARGEST: f32 = 1e6;

/// A fault of a part.
pub fn invalid(part: &'static str, fault: impl Into<String>) -> ArtifactError {
    ArtifactError::Invalid { part, fault: fault.into() }
}

/// Checks the manifest and the vocabulary's size.
pub fn learned(manifest: &Manifest, hashes: &[u64]) -> Result<(), ArtifactError> {
    if MOST_COLUMNS < hashes.len() {
        return Err(invalid(
            "vocabulary",
            format!("it has {} hashes; at most {MOST_COLUMNS} are read", hashes.len()),
        ));
    }
    manifest.features.check().map_err(|fault| invalid("features", fault.to_string()))?;
    if manifest.intent.labels.len() < 2 {
        return Err(invalid("intent.labels", "there must be two or more"));
    }
    head("intent.labels", "intent.sharpness", &manifest.intent)?;
    head("urgency.labels", "urgency.sharpness", &manifest.urgency)?;
    head("impact.labels", "impact.sharpness", &manifest.impact)?;
    levels("urgency.labels", &manifest.urgency, &URGENCIES)?;
    levels("impact.labels", &manifest.impact, &IMPACTS)?;
    bounded("detector.weights", &manifest.detector.weights)?;
    bounded("detector.bias", &[manifest.detector.bias])?;
    let fault = manifest.gate.as_ref().and_then(|gate| gate.fault(&manifest.intent.labels));
    fault.map_or(Ok(()), |fault| Err(invalid("gate", fault)))
}

/// Checks that all numbers are finite and none is absurd.
pub fn bounded(part: &'static str, numbers: &[f32]) -> Result<(), ArtifactError> {
    // NaN is in no range, so this catches it too.
    match numbers.iter().position(|number| !(-LARGEST..=LARGEST).contains(number)) {
        None => Ok(()),
        Some(at) => {
            let found = numbers[at];
            Err(invalid(part, format!("number {at} is {found}; all must lie within ±{LARGEST}")))
        }
    }
}

fn head(labels: &'static str, sharpness: &'static str, head: &HeadManifest) -> Result<(), ArtifactError> {
    if MOST_LABELS < head.labels.len() {
        let count = head.labels.len();
        return Err(invalid(labels, format!("there are {count}; at most {MOST_LABELS} are read")));
    }
    let mut seen = HashSet::new();
    for label in &head.labels {
        if !is_label(label) {
            let rule = format!("it must have 1 to {LONGEST_LABEL} bytes and no control characters");
            return Err(invalid(labels, format!("{label:?} is no label: {rule}")));
        }
        if !seen.insert(label) {
            return Err(invalid(labels, format!("'{label}' stands there twice")));
        }
    }
    if SHARPNESS.contains(&head.sharpness) {
        return Ok(());
    }
    let (found, (least, most)) = (head.sharpness, SHARPNESS.into_inner());
    Err(invalid(sharpness, format!("it is {found}; it must lie between {least} and {most}")))
}

/// Whether a head may have this label.
pub fn is_label(label: &str) -> bool {
    !label.trim().is_empty() && label.len() <= LONGEST_LABEL && !label.contains(char::is_control)
}

fn levels(part: &'static str, head: &HeadManifest, allowed: &[&str]) -> Result<(), ArtifactError> {
    match head.labels.iter().find(|label| !allowed.contains(&label.as_str())) {
        None => Ok(()),
        Some(label) => Err(invalid(part, format!("'{label}' is none of {}", allowed.join(", ")))),
    }
}
