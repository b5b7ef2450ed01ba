//! Sorted rows under one root: complete look-ups, present or empty, many at once. Pure: bytes in, facts out.
//!
//! This is section 4 ("Rows") of the formats document, and the only door to BLAKE3 and to merkle-cbt. A release, a
//! licensor's catalogue, a deny list, an index run and the register are one format with one reader and one kind of
//! proof. It knows nothing of files: a caller brings rows as slices or as closures that read one by position.
//!
//! # The format
//!
//! A [`Row`] is 40 bytes, `key[32] || value u64`, big-endian; rows are strictly ascending in (key, value). A [`Key`] is
//! a BLAKE3 derived key of an identifier's text ([`work_key`]) or of a register name ([`register_key`]). Fewer than 2^31
//! rows make a *complete binary tree*: every level is full except the lowest, which is filled from the left. Its nodes
//! are numbered from the top, level by level, left to right (the *tree index*; children of i are 2i+1 and 2i+2), and
//! its leaves from left to right are the rows. With five rows (L = 8, the least power of two >= n, and d = 2n - L = 2
//! rows on the lowest level):
//!
//! ```text
//!                0
//!          ______|______                  position  0 1 2 3 4
//!         1             2                 tree index 7 8 4 5 6
//!       __|__         __|__
//!      3     4       5     6              position p <  d is tree index L-1+p
//!     _|_   row2   row3   row4            position p >= d is tree index n-1+p-d
//!    7   8
//!  row0 row1
//! ```
//!
//! ```text
//! leaf(row)    = ( row.key, derive-key["deedbook v1 row"]( row, 24 zero bytes ) )
//! merge(l, r)  = ( l.first, derive-key["deedbook v1 row node"]( l.hash || r.hash || r.first || 32 zero bytes ) )
//! root         = derive-key["deedbook v1 rows root"]( kind u8 || n u64 || first || hash of node 0 )   n = 0: zeros
//! ```
//!
//! Every item is a pair (first, hash), a [`Node`] of 64 bytes. An inner node thereby commits the smallest key of its
//! right half, its *separator*: the tree is a search tree, and [`Table::verify`] requires at every inner node that it
//! computes **disclosed keys on the left <= r.first <= disclosed keys on the right**. Rows and separators under one root
//! are fixed by the hashes. Were key k at position f, and another proof to show k absent between positions p < p+1, then
//! where the paths to f and to p (or p+1) part there would be one separator s with k <= s <= key(p) < k, or the mirror
//! image. So one root has one answer per key, whatever a dishonest prover put in the leaves; sortedness is not assumed.
//!
//! # A combined proof
//!
//! The prover discloses (position, row) pairs, ascending in both, and the nodes that the verifier cannot compute from
//! them, in descending tree index. Disclosing positions 1 and 2 above: the verifier has 8 and 4, needs 7 (giving 3),
//! merges 3 with 4 (giving 1), and needs 2. The proof is exactly `[node 7, node 2]`.
//!
//! ```
//! use deedbook::rows::{Kind, MemoryTree, Row, Table, disclose, find_all, prove, work_key};
//! # fn main() -> Result<(), deedbook::rows::RowsError> {
//! let mut rows: Vec<Row> = (1..=5).map(|i| Row { key: work_key(&format!("id:example/{i}")), value: i }).collect();
//! rows.sort();
//! let tree = MemoryTree::new(Kind::Release, &rows)?;
//!
//! // Ask two keys, one present and one absent, in one proof.
//! let mut keys = [work_key("id:example/3"), work_key("id:example/99")];
//! keys.sort();
//! let read_row = |position: u64| Ok(rows[position as usize]);
//! let found = find_all(&keys, 5, read_row)?;
//! let positions = disclose(&found, 5);
//! let proof = prove(5, &positions, read_row, |_| Ok(None))?;
//! assert_eq!(proof, tree.prove(&positions)?);
//!
//! // The verifier takes kind, count and root from a signed statement, and looks the keys up itself.
//! let disclosed: Vec<(u64, Row)> = positions.iter().map(|&p| (p, rows[p as usize])).collect();
//! let mut table = Table::verify(Kind::Release, 5, &tree.root(), &disclosed, &proof)?;
//! assert_eq!(table.look_up(&work_key("id:example/3"))?[0].1.value, 3);
//! assert!(table.look_up(&work_key("id:example/99"))?.is_empty());
//! table.finish()?; // every disclosed row served a look-up
//! # Ok(())
//! # }
//! ```
//!
//! # Why not merkle-cbt's own verifier
//!
//! The crate defines the tree's shape and its combined proofs, and makes them here ([`MemoryTree`]). Its verifier takes
//! the root or an inner node for a leaf, lets a foreign leaf pass under a repeated index, wraps or panics on an index
//! out of range, and pairs leaves with indices by value. Nothing here calls it; the tests show it fail.
//!
//! # Reading order
//!
//! `key` (BLAKE3), `row`, `file` (bytes on disk), `tree` (shape and hashes), `verify` (what an auditor trusts), then the
//! prover's side: `cbt` (in memory), `build` (streaming), `prove`.

mod build;
mod cbt;
mod error;
mod file;
mod key;
mod product;
mod prove;
mod row;
mod tree;
mod verify;

pub use build::{Builder, Piece};
pub use cbt::{MEMORY_ROWS, MemoryTree};
pub use error::RowsError;
pub use file::{Ascending, MAX_COUNT, NODES_HEADER_LEN, NodesHeader, ROWS_HEADER_LEN, RowsHeader};
pub use key::{Blake3, Key, Root, blake3, register_key, salt, work_key};
pub use product::KeyedProduct;
pub use prove::{disclose, find, find_all, prove};
pub use row::{Kind, ROW_LEN, Row};
pub use tree::{NODE_LEN, Node, STORED_HEIGHT, Shape};
pub use verify::{Table, narrow};
