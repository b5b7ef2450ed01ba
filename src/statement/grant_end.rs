//! `grant-end`: a grant ends. An end is final; an amendment is an end and a new grant.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::{Date, Time};
use serde::{Deserialize, Serialize};

/// The end of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantEnd {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Why, as a code of the lab's.
    pub because: String,
    /// The first day without the grant; it may lie before `at`.
    pub effective: Date,
    /// Log index of the grant.
    pub grant: u64,
    /// `grant-end`.
    pub kind: Is<{ Kind::GrantEnd as u8 }>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

impl GrantEnd {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("because", &self.because, limit::MAX_TEXT_LEN)?;
        limit::optional_text("note", &self.note, limit::MAX_TEXT_LEN)
    }
}
