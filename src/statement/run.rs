//! `run`: a model was trained on releases.

use super::identifier::Identifier;
use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::name::Model;
use super::terms::Need;
use super::text::Set;
use super::time::Time;
use super::vocabulary::{CodeCounts, Purpose, Territory, Use};
use serde::{Deserialize, Serialize};

/// A training run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// When it ended; the run is the interval [start, end).
    pub end: Time,
    /// Works that no grant covered, if it was recorded all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gaps: Option<Gaps>,
    /// `run`.
    pub kind: Is<{ Kind::Run as u8 }>,
    /// The model.
    pub model: Model,
    /// To what end.
    pub purpose: Purpose,
    /// Log indices of the releases.
    pub releases: Set<u64>,
    /// See [`Salt`].
    pub salt: Salt,
    /// When it started.
    pub start: Time,
    /// Where; none means worldwide.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub territories: Set<Territory>,
    /// What was done with the works.
    pub uses: Set<Use>,
    /// 1.
    pub v: V1,
    /// Digests of the weights.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub weights: Set<Identifier>,
}

/// Why a run stands in the ledger although grants were missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Gaps {
    /// Why it was recorded.
    pub because: String,
    /// How many works each code was given to.
    pub codes: CodeCounts,
}

impl Run {
    /// What the run asks of grants.
    pub fn need(&self) -> Need<'_> {
        let models = std::slice::from_ref(&self.model);
        Need { uses: &self.uses, purpose: self.purpose, territories: &self.territories, models }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::some("releases", self.releases.len(), limit::MAX_ITEMS)?;
        limit::some("uses", self.uses.len(), limit::MAX_ITEMS)?;
        limit::count("weights", self.weights.len(), limit::MAX_ITEMS)?;
        for digest in &self.weights {
            limit::digest("weights", digest)?;
        }
        if let Some(gaps) = &self.gaps {
            limit::text("gaps.because", &gaps.because, limit::MAX_TEXT_LEN)?;
        }
        if self.end < self.start {
            return Err(Invalid::new("end", "lies before start"));
        }
        Ok(())
    }
}
