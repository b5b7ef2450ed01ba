//! `man`.

use super::{counted, plain};
use serde::Serialize;

/// Manual pages that were written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The folder.
    pub dir: String,
    /// The pages in it.
    pub files: Vec<String>,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let mut text: String = self.files.iter().map(|file| format!("{file}\n")).collect();
        text += &format!("\n{} in {}\n", counted(self.files.len() as u64, "page", "pages"), plain(&self.dir));
        text
    }
}
