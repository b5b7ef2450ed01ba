//! The writer's index: the committed one, and what a commit under way adds to it.

use super::IndexError;
use super::merge::{Sorted, write_merged};
use super::register::WorkingRegister;
use super::rows_file::{RowsFile, RowsWriter};
use super::runs::{self, AdmissionFact, Run, RunName, Runs};
use super::sort::CHUNK_ROWS;
use crate::rows::{Key, Kind, Row};
use crate::storage::Disk;
use crate::tlog::Hash;
use std::cmp::Ordering;

/// The index as the writer has it.
#[derive(Debug)]
pub struct Index {
    disk: Disk,
    /// The register.
    pub register: WorkingRegister,
    runs: Vec<Run>,
}

impl Index {
    /// Opens what there is, and removes files that it does not know: leftovers of an interrupted commit.
    ///
    /// # Errors
    /// It cannot be read; then it can be deleted, and is rebuilt.
    pub fn open(disk: &Disk) -> Result<Index, IndexError> {
        let register = WorkingRegister::open(disk)?;
        let runs = register.runs()?;
        let index = Index { disk: disk.clone(), register, runs };
        index.remove_strangers()?;
        Ok(index)
    }

    /// Empties it, to be rebuilt from entry 0 on.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn clear(&mut self) -> Result<(), IndexError> {
        self.register.clear()?;
        self.runs.clear();
        self.remove_strangers()
    }

    /// Whether every file that it knows is there.
    pub fn is_whole(&self) -> bool {
        self.runs.iter().all(|run| run.is_whole(&self.disk))
    }

    /// The committed runs of a dataset.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn runs(&self, dataset: u64) -> Result<Runs, IndexError> {
        Runs::open(&self.disk, &self.of(dataset))
    }

    /// Takes over a commit: the register's pending rows and finished runs (written before it), for the log of this
    /// size and root. Then merges runs that have become many.
    ///
    /// # Errors
    /// The disk refuses; the index is then behind the log and is caught up when it is opened next.
    pub fn commit(&mut self, mark: (u64, Hash), added: Vec<Run>) -> Result<(), IndexError> {
        self.register.commit(mark, &added, &[])?;
        self.runs.extend(added);
        self.runs.sort();
        self.compact(mark)
    }

    fn compact(&mut self, mark: (u64, Hash)) -> Result<(), IndexError> {
        let mut datasets: Vec<u64> = self.runs.iter().map(|r| r.name.dataset).collect();
        datasets.dedup();
        for dataset in datasets {
            let names = self.of(dataset);
            let count = |r: &Run| Ok(RowsFile::open(&self.disk, &r.name.run_path(), Kind::IndexRun)?.count());
            let counts = names.iter().map(count).collect::<Result<Vec<_>, IndexError>>()?;
            let gone = &names[names.len() - runs::to_merge(&counts)..];
            let Some(merged) = runs::merge_runs(&self.disk, gone)? else { continue };
            self.disk.sync()?;
            self.register.commit(mark, std::slice::from_ref(&merged), gone)?;
            gone.iter().try_for_each(|old| old.remove(&self.disk))?;
            self.runs.retain(|r| !gone.contains(r));
            self.runs.push(merged);
            self.runs.sort();
        }
        Ok(())
    }

    fn of(&self, dataset: u64) -> Vec<Run> {
        self.runs.iter().filter(|r| r.name.dataset == dataset).cloned().collect()
    }

    /// Removes rows files that are not on the list, and what sorting left.
    fn remove_strangers(&self) -> Result<(), IndexError> {
        for listed in self.disk.list("index/sort")? {
            self.disk.remove(&format!("index/sort/{}", listed.name))?;
        }
        for folder in runs::FOLDERS {
            for dataset in self.disk.list(folder)? {
                for file in self.disk.list(&format!("{folder}/{}", dataset.name))? {
                    let known = RunName::parse(&dataset.name, &file.name)
                        .is_some_and(|name| self.runs.iter().any(|run| run.name == name));
                    if !known {
                        self.disk.remove(&format!("{folder}/{}/{}", dataset.name, file.name))?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// Rows of a sorted part in memory up to which neighbours are merged: those of small batches.
const PART_ROWS: usize = 1 << 17;

/// The run that a batch of admissions to one dataset becomes: sorted parts in memory, and on disk what has become many.
#[derive(Debug)]
pub struct PendingRun {
    disk: Disk,
    dataset: u64,
    first: u64,
    files: Vec<Sorted>,
    parts: Vec<Sorted>,
    /// Rows of the parts in memory.
    rows: usize,
    /// In log order, so they are written as they come.
    facts: Option<RowsWriter>,
}

impl PendingRun {
    /// A run of a dataset, from this log index on.
    pub fn new(disk: &Disk, dataset: u64, first: u64) -> PendingRun {
        let (files, parts, facts) = (Vec::new(), Vec::new(), None);
        PendingRun { disk: disk.clone(), dataset, first, files, parts, rows: 0, facts }
    }

    /// Adds the rows of a batch, in any order, and the facts of its admissions, in log order.
    ///
    /// # Errors
    /// The disk refuses a large part.
    pub fn add(
        &mut self,
        mut rows: Vec<Row>,
        facts: impl IntoIterator<Item = AdmissionFact>,
    ) -> Result<(), IndexError> {
        rows.sort_unstable();
        rows.dedup();
        self.add_facts(facts)?;
        self.rows += rows.len();
        if let Some(Sorted::Memory(last)) = self.parts.last_mut()
            && last.len() + rows.len() <= PART_ROWS
        {
            // That sort takes what is sorted already as it is and merges it.
            last.append(&mut rows);
            last.sort();
            last.dedup();
        } else if !rows.is_empty() {
            self.parts.push(Sorted::Memory(rows));
        }
        if self.rows >= CHUNK_ROWS {
            self.spill()?;
        }
        Ok(())
    }

    fn add_facts(&mut self, facts: impl IntoIterator<Item = AdmissionFact>) -> Result<(), IndexError> {
        let mut facts = facts.into_iter().peekable();
        if facts.peek().is_none() {
            return Ok(());
        }
        let writer = match &mut self.facts {
            Some(writer) => writer,
            none => {
                let path = format!("index/sort/fact-{}", self.dataset);
                none.insert(RowsWriter::create(&self.disk, &path, Kind::IndexRun)?)
            }
        };
        let (mut encoded, mut count) = (Vec::new(), 0);
        for fact in facts {
            encoded.extend_from_slice(&fact.row().encode());
            count += 1;
        }
        writer.put(&encoded, count)
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.facts.is_none()
    }

    /// Every key that was added.
    ///
    /// # Errors
    /// In the iterator: a file cannot be read.
    pub fn keys(&self) -> impl Iterator<Item = Result<Key, IndexError>> {
        self.sorted().flat_map(Sorted::keys)
    }

    /// As [`Runs::join`], over what was added.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, u64)) -> Result<(), IndexError> {
        self.sorted().try_for_each(|part| part.join(keys, |i, row| each(i, row.value)))
    }

    /// The first admission of the work that an added admission is of; `None` if it was not added.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn first_of(&self, index: u64) -> Result<Option<u64>, IndexError> {
        let Some(facts) = &self.facts else { return Ok(None) };
        let (mut low, mut high) = (0, facts.count());
        while low < high {
            let middle = low + (high - low) / 2;
            let fact = AdmissionFact::of(&facts.row(middle)?);
            match fact.index.cmp(&index) {
                Ordering::Equal => return Ok(Some(fact.work)),
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
            }
        }
        Ok(None)
    }

    /// Writes the run for the log indices up to `end`, and gives its name; `None` if nothing was added.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self, end: u64) -> Result<Option<Run>, IndexError> {
        let Some(facts) = self.facts else { return Ok(None) };
        let name = RunName { dataset: self.dataset, first: self.first, end };
        let parts: Vec<Sorted> = self.files.into_iter().chain(self.parts).collect();
        let rows = write_merged(&self.disk, &name.run_path(), Kind::IndexRun, &parts, |_| true)?;
        let facts = facts.finish_as(&name.fact_path())?;
        Run::written(&self.disk, name, &rows, &facts).map(Some)
    }

    fn sorted(&self) -> impl Iterator<Item = &Sorted> {
        self.files.iter().chain(&self.parts)
    }

    /// Writes the parts in memory to disk as one and takes its name away: nothing is left behind, however this ends.
    fn spill(&mut self) -> Result<(), IndexError> {
        let path = format!("index/sort/run-{}", self.files.len());
        write_merged(&self.disk, &path, Kind::IndexRun, &self.parts, |_| true)?;
        let file = RowsFile::open(&self.disk, &path, Kind::IndexRun)?;
        self.disk.remove(&path)?;
        self.files.push(Sorted::File(file));
        self.parts.clear();
        self.rows = 0;
        Ok(())
    }
}
