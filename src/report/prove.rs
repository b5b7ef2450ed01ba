//! `prove`.

use super::answers::Unanswered;
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
    /// Works of the sources without a valid identifier: of these the file says nothing.
    pub invalid: u64,
    /// Works that are in the release.
    pub present: u64,
    /// The file.
    pub proof: String,
}

impl Report {
    /// From the ledger.
    pub fn new(path: &str, proven: &Proven, invalid: u64) -> Report {
        let absent = proven.facts.works.iter().filter(|w| w.verdict == Verdict::Absent).count() as u64;
        Report {
            absent,
            bytes: proven.bytes.len() as u64,
            invalid,
            present: proven.facts.works.len() as u64 - absent,
            proof: path.to_owned(),
        }
    }

    /// For people.
    pub fn text(&self, unanswered: &Unanswered) -> String {
        let works = counted(self.present + self.absent, "work", "works");
        let text = format!(
            "proof of {works} in {}: {} present, {} absent ({} bytes)\n",
            plain(&self.proof),
            grouped(self.present),
            grouped(self.absent),
            grouped(self.bytes)
        );
        if self.invalid == 0 {
            return text;
        }
        let left_out = counted(self.invalid, "work", "works");
        text + &format!("  {left_out} without a valid identifier, of which it says nothing\n{}", unanswered.text())
    }
}
