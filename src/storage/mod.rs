//! The files of one ledger: bounded reads, durable writes, one writer, and a record of every change for the tests.
//!
//! Not here: what the files mean. Not a virtual filesystem either: it does what this ledger's two kinds of file need.
//!
//! | kind of file | written by | a crash leaves |
//! |---|---|---|
//! | immutable, not yet named by a checkpoint | [`Disk::write`], [`Disk::create`] then [`Disk::sync`] | anything, until the sync |
//! | swapped: checkpoint, mark, key | [`Disk::write_durable_atomic`] | the old bytes or the new |
//!
//! What is assumed of the medium: a rename is atomic; after `fsync` of a file its bytes survive, after `fsync` of
//! a folder the names in it do, after `syncfs` everything does; nothing else survives in any particular order.
//!
//! Invariants:
//! - [`Disk::sync`] covers every byte and name written through this handle since the last one, and the names of all
//!   folders above them, whoever made those: a folder that a killed process left behind may not be durable yet.
//! - After a failed sync nothing more is written: the system may have dropped the bytes and report success next time.
//! - Paths are relative, with `/`, and never leave the folder.

pub mod ahead;
mod error;
mod file;
mod sync;
mod trace;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub use error::StorageError;
pub use file::{FileReader, FileWriter};
pub use sync::SYNC_EACH_MAX;
pub use trace::{Op, Trace};

use sync::{HAS_SYNCFS, Unsynced, sync_dir};

/// What a file under a temporary name is called until it has its own.
const TEMP_SUFFIX: &str = ".tmp";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Whoever the user's mask allows.
    Public,
    /// Its owner only (0600).
    Private,
}

/// A name in a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    /// The last component of its path.
    pub name: String,
    /// Whether it is a folder.
    pub is_dir: bool,
}

/// The writer's exclusive lock, released when dropped or when the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

/// The folder of one ledger. Clones share it, and what it still has to sync.
#[derive(Debug, Clone)]
pub struct Disk {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    root: PathBuf,
    /// Open since before the first write: `syncfs` reports the errors that happened since its handle was opened.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code))]
    root_dir: Option<File>,
    poisoned: AtomicBool,
    unsynced: Mutex<Unsynced>,
    trace: Option<Trace>,
}

impl Disk {
    /// The ledger in an existing folder.
    pub fn open(root: &Path) -> Result<Disk, StorageError> {
        Disk::with_trace(root, None)
    }

    /// As [`open`](Disk::open), recording every change.
    pub fn recording(root: &Path) -> Result<(Disk, Trace), StorageError> {
        let trace = Trace::default();
        Ok((Disk::with_trace(root, Some(trace.clone()))?, trace))
    }

    /// Makes the folder, and those above it that are missing, and opens it. Their names are durable on return.
    pub fn create_root(root: &Path) -> Result<Disk, StorageError> {
        let fail = |e| StorageError::new("make", root, e);
        let absolute = std::path::absolute(root).map_err(fail)?;
        let missing: Vec<&Path> = absolute.ancestors().take_while(|dir| !dir.exists()).collect();
        fs::create_dir_all(&absolute).map_err(fail)?;
        for parent in missing.iter().filter_map(|dir| dir.parent()) {
            sync_dir(parent).map_err(|e| StorageError::new("sync", parent, e))?;
        }
        Disk::open(root)
    }

    fn with_trace(root: &Path, trace: Option<Trace>) -> Result<Disk, StorageError> {
        let fail = |e| StorageError::new("open", root, e);
        if !fs::metadata(root).map_err(fail)?.is_dir() {
            return Err(fail(std::io::ErrorKind::NotADirectory.into()));
        }
        let root_dir = if HAS_SYNCFS { Some(File::open(root).map_err(fail)?) } else { None };
        let (root, poisoned, unsynced) = (root.to_owned(), AtomicBool::new(false), Mutex::default());
        Ok(Disk { shared: Arc::new(Shared { root, root_dir, poisoned, unsynced, trace }) })
    }

    /// Where the ledger is.
    pub fn root(&self) -> &Path {
        &self.shared.root
    }

    /// The full path of a file, for messages and for programs that want one.
    pub fn full_path(&self, path: &str) -> Result<PathBuf, StorageError> {
        let mut components = Path::new(path).components();
        if path.is_empty() || !components.all(|part| matches!(part, Component::Normal(_))) {
            return Err(StorageError::BadPath { path: path.to_owned() });
        }
        Ok(self.shared.root.join(path))
    }

    // --- reading ---

    /// The bytes of a file of at most `max_len` bytes.
    ///
    /// Fails with [`StorageError::TooLong`] if it is longer.
    pub fn read(&self, path: &str, max_len: u64) -> Result<Vec<u8>, StorageError> {
        let full = self.full_path(path)?;
        let fail = |e| StorageError::new("read", &full, e);
        let file = File::open(&full).map_err(fail)?;
        let len = file.metadata().map_err(fail)?.len();
        let mut bytes = Vec::with_capacity(len.min(max_len) as usize);
        // One byte more than allowed: the file may grow while it is read.
        file.take(max_len.saturating_add(1)).read_to_end(&mut bytes).map_err(fail)?;
        if bytes.len() as u64 > max_len {
            return Err(StorageError::TooLong { path: full, len: len.max(bytes.len() as u64), max_len });
        }
        Ok(bytes)
    }

