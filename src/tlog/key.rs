//! Ed25519 keys with a name and a role (C2SP signed-note, tlog-cosignature): the crate's only door to Ed25519.
//!
//! Not here: which keys are trusted ([`super::policy`]), and where private keys are kept.
//!
//! ```text
//! key id       = SHA-256(name || 0x0A || kind || public key)[:4]
//! verifier key = <name>+<hex(key id)>+<base64(kind || public key)>
//! private key  = PRIVATE+KEY+<name>+<hex(key id)>+<base64(kind || seed)>
//! ```
//!
//! Invariants: the id of a loaded key is right and its public key is neither weak (of small order, so that one
//! signature fits many messages) nor oddly encoded; verification is strict, so two verifiers never disagree. A
//! seed is wiped from memory when its key is dropped, and is never part of `Debug`.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ed25519_dalek::Signer as _;

use super::hash::Sha256;

/// Length in bytes of an Ed25519 signature.
pub const SIGNATURE_LEN: usize = 64;

/// Length in bytes of an Ed25519 public key, and of the seed of a private one.
pub const KEY_LEN: usize = 32;

/// Longest key name in bytes: what the one-byte length of the newer cosignature formats can announce.
pub const MAX_NAME_LEN: usize = 255;

/// Opens the text of a private key.
const PRIVATE_PREFIX: &str = "PRIVATE+KEY+";

/// What is wrong with a key, or with a signature made by it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum KeyError {
    #[error("not a key: `name+id+base64` was expected")]
    Malformed,
    #[error("a key name has 1 to {MAX_NAME_LEN} bytes without spaces, plus signs or control characters")]
    BadName,
    #[error("key type {0:#04x} is neither Ed25519 (0x01) nor an Ed25519 cosignature/v1 (0x04)")]
    UnknownKind(u8),
    #[error("the key id is {found}, but name and key have the id {expected}")]
    WrongId { expected: KeyId, found: KeyId },
    #[error("the public key is not a canonical Ed25519 point")]
    NotAPoint,
    #[error("the public key is weak: signatures by it prove nothing")]
    Weak,
    #[error("the signature by {name} ({id}) is not valid")]
    BadSignature { name: String, id: KeyId },
}

/// What a key signs; one key has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    /// The text of a note, or any message: signature type 0x01. Logs and licensors.
    Ed25519,
    /// A timestamped checkpoint: signature type 0x04. Witnesses.
    CosignatureV1,
}

impl KeyKind {
    /// The signature type byte.
    pub fn byte(self) -> u8 {
        match self {
            KeyKind::Ed25519 => 0x01,
            KeyKind::CosignatureV1 => 0x04,
        }
    }

    fn from_byte(byte: u8) -> Result<KeyKind, KeyError> {
        match byte {
            0x01 => Ok(KeyKind::Ed25519),
            0x04 => Ok(KeyKind::CosignatureV1),
            other => Err(KeyError::UnknownKind(other)),
        }
    }
}

/// The first four bytes of a hash over name, kind and key: tells keys apart, secures nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(pub [u8; 4]);

impl KeyId {
    fn of(name: &str, kind: KeyKind, public_key: &[u8; KEY_LEN]) -> KeyId {
        let mut sha = Sha256::new();
        sha.update(name.as_bytes());
        sha.update(&[b'\n', kind.byte()]);
        sha.update(public_key);
        let [a, b, c, d, ..] = sha.finish();
        KeyId([a, b, c, d])
    }

    /// Reads eight lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<KeyId, KeyError> {
        let id = u32::from_str_radix(text, 16).map(|id| KeyId(id.to_be_bytes())).ok();
        id.filter(|id| id.to_string() == text).ok_or(KeyError::Malformed)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// A named public key.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    id: KeyId,
    key: ed25519_dalek::VerifyingKey,
}

