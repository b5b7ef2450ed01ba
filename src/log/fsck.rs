//! Checking every byte of `log/` and `entries/` against the signed root.
//!
//! Not here: what entries say (each is handed to the caller), other files, and repair. It needs no lock and changes
//! nothing.
//!
//! What is checked: the checkpoint's signature; every entry against its leaf; every tile, full and partial, against
//! the tree that the leaves make; that tree's root at the checkpoint and at every published one, and their
//! signatures. A file that no published checkpoint names is a leftover, not damage, whatever is in it.
//!
//! Damage is laid to the file that has it: where the tiles can be trusted from the signed root down, an entry that
//! differs is damage of its bundle and the walk goes on with the tile's hash; where they cannot, with the entry's.
//!
//! Bundles are read, hashed and made into what the caller wants of them on every core, and handed on in their order.
//!
//! Memory: a few bundles for each core, the right edge, 8 bytes for each published checkpoint, the names of
//! one folder for each level of the tree of folders, and at most [`MAX_FINDINGS`] findings of each kind.

use super::edge::Edge;
use super::read::{
    LogReader, check_entry, compare_tile, decode_bundle, read_bundle, read_checkpoint, read_tile, tile_path,
};
use super::write::names;
use super::{CHECKPOINT, LogError, history};
use crate::storage::Disk;
use crate::storage::ahead::in_order;
use crate::tlog::tile::{FULL_WIDTH, TILE_HEIGHT, bundle_path, tile_level};
use crate::tlog::{Hash, NodeId, Tile, VerifiedCheckpoint, VerifierKey, leaf_hash};
use std::ops::ControlFlow;

/// Findings of each kind that a report lists; the rest is counted. A person reads this list.
pub const MAX_FINDINGS: usize = 1_000;

/// Deepest folder below `entries/` or `log/tile/<L>/`: 16 digits of a tile's number in groups of three, and `.p`.
const MAX_DEPTH: usize = 7;

/// What [`fsck`] found.
#[derive(Debug, Default)]
pub struct FsckReport {
    /// The checkpoint that everything was held against: the current one, or, where that is damaged, the newest
    /// published one; `None` if there is no valid one at all, and then only that was checked.
    pub checkpoint: Option<VerifiedCheckpoint>,
    /// What is wrong, each with its file.
    pub damage: Vec<LogError>,
    /// Files that no published checkpoint names.
    pub leftovers: Vec<String>,
    /// Damage found after the list was full.
    pub damage_omitted: u64,
    /// Leftovers found after the list was full.
    pub leftovers_omitted: u64,
}

impl FsckReport {
    /// Whether no damage was found.
    pub fn is_sound(&self) -> bool {
        self.damage.is_empty()
    }

    fn damage(&mut self, error: LogError) {
        if self.damage.len() < MAX_FINDINGS { self.damage.push(error) } else { self.damage_omitted += 1 }
    }

    fn leftover(&mut self, path: String) {
        if self.leftovers.len() < MAX_FINDINGS { self.leftovers.push(path) } else { self.leftovers_omitted += 1 }
    }

    fn note(&mut self, outcome: Result<(), LogError>) {
        if let Err(error) = outcome {
            self.damage(error);
        }
    }
}

/// Checks the whole log. `read` is given every undamaged entry, `None` for an erased one: bundles on any core and in any
/// order, the entries of each in order, with a state that begins anew for each bundle. `each` is given what it made of them,
/// in order.
///
/// Fails only if there is no log or a folder cannot be listed. Damage is in the report.
pub fn fsck<S: Default, T: Send>(
    disk: &Disk,
    key: &VerifierKey,
    read: impl Fn(&mut S, u64, Option<&[u8]>) -> T + Sync,
    each: impl FnMut(u64, &mut T),
) -> Result<FsckReport, LogError> {
    let mut report = FsckReport::default();
    let history = history::sizes(disk)?;
    let current = match read_checkpoint(disk, CHECKPOINT, key) {
        Ok(None) => return Err(LogError::NoLog),
        Ok(Some(checkpoint)) => Some(checkpoint),
        Err(error) => {
            report.damage(error);
            let published = |size: &u64| read_checkpoint(disk, &history::path(*size), key).ok().flatten();
            history.iter().rev().find_map(published)
        }
    };
    let Some(checkpoint) = current else { return Ok(report) };
    let reader = LogReader::at(disk, checkpoint.clone()).ok();
    let size = checkpoint.size();
    report.checkpoint = Some(checkpoint.clone());
    let mut check = Check { disk, key, size, history, reader: reader.as_ref(), report };
    check.tree(&checkpoint, &read, each);
    check.walk("entries", MAX_DEPTH, &mut |check, path| check.file(path))?;
    check.walk("log", MAX_DEPTH + 2, &mut |check, path| check.file(path))?;
    Ok(check.report)
}

