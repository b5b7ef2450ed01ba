//! Withdrawing works from a dataset: their admissions leave every release that is sealed afterwards. Earlier releases
//! stay as they were sealed, and a work may be admitted again.
//!
//! What is meant is found in the dataset's index runs, a batch of works at a time, sorted and joined. A work is all of
//! its admissions: those that are found, and those that are of the same work. Whatever was withdrawn or erased before is
//! in the dataset no longer, so it is not found.
//!
//! A withdrawal names ranges of the log, of which its dataset's admissions leave (docs/formats/statements.md,
//! "withdrawal"). So a range may reach over entries that are no admissions of the dataset, or have left it before; never
//! over one that stays. That makes the fewest ranges; where one statement has no room for them, several make one commit.
//!
//! Invariant: memory is two bits for each entry of the log, one batch of works, and the ranges.

use super::bitmap::Bitmap;
use super::check::{Answer, Asking, Counts};
use super::source::{Asked, Opening, Source};
use super::view::Removed;
use super::{LedgerError, Why, Writer, show};
use crate::index::Runs;
use crate::ingest::{Mapping, Progress};
use crate::rows::{Key, work_key};
use crate::statement::limit::MAX_RANGES;
use crate::statement::withdrawal::IndexRange;
use crate::statement::{Identifier, Is, Name, ReleaseName, Statement, V1, Withdrawal, json};
use crate::tlog::VerifiedCheckpoint;
use crate::tlog::tile::MAX_ENTRY_LEN;
use std::collections::BTreeSet;

/// What is withdrawn.
pub enum Which<'a> {
    /// The works that these identifiers name; each must be in the dataset.
    Named(Vec<Identifier>),
    /// Those works of these sources that are in the dataset.
    Listed(Listed<'a>),
    /// What is left of a batch, given by the log index of its screening.
    Batch(u64),
}

/// Sources of works, and who wants to know what became of each.
pub struct Listed<'a> {
    /// Catalogues, folders or files.
    pub sources: Vec<Source>,
    /// What columns mean.
    pub map: Vec<Mapping>,
    /// Who watches, and may stop it.
    pub progress: Progress,
    /// Is given the answer for each work, in their order: whether it is in the dataset.
    pub each: &'a mut dyn FnMut(&Answer) -> Result<(), LedgerError>,
}

/// What was withdrawn, or would be.
#[derive(Debug, Clone)]
pub struct Withdrawn {
    /// The works of the sources, by whether they were in the dataset.
    pub asked: Counts,
    /// Works that leave, or leave in part where a batch is withdrawn.
    pub works: u64,
    /// Their admissions.
    pub admissions: u64,
    /// Ranges of the log that name them.
    pub ranges: u64,
    /// Log indices of the statements; none in a dry run.
    pub entries: Vec<u64>,
    /// The releases that were sealed with some of them, and with how many: they stay as they are.
    pub releases: Vec<(ReleaseName, u64)>,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// The checkpoint afterwards, if it was recorded.
    pub checkpoint: Option<VerifiedCheckpoint>,
}

/// Withdraws works from a dataset; in a dry run only says what would be withdrawn.
///
/// # Errors
/// There is no such dataset or batch, a work that is named or every work that is listed is not in it, or a source cannot
/// be read. Then nothing was recorded.
pub fn withdraw(
    writer: Writer,
    dataset: &Name,
    which: Which<'_>,
    why: Why,
    dry_run: bool,
) -> Result<Withdrawn, LedgerError> {
    let mut taking = Taking::open(&writer, dataset)?;
    let mut asked = Counts::default();
    match which {
        Which::Named(identifiers) => taking.named(identifiers)?,
        Which::Listed(listed) => asked = taking.listed(&writer, listed)?,
        Which::Batch(screening) => taking.batch(&writer, screening)?,
    }
    let (works, ranges) = taking.ranges()?;
    let releases = taking.releases(&writer)?;
    let log_size = writer.view().log().size();
    let withdrawn = Withdrawn {
        asked,
        works,
        admissions: taking.taken.count(),
        ranges: ranges.len() as u64,
        entries: Vec::new(),
        releases,
        log_size,
        checkpoint: None,
    };
    if dry_run { Ok(withdrawn) } else { record(writer, taking.dataset, ranges, &why, withdrawn) }
}