impl VerifierKey {
    /// A key from its parts.
    pub fn new(name: &str, kind: KeyKind, public_key: &[u8; KEY_LEN]) -> Result<VerifierKey, KeyError> {
        if !is_key_name(name) || name.len() > MAX_NAME_LEN {
            return Err(KeyError::BadName);
        }
        let key = ed25519_dalek::VerifyingKey::from_bytes(public_key).map_err(|_| KeyError::NotAPoint)?;
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        // Some points have a second encoding, which RFC 8032 section 5.1.3 refuses but the library reads.
        if key.to_edwards().compress().as_bytes() != public_key {
            return Err(KeyError::NotAPoint);
        }
        Ok(VerifierKey { name: name.to_owned(), kind, id: KeyId::of(name, kind, public_key), key })
    }

    /// Reads the one spelling that `Display` prints.
    pub fn parse(text: &str) -> Result<VerifierKey, KeyError> {
        let (name, id, kind, public_key) = parse_parts(text)?;
        let key = VerifierKey::new(name, kind, &public_key)?;
        check_id(key.id, id)?;
        Ok(key)
    }

    /// The name; a log's is its origin.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the key signs.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The id in signature lines.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// `NAME+ID`: which key it is, without the key itself. A grant that is signed for a log names it so.
    pub fn short(&self) -> String {
        format!("{}+{}", self.name, self.id)
    }

    /// The bytes of the public key.
    pub fn public_key(&self) -> [u8; KEY_LEN] {
        self.key.to_bytes()
    }

    /// Checks a bare Ed25519 signature over `message`; the message itself must say what is signed.
    pub fn verify_raw(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let bad = || KeyError::BadSignature { name: self.name.clone(), id: self.id };
        let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| bad())?;
        self.key.verify_strict(message, &signature).map_err(|_| bad())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&print_parts(&self.name, self.id, self.kind, self.key.as_bytes()))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A named private key.
pub struct SigningKey {
    verifier: VerifierKey,
    key: ed25519_dalek::SigningKey,
}

impl SigningKey {
    /// The key that a seed of 32 random bytes determines.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; KEY_LEN]) -> Result<SigningKey, KeyError> {
        let key = ed25519_dalek::SigningKey::from_bytes(seed);
        let verifier = VerifierKey::new(name, kind, key.verifying_key().as_bytes())?;
        Ok(SigningKey { verifier, key })
    }

    /// Reads what [`SigningKey::print_private`] prints.
    pub fn parse(text: &str) -> Result<SigningKey, KeyError> {
        let parts = text.strip_prefix(PRIVATE_PREFIX).ok_or(KeyError::Malformed)?;
        let (name, id, kind, seed) = parse_parts(parts)?;
        let key = SigningKey::from_seed(name, kind, &seed)?;
        check_id(key.verifier.id, id)?;
        Ok(key)
    }

    /// The text of the private key, seed included: for a file that nobody else may read.
    pub fn print_private(&self) -> String {
        let VerifierKey { name, id, kind, .. } = &self.verifier;
        format!("{PRIVATE_PREFIX}{}", print_parts(name, *id, *kind, self.key.as_bytes()))
    }

    /// The public half.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// A bare Ed25519 signature over `message`; the message itself must say what is signed.
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        self.key.sign(message).to_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.verifier)
    }
}

/// Whether signed-note allows the name: not empty, no Unicode space, plus sign or ASCII control character.
pub(super) fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+' || c < ' ')
}

/// Splits `name+hex8+base64(kind || 32 bytes)`. The base64 may itself contain plus signs.
fn parse_parts(text: &str) -> Result<(&str, KeyId, KeyKind, [u8; KEY_LEN]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(KeyError::Malformed);
    };
    let id = KeyId::parse(id)?;
    let material = BASE64_STANDARD.decode(material).map_err(|_| KeyError::Malformed)?;
    let (&kind, key) = material.split_first().ok_or(KeyError::Malformed)?;
    Ok((name, id, KeyKind::from_byte(kind)?, key.try_into().map_err(|_| KeyError::Malformed)?))
}

fn check_id(expected: KeyId, found: KeyId) -> Result<(), KeyError> {
    if expected == found { Ok(()) } else { Err(KeyError::WrongId { expected, found }) }
}

fn print_parts(name: &str, id: KeyId, kind: KeyKind, key: &[u8; KEY_LEN]) -> String {
    let mut material = [kind.byte(); 1 + KEY_LEN];
    material[1..].copy_from_slice(key);
    format!("{name}+{id}+{}", BASE64_STANDARD.encode(material))
}
