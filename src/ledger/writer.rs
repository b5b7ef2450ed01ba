//! Appending to a ledger: the lock, recovery, the index brought up to date, statements appended, commits.
//!
//! Until [`Writer::commit`] nothing that was appended exists; a writer that is dropped before leaves the old state. It may
//! commit several times, and its view is always of the last commit. After a failure it refuses everything: what is on disk
//! is for the next one to settle.

use super::reindex::{Reindexing, Said};
use super::view::{View, open_folder, settings};
use super::{LedgerError, Now};
use crate::index::{Index, Run, WorkingRegister};
use crate::log::{History, LOCK, LogError, LogReader, LogWriter};
use crate::rows;
use crate::statement::{Invalid, Is, Kind, Name, RowsRef, Salt, State, Statement, Time, V1};
use crate::storage::{Disk, Lock};
use crate::tlog::tile::MAX_ENTRY_LEN;
use crate::tlog::{SigningKey, VerifiedCheckpoint, VerifierKey};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where the signing key is.
pub const KEY_FILE: &str = "private/key";
/// The longest key file.
const MAX_KEY_LEN: u64 = 4096;

/// Screenings after which a commit ends with a state though the register did not grow: whoever opens the ledger walks back
/// over them, some microseconds each.
pub const MAX_SCREENINGS: u64 = 1024;

/// The one writer of a ledger.
#[derive(Debug)]
pub struct Writer {
    view: View,
    log: LogWriter,
    index: Index,
    now: Time,
    seed: [u8; 32],
    dataset_names: BTreeMap<u64, Name>,
    runs: Vec<Run>,
    /// Screenings since the newest state.
    screenings: u64,
    failed: bool,
    lock: Arc<Lock>,
}

impl Writer {
    /// Opens a ledger for writing: takes the lock, completes a commit that was interrupted, brings the index up to date.
    ///
    /// # Errors
    /// Another writer has it, the key is missing or another one, or the ledger is damaged.
    pub fn open(dir: &Path, now: Now, wait: bool) -> Result<Writer, LedgerError> {
        Writer::on(&open_folder(dir)?.0, now, wait)
    }

    /// As [`Writer::open`], in a folder that is open.
    ///
    /// # Errors
    /// As [`Writer::open`].
    pub fn on(disk: &Disk, now: Now, wait: bool) -> Result<Writer, LedgerError> {
        let (_, key) = settings(disk)?;
        let lock = disk.lock(LOCK, wait)?;
        let (log, mut index) = open_parts(disk, &key)?;
        bring_up_to_date(disk, &LogReader::open(disk, &key)?, &mut index)?;
        Writer::with(disk, &key, log, index, now, lock)
    }

    fn with(
        disk: &Disk,
        key: &VerifierKey,
        log: LogWriter,
        index: Index,
        now: Now,
        lock: Lock,
    ) -> Result<Writer, LedgerError> {
        let view = View::of(disk, key)?;
        let last = view.statement(view.log().size() - 1)?.head().1;
        if now.at < last {
            return Err(LedgerError::ClockBehind { now: now.at, last });
        }
        let (dataset_names, runs, screenings) = (BTreeMap::new(), Vec::new(), view.screenings());
        let (now, seed, failed, lock) = (now.at, now.seed, false, Arc::new(lock));
        Ok(Writer { view, log, index, now, seed, dataset_names, runs, screenings, failed, lock })
    }

    /// Gives the statements to come another time, and salts of another seed.
    ///
    /// # Errors
    /// The time lies before that of the statements so far.
    pub fn renew(&mut self, now: Now) -> Result<(), LedgerError> {
        if now.at < self.now {
            return Err(LedgerError::ClockBehind { now: now.at, last: self.now });
        }
        (self.now, self.seed) = (now.at, now.seed);
        Ok(())
    }

    /// The ledger as of the last commit.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// The index, the commit under way included where its register is concerned.
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// The folder.
    pub fn disk(&self) -> &Disk {
        self.view.disk()
    }

    /// The lock, for whoever writes files of the ledger beside this writer and may outlive it.
    pub(super) fn lock(&self) -> &Arc<Lock> {
        &self.lock
    }

    /// The time of all statements of this writer.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The log index that the next entry will have.
    pub fn next(&self) -> u64 {
        self.log.size()
    }

    /// The salt of the next entry.
    pub fn salt(&self) -> Salt {
        Salt(rows::salt(&self.seed, self.log.size()))
    }

