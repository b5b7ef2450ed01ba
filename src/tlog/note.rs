//! Signed notes (C2SP signed-note): a text, a blank line, and lines with signatures over the text.
//!
//! ```text
//! any text, whose last byte is a newline
//!
//! — example.com/log <base64(key id || signature)>
//! ```
//!
//! Not here: what the text says ([`super::checkpoint`]) and what a witness signs ([`super::cosignature`]).
//!
//! Invariants: a [`Note`] prints the very bytes that it was parsed from. A parsed note is not verified: nothing
//! in it may be believed before [`Note::verify`], or a function built on it, has named the key.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::hash::Hash;
use super::key::{KeyError, KeyId, KeyKind, SigningKey, VerifierKey, is_key_name};

/// Longest note in bytes: [`MAX_SIGNATURES`] post-quantum signatures of nearly 5 kB in base64, and the text.
pub const MAX_NOTE_LEN: usize = 1 << 20;

/// Most signature lines in a note. The specification asks for at least 16; a log and its witnesses need less
/// than a hundred, and each known one costs a verification.
pub const MAX_SIGNATURES: usize = 100;

/// Opens a signature line: em dash and space.
const SIGNATURE_PREFIX: &str = "\u{2014} ";

/// What is wrong with a note or checkpoint, or with the trust that it claims.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message of a variant says what it and its fields are")]
pub enum NoteError {
    #[error("a note of {len} bytes is longer than {MAX_NOTE_LEN}")]
    TooLong { len: usize },
    #[error("the note has more than {MAX_SIGNATURES} signatures")]
    TooManySignatures,
    #[error("the text of a note ends in a newline and has no other control characters")]
    BadText,
    #[error("the note has no blank line followed by signatures")]
    NoSignatures,
    #[error("signature line {position} of the note is malformed")]
    BadSignatureLine { position: usize },
    #[error("the note has no signature by {name} ({id})")]
    NotSigned { name: String, id: KeyId },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the key {name} has not the role {wanted:?}")]
    WrongKind { name: String, wanted: KeyKind },
    #[error("not a checkpoint: origin, size and root on a line each were expected")]
    NotACheckpoint,
    #[error("the checkpoint is of log {origin:?}, which no given key is named for")]
    WrongOrigin { origin: String },
    #[error("the root of an empty log cannot be {root}")]
    WrongEmptyRoot { root: Hash },
    #[error("the cosignature by {name} has the impossible time {time}")]
    BadTime { name: String, time: u64 },
    #[error("{witnesses} known witnesses cosigned, which does not meet the policy's quorum")]
    QuorumNotMet { witnesses: usize },
}

/// One signature line: who claims to have signed, and the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: KeyId,
    bytes: Vec<u8>,
}

impl NoteSignature {
    pub(super) fn new(key: &VerifierKey, bytes: Vec<u8>) -> NoteSignature {
        NoteSignature { name: key.name().to_owned(), id: key.id(), bytes }
    }

    /// Reads a signature line without its newline.
    pub fn parse(line: &str) -> Option<NoteSignature> {
        let (name, base64) = line.strip_prefix(SIGNATURE_PREFIX)?.split_once(' ')?;
        let bytes = BASE64_STANDARD.decode(base64).ok()?;
        let (id, signature) = bytes.split_first_chunk::<4>()?;
        (is_key_name(name) && !signature.is_empty()).then(|| NoteSignature {
            name: name.to_owned(),
            id: KeyId(*id),
            bytes: signature.to_vec(),
        })
    }

    /// The name of the key that claims to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that claims to have signed.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// The signature after the key id; its form depends on the kind of key.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&self.id.0, self.bytes.as_slice()].concat();
        writeln!(f, "{SIGNATURE_PREFIX}{} {}", self.name, BASE64_STANDARD.encode(bytes))
    }
}

/// A text and the signatures that it claims to bear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a whole note.
    pub fn parse(note: &str) -> Result<Note, NoteError> {
        if note.len() > MAX_NOTE_LEN {
            return Err(NoteError::TooLong { len: note.len() });
        }
        // The text may have blank lines of its own: the last one divides.
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::NoSignatures)?;
        let text = format!("{text}\n");
        check_text(&text)?;
        let lines = lines.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
        let mut signatures = Vec::new();
        for (line, position) in lines.split('\n').zip(1..) {
            if position > MAX_SIGNATURES {
                return Err(NoteError::TooManySignatures);
            }
            signatures.push(NoteSignature::parse(line).ok_or(NoteError::BadSignatureLine { position })?);
        }
        Ok(Note { text, signatures })
    }

    /// The signed text, its last newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, known and unknown.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Appends a signature line, such as a cosignature that came later; one that is there already changes
    /// nothing, nor does one that is refused.
    pub fn add(&mut self, signature: NoteSignature) -> Result<(), NoteError> {
        if self.signatures.contains(&signature) {
            return Ok(());
        }
        if self.signatures.len() >= MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures);
        }
        let len = self.to_string().len() + signature.to_string().len();
        if len > MAX_NOTE_LEN {
            return Err(NoteError::TooLong { len });
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// Checks that `key` signed the text.
    ///
    /// Lines by other keys are ignored. A key may sign twice, and then every line of it must verify: which of
    /// them counts must not depend on their order.
    pub fn verify(&self, key: &VerifierKey) -> Result<(), NoteError> {
        if self.is_signed_by(key)? {
            return Ok(());
        }
        Err(NoteError::NotSigned { name: key.name().to_owned(), id: key.id() })
    }

    /// Whether `key` signed the text; an error if one of its signatures is not valid.
    pub(super) fn is_signed_by(&self, key: &VerifierKey) -> Result<bool, NoteError> {
        expect_kind(key, KeyKind::Ed25519)?;
        let mut signed = false;
        for signature in self.signatures_of(key) {
            key.verify_raw(self.text.as_bytes(), &signature.bytes)?;
            signed = true;
        }
        Ok(signed)
    }

    /// The lines that claim to be by `key`: name and id together tell keys apart.
    pub(super) fn signatures_of(&self, key: &VerifierKey) -> impl Iterator<Item = &NoteSignature> {
        self.signatures.iter().filter(|line| line.id == key.id() && line.name == key.name())
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

impl SigningKey {
    /// Signs a text that ends in a newline.
    pub fn sign_note(&self, text: &str) -> Result<Note, NoteError> {
        expect_kind(self.verifier(), KeyKind::Ed25519)?;
        check_text(text)?;
        let mut note = Note { text: text.to_owned(), signatures: Vec::new() };
        note.add(NoteSignature::new(self.verifier(), self.sign(text.as_bytes()).to_vec()))?;
        Ok(note)
    }
}

pub(super) fn expect_kind(key: &VerifierKey, wanted: KeyKind) -> Result<(), NoteError> {
    if key.kind() == wanted {
        return Ok(());
    }
    Err(NoteError::WrongKind { name: key.name().to_owned(), wanted })
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.ends_with('\n') && !text.contains(|c: char| c < ' ' && c != '\n') {
        Ok(())
    } else {
        Err(NoteError::BadText)
    }
}