/// What leaves a dataset, as it is found.
struct Taking {
    name: Name,
    dataset: u64,
    runs: Runs,
    removed: Removed,
    taken: Bitmap,
    size: u64,
}

impl Taking {
    fn open(writer: &Writer, name: &Name) -> Result<Taking, LedgerError> {
        let (dataset, _) = writer.view().dataset(name)?;
        let size = writer.next();
        Ok(Taking {
            name: name.clone(),
            dataset,
            runs: writer.index().runs(dataset)?,
            removed: writer.view().removed(dataset, size)?,
            taken: Bitmap::below(size),
            size,
        })
    }

    fn named(&mut self, identifiers: Vec<Identifier>) -> Result<(), LedgerError> {
        let keys: BTreeSet<Key> = identifiers.iter().map(|id| work_key(id.as_str())).collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let mut found = BTreeSet::new();
        self.join(&keys, &mut |place, _| {
            found.insert(keys[place]);
        })?;
        let missing = identifiers.iter().filter(|id| !found.contains(&work_key(id.as_str())));
        let missing: Vec<Identifier> = missing.cloned().collect();
        if !missing.is_empty() {
            return Err(LedgerError::NotIn { dataset: self.name.clone(), missing });
        }
        self.whole_works()
    }

    fn listed(&mut self, writer: &Writer, listed: Listed<'_>) -> Result<Counts, LedgerError> {
        let Listed { sources, map, progress, each } = listed;
        let opening =
            Opening { map: &map, progress: &progress, ledger: Some(writer.disk()), remember: None, asks: true };
        let mut asking = Asking::new(sources, &opening, Asked::itself, self.runs.count());
        let mut counts = Counts::default();
        loop {
            let batch = asking.batch()?;
            if batch.is_empty() {
                break;
            }
            for answer in batch.answered(|keys, found| self.join(keys, found))? {
                counts.add(&answer);
                each(&answer)?;
            }
        }
        if progress.stopped() {
            return Err(LedgerError::Interrupted);
        }
        match counts {
            Counts { rows: 0, .. } => Err(LedgerError::NothingAsked),
            Counts { present: 0, rows, .. } => Err(LedgerError::NoneIn { dataset: self.name.clone(), asked: rows }),
            counts => self.whole_works().map(|()| counts),
        }
    }

    fn batch(&mut self, writer: &Writer, screening: u64) -> Result<(), LedgerError> {
        let first = match writer.view().statement(screening)? {
            Statement::Screening(s) if s.dataset == self.dataset => s.first_entry,
            _ => {
                let (dataset, known) = (self.name.clone(), self.batches(writer)?);
                return Err(LedgerError::NoBatch { index: screening, dataset, known });
            }
        };
        for fact in self.runs.facts() {
            let index = fact?.index;
            if (first..screening).contains(&index) && !self.removed.has(index) {
                self.taken.add(index);
            }
        }
        if self.taken.count() == 0 { Err(LedgerError::BatchGone { index: screening }) } else { Ok(()) }
    }

    /// The screenings of the dataset that admitted anything, the newest first.
    fn batches(&self, writer: &Writer) -> Result<Vec<u64>, LedgerError> {
        let own = |(index, statement)| match statement {
            Statement::Screening(s) if s.dataset == self.dataset && s.admitted > 0 => Some(index),
            _ => None,
        };
        Ok(show::commits(writer.view())?.into_iter().filter_map(own).collect())
    }

