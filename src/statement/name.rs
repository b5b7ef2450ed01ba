//! Names that a lab gives: datasets, grants, versions (`Name`), releases (`D@V`) and models (`NAME@VERSION`).

use super::text::stands_as_text;
use std::fmt;

/// The longest [`Name`], in bytes.
pub const MAX_NAME_LEN: usize = 64;
/// The longest half of a model's name, in bytes.
pub const MAX_MODEL_PART_LEN: usize = 128;

/// Why a text is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Not a [`Name`].
    #[error("is not a name: 1 to 64 of a-z 0-9 . _ -, the first a letter or digit, the last no dot")]
    Name,
    /// Not a [`ReleaseName`].
    #[error("is not a release: DATASET@VERSION")]
    Release,
    /// Not a [`Model`].
    #[error("is not a model: NAME@VERSION, each 1 to 128 printable ASCII characters without space or @")]
    Model,
}

/// `[a-z0-9][a-z0-9._-]{0,63}`, no trailing dot: safe as a file name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A release: its dataset and its version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName {
    /// The dataset.
    pub dataset: Name,
    /// The version.
    pub version: Name,
}

/// A model and its version.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Model(String);

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// [`NameError::Name`].
    pub fn parse(text: &str) -> Result<Name, NameError> {
        let word = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let b = text.as_bytes();
        let fits = (1..=MAX_NAME_LEN).contains(&b.len())
            && b.iter().all(|c| word(c) || b"._-".contains(c))
            && b.first().is_some_and(word)
            && b.last() != Some(&b'.');
        if fits { Ok(Name(text.to_owned())) } else { Err(NameError::Name) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ReleaseName {
    /// Reads `DATASET@VERSION`.
    ///
    /// # Errors
    /// [`NameError::Release`].
    pub fn parse(text: &str) -> Result<ReleaseName, NameError> {
        let (dataset, version) = text.split_once('@').ok_or(NameError::Release)?;
        let name = |part| Name::parse(part).map_err(|_| NameError::Release);
        Ok(ReleaseName { dataset: name(dataset)?, version: name(version)? })
    }
}

impl Model {
    /// Reads `NAME@VERSION`.
    ///
    /// # Errors
    /// [`NameError::Model`].
    pub fn parse(text: &str) -> Result<Model, NameError> {
        let part = |p: &str| (1..=MAX_MODEL_PART_LEN).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_graphic());
        match text.split_once('@') {
            Some((name, version)) if part(name) && part(version) && !version.contains('@') => {
                Ok(Model(text.to_owned()))
            }
            _ => Err(NameError::Model),
        }
    }

    /// The name without the version.
    pub fn name(&self) -> &str {
        self.0.split_once('@').map_or("", |(name, _)| name)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.dataset, self.version)
    }
}

impl fmt::Display for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

stands_as_text!(Name, "^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9_-])?$");
stands_as_text!(ReleaseName, "^[a-z0-9][a-z0-9._-]*@[a-z0-9][a-z0-9._-]*$");
stands_as_text!(Model, "^[!-?A-~]{1,128}@[!-?A-~]{1,128}$");
