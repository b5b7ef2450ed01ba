//! `show`: entries as they stand in the log.

use crate::statement::Statement;
use serde::Serialize;

/// Entries.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// In log order.
    pub entries: Vec<Shown>,
}

/// An entry.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shown {
    /// Its log index.
    pub entry: u64,
    /// Its statement.
    pub statement: serde_json::Value,
}

impl Report {
    /// From the ledger.
    pub fn new(found: &[(u64, Statement)]) -> Report {
        let shown = |(entry, statement): &(u64, Statement)| Shown {
            entry: *entry,
            statement: serde_json::from_str(&statement.print()).unwrap_or_default(),
        };
        Report { entries: found.iter().map(shown).collect() }
    }

    /// For people.
    pub fn text(&self) -> String {
        let one = |shown: &Shown| {
            let pretty = serde_json::to_string_pretty(&shown.statement).unwrap_or_default();
            format!("entry {}\n{pretty}\n", shown.entry)
        };
        self.entries.iter().map(one).collect::<Vec<_>>().join("\n")
    }
}
