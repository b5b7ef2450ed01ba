//! `withdraw`: what leaves a dataset, and where it stays.

use super::answers::Unanswered;
use super::{counted, grouped, listed, plain, table, wrapped};
use crate::ledger::Why;
use crate::ledger::withdraw::Withdrawn;
use crate::statement::Name;
use serde::Serialize;

/// A withdrawal, or what one would be.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works of the sources that are not in the dataset.
    pub absent: u64,
    /// Admissions that leave.
    pub admissions: u64,
    /// Works of the sources.
    pub asked: u64,
    /// Why, as a code of the lab's.
    pub because: String,
    /// The dataset.
    pub dataset: String,
    /// Whether nothing was recorded, since that was asked.
    pub dry_run: bool,
    /// Log indices of the withdrawals: several where one has no room.
    pub entries: Vec<u64>,
    /// Works of the sources of which nothing can be said: without a valid identifier.
    pub invalid: u64,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// Why, in words.
    pub note: Option<String>,
    /// Ranges of the log that name them.
    pub ranges: u64,
    /// The releases that were sealed with some of them, which stay as they are.
    pub releases: Vec<Keeps>,
    /// Works that leave.
    pub works: u64,
}

/// A release that keeps what is withdrawn.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Keeps {
    /// How many of the admissions it has.
    pub admissions: u64,
    /// Its name.
    pub release: String,
}

impl Report {
    /// From the ledger.
    pub fn new(withdrawn: &Withdrawn, dataset: &Name, why: Why) -> Report {
        let keeps =
            |(name, admissions): &(_, u64)| Keeps { admissions: *admissions, release: ToString::to_string(name) };
        Report {
            absent: withdrawn.asked.absent,
            admissions: withdrawn.admissions,
            asked: withdrawn.asked.rows,
            because: why.because,
            dataset: dataset.to_string(),
            dry_run: withdrawn.checkpoint.is_none(),
            entries: withdrawn.entries.clone(),
            invalid: withdrawn.asked.invalid,
            log_size: withdrawn.log_size,
            note: why.note,
            ranges: withdrawn.ranges,
            releases: withdrawn.releases.iter().map(keeps).collect(),
            works: withdrawn.works,
        }
    }

    /// For people.
    pub fn text(&self, unanswered: &Unanswered) -> String {
        let mut text = self.sources(unanswered);
        let (works, of) = (counted(self.works, "work", "works"), counted(self.admissions, "admission", "admissions"));
        let verb = if self.dry_run { "would leave" } else { "withdrawn from" };
        text += &format!("{verb} {}: {works} ({of})\n", self.dataset);
        for keeps in &self.releases {
            let of = counted(keeps.admissions, "of them stays", "of them stay");
            text += &format!("  {} was sealed before: {of} in it\n", keeps.release);
        }
        if self.dry_run {
            return text + "\ndry run: nothing was recorded\n";
        }
        text += &wrapped("recorded as ", &format!("{}: {}", self.recorded_as(), plain(&self.because)));
        if self.entries.len() > 1 {
            let ranges = counted(self.ranges, "range", "ranges");
            let shown = format!("they stand in {ranges} of the log, which every later proof of {} shows", self.dataset);
            text += &wrapped("", &shown);
        }
        text + &format!("the next release of {} is without them\n", self.dataset)
    }

    /// The statements, which follow one another in the log.
    fn recorded_as(&self) -> String {
        match (self.entries.first(), self.entries.last()) {
            (Some(first), Some(last)) if first != last => format!("entries {first} to {last}"),
            (first, _) => format!("entry {}", listed(first)),
        }
    }

    /// What became of the works of the sources.
    fn sources(&self, unanswered: &Unanswered) -> String {
        if self.asked == 0 {
            return String::new();
        }
        let row = |name: &str, count: u64| vec![format!("  {name}"), grouped(count)];
        let mut rows =
            vec![row("in the dataset", self.asked - self.absent - self.invalid), row("not in it", self.absent)];
        if self.invalid > 0 {
            rows.push(row("without a valid identifier", self.invalid));
        }
        let asked = counted(self.asked, "work", "works");
        format!("{asked} asked of {}\n{}{}\n", self.dataset, table(&rows), unanswered.text())
    }
}
