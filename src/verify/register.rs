//! The register's part of a proof file: complete look-ups of names and of entries, every row led to its entry.

use super::VerifyError;
use super::opened::Opened;
use crate::rows::{Table, register_key};
use crate::statement::{Name, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// The verified register table, and what was found in it so far.
pub(super) struct Register {
    table: Table,
    /// Log index of the state: rows lead below it.
    state: u64,
    dataset: (u64, Name),
    /// `entry:<index>` look-ups that were made, with what they found; `None` is an erased entry.
    about: BTreeMap<u64, Vec<(u64, Option<Statement>)>>,
    /// Entries whose erasure was found: many rows may lead to one of them.
    erased: BTreeSet<u64>,
}

impl Register {
    pub fn new(table: Table, state: u64, dataset: (u64, Name)) -> Register {
        Register { table, state, dataset, about: BTreeMap::new(), erased: BTreeSet::new() }
    }

    /// Requires that `name` has one row and that it leads to `index`: names are unique in a ledger.
    pub fn declared_once(&mut self, opened: &mut Opened, name: &str, index: u64) -> Result<(), VerifyError> {
        let found = self.look_up(opened, name)?;
        match found.as_slice() {
            [(one, Some(_))] if *one == index => Ok(()),
            [] | [_] => Err(VerifyError::NotRegistered { name: name.to_owned(), index }),
            [(first, _), (second, _), ..] => {
                Err(VerifyError::NameTwice { name: name.to_owned(), first: *first, second: *second })
            }
        }
    }

    /// Everything that the register has about an entry: index and statement, `None` where it was erased.
    pub fn about(&mut self, opened: &mut Opened, index: u64) -> Result<&[(u64, Option<Statement>)], VerifyError> {
        if !self.about.contains_key(&index) {
            let found = self.look_up(opened, &format!("entry:{index}"))?;
            for (other, statement) in &found {
                self.check_dispute(opened, *other, statement.as_ref())?;
                if statement.is_none() {
                    // An erased entry is only believed with the erasure that names it.
                    self.erased(opened, *other)?;
                }
            }
            self.about.insert(index, found);
        }
        Ok(self.about.get(&index).map_or(&[], Vec::as_slice))
    }

    /// Requires an erasure of this entry, and of every erased entry that the register has about one of these.
    pub fn erased(&mut self, opened: &mut Opened, index: u64) -> Result<(), VerifyError> {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            if !self.erased.insert(index) {
                continue;
            }
            let found = self.look_up(opened, &format!("entry:{index}"))?;
            for (other, statement) in &found {
                self.check_dispute(opened, *other, statement.as_ref())?;
            }
            if !found.iter().any(|(_, s)| matches!(s, Some(Statement::Erasure(_)))) {
                return Err(VerifyError::Erased { index });
            }
            open.extend(found.into_iter().filter(|(_, s)| s.is_none()).map(|(other, _)| other));
        }
        Ok(())
    }

    /// Requires that every disclosed row was needed.
    pub fn finish(&self) -> Result<(), VerifyError> {
        self.table.finish().map_err(|error| VerifyError::Rows { statement: self.state, error })
    }

    fn look_up(&mut self, opened: &mut Opened, name: &str) -> Result<Vec<(u64, Option<Statement>)>, VerifyError> {
        let key = register_key(name);
        let rows = self.table.look_up(&key).map_err(|error| VerifyError::Rows { statement: self.state, error })?;
        let mut found = Vec::with_capacity(rows.len());
        for (_, row) in rows {
            let index = row.value;
            if index >= self.state {
                return Err(VerifyError::RowBeyond { statement: self.state, index });
            }
            let statement = opened.entry(index)?.cloned();
            if let Some(statement) = &statement {
                let name_of = |d: u64| (d == self.dataset.0).then(|| self.dataset.1.clone());
                if !statement.register_keys().iter().any(|k| k.row_key(name_of) == Some(key)) {
                    return Err(VerifyError::RowMismatch { statement: self.state, index });
                }
            }
            found.push((index, statement));
        }
        Ok(found)
    }

    /// A dispute is about this log and this leaf, or it is not one.
    fn check_dispute(&self, opened: &Opened, index: u64, s: Option<&Statement>) -> Result<(), VerifyError> {
        let Some(Statement::Dispute(dispute)) = s else { return Ok(()) };
        let claim = dispute.claim().map_err(|_| VerifyError::Dispute { index })?;
        let leaf = opened.leaf(claim.entry).is_none_or(|leaf| *leaf == claim.leaf);
        if leaf && claim.origin == opened.checkpoint.origin() { Ok(()) } else { Err(VerifyError::Dispute { index }) }
    }
}
