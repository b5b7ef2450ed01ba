//! Checking a whole ledger: every byte of the log, and everything that its statements say of each other and of the
//! files beside it.
//!
//! The log's own check hands each entry over; here statements are read in order, with memory for what is small (names,
//! references, releases) and a running sum for what is large: a release's rows are compared with those of its admissions
//! by count and by a keyed sum of their hashes, whose key nobody knows beforehand. So nothing is sorted or stored.

use super::prove::catalogue_path;
use super::seal::{self, release_path};
use super::view::{Removed, open_folder, parse};
use super::writer::admission_rows;
use super::{LedgerError, Now};
use crate::index::{AdmissionFact, RowsFile, register_path, root_of};
use crate::log::{self, Entry, LogReader};
use crate::rows::{self, Builder, KeyedSum, Row, RowsError};
use crate::statement::terms::Subject;
use crate::statement::{Dataset, Identifier, Kind, Release, ReleaseName, RowsRef, Screening, Statement, Time};
use crate::storage::Disk;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Findings that a report lists; the rest is counted.
pub const MAX_FINDINGS: usize = 1000;
/// Bytes read at once of a file that is checked against its digest.
const PIECE_LEN: usize = 1 << 20;

/// What is wrong with a ledger.
#[derive(Debug, Default)]
pub struct Report {
    /// Size of the log at its checkpoint.
    pub log_size: u64,
    /// Entries of each kind.
    pub entries: BTreeMap<Kind, u64>,
    /// Erased entries.
    pub erased: u64,
    /// What is wrong, each with the file or entry that has it.
    pub damage: Vec<String>,
    /// Files that nothing names.
    pub leftovers: Vec<String>,
    /// What was found after the lists were full.
    pub omitted: u64,
}

/// Checks the ledger in a folder. Needs no lock, changes nothing. `now.seed` keys the sums.
///
/// # Errors
/// There is no ledger, or a folder cannot be listed. Damage is in the report.
pub fn fsck(dir: &Path, now: Now) -> Result<Report, LedgerError> {
    let (disk, settings, key) = open_folder(dir)?;
    let mut check = Check::new(&disk, &settings.origin, now.seed);
    let log = log::fsck(&disk, &key, |index, text| check.entry(index, text))?;
    let size = log.checkpoint.as_ref().map_or(0, |c| c.size());
    check.report.log_size = size;
    check.report.omitted += log.damage_omitted + log.leftovers_omitted;
    let damage = log.damage.iter().map(ToString::to_string).collect::<Vec<_>>();
    damage.into_iter().for_each(|what| check.damage(what));
    check.report.leftovers.extend(log.leftovers);
    check.last_entry(size);
    match log.checkpoint.map(|c| LogReader::at(&disk, c)) {
        Some(Ok(reader)) => check.files(&reader)?,
        _ => check.damage("the log cannot be read, so releases and catalogues were not checked".to_owned()),
    }
    Ok(check.report)
}

/// What was seen of one dataset so far.
struct Seen {
    dataset: Dataset,
    total: Total,
}

/// What all admissions of a dataset come to, none removed.
#[derive(Clone)]
struct Total {
    rows: KeyedSum,
    works: u64,
    bytes: u64,
}

struct Check<'a> {
    disk: &'a Disk,
    origin: &'a str,
    seed: [u8; 32],
    report: Report,
    last: Option<(u64, Time, Kind)>,
    /// Kinds of all entries but admissions, of which there are many.
    kinds: BTreeMap<u64, Kind>,
    names: BTreeMap<String, u64>,
    register: BTreeSet<Row>,
    datasets: BTreeMap<u64, Seen>,
    /// Withdrawals and erasures, with their indices.
    removals: Vec<(u64, Statement)>,
    /// Releases, with what all admissions before them come to.
    releases: Vec<(u64, Release, Total)>,
    catalogues: BTreeMap<u64, RowsRef>,
    states: BTreeMap<u64, RowsRef>,
    screenings: Vec<Screening>,
    /// Admissions since the last screening, by dataset.
    unscreened: BTreeMap<u64, u64>,
    /// Erased entries since the last screening.
    erased_unscreened: u64,
    erased: BTreeSet<u64>,
    /// The index of the entry expected next, and those that were damaged: what rests on them is not judged, since one
    /// damaged byte would otherwise be reported many times.
    next: u64,
    unread: Vec<std::ops::Range<u64>>,
}

