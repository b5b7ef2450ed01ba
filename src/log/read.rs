//! Reading a log as of one checkpoint, without a lock, while another process may append.
//!
//! Not here: verification by an auditor, who does not trust this program's files or code (`verify`).
//!
//! Trust runs from the signed root down: opening hashes the partial tiles of the right edge into the root, and each
//! full tile is hashed and compared with its hash in the tile above. So every hash handed out is the signed tree's
//! (formats.md, section 2: a reader authenticates every tile), and every entry handed out has its leaf's hash.
//!
//! Invariant: a reader keeps answering for its size. A partial file that is gone has become the beginning of the
//! full one; a partial file that is there is the one to read, for a full one beside it may be garbage of an append
//! that was never committed.

use std::collections::VecDeque;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, PoisonError};

use super::edge::Edge;
use super::{CHECKPOINT, LogError};
use crate::storage::ahead::in_order;
use crate::storage::{Disk, StorageError};
use crate::tlog::hash::HASH_LEN;
use crate::tlog::note::MAX_NOTE_LEN;
use crate::tlog::tile::{self, FULL_WIDTH, MAX_ENTRY_LEN};
use crate::tlog::tree::{self, NodeId, ProofError};
use crate::tlog::{Hash, NoteError, Tile, TileSlice, VerifiedCheckpoint, VerifierKey};
use crate::tlog::{batch, consistency, inclusion, leaf_hash};

/// Full tiles kept in memory: 8 KiB each. Proofs walk the tree from left to right and return to the few upper tiles.
const CACHED_TILES: usize = 64;

/// An entry of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Its bytes.
    Text(Vec<u8>),
    /// Its bytes were removed; the hash of its leaf remains.
    Erased(Hash),
}

impl Entry {
    fn new(entry: &[u8], leaf: Hash) -> Entry {
        if entry.is_empty() { Entry::Erased(leaf) } else { Entry::Text(entry.to_vec()) }
    }
}

/// Many leaves and the one path that proves them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Index and leaf hash, ascending.
    pub leaves: Vec<(u64, Hash)>,
    /// The path, for [`batch::verify`].
    pub path: Vec<Hash>,
}

/// A log as of one checkpoint.
#[derive(Debug)]
pub struct LogReader {
    disk: Disk,
    checkpoint: VerifiedCheckpoint,
    edge: Edge,
    cache: Mutex<Cache>,
}

/// Level and index of a full tile.
type TileKey = (u8, u64);

#[derive(Debug, Default)]
struct Cache {
    /// Authenticated full tiles, the one used last in front.
    tiles: VecDeque<(TileKey, Arc<[Hash]>)>,
    /// The bundle read last; its entries are compared with their leaves each time.
    bundle: Option<(u64, Arc<[u8]>)>,
}

impl LogReader {
    /// The log as of the checkpoint on disk, which `key` must have signed.
    ///
    /// Fails if there is none, another key signed it, or its right edge does not lead to the signed root.
    pub fn open(disk: &Disk, key: &VerifierKey) -> Result<LogReader, LogError> {
        let checkpoint = read_checkpoint(disk, CHECKPOINT, key)?.ok_or(LogError::NoLog)?;
        LogReader::at(disk, checkpoint)
    }

    /// The log as of a checkpoint that was published earlier.
    ///
    /// Fails if the right edge at that size does not lead to the signed root.
    pub fn at(disk: &Disk, checkpoint: VerifiedCheckpoint) -> Result<LogReader, LogError> {
        let edge = Edge::load(checkpoint.size(), |tile| read_tile(disk, tile))?;
        let (expected, calculated) = (*checkpoint.root(), edge.root());
        if expected != calculated {
            return Err(LogError::RootMismatch { size: checkpoint.size(), expected, calculated });
        }
        Ok(LogReader { disk: disk.clone(), checkpoint, edge, cache: Mutex::default() })
    }

    /// The signed checkpoint, note included.
    pub fn checkpoint(&self) -> &VerifiedCheckpoint {
        &self.checkpoint
    }

    /// Entries in the log.
    pub fn size(&self) -> u64 {
        self.checkpoint.size()
    }

    /// The signed root.
    pub fn root(&self) -> &Hash {
        self.checkpoint.root()
    }

    /// The entry at `index`, whose bytes have the hash of its leaf.
    pub fn entry(&self, index: u64) -> Result<Entry, LogError> {
        let leaf = self.leaf(index)?;
        let (at, width) = (index >> 8, self.bundle_width(index >> 8));
        let bytes = self.bundle(at, width)?;
        let path = tile::bundle_path(at, width);
        let entries = decode_bundle(&bytes, width, &path)?;
        let entry = entries.get((index & 0xFF) as usize).copied().unwrap_or_default();
        check_entry(entry, index, &leaf, &path)?;
        Ok(Entry::new(entry, leaf))
    }

