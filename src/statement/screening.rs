//! `screening`: what the gate did with a batch, so that what was *not* admitted is counted too.

use super::identifier::Identifier;
use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::terms::RowsRef;
use super::time::Time;
use super::vocabulary::CodeCounts;
use serde::{Deserialize, Serialize};

/// A batch at the gate. `considered` is the sum of the four outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Screening {
    /// Works admitted.
    pub admitted: u64,
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Works looked at.
    pub considered: u64,
    /// Log index of the dataset.
    pub dataset: u64,
    /// Works that were there already.
    pub duplicates: u64,
    /// Log index of the batch's first entry: its admissions and the grants of open licences that it recorded lie from there to this one.
    pub first_entry: u64,
    /// Works that a person must look at.
    pub held: u64,
    /// `screening`.
    pub kind: Is<{ Kind::Screening as u8 }>,
    /// The deny and reserve lists asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lists: Vec<List>,
    /// How many works each code was given to.
    pub reasons: CodeCounts,
    /// Works refused.
    pub refused: u64,
    /// BLAKE3 digest of the report of the works not admitted, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Identifier>,
    /// BLAKE3 digest of the rules file.
    pub rules: Identifier,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ListKind {
    /// Its works are refused as `denied`.
    Deny,
    /// Its works are refused as `reserved`.
    Reserve,
}

/// A list that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct List {
    /// BLAKE3 digest of the file.
    pub digest: Identifier,
    /// What it is for.
    pub kind: ListKind,
    /// Its identifiers.
    pub rows: RowsRef,
}

impl Screening {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        let outcomes = [self.admitted, self.refused, self.held, self.duplicates];
        if outcomes.iter().try_fold(0u64, |sum, n| sum.checked_add(*n)) != Some(self.considered) {
            return Err(Invalid::new("considered", "is not the sum of admitted, refused, held and duplicates"));
        }
        limit::digest("rules", &self.rules)?;
        limit::count("lists", self.lists.len(), limit::MAX_ITEMS)?;
        for list in &self.lists {
            limit::digest("lists.digest", &list.digest)?;
            limit::rows("lists.rows", &list.rows)?;
        }
        self.report.as_ref().map_or(Ok(()), |digest| limit::digest("report", digest))
    }
}
