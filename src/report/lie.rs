//! What `verify` says of a lie file, and of two proof files held against each other.

use super::consistency::ForkReport;
use super::{counted, grouped, listed, plain, wrapped};
use crate::verify::VerifyError;
use crate::verify::against::Evidence;
use crate::verify::lie::{Hiding, Lie};
use serde::Serialize;

/// What a lie file shows.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LieReport {
    /// Why the file is no evidence.
    pub error: Option<String>,
    /// The entry that is hidden.
    pub hidden: Option<Entry>,
    /// Whether it is evidence that the log's key signed a statement that hides an entry.
    pub lie: bool,
    /// The names in the register, or the identifiers, that must lead to the entry and do not.
    pub missing: Vec<String>,
    /// The log.
    pub origin: Option<String>,
    /// The release that hides the entry, if it is one.
    pub release: Option<String>,
    /// The sizes of the checkpoints under which statement and entry stand.
    pub sizes: Vec<u64>,
    /// Log index of the state that hides the entry; or, of a release, of the later state that knows of nothing that took
    /// the entry out.
    pub state: Option<u64>,
    /// The statement that hides the entry.
    pub statement: Option<Entry>,
}

/// An entry of the log.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Entry {
    /// Its log index.
    pub entry: u64,
    /// The kind of its statement.
    pub kind: String,
}

/// Another proof file of the same log, and what the two show together.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Against {
    /// Whether they show that the log's key has contradicted itself.
    pub contradiction: bool,
    /// The file with the evidence, if there is any and it was asked for.
    pub evidence: Option<String>,
    /// The other file.
    pub file: String,
    /// Two histories.
    pub fork: Option<ForkReport>,
    /// A statement that hides an entry.
    pub lie: Option<LieReport>,
}

impl LieReport {
    /// From the verifier.
    pub fn new(verified: &Result<Lie, VerifyError>) -> LieReport {
        let lie = verified.as_ref().ok();
        let (index, kind, release, state) = match lie.map(|lie| &lie.by) {
            Some(Hiding::State { index }) => (Some(*index), "state", None, Some(*index)),
            Some(Hiding::Release { index, name, state }) => {
                (Some(*index), "release", Some(name.to_string()), Some(*state))
            }
            None => (None, "", None, None),
        };
        LieReport {
            error: verified.as_ref().err().map(ToString::to_string),
            hidden: lie.map(|lie| Entry { entry: lie.hidden, kind: lie.hidden_kind.to_string() }),
            lie: lie.is_some(),
            missing: lie.map_or_else(Vec::new, |lie| lie.missing.clone()),
            origin: lie.map(|lie| lie.origin.clone()),
            release,
            sizes: lie.map_or_else(Vec::new, |lie| lie.sizes.clone()),
            state,
            statement: index.map(|entry| Entry { entry, kind: kind.to_owned() }),
        }
    }

    /// For people, of a file.
    pub fn text(&self) -> String {
        match &self.error {
            Some(error) => format!("INVALID: {}\n", plain(error)),
            None => self.body() + "\nEverything was verified. Whoever holds this file can show it to anybody.\n",
        }
    }

    fn body(&self) -> String {
        let (Some(statement), Some(hidden)) = (&self.statement, &self.hidden) else { return String::new() };
        let origin = plain(self.origin.as_deref().unwrap_or_default());
        let (by, entry) = (statement.entry, hidden.entry);
        let mut text = format!("LIE: the key of {origin} signed a {} that hides an entry\n\n", statement.kind);
        let line = |name: &str, words: &str| wrapped(&format!("  {name:11}"), words);
        let missing = plain(&listed(&self.missing));
        text += &line("hidden", &format!("entry {entry}, kind {}", hidden.kind));
        match &self.release {
            None => {
                text += &line(
                    "by",
                    &format!("the state at entry {by}, which commits to the register of all entries below"),
                );
                text +=
                    &line("under", &format!("{missing}: looked up completely, nothing there leads to entry {entry}"));
            }
            Some(release) => {
                let release = plain(release);
                text += &line("by", &format!("the release {release} at entry {by}"));
                text += &line("under", &format!("{missing}: looked up completely, no row leads to entry {entry}"));
                let state = self.state.unwrap_or_default();
                let state = format!("nothing before the release took it out, by the state at entry {state}");
                text += &line("withdrawn", &state);
            }
        }
        text += &line(
            "log",
            &match &self.sizes[..] {
                [one, other] => format!("signed checkpoints of {} and {} entries", grouped(*one), grouped(*other)),
                sizes => format!("a signed checkpoint of {}", entries(sizes.first())),
            },
        );
        text += "\n";
        text += &wrapped("", &self.conclusion());
        text
    }

    /// Why no honest log can have signed this.
    fn conclusion(&self) -> String {
        let hides = match self.release {
            None => "the state hides the entry",
            Some(_) => "the release hides the entry, or the state hides what took it out",
        };
        if self.sizes.len() > 1 {
            format!("Either {hides}, or the two checkpoints are of two histories. An honest log signs neither.")
        } else {
            format!("So {hides}. An honest log signs no such thing.")
        }
    }
}

fn entries(size: Option<&u64>) -> String {
    counted(size.copied().unwrap_or_default(), "entry", "entries")
}

impl Against {
    /// From the comparison with the file of this name.
    pub fn new(file: &str, found: Option<&Evidence>, evidence: Option<&str>) -> Against {
        let (fork, lie) = match found {
            None => (None, None),
            Some(Evidence::Fork(_, fork)) => (Some(ForkReport::new(&Ok(fork.clone()))), None),
            Some(Evidence::Lie(_, lie)) => (None, Some(LieReport::new(&Ok(lie.clone())))),
        };
        let evidence = evidence.filter(|_| found.is_some()).map(str::to_owned);
        Against { contradiction: found.is_some(), evidence, file: file.to_owned(), fork, lie }
    }

    /// For people: a line if nothing contradicts; else what does, and where the evidence is.
    pub fn text(&self) -> String {
        let mut text = match (&self.fork, &self.lie) {
            (Some(fork), _) => fork.body(),
            (None, Some(lie)) => lie.body(),
            (None, None) => return format!("\nNothing in {} contradicts this file.\n", plain(&self.file)),
        };
        text += &format!("\nThis file and {} show it together, each valid by itself.\n", plain(&self.file));
        text + &match &self.evidence {
            Some(file) => format!("evidence: {}\n", plain(file)),
            None => "--evidence FILE writes what shows it to anybody\n".to_owned(),
        }
    }
}