struct Check<'a> {
    disk: &'a Disk,
    key: &'a VerifierKey,
    size: u64,
    /// Sizes of the published checkpoints, ascending.
    history: Vec<u64>,
    /// `None` if the right edge is damaged: then no tile can be trusted.
    reader: Option<&'a LogReader>,
    report: FsckReport,
}

/// What was read of one bundle.
struct Bundle<T> {
    /// Its leaves; `None` where neither the entries nor their hashes are left.
    leaves: Option<Vec<Hash>>,
    /// The hash of their subtree, where the bundle is full and its tile was trusted from the signed root down.
    subtree: Option<Hash>,
    /// The undamaged entries.
    entries: Vec<(u64, T)>,
    damage: Vec<LogError>,
}

/// What is added to the tree: a leaf, or all leaves of a tile by the hash of their subtree.
enum Pushed {
    Leaf(Hash),
    Tile(Hash),
}

impl Check<'_> {
    /// Rebuilds the tree from the entries and compares it with every tile and root.
    fn tree<S: Default, T: Send>(
        &mut self,
        checkpoint: &VerifiedCheckpoint,
        read: &(impl Fn(&mut S, u64, Option<&[u8]>) -> T + Sync),
        mut each: impl FnMut(u64, &mut T),
    ) {
        let mut edge = Edge::default();
        let mut published = 0;
        self.published(&edge, &mut published);
        let (disk, reader) = (self.disk, self.reader);
        let whole = in_order(
            tile_level(0, self.size).tiles_from(0),
            |tile| read_entries(disk, reader, tile, read),
            |bundle| {
                bundle.damage.drain(..).for_each(|damage| self.report.damage(damage));
                bundle.entries.iter_mut().for_each(|(index, entry)| each(*index, entry));
                // Without leaves, nothing above them can be computed.
                let Some(leaves) = &bundle.leaves else { return ControlFlow::Break(()) };
                let end = edge.size() + leaves.len() as u64;
                let published_within = self.history.get(published).is_some_and(|size| *size < end);
                match bundle.subtree.filter(|_| !published_within) {
                    Some(subtree) => self.push(&mut edge, Pushed::Tile(subtree), &mut published),
                    None => {
                        let leaves = leaves.iter().map(|leaf| Pushed::Leaf(*leaf));
                        leaves.for_each(|leaf| self.push(&mut edge, leaf, &mut published));
                    }
                }
                ControlFlow::<()>::Continue(())
            },
        );
        if whole.is_break() {
            return;
        }
        for (tile, hashes) in edge.partials() {
            self.report.note(compare_tile(self.disk, tile, hashes));
        }
        self.report.note(expect_root(&edge, checkpoint.root()));
        // A commit publishes last, so a larger one means that the checkpoint was turned back.
        for &size in &self.history[published..] {
            self.report.damage(LogError::AheadOfCheckpoint { path: history::path(size), checkpoint: self.size });
        }
    }

    /// Adds to the tree and checks what is completed.
    fn push(&mut self, edge: &mut Edge, what: Pushed, published: &mut usize) {
        let report = &mut self.report;
        let compare = |tile: Tile, hashes: &[Hash]| {
            report.note(compare_tile(self.disk, tile, hashes));
            Ok::<(), std::convert::Infallible>(())
        };
        let Ok(()) = match what {
            Pushed::Leaf(leaf) => edge.push(leaf, compare),
            Pushed::Tile(subtree) => edge.push_tile(subtree, compare),
        };
        self.published(edge, published);
    }

    /// Checks the published checkpoint of the edge's size, if there is one.
    fn published(&mut self, edge: &Edge, next: &mut usize) {
        if self.history.get(*next) != Some(&edge.size()) {
            return;
        }
        *next += 1;
        let path = history::path(edge.size());
        let outcome = match read_checkpoint(self.disk, &path, self.key) {
            Ok(Some(note)) if note.size() != edge.size() => Err(LogError::WrongSize { path, size: note.size() }),
            Ok(Some(note)) => expect_root(edge, note.root()),
            Ok(None) => Err(LogError::Missing { path }),
            Err(error) => Err(error),
        };
        self.report.note(outcome);
    }

    /// Visits every file below a folder.
    fn walk(&mut self, dir: &str, depth: usize, visit: &mut impl FnMut(&mut Self, String)) -> Result<(), LogError> {
        for listed in self.disk.list(dir)? {
            let path = format!("{dir}/{}", listed.name);
            match (listed.is_dir, depth) {
                (false, _) => visit(self, path),
                (true, 0) => self.report.leftover(path),
                (true, depth) => self.walk(&path, depth - 1, visit)?,
            }
        }
        Ok(())
    }

    /// Judges a file by its name: already checked, the partial tile of an earlier size, or a leftover.
    fn file(&mut self, path: String) {
        if path == CHECKPOINT || history::parse_path(&path).is_some() {
            return;
        }
        let Some((tile, is_bundle)) = parse_tile(&path) else { return self.report.leftover(path) };
        if names(self.size, tile) {
            return;
        }
        let full = tile_level(tile.level, self.size);
        let begun = tile.index < full.full || tile.index == full.full && tile.width < full.partial;
        if tile.width == FULL_WIDTH || !begun {
            return self.report.leftover(path);
        }
        // Only a tile that can be trusted tells; one that cannot is damage already.
        let Some(truth) = self.reader.and_then(|reader| reader.tile(tile.level, tile.index).ok()) else {
            return;
        };
        let Some(truth) = truth.get(..usize::from(tile.width)) else { return };
        match self.partial(tile, is_bundle, truth) {
            Ok(()) if tile.index == full.full => {}
            // Its removal was interrupted, or another process is just removing it.
            Ok(()) | Err(LogError::Missing { .. }) => self.report.leftover(path),
            Err(error) if self.is_published(tile) => self.report.damage(error),
            Err(_) => self.report.leftover(path),
        }
    }

    fn partial(&self, tile: Tile, is_bundle: bool, truth: &[Hash]) -> Result<(), LogError> {
        if !is_bundle {
            return compare_tile(self.disk, tile, truth);
        }
        let path = bundle_path(tile.index, tile.width);
        let bytes = read_bundle(self.disk, tile.index, tile.width)?;
        let entries = decode_bundle(&bytes, tile.width, &path)?;
        let mut indexed = (tile.index << 8..).zip(entries.iter().zip(truth));
        indexed.try_for_each(|(index, (entry, leaf))| check_entry(entry, index, leaf, &path))
    }

    /// Whether a published checkpoint names this partial tile: its size in hashes of that level is the tile's end.
    fn is_published(&self, tile: Tile) -> bool {
        let shift = u32::from(tile.level) * u32::from(TILE_HEIGHT);
        let end = (tile.index << 8) + u64::from(tile.width);
        let first = self.history.partition_point(|size| size.unbounded_shr(shift) < end);
        self.history.get(first).is_some_and(|size| size.unbounded_shr(shift) == end)
    }
}

