//! Declaring a dataset.

use super::{LedgerError, Writer};
use crate::statement::{Dataset, Is, Layer, Model, Name, Purpose, Set, Statement, Use, V1, vocabulary::Territory};
use crate::tlog::VerifiedCheckpoint;

/// What is declared.
#[derive(Debug, Clone)]
#[allow(missing_docs)] // as in `statement::Dataset`
pub struct NewDataset {
    pub id: Name,
    pub uses: Set<Use>,
    pub purpose: Purpose,
    pub layers: Set<Layer>,
    pub territories: Set<Territory>,
    pub models: Set<Model>,
    pub title: Option<String>,
}

/// Declares a dataset. Returns its log index and the checkpoint.
///
/// # Errors
/// The name is taken, or a limit is passed.
pub fn new(mut writer: Writer, new: NewDataset) -> Result<(u64, VerifiedCheckpoint), LedgerError> {
    if let Some(index) = writer.view().look_up(&format!("dataset:{}", new.id))?.first() {
        return Err(LedgerError::Taken { what: "dataset", name: new.id.to_string(), index: *index });
    }
    let NewDataset { id, uses, purpose, layers, territories, models, title } = new;
    let (at, salt) = (writer.now(), writer.salt());
    let index = writer.append(&Statement::Dataset(Dataset {
        at,
        id,
        kind: Is,
        layers,
        models,
        purpose,
        salt,
        territories,
        title,
        uses,
        v: V1,
    }))?;
    Ok((index, writer.commit(true)?))
}
