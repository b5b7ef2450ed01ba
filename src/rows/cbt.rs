//! The whole tree in memory, made by merkle-cbt: the one file that touches that crate.
//!
//! It makes roots and combined proofs for tables of up to [`MEMORY_ROWS`] rows; larger ones go through `build` and
//! `prove`, which give the same bytes. The crate's verifier is not used (see the module's header).
//! Invariant: no type of the crate leaves this file.

use merkle_cbt::{CBMT, MerkleTree, merkle_tree::Merge};

use super::{Ascending, Kind, Node, Root, Row, RowsError, Shape};

/// The most rows of a tree in memory. It takes 128 bytes a row, so 128 MiB at the limit.
pub const MEMORY_ROWS: u64 = 1 << 20;

/// A table's tree in memory.
pub struct MemoryTree {
    kind: Kind,
    shape: Shape,
    tree: MerkleTree<Node, RowMerge>,
}

struct RowMerge;

impl Merge for RowMerge {
    type Item = Node;

    fn merge(left: &Node, right: &Node) -> Node {
        Node::merge(left, right)
    }
}

impl MemoryTree {
    /// The tree over strictly ascending rows, at most [`MEMORY_ROWS`].
    pub fn new(kind: Kind, rows: &[Row]) -> Result<Self, RowsError> {
        let count = rows.len() as u64;
        if count > MEMORY_ROWS {
            return Err(RowsError::TooManyRows { count, limit: MEMORY_ROWS });
        }
        let mut order = Ascending::new();
        rows.iter().try_for_each(|row| order.push(*row).map(|_| ()))?;
        let shape = Shape::new(count)?;
        // The crate's array lists leaves by tree index: the higher level, which is the end of the order, comes first.
        let (lowest, higher) = rows.split_at(shape.lowest() as usize);
        let leaves: Vec<Node> = higher.iter().chain(lowest).map(Node::leaf).collect();
        Ok(Self { kind, shape, tree: CBMT::build_merkle_tree(&leaves) })
    }

    /// The table's root.
    pub fn root(&self) -> Root {
        Root::of(self.kind, self.shape.count(), self.nodes().first())
    }

    /// All nodes by tree index, leaves included.
    pub fn nodes(&self) -> &[Node] {
        self.tree.nodes()
    }

    /// The combined proof for strictly ascending positions, at least one unless the table is empty.
    pub fn prove(&self, positions: &[u64]) -> Result<Vec<Node>, RowsError> {
        let (count, lowest) = (self.shape.count(), self.shape.lowest());
        self.shape.check_positions(positions.iter().copied())?;
        if count == 0 {
            return Ok(Vec::new());
        }
        // build_proof wants indices of its array of leaves; count <= MEMORY_ROWS, so they fit 32 bits.
        let array_index = |&p: &u64| if p < lowest { count - lowest + p } else { p - lowest } as u32;
        let indices: Vec<u32> = positions.iter().map(array_index).collect();
        let proof = self.tree.build_proof(&indices).ok_or(RowsError::NothingDisclosed)?;
        Ok(proof.lemmas().to_vec())
    }
}
