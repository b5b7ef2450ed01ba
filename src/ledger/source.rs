//! What a user calls SOURCE: catalogues whose records become works, the same for `admit`, `prove`, `check` and lists.

use super::LedgerError;
use crate::index::{RowsFile, Sorter, root_of, write_rows};
use crate::ingest::{Catalogue, Format, IngestError, Mapping, Problem, RawLicence, Record};
use crate::rows::{self, Key, Row, work_key};
use crate::statement::admission::{Embodiment, Party};
use crate::statement::identifier::{Class, Identifier};
use crate::statement::limit::{MAX_EMBODIMENTS, MAX_IDENTIFIERS, MAX_PARTIES};
use crate::statement::vocabulary::{Code, DigestBy, Layer, WorkType};
use crate::statement::{Date, RowsRef, Set};
use crate::storage::Disk;
use std::io::Read;

/// A catalogue to read: its name for messages, its format, its bytes.
pub struct Input {
    /// Path, or `-`.
    pub name: String,
    /// How it is written.
    pub format: Format,
    /// The bytes.
    pub reader: Box<dyn Read>,
}

impl Input {
    /// Opens a file whose name ends in `.csv`, `.tsv` or `.jsonl`.
    ///
    /// # Errors
    /// Another ending, or it cannot be opened.
    pub fn open(path: &str) -> Result<Input, LedgerError> {
        let format = Format::of(path)?;
        let file = std::fs::File::open(path).map_err(|error| LedgerError::Io { path: path.to_owned(), error })?;
        Ok(Input { name: path.to_owned(), format, reader: Box::new(file) })
    }
}

/// One work of a source: neighbouring records that name the same `work` are one.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // as in `ingest::Record` and `statement::Admission`
pub struct SourceWork {
    pub line: u64,
    pub title: Option<String>,
    pub parties: Vec<Party>,
    pub identifiers: Vec<Identifier>,
    pub embodiments: Vec<Embodiment>,
    pub layers: Vec<Layer>,
    pub licence: Option<RawLicence>,
    pub work_type: Option<WorkType>,
    pub used_from: Option<Date>,
    pub problems: Vec<Problem>,
}

impl SourceWork {
    /// What it is looked up by: work and group identifiers, and digests.
    pub fn looked_up_by(&self) -> impl Iterator<Item = &Identifier> {
        let named = self.identifiers.iter().filter(|id| id.scheme().class(self.work_type) != Class::Party);
        named.chain(self.embodiments.iter().flat_map(|e| &e.digests))
    }

    fn of(record: Record) -> SourceWork {
        let digest_by = (!record.digests.is_empty()).then_some(DigestBy::Catalogue);
        let embodiment = Embodiment {
            bytes: record.bytes,
            derived_from: None,
            digest_by,
            digests: record.digests.into(),
            media_type: record.media_type,
            path: record.path,
            role: None,
        };
        let says_something = digest_by.is_some()
            || embodiment.bytes.is_some()
            || embodiment.path.is_some()
            || embodiment.media_type.is_some();
        SourceWork {
            line: record.line,
            title: record.title,
            parties: record.parties,
            identifiers: record.identifiers,
            embodiments: if says_something { vec![embodiment] } else { Vec::new() },
            layers: record.layers,
            licence: record.licence,
            work_type: record.work_type,
            used_from: record.used_from,
            problems: record.problems,
        }
    }

