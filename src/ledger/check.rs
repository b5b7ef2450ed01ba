//! Answers without a proof: which works of a source are in a release.

use super::candidate::{Place, SourceWork};
use super::seal::release_path;
use super::source::{Asked, Opening, Presence, Source, Works};
use super::{LedgerError, View};
use crate::index::{RowsFile, root_of};
use crate::rows::{self, Key, work_key};
use crate::statement::{Identifier, ReleaseName, RowsRef};
use serde::Serialize;
use std::ops::Range;
use std::sync::Arc;

/// Admissions named for one identifier; what matters is that there are any.
pub const MAX_ENTRIES: usize = 100;

/// The most works that are looked up at once, in one pass over the rows: some 300 MB of usual ones.
pub const MAX_BATCH_ANSWERS: usize = 1 << 20;

/// The fewest: in a small release passes cost less than memory.
const MIN_BATCH_ANSWERS: usize = 1 << 16;

/// Rows that are read for each work of a batch: beside looking a work up, reading so many costs little.
const ROWS_PER_ANSWER: usize = 16;

/// How many works of each answer there were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Works asked.
    pub rows: u64,
    /// In the release.
    pub present: u64,
    /// Not in it.
    pub absent: u64,
    /// Without a well-formed identifier.
    pub invalid: u64,
}

/// The answer about one work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Answer {
    /// `present`, `absent` or `invalid`.
    pub answer: Presence,
    /// The identifiers that the release has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Identifier>,
    /// Log indices of its admissions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<u64>,
    /// The identifiers that it was looked up by.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Where it stands in the source.
    #[serde(flatten)]
    pub place: Place,
    /// The source, as it was named.
    pub source: Arc<str>,
    /// Title, as the source has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// Looks every work of the sources up, and hands `each` answer out, in their order.
///
/// # Errors
/// There is no such release, a source cannot be read, or `each` fails.
pub fn check(
    view: &View,
    release: &ReleaseName,
    sources: Vec<Source>,
    opening: &Opening<'_>,
    each: &mut dyn FnMut(&Answer) -> Result<(), LedgerError>,
) -> Result<Counts, LedgerError> {
    let (index, statement) = view.release(release)?;
    let path = release_path(release);
    let file = RowsFile::open(view.disk(), &path, rows::Kind::Release)?;
    let mut asking = Asking::new(sources, opening, Asked::of, file.count());
    let (disk, mut counts) = (view.disk(), Counts::default());
    std::thread::scope(|scope| {
        // No proof goes with the answers, so none is given before the rows were held against the signed root.
        let hashed = scope.spawn(|| root_of(disk, &path, rows::Kind::Release, false));
        let join = |keys: &[Key], each: &mut dyn FnMut(usize, u64)| Ok(file.join(keys, |i, row| each(i, row.value))?);
        let mut answers = asking.batch()?.answered(join)?;
        let (count, root) = hashed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if (RowsRef { count, root }) != statement.rows {
            return Err(LedgerError::BadRows { path: path.clone(), index });
        }
        loop {
            for answer in answers {
                counts.add(&answer);
                each(&answer)?;
            }
            let batch = asking.batch()?;
            if batch.is_empty() {
                break;
            }
            answers = batch.answered(join)?;
        }
        Ok(())
    })?;
    Ok(counts)
}

impl Counts {
    pub(super) fn add(&mut self, answer: &Answer) {
        self.rows += 1;
        match answer.answer {
            Presence::Present => self.present += 1,
            Presence::Absent => self.absent += 1,
            Presence::Invalid => self.invalid += 1,
        }
    }
}

/// The works of all sources, a batch at a time.
pub(super) struct Asking<'a> {
    sources: std::vec::IntoIter<Source>,
    works: Option<Works>,
    opening: &'a Opening<'a>,
    /// What a work is asked by.
    ask: fn(&Arc<str>, SourceWork) -> Asked,
    /// Works in a batch.
    most: usize,
}

