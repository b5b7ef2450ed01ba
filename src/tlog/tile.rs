//! Tiles and entry bundles (C2SP tlog-tiles): their coordinates, their paths and their bytes.
//!
//! Not here: reading or writing files. A tile is only as good as the check behind it: whoever reads one
//! compares what it computes from it with a signed root.
//!
//! A tile at level L holds up to 256 consecutive hashes of tree level 8L. The levels between are computed:
//! ```text
//! tree level 8 ...  one hash of a tile at level 1
//!             /  \
//! tree level 7    \        computed from 128 hashes each
//!   ...
//! tree level 0 o o o o ... 256 hashes of a tile at level 0 = 8,192 bytes
//! ```
//!
//! Invariants: a width is 1 to 256; 256 is full, less is partial; a tile of width 0 does not exist.

use super::hash::{HASH_LEN, Hash, node_hash};
use super::tree::NodeId;

/// Hashes in a full tile and entries in a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// Tree levels per tile level: a full tile is a subtree of this height.
pub const TILE_HEIGHT: u8 = 8;

/// Longest entry that the u16 length of a bundle can announce.
pub const MAX_ENTRY_LEN: usize = u16::MAX as usize;

/// What is wrong with the bytes of a tile or bundle.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum TileError {
    #[error("a tile of {width} hashes is {} bytes long, not {found}", usize::from(*width) * HASH_LEN)]
    WrongTileLen { width: u16, found: usize },
    #[error("the bundle ends in the middle of entry {position}")]
    TruncatedEntry { position: usize },
    #[error("{len} bytes follow the last of {width} entries")]
    TrailingBytes { width: u16, len: usize },
    #[error("an entry of {len} bytes is longer than {MAX_ENTRY_LEN}")]
    EntryTooLong { len: usize },
}

/// A tile of the hash tree, as it is at some size of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tile {
    /// Tile level: its hashes are nodes of tree level `8 * level`.
    pub level: u8,
    /// Position among the tiles of its level.
    pub index: u64,
    /// Hashes in it, 1 to 256.
    pub width: u16,
}

/// The tiles of one level at some size of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileLevel {
    /// Tile level, 0 for the leaves.
    pub level: u8,
    /// Full tiles.
    pub full: u64,
    /// Width of the partial tile that follows them, or 0 where there is none.
    pub partial: u16,
}

impl TileLevel {
    /// The tiles of this level whose index is `first` or more, the partial one last.
    pub fn tiles_from(self, first: u64) -> impl Iterator<Item = Tile> + Clone {
        let tile = move |index, width| Tile { level: self.level, index, width };
        let partial = (self.partial > 0 && first <= self.full).then(|| tile(self.full, self.partial));
        (first..self.full).map(move |index| tile(index, FULL_WIDTH)).chain(partial)
    }

    /// Whether this tile is one of them.
    pub fn has(self, tile: Tile) -> bool {
        self.tiles_from(tile.index).next() == Some(tile)
    }
}

/// The tiles that a log of `size` leaves consists of, level by level from the leaves; nothing for size 0.
pub fn tiles_of(size: u64) -> impl Iterator<Item = TileLevel> {
    // 8 levels of 8 bits each are all that a u64 has.
    (0..TILE_HEIGHT).map(move |level| tile_level(level, size)).take_while(|at| at.full > 0 || at.partial > 0)
}

/// The tiles at `level` of a log of `size` leaves. Level 0 also counts the entry bundles.
pub fn tile_level(level: u8, size: u64) -> TileLevel {
    let hashes = size.checked_shr(u32::from(level) * 8).unwrap_or(0);
    TileLevel { level, full: hashes >> 8, partial: (hashes & 0xFF) as u16 }
}

/// Where the hash of a perfect subtree comes from: `count` consecutive hashes of one tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TileSlice {
    /// Tile level.
    pub level: u8,
    /// Position among the tiles of its level.
    pub index: u64,
    /// First hash within the tile.
    pub offset: u16,
    /// Hashes that the subtree spans: a power of two, 1 to 128.
    pub count: u16,
}