impl<'a> Check<'a> {
    fn new(disk: &'a Disk, origin: &'a str, seed: [u8; 32]) -> Check<'a> {
        Check {
            disk,
            origin,
            seed,
            report: Report::default(),
            last: None,
            kinds: BTreeMap::new(),
            names: BTreeMap::new(),
            register: BTreeSet::new(),
            datasets: BTreeMap::new(),
            removals: Vec::new(),
            releases: Vec::new(),
            catalogues: BTreeMap::new(),
            states: BTreeMap::new(),
            screenings: Vec::new(),
            unscreened: BTreeMap::new(),
            erased_unscreened: 0,
            erased: BTreeSet::new(),
            next: 0,
            unread: Vec::new(),
        }
    }

    fn damage(&mut self, what: String) {
        if self.report.damage.len() < MAX_FINDINGS {
            self.report.damage.push(what);
        } else {
            self.report.omitted += 1;
        }
    }

    fn is_unread(&self, index: u64) -> bool {
        let after = self.unread.partition_point(|range| range.start <= index);
        after > 0 && self.unread[after - 1].contains(&index)
    }

    // --- entries, in order ---

    fn entry(&mut self, index: u64, text: Option<&[u8]>) {
        if index > self.next {
            self.unread.push(self.next..index);
        }
        self.next = index + 1;
        let Some(text) = text else {
            self.report.erased += 1;
            self.erased_unscreened += 1;
            self.erased.insert(index);
            return;
        };
        let statement = match parse(index, text) {
            Ok(statement) => statement,
            Err(error) => {
                self.unread.push(index..index + 1);
                return self.damage(error.to_string());
            }
        };
        let (kind, at) = statement.head();
        *self.report.entries.entry(kind).or_default() += 1;
        if self.last.is_some_and(|(_, before, _)| at < before) {
            self.damage(format!("entry {index}: dated {at}, before the entry that precedes it"));
        }
        self.last = Some((index, at, kind));
        self.references(index, &statement);
        self.register_rows(index, &statement);
        if kind != Kind::Admission {
            self.kinds.insert(index, kind);
        }
        self.meaning(index, statement);
    }

    fn references(&mut self, index: u64, statement: &Statement) {
        for (named, kinds) in statement.names() {
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
                crate::statement::RegisterKey::Entry(_) | crate::statement::RegisterKey::Run(_) => None,
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

    fn meaning(&mut self, index: u64, statement: Statement) {
        match statement {
            Statement::Ledger(ledger) => {
                if index != 0 || ledger.origin != self.origin {
                    self.damage(format!("entry {index}: is not this log's first entry"));
                }
            }
            Statement::Dataset(dataset) => {
                let total = Total { rows: KeyedSum::new(&self.seed), works: 0, bytes: 0 };
                self.datasets.insert(index, Seen { dataset, total });
            }
            Statement::Admission(admission) => {
                let (rows, fact) = admission_rows(index, &admission);
                *self.unscreened.entry(admission.dataset).or_default() += 1;
                if let Some(Seen { total, .. }) = self.datasets.get_mut(&admission.dataset) {
                    distinct(rows).iter().for_each(|row| total.rows.add(row));
                    total.works += u64::from(fact.work == index);
                    total.bytes = total.bytes.saturating_add(fact.bytes);
                }
            }
            Statement::Grant(grant) => {
                if let Ok(Subject::Catalogue(rows)) = grant.terms().map(|t| t.subject) {
                    self.catalogues.insert(index, rows);
                }
            }
            Statement::Screening(screening) => self.screening(index, screening),
            Statement::Release(release) => {
                if release.log_size != index {
                    self.damage(format!("entry {index}: is a release of log size {}", release.log_size));
                }
                let seen = self.datasets.get(&release.dataset).map(|s| s.total.clone());
                self.releases.extend(seen.map(|total| (index, release, total)));
            }
            Statement::State(state) => {
                if state.log_size != index {
                    self.damage(format!("entry {index}: is a state of log size {}", state.log_size));
                }
                let whole = self.unread.is_empty();
                match if whole { root(rows::Kind::Register, &self.register) } else { Ok(state.register) } {
                    Ok(register) if register == state.register => {}
                    _ => self.damage(format!("entry {index}: its register is not that of the entries before it")),
                }
                self.states.insert(index, state.register);
            }
            Statement::Withdrawal(w) => {
                if w.entries.last().is_some_and(|r| r.first.saturating_add(r.count) > index) {
                    self.damage(format!("entry {index}: withdraws entries that are not before it"));
                }
                self.removals.push((index, Statement::Withdrawal(w)));
            }
            Statement::Erasure(_) => self.removals.push((index, statement)),
            Statement::Correction(_) | Statement::Dispute(_) | Statement::GrantEnd(_) => {}
            Statement::Key(_) | Statement::Run(_) => {}
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
        self.screenings.push(screening);
    }

    fn last_entry(&mut self, size: u64) {
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

    // --- the files that entries name ---

    fn files(&mut self, log: &LogReader) -> Result<(), LedgerError> {
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
            if self.rows_file(&path, rows::Kind::Release, release.rows) && self.unread.is_empty() {
                self.release(log, index, &release, &path, total)?;
            }
            expected.insert(path);
        }
        for screening in std::mem::take(&mut self.screenings) {
            expected.insert(self.digest("rules", &screening.rules)?);
            for list in &screening.lists {
                let path = catalogue_path(&list.rows.root);
                self.rows_file(&path, rows::Kind::Catalogue, list.rows);
                expected.insert(path);
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
        match root_of(self.disk, path, kind, false) {
            Ok((count, root)) if (RowsRef { count, root }) == signed => true,
            Ok(_) => {
                self.damage(format!("{path} is damaged: it has not the signed root"));
                false
            }
            Err(error) => {
                self.damage(error.to_string());
                false
            }
        }
    }

    /// Checks that the rows are those of the admissions that count, and so are works and bytes.
    fn release(
        &mut self,
        log: &LogReader,
        index: u64,
        release: &Release,
        path: &str,
        mut expected: Total,
    ) -> Result<(), LedgerError> {
        let mut removed = Removed::default();
        for (_, s) in self.removals.iter().filter(|(at, _)| *at < index) {
            removed.add(release.dataset, s);
        }
        if !removed.is_empty() {
            // Few releases have removals before them; only those cost another pass over the log.
            let counted = admissions(log, release.dataset, index).map(|read| {
                let (at, rows, fact) = read?;
                if removed.has(at) {
                    rows.iter().for_each(|row| expected.rows.subtract(row));
                }
                Ok::<_, LedgerError>(fact)
            });
            (expected.works, expected.bytes) = seal::count(counted, &removed)?;
        }
        let mut sum = KeyedSum::new(&self.seed);
        let mut erased = false;
        for row in RowsFile::open(self.disk, path, rows::Kind::Release)?.stream() {
            let row = row?;
            // An admission that was erased after the release still has its rows there; what it said is gone.
            if self.erased.contains(&row.value) { erased = true } else { sum.add(&row) }
        }
        if sum != expected.rows {
            self.damage(format!("entry {index}: the rows in {path} are not those of the dataset's admissions"));
        }
        if !erased && (release.works, release.bytes) != (expected.works, expected.bytes) {
            self.damage(format!("entry {index}: counts other works or bytes than the dataset's admissions have"));
        }
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

fn erased(statement: &Statement) -> Option<u64> {
    if let Statement::Erasure(erasure) = statement { Some(erasure.entry) } else { None }
}

type Read = Result<(u64, Vec<Row>, AdmissionFact), LedgerError>;

/// The admissions of a dataset below a log index, with their rows and facts.
fn admissions(log: &LogReader, dataset: u64, below: u64) -> impl Iterator<Item = Read> {
    log.entries(0..below).filter_map(move |entry| match entry {
        Err(error) => Some(Err(error.into())),
        Ok((_, Entry::Erased(_))) => None,
        Ok((index, Entry::Text(text))) => match parse(index, &text) {
            Ok(Statement::Admission(a)) if a.dataset == dataset => {
                let (rows, fact) = admission_rows(index, &a);
                Some(Ok((index, distinct(rows), fact)))
            }
            _ => None,
        },
    })
}

/// An identifier that stands in two embodiments is one row.
fn distinct(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_unstable();
    rows.dedup();
    rows
}

/// The root of rows in memory.
fn root(kind: rows::Kind, rows: &BTreeSet<Row>) -> Result<RowsRef, RowsError> {
    let count = rows.len() as u64;
    let mut builder = Builder::new(kind, count, |_, _| Ok::<(), RowsError>(()))?;
    rows.iter().try_for_each(|row| builder.push(*row))?;
    Ok(RowsRef { count, root: builder.finish()? })
}
