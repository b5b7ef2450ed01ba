//! What statements name beside the log: releases, registers, catalogues and lists, rules, reports.

use super::{Check, MAX_FINDINGS, Total};
use crate::index::{AdmissionFact, IndexError, RelianceKeys, RowsFile, register_path, root_of, root_with};
use crate::ledger::LedgerError;
use crate::ledger::prove::catalogue_path;
use crate::ledger::reindex::{admission_fact, admission_rows};
use crate::ledger::seal::{self, release_path};
use crate::ledger::view::{Removed, parse};
use crate::log::{Entry, LogReader};
use crate::rows::{self, KeyedProduct, Root, Row};
use crate::statement::{Identifier, Release, ReleaseName, RowsRef, Statement};
use std::collections::{BTreeSet, HashMap};

/// Bytes read at once of a file that is checked against its digest.
const PIECE_LEN: usize = 1 << 20;
/// Rows of admissions that are looked up in a release at once, where its rows are wrong.
const JOINED_ROWS: usize = 1 << 17;

/// The root of a release's rows, and what they come to.
pub(super) type FoundRows = (Result<(u64, Root), IndexError>, ReleaseRows);

/// What the rows of a release come to.
pub(super) struct ReleaseRows {
    /// Of all that lead to entries whose text is left.
    product: KeyedProduct,
    /// Whether some lead to others.
    erased: bool,
}

impl Check<'_> {
    /// Holds the registers that are not those of the entries before them against what was signed: it may be at hand, and
    /// tells what it leaves out, and what erased entries had.
    pub(super) fn registers(&mut self) {
        for (index, signed) in std::mem::take(&mut self.contested) {
            let path = register_path(index);
            let erased_before = self.erased.first().is_some_and(|first| *first < index);
            if erased_before && self.disk.exists(&path).is_ok_and(|exists| !exists) {
                continue;
            }
            let rows = self.signed_register(&path, signed);
            if rows.is_empty() {
                self.damage(format!("entry {index}: its register is not that of the entries before it"));
                continue;
            }
            let own: BTreeSet<Row> = self.register.iter().filter(|row| row.value < index).copied().collect();
            let hidden: BTreeSet<u64> = own.difference(&rows).map(|row| row.value).collect();
            hidden.into_iter().for_each(|entry| self.report.hidden(index, entry));
            let gone = |entry: &u64| *entry < index && self.erased.contains(entry);
            let added = rows.difference(&own).map(|row| row.value).filter(|entry| !gone(entry));
            for entry in added.collect::<BTreeSet<u64>>() {
                self.damage(format!("entry {index}: its register leads to entry {entry}, which does not say so"));
            }
        }
    }

    /// The rows of a register file, if it is the one that was signed.
    fn signed_register(&self, path: &str, signed: RowsRef) -> BTreeSet<Row> {
        let found = root_of(self.disk, path, rows::Kind::Register, false);
        let is_signed = found.is_ok_and(|(count, root)| RowsRef { count, root } == signed);
        let file = is_signed.then(|| RowsFile::open(self.disk, path, rows::Kind::Register).ok()).flatten();
        file.iter().flat_map(RowsFile::stream).map_while(Result::ok).collect()
    }

    /// Holds every file that a statement names against it, and names those that none does.
    pub(super) fn named_files(&mut self, log: &LogReader) -> Result<(), LedgerError> {
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
            let read = self.sealed.remove(&path);
            let (found, rows) = read.unwrap_or_else(|| self.release_rows(&path, false));
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

    /// Whether the rows of a release have the signed root; its nodes file is written anew on the way. What was read need
    /// not be read again where it is held against the log.
    pub(in crate::ledger) fn is_sealed(&mut self, path: &str, signed: RowsRef) -> bool {
        let read = self.release_rows(path, true);
        let is_sealed = read.0.as_ref().is_ok_and(|(count, root)| RowsRef { count: *count, root: *root } == signed);
        if is_sealed {
            self.sealed.insert(path.to_owned(), read);
        }
        is_sealed
    }

    /// The root of a release's rows, and what they come to; with `nodes`, its nodes file is written.
    fn release_rows(&self, path: &str, nodes: bool) -> FoundRows {
        let (seed, erased) = (&self.seed, &self.erased);
        let read = |rows: &[Row]| {
            let mut read = ReleaseRows { product: KeyedProduct::new(seed), erased: false };
            for row in rows {
                // An admission that was erased after the release still has its rows there; what it said is gone.
                if erased.contains(&row.value) { read.erased = true } else { read.product.take(row) }
            }
            read
        };
        let mut all = ReleaseRows { product: KeyedProduct::new(seed), erased: false };
        let found = root_with(self.disk, path, rows::Kind::Release, nodes, read, |read| {
            all.product.merge(&read.product);
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
        mut found: ReleaseRows,
    ) -> Result<(), LedgerError> {
        let before = self.removals.iter().filter(|(at, _)| *at < index);
        let removed = Removed::of(release.dataset, before.map(|(_, statement)| statement));
        if !removed.is_empty() {
            // Few releases have removals before them; only those cost another pass over the log.
            let counted = admissions(log, release.dataset, index).map(|read| {
                let (rows, fact) = read?;
                if removed.has(fact.index) {
                    // What the release lacks by right, so that both sides are of all admissions.
                    rows.iter().for_each(|row| found.product.take(row));
                }
                Ok::<_, LedgerError>(fact)
            });
            (expected.works, expected.bytes) = seal::count(counted, &removed)?;
        }
        if found.product != expected.rows {
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
        for read in admissions(log, dataset, index) {
            let (rows, fact) = read?;
            if !removed.has(fact.index) {
                wanted.extend(rows);
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

type Found = Result<(Vec<Row>, AdmissionFact), LedgerError>;

/// The rows and facts of a dataset's admissions below a log index.
fn admissions(log: &LogReader, dataset: u64, below: u64) -> impl Iterator<Item = Found> {
    let mut reliance = RelianceKeys::default();
    log.entries(0..below).filter_map(move |entry| match entry {
        Err(error) => Some(Err(error.into())),
        Ok((_, Entry::Erased(_))) => None,
        Ok((index, Entry::Text(text))) => match parse(index, &text) {
            Ok(Statement::Admission(a)) if a.dataset == dataset => {
                Some(Ok((admission_rows(index, &a), admission_fact(index, &a, &mut reliance))))
            }
            _ => None,
        },
    })
}
