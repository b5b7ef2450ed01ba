//! Evidence of a lie: one file that shows that a log's key has signed a statement which hides an entry. docs/formats/lie.md
//! describes it.
//!
//! Either a `state` whose register does not lead to an entry below it, or a `release` whose rows do not lead to an
//! admission below it that nothing took out. What is shown is derived here: the file claims nothing. Not here: rows too
//! many, and two histories ([`super::fork`]).
//!
//! Why it is sound. In one history each index has one entry, and every checkpoint is of a prefix of it; so the texts
//! disclosed, under one checkpoint or two, stand in it together. The rows of a state are a function of the entries below
//! it, and a complete look-up has one answer under one root: if it lacks a row that one of those entries must have, the
//! state is not that function. The rows of a release depend on withdrawals and erasures too, which nobody can show to be
//! absent from the log; but a state above the release must lead to each of them. If it leads to none that explains the
//! gap, then the release is not what it must be, or that state is not.
//!
//! Invariant: what this accepts, no log can produce that signs one history and whose every state and release is the
//! function of its entries that the formats define: not by error of its auditor, nor by a forger without its key. What is
//! unclear (erased, of an unknown kind, naming what comes later) is no evidence.

use super::opened;
use super::proof::{DisclosedEntry, DisclosedTable};
use super::{VerifyError, open_table};
use crate::rows::{self, Key, Table, register_key, work_key};
use crate::statement::json::{self, JsonError};
use crate::statement::{Admission, Dataset, Kind, Name, Release, ReleaseName, State, Statement};
use crate::tlog::{Hash, VerifiedCheckpoint, VerifierKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The longest lie file, in bytes: the two longest notes, and a few hundred of the longest withdrawals.
pub const MAX_LIE_LEN: u64 = 64 << 20;

/// What a lie file begins with, and no other file.
const BEGINNING: &[u8] = b"{\"format\":\"deedbook-lie/v1\"";

/// The only value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LieFormat {
    /// Version 1.
    #[serde(rename = "deedbook-lie/v1")]
    V1,
}

/// A lie file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LieFile {
    /// The format's name.
    pub format: LieFormat,
    /// One checkpoint or two, the smaller first, with the entries that each discloses.
    pub sides: Vec<LieSide>,
    /// The register of the state that hides the entry; or the rows of the release that does, and then the register of a
    /// later state.
    pub tables: Vec<DisclosedTable>,
}

/// A checkpoint and entries in its log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LieSide {
    /// The disclosed entries, ascending in index, each with its text.
    pub entries: Vec<DisclosedEntry>,
    /// The signed note, verbatim.
    pub note: String,
    /// One inclusion proof for all `entries`.
    pub path: Vec<Hash>,
}

/// A lie that is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lie {
    /// The log.
    pub origin: String,
    /// The sizes of the checkpoints, ascending. With two of them the log may have signed two histories instead: of an
    /// honest one both are prefixes of the same.
    pub sizes: Vec<u64>,
    /// The statement that hides an entry.
    pub by: Hiding,
    /// Log index of the entry.
    pub hidden: u64,
    /// Its kind.
    pub hidden_kind: Kind,
    /// The register names, or the identifiers, whose complete look-up must lead to it and does not; ascending, at least
    /// one.
    pub missing: Vec<String>,
}

/// The statement that hides an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hiding {
    /// A state.
    State {
        /// Its log index.
        index: u64,
    },
    /// A release; or the state, if it hides what took the admission out. The key signed both.
    Release {
        /// Its log index.
        index: u64,
        /// Its name.
        name: ReleaseName,
        /// Log index of a later state, by which nothing before the release took the admission out.
        state: u64,
    },
}

impl LieFile {
    /// Whether bytes claim to be a lie file.
    pub fn claims(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGINNING)
    }

    /// Reads the canonical bytes and the final line feed.
    ///
    /// # Errors
    /// [`JsonError`].
    pub fn parse(bytes: &[u8]) -> Result<LieFile, JsonError> {
        json::parse(bytes.strip_suffix(b"\n").ok_or(JsonError::NotCanonical { offset: bytes.len() })?)
    }

    /// The file's bytes.
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        json::print_into(self, &mut out);
        out.push(b'\n');
        out
    }
}

