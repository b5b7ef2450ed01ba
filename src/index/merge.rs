//! Sorted rows from several places as one rows file, on every core.
//!
//! Keys are uniform, so equal ranges of them hold about as many rows each. Each range is read, merged and encoded on its
//! own; the results are written in order. Memory is that of a few ranges.

use super::IndexError;
use super::rows_file::{RowsFile, RowsWriter, Written};
use crate::rows::{Key, Kind, ROW_LEN, Row};
use crate::storage::Disk;
use crate::storage::ahead::in_order;
use std::ops::{ControlFlow, Range};

/// Rows of a range, about: 2.6 MB.
const RANGE_ROWS: u64 = 1 << 16;
/// The most ranges, 2 to this power.
const MAX_RANGE_BITS: u32 = 32;

/// Ascending rows.
#[derive(Debug)]
pub enum Sorted {
    /// In memory.
    Memory(Vec<Row>),
    /// In a file.
    File(RowsFile),
}

impl Sorted {
    /// How many.
    pub fn count(&self) -> u64 {
        match self {
            Sorted::Memory(rows) => rows.len() as u64,
            Sorted::File(file) => file.count(),
        }
    }

    /// Calls `each` with the place of a key in `keys` and every row that has it, for ascending keys.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, Row)) -> Result<(), IndexError> {
        match self {
            Sorted::File(file) => file.join(keys, each),
            Sorted::Memory(rows) => {
                let mut from = 0;
                for (i, key) in keys.iter().enumerate() {
                    // Halving what is left: as good as a merge for few keys, and close to it for many.
                    from += rows[from..].partition_point(|row| row.key < *key);
                    rows[from..].iter().take_while(|row| row.key == *key).for_each(|row| each(i, *row));
                }
                Ok(())
            }
        }
    }

    /// The key of every row.
    ///
    /// # Errors
    /// In the iterator: the file cannot be read.
    pub fn keys(&self) -> Box<dyn Iterator<Item = Result<Key, IndexError>> + '_> {
        match self {
            Sorted::Memory(rows) => Box::new(rows.iter().map(|row| Ok(row.key))),
            Sorted::File(file) => Box::new(file.stream().map(|row| Ok(row?.key))),
        }
    }

    /// Where the rows of some keys are, from the first key of a range up to but without the first after it.
    fn positions(&self, heads: &Range<u128>) -> Result<Range<u64>, IndexError> {
        let bounds = [heads.start, heads.end];
        match self {
            Sorted::Memory(rows) => {
                let [start, end] =
                    bounds.map(|bound| rows.partition_point(|row| u128::from(row.key.head()) < bound) as u64);
                Ok(start..end)
            }
            Sorted::File(file) => {
                let key = |head: u128| {
                    let mut key = Key::default();
                    key.0[..8].copy_from_slice(&(head as u64).to_be_bytes());
                    key
                };
                // Other threads search it too.
                let file = file.again();
                let start = file.find_all(&[key(heads.start)])?.first().map_or(0, |rows| rows.start);
                match heads.end > u128::from(u64::MAX) {
                    true => Ok(start..file.count()),
                    false => Ok(start..file.find_all(&[key(heads.end)])?.first().map_or(0, |rows| rows.start)),
                }
            }
        }
    }

    fn read(&self, positions: Range<u64>, rows: &mut Vec<Row>) -> Result<(), IndexError> {
        match self {
            Sorted::Memory(all) => rows.extend_from_slice(&all[positions.start as usize..positions.end as usize]),
            Sorted::File(file) => rows.extend(file.read(positions)?),
        }
        Ok(())
    }
}

/// Writes the rows of all sources that are to be kept as one file, ascending, each once.
///
/// # Errors
/// A source cannot be read, there are too many rows, or the disk refuses.
pub fn write_merged(
    disk: &Disk,
    path: &str,
    kind: Kind,
    sources: &[Sorted],
    keep: impl Fn(&Row) -> bool + Sync,
) -> Result<Written, IndexError> {
    let total: u64 = sources.iter().map(Sorted::count).sum();
    let bits = (total / RANGE_ROWS).next_power_of_two().ilog2().min(MAX_RANGE_BITS);
    let width = 1u128 << (64 - bits);
    let merged = |range: u64| -> Result<(Vec<u8>, u64), IndexError> {
        let heads = u128::from(range) * width..(u128::from(range) + 1) * width;
        let positions = sources.iter().map(|source| source.positions(&heads)).collect::<Result<Vec<_>, _>>()?;
        let count: u64 = positions.iter().map(|p| p.end.saturating_sub(p.start)).sum();
        let mut rows = Vec::with_capacity(count as usize);
        for (source, positions) in sources.iter().zip(positions) {
            source.read(positions, &mut rows)?;
        }
        if sources.len() > 1 {
            // Stable, since that sort takes what is sorted already as it is and merges it.
            rows.sort();
        }
        rows.dedup();
        let (mut bytes, mut count) = (Vec::with_capacity(rows.len() * ROW_LEN), 0);
        for row in rows.iter().filter(|row| keep(row)) {
            bytes.extend_from_slice(&row.encode());
            count += 1;
        }
        Ok((bytes, count))
    };
    let mut writer = RowsWriter::create(disk, path, kind)?;
    let written = in_order(0..1 << bits, merged, |range| match std::mem::replace(range, Ok((Vec::new(), 0))) {
        Ok((bytes, count)) => match writer.put(&bytes, count) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        },
        Err(error) => ControlFlow::Break(error),
    });
    match written {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => writer.finish(),
    }
}
