//! Sealing a release: the rows of a dataset's admissions, their root in the log, the register after it.

use super::relied::at_seal;
use super::view::Removed;
use super::{LedgerError, Writer};
use crate::index::{AdmissionFact, Runs, root_of};
use crate::rows::{self, Root};
use crate::statement::release::{Completeness, Keying};
use crate::statement::{Is, Release, ReleaseName, RowsRef, Statement, V1};
use crate::storage::Disk;
use crate::tlog::{VerifiedCheckpoint, leaf_hash};
use std::collections::BTreeSet;

/// What was sealed.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// Log index of the release.
    pub entry: u64,
    /// Works, each counted once.
    pub works: u64,
    /// Bytes of its embodiments, where known.
    pub bytes: u64,
    /// Rows.
    pub rows: u64,
    /// Their root.
    pub root: Root,
    /// The checkpoint after it.
    pub checkpoint: VerifiedCheckpoint,
}

/// Where the rows of a release are.
pub fn release_path(name: &ReleaseName) -> String {
    format!("release/{}/{}", name.dataset, name.version)
}

/// Seals all admissions of a dataset that nothing withdrew or erased.
///
/// # Errors
/// There is no such dataset, the version exists, or there are 2^31 rows or more.
pub fn seal(mut writer: Writer, name: &ReleaseName) -> Result<Sealed, LedgerError> {
    let (dataset, _) = writer.view().dataset(&name.dataset)?;
    if let Some(index) = writer.view().look_up(&format!("release:{name}"))?.first() {
        return Err(LedgerError::Taken { what: "release", name: name.to_string(), index: *index });
    }
    let log_size = writer.next();
    let removed = writer.view().removed(dataset, log_size)?;
    let runs = writer.index().runs(dataset)?;
    let (works, bytes) = count(runs.facts(), &removed)?;
    let relied = at_seal(writer.view(), &runs, log_size, &removed)?;
    let path = release_path(name);
    let (count, root) = write(writer.disk(), &path, &runs, log_size, &removed)?;
    let (at, salt) = (writer.now(), writer.salt());
    let release = Statement::Release(Release {
        at,
        bytes,
        completeness: Completeness::AllAdmissions,
        dataset,
        keying: Keying::Plain,
        kind: Is,
        log_size,
        rows: RowsRef { count, root },
        salt,
        v: V1,
        version: name.version.clone(),
        works,
    });
    let entry = writer.append(&release)?;
    if let Some(relied) = relied {
        relied.write(writer.disk(), entry, leaf_hash(release.print().as_bytes()))?;
    }
    Ok(Sealed { entry, works, bytes, rows: count, root, checkpoint: writer.commit(true)? })
}

/// Writes the rows of all admissions below `log_size` that nothing removed, and gives their count and root.
pub(super) fn write(
    disk: &Disk,
    path: &str,
    runs: &Runs,
    log_size: u64,
    removed: &Removed,
) -> Result<(u64, Root), LedgerError> {
    let kind = rows::Kind::Release;
    runs.write_rows(disk, path, kind, |row| row.value < log_size && !removed.has(row.value))?;
    Ok(root_of(disk, path, kind, true)?)
}

/// Works and bytes of the admissions that count. A work is counted at its first admission, or, where that one is
/// removed, at the first of the others.
pub(super) fn count<E>(
    facts: impl Iterator<Item = Result<AdmissionFact, E>>,
    removed: &Removed,
) -> Result<(u64, u64), LedgerError>
where
    LedgerError: From<E>,
{
    let (mut works, mut bytes) = (0, 0u64);
    let mut orphaned = BTreeSet::new();
    for fact in facts {
        let fact = fact?;
        if removed.has(fact.index) {
            continue;
        }
        bytes = bytes.saturating_add(fact.bytes);
        let first_counts = fact.work == fact.index || removed.has(fact.work) && orphaned.insert(fact.work);
        works += u64::from(first_counts);
    }
    Ok((works, bytes))
}