    /// Takes every admission that has one of these keys, ascending, and is still in the dataset, and hands it out with
    /// the key's place.
    fn join(&mut self, keys: &[Key], each: &mut dyn FnMut(usize, u64)) -> Result<(), LedgerError> {
        let Taking { runs, removed, taken, .. } = self;
        runs.join(keys, |place, admission| {
            if !removed.has(admission) {
                taken.add(admission);
                each(place, admission);
            }
        })?;
        Ok(())
    }

    /// Takes the other admissions of every work of which one is taken.
    fn whole_works(&mut self) -> Result<(), LedgerError> {
        let works = self.works()?;
        for fact in self.runs.facts() {
            let fact = fact?;
            if works.has(fact.work) && !self.removed.has(fact.index) {
                self.taken.add(fact.index);
            }
        }
        Ok(())
    }

    /// The works of which admissions are taken, each marked at its first one.
    fn works(&self) -> Result<Bitmap, LedgerError> {
        let mut works = Bitmap::below(self.size);
        for fact in self.runs.facts() {
            let fact = fact?;
            if self.taken.has(fact.index) {
                works.add(fact.work);
            }
        }
        Ok(works)
    }

    /// How many works there are, and the fewest ranges that name what is taken and nothing that stays.
    fn ranges(&self) -> Result<(u64, Vec<IndexRange>), LedgerError> {
        let mut ranges: Vec<IndexRange> = Vec::new();
        let mut goes_on = false;
        for fact in self.runs.facts() {
            let index = fact?.index;
            match (self.taken.has(index), ranges.last_mut()) {
                (true, Some(range)) if goes_on => range.count = index - range.first + 1,
                (true, _) => ranges.push(IndexRange { count: 1, first: index }),
                (false, _) => {}
            }
            goes_on = self.taken.has(index) || goes_on && self.removed.has(index);
        }
        Ok((self.works()?.count(), ranges))
    }

    /// The sealed releases of the dataset that have some of what is taken.
    fn releases(&self, writer: &Writer) -> Result<Vec<(ReleaseName, u64)>, LedgerError> {
        let releases = writer.view().releases(&self.name)?;
        let mut counts = vec![0; releases.len()];
        let mut next = self.taken.next_from(0);
        while let Some(index) = next {
            // What is in a dataset now has been in it since it was admitted.
            let after = releases.partition_point(|r| r.release.log_size <= index);
            counts.iter_mut().skip(after).take(1).for_each(|count| *count += 1);
            next = self.taken.next_from(index + 1);
        }
        let mut total = 0;
        let with = releases.into_iter().zip(counts).map(|(release, count)| {
            total += count;
            (release.name, total)
        });
        Ok(with.filter(|(_, count)| *count > 0).collect())
    }
}

/// Appends the statements and commits them at once.
fn record(
    mut writer: Writer,
    dataset: u64,
    ranges: Vec<IndexRange>,
    why: &Why,
    mut withdrawn: Withdrawn,
) -> Result<Withdrawn, LedgerError> {
    let mut ranges = ranges.into_iter().peekable();
    while ranges.peek().is_some() {
        let (at, salt, Why { because, note }) = (writer.now(), writer.salt(), why.clone());
        let mut withdrawal = Withdrawal { at, because, dataset, entries: Vec::new(), kind: Is, note, salt, v: V1 };
        let mut room = MAX_ENTRY_LEN.saturating_sub(json::print(&withdrawal).len());
        // With its comma; one is taken in any case, and refused if there is no room even for that.
        while let Some(range) = ranges.next_if(|r| withdrawal.entries.is_empty() || json::print(r).len() < room) {
            room = room.saturating_sub(json::print(&range).len() + 1);
            withdrawal.entries.push(range);
            if withdrawal.entries.len() == MAX_RANGES {
                break;
            }
        }
        withdrawn.entries.push(writer.append(&Statement::Withdrawal(withdrawal))?);
    }
    let checkpoint = writer.commit(true)?;
    withdrawn.log_size = checkpoint.size();
    withdrawn.checkpoint = Some(checkpoint);
    Ok(withdrawn)
}
