//! What an auditor brings: the log's key or a policy with witnesses, the licensors' keys, and the question.

use crate::statement::Identifier;
use crate::statement::dsse::Envelope;
use crate::statement::{Date, Dispute, Grant, ReleaseName, Terms, Time};
use crate::tlog::{KeyKind, NoteError, Policy, VerifierKey};
use crate::verify::facts::Attestation;
use std::collections::BTreeMap;

/// The longest licensors file, in bytes.
pub const MAX_LICENSORS_LEN: usize = 4 << 20;

/// Whom the auditor trusts, and for what.
#[derive(Debug, Clone)]
pub struct Trust {
    /// The log's key, and the witnesses that must have seen its checkpoints.
    pub policy: Policy,
    /// Keys of licensors.
    pub licensors: Licensors,
}

impl Trust {
    /// Trust in one log key, without witnesses and licensors.
    ///
    /// # Errors
    /// The key is not one of a log.
    pub fn log(key: VerifierKey) -> Result<Trust, NoteError> {
        Ok(Trust { policy: Policy::from_log(key)?, licensors: Licensors::default() })
    }
}

/// What the auditor asks. What she leaves out, the file may choose.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The release that the proof must be about.
    pub release: Option<ReleaseName>,
    /// The works that must be answered, each by its identifiers, in this order.
    pub works: Option<Vec<Vec<Identifier>>>,
    /// The day on which grants are judged, instead of each admission's own.
    pub at: Option<Date>,
}

/// Licensors' keys, as the auditor knows them.
#[derive(Debug, Clone, Default)]
pub struct Licensors {
    /// In the order of the file.
    keys: Vec<LicensorKey>,
    /// Places in `keys`, ascending: a file with many disputes is held against a file with many keys.
    by_party: BTreeMap<Identifier, Vec<usize>>,
}

/// One key of one licensor.
#[derive(Debug, Clone)]
pub struct LicensorKey {
    /// The party.
    pub party: Identifier,
    /// Its key.
    pub key: VerifierKey,
    /// It counts only for grants and disputes that were proven to be logged before this day.
    pub not_after: Option<Date>,
}

/// What is wrong with a licensors file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicensorsError {
    /// Over [`MAX_LICENSORS_LEN`].
    #[error("the licensors file is longer than 4 MiB")]
    TooLong,
    /// A line that cannot be read.
    #[error("line {line}: {what}")]
    Line {
        /// Line, from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
}

impl Licensors {
    /// Reads lines `licensor <party identifier> <verifier key> [not-after DATE]`; empty ones and comments (`#`) are
    /// let by.
    ///
    /// # Errors
    /// [`LicensorsError`].
    pub fn parse(text: &str) -> Result<Licensors, LicensorsError> {
        if text.len() > MAX_LICENSORS_LEN {
            return Err(LicensorsError::TooLong);
        }
        let mut licensors = Licensors::default();
        for (line, number) in text.lines().zip(1..) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let key = licensor(line).map_err(|what| LicensorsError::Line { line: number, what })?;
            licensors.by_party.entry(key.party.clone()).or_default().push(licensors.keys.len());
            licensors.keys.push(key);
        }
        Ok(licensors)
    }

    /// All keys.
    pub fn keys(&self) -> &[LicensorKey] {
        &self.keys
    }

    /// The licensor of these terms whose signature stands on the grant, by a key that is listed for that very party;
    /// `logged_by` is when the grant was proven to be logged at the latest.
    pub fn signer(&self, grant: &Grant, terms: &Terms, logged_by: Option<Time>) -> Option<&Identifier> {
        let envelope = Envelope::parse(grant.envelope.as_ref()?).ok()?;
        self.signed(&envelope, &self.of(&terms.licensor.ids), logged_by)
    }

    /// Whether a dispute is signed by whom it names, by a key that is listed for one of the identifiers in it.
    pub fn attest(&self, dispute: &Dispute, logged_by: Option<Time>) -> Attestation {
        let Ok(envelope) = Envelope::parse(&dispute.envelope) else { return Attestation::Unchecked };
        let Ok(claim) = envelope.dispute() else { return Attestation::Unchecked };
        let listed = self.of(&claim.ids);
        match (self.signed(&envelope, &listed, logged_by), listed.is_empty()) {
            (Some(party), _) => Attestation::Signed(party.clone()),
            (None, true) => Attestation::Unchecked,
            (None, false) => Attestation::NotSigned,
        }
    }

    /// The lines about some parties, in the order of the file.
    fn of(&self, parties: &[Identifier]) -> Vec<&LicensorKey> {
        let mut places: Vec<usize> = parties.iter().filter_map(|id| self.by_party.get(id)).flatten().copied().collect();
        places.sort_unstable();
        places.into_iter().map(|place| &self.keys[place]).collect()
    }

    /// The party of the first line whose key counts and verifies.
    fn signed<'a>(
        &self,
        envelope: &Envelope,
        listed: &[&'a LicensorKey],
        logged_by: Option<Time>,
    ) -> Option<&'a Identifier> {
        let in_time = |until: Date| logged_by.is_some_and(|time| time.date() < until);
        let signed = |k: &&&LicensorKey| k.not_after.is_none_or(in_time) && envelope.verify(&k.key).is_ok();
        listed.iter().find(signed).map(|k| &k.party)
    }
}

fn licensor(line: &str) -> Result<LicensorKey, String> {
    const FORM: &str = "not of the form: licensor PARTY-IDENTIFIER VERIFIER-KEY [not-after DATE]";
    let words: Vec<&str> = line.split_whitespace().collect();
    let (party, key, not_after) = match words[..] {
        ["licensor", party, key] => (party, key, None),
        ["licensor", party, key, "not-after", date] => (party, key, Some(date)),
        _ => return Err(FORM.to_owned()),
    };
    let party = Identifier::parse(party).map_err(|e| format!("{party:?} {e}"))?;
    // A party may number itself (`id:`), beside the registered schemes.
    if !party.may_name_a_party() {
        return Err(format!("{party} does not identify a party"));
    }
    let key = VerifierKey::parse(key).map_err(|e| format!("{key:?}: {e}"))?;
    // One key has one role: a witness's does not sign grants.
    if key.kind() != KeyKind::Ed25519 {
        return Err("the key is a witness's".to_owned());
    }
    let not_after = not_after.map(|d| Date::parse(d).map_err(|e| format!("{d:?} {e}"))).transpose()?;
    Ok(LicensorKey { party, key, not_after })
}
