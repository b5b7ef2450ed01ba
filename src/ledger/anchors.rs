//! The earlier checkpoints that a proof brings along, so that witnesses bound the time of its entries from both sides.
//!
//! Which witnesses an auditor trusts is not known here, so every published checkpoint with a line that is not the log's
//! own may serve. Chosen are those that bound the most entries; the verifier believes none of it.

use super::{LedgerError, View};
use crate::log::history;
use crate::tlog::VerifiedCheckpoint;
use crate::verify::proof::{Anchor, MAX_ANCHORS};
use std::collections::{BTreeMap, BTreeSet};

/// Published checkpoints that are read on each side of an entry, in search of one with cosignatures.
pub const MAX_LOOKS: usize = 256;

/// The published note of the view's own checkpoint, with its cosignatures.
///
/// # Errors
/// The published file is damaged.
pub fn newest_note(view: &View) -> Result<String, LedgerError> {
    let current = view.log().checkpoint();
    let published = history::published(view.disk(), view.key(), current.size())?;
    // The same text, or it is no cosigned form of this checkpoint.
    let same = published.filter(|p| p.note().text() == current.note().text());
    Ok(same.as_ref().unwrap_or(current).note().to_string())
}

/// Anchors for a proof that relies on these entries: what bounds an admission counts before what bounds the rest.
///
/// # Errors
/// The history cannot be listed, or a tile is damaged.
pub fn anchors(view: &View, admissions: &[u64], others: &[u64]) -> Result<Vec<Anchor>, LedgerError> {
    let size = view.log().size();
    let mut history = History { view, sizes: history::sizes(view.disk())?, cosigned: BTreeMap::new() };
    history.sizes.retain(|published| *published < size);
    // Entries between the same two published checkpoints are bounded by the same ones.
    let mut between: BTreeMap<usize, u64> = BTreeMap::new();
    for (indices, weight) in [(admissions, 1_000), (others, 1)] {
        for index in indices {
            *between.entry(history.sizes.partition_point(|size| size <= index)).or_default() += weight;
        }
    }
    // What each candidate would bound: an end tells more than a start.
    let mut worth: BTreeMap<u64, u64> = BTreeMap::new();
    for (place, weight) in between {
        if let Some(end) = history.end(place) {
            *worth.entry(end).or_default() += 2 * weight;
        }
        if let Some(start) = history.start(place) {
            *worth.entry(start).or_default() += weight;
        }
    }
    let mut best: Vec<(u64, u64)> = worth.into_iter().map(|(size, worth)| (worth, size)).collect();
    best.sort_unstable_by(|a, b| b.cmp(a));
    let chosen: BTreeSet<u64> = best.into_iter().take(MAX_ANCHORS).map(|(_, size)| size).collect();
    let anchor = |published: u64| {
        let note = history.note(published).unwrap_or_default();
        Ok(Anchor { note, path: view.log().consistency(published, size)? })
    };
    chosen.into_iter().map(anchor).collect()
}

struct History<'a> {
    view: &'a View,
    /// Ascending.
    sizes: Vec<u64>,
    /// Those that were read: the note, if it has cosignatures.
    cosigned: BTreeMap<u64, Option<String>>,
}

impl History<'_> {
    /// The smallest cosigned checkpoint that has the entries which stand before the checkpoint at this place.
    fn end(&mut self, place: usize) -> Option<u64> {
        let sizes: Vec<u64> = self.sizes[place..].iter().take(MAX_LOOKS).copied().collect();
        sizes.into_iter().find(|size| self.look(*size))
    }

    /// The largest cosigned checkpoint that lacks them.
    fn start(&mut self, place: usize) -> Option<u64> {
        let sizes: Vec<u64> = self.sizes[..place].iter().rev().take(MAX_LOOKS).copied().collect();
        sizes.into_iter().find(|size| self.look(*size))
    }

    /// Whether a checkpoint has cosignatures. One that cannot be read serves nobody, and `log fsck` names it.
    fn look(&mut self, size: u64) -> bool {
        let view = self.view;
        let read = || {
            let found = history::published(view.disk(), view.key(), size).ok().flatten();
            found.filter(is_cosigned).map(|checkpoint| checkpoint.note().to_string())
        };
        self.cosigned.entry(size).or_insert_with(read).is_some()
    }

    fn note(&self, size: u64) -> Option<String> {
        self.cosigned.get(&size).cloned().flatten()
    }
}

fn is_cosigned(checkpoint: &VerifiedCheckpoint) -> bool {
    checkpoint.note().signatures().iter().any(|line| line.name() != checkpoint.origin())
}
