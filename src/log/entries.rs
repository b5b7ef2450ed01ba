//! Entries on their way into the log: encoded and hashed ahead of it, which any core can do.
//!
//! Invariant: the hash of a tile is there for each one whose entries are all here.

use super::LogError;
use crate::tlog::tile::{FULL_WIDTH, MAX_ENTRY_LEN, subtree_hash};
use crate::tlog::{Hash, leaf_hash};
use std::ops::Range;

/// Bytes before an entry in a bundle: its length, big-endian.
const PREFIX_LEN: usize = 2;

/// Consecutive entries, as they stand in bundles.
#[derive(Debug)]
pub struct Entries {
    first: u64,
    bytes: Vec<u8>,
    /// Where each entry ends in `bytes`.
    ends: Vec<usize>,
    leaves: Vec<Hash>,
    subtrees: Vec<Hash>,
}

impl Entries {
    /// None yet; the first will have this log index.
    pub fn new(first: u64) -> Entries {
        Entries { first, bytes: Vec::new(), ends: Vec::new(), leaves: Vec::new(), subtrees: Vec::new() }
    }

    /// Makes room for some entries of some bytes in all.
    pub fn reserve(&mut self, count: usize, len: usize) {
        self.bytes.reserve(len + PREFIX_LEN * count);
        self.ends.reserve(count);
        self.leaves.reserve(count);
    }

    /// Adds an entry, which `write` appends to what it is given.
    ///
    /// # Errors
    /// It is empty or too long; then nothing was added.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), LogError> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; PREFIX_LEN]);
        write(&mut self.bytes);
        let entry = start + PREFIX_LEN;
        let len = self.bytes.len() - entry;
        if len == 0 || len > MAX_ENTRY_LEN {
            self.bytes.truncate(start);
            return Err(if len == 0 { LogError::EmptyEntry } else { LogError::EntryTooLong { len } });
        }
        // At most MAX_ENTRY_LEN, which is u16::MAX.
        self.bytes[start..entry].copy_from_slice(&(len as u16).to_be_bytes());
        self.ends.push(self.bytes.len());
        self.leaves.push(leaf_hash(&self.bytes[entry..]));
        let (next, width) = (self.first + self.count(), u64::from(FULL_WIDTH));
        if next.is_multiple_of(width) && self.count() >= width {
            let tile = &self.leaves[self.leaves.len() - usize::from(FULL_WIDTH)..];
            self.subtrees.extend(subtree_hash(tile));
        }
        Ok(())
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The log index of the first.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// The bytes of some of them, by place.
    pub(super) fn encoded(&self, places: Range<usize>) -> &[u8] {
        let start = places.start.checked_sub(1).map_or(0, |before| self.ends[before]);
        let end = places.end.checked_sub(1).map_or(0, |last| self.ends[last]);
        &self.bytes[start..end]
    }

    /// Their leaf hashes.
    pub(super) fn leaves(&self) -> &[Hash] {
        &self.leaves
    }

    /// The hashes of the tiles that lie wholly in them, from left to right.
    pub(super) fn subtrees(&self) -> &[Hash] {
        &self.subtrees
    }
}
