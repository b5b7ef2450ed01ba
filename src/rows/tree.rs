//! The complete binary tree over n rows: its shape, in u64, and its hashes. Formats section 4 ("Tree", "Root").
//!
//! The drawing is in the module's header. Not a tree in memory (that is `cbt`). Invariant: every function of [`Shape`]
//! is total for the arguments it names and never overflows, because a shape has at most [`MAX_COUNT`] rows.

use serde::{Deserialize, Serialize};
use std::ops::Range;

use super::key::{self, base64_bytes};
use super::{Key, Kind, MAX_COUNT, ROW_LEN, Root, Row, RowsError};

/// Bytes of an encoded node, and of a proof hash.
pub const NODE_LEN: usize = 64;

/// How many levels above the lowest the nodes of a nodes file begin. Each covers 8 rows or more, so the file takes 8 to
/// 16 bytes a row, and the siblings of a row that are left out are computed from 15 rows (5 microseconds). One level
/// more would halve the file and double that time.
pub const STORED_HEIGHT: u32 = 4;

/// The shape of the tree over a number of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    count: u64,
    /// L: the least power of two >= count, the width of the lowest level were it full.
    width: u64,
    /// d: how many rows are on the lowest level.
    lowest: u64,
}

impl Shape {
    /// The shape for `count` rows, at most [`MAX_COUNT`].
    pub fn new(count: u64) -> Result<Self, RowsError> {
        if count > MAX_COUNT {
            return Err(RowsError::TooManyRows { count, limit: MAX_COUNT });
        }
        let width = count.next_power_of_two();
        Ok(Self { count, width, lowest: (2 * count).saturating_sub(width) })
    }

    /// Number of rows.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Number of rows on the lowest level: positions below it are there, the others one level higher.
    pub fn lowest(&self) -> u64 {
        self.lowest
    }

    /// The tree index of the row at `position`.
    pub fn leaf_index(&self, position: u64) -> Result<u64, RowsError> {
        if position >= self.count {
            Err(RowsError::PositionOutOfRange { position, count: self.count })
        } else if position < self.lowest {
            Ok(self.width - 1 + position)
        } else {
            Ok(self.count - 1 + position - self.lowest)
        }
    }

    /// The position of the row whose tree index is `index`; `None` for an inner node or beyond the tree.
    pub fn position(&self, index: u64) -> Option<u64> {
        if self.count == 0 || index < self.count - 1 || index > 2 * (self.count - 1) {
            None
        } else if index >= self.width - 1 {
            Some(index - (self.width - 1))
        } else {
            Some(index - (self.count - 1) + self.lowest)
        }
    }

    /// The position of the leftmost row below (or at) tree index `index`; `None` beyond the tree.
    pub fn first_position(&self, mut index: u64) -> Option<u64> {
        while index + 1 < self.count {
            index = left_child(index);
        }
        self.position(index)
    }

    /// The nodes of one level, from left to right, that have at most `most` rows below each, two being the least `most`.
    pub fn cut(&self, most: u64) -> Range<u64> {
        let pieces = (self.width >> most.max(2).ilog2()).max(1);
        pieces - 1..2 * pieces - 1
    }

    /// The positions of the rows below (or at) tree index `index`, which a [`Shape::cut`] gave.
    pub fn positions(&self, index: u64) -> Range<u64> {
        let is_last = (index + 2).is_power_of_two();
        let end = if is_last { None } else { self.first_position(index + 1) };
        self.first_position(index).unwrap_or(0)..end.unwrap_or(self.count)
    }

    /// Number of nodes in a nodes file: those of the levels at least [`STORED_HEIGHT`] above the lowest one. They are
    /// inner nodes, and their tree indices are the smallest.
    pub fn stored_nodes(&self) -> u64 {
        (self.width >> STORED_HEIGHT << 1).saturating_sub(1)
    }

    /// Requires positions that ascend strictly and lie in the tree.
    pub(super) fn check_positions(&self, positions: impl Iterator<Item = u64>) -> Result<(), RowsError> {
        let mut least = 0;
        for position in positions {
            self.leaf_index(position)?;
            if position < least {
                return Err(RowsError::PositionOrder { position });
            }
            least = position + 1;
        }
        Ok(())
    }
}

/// The tree index of the left child.
pub(super) fn left_child(index: u64) -> u64 {
    2 * index + 1
}

/// The tree index of the parent; not for the top, which has none.
pub(super) fn parent(index: u64) -> u64 {
    (index - 1) / 2
}

/// Whether a node other than the top is a left child.
pub(super) fn is_left(index: u64) -> bool {
    index % 2 == 1
}

/// The tree index of the other child of a node's parent; not for the top, which has none.
pub(super) fn sibling(index: u64) -> u64 {
    if is_left(index) { index + 1 } else { index - 1 }
}

/// An item of the tree: the smallest key below a node and the node's hash. 64 bytes, base64 in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "Encoded", into = "Encoded")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "Encoded"))]
pub struct Node {
    /// The key of the leftmost row below the node, if the prover is honest.
    pub first: Key,
    /// The hash of the row, or of both children and of the right one's `first`.
    pub hash: [u8; 32],
}

/// The JSON form of a node.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "Node"))]
struct Encoded(
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[A-Za-z0-9+/]{86}==$")))]
    [u8; NODE_LEN],
);

impl Node {
    /// The item of a row. Padded to a whole block: it costs nothing and lets equal inputs be hashed side by side.
    pub fn leaf(row: &Row) -> Self {
        let mut block = [0; 64];
        block[..ROW_LEN].copy_from_slice(&row.encode());
        Self { first: row.key, hash: key::derive(&key::ROW, &block) }
    }

    /// The item above two children. `left.first` is committed higher up, where it is a right child's, or by the root.
    pub fn merge(left: &Self, right: &Self) -> Self {
        let mut blocks = [0; 128];
        blocks[..32].copy_from_slice(&left.hash);
        blocks[32..64].copy_from_slice(&right.hash);
        blocks[64..96].copy_from_slice(&right.first.0);
        Self { first: left.first, hash: key::derive(&key::NODE, &blocks) }
    }

    /// `first || hash`.
    pub fn encode(&self) -> [u8; NODE_LEN] {
        let mut bytes = [0; NODE_LEN];
        bytes[..32].copy_from_slice(&self.first.0);
        bytes[32..].copy_from_slice(&self.hash);
        bytes
    }

    /// The inverse of [`Node::encode`]; every 64 bytes are a node.
    pub fn decode(bytes: &[u8; NODE_LEN]) -> Self {
        Self { first: Key(std::array::from_fn(|i| bytes[i])), hash: std::array::from_fn(|i| bytes[32 + i]) }
    }
}

impl From<Encoded> for Node {
    fn from(encoded: Encoded) -> Self {
        Self::decode(&encoded.0)
    }
}

impl From<Node> for Encoded {
    fn from(node: Node) -> Self {
        Self(node.encode())
    }
}

impl Root {
    /// The root of a table, from the item at the top of its tree; `None` for a table without rows.
    pub(super) fn of(kind: Kind, count: u64, top: Option<&Node>) -> Self {
        let mut bytes = [0; 1 + 8 + NODE_LEN];
        bytes[0] = kind.code();
        bytes[1..9].copy_from_slice(&count.to_be_bytes());
        bytes[9..].copy_from_slice(&top.map_or([0; NODE_LEN], Node::encode));
        Self(key::derive(&key::ROOT, &bytes))
    }
}
