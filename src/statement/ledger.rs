//! `ledger`: entry 0, which says what this log is.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Entry 0 of every ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Ledger {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// `ledger`.
    pub kind: Is<{ Kind::Ledger as u8 }>,
    /// The log's origin: the name of its key.
    pub origin: String,
    /// See [`Salt`].
    pub salt: Salt,
    /// A title for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// 1.
    pub v: V1,
}

impl Ledger {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("origin", &self.origin, limit::MAX_TEXT_LEN)?;
        limit::optional_text("title", &self.title, limit::MAX_TITLE_LEN)
    }
}
