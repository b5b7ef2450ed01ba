//! What no statement may exceed, and the checks that every kind shares.

use super::identifier::Identifier;
use super::terms::RowsRef;

/// The longest title, in bytes.
pub const MAX_TITLE_LEN: usize = 4096;
/// The longest of any other free text (notes, names, raw licences, paths), in bytes.
pub const MAX_TEXT_LEN: usize = 4096;
/// Identifiers of one work or party.
pub const MAX_IDENTIFIERS: usize = 64;
/// Parties of one work.
pub const MAX_PARTIES: usize = 256;
/// Embodiments in one admission.
pub const MAX_EMBODIMENTS: usize = 64;
/// Documents behind one grant.
pub const MAX_EVIDENCE: usize = 64;
/// Models named in one dataset or grant.
pub const MAX_MODELS: usize = 256;
/// Index ranges in one withdrawal: as many as an entry has room for.
pub const MAX_RANGES: usize = 1500;
/// Releases, weights or lists in one statement.
pub const MAX_ITEMS: usize = 256;
/// Rows under one root: merkle-cbt's indices are 32 bits wide, for twice as many nodes.
pub const MAX_ROWS: u64 = 1 << 31;

/// A member that breaks a rule which its type alone does not keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {what}")]
pub struct Invalid {
    /// The member.
    pub field: &'static str,
    /// What is wrong with it.
    pub what: String,
}

impl Invalid {
    pub(super) fn new(field: &'static str, what: impl Into<String>) -> Invalid {
        Invalid { field, what: what.into() }
    }
}

pub(super) fn text(field: &'static str, text: &str, most: usize) -> Result<(), Invalid> {
    match text.len() {
        0 => Err(Invalid::new(field, "is empty")),
        len if len > most => Err(Invalid::new(field, format!("has {len} bytes, the most is {most}"))),
        _ => Ok(()),
    }
}

pub(super) fn optional_text(field: &'static str, value: &Option<String>, most: usize) -> Result<(), Invalid> {
    value.as_ref().map_or(Ok(()), |t| text(field, t, most))
}

pub(super) fn count(field: &'static str, count: usize, most: usize) -> Result<(), Invalid> {
    if count <= most { Ok(()) } else { Err(Invalid::new(field, format!("has {count} items, the most is {most}"))) }
}

pub(super) fn some(field: &'static str, items: usize, most: usize) -> Result<(), Invalid> {
    if items == 0 { Err(Invalid::new(field, "is empty")) } else { count(field, items, most) }
}

pub(super) fn digest(field: &'static str, id: &Identifier) -> Result<(), Invalid> {
    if id.scheme().is_digest() { Ok(()) } else { Err(Invalid::new(field, "is not a digest (blake3 or sha256)")) }
}

pub(super) fn rows(field: &'static str, rows: &RowsRef) -> Result<(), Invalid> {
    if rows.count < MAX_ROWS { Ok(()) } else { Err(Invalid::new(field, "has 2^31 rows or more")) }
}
