//! `dispute`: one that was recorded, and one that was signed to be handed in.

use super::{listed, plain, table};
use crate::ledger::dispute::Recorded;
use crate::statement::dsse::DisputeClaim;
use crate::tlog::VerifierKey;
use serde::Serialize;

/// A dispute that was recorded.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Log index of the entry that it is about.
    pub about: u64,
    /// What it says.
    pub claim: String,
    /// Its log index.
    pub entry: u64,
    /// The party identifiers in it.
    pub ids: Vec<String>,
    /// Size of the log afterwards.
    pub log_size: u64,
    /// Who says so.
    pub name: String,
}

/// A dispute that was signed.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signed {
    /// Log index of the entry that it is about.
    pub about: u64,
    /// What it says.
    pub claim: String,
    /// The file.
    pub file: String,
    /// The party identifiers in it.
    pub ids: Vec<String>,
    /// Leaf hash of the entry.
    pub leaf: String,
    /// Who says so.
    pub name: String,
    /// The log.
    pub origin: String,
    /// The key by which it can be verified.
    pub verifier_key: String,
}

impl Report {
    /// From the ledger.
    pub fn new(recorded: &Recorded) -> Report {
        let DisputeClaim { claim, entry, ids, name, .. } = recorded.claim.clone();
        Report {
            about: entry,
            claim,
            entry: recorded.entry,
            ids: ids.iter().map(ToString::to_string).collect(),
            log_size: recorded.checkpoint.size(),
            name,
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let row = |name: &str, value: String| vec![name.to_owned(), plain(&value)];
        let rows = [
            row("dispute", format!("of entry {}", self.about)),
            row("by", by(&self.name, &self.ids)),
            row("says", self.claim.clone()),
            row("recorded", format!("as entry {}, as it was signed", self.entry)),
            row("signature", "for auditors to check, by the keys that they know".to_owned()),
        ];
        table(&rows)
    }
}

impl Signed {
    /// What was signed, and where it is.
    pub fn new(file: &str, claim: &DisputeClaim, key: &VerifierKey) -> Signed {
        Signed {
            about: claim.entry,
            claim: claim.claim.clone(),
            file: file.to_owned(),
            ids: claim.ids.iter().map(ToString::to_string).collect(),
            leaf: claim.leaf.to_string(),
            name: claim.name.clone(),
            origin: claim.origin.clone(),
            verifier_key: key.to_string(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let row = |name: &str, value: String| vec![name.to_owned(), plain(&value)];
        let mut rows = vec![
            row("dispute", format!("of entry {} of {}", self.about, self.origin)),
            row("by", by(&self.name, &self.ids)),
            row("says", self.claim.clone()),
            row("file", self.file.clone()),
        ];
        let line = |id: &String| row("auditors need", format!("licensor {id} {}", self.verifier_key));
        rows.extend(self.ids.first().map(line));
        table(&rows)
    }
}

fn by(name: &str, ids: &[String]) -> String {
    if ids.is_empty() { name.to_owned() } else { format!("{name} ({})", listed(ids)) }
}
