//! Catalogues of grants and lists: identifiers as rows under the name of their root.

use super::LedgerError;
use super::source::Input;
use crate::index::{RowsFile, Sorter, root_of};
use crate::ingest::{Mapping, Progress};
use crate::licence::{FileSubject, TermsFile};
use crate::rows::{self, Row, work_key};
use crate::statement::vocabulary::Code;
use crate::statement::{Identifier, RowsRef, Scheme};
use crate::storage::Disk;

/// What becomes of rows once their root is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// They stay, under the name of their root.
    Rows,
    /// Nothing stays.
    Nothing,
}

/// A catalogue, or a list, whose rows are open.
#[derive(Debug)]
pub struct Opened {
    /// What a statement says of it.
    pub rows: RowsRef,
    /// Its rows.
    pub file: RowsFile,
    /// Whether it names works by SHA-256 digests: files are asked about only if theirs were taken.
    pub has_sha256: bool,
}

/// The rows (identifier -> record number, from 1) of the list or catalogue that terms are about, where they are about
/// one; a catalogue that they name is given as `catalogue`.
///
/// # Errors
/// The catalogue is missing or not asked for, cannot be read, or has a record with a malformed identifier.
pub fn subject_rows(
    disk: &Disk,
    terms: &TermsFile,
    catalogue: Option<Input>,
    map: &[Mapping],
    keep: Keep,
) -> Result<Option<RowsRef>, LedgerError> {
    let id = || terms.id().clone();
    let sorter = match (&terms.subject, catalogue) {
        (FileSubject::Works(ids), None) => sorted_list(disk, ids)?,
        (FileSubject::Catalogue(_), Some(input)) => sorted(disk, input, map)?.0,
        (FileSubject::Catalogue(_), None) => return Err(LedgerError::NoCatalogue { id: id() }),
        (FileSubject::Licence(_) | FileSubject::Party(_), None) => return Ok(None),
        (_, Some(input)) => return Err(LedgerError::NotACatalogue { id: id(), file: input.name }),
    };
    Ok(Some(write_rows_of(disk, sorter, |_| keep == Keep::Rows)?.0))
}

/// The rows of a catalogue, open; unless `keep` says so, nothing stays on disk once they are closed.
///
/// # Errors
/// The source cannot be read, or a record has a malformed identifier.
pub fn open_catalogue(
    disk: &Disk,
    input: Input,
    map: &[Mapping],
    keep: impl Fn(RowsRef) -> bool,
) -> Result<Opened, LedgerError> {
    let (sorter, has_sha256) = sorted(disk, input, map)?;
    let (rows, file) = write_rows_of(disk, sorter, keep)?;
    Ok(Opened { rows, file, has_sha256 })
}

fn sorted_list(disk: &Disk, ids: &[Identifier]) -> Result<Sorter, LedgerError> {
    let mut sorter = Sorter::new(disk, "catalogue");
    for (id, record) in ids.iter().zip(1..) {
        sorter.push(Row { key: work_key(id.as_str()), value: record })?;
    }
    Ok(sorter)
}

/// The rows of a catalogue, and whether a record names its work by a SHA-256 digest.
fn sorted(disk: &Disk, input: Input, map: &[Mapping]) -> Result<(Sorter, bool), LedgerError> {
    let path = input.name.clone();
    let mut sorter = Sorter::new(disk, "catalogue");
    let mut has_sha256 = false;
    for (record, number) in input.opened(map, false, &Progress::default())?.zip(1..) {
        let record = record?;
        // Whether its work may be used is not asked here.
        if let Some(problem) = record.problems.iter().find(|p| p.code != Code::NeedsReview) {
            let (raw, what) = (problem.raw.clone(), problem.what.clone());
            return Err(LedgerError::BadIdentifier { place: format!("{path}:{}", record.line), raw, what });
        }
        has_sha256 |= record.digests.iter().any(|id| id.scheme() == Scheme::Sha256);
        let mut keys = record.subject_keys().peekable();
        if keys.peek().is_none() {
            let what = "there is no identifier of a work in this record".to_owned();
            let place = format!("{path}:{}", record.line);
            return Err(LedgerError::Unfit { place, what });
        }
        for key in keys {
            sorter.push(Row { key, value: number })?;
        }
    }
    Ok((sorter, has_sha256))
}

fn write_rows_of(
    disk: &Disk,
    sorter: Sorter,
    keep: impl Fn(RowsRef) -> bool,
) -> Result<(RowsRef, RowsFile), LedgerError> {
    const NEW: &str = "index/sort/catalogue";
    let kind = rows::Kind::Catalogue;
    sorter.write(NEW, kind)?;
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
