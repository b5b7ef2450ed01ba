//! `state`: the register of all entries below it, under one root.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::terms::RowsRef;
use super::time::Time;
use serde::{Deserialize, Serialize};

/// The register at one size of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct State {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// `state`.
    pub kind: Is<{ Kind::State as u8 }>,
    /// Its own log index.
    pub log_size: u64,
    /// The register's rows.
    pub register: RowsRef,
    /// See [`Salt`].
    pub salt: Salt,
    /// 1.
    pub v: V1,
}

impl State {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::rows("register", &self.register)
    }
}
