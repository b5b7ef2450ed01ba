//! What is not durable yet, and making it so.
//!
//! Not here: the order in which a commit needs its files; that is `log`'s.

use std::collections::{BTreeSet, HashSet};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};

use super::{Disk, Op, StorageError, parent};

/// Files and folders that [`Disk::sync`] syncs one by one; for more, one `syncfs` is faster.
///
/// A small commit changes some 6 to 16. One `fsync` is 0.3 to 0.5 ms on an idle machine, `syncfs` over some
/// hundred files 25 ms, and it waits for what other programs wrote too.
pub const SYNC_EACH_MAX: usize = 24;

/// Whether the system can sync a whole filesystem at once.
pub(super) const HAS_SYNCFS: bool = cfg!(target_os = "linux");

/// What the next sync has to make durable.
#[derive(Debug, Default)]
pub(super) struct Unsynced {
    /// The handles that wrote: they are told of a failed write-back, one opened later may not be.
    files: Vec<(String, File)>,
    pub dirs: BTreeSet<String>,
    /// Too many to list: everything.
    all: bool,
    /// Folders whose own name a past or the next sync makes durable, and those of all above them.
    pub named: HashSet<String>,
}

impl Disk {
    /// Makes everything durable that was written through this handle and its clones.
    ///
    /// After a failure nothing more can be written: open the ledger again.
    pub fn sync(&self) -> Result<(), StorageError> {
        self.not_poisoned(&self.shared.root)?;
        let mut unsynced = self.lock_unsynced();
        let files = std::mem::take(&mut unsynced.files);
        let dirs = std::mem::take(&mut unsynced.dirs);
        let all = std::mem::take(&mut unsynced.all);
        drop(unsynced);
        if all || HAS_SYNCFS && files.len() + dirs.len() > SYNC_EACH_MAX {
            return self.sync_all();
        }
        files.iter().try_for_each(|(path, file)| self.sync_file(path, file))?;
        dirs.iter().try_for_each(|dir| self.sync_names(dir))
    }

    /// Makes the name of a file durable, and those of the folders above it, whoever wrote it.
    pub fn sync_name(&self, path: &str) -> Result<(), StorageError> {
        self.create_parent(path)?;
        let mut unsynced = self.lock_unsynced();
        unsynced.dirs.insert(parent(path).to_owned());
        let above = |dir: &String| dir.is_empty() || Path::new(path).starts_with(dir);
        let dirs: Vec<String> = unsynced.dirs.extract_if(.., above).collect();
        drop(unsynced);
        dirs.iter().try_for_each(|dir| self.sync_names(dir))
    }

    /// Notes a file for the next sync.
    pub(super) fn wrote(&self, path: &str, file: File) -> Result<(), StorageError> {
        let mut unsynced = self.lock_unsynced();
        unsynced.dirs.insert(parent(path).to_owned());
        if unsynced.all {
            return Ok(());
        }
        unsynced.files.push((path.to_owned(), file));
        if unsynced.files.len() <= SYNC_EACH_MAX {
            return Ok(());
        }
        let files = std::mem::take(&mut unsynced.files);
        if HAS_SYNCFS {
            unsynced.all = true;
            return Ok(());
        }
        drop(unsynced);
        // Without syncfs the handles must not pile up, so these are synced now.
        files.iter().try_for_each(|(path, file)| self.sync_file(path, file))
    }

    pub(super) fn sync_file(&self, path: &str, file: &File) -> Result<(), StorageError> {
        self.judged(path, file.sync_all(), || Op::SyncFile(path.to_owned()))
    }

    fn sync_names(&self, dir: &str) -> Result<(), StorageError> {
        self.judged(dir, sync_dir(&self.shared.root.join(dir)), || Op::SyncDir(dir.to_owned()))
    }

    fn sync_all(&self) -> Result<(), StorageError> {
        #[cfg(target_os = "linux")]
        if let Some(dir) = &self.shared.root_dir {
            return self.judged("", rustix::fs::syncfs(dir).map_err(Into::into), || Op::SyncAll);
        }
        Ok(())
    }

    /// Records a sync that succeeded, and ends all writing after one that did not.
    fn judged(&self, path: &str, outcome: std::io::Result<()>, op: impl FnOnce() -> Op) -> Result<(), StorageError> {
        outcome.map_err(|e| {
            self.shared.poisoned.store(true, Ordering::Release);
            StorageError::new("sync", &self.shared.root.join(path), e)
        })?;
        self.record(op);
        Ok(())
    }

    pub(super) fn lock_unsynced(&self) -> MutexGuard<'_, Unsynced> {
        // A panic elsewhere leaves the lists whole: each change to them is one call.
        self.shared.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unsynced {
    /// A file has another name: both folders changed, and the file goes by the new one.
    pub fn renamed(&mut self, from: &str, to: &str) {
        self.dirs.extend([parent(from).to_owned(), parent(to).to_owned()]);
        self.files.iter_mut().filter(|(path, _)| path == from).for_each(|(path, _)| to.clone_into(path));
    }
}

#[cfg(unix)]
pub(super) fn sync_dir(path: &Path) -> std::io::Result<()> {
    File::open(path)?.sync_all()
}

/// Folders cannot be synced here; the system orders names itself.
#[cfg(not(unix))]
pub(super) fn sync_dir(_path: &Path) -> std::io::Result<()> {
    Ok(())
}
