//! Statements in the order of the log: times, references, names, the register of each state, the counts of each batch.
//! No file but the log's is read here.

use super::judge::Judge;
use super::{Check, Seen, Total};
use crate::index::RelianceKeys;
use crate::ledger::LedgerError;
use crate::ledger::reindex::{Admitted, Said};
use crate::rows::{self, Builder, KeyedProduct, Row, RowsError};
use crate::statement::terms::Subject;
use crate::statement::{Admission, Kind, RegisterKey, RowsRef, Screening, Statement, Time};
use std::collections::BTreeSet;

/// An entry, as any core can read it.
pub(super) struct Read {
    pub said: Said,
    /// What it names, and of which kinds that may be.
    names: Vec<(u64, &'static [Kind])>,
    /// Of the rows of an admission.
    product: KeyedProduct,
    /// For the judge.
    admission: Option<Box<Admission>>,
}

/// Reads an entry; `seed` keys the products. Only a judge wants the whole of an admission.
pub(super) fn read(
    reliance: &mut RelianceKeys,
    index: u64,
    text: Option<&[u8]>,
    seed: &[u8; 32],
    is_judged: bool,
) -> Read {
    let (said, admission) = Said::of(reliance, index, text);
    let (mut names, mut product) = (Vec::new(), KeyedProduct::new(seed));
    if let Said::Statement(statement) = &said {
        names = statement.names();
    }
    if let (Said::Admission(admitted), Some(admission)) = (&said, &admission) {
        names = admission.names();
        admitted.rows.iter().for_each(|row| product.take(row));
    }
    Read { said, names, product, admission: admission.filter(|_| is_judged) }
}

impl Check<'_> {
    pub(super) fn entry(&mut self, index: u64, entry: &Read) {
        if index > self.next {
            self.unread.push(self.next..index);
        }
        self.next = index + 1;
        match &entry.said {
            Said::Erased => {
                self.report.erased += 1;
                self.erased_unscreened += 1;
                self.erased.insert(index);
            }
            Said::Unreadable(error) => {
                self.unread.push(index..index + 1);
                let error = LedgerError::Statement { index, error: Box::new(error.clone()) };
                self.damage(error.to_string());
            }
            Said::Admission(admitted) => {
                self.common(index, Kind::Admission, admitted.at, &entry.names);
                if let (Some(judge), Some(admission)) = (&mut self.judge, &entry.admission) {
                    judge.admission(index, admission, &mut self.report);
                }
                self.admission(admitted, &entry.product);
            }
            Said::Statement(statement) => {
                let (kind, at) = statement.head();
                self.common(index, kind, at, &entry.names);
                self.kinds.insert(index, kind);
                self.register_rows(index, statement);
                if let Some(judge) = &mut self.judge {
                    judge.statement(index, statement);
                }
                self.meaning(index, statement);
            }
        }
    }

