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
            for answer in answer(&file, chunk)? {
                counts.rows += 1;
                match answer.answer {
                    "present" => counts.present += 1,
                    "absent" => counts.absent += 1,
                    _ => counts.invalid += 1,
                }
                if let Some(report) = &mut report {
                    writeln!(report, "{}", json::print(&answer))
                        .map_err(|error| LedgerError::Io { path: "the report".to_owned(), error })?;
                }
            }
        }
    }
    Ok(counts)
}

fn answer(file: &RowsFile, works: Vec<SourceWork>) -> Result<Vec<Answer>, LedgerError> {
    let mut asked: Vec<(Key, usize, Identifier)> = Vec::new();
    let mut answers = Vec::with_capacity(works.len());
    for (place, work) in works.into_iter().enumerate() {
        asked.extend(keys(&work).map(|(key, id)| (key, place, id.clone())));
        let mut why: Vec<String> = work.problems.iter().map(Problem::words).collect();
        let any = asked.last().is_some_and(|(_, p, _)| *p == place);
        if !any && why.is_empty() {
            why.push("no identifier of a work".to_owned());
        }
        // Absence by the identifiers that can be read says nothing of one that cannot.
        let answer = if any && why.is_empty() { "absent" } else { "invalid" };
        answers.push(Answer { answer, by: Vec::new(), entries: Vec::new(), place: work.place, title: work.title, why });
    }
    asked.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    let mut keys: Vec<Key> = asked.iter().map(|(key, _, _)| *key).collect();
    keys.dedup();
    // Each key once: many works may share one that many admissions have.
    let mut found: Vec<Vec<u64>> = vec![Vec::new(); keys.len()];
    file.join(&keys, |i, row| {
        if found[i].len() < MAX_ENTRIES {
            found[i].push(row.value);
        }
    })?;
    for (key, place, id) in &asked {
        let entries = keys.binary_search(key).map_or(&[][..], |i| &found[i]);
        if let (answer, false) = (&mut answers[*place], entries.is_empty()) {
            answer.answer = "present";
            answer.by.push(id.clone());
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
