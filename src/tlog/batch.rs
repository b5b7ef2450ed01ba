//! Batch inclusion (formats.md, section 2): many leaves are in the tree of a given root, with one path.
//!
//! Not here: RFC 9162 paths, which prove one leaf each and share nothing.
//!
//! The tree is walked from the root, left before right. A subtree without a disclosed leaf is one hash of the
//! path; a disclosed leaf is itself; everything else is split where RFC 9162 splits it:
//! ```text
//! leaves 2 and 5 of 7:           path = [01, 3, 4, 6]
//!                 ( . . . . | . . . )
//!          ( 01 | 2 3 )        ( 4 5 | 6 )
//! ```
//!
//! Invariants: the path is the shortest that the disclosed leaves allow, and there is only one; the indices are
//! checked before anything is hashed. Work is at most 64 steps per leaf, and recursion is at most 64 deep,
//! because each step halves the range that is left.

use super::hash::{Hash, node_hash};
use super::inclusion::check_end;
use super::tree::{NodeId, ProofError, range_hash, siblings};
use std::collections::BTreeMap;

/// What a batch proof that was verified discloses.
#[derive(Debug, Clone, Copy)]
pub struct Disclosed<'a> {
    /// (index, hash), strictly ascending.
    pub leaves: &'a [(u64, Hash)],
    /// The path that proves them.
    pub path: &'a [Hash],
}

/// The path that proves the leaves at `indices`, which ascend strictly, in the tree of the first `size` leaves.
///
/// Fails if there are no indices, if they do not ascend or are not below `size`, or as the reader fails.
pub fn prove<E: From<ProofError>>(
    indices: &[u64],
    size: u64,
    mut read: impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    check_indices(indices.iter().copied(), size)?;
    let mut path = Vec::new();
    prove_range(indices, 0, size, &mut |begin, end| -> Result<(), E> {
        path.push(range_hash(begin, end, &mut read)?);
        Ok(())
    })?;
    Ok(path)
}

/// Checks that each of `leaves`, (index, hash) in strictly ascending order, is in the tree of `size` leaves
/// under `root`.
pub fn verify(leaves: &[(u64, Hash)], size: u64, path: &[Hash], root: &Hash) -> Result<(), ProofError> {
    check_indices(leaves.iter().map(|leaf| leaf.0), size)?;
    let mut hashes = path.iter();
    let mut next = || hashes.next().copied().ok_or(ProofError::PathTooShort { len: path.len() });
    let calculated = verify_range(leaves, 0, size, &mut next, &mut |_, _, _| {})?;
    check_end(path, hashes.len(), &calculated, root)
}

/// The path for the leaves at `indices` alone, out of proofs in one tree of `size` leaves that disclose them between
/// them. Needs no tree. The proofs are believed: verify them before, or the path after.
///
/// Fails if the indices do not ascend or are not below `size`, or the proofs do not say enough.
pub fn narrow(proofs: &[Disclosed<'_>], size: u64, indices: &[u64]) -> Result<Vec<Hash>, ProofError> {
    check_indices(indices.iter().copied(), size)?;
    let mut ranges = Vec::new();
    prove_range(indices, 0, size, &mut |begin, end| -> Result<(), ProofError> {
        ranges.push((begin, end));
        Ok(())
    })?;
    known(proofs, size, &ranges)
}

/// The audit path (RFC 9162 section 2.1.3) of one leaf, out of a batch proof in a tree of `size` leaves that discloses
/// it. The proof is believed, as by [`narrow`].
///
/// Fails if the index is not below `size`, or the proof does not say enough.
pub fn audit_path(proof: Disclosed<'_>, size: u64, index: u64) -> Result<Vec<Hash>, ProofError> {
    check_indices(std::iter::once(index), size)?;
    let ranges: Vec<(u64, u64)> =
        siblings(NodeId::leaf(index), size).map(|sibling| (sibling.range.start, sibling.range.end)).collect();
    known(&[proof], size, &ranges)
}

/// The hashes of these ranges of leaves, in their order, as proofs tell them.
fn known(proofs: &[Disclosed<'_>], size: u64, ranges: &[(u64, u64)]) -> Result<Vec<Hash>, ProofError> {
    let mut wanted: BTreeMap<(u64, u64), Option<Hash>> = ranges.iter().map(|range| (*range, None)).collect();
    for Disclosed { leaves, path } in proofs {
        check_indices(leaves.iter().map(|leaf| leaf.0), size)?;
        let mut hashes = path.iter();
        let mut next = || hashes.next().copied().ok_or(ProofError::PathTooShort { len: path.len() });
        verify_range(leaves, 0, size, &mut next, &mut |begin, end, hash| {
            if let Some(place) = wanted.get_mut(&(begin, end)) {
                *place = Some(*hash);
            }
        })?;
    }
    let hash = |range: &(u64, u64)| {
        let unknown = ProofError::NotDisclosed { begin: range.0, end: range.1 };
        wanted.get(range).copied().flatten().ok_or(unknown)
    };
    ranges.iter().map(hash).collect()
}

fn check_indices(indices: impl Iterator<Item = u64>, size: u64) -> Result<(), ProofError> {
    let mut last = None;
    for index in indices {
        if index >= size {
            return Err(ProofError::IndexOutOfRange { index, size });
        }
        if last.is_some_and(|last| last >= index) {
            return Err(ProofError::IndexNotAscending { index });
        }
        last = Some(index);
    }
    last.map(|_| ()).ok_or(ProofError::NoLeaves)
}

/// Names the subtrees below `begin..end` that hold none of `indices`, left to right.
fn prove_range<E>(
    indices: &[u64],
    begin: u64,
    end: u64,
    undisclosed: &mut impl FnMut(u64, u64) -> Result<(), E>,
) -> Result<(), E> {
    if indices.is_empty() {
        return undisclosed(begin, end);
    }
    if end - begin == 1 {
        return Ok(());
    }
    let middle = split(begin, end);
    let (left, right) = indices.split_at(indices.partition_point(|&index| index < middle));
    prove_range(left, begin, middle, undisclosed)?;
    prove_range(right, middle, end, undisclosed)
}

/// The hash of `begin..end` from its disclosed leaves and the next hashes of the path; tells `visit` every range on the
/// way with its hash.
fn verify_range(
    leaves: &[(u64, Hash)],
    begin: u64,
    end: u64,
    next: &mut impl FnMut() -> Result<Hash, ProofError>,
    visit: &mut impl FnMut(u64, u64, &Hash),
) -> Result<Hash, ProofError> {
    let hash = match leaves.first() {
        None => next()?,
        Some(leaf) if end - begin == 1 => leaf.1,
        Some(_) => {
            let middle = split(begin, end);
            let (left, right) = leaves.split_at(leaves.partition_point(|leaf| leaf.0 < middle));
            let left = verify_range(left, begin, middle, next, visit)?;
            let right = verify_range(right, middle, end, next, visit)?;
            node_hash(&left, &right)
        }
    };
    visit(begin, end, &hash);
    Ok(hash)
}

/// Where RFC 9162 splits a range of two leaves or more: after the largest power of two below its length.
fn split(begin: u64, end: u64) -> u64 {
    begin + (1 << (end - begin - 1).ilog2())
}
