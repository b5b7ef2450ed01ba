//! Sorting more rows than memory should hold: sorted chunks on disk, merged as they are read.

use super::IndexError;
use super::rows_file::{RowsFile, write_rows};
use crate::rows::{Kind, Row};
use crate::storage::Disk;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Rows sorted in memory before they are written to disk: 80 MB.
pub const CHUNK_ROWS: usize = 2 << 20;

/// Rows in order, one after another.
pub type RowStream = Box<dyn Iterator<Item = Result<Row, IndexError>>>;

/// Takes rows in any order and gives them back sorted.
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

    /// All rows, ascending; equal ones stand beside each other.
    ///
    /// # Errors
    /// A chunk cannot be read again.
    pub fn finish(mut self) -> Result<RowStream, IndexError> {
        self.chunk.sort_unstable();
        let mut sources: Vec<RowStream> = Vec::new();
        for path in std::mem::take(&mut self.spilled) {
            let file = RowsFile::open(&self.disk, &path, Kind::IndexRun)?;
            sources.push(Box::new(file.stream()));
            // The open file outlives its name: nothing is left behind, however this ends.
            self.disk.remove(&path)?;
        }
        sources.push(Box::new(std::mem::take(&mut self.chunk).into_iter().map(Ok)));
        Ok(merge(sources))
    }
}

/// Several ascending streams as one.
pub fn merge(mut sources: Vec<RowStream>) -> RowStream {
    if sources.len() == 1 {
        return sources.remove(0);
    }
    let mut heap: BinaryHeap<Reverse<(Row, usize)>> = BinaryHeap::new();
    let mut failed = None;
    for (i, source) in sources.iter_mut().enumerate() {
        match source.next() {
            Some(Ok(row)) => heap.push(Reverse((row, i))),
            Some(Err(error)) => failed = Some(error),
            None => {}
        }
    }
    Box::new(std::iter::from_fn(move || {
        if let Some(error) = failed.take() {
            heap.clear();
            return Some(Err(error));
        }
        let mut top = heap.peek_mut()?;
        let Reverse((row, i)) = *top;
        match sources[i].next() {
            Some(Ok(next)) => *top = Reverse((next, i)),
            Some(Err(error)) => {
                failed = Some(error);
                std::collections::binary_heap::PeekMut::pop(top);
            }
            None => {
                std::collections::binary_heap::PeekMut::pop(top);
            }
        }
        Some(Ok(row))
    }))
}
