//! `ct-merkle`: the tree of RFC 6962, in memory, with the leaves in it.

use super::{base64, must};
use crate::Outcome;
use crate::entries::Entry;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

/// Appends every entry, and proves and verifies the one asked. The tree borrows the entries: none is copied.
pub fn run(entries: &[Entry<'_>], asked: usize) -> Outcome<String> {
    let mut tree = MemoryBackedTree::<Sha256, &[u8]>::new();
    for entry in entries {
        tree.push(entry.bytes);
    }
    let root = tree.root();
    let proof = tree.prove_inclusion(asked);
    let verified = root.verify_inclusion(&entries[asked].bytes, asked as u64, &proof);
    must(verified.is_ok(), "ct-merkle: its proof does not verify")?;
    Ok(base64(root.as_bytes()))
}
