//! The use-cases, one file each: the API of the command line, and of programs that embed a ledger.
//!
//! A [`Writer`] holds the lock, appends statements and commits them at once; a [`View`] reads one checkpoint and never
//! writes. Both are of one ledger folder, whose `ledger.toml` names origin and verifier key. Time, randomness and keys
//! are arguments.
//!
//! | file | use-case |
//! |---|---|
//! | [`init`] | a new ledger |
//! | [`view`], [`writer`] | reading a checkpoint; appending and committing |
//! | [`dataset`], [`grant`] | declarations |
//! | [`admit`], [`gate`] | works at the gate, recorded or not |
//! | [`seal`] | a release |
//! | [`prove`], [`check`] | answers, with and without proof |
//! | [`show`] | looking |
//! | [`fsck`], [`repair`] | damage found; what is derived rebuilt |

pub mod admit;
pub mod check;
pub mod dataset;
pub mod fsck;
pub mod gate;
pub mod grant;
pub mod init;
pub mod prove;
pub mod repair;
pub mod seal;
pub mod show;
pub mod source;
pub mod view;
pub mod writer;

pub use view::View;
pub use writer::Writer;

use crate::index::IndexError;
use crate::ingest::IngestError;
use crate::licence::FileError;
use crate::log::LogError;
use crate::statement::{Invalid, Kind, Name, StatementError, Time};
use crate::storage::StorageError;
use crate::tlog::{KeyError, NoteError};
use crate::verify::VerifyError;

/// What a writer is given from outside: the clock and randomness.
#[derive(Clone, Copy)]
pub struct Now {
    /// The time of the statements.
    pub at: Time,
    /// The seed of their salts. It is used up and not kept: otherwise an erased entry could be guessed.
    pub seed: [u8; 32],
}

/// What can go wrong in a use-case.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the messages say it
pub enum LedgerError {
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Ingest(Box<IngestError>),
    #[error("{path}: {error}")]
    File { path: String, error: Box<FileError> },
    #[error("{path}: {error}")]
    Io { path: String, error: std::io::Error },
    #[error("there is no ledger in {path}")]
    NoLedger { path: String },
    #[error("ledger.toml: {what}")]
    Settings { what: String },
    #[error("{what}: {error}")]
    Key { what: &'static str, error: KeyError },
    #[error("{path} can be read by others than its owner")]
    KeyExposed { path: String },
    #[error("the key {key} does not belong to this ledger, whose log is {ledger}")]
    ForeignKey { key: String, ledger: String },
    #[error("{path} is not an empty folder")]
    NotEmpty { path: String },
    #[error("the clock says {now}, which is before the last entry's {last}")]
    ClockBehind { now: Time, last: Time },
    #[error("{what} {name} exists already, as entry {index}")]
    Taken { what: &'static str, name: String, index: u64 },
    #[error("there is no {what} {name}")]
    Unknown { what: &'static str, name: String },
    #[error("entry {index} is {found}, not {wanted}")]
    WrongKind { index: u64, wanted: &'static str, found: Kind },
    #[error("entry {index}: {error}")]
    Statement { index: u64, error: Box<StatementError> },
    #[error("entry {index} was erased")]
    Erased { index: u64 },
    #[error("{kind}: {error}")]
    Invalid { kind: Kind, error: Invalid },
    #[error("the log has no state: it was not written by Deedbook")]
    NoState,
    #[error("{path} is not the register of entry {state}")]
    BadRegister { path: String, state: u64 },
    #[error("{path} does not hold the rows of entry {index}")]
    BadRows { path: String, index: u64 },
    #[error("{path}:{line}: used_from {day} lies after the day of recording")]
    UsedInFuture { path: String, line: u64, day: crate::statement::Date },
    #[error("{path}:{line}: {raw:?} is not an identifier: {what}")]
    BadIdentifier { path: String, line: u64, raw: String, what: String },
    #[error("the grant {id} needs --catalogue {file:?}, or has none")]
    Catalogue { id: Name, file: String },
    #[error("{file} is not the catalogue that the grant {id} was signed for")]
    OtherCatalogue { id: Name, file: String },
    #[error("the envelope: {0}")]
    Envelope(#[from] crate::statement::dsse::DsseError),
    #[error("the signed grant is for the log {found:?}, and this one is {this:?}")]
    OtherLog { found: String, this: String },
    #[error("nothing was asked")]
    NothingAsked,
    #[error("the proof that was made does not verify, so it was not written: {0}")]
    OwnProof(Box<VerifyError>),
    #[error("the log's key: {0}")]
    Note(#[from] NoteError),
}

impl From<IngestError> for LedgerError {
    fn from(error: IngestError) -> LedgerError {
        LedgerError::Ingest(Box::new(error))
    }
}
