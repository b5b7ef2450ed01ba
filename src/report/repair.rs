//! `repair`.

use super::{counted, plain};
use crate::ledger::repair::Repaired;
use serde::Serialize;

/// What was rebuilt.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Nothing was changed.
    pub dry_run: bool,
    /// Entries of the log.
    pub entries: u64,
    /// Files beside the index that were made again.
    pub files: Vec<String>,
    /// What cannot be made again.
    pub lost: Vec<String>,
}

impl Report {
    /// From the ledger.
    pub fn new(repaired: &Repaired, dry_run: bool) -> Report {
        let Repaired { entries, files, lost } = repaired;
        Report { dry_run, entries: *entries, files: files.clone(), lost: lost.clone() }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for path in &self.files {
            text += &format!("made again: {}\n", plain(path));
        }
        for what in &self.lost {
            text += &format!("{}: {}\n", if self.dry_run { "damaged" } else { "LOST" }, plain(what));
        }
        let entries = counted(self.entries, "entry", "entries");
        text += &match self.dry_run {
            true => format!("dry run: the index would be rebuilt from {entries}\n"),
            false => format!("the index was rebuilt from {entries}\n"),
        };
        text
    }
}
