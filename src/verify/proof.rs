//! The proof file: one canonical JSON object and a line feed. docs/formats/proof.md describes every member.
//!
//! Reading one proves nothing: [`super::verify`] does. The writer and the verifier share these types, so neither can
//! know a member that the other does not.

use crate::rows::{Key, Node, Row};
use crate::statement::json::{self, JsonError};
use crate::statement::{Identifier, Set};
use crate::tlog::Hash;
use serde::{Deserialize, Serialize};

/// The longest proof file, in bytes: some 300,000 works. Reading one takes a few times its size in memory.
pub const MAX_PROOF_LEN: u64 = 512 << 20;
/// The most earlier checkpoints in one file.
pub const MAX_ANCHORS: usize = 4;

/// The only value of `format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Format {
    /// Version 1.
    #[serde(rename = "deedbook-proof/v1")]
    V1,
}

/// A proof file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProofFile {
    /// Earlier checkpoints, ascending in size.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub anchors: Vec<Anchor>,
    /// The signed note that everything hangs on, verbatim.
    pub checkpoint: String,
    /// The works asked, ascending.
    pub claims: Vec<Claim>,
    /// The disclosed entries, ascending in index.
    pub entries: Vec<DisclosedEntry>,
    /// The format's name.
    pub format: Format,
    /// One inclusion proof for all `entries`.
    pub path: Vec<Hash>,
    /// The tables of rows, ascending in `statement`.
    pub tables: Vec<DisclosedTable>,
}

/// An earlier checkpoint and the consistency proof from it to the file's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Anchor {
    /// The signed note, verbatim.
    pub note: String,
    /// The consistency proof.
    pub path: Vec<Hash>,
}

/// A work asked, by its identifiers. The verifier looks them up itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Claim {
    /// Its identifiers, digests among them.
    pub identifiers: Set<Identifier>,
}

/// An entry of the log: its text, or the leaf hash of one that was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisclosedEntry {
    /// Log index.
    pub index: u64,
    /// The leaf hash of an erased entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<Hash>,
    /// The exact text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Rows under the root that a statement commits to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisclosedTable {
    /// The combined proof, descending in tree index.
    pub proof: Vec<Node>,
    /// The disclosed rows, ascending in position.
    pub rows: Vec<DisclosedRow>,
    /// Log index of the release, state or grant.
    pub statement: u64,
}

/// A row at its position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DisclosedRow {
    /// Key.
    pub key: Key,
    /// Position, from 0.
    pub position: u64,
    /// Value.
    pub value: u64,
}

impl DisclosedRow {
    /// With its position, as the rows verifier takes it.
    pub fn at(&self) -> (u64, Row) {
        (self.position, Row { key: self.key, value: self.value })
    }
}

impl ProofFile {
    /// Reads the canonical bytes and the final line feed.
    ///
    /// # Errors
    /// [`JsonError`].
    pub fn parse(bytes: &[u8]) -> Result<ProofFile, JsonError> {
        let Some(text) = bytes.strip_suffix(b"\n") else {
            // Say first what is wrong with the JSON itself: a file that ends early has no line feed either.
            json::parse::<ProofFile>(bytes)?;
            return Err(JsonError::NotCanonical { offset: bytes.len() });
        };
        json::parse(text)
    }

    /// The file's bytes.
    pub fn print(&self) -> Vec<u8> {
        let mut out = Vec::new();
        json::print_into(self, &mut out);
        out.push(b'\n');
        out
    }
}
