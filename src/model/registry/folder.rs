//! The registry on disk: `VERSION.safetensors` for each version, `registry.json` for what was done
//! with them, and the owner's `golden.jsonl` if there is one. All that we write is written whole.

use std::{
    fs,
    io::{Error, ErrorKind},
    path::{Path, PathBuf},
};

use super::{error::RegistryError, journal::Journal};
use crate::model::{
    artifact::{ArtifactError, file},
    classifier::Classifier,
    examples::Example,
    readers::read_file,
};

const JOURNAL: &str = "registry.json";
const GOLDEN: &str = "golden.jsonl";
const ENDING: &str = ".safetensors";
/// Far above any model; a larger file is not read into memory.
const LARGEST: u64 = 1 << 28;
/// How many files of a folder are looked at.
const MANY: usize = 1_000;

/// Where a registry lies.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// The version that a file's name says.
pub(super) fn version(file: &str) -> Option<&str> {
    file.strip_suffix(ENDING).filter(|it| is_version(it))
}

/// Nothing else becomes a part of a path.
fn is_version(raw: &str) -> bool {
    raw.len() == 16 && raw.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'))
}

impl Folder {
    pub(super) fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// What was done. A file that makes no sense is put aside, so that nothing is lost of it.
    pub(super) fn journal(&self, notes: &mut Vec<String>) -> Result<Journal, RegistryError> {
        let path = self.0.join(JOURNAL);
        let text = match fs::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Journal::default()),
            Err(error) => return Err(io(&path, error)),
        };
        match serde_json::from_slice(&text) {
            Ok(journal) => Ok(journal),
            Err(error) => {
                let aside = self.0.join(format!("{JOURNAL}.broken"));
                fs::rename(&path, &aside).map_err(|error| io(&path, error))?;
                notes.push(format!(
                    "{} cannot be read ({error}) and was put aside as {}; what the desk started with is in use",
                    path.display(),
                    aside.display()
                ));
                Ok(Journal::default())
            }
        }
    }

    pub(super) fn write_journal(&self, journal: &Journal) -> Result<(), RegistryError> {
        let path = self.0.join(JOURNAL);
        let mut text = serde_json::to_vec_pretty(journal).map_err(ArtifactError::Manifest)?;
        text.push(b'\n');
        file::write_whole(&path, &text).map_err(|error| io(&path, error))
    }

    /// Reads a version and checks that it is what its name says.
    pub(super) fn load(&self, version: &str) -> Result<Classifier, RegistryError> {
        let path = self.path(version).ok_or_else(|| RegistryError::Unknown(version.to_owned()))?;
        let unusable = |problem: String| RegistryError::Unusable { model: version.to_owned(), problem };
        match fs::metadata(&path) {
            Ok(it) if it.len() > LARGEST => {
                return Err(unusable(format!("it has {} bytes; at most {LARGEST} are read", it.len())));
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(RegistryError::Unknown(version.to_owned()));
            }
            Err(error) => return Err(io(&path, error)),
        }
        let model = file::load(&path).map_err(|error| unusable(error.to_string()))?;
        if **model.version() != *version {
            return Err(unusable(format!("its content is that of version {}", model.version())));
        }
        Ok(model)
    }

    /// Keeps a model under its version, unless it is there.
    pub(super) fn keep(&self, model: &Classifier) -> Result<(), RegistryError> {
        let version = model.version();
        if self.load(version).is_ok() {
            return Ok(());
        }
        let path = self.path(version).ok_or_else(|| RegistryError::Unknown(version.to_string()))?;
        let bytes = model.to_bytes()?;
        file::write_whole(&path, &bytes).map_err(|error| io(&path, error))
    }

    /// The files that are models or pretend to be, in the order of their names.
    pub(super) fn files(&self) -> Result<Vec<String>, RegistryError> {
        let entries = match fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(&self.0, error)),
        };
        let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
        let mut names: Vec<String> = entries.flatten().map(name).filter(|it| it.ends_with(ENDING)).collect();
        names.sort();
        names.truncate(MANY);
        Ok(names)
    }

    /// The owner's golden messages.
    pub(super) fn golden(&self) -> Result<Vec<Example>, RegistryError> {
        let path = self.0.join(GOLDEN);
        if path.exists() { Ok(read_file(&path)?) } else { Ok(Vec::new()) }
    }

    /// Bytes of a version's file; 0 if there is none.
    pub(super) fn size(&self, version: &str) -> u64 {
        self.path(version).and_then(|it| fs::metadata(it).ok()).map_or(0, |it| it.len())
    }

    fn path(&self, version: &str) -> Option<PathBuf> {
        is_version(version).then(|| self.0.join(format!("{version}{ENDING}")))
    }
}

fn io(path: &Path, source: Error) -> RegistryError {
    RegistryError::Io { path: path.display().to_string(), source }
}
