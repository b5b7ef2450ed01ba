//! What a dataset has, committed and under way: the duplicate check of batch after batch.
//!
//! The first keys are looked up as they are: many commands have no more. From then on a filter says which keys may be
//! there, which among new works are few; to make it everything is read once.

use super::filter::Filter;
use super::pending::PendingRun;
use super::runs::{AdmissionFact, Runs};
use super::{IndexError, Run};
use crate::rows::{Key, Row};

/// Keys that are looked up before there is a filter: fewer than a full batch has.
const FILTER_FROM: usize = 1 << 16;

/// The works of a dataset, by key.
#[derive(Debug)]
pub struct Seen {
    committed: Runs,
    pending: PendingRun,
    filter: Option<Filter>,
    /// Keys that were looked up without one.
    asked: usize,
}

impl Seen {
    /// Of the committed runs of a dataset, and one under way.
    pub fn new(committed: Runs, pending: PendingRun) -> Seen {
        Seen { committed, pending, filter: None, asked: 0 }
    }

    /// For ascending keys, calls `each` with the place of a key and every admission that has it.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn join(&mut self, keys: &[Key], mut each: impl FnMut(usize, u64)) -> Result<(), IndexError> {
        if self.filter.is_none() && self.asked >= FILTER_FROM && !self.pending.is_empty() {
            let mut filter = Filter::default();
            self.committed.keys().chain(self.pending.keys()).try_for_each(|key| key.map(|key| filter.add(&key)))?;
            self.filter = Some(filter);
        }
        let Some(filter) = &self.filter else {
            self.asked += keys.len();
            self.committed.join(keys, &mut each)?;
            return self.pending.join(keys, each);
        };
        let may_be = keys.iter().enumerate().filter(|(_, key)| filter.may_have(key)).map(|(place, key)| (place, *key));
        let (places, few): (Vec<usize>, Vec<Key>) = may_be.unzip();
        self.committed.join(&few, |i, admission| each(places[i], admission))?;
        self.pending.join(&few, |i, admission| each(places[i], admission))
    }

    /// Adds the rows of a batch, in any order, and the facts of its admissions, in log order.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn add(&mut self, rows: Vec<Row>, facts: Vec<AdmissionFact>) -> Result<(), IndexError> {
        if let Some(filter) = &mut self.filter {
            rows.iter().for_each(|row| filter.add(&row.key));
        }
        self.pending.add(rows, facts)
    }

    /// The first admission of the work that an added admission is of; `None` if it was not added.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn first_of(&self, index: u64) -> Result<Option<u64>, IndexError> {
        self.pending.first_of(index)
    }

    /// Writes the run under way for the log indices up to `end`; `None` if nothing was added.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn finish(self, end: u64) -> Result<Option<Run>, IndexError> {
        self.pending.finish(end)
    }
}
