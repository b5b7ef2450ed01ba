//! What can go wrong in a use-case, and what kind of trouble it is.

use crate::index::IndexError;
use crate::ingest::{Fault, IngestError};
use crate::licence::FileError;
use crate::log::LogError;
use crate::statement::{Date, Identifier, Invalid, Kind, Name, ReleaseName, StatementError, Time};
use crate::storage::StorageError;
use crate::tlog::{KeyError, NoteError, TlogProofError};
use crate::verify::VerifyError;
use std::sync::Arc;

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
    #[error("{path} does not hold a private key: {error}")]
    BadKey { path: String, error: KeyError },
    #[error("{path} can be read by others than its owner")]
    KeyExposed { path: String },
    #[error("the key {key} does not belong to this ledger, whose log is {ledger}")]
    ForeignKey { key: String, ledger: String },
    #[error("this copy of the ledger has no signing key ({path})")]
    NoKey { path: String },
    #[error("{path} holds an unfinished init")]
    Unfinished { path: String },
    #[error("{path} is not an empty folder")]
    NotEmpty { path: String },
    #[error("{path} is inside the ledger")]
    InLedger { path: String },
    #[error("the clock says {now}, which is before the last entry's {last}")]
    ClockBehind { now: Time, last: Time },
    #[error("{what} {name} exists already, as entry {index}")]
    Taken { what: &'static str, name: String, index: u64 },
    #[error("there is no {what} {name}")]
    Unknown { what: &'static str, name: String, known: Vec<String> },
    #[error("entry {index} is {found}, not {wanted}")]
    WrongKind { index: u64, wanted: &'static str, found: Kind },
    #[error("entry {index}: {error}")]
    Statement { index: u64, error: Box<StatementError> },
    #[error("entry {index} was erased")]
    Erased { index: u64 },
    #[error("entry {index} is empty, and no erasure names it")]
    Emptied { index: u64 },
    #[error("{kind}: {error}")]
    Invalid { kind: Kind, error: Invalid },
    #[error("the log has no state: it was not written by Deedbook")]
    NoState,
    #[error("{path} is not the register of entry {state}")]
    BadRegister { path: String, state: u64 },
    #[error("{path} does not hold the rows of entry {index}")]
    BadRows { path: String, index: u64 },
    #[error("the rows of {release} lead to entry {index}, which is no admission of its dataset below it")]
    ForeignRow { release: ReleaseName, index: u64 },
    #[error("{release} was sealed at a log size of {log_size}; its works can be listed up to {most}")]
    LongLog { release: ReleaseName, log_size: u64, most: u64 },
    #[error("the works of {release} rely on more than 65,536 sets of grants")]
    ManySets { release: ReleaseName },
    #[error("entry {index} is no release")]
    NoRelease { index: u64 },
    #[error("entry {index} is no dataset")]
    NoDataset { index: u64 },
    #[error("the log has {log_size} entries, not {size}")]
    BeyondLog { size: u64, log_size: u64 },
    #[error("{what} is entry {index}, and was not there when the log had {size} entries")]
    NotYet { what: String, index: u64, size: u64 },
    #[error("the run would end before it starts: {start} to {end}")]
    BackwardRun { start: Time, end: Time },
    #[error("{place}: used_from {day} lies after the day of recording")]
    UsedInFuture { place: String, day: Date },
    #[error("{place}: {raw:?} is not an identifier: {what}")]
    BadIdentifier { place: String, raw: String, what: String },
    #[error("{place}: {what}")]
    Unfit { place: String, what: String },
    #[error("the grant {id} is about a catalogue, which is not given")]
    NoCatalogue { id: Name },
    #[error("the grant {id} is not about a catalogue, and {file} is given")]
    NotACatalogue { id: Name, file: String },
    #[error(
        "{file} is not the catalogue that the grant {id} was signed for: it has {}, {}",
        counted(*.found),
        against(*.found, *.signed)
    )]
    OtherCatalogue { id: Name, file: String, found: u64, signed: u64 },
    #[error("the licensor's key is a witness's: {key}")]
    WitnessKey { key: String },
    #[error("the terms of the grant {id} name no key of the licensor's")]
    NoLicensorKey { id: Name },
    #[error("the envelope is not signed by the key that its terms name as the licensor's, {key}")]
    NotByLicensor { key: String },
    #[error("the terms name another key as the licensor's: {named}, and not {key}")]
    OtherLicensorKey { named: String, key: String },
    #[error("the terms of the grant {id} identify the licensor by no party identifier")]
    NoLicensorId { id: Name },
    #[error("the terms of the grant {id} do not say for which log they are")]
    NoLog { id: Name },
    #[error("the terms of the grant {id}: {error}")]
    Terms { id: Name, error: Invalid },
    #[error("{0}")]
    Envelope(#[from] crate::statement::dsse::DsseError),
    #[error("the signed grant is for the log {found:?}, and this one is {this:?}")]
    OtherLog { found: String, this: String },
    #[error("the grant {id} ended on {ended} already, as entry {index} says")]
    AlreadyEnded { id: Name, ended: Date, index: u64 },
    #[error("the grant {id} is over on {to} already, by its own terms")]
    AlreadyOver { id: Name, to: Date },
    #[error("not in {dataset}: {}", listed(.missing))]
    NotIn { dataset: Name, missing: Vec<Identifier> },
    #[error("none of the works asked is in {dataset} ({asked} asked)")]
    NoneIn { dataset: Name, asked: u64 },
    #[error("entry {index} is no screening of a batch for {dataset}")]
    NoBatch { index: u64, dataset: Name, known: Vec<u64> },
    #[error("nothing is left of the batch of entry {index}")]
    BatchGone { index: u64 },
    #[error("the dispute is about the log {found:?}, and this one is {this:?}")]
    OtherOrigin { found: String, this: String },
    #[error("the dispute is about entry {found}, not {asked}")]
    OtherEntry { found: u64, asked: u64 },
    #[error("the dispute names another leaf hash than entry {index} has")]
    OtherLeaf { index: u64 },
    #[error("this dispute is recorded already, as entry {index}")]
    SameDispute { index: u64 },
    #[error("the proof does not verify: {0}")]
    Proof(Box<VerifyError>),
    #[error("the proof does not disclose entry {index}")]
    NotDisclosed { index: u64 },
    #[error("a witness's key signs no dispute")]
    WitnessSigns,
    #[error("the policy has no log")]
    NoLogKey,
    #[error("the policy is not about this log alone, whose key is {key}")]
    OtherPolicy { key: String },
    #[error("no checkpoint of size {size} was published")]
    NotPublished { size: u64 },
    #[error("the note is not the checkpoint of size {size} that this log published")]
    OtherCheckpoint { size: u64 },
    #[error("no cosignature by a witness of the policy{}", among(.unknown))]
    NoWitness { unknown: Vec<String> },
    #[error("the cosignature of {name} is from the future ({time} seconds since 1970)")]
    FutureCosignature { name: String, time: u64 },
    #[error("the checkpoint of size {asked} is ahead of this copy of the log, which has {size} entries")]
    AheadOfCopy { asked: u64, size: u64 },
    #[error("interrupted; nothing was recorded")]
    Interrupted,
    #[error("nothing was asked")]
    NothingAsked,
    #[error("the proof that was made does not verify, so it was not written: {0}")]
    OwnProof(Box<VerifyError>),
    #[error("the proof of entry {index} that was made does not verify, so it was not written: {error}")]
    OwnEntryProof { index: u64, error: TlogProofError },
    #[error("the note: {0}")]
    Note(#[from] NoteError),
    #[error("{name} has more works than are admitted at once here: {most}")]
    LongRequest { name: String, most: usize },
    #[error("nothing more is admitted here, since a commit failed: {0}")]
    DeskFailed(Arc<LedgerError>),
    #[error("nothing more is admitted here: the desk ended unexpectedly")]
    DeskEnded,
}

impl From<IngestError> for LedgerError {
    fn from(error: IngestError) -> LedgerError {
        match error.fault {
            Fault::Interrupted => LedgerError::Interrupted,
            _ => LedgerError::Ingest(Box::new(error)),
        }
    }
}

fn counted(count: u64) -> String {
    if count == 1 { "1 identifier".to_owned() } else { format!("{count} identifiers") }
}

fn against(found: u64, signed: u64) -> String {
    match found == signed {
        true => "as many as the signed one, but others or in another order".to_owned(),
        false => format!("and the signed one {}", counted(signed)),
    }
}

fn listed(ids: &[Identifier]) -> String {
    ids.iter().map(Identifier::as_str).collect::<Vec<_>>().join(", ")
}

fn among(unknown: &[String]) -> String {
    if unknown.is_empty() { String::new() } else { format!("; there are those of {}", unknown.join(", ")) }
}

/// What kind of trouble an error is, for whoever advises a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Another writer has the ledger.
    Locked,
    /// A file is not there.
    NotFound,
    /// The disk is full.
    DiskFull,
    /// The folder cannot be written.
    ReadOnly,
    /// Something that follows from the log is missing or wrong.
    Derived,
    /// The log stands behind what its key has signed: an older copy, perhaps.
    OlderCopy,
    /// What the key has signed is not known.
    MarkMissing,
    /// The checkpoint is not one of this log.
    ForeignCheckpoint,
    /// The checkpoint or the mark is another key's.
    ForeignLog,
    /// There is no such entry.
    NoEntry,
    /// The log itself is damaged.
    Damaged,
    /// What the error's own words say.
    Other,
}

impl LedgerError {
    /// What kind of trouble it is.
    pub fn trouble(&self) -> Trouble {
        match self {
            LedgerError::Storage(e) | LedgerError::Log(LogError::Storage(e)) => of_storage(e),
            LedgerError::Index(IndexError::Storage(e)) => of_storage(e),
            LedgerError::Index(_) | LedgerError::BadRegister { .. } | LedgerError::BadRows { .. } => Trouble::Derived,
            LedgerError::Log(LogError::MarkAboveCheckpoint { .. } | LogError::TwoRoots { .. }) => Trouble::OlderCopy,
            LedgerError::Log(LogError::MarkMissing) => Trouble::MarkMissing,
            LedgerError::Log(LogError::BadNote { .. }) => Trouble::ForeignCheckpoint,
            LedgerError::Log(LogError::KeyMismatch { .. }) => Trouble::ForeignLog,
            LedgerError::Log(LogError::Proof(_)) => Trouble::NoEntry,
            LedgerError::Log(_) | LedgerError::Emptied { .. } => Trouble::Damaged,
            LedgerError::DeskFailed(error) => error.trouble(),
            _ => Trouble::Other,
        }
    }
}

fn of_storage(error: &StorageError) -> Trouble {
    match error {
        StorageError::LockHeld { .. } => Trouble::Locked,
        StorageError::NotFound { .. } => Trouble::NotFound,
        e if e.is_full() => Trouble::DiskFull,
        e if e.is_read_only() => Trouble::ReadOnly,
        _ => Trouble::Other,
    }
}
