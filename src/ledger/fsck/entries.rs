//! Statements in the order of the log: times, references, names, the register of each state, the counts of each batch.

use super::judge::Judge;
use super::{Check, Seen, Total};
use crate::index::{AdmissionFact, RowsFile, register_path, root_of};
use crate::ledger::LedgerError;
use crate::ledger::view::parse;
use crate::ledger::writer::admission_rows;
use crate::rows::{self, Builder, KeyedSum, Row, RowsError};
use crate::statement::terms::Subject;
use crate::statement::{Admission, Kind, RegisterKey, RowsRef, Screening, State, Statement};
use std::collections::BTreeSet;

/// An entry, as any core can read it.
pub(super) enum Read {
    Erased,
    Unreadable(LedgerError),
    Statement(Box<Known>),
}

/// A statement that could be read.
pub(super) struct Known {
    statement: Statement,
    /// What it names, and of which kinds that may be.
    names: Vec<(u64, &'static [Kind])>,
    /// Of an admission.
    admitted: Option<AdmittedRows>,
}

/// What an admission brings to its releases.
pub(super) struct AdmittedRows {
    /// Sorted, each once.
    pub rows: Vec<Row>,
    pub sum: KeyedSum,
    pub fact: AdmissionFact,
}

impl AdmittedRows {
    pub fn new(index: u64, admission: &Admission, seed: &[u8; 32]) -> AdmittedRows {
        let (mut rows, fact) = admission_rows(index, admission);
        // An identifier that stands in two embodiments is one row.
        rows.sort_unstable();
        rows.dedup();
        let mut sum = KeyedSum::new(seed);
        rows.iter().for_each(|row| sum.add(row));
        AdmittedRows { rows, sum, fact }
    }
}

/// Reads an entry; `seed` keys the sums.
pub(super) fn read(index: u64, text: Option<&[u8]>, seed: &[u8; 32]) -> Read {
    match text.map(|text| parse(index, text)) {
        None => Read::Erased,
        Some(Err(error)) => Read::Unreadable(error),
        Some(Ok(statement)) => {
            let admitted = match &statement {
                Statement::Admission(admission) => Some(AdmittedRows::new(index, admission, seed)),
                _ => None,
            };
            Read::Statement(Box::new(Known { names: statement.names(), statement, admitted }))
        }
    }
}

impl Check<'_> {
    pub(super) fn entry(&mut self, index: u64, entry: &Read) {
        if index > self.next {
            self.unread.push(self.next..index);
        }
        self.next = index + 1;
        let Known { statement, names, admitted } = match entry {
            Read::Erased => {
                self.report.erased += 1;
                self.erased_unscreened += 1;
                self.erased.insert(index);
                return;
            }
            Read::Unreadable(error) => {
                self.unread.push(index..index + 1);
                return self.damage(error.to_string());
            }
            Read::Statement(known) => &**known,
        };
        let (kind, at) = statement.head();
        *self.report.entries.entry(kind).or_default() += 1;
        if self.last.is_some_and(|(_, before, _)| at < before) {
            self.damage(format!("entry {index}: dated {at}, before the entry that precedes it"));
        }
        if self.judge.as_ref().is_some_and(|judge| judge.bracket(index).end.is_some_and(|end| at > end)) {
            self.damage(format!("entry {index}: dated {at}, after witnesses had seen it"));
        }
        self.last = Some((index, at, kind));
        self.references(index, names);
        self.register_rows(index, statement);
        if kind != Kind::Admission {
            self.kinds.insert(index, kind);
        }
        if let Some(judge) = &mut self.judge {
            judge.entry(index, statement, &mut self.report);
        }
        self.meaning(index, statement, admitted.as_ref());
    }

