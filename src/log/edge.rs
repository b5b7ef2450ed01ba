//! The right edge of the tree: the unfinished tile of each level.
//!
//! All that appending, the root and the next partial tiles need: at most 255 hashes for each of at most 7 levels.
//! Not here: files. Whoever pushes a leaf is handed each tile that it completes.

use crate::tlog::tile::{FULL_WIDTH, TILE_HEIGHT, subtree_hash, tile_level, tiles_of};
use crate::tlog::{Hash, Tile, TileSlice, tree};

/// The unfinished tiles of a log of some size.
#[derive(Debug, Clone, Default)]
pub(super) struct Edge {
    size: u64,
    /// By level; as wide as [`tile_level`] says, so possibly empty.
    levels: Vec<Vec<Hash>>,
}

impl Edge {
    /// The edge of a log of `size` leaves, from its partial tiles.
    pub fn load<E>(size: u64, mut read: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Edge, E> {
        let mut levels = Vec::new();
        for level in tiles_of(size) {
            let partial = level.tiles_from(level.full).next();
            levels.push(partial.map(&mut read).transpose()?.unwrap_or_default());
        }
        Ok(Edge { size, levels })
    }

    /// Appends a leaf and hands over the tiles that it fills, lowest level first.
    pub fn push<E>(&mut self, leaf: Hash, full: impl FnMut(Tile, &[Hash]) -> Result<(), E>) -> Result<(), E> {
        self.add(0, leaf, full)
    }

    /// Appends the leaves of a full tile of the lowest level at once, where no other is begun there, by the hash of their
    /// subtree; hands over the tiles above that they fill.
    pub fn push_tile<E>(&mut self, subtree: Hash, full: impl FnMut(Tile, &[Hash]) -> Result<(), E>) -> Result<(), E> {
        debug_assert!(self.size.is_multiple_of(u64::from(FULL_WIDTH)));
        self.add(1, subtree, full)
    }

    fn add<E>(&mut self, from: u8, hash: Hash, mut full: impl FnMut(Tile, &[Hash]) -> Result<(), E>) -> Result<(), E> {
        let mut hash = hash;
        for level in from..TILE_HEIGHT {
            let depth = usize::from(level);
            if self.levels.len() <= depth {
                self.levels.resize_with(depth + 1, || Vec::with_capacity(usize::from(FULL_WIDTH)));
            }
            let hashes = &mut self.levels[depth];
            hashes.push(hash);
            if hashes.len() < usize::from(FULL_WIDTH) {
                break;
            }
            let index = tile_level(level, self.size).full;
            full(Tile { level, index, width: FULL_WIDTH }, hashes)?;
            hash = subtree_hash(hashes).expect("256 is a power of two");
            hashes.clear();
        }
        self.size += 1 << (8 * from);
        Ok(())
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        // Every subtree of cover(0, size) lies in a partial tile: its level's bit is set in that tile's width.
        let node = |node| {
            let slice = TileSlice::of(node);
            self.levels.get(usize::from(slice.level)).and_then(|tile| slice.hash(tile)).ok_or(node)
        };
        tree::root(self.size, node).expect("an edge has the widths that its size demands")
    }

    /// The partial tiles and their hashes.
    pub fn partials(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let tiles = tiles_of(self.size).flat_map(|level| level.tiles_from(level.full));
        tiles.map(|tile| (tile, self.levels[usize::from(tile.level)].as_slice()))
    }

    /// The unfinished tile at `level`; empty where there is none.
    pub fn tile(&self, level: u8) -> &[Hash] {
        self.levels.get(usize::from(level)).map_or(&[], Vec::as_slice)
    }
}
