//! Two proof files of one log held against each other: whether they show that its key has contradicted itself, and the
//! evidence that anybody can check.
//!
//! Each must have been verified by [`super::verify`] before. Looked for are two roots of one size, two leaves at one
//! index, and an entry that one file discloses and a table of the other hides ([`super::lie`]). Not here: two histories of
//! different sizes, which show only where some entry is disclosed in both; and an admission that a release leaves out
//! while nothing shows that it was not taken out before.
//!
//! Invariant: evidence is handed out only after the verifier of such evidence has accepted its bytes.

use super::fork::{Fork, ForkFile, ForkFormat, ForkSide, verify_fork};
use super::lie::{Lie, LieFile, LieFormat, LieSide, looked_up_by, registered_as, said_before, takes_out, verify_lie};
use super::proof::{DisclosedEntry, DisclosedTable, ProofFile};
use super::{VerifyError, open_table, withdrawn};
use crate::rows::{self, Key, Table, register_key};
use crate::statement::{Release, RowsRef, Statement};
use crate::tlog::batch::{self, Disclosed};
use crate::tlog::{Hash, VerifiedCheckpoint, VerifierKey, leaf_hash};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What shows that a log's key has contradicted itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// It signed two histories.
    Fork(ForkFile, Fork),
    /// It signed a statement that hides an entry.
    Lie(LieFile, Lie),
}

impl Evidence {
    /// The bytes of the file that shows it.
    pub fn print(&self) -> Vec<u8> {
        match self {
            Evidence::Fork(file, _) => file.print(),
            Evidence::Lie(file, _) => file.print(),
        }
    }
}

/// Compares two proof files that were verified for an auditor who knows these logs. `None`: nothing in the two
/// contradicts.
///
/// # Errors
/// They are not of one log; or a contradiction was found, and no evidence can be made of it.
pub fn compare(new: &ProofFile, old: &ProofFile, logs: &[VerifierKey]) -> Result<Option<Evidence>, VerifyError> {
    let open = |key| Some([notes(new, key).ok()?, notes(old, key).ok()?]);
    let [new_notes, old_notes] = logs.iter().find_map(open).ok_or(VerifyError::TwoLogs)?;
    if let Some(fork) = two_roots(new_notes.iter().chain(&old_notes)) {
        let proven = verify_fork(&fork.print(), logs)?;
        return Ok(Some(Evidence::Fork(fork, proven)));
    }
    let (new, old) = (Side::new(new, new_notes)?, Side::new(old, old_notes)?);
    if let Some(fork) = two_leaves(&new, &old)? {
        let proven = verify_fork(&fork.print(), logs)?;
        return Ok(Some(Evidence::Fork(fork, proven)));
    }
    for (by, other) in [(&new, &old), (&old, &new)] {
        let Some(found) = hidden_by_state(by, other).or_else(|| hidden_by_release(by, other)) else { continue };
        let file = found.file(by, other)?;
        let lie = verify_lie(&file.print(), logs)?;
        return Ok(Some(Evidence::Lie(file, lie)));
    }
    Ok(None)
}

/// A proof file, its checkpoint opened and its entries read.
struct Side<'a> {
    file: &'a ProofFile,
    checkpoint: VerifiedCheckpoint,
    leaves: Vec<(u64, Hash)>,
    /// Those with a text.
    statements: BTreeMap<u64, Statement>,
}

