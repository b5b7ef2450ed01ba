//! The log's mathematics and signatures, through the public API.
//!
//! Proofs are compared with a naive reading of RFC 9162 over all small trees; signatures with published
//! vectors and with every way of altering a signed note.

mod merkle;
mod proof;
mod signed;
mod tiles;
mod vectors;

use deedbook::tlog::{Hash, NodeId, ProofError, leaf_hash};

/// The leaf hashes of a log whose entry `i` is the decimal `i`.
fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|i| leaf_hash(i.to_string().as_bytes())).collect()
}

/// A reader over leaves in memory. It answers for perfect subtrees inside the log only, so a proof that asks
/// for anything else fails.
fn reader(leaves: &[Hash]) -> impl FnMut(NodeId) -> Result<Hash, ProofError> {
    move |node| {
        let (begin, end) = (node.index << node.level, (node.index + 1) << node.level);
        assert!(end <= leaves.len() as u64, "{node:?} is not inside the log");
        Ok(merkle::oracle::mth(&leaves[begin as usize..end as usize]))
    }
}

/// A small deterministic generator (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % bound
    }
}
