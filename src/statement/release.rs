//! `release`: a dataset's works under one root, as they stood at one size of the log.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::name::Name;
use super::terms::RowsRef;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// What the lab claims of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Completeness {
    /// They are those of every admission of the dataset below `log_size` that nothing below it withdrew or erased.
    AllAdmissions,
}

/// How the rows are keyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Keying {
    /// By the hash of the identifier alone: whoever can guess an identifier can look it up.
    Plain,
}

/// A sealed release.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Release {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Bytes of its embodiments, where known.
    pub bytes: u64,
    /// What the lab claims of the rows.
    pub completeness: Completeness,
    /// Log index of the dataset.
    pub dataset: u64,
    /// How the rows are keyed.
    pub keying: Keying,
    /// `release`.
    pub kind: Is<{ Kind::Release as u8 }>,
    /// Its own log index: the rows are a function of the entries below.
    pub log_size: u64,
    /// Its rows.
    pub rows: RowsRef,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
    /// Its version, unique in the dataset.
    pub version: Name,
    /// Works: admissions of one work are counted once.
    pub works: u64,
}

impl Release {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::rows("rows", &self.rows)
    }
}
