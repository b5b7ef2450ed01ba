//! When entries joined the log, as the auditor's witnesses saw it: from the cosigned checkpoints among the published.
//!
//! The rule is the verifier's (`verify/opened.rs`); here every published checkpoint is at hand, not four of them.

use crate::ledger::LedgerError;
use crate::log::history;
use crate::statement::Time;
use crate::storage::Disk;
use crate::tlog::{Cosigner, Policy, VerifiedCheckpoint, VerifierKey};
use crate::verify::facts::Bracket;

/// The published checkpoints that meet a policy, with their proven times.
pub(super) struct Witnessed {
    /// Sizes and times, both ascending.
    times: Vec<(u64, Time)>,
}

impl Witnessed {
    /// Reads the history. What is damaged in it proves no time, and is reported where it is checked.
    pub fn read(disk: &Disk, key: &VerifierKey, policy: &Policy) -> Result<Witnessed, LedgerError> {
        let mut times = Vec::new();
        for size in history::sizes(disk)? {
            let Ok(Some(checkpoint)) = history::published(disk, key, size) else { continue };
            let time = policy.open(&checkpoint.note().to_string()).ok().and_then(|witnessed| witnessed.time());
            times.extend(time.and_then(calendar).map(|time| (size, time)));
        }
        // A quorum that saw a larger log earlier than a smaller one had seen the smaller one by then, too.
        for i in (1..times.len()).rev() {
            times[i - 1].1 = times[i - 1].1.min(times[i].1);
        }
        Ok(Witnessed { times })
    }

    /// Between which times an entry joined the log.
    pub fn bracket(&self, index: u64) -> Bracket {
        let lacking = self.times.partition_point(|(size, _)| *size <= index);
        Bracket {
            start: lacking.checked_sub(1).map(|i| self.times[i].1),
            end: self.times.get(lacking).map(|(_, time)| *time),
        }
    }
}

/// By when the policy's quorum had seen a checkpoint, and who had; the cosignatures stand in its published form.
pub(super) fn newest(
    disk: &Disk,
    key: &VerifierKey,
    policy: &Policy,
    checkpoint: &VerifiedCheckpoint,
) -> Result<(Option<Time>, Vec<Cosigner>), LedgerError> {
    let published = history::published(disk, key, checkpoint.size())?;
    let same = published.filter(|p| p.note().text() == checkpoint.note().text());
    let note = same.as_ref().unwrap_or(checkpoint).note().to_string();
    let witnessed = policy.open(&note)?;
    Ok((witnessed.time().and_then(calendar), witnessed.witnesses().to_vec()))
}

fn calendar(seconds: u64) -> Option<Time> {
    i64::try_from(seconds).ok().and_then(Time::from_unix)
}
