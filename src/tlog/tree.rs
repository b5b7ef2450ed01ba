//! The shape of the log's Merkle tree (RFC 9162 section 2.1): perfect subtrees, ranges of leaves and roots.
//!
//! Not here: proofs ([`super::inclusion`], [`super::consistency`], [`super::batch`]) and where hashes are kept
//! ([`super::tile`]). Whoever stores hashes passes a reader, a closure from [`NodeId`] to [`struct@Hash`].
//!
//! ```text
//! size 7                     level
//!            root              -    not perfect: computed from the three nodes that cover(0, 7) names
//!          /      \
//!        x          y          2    x = (2,0); y is not perfect
//!      /   \      /   \
//!     .     .    z     |       1    z = (1,2)
//!    / \   / \  / \    |
//!   0   1 2   3 4  5   6       0
//! ```
//!
//! Invariants: readers are only asked for perfect subtrees, those that never change as the log grows, and
//! only below the given size. Every size up to `u64::MAX` is safe; loops are bounded by its 64 bits.

use super::hash::{Hash, empty_root, node_hash};

/// Most leaves a log can have: 2^53 - 1, the largest integer that every JSON reader keeps exact.
pub const MAX_SIZE: u64 = (1 << 53) - 1;

/// What is wrong with a Merkle proof, or with the question it should answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum ProofError {
    #[error("index {index} is not in a tree of size {size}")]
    IndexOutOfRange { index: u64, size: u64 },
    #[error("no consistency proof leads from size {old} to size {new}")]
    SizesNotAscending { old: u64, new: u64 },
    #[error("a batch proof needs at least one leaf")]
    NoLeaves,
    #[error("index {index} does not ascend from the one before it")]
    IndexNotAscending { index: u64 },
    #[error("the path is too short: more than {len} hashes are needed")]
    PathTooShort { len: usize },
    #[error("the path is too long: {used} of {len} hashes are needed")]
    PathTooLong { len: usize, used: usize },
    #[error("no proof tells the hash over leaves {begin} to {end}")]
    NotDisclosed { begin: u64, end: u64 },
    #[error("the path leads to root {calculated}, not to {expected}")]
    RootMismatch { expected: Hash, calculated: Hash },
}

/// A perfect subtree: `2^level` leaves starting at `index * 2^level`. Level 0 is a leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId {
    /// Height above the leaves, at most 63.
    pub level: u8,
    /// Position among the nodes of its level.
    pub index: u64,
}

impl NodeId {
    /// The leaf at `index`.
    pub fn leaf(index: u64) -> NodeId {
        NodeId { level: 0, index }
    }
}

/// The fewest perfect subtrees whose leaves are `begin..end`, left to right; at most 126.
pub fn cover(begin: u64, end: u64) -> impl Iterator<Item = NodeId> {
    let mut at = begin;
    std::iter::from_fn(move || {
        let left = end.checked_sub(at).filter(|&n| n > 0)?;
        // The largest subtree that is aligned where it starts and does not reach past the end.
        let level = at.trailing_zeros().min(left.ilog2());
        let index = at >> level;
        at += 1 << level;
        Some(NodeId { level: level as u8, index })
    })
}

/// The root of the first `size` leaves: `MTH(D[0:size])`.
pub fn root<E>(size: u64, read: impl FnMut(NodeId) -> Result<Hash, E>) -> Result<Hash, E> {
    range_hash(0, size, read)
}

/// Hashes the nodes of a right edge, left to right and each lower than the one before, into their root.
/// No nodes give the empty root.
pub fn fold(nodes: &[Hash]) -> Hash {
    nodes.iter().rev().copied().reduce(|right, left| node_hash(&left, &right)).unwrap_or_else(empty_root)
}

/// `MTH(D[begin:end])` of a range that is a node of some tree: `begin` is a multiple of the least power of two
/// that is not less than `end - begin`, so the subtrees of its cover descend.
pub(super) fn range_hash<E>(begin: u64, end: u64, read: impl FnMut(NodeId) -> Result<Hash, E>) -> Result<Hash, E> {
    Ok(fold(&cover(begin, end).map(read).collect::<Result<Vec<_>, E>>()?))
}

/// A node beside the way from a subtree to the root; the last one of a level may be imperfect.
pub(super) struct Sibling {
    /// Its leaves.
    pub range: std::ops::Range<u64>,
    /// Whether it is the left child of the common parent.
    pub is_left: bool,
}

impl Sibling {
    /// The parent of this node, whose hash is `own`, and the node on the way.
    pub fn join(&self, own: &Hash, way: &Hash) -> Hash {
        if self.is_left { node_hash(own, way) } else { node_hash(way, own) }
    }
}

/// The siblings along the way from `from` to the root of the first `size` leaves, which include `from`'s.
pub(super) fn siblings(from: NodeId, size: u64) -> impl Iterator<Item = Sibling> {
    let last = size.saturating_sub(1);
    let levels = (from.level..64).take_while(move |&level| last >> level > 0);
    levels.filter_map(move |level| {
        let index = (from.index >> (level - from.level)) ^ 1;
        let begin = index << level;
        // A node without a right sibling stands for its parent: nothing is hashed at this level.
        let end = begin.saturating_add(1 << level).min(size);
        (begin < size).then_some(Sibling { range: begin..end, is_left: index & 1 == 0 })
    })
}

/// The right edge of a growing tree: all that appending a leaf and computing the root need.
///
/// Holds the hashes of `cover(0, size)`: one per set bit of the size, the largest subtree first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    nodes: Vec<Hash>,
}

impl Frontier {
    /// The edge of the empty tree.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Like carrying in binary addition: each trailing one bit is a subtree that the new node completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.nodes.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.nodes.push(node);
        self.size += 1;
    }

    /// Leaves in the tree.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        fold(&self.nodes)
    }
}