impl TileSlice {
    /// The slice that holds `node`.
    pub fn of(node: NodeId) -> TileSlice {
        let height = node.level % TILE_HEIGHT;
        TileSlice {
            level: node.level / TILE_HEIGHT,
            // The bits of the subtree's first hash are node.index, then `height` zeros.
            index: node.index >> (TILE_HEIGHT - height),
            offset: ((node.index << height) & 0xFF) as u16,
            count: 1 << height,
        }
    }

    /// The tile as a log of `size` leaves has it, or `None` if it has no such subtree.
    pub fn tile(&self, size: u64) -> Option<Tile> {
        let TileLevel { level, full, partial } = tile_level(self.level, size);
        let width = match self.index.cmp(&full) {
            std::cmp::Ordering::Less => FULL_WIDTH,
            std::cmp::Ordering::Equal => partial,
            std::cmp::Ordering::Greater => 0,
        };
        (self.offset + self.count <= width).then_some(Tile { level, index: self.index, width })
    }

    /// The hash of the subtree from the hashes of its tile, or `None` if the tile is too narrow.
    pub fn hash(&self, tile: &[Hash]) -> Option<Hash> {
        let first = usize::from(self.offset);
        subtree_hash(tile.get(first..first + usize::from(self.count))?)
    }
}

/// The root of a perfect subtree from its nodes at one level, or `None` unless their count is a power of two.
///
/// Over the 256 hashes of a full tile it is that tile's hash in the level above.
pub fn subtree_hash(nodes: &[Hash]) -> Option<Hash> {
    if !nodes.len().is_power_of_two() {
        return None;
    }
    let mut row = nodes.to_vec();
    while row.len() > 1 {
        row = row.chunks_exact(2).map(|pair| node_hash(&pair[0], &pair[1])).collect();
    }
    row.first().copied()
}

impl Tile {
    /// The path below the log's folder: `tile/<L>/<N>`, and `.p/<W>` if partial.
    pub fn path(&self) -> String {
        format!("tile/{}/{}", self.level, index_path(self.index, self.width))
    }
}

/// The path of an entry bundle: `entries/<N>`, and `.p/<W>` if partial. A published tree has it below `tile/`.
pub fn bundle_path(index: u64, width: u16) -> String {
    format!("entries/{}", index_path(index, width))
}

/// N in groups of three digits, all but the last marked `x`: 1234067 is `x001/x234/067`.
fn index_path(index: u64, width: u16) -> String {
    let mut path = format!("{:03}", index % 1000);
    let mut rest = index / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    if width < FULL_WIDTH {
        path += &format!(".p/{width}");
    }
    path
}

/// The bytes of a tile: its hashes one after the other.
pub fn encode_tile(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// The hashes of a tile that is known to be `width` wide.
pub fn decode_tile(bytes: &[u8], width: u16) -> Result<Vec<Hash>, TileError> {
    let (hashes, rest) = bytes.as_chunks::<HASH_LEN>();
    if hashes.len() != usize::from(width) || !rest.is_empty() {
        return Err(TileError::WrongTileLen { width, found: bytes.len() });
    }
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// Appends an entry to the bytes of a bundle: u16 length || entry.
pub fn encode_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), TileError> {
    let len = u16::try_from(entry.len()).map_err(|_| TileError::EntryTooLong { len: entry.len() })?;
    bundle.extend_from_slice(&len.to_be_bytes());
    bundle.extend_from_slice(entry);
    Ok(())
}

/// The entries of a bundle that is known to be `width` wide, none more and none less.
pub fn decode_bundle(bytes: &[u8], width: u16) -> Result<Vec<&[u8]>, TileError> {
    let mut entries = Vec::with_capacity(usize::from(width));
    let mut rest = bytes;
    for position in 0..usize::from(width) {
        let (entry, after) = split_entry(rest).ok_or(TileError::TruncatedEntry { position })?;
        entries.push(entry);
        rest = after;
    }
    if !rest.is_empty() {
        return Err(TileError::TrailingBytes { width, len: rest.len() });
    }
    Ok(entries)
}

fn split_entry(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*len)))
}
