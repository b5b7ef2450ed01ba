//! Cosignatures added to a published checkpoint: what witnesses said of it, kept where proofs find it.
//!
//! A line is added only if a witness of the given policy signed it for this very checkpoint: a cosignature that a reader
//! knows and cannot verify would make the checkpoint worthless to it. The log does not change by it.

use super::view::open_folder;
use super::{LedgerError, View};
use crate::log::{LOCK, history};
use crate::statement::Time;
use crate::tlog::{Cosigner, Note, NoteError, NoteSignature, Policy, VerifierKey, cosignature};
use std::path::Path;

/// Seconds by which a witness's clock may be ahead of ours.
pub const MAX_AHEAD_SECONDS: u64 = 300;

/// What was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosigned {
    /// The checkpoint's size.
    pub size: u64,
    /// The witnesses of the policy that have cosigned it, those before among them.
    pub witnesses: Vec<Cosigner>,
    /// Signature lines that were not there.
    pub added: usize,
    /// Names of signers that the policy does not know: their lines were left out.
    pub unknown: Vec<String>,
    /// When the policy's quorum was met, if it is.
    pub witnessed_at: Option<Time>,
}

/// Adds the cosignatures of a file: a whole note, or bare signature lines as a witness answers with, which are for the
/// published checkpoint of `size` (the current one if none is given).
///
/// # Errors
/// The note is another checkpoint's, no line is by a witness of the policy, one is not valid or from the future.
pub fn add(
    dir: &Path,
    text: &str,
    size: Option<u64>,
    policy: &Policy,
    now: Time,
    wait: bool,
) -> Result<Cosigned, LedgerError> {
    let (disk, _, key) = open_folder(dir)?;
    let _lock = disk.lock(LOCK, wait)?;
    let view = View::of(&disk, &key)?;
    if policy.logs() != std::slice::from_ref(&key) {
        return Err(LedgerError::OtherPolicy { key: key.to_string() });
    }
    let (claimed, lines) = read(text)?;
    let size = claimed.as_ref().map(|(size, _)| *size).or(size).unwrap_or(view.log().size());
    let published = history::published(&disk, &key, size)?.ok_or(LedgerError::NotPublished { size })?;
    if claimed.is_some_and(|(_, text)| text != published.note().text()) {
        return Err(LedgerError::OtherCheckpoint { size });
    }
    let by = |witness: &VerifierKey, line: &NoteSignature| (line.id(), line.name()) == (witness.id(), witness.name());
    let known = |line: &NoteSignature| policy.witnesses().any(|witness| by(witness, line));
    let (cosignatures, others): (Vec<_>, Vec<_>) = lines.into_iter().partition(known);
    let unknown = others.iter().filter(|line| !by(&key, line)).map(|line| line.name().to_owned()).collect();
    if cosignatures.is_empty() {
        return Err(LedgerError::NoWitness { unknown });
    }
    let mut note = published.note().clone();
    let before = note.signatures().len();
    cosignatures.iter().try_for_each(|line| note.add(line.clone()))?;
    let witnesses = verified(&note, policy, now)?;
    let added = note.signatures().len() - before;
    if added > 0 {
        history::add(&disk, &published, &cosignatures)?;
    }
    let witnessed_at = match policy.open(&note.to_string()) {
        Ok(met) => met.time().and_then(|t| i64::try_from(t).ok()).and_then(Time::from_unix),
        Err(NoteError::QuorumNotMet { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(Cosigned { size, witnesses, added, unknown, witnessed_at })
}

type Claimed = Option<(u64, String)>;

/// The checkpoint that a file says it is about, if it does, and its signature lines.
fn read(text: &str) -> Result<(Claimed, Vec<NoteSignature>), LedgerError> {
    if text.contains("\n\n") {
        let note = Note::parse(text)?;
        let checkpoint = crate::tlog::Checkpoint::parse(note.text())?;
        return Ok((Some((checkpoint.size, note.text().to_owned())), note.signatures().to_vec()));
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty()).zip(1..);
    let parse = |(line, position)| NoteSignature::parse(line).ok_or(NoteError::BadSignatureLine { position });
    Ok((None, lines.map(parse).collect::<Result<_, _>>()?))
}

/// The policy's witnesses that cosigned the note; each of them must have done so rightly, and not in the future.
fn verified(note: &Note, policy: &Policy, now: Time) -> Result<Vec<Cosigner>, LedgerError> {
    let mut found = Vec::new();
    let latest = u64::try_from(now.unix()).unwrap_or(0) + MAX_AHEAD_SECONDS;
    for witness in policy.witnesses() {
        let Some(time) = cosignature::verify(note, witness)? else { continue };
        let name = witness.name().to_owned();
        if time > latest {
            return Err(LedgerError::FutureCosignature { name, time });
        }
        found.push(Cosigner { name, time });
    }
    Ok(found)
}
