//! One row and the kinds of tables that rows make. Formats section 4, first lines.

use super::{Key, RowsError};

/// Bytes of an encoded row.
pub const ROW_LEN: usize = 40;

/// A key and where it leads. Rows are ordered by key, then value, which is the order of their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// What the row is found by.
    pub key: Key,
    /// Release, index run and register: the index of a log entry. Catalogue: a record number from 1.
    pub value: u64,
}

impl Row {
    /// `key[32] || value u64`, big-endian.
    pub fn encode(&self) -> [u8; ROW_LEN] {
        let mut bytes = [0; ROW_LEN];
        bytes[..32].copy_from_slice(&self.key.0);
        bytes[32..].copy_from_slice(&self.value.to_be_bytes());
        bytes
    }

    /// The inverse of [`Row::encode`]; every 40 bytes are a row.
    pub fn decode(bytes: &[u8; ROW_LEN]) -> Self {
        let (key, value) = (std::array::from_fn(|i| bytes[i]), std::array::from_fn(|i| bytes[32 + i]));
        Self { key: Key(key), value: u64::from_be_bytes(value) }
    }
}

/// What a table's rows mean; committed by its root, so that a table of one kind never answers for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// Identifiers of a sealed release, leading to admissions.
    Release = 1,
    /// Identifiers of a licensor's catalogue or of a list, leading to record numbers.
    Catalogue = 2,
    /// Names and references of a state, leading to entries.
    Register = 3,
    /// A sorted part of the derived index, leading to admissions.
    IndexRun = 4,
}

impl Kind {
    /// The number that roots and files hold.
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The inverse of [`Kind::code`].
    pub fn from_code(code: u32) -> Result<Self, RowsError> {
        match code {
            1 => Ok(Self::Release),
            2 => Ok(Self::Catalogue),
            3 => Ok(Self::Register),
            4 => Ok(Self::IndexRun),
            _ => Err(RowsError::Kind { code }),
        }
    }
}
