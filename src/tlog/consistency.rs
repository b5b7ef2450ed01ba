//! Consistency proofs (RFC 9162 section 2.1.4): a tree is the beginning of a later one.
//!
//! Not here: evidence of a fork. A consistency proof that fails accuses nobody: anyone can make one that fails.
//!
//! The proof is a walk from the last perfect subtree of the old tree to the new root. A left sibling belongs
//! to both trees, a right one only to the new:
//! ```text
//! old 6, new 8            new root
//!                        /        \
//!                     x            .
//!                   /   \        /   \         path = [s, r, x]: s is where old ends,
//!                  .     .      s     r        r is right of it, x left
//!                 0 1   2 3    4 5   6 7
//! ```
//!
//! Invariants: sizes and both roots come from checkpoints; the empty tree is no starting point, since it says
//! nothing that could be kept.

use super::hash::Hash;
use super::inclusion::check_end;
use super::tree::{NodeId, ProofError, range_hash, siblings};

/// The path from the tree of the first `old` leaves to that of the first `new`, at most 65 hashes; empty
/// where they are equal.
///
/// Fails with [`ProofError::SizesNotAscending`] unless `0 < old <= new`, or as the reader fails.
pub fn prove<E: From<ProofError>>(
    old: u64,
    new: u64,
    mut read: impl FnMut(NodeId) -> Result<Hash, E>,
) -> Result<Vec<Hash>, E> {
    check_sizes(old, new)?;
    if old == new {
        return Ok(Vec::new());
    }
    let seam = seam(old);
    let start = (!old.is_power_of_two()).then(|| read(seam)).transpose()?;
    let mut path = Vec::from_iter(start);
    for sibling in siblings(seam, new) {
        path.push(range_hash(sibling.range.start, sibling.range.end, &mut read)?);
    }
    Ok(path)
}

/// Checks that the tree of `old` leaves under `old_root` is the beginning of the tree of `new` leaves under
/// `new_root`, as strictly as section 2.1.4.2.
pub fn verify(old: u64, old_root: &Hash, new: u64, new_root: &Hash, path: &[Hash]) -> Result<(), ProofError> {
    check_sizes(old, new)?;
    if old == new {
        return check_end(path, path.len(), old_root, new_root);
    }
    let mut hashes = path.iter();
    let mut next = || hashes.next().ok_or(ProofError::PathTooShort { len: path.len() });
    // An old tree of 2^k leaves is itself the subtree where the walk starts, so the path leaves it out.
    let start = if old.is_power_of_two() { old_root } else { next()? };
    let (mut in_old, mut in_new) = (*start, *start);
    for sibling in siblings(seam(old), new) {
        let own = next()?;
        in_new = sibling.join(own, &in_new);
        if sibling.is_left {
            in_old = sibling.join(own, &in_old);
        }
    }
    check_end(path, hashes.len(), &in_old, old_root)?;
    check_end(path, 0, &in_new, new_root)
}

/// The last perfect subtree of the old tree, where it ends and the new one goes on.
fn seam(old: u64) -> NodeId {
    let level = old.trailing_zeros();
    NodeId { level: level as u8, index: (old >> level) - 1 }
}

fn check_sizes(old: u64, new: u64) -> Result<(), ProofError> {
    if old == 0 || old > new { Err(ProofError::SizesNotAscending { old, new }) } else { Ok(()) }
}
