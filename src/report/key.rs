//! `key new`, `key show`.

use serde::Serialize;

/// The public half of a key.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Its name.
    pub name: String,
    /// The verifier key, in the form of signed notes.
    pub verifier_key: String,
}
