//! `log export` and `log proof`: the log for other people's programs, and what `verify` says of a single proof.

use super::{counted, grouped, plain, table};
use crate::ledger::export::Exported;
use crate::ledger::single::Single;
use crate::statement::Time;
use crate::tlog::{Hash, TlogProofError, WitnessedCheckpoint};
use serde::Serialize;

/// A tree of tiles that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Entry bundles.
    pub bundles: u64,
    /// Bytes of all files.
    pub bytes: u64,
    /// The folder.
    pub dir: String,
    /// Entries in the bundles whose bytes were erased: their length is 0, and only their leaves remain.
    pub erased: u64,
    /// Entries of the log.
    pub size: u64,
    /// Tiles.
    pub tiles: u64,
}

impl Report {
    /// From the ledger.
    pub fn new(dir: &str, exported: &Exported) -> Report {
        let Exported { size, tiles, bundles, erased, bytes } = *exported;
        Report { bundles, bytes, dir: dir.to_owned(), erased, size, tiles }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!(
            "log of {} in {}: {}, {}, the checkpoint ({} bytes)\n",
            counted(self.size, "entry", "entries"),
            plain(&self.dir),
            counted(self.tiles, "tile", "tiles"),
            counted(self.bundles, "entry bundle", "entry bundles"),
            grouped(self.bytes)
        );
        if self.erased > 0 {
            let erased = counted(self.erased, "entry was", "entries were");
            text += &format!("{erased} erased: programs that hash every entry will say that those do not fit\n");
        }
        text
    }
}

/// The proof of one entry that was written.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProofReport {
    /// Size of the proof file.
    pub bytes: u64,
    /// The file with the entry's bytes, if it was asked for.
    pub entry: Option<String>,
    /// Whether the entry's bytes were erased; its leaf is proven all the same.
    pub erased: bool,
    /// Position of the entry in the log.
    pub index: u64,
    /// The hash of its leaf.
    pub leaf: String,
    /// The file.
    pub proof: String,
    /// Signature lines of the checkpoint, the log's own among them.
    pub signatures: u64,
    /// Entries of the log at that checkpoint.
    pub size: u64,
}

impl ProofReport {
    /// From the ledger.
    pub fn new(proof: &str, entry: Option<&str>, single: &Single) -> ProofReport {
        ProofReport {
            bytes: single.proof.to_string().len() as u64,
            entry: entry.map(str::to_owned),
            erased: single.entry.is_none(),
            index: single.proof.index,
            leaf: single.leaf.to_string(),
            proof: proof.to_owned(),
            signatures: single.proof.checkpoint.signatures().len() as u64,
            size: single.size,
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let lines = counted(self.signatures, "signature", "signatures");
        let of = counted(self.size, "entry", "entries");
        let mut rows = vec![
            vec!["proof".to_owned(), format!("{} ({} bytes)", plain(&self.proof), grouped(self.bytes))],
            vec!["entry".to_owned(), self.index.to_string()],
            vec!["leaf".to_owned(), self.leaf.clone()],
            vec!["checkpoint".to_owned(), format!("of {of}, {lines}")],
        ];
        if let Some(file) = &self.entry {
            rows.push(vec!["bytes".to_owned(), plain(file)]);
        }
        if self.erased {
            rows.push(vec!["erased".to_owned(), "the leaf is proven; the bytes are no more".to_owned()]);
        }
        table(&rows)
    }
}

/// What a single proof shows.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VerifyReport {
    /// Position of the entry in the log.
    pub index: Option<u64>,
    /// The hash of the entry's leaf, of the bytes that the auditor gave.
    pub leaf: String,
    /// Entries of the log at the checkpoint.
    pub log_size: Option<u64>,
    /// The log.
    pub origin: Option<String>,
    /// Why the proof is not valid.
    pub reason: Option<String>,
    /// Whether the entry is in the log.
    pub valid: bool,
    /// The time by which the policy's quorum had cosigned; null if it asks for no witness.
    pub witnessed_at: Option<String>,
    /// The policy's witnesses that cosigned.
    pub witnesses: Vec<String>,
}

impl VerifyReport {
    /// From the verifier.
    pub fn new(leaf: &Hash, verified: &Result<(u64, WitnessedCheckpoint), TlogProofError>) -> VerifyReport {
        let facts = verified.as_ref().ok();
        let checkpoint = facts.map(|(_, witnessed)| witnessed.checkpoint());
        let time = facts.and_then(|(_, witnessed)| witnessed.time());
        VerifyReport {
            index: facts.map(|(index, _)| *index),
            leaf: leaf.to_string(),
            log_size: checkpoint.map(|checkpoint| checkpoint.size()),
            origin: checkpoint.map(|checkpoint| checkpoint.origin().to_owned()),
            reason: verified.as_ref().err().map(ToString::to_string),
            valid: verified.is_ok(),
            witnessed_at: time.and_then(|t| i64::try_from(t).ok()).and_then(Time::from_unix).map(|t| t.to_string()),
            witnesses: facts.map_or_else(Vec::new, |(_, w)| w.witnesses().iter().map(|w| w.name.clone()).collect()),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let (Some(index), Some(size), Some(origin)) = (self.index, self.log_size, &self.origin) else {
            return format!("INVALID: {}\n", plain(self.reason.as_deref().unwrap_or_default()));
        };
        let mut text = format!("VALID: these bytes are entry {index} of {}\n", plain(origin));
        let mut rows = vec![
            vec!["  checkpoint".to_owned(), format!("of {}", counted(size, "entry", "entries"))],
            vec!["  leaf".to_owned(), self.leaf.clone()],
        ];
        if let Some(time) = &self.witnessed_at {
            let names: Vec<String> = self.witnesses.iter().map(|name| plain(name)).collect();
            rows.push(vec!["  witnessed".to_owned(), format!("by {time} ({})", names.join(", "))]);
        }
        text += &table(&rows);
        text + "Only that the log has the entry is shown; what it means for a work, a proof by `deedbook prove` shows.\n"
    }
}
