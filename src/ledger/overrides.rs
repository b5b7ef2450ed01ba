//! Overrides: works that a person lets in against the gate, with who it is and why.
//!
//! Not a grant: an overridden work has a verdict of its own and is never covered. What no decision can put right (a work
//! without a readable name, bytes that cannot be read, one that is there already) is refused all the same. Invariants: a
//! line names works themselves, never a group; no identifier stands under two decisions; every line that decided nothing
//! is told.

use super::LedgerError;
use super::source::Input;
use crate::ingest::{Catalogue, Mapping, Problem, Record};
use crate::rows::Key;
use crate::statement::admission::Override;
use crate::statement::identifier::Class;
use crate::statement::vocabulary::{Code, Codes};
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Lines of a file of overrides: each is a person's decision, and all are held in memory.
pub const MAX_OVERRIDES: usize = 65_536;

/// Codes against which nobody can decide.
const FINAL: [Code; 6] = [
    Code::BadIdentifier,
    Code::NoIdentifier,
    Code::TooLarge,
    Code::Unreadable,
    Code::ChangedWhileRead,
    Code::Duplicate,
];

/// A person's decisions about single works.
#[derive(Debug, Default)]
pub struct Overrides {
    decisions: Vec<Decision>,
    /// The place of the decision about the work that has this key.
    by_key: HashMap<Key, usize>,
}

#[derive(Debug)]
struct Decision {
    line: u64,
    by: Arc<str>,
    because: Arc<str>,
    came_of_it: CameOfIt,
}

/// What came of a decision; of several works that it names, the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CameOfIt {
    /// No work of the batch has the identifier.
    NoSuchWork,
    /// The gate admits the work anyway.
    NotNeeded,
    /// What speaks against the work is nothing that a person can decide.
    NotPossible,
    /// The work was let in.
    LetIn,
}

/// A line that let no work in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unused {
    /// Line of the file.
    pub line: u64,
    /// Why it did nothing.
    pub why: CameOfIt,
}

impl Overrides {
    /// Reads a catalogue with the columns `who` and `because`.
    ///
    /// # Errors
    /// It cannot be read, or a line does not say which work, who or why, or there are more than [`MAX_OVERRIDES`].
    pub fn read(input: Input, map: &[Mapping]) -> Result<Overrides, LedgerError> {
        let file = input.name.clone();
        let mut read = Overrides::default();
        let mut texts = HashSet::new();
        for record in Catalogue::open_overrides(&file, input.reader, input.format, map)? {
            let record = record?;
            let place = format!("{file}:{}", record.line);
            if read.decisions.len() == MAX_OVERRIDES {
                return Err(LedgerError::Unfit {
                    place,
                    what: format!("is one of more than {MAX_OVERRIDES} overrides"),
                });
            }
            read.add(&record, &mut texts).map_err(|what| LedgerError::Unfit { place, what })?;
        }
        Ok(read)
    }

    fn add(&mut self, record: &Record, texts: &mut HashSet<Arc<str>>) -> Result<(), String> {
        if let Some(problem) = record.problems.first() {
            return Err(Problem::words(problem));
        }
        let is_work = |id: &&crate::statement::Identifier| id.scheme().class(record.work_type) == Class::Work;
        if record.digests.is_empty() && !record.identifiers.iter().any(|id| is_work(&id)) {
            return Err("names no single work".to_owned());
        }
        let mut text = |text: &Option<String>, missing: &str| {
            let text = text.as_deref().filter(|t| !t.trim().is_empty()).ok_or_else(|| missing.to_owned())?;
            // One person gives one reason for many works.
            let shared = texts.get(text).cloned().unwrap_or_else(|| text.into());
            texts.insert(Arc::clone(&shared));
            Ok::<Arc<str>, String>(shared)
        };
        let by = text(&record.who, "does not say who lets the work in: the column `who`")?;
        let because = text(&record.because, "does not say why the work is let in: the column `because`")?;
        let place = self.decisions.len();
        for key in record.subject_keys() {
            let first = *self.by_key.entry(key).or_insert(place);
            let other = self.decisions.get(first);
            if let Some(other) = other.filter(|other| (&other.by, &other.because) != (&by, &because)) {
                return Err(format!("names a work about which line {} decides otherwise", other.line));
            }
        }
        self.decisions.push(Decision { line: record.line, by, because, came_of_it: CameOfIt::NoSuchWork });
        Ok(())
    }

    /// The decision about a work that has one of these keys, all of which name the work itself.
    pub fn find(&self, mut keys: impl Iterator<Item = Key>) -> Option<usize> {
        if self.by_key.is_empty() { None } else { keys.find_map(|key| self.by_key.get(&key).copied()) }
    }

    /// Whether a person can decide against these codes.
    pub fn can_decide(codes: Codes) -> bool {
        !FINAL.iter().any(|code| codes.has(*code))
    }

    /// What a decision says against what the gate said; `None` where there is none, none is needed, or none can be.
    pub fn against(&self, found: Option<usize>, codes: Codes) -> Option<Override> {
        let decision = self.decisions.get(found?)?;
        let (because, by) = (decision.because.to_string(), decision.by.to_string());
        (!codes.is_empty() && Overrides::can_decide(codes)).then_some(Override { because, by, codes })
    }

    /// Notes what came of a decision about one of its works.
    pub fn note(&mut self, found: Option<usize>, came_of_it: CameOfIt) {
        if let Some(decision) = found.and_then(|place| self.decisions.get_mut(place)) {
            decision.came_of_it = decision.came_of_it.max(came_of_it);
        }
    }

    /// The lines that let no work in.
    pub fn unused(&self) -> Vec<Unused> {
        let unused = self.decisions.iter().filter(|d| d.came_of_it != CameOfIt::LetIn);
        unused.map(|d| Unused { line: d.line, why: d.came_of_it }).collect()
    }
}
