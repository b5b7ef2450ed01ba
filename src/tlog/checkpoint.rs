//! Checkpoints (C2SP tlog-checkpoint): what a log signs about itself.
//!
//! ```text
//! example.com/log                                   origin, the log's name
//! 20852163                                          size in decimal
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root
//! ```
//!
//! Not here: witnesses ([`super::cosignature`], [`super::policy`]), and extension lines, which are refused
//! because no monitor can audit them.
//!
//! Invariants: a [`Checkpoint`] is a claim; a [`VerifiedCheckpoint`] was signed by a key named for its origin,
//! and only verification makes one.

use std::fmt;

use super::hash::{Hash, empty_root};
use super::key::{SigningKey, VerifierKey};
use super::note::{Note, NoteError};
use super::tree::MAX_SIZE;

/// The size and root of a log, claimed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Leaves in the log.
    pub size: u64,
    /// Root over those leaves.
    pub root: Hash,
}

impl Checkpoint {
    /// Reads the text of a note; the one spelling that `Display` prints.
    pub fn parse(text: &str) -> Result<Checkpoint, NoteError> {
        let mut lines = text.strip_suffix('\n').unwrap_or_default().split('\n');
        let (Some(origin), Some(size), Some(root), None) = (lines.next(), lines.next(), lines.next(), lines.next())
        else {
            return Err(NoteError::NotACheckpoint);
        };
        let size = parse_decimal(size).filter(|&size| size <= MAX_SIZE).ok_or(NoteError::NotACheckpoint)?;
        let root = Hash::parse(root).map_err(|_| NoteError::NotACheckpoint)?;
        if origin.is_empty() {
            return Err(NoteError::NotACheckpoint);
        }
        if size == 0 && root != empty_root() {
            return Err(NoteError::WrongEmptyRoot { root });
        }
        Ok(Checkpoint { origin: origin.to_owned(), size, root })
    }

    /// Signs the checkpoint with the key that is named for its origin. Whoever calls this answers for never
    /// signing two roots for one size.
    pub fn sign(&self, key: &SigningKey) -> Result<Note, NoteError> {
        if self.origin != key.verifier().name() {
            return Err(NoteError::WrongOrigin { origin: self.origin.clone() });
        }
        let text = self.to_string();
        Checkpoint::parse(&text)?;
        key.sign_note(&text)
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)
    }
}

/// A checkpoint that the log's key signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl VerifiedCheckpoint {
    /// Reads a signed note and checks that `key`, named for the checkpoint's origin, signed it.
    pub fn open(note: &str, key: &VerifierKey) -> Result<VerifiedCheckpoint, NoteError> {
        VerifiedCheckpoint::open_any(note, std::iter::once(key))
    }

    /// The same where several log keys are known: one that is named for the origin must have signed, and none
    /// of the others may have signed wrongly.
    pub(super) fn open_any<'k>(
        note: &str,
        keys: impl Iterator<Item = &'k VerifierKey>,
    ) -> Result<VerifiedCheckpoint, NoteError> {
        let note = Note::parse(note)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        let mut outcome = Err(NoteError::WrongOrigin { origin: checkpoint.origin.clone() });
        for key in keys {
            let signed = note.is_signed_by(key)?;
            if key.name() == checkpoint.origin && outcome.is_err() {
                let missing = || NoteError::NotSigned { name: key.name().to_owned(), id: key.id() };
                outcome = signed.then_some(()).ok_or_else(missing);
            }
        }
        outcome.map(|()| VerifiedCheckpoint { checkpoint, note })
    }

    /// Name of the log.
    pub fn origin(&self) -> &str {
        &self.checkpoint.origin
    }

    /// Leaves in the log.
    pub fn size(&self) -> u64 {
        self.checkpoint.size
    }

    /// Root over those leaves.
    pub fn root(&self) -> &Hash {
        &self.checkpoint.root
    }

    /// The signed note, with every signature line that it came with; those not by the log are unverified.
    pub fn note(&self) -> &Note {
        &self.note
    }
}

/// Reads a decimal integer as it is printed: digits only, and no leading zero.
pub(super) fn parse_decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}
