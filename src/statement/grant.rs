//! `grant`: terms that the lab asserts, or a licensor's signed envelope, verbatim, from whose payload they are read.

use super::dsse;
use super::kind::{Is, Kind, Salt, V1};
use super::limit::Invalid;
use super::terms::Terms;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// A grant: exactly one of `envelope` and `terms`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Grant {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// The DSSE envelope as the licensor made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub envelope: Option<String>,
    /// `grant`.
    pub kind: Is<{ Kind::Grant as u8 }>,
    /// See [`Salt`].
    pub salt: Salt,
    /// The terms, where the lab asserts them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// 1.
    pub v: V1,
}

impl Grant {
    /// The terms, from wherever they stand. The signature of an envelope is not checked here: that needs a key which
    /// somebody trusts.
    ///
    /// # Errors
    /// Neither or both members, or an envelope that holds no terms.
    pub fn terms(&self) -> Result<Terms, Invalid> {
        match (&self.terms, &self.envelope) {
            (Some(terms), None) => Ok(terms.clone()),
            (None, Some(envelope)) => dsse::Envelope::parse(envelope)
                .and_then(|e| e.grant())
                .map_err(|e| Invalid::new("envelope", e.to_string())),
            _ => Err(Invalid::new("terms", "and envelope: exactly one of them must be there")),
        }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        self.terms()?.check()
    }
}
