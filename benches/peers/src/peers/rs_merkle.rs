//! `rs_merkle`: a tree in memory over hashes of leaves, built in one go, which is its fastest way.
//!
//! Its SHA-256 has no prefixes, so that a node can pass for a leaf: whoever uses it has to add them.

use super::{base64, must};
use crate::Outcome;
use crate::entries::Entry;
use rs_merkle::algorithms::Sha256;
use rs_merkle::{Hasher, MerkleTree};

/// Hashes every entry, builds the tree, and proves and verifies the one asked.
pub fn run(entries: &[Entry<'_>], asked: usize) -> Outcome<String> {
    let leaves: Vec<[u8; 32]> = entries.iter().map(|entry| Sha256::hash(entry.bytes)).collect();
    let tree = MerkleTree::<Sha256>::from_leaves(&leaves);
    let root = tree.root().ok_or("rs_merkle: no root")?;
    let proof = tree.proof(&[asked]);
    must(proof.verify(root, &[asked], &[leaves[asked]], leaves.len()), "rs_merkle: its proof does not verify")?;
    Ok(base64(&root))
}
