//! Appending to the log, and the one way in which what was appended becomes the log.
//!
//! Not here: the lock, which the caller holds ([`super::LOCK`]), and what happens after a crash ([`super::recover`]).
//!
//! Full tiles and bundles are written as they fill, so memory holds one bundle and one unfinished tile per level
//! however much is appended. None of it is named by the checkpoint before [`LogWriter::commit`]; a writer that is
//! dropped before leaves garbage that the next one overwrites. That is the rollback.
//!
//! Invariant: files are only written where the committed checkpoint names none. Garbage may be overwritten in place,
//! because nobody reads what no checkpoint names.

use super::edge::Edge;
use super::entries::Part;
use super::recover::recover;
use super::{CHECKPOINT, Encoder, Entries, LogError, MARK, history, read};
use crate::storage::{Disk, Mode};
use crate::tlog::tile::{self, MAX_ENTRY_LEN};
use crate::tlog::{Checkpoint, Hash, MAX_SIZE, SigningKey, Tile, TileLevel, VerifiedCheckpoint, leaf_hash};

/// Whether a commit's checkpoint is kept for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// Published as `log/history/<size>`, where cosignatures are added.
    Keep,
    /// Replaced by the next commit's.
    Skip,
}

/// The writing end of a log. After a failed append or commit it refuses everything: open the log again.
#[derive(Debug)]
pub struct LogWriter {
    disk: Disk,
    key: SigningKey,
    /// `None` before the first commit.
    committed: Option<VerifiedCheckpoint>,
    edge: Edge,
    /// The entries of the unfinished bundle, encoded.
    bundle: Vec<u8>,
    failed: bool,
}

impl LogWriter {
    /// A new log, which exists once its first commit is made: a crash before that leaves none.
    ///
    /// Fails if there is a checkpoint, or the mark of a first commit that [`LogWriter::open`] can complete.
    pub fn create(disk: &Disk, key: SigningKey) -> Result<LogWriter, LogError> {
        for path in [CHECKPOINT, MARK] {
            if disk.exists(path)? {
                return Err(LogError::AlreadyExists { path });
            }
        }
        let (disk, edge, bundle) = (disk.clone(), Edge::default(), Vec::new());
        Ok(LogWriter { disk, key, committed: None, edge, bundle, failed: false })
    }

    /// Opens the log for appending, after completing a commit that was interrupted.
    ///
    /// Fails if there is no log, it is another key's, or appending to it could sign two roots for one size
    /// ([`super::recover`]).
    pub fn open(disk: &Disk, key: SigningKey) -> Result<LogWriter, LogError> {
        let reader = recover(disk, &key)?;
        let at = tile::tile_level(0, reader.size());
        let mut bundle = Vec::new();
        if at.partial > 0 {
            bundle = read::read_bundle(disk, at.full, at.partial)?;
            // These bytes go into the next bundle: damage must not be copied on under a new name.
            reader.entries(at.full << 8..reader.size()).try_for_each(|entry| entry.map(drop))?;
        }
        let (committed, edge) = reader.into_parts();
        Ok(LogWriter { disk: disk.clone(), key, committed: Some(committed), edge, bundle, failed: false })
    }

    /// The checkpoint on disk; `None` before the first commit.
    pub fn committed(&self) -> Option<&VerifiedCheckpoint> {
        self.committed.as_ref()
    }

    /// Entries in the log and appended to it: the index of the next.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// The key that signs this log.
    pub fn key(&self) -> &SigningKey {
        &self.key
    }

    /// Appends an entry and returns its index. Readers see it after [`commit`](LogWriter::commit).
    ///
    /// An entry that is empty or too long is refused and changes nothing; a file that cannot be written ends this
    /// writer.
    pub fn append(&mut self, entry: &[u8]) -> Result<u64, LogError> {
        if self.failed {
            return Err(LogError::WriterFailed);
        }
        let index = self.edge.size();
        match entry.len() {
            0 => return Err(LogError::EmptyEntry),
            1..=MAX_ENTRY_LEN if index < MAX_SIZE => {}
            1..=MAX_ENTRY_LEN => return Err(LogError::Full),
            len => return Err(LogError::EntryTooLong { len }),
        }
        self.failed = true;
        let path = tile::bundle_path(index >> 8, tile::FULL_WIDTH);
        tile::encode_entry(&mut self.bundle, entry).map_err(|source| LogError::BadTile { path, source })?;
        self.push(leaf_hash(entry))?;
        self.failed = false;
        Ok(index)
    }

    /// Appends entries that were encoded, hashed and, where they fill bundles, written ahead.
    ///
    /// Those that do not begin where the log ends are refused and change nothing; a file that cannot be written ends this
    /// writer.
    pub fn append_all(&mut self, entries: &Entries) -> Result<(), LogError> {
        if self.failed {
            return Err(LogError::WriterFailed);
        }
        let size = self.edge.size();
        if entries.first() != size {
            return Err(LogError::NotNext { first: entries.first(), size });
        }
        if size + entries.count() > MAX_SIZE {
            return Err(LogError::Full);
        }
        self.failed = true;
        let (head, subtrees, tail) = entries.parts();
        self.push_part(head)?;
        for subtree in subtrees {
            let disk = &self.disk;
            self.edge
                .push_tile(*subtree, |above, hashes| disk.write(&read::tile_path(above), &tile::encode_tile(hashes)))?;
        }
        self.push_part(tail)?;
        self.failed = false;
        Ok(())
    }

    /// What makes entries ahead of the log: for any indices that it does not have yet.
    pub fn encoder(&self) -> Encoder {
        Encoder::new(&self.disk, self.size())
    }

