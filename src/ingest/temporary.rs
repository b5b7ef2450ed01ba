//! A folder for what does not fit into memory where there is no ledger to keep it; it vanishes with its value.

use super::error::{Fault, IngestError, Placed};
use std::path::Path;

/// A folder below the system's temporary one (`TMPDIR`) that only its owner can read.
#[derive(Debug)]
pub struct TemporaryFolder(tempfile::TempDir);

impl TemporaryFolder {
    /// Makes one.
    ///
    /// # Errors
    /// The system's temporary folder refuses.
    pub fn new() -> Result<TemporaryFolder, IngestError> {
        let fail = |error| Placed::from(Fault::Temporary(error)).of(&std::env::temp_dir().display().to_string());
        tempfile::tempdir().map(TemporaryFolder).map_err(fail)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
