//! Single proofs as text (C2SP tlog-proof): one entry of a log, its path, and the checkpoint that it leads to.
//!
//! ```text
//! c2sp.org/tlog-proof@v1
//! extra <base64>                  optional, unauthenticated
//! index 73894
//! <base64 of a hash>              the inclusion path, from the leaf's sibling to the root's child
//!
//! <checkpoint, verbatim, with its cosignatures>
//! ```
//!
//! Not here: the entry. Whoever verifies brings its leaf hash, so that the file cannot choose what it is about.
//!
//! Invariants: a parsed proof prints the very bytes that it was parsed from; nothing in it may be believed before
//! [`TlogProof::verify`], and its extra data never.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::checkpoint::parse_decimal;
use super::hash::Hash;
use super::inclusion;
use super::note::{Note, NoteError};
use super::policy::{Policy, WitnessedCheckpoint};
use super::tree::{MAX_SIZE, ProofError};

/// The first line, which also tells the format from others.
const HEADER: &str = "c2sp.org/tlog-proof@v1\n";

/// Most hashes of a path: one for each level of a tree of 2^64 leaves.
pub const MAX_PATH_HASHES: usize = 64;

/// Longest proof in bytes: the longest note, and as much again for the path and the extra data.
pub const MAX_TLOG_PROOF_LEN: usize = 2 << 20;

/// What is wrong with a proof as text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum TlogProofError {
    #[error("a proof of {len} bytes is longer than {MAX_TLOG_PROOF_LEN}")]
    TooLong { len: usize },
    #[error("the first line is not that of a tlog-proof")]
    NotAProof,
    #[error("the extra data is not base64")]
    BadExtra,
    #[error("a line with the index of the entry was expected")]
    BadIndex,
    #[error("line {position} of the path is not a hash")]
    BadHash { position: usize },
    #[error("the path has more than {MAX_PATH_HASHES} hashes")]
    PathTooLong,
    #[error("no empty line follows the path")]
    NoCheckpoint,
    #[error("the checkpoint: {0}")]
    Note(#[from] NoteError),
    #[error(transparent)]
    Proof(#[from] ProofError),
}

/// The claim that an entry is in a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlogProof {
    /// Data that nothing authenticates; empty if there is none.
    pub extra: Vec<u8>,
    /// Position of the entry in the log.
    pub index: u64,
    /// The inclusion path, at most [`MAX_PATH_HASHES`].
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl TlogProof {
    /// Whether bytes begin as such a proof does.
    pub fn claims(bytes: &[u8]) -> bool {
        bytes.starts_with(HEADER.as_bytes())
    }

    /// Reads a whole proof.
    pub fn parse(text: &str) -> Result<TlogProof, TlogProofError> {
        if text.len() > MAX_TLOG_PROOF_LEN {
            return Err(TlogProofError::TooLong { len: text.len() });
        }
        let rest = text.strip_prefix(HEADER).ok_or(TlogProofError::NotAProof)?;
        let (extra, rest) = parse_extra(rest)?;
        let index = rest.strip_prefix("index ").and_then(|rest| rest.split_once('\n'));
        let (index, rest) = index.ok_or(TlogProofError::BadIndex)?;
        let index = parse_decimal(index).filter(|&index| index < MAX_SIZE).ok_or(TlogProofError::BadIndex)?;
        let (path, rest) = parse_path(rest)?;
        Ok(TlogProof { extra, index, path, checkpoint: Note::parse(rest)? })
    }

    /// Checks that `leaf` is the hash of the leaf at the proof's index in a log that the policy trusts.
    ///
    /// Fails unless the policy accepts the checkpoint, its quorum included, and the path leads to its root.
    pub fn verify(&self, leaf: &Hash, policy: &Policy) -> Result<WitnessedCheckpoint, TlogProofError> {
        let witnessed = policy.open(&self.checkpoint.to_string())?;
        let checkpoint = witnessed.checkpoint();
        inclusion::verify(self.index, checkpoint.size(), leaf, &self.path, checkpoint.root())?;
        Ok(witnessed)
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HEADER)?;
        if !self.extra.is_empty() {
            writeln!(f, "extra {}", BASE64_STANDARD.encode(&self.extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.path.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

/// The extra data and what follows it. The line is left out where there is none, so an empty one is malformed.
fn parse_extra(text: &str) -> Result<(Vec<u8>, &str), TlogProofError> {
    let Some(rest) = text.strip_prefix("extra ") else { return Ok((Vec::new(), text)) };
    let (base64, rest) = rest.split_once('\n').ok_or(TlogProofError::BadExtra)?;
    let extra = BASE64_STANDARD.decode(base64).map_err(|_| TlogProofError::BadExtra)?;
    if extra.is_empty() { Err(TlogProofError::BadExtra) } else { Ok((extra, rest)) }
}

/// The hashes up to the empty line, and what follows that line.
fn parse_path(text: &str) -> Result<(Vec<Hash>, &str), TlogProofError> {
    let mut path = Vec::new();
    let mut rest = text;
    loop {
        let (line, after) = rest.split_once('\n').ok_or(TlogProofError::NoCheckpoint)?;
        rest = after;
        if line.is_empty() {
            return Ok((path, rest));
        }
        if path.len() == MAX_PATH_HASHES {
            return Err(TlogProofError::PathTooLong);
        }
        path.push(Hash::parse(line).map_err(|_| TlogProofError::BadHash { position: path.len() + 1 })?);
    }
}
