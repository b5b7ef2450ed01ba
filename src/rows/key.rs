//! Keys, roots and content digests: the only door to BLAKE3.
//!
//! Not the log's hash, which is SHA-256 and a type of `tlog`. Formats section 4 ("Key") and section 3 (salts).
//! Invariant: each purpose has its own derive-key context, so a value of one never passes for a value of another.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake3::hazmat::{ContextKey, HasherExt, hash_derive_key_context};
use serde::{Deserialize, Serialize};

use super::RowsError;

/// A derive-key context, hashed once: from then on deriving costs as much as keyed hashing (100 ns for a block).
pub(super) type Context = LazyLock<ContextKey>;

static WORK_KEY: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 work key"));
static REGISTER_KEY: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 register key"));
static ENTRY_SALT: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 entry salt"));
pub(super) static ROW: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 row"));
pub(super) static NODE: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 row node"));
pub(super) static ROOT: Context = LazyLock::new(|| hash_derive_key_context("deedbook v1 rows root"));

/// What a row is found by: a derived key, uniform over 32 bytes. Displayed as lower hex, base64 in JSON.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Key(
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[A-Za-z0-9+/]{43}=$")))]
    pub [u8; 32],
);

impl Key {
    /// Its first eight bytes as a number: of two keys that differ there, which is nearly all of them, this is the order.
    pub fn head(&self) -> u64 {
        self.0.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
    }
}

/// The order of the bytes.
impl Ord for Key {
    fn cmp(&self, other: &Key) -> Ordering {
        self.head().cmp(&other.head()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Key) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The key of a work or group identifier, given as its canonical text `scheme:value`.
pub fn work_key(identifier: &str) -> Key {
    Key(derive(&WORK_KEY, identifier.as_bytes()))
}

/// The key of a register name such as `grant:ID` or `entry:17`.
pub fn register_key(name: &str) -> Key {
    Key(derive(&REGISTER_KEY, name.as_bytes()))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({self})")
    }
}

/// The root of a table of rows; commits its kind and count. Base64 in text and JSON, lower hex in paths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Root(
    #[serde(with = "base64_bytes")]
    #[cfg_attr(feature = "schema", schemars(with = "String", regex(pattern = "^[A-Za-z0-9+/]{43}=$")))]
    pub [u8; 32],
);

impl Root {
    /// The form that names a folder or file.
    pub fn to_hex(&self) -> String {
        Key(self.0).to_string()
    }
}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root({self})")
    }
}

impl FromStr for Root {
    type Err = RowsError;

    /// Parses what `Display` prints and nothing else.
    fn from_str(text: &str) -> Result<Self, RowsError> {
        parse_base64(text).map(Root)
    }
}

/// The plain BLAKE3 digest of content, as `b3sum` prints it.
pub fn blake3(content: &[u8]) -> [u8; 32] {
    *blake3::hash(content).as_bytes()
}

/// The plain BLAKE3 digest of content that arrives in pieces.
#[derive(Clone, Debug, Default)]
pub struct Blake3(blake3::Hasher);

impl Blake3 {
    /// No content yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a piece; pieces of 128 KiB or more use the whole width of the processor.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// As [`update`](Blake3::update), on every core: for pieces of several megabytes.
    #[cfg(feature = "ledger")]
    pub fn update_parallel(&mut self, piece: &[u8]) {
        self.0.update_rayon(piece);
    }

    /// The digest of everything added.
    pub fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}

/// The salt of entry `index`, from the secret seed of its batch; without the seed an erased entry cannot be guessed.
pub fn salt(seed: &[u8; 32], index: u64) -> [u8; 16] {
    let mut material = [0; 40];
    material[..32].copy_from_slice(seed);
    material[32..].copy_from_slice(&index.to_be_bytes());
    let derived = derive(&ENTRY_SALT, &material);
    std::array::from_fn(|i| derived[i])
}

/// BLAKE3 in derive-key mode.
pub(super) fn derive(context: &Context, material: &[u8]) -> [u8; 32] {
    *blake3::Hasher::new_from_context_key(context).update(material).finalize().as_bytes()
}

fn parse_base64<const N: usize>(text: &str) -> Result<[u8; N], RowsError> {
    let bad = || RowsError::Base64 { expected_len: N };
    let bytes: [u8; N] = STANDARD.decode(text).ok().and_then(|b| b.try_into().ok()).ok_or_else(bad)?;
    // Compared again because what a decoder tolerates is its own affair; what we accept is what we print.
    if STANDARD.encode(bytes) == text { Ok(bytes) } else { Err(bad()) }
}

/// serde's `with` form of a fixed number of bytes as canonical base64.
pub(super) mod base64_bytes {
    use std::borrow::Cow;

    use super::{Engine, STANDARD, parse_base64};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub fn serialize<const N: usize, S: Serializer>(bytes: &[u8; N], to: S) -> Result<S::Ok, S::Error> {
        STANDARD.encode(bytes).serialize(to)
    }

    pub fn deserialize<'de, const N: usize, D: Deserializer<'de>>(from: D) -> Result<[u8; N], D::Error> {
        parse_base64(&Cow::<str>::deserialize(from)?).map_err(D::Error::custom)
    }
}
