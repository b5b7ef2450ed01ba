//! Entries of a batch on their way to the log: numbered by the gate, then made of the works, salted, printed, hashed and
//! written on every core.

use super::screen::Admitted;
use crate::index::{Reliance, RelianceKey};
use crate::ledger::LedgerError;
use crate::ledger::candidate::SourceWork;
use crate::ledger::gate::Gate;
use crate::ledger::writer::invalid;
use crate::log::{Encoder, Entries};
use crate::rows;
use crate::statement::admission::Licence;
use crate::statement::vocabulary::{Layer, Obligation};
use crate::statement::{Admission, Is, Kind, Salt, Set, Time, V1, json};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Entries that one core encodes at once: whole tiles.
const ENTRIES_AT_ONCE: u64 = 4096;

/// Consecutive entries, as the gate numbered them.
pub(super) struct Numbered {
    pub first: u64,
    /// One after the last.
    pub end: u64,
    /// Works, of which some were admitted.
    pub works: Vec<SourceWork>,
    /// What came of each.
    pub admitted: Vec<Option<Admitted>>,
    /// What they were admitted on.
    pub terms: Vec<EntryTerms>,
    /// Other statements among them, by log index, as they are printed.
    pub declared: Vec<(u64, String)>,
}

/// What the gate adds to the entry of a work: many works of a batch have the same.
pub(super) struct EntryTerms {
    pub at: Time,
    pub dataset: u64,
    /// The grants, by their place at the gate.
    pub chosen: Vec<(Layer, usize)>,
    /// The same by log index.
    pub grants: BTreeMap<Layer, u64>,
    pub obligations: Set<Obligation>,
    pub spdx: Option<Arc<str>>,
    /// The key of what such a work relies on, where it is neither registered nor overridden.
    reliance: RelianceKey,
}

impl EntryTerms {
    /// Of grants that are numbered.
    pub fn new(
        (at, dataset): (Time, u64),
        gate: &Gate,
        chosen: Vec<(Layer, usize)>,
        grants: BTreeMap<Layer, u64>,
        spdx: Option<Arc<str>>,
    ) -> EntryTerms {
        let obligations = gate.obligations(&chosen).collect();
        let reliance = Reliance { grants: grants.clone(), overridden: false, registered: false }.key();
        EntryTerms { at, dataset, chosen, grants, obligations, spdx, reliance }
    }

    /// The key of what a work relies on.
    pub fn reliance(&self, overridden: bool, registered: bool) -> RelianceKey {
        match overridden || registered {
            true => Reliance { grants: self.grants.clone(), overridden, registered }.key(),
            false => self.reliance,
        }
    }

    /// The entry of a work, but for its salt.
    pub fn admission(&self, work: SourceWork, admitted: &Admitted) -> Admission {
        let spdx = self.spdx.as_deref().map(str::to_owned);
        Admission {
            at: self.at,
            dataset: self.dataset,
            embodiments: work.embodiments,
            grants: self.grants.clone(),
            identifiers: work.identifiers.into(),
            kind: Is,
            layers: work.layers.into(),
            licence: work.licence.map(|l| Licence { raw: l.raw, source: l.source, spdx }),
            obligations: self.obligations.clone(),
            override_: admitted.override_.as_deref().cloned(),
            parties: work.parties,
            salt: Salt([0; 16]),
            same_as: admitted.same_as,
            title: work.title,
            used_from: work.used_from,
            v: V1,
            work_type: work.work_type,
        }
    }
}

impl Numbered {
    /// Encodes them, in their order, which uses their works up.
    ///
    /// # Errors
    /// An admission breaks a rule of its kind, or a bundle cannot be written.
    pub fn encode(&mut self, seed: &[u8; 32], encoder: &Encoder) -> Result<Vec<Entries>, LedgerError> {
        let pieces = self.pieces();
        pieces.into_par_iter().map(|piece| piece.encode(seed, encoder)).collect()
    }

    /// Cuts them where tiles end.
    fn pieces(&mut self) -> Vec<Piece<'_>> {
        let (mut works, mut admitted, mut declared) = (&mut *self.works, &*self.admitted, &*self.declared);
        let (mut pieces, mut first) = (Vec::new(), self.first);
        while first < self.end {
            let end = self.end.min((first / ENTRIES_AT_ONCE + 1) * ENTRIES_AT_ONCE);
            let beyond = |a: &Option<Admitted>| a.as_ref().is_some_and(|a| a.index >= end);
            let count = admitted.iter().position(beyond).unwrap_or(admitted.len());
            let mut piece = Piece { first, terms: &self.terms, works: &mut [], admitted: &[], declared: &[] };
            (piece.works, works) = works.split_at_mut(count);
            (piece.admitted, admitted) = admitted.split_at(count);
            (piece.declared, declared) = declared.split_at(declared.partition_point(|(index, _)| *index < end));
            pieces.push(piece);
            first = end;
        }
        pieces
    }
}

/// Entries that one core encodes.
struct Piece<'a> {
    first: u64,
    terms: &'a [EntryTerms],
    works: &'a mut [SourceWork],
    /// What came of each work.
    admitted: &'a [Option<Admitted>],
    declared: &'a [(u64, String)],
}

impl Piece<'_> {
    fn encode(self, seed: &[u8; 32], encoder: &Encoder) -> Result<Entries, LedgerError> {
        let mut entries = encoder.entries(self.first)?;
        let mut declared = self.declared.iter().peekable();
        for (work, admitted) in self.works.iter_mut().zip(self.admitted) {
            let Some(admitted) = admitted else { continue };
            while let Some((_, text)) = declared.next_if(|(index, _)| *index < admitted.index) {
                entries.push(|out| out.extend_from_slice(text.as_bytes()))?;
            }
            let mut admission = self.terms[admitted.terms as usize].admission(std::mem::take(work), admitted);
            admission.salt = Salt(rows::salt(seed, admitted.index));
            admission.check().map_err(|error| invalid(Kind::Admission, error))?;
            entries.push(|out| json::print_into(&admission, out))?;
        }
        // Those that the first work of the next piece needs.
        for (_, text) in declared {
            entries.push(|out| out.extend_from_slice(text.as_bytes()))?;
        }
        Ok(entries)
    }
}
