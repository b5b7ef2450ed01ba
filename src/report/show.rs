//! `show`: entries as they stand in the log, and what was said of them since.

use super::said;
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
    /// What was said of it since, in log order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<Said>,
    /// Its log index.
    pub entry: u64,
    /// Its statement.
    pub statement: serde_json::Value,
}

/// A statement about an entry.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// Its log index.
    pub entry: u64,
    /// The statement.
    pub statement: serde_json::Value,
    /// The same, for people.
    #[serde(skip)]
    text: String,
}

/// An entry of the ledger, and the statements about it.
pub type Found = (u64, Statement, Vec<(u64, Statement)>);

impl Report {
    /// From the ledger.
    pub fn new(found: &[Found]) -> Report {
        let shown = |(entry, statement, about): &Found| Shown {
            about: about.iter().map(|said| Said::new(*entry, said)).collect(),
            entry: *entry,
            statement: value(statement),
        };
        Report { entries: found.iter().map(shown).collect() }
    }

    /// For people.
    pub fn text(&self) -> String {
        let one = |shown: &Shown| {
            let pretty = serde_json::to_string_pretty(&shown.statement).unwrap_or_default();
            let about: String = shown.about.iter().map(|said| said.text.as_str()).collect();
            format!("entry {}\n{pretty}\n{about}", shown.entry)
        };
        self.entries.iter().map(one).collect::<Vec<_>>().join("\n")
    }
}

impl Said {
    fn new(about: u64, (entry, statement): &(u64, Statement)) -> Said {
        Said { entry: *entry, statement: value(statement), text: said::of_entry(about, *entry, statement) }
    }
}

fn value(statement: &Statement) -> serde_json::Value {
    serde_json::from_str(&statement.print()).unwrap_or_default()
}
