//! `erasure`: an entry's text was removed; its leaf hash stays. Only admissions and disputes are erased.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// The removal of an entry's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Erasure {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Why.
    pub because: String,
    /// Log index of the entry.
    pub entry: u64,
    /// `erasure`.
    pub kind: Is<{ Kind::Erasure as u8 }>,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

impl Erasure {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("because", &self.because, limit::MAX_TEXT_LEN)
    }
}
