//! What can be wrong with rows, a rows file or a proof over rows. Closed; every variant carries the evidence.

use thiserror::Error;

use super::{Key, Root};

/// What is wrong with the rows, file or proof that was given.
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum RowsError {
    #[error("not the canonical base64 of {expected_len} bytes")]
    Base64 { expected_len: usize },
    #[error("not a {expected} file")]
    Magic { expected: &'static str },
    #[error("format version {version} is not known")]
    Version { version: u32 },
    #[error("rows of kind {code} are not known")]
    Kind { code: u32 },
    #[error("reserved header bytes are not zero")]
    Reserved,
    #[error("file is {actual} bytes long, its header requires {expected}")]
    FileLen { expected: u64, actual: u64 },
    #[error("{count} rows, the limit is {limit}")]
    TooManyRows { count: u64, limit: u64 },
    #[error("{actual} rows or more, {expected} were announced")]
    Count { expected: u64, actual: u64 },
    #[error("row at position {position} is not greater than the row before it")]
    RowOrder { position: u64 },
    #[error("key {index} is smaller than the key before it")]
    KeyOrder { index: usize },
    #[error("position {position} is not greater than the position before it")]
    PositionOrder { position: u64 },
    #[error("position {position} of {count} rows")]
    PositionOutOfRange { position: u64, count: u64 },
    #[error("the row at position {position} is not disclosed")]
    NotDisclosed { position: u64 },
    #[error("no row is disclosed")]
    NothingDisclosed,
    #[error("proof of {actual} hashes, its positions need {expected}")]
    ProofLen { expected: usize, actual: usize },
    #[error("row at position {position} is on the wrong side of the separator of inner node {index}")]
    Separator { index: u64, position: u64 },
    #[error("rows lead to root {calculated}, expected {expected}")]
    RootMismatch { expected: Root, calculated: Root },
    #[error("the proof does not answer key {key} completely")]
    Incomplete { key: Key },
    #[error("row at position {position} is disclosed but no question needs it")]
    UnusedRow { position: u64 },
}