/// Reads the entries of one bundle and holds them against their leaves.
fn read_entries<S: Default, T>(
    disk: &Disk,
    reader: Option<&LogReader>,
    at: Tile,
    read: &impl Fn(&mut S, u64, Option<&[u8]>) -> T,
) -> Bundle<T> {
    let mut damage = Vec::new();
    let path = bundle_path(at.index, at.width);
    let bytes = read_bundle(disk, at.index, at.width).map_err(|e| damage.push(e)).ok();
    let texts = bytes.as_deref().and_then(|bytes| decode_bundle(bytes, at.width, &path).ok());
    let trusted = reader.and_then(|reader| reader.tile(0, at.index).ok());
    let above = NodeId { level: TILE_HEIGHT, index: at.index };
    let is_full = trusted.is_some() && at.width == FULL_WIDTH;
    let subtree = reader.filter(|_| is_full).and_then(|reader| reader.node(above).ok());
    let leaves = match (trusted, &texts) {
        (Some(leaves), _) => Some(leaves.to_vec()),
        (None, Some(texts)) if texts.iter().all(|entry| !entry.is_empty()) => {
            Some(texts.iter().map(|entry| leaf_hash(entry)).collect())
        }
        // The tile is all there is for erased entries.
        (None, _) => read_tile(disk, at).map_err(|e| damage.push(e)).ok(),
    };
    let (mut state, mut entries) = (S::default(), Vec::with_capacity(usize::from(at.width)));
    for (index, (text, leaf)) in (at.index << 8..).zip(texts.iter().flatten().zip(leaves.iter().flatten())) {
        match check_entry(text, index, leaf, &path) {
            Ok(()) => entries.push((index, read(&mut state, index, Some(*text).filter(|text| !text.is_empty())))),
            Err(error) => damage.push(error),
        }
    }
    Bundle { leaves, subtree, entries, damage }
}

fn expect_root(edge: &Edge, expected: &Hash) -> Result<(), LogError> {
    let (size, expected, calculated) = (edge.size(), *expected, edge.root());
    if calculated == expected { Ok(()) } else { Err(LogError::RootMismatch { size, expected, calculated }) }
}

/// The tile or bundle that a path names, in the one spelling that names it.
fn parse_tile(path: &str) -> Option<(Tile, bool)> {
    let (level, rest, is_bundle) = match path.strip_prefix("entries/") {
        Some(rest) => (0, rest, true),
        None => {
            let (level, rest) = path.strip_prefix("log/tile/")?.split_once('/')?;
            (level.parse().ok()?, rest, false)
        }
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => (number, width.parse().ok()?),
        None => (rest, FULL_WIDTH),
    };
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let tile = Tile { level, index: digits.parse().ok()?, width };
    let printed = if is_bundle { bundle_path(tile.index, width) } else { tile_path(tile) };
    (level < TILE_HEIGHT && (1..=FULL_WIDTH).contains(&width) && printed == path).then_some((tile, is_bundle))
}
