//! The log on disk: append, commit, recover, read, check. Entries are opaque bytes here.
//!
//! Not here: what an entry says, which of them may be erased (`ledger`), and the tree's mathematics (`tlog`).
//! Formats: formats.md, sections 1 and 2 (C2SP tlog-tiles, tlog-checkpoint).
//!
//! | file | what |
//! |---|---|
//! | [`mod@read`] | answers for one checkpoint, authenticated from its root down |
//! | [`mod@write`] | appending and the one commit |
//! | [`recover`] | what a crash or a restored backup left, settled before the first append |
//! | [`history`] | published checkpoints and their cosignatures |
//! | [`mod@fsck`] | every byte of `log/` and `entries/` |
//! | `entries` | entries encoded and hashed ahead of their appending |
//! | `edge` | the right edge of the tree, which all four share |
//!
//! Invariants:
//! - A file that any published checkpoint names is never rewritten. Hence readers need no lock: what they read for
//!   their size stays, or moves from the partial file into the full one of the same tile.
//! - What the checkpoint does not name is garbage, which may hold *other* entries than those that later take its
//!   place. Hence partial files are looked for before full ones, and nothing counts before it is hashed.
//! - `private/signed` is durable before its size is signed: never two roots for one size.

mod edge;
mod entries;
pub mod fsck;
pub mod history;
pub mod read;
pub mod recover;
pub mod write;

use crate::storage::StorageError;
use crate::tlog::{Hash, NoteError, ProofError, TileError};

pub use entries::{Encoder, Entries};
pub use fsck::{FsckReport, fsck};
pub use read::{Batch, Entry, LogReader};
pub use write::{History, LogWriter};

/// The signed size and root that count.
pub const CHECKPOINT: &str = "log/checkpoint";

/// The folder of published checkpoints, named by size.
pub const HISTORY: &str = "log/history";

/// The largest size, with its root, that the key may have signed: the text of a checkpoint, unsigned.
pub const MARK: &str = "private/signed";

/// The file that a writer locks. Whoever opens a [`LogWriter`] holds it.
pub const LOCK: &str = "private/lock";

/// What is wrong with a log, or with what is asked of it.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// There is no checkpoint.
    #[error("there is no log: {CHECKPOINT} does not exist")]
    NoLog,
    /// A new log would take the place of one that exists.
    #[error("there is a log already: {path} exists")]
    AlreadyExists {
        /// What exists.
        path: &'static str,
    },
    /// A signed note is not what its place requires.
    #[error("{path}: {source}")]
    BadNote {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: NoteError,
    },
    /// A published checkpoint is of another size than its name says.
    #[error("{path} holds a checkpoint of size {size}")]
    WrongSize {
        /// The file.
        path: String,
        /// The size in it.
        size: u64,
    },
    /// A published checkpoint is larger than the current one.
    #[error("{path} is ahead of the checkpoint, whose size is {checkpoint}")]
    AheadOfCheckpoint {
        /// The file.
        path: String,
        /// Size of the current checkpoint.
        checkpoint: u64,
    },
    /// The mark is not the text of a checkpoint.
    #[error("{MARK} does not hold an origin, a size and a root")]
    BadMark,
    /// The signing key is not the one that this log is signed with.
    #[error("this log is not signed with the key {key}")]
    KeyMismatch {
        /// The verifier key that belongs to the signing key.
        key: String,
    },
    /// What the key has signed is unknown.
    #[error("{MARK} is missing: without it this key might sign a second root for one size")]
    MarkMissing,
    /// The key may have signed a size whose bytes are not here: a restored backup, perhaps.
    #[error("the key may have signed size {mark}, but the log cannot be carried from size {checkpoint} to it")]
    MarkAboveCheckpoint {
        /// Size in `private/signed`.
        mark: u64,
        /// Size of the checkpoint.
        checkpoint: u64,
        /// What is missing or differs.
        source: Box<LogError>,
    },
    /// The log's tree is not the one that the mark says was signed.
    #[error("two roots for size {size}: {log} in the log, {mark} in {MARK}")]
    TwoRoots {
        /// The size.
        size: u64,
        /// The log's root.
        log: Hash,
        /// The mark's root.
        mark: Hash,
    },
    /// A file that the checkpoint names does not exist.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: String,
    },
    /// A tile or bundle has not the form of one.
    #[error("{path}: {source}")]
    BadTile {
        /// The file.
        path: String,
        /// What is wrong with it.
        source: TileError,
    },
    /// A tile's hashes are not those of the tree.
    #[error("{path} is damaged: its hashes are not those of the tree")]
    TileMismatch {
        /// The file.
        path: String,
    },
    /// An entry's bytes are not those that were recorded.
    #[error("{path} is damaged: entry {index} is not the one that was recorded")]
    EntryMismatch {
        /// The bundle.
        path: String,
        /// Position of the entry in the log.
        index: u64,
    },
    /// The tiles do not lead to the signed root.
    #[error("the tree of size {size} has the root {calculated}, but {expected} was signed")]
    RootMismatch {
        /// Leaves in the tree.
        size: u64,
        /// The signed root.
        expected: Hash,
        /// The root of the tiles.
        calculated: Hash,
    },
    /// A proof was asked for that does not exist.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// An entry is too long for a bundle.
    #[error("an entry of {len} bytes is longer than {}", crate::tlog::tile::MAX_ENTRY_LEN)]
    EntryTooLong {
        /// Its length.
        len: usize,
    },
    /// An entry without bytes would read as an erased one.
    #[error("an entry cannot be empty")]
    EmptyEntry,
    /// The log has as many entries as a checkpoint can count.
    #[error("the log is full")]
    Full,
    /// Entries do not begin where the log ends.
    #[error("entries from {first} on do not follow a log of size {size}")]
    NotNext {
        /// The index of the first.
        first: u64,
        /// Entries in the log, and appended to it.
        size: u64,
    },
    /// An append or commit failed before: what is on disk is for recovery to say.
    #[error("an earlier write failed: open the log again")]
    WriterFailed,
}

impl LogError {
    /// For closures that read a file of the tree: not found means missing.
    fn reading(path: &str) -> impl FnOnce(StorageError) -> LogError {
        move |error| match error {
            StorageError::NotFound { .. } => LogError::Missing { path: path.to_owned() },
            error => LogError::Storage(error),
        }
    }
}
