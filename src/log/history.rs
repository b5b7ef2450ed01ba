//! The published checkpoints: `log/history/<size>`, each with the cosignatures that came later.
//!
//! Not here: which of them a commit publishes ([`super::write`]), and which witnesses count (`tlog::policy`).
//! Invariant: a published text never changes; signature lines are only added, by replacing the file at once.

use super::read::read_checkpoint;
use super::{HISTORY, LogError};
use crate::storage::{Disk, Mode};
use crate::tlog::{NoteSignature, VerifiedCheckpoint, VerifierKey};

/// The sizes of all published checkpoints, ascending.
///
/// # Errors
/// The folder cannot be listed.
pub fn sizes(disk: &Disk) -> Result<Vec<u64>, LogError> {
    let names = disk.list(HISTORY)?;
    let mut sizes: Vec<u64> = names.iter().filter_map(|at| parse_path(&format!("{HISTORY}/{}", at.name))).collect();
    sizes.sort_unstable();
    Ok(sizes)
}

/// The published checkpoint of a size, with its cosignatures; `None` if none of that size was published.
///
/// # Errors
/// It is damaged, another log's, or of another size.
pub fn published(disk: &Disk, key: &VerifierKey, size: u64) -> Result<Option<VerifiedCheckpoint>, LogError> {
    let path = path(size);
    match read_checkpoint(disk, &path, key)? {
        Some(other) if other.size() != size => Err(LogError::WrongSize { path, size: other.size() }),
        found => Ok(found),
    }
}

/// Adds signature lines to a published checkpoint, durably. Whoever calls this holds the log's lock and has verified
/// the lines: one that a reader knows and cannot verify makes the whole checkpoint worthless to it.
///
/// # Errors
/// The note becomes too long, or the disk refuses.
pub fn add(disk: &Disk, checkpoint: &VerifiedCheckpoint, lines: &[NoteSignature]) -> Result<(), LogError> {
    let path = path(checkpoint.size());
    let mut note = checkpoint.note().clone();
    for line in lines {
        note.add(line.clone()).map_err(|source| LogError::BadNote { path: path.clone(), source })?;
    }
    Ok(disk.write_durable_atomic(&path, note.to_string().as_bytes(), Mode::Public)?)
}

/// Where the checkpoint of a size is.
pub(super) fn path(size: u64) -> String {
    format!("{HISTORY}/{size}")
}

/// The size that a path names, in the one spelling that names it.
pub(super) fn parse_path(text: &str) -> Option<u64> {
    let size = text.strip_prefix(HISTORY)?.strip_prefix('/')?.parse().ok()?;
    (path(size) == text).then_some(size)
}
