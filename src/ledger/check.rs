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
    // No proof goes with the answers, so the rows are held against the signed root first.
    let (count, root) = root_of(view.disk(), &path, rows::Kind::Release, false)?;
    if (RowsRef { count, root }) != statement.rows {
        return Err(LedgerError::BadRows { path, index });
    }
    let mut counts = Counts::default();
    for source in sources {
        let mut works = Works::open(source, opening)?;
        loop {
            let chunk = works.chunk()?;
            if chunk.is_empty() {
                break;
            }
            for answer in answer(&file, works.name(), chunk)? {
                counts.rows += 1;
                match answer.answer {
                    Presence::Present => counts.present += 1,
                    Presence::Absent => counts.absent += 1,
                    Presence::Invalid => counts.invalid += 1,
                }
                each(&answer)?;
            }
        }
    }
    Ok(counts)
}

fn answer(file: &RowsFile, source: &str, works: Vec<SourceWork>) -> Result<Vec<Answer>, LedgerError> {
    let works: Vec<Asked> = works.into_iter().map(|work| Asked::of(source, work)).collect();
    // Each identifier by its key: (key, which work, which of its identifiers).
    let mut asked: Vec<(Key, usize, usize)> = Vec::new();
    for (place, work) in works.iter().enumerate() {
        asked.extend(work.identifiers.iter().enumerate().map(|(i, id)| (work_key(id.as_str()), place, i)));
    }
    asked.sort_unstable();
    let mut keys: Vec<Key> = asked.iter().map(|(key, _, _)| *key).collect();
    keys.dedup();
    // Each key once: many works may share one that many admissions have.
    let mut found: Vec<Vec<u64>> = vec![Vec::new(); keys.len()];
    file.join(&keys, |i, row| {
        if found[i].len() < MAX_ENTRIES {
            found[i].push(row.value);
        }
    })?;
    let mut hits: Vec<(Vec<usize>, Vec<u64>)> = vec![Default::default(); works.len()];
    for (key, place, i) in asked {
        let entries = keys.binary_search(&key).map_or(&[][..], |at| &found[at]);
        if !entries.is_empty() {
            hits[place].0.push(i);
            hits[place].1.extend_from_slice(entries);
        }
    }
    Ok(works.into_iter().zip(hits).map(|(work, (by, entries))| Answer::new(work, by, entries)).collect())
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