    /// The entries of a range, in order, one bundle in memory at a time. An error stands for the rest of its bundle.
    ///
    /// A range that reaches past the log yields an error and nothing else.
    pub fn entries(&self, range: Range<u64>) -> impl Iterator<Item = Result<(u64, Entry), LogError>> + '_ {
        let outside = (range.end > self.size()).then(|| self.out_of_range(range.end - 1));
        let range = if outside.is_some() { 0..0 } else { range };
        let bundles = range.start >> 8..range.end.div_ceil(256);
        let entries = bundles.flat_map(move |at| {
            match self.bundle_entries(at, &range, |_, entry, leaf| Entry::new(entry, leaf)) {
                Ok(entries) => entries.into_iter().map(Ok).collect(),
                Err(error) => vec![Err(error)],
            }
        });
        outside.map(Err).into_iter().chain(entries)
    }

    /// Makes something of each entry of a range, `None` for an erased one, on every core, and hands it on in order, until
    /// something fails. The entries of a bundle are read in order, with a state that begins anew for each bundle.
    pub fn read_all<S: Default, T: Send, E: From<LogError>>(
        &self,
        range: Range<u64>,
        read: impl Fn(&mut S, u64, Option<&[u8]>) -> T + Sync,
        mut each: impl FnMut(u64, &mut T) -> Result<(), E>,
    ) -> Result<(), E> {
        if range.end > self.size() {
            return Err(self.out_of_range(range.end - 1).into());
        }
        let make = |at| {
            let mut state = S::default();
            self.bundle_entries(at, &range, |index, entry, _| {
                read(&mut state, index, Some(entry).filter(|entry| !entry.is_empty()))
            })
        };
        let bundles = range.start >> 8..range.end.div_ceil(256);
        let done = in_order(bundles, make, |made: &mut Result<Vec<(u64, T)>, LogError>| {
            let done = match made {
                Ok(made) => made.iter_mut().try_for_each(|(index, made)| each(*index, made)),
                Err(_) => std::mem::replace(made, Ok(Vec::new())).map(drop).map_err(E::from),
            };
            done.map_or_else(ControlFlow::Break, ControlFlow::Continue)
        });
        done.break_value().map_or(Ok(()), Err)
    }

    /// The bytes of a tile, all of them the signed tree's.
    ///
    /// Fails unless a log of this size has this tile, at this width.
    pub fn tile_bytes(&self, tile: Tile) -> Result<Vec<u8>, LogError> {
        if !tile::tile_level(tile.level, self.size()).has(tile) {
            return Err(self.out_of_range(tile.index.saturating_mul(u64::from(FULL_WIDTH))));
        }
        Ok(tile::encode_tile(&self.tile(tile.level, tile.index)?))
    }

    /// The bytes of an entry bundle, as wide as the log of this size has it; each entry has the hash of its leaf, or is
    /// erased.
    ///
    /// Fails unless a log of this size has this bundle.
    pub fn bundle_bytes(&self, at: u64) -> Result<Vec<u8>, LogError> {
        let own = tile::tile_level(0, self.size()).tiles_from(at).next();
        let Some(Tile { width, .. }) = own.filter(|tile| tile.index == at) else {
            return Err(self.out_of_range(at.saturating_mul(u64::from(FULL_WIDTH))));
        };
        let (bytes, leaves) = (read_bundle(&self.disk, at, width)?, self.tile(0, at)?);
        let path = tile::bundle_path(at, width);
        let entries = decode_bundle(&bytes, width, &path)?;
        for (index, (entry, leaf)) in (at << 8..).zip(entries.iter().zip(leaves.iter())) {
            check_entry(entry, index, leaf, &path)?;
        }
        Ok(bytes)
    }

    /// The hash of the leaf at `index`.
    pub fn leaf(&self, index: u64) -> Result<Hash, LogError> {
        self.node(NodeId::leaf(index))
    }

    /// The hash of a perfect subtree.
    pub fn node(&self, node: NodeId) -> Result<Hash, LogError> {
        let slice = TileSlice::of(node);
        let outside = || self.out_of_range(node.index.saturating_mul(1 << node.level.min(63)));
        let tile = slice.tile(self.size()).ok_or_else(outside)?;
        let hash = if tile.width < FULL_WIDTH {
            slice.hash(self.edge.tile(tile.level))
        } else {
            slice.hash(&self.full_tile(tile.level, tile.index)?)
        };
        hash.ok_or_else(outside)
    }

    /// The root that the log had at an earlier size.
    pub fn root_at(&self, size: u64) -> Result<Hash, LogError> {
        if size > self.size() {
            return Err(self.out_of_range(size));
        }
        tree::root(size, |node| self.node(node))
    }

    /// The audit path of one entry, checked against the signed root.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Hash>, LogError> {
        let path = inclusion::prove(index, self.size(), |node| self.node(node))?;
        inclusion::verify(index, self.size(), &self.leaf(index)?, &path, self.root())?;
        Ok(path)
    }

    /// The consistency path between two sizes of this log, checked against the signed root.
    ///
    /// Fails unless `0 < old <= new <= size`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Hash>, LogError> {
        let path = consistency::prove(old, new, |node| self.node(node))?;
        let (old_root, new_root) = (self.root_at(old)?, self.root_at(new)?);
        consistency::verify(old, &old_root, new, &new_root, &path)?;
        // The later root is itself held against the signed one.
        let rest = consistency::prove(new, self.size(), |node| self.node(node))?;
        consistency::verify(new, &new_root, self.size(), self.root(), &rest)?;
        Ok(path)
    }

    /// The leaves at `indices`, which ascend strictly, and their common path, checked against the signed root.
    ///
    /// Fails if there are none, they do not ascend, or one is not in the log.
    pub fn batch(&self, indices: &[u64]) -> Result<Batch, LogError> {
        let path = batch::prove(indices, self.size(), |node| self.node(node))?;
        let leaf = |&index: &u64| Ok((index, self.leaf(index)?));
        let leaves = indices.iter().map(leaf).collect::<Result<Vec<_>, LogError>>()?;
        batch::verify(&leaves, self.size(), &path, self.root())?;
        Ok(Batch { leaves, path })
    }

    // --- helpers ---

    pub(super) fn into_parts(self) -> (VerifiedCheckpoint, Edge) {
        (self.checkpoint, self.edge)
    }

    /// The authenticated hashes of the tile, or the beginning of it that the log of this size has.
    pub(super) fn tile(&self, level: u8, index: u64) -> Result<Arc<[Hash]>, LogError> {
        if index == tile::tile_level(level, self.size()).full {
            return Ok(self.edge.tile(level).into());
        }
        self.full_tile(level, index)
    }

    fn full_tile(&self, level: u8, index: u64) -> Result<Arc<[Hash]>, LogError> {
        if let Some(hashes) = self.cached_tile((level, index)) {
            return Ok(hashes);
        }
        let tile = Tile { level, index, width: FULL_WIDTH };
        let hashes = read_tile(&self.disk, tile)?;
        // One step up the tree, of at most 7.
        let above = self.node(NodeId { level: (level + 1) * tile::TILE_HEIGHT, index })?;
        if tile::subtree_hash(&hashes) != Some(above) {
            return Err(LogError::TileMismatch { path: tile_path(tile) });
        }
        let hashes: Arc<[Hash]> = hashes.into();
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.tiles.truncate(CACHED_TILES - 1);
        cache.tiles.push_front(((level, index), hashes.clone()));
        Ok(hashes)
    }

    fn cached_tile(&self, key: TileKey) -> Option<Arc<[Hash]>> {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let at = cache.tiles.iter().position(|tile| tile.0 == key)?;
        let tile = cache.tiles.remove(at)?;
        cache.tiles.push_front(tile.clone());
        Some(tile.1)
    }

    fn bundle_width(&self, at: u64) -> u16 {
        let level = tile::tile_level(0, self.size());
        if at < level.full { FULL_WIDTH } else { level.partial }
    }

    fn bundle(&self, at: u64, width: u16) -> Result<Arc<[u8]>, LogError> {
        let cache = || self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((cached, bytes)) = &cache().bundle
            && *cached == at
        {
            return Ok(bytes.clone());
        }
        let bytes: Arc<[u8]> = read_bundle(&self.disk, at, width)?.into();
        cache().bundle = Some((at, bytes.clone()));
        Ok(bytes)
    }

    fn bundle_entries<T>(
        &self,
        at: u64,
        range: &Range<u64>,
        mut read: impl FnMut(u64, &[u8], Hash) -> T,
    ) -> Result<Vec<(u64, T)>, LogError> {
        let width = self.bundle_width(at);
        let (bytes, leaves) = (read_bundle(&self.disk, at, width)?, self.tile(0, at)?);
        let path = tile::bundle_path(at, width);
        let entries = decode_bundle(&bytes, width, &path)?;
        let indexed = (at << 8..).zip(entries.iter().zip(leaves.iter()));
        let wanted = indexed.filter(|(index, _)| range.contains(index));
        let checked = wanted.map(|(index, (entry, leaf))| {
            check_entry(entry, index, leaf, &path)?;
            Ok((index, read(index, entry, *leaf)))
        });
        checked.collect()
    }

    fn out_of_range(&self, index: u64) -> LogError {
        LogError::Proof(ProofError::IndexOutOfRange { index, size: self.size() })
    }
}

