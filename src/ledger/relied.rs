//! What the works of a release rely on, from the file that `seal` left or from the entries.

use super::LedgerError;
use super::view::{Removed, View};
use super::works::{ReleaseWork, release_works};
use crate::index::{Counted, IndexError, Reliance, Relied, Runs};
use crate::statement::{Admission, ReleaseName, Statement};
use crate::tlog::leaf_hash;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// What the works of a release rely on. The second number is of admissions that were erased, of which nobody knows.
///
/// # Errors
/// The rows are not those that were sealed, an entry cannot be read, or there are too many sets of grants.
pub fn relied(view: &View, name: &ReleaseName) -> Result<(Relied, u64), LedgerError> {
    let (index, release) = view.release(name)?;
    let leaf = leaf_hash(Statement::Release(release.clone()).print().as_bytes());
    // What was erased since must not be told from memory.
    let removed = view.removed(release.dataset, view.log().size())?;
    if !removed.has_erased_below(index)
        && let Some(relied) = Relied::read(view.disk(), index, &leaf)
    {
        return Ok((relied, 0));
    }
    from_entries(view, name)
}

/// The same from the entries alone.
///
/// # Errors
/// As [`relied`].
pub fn from_entries(view: &View, name: &ReleaseName) -> Result<(Relied, u64), LedgerError> {
    let (erased, sets) = (Cell::new(0), RefCell::new(HashMap::new()));
    let counted = || {
        erased.set(0);
        Ok(release_works(view, name)?.filter_map(|work| match work {
            Ok(ReleaseWork { admission: None, .. }) => {
                erased.set(erased.get() + 1);
                None
            }
            Ok(ReleaseWork { admission: Some(admission), index, .. }) => {
                let reliance = Reliance::of(&admission);
                let counted = Counted { index, work: admission.same_as.unwrap_or(index), reliance: reliance.key() };
                sets.borrow_mut().entry(counted.reliance).or_insert(reliance);
                Some(Ok(counted))
            }
            Err(error) => Some(Err(error)),
        }))
    };
    let relied = Relied::count(counted, |first| Ok(sets.borrow()[&first.reliance].clone()))?;
    Ok((relied.ok_or_else(|| LedgerError::ManySets { release: name.clone() })?, erased.get()))
}

/// Counts what the admissions of a dataset rely on, those below `log_size` that nothing removed: the works of a release
/// of that size. `None` if there are too many sets of grants.
pub(super) fn at_seal(
    view: &View,
    runs: &Runs,
    log_size: u64,
    removed: &Removed,
) -> Result<Option<Relied>, LedgerError> {
    let counted = || {
        let stays =
            runs.facts().filter(|fact| fact.as_ref().map_or(true, |f| f.index < log_size && !removed.has(f.index)));
        let counted = |f: crate::index::AdmissionFact| Counted { index: f.index, work: f.work, reliance: f.reliance };
        Ok(stays.map(move |fact: Result<_, IndexError>| fact.map(counted).map_err(LedgerError::from)))
    };
    Relied::count(counted, |first| Ok(Reliance::of(&admission(view, first.index)?)))
}

fn admission(view: &View, index: u64) -> Result<Admission, LedgerError> {
    match view.statement(index)? {
        Statement::Admission(admission) => Ok(*admission),
        other => Err(LedgerError::WrongKind { index, wanted: "an admission", found: other.head().0 }),
    }
}
