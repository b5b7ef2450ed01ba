//! Correcting what an admission says of a work: its title, its parties. The correction is shown beside the entry; rows,
//! terms, names and coverage stay as they are.

use super::{LedgerError, Writer};
use crate::statement::admission::Party;
use crate::statement::{Admission, Correction, Is, Statement, V1};
use crate::tlog::VerifiedCheckpoint;

/// What an admission should have said. What is absent stands as it is.
#[derive(Debug, Clone, Default)]
pub struct Right {
    /// The title.
    pub title: Option<String>,
    /// The parties.
    pub parties: Vec<Party>,
}

/// A correction that was recorded.
#[derive(Debug, Clone)]
pub struct Corrected {
    /// Its log index.
    pub entry: u64,
    /// What it says.
    pub correction: Correction,
    /// The admission, as it stands.
    pub admission: Box<Admission>,
    /// The checkpoint after it.
    pub checkpoint: VerifiedCheckpoint,
}

/// Records a correction of an admission.
///
/// # Errors
/// The entry is no admission, or was erased; a text is empty or too long; or nothing is corrected.
pub fn correct(mut writer: Writer, entry: u64, right: Right, because: String) -> Result<Corrected, LedgerError> {
    let admission = match writer.view().statement(entry)? {
        Statement::Admission(admission) => admission,
        other => return Err(LedgerError::WrongKind { index: entry, wanted: "an admission", found: other.head().0 }),
    };
    let (at, salt, Right { title, parties }) = (writer.now(), writer.salt(), right);
    let correction = Correction { at, because, entry, kind: Is, parties, salt, title, v: V1 };
    let index = writer.append(&Statement::Correction(correction.clone()))?;
    Ok(Corrected { entry: index, correction, admission, checkpoint: writer.commit(true)? })
}
