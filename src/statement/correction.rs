//! `correction`: a corrected title or party, shown beside an entry. It changes no rows, terms, names or coverage.

use super::admission::Party;
use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// What an entry should have said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Correction {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Why.
    pub because: String,
    /// Log index of the entry.
    pub entry: u64,
    /// `correction`.
    pub kind: Is<{ Kind::Correction as u8 }>,
    /// The right parties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// See [`Salt`].
    pub salt: Salt,
    /// The right title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// 1.
    pub v: V1,
}

impl Correction {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("because", &self.because, limit::MAX_TEXT_LEN)?;
        limit::optional_text("title", &self.title, limit::MAX_TITLE_LEN)?;
        limit::count("parties", self.parties.len(), limit::MAX_PARTIES)?;
        if self.title.is_none() && self.parties.is_empty() {
            return Err(Invalid::new("title", "and parties: at least one of them must be there"));
        }
        Ok(())
    }
}