    /// Opens a file for reading at positions.
    pub fn open_file(&self, path: &str) -> Result<FileReader, StorageError> {
        let full = self.full_path(path)?;
        let fail = |e| StorageError::new("open", &full, e);
        let file = File::open(&full).map_err(fail)?;
        let len = file.metadata().map_err(fail)?.len();
        Ok(FileReader::new(full, file, len))
    }

    /// Whether a file or folder has this name.
    pub fn exists(&self, path: &str) -> Result<bool, StorageError> {
        let full = self.full_path(path)?;
        full.try_exists().map_err(|e| StorageError::new("look for", &full, e))
    }

    /// Length of a file in bytes.
    pub fn len(&self, path: &str) -> Result<u64, StorageError> {
        let full = self.full_path(path)?;
        Ok(fs::metadata(&full).map_err(|e| StorageError::new("look at", &full, e))?.len())
    }

    /// The names in a folder, sorted; none if the folder does not exist. `""` is the ledger's own.
    pub fn list(&self, dir: &str) -> Result<Vec<Listed>, StorageError> {
        let full = if dir.is_empty() { self.shared.root.clone() } else { self.full_path(dir)? };
        let fail = |e| StorageError::new("list", &full, e);
        let entries = match fs::read_dir(&full) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(fail)?,
        };
        let mut listed = Vec::new();
        for entry in entries {
            let entry = entry.map_err(fail)?;
            let is_dir = entry.file_type().map_err(fail)?.is_dir();
            listed.push(Listed { name: entry.file_name().to_string_lossy().into_owned(), is_dir });
        }
        listed.sort();
        Ok(listed)
    }

    // --- writing ---

    /// Writes a small file in place, with the folders above it. It is durable after the next [`sync`](Disk::sync).
    ///
    /// Only for a name that no checkpoint, and so no reader, refers to yet: until the sync a crash may leave any
    /// mixture of what was there and these bytes.
    pub fn write(&self, path: &str, bytes: &[u8]) -> Result<(), StorageError> {
        let file = self.write_new(path, bytes, Mode::Public)?;
        self.wrote(path, file)
    }

    /// Starts a file that is too big for [`write`](Disk::write).
    pub fn create(&self, path: &str) -> Result<FileWriter, StorageError> {
        self.writable(path)?;
        let temp = format!("{path}{TEMP_SUFFIX}");
        let file = self.write_new(&temp, b"", Mode::Public)?;
        Ok(FileWriter::new(self.clone(), path, temp, file))
    }

    /// Replaces a file at once: a reader, or a crash, finds the old bytes or the new. Which of them a crash leaves
    /// is settled by the next [`sync`](Disk::sync).
    ///
    /// A failure leaves the old file as it was.
    pub fn write_atomic(&self, path: &str, bytes: &[u8], mode: Mode) -> Result<(), StorageError> {
        let full = self.writable(path)?;
        let temp = format!("{path}{TEMP_SUFFIX}");
        let replace = || {
            let file = self.write_new(&temp, bytes, mode)?;
            // The bytes before the name: else a crash could leave the new name with nothing in it.
            self.sync_file(&temp, &file)?;
            self.rename(&temp, path)
        };
        replace().inspect_err(|_| {
            // Makes room on a full disk; what stays is overwritten by the next attempt.
            let _ = fs::remove_file(full.with_added_extension(&TEMP_SUFFIX[1..]));
        })?;
        self.lock_unsynced().dirs.insert(parent(path).to_owned());
        Ok(())
    }

    /// As [`write_atomic`](Disk::write_atomic), and durable on return: for what must be on disk before the next step.
    ///
    /// After a failed sync, which of the two a crash leaves is unknown.
    pub fn write_durable_atomic(&self, path: &str, bytes: &[u8], mode: Mode) -> Result<(), StorageError> {
        self.write_atomic(path, bytes, mode)?;
        self.sync_name(path)
    }

    /// Makes a folder and those above it.
    pub fn create_dirs(&self, dir: &str) -> Result<(), StorageError> {
        let full = self.writable(dir)?;
        if self.lock_unsynced().named.contains(dir) {
            return Ok(());
        }
        self.create_parent(dir)?;
        match fs::create_dir(&full) {
            Ok(()) => self.record(|| Op::CreateDir(dir.to_owned())),
            // Made by a process that may have been killed before its sync: its name still has to be made durable.
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists && full.is_dir() => {}
            Err(e) => return Err(StorageError::new("make", &full, e)),
        }
        let mut unsynced = self.lock_unsynced();
        unsynced.dirs.insert(parent(dir).to_owned());
        unsynced.named.insert(dir.to_owned());
        Ok(())
    }

    /// Removes a file. That it is gone is not made durable.
    pub fn remove(&self, path: &str) -> Result<(), StorageError> {
        let full = self.writable(path)?;
        fs::remove_file(&full).map_err(|e| StorageError::new("remove", &full, e))?;
        self.record(|| Op::Remove(path.to_owned()));
        Ok(())
    }

    /// Removes a folder and the files in it; not folders in it.
    pub fn remove_dir(&self, dir: &str) -> Result<(), StorageError> {
        let full = self.writable(dir)?;
        for listed in self.list(dir)?.iter().filter(|listed| !listed.is_dir) {
            self.remove(&format!("{dir}/{}", listed.name))?;
        }
        fs::remove_dir(&full).map_err(|e| StorageError::new("remove", &full, e))?;
        self.record(|| Op::RemoveDir(dir.to_owned()));
        let mut unsynced = self.lock_unsynced();
        unsynced.dirs.remove(dir);
        unsynced.named.remove(dir);
        Ok(())
    }

    /// Gives a file another name, as for a digest that is known only when the file is whole. Durable after the next
    /// [`sync`](Disk::sync).
    pub fn move_to(&self, from: &str, to: &str) -> Result<(), StorageError> {
        if self.exists(to)? {
            // As in `adopt`: only durable bytes may take the place of a file that may be in use.
            let full = self.writable(from)?;
            self.sync_file(from, &File::open(&full).map_err(|e| StorageError::new("open", &full, e))?)?;
        }
        self.create_parent(to)?;
        self.rename(from, to)?;
        self.lock_unsynced().renamed(from, to);
        Ok(())
    }

    /// Removes a folder with everything in it, if it exists: for what is derived and will be made again.
    pub fn remove_tree(&self, dir: &str) -> Result<(), StorageError> {
        if !self.exists(dir)? {
            return Ok(());
        }
        for listed in self.list(dir)?.iter().filter(|listed| listed.is_dir) {
            self.remove_tree(&format!("{dir}/{}", listed.name))?;
        }
        self.remove_dir(dir)
    }

    /// Takes the writer's lock: at once, or waiting until it is free.
    ///
    /// Fails with [`StorageError::LockHeld`] if it is held and `wait` is false.
    pub fn lock(&self, path: &str, wait: bool) -> Result<Lock, StorageError> {
        let full = self.full_path(path)?;
        self.create_parent(path)?;
        let fail = |e| StorageError::new("lock", &full, e);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&full).map_err(fail)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) if wait => file.lock().map_err(fail)?,
            Err(TryLockError::WouldBlock) => return Err(StorageError::LockHeld { path: full }),
            Err(TryLockError::Error(e)) => return Err(fail(e)),
        }
        Ok(Lock { _file: file })
    }

    // --- helpers ---

    /// The full path of what is to be changed, unless nothing may be changed any more.
    fn writable(&self, path: &str) -> Result<PathBuf, StorageError> {
        let full = self.full_path(path)?;
        self.not_poisoned(&full)?;
        Ok(full)
    }

    fn not_poisoned(&self, full: &Path) -> Result<(), StorageError> {
        if self.shared.poisoned.load(Ordering::Acquire) {
            return Err(StorageError::Poisoned { path: full.to_owned() });
        }
        Ok(())
    }

    fn create_parent(&self, path: &str) -> Result<(), StorageError> {
        let dir = parent(path);
        if dir.is_empty() { Ok(()) } else { self.create_dirs(dir) }
    }

    /// Makes or empties a file and writes to it.
    fn write_new(&self, path: &str, bytes: &[u8], mode: Mode) -> Result<File, StorageError> {
        let full = self.writable(path)?;
        self.create_parent(path)?;
        let fail = |e| StorageError::new("write", &full, e);
        let mut file = open_new(&full, mode).map_err(fail)?;
        self.record(|| Op::Create(path.to_owned()));
        if !bytes.is_empty() {
            file.write_all(bytes).map_err(fail)?;
            self.record(|| Op::Write { path: path.to_owned(), offset: 0, bytes: bytes.to_vec() });
        }
        Ok(file)
    }

    /// Gives a written file its name, and leaves both to the next sync.
    fn adopt(&self, file: File, temp: &str, path: &str) -> Result<(), StorageError> {
        if self.exists(path)? {
            // What is replaced may be named by a checkpoint: only durable bytes may take its place.
            self.sync_file(temp, &file)?;
        }
        self.create_parent(path)?;
        self.rename(temp, path)?;
        self.wrote(path, file)
    }

    fn rename(&self, from: &str, to: &str) -> Result<(), StorageError> {
        let (old, new) = (self.writable(from)?, self.writable(to)?);
        fs::rename(&old, &new).map_err(|e| StorageError::new("replace", &new, e))?;
        self.record(|| Op::Rename { from: from.to_owned(), to: to.to_owned() });
        Ok(())
    }

    fn record(&self, op: impl FnOnce() -> Op) {
        if let Some(trace) = &self.shared.trace {
            trace.push(op());
        }
    }
}

/// The folder that holds `path`; `""` for the ledger's own.
fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(dir, _)| dir)
}

fn open_new(path: &Path, mode: Mode) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true);
    if mode == Mode::Private {
        // A leftover of another mode would keep it, so a private file is always a new one.
        match fs::remove_file(path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
            _ => options.create_new(true),
        };
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    options.open(path)
}
