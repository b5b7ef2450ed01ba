//! Inclusion proofs (RFC 9162 section 2.1.3): one leaf is in the tree of a given root.
//!
//! Not here: many leaves with one path, which is [`super::batch`].
//!
//! Invariants: the path runs from the leaf to the root, and `verify` uses it up; size and root come from a
//! checkpoint, never from whoever made the path.

use super::hash::Hash;
use super::tree::{NodeId, ProofError, range_hash, siblings};

/// The audit path of leaf `index` in the tree of the first `size` leaves, at most 64 hashes.
///
/// Fails with [`ProofError::IndexOutOfRange`] unless `index < size`, or as the reader fails.
pub fn prove<E: From<ProofError>>(
    index: u64,
    size: u64,
    mut read: impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    if index >= size {
        return Err(ProofError::IndexOutOfRange { index, size }.into());
    }
    siblings(NodeId::leaf(index), size)
        .map(|sibling| range_hash(sibling.range.start, sibling.range.end, &mut read))
        .collect()
}

/// Checks that `leaf` is the hash of leaf `index` in the tree of `size` leaves under `root`.
///
/// Gives the same answer as the algorithm of section 2.1.3.2: the path must have exactly the hashes that
/// index and size ask for.
pub fn verify(index: u64, size: u64, leaf: &Hash, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::IndexOutOfRange { index, size });
    }
    let mut hashes = path.iter();
    let mut calculated = *leaf;
    for sibling in siblings(NodeId::leaf(index), size) {
        let own = hashes.next().ok_or(ProofError::PathTooShort { len: path.len() })?;
        calculated = sibling.join(own, &calculated);
    }
    check_end(path, hashes.len(), &calculated, root)
}

/// The end of every verification: no hash is left over, and the root is the trusted one.
pub(super) fn check_end(path: &[Hash], unused: usize, calculated: &Hash, expected: &Hash) -> Result<(), ProofError> {
    if unused > 0 {
        return Err(ProofError::PathTooLong { len: path.len(), used: path.len() - unused });
    }
    if calculated != expected {
        return Err(ProofError::RootMismatch { expected: *expected, calculated: *calculated });
    }
    Ok(())
}
