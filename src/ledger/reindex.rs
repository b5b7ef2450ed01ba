//! The index made from what entries say, in their order.
//!
//! Not here: reading the log. Whoever reads it hands each entry on: a writer that catches its index up, and `repair`, which
//! takes what the check has read. Nothing that is made here counts before [`Reindexing::finish`].

use super::LedgerError;
use super::view::newest_state;
use crate::index::{AdmissionFact, Index, PendingRun, RelianceKeys, RowsFile, register_path};
use crate::log::{Entry, LogReader};
use crate::rows::{self, Row, work_key};
use crate::statement::{Admission, Identifier, Name, Statement, StatementError, Time};
use crate::storage::Disk;
use std::collections::{BTreeMap, BTreeSet};

/// Admissions that are gathered before they are handed to a run.
const GATHER: usize = 1 << 16;

/// What an entry says.
pub(super) enum Said {
    /// Nothing any more.
    Erased,
    /// Nothing that can be read.
    Unreadable(StatementError),
    /// That a work was admitted.
    Admission(Admitted),
    /// Anything else.
    Statement(Box<Statement>),
}

/// What is kept of an admission, of which there are many.
pub(super) struct Admitted {
    pub at: Time,
    /// Log index of the dataset.
    pub dataset: u64,
    /// What it is looked up by.
    pub rows: Vec<Row>,
    pub fact: AdmissionFact,
}

impl Said {
    /// Reads an entry, on any core; gives the admission, too, if it is one.
    pub fn of(reliance: &mut RelianceKeys, index: u64, text: Option<&[u8]>) -> (Said, Option<Box<Admission>>) {
        match text.map(Statement::parse) {
            None => (Said::Erased, None),
            Some(Err(error)) => (Said::Unreadable(error), None),
            Some(Ok(Statement::Admission(admission))) => {
                let (at, dataset, rows) = (admission.at, admission.dataset, admission_rows(index, &admission));
                let fact = admission_fact(index, &admission, reliance);
                (Said::Admission(Admitted { at, dataset, rows, fact }), Some(admission))
            }
            Some(Ok(statement)) => (Said::Statement(Box::new(statement)), None),
        }
    }
}

/// The rows by which an admission is looked up, ascending. An identifier that stands in two embodiments is one row.
pub(super) fn admission_rows(index: u64, admission: &Admission) -> Vec<Row> {
    let row = |id: &Identifier| Row { key: work_key(id.as_str()), value: index };
    let mut rows: Vec<Row> = admission.looked_up_by().map(row).collect();
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// What releases count of an admission.
pub(super) fn admission_fact(index: u64, admission: &Admission, reliance: &mut RelianceKeys) -> AdmissionFact {
    let work = admission.same_as.unwrap_or(index);
    AdmissionFact { index, work, bytes: admission.bytes(), reliance: reliance.of(admission) }
}

/// An index under way.
pub(super) struct Reindexing<'a> {
    disk: &'a Disk,
    log: &'a LogReader,
    index: &'a mut Index,
    /// The first entry that the index lacks.
    from: u64,
    datasets: BTreeMap<u64, Name>,
    runs: BTreeMap<u64, PendingRun>,
    gathered: BTreeMap<u64, (Vec<Row>, Vec<AdmissionFact>)>,
    erased: BTreeSet<u64>,
}

impl<'a> Reindexing<'a> {
    /// Of an index that has all entries below `from`.
    pub fn new(disk: &'a Disk, log: &'a LogReader, index: &'a mut Index, from: u64) -> Reindexing<'a> {
        Reindexing {
            disk,
            log,
            index,
            from,
            datasets: BTreeMap::new(),
            runs: BTreeMap::new(),
            gathered: BTreeMap::new(),
            erased: BTreeSet::new(),
        }
    }

    /// Takes the next entry.
    ///
    /// # Errors
    /// It cannot be read or names a dataset that does not exist, or the disk refuses.
    pub fn take(&mut self, at: u64, said: &Said) -> Result<(), LedgerError> {
        match said {
            Said::Erased => drop(self.erased.insert(at)),
            Said::Unreadable(error) => {
                return Err(LedgerError::Statement { index: at, error: Box::new(error.clone()) });
            }
            Said::Admission(admitted) => self.admission(admitted)?,
            Said::Statement(statement) => {
                if let Statement::Dataset(dataset) = &**statement {
                    self.datasets.insert(at, dataset.id.clone());
                }
                let (datasets, log) = (&self.datasets, self.log);
                let name = |d: u64| datasets.get(&d).cloned().or_else(|| dataset_name(log, d));
                self.index.register.add(at, statement, name)?;
            }
        }
        Ok(())
    }

    fn admission(&mut self, admitted: &Admitted) -> Result<(), LedgerError> {
        let (all, facts) = self.gathered.entry(admitted.dataset).or_default();
        all.extend_from_slice(&admitted.rows);
        facts.push(admitted.fact);
        if facts.len() >= GATHER {
            // The next ones will be as many.
            let rows = std::mem::replace(all, Vec::with_capacity(all.len()));
            let facts = std::mem::replace(facts, Vec::with_capacity(GATHER));
            self.run(admitted.dataset, rows, facts)?;
        }
        Ok(())
    }

    fn run(&mut self, dataset: u64, rows: Vec<Row>, facts: Vec<AdmissionFact>) -> Result<(), LedgerError> {
        let run = || PendingRun::new(self.disk, dataset, self.from);
        Ok(self.runs.entry(dataset).or_insert_with(run).add(rows, facts)?)
    }

    /// Makes all that was taken the index of the log, durably.
    ///
    /// # Errors
    /// The disk refuses, or an entry was erased and the newest register, which still has its rows, cannot be read.
    pub fn finish(mut self) -> Result<(), LedgerError> {
        if !self.erased.is_empty() {
            // What they said is gone; which rows they had, only the sealed register still tells.
            let path = register_path(newest_state(self.log)?.0);
            for row in RowsFile::open(self.disk, &path, rows::Kind::Register)?.stream() {
                let row = row?;
                if self.erased.contains(&row.value) {
                    self.index.register.add_row(row);
                }
            }
        }
        for (dataset, (rows, facts)) in std::mem::take(&mut self.gathered) {
            self.run(dataset, rows, facts)?;
        }
        let finished = self.runs.into_values().map(|run| run.finish(self.log.size()));
        let finished = finished.filter_map(Result::transpose).collect::<Result<Vec<_>, _>>()?;
        self.disk.sync()?;
        Ok(self.index.commit((self.log.size(), *self.log.root()), finished)?)
    }
}

fn dataset_name(log: &LogReader, index: u64) -> Option<Name> {
    let Ok(Entry::Text(text)) = log.entry(index) else { return None };
    match Statement::parse(&text) {
        Ok(Statement::Dataset(dataset)) => Some(dataset.id),
        _ => None,
    }
}
