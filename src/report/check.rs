//! `check`.

use super::grouped;
use crate::ledger::check::Counts;
use crate::statement::ReleaseName;
use serde::Serialize;

/// Answers counted.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that are not in the release.
    pub absent: u64,
    /// Works without a well-formed identifier.
    pub invalid: u64,
    /// Works that are in the release.
    pub present: u64,
    /// Works asked.
    pub rows: u64,
}

impl From<Counts> for Report {
    fn from(counts: Counts) -> Report {
        let Counts { rows, present, absent, invalid } = counts;
        Report { absent, invalid, present, rows }
    }
}

impl Report {
    /// For people.
    pub fn text(&self, release: &ReleaseName) -> String {
        let [rows, present, absent, invalid] = [self.rows, self.present, self.absent, self.invalid].map(grouped);
        format!("{rows} asked of {release}: {present} present, {absent} absent, {invalid} without a valid identifier\n")
    }
}
