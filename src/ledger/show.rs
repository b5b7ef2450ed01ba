//! Looking: an entry, a declaration or the admissions of a work.

use super::{LedgerError, View};
use crate::index::{IndexError, RowsFile, RunName};
use crate::rows::{self, work_key};
use crate::statement::{Identifier, Kind, Name, ReleaseName, Screening, Statement};
use std::collections::BTreeMap;

/// What a user wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// An entry.
    Entry(u64),
    /// A release.
    Release(ReleaseName),
    /// Every admission that has this identifier.
    Work(Identifier),
    /// A dataset or a grant.
    Name(Name),
}

impl What {
    /// Understands an index, `D@V`, `scheme:value` or a name.
    pub fn parse(text: &str) -> Option<What> {
        if let Ok(index) = text.parse() {
            return Some(What::Entry(index));
        }
        let release = ReleaseName::parse(text).map(What::Release);
        let work = Identifier::parse(text).map(What::Work);
        release.or(work).ok().or_else(|| Name::parse(text).ok().map(What::Name))
    }
}

/// The entries that it is, with their log indices.
///
/// # Errors
/// There is none.
pub fn find(view: &View, what: &What) -> Result<Vec<(u64, Statement)>, LedgerError> {
    let indices = match what {
        What::Entry(index) => vec![*index],
        What::Release(name) => vec![view.release(name)?.0],
        What::Name(name) => {
            let mut found = view.look_up(&format!("dataset:{name}"))?;
            found.extend(view.look_up(&format!("grant:{name}"))?);
            if found.is_empty() {
                let what = "dataset or grant";
                let known = view.names(what, name.as_str()).unwrap_or_default();
                return Err(LedgerError::Unknown { what, name: name.to_string(), known });
            }
            found
        }
        What::Work(id) => {
            let found = admissions(view, id)?;
            if found.is_empty() {
                return Err(LedgerError::Unknown { what: "work", name: id.to_string(), known: Vec::new() });
            }
            found
        }
    };
    indices.into_iter().map(|index| Ok((index, view.statement(index)?))).collect()
}

/// What was said later of an entry that was found: ends, disputes, corrections, erasures, runs, withdrawals. Of an
/// admission also the withdrawals of its dataset that name it.
///
/// # Errors
/// The register or an entry cannot be read.
pub fn said_of(view: &View, index: u64, statement: &Statement) -> Result<Vec<(u64, Statement)>, LedgerError> {
    let mut said = about(view, index)?;
    if let Statement::Admission(admission) = statement {
        let names = |(_, s): &(u64, Statement)| matches!(s, Statement::Withdrawal(w) if w.names(index));
        said.extend(about(view, admission.dataset)?.into_iter().filter(names));
        said.sort_by_key(|(at, _)| *at);
    }
    Ok(said)
}

/// What the register has about an entry, without what was erased.
fn about(view: &View, index: u64) -> Result<Vec<(u64, Statement)>, LedgerError> {
    let mut said = Vec::new();
    for at in view.look_up(&format!("entry:{index}"))? {
        match view.statement(at) {
            Ok(statement) => said.push((at, statement)),
            Err(LedgerError::Erased { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(said)
}

/// Every admission that has an identifier: the index's answer, checked against the log, and batches that the index does
/// not have yet, read from the log.
fn admissions(view: &View, id: &Identifier) -> Result<Vec<u64>, LedgerError> {
    let (mut found, covered) = match in_runs(view, id) {
        // A writer may have merged runs meanwhile: then they stand in another file.
        Err(LedgerError::Index(IndexError::Storage(e))) if e.is_not_found() => in_runs(view, id)?,
        found => found?,
    };
    let is_covered = |s: &Screening, at: u64| {
        covered.iter().any(|run| run.dataset == s.dataset && run.first <= s.first_entry && run.end > at)
    };
    for (at, screening) in commits(view)?.into_iter().filter_map(|(at, s)| Some((at, screening(s)?))) {
        if screening.admitted > 0 && !is_covered(&screening, at) {
            found.extend(screening.first_entry..at);
        }
    }
    found.sort_unstable();
    found.dedup();
    let mut admissions = Vec::new();
    for index in found.into_iter().filter(|index| *index < view.log().size()) {
        match view.statement(index) {
            Ok(Statement::Admission(a)) if a.looked_up_by().any(|i| i == id) => admissions.push(index),
            Ok(_) | Err(LedgerError::Erased { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(admissions)
}

fn in_runs(view: &View, id: &Identifier) -> Result<(Vec<u64>, Vec<RunName>), LedgerError> {
    let key = work_key(id.as_str());
    let (mut found, mut names) = (Vec::new(), Vec::new());
    for dataset in view.disk().list("index/run")? {
        for file in view.disk().list(&format!("index/run/{}", dataset.name))? {
            let Some(name) = RunName::parse(&dataset.name, &file.name) else { continue };
            let run = RowsFile::open(view.disk(), &name.run_path(), rows::Kind::IndexRun)?;
            run.join(&[key], |_, row| found.push(row.value))?;
            names.push(name);
        }
    }
    Ok((found, names))
}

fn screening(statement: Statement) -> Option<Screening> {
    if let Statement::Screening(screening) = statement { Some(screening) } else { None }
}

/// The entries that a walk back over the commits meets: all but the admissions, and the grants recorded with them.
pub(super) fn commits(view: &View) -> Result<Vec<(u64, Statement)>, LedgerError> {
    let mut met = Vec::new();
    let mut end = view.log().size();
    while let Some(last) = end.checked_sub(1) {
        end = last;
        match view.statement(last) {
            Ok(statement) => {
                if let Statement::Screening(s) = &statement {
                    end = s.first_entry.min(last);
                }
                met.push((last, statement));
            }
            Err(LedgerError::Erased { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(met)
}

/// How many entries there are of each kind. Those that the register leads to are read; the rest are the ledger's own
/// entry, keys, states, screenings and admissions, which are counted by walking over the commits.
///
/// # Errors
/// An entry cannot be read.
pub fn kinds(view: &View) -> Result<BTreeMap<Kind, u64>, LedgerError> {
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    for (_, statement) in view.registered()? {
        *kinds.entry(statement.head().0).or_default() += 1;
    }
    for (_, statement) in commits(view)? {
        match &statement {
            Statement::Screening(s) => {
                *kinds.entry(Kind::Screening).or_default() += 1;
                *kinds.entry(Kind::Admission).or_default() += s.admitted;
            }
            Statement::Ledger(_) | Statement::Key(_) | Statement::State(_) => {
                *kinds.entry(statement.head().0).or_default() += 1;
            }
            // The register has counted these.
            _ => {}
        }
    }
    kinds.retain(|_, count| *count > 0);
    Ok(kinds)
}
