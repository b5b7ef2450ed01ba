//! Rebuilding all that is derived: the index, the newest register, release rows that are missing, nodes files.

use super::relied::at_seal;
use super::seal::{self, release_path};
use super::view::{View, newest_state, open_folder};
use super::writer::open_parts;
use super::{LedgerError, Now};
use crate::index::{register_path, root_of};
use crate::log::{LOCK, LogReader};
use crate::rows;
use crate::statement::{ReleaseName, RowsRef, Statement};
use crate::storage::Mode;
use crate::tlog::leaf_hash;
use std::path::Path;

/// What was rebuilt, or would be.
#[derive(Debug, Default)]
pub struct Repaired {
    /// Entries read again.
    pub entries: u64,
    /// Files that were made again.
    pub files: Vec<String>,
    /// Files that cannot be made again: they are not the log's consequence, or the log contradicts them.
    pub lost: Vec<String>,
}

/// Deletes and rebuilds `index/`, and makes registers and releases again that are missing or damaged.
///
/// # Errors
/// The log itself is damaged, or the disk refuses. The log is never changed, except that an interrupted commit is
/// completed.
pub fn repair(dir: &Path, now: Now, wait: bool, dry_run: bool) -> Result<Repaired, LedgerError> {
    let (disk, _, key) = open_folder(dir)?;
    let mut repaired = Repaired::default();
    if dry_run {
        repaired.entries = LogReader::open(&disk, &key)?.size();
        let report = super::fsck::fsck(dir, now)?;
        repaired.lost = report.damage;
        return Ok(repaired);
    }
    let _lock = disk.lock(LOCK, wait)?;
    disk.remove_tree("index")?;
    let (_log, index) = open_parts(&disk, &key, true)?;
    let log = LogReader::open(&disk, &key)?;
    repaired.entries = log.size();
    let (state, statement) = newest_state(&log)?;
    let path = register_path(state);
    if !is_sound(&disk, &path, rows::Kind::Register, statement.register) {
        let (count, root) = index.register.seal(&disk, state)?;
        if (RowsRef { count, root }) == statement.register {
            repaired.files.push(path);
        }
    }
    let view = View::of(&disk, &key)?;
    for (at, statement) in view.registered()? {
        let Statement::Release(release) = statement else { continue };
        let removed = view.removed(release.dataset, at)?;
        let runs = index.runs(release.dataset)?;
        if let Some(relied) = at_seal(&view, &runs, at, &removed)? {
            relied.write(&disk, at, leaf_hash(Statement::Release(release.clone()).print().as_bytes()))?;
        }
        let dataset = view.dataset_at(release.dataset)?.id;
        let path = release_path(&ReleaseName { dataset, version: release.version });
        if is_sound(&disk, &path, rows::Kind::Release, release.rows) {
            continue;
        }
        // What is there may be all that is left of the signed rows: it gives way only to these very rows.
        const NEW: &str = "index/sort/release";
        let (count, root) = seal::write(&disk, NEW, &runs, at, &removed)?;
        let sound = (RowsRef { count, root }) == release.rows;
        if sound {
            disk.move_to(NEW, &path)?
        } else {
            disk.remove(NEW)?
        }
        if sound {
            repaired.files.push(path);
        }
    }
    let rules = crate::licence::Rules::default_rules();
    let path = format!("rules/{}", rules.digest().value());
    let is_named = |s: &Statement| matches!(s, Statement::Screening(s) if s.rules == *rules.digest());
    if !disk.exists(&path)? && super::show::commits(&view)?.iter().any(|(_, s)| is_named(s)) {
        disk.write_atomic(&path, rules.bytes(), Mode::Public)?;
        repaired.files.push(path);
    }
    disk.sync()?;
    // Whatever is still wrong is beyond repair: other people's files, or the log itself.
    repaired.lost.extend(super::fsck::fsck(dir, now)?.damage);
    Ok(repaired)
}

/// Whether a rows file has the signed root; its nodes file is written anew on the way.
fn is_sound(disk: &crate::storage::Disk, path: &str, kind: rows::Kind, signed: RowsRef) -> bool {
    root_of(disk, path, kind, true).is_ok_and(|(count, root)| RowsRef { count, root } == signed)
}
