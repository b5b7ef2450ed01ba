//! Where things are: derived from the log, deletable, rebuilt where it is missing or not of this log.
//!
//! What is small and ordered (the register) is in sled; what is large (identifiers of works) in sorted rows files. Only
//! the writer opens sled; readers use the sealed register of the checkpoint that they read, and rows files.
//!
//! Invariant: an index recorded at a prefix of this log (size and root agree) is caught up; any other is rebuilt. What
//! leaves the house is checked against the log by whoever asks here.

mod filter;
mod merge;
mod pending;
mod register;
mod relied;
mod rows_file;
mod runs;
mod seen;
mod sort;
mod sums;

pub use filter::{Filter, MAX_FILTER_LEN};
pub use merge::{Sorted, write_merged};
pub use pending::{Index, PendingRun};
pub use register::{WorkingRegister, look_up_sealed, register_path};
pub use relied::{Counted, MAX_SETS, Reliance, RelianceKey, RelianceKeys, Relied};
pub use rows_file::{NODES_FROM, NodesFile, RowsFile, Written, join_all, root_of, root_with, write_rows};
pub use runs::{AdmissionFact, Run, RunName, Runs};
pub use seen::Seen;
pub use sort::{CHUNK_ROWS, Sorter};
pub use sums::SUM_ROWS;

use crate::rows::RowsError;
use crate::storage::StorageError;

/// What is wrong with an index, or with rows files.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// A rows file is not what it should be.
    #[error("{path}: {error}")]
    Rows {
        /// The file.
        path: String,
        /// What is wrong with it.
        error: RowsError,
    },
    /// Rows, before they are known to be a file's.
    #[error(transparent)]
    Order(#[from] RowsError),
    /// The working copy of the register cannot be read or written.
    #[error("index/register: {0}")]
    Register(sled::Error),
    /// An index run is not the one that was written.
    #[error("{path} is damaged")]
    DamagedRun {
        /// The file.
        path: String,
    },
    /// The working copy holds something that is not of it.
    #[error("index/register is damaged")]
    BadRegister,
    /// An entry names a dataset that is none.
    #[error("entry {index} names a dataset that does not exist")]
    NoDataset {
        /// Its log index.
        index: u64,
    },
}