    /// Appends a statement and returns its log index.
    ///
    /// # Errors
    /// It breaks a rule of its kind, or is too long for an entry.
    pub fn append(&mut self, statement: &Statement) -> Result<u64, LedgerError> {
        self.expect_sound()?;
        let kind = statement.head().0;
        statement.check().map_err(|error| LedgerError::Invalid { kind, error })?;
        let index = self.log.append(statement.print().as_bytes())?;
        self.screenings += u64::from(kind == Kind::Screening);
        if let Statement::Dataset(dataset) = statement {
            self.dataset_names.insert(index, dataset.id.clone());
        }
        let (names, view) = (&self.dataset_names, &self.view);
        let name = |d: u64| names.get(&d).cloned().or_else(|| Some(view.dataset_at(d).ok()?.id));
        self.index.register.add(index, statement, name)?;
        Ok(index)
    }

    /// What numbers and declares entries, and beside it the log, which another thread may append them to.
    pub(super) fn parts(&mut self) -> (Numbering<'_>, &mut LogWriter) {
        let (next, at, seed) = (self.next(), self.now, self.seed);
        (Numbering { view: &self.view, register: &mut self.index.register, at, seed, next }, &mut self.log)
    }

    /// Adds a finished run to the commit.
    pub fn add_run(&mut self, run: Option<Run>) {
        self.runs.extend(run);
    }

    /// Forgets what was declared since the last commit by entries that will not be appended.
    pub(super) fn abandon(&mut self) {
        self.index.register.abandon();
    }

    /// Makes everything appended part of the ledger, at once; ends with a state where the register grew.
    ///
    /// # Errors
    /// The disk refuses. Opening the ledger again shows whether the commit was made.
    pub fn commit(&mut self, register_grew: bool) -> Result<VerifiedCheckpoint, LedgerError> {
        let checkpoint = self.publish(register_grew)?;
        // The commit stands, whatever becomes of the index: one that could not follow is caught up when it is opened.
        let _ = self.hand_over();
        Ok(checkpoint)
    }

    /// As [`Writer::commit`], and leaves the index behind.
    pub(super) fn publish(&mut self, register_grew: bool) -> Result<VerifiedCheckpoint, LedgerError> {
        self.expect_sound()?;
        // Until the end is reached, what is on disk is only known to recovery.
        self.failed = true;
        let state = match register_grew || self.screenings >= MAX_SCREENINGS {
            true => Some(self.append_state()?),
            false => None,
        };
        let checkpoint = self.log.commit(History::Keep)?;
        if state.is_some() {
            self.screenings = 0;
        }
        // The commit stands. A view that cannot follow it ends this writer.
        self.failed = self.view.follow(&checkpoint, state).is_err();
        Ok(checkpoint)
    }

    /// Brings the index up to the last commit: the rows of the register, and the finished runs, which are durable.
    ///
    /// # Errors
    /// The disk refuses, and this writer is at its end: what the index lacks would be taken for new.
    pub(super) fn hand_over(&mut self) -> Result<(), LedgerError> {
        self.expect_sound()?;
        let (mark, runs) = ((self.view.log().size(), *self.view.log().root()), std::mem::take(&mut self.runs));
        let handed_over = self.index.commit(mark, runs);
        self.failed = handed_over.is_err();
        Ok(handed_over?)
    }

    fn append_state(&mut self) -> Result<(u64, State), LedgerError> {
        let log_size = self.next();
        let (count, root) = self.index.register.seal(self.view.disk(), log_size)?;
        let state =
            State { at: self.now, kind: Is, log_size, register: RowsRef { count, root }, salt: self.salt(), v: V1 };
        self.log.append(Statement::State(state.clone()).print().as_bytes())?;
        Ok((log_size, state))
    }

    fn expect_sound(&self) -> Result<(), LedgerError> {
        if self.failed { Err(LogError::WriterFailed.into()) } else { Ok(()) }
    }
}

/// A writer without its log: gives entries their numbers and takes note of what they declare.
#[derive(Debug)]
pub(super) struct Numbering<'w> {
    /// The ledger as it was when the writer was opened.
    pub view: &'w View,
    register: &'w mut WorkingRegister,
    /// The time of all statements.
    pub at: Time,
    /// What salts are derived from.
    pub seed: [u8; 32],
    /// The log index of the next entry.
    pub next: u64,
}

