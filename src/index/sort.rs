//! Sorting more rows than memory should hold: sorted chunks on disk, merged as they are read.

use super::IndexError;
use super::merge::{Sorted, write_merged};
use super::rows_file::{RowsFile, Written, write_rows};
use crate::rows::{Kind, Row};
use crate::storage::Disk;

/// Rows sorted in memory before they are written to disk: 80 MB.
pub const CHUNK_ROWS: usize = 2 << 20;

/// Takes rows in any order and writes them sorted.
#[derive(Debug)]
pub struct Sorter {
    disk: Disk,
    name: &'static str,
    chunk: Vec<Row>,
    spilled: Vec<String>,
}

impl Sorter {
    /// A sorter; `name` tells its temporary files from those of others.
    pub fn new(disk: &Disk, name: &'static str) -> Sorter {
        Sorter { disk: disk.clone(), name, chunk: Vec::new(), spilled: Vec::new() }
    }

    /// Takes a row.
    ///
    /// # Errors
    /// The disk refuses a chunk.
    pub fn push(&mut self, row: Row) -> Result<(), IndexError> {
        if self.chunk.len() == CHUNK_ROWS {
            let path = format!("index/sort/{}-{}", self.name, self.spilled.len());
            self.chunk.sort_unstable();
            write_rows(&self.disk, &path, Kind::IndexRun, self.chunk.drain(..).map(Ok))?;
            self.spilled.push(path);
        }
        self.chunk.push(row);
        Ok(())
    }

    /// Writes all rows, ascending, each once.
    ///
    /// # Errors
    /// A chunk cannot be read again, or the disk refuses.
    pub fn write(mut self, path: &str, kind: Kind) -> Result<Written, IndexError> {
        self.chunk.sort_unstable();
        let mut sources = vec![Sorted::Memory(std::mem::take(&mut self.chunk))];
        for spilled in std::mem::take(&mut self.spilled) {
            sources.push(Sorted::File(RowsFile::open(&self.disk, &spilled, Kind::IndexRun)?));
            // The open file outlives its name: nothing is left behind, however this ends.
            self.disk.remove(&spilled)?;
        }
        write_merged(&self.disk, path, kind, &sources, |_| true)
    }
}
