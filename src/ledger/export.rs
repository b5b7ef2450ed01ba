//! A copy of the log for other people's programs: the tree of C2SP tlog-tiles, as plain files.
//!
//! Not here: anything but the log. What entries name (catalogues, rows, reports) stays in the ledger's folder, and so
//! do earlier checkpoints.
//!
//! Invariants: every byte that is written was authenticated from the signed root down, or is the checkpoint itself.
//! The checkpoint comes last, after all that it names is durable; whatever fails before leaves no checkpoint, and what
//! was written is removed as far as the disk allows.

use super::view::View;
use super::{LedgerError, anchors};
use crate::ingest::Progress;
use crate::log::{LogError, LogReader};
use crate::statement::Statement;
use crate::storage::{Disk, Mode};
use crate::tlog::tile::{bundle_path, decode_bundle, tile_level, tiles_of};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the signed note is, below the exported folder.
const CHECKPOINT: &str = "checkpoint";
/// Where everything else is.
const TILES: &str = "tile";

/// What was exported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Entries of the log.
    pub size: u64,
    /// Tiles written.
    pub tiles: u64,
    /// Entry bundles written.
    pub bundles: u64,
    /// Entries in them whose bytes were erased: no program can hash those to their leaves.
    pub erased: u64,
    /// Bytes of all files.
    pub bytes: u64,
}

/// Copies the log into a folder that does not exist or is empty.
///
/// # Errors
/// The folder holds something or is the ledger's own; a tile or an entry is damaged; the disk refuses; or the run was
/// stopped.
pub fn export(view: &View, dir: &Path, with_entries: bool, progress: &Progress) -> Result<Exported, LedgerError> {
    let ledger = view.disk().root().canonicalize();
    if ledger.is_ok_and(|ledger| resolved(dir).starts_with(ledger)) {
        return Err(LedgerError::InLedger { path: dir.display().to_string() });
    }
    let is_new = !dir.exists();
    let to = Disk::create_root(dir)?;
    if !to.list("")?.is_empty() {
        return Err(LedgerError::NotEmpty { path: dir.display().to_string() });
    }
    let copy = Copy { view, to: &to, progress, done: Exported::default() };
    copy.run(with_entries).inspect_err(|_| {
        // Without a checkpoint it is no log; what cannot be removed harms nobody.
        let _ = to.remove_tree(TILES);
        if is_new {
            let _ = std::fs::remove_dir(dir);
        }
    })
}

struct Copy<'a> {
    view: &'a View,
    to: &'a Disk,
    progress: &'a Progress,
    done: Exported,
}

impl Copy<'_> {
    fn run(mut self, with_entries: bool) -> Result<Exported, LedgerError> {
        let note = anchors::newest_note(self.view)?;
        self.done.size = self.log().size();
        self.progress.expect(if with_entries { self.done.size } else { 0 }, 0);
        if with_entries {
            self.bundles()?;
        }
        for tile in tiles_of(self.done.size).flat_map(|level| level.tiles_from(0)) {
            self.write(&tile.path(), &self.log().tile_bytes(tile)?)?;
            self.done.tiles += 1;
        }
        self.to.sync()?;
        self.to.write_durable_atomic(CHECKPOINT, note.as_bytes(), Mode::Public)?;
        self.done.bytes += note.len() as u64;
        Ok(self.done)
    }

    fn bundles(&mut self) -> Result<(), LedgerError> {
        let mut erasures = None;
        for tile in tile_level(0, self.done.size).tiles_from(0) {
            let bytes = self.log().bundle_bytes(tile.index)?;
            let path = bundle_path(tile.index, tile.width);
            let entries =
                decode_bundle(&bytes, tile.width).map_err(|source| LogError::BadTile { path: path.clone(), source })?;
            for (entry, index) in entries.iter().zip(tile.index << 8..) {
                if !entry.is_empty() {
                    continue;
                }
                let named = match erasures.take() {
                    Some(named) => named,
                    None => erased(self.view)?,
                };
                // Without its erasure an empty entry is damage.
                if !named.contains(&index) {
                    return Err(LedgerError::Emptied { index });
                }
                erasures = Some(named);
                self.done.erased += 1;
            }
            self.write(&format!("{TILES}/{path}"), &bytes)?;
            self.done.bundles += 1;
            self.progress.add(u64::from(tile.width), 0);
        }
        Ok(())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), LedgerError> {
        if self.progress.stopped() {
            return Err(LedgerError::Interrupted);
        }
        self.to.write(path, bytes)?;
        self.done.bytes += bytes.len() as u64;
        Ok(())
    }

    fn log(&self) -> &LogReader {
        self.view.log()
    }
}

/// The entries that erasures name.
pub(super) fn erased(view: &View) -> Result<BTreeSet<u64>, LedgerError> {
    let named = view.registered()?.into_iter().filter_map(|(_, statement)| match statement {
        Statement::Erasure(erasure) => Some(erasure.entry),
        _ => None,
    });
    Ok(named.collect())
}

/// A path without links and `..`, of which the end need not exist yet.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let real = |above: &Path| Some(above.canonicalize().ok()?.join(absolute.strip_prefix(above).ok()?));
    absolute.ancestors().find_map(real).unwrap_or_else(|| absolute.clone())
}