    /// What is to be checked of every statement.
    fn common(&mut self, index: u64, kind: Kind, at: Time, names: &[(u64, &'static [Kind])]) {
        *self.report.entries.entry(kind).or_default() += 1;
        if self.last.is_some_and(|(_, before, _)| at < before) {
            self.damage(format!("entry {index}: dated {at}, before the entry that precedes it"));
        }
        if self.judge.as_ref().is_some_and(|judge| judge.bracket(index).end.is_some_and(|end| at > end)) {
            self.damage(format!("entry {index}: dated {at}, after witnesses had seen it"));
        }
        self.last = Some((index, at, kind));
        self.references(index, names);
    }

    fn references(&mut self, index: u64, names: &[(u64, &'static [Kind])]) {
        for &(named, kinds) in names {
            if named >= index {
                self.damage(format!("entry {index}: names entry {named}, which is not before it"));
                continue;
            }
            // What is neither of a small kind nor erased is an admission.
            let kind = self.kinds.get(&named).copied().unwrap_or(Kind::Admission);
            if !kinds.contains(&kind) && !self.erased.contains(&named) && !self.is_unread(named) {
                self.damage(format!("entry {index}: names entry {named}, which is of the kind {kind}"));
            }
        }
    }

    fn register_rows(&mut self, index: u64, statement: &Statement) {
        for key in statement.register_keys() {
            let name = match &key {
                RegisterKey::Entry(_) | RegisterKey::Run(_) => None,
                other => Some(format!("{other:?}")),
            };
            let dataset = |d: u64| self.datasets.get(&d).map(|s| s.dataset.id.clone());
            match key.row_key(dataset) {
                Some(key) => drop(self.register.insert(Row { key, value: index })),
                // A damaged entry may have been the dataset's.
                None if !self.unread.is_empty() => {}
                None => self.damage(format!("entry {index}: names a dataset that does not exist")),
            }
            if let Some(first) = name.and_then(|name| self.names.insert(name, index)) {
                self.damage(format!("entry {index}: declares a name again that entry {first} declared"));
            }
        }
    }

    fn admission(&mut self, admitted: &Admitted, product: &KeyedProduct) {
        let Admitted { dataset, fact, .. } = admitted;
        *self.unscreened.entry(*dataset).or_default() += 1;
        if let Some(Seen { total, .. }) = self.datasets.get_mut(dataset) {
            total.rows.merge(product);
            total.works += u64::from(fact.work == fact.index);
            total.bytes = total.bytes.saturating_add(fact.bytes);
        }
    }

    fn meaning(&mut self, index: u64, statement: &Statement) {
        match statement {
            Statement::Ledger(ledger) => {
                if index != 0 || ledger.origin != self.origin {
                    self.damage(format!("entry {index}: is not this log's first entry"));
                }
            }
            Statement::Dataset(dataset) => {
                let total = Total { rows: KeyedProduct::new(&self.seed), works: 0, bytes: 0 };
                self.datasets.insert(index, Seen { dataset: dataset.clone(), total });
            }
            Statement::Grant(grant) => {
                if let Ok(Subject::Catalogue(rows)) = grant.terms().map(|t| t.subject) {
                    self.catalogues.insert(index, rows);
                }
            }
            Statement::Screening(screening) => self.screening(index, screening.clone()),
            Statement::Release(release) => {
                if release.log_size != index {
                    self.damage(format!("entry {index}: is a release of log size {}", release.log_size));
                }
                let seen = self.datasets.get(&release.dataset).map(|s| s.total.clone());
                self.releases.extend(seen.map(|total| (index, release.clone(), total)));
            }
            Statement::State(state) => {
                if state.log_size != index {
                    self.damage(format!("entry {index}: is a state of log size {}", state.log_size));
                }
                let is_own = root(&self.register).is_ok_and(|register| register == state.register);
                if !is_own && self.unread.is_empty() {
                    self.contested.insert(index, state.register);
                }
                self.states.insert(index, state.register);
            }
            Statement::Withdrawal(w) => {
                if w.entries.last().is_some_and(|r| r.first.saturating_add(r.count) > index) {
                    self.damage(format!("entry {index}: withdraws entries that are not before it"));
                }
                self.removals.push((index, statement.clone()));
            }
            Statement::Erasure(_) => self.removals.push((index, statement.clone())),
            Statement::Dispute(dispute) => self.disputes.extend(dispute.claim().map(|claim| (index, claim))),
            Statement::Admission(_) | Statement::Correction(_) | Statement::GrantEnd(_) => {}
            Statement::Key(_) | Statement::Run(_) => {}
        }
    }

    fn screening(&mut self, index: u64, screening: Screening) {
        let admitted = std::mem::take(&mut self.unscreened);
        let others = admitted.keys().any(|dataset| *dataset != screening.dataset);
        let seen = admitted.get(&screening.dataset).copied().unwrap_or(0);
        // An erased entry may have been an admission.
        let erased = std::mem::take(&mut self.erased_unscreened);
        let differs = others || !(seen..=seen + erased).contains(&screening.admitted);
        if differs && self.unread.is_empty() {
            self.damage(format!("entry {index}: counts other admissions than those before it"));
        }
        if screening.first_entry > index {
            self.damage(format!("entry {index}: begins after itself"));
        }
        self.screenings.push((index, screening));
    }

    pub(super) fn last_entry(&mut self, size: u64) {
        if let Some(Err(error)) = self.judge.as_mut().map(Judge::conclude) {
            self.damage(error.to_string());
        }
        if self.next < size {
            self.unread.push(self.next..size);
        }
    }

    /// What can be said of the whole log, once the registers were held against it.
    pub(super) fn ending(&mut self) {
        let (size, ends_well) =
            (self.report.log_size, matches!(self.last, Some((_, _, Kind::State | Kind::Screening))));
        if size > 0 && self.report.damage.is_empty() && !ends_well {
            self.damage(format!("entry {}: a commit ends with a state or a screening", size - 1));
        }
        let named: BTreeSet<u64> = self.removals.iter().filter_map(|(_, s)| erased(s)).collect();
        let unnamed: Vec<u64> = self.erased.difference(&named).copied().collect();
        for index in unnamed.into_iter().filter(|_| self.unread.is_empty()).collect::<Vec<_>>() {
            self.damage(format!("entry {index}: is empty, and no erasure names it"));
        }
    }
}

fn erased(statement: &Statement) -> Option<u64> {
    if let Statement::Erasure(erasure) = statement { Some(erasure.entry) } else { None }
}

/// The root of a register in memory.
fn root(rows: &BTreeSet<Row>) -> Result<RowsRef, RowsError> {
    let count = rows.len() as u64;
    let mut builder = Builder::new(rows::Kind::Register, count, |_, _| Ok::<(), RowsError>(()))?;
    rows.iter().try_for_each(|row| builder.push(*row))?;
    Ok(RowsRef { count, root: builder.finish()? })
}
