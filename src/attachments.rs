//! Files on disk, found by what is in them: one file for the same bytes of one tenant, however often they come. A file
//! that is there is whole: it is written under another name, synced, and put in its place in one step. It decides
//! nothing, and knows no ticket.
//!
//! A file is in its place before the ticket has it, and the ticket may never have it. So a note says that it is not
//! known yet whether one does, and goes when it is known. What has a note for long is either a file whose ticket was
//! written just before the process ended, or nobody's; whoever knows the tickets tells.

mod pending;

use std::{
    fs::TryLockError,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use sha2::{Digest, Sha256};
use tokio::{
    fs::{self, File},
    io::AsyncWriteExt as _,
    sync::OnceCell,
};

pub use self::pending::Pending;
use crate::{clock, domain::people::Tenant};

/// Where files come in; each process has a folder of its own there.
const INCOMING: &str = "incoming";
/// What a process holds in its folder for as long as it lives.
const LOCK: &str = "lock";

/// The folder of all files. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Folder {
    root: Arc<Path>,
    own: Arc<OnceCell<Own>>,
}

/// The folder in which this process writes what comes.
#[derive(Debug)]
struct Own {
    path: PathBuf,
    _lock: std::fs::File,
}

impl Folder {
    /// A folder, which is made when the first file comes.
    pub fn at(root: PathBuf) -> Self {
        Self { root: root.into(), own: Arc::default() }
    }

    /// Takes away what processes that have ended were writing.
    pub fn sweep(&self) -> io::Result<()> {
        let entries = match std::fs::read_dir(self.root.join(INCOMING)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let lock = std::fs::File::options().write(true).open(path.join(LOCK));
            // Without a lock its process ended while making it, or is making it: that is done in an instant.
            let is_held = lock.is_ok_and(|it| matches!(it.try_lock(), Err(TryLockError::WouldBlock)));
            if !is_held {
                std::fs::remove_dir_all(path)?;
            }
        }
        Ok(())
    }

    /// A file that comes.
    pub async fn begin(&self) -> io::Result<Incoming> {
        let own = self.own.get_or_try_init(|| self.claim()).await?;
        let path = own.path.join(clock::new_id());
        let file = File::create_new(&path).await?;
        Ok(Incoming { root: Arc::clone(&self.root), path, file, hash: Sha256::new() })
    }

    async fn claim(&self) -> io::Result<Own> {
        let path = self.root.join(INCOMING).join(clock::new_id());
        fs::create_dir_all(&path).await?;
        let lock = std::fs::File::create(path.join(LOCK))?;
        lock.try_lock().map_err(io::Error::from)?;
        // Another process that started at this moment may have swept it away; then the next file tries again.
        std::fs::metadata(path.join(LOCK))?;
        Ok(Own { path, _lock: lock })
    }

    /// A file of a tenant, by the hash of its bytes.
    pub async fn read(&self, tenant: &Tenant, hash: &[u8; 32]) -> io::Result<File> {
        File::open(place(&self.root, tenant, hash)).await
    }
}

/// A file that comes. Dropped before it is kept, it is gone.
#[derive(Debug)]
pub struct Incoming {
    root: Arc<Path>,
    path: PathBuf,
    file: File,
    hash: Sha256,
}

impl Incoming {
    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.file.write_all(bytes).await
    }

    /// Puts the file in its place among those of a tenant, so that it outlives a power cut. Whether a ticket has it is
    /// not known yet.
    pub async fn keep(mut self, tenant: &Tenant) -> io::Result<Pending> {
        self.file.flush().await?;
        self.file.sync_all().await?;
        let hash: [u8; 32] = self.hash.clone().finalize().into();
        let pending = Pending::note(&self.root, tenant.clone(), hash).await?;
        let place = place(&self.root, tenant, &hash);
        fs::create_dir_all(place.parent().unwrap_or(&self.root)).await?;
        let is_first = {
            let _alone = pending::alone(&self.root)?;
            // In one step with the lock: while it is held, nobody takes the file for an old one, and of several who
            // bring the same bytes one is the first.
            let is_first = !std::fs::exists(&place)?;
            std::fs::rename(&self.path, &place)?;
            is_first
        };
        settle(&self.root, &place).await?;
        Ok(if is_first { pending.of_first(self.file.try_clone().await?) } else { pending })
    }
}

/// A name must be as durable as the bytes, and so must the folders above it.
async fn settle(root: &Path, path: &Path) -> io::Result<()> {
    for folder in path.ancestors().skip(1).take_while(|it| it.starts_with(root)) {
        File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}

impl Drop for Incoming {
    fn drop(&mut self) {
        // Gone already if it was kept; what cannot be removed now is swept at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Where a file of a tenant is: no name that anybody chose is part of it, but the tenant's, which has letters, digits
/// and hyphens only.
fn place(root: &Path, tenant: &Tenant, hash: &[u8; 32]) -> PathBuf {
    let digits = digits(hash);
    root.join("kept").join(tenant.as_str()).join(&digits[..2]).join(digits)
}

fn digits(hash: &[u8; 32]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    fn tenant(name: &str) -> Tenant {
        Tenant::parse(name).unwrap()
    }

    async fn kept(folder: &Folder, of: &str, bytes: &[u8]) -> [u8; 32] {
        let mut file = folder.begin().await.unwrap();
        for piece in bytes.chunks(3) {
            file.write(piece).await.unwrap();
        }
        let pending = file.keep(&tenant(of)).await.unwrap();
        let hash = pending.hash;
        pending.known().await.unwrap();
        hash
    }

    fn incoming(root: &Path) -> usize {
        let processes = std::fs::read_dir(root.join(INCOMING)).unwrap();
        processes.map(|it| std::fs::read_dir(it.unwrap().path()).unwrap().count() - 1).sum()
    }

    #[tokio::test]
    async fn the_same_bytes_are_one_file_of_one_tenant() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().join("made/when/missing"));
        let hash = kept(&folder, "acme", b"The printer jams").await;
        assert_eq!(kept(&folder, "acme", b"The printer jams").await, hash);
        let mut read = String::new();
        folder.read(&tenant("acme"), &hash).await.unwrap().read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "The printer jams");
        let other = folder.read(&tenant("globex"), &hash).await.unwrap_err();
        assert_eq!(other.kind(), io::ErrorKind::NotFound);
        assert_eq!(incoming(&place.path().join("made/when/missing")), 0);
    }

    #[tokio::test]
    async fn what_is_not_kept_is_gone_and_what_was_left_is_swept() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        let mut file = folder.begin().await.unwrap();
        file.write(b"half of it").await.unwrap();
        assert_eq!(incoming(place.path()), 1);
        // Another process that starts meanwhile leaves it alone.
        Folder::at(place.path().to_owned()).sweep().unwrap();
        assert_eq!(incoming(place.path()), 1);
        drop(file);
        assert_eq!(incoming(place.path()), 0);

        let mut file = folder.begin().await.unwrap();
        file.write(b"half of it").await.unwrap();
        // As a kill would leave it: the lock is given back, the file is not removed.
        std::mem::forget(file);
        drop(folder);
        assert_eq!(incoming(place.path()), 1);
        Folder::at(place.path().to_owned()).sweep().unwrap();
        assert_eq!(std::fs::read_dir(place.path().join(INCOMING)).unwrap().count(), 0);
    }
}
