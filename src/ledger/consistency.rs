//! Whether two checkpoints are of one history: the proof if they are, the evidence if the log's key signed two.
//!
//! Asked of a copy of the log, which both must be prefixes of. A checkpoint that this copy's tree does not have is
//! contradicted by it; it is portable evidence only beside a note of the same size by the same key.

use super::{LedgerError, View};
use crate::log::history;
use crate::tlog::{Hash, VerifiedCheckpoint, consistency};
use crate::verify::fork::ForkFile;

/// What two checkpoints are to each other.
#[derive(Debug)]
pub enum Outcome {
    /// The larger log begins with the smaller one.
    Consistent {
        /// The consistency path (RFC 9162, section 2.1.4).
        path: Vec<Hash>,
    },
    /// One key signed two histories.
    Fork(Box<ForkFile>),
    /// A checkpoint is none of this log's history, and there is no second note of its size to show for it.
    Contradicted {
        /// Its size.
        size: u64,
        /// The root that this copy of the log has for that size.
        root: Hash,
    },
}

/// Compares two checkpoints, the smaller first.
///
/// # Errors
/// One is larger than this copy of the log, which then cannot say; or a tile is damaged.
pub fn compare(view: &View, old: &VerifiedCheckpoint, new: &VerifiedCheckpoint) -> Result<Outcome, LedgerError> {
    let size = view.log().size();
    if let Some(ahead) = [old, new].into_iter().find(|c| c.size() > size) {
        return Err(LedgerError::AheadOfCopy { asked: ahead.size(), size });
    }
    if old.size() == new.size() && old.root() != new.root() {
        return Ok(Outcome::Fork(Box::new(fork(old, new))));
    }
    for checkpoint in [old, new] {
        let root = view.log().root_at(checkpoint.size())?;
        if root != *checkpoint.root() {
            let own = match checkpoint.size() {
                own if own == size => Some(view.log().checkpoint().clone()),
                own => history::published(view.disk(), view.key(), own)?,
            };
            return Ok(match own.filter(|own| own.root() != checkpoint.root()) {
                Some(own) => Outcome::Fork(Box::new(fork(&own, checkpoint))),
                None => Outcome::Contradicted { size: checkpoint.size(), root },
            });
        }
    }
    let path = view.log().consistency(old.size(), new.size())?;
    consistency::verify(old.size(), old.root(), new.size(), new.root(), &path).map_err(crate::log::LogError::Proof)?;
    Ok(Outcome::Consistent { path })
}

fn fork(one: &VerifiedCheckpoint, other: &VerifiedCheckpoint) -> ForkFile {
    ForkFile::of_notes(&one.note().to_string(), &other.note().to_string())
}