    fn references(&mut self, index: u64, names: &[(u64, &'static [Kind])]) {
        for &(named, kinds) in names {
            if named >= index {
                self.damage(format!("entry {index}: names entry {named}, which is not before it"));
                continue;
            }
            // What is neither of a small kind nor erased is an admission.
            let kind = self.kinds.get(&named).copied().unwrap_or(Kind::Admission);
            if !kinds.contains(&kind) && !self.erased.contains(&named) && !self.is_unread(named) {
                self.damage(format!("entry {index}: names entry {named}, which is of the kind {kind}"));
            }
        }
    }

    fn register_rows(&mut self, index: u64, statement: &Statement) {
        for key in statement.register_keys() {
            let name = match &key {
                RegisterKey::Entry(_) | RegisterKey::Run(_) => None,
                other => Some(format!("{other:?}")),
            };
            let dataset = |d: u64| self.datasets.get(&d).map(|s| s.dataset.id.clone());
            match key.row_key(dataset) {
                Some(key) => drop(self.register.insert(Row { key, value: index })),
                // A damaged entry may have been the dataset's.
                None if !self.unread.is_empty() => {}
                None => self.damage(format!("entry {index}: names a dataset that does not exist")),
            }
            if let Some(first) = name.and_then(|name| self.names.insert(name, index)) {
                self.damage(format!("entry {index}: declares a name again that entry {first} declared"));
            }
        }
    }

    fn meaning(&mut self, index: u64, statement: &Statement, admitted: Option<&AdmittedRows>) {
        match statement {
            Statement::Ledger(ledger) => {
                if index != 0 || ledger.origin != self.origin {
                    self.damage(format!("entry {index}: is not this log's first entry"));
                }
            }
            Statement::Dataset(dataset) => {
                let total = Total { rows: KeyedSum::new(&self.seed), works: 0, bytes: 0 };
                self.datasets.insert(index, Seen { dataset: dataset.clone(), total });
            }
            Statement::Admission(admission) => {
                *self.unscreened.entry(admission.dataset).or_default() += 1;
                let seen = self.datasets.get_mut(&admission.dataset);
                if let (Some(Seen { total, .. }), Some(AdmittedRows { sum, fact, .. })) = (seen, admitted) {
                    total.rows.merge(sum);
                    total.works += u64::from(fact.work == index);
                    total.bytes = total.bytes.saturating_add(fact.bytes);
                }
            }
            Statement::Grant(grant) => {
                if let Ok(Subject::Catalogue(rows)) = grant.terms().map(|t| t.subject) {
                    self.catalogues.insert(index, rows);
                }
            }
            Statement::Screening(screening) => self.screening(index, screening.clone()),
            Statement::Release(release) => {
                if release.log_size != index {
                    self.damage(format!("entry {index}: is a release of log size {}", release.log_size));
                }
                let seen = self.datasets.get(&release.dataset).map(|s| s.total.clone());
                self.releases.extend(seen.map(|total| (index, release.clone(), total)));
            }
            Statement::State(state) => {
                if state.log_size != index {
                    self.damage(format!("entry {index}: is a state of log size {}", state.log_size));
                }
                self.register(index, state);
                self.states.insert(index, state.register);
            }
            Statement::Withdrawal(w) => {
                if w.entries.last().is_some_and(|r| r.first.saturating_add(r.count) > index) {
                    self.damage(format!("entry {index}: withdraws entries that are not before it"));
                }
                self.removals.push((index, statement.clone()));
            }
            Statement::Erasure(_) => self.removals.push((index, statement.clone())),
            Statement::Dispute(dispute) => self.disputes.extend(dispute.claim().map(|claim| (index, claim))),
            Statement::Correction(_) | Statement::GrantEnd(_) | Statement::Key(_) | Statement::Run(_) => {}
        }
    }

    /// Holds a state against the register of the entries before it.
    fn register(&mut self, index: u64, state: &State) {
        let own = |check: &Check| root(rows::Kind::Register, &check.register);
        if !self.unread.is_empty() || own(self).is_ok_and(|register| register == state.register) {
            return;
        }
        // What was signed may be at hand, and tells what it leaves out, and what erased entries had.
        let path = register_path(index);
        if !self.erased.is_empty() && self.disk.exists(&path).is_ok_and(|exists| !exists) {
            return;
        }
        let signed = root_of(self.disk, &path, rows::Kind::Register, false);
        let signed = signed.is_ok_and(|(count, root)| RowsRef { count, root } == state.register);
        let rows = signed.then(|| RowsFile::open(self.disk, &path, rows::Kind::Register).ok()).flatten();
        let rows: BTreeSet<Row> = rows.iter().flat_map(RowsFile::stream).map_while(Result::ok).collect();
        if rows.is_empty() {
            return self.damage(format!("entry {index}: its register is not that of the entries before it"));
        }
        let hidden: BTreeSet<u64> = self.register.difference(&rows).map(|row| row.value).collect();
        hidden.into_iter().for_each(|entry| self.report.hidden(index, entry));
        let gone = |entry: &u64| *entry < index && self.erased.contains(entry);
        let added = rows.difference(&self.register).map(|row| row.value).filter(|entry| !gone(entry));
        for entry in added.collect::<BTreeSet<u64>>() {
            self.damage(format!("entry {index}: its register leads to entry {entry}, which does not say so"));
        }
    }

    fn screening(&mut self, index: u64, screening: Screening) {
        let admitted = std::mem::take(&mut self.unscreened);
        let others = admitted.keys().any(|dataset| *dataset != screening.dataset);
        let seen = admitted.get(&screening.dataset).copied().unwrap_or(0);
        // An erased entry may have been an admission.
        let erased = std::mem::take(&mut self.erased_unscreened);
        let differs = others || !(seen..=seen + erased).contains(&screening.admitted);
        if differs && self.unread.is_empty() {
            self.damage(format!("entry {index}: counts other admissions than those before it"));
        }
        if screening.first_entry > index {
            self.damage(format!("entry {index}: begins after itself"));
        }
        self.screenings.push((index, screening));
    }

    pub(super) fn last_entry(&mut self, size: u64) {
        if let Some(Err(error)) = self.judge.as_mut().map(Judge::conclude) {
            self.damage(error.to_string());
        }
        if self.next < size {
            self.unread.push(self.next..size);
        }
        let ends_well = matches!(self.last, Some((_, _, Kind::State | Kind::Screening)));
        if size > 0 && self.report.damage.is_empty() && !ends_well {
            self.damage(format!("entry {}: a commit ends with a state or a screening", size - 1));
        }
        let named: BTreeSet<u64> = self.removals.iter().filter_map(|(_, s)| erased(s)).collect();
        let unnamed: Vec<u64> = self.erased.difference(&named).copied().collect();
        for index in unnamed.into_iter().filter(|_| self.unread.is_empty()).collect::<Vec<_>>() {
            self.damage(format!("entry {index}: is empty, and no erasure names it"));
        }
    }
}

fn erased(statement: &Statement) -> Option<u64> {
    if let Statement::Erasure(erasure) = statement { Some(erasure.entry) } else { None }
}

/// The root of rows in memory.
fn root(kind: rows::Kind, rows: &BTreeSet<Row>) -> Result<RowsRef, RowsError> {
    let count = rows.len() as u64;
    let mut builder = Builder::new(kind, count, |_, _| Ok::<(), RowsError>(()))?;
    rows.iter().try_for_each(|row| builder.push(*row))?;
    Ok(RowsRef { count, root: builder.finish()? })
}