impl Numbering<'_> {
    /// Gives a number.
    pub fn take(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    /// The salt of the next entry.
    pub fn salt(&self) -> Salt {
        Salt(rows::salt(&self.seed, self.next))
    }

    /// Numbers a statement that names no dataset, and gives its text.
    ///
    /// # Errors
    /// It breaks a rule of its kind, or is too long for an entry.
    pub fn declare(&mut self, statement: &Statement) -> Result<(u64, String), LedgerError> {
        let kind = statement.head().0;
        statement.check().map_err(|error| LedgerError::Invalid { kind, error })?;
        let text = statement.print();
        if text.len() > MAX_ENTRY_LEN {
            return Err(LogError::EntryTooLong { len: text.len() }.into());
        }
        let index = self.take();
        let view = self.view;
        self.register.add(index, statement, |d| Some(view.dataset_at(d).ok()?.id))?;
        Ok((index, text))
    }
}

/// Completes an interrupted commit, and opens the index, whatever it is of. The caller holds the lock.
pub(super) fn open_parts(disk: &Disk, key: &VerifierKey) -> Result<(LogWriter, Index), LedgerError> {
    let signing = read_key(disk, KEY_FILE)?;
    if signing.verifier() != key {
        let (key, ledger) = (signing.verifier().to_string(), key.to_string());
        return Err(LedgerError::ForeignKey { key, ledger });
    }
    Ok((LogWriter::open(disk, signing)?, Index::open(disk)?))
}

/// The first commit of a new ledger: entry 0 and an empty register.
pub(super) fn first_commit(
    disk: &Disk,
    signing: SigningKey,
    ledger: Statement,
    now: Now,
) -> Result<VerifiedCheckpoint, LedgerError> {
    let check = |s: &Statement| s.check().map_err(|error| LedgerError::Invalid { kind: s.head().0, error });
    check(&ledger)?;
    let mut log = LogWriter::create(disk, signing)?;
    log.append(ledger.print().as_bytes())?;
    let mut index = Index::open(disk)?;
    let (count, root) = index.register.seal(disk, 1)?;
    let salt = Salt(rows::salt(&now.seed, 1));
    let state = State { at: now.at, kind: Is, log_size: 1, register: RowsRef { count, root }, salt, v: V1 };
    log.append(Statement::State(state).print().as_bytes())?;
    let checkpoint = log.commit(History::Keep)?;
    index.commit((checkpoint.size(), *checkpoint.root()), Vec::new())?;
    Ok(checkpoint)
}

/// Catches the index up with the log, or rebuilds it where it is not of this log.
pub(super) fn bring_up_to_date(disk: &Disk, log: &LogReader, index: &mut Index) -> Result<(), LedgerError> {
    let from = match index.register.mark()? {
        Some((size, root)) if size <= log.size() && index.is_whole() && log.root_at(size)? == root => size,
        _ => {
            index.clear()?;
            0
        }
    };
    if from == log.size() {
        return Ok(());
    }
    let mut reindexing = Reindexing::new(disk, log, index, from);
    let read = |reliance: &mut _, at, text: Option<&[u8]>| Said::of(reliance, at, text).0;
    log.read_all(from..log.size(), read, |at, said| reindexing.take(at, said))?;
    reindexing.finish()
}

/// Reads a private key file, which nobody but its owner may be able to read.
///
/// # Errors
/// It is missing, readable by others, or not a key. The message never shows its content.
pub fn read_key(disk: &Disk, path: &str) -> Result<SigningKey, LedgerError> {
    let full = disk.full_path(path)?;
    if !disk.exists(path)? {
        return Err(LedgerError::NoKey { path: path.to_owned() });
    }
    refuse_exposed(&full)?;
    let bytes = disk.read(path, MAX_KEY_LEN)?;
    parse_key(&bytes, &full.display().to_string())
}

/// Reads the text of a private key.
///
/// # Errors
/// It is not one.
pub fn parse_key(bytes: &[u8], path: &str) -> Result<SigningKey, LedgerError> {
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    SigningKey::parse(text.trim_end()).map_err(|error| LedgerError::BadKey { path: path.to_owned(), error })
}

/// Refuses a private file that its group or others can read.
///
/// # Errors
/// [`LedgerError::KeyExposed`], or the file does not exist.
pub fn refuse_exposed(path: &Path) -> Result<(), LedgerError> {
    let io = |error| LedgerError::Io { path: path.display().to_string(), error };
    let meta = std::fs::metadata(path).map_err(io)?;
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & 0o077 != 0 {
        return Err(LedgerError::KeyExposed { path: path.display().to_string() });
    }
    let _ = meta;
    Ok(())
}

/// A rule that a statement breaks, as a ledger error.
pub(super) fn invalid(kind: Kind, error: Invalid) -> LedgerError {
    LedgerError::Invalid { kind, error }
}
