//! Files in their places of which it is not known whether a ticket has them.

use std::{
    io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, UNIX_EPOCH},
};

use tokio::fs::{self, File};

use super::{Folder, digits, place, settle};
use crate::{
    clock,
    domain::{people::Tenant, time::Timestamp},
};

/// Where the notes are: a folder for each tenant, a note for each upload.
const PENDING: &str = "pending";
/// Who puts a file in its place or takes one away holds this alone, for an instant.
const LOCK: &str = "lock";

/// A file that is in its place, and of which a note says that no ticket may have it.
#[derive(Debug)]
pub struct Pending {
    root: Arc<Path>,
    note: PathBuf,
    /// Whose file it is.
    pub tenant: Tenant,
    /// The hash of its bytes.
    pub hash: [u8; 32],
    /// The file as it was brought, if none was in its place before.
    first: Option<File>,
}

impl Pending {
    pub(super) async fn note(root: &Arc<Path>, tenant: Tenant, hash: [u8; 32]) -> io::Result<Self> {
        let folder = root.join(PENDING).join(tenant.as_str());
        fs::create_dir_all(&folder).await?;
        let note = folder.join(format!("{}-{}", digits(&hash), clock::new_id()));
        File::create_new(&note).await?;
        settle(root, &note).await?;
        Ok(Self { root: Arc::clone(root), note, tenant, hash, first: None })
    }

    /// None was in its place before.
    pub(super) fn of_first(self, file: File) -> Self {
        Self { first: Some(file), ..self }
    }

    /// A ticket has it, or nobody will: the note goes.
    pub async fn known(self) -> io::Result<()> {
        fs::remove_file(&self.note).await
    }

