//! `dispute`: a rightsholder's own signed statement about an entry, verbatim. It never changes coverage.

use super::dsse;
use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// A rightsholder's counter-statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dispute {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// The DSSE envelope as the rightsholder made it.
    pub envelope: String,
    /// `dispute`.
    pub kind: Is<{ Kind::Dispute as u8 }>,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

impl Dispute {
    /// What it says. The signature is not checked here.
    ///
    /// # Errors
    /// The envelope holds no dispute, or one that breaks a rule.
    pub fn claim(&self) -> Result<dsse::DisputeClaim, Invalid> {
        let read = dsse::Envelope::parse(&self.envelope).and_then(|e| e.dispute());
        let claim = read.map_err(|e| Invalid::new("envelope", e.to_string()))?;
        claim.check().map(|()| claim)
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        self.claim().map(|_| ())
    }
}

impl dsse::DisputeClaim {
    /// Checks the rules that types alone do not keep.
    ///
    /// # Errors
    /// The member that breaks one.
    pub fn check(&self) -> Result<(), Invalid> {
        limit::text("claim", &self.claim, limit::MAX_TEXT_LEN)?;
        limit::text("name", &self.name, limit::MAX_TEXT_LEN)?;
        limit::text("origin", &self.origin, limit::MAX_TEXT_LEN)?;
        limit::count("ids", self.ids.len(), limit::MAX_IDENTIFIERS)
    }
}
