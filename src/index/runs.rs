//! Index runs: for one dataset and one range of the log, which identifier leads to which admission; and beside each
//! its admission facts, from which a release counts its works and bytes.
//!
//! `index/run/<dataset>/<first>-<end>` has rows (work key, admission); `index/fact/<dataset>/<first>-<end>` has a row
//! for each admission whose "key" is its index, the index of the work's first admission, its bytes and the first half of
//! the key of what it relies on, so that rows in order are admissions in order. Neighbouring ranges of like size are merged, so a dataset of n works has log n runs.
//!
//! A release is signed over what these files say, and so is that a work was not there before; neither can be taken back,
//! and the log alone would not show it. A run that hides a row makes a work new that is not. So no row is believed before
//! the sum of its block is ([`super::sums`]), whoever asks: a look-up reads and checks some blocks of each run, however
//! many rows there are; what is sealed or merged is checked in the pass that reads it.

use super::IndexError;
use super::merge::{Sorted, write_merged};
use super::relied::RelianceKey;
use super::rows_file::{RowsFile, Written, write_rows};
use super::sums::SUM_ROWS;
use crate::rows::{Key, Kind, Row};
use crate::storage::Disk;

/// A range of the log whose admissions to a dataset are in one pair of files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunName {
    /// Log index of the dataset.
    pub dataset: u64,
    /// Log indices.
    pub first: u64,
    /// The first index after them.
    pub end: u64,
}

/// A run, and the digests of its two files ([`super::sums`]).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// Its name.
    pub name: RunName,
    /// Of its file of identifiers.
    pub rows: [u8; 32],
    /// Of its file of facts.
    pub facts: [u8; 32],
}

/// What a release counts of an admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionFact {
    /// Log index.
    pub index: u64,
    /// Log index of the first admission of the same work: its own, if it is the first.
    pub work: u64,
    /// Bytes of its embodiments.
    pub bytes: u64,
    /// What it relies on.
    pub reliance: RelianceKey,
}

impl RunName {
    /// Path of the file of identifiers.
    pub fn run_path(&self) -> String {
        format!("index/run/{}/{}-{}", self.dataset, self.first, self.end)
    }

    /// Path of the file of facts.
    pub fn fact_path(&self) -> String {
        format!("index/fact/{}/{}-{}", self.dataset, self.first, self.end)
    }

    /// The inverse of the paths' last two parts.
    pub fn parse(dataset: &str, range: &str) -> Option<RunName> {
        let (first, end) = range.split_once('-')?;
        let name = RunName { dataset: dataset.parse().ok()?, first: first.parse().ok()?, end: end.parse().ok()? };
        (name.run_path() == format!("index/run/{dataset}/{range}")).then_some(name)
    }
}

impl AdmissionFact {
    /// As a row.
    pub fn row(&self) -> Row {
        let mut key = Key::default();
        for (i, number) in [self.index, self.work, self.bytes].into_iter().enumerate() {
            key.0[8 * i..8 * i + 8].copy_from_slice(&number.to_be_bytes());
        }
        let reliance = u128::from_be_bytes(self.reliance.0);
        key.0[24..].copy_from_slice(&((reliance >> 64) as u64).to_be_bytes());
        Row { key, value: reliance as u64 }
    }

    /// From a row.
    pub fn of(row: &Row) -> AdmissionFact {
        let number = |i: usize| u64::from_be_bytes(std::array::from_fn(|j| row.key.0[8 * i + j]));
        let reliance = RelianceKey((u128::from(number(3)) << 64 | u128::from(row.value)).to_be_bytes());
        AdmissionFact { index: number(0), work: number(1), bytes: number(2), reliance }
    }
}

impl Run {
    /// Whether all its files are there.
    pub fn is_whole(&self, disk: &Disk) -> bool {
        let is_whole = |path: &str| -> Result<bool, IndexError> {
            let file = RowsFile::open(disk, path, Kind::IndexRun)?;
            Ok(file.count() <= SUM_ROWS || disk.exists(&sums_path(path))?)
        };
        [self.name.run_path(), self.name.fact_path()].iter().all(|path| is_whole(path).unwrap_or(false))
    }

    /// Removes its files.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn remove(&self, disk: &Disk) -> Result<(), IndexError> {
        for path in [self.name.run_path(), self.name.fact_path()] {
            disk.remove(&path)?;
            if disk.exists(&sums_path(&path))? {
                disk.remove(&sums_path(&path))?;
            }
        }
        Ok(())
    }

    fn open_rows(&self, disk: &Disk) -> Result<RowsFile, IndexError> {
        let path = self.name.run_path();
        RowsFile::open_summed(disk, &path, Kind::IndexRun, &sums_path(&path), self.rows)
    }

    fn open_facts(&self, disk: &Disk) -> Result<RowsFile, IndexError> {
        let path = self.name.fact_path();
        RowsFile::open_summed(disk, &path, Kind::IndexRun, &sums_path(&path), self.facts)
    }
}

