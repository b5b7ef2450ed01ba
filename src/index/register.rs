//! The register: names and references, each leading to an entry. Sealed in a rows file per state; its working copy is
//! in sled.
//!
//! sled locks its folder even against readers, so only the writer opens it. It is small: one row per statement that
//! declares or refers, never one per work. Everything in it follows from the log.

use super::IndexError;
use super::rows_file::{RowsFile, root_of, write_rows};
use super::runs::{Run, RunName};
use crate::rows::{Key, Kind, ROW_LEN, Root, Row};
use crate::statement::{Name, RegisterKey, Statement};
use crate::storage::{Disk, StorageError};
use crate::tlog::Hash;
use std::collections::BTreeSet;

/// Where the sealed register of a state is.
pub fn register_path(state: u64) -> String {
    format!("register/{state}")
}

/// The folder of the working copy.
const FOLDER: &str = "index/register";
/// Key of the mark: the size and root of the log that the working copy is of.
const MARK: &[u8] = b"M";
/// First byte of the keys of rows.
const ROW: u8 = b'R';
/// First byte of the keys of run names.
const RUN: u8 = b'F';
/// How often, and how long in between, to wait for sled to let go of its folder: two seconds in all.
const LOCK_TRIES: u32 = 400;
const LOCK_PAUSE: std::time::Duration = std::time::Duration::from_millis(5);
/// Version of what is in the folder; another one is rebuilt.
const VERSION: &[u8] = b"3";

/// The working copy: what is committed, in sled, and what a commit under way adds.
#[derive(Debug)]
pub struct WorkingRegister {
    disk: Disk,
    db: sled::Db,
    pending: BTreeSet<Row>,
}