impl<'a> Side<'a> {
    fn new(file: &'a ProofFile, mut notes: Vec<VerifiedCheckpoint>) -> Result<Side<'a>, VerifyError> {
        let checkpoint = notes.pop().ok_or(VerifyError::NoLogKey)?;
        let (mut leaves, mut statements) = (Vec::with_capacity(file.entries.len()), BTreeMap::new());
        for DisclosedEntry { index, leaf, text } in &file.entries {
            let of_text = text.as_ref().map(|text| leaf_hash(text.as_bytes()));
            leaves.push((*index, of_text.or(*leaf).ok_or(VerifyError::TextAndLeaf { index: *index })?));
            if let Some(text) = text {
                let read = Statement::parse(text.as_bytes());
                statements.insert(*index, read.map_err(|error| VerifyError::Statement { index: *index, error })?);
            }
        }
        Ok(Side { file, checkpoint, leaves, statements })
    }

    fn disclosed(&self) -> Disclosed<'_> {
        Disclosed { leaves: &self.leaves, path: &self.file.path }
    }

    fn entry(&self, index: u64) -> Option<&DisclosedEntry> {
        let at = self.file.entries.binary_search_by_key(&index, |entry| entry.index).ok()?;
        self.file.entries.get(at).filter(|entry| entry.text.is_some())
    }

    /// The tables of states, verified.
    fn registers(&self) -> impl Iterator<Item = (u64, &DisclosedTable, RowsRef, Table)> {
        self.file.tables.iter().filter_map(|table| {
            let Some(Statement::State(state)) = self.statements.get(&table.statement) else { return None };
            let opened = open_table(table, rows::Kind::Register, state.register).ok()?;
            Some((table.statement, table, state.register, opened))
        })
    }

    /// The tables of releases, verified.
    fn releases(&self) -> impl Iterator<Item = (u64, &DisclosedTable, &Release, Table)> {
        self.file.tables.iter().filter_map(|table| {
            let Some(Statement::Release(release)) = self.statements.get(&table.statement) else { return None };
            let opened = open_table(table, rows::Kind::Release, release.rows).ok()?;
            Some((table.statement, table, release, opened))
        })
    }
}

/// Every checkpoint of a file, its own last.
fn notes(file: &ProofFile, key: &VerifierKey) -> Result<Vec<VerifiedCheckpoint>, VerifyError> {
    let notes = file.anchors.iter().map(|anchor| &anchor.note).chain([&file.checkpoint]);
    notes.map(|note| VerifiedCheckpoint::open(note, key).map_err(VerifyError::Checkpoint)).collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// Forks

fn two_roots<'a>(notes: impl Iterator<Item = &'a VerifiedCheckpoint>) -> Option<ForkFile> {
    let mut by_size: BTreeMap<u64, &VerifiedCheckpoint> = BTreeMap::new();
    for note in notes {
        let first = by_size.entry(note.size()).or_insert(note);
        if first.root() != note.root() {
            return Some(ForkFile::of_notes(&first.note().to_string(), &note.note().to_string()));
        }
    }
    None
}

fn two_leaves(one: &Side<'_>, other: &Side<'_>) -> Result<Option<ForkFile>, VerifyError> {
    let theirs: BTreeMap<u64, Hash> = other.leaves.iter().copied().collect();
    let differs = |(index, leaf): &&(u64, Hash)| theirs.get(index).is_some_and(|their| their != leaf);
    let Some((index, _)) = one.leaves.iter().find(differs) else { return Ok(None) };
    let side = |side: &Side<'_>| {
        let leaf = side.leaves.iter().find(|(at, _)| at == index).map(|(_, leaf)| *leaf);
        let path = batch::audit_path(side.disclosed(), side.checkpoint.size(), *index);
        let path = Some(path.map_err(VerifyError::Inclusion)?);
        Ok(ForkSide { leaf, note: side.checkpoint.note().to_string(), path })
    };
    let mut sides = vec![side(one)?, side(other)?];
    sides.sort_by(|a, b| a.note.cmp(&b.note));
    Ok(Some(ForkFile { format: ForkFormat::V1, index: Some(*index), sides }))
}

// ---------------------------------------------------------------------------------------------------------------------
// Lies

/// A lie that was found, and what it takes to show it.
struct Found {
    entries: BTreeSet<u64>,
    tables: Vec<DisclosedTable>,
}

