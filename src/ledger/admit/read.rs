//! The first stage: the works of all sources, in batches, with their keys.

use super::keyed::Keyed;
use super::screen::Batch;
use crate::ingest::{Mapping, Progress};
use crate::ledger::LedgerError;
use crate::ledger::candidate::SourceWork;
use crate::ledger::source::{Opening, Source, Works};
use crate::statement::Time;
use crate::storage::Disk;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

/// What the stage reads, and how.
pub(super) struct Reader {
    pub sources: Vec<Source>,
    pub map: Vec<Mapping>,
    pub progress: Progress,
    pub disk: Disk,
    pub now: Time,
    /// Whether a list names works by their SHA-256 digests.
    pub asks_sha256: bool,
}

/// What it found beside works.
#[derive(Default)]
pub(super) struct ReadOut {
    pub files_read: u64,
    pub files_known: u64,
    pub ignored: Vec<String>,
    pub unfitted: Vec<String>,
}

impl Reader {
    /// Reads until the sources end, or until nobody takes what is read. Lists whose works are recorded come back through
    /// `spare`, and are filled again.
    ///
    /// # Errors
    /// A source cannot be read, or the run was stopped.
    pub fn run(self, to_screen: &SyncSender<Batch>, spare: &Receiver<Vec<SourceWork>>) -> Result<ReadOut, LedgerError> {
        let mut out = ReadOut::default();
        let opening = Opening {
            map: &self.map,
            progress: &self.progress,
            ledger: Some(&self.disk),
            remember: Some(self.now),
            asks: false,
        };
        for mut source in self.sources {
            if let Source::Files(folder) = &mut source {
                folder.reading.sha256 |= self.asks_sha256;
            }
            let mut works = Works::open(source, &opening)?;
            let source: Arc<str> = works.name().into();
            loop {
                let mut batch = spare.try_recv().unwrap_or_default();
                works.next_chunk(&mut batch)?;
                if batch.is_empty() {
                    break;
                }
                let batch = Batch { source: Arc::clone(&source), keyed: Keyed::new(&batch), works: batch };
                if to_screen.send(batch).is_err() {
                    return Ok(out);
                }
            }
            let (read, known) = works.files();
            out.files_read += read;
            out.files_known += known;
            out.unfitted.extend_from_slice(works.unfitted());
            for column in works.ignored() {
                if !out.ignored.contains(column) {
                    out.ignored.push(column.clone());
                }
            }
        }
        Ok(out)
    }
}
