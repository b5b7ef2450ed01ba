//! Answers without a proof: which works of a source are in a release.

use super::candidate::{Place, SourceWork};
use super::seal::release_path;
use super::source::{Opening, Source, Works, keys};
use super::{LedgerError, View};
use crate::index::{RowsFile, root_of};
use crate::ingest::Problem;
use crate::rows::{self, Key};
use crate::statement::{Identifier, ReleaseName, RowsRef, json};
use serde::Serialize;
use std::io::Write;

/// Admissions named for one identifier; what matters is that there are any.
pub const MAX_ENTRIES: usize = 100;

/// Works that are looked up at once, in one pass over the rows: some 250 MB of usual ones.
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
    pub answer: &'static str,
    /// The identifiers that the release has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub by: Vec<Identifier>,
    /// Log indices of its admissions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<u64>,
    /// Where it stands in the source.
    #[serde(flatten)]
    pub place: Place,
    /// Title, as the source has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is wrong with an invalid one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub why: Vec<String>,
}

/// Looks every work of the sources up; each answer goes to `report` as a line of JSON, in their order.
///
/// # Errors
/// There is no such release, or a source cannot be read.
pub fn check(
    view: &View,
    release: &ReleaseName,
    sources: Vec<Source>,
    opening: &Opening<'_>,
    mut report: Option<&mut dyn Write>,
) -> Result<Counts, LedgerError> {
    let (index, statement) = view.release(release)?;
    let path = release_path(release);
    let file = RowsFile::open(view.disk(), &path, rows::Kind::Release)?;
    let mut asking = Asking { sources: sources.into_iter(), works: None, opening };
    let (disk, mut counts) = (view.disk(), Counts::default());
    std::thread::scope(|scope| {
        // No proof goes with the answers, so the rows are held against the signed root first. Meanwhile works are read.
        let hashed = scope.spawn(|| root_of(disk, &path, rows::Kind::Release, false));
        let mut batch = asking.batch()?;
        let (count, root) = hashed.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        if (RowsRef { count, root }) != statement.rows {
            return Err(LedgerError::BadRows { path: path.clone(), index });
        }
        while !batch.answers.is_empty() {
            for answer in batch.answered(&file)? {
                counts.add(&answer);
                if let Some(report) = &mut report {
                    writeln!(report, "{}", json::print(&answer))
                        .map_err(|error| LedgerError::Io { path: "the report".to_owned(), error })?;
                }
            }
            batch = asking.batch()?;
        }
        Ok(())
    })?;
    Ok(counts)
}

impl Counts {
    fn add(&mut self, answer: &Answer) {
        self.rows += 1;
        match answer.answer {
            "present" => self.present += 1,
            "absent" => self.absent += 1,
            _ => self.invalid += 1,
        }
    }
}

/// The works of all sources, a batch at a time.
struct Asking<'a> {
    sources: std::vec::IntoIter<Source>,
    works: Option<Works>,
    opening: &'a Opening<'a>,
}

impl Asking<'_> {
    /// The next works; none at the end.
    fn batch(&mut self) -> Result<Batch, LedgerError> {
        let mut batch = Batch::default();
        while batch.answers.len() < BATCH_ANSWERS {
            let Some(works) = &mut self.works else {
                let Some(source) = self.sources.next() else { break };
                self.works = Some(Works::open(source, self.opening)?);
                continue;
            };
            let chunk = works.chunk()?;
            if chunk.is_empty() {
                self.works = None;
            }
            chunk.into_iter().for_each(|work| batch.add(work));
        }
        Ok(batch)
    }
}

/// Works that are looked up at once.
#[derive(Default)]
struct Batch {
    /// As if all were absent or invalid.
    answers: Vec<Answer>,
    /// The identifiers of all of them, each with its key and the place of its work.
    asked: Vec<(Key, usize, Identifier)>,
}

impl Batch {
    fn add(&mut self, work: SourceWork) {
        let place = self.answers.len();
        let before = self.asked.len();
        self.asked.extend(keys(&work).map(|(key, id)| (key, place, id.clone())));
        let mut why: Vec<String> = work.problems.iter().map(Problem::words).collect();
        let any = self.asked.len() > before;
        if !any && why.is_empty() {
            why.push("no identifier of a work".to_owned());
        }
        // Absence by the identifiers that can be read says nothing of one that cannot.
        let answer = if any && why.is_empty() { "absent" } else { "invalid" };
        let (place, title) = (work.place, work.title);
        self.answers.push(Answer { answer, by: Vec::new(), entries: Vec::new(), place, title, why });
    }

    /// Merges what is asked, sorted, with the rows.
    fn answered(self, file: &RowsFile) -> Result<Vec<Answer>, LedgerError> {
        let Batch { mut answers, mut asked } = self;
        asked.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let mut keys: Vec<Key> = asked.iter().map(|(key, _, _)| *key).collect();
        keys.dedup();
        // Each key once: many works may share one that many admissions have.
        let mut found: Vec<(usize, Vec<u64>)> = Vec::new();
        file.join(&keys, |i, row| match found.last_mut() {
            Some((last, entries)) if *last == i => {
                if entries.len() < MAX_ENTRIES {
                    entries.push(row.value);
                }
            }
            _ => found.push((i, vec![row.value])),
        })?;
        let mut found = found.iter().peekable();
        let (mut at, mut last) = (0, None);
        for (key, place, id) in asked {
            if last.replace(key).is_some_and(|last| last != key) {
                at += 1;
            }
            while found.next_if(|(i, _)| *i < at).is_some() {}
            if let Some((_, entries)) = found.peek().filter(|(i, _)| *i == at) {
                let answer = &mut answers[place];
                answer.answer = "present";
                answer.by.push(id);
                answer.entries.extend_from_slice(entries);
            }
        }
        for answer in &mut answers {
            answer.entries.sort_unstable();
            answer.entries.dedup();
            answer.by.dedup();
        }
        Ok(answers)
    }
}
