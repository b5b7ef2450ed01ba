//! Signing a grant: what a licensor does with its own key, apart from any ledger. Formats section 3, "Signed by others".
//!
//! What is signed are the terms with the root of the catalogue, bound to the licensor's key and to the one log that they
//! are for. Invariant: an envelope that comes out of here is one that a ledger of that log accepts.

use super::LedgerError;
use super::catalogue::{Keep, subject_rows};
use super::source::Input;
use crate::ingest::{Mapping, TemporaryFolder};
use crate::licence::TermsFile;
use crate::statement::{Identifier, Terms, dsse};
use crate::storage::Disk;
use crate::tlog::{KeyKind, SigningKey};

/// A signed grant.
#[derive(Debug)]
pub struct Signed {
    /// The envelope's text.
    pub envelope: String,
    /// The terms in it.
    pub terms: Terms,
}

/// Signs terms; a catalogue named in them is given as `catalogue`. Rows are sorted in a temporary folder.
///
/// # Errors
/// The terms name another key, no log or no party that auditors can look for; the catalogue is missing or malformed.
pub fn sign(
    terms: TermsFile,
    catalogue: Option<Input>,
    map: &[Mapping],
    key: &SigningKey,
) -> Result<Signed, LedgerError> {
    let id = terms.id().clone();
    let verifier = key.verifier();
    if verifier.kind() != KeyKind::Ed25519 {
        return Err(LedgerError::WitnessKey { key: verifier.to_string() });
    }
    // What is wrong with the terms is told before a long catalogue is read.
    if let Some(named) = terms.licensor().key.as_ref().filter(|named| **named != verifier.to_string()) {
        return Err(LedgerError::OtherLicensorKey { named: named.clone(), key: verifier.to_string() });
    }
    // Auditors' licensors files name parties, and nothing else.
    if !terms.licensor().ids.iter().any(Identifier::may_name_a_party) {
        return Err(LedgerError::NoLicensorId { id });
    }
    if terms.licensee().log.is_none() {
        return Err(LedgerError::NoLog { id });
    }
    let folder = TemporaryFolder::new()?;
    let rows = subject_rows(&Disk::open(folder.path())?, &terms, catalogue, map, Keep::Nothing)?;
    let fail = |error| LedgerError::File { path: id.to_string(), error: Box::new(error) };
    let mut terms = terms.into_terms(rows).map_err(fail)?;
    terms.licensor.key = Some(verifier.to_string());
    terms.check().map_err(|error| LedgerError::Terms { id: id.clone(), error })?;
    let (payload, encoding) = dsse::to_sign(&terms, dsse::GRANT_TYPE, id.as_str());
    let envelope = dsse::seal(&payload, &verifier.id().to_string(), &key.sign(&encoding));
    // A ledger reads it so; what is too long for an entry is found here, not there.
    dsse::Envelope::parse(&envelope)?;
    Ok(Signed { envelope, terms })
}