impl WorkingRegister {
    /// Opens the working copy, or an empty one: what is damaged is thrown away, since all of it follows from the log.
    /// The caller holds the writer's lock.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn open(disk: &Disk) -> Result<WorkingRegister, IndexError> {
        match WorkingRegister::open_sound(disk) {
            Err(IndexError::Register(sled::Error::Io(e))) => Err(disk_error(disk, e)),
            Err(IndexError::Register(_) | IndexError::BadRegister) => {
                disk.remove_tree(FOLDER)?;
                WorkingRegister::open_sound(disk)
            }
            opened => opened,
        }
    }

    fn open_sound(disk: &Disk) -> Result<WorkingRegister, IndexError> {
        let path = disk.full_path(FOLDER)?;
        // Small: the working copy is a few thousand rows, and commits flush explicitly.
        let config = sled::Config::new().path(path).cache_capacity(8 << 20).flush_every_ms(None);
        let mut patience = LOCK_TRIES;
        let db = loop {
            match config.open() {
                // The caller holds the ledger's lock, so whoever has sled's is a handle of this very process whose
                // background thread has not ended yet.
                Err(sled::Error::Io(e)) if patience > 0 && e.to_string().contains("acquire lock") => patience -= 1,
                opened => break opened.map_err(IndexError::Register)?,
            }
            std::thread::sleep(LOCK_PAUSE);
        };
        let register = WorkingRegister { disk: disk.clone(), db, pending: BTreeSet::new() };
        // Everything is read once, so that damage shows here, where it only costs a rebuild.
        register.mark()?;
        register.runs()?;
        register.rows().try_for_each(|row| row.map(drop))?;
        Ok(register)
    }

    /// The log that it is of: size and root. `None` if it is new, or of another version.
    ///
    /// # Errors
    /// sled cannot read it.
    pub fn mark(&self) -> Result<Option<(u64, Hash)>, IndexError> {
        let Some(bytes) = self.db.get(MARK).map_err(IndexError::Register)? else { return Ok(None) };
        let Some((size, root)) = bytes.strip_prefix(VERSION).and_then(<[u8]>::split_first_chunk::<8>) else {
            return Ok(None);
        };
        Ok(root.try_into().ok().map(|root| (u64::from_be_bytes(*size), Hash(root))))
    }

    /// Empties it.
    ///
    /// # Errors
    /// sled cannot.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.pending.clear();
        self.db.clear().map_err(IndexError::Register)
    }

    /// Adds the rows of a statement to the commit under way.
    ///
    /// # Errors
    /// A release names a dataset that `dataset_name` does not know.
    pub fn add(
        &mut self,
        index: u64,
        statement: &Statement,
        mut dataset_name: impl FnMut(u64) -> Option<Name>,
    ) -> Result<bool, IndexError> {
        let keys = statement.register_keys();
        for key in &keys {
            let named: &RegisterKey = key;
            let key = named.row_key(&mut dataset_name).ok_or(IndexError::NoDataset { index })?;
            self.pending.insert(Row { key, value: index });
        }
        Ok(!keys.is_empty())
    }

    /// Adds a row whose statement is gone: an erased entry keeps those that it had.
    pub fn add_row(&mut self, row: Row) {
        self.pending.insert(row);
    }

    /// Every entry that a name leads to, ascending.
    ///
    /// # Errors
    /// sled cannot read it.
    pub fn look_up(&self, key: &Key) -> Result<Vec<u64>, IndexError> {
        let mut prefix = vec![ROW];
        prefix.extend_from_slice(&key.0);
        let committed = self.db.scan_prefix(prefix).keys().map(|k| row_of(&k.map_err(IndexError::Register)?));
        let mut values = committed.map(|row| Ok(row?.value)).collect::<Result<Vec<u64>, IndexError>>()?;
        let from = Row { key: *key, value: 0 };
        values.extend(self.pending.range(from..).take_while(|row| row.key == *key).map(|row| row.value));
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    /// All rows, ascending.
    ///
    /// # Errors
    /// In the iterator: sled cannot read it.
    pub fn rows(&self) -> impl Iterator<Item = Result<Row, IndexError>> {
        let committed = self.db.scan_prefix([ROW]).keys().map(|k| row_of(&k.map_err(IndexError::Register)?));
        let (mut committed, mut pending) = (committed.peekable(), self.pending.iter().copied().peekable());
        std::iter::from_fn(move || match (committed.peek(), pending.peek()) {
            (Some(Ok(row)), Some(next)) if next < row => pending.next().map(Ok),
            (None, _) => pending.next().map(Ok),
            (Some(_), _) => committed.next(),
        })
    }

    /// Writes the register of the state that will be entry `state`, and gives its count and root.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn seal(&self, disk: &Disk, state: u64) -> Result<(u64, Root), IndexError> {
        let path = register_path(state);
        write_rows(disk, &path, Kind::Register, self.rows())?;
        root_of(disk, &path, Kind::Register, true)
    }

    /// The names of the index runs that belong to it, in order of dataset and log.
    ///
    /// # Errors
    /// sled cannot read it.
    pub fn runs(&self) -> Result<Vec<Run>, IndexError> {
        let bad = || IndexError::BadRegister;
        let run = |(key, value): (sled::IVec, sled::IVec)| {
            let text = std::str::from_utf8(key.get(1..).unwrap_or_default()).map_err(|_| bad())?;
            let (dataset, range) = text.split_once('/').ok_or_else(bad)?;
            let name = RunName::parse(dataset, range).ok_or_else(bad)?;
            let (rows, facts) = value.split_first_chunk::<32>().ok_or_else(bad)?;
            Ok::<_, IndexError>(Run { name, rows: *rows, facts: facts.try_into().map_err(|_| bad())? })
        };
        let pairs = self.db.scan_prefix([RUN]);
        let mut runs = pairs.map(|p| run(p.map_err(IndexError::Register)?)).collect::<Result<Vec<_>, _>>()?;
        runs.sort();
        Ok(runs)
    }

    /// Takes over a commit: its rows, its new and gone runs, and the log that all is now of, at once and durably.
    ///
    /// # Errors
    /// sled cannot write it.
    pub fn commit(&mut self, mark: (u64, Hash), added: &[Run], gone: &[Run]) -> Result<(), IndexError> {
        let mut batch = sled::Batch::default();
        for row in std::mem::take(&mut self.pending) {
            let mut key = vec![ROW];
            key.extend_from_slice(&row.encode());
            batch.insert(key, b"");
        }
        let run_key = |n: &RunName| [&[RUN], format!("{}/{}-{}", n.dataset, n.first, n.end).as_bytes()].concat();
        gone.iter().for_each(|run| batch.remove(run_key(&run.name)));
        added.iter().for_each(|run| batch.insert(run_key(&run.name), [run.rows, run.facts].concat()));
        batch.insert(MARK, [VERSION, &mark.0.to_be_bytes(), &mark.1.0].concat());
        let written = self.db.apply_batch(batch).and_then(|()| self.db.flush());
        match written {
            Ok(_) => Ok(()),
            Err(sled::Error::Io(e)) => Err(disk_error(&self.disk, e)),
            Err(error) => Err(IndexError::Register(error)),
        }
    }

    /// Forgets the commit under way.
    pub fn abandon(&mut self) {
        self.pending.clear();
    }
}

/// What the system said, with its path, as for every other file. sled passes it on in words.
fn disk_error(disk: &Disk, error: std::io::Error) -> IndexError {
    let words = error.to_string();
    let kind = match error.kind() {
        std::io::ErrorKind::Other if words.contains("No space left") => std::io::ErrorKind::StorageFull,
        std::io::ErrorKind::Other if words.contains("Read-only file system") => std::io::ErrorKind::ReadOnlyFilesystem,
        kind => kind,
    };
    let path = disk.root().join(FOLDER);
    IndexError::Storage(StorageError::new("open", &path, std::io::Error::new(kind, words)))
}

fn row_of(key: &[u8]) -> Result<Row, IndexError> {
    let bytes: Option<&[u8; ROW_LEN]> = key.get(1..).and_then(|b| b.try_into().ok());
    Ok(Row::decode(bytes.ok_or(IndexError::BadRegister)?))
}

/// Every entry that a name leads to in a sealed register, ascending.
///
/// # Errors
/// The file cannot be read.
pub fn look_up_sealed(register: &RowsFile, key: &Key) -> Result<Vec<u64>, IndexError> {
    let mut found = register.find_all(&[*key])?;
    let range = found.pop().unwrap_or_default();
    range.map(|position| Ok(register.row(position)?.value)).collect()
}
