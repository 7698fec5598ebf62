//! The data folder, held by one running server at a time.

use std::{
    fs::{DirBuilder, File, TryLockError},
    io::{Read, Seek, Write},
    os::unix::fs::DirBuilderExt,
    path::Path,
    process,
};

use super::StartError;

/// A data folder that is ours until this is dropped, or the process ends in any way at all: the
/// system gives the lock back by itself.
#[derive(Debug)]
pub struct Folder {
    _lock: File,
}

impl Folder {
    /// Makes the folder if it is missing, and takes it.
    pub fn take(path: &Path) -> Result<Self, StartError> {
        let unusable = |source| StartError::Folder { path: path.to_owned(), source };
        // What employees write is nobody else's to read.
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(unusable)?;
        let lock =
            File::options().read(true).write(true).create(true).truncate(false).open(path.join("lock"));
        let mut lock = lock.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => (),
            Err(TryLockError::WouldBlock) => {
                return Err(StartError::Held { path: path.to_owned(), by: holder(&mut lock) });
            }
            Err(TryLockError::Error(source)) => return Err(unusable(source)),
        }
        // For the message of whoever comes second; the lock holds without it.
        let noted =
            lock.set_len(0).and_then(|()| lock.rewind()).and_then(|()| write!(lock, "{}", process::id()));
        noted.map_err(unusable)?;
        Ok(Self { _lock: lock })
    }
}

fn holder(lock: &mut File) -> String {
    let mut written = String::new();
    match lock.read_to_string(&mut written) {
        Ok(_) if !written.trim().is_empty() => format!("process {}", written.trim()),
        Ok(_) | Err(_) => "another process".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("made/when/missing");
        let first = Folder::take(&path).unwrap();
        let refused = Folder::take(&path).unwrap_err().to_string();
        assert!(refused.contains(&format!("process {}", process::id())), "{refused}");
        drop(first);
        Folder::take(&path).unwrap();
    }
}
