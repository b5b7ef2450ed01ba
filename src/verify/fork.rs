//! Fork evidence: one file that shows that a log's key has signed two histories. docs/formats/fork.md describes it.
//!
//! Either two checkpoints of one size with different roots, or two of any size and one index that has another leaf in
//! each. Not here: two checkpoints without a consistency proof between them, which show nothing but that nobody made
//! one.
//!
//! Invariant: what this accepts, no log can produce that signs one history: not by error of its auditor, nor by a forger
//! without its key.

use super::VerifyError;
use crate::statement::json::{self, JsonError};
use crate::tlog::{self, Hash, VerifiedCheckpoint, VerifierKey};
use serde::{Deserialize, Serialize};

/// The longest fork file, in bytes: two notes of the longest that there are, escaped, and two paths.
pub const MAX_FORK_LEN: u64 = 5 << 20;

/// What a fork file begins with, and no other file.
const BEGINNING: &[u8] = b"{\"format\":\"deedbook-fork/v1\"";

/// The only value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ForkFormat {
    /// Version 1.
    #[serde(rename = "deedbook-fork/v1")]
    V1,
}

/// A fork file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForkFile {
    /// The format's name.
    pub format: ForkFormat,
    /// The index that has two leaves; absent where two roots of one size are shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// The two histories, by their notes in ascending order.
    pub sides: Vec<ForkSide>,
}

/// One of the histories.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForkSide {
    /// The leaf that it has at the index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Hash>,
    /// The signed note, verbatim.
    pub note: String,
    /// The inclusion path of the leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<Vec<Hash>>,
}

/// A fork that is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The log.
    pub origin: String,
    /// What it signed twice.
    pub contradiction: Contradiction,
}

/// Two things of which a log can have but one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contradiction {
    /// Two roots of one size.
    Roots {
        /// The size.
        size: u64,
        /// The roots.
        roots: [Hash; 2],
    },
    /// Two leaves at one index.
    Leaves {
        /// The index.
        index: u64,
        /// The sizes of the two checkpoints.
        sizes: [u64; 2],
        /// The leaves.
        leaves: [Hash; 2],
    },
}

impl ForkFile {
    /// The evidence that two notes are.
    pub fn of_notes(one: &str, other: &str) -> ForkFile {
        let side = |note: &str| ForkSide { leaf: None, note: note.to_owned(), path: None };
        let mut sides = vec![side(one), side(other)];
        sides.sort();
        ForkFile { format: ForkFormat::V1, index: None, sides }
    }

    /// Whether bytes claim to be a fork file.
    pub fn claims(bytes: &[u8]) -> bool {
        bytes.starts_with(BEGINNING)
    }

    /// The file's bytes.
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        json::print_into(self, &mut out);
        out.push(b'\n');
        out
    }
}

/// Verifies fork evidence against the keys of logs that the auditor knows.
///
/// # Errors
/// The file is not canonical, a note is not by one of these logs, both by the same, or they do not contradict each
/// other.
pub fn verify_fork(bytes: &[u8], logs: &[VerifierKey]) -> Result<Fork, VerifyError> {
    let len = bytes.len() as u64;
    if len > MAX_FORK_LEN {
        return Err(VerifyError::EvidenceTooLong { len, most: MAX_FORK_LEN });
    }
    let text = bytes.strip_suffix(b"\n").ok_or(VerifyError::Json(JsonError::NotCanonical { offset: bytes.len() }))?;
    let file: ForkFile = json::parse(text).map_err(VerifyError::Json)?;
    let [one, other] = &file.sides[..] else { return Err(VerifyError::NoContradiction) };
    if one.note >= other.note {
        return Err(VerifyError::NoContradiction);
    }
    let signed = |key: &&VerifierKey| VerifiedCheckpoint::open(&one.note, key).is_ok();
    let key = logs.iter().find(signed).ok_or(VerifyError::NoLogKey)?;
    let open = |side: &ForkSide| VerifiedCheckpoint::open(&side.note, key).map_err(VerifyError::Checkpoint);
    let (first, second) = (open(one)?, open(other)?);
    let contradiction = match file.index {
        None => roots([(one, &first), (other, &second)])?,
        Some(index) => leaves(index, [(one, &first), (other, &second)])?,
    };
    Ok(Fork { origin: first.origin().to_owned(), contradiction })
}

type Sides<'a> = [(&'a ForkSide, &'a VerifiedCheckpoint); 2];

fn roots(sides: Sides<'_>) -> Result<Contradiction, VerifyError> {
    let bare = sides.iter().all(|(side, _)| side.leaf.is_none() && side.path.is_none());
    let [(_, first), (_, second)] = sides;
    if !bare || first.size() != second.size() || first.root() == second.root() {
        return Err(VerifyError::NoContradiction);
    }
    Ok(Contradiction::Roots { size: first.size(), roots: [*first.root(), *second.root()] })
}

fn leaves(index: u64, sides: Sides<'_>) -> Result<Contradiction, VerifyError> {
    let leaf = |(side, checkpoint): (&ForkSide, &VerifiedCheckpoint)| {
        let (Some(leaf), Some(path)) = (side.leaf, &side.path) else { return Err(VerifyError::NoContradiction) };
        tlog::inclusion::verify(index, checkpoint.size(), &leaf, path, checkpoint.root())
            .map_err(VerifyError::Inclusion)?;
        Ok(leaf)
    };
    let [first, second] = sides;
    let (one, other) = (leaf(first)?, leaf(second)?);
    if one == other {
        return Err(VerifyError::NoContradiction);
    }
    let sizes = [first.1.size(), second.1.size()];
    Ok(Contradiction::Leaves { index, sizes, leaves: [one, other] })
}
