//! `log`: status, checkpoint, state, fsck.

use super::{counted, grouped, listed, plain, table};
use crate::ledger::anchors::newest_note;
use crate::ledger::{LedgerError, View, cosign, fsck};
use crate::statement;
use serde::Serialize;
use std::collections::BTreeMap;

/// Where the log stands.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Status {
    /// Entries of each kind.
    pub entries: BTreeMap<String, u64>,
    /// How a grant that is signed for it names it: `ORIGIN+KEYID`.
    pub log: String,
    /// Its origin.
    pub origin: String,
    /// Root of the tree.
    pub root: String,
    /// Entries.
    pub size: u64,
    /// The key that auditors verify with.
    pub verifier_key: String,
}

impl Status {
    /// Counts the kinds: small ones through the register, admissions and screenings from what is left.
    ///
    /// # Errors
    /// An entry cannot be read.
    pub fn new(view: &View) -> Result<Status, LedgerError> {
        Ok(Status {
            entries: crate::ledger::show::kinds(view)?.into_iter().map(|(k, n)| (k.to_string(), n)).collect(),
            log: view.key().short(),
            origin: view.log().checkpoint().origin().to_owned(),
            root: view.log().root().to_string(),
            size: view.log().size(),
            verifier_key: view.key().to_string(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let rows = [
            vec!["origin".to_owned(), plain(&self.origin)],
            vec!["verifier key".to_owned(), self.verifier_key.clone()],
            vec!["log".to_owned(), format!("{}  (in a grant signed for it: licensee.log)", plain(&self.log))],
            vec!["size".to_owned(), counted(self.size, "entry", "entries")],
            vec!["root".to_owned(), self.root.clone()],
        ];
        let kinds: Vec<Vec<String>> =
            self.entries.iter().map(|(kind, count)| vec![format!("  {kind}"), grouped(*count)]).collect();
        table(&rows) + &table(&kinds)
    }
}

/// The signed checkpoint.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Checkpoint {
    /// The signed note, verbatim.
    pub note: String,
    /// Its origin.
    pub origin: String,
    /// Its root.
    pub root: String,
    /// Its size.
    pub size: u64,
}

impl Checkpoint {
    /// The view's, as it was published and cosigned.
    ///
    /// # Errors
    /// The published file is damaged.
    pub fn new(view: &View) -> Result<Checkpoint, LedgerError> {
        let checkpoint = view.log().checkpoint();
        Ok(Checkpoint {
            note: newest_note(view)?,
            origin: checkpoint.origin().to_owned(),
            root: checkpoint.root().to_string(),
            size: checkpoint.size(),
        })
    }
}

/// Cosignatures that were added.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cosigned {
    /// Signature lines that were not there before.
    pub added: usize,
    /// Size of the checkpoint.
    pub size: u64,
    /// Names of signers that the policy does not know; their lines were left out.
    pub unknown: Vec<String>,
    /// The time by which the policy's quorum had cosigned; null if it has not.
    pub witnessed_at: Option<String>,
    /// The policy's witnesses that have cosigned it.
    pub witnesses: Vec<String>,
}

impl Cosigned {
    /// From the ledger.
    pub fn new(cosigned: &cosign::Cosigned) -> Cosigned {
        Cosigned {
            added: cosigned.added,
            size: cosigned.size,
            unknown: cosigned.unknown.clone(),
            witnessed_at: cosigned.witnessed_at.map(|t| t.to_string()),
            witnesses: cosigned.witnesses.iter().map(|w| w.name.clone()).collect(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let quorum = match &self.witnessed_at {
            Some(time) => format!("met at {time}"),
            None => "not met yet".to_owned(),
        };
        let mut rows = vec![
            vec!["checkpoint".to_owned(), format!("of {}", counted(self.size, "entry", "entries"))],
            vec!["added".to_owned(), counted(self.added as u64, "cosignature", "cosignatures")],
            vec!["witnesses".to_owned(), listed(&self.witnesses)],
            vec!["quorum".to_owned(), quorum],
        ];
        if !self.unknown.is_empty() {
            rows.push(vec!["left out".to_owned(), format!("{} (not in the policy)", plain(&listed(&self.unknown)))]);
        }
        table(&rows)
    }
}

/// The newest state of the register.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct State {
    /// Its time, as the lab says.
    pub at: String,
    /// Rows of the register.
    pub count: u64,
    /// Its log index, which is the size of the log that it is of.
    pub entry: u64,
    /// Root of the register.
    pub root: String,
}

impl State {
    /// From its statement.
    pub fn new(entry: u64, state: &statement::State) -> State {
        let (count, root) = (state.register.count, state.register.root.to_string());
        State { at: state.at.to_string(), count, entry, root }
    }

    /// For people.
    pub fn text(&self) -> String {
        table(&[
            vec!["state".to_owned(), format!("entry {}, {}", self.entry, self.at)],
            vec!["register".to_owned(), counted(self.count, "row", "rows")],
            vec!["root".to_owned(), self.root.clone()],
        ])
    }
}

/// What a check of the whole ledger found.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Fsck {
    /// What is wrong.
    pub damage: Vec<String>,
    /// Entries of each kind.
    pub entries: BTreeMap<String, u64>,
    /// Erased entries.
    pub erased: u64,
    /// Files that nothing names.
    pub leftovers: Vec<String>,
    /// Entries of the log.
    pub log_size: u64,
    /// Findings left out of the lists.
    pub omitted: u64,
    /// Whether nothing is wrong.
    pub sound: bool,
}

impl Fsck {
    /// From the ledger.
    pub fn new(report: &fsck::Report) -> Fsck {
        Fsck {
            damage: report.damage.clone(),
            entries: report.entries.iter().map(|(kind, count)| (kind.to_string(), *count)).collect(),
            erased: report.erased,
            leftovers: report.leftovers.clone(),
            log_size: report.log_size,
            omitted: report.omitted,
            sound: report.damage.is_empty(),
        }
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for what in &self.damage {
            text += &format!("DAMAGE: {}\n", plain(what));
        }
        if let Some(first) = self.leftovers.first() {
            let files = counted(self.leftovers.len() as u64, "file", "files");
            text += &format!(
                "leftovers that nothing names: {files}, {} for one (harmless; --json lists them)\n",
                plain(first)
            );
        }
        if self.omitted > 0 {
            text += &format!("and {} more findings\n", grouped(self.omitted));
        }
        let entries = counted(self.log_size, "entry", "entries");
        text += &match self.damage.len() {
            0 => format!("sound: {entries}, every byte of the log and every statement checked\n"),
            n => format!("{entries}: {}\n", counted(n as u64, "finding", "findings")),
        };
        text
    }
}
