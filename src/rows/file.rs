//! The bytes of a rows file and of the nodes file derived from it; no reading or writing. Formats section 4.
//!
//! All integers are big-endian.
//!
//! ```text
//! rows file     "deedrows" | version u32 = 1 | kind u32 | count u64 |                                24 bytes
//!               count rows of 40 bytes, strictly ascending                    row p at 24 + 40 p
//! nodes file    "deednode" | version u32 = 1 | kind u32 | count u64 | root[32] | 8 zero bytes        64 bytes
//!               the inner nodes of tree index 0, 1, .. of 64 bytes            node i at 64 (i + 1)
//! ```
//!
//! A nodes file holds the first [`Shape::stored_nodes`] nodes, so one positioned read finds any of them. It is derived:
//! a prover takes it only if kind, count and root are those of the table, and does without it otherwise.
//!
//! Invariant: a decoded header agrees with the length of its file; whether the rows ascend is known only after a pass
//! through [`Ascending`].

use super::{Kind, NODE_LEN, ROW_LEN, Root, Row, RowsError, Shape};

/// The most rows of a table: tree indices (below 2n - 1) then fit 32 bits, as merkle-cbt's do.
pub const MAX_COUNT: u64 = (1 << 31) - 1;
/// Bytes before the first row of a rows file.
pub const ROWS_HEADER_LEN: usize = 24;
/// Bytes before node 0 of a nodes file.
pub const NODES_HEADER_LEN: usize = 64;

const ROWS_MAGIC: &str = "deedrows";
const NODES_MAGIC: &str = "deednode";
const VERSION: u32 = 1;

/// The header of a rows file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowsHeader {
    /// What the rows mean.
    pub kind: Kind,
    /// Number of rows, at most [`MAX_COUNT`].
    pub count: u64,
}

impl RowsHeader {
    /// The 24 bytes before the rows.
    pub fn encode(&self) -> [u8; ROWS_HEADER_LEN] {
        let mut bytes = [0; ROWS_HEADER_LEN];
        encode_common(&mut bytes, ROWS_MAGIC, *self);
        bytes
    }

    /// Reads a header, given the length of the file that it came from.
    pub fn decode(bytes: &[u8; ROWS_HEADER_LEN], file_len: u64) -> Result<Self, RowsError> {
        let header = decode_common(bytes, ROWS_MAGIC)?;
        check_len(header.row_offset(header.count), file_len)?;
        Ok(header)
    }

    /// Where the row at `position` begins; for `position` = count, the length of the file.
    pub fn row_offset(&self, position: u64) -> u64 {
        ROWS_HEADER_LEN as u64 + position * ROW_LEN as u64
    }
}

/// The header of a nodes file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodesHeader {
    /// The table that the nodes belong to.
    pub rows: RowsHeader,
    /// The root that the nodes lead to.
    pub root: Root,
}

impl NodesHeader {
    /// The 64 bytes before node 0.
    pub fn encode(&self) -> [u8; NODES_HEADER_LEN] {
        let mut bytes = [0; NODES_HEADER_LEN];
        encode_common(&mut bytes, NODES_MAGIC, self.rows);
        bytes[24..56].copy_from_slice(&self.root.0);
        bytes
    }

    /// Reads a header, given the length of the file that it came from.
    pub fn decode(bytes: &[u8; NODES_HEADER_LEN], file_len: u64) -> Result<Self, RowsError> {
        let rows = decode_common(bytes, NODES_MAGIC)?;
        if bytes[56..] != [0; 8] {
            return Err(RowsError::Reserved);
        }
        let header = Self { rows, root: Root(std::array::from_fn(|i| bytes[24 + i])) };
        check_len(header.node_offset(Shape::new(rows.count)?.stored_nodes()), file_len)?;
        Ok(header)
    }

    /// Where the node of tree index `index` begins; for `index` = the number of stored nodes, the length of the file.
    pub fn node_offset(&self, index: u64) -> u64 {
        NODES_HEADER_LEN as u64 + index * NODE_LEN as u64
    }
}

/// Checks a stream of rows for strict order, one row at a time.
#[derive(Clone, Debug, Default)]
pub struct Ascending {
    count: u64,
    last: Option<Row>,
}

impl Ascending {
    /// No row yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// No row yet; the first will stand at this position.
    pub fn from(position: u64) -> Self {
        Self { count: position, last: None }
    }

    /// Takes the next row and returns its position.
    pub fn push(&mut self, row: Row) -> Result<u64, RowsError> {
        self.append(row, row, 1)
    }

    /// Takes the next rows, which ascend from the first to the last of them, and returns the position of the first.
    pub fn append(&mut self, first: Row, last: Row, count: u64) -> Result<u64, RowsError> {
        let position = self.count;
        if self.last.is_some_and(|last| last >= first) {
            return Err(RowsError::RowOrder { position });
        }
        self.last = Some(last);
        self.count += count;
        Ok(position)
    }

    /// Number of rows taken.
    pub fn count(&self) -> u64 {
        self.count
    }
}

fn encode_common(bytes: &mut [u8], magic: &str, rows: RowsHeader) {
    bytes[..8].copy_from_slice(magic.as_bytes());
    bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
    bytes[12..16].copy_from_slice(&u32::from(rows.kind.code()).to_be_bytes());
    bytes[16..24].copy_from_slice(&rows.count.to_be_bytes());
}

/// Reads the first 24 bytes, which both files share but for the magic.
fn decode_common<const N: usize>(bytes: &[u8; N], magic: &'static str) -> Result<RowsHeader, RowsError> {
    const { assert!(N >= ROWS_HEADER_LEN) };
    if &bytes[..8] != magic.as_bytes() {
        return Err(RowsError::Magic { expected: magic });
    }
    let u32_at = |at: usize| u32::from_be_bytes(std::array::from_fn(|i| bytes[at + i]));
    if u32_at(8) != VERSION {
        return Err(RowsError::Version { version: u32_at(8) });
    }
    let kind = Kind::from_code(u32_at(12))?;
    let count = u64::from_be_bytes(std::array::from_fn(|i| bytes[16 + i]));
    Ok(RowsHeader { kind, count: Shape::new(count)?.count() })
}

fn check_len(expected: u64, actual: u64) -> Result<(), RowsError> {
    if expected == actual { Ok(()) } else { Err(RowsError::FileLen { expected, actual }) }
}