    /// Takes over what another record says of the same work. Where they contradict each other on what decides about it,
    /// a person must look.
    fn absorb(&mut self, other: SourceWork) {
        let raw = |work: &SourceWork| work.licence.as_ref().map(|l| l.raw.clone());
        self.conflict("licence", raw(self), raw(&other));
        let day = |work: &SourceWork| work.used_from.map(|d| d.to_string());
        self.conflict("used_from", day(self), day(&other));
        let kind = |work: &SourceWork| work.work_type.map(|t| t.to_string());
        self.conflict("type", kind(self), kind(&other));
        self.embodiments.extend(other.embodiments);
        self.problems.extend(other.problems);
        for id in other.identifiers {
            if !self.identifiers.contains(&id) {
                self.identifiers.push(id);
            }
        }
        for party in other.parties {
            if !self.parties.contains(&party) {
                self.parties.push(party);
            }
        }
        for layer in other.layers {
            if !self.layers.contains(&layer) {
                self.layers.push(layer);
            }
        }
        self.bound("identifiers", self.identifiers.len(), MAX_IDENTIFIERS);
        self.bound("embodiments", self.embodiments.len(), MAX_EMBODIMENTS);
        self.bound("parties", self.parties.len(), MAX_PARTIES);
        self.identifiers.truncate(MAX_IDENTIFIERS);
        self.embodiments.truncate(MAX_EMBODIMENTS);
        self.parties.truncate(MAX_PARTIES);
        self.problems.truncate(MAX_IDENTIFIERS);
        self.title = self.title.take().or(other.title);
        self.licence = self.licence.take().or(other.licence);
        self.work_type = self.work_type.or(other.work_type);
        self.used_from = self.used_from.or(other.used_from);
    }
}

impl SourceWork {
    fn conflict(&mut self, field: &str, ours: Option<String>, theirs: Option<String>) {
        if let (Some(ours), Some(theirs)) = (ours, theirs)
            && ours != theirs
        {
            let what = format!("is contradicted by {ours:?} in another record of the same work");
            let (code, field) = (Code::ConflictingEvidence, field.to_owned());
            self.problems.push(Problem { code, field, raw: theirs, what });
        }
    }

    /// A work over a limit is refused once, however many records go on.
    fn bound(&mut self, field: &str, count: usize, most: usize) {
        if count > most && !self.problems.iter().any(|p| p.code == Code::TooLarge && p.field == field) {
            let what = format!("are more than {most} in one work");
            // First, so that it is kept whatever else there is.
            self.problems
                .insert(0, Problem { code: Code::TooLarge, field: field.to_owned(), raw: String::new(), what });
        }
    }
}

/// The works of a source, one after another, with the name of the source and the columns that it does not know.
pub struct Works {
    name: String,
    records: Catalogue<Box<dyn Read>>,
    /// The work that the next record may still belong to.
    open: Option<(Option<String>, SourceWork)>,
}

impl Works {
    /// Opens a source.
    ///
    /// # Errors
    /// Its columns cannot be understood.
    pub fn open(input: Input, map: &[Mapping]) -> Result<Works, LedgerError> {
        let records = Catalogue::open(&input.name, input.reader, input.format, map)?;
        Ok(Works { name: input.name, records, open: None })
    }

    /// The source's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Columns that mean nothing to Deedbook; of JSON lines, those met so far.
    pub fn ignored(&self) -> &[String] {
        self.records.ignored()
    }
}

impl Iterator for Works {
    type Item = Result<SourceWork, IngestError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let Some(record) = self.records.next() else { return self.open.take().map(|(_, work)| Ok(work)) };
            let mut record = match record {
                Ok(record) => record,
                Err(error) => return Some(Err(error)),
            };
            let name = record.work.take();
            let work = SourceWork::of(record);
            match &mut self.open {
                Some((Some(open), same)) if Some(&*open) == name.as_ref() => same.absorb(work),
                _ => {
                    if let Some((_, done)) = self.open.replace((name, work)) {
                        return Some(Ok(done));
                    }
                }
            }
        }
    }
}

