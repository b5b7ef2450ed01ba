//! What a work's file says of itself.

use super::record::{RawLicence, Record};
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek};

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// Media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Title, parties, identifiers, problems.
    pub record: Record,
    /// Licence fields.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<RawLicence>,
    /// Texts about rights that may name a licence.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<RawLicence>,
    /// Album.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
}

/// Why not.
#[derive(Debug, thiserror::Error)]
pub enum Undescribed {
    /// An archive.
    #[error("{0}")]
    Unreadable(String),
}

/// Describes.
pub fn describe<R: Read + Seek>(_name: &str, _head: &[u8], _input: R, _len: u64) -> Result<About, Undescribed> {
    Ok(About::default())
}
