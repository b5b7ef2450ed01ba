//! Looking: an entry, a declaration or the admissions of a work.

use super::{LedgerError, View};
use crate::index::{RowsFile, RunName};
use crate::rows::{self, work_key};
use crate::statement::{Identifier, Kind, Name, ReleaseName, Statement};
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
            found
        }
        What::Work(id) => admissions(view, id)?,
    };
    if indices.is_empty() {
        let name = match what {
            What::Name(name) => name.to_string(),
            What::Work(id) => id.to_string(),
            What::Entry(index) => index.to_string(),
            What::Release(name) => name.to_string(),
        };
        return Err(LedgerError::Unknown { what: "dataset, grant or work", name });
    }
    indices.into_iter().map(|index| Ok((index, view.statement(index)?))).collect()
}

/// Every admission in the index that has an identifier, checked against the log.
fn admissions(view: &View, id: &Identifier) -> Result<Vec<u64>, LedgerError> {
    let key = work_key(id.as_str());
    let mut found = Vec::new();
    for dataset in view.disk().list("index/run")? {
        for file in view.disk().list(&format!("index/run/{}", dataset.name))? {
            let Some(name) = RunName::parse(&dataset.name, &file.name) else { continue };
            if name.end > view.log().size() {
                continue;
            }
            let run = RowsFile::open(view.disk(), &name.run_path(), rows::Kind::IndexRun)?;
            run.join(&[key], |_, row| found.push(row.value))?;
        }
    }
    found.sort_unstable();
    found.dedup();
    let mut admissions = Vec::new();
    for index in found {
        if let Statement::Admission(a) = view.statement(index)?
            && a.looked_up_by().any(|i| i == id)
        {
            admissions.push(index);
        }
    }
    Ok(admissions)
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
    let mut end = view.log().size();
    while let Some(last) = end.checked_sub(1) {
        end = last;
        let statement = match view.statement(last) {
            Ok(statement) => statement,
            Err(LedgerError::Erased { .. }) => continue,
            Err(error) => return Err(error),
        };
        match &statement {
            Statement::Screening(s) => {
                *kinds.entry(Kind::Screening).or_default() += 1;
                *kinds.entry(Kind::Admission).or_default() += s.admitted;
                end = s.first_entry.min(last);
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
