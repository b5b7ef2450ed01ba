//! `withdrawal`: admissions that leave every release sealed after it.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// Admissions withdrawn from a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Withdrawal {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Why, as a code of the lab's.
    pub because: String,
    /// Log index of the dataset.
    pub dataset: u64,
    /// Log indices: its dataset's admissions among them leave. Ascending, apart from one another.
    pub entries: Vec<IndexRange>,
    /// `withdrawal`.
    pub kind: Is<{ Kind::Withdrawal as u8 }>,
    /// Why, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

/// Log indices from `first` on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IndexRange {
    /// How many, at least 1.
    pub count: u64,
    /// The first.
    pub first: u64,
}

impl Withdrawal {
    /// Whether it names this entry.
    pub fn names(&self, index: u64) -> bool {
        let after = self.entries.partition_point(|r| r.first <= index);
        after > 0 && index - self.entries[after - 1].first < self.entries[after - 1].count
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("because", &self.because, limit::MAX_TEXT_LEN)?;
        limit::optional_text("note", &self.note, limit::MAX_TEXT_LEN)?;
        limit::some("entries", self.entries.len(), limit::MAX_RANGES)?;
        let mut free_from = 0;
        for range in &self.entries {
            if range.count == 0 || range.first < free_from {
                return Err(Invalid::new("entries", "are not ascending ranges of at least one index"));
            }
            // Ranges that touch would be one range.
            free_from = range
                .first
                .checked_add(range.count)
                .and_then(|end| end.checked_add(1))
                .ok_or_else(|| Invalid::new("entries", "end beyond any log"))?;
        }
        Ok(())
    }
}