/// A signed checkpoint on disk; `None` if the file does not exist.
pub(super) fn read_checkpoint(
    disk: &Disk,
    path: &str,
    key: &VerifierKey,
) -> Result<Option<VerifiedCheckpoint>, LogError> {
    let bytes = match disk.read(path, MAX_NOTE_LEN as u64) {
        Err(StorageError::NotFound { .. }) => return Ok(None),
        read => read?,
    };
    let bad = |source| LogError::BadNote { path: path.to_owned(), source };
    let note = String::from_utf8(bytes).map_err(|_| bad(NoteError::BadText))?;
    VerifiedCheckpoint::open(&note, key).map(Some).map_err(bad)
}

/// Where a tile is in the ledger.
pub(super) fn tile_path(tile: Tile) -> String {
    format!("log/{}", tile.path())
}

/// The hashes of a tile as wide as asked, from its partial file or the beginning of the full one; not authenticated.
pub(super) fn read_tile(disk: &Disk, tile: Tile) -> Result<Vec<Hash>, LogError> {
    let read = |width| {
        let path = tile_path(Tile { width, ..tile });
        let bytes = disk.read(&path, u64::from(width) * HASH_LEN as u64).map_err(LogError::reading(&path))?;
        tile::decode_tile(&bytes, width).map_err(|source| LogError::BadTile { path, source })
    };
    match read(tile.width) {
        Err(missing @ LogError::Missing { .. }) if tile.width < FULL_WIDTH => {
            let mut hashes = read(FULL_WIDTH).map_err(|full| partial_error(missing, full))?;
            hashes.truncate(usize::from(tile.width));
            Ok(hashes)
        }
        outcome => outcome,
    }
}

