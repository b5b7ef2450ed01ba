//! Making a proof file: the works asked, present or absent in a release, with everything that a stranger needs.
//!
//! What is needed is found by asking as the verifier will: rows for the identifiers, admissions for the rows, grants
//! for the admissions, and what the register has about each. The file is verified before it leaves the house.

use super::anchors::{anchors, newest_note};
use super::seal::release_path;
use super::view::parse;
use super::{LedgerError, View};
use crate::index::{IndexError, NODES_FROM, NodesFile, RowsFile};
use crate::log::Entry;
use crate::rows::{self, Key, MemoryTree, Root, register_key, work_key};
use crate::statement::terms::Subject;
use crate::statement::{Dataset, Identifier, ReleaseName, RowsRef, Set, Statement};
use crate::verify::proof::{Claim, DisclosedEntry, DisclosedRow, DisclosedTable, Format, ProofFile};
use crate::verify::{self, Question, Trust, Verified};
use std::collections::{BTreeMap, BTreeSet};

/// A proof that was made and verified.
#[derive(Debug)]
pub struct Proven {
    /// The file.
    pub bytes: Vec<u8>,
    /// What it establishes for a stranger who trusts the log's key.
    pub facts: Verified,
}

/// Where a catalogue's rows are.
pub fn catalogue_path(root: &Root) -> String {
    format!("catalogue/{}", root.to_hex())
}

/// Proves works, each given by its identifiers, present in a release or absent from it.
///
/// # Errors
/// There is no such release, a file is missing or damaged, or nothing was asked.
pub fn prove(view: &View, release: &ReleaseName, works: &[Vec<Identifier>]) -> Result<Proven, LedgerError> {
    let claims: BTreeSet<Claim> =
        works.iter().map(|ids| Claim { identifiers: ids.iter().cloned().collect::<Set<_>>() }).collect();
    if claims.is_empty() || claims.iter().any(|c| c.identifiers.is_empty()) {
        return Err(LedgerError::NothingAsked);
    }
    let mut prover = Prover::new(view, release)?;
    prover.release_rows(&claims)?;
    prover.close()?;
    let file = prover.file(claims.into_iter().collect())?;
    let bytes = file.print();
    let trust = Trust::log(view.key().clone())?;
    let question = Question { release: Some(release.clone()), ..Question::default() };
    let facts = verify::verify(&bytes, &trust, &question).map_err(|e| LedgerError::OwnProof(Box::new(e)))?;
    Ok(Proven { bytes, facts })
}

struct Prover<'a> {
    view: &'a View,
    name: &'a ReleaseName,
    dataset: (u64, Dataset),
    release: (u64, RowsRef),
    /// Disclosed entries; `None` is an erased one.
    entries: BTreeMap<u64, Option<Statement>>,
    /// Admissions and the identifiers that lead to them.
    found: BTreeMap<u64, Vec<Identifier>>,
    /// Keys looked up in the register.
    register_keys: BTreeSet<Key>,
    /// Keys looked up in the catalogues of signed grants, by the grant's index.
    catalogues: BTreeMap<u64, (RowsRef, BTreeSet<Key>)>,
    tables: Vec<DisclosedTable>,
}

