//! What statements name beside the log: releases, registers, catalogues and lists, rules, reports.

use super::entries::AdmittedRows;
use super::{Check, MAX_FINDINGS, Total};
use crate::index::{IndexError, RowsFile, register_path, root_of, root_with};
use crate::ledger::LedgerError;
use crate::ledger::prove::catalogue_path;
use crate::ledger::seal::{self, release_path};
use crate::ledger::view::{Removed, parse};
use crate::log::{Entry, LogReader};
use crate::rows::{self, KeyedSum, Root, Row};
use crate::statement::{Identifier, Release, ReleaseName, RowsRef, Statement};
use std::collections::{BTreeSet, HashMap};

/// Bytes read at once of a file that is checked against its digest.
const PIECE_LEN: usize = 1 << 20;
/// Rows of admissions that are looked up in a release at once, where its rows are wrong.
const JOINED_ROWS: usize = 1 << 17;

/// What the rows of a release come to.
struct ReleaseRows {
    /// Of all that lead to entries whose text is left.
    sum: KeyedSum,
    /// Whether some lead to others.
    erased: bool,
}

impl Check<'_> {
    pub(super) fn files(&mut self, log: &LogReader) -> Result<(), LedgerError> {
        let mut expected = BTreeSet::new();
        let newest = self.states.keys().last().copied();
        for (index, register) in std::mem::take(&mut self.states) {
            let path = register_path(index);
            expected.insert(path.clone());
            // Older registers may have been deleted; they follow from the log. Readers need the newest.
            if Some(index) == newest || self.disk.exists(&path)? {
                self.rows_file(&path, rows::Kind::Register, register);
            }
        }
        for (index, rows) in std::mem::take(&mut self.catalogues) {
            let path = catalogue_path(&rows.root);
            expected.insert(path.clone());
            if !self.rows_file(&path, rows::Kind::Catalogue, rows) {
                self.damage(format!("entry {index}: {path} is not the catalogue that it commits to"));
            }
        }
        for (index, release, total) in std::mem::take(&mut self.releases) {
            let Some(dataset) = self.datasets.get(&release.dataset) else { continue };
            let name = ReleaseName { dataset: dataset.dataset.id.clone(), version: release.version.clone() };
            let path = release_path(&name);
            let (found, rows) = self.release_rows(&path);
            if self.is_signed(&path, found, release.rows) && self.unread.is_empty() {
                self.release(log, index, &release, &path, total, rows)?;
            }
            expected.insert(path);
            self.report.releases.push((index, name, release));
        }
        // A desk names the same lists in every screening.
        let mut lists = HashMap::new();
        for (index, screening) in std::mem::take(&mut self.screenings) {
            expected.insert(self.digest("rules", &screening.rules)?);
            let mut whole = true;
            for list in &screening.lists {
                let path = catalogue_path(&list.rows.root);
                let is_whole = || self.rows_file(&path, rows::Kind::Catalogue, list.rows);
                whole &= *lists.entry(list.rows).or_insert_with(is_whole);
                expected.insert(path);
            }
            if let Some(judge) = self.judge.as_mut().filter(|_| whole && !screening.lists.is_empty()) {
                judge.lists(log, index, &screening)?;
            }
            if let Some(report) = &screening.report {
                expected.insert(self.digest("report", report)?);
            }
        }
        for folder in ["catalogue", "register", "release", "report", "rules"] {
            self.strays(folder, &expected, 2)?;
        }
        Ok(())
    }

    /// Files that no statement names, in a folder and those in it.
    fn strays(&mut self, folder: &str, expected: &BTreeSet<String>, depth: u32) -> Result<(), LedgerError> {
        for listed in self.disk.list(folder)? {
            let path = format!("{folder}/{}", listed.name);
            if listed.is_dir && depth > 0 {
                self.strays(&path, expected, depth - 1)?;
            } else if expected.contains(&path) {
                // Named.
            } else if self.report.leftovers.len() < MAX_FINDINGS {
                self.report.leftovers.push(path);
            } else {
                self.report.omitted += 1;
            }
        }
        Ok(())
    }

    /// Whether a rows file has the root that a statement commits to; says so where it has not.
    fn rows_file(&mut self, path: &str, kind: rows::Kind, signed: RowsRef) -> bool {
        let found = root_of(self.disk, path, kind, false);
        self.is_signed(path, found, signed)
    }

    fn is_signed(&mut self, path: &str, found: Result<(u64, Root), IndexError>, signed: RowsRef) -> bool {
        match found {
            Ok((count, root)) if (RowsRef { count, root }) == signed => return true,
            Ok(_) => self.damage(format!("{path} is damaged: it has not the signed root")),
            Err(error) => self.damage(error.to_string()),
        }
        false
    }

    /// The root of a release's rows, and what they come to.
    fn release_rows(&self, path: &str) -> (Result<(u64, Root), IndexError>, ReleaseRows) {
        let (seed, erased) = (&self.seed, &self.erased);
        let read = |rows: &[Row]| {
            let mut read = ReleaseRows { sum: KeyedSum::new(seed), erased: false };
            for row in rows {
                // An admission that was erased after the release still has its rows there; what it said is gone.
                if erased.contains(&row.value) { read.erased = true } else { read.sum.add(row) }
            }
            read
        };
        let mut all = ReleaseRows { sum: KeyedSum::new(seed), erased: false };
        let found = root_with(self.disk, path, rows::Kind::Release, false, read, |read| {
            all.sum.merge(&read.sum);
            all.erased |= read.erased;
        });
        (found, all)
    }

    /// Checks that the rows are those of the admissions that count, and so are works and bytes.
    fn release(
        &mut self,
        log: &LogReader,
        index: u64,
        release: &Release,
        path: &str,
        mut expected: Total,
        found: ReleaseRows,
    ) -> Result<(), LedgerError> {
        let before = self.removals.iter().filter(|(at, _)| *at < index);
        let removed = Removed::of(release.dataset, before.map(|(_, statement)| statement));
        if !removed.is_empty() {
            // Few releases have removals before them; only those cost another pass over the log.
            let counted = admissions(log, release.dataset, index, &self.seed).map(|read| {
                let (at, admitted) = read?;
                if removed.has(at) {
                    expected.rows.subtract(&admitted.sum);
                }
                Ok::<_, LedgerError>(admitted.fact)
            });
            (expected.works, expected.bytes) = seal::count(counted, &removed)?;
        }
        if found.sum != expected.rows {
            self.damage(format!("entry {index}: the rows in {path} are not those of the dataset's admissions"));
            let file = RowsFile::open(self.disk, path, rows::Kind::Release)?;
            self.left_out(log, index, release.dataset, &file, &removed)?;
        }
        if !found.erased && (release.works, release.bytes) != (expected.works, expected.bytes) {
            self.damage(format!("entry {index}: counts other works or bytes than the dataset's admissions have"));
        }
        Ok(())
    }

    /// Finds the admissions that the rows of a release leave out.
    fn left_out(
        &mut self,
        log: &LogReader,
        index: u64,
        dataset: u64,
        file: &RowsFile,
        removed: &Removed,
    ) -> Result<(), LedgerError> {
        let mut wanted: Vec<Row> = Vec::new();
        let mut left_out = BTreeSet::new();
        let mut compare = |wanted: &mut Vec<Row>| -> Result<(), LedgerError> {
            wanted.sort_unstable();
            let keys: Vec<rows::Key> = wanted.iter().map(|row| row.key).collect();
            let mut has = vec![false; wanted.len()];
            file.join(&keys, |at, row| has[at] |= wanted[at] == row)?;
            left_out.extend(wanted.iter().zip(has).filter(|(_, has)| !has).map(|(row, _)| row.value));
            wanted.clear();
            Ok(())
        };
        for read in admissions(log, dataset, index, &self.seed) {
            let (at, admitted) = read?;
            if !removed.has(at) {
                wanted.extend(admitted.rows);
            }
            if wanted.len() >= JOINED_ROWS {
                compare(&mut wanted)?;
            }
        }
        compare(&mut wanted)?;
        left_out.into_iter().for_each(|entry| self.report.hidden(index, entry));
        Ok(())
    }

    /// Checks a file that is named by its digest, and gives its path.
    fn digest(&mut self, folder: &str, digest: &Identifier) -> Result<String, LedgerError> {
        let path = format!("{folder}/{}", digest.value());
        let file = match self.disk.open_file(&path) {
            Ok(file) => file,
            Err(error) => {
                self.damage(error.to_string());
                return Ok(path);
            }
        };
        let (mut hasher, mut piece, mut at) = (rows::Blake3::new(), vec![0; PIECE_LEN], 0);
        while at < file.len() {
            let len = (file.len() - at).min(PIECE_LEN as u64) as usize;
            file.read_at(at, &mut piece[..len])?;
            hasher.update(&piece[..len]);
            at += len as u64;
        }
        if Identifier::blake3(&hasher.finish()) != *digest {
            self.damage(format!("{path} is damaged: it has not the digest that its name says"));
        }
        Ok(path)
    }
}

type Found = Result<(u64, AdmittedRows), LedgerError>;

/// The admissions of a dataset below a log index.
fn admissions(log: &LogReader, dataset: u64, below: u64, seed: &[u8; 32]) -> impl Iterator<Item = Found> {
    let seed = *seed;
    log.entries(0..below).filter_map(move |entry| match entry {
        Err(error) => Some(Err(error.into())),
        Ok((_, Entry::Erased(_))) => None,
        Ok((index, Entry::Text(text))) => match parse(index, &text) {
            Ok(Statement::Admission(a)) if a.dataset == dataset => {
                Some(Ok((index, AdmittedRows::new(index, &a, &seed))))
            }
            _ => None,
        },
    })
}
