//! The log's part of a proof file: checkpoint, anchors and entries, authenticated against the auditor's policy.

use super::facts::Bracket;
use super::proof::{DisclosedEntry, MAX_ANCHORS, ProofFile};
use super::{VerifyError, trust::Trust};
use crate::statement::{Statement, Time};
use crate::tlog::tile::MAX_ENTRY_LEN;
use crate::tlog::{self, Hash, NoteError, VerifiedCheckpoint, VerifierKey};
use std::collections::{BTreeMap, BTreeSet};

/// Entries that are in the log of a checkpoint which the policy accepts.
pub(super) struct Opened {
    pub checkpoint: VerifiedCheckpoint,
    pub witnesses: Vec<(String, u64)>,
    pub witnessed_at: Option<Time>,
    /// The log's key, of those in the policy.
    pub log_key: VerifierKey,
    /// Checkpoints with their proven times, ascending in size, the file's own last.
    times: Vec<(u64, Time)>,
    /// By index; `None` is an erased entry.
    entries: BTreeMap<u64, Option<Statement>>,
    leaves: BTreeMap<u64, Hash>,
    used: BTreeSet<u64>,
}

impl Opened {
    pub fn open(file: &ProofFile, trust: &Trust) -> Result<Opened, VerifyError> {
        let witnessed = trust.policy.open(&file.checkpoint).map_err(VerifyError::Checkpoint)?;
        let checkpoint = witnessed.checkpoint().clone();
        // Opening required that the origin is the name of a key in the policy that signed it.
        let is_log = |key: &&VerifierKey| VerifiedCheckpoint::open(&file.checkpoint, key).is_ok();
        let log_key = trust.policy.logs().iter().find(is_log).cloned().ok_or(VerifyError::NoLogKey)?;
        let mut times = anchors(file, trust, &checkpoint, &log_key)?;
        let witnessed_at = witnessed.time().map(time).transpose()?;
        times.extend(witnessed_at.map(|t| (checkpoint.size(), t)));
        // A quorum that saw a larger log earlier than a smaller one had seen the smaller one by then, too.
        for i in (1..times.len()).rev() {
            times[i - 1].1 = times[i - 1].1.min(times[i].1);
        }
        let (entries, leaves) = entries(&file.entries, &file.path, &checkpoint)?;
        Ok(Opened {
            witnesses: witnessed.witnesses().iter().map(|w| (w.name.clone(), w.time)).collect(),
            checkpoint,
            witnessed_at,
            log_key,
            times,
            entries,
            leaves,
            used: BTreeSet::new(),
        })
    }

    /// The statement of an entry, marked as needed; `None` where it was erased.
    pub fn entry(&mut self, index: u64) -> Result<Option<&Statement>, VerifyError> {
        let entry = self.entries.get(&index).ok_or(VerifyError::NotDisclosed { index })?;
        self.used.insert(index);
        Ok(entry.as_ref())
    }

    /// The statement of an entry that may not be erased.
    pub fn statement(&mut self, index: u64) -> Result<&Statement, VerifyError> {
        self.entry(index)?.ok_or(VerifyError::Erased { index })
    }

    /// The leaf hash of a disclosed entry.
    pub fn leaf(&self, index: u64) -> Option<&Hash> {
        self.leaves.get(&index)
    }

    /// All disclosed statements.
    pub fn statements(&self) -> impl Iterator<Item = (u64, &Statement)> {
        self.entries.iter().filter_map(|(index, s)| Some((*index, s.as_ref()?)))
    }

    /// When the entry joined the witnessed log: after the latest checkpoint that lacks it, by the earliest that has it.
    pub fn bracket(&self, index: u64) -> Bracket {
        let lacking = self.times.partition_point(|(size, _)| *size <= index);
        Bracket {
            start: lacking.checked_sub(1).map(|i| self.times[i].1),
            end: self.times.get(lacking).map(|(_, time)| *time),
        }
    }

    /// Requires that times fit: never decreasing along the log, and none after the bracket's end.
    pub fn check_times(&self) -> Result<(), VerifyError> {
        let mut latest = None;
        for (index, statement) in self.statements() {
            let at = statement.head().1;
            if latest.is_some_and(|before| at < before) {
                return Err(VerifyError::TimeDecreases { index });
            }
            if self.bracket(index).end.is_some_and(|end| at > end) {
                return Err(VerifyError::TimeAfterWitnesses { index });
            }
            latest = Some(at);
        }
        Ok(())
    }

