//! What can go wrong with a file of the ledger. Every variant names the path.
//!
//! Not here: what is wrong with a file's *content*; that is for the module that owns its format.

use std::io;
use std::path::{Path, PathBuf};

/// A failed operation on one file or folder of the ledger.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// Nothing has this name.
    #[error("{} does not exist", path.display())]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// No space, or no quota, is left.
    #[error("cannot {action} {}: no space is left", path.display())]
    DiskFull {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The medium is read-only, or this user may not do it.
    #[error("cannot {action} {}: read-only, or not permitted", path.display())]
    ReadOnly {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Any other failure that the system reports.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is longer than its reader accepts.
    #[error("{} is {len} bytes long, more than the {max_len} that it may have", path.display())]
    TooLong {
        /// The file.
        path: PathBuf,
        /// Its length.
        len: u64,
        /// The reader's limit.
        max_len: u64,
    },
    /// Another process writes to this ledger.
    #[error("{} is locked by another process", path.display())]
    LockHeld {
        /// The lock file.
        path: PathBuf,
    },
    /// A sync failed earlier: what the disk holds is unknown until the ledger is opened anew.
    #[error("cannot write {}: an earlier sync failed; open the ledger again", path.display())]
    Poisoned {
        /// What was to be written.
        path: PathBuf,
    },
    /// The path is empty, absolute, or leads out of the folder.
    #[error("{path:?} does not name a file inside the ledger")]
    BadPath {
        /// The path as given.
        path: String,
    },
}

impl StorageError {
    /// Sorts a system error by what its user can do about it.
    pub(crate) fn new(action: &'static str, path: &Path, source: io::Error) -> StorageError {
        use io::ErrorKind as Kind;
        let path = path.to_owned();
        match source.kind() {
            Kind::NotFound => StorageError::NotFound { path },
            Kind::StorageFull | Kind::QuotaExceeded => StorageError::DiskFull { action, path, source },
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => StorageError::ReadOnly { action, path, source },
            _ => StorageError::Io { action, path, source },
        }
    }

    /// Whether space has run out.
    pub fn is_full(&self) -> bool {
        matches!(self, StorageError::DiskFull { .. })
    }

    /// Whether writing is not allowed.
    pub fn is_read_only(&self) -> bool {
        matches!(self, StorageError::ReadOnly { .. })
    }

    /// Whether the file does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(self, StorageError::NotFound { .. })
    }
}
