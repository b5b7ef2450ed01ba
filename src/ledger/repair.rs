//! Rebuilding all that is derived: the index, the newest register, release rows that are missing, nodes files.

use super::fsck::Check;
use super::reindex::Reindexing;
use super::relied::at_seal;
use super::seal::{self, release_path};
use super::show::commits;
use super::view::{View, newest_state, open_folder};
use super::writer::{bring_up_to_date, open_parts};
use super::{LedgerError, Now};
use crate::index::{Index, register_path, root_of};
use crate::licence::Rules;
use crate::log::{LOCK, LogReader};
use crate::rows;
use crate::statement::{ReleaseName, RowsRef, Statement};
use crate::storage::{Disk, Mode};
use crate::tlog::{VerifiedCheckpoint, VerifierKey, leaf_hash};
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

/// Deletes and rebuilds `index/`, and makes registers and releases again that are missing or damaged. Each entry of a sound
/// log is read once: the index is made from what the check has read.
///
/// # Errors
/// The log itself is damaged, or the disk refuses. The log is never changed, except that an interrupted commit is
/// completed.
pub fn repair(dir: &Path, now: Now, wait: bool, dry_run: bool) -> Result<Repaired, LedgerError> {
    let (disk, settings, key) = open_folder(dir)?;
    if dry_run {
        let entries = LogReader::open(&disk, &key)?.size();
        let report = super::fsck::fsck(dir, now)?;
        return Ok(Repaired { entries, files: Vec::new(), lost: report.damage });
    }
    let _lock = disk.lock(LOCK, wait)?;
    disk.remove_tree("index")?;
    let (_log, mut index) = open_parts(&disk, &key)?;
    let log = LogReader::open(&disk, &key)?;
    let mut check = Check::new(&disk, &settings.origin, now.seed);
    let checkpoint = reindex(&disk, &key, &log, &mut index, &mut check)?;
    let mut files = Vec::new();
    files.extend(newest_register(&disk, &log, &index)?);
    let view = View::of(&disk, &key)?;
    files.extend(releases(&view, &index, &mut check)?);
    files.extend(rules(&view)?);
    disk.sync()?;
    // Whatever is still wrong is beyond repair: other people's files, or the log itself.
    check.files(checkpoint.as_ref())?;
    Ok(Repaired { entries: log.size(), files, lost: check.report.damage })
}

/// Makes the index, which is empty, while the log is checked.
fn reindex(
    disk: &Disk,
    key: &VerifierKey,
    log: &LogReader,
    index: &mut Index,
    check: &mut Check,
) -> Result<Option<VerifiedCheckpoint>, LedgerError> {
    let mut reindexing = Reindexing::new(disk, log, index, 0);
    let mut taken = Ok(());
    let checkpoint = check.log(key, |at, said| {
        if taken.is_ok() {
            taken = reindexing.take(at, said);
        }
    })?;
    if check.report.damage.is_empty() {
        taken.and_then(|()| reindexing.finish())?;
    } else {
        // Which damage stops a repair is said where it stops every writer.
        drop(reindexing);
        bring_up_to_date(disk, log, index)?;
    }
    Ok(checkpoint)
}

/// Makes the newest register again, unless it is there.
fn newest_register(disk: &Disk, log: &LogReader, index: &Index) -> Result<Option<String>, LedgerError> {
    let (state, statement) = newest_state(log)?;
    let path = register_path(state);
    if is_sound(disk, &path, statement.register) {
        return Ok(None);
    }
    let (count, root) = index.register.seal(disk, state)?;
    Ok(Some(path).filter(|_| RowsRef { count, root } == statement.register))
}

/// Makes releases again that are missing or damaged, and of each what its works rely on.
fn releases(view: &View, index: &Index, check: &mut Check) -> Result<Vec<String>, LedgerError> {
    let (disk, mut made) = (view.disk(), Vec::new());
    for (at, statement) in view.registered()? {
        let Statement::Release(release) = statement else { continue };
        let removed = view.removed(release.dataset, at)?;
        let runs = index.runs(release.dataset)?;
        if let Some(relied) = at_seal(view, &runs, at, &removed)? {
            relied.write(disk, at, leaf_hash(Statement::Release(release.clone()).print().as_bytes()))?;
        }
        let dataset = view.dataset_at(release.dataset)?.id;
        let path = release_path(&ReleaseName { dataset, version: release.version.clone() });
        if check.is_sealed(&path, release.rows) {
            continue;
        }
        // What is there may be all that is left of the signed rows: it gives way only to these very rows.
        const NEW: &str = "index/sort/release";
        let (count, root) = seal::write(disk, NEW, &runs, at, &removed)?;
        if (RowsRef { count, root }) == release.rows {
            disk.move_to(NEW, &path)?;
            made.push(path);
        } else {
            disk.remove(NEW)?;
        }
    }
    Ok(made)
}

/// Writes the rules that every gate has, if a screening names them.
fn rules(view: &View) -> Result<Option<String>, LedgerError> {
    let rules = Rules::default_rules();
    let path = format!("rules/{}", rules.digest().value());
    let is_named = |s: &Statement| matches!(s, Statement::Screening(s) if s.rules == *rules.digest());
    if view.disk().exists(&path)? || !commits(view)?.iter().any(|(_, s)| is_named(s)) {
        return Ok(None);
    }
    view.disk().write_atomic(&path, rules.bytes(), Mode::Public)?;
    Ok(Some(path))
}

/// Whether a register has the signed root; its nodes file is written anew on the way.
fn is_sound(disk: &Disk, path: &str, signed: RowsRef) -> bool {
    root_of(disk, path, rows::Kind::Register, true).is_ok_and(|(count, root)| RowsRef { count, root } == signed)
}
