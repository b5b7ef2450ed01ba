//! The proof of one entry, as other people's programs read it (C2SP tlog-proof).
//!
//! Not here: what the entry means for a work, which a proof file shows ([`super::prove`]).
//! Invariant: a proof is handed out only if it verifies against the leaf that the log has.

use super::{LedgerError, View, anchors, export};
use crate::log::Entry;
use crate::tlog::{Hash, Note, Policy, TlogProof, TlogProofError, leaf_hash};

/// The proof of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Single {
    /// The proof, with the newest checkpoint and its cosignatures.
    pub proof: TlogProof,
    /// Leaves under that checkpoint.
    pub size: u64,
    /// The hash of the entry's leaf, which is what the proof is about.
    pub leaf: Hash,
    /// The entry's bytes; `None` if they were erased. The leaf is proven all the same.
    pub entry: Option<Vec<u8>>,
}

/// Proves that the entry at `index` is in the log.
///
/// # Errors
/// There is no such entry, or it, a tile or the published checkpoint is damaged.
pub fn prove(view: &View, index: u64) -> Result<Single, LedgerError> {
    let log = view.log();
    let (leaf, entry) = match log.entry(index)? {
        Entry::Text(entry) => (leaf_hash(&entry), Some(entry)),
        // Without its erasure an empty entry is damage.
        Entry::Erased(_) if !export::erased(view)?.contains(&index) => return Err(LedgerError::Emptied { index }),
        Entry::Erased(leaf) => (leaf, None),
    };
    let checkpoint = Note::parse(&anchors::newest_note(view)?)?;
    let proof = TlogProof { extra: Vec::new(), index, path: log.inclusion(index)?, checkpoint };
    let own = |error: TlogProofError| LedgerError::OwnEntryProof { index, error };
    let printed = TlogProof::parse(&proof.to_string()).map_err(own)?;
    printed.verify(&leaf, &Policy::from_log(view.key().clone())?).map_err(own)?;
    Ok(Single { proof, size: log.size(), leaf, entry })
}
