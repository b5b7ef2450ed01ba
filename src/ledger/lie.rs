//! Evidence of a lie out of a copy of a ledger: what a full check found missing, made portable.
//!
//! Whoever has the whole log can see which rows a state or a release should have. Here one row that is missing becomes a
//! file that anybody can check without the copy ([`crate::verify::lie`]). Not here: finding it, and two histories.
//!
//! Nothing derived is used: proofs are computed from the rows themselves, since the nodes files of a copy are its
//! keeper's. Invariant: a file is handed out only after its verifier has accepted it.

use super::LedgerError;
use super::seal::release_path;
use super::view::newest_state;
use crate::index::{IndexError, RowsFile, look_up_sealed, register_path};
use crate::log::{Entry, LogReader};
use crate::rows::{self, Key, register_key, work_key};
use crate::statement::{ReleaseName, Statement};
use crate::storage::Disk;
use crate::tlog::VerifierKey;
use crate::verify::lie::{LieFile, LieFormat, LieSide, verify_lie};
use crate::verify::proof::{DisclosedEntry, DisclosedRow, DisclosedTable};
use std::collections::BTreeSet;
use std::path::Path;

/// The file that shows that the state at an index, with its register, does not lead to the entry `hidden` below it.
///
/// `None` where that is not so, or cannot be shown: the entry was erased, or the register is not the one signed.
///
/// # Errors
/// The log or the register cannot be read.
pub fn of_state(
    log: &LogReader,
    key: &VerifierKey,
    state: (u64, &RowsFile),
    hidden: u64,
) -> Result<Option<LieFile>, LedgerError> {
    let Some(statement) = statement(log, hidden)? else { return Ok(None) };
    let mut entries = BTreeSet::from([state.0, hidden]);
    let mut dataset = None;
    if let Statement::Release(release) = &statement
        && release.dataset < hidden
    {
        entries.insert(release.dataset);
        dataset = self::statement(log, release.dataset)?;
    }
    let dataset_name = |_| if let Some(Statement::Dataset(d)) = &dataset { Some(d.id.clone()) } else { None };
    for name in statement.register_keys().iter().filter_map(|key| key.row_key(dataset_name)) {
        if leads_to(state.1, &name, hidden)? {
            continue;
        }
        let tables = vec![table(state, &[name])?];
        return file(log, key, &entries, tables);
    }
    Ok(None)
}

/// The file that shows that the rows of the release at an index do not lead to the admission `hidden` below it, and that
/// by the register of a later state nothing had taken it out.
///
/// `None` where that is not so, or cannot be shown: something took it out, one of the entries that it takes was erased, or
/// rows are not those signed.
///
/// # Errors
/// The log, the rows or the register cannot be read.
pub fn of_release(
    log: &LogReader,
    key: &VerifierKey,
    release: (u64, &RowsFile),
    later: (u64, &RowsFile),
    hidden: u64,
) -> Result<Option<LieFile>, LedgerError> {
    let Some(Statement::Admission(admission)) = statement(log, hidden)? else { return Ok(None) };
    for work in admission.looked_up_by().map(|id| work_key(id.as_str())) {
        if leads_to(release.1, &work, hidden)? {
            continue;
        }
        let about = [admission.dataset, hidden].map(|entry| register_key(&format!("entry:{entry}")));
        let mut entries = BTreeSet::from([admission.dataset, hidden, release.0, later.0]);
        for name in &about {
            entries.extend(look_up_sealed(later.1, name)?.into_iter().filter(|by| *by < release.0));
        }
        let tables = vec![table(release, &[work])?, table(later, &about)?];
        return file(log, key, &entries, tables);
    }
    Ok(None)
}

/// The first file that can be made of what a full check found hidden: pairs of a state or release and an entry.
///
/// # Errors
/// The log or a rows file cannot be read.
pub fn of_copy(dir: &Path, key: &VerifierKey, hidden: &[(u64, u64)]) -> Result<Option<LieFile>, LedgerError> {
    if hidden.is_empty() {
        return Ok(None);
    }
    let disk = Disk::open(dir)?;
    let log = LogReader::open(&disk, key)?;
    let register = |state: u64| RowsFile::open(&disk, &register_path(state), rows::Kind::Register);
    let mut later = None;
    for (by, hidden) in hidden {
        let found = match statement(&log, *by)? {
            Some(Statement::State(_)) => of_state(&log, key, (*by, &register(*by)?), *hidden)?,
            Some(Statement::Release(release)) => {
                let Some(Statement::Dataset(dataset)) = statement(&log, release.dataset)? else { continue };
                let name = ReleaseName { dataset: dataset.id, version: release.version };
                let rows = RowsFile::open(&disk, &release_path(&name), rows::Kind::Release)?;
                if later.is_none() {
                    let newest = newest_state(&log)?.0;
                    later = Some((newest, register(newest)?));
                }
                let Some((newest, register)) = &later else { continue };
                of_release(&log, key, (*by, &rows), (*newest, register), *hidden)?
            }
            _ => None,
        };
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The statement of an entry; `None` where it was erased, or is none that this program can read.
fn statement(log: &LogReader, index: u64) -> Result<Option<Statement>, LedgerError> {
    match log.entry(index)? {
        Entry::Text(text) => Ok(Statement::parse(&text).ok()),
        Entry::Erased(_) => Ok(None),
    }
}

fn leads_to(rows: &RowsFile, key: &Key, index: u64) -> Result<bool, LedgerError> {
    Ok(look_up_sealed(rows, key)?.contains(&index))
}

/// The rows of a statement that answer these keys, with their proof.
fn table((statement, file): (u64, &RowsFile), keys: &[Key]) -> Result<DisclosedTable, LedgerError> {
    let mut keys = keys.to_vec();
    keys.sort_unstable();
    let positions = rows::disclose(&file.find_all(&keys)?, file.count());
    let row = |position: &u64| {
        let row = file.row(*position)?;
        Ok(DisclosedRow { key: row.key, position: *position, value: row.value })
    };
    let disclosed = positions.iter().map(row).collect::<Result<Vec<_>, IndexError>>()?;
    let proof = rows::prove(file.count(), &positions, |position| file.row(position), |_| Ok::<_, IndexError>(None))?;
    Ok(DisclosedTable { proof, rows: disclosed, statement })
}

/// The file that discloses these entries and tables under the log's checkpoint, if its verifier accepts it.
fn file(
    log: &LogReader,
    key: &VerifierKey,
    indices: &BTreeSet<u64>,
    tables: Vec<DisclosedTable>,
) -> Result<Option<LieFile>, LedgerError> {
    // A copy's register may lead anywhere.
    if indices.last().is_some_and(|last| *last >= log.size()) {
        return Ok(None);
    }
    let mut entries = Vec::with_capacity(indices.len());
    for index in indices {
        let Entry::Text(text) = log.entry(*index)? else { return Ok(None) };
        let Ok(text) = String::from_utf8(text) else { return Ok(None) };
        entries.push(DisclosedEntry { index: *index, leaf: None, text: Some(text) });
    }
    let path = log.batch(&indices.iter().copied().collect::<Vec<_>>())?.path;
    let side = LieSide { entries, note: log.checkpoint().note().to_string(), path };
    let file = LieFile { format: LieFormat::V1, sides: vec![side], tables };
    let accepted = verify_lie(&file.print(), std::slice::from_ref(key)).is_ok();
    Ok(accepted.then_some(file))
}
