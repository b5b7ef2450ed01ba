//! Entries on their way into the log, encoded, hashed and written ahead of it, which any core can do.
//!
//! A bundle that is filled here is written here, with its tile, while its bytes are still in the processor's cache; so
//! memory holds one. What begins or ends in the middle of a bundle is left to the log. Invariant: files are only written
//! for indices that the committed checkpoint does not name.

use super::{LogError, read};
use crate::storage::Disk;
use crate::tlog::tile::{self, FULL_WIDTH, MAX_ENTRY_LEN, subtree_hash};
use crate::tlog::{Hash, Tile, leaf_hash};

/// Entries of a full bundle.
const WIDTH: u64 = FULL_WIDTH as u64;

/// Bytes before an entry in a bundle: its length, big-endian.
const PREFIX_LEN: usize = 2;

/// What makes [`Entries`] for a log.
#[derive(Debug, Clone)]
pub struct Encoder {
    disk: Disk,
    /// The first index whose files may be written.
    from: u64,
}

/// Consecutive entries. Those that nobody appends are garbage, which the next writer overwrites.
#[derive(Debug)]
pub struct Entries {
    disk: Disk,
    first: u64,
    /// Those before the first bundle that begins here.
    head: Part,
    /// Hashes of the tiles that begin and end here, from left to right.
    subtrees: Vec<Hash>,
    /// Those after them.
    tail: Part,
}

/// A part of a bundle.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Entries as they stand in it.
    pub bytes: Vec<u8>,
    /// Their leaf hashes.
    pub leaves: Vec<Hash>,
}

impl Encoder {
    pub(super) fn new(disk: &Disk, from: u64) -> Encoder {
        Encoder { disk: disk.clone(), from }
    }

    /// No entries yet; the first will have this log index.
    ///
    /// # Errors
    /// The log has an entry of this index.
    pub fn entries(&self, first: u64) -> Result<Entries, LogError> {
        if first < self.from {
            return Err(LogError::NotNext { first, size: self.from });
        }
        let (disk, head, subtrees, tail) = (self.disk.clone(), Part::default(), Vec::new(), Part::default());
        Ok(Entries { disk, first, head, subtrees, tail })
    }
}

impl Entries {
    /// Adds an entry, which `write` appends to what it is given.
    ///
    /// # Errors
    /// It is empty or too long, and then nothing was added; or a file cannot be written.
    pub fn push(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), LogError> {
        let in_head = self.count() < self.first.next_multiple_of(WIDTH) - self.first;
        let part = if in_head { &mut self.head } else { &mut self.tail };
        let start = part.bytes.len();
        part.bytes.extend_from_slice(&[0; PREFIX_LEN]);
        write(&mut part.bytes);
        let entry = start + PREFIX_LEN;
        let len = part.bytes.len() - entry;
        if len == 0 || len > MAX_ENTRY_LEN {
            part.bytes.truncate(start);
            return Err(if len == 0 { LogError::EmptyEntry } else { LogError::EntryTooLong { len } });
        }
        // At most MAX_ENTRY_LEN, which is u16::MAX.
        part.bytes[start..entry].copy_from_slice(&(len as u16).to_be_bytes());
        part.leaves.push(leaf_hash(&part.bytes[entry..]));
        if !in_head && part.leaves.len() == usize::from(FULL_WIDTH) {
            self.finish_bundle()?;
        }
        Ok(())
    }

    fn finish_bundle(&mut self) -> Result<(), LogError> {
        let Part { bytes, leaves } = &mut self.tail;
        let index = (self.first.next_multiple_of(WIDTH) >> 8) + self.subtrees.len() as u64;
        self.disk.write(&tile::bundle_path(index, FULL_WIDTH), bytes)?;
        let tile = Tile { level: 0, index, width: FULL_WIDTH };
        self.disk.write(&read::tile_path(tile), &tile::encode_tile(leaves))?;
        self.subtrees.extend(subtree_hash(leaves));
        bytes.clear();
        leaves.clear();
        Ok(())
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        (self.head.leaves.len() + self.tail.leaves.len()) as u64 + WIDTH * self.subtrees.len() as u64
    }

    /// The log index of the first.
    pub fn first(&self) -> u64 {
        self.first
    }

    /// Those before the first bundle that begins here, the hashes of the bundles' tiles, and those after them.
    pub(super) fn parts(&self) -> (&Part, &[Hash], &Part) {
        (&self.head, &self.subtrees, &self.tail)
    }
}
