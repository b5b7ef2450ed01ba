//! `key`: the log's key is rotated or revoked.

use super::kind::{Is, Kind, Salt, V1};
use super::limit::{self, Invalid};
use super::time::Time;
use serde::{Deserialize, Serialize};

/// What happened to the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum KeyEvent {
    /// It must not be trusted from `effective` on.
    Revocation,
    /// Its successor signs from `effective` on.
    Rotation,
}

/// A change of key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Key {
    /// When, as the lab says; it never decreases along the log.
    pub at: Time,
    /// Why.
    pub because: String,
    /// From when on.
    pub effective: Time,
    /// What happened.
    pub event: KeyEvent,
    /// The verifier key concerned.
    pub key: String,
    /// `key`.
    pub kind: Is<{ Kind::Key as u8 }>,
    /// See [`Salt`].
    pub salt: Salt,
    /// The new verifier key, for a rotation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// 1.
    pub v: V1,
}

impl Key {
    pub(super) fn check(&self) -> Result<(), Invalid> {
        limit::text("because", &self.because, limit::MAX_TEXT_LEN)?;
        if self.successor.is_some() != (self.event == KeyEvent::Rotation) {
            return Err(Invalid::new("successor", "belongs to a rotation, and only there"));
        }
        let keys = [Some(("key", &self.key)), self.successor.as_ref().map(|k| ("successor", k))];
        for (field, key) in keys.into_iter().flatten() {
            crate::tlog::VerifierKey::parse(key).map_err(|e| Invalid::new(field, e.to_string()))?;
        }
        Ok(())
    }
}
