//! A rightsholder's own statement about an entry: made offline from a proof, and recorded by the lab, verbatim.
//!
//! Whose key signed it is for an auditor to know: here a dispute is held against the log that it is about, and no key. It
//! changes no coverage, and every proof that shows the entry shows it (docs/formats/grant-terms.md, "Disputes").

use super::writer::invalid;
use super::{LedgerError, View, Writer, export};
use crate::log::Entry;
use crate::statement::dsse::{DISPUTE_TYPE, DisputeClaim, Envelope, seal, to_sign};
use crate::statement::{Dispute, Identifier, Is, Kind, Set, Statement, V1};
use crate::tlog::{Hash, KeyKind, SigningKey, VerifiedCheckpoint, leaf_hash};
use crate::verify::{self, ProofFile, Question, Trust};

/// What a rightsholder says.
#[derive(Debug, Clone)]
pub struct Says {
    /// Log index of the entry.
    pub entry: u64,
    /// What is wrong with it.
    pub claim: String,
    /// Who says so.
    pub name: String,
    /// Party identifiers, by which auditors know the key.
    pub ids: Set<Identifier>,
}

/// Makes a dispute of an entry that a proof discloses, and signs it. Origin and leaf hash are taken from the proof, once
/// it has verified.
///
/// # Errors
/// The proof does not verify or does not disclose the entry, a text is empty or too long, or the key is a witness's.
pub fn sign(proof: &[u8], trust: &Trust, says: Says, key: &SigningKey) -> Result<(String, DisputeClaim), LedgerError> {
    if key.verifier().kind() != KeyKind::Ed25519 {
        return Err(LedgerError::WitnessSigns);
    }
    let refused = |error| LedgerError::Proof(Box::new(error));
    let facts = verify::verify(proof, trust, &Question::default()).map_err(refused)?;
    let Says { entry, claim, name, ids } = says;
    let leaf = disclosed_leaf(proof, entry)?;
    let claim = DisputeClaim { claim, entry, ids, leaf, name, origin: facts.origin.clone() };
    claim.check().map_err(|error| invalid(Kind::Dispute, error))?;
    let (payload, message) = to_sign(&claim, DISPUTE_TYPE, &format!("entry {entry} of {}", facts.origin));
    let envelope = seal(&payload, &key.verifier().id().to_string(), &key.sign(&message));
    Envelope::parse(&envelope)?;
    Ok((envelope, claim))
}

/// The leaf hash of an entry that a proof discloses.
fn disclosed_leaf(proof: &[u8], index: u64) -> Result<Hash, LedgerError> {
    let file = ProofFile::parse(proof).map_err(|e| LedgerError::Proof(Box::new(verify::VerifyError::Json(e))))?;
    let found = file.entries.iter().find(|entry| entry.index == index);
    let leaf = found.and_then(|entry| entry.leaf.or(entry.text.as_ref().map(|text| leaf_hash(text.as_bytes()))));
    leaf.ok_or_else(|| LedgerError::NotDisclosed { index })
}

/// A dispute that was recorded.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Its log index.
    pub entry: u64,
    /// What it says, and of which entry.
    pub claim: DisputeClaim,
    /// The checkpoint after it.
    pub checkpoint: VerifiedCheckpoint,
}

/// Records a dispute of an entry, as it was signed.
///
/// # Errors
/// It is no dispute, it is about another log, entry or leaf, or it is recorded already.
pub fn record(mut writer: Writer, entry: u64, envelope: &str) -> Result<Recorded, LedgerError> {
    // White space at the end is the file's, not the envelope's.
    let envelope = envelope.trim_end();
    let claim = Envelope::parse(envelope)?.dispute()?;
    claim.check().map_err(|error| invalid(Kind::Dispute, error))?;
    check_subject(writer.view(), entry, &claim)?;
    for index in writer.view().look_up(&format!("entry:{entry}"))? {
        if matches!(writer.view().statement(index), Ok(Statement::Dispute(same)) if same.envelope == envelope) {
            return Err(LedgerError::SameDispute { index });
        }
    }
    let (at, salt, envelope) = (writer.now(), writer.salt(), envelope.to_owned());
    let index = writer.append(&Statement::Dispute(Dispute { at, envelope, kind: Is, salt, v: V1 }))?;
    Ok(Recorded { entry: index, claim, checkpoint: writer.commit(true)? })
}

/// Requires that a dispute is about this log and this entry. One that is not could not be shown by any proof: verifiers
/// refuse it.
fn check_subject(view: &View, asked: u64, claim: &DisputeClaim) -> Result<(), LedgerError> {
    let this = view.log().checkpoint().origin();
    if claim.origin != this {
        return Err(LedgerError::OtherOrigin { found: claim.origin.clone(), this: this.to_owned() });
    }
    if claim.entry != asked {
        return Err(LedgerError::OtherEntry { found: claim.entry, asked });
    }
    let leaf = match view.log().entry(asked)? {
        Entry::Text(text) => leaf_hash(&text),
        // Without its erasure an empty entry is damage.
        Entry::Erased(_) if !export::erased(view)?.contains(&asked) => {
            return Err(LedgerError::Emptied { index: asked });
        }
        Entry::Erased(leaf) => leaf,
    };
    if leaf == claim.leaf { Ok(()) } else { Err(LedgerError::OtherLeaf { index: asked }) }
}