    /// No ticket will have it by this upload: takes the file away at once if none was in its place before and nobody has
    /// brought it again since, for then nobody else can have it. Says whether it is gone; if not, it is looked at later.
    pub async fn withdraw(self) -> io::Result<bool> {
        let Some(first) = &self.first else { return Ok(false) };
        // As long as it is open, no other file has its number.
        let own = first.metadata().await?;
        let place = place(&self.root, &self.tenant, &self.hash);
        {
            let _alone = alone(&self.root)?;
            match std::fs::metadata(&place) {
                Ok(it) if (it.dev(), it.ino()) == (own.dev(), own.ino()) => std::fs::remove_file(&place)?,
                Ok(_) => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.known().await?;
        Ok(true)
    }

    /// Takes the file away, unless it came at `since` or later: then somebody may just be giving it to a ticket. Says
    /// whether it is gone.
    pub async fn remove(self, since: Timestamp) -> io::Result<bool> {
        let place = place(&self.root, &self.tenant, &self.hash);
        {
            let _alone = alone(&self.root)?;
            match std::fs::metadata(&place).and_then(|it| it.modified()) {
                Ok(at) if at >= UNIX_EPOCH + Duration::from_millis(since.0.max(0).unsigned_abs()) => {
                    return Ok(false);
                }
                Ok(_) => std::fs::remove_file(&place)?,
                // Another note of the same file came first.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        self.known().await?;
        Ok(true)
    }

    /// From the name of a note.
    fn of(root: &Arc<Path>, tenant: &Tenant, note: PathBuf) -> Option<Self> {
        let name = note.file_name()?.to_str()?;
        let (written, _) = name.split_once('-').filter(|(it, _)| it.len() == 64 && it.is_ascii())?;
        let mut hash = [0; 32];
        for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
            *byte = u8::from_str_radix(written.get(at..at + 2)?, 16).ok()?;
        }
        Some(Self { root: Arc::clone(root), note, tenant: tenant.clone(), hash, first: None })
    }
}

impl Folder {
    /// Files that came before `since` and of which it is still not known whether a ticket has them.
    pub async fn pending(&self, since: Timestamp) -> io::Result<Vec<Pending>> {
        let since = UNIX_EPOCH + Duration::from_millis(since.0.max(0).unsigned_abs());
        let mut all = vec![];
        for folder in entries(&self.root.join(PENDING)).await? {
            let name = folder.file_name().and_then(|it| it.to_str());
            let Some(tenant) = name.and_then(Tenant::parse) else { continue };
            for note in entries(&folder).await? {
                // What is gone by now is known by now.
                let is_old =
                    fs::metadata(&note).await.and_then(|it| it.modified()).is_ok_and(|it| it < since);
                all.extend(Pending::of(&self.root, &tenant, note).filter(|_| is_old));
            }
        }
        Ok(all)
    }
}

async fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = match fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut paths = vec![];
    while let Some(entry) = entries.next_entry().await? {
        paths.push(entry.path());
    }
    Ok(paths)
}

/// Held by who puts a file in its place or takes one away.
pub(super) fn alone(root: &Path) -> io::Result<std::fs::File> {
    let lock = std::fs::File::options().write(true).create(true).truncate(false).open(root.join(LOCK))?;
    lock.lock()?;
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEVER: Timestamp = Timestamp(0);
    const EVER: Timestamp = Timestamp(i64::MAX / 2);

    async fn kept(folder: &Folder, of: &str, bytes: &[u8]) -> Pending {
        let mut file = folder.begin().await.unwrap();
        file.write(bytes).await.unwrap();
        file.keep(&Tenant::parse(of).unwrap()).await.unwrap()
    }

    #[tokio::test]
    async fn a_file_that_nobody_has_goes_and_the_others_stay() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        kept(&folder, "acme", b"one").await.known().await.unwrap();
        let left = kept(&folder, "acme", b"two").await;
        let other = kept(&folder, "globex", b"two").await;
        other.known().await.unwrap();

        assert!(folder.pending(NEVER).await.unwrap().is_empty(), "it has just come");
        let all = folder.pending(EVER).await.unwrap();
        let [found] = <[Pending; 1]>::try_from(all).unwrap();
        assert_eq!((found.hash, &found.tenant), (left.hash, &left.tenant));
        assert!(found.remove(EVER).await.unwrap());
        assert!(folder.pending(EVER).await.unwrap().is_empty());
        let gone = folder.read(&left.tenant, &left.hash).await.unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
        folder.read(&Tenant::parse("globex").unwrap(), &left.hash).await.unwrap();
    }

    /// Somebody brings the same bytes again while the old ones are being taken away: whoever looks finds a new file.
    #[tokio::test]
    async fn what_has_just_come_again_stays() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        let old = kept(&folder, "acme", b"the same").await;
        let new = kept(&folder, "acme", b"the same").await;
        assert!(!old.remove(NEVER).await.unwrap());
        folder.read(&new.tenant, &new.hash).await.unwrap();
        assert_eq!(folder.pending(EVER).await.unwrap().len(), 2, "the note stays for the next time");
    }

    #[tokio::test]
    async fn what_is_refused_goes_at_once_unless_somebody_else_may_have_it() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        let only = kept(&folder, "acme", b"only").await;
        let (tenant, hash) = (only.tenant.clone(), only.hash);
        assert!(only.withdraw().await.unwrap());
        let gone = folder.read(&tenant, &hash).await.unwrap_err();
        assert_eq!(gone.kind(), io::ErrorKind::NotFound);
        assert!(folder.pending(EVER).await.unwrap().is_empty());

        // A ticket has it from before, or gets it meanwhile.
        for is_before in [true, false] {
            let (one, other) = (kept(&folder, "acme", b"both").await, kept(&folder, "acme", b"both").await);
            let (had, refused) = if is_before { (one, other) } else { (other, one) };
            let hash = had.hash;
            had.known().await.unwrap();
            assert!(!refused.withdraw().await.unwrap());
            folder.read(&tenant, &hash).await.unwrap();
            std::fs::remove_dir_all(place.path().join("kept")).unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_no_note_is_left_alone() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::at(place.path().to_owned());
        let notes = place.path().join(PENDING).join("acme");
        std::fs::create_dir_all(&notes).unwrap();
        for name in ["readme", "ab-1", &format!("{}-1", "zz".repeat(32)), &format!("é{}-1", "a".repeat(62))]
        {
            std::fs::write(notes.join(name), "").unwrap();
        }
        assert!(folder.pending(EVER).await.unwrap().is_empty());
    }
}
