//! The model of a fresh install: trained from the corpora on the first start, kept for the next.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::model::{
    artifact::{ArtifactError, file, manifest::FORMAT},
    classifier::Classifier,
    corpora,
    readers::ReadError,
    train::{Progress, Settings, TrainError, train},
};

/// Why there is no starter model.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// A corpus is broken.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The corpora cannot be learned from.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The trained model could not be kept.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
}

/// The starter model: the one kept under `data_dir` if it is there and valid, else a new one,
/// which is then kept.
///
pub fn starter(data_dir: &Path, progress: &mut dyn FnMut(Progress)) -> Result<Classifier, StarterError> {
    let settings = Settings::default();
    let path = data_dir.join("models").join(file_name());
    // A missing or broken file is no error: it is what training repairs.
    if let Ok(kept) = file::load(&path) {
        return Ok(kept);
    }
    let trained = train(&corpora::examples()?, &settings, progress)?;
    file::save(&trained, &path)?;
    Ok(trained)
}

/// The starter model without a place to keep it.
pub fn trained(progress: &mut dyn FnMut(Progress)) -> Result<Classifier, StarterError> {
    Ok(train(&corpora::examples()?, &Settings::default(), progress)?)
}

/// The name of its file: a hash of all that decides the training, so that a new version of the product
/// with other corpora, or that learns otherwise, trains again and never reads a stale model.
pub fn file_name() -> String {
    let mut hash = Sha256::new();
    hash.update(FORMAT.to_le_bytes());
    hash.update(env!("TRAINED_BY"));
    // The number of threads does not decide anything.
    let deciding = Settings { threads: 1, ..Settings::default() };
    hash.update(format!("{deciding:?}"));
    for (label, text) in corpora::TRAIN {
        hash.update(label);
        hash.update(text);
    }
    let name: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    name + ".safetensors"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_trained_once_and_again_if_the_file_is_broken() {
        let directory = tempfile::tempdir().unwrap();
        let start = || {
            let mut steps = 0;
            let model = starter(directory.path(), &mut |_| steps += 1).unwrap();
            (model.version().clone(), steps)
        };
        let (first, steps) = start();
        assert!(0 < steps);
        assert_eq!(start(), (first.clone(), 0));
        let models = std::fs::read_dir(directory.path().join("models")).unwrap();
        let path = models.map(|entry| entry.unwrap().path()).next().unwrap();
        std::fs::write(&path, b"broken").unwrap();
        let (again, steps) = start();
        assert!(0 < steps);
        assert_eq!(again, first);
    }
}
