//! Artifacts on disk: written whole or not at all.

use std::{
    fs::File,
    io::{Error, Read, Write},
    path::{Path, PathBuf},
};

use crate::model::{artifact::ArtifactError, classifier::Classifier};

/// The name of a model in its directory.
pub const NAME: &str = "model.safetensors";

/// A file larger than this is no model, and is not read into memory.
const LARGEST: u64 = 1 << 31;

/// The file that a path means: itself, or the model in a directory.
pub fn resolve(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(NAME) } else { path.to_owned() }
}

/// Reads the model at a path, see [`resolve`].
pub fn load(path: &Path) -> Result<Classifier, ArtifactError> {
    let path = resolve(path);
    let failed = |source| at(&path, source);
    let mut bytes = Vec::new();
    File::open(&path).and_then(|file| file.take(LARGEST).read_to_end(&mut bytes)).map_err(failed)?;
    Classifier::from_bytes(&bytes)
}

/// Whether a model can be written into a directory, made or not yet: asked before long work is done for it.
pub fn can_be_kept_in(directory: &Path) -> Result<(), ArtifactError> {
    let there = directory.ancestors().find(|it| it.as_os_str().is_empty() || it.exists());
    let there = there.filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let probe = there.join(format!(".{}.tmp", std::process::id()));
    let written = File::create(&probe).and_then(|_| std::fs::remove_file(&probe));
    written.map_err(|source| at(directory, source))
}

/// Writes a model so that a reader sees the old file or the new one, even after a power cut.
pub fn save(classifier: &Classifier, path: &Path) -> Result<(), ArtifactError> {
    let bytes = classifier.to_bytes()?;
    write_whole(path, &bytes).map_err(|source| at(path, source))
}

/// Writes bytes so that a reader sees the old file or the new one, even after a power cut.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    // The process id keeps two writers of one model from sharing a half-written file.
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    let temporary = directory.join(name);
    let written = File::create(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| std::fs::rename(&temporary, path));
    if renamed.is_err() {
        // The first error is the one to tell; a left-over file does no harm.
        drop(std::fs::remove_file(&temporary));
        return renamed;
    }
    File::open(directory)?.sync_all()
}

fn at(path: &Path, source: Error) -> ArtifactError {
    ArtifactError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use crate::model::train::{Settings, tests::small_classifier};

    use super::*;

    #[test]
    fn a_saved_model_is_loaded_from_its_file_or_directory() {
        let directory = tempfile::tempdir().unwrap();
        let classifier = small_classifier(&Settings::default());
        let path = directory.path().join("deep").join(NAME);
        save(&classifier, &path).unwrap();
        assert_eq!(load(&path).unwrap().version(), classifier.version());
        assert_eq!(load(path.parent().unwrap()).unwrap().version(), classifier.version());
        let files = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(files, 1, "no temporary file is left");
    }

    #[test]
    fn a_missing_file_is_named() {
        let refused = load(Path::new("/nowhere/model.safetensors")).unwrap_err();
        assert!(refused.to_string().starts_with("/nowhere/model.safetensors: "));
    }
}
