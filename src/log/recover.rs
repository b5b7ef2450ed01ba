//! Settling what a crash or a restored backup left, before anything is appended (architecture.md, invariants 2, 3).
//!
//! Not here: repairing damage. What the log lacks or contradicts is an error, and nothing is appended.
//!
//! | `private/signed` is | then |
//! |---|---|
//! | missing | refused: what the key has signed is unknown |
//! | below the checkpoint | its root must be this log's at that size; it is raised |
//! | at the checkpoint | the roots must be equal |
//! | above the checkpoint | that tree is recomputed from the bytes on disk and published: the commit is completed |
//!
//! The last one is the only way forward: a note of that size may have been signed and seen. A commit makes all bytes
//! durable before the mark, so after a crash they are there; if they are not, this is another copy of the ledger.

use std::cmp::Ordering;

use super::edge::Edge;
use super::read::{LogReader, check_entry, compare_tile, decode_bundle, read_bundle, read_checkpoint, read_tile};
use super::write::{History, keep, publish};
use super::{CHECKPOINT, LogError, MARK};
use crate::storage::{Disk, Mode, StorageError};
use crate::tlog::tile::{FULL_WIDTH, bundle_path, tile_level};
use crate::tlog::{Checkpoint, Hash, NoteError, SigningKey, Tile};

/// Longest mark: an origin of 255 bytes, 16 digits, 44 characters of base64 and three newlines, rounded up.
const MAX_MARK_LEN: u64 = 512;

/// The log with checkpoint and mark in agreement, or the reason why nothing may be appended to it.
pub(super) fn recover(disk: &Disk, key: &SigningKey) -> Result<LogReader, LogError> {
    let foreign = || LogError::KeyMismatch { key: key.verifier().to_string() };
    let checkpoint = read_checkpoint(disk, CHECKPOINT, key.verifier()).map_err(|error| match error {
        LogError::BadNote { source: NoteError::NotSigned { .. } | NoteError::WrongOrigin { .. }, .. } => foreign(),
        error => error,
    })?;
    let mark = match (read_mark(disk)?, &checkpoint) {
        (Some(mark), _) => mark,
        (None, Some(_)) => return Err(LogError::MarkMissing),
        (None, None) => return Err(LogError::NoLog),
    };
    if mark.origin != key.verifier().name() {
        return Err(foreign());
    }
    if checkpoint.is_some() {
        // A process that was killed in its swap leaves a checkpoint that a crash could still take back.
        disk.sync_name(CHECKPOINT)?;
    }
    let reader = match checkpoint {
        // The first commit was interrupted between the mark and the swap.
        None => roll_forward(disk, key, Edge::default(), &mark)?,
        Some(checkpoint) => settle(disk, key, LogReader::at(disk, checkpoint)?, &mark)?,
    };
    keep(disk, reader.checkpoint())?;
    Ok(reader)
}

fn settle(disk: &Disk, key: &SigningKey, reader: LogReader, mark: &Checkpoint) -> Result<LogReader, LogError> {
    match mark.size.cmp(&reader.size()) {
        Ordering::Equal => expect_root(mark, reader.root())?,
        Ordering::Less => {
            expect_root(mark, &reader.root_at(mark.size)?)?;
            disk.write_durable_atomic(MARK, reader.checkpoint().note().text().as_bytes(), Mode::Private)?;
        }
        Ordering::Greater => return roll_forward(disk, key, reader.into_parts().1, mark),
    }
    Ok(reader)
}

/// Completes the commit of the mark's size from the bytes on disk, every one of which is hashed again.
fn roll_forward(disk: &Disk, key: &SigningKey, mut edge: Edge, mark: &Checkpoint) -> Result<LogReader, LogError> {
    let old_size = edge.size();
    let stuck = |source: LogError| LogError::MarkAboveCheckpoint {
        mark: mark.size,
        checkpoint: old_size,
        source: Box::new(source),
    };
    replay(disk, &mut edge, mark.size).map_err(stuck)?;
    expect_root(mark, &edge.root())?;
    let checkpoint = publish(disk, key, old_size, mark, History::Keep)?;
    LogReader::at(disk, checkpoint)
}

/// Appends the entries on disk up to `size` to the edge, and compares every tile with the one that results. That
/// also holds the first bundle's committed entries against the edge.
fn replay(disk: &Disk, edge: &mut Edge, size: u64) -> Result<(), LogError> {
    while edge.size() < size {
        let (index, bundles) = (edge.size() >> 8, tile_level(0, size));
        let width = if index < bundles.full { FULL_WIDTH } else { bundles.partial };
        let path = bundle_path(index, width);
        let bytes = read_bundle(disk, index, width)?;
        let leaves = read_tile(disk, Tile { level: 0, index, width })?;
        let committed = edge.tile(0).len();
        for (position, (entry, leaf)) in decode_bundle(&bytes, width, &path)?.into_iter().zip(leaves).enumerate() {
            check_entry(entry, (index << 8) + position as u64, &leaf, &path)?;
            if position >= committed {
                edge.push(leaf, |tile, hashes| compare_tile(disk, tile, hashes))?;
            }
        }
    }
    edge.partials().try_for_each(|(tile, hashes)| compare_tile(disk, tile, hashes))
}

fn expect_root(mark: &Checkpoint, log: &Hash) -> Result<(), LogError> {
    if mark.root == *log {
        return Ok(());
    }
    Err(LogError::TwoRoots { size: mark.size, log: *log, mark: mark.root })
}

fn read_mark(disk: &Disk) -> Result<Option<Checkpoint>, LogError> {
    let bytes = match disk.read(MARK, MAX_MARK_LEN) {
        Err(StorageError::NotFound { .. }) => return Ok(None),
        Err(StorageError::TooLong { .. }) => return Err(LogError::BadMark),
        read => read?,
    };
    let text = str::from_utf8(&bytes).map_err(|_| LogError::BadMark)?;
    Checkpoint::parse(text).map(Some).map_err(|_| LogError::BadMark)
}
