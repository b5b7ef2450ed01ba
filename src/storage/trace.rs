//! The recording filesystem: every change a [`Disk`](super::Disk) makes, in order.
//!
//! A test replays prefixes of a trace against a model of a disk that loses what was not synced, and opens the
//! result. Only operations that succeeded are recorded. Reads and locks are not.

use std::sync::{Arc, Mutex, PoisonError};

/// One change to the disk. Paths are relative to the ledger's folder, which is `""`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// A folder was made.
    CreateDir(String),
    /// A file was made, or an existing one emptied.
    Create(String),
    /// Bytes were written at a position of a file.
    Write {
        /// The file.
        path: String,
        /// Position of the first byte.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A file's bytes were made durable; not its name.
    SyncFile(String),
    /// The names in a folder were made durable.
    SyncDir(String),
    /// Everything was made durable.
    SyncAll,
    /// A file took another name, replacing what had it.
    Rename {
        /// The old name.
        from: String,
        /// The new name.
        to: String,
    },
    /// A file was removed.
    Remove(String),
    /// An empty folder was removed.
    RemoveDir(String),
}

/// The changes recorded so far; clones share one list.
#[derive(Debug, Clone, Default)]
pub struct Trace(Arc<Mutex<Vec<Op>>>);

impl Trace {
    /// A copy of the changes so far.
    pub fn ops(&self) -> Vec<Op> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many changes there are so far.
    pub fn count(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(super) fn push(&self, op: Op) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(op);
    }
}
