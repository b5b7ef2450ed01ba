//! `tlog_tiles`: the tree of RFC 6962 as the hashes to store and the tiles to publish. Where they are stored is the
//! caller's: once a vector in memory, once the crate's tiles and bundles of entries in files, synced at the end.
//!
//! The files are written plainly, as a user's first version would be: no order among them that a crash could rely on,
//! and no signature, as the crate has the text of a checkpoint only.

use super::{base64, must};
use crate::Outcome;
use crate::entries::Entry;
use std::fs;
use std::path::Path;
use tlog_tiles::{Checkpoint, Error, Hash, HashReader, Tile};

/// log2 of the hashes in a tile (C2SP tlog-tiles).
const HEIGHT: u8 = 8;

/// Stored hashes, in the order of the crate's indexes.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let read = |&index| self.0.get(usize::try_from(index).ok()?).copied();
        indexes.iter().map(read).collect::<Option<_>>().ok_or(Error::InvalidTile)
    }
}

/// Appends every entry to hashes in memory, and proves and verifies the one asked.
pub fn in_memory(entries: &[Entry<'_>], asked: usize) -> Outcome<String> {
    let stored = store(entries)?;
    let root = prove(&stored, entries, asked)?;
    Ok(base64(&root.0))
}

/// The same, and all tiles, bundles and the checkpoint's text into a folder that survives a loss of power.
pub fn in_files(entries: &[Entry<'_>], asked: usize, folder: &Path) -> Outcome<String> {
    let stored = store(entries)?;
    for tile in Tile::new_tiles(HEIGHT, 0, entries.len() as u64) {
        write(&folder.join(tile.path()), &tile.read_data(&stored)?)?;
        if tile.level() == 0 {
            let from = usize::try_from(tile.level_index() << HEIGHT)?;
            let mut data = tile;
            data.set_is_data();
            write(&folder.join(data.path()), &bundle(&entries[from..from + tile.width() as usize])?)?;
        }
    }
    let root = prove(&stored, entries, asked)?;
    let checkpoint = Checkpoint::new("lab.example/deeds", entries.len() as u64, root, "");
    let checkpoint = checkpoint.map_err(|_| "tlog_tiles: no checkpoint")?;
    fs::write(folder.join("checkpoint"), checkpoint.to_bytes())?;
    rustix::fs::syncfs(fs::File::open(folder)?)?;
    Ok(base64(&root.0))
}

fn store(entries: &[Entry<'_>]) -> Outcome<Stored> {
    let mut stored = Stored(Vec::with_capacity(2 * entries.len()));
    for (index, entry) in entries.iter().enumerate() {
        let hashes = tlog_tiles::stored_hashes(index as u64, entry.bytes, &stored)?;
        stored.0.extend(hashes);
    }
    Ok(stored)
}

fn prove(stored: &Stored, entries: &[Entry<'_>], asked: usize) -> Outcome<Hash> {
    let size = entries.len() as u64;
    let root = tlog_tiles::tree_hash(size, stored)?;
    let proof = tlog_tiles::prove_record(size, asked as u64, stored)?;
    let leaf = tlog_tiles::record_hash(entries[asked].bytes);
    let verified = tlog_tiles::check_record(&proof, size, root, asked as u64, leaf);
    must(verified.is_ok(), "tlog_tiles: its proof does not verify")?;
    Ok(root)
}

/// Of each entry its length, two bytes, and itself.
fn bundle(entries: &[Entry<'_>]) -> Outcome<Vec<u8>> {
    let mut bundle = Vec::new();
    for entry in entries {
        bundle.extend(u16::try_from(entry.bytes.len())?.to_be_bytes());
        bundle.extend(entry.bytes);
    }
    Ok(bundle)
}

fn write(path: &Path, bytes: &[u8]) -> Outcome<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    Ok(fs::write(path, bytes)?)
}
