//! A ledger as of one checkpoint: entries by index, declarations by name. Reads only, and needs no lock.
//!
//! Names are looked up in the sealed register of the newest state, which is found by walking back from the end of the
//! log: every commit ends with a state, or with a screening that names its first entry. Nothing newer than the state
//! adds to the register, so the register is that of the checkpoint.

use super::LedgerError;
use crate::index::{RowsFile, look_up_sealed, register_path, root_of};
use crate::log::{Entry, LogReader};
use crate::rows::{self, register_key};
use crate::statement::{Dataset, Grant, Kind, Name, Release, ReleaseName, RowsRef, State, Statement, Terms};
use crate::storage::Disk;
use crate::tlog::{VerifiedCheckpoint, VerifierKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

/// The longest `ledger.toml`.
const MAX_SETTINGS_LEN: u64 = 64 << 10;
/// Where the settings are.
pub const SETTINGS: &str = "ledger.toml";

/// What `ledger.toml` says. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Version of the folder's layout: 1.
    pub format: u32,
    /// The log's origin.
    pub origin: String,
    /// The key that its checkpoints are signed with.
    pub verifier_key: String,
}

/// A ledger at one checkpoint.
#[derive(Debug)]
pub struct View {
    disk: Disk,
    key: VerifierKey,
    log: LogReader,
    state: (u64, State),
    /// Screenings since then.
    screenings: u64,
    register: RowsFile,
}

/// A release of a dataset.
#[derive(Debug, Clone)]
pub struct Released {
    /// Its log index.
    pub index: u64,
    /// Its name.
    pub name: ReleaseName,
    /// What it says.
    pub release: Release,
}

/// What no longer counts in releases sealed at a size of the log: withdrawn or erased.
#[derive(Debug, Default)]
pub struct Removed {
    /// Withdrawn index ranges, ascending and apart.
    withdrawn: Vec<Range<u64>>,
    erased: BTreeSet<u64>,
}

impl Removed {
    /// Whether it names this admission.
    pub fn has(&self, index: u64) -> bool {
        self.has_erased(index) || self.has_withdrawn(index)
    }

    /// Whether an erasure names this entry.
    pub fn has_erased(&self, index: u64) -> bool {
        self.erased.contains(&index)
    }

    /// Whether an erasure names an entry below this size.
    pub fn has_erased_below(&self, size: u64) -> bool {
        self.erased.first().is_some_and(|first| *first < size)
    }

    /// Whether this admission was withdrawn.
    pub fn has_withdrawn(&self, index: u64) -> bool {
        let before = self.withdrawn.partition_point(|range| range.start <= index);
        before > 0 && self.withdrawn[before - 1].contains(&index)
    }

    /// Whether it names none at all.
    pub fn is_empty(&self) -> bool {
        self.erased.is_empty() && self.withdrawn.is_empty()
    }

    /// What these statements remove from a dataset.
    pub(super) fn of<'a>(dataset: u64, statements: impl Iterator<Item = &'a Statement>) -> Removed {
        let (mut ranges, mut erased) = (Vec::new(), BTreeSet::new());
        for statement in statements {
            match statement {
                Statement::Withdrawal(w) if w.dataset == dataset => {
                    ranges.extend(w.entries.iter().map(|r| r.first..r.first.saturating_add(r.count)));
                }
                Statement::Erasure(e) => drop(erased.insert(e.entry)),
                _ => {}
            }
        }
        ranges.sort_unstable_by_key(|range| range.start);
        let mut withdrawn: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match withdrawn.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => withdrawn.push(range),
            }
        }
        Removed { withdrawn, erased }
    }
}

/// Opens a ledger's folder and reads its settings.
///
/// # Errors
/// There is no ledger, or `ledger.toml` cannot be read.
pub fn open_folder(dir: &Path) -> Result<(Disk, Settings, VerifierKey), LedgerError> {
    let no_ledger = || LedgerError::NoLedger { path: dir.display().to_string() };
    if !dir.join(SETTINGS).is_file() {
        return Err(no_ledger());
    }
    let disk = Disk::open(dir)?;
    let (settings, key) = settings(&disk)?;
    Ok((disk, settings, key))
}

/// Reads the settings of a ledger.
pub(super) fn settings(disk: &Disk) -> Result<(Settings, VerifierKey), LedgerError> {
    let bad = |what: String| LedgerError::Settings { what };
    let text = String::from_utf8(disk.read(SETTINGS, MAX_SETTINGS_LEN)?).map_err(|_| bad("is not UTF-8".into()))?;
    let settings: Settings = toml::from_str(&text).map_err(|e| bad(e.message().to_owned()))?;
    if settings.format != 1 {
        return Err(bad(format!("format {} is of a newer Deedbook", settings.format)));
    }
    let key = VerifierKey::parse(&settings.verifier_key).map_err(|e| bad(format!("verifier_key: {e}")))?;
    if key.name() != settings.origin {
        return Err(bad("origin is not the name of verifier_key".into()));
    }
    Ok((settings, key))
}