    /// Requires that every disclosed entry was needed.
    pub fn finish(&self) -> Result<(), VerifyError> {
        match self.entries.keys().find(|index| !self.used.contains(index)) {
            Some(index) => Err(VerifyError::UnusedEntry { index: *index }),
            None => Ok(()),
        }
    }
}

/// Checks the anchors and gives the proven times of those that meet the policy.
fn anchors(
    file: &ProofFile,
    trust: &Trust,
    checkpoint: &VerifiedCheckpoint,
    log_key: &VerifierKey,
) -> Result<Vec<(u64, Time)>, VerifyError> {
    if file.anchors.len() > MAX_ANCHORS {
        return Err(VerifyError::TooManyAnchors { count: file.anchors.len() });
    }
    let mut times = Vec::new();
    let mut size_before = 0;
    for anchor in &file.anchors {
        let opened = VerifiedCheckpoint::open(&anchor.note, log_key).map_err(VerifyError::Anchor)?;
        if opened.size() <= size_before || opened.size() >= checkpoint.size() {
            return Err(VerifyError::AnchorOrder { size: opened.size() });
        }
        size_before = opened.size();
        tlog::consistency::verify(opened.size(), opened.root(), checkpoint.size(), checkpoint.root(), &anchor.path)
            .map_err(|error| VerifyError::Consistency { size: opened.size(), error })?;
        match trust.policy.open(&anchor.note) {
            Ok(witnessed) => times.extend(witnessed.time().map(time).transpose()?.map(|t| (opened.size(), t))),
            // Another auditor's witnesses may have seen it; for this one it proves no time.
            Err(NoteError::QuorumNotMet { .. }) => {}
            Err(error) => return Err(VerifyError::Anchor(error)),
        }
    }
    Ok(times)
}

type Entries = (BTreeMap<u64, Option<Statement>>, BTreeMap<u64, Hash>);

/// Authenticates the entries, then reads them.
pub(super) fn entries(
    disclosed: &[DisclosedEntry],
    path: &[Hash],
    checkpoint: &VerifiedCheckpoint,
) -> Result<Entries, VerifyError> {
    let mut leaves = Vec::with_capacity(disclosed.len());
    for entry in disclosed {
        // No log holds a longer one, and what reading an entry takes is a multiple of its length.
        if let Some(len) = entry.text.as_ref().map(String::len).filter(|len| *len > MAX_ENTRY_LEN) {
            return Err(VerifyError::EntryTooLong { index: entry.index, len });
        }
        leaves.push(match (&entry.text, entry.leaf) {
            // No statement is empty, and the log keeps an empty text for an erased entry.
            (Some(text), None) if !text.is_empty() => (entry.index, tlog::leaf_hash(text.as_bytes())),
            (None, Some(leaf)) => (entry.index, leaf),
            _ => return Err(VerifyError::TextAndLeaf { index: entry.index }),
        });
    }
    tlog::batch::verify(&leaves, checkpoint.size(), path, checkpoint.root()).map_err(VerifyError::Inclusion)?;
    let mut entries = BTreeMap::new();
    for entry in disclosed {
        let index = entry.index;
        let statement = entry.text.as_ref().map(|t| Statement::parse(t.as_bytes())).transpose();
        let statement = statement.map_err(|error| VerifyError::Statement { index, error })?;
        entries.insert(index, statement);
    }
    check_references(&entries)?;
    Ok((entries, leaves.into_iter().collect()))
}

/// An entry names only lower indices; what is disclosed there is of the kind that the reference needs.
pub(super) fn check_references(entries: &BTreeMap<u64, Option<Statement>>) -> Result<(), VerifyError> {
    for (index, statement) in entries {
        if let Some(Statement::Withdrawal(w)) = statement
            && let Some(last) = w.entries.last()
            && last.first.saturating_add(last.count) > *index
        {
            return Err(VerifyError::ForwardReference { index: *index, named: last.first.max(*index) });
        }
        for (named, kinds) in statement.iter().flat_map(Statement::names) {
            if named >= *index {
                return Err(VerifyError::ForwardReference { index: *index, named });
            }
            let kind = entries.get(&named).and_then(|s| s.as_ref()).map(|s| s.head().0);
            if kind.is_some_and(|k| !kinds.contains(&k)) {
                return Err(VerifyError::WrongKind { index: *index, named });
            }
        }
    }
    Ok(())
}

fn time(seconds: u64) -> Result<Time, VerifyError> {
    i64::try_from(seconds).ok().and_then(Time::from_unix).ok_or(VerifyError::WitnessTime { seconds })
}