/// An entry that the register of a state of `by` does not lead to.
fn hidden_by_state(by: &Side<'_>, other: &Side<'_>) -> Option<Found> {
    let dataset_name = |at: u64| match statement([by, other], at) {
        Some(Statement::Dataset(dataset)) => Some(dataset.id.clone()),
        _ => None,
    };
    for (state, table, signed, mut register) in by.registers() {
        for (hidden, said) in below([by, other], state) {
            for name in registered_as(said, by.checkpoint.origin(), dataset_name) {
                let key = register_key(&name);
                if !leaves_out(&mut register, &key, *hidden) {
                    continue;
                }
                let dataset = if let Statement::Release(release) = said { Some(release.dataset) } else { None };
                let entries = [state, *hidden].into_iter().chain(dataset).collect();
                return Some(Found { entries, tables: vec![narrow(table, signed, &[key])?] });
            }
        }
    }
    None
}

/// An admission that the rows of a release of `by` do not lead to, and that nothing took out.
fn hidden_by_release(by: &Side<'_>, other: &Side<'_>) -> Option<Found> {
    for (index, table, release, mut rows) in by.releases() {
        let of = |side| Later::of(side, [by, other], index, release.dataset);
        let mut registers: Vec<Later<'_>> = of(by).into_iter().chain(of(other)).collect();
        for (hidden, said) in below([by, other], index) {
            let Statement::Admission(admission) = said else { continue };
            let of_dataset = admission.dataset == release.dataset;
            let mut keys = looked_up_by(admission).into_iter().map(|(key, _)| key).filter(|_| of_dataset);
            let Some(key) = keys.find(|key| leaves_out(&mut rows, key, *hidden)) else { continue };
            let shown = registers.iter_mut().find_map(|later| later.not_taken_out([by, other], index, *hidden));
            let Some((mut entries, register)) = shown else { continue };
            entries.extend([release.dataset, *hidden, index]);
            return Some(Found { entries, tables: vec![narrow(table, release.rows, &[key])?, register] });
        }
    }
    None
}

/// The register of a state above a release, and what it has about the release's dataset.
struct Later<'a> {
    state: u64,
    dataset: u64,
    table: &'a DisclosedTable,
    signed: RowsRef,
    rows: Table,
    said: BTreeSet<u64>,
    /// The index ranges that it withdrew, ascending.
    withdrawn: Vec<(Range<u64>, u64)>,
}

