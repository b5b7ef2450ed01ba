//! The log's mathematics and signatures: RFC 9162 Merkle trees and the C2SP formats around them.
//!
//! | file | what | specification |
//! |---|---|---|
//! | [`hash`] | leaf and node hashes | RFC 9162 section 2.1.1 |
//! | [`tree`] | perfect subtrees, roots, the growing right edge | RFC 9162 section 2.1 |
//! | [`inclusion`] | an entry is in the log | RFC 9162 section 2.1.3 |
//! | [`consistency`] | a log only grew | RFC 9162 section 2.1.4 |
//! | [`batch`] | many entries are in the log, one path | formats.md, section 2 |
//! | [`key`] | Ed25519 keys and their text | c2sp.org/signed-note |
//! | [`note`] | a text and the signatures below it | c2sp.org/signed-note |
//! | [`checkpoint`] | a log's signed size and root | c2sp.org/tlog-checkpoint |
//! | [`cosignature`] | a witness saw that checkpoint, and when | c2sp.org/tlog-cosignature |
//! | [`policy`] | which logs and how many witnesses are trusted | c2sp.org/tlog-policy |
//! | [`mod@proof`] | one entry, its path and the checkpoint as a text | c2sp.org/tlog-proof |
//! | [`tile`] | the tree and the entries as files | c2sp.org/tlog-tiles |
//!
//! Not here: files, clocks, randomness, and what an entry says. Entries are opaque bytes.
//!
//! The tree does not know who asks: proofs are made from a reader, a closure that gives the hash of a perfect
//! subtree, and verified from hashes alone. Pairs `prove` and `verify` are kept in the same file.

pub mod batch;
pub mod checkpoint;
pub mod consistency;
pub mod cosignature;
pub mod hash;
pub mod inclusion;
pub mod key;
pub mod note;
pub mod policy;
pub mod proof;
pub mod tile;
pub mod tree;

pub use checkpoint::{Checkpoint, VerifiedCheckpoint};
pub use hash::{Hash, NotAHash, Sha256, empty_root, leaf_hash, node_hash, sha256};
pub use key::{KeyError, KeyId, KeyKind, SigningKey, VerifierKey};
pub use note::{Note, NoteError, NoteSignature};
pub use policy::{Cosigner, Policy, PolicyError, PolicyFault, WitnessedCheckpoint};
pub use proof::{TlogProof, TlogProofError};
pub use tile::{Tile, TileError, TileLevel, TileSlice};
pub use tree::{Frontier, MAX_SIZE, NodeId, ProofError, cover, root};
