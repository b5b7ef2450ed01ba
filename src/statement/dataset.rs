//! `dataset`: a collection of works, and what they are needed for. The gate asks every grant for this.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::name::{Model, Name};
use super::terms::Need;
use super::text::Set;
use super::time::Time;
use super::vocabulary::{Layer, Purpose, Territory, Use};
use serde::{Deserialize, Serialize};

/// A dataset and its declared purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dataset {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Its name, unique in the ledger.
    pub id: Name,
    /// `dataset`.
    pub kind: Is<{ Kind::Dataset as u8 }>,
    /// The rights layers that must be covered for each work.
    pub layers: Set<Layer>,
    /// The models it is for, if known.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub models: Set<Model>,
    /// To what end.
    pub purpose: Purpose,
    /// See [`Salt`].
    pub salt: Salt,
    /// Where; none means worldwide.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub territories: Set<Territory>,
    /// A title for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What is done with the works.
    pub uses: Set<Use>,
    /// 1.
    pub v: V1,
}

impl Dataset {
    /// What the gate and the verifier ask of grants for this dataset.
    pub fn need(&self) -> Need<'_> {
        Need { uses: &self.uses, purpose: self.purpose, territories: &self.territories, models: &self.models }
    }

    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::some("layers", self.layers.len(), limit::MAX_ITEMS)?;
        limit::some("uses", self.uses.len(), limit::MAX_ITEMS)?;
        limit::count("models", self.models.len(), limit::MAX_MODELS)?;
        limit::optional_text("title", &self.title, limit::MAX_TITLE_LEN)
    }
}