impl<'a> Later<'a> {
    /// Those of a file that have all about the dataset before the release, all of it disclosed.
    fn of(side: &'a Side<'a>, both: [&Side<'_>; 2], release: u64, dataset: u64) -> Vec<Later<'a>> {
        let later = side.registers().filter(|(state, ..)| *state > release);
        let read = later.filter_map(|(state, table, signed, mut rows)| {
            let said = said_before(&mut rows, state, release, &[dataset]).ok()?;
            let statements = said.iter().map(|by| Some((*by, Some(statement(both, *by)?.clone()))));
            let withdrawn = withdrawn(&statements.collect::<Option<Vec<_>>>()?, release);
            Some(Later { state, dataset, table, signed, rows, said, withdrawn })
        });
        read.collect()
    }

    /// If the register shows that nothing before the release took an admission out: the state, with what it has about
    /// dataset and admission, and the part of the register that says so.
    fn not_taken_out(
        &mut self,
        both: [&Side<'_>; 2],
        release: u64,
        admission: u64,
    ) -> Option<(BTreeSet<u64>, DisclosedTable)> {
        let after = self.withdrawn.partition_point(|(range, _)| range.start <= admission);
        let last = after.checked_sub(1).and_then(|at| self.withdrawn.get(at));
        if last.is_some_and(|(range, _)| range.contains(&admission)) {
            return None;
        }
        let said = said_before(&mut self.rows, self.state, release, &[admission]).ok()?;
        let is_clear = |by: &u64| statement(both, *by).is_some_and(|s| !takes_out(s, self.dataset, admission));
        if !said.iter().all(is_clear) {
            return None;
        }
        let keys = [self.dataset, admission].map(|subject| register_key(&format!("entry:{subject}")));
        let entries = said.into_iter().chain(self.said.iter().copied()).chain([self.state]).collect();
        Some((entries, narrow(self.table, self.signed, &keys)?))
    }
}

/// What two files disclose below an index.
fn below<'a>(both: [&'a Side<'_>; 2], index: u64) -> impl Iterator<Item = (&'a u64, &'a Statement)> {
    both.into_iter().flat_map(move |side| side.statements.range(..index))
}

/// What one of two files discloses at an index.
fn statement<'a>(both: [&'a Side<'_>; 2], index: u64) -> Option<&'a Statement> {
    both.into_iter().find_map(|side| side.statements.get(&index))
}

/// Whether a table answers a key, and not with a row that leads to `hidden`.
fn leaves_out(table: &mut Table, key: &Key, hidden: u64) -> bool {
    table.look_up(key).is_ok_and(|rows| rows.iter().all(|(_, row)| row.value != hidden))
}

/// The part of a table that answers these keys.
fn narrow(table: &DisclosedTable, signed: RowsRef, keys: &[Key]) -> Option<DisclosedTable> {
    let mut needed = BTreeSet::new();
    for key in keys {
        let start = table.rows.partition_point(|row| row.key < *key);
        let end = table.rows.partition_point(|row| row.key <= *key);
        needed.extend(start.saturating_sub(1)..table.rows.len().min(end + 1));
    }
    let rows: Vec<_> = needed.iter().filter_map(|at| table.rows.get(*at).copied()).collect();
    let disclosed: Vec<_> = table.rows.iter().map(|row| row.at()).collect();
    let positions: Vec<u64> = rows.iter().map(|row| row.position).collect();
    let proof = rows::narrow(signed.count, &disclosed, &table.proof, &positions).ok()?;
    Some(DisclosedTable { proof, rows, statement: table.statement })
}

impl Found {
    /// The file: all under one checkpoint if one file has it all, or both have the same checkpoint.
    fn file(self, by: &Side<'_>, other: &Side<'_>) -> Result<LieFile, VerifyError> {
        let has_all = |side: &&Side<'_>| self.entries.iter().all(|index| side.entry(*index).is_some());
        let sides = if by.checkpoint.size() == other.checkpoint.size() {
            vec![side(&[by, other], &self.entries)?]
        } else if let Some(all) = [by, other].into_iter().find(has_all) {
            vec![side(&[all], &self.entries)?]
        } else {
            let (own, rest) = self.entries.iter().partition(|index| by.entry(**index).is_some());
            let mut sides = [(by, own), (other, rest)];
            sides.sort_by_key(|(side, _)| side.checkpoint.size());
            sides.iter().map(|(one, indices)| side(&[one], indices)).collect::<Result<_, _>>()?
        };
        Ok(LieFile { format: LieFormat::V1, sides, tables: self.tables })
    }
}

/// Entries that these files of one checkpoint disclose between them.
fn side(files: &[&Side<'_>], indices: &BTreeSet<u64>) -> Result<LieSide, VerifyError> {
    let first = files.first().ok_or(VerifyError::Sides)?;
    let entry = |index: &u64| {
        let found = files.iter().find_map(|file| file.entry(*index));
        found.cloned().ok_or(VerifyError::NotDisclosed { index: *index })
    };
    let proofs: Vec<Disclosed<'_>> = files.iter().map(|file| file.disclosed()).collect();
    let wanted: Vec<u64> = indices.iter().copied().collect();
    let path = batch::narrow(&proofs, first.checkpoint.size(), &wanted).map_err(VerifyError::Inclusion)?;
    let entries = indices.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
    Ok(LieSide { entries, note: first.checkpoint.note().to_string(), path })
}
