//! Checking a whole ledger: every byte of the log, and everything that its statements say of each other and of the
//! files beside it. For its owner, by the key in its settings ([`fsck`]); for an auditor with a copy, by hers, with every
//! admission judged again ([`audit`]).
//!
//! | file | checks |
//! |---|---|
//! | here | the log itself, through `log::fsck`; what is common to all |
//! | `entries` | statements, in their order: times, references, names, registers, counts |
//! | `files` | what statements name beside the log: releases, registers, catalogues, rules, reports |
//! | `judge` | the gate's decisions |
//! | `witnessed` | when entries joined the log, as witnesses saw it |
//!
//! Statements are read on every core and checked in order, with memory for what is small (names, references, releases)
//! and a running product for what is large: a release's rows are compared with those of its admissions by a keyed product,
//! whose key nobody knows beforehand. So nothing is sorted or stored.

mod entries;
mod files;
mod judge;
mod witnessed;

pub use judge::{Difference, Judged};

use super::reindex::Said;
use super::view::{View, open_folder};
use super::{LedgerError, Now, run};
use crate::log::{self, CHECKPOINT, LogReader};
use crate::rows::{KeyedProduct, Row};
use crate::statement::dsse::DisputeClaim;
use crate::statement::{Dataset, Kind, Release, ReleaseName, RowsRef, Screening, Statement, Time};
use crate::storage::Disk;
use crate::tlog::{Cosigner, VerifiedCheckpoint, VerifierKey};
use crate::verify::Trust;
use files::FoundRows;
use judge::Judge;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use witnessed::Witnessed;

/// Findings of each kind that a report lists; the rest is counted.
pub const MAX_FINDINGS: usize = 1000;

/// What is wrong with a ledger.
#[derive(Debug, Default)]
pub struct Report {
    /// Size of the log at its checkpoint.
    pub log_size: u64,
    /// Entries of each kind.
    pub entries: BTreeMap<Kind, u64>,
    /// Erased entries.
    pub erased: u64,
    /// Releases, in log order.
    pub releases: Vec<(u64, ReleaseName, Release)>,
    /// What is wrong, each with the file or entry that has it.
    pub damage: Vec<String>,
    /// Entries that a state or release, named first, leaves out though it must have them.
    pub hidden: Vec<(u64, u64)>,
    /// Files that nothing names.
    pub leftovers: Vec<String>,
    /// What was found after the lists were full.
    pub omitted: u64,
}

impl Report {
    fn damage(&mut self, what: String) {
        if self.damage.len() < MAX_FINDINGS {
            self.damage.push(what);
        } else {
            self.omitted += 1;
        }
    }

    fn hidden(&mut self, statement: u64, entry: u64) {
        self.damage(format!("entry {statement}: its rows leave out entry {entry}"));
        if self.hidden.len() < MAX_FINDINGS {
            self.hidden.push((statement, entry));
        }
    }
}

/// What an auditor finds in a copy of a ledger.
#[derive(Debug)]
pub struct Audit {
    /// What is wrong with it.
    pub report: Report,
    /// The log's key, of those in the policy.
    pub log_key: VerifierKey,
    /// What the judge says of its admissions.
    pub judged: Judged,
    /// By when the policy's quorum had seen the checkpoint, if the policy asks for one.
    pub witnessed_at: Option<Time>,
    /// The policy's witnesses that have cosigned it.
    pub witnesses: Vec<Cosigner>,
}

impl Audit {
    /// Whether nothing is wrong with the ledger and every admission is what the gate must have let in.
    pub fn is_sound(&self) -> bool {
        self.report.damage.is_empty() && self.judged.differences.is_empty()
    }
}

/// Checks the ledger in a folder. Needs no lock, changes nothing. `now.seed` keys the products.
///
/// # Errors
/// There is no ledger, or a folder cannot be listed. Damage is in the report.
pub fn fsck(dir: &Path, now: Now) -> Result<Report, LedgerError> {
    let (disk, settings, key) = open_folder(dir)?;
    let mut check = Check::new(&disk, &settings.origin, now.seed);
    check.run(&key)?;
    Ok(check.report)
}

/// Checks a copy of a ledger by the keys and witnesses that an auditor trusts, and judges every admission again.
///
/// # Errors
/// There is no ledger, the policy has no log, or a folder cannot be listed. All else is in the report.
pub fn audit(dir: &Path, trust: &Trust, now: Now) -> Result<Audit, LedgerError> {
    if !dir.join(CHECKPOINT).is_file() {
        return Err(LedgerError::NoLedger { path: dir.display().to_string() });
    }
    let disk = Disk::open(dir)?;
    // Of several logs, the one whose log it is; of none, the copy's checkpoint is damage.
    let logs = trust.policy.logs();
    let own = logs.iter().find(|key| LogReader::open(&disk, key).is_ok());
    let log_key = own.or(logs.first()).cloned().ok_or(LedgerError::NoLogKey)?;
    let origin = log_key.name().to_owned();
    let witnessed = Witnessed::read(&disk, &log_key, &trust.policy)?;
    let mut check = Check::new(&disk, &origin, now.seed);
    check.judge = Some(Judge::new(&disk, &log_key, &trust.licensors, witnessed));
    let checkpoint = check.run(&log_key)?;
    let (mut report, judge) = (check.report, check.judge);
    let (mut witnessed_at, mut witnesses) = (None, Vec::new());
    match checkpoint.map(|c| witnessed::newest(&disk, &log_key, &trust.policy, &c)) {
        Some(Ok(newest)) => (witnessed_at, witnesses) = newest,
        Some(Err(error)) => report.damage(format!("the checkpoint: {error}")),
        None => {}
    }
    let mut judged = judge.map(Judge::finish).unwrap_or_default();
    // What runs rest on is read through the register and the releases, which have just been held against the entries.
    if report.damage.is_empty() {
        match View::of(&disk, &log_key).and_then(|view| run::judge_again(&view)) {
            Ok(again) => judged.runs(again),
            Err(error) => report.damage(error.to_string()),
        }
    }
    Ok(Audit { report, log_key, judged, witnessed_at, witnesses })
}

