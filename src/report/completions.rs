//! `completions`.

use serde::Serialize;

/// What a shell reads to complete the command's words.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The script.
    pub script: String,
    /// The shell that it is for.
    pub shell: String,
}