/// The identifiers that each work of a source is asked by, for `prove` and `verify`.
///
/// # Errors
/// The source cannot be read, or a record has no identifier that a release could hold, or a malformed one.
pub fn asked(input: Input, map: &[Mapping]) -> Result<Vec<Vec<Identifier>>, LedgerError> {
    let works = Works::open(input, map)?;
    let path = works.name().to_owned();
    let mut asked = Vec::new();
    for work in works {
        let work = work?;
        let bad = |raw: &str, what: &str| {
            let (path, raw, what) = (path.clone(), raw.to_owned(), what.to_owned());
            LedgerError::BadIdentifier { path, line: work.line, raw, what }
        };
        if let Some(problem) = work.problems.first() {
            return Err(bad(&problem.raw, &problem.what));
        }
        let ids: Set<Identifier> = work.looked_up_by().cloned().collect();
        if ids.is_empty() {
            return Err(bad("", "there is no identifier of a work in this record"));
        }
        asked.push(ids.to_vec());
    }
    Ok(asked)
}

/// Writes the rows of a catalogue (identifier -> record number, from 1) under the name of their root.
///
/// # Errors
/// The source cannot be read, or a record has a malformed identifier.
pub fn write_catalogue(disk: &Disk, input: Input, map: &[Mapping]) -> Result<RowsRef, LedgerError> {
    Ok(write_rows_of(disk, sorted(disk, input, map)?, |_| true)?.0)
}

/// As [`write_catalogue`], for a list of identifiers.
///
/// # Errors
/// The disk refuses.
pub fn write_list(disk: &Disk, ids: &[Identifier]) -> Result<RowsRef, LedgerError> {
    let mut sorter = Sorter::new(disk, "catalogue");
    for (id, record) in ids.iter().zip(1..) {
        sorter.push(Row { key: work_key(id.as_str()), value: record })?;
    }
    Ok(write_rows_of(disk, sorter, |_| true)?.0)
}

/// As [`write_catalogue`], with the rows open; unless `keep` says so, nothing stays on disk once they are closed.
///
/// # Errors
/// As [`write_catalogue`].
pub fn open_catalogue(
    disk: &Disk,
    input: Input,
    map: &[Mapping],
    keep: impl Fn(RowsRef) -> bool,
) -> Result<(RowsRef, RowsFile), LedgerError> {
    write_rows_of(disk, sorted(disk, input, map)?, keep)
}

fn sorted(disk: &Disk, input: Input, map: &[Mapping]) -> Result<Sorter, LedgerError> {
    let path = input.name.clone();
    let mut sorter = Sorter::new(disk, "catalogue");
    for (record, number) in Catalogue::open(&path, input.reader, input.format, map)?.zip(1..) {
        let record = record?;
        if let Some(problem) = record.problems.first() {
            let (raw, what) = (problem.raw.clone(), problem.what.clone());
            return Err(LedgerError::BadIdentifier { path, line: record.line, raw, what });
        }
        let mut keys = record.subject_keys().peekable();
        if keys.peek().is_none() {
            let what = "there is no identifier of a work in this record".to_owned();
            return Err(LedgerError::BadIdentifier { path, line: record.line, raw: String::new(), what });
        }
        for key in keys {
            sorter.push(Row { key, value: number })?;
        }
    }
    Ok(sorter)
}

fn write_rows_of(
    disk: &Disk,
    sorter: Sorter,
    keep: impl Fn(RowsRef) -> bool,
) -> Result<(RowsRef, RowsFile), LedgerError> {
    const NEW: &str = "index/sort/catalogue";
    let kind = rows::Kind::Catalogue;
    write_rows(disk, NEW, kind, sorter.finish()?)?;
    let (count, root) = root_of(disk, NEW, kind, false)?;
    let (rows, file) = (RowsRef { count, root }, RowsFile::open(disk, NEW, kind)?);
    if keep(rows) {
        let path = super::prove::catalogue_path(&root);
        disk.move_to(NEW, &path)?;
        root_of(disk, &path, kind, true)?;
    } else {
        // The open file outlives its name.
        disk.remove(NEW)?;
    }
    Ok((rows, file))
}

/// The row keys of a work.
pub(super) fn keys(work: &SourceWork) -> impl Iterator<Item = (Key, &Identifier)> {
    work.looked_up_by().map(|id| (work_key(id.as_str()), id))
}
