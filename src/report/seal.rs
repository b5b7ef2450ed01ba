//! `seal`.

use super::{counted, grouped, table};
use crate::ledger::seal::Sealed;
use crate::statement::ReleaseName;
use serde::Serialize;
use std::time::Duration;

/// A sealed release.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// The dataset.
    pub dataset: String,
    /// Log index of the release.
    pub entry: u64,
    /// Root of its rows.
    pub root: String,
    /// Number of rows.
    pub rows: u64,
    /// How long it took.
    pub seconds: f64,
    /// The version.
    pub version: String,
    /// Number of works.
    pub works: u64,
}

impl Report {
    /// From the ledger.
    pub fn new(name: &ReleaseName, sealed: &Sealed, took: Duration) -> Report {
        Report {
            dataset: name.dataset.to_string(),
            entry: sealed.entry,
            root: sealed.root.to_string(),
            rows: sealed.rows,
            seconds: (took.as_secs_f64() * 1000.0).round() / 1000.0,
            version: name.version.to_string(),
            works: sealed.works,
        }
    }

    /// For people.
    pub fn text(&self, name: &ReleaseName) -> String {
        let rows = [
            ["sealed".to_owned(), format!("{name} (entry {})", self.entry)].to_vec(),
            ["works".to_owned(), grouped(self.works)].to_vec(),
            ["rows".to_owned(), counted(self.rows, "identifier", "identifiers")].to_vec(),
            ["root".to_owned(), self.root.clone()].to_vec(),
        ];
        table(&rows)
    }
}