impl View {
    /// Opens the newest checkpoint of the ledger in a folder.
    ///
    /// # Errors
    /// There is no ledger, or what the checkpoint names is missing or damaged.
    pub fn open(dir: &Path) -> Result<View, LedgerError> {
        let (disk, _, key) = open_folder(dir)?;
        View::of(&disk, &key)
    }

    pub(super) fn of(disk: &Disk, key: &VerifierKey) -> Result<View, LedgerError> {
        let log = LogReader::open(disk, key)?;
        let (state, screenings) = walk_back(&log)?;
        let path = register_path(state.0);
        let register = RowsFile::open(disk, &path, rows::Kind::Register)?;
        // Names, and ends of grants, are taken from it: one flipped bit must not be believed.
        let (count, root) = root_of(disk, &path, rows::Kind::Register, false)?;
        if (RowsRef { count, root }) != state.1.register {
            return Err(LedgerError::BadRegister { path, state: state.0 });
        }
        Ok(View { disk: disk.clone(), key: key.clone(), log, state, screenings, register })
    }

    /// Becomes the view of a later checkpoint, which the writer has just made, with the state that it ended with, if any.
    pub(super) fn follow(
        &mut self,
        checkpoint: &VerifiedCheckpoint,
        state: Option<(u64, State)>,
    ) -> Result<(), LedgerError> {
        self.log = LogReader::at(&self.disk, checkpoint.clone())?;
        if let Some(state) = state {
            self.register = RowsFile::open(&self.disk, &register_path(state.0), rows::Kind::Register)?;
            self.state = state;
        }
        Ok(())
    }

    /// The folder.
    pub fn disk(&self) -> &Disk {
        &self.disk
    }

    /// The log's key.
    pub fn key(&self) -> &VerifierKey {
        &self.key
    }

    /// The log.
    pub fn log(&self) -> &LogReader {
        &self.log
    }

    /// The newest state, with its log index.
    pub fn state(&self) -> (u64, &State) {
        (self.state.0, &self.state.1)
    }

    /// Screenings since that state, when the ledger was opened.
    pub(super) fn screenings(&self) -> u64 {
        self.screenings
    }

    /// The register of that state.
    pub fn register(&self) -> &RowsFile {
        &self.register
    }

    /// The statement of an entry.
    ///
    /// # Errors
    /// There is no such entry, it was erased, or its file is damaged.
    pub fn statement(&self, index: u64) -> Result<Statement, LedgerError> {
        match self.log.entry(index)? {
            Entry::Text(text) => parse(index, &text),
            Entry::Erased(_) => Err(LedgerError::Erased { index }),
        }
    }

    /// The entries that a register name leads to.
    ///
    /// # Errors
    /// The register cannot be read.
    pub fn look_up(&self, name: &str) -> Result<Vec<u64>, LedgerError> {
        Ok(look_up_sealed(&self.register, &register_key(name))?)
    }