/// What was seen of one dataset so far.
struct Seen {
    dataset: Dataset,
    total: Total,
}

/// What all admissions of a dataset come to, none removed.
#[derive(Clone)]
struct Total {
    rows: KeyedProduct,
    works: u64,
    bytes: u64,
}

/// A check of a ledger under way: [`Check::log`] first, then [`Check::files`].
pub(super) struct Check<'a> {
    disk: &'a Disk,
    origin: &'a str,
    seed: [u8; 32],
    pub(super) report: Report,
    /// Of an auditor.
    judge: Option<Judge<'a>>,
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
    /// Disputes, with their indices.
    disputes: Vec<(u64, DisputeClaim)>,
    states: BTreeMap<u64, RowsRef>,
    /// The registers of states that are not those of the entries before them.
    contested: BTreeMap<u64, RowsRef>,
    /// What the rows of releases come to that were read before their turn, by path.
    sealed: BTreeMap<String, FoundRows>,
    screenings: Vec<(u64, Screening)>,
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
    /// Of the ledger with this origin; `seed` keys the products.
    pub(super) fn new(disk: &'a Disk, origin: &'a str, seed: [u8; 32]) -> Check<'a> {
        Check {
            disk,
            origin,
            seed,
            report: Report::default(),
            judge: None,
            last: None,
            kinds: BTreeMap::new(),
            names: BTreeMap::new(),
            register: BTreeSet::new(),
            datasets: BTreeMap::new(),
            removals: Vec::new(),
            releases: Vec::new(),
            catalogues: BTreeMap::new(),
            disputes: Vec::new(),
            states: BTreeMap::new(),
            contested: BTreeMap::new(),
            sealed: BTreeMap::new(),
            screenings: Vec::new(),
            unscreened: BTreeMap::new(),
            erased_unscreened: 0,
            erased: BTreeSet::new(),
            next: 0,
            unread: Vec::new(),
        }
    }

    /// Checks everything; gives the checkpoint that it was held against.
    fn run(&mut self, key: &VerifierKey) -> Result<Option<VerifiedCheckpoint>, LedgerError> {
        let checkpoint = self.log(key, |_, _| ())?;
        self.files(checkpoint.as_ref())?;
        Ok(checkpoint)
    }

    /// Checks the log and what its statements say of each other, and gives the checkpoint that they were held against.
    /// `each` is given every undamaged entry, in order, once it was checked.
    pub(super) fn log(
        &mut self,
        key: &VerifierKey,
        mut each: impl FnMut(u64, &Said),
    ) -> Result<Option<VerifiedCheckpoint>, LedgerError> {
        let (seed, is_judged) = (self.seed, self.judge.is_some());
        let read =
            |reliance: &mut _, index, text: Option<&[u8]>| entries::read(reliance, index, text, &seed, is_judged);
        let log = log::fsck(self.disk, key, read, |index, entry| {
            self.entry(index, entry);
            each(index, &entry.said);
        })?;
        let size = log.checkpoint.as_ref().map_or(0, VerifiedCheckpoint::size);
        self.report.log_size = size;
        self.report.omitted += log.damage_omitted + log.leftovers_omitted;
        log.damage.iter().for_each(|what| self.damage(what.to_string()));
        self.report.leftovers.extend(log.leftovers);
        self.last_entry(size);
        Ok(log.checkpoint)
    }

    /// Checks the files beside the log against its statements.
    pub(super) fn files(&mut self, checkpoint: Option<&VerifiedCheckpoint>) -> Result<(), LedgerError> {
        self.registers();
        self.ending();
        match checkpoint.map(|checkpoint| LogReader::at(self.disk, checkpoint.clone())) {
            Some(Ok(reader)) => {
                self.disputes(&reader);
                self.named_files(&reader)
            }
            _ => {
                self.damage("the log cannot be read, so releases and catalogues were not checked".to_owned());
                Ok(())
            }
        }
    }

    /// A dispute is about this log and the leaf of the entry that it names: verifiers refuse every proof that has to show
    /// another.
    fn disputes(&mut self, log: &LogReader) {
        for (index, claim) in std::mem::take(&mut self.disputes) {
            // A leaf that cannot be read is damage of its own, and reported as that.
            let is_leaf = log.leaf(claim.entry).map_or(true, |leaf| leaf == claim.leaf);
            if claim.origin != self.origin || !is_leaf {
                self.damage(format!("entry {index}: is a dispute of another log or entry"));
            }
        }
    }

    fn damage(&mut self, what: String) {
        self.report.damage(what);
    }

    fn is_unread(&self, index: u64) -> bool {
        let after = self.unread.partition_point(|range| range.start <= index);
        after > 0 && self.unread[after - 1].contains(&index)
    }
}