/// The folders that have a folder for each dataset, with a file for each run in it.
pub const FOLDERS: [&str; 4] = ["index/run", "index/fact", "index/sums/run", "index/sums/fact"];

/// Where the sums of a file of a run are.
fn sums_path(path: &str) -> String {
    path.replacen("index/", "index/sums/", 1)
}

/// The runs of one dataset, those of identifiers open.
#[derive(Debug)]
pub struct Runs {
    disk: Disk,
    runs: Vec<RowsFile>,
    names: Vec<Run>,
}

impl Runs {
    /// Opens the runs of a list, in log order. Damage in them shows where they are read.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn open(disk: &Disk, runs: &[Run]) -> Result<Runs, IndexError> {
        let (disk, names) = (disk.clone(), runs.to_vec());
        let runs = runs.iter().map(|run| run.open_rows(&disk)).collect::<Result<_, _>>()?;
        Ok(Runs { disk, runs, names })
    }

    /// Rows of identifiers.
    pub fn count(&self) -> u64 {
        self.runs.iter().map(RowsFile::count).sum()
    }

    /// For each of some ascending keys, calls `each` with its place and every admission that has it.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, u64)) -> Result<(), IndexError> {
        self.runs.iter().try_for_each(|run| run.join(keys, |i, row| each(i, row.value)))
    }

    /// Writes the rows (work key, admission) that are to be kept as one file.
    ///
    /// # Errors
    /// A file cannot be read, there are too many rows, or the disk refuses.
    pub fn write_rows(
        &self,
        disk: &Disk,
        path: &str,
        kind: Kind,
        keep: impl Fn(&Row) -> bool + Sync,
    ) -> Result<Written, IndexError> {
        let sources: Vec<Sorted> = self.runs.iter().map(|run| Sorted::File(run.again())).collect();
        write_merged(disk, path, kind, &sources, keep)
    }

    /// Every key that has a row.
    ///
    /// # Errors
    /// In the iterator: a file cannot be read.
    pub fn keys(&self) -> impl Iterator<Item = Result<Key, IndexError>> {
        self.runs.iter().flat_map(RowsFile::stream).map(|row| Ok(row?.key))
    }

    /// The facts of all admissions, in log order.
    pub fn facts(&self) -> impl Iterator<Item = Result<AdmissionFact, IndexError>> {
        self.fact_rows().map(|row| Ok(AdmissionFact::of(&row?)))
    }

    fn fact_rows(&self) -> impl Iterator<Item = Result<Row, IndexError>> {
        // Ranges of the log do not overlap and stand in order.
        self.names.iter().flat_map(|run| {
            let (rows, error) = match run.open_facts(&self.disk) {
                Ok(file) => (Some(file.stream()), None),
                Err(error) => (None, Some(Err(error))),
            };
            error.into_iter().chain(rows.into_iter().flatten())
        })
    }
}

impl Run {
    /// A pair of files that were written, once the sums beside them are.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn written(disk: &Disk, name: RunName, rows: &Written, facts: &Written) -> Result<Run, IndexError> {
        rows.sums.write(disk, &sums_path(&name.run_path()))?;
        facts.sums.write(disk, &sums_path(&name.fact_path()))?;
        Ok(Run { name, rows: rows.sums.digest(), facts: facts.sums.digest() })
    }
}

/// The neighbours at the end of a list (in log order) that should be one: while the last is at least half as large as
/// the one before it. Returns how many to merge: 0 or at least 2.
pub fn to_merge(counts: &[u64]) -> usize {
    let Some((last, before)) = counts.split_last() else { return 0 };
    let (mut merged, mut total) = (1, *last);
    for count in before.iter().rev() {
        if *count > total.saturating_mul(2) {
            break;
        }
        (merged, total) = (merged + 1, total + count);
    }
    if merged == 1 { 0 } else { merged }
}

/// Merges neighbouring runs into one pair of files and returns its name; the old files stay.
///
/// # Errors
/// A file cannot be read, or the disk refuses.
pub fn merge_runs(disk: &Disk, all: &[Run]) -> Result<Option<Run>, IndexError> {
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return Ok(None) };
    let name = RunName { dataset: first.name.dataset, first: first.name.first, end: last.name.end };
    let runs = Runs::open(disk, all)?;
    let rows: Vec<Sorted> = runs.runs.iter().map(|run| Sorted::File(run.again())).collect();
    let rows = write_merged(disk, &name.run_path(), Kind::IndexRun, &rows, |_| true)?;
    let facts = write_rows(disk, &name.fact_path(), Kind::IndexRun, runs.fact_rows())?;
    Run::written(disk, name, &rows, &facts).map(Some)
}
