//! `log consistency`, and what `verify` says of a fork file.

use super::{counted, plain, table};
use crate::ledger::consistency::Outcome;
use crate::tlog::VerifiedCheckpoint;
use crate::verify::VerifyError;
use crate::verify::fork::{Contradiction, Fork};
use serde::Serialize;

/// Two checkpoints compared.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Whether the larger log begins with the smaller one.
    pub consistent: bool,
    /// The file with the evidence of a fork, if there is any and it was asked for.
    pub evidence: Option<String>,
    /// Whether one key signed two histories, and that can be shown to anybody.
    pub fork: bool,
    /// The newer checkpoint.
    pub new: Side,
    /// The older one.
    pub old: Side,
    /// The consistency path, if they are consistent.
    pub path: Vec<String>,
}

/// A checkpoint.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Side {
    /// Its root.
    pub root: String,
    /// Its size.
    pub size: u64,
}

impl Side {
    fn new(checkpoint: &VerifiedCheckpoint) -> Side {
        Side { root: checkpoint.root().to_string(), size: checkpoint.size() }
    }
}

impl Report {
    /// From the ledger.
    pub fn new(
        old: &VerifiedCheckpoint,
        new: &VerifiedCheckpoint,
        outcome: &Outcome,
        evidence: Option<&str>,
    ) -> Report {
        let path = match outcome {
            Outcome::Consistent { path } => path.iter().map(ToString::to_string).collect(),
            Outcome::Fork(_) | Outcome::Contradicted { .. } => Vec::new(),
        };
        Report {
            consistent: matches!(outcome, Outcome::Consistent { .. }),
            evidence: evidence.map(str::to_owned),
            fork: matches!(outcome, Outcome::Fork(_)),
            new: Side::new(new),
            old: Side::new(old),
            path,
        }
    }

    /// For people.
    pub fn text(&self, outcome: &Outcome) -> String {
        let side =
            |name: &str, side: &Side| vec![name.to_owned(), counted(side.size, "entry", "entries"), side.root.clone()];
        let mut text = match outcome {
            Outcome::Consistent { path } => {
                let hashes = counted(path.len() as u64, "hash", "hashes");
                format!("CONSISTENT: the newer log begins with the older one ({hashes} verified)\n")
            }
            Outcome::Fork(_) => "FORK: the log's key signed two histories\n".to_owned(),
            Outcome::Contradicted { size, root } => {
                let own = "this copy of the log does not have that checkpoint in its history";
                format!("NOT CONSISTENT: {own}\nits root of {size} entries is {root}\n")
            }
        };
        text += &table(&[side("  old", &self.old), side("  new", &self.new)]);
        match (outcome, &self.evidence) {
            (Outcome::Fork(_), Some(file)) => text += &format!("evidence: {}\n", plain(file)),
            (Outcome::Fork(_), None) => text += "--evidence FILE writes what shows it to anybody\n",
            (Outcome::Contradicted { .. }, _) => {
                text += "this is not portable evidence: a note of the same size by the same key would be\n";
            }
            (Outcome::Consistent { .. }, _) => {}
        }
        text
    }
}

/// What a fork file shows.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ForkReport {
    /// Why the file is no evidence.
    pub error: Option<String>,
    /// Whether it is evidence that the log's key signed two histories.
    pub fork: bool,
    /// The index that has two leaves.
    pub index: Option<u64>,
    /// The log.
    pub origin: Option<String>,
    /// The sizes of the two checkpoints.
    pub sizes: Vec<u64>,
    /// The two roots, or the two leaves.
    pub values: Vec<String>,
}

impl ForkReport {
    /// From the verifier.
    pub fn new(verified: &Result<Fork, VerifyError>) -> ForkReport {
        let (index, sizes, values) = match verified {
            Ok(Fork { contradiction: Contradiction::Roots { size, roots }, .. }) => (None, vec![*size; 2], &roots[..]),
            Ok(Fork { contradiction: Contradiction::Leaves { index, sizes, leaves }, .. }) => {
                (Some(*index), sizes.to_vec(), &leaves[..])
            }
            Err(_) => (None, Vec::new(), &[][..]),
        };
        ForkReport {
            error: verified.as_ref().err().map(ToString::to_string),
            fork: verified.is_ok(),
            index,
            origin: verified.as_ref().ok().map(|fork| fork.origin.clone()),
            sizes,
            values: values.iter().map(ToString::to_string).collect(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        match &self.error {
            Some(error) => format!("INVALID: {}\n", plain(error)),
            None => self.body() + "\nBoth signatures were verified. Whoever holds this file can show it to anybody.\n",
        }
    }

    /// What is shown, without where it stands.
    pub(super) fn body(&self) -> String {
        let origin = plain(self.origin.as_deref().unwrap_or_default());
        let text = format!("FORK: the key of {origin} signed two histories, of which at most one can be true\n\n");
        let what = match self.index {
            None => "root".to_owned(),
            Some(index) => format!("leaf {index}"),
        };
        let rows: Vec<Vec<String>> = self
            .sizes
            .iter()
            .zip(&self.values)
            .map(|(size, value)| {
                vec!["  a checkpoint of".to_owned(), counted(*size, "entry", "entries"), format!("{what} {value}")]
            })
            .collect();
        text + &table(&rows)
    }
}
