//! The members that every statement has: `kind`, `v` and `salt`.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::fmt;

/// The kinds of statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[rustfmt::skip]
#[allow(missing_docs)] // each is described in its own file
pub enum Kind {
    Admission, Correction, Dataset, Dispute, Erasure, Grant, GrantEnd, Key, Ledger, Release, Run, Screening, State,
    Withdrawal,
}

impl Kind {
    /// All of them, in the order of their names.
    #[rustfmt::skip]
    pub const ALL: [Kind; 14] = {
        use Kind::*;
        [Admission, Correction, Dataset, Dispute, Erasure, Grant, GrantEnd, Key, Ledger, Release, Run, Screening, State,
         Withdrawal]
    };

    /// The value of the member `kind`.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Admission => "admission",
            Kind::Correction => "correction",
            Kind::Dataset => "dataset",
            Kind::Dispute => "dispute",
            Kind::Erasure => "erasure",
            Kind::Grant => "grant",
            Kind::GrantEnd => "grant-end",
            Kind::Key => "key",
            Kind::Ledger => "ledger",
            Kind::Release => "release",
            Kind::Run => "run",
            Kind::Screening => "screening",
            Kind::State => "state",
            Kind::Withdrawal => "withdrawal",
        }
    }

    /// The kind of this name.
    pub fn parse(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The member `kind` of one struct: it stands where sorting puts it, and reads no other kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Is<const KIND: u8>;

impl<const KIND: u8> Is<KIND> {
    const NAME: &'static str = Kind::ALL[KIND as usize].name();
}

impl<const KIND: u8> Serialize for Is<KIND> {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(Self::NAME)
    }
}

impl<'de, const KIND: u8> Deserialize<'de> for Is<KIND> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let is = |name: &str| if name == Self::NAME { Ok(Is) } else { Err(format!("kind is not {}", Self::NAME)) };
        super::text::read_text(d, is)
    }
}

/// The version of all statements so far: 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct V1;

impl Serialize for V1 {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for V1 {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        match u64::deserialize(d)? {
            1 => Ok(V1),
            _ => Err(D::Error::custom("v is not 1")),
        }
    }
}

/// 16 random bytes, so that nobody can guess an entry from its leaf hash. Standard base64 with padding.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Salt(pub [u8; 16]);

/// Why a text is not a salt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not 16 bytes in standard base64")]
pub struct SaltError;

impl Salt {
    /// Reads 24 characters of standard base64.
    ///
    /// # Errors
    /// Any other text.
    pub fn parse(text: &str) -> Result<Salt, SaltError> {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let bytes = BASE64_STANDARD.decode(text).map_err(|_| SaltError)?;
        Ok(Salt(bytes.try_into().map_err(|_| SaltError)?))
    }

    fn with_text<T>(&self, take: impl FnOnce(&str) -> T) -> T {
        use base64::{Engine, prelude::BASE64_STANDARD};
        let mut text = [0; 24];
        // 16 bytes are 24 characters.
        let len = BASE64_STANDARD.encode_slice(self.0, &mut text).unwrap_or_default();
        take(std::str::from_utf8(&text[..len]).unwrap_or_default())
    }
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.with_text(|text| f.write_str(text))
    }
}

super::text::stands_as_text!(Salt, "^[A-Za-z0-9+/]{22}==$", |salt, s| salt.with_text(|text| s.serialize_str(text)));

#[cfg(feature = "schema")]
impl<const KIND: u8> schemars::JsonSchema for Is<KIND> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("kind {}", Self::NAME).into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"const": Self::NAME})
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for V1 {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "version 1".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"const": 1})
    }
}