impl<'a> Prover<'a> {
    fn new(view: &'a View, name: &'a ReleaseName) -> Result<Prover<'a>, LedgerError> {
        let (index, release) = view.release(name)?;
        let dataset = (release.dataset, view.dataset_at(release.dataset)?);
        let mut prover = Prover {
            view,
            name,
            dataset,
            release: (index, release.rows),
            entries: BTreeMap::new(),
            found: BTreeMap::new(),
            register_keys: BTreeSet::new(),
            catalogues: BTreeMap::new(),
            tables: Vec::new(),
        };
        for entry in [0, release.dataset, index, view.state().0] {
            prover.disclose(entry)?;
        }
        Ok(prover)
    }

    /// Looks every identifier up in the release.
    fn release_rows(&mut self, claims: &BTreeSet<Claim>) -> Result<(), LedgerError> {
        let ids = claims.iter().flat_map(|c| &c.identifiers);
        let by_key: BTreeMap<Key, &Identifier> = ids.map(|id| (work_key(id.as_str()), id)).collect();
        let keys: BTreeSet<Key> = by_key.keys().copied().collect();
        let (index, rows) = self.release;
        let table = self.table(index, &release_path(self.name), rows::Kind::Release, rows, &keys)?;
        for row in &table.rows {
            // Neighbours are disclosed too; they lead nowhere that was asked.
            if let Some(id) = by_key.get(&row.key) {
                self.found.entry(row.value).or_default().push((*id).clone());
            }
        }
        self.tables.push(table);
        Ok(())
    }

    /// Discloses the admissions found, their grants, and what the register has about them.
    fn close(&mut self) -> Result<(), LedgerError> {
        self.register_name(&format!("dataset:{}", self.dataset.1.id))?;
        self.register_name(&format!("release:{}", self.name))?;
        self.register_entry(self.dataset.0)?;
        for (index, ids) in std::mem::take(&mut self.found) {
            self.disclose(index)?;
            self.register_entry(index)?;
            let Some(Some(Statement::Admission(admission))) = self.entries.get(&index) else { continue };
            let required = self.dataset.1.layers.iter().filter_map(|layer| admission.grants.get(layer).copied());
            for grant in required.collect::<BTreeSet<u64>>() {
                self.grant(grant, &ids)?;
            }
        }
        Ok(())
    }

    fn grant(&mut self, index: u64, ids: &[Identifier]) -> Result<(), LedgerError> {
        if !self.entries.contains_key(&index) {
            let (_, grant, terms) = self.view.grant_at(index)?;
            self.disclose(index)?;
            self.register_name(&format!("grant:{}", terms.id))?;
            self.register_entry(index)?;
            if let (Some(_), Subject::Catalogue(rows)) = (&grant.envelope, terms.subject) {
                self.catalogues.insert(index, (rows, BTreeSet::new()));
            }
        }
        if let Some((_, keys)) = self.catalogues.get_mut(&index) {
            keys.extend(ids.iter().map(|id| work_key(id.as_str())));
        }
        Ok(())
    }

    /// Everything that the register has about an entry; an erased one is shown with its erasure.
    fn register_entry(&mut self, index: u64) -> Result<(), LedgerError> {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            let name = format!("entry:{index}");
            if self.register_keys.contains(&register_key(&name)) {
                continue;
            }
            let found = self.register_name(&name)?;
            open.extend(found.into_iter().filter(|other| matches!(self.entries.get(other), Some(None))));
        }
        Ok(())
    }

    fn register_name(&mut self, name: &str) -> Result<Vec<u64>, LedgerError> {
        self.register_keys.insert(register_key(name));
        let found = self.view.look_up(name)?;
        found.iter().try_for_each(|index| self.disclose(*index))?;
        Ok(found)
    }

    fn disclose(&mut self, index: u64) -> Result<(), LedgerError> {
        if let std::collections::btree_map::Entry::Vacant(place) = self.entries.entry(index) {
            place.insert(match self.view.log().entry(index)? {
                Entry::Text(text) => Some(parse(index, &text)?),
                Entry::Erased(_) => None,
            });
        }
        Ok(())
    }

    /// The disclosed part of a table: the rows that answer these keys, and their proof.
    fn table(
        &self,
        statement: u64,
        path: &str,
        kind: rows::Kind,
        signed: RowsRef,
        keys: &BTreeSet<Key>,
    ) -> Result<DisclosedTable, LedgerError> {
        let disk = self.view.disk();
        let file = RowsFile::open(disk, path, kind)?;
        if file.count() != signed.count {
            return Err(LedgerError::BadRows { path: path.to_owned(), index: statement });
        }
        let keys: Vec<Key> = keys.iter().copied().collect();
        let positions = rows::disclose(&file.find_all(&keys)?, file.count());
        let row = |position: &u64| {
            let row = file.row(*position)?;
            Ok(DisclosedRow { key: row.key, position: *position, value: row.value })
        };
        let disclosed = positions.iter().map(row).collect::<Result<Vec<_>, LedgerError>>()?;
        let proof = if signed.count < NODES_FROM {
            // Small tables are proven by the crate that defines the tree, in memory.
            let all = file.stream().collect::<Result<Vec<_>, _>>()?;
            MemoryTree::new(kind, &all).and_then(|tree| tree.prove(&positions)).map_err(IndexError::from)?
        } else {
            let nodes = NodesFile::open(disk, kind, signed.count, &signed.root);
            let node = |index| nodes.as_ref().map(|n| n.node(index)).transpose();
            rows::prove(file.count(), &positions, |position| file.row(position), node)?
        };
        Ok(DisclosedTable { proof, rows: disclosed, statement })
    }

    fn file(mut self, claims: Vec<Claim>) -> Result<ProofFile, LedgerError> {
        let (state, statement) = self.view.state();
        let path = crate::index::register_path(state);
        let register = statement.register;
        let table = self.table(state, &path, rows::Kind::Register, register, &self.register_keys)?;
        self.tables.push(table);
        for (grant, (rows, keys)) in &self.catalogues {
            let path = catalogue_path(&rows.root);
            let table = self.table(*grant, &path, rows::Kind::Catalogue, *rows, keys)?;
            self.tables.push(table);
        }
        self.tables.sort_by_key(|t| t.statement);
        let indices: Vec<u64> = self.entries.keys().copied().collect();
        let batch = self.view.log().batch(&indices)?;
        let entries = self.entries.iter().zip(&batch.leaves).map(|((index, statement), (_, leaf))| DisclosedEntry {
            index: *index,
            leaf: statement.is_none().then_some(*leaf),
            text: statement.as_ref().map(Statement::print),
        });
        let is_admission = |index: &&u64| matches!(self.entries[*index], Some(Statement::Admission(_)) | None);
        let (admissions, others): (Vec<u64>, Vec<u64>) = indices.iter().partition(is_admission);
        Ok(ProofFile {
            anchors: anchors(self.view, &admissions, &others)?,
            checkpoint: newest_note(self.view)?,
            claims,
            entries: entries.collect(),
            format: Format::V1,
            path: batch.path,
            tables: self.tables,
        })
    }
}
