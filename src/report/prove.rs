//! `prove`.

use super::{counted, grouped, plain};
use crate::ledger::prove::Proven;
use crate::verify::Verdict;
use serde::Serialize;

/// A proof that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that are not in the release.
    pub absent: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Works that are in the release.
    pub present: u64,
    /// The file.
    pub proof: String,
}

impl Report {
    /// From the ledger.
    pub fn new(path: &str, proven: &Proven) -> Report {
        let absent = proven.facts.works.iter().filter(|w| w.verdict == Verdict::Absent).count() as u64;
        Report {
            absent,
            bytes: proven.bytes.len() as u64,
            present: proven.facts.works.len() as u64 - absent,
            proof: path.to_owned(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let works = counted(self.present + self.absent, "work", "works");
        format!(
            "proof of {works} in {}: {} present, {} absent ({} bytes)\n",
            plain(&self.proof),
            grouped(self.present),
            grouped(self.absent),
            grouped(self.bytes)
        )
    }
}
