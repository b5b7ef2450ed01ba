//! Cosignatures, version 1 (C2SP tlog-cosignature): a witness saw a checkpoint, and when.
//!
//! ```text
//! signature = u64 time || Ed25519 over:
//!     cosignature/v1
//!     time 1679315147
//!     <the checkpoint's text>
//! ```
//!
//! Not here: how many witnesses are enough ([`super::policy`]), and the ML-DSA form, which is an unknown
//! signature to this program.
//!
//! Invariants: a witness says that, at that time, this was the largest tree of the log that it had seen, and
//! that everything it saw was consistent. It says nothing about what the entries mean.

use super::checkpoint::Checkpoint;
use super::key::{KeyKind, SigningKey, VerifierKey};
use super::note::{Note, NoteError, NoteSignature, expect_kind};

/// Latest time accepted: the last second of the year 9999, beyond which our dates cannot be written. The
/// specification's own limit is 2^63 - 1.
pub const MAX_TIME: u64 = 253_402_300_799;

/// The time, in seconds since 1970, at which `witness` cosigned the note, or `None` if it did not.
///
/// A witness may have cosigned twice: then every cosignature must verify, and the earliest time counts.
pub fn verify(note: &Note, witness: &VerifierKey) -> Result<Option<u64>, NoteError> {
    expect_kind(witness, KeyKind::CosignatureV1)?;
    let mut earliest = None;
    for line in note.signatures_of(witness) {
        // An empty signature in place of a truncated one: it fails under the key's own name.
        let (time, signature) = line.bytes().split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
        let time = u64::from_be_bytes(*time);
        witness.verify_raw(message(time, note.text()).as_bytes(), signature)?;
        if time > MAX_TIME {
            return Err(NoteError::BadTime { name: witness.name().to_owned(), time });
        }
        earliest = Some(earliest.map_or(time, |other: u64| other.min(time)));
    }
    Ok(earliest)
}

/// Cosigns the text of a checkpoint as a witness would, at `time` in seconds since 1970.
///
/// A real witness has first checked the log's signature and a consistency proof from the last checkpoint that
/// it cosigned.
pub fn cosign(witness: &SigningKey, time: u64, text: &str) -> Result<NoteSignature, NoteError> {
    expect_kind(witness.verifier(), KeyKind::CosignatureV1)?;
    Checkpoint::parse(text)?;
    let signature = witness.sign(message(time, text).as_bytes());
    Ok(NoteSignature::new(witness.verifier(), [&time.to_be_bytes(), signature.as_slice()].concat()))
}

fn message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}
