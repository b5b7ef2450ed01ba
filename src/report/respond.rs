//! `respond`: the folder that answers one rightsholder, and what its `ANSWER.txt` says.
//!
//! Invariant: nothing is written that the proof file does not disclose: what of other people's works shows is the keys
//! of the neighbours of an absence, which [`crate::verify::NOT_PROVEN`] names.

use super::verify::{self, Row};
use super::{counted, grouped, plain, wrapped};
use crate::ledger::source::Presence;
use crate::statement::ReleaseName;
use crate::verify::Verified;
use serde::Serialize;

/// What to read first.
pub const READ_ME: &str = "ANSWER.txt";
/// The answer about each work.
pub const ANSWERS: &str = "answers.csv";
/// The proof of all of them.
pub const PROOF: &str = "works.proof";
/// The log's verifier key.
pub const KEY: &str = "lab.pub";

/// An answer that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Works that are not in the release.
    pub absent: u64,
    /// Size of the proof.
    pub bytes: u64,
    /// The folder.
    pub dir: String,
    /// The files in it.
    pub files: Vec<&'static str>,
    /// Works that could not be looked up, or not by all that they are known by.
    pub invalid: u64,
    /// Works that are in it.
    pub present: u64,
    /// The release.
    pub release: String,
}

impl Report {
    /// From the ledger.
    pub fn new(dir: &str, release: &ReleaseName, rows: &[Row<'_>], facts: &Verified, bytes: u64) -> Report {
        debug_assert_eq!(facts.release, *release);
        let count = |presence: Presence| rows.iter().filter(|row| row.presence() == presence).count() as u64;
        Report {
            absent: count(Presence::Absent),
            bytes,
            dir: dir.to_owned(),
            files: vec![READ_ME, ANSWERS, PROOF, KEY],
            invalid: count(Presence::Invalid),
            present: count(Presence::Present),
            release: release.to_string(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let works = counted(self.present + self.absent + self.invalid, "work", "works");
        let mut text = format!("answer about {works} of {} in {}\n", self.release, plain(&self.dir));
        text += &format!("  present  {}\n  absent   {}\n", grouped(self.present), grouped(self.absent));
        if self.invalid > 0 {
            text += &format!("  without a valid identifier  {}\n", grouped(self.invalid));
        }
        text + &wrapped(
            "",
            "Look through ANSWER.txt before you send it: works.proof has the full record of each work found.",
        )
    }

    /// What whoever asked reads first; `catalogue` is the name of what was asked.
    pub fn read_me(&self, catalogue: &str, rows: &[Row<'_>], facts: &Verified) -> String {
        let works = counted(self.present + self.absent + self.invalid, "work", "works");
        let catalogue = plain(catalogue);
        let mut text = format!("Answer about {works} of {catalogue}, as of the release {}\n\n", self.release);
        text += &format!("  {} in it\n  {} not in it\n", grouped(self.present), grouped(self.absent));
        if self.invalid > 0 {
            text += &format!("  {} cannot be answered: answers.csv says why\n", grouped(self.invalid));
        }
        text += "\nThe files\n";
        for (file, what) in [
            (ANSWERS, "the answer about each work, in the order of the catalogue, for a spreadsheet"),
            (PROOF, "what proves it to anyone who has the right verifier key"),
            (KEY, "the verifier key that the lab gives: compare it with the key from elsewhere"),
        ] {
            text += &wrapped(&format!("  {file:12}"), what);
        }
        text += "\nTo verify it, without a network and without believing the lab\n";
        text += &format!(
            "  deedbook verify {PROOF} --key {KEY} --release {} --works {catalogue} --report verified.csv\n\n",
            self.release
        );
        text += "What the proof establishes, under that key\n\n";
        text + &verify::Report::new(facts, rows).text(Some((facts, rows)))
    }
}
