//! SHA-256 tree hashes (RFC 9162 section 2.1.1) and the crate's only door to SHA-256.
//!
//! Not here: BLAKE3, which digests content and rows and whose roots are another type.
//!
//! Invariants: a [`struct@Hash`] is always 32 bytes; its text is standard base64 with padding, and [`Hash::parse`]
//! accepts that one spelling only. Leaves and nodes are hashed under different prefixes, so neither can pass
//! for the other.

use std::fmt;

use base64::Engine as _;
use base64::display::Base64Display;
use base64::prelude::BASE64_STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest as _;

/// Length in bytes of a tree hash.
pub const HASH_LEN: usize = 32;

/// A hash of the log's Merkle tree: of a leaf, an inner node or a root.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; HASH_LEN]);

/// A text that is not the base64 of a [`struct@Hash`] as it would be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a hash: 44 characters of standard base64 were expected")]
pub struct NotAHash;

impl Hash {
    /// Reads the one spelling that `Display` prints.
    pub fn parse(text: &str) -> Result<Hash, NotAHash> {
        // The engine refuses missing padding and stray trailing bits, so each hash has one accepted text.
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| NotAHash)?;
        Ok(Hash(bytes.try_into().map_err(|_| NotAHash)?))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Base64Display::new(&self.0, &BASE64_STANDARD).fmt(f)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        Hash::parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Hash {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Hash".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        // 43 characters hold 258 bits: the last one carries two that must be zero.
        schemars::json_schema!({
            "description": "a SHA-256 tree hash, standard base64 with padding",
            "type": "string",
            "pattern": "^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$"
        })
    }
}

/// The root of a tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    Hash(sha256(b""))
}

/// The hash of an entry as a leaf: `SHA-256(0x00 || entry)`.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update(&[0x00]);
    sha.update(entry);
    Hash(sha.finish())
}

/// The hash of an inner node: `SHA-256(0x01 || left || right)`.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [0x01; 1 + 2 * HASH_LEN];
    bytes[1..=HASH_LEN].copy_from_slice(&left.0);
    bytes[1 + HASH_LEN..].copy_from_slice(&right.0);
    Hash(sha256(&bytes))
}

/// Plain SHA-256 of a message in memory.
pub fn sha256(message: &[u8]) -> [u8; HASH_LEN] {
    sha2::Sha256::digest(message).into()
}

/// Plain SHA-256 of a message that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Sha256(sha2::Sha256);

impl Sha256 {
    /// A hasher that has seen nothing.
    pub fn new() -> Sha256 {
        Sha256::default()
    }

    /// Appends `bytes` to the message.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of everything seen.
    pub fn finish(self) -> [u8; HASH_LEN] {
        self.0.finalize().into()
    }
}