/// The bytes of the first `width` entries of a bundle, from its partial file or the beginning of the full one.
pub(super) fn read_bundle(disk: &Disk, index: u64, width: u16) -> Result<Vec<u8>, LogError> {
    let read = |width: u16| {
        let path = tile::bundle_path(index, width);
        let max_len = u64::from(width) * (2 + MAX_ENTRY_LEN as u64);
        let bytes = disk.read(&path, max_len).map_err(LogError::reading(&path))?;
        decode_bundle(&bytes, width, &path)?;
        Ok(bytes)
    };
    match read(width) {
        Err(missing @ LogError::Missing { .. }) if width < FULL_WIDTH => {
            let mut bytes = read(FULL_WIDTH).map_err(|full| partial_error(missing, full))?;
            let entries = decode_bundle(&bytes, FULL_WIDTH, "")?;
            let len = entries.iter().take(usize::from(width)).map(|entry| 2 + entry.len()).sum();
            bytes.truncate(len);
            Ok(bytes)
        }
        outcome => outcome,
    }
}

/// Where neither the partial file nor the full one exists, it is the partial one that was named.
fn partial_error(missing: LogError, full: LogError) -> LogError {
    if matches!(full, LogError::Missing { .. }) { missing } else { full }
}

pub(super) fn decode_bundle<'b>(bytes: &'b [u8], width: u16, path: &str) -> Result<Vec<&'b [u8]>, LogError> {
    tile::decode_bundle(bytes, width).map_err(|source| LogError::BadTile { path: path.to_owned(), source })
}

/// Checks that an entry has the hash of its leaf. One without bytes is erased, and then the leaf is all there is.
pub(super) fn check_entry(entry: &[u8], index: u64, leaf: &Hash, path: &str) -> Result<(), LogError> {
    if entry.is_empty() || leaf_hash(entry) == *leaf {
        return Ok(());
    }
    Err(LogError::EntryMismatch { path: path.to_owned(), index })
}

/// Checks that a tile on disk has these hashes.
pub(super) fn compare_tile(disk: &Disk, tile: Tile, hashes: &[Hash]) -> Result<(), LogError> {
    if read_tile(disk, tile)? == hashes {
        return Ok(());
    }
    Err(LogError::TileMismatch { path: tile_path(tile) })
}