    /// Appends entries of one bundle.
    fn push_part(&mut self, part: &Part) -> Result<(), LogError> {
        self.bundle.extend_from_slice(&part.bytes);
        part.leaves.iter().try_for_each(|leaf| self.push(*leaf))
    }

    fn push(&mut self, leaf: Hash) -> Result<(), LogError> {
        let (disk, bundle) = (&self.disk, &mut self.bundle);
        self.edge.push(leaf, |full, hashes| {
            if full.level == 0 {
                disk.write(&tile::bundle_path(full.index, full.width), bundle)?;
                bundle.clear();
            }
            Ok(disk.write(&read::tile_path(full), &tile::encode_tile(hashes))?)
        })
    }

    /// Makes everything appended, and every file that was written through the same [`Disk`], part of the log at once.
    ///
    /// Without new entries it only syncs those files and returns the checkpoint that stands.
    ///
    /// After a failure the commit may or may not have been made. Opening the log again decides, and never undoes one
    /// whose checkpoint anybody can have seen.
    pub fn commit(&mut self, history: History) -> Result<VerifiedCheckpoint, LogError> {
        if self.failed {
            return Err(LogError::WriterFailed);
        }
        // Until the end is reached, what is on disk is only known to recovery.
        self.failed = true;

        // 1. The partial tiles. Those of the committed size are left alone: a reader may be reading them, and
        //    rewriting a file that the checkpoint names would put it at risk. A crash here leaves garbage.
        let old_size = self.committed.as_ref().map_or(0, VerifiedCheckpoint::size);
        for (tile, hashes) in self.edge.partials().filter(|(tile, _)| !names(old_size, *tile)) {
            if tile.level == 0 {
                self.disk.write(&tile::bundle_path(tile.index, tile.width), &self.bundle)?;
            }
            self.disk.write(&read::tile_path(tile), &tile::encode_tile(hashes))?;
        }

        // 2. Everything durable: tiles, bundles, and the files that entries name. A crash before the end of the sync
        //    loses some of them, and the old checkpoint names none.
        self.disk.sync()?;

        let checkpoint = match &self.committed {
            Some(committed) if committed.size() == self.edge.size() => {
                if history == History::Keep {
                    keep(&self.disk, committed)?;
                }
                committed.clone()
            }
            // 3. The rest is also how recovery completes an interrupted commit.
            Some(_) | None => {
                let origin = self.key.verifier().name().to_owned();
                let next = Checkpoint { origin, size: self.edge.size(), root: self.edge.root() };
                publish(&self.disk, &self.key, old_size, &next, history)?
            }
        };
        self.committed = Some(checkpoint.clone());
        self.failed = false;
        Ok(checkpoint)
    }
}

/// Signs a size whose every byte is durable, and swaps the checkpoint from `old_size` to it.
pub(super) fn publish(
    disk: &Disk,
    key: &SigningKey,
    old_size: u64,
    next: &Checkpoint,
    history: History,
) -> Result<VerifiedCheckpoint, LogError> {
    let bad = |source| LogError::BadNote { path: CHECKPOINT.to_owned(), source };

    // 4. The high-water mark, durable before the key signs: from here on this root is the only one that this size
    //    can have. A crash after it rolls forward, so the bytes had to be durable first.
    disk.write_durable_atomic(MARK, next.to_string().as_bytes(), Mode::Private)?;

    // 5. The signature. A crash after it may have lost the note or shown it to someone; recovery signs the same
    //    text, and Ed25519 signs it with the same bytes.
    let note = next.sign(key).map_err(bad)?.to_string();
    let checkpoint = VerifiedCheckpoint::open(&note, key.verifier()).map_err(bad)?;

    // 6. The swap: this is the commit. Before it a crash leaves the old checkpoint (and rolls forward), after it the
    //    new one. It is durable on return, so what follows may rely on the new size.
    disk.write_durable_atomic(CHECKPOINT, note.as_bytes(), Mode::Public)?;

    // 7. The published copy. Its name is only durable with the next sync, which costs nothing: opening the log
    //    writes it again if a crash lost it.
    if history == History::Keep {
        keep(disk, &checkpoint)?;
    }

    // 8. Partial tiles whose full ones the durable checkpoint names. Readers of older sizes go on with the full
    //    ones. What cannot be removed stays a leftover that fsck names: the commit stands.
    for dir in tile::tiles_of(old_size).filter_map(|old| superseded(old, next.size)).flatten() {
        let _ = disk.remove_dir(&dir);
    }
    Ok(checkpoint)
}

/// Publishes a checkpoint unless it is already, perhaps with cosignatures.
pub(super) fn keep(disk: &Disk, checkpoint: &VerifiedCheckpoint) -> Result<(), LogError> {
    let path = history::path(checkpoint.size());
    if disk.exists(&path)? {
        return Ok(());
    }
    Ok(disk.write_atomic(&path, checkpoint.note().to_string().as_bytes(), Mode::Public)?)
}

/// Whether a log of this size consists of this very tile, among others.
pub(super) fn names(size: u64, tile: Tile) -> bool {
    let at = tile::tile_level(tile.level, size);
    if tile.width == tile::FULL_WIDTH {
        tile.index < at.full
    } else {
        (tile.index, tile.width) == (at.full, at.partial)
    }
}

/// The folders of partial files at a level of the old size that are full at the new one.
fn superseded(old: TileLevel, new_size: u64) -> Option<Vec<String>> {
    let tile = old.tiles_from(old.full).next()?;
    if tile::tile_level(old.level, new_size).full <= old.full {
        return None;
    }
    let mut paths = vec![read::tile_path(tile)];
    if tile.level == 0 {
        paths.push(tile::bundle_path(tile.index, tile.width));
    }
    let dir = |path: String| path.rsplit_once('/').map(|(dir, _)| dir.to_owned());
    Some(paths.into_iter().filter_map(dir).collect())
}
