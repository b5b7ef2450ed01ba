//! Entries of a batch on their way to the log: numbered by the gate, then salted, printed, hashed and written on every
//! core.

use crate::ledger::LedgerError;
use crate::ledger::writer::invalid;
use crate::log::{Encoder, Entries};
use crate::rows;
use crate::statement::{Admission, Kind, Salt, json};
use rayon::prelude::*;

/// Entries that one core encodes at once: whole tiles.
const ENTRIES_AT_ONCE: u64 = 4096;

/// Consecutive entries, as the gate made them.
#[derive(Default)]
pub(super) struct Numbered {
    pieces: Vec<Piece>,
}

struct Piece {
    first: u64,
    admissions: Vec<Admission>,
    /// Other statements among them, by log index, as they are printed.
    declared: Vec<(u64, String)>,
}

impl Numbered {
    /// Adds an admission; what salt it has does not matter.
    pub fn admit(&mut self, index: u64, admission: Admission) {
        self.piece(index).admissions.push(admission);
    }

    /// Adds another statement.
    pub fn declare(&mut self, index: u64, text: String) {
        self.piece(index).declared.push((index, text));
    }

    fn piece(&mut self, index: u64) -> &mut Piece {
        if self.pieces.is_empty() || index.is_multiple_of(ENTRIES_AT_ONCE) {
            let admissions = Vec::with_capacity(self.pieces.last().map_or(0, |full| full.admissions.len()));
            self.pieces.push(Piece { first: index, admissions, declared: Vec::new() });
        }
        let last = self.pieces.len() - 1;
        &mut self.pieces[last]
    }

    /// Encodes them, in their order.
    ///
    /// # Errors
    /// An admission breaks a rule of its kind, or a bundle cannot be written.
    pub fn encode(self, seed: &[u8; 32], encoder: &Encoder) -> Result<Vec<Entries>, LedgerError> {
        self.pieces.into_par_iter().map(|piece| piece.encode(seed, encoder)).collect()
    }
}

impl Piece {
    fn encode(mut self, seed: &[u8; 32], encoder: &Encoder) -> Result<Entries, LedgerError> {
        let mut entries = encoder.entries(self.first)?;
        let count = self.admissions.len() + self.declared.len();
        let mut declared = self.declared.iter().peekable();
        let mut admissions = self.admissions.iter_mut();
        for index in self.first..self.first + count as u64 {
            if let Some((_, text)) = declared.next_if(|(at, _)| *at == index) {
                entries.push(|out| out.extend_from_slice(text.as_bytes()))?;
            } else if let Some(admission) = admissions.next() {
                admission.salt = Salt(rows::salt(seed, index));
                admission.check().map_err(|error| invalid(Kind::Admission, error))?;
                entries.push(|out| json::print_into(admission, out))?;
            }
        }
        Ok(entries)
    }
}
