//! Answers without a proof: which works of a source are in a release.

use super::candidate::{Place, SourceWork};
use super::seal::release_path;
use super::source::{Asked, Opening, Presence, Source, Works};
use super::{LedgerError, View};
use crate::index::{RowsFile, root_of};
use crate::rows::{self, Key, work_key};
use crate::statement::{Identifier, ReleaseName, RowsRef};
use serde::Serialize;

/// Admissions named for one identifier; what matters is that there are any.
pub const MAX_ENTRIES: usize = 100;

/// Works that are looked up at once, in one pass over the rows: some 600 MB of usual ones.
pub const BATCH_ANSWERS: usize = 1 << 20;

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
    pub source: String,
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
    let mut asking = Asking::new(sources, opening, Asked::of);
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
    ask: fn(&str, SourceWork) -> Asked,
}

impl<'a> Asking<'a> {
    /// Nothing is opened yet.
    pub fn new(sources: Vec<Source>, opening: &'a Opening<'a>, ask: fn(&str, SourceWork) -> Asked) -> Asking<'a> {
        Asking { sources: sources.into_iter(), works: None, opening, ask }
    }

    /// The next works; none at the end.
    pub fn batch(&mut self) -> Result<Batch, LedgerError> {
        let mut batch = Batch::default();
        while batch.works.len() < BATCH_ANSWERS {
            let Some(works) = &mut self.works else {
                let Some(source) = self.sources.next() else { break };
                self.works = Some(Works::open(source, self.opening)?);
                continue;
            };
            let chunk = works.chunk()?;
            let (name, is_over) = (works.name().to_owned(), chunk.is_empty());
            chunk.into_iter().for_each(|work| batch.add((self.ask)(&name, work)));
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
        let mut found: Vec<(usize, Vec<u64>)> = Vec::new();
        join(&keys, &mut |i, admission| match found.last_mut() {
            Some((last, entries)) if *last == i => {
                if entries.len() < MAX_ENTRIES {
                    entries.push(admission);
                }
            }
            _ => found.push((i, vec![admission])),
        })?;
        // Of several files each begins anew.
        found.sort_by_key(|(i, _)| *i);
        found.dedup_by(|next, (i, entries)| {
            let same = next.0 == *i;
            if same {
                entries.append(&mut next.1);
                entries.truncate(MAX_ENTRIES);
            }
            same
        });
        let mut hits: Vec<(Vec<usize>, Vec<u64>)> = vec![Default::default(); works.len()];
        let mut rest = asked.iter().peekable();
        for (i, entries) in found {
            while rest.next_if(|(key, ..)| *key < keys[i]).is_some() {}
            while let Some((_, place, which)) = rest.next_if(|(key, ..)| *key == keys[i]) {
                let (by, of) = &mut hits[*place as usize];
                by.push(*which as usize);
                of.extend_from_slice(&entries);
            }
        }
        Ok(Box::new(works.into_iter().zip(hits).map(|(work, (by, entries))| Answer::new(work, by, entries))))
    }
}

impl Answer {
    fn new(work: Asked, mut by: Vec<usize>, mut entries: Vec<u64>) -> Answer {
        by.sort_unstable();
        entries.sort_unstable();
        entries.dedup();
        Answer {
            answer: work.answer(!by.is_empty()),
            by: by.into_iter().map(|i| work.identifiers[i].clone()).collect(),
            entries,
            identifiers: work.identifiers,
            place: work.place,
            source: work.source,
            title: work.title,
            why: work.why,
        }
    }
}