/// Verifies evidence of a lie against the keys of logs that the auditor knows.
///
/// # Errors
/// The file is not canonical, its notes are not by one of these logs, its entries are not in them, or nothing is hidden.
pub fn verify_lie(bytes: &[u8], logs: &[VerifierKey]) -> Result<Lie, VerifyError> {
    let len = bytes.len() as u64;
    if len > MAX_LIE_LEN {
        return Err(VerifyError::EvidenceTooLong { len, most: MAX_LIE_LEN });
    }
    let file = LieFile::parse(bytes).map_err(VerifyError::Json)?;
    let checkpoints = checkpoints(&file.sides, logs)?;
    let origin = checkpoints.first().map(|c| c.origin().to_owned()).ok_or(VerifyError::Sides)?;
    let entries = entries(&file.sides, &checkpoints)?;
    let (by, (hidden, hidden_kind), missing) = match &file.tables[..] {
        [state] => hidden_by_state(state, &entries, &origin)?,
        [release, state] => hidden_by_release(release, state, &entries)?,
        _ => return Err(VerifyError::EvidenceTables),
    };
    Ok(Lie {
        origin,
        sizes: checkpoints.iter().map(VerifiedCheckpoint::size).collect(),
        by,
        hidden,
        hidden_kind,
        missing,
    })
}

/// The checkpoints of the sides, all signed by one key. Of two with one size either one would do, or they are a fork.
fn checkpoints(sides: &[LieSide], logs: &[VerifierKey]) -> Result<Vec<VerifiedCheckpoint>, VerifyError> {
    if sides.len() > 2 {
        return Err(VerifyError::Sides);
    }
    let open = |key| sides.iter().map(|side| VerifiedCheckpoint::open(&side.note, key)).collect::<Result<Vec<_>, _>>();
    let opened = logs.iter().find_map(|key| open(key).ok()).ok_or(VerifyError::NoLogKey)?;
    if !opened.windows(2).all(|w| w[0].size() < w[1].size()) {
        return Err(VerifyError::Sides);
    }
    Ok(opened)
}

type Entries = BTreeMap<u64, Statement>;

/// The statements of all sides, each at an index of its own.
fn entries(sides: &[LieSide], checkpoints: &[VerifiedCheckpoint]) -> Result<Entries, VerifyError> {
    let mut all = BTreeMap::new();
    for (side, checkpoint) in sides.iter().zip(checkpoints) {
        if let Some(entry) = side.entries.iter().find(|entry| entry.text.is_none()) {
            return Err(VerifyError::NoText { index: entry.index });
        }
        for (index, statement) in opened::entries(&side.entries, &side.path, checkpoint)?.0 {
            if all.insert(index, statement).is_some() {
                return Err(VerifyError::OnBothSides { index });
            }
        }
    }
    opened::check_references(&all)?;
    Ok(all.into_iter().filter_map(|(index, statement)| Some((index, statement?))).collect())
}

/// Who hides, what is hidden, and what does not lead to it.
type Shown = (Hiding, (u64, Kind), Vec<String>);

fn hidden_by_state(table: &DisclosedTable, entries: &Entries, origin: &str) -> Result<Shown, VerifyError> {
    let index = table.statement;
    let mut register = register(index, table, entries)?;
    let mut others = entries.iter().filter(|(other, _)| **other != index);
    let (hidden, dataset) = match (others.next(), others.next(), others.next()) {
        (Some(hidden), None, _) => (hidden, None),
        // A release is registered under its dataset's name.
        (Some((at, Statement::Dataset(dataset))), Some(hidden @ (_, Statement::Release(release))), None)
            if release.dataset == *at =>
        {
            (hidden, Some(dataset))
        }
        _ => return Err(VerifyError::EvidenceEntries),
    };
    let names = registered_as(hidden.1, origin, |_| dataset.map(|d| d.id.clone()));
    let keys = names.into_iter().map(|name| (register_key(&name), name)).collect();
    let missing = left_out(&mut register, index, *hidden.0, keys)?;
    finish(&register, index)?;
    Ok((Hiding::State { index }, (*hidden.0, hidden.1.head().0), missing))
}

fn hidden_by_release(
    released: &DisclosedTable,
    later: &DisclosedTable,
    entries: &Entries,
) -> Result<Shown, VerifyError> {
    let (index, state) = (released.statement, later.statement);
    let (release, dataset) = release(index, entries)?;
    if state <= index {
        return Err(VerifyError::EvidenceTables);
    }
    let mut register = register(state, later, entries)?;
    let admissions =
        entries.iter().filter_map(|(at, s)| if let Statement::Admission(a) = s { Some((*at, a)) } else { None });
    let [(hidden, admission)] = admissions.collect::<Vec<_>>()[..] else { return Err(VerifyError::EvidenceEntries) };
    if admission.dataset != release.dataset {
        return Err(VerifyError::NothingLeftOut { statement: index, index: hidden });
    }
    let mut rows = open_table(released, rows::Kind::Release, release.rows)?;
    let missing = left_out(&mut rows, index, hidden, looked_up_by(admission))?;
    finish(&rows, index)?;
    let said = said_before(&mut register, state, index, &[release.dataset, hidden])?;
    for by in &said {
        let statement = entries.get(by).ok_or(VerifyError::NotDisclosed { index: *by })?;
        if takes_out(statement, release.dataset, hidden) {
            return Err(VerifyError::RightlyLeftOut { index: hidden, by: *by });
        }
    }
    finish(&register, state)?;
    let needed = said.into_iter().chain([release.dataset, hidden, index, state]).collect::<BTreeSet<u64>>();
    if let Some(unused) = entries.keys().find(|at| !needed.contains(at)) {
        return Err(VerifyError::UnusedEntry { index: *unused });
    }
    let name = ReleaseName { dataset: dataset.id.clone(), version: release.version.clone() };
    Ok((Hiding::Release { index, name, state }, (hidden, Kind::Admission), missing))
}

