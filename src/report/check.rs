//! `check`.

use super::answers::Unanswered;
use super::{counted, grouped, table};
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
    pub fn text(&self, release: &ReleaseName, unanswered: &Unanswered) -> String {
        let row = |name: &str, count: u64| vec![format!("  {name}"), grouped(count)];
        let mut rows = vec![row("present", self.present), row("absent", self.absent)];
        if self.invalid > 0 {
            rows.push(row("without a valid identifier", self.invalid));
        }
        let counts = table(&rows);
        format!("{} asked of {release}\n{counts}{}", counted(self.rows, "work", "works"), unanswered.text())
    }
}