    /// A dataset by its name.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn dataset(&self, id: &Name) -> Result<(u64, Dataset), LedgerError> {
        let index = self.declared("dataset", "dataset:", &id.to_string())?;
        match self.statement(index)? {
            Statement::Dataset(dataset) => Ok((index, dataset)),
            other => Err(wrong_kind(index, "a dataset", &other)),
        }
    }

    /// The dataset at a log index.
    ///
    /// # Errors
    /// There is none.
    pub fn dataset_at(&self, index: u64) -> Result<Dataset, LedgerError> {
        match self.statement(index)? {
            Statement::Dataset(dataset) => Ok(dataset),
            other => Err(wrong_kind(index, "a dataset", &other)),
        }
    }

    /// A grant by its name.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn grant(&self, id: &Name) -> Result<(u64, Grant, Terms), LedgerError> {
        let index = self.declared("grant", "grant:", &id.to_string())?;
        self.grant_at(index)
    }

    /// The grant at a log index.
    ///
    /// # Errors
    /// There is none.
    pub fn grant_at(&self, index: u64) -> Result<(u64, Grant, Terms), LedgerError> {
        match self.statement(index)? {
            Statement::Grant(grant) => {
                let terms = grant.terms().map_err(|error| LedgerError::Invalid { kind: Kind::Grant, error })?;
                Ok((index, *grant, terms))
            }
            other => Err(wrong_kind(index, "a grant", &other)),
        }
    }

    /// A release by its name.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn release(&self, name: &ReleaseName) -> Result<(u64, Release), LedgerError> {
        // Naming the dataset first tells a user which half is wrong.
        self.dataset(&name.dataset)?;
        let index = self.declared("release", "release:", &name.to_string())?;
        match self.statement(index)? {
            Statement::Release(release) => Ok((index, release)),
            other => Err(wrong_kind(index, "a release", &other)),
        }
    }

    /// Every dataset with its releases, in log order.
    ///
    /// # Errors
    /// The register or an entry cannot be read.
    pub fn datasets(&self) -> Result<Vec<(u64, Dataset, Vec<Released>)>, LedgerError> {
        let (mut datasets, mut releases) = (Vec::new(), Vec::new());
        for (index, statement) in self.registered()? {
            match statement {
                Statement::Dataset(dataset) => datasets.push((index, dataset, Vec::new())),
                Statement::Release(release) => releases.push((index, release)),
                _ => {}
            }
        }
        for (index, release) in releases {
            if let Some((_, dataset, of)) = datasets.iter_mut().find(|(at, _, _)| *at == release.dataset) {
                let name = ReleaseName { dataset: dataset.id.clone(), version: release.version.clone() };
                of.push(Released { index, name, release });
            }
        }
        Ok(datasets)
    }

    /// The releases of a dataset, in log order.
    ///
    /// # Errors
    /// There is no dataset of this name, or the register or an entry cannot be read.
    pub fn releases(&self, dataset: &Name) -> Result<Vec<Released>, LedgerError> {
        let (wanted, _) = self.dataset(dataset)?;
        let found = self.datasets()?.into_iter().find(|(index, _, _)| *index == wanted);
        Ok(found.map_or_else(Vec::new, |(_, _, releases)| releases))
    }

    /// The names that there are in place of one that there is not: of datasets, of grants, of a dataset's releases.
    pub(super) fn names(&self, what: &str, missing: &str) -> Result<Vec<String>, LedgerError> {
        if what == "release" {
            let releases = ReleaseName::parse(missing).map(|name| self.releases(&name.dataset));
            return Ok(releases.unwrap_or(Ok(Vec::new()))?.into_iter().map(|r| r.name.to_string()).collect());
        }
        let name = |(_, statement)| match statement {
            Statement::Dataset(dataset) if what.contains("dataset") => Some(dataset.id.to_string()),
            Statement::Grant(grant) if what.contains("grant") => grant.terms().ok().map(|terms| terms.id.to_string()),
            _ => None,
        };
        Ok(self.registered()?.into_iter().filter_map(name).collect())
    }

    /// Every statement that the register leads to, in log order: all declarations, ends and references.
    ///
    /// # Errors
    /// The register or an entry cannot be read.
    pub fn registered(&self) -> Result<Vec<(u64, Statement)>, LedgerError> {
        let values = self.register.stream().map(|row| Ok(row?.value));
        let indices = values.collect::<Result<BTreeSet<u64>, LedgerError>>()?;
        let mut statements = Vec::new();
        for index in indices {
            match self.log.entry(index)? {
                Entry::Text(text) => statements.push((index, parse(index, &text)?)),
                Entry::Erased(_) => {}
            }
        }
        Ok(statements)
    }

    /// What no longer counts for a dataset, by statements below `log_size`.
    ///
    /// # Errors
    /// The register or an entry cannot be read.
    pub fn removed(&self, dataset: u64, log_size: u64) -> Result<Removed, LedgerError> {
        let registered = self.registered()?;
        let below = registered.iter().filter(|(index, _)| *index < log_size);
        Ok(Removed::of(dataset, below.map(|(_, statement)| statement)))
    }

    fn declared(&self, what: &'static str, prefix: &str, name: &str) -> Result<u64, LedgerError> {
        let found = self.look_up(&format!("{prefix}{name}"))?;
        found.first().copied().ok_or_else(|| {
            // What cannot be read is not offered either.
            let known = self.names(what, name).unwrap_or_default();
            LedgerError::Unknown { what, name: name.to_owned(), known }
        })
    }
}

/// Reads an entry's text.
pub(super) fn parse(index: u64, text: &[u8]) -> Result<Statement, LedgerError> {
    Statement::parse(text).map_err(|error| LedgerError::Statement { index, error: Box::new(error) })
}

fn wrong_kind(index: u64, wanted: &'static str, found: &Statement) -> LedgerError {
    LedgerError::WrongKind { index, wanted, found: found.head().0 }
}

/// The state that commits since have added nothing to.
pub(super) fn newest_state(log: &LogReader) -> Result<(u64, State), LedgerError> {
    Ok(walk_back(log)?.0)
}

/// Walks back over the screenings since the newest state, and counts them.
fn walk_back(log: &LogReader) -> Result<((u64, State), u64), LedgerError> {
    let (mut size, mut screenings) = (log.size(), 0);
    while let Some(last) = size.checked_sub(1) {
        let Entry::Text(text) = log.entry(last)? else { return Err(LedgerError::NoState) };
        size = match parse(last, &text)? {
            Statement::State(state) if state.log_size == last => return Ok(((last, state), screenings)),
            Statement::Screening(screening) => screening.first_entry.min(last),
            _ => return Err(LedgerError::NoState),
        };
        screenings += 1;
    }
    Err(LedgerError::NoState)
}