/// The register of the state at `index`.
fn register(index: u64, table: &DisclosedTable, entries: &Entries) -> Result<Table, VerifyError> {
    let Some(Statement::State(State { log_size, register, .. })) = entries.get(&index) else {
        return Err(VerifyError::EvidenceTables);
    };
    if *log_size != index {
        return Err(VerifyError::LogSize { index });
    }
    open_table(table, rows::Kind::Register, *register)
}

/// The release at `index`, with its dataset.
fn release(index: u64, entries: &Entries) -> Result<(&Release, &Dataset), VerifyError> {
    let Some(Statement::Release(release)) = entries.get(&index) else { return Err(VerifyError::EvidenceTables) };
    if release.log_size != index {
        return Err(VerifyError::LogSize { index });
    }
    match entries.get(&release.dataset) {
        Some(Statement::Dataset(dataset)) => Ok((release, dataset)),
        Some(_) => Err(VerifyError::WrongKind { index, named: release.dataset }),
        None => Err(VerifyError::NotDisclosed { index: release.dataset }),
    }
}

/// The names under which a register must lead to a statement. A dispute of another log is about no entry of this one.
pub(super) fn registered_as(
    statement: &Statement,
    origin: &str,
    dataset_name: impl Fn(u64) -> Option<Name>,
) -> Vec<String> {
    if let Statement::Dispute(dispute) = statement
        && dispute.claim().is_ok_and(|claim| claim.origin != origin)
    {
        return Vec::new();
    }
    statement.register_keys().iter().filter_map(|key| key.text(&dataset_name)).collect()
}

/// The keys under which the rows of a release must lead to an admission, with their identifiers.
pub(super) fn looked_up_by(admission: &Admission) -> Vec<(Key, String)> {
    admission.looked_up_by().map(|id| (work_key(id.as_str()), id.to_string())).collect()
}

/// The names of those keys that the table answers, and not with a row that leads to `hidden`; at least one, ascending.
fn left_out(
    table: &mut Table,
    statement: u64,
    hidden: u64,
    keys: Vec<(Key, String)>,
) -> Result<Vec<String>, VerifyError> {
    // A key that does lead to the entry may be answered beside the others by chance. Its rows are needed by nothing.
    let mut scratch = table.clone();
    let mut missing = BTreeSet::new();
    for (key, name) in keys {
        if scratch.look_up(&key).is_ok_and(|rows| rows.iter().all(|(_, row)| row.value != hidden)) {
            table.look_up(&key).map_err(|error| VerifyError::Rows { statement, error })?;
            missing.insert(name);
        }
    }
    if missing.is_empty() || hidden >= statement {
        return Err(VerifyError::NothingLeftOut { statement, index: hidden });
    }
    Ok(missing.into_iter().collect())
}

/// The entries below a release that the register of the state at `state` has about any of `subjects`, each once.
pub(super) fn said_before(
    register: &mut Table,
    state: u64,
    release: u64,
    subjects: &[u64],
) -> Result<BTreeSet<u64>, VerifyError> {
    let mut said = BTreeSet::new();
    for subject in subjects {
        let rows = register.look_up(&register_key(&format!("entry:{subject}")));
        let rows = rows.map_err(|error| VerifyError::Rows { statement: state, error })?;
        said.extend(rows.iter().map(|(_, row)| row.value).filter(|by| *by < release));
    }
    Ok(said)
}

/// Whether a statement takes an admission out of the releases of its dataset that are sealed after it.
pub(super) fn takes_out(statement: &Statement, dataset: u64, admission: u64) -> bool {
    match statement {
        Statement::Withdrawal(s) => s.dataset == dataset && s.names(admission),
        Statement::Erasure(s) => s.entry == admission,
        Statement::Admission(_) | Statement::Correction(_) | Statement::Dataset(_) | Statement::Dispute(_) => false,
        Statement::Grant(_) | Statement::GrantEnd(_) | Statement::Key(_) | Statement::Ledger(_) => false,
        Statement::Release(_) | Statement::Run(_) | Statement::Screening(_) | Statement::State(_) => false,
    }
}

/// Requires that every disclosed row was needed.
fn finish(table: &Table, statement: u64) -> Result<(), VerifyError> {
    table.finish().map_err(|error| VerifyError::Rows { statement, error })
}