impl<'a> Asking<'a> {
    /// Nothing is opened yet; the works will be looked up in so many rows.
    pub fn new(
        sources: Vec<Source>,
        opening: &'a Opening<'a>,
        ask: fn(&Arc<str>, SourceWork) -> Asked,
        rows: u64,
    ) -> Asking<'a> {
        let most = (rows as usize / ROWS_PER_ANSWER).clamp(MIN_BATCH_ANSWERS, MAX_BATCH_ANSWERS);
        Asking { sources: sources.into_iter(), works: None, opening, ask, most }
    }

    /// The next works; none at the end.
    pub fn batch(&mut self) -> Result<Batch, LedgerError> {
        let (mut batch, mut chunk) = (Batch::default(), Vec::new());
        while batch.works.len() < self.most {
            let Some(works) = &mut self.works else {
                let Some(source) = self.sources.next() else { break };
                self.works = Some(Works::open(source, self.opening)?);
                continue;
            };
            works.next_chunk(&mut chunk)?;
            let (name, is_over) = (Arc::from(works.name()), chunk.is_empty());
            chunk.drain(..).for_each(|work| batch.add((self.ask)(&name, work)));
            if is_over {
                self.works = None;
            }
        }
        Ok(batch)
    }
}

/// Works that are looked up at once.
#[derive(Default)]
pub(super) struct Batch {
    works: Vec<Asked>,
    /// Each identifier by its key: (key, which work, which of its identifiers).
    asked: Vec<(Key, u32, u32)>,
}

impl Batch {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.works.is_empty()
    }

    fn add(&mut self, work: Asked) {
        let place = self.works.len() as u32;
        let identifiers = (0..).zip(&work.identifiers);
        self.asked.extend(identifiers.map(|(i, id)| (work_key(id.as_str()), place, i)));
        self.works.push(work);
    }

    /// Merges what is asked with rows: `join` is given the keys, ascending, and gives back the place of each that there
    /// is with every admission that has it.
    pub fn answered(
        self,
        join: impl FnOnce(&[Key], &mut dyn FnMut(usize, u64)) -> Result<(), LedgerError>,
    ) -> Result<Box<dyn Iterator<Item = Answer>>, LedgerError> {
        let Batch { works, mut asked } = self;
        asked.sort_unstable();
        let mut keys: Vec<Key> = asked.iter().map(|(key, ..)| *key).collect();
        keys.dedup();
        // Each key once: many works may share one that many admissions have.
        let mut found: Vec<(usize, u64)> = Vec::new();
        join(&keys, &mut |i, admission| {
            let of_key = found.len().checked_sub(MAX_ENTRIES).map(|first| found[first].0);
            if of_key != Some(i) {
                found.push((i, admission));
            }
        })?;
        // Of several files each begins with the first key.
        found.sort_by_key(|(i, _)| *i);
        let mut hits: Vec<(u32, u32, Range<usize>)> = Vec::new();
        let mut rest = asked.iter().peekable();
        let mut end = 0;
        for rows in found.chunk_by(|a, b| a.0 == b.0) {
            let (key, first) = (keys[rows[0].0], end);
            end += rows.len();
            while rest.next_if(|(asked, ..)| *asked < key).is_some() {}
            while let Some((_, place, which)) = rest.next_if(|(asked, ..)| *asked == key) {
                hits.push((*place, *which, first..end.min(first + MAX_ENTRIES)));
            }
        }
        hits.sort_unstable_by_key(|(place, which, _)| (*place, *which));
        let mut hits = hits.into_iter().peekable();
        Ok(Box::new((0..).zip(works).map(move |(place, work)| {
            let mut answer = Answer::unanswered(work);
            while let Some((_, which, rows)) = hits.next_if(|hit| hit.0 == place) {
                answer.add(which as usize, &found[rows]);
            }
            answer
        })))
    }
}

impl Answer {
    fn unanswered(work: Asked) -> Answer {
        Answer {
            answer: work.answer(false),
            by: Vec::new(),
            entries: Vec::new(),
            identifiers: work.identifiers,
            place: work.place,
            source: work.source,
            title: work.title,
            why: work.why,
        }
    }

    /// Takes one of its identifiers that the release has, and the rows of it: (of which key, log index).
    fn add(&mut self, which: usize, rows: &[(usize, u64)]) {
        self.answer = Presence::Present;
        self.by.push(self.identifiers[which].clone());
        self.entries.extend(rows.iter().map(|(_, entry)| entry));
        self.entries.sort_unstable();
        self.entries.dedup();
    }
}
