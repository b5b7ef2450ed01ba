//! Rows and nodes files on disk: streamed in and out, read at positions. The bytes are `rows::file`'s.
//!
//! Invariant: of a file that was opened with its digest, no row is handed out whose block has not the sum that was taken
//! when it was written ([`super::sums`]).

use super::IndexError;
use super::sums::{SUM_ROWS, Summing, Sums};
use crate::rows::{
    self, Builder, Key, Kind, NODE_LEN, NODES_HEADER_LEN, Node, NodesHeader, Piece, ROW_LEN, ROWS_HEADER_LEN, Root,
    Row, RowsHeader, Shape,
};
use crate::storage::ahead::in_order;
use crate::storage::{Disk, FileReader, FileWriter};
use std::ops::ControlFlow;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

/// Rows read at once by position: a page and a half of the disk, so that a search's last steps stay in one read.
const BLOCK_ROWS: u64 = 150;
/// Rows read at once in a stream: 240 KB, six blocks that have sums.
const STREAM_ROWS: u64 = 6144;
/// Rows that are hashed at once on one core, 320 KB: some milliseconds of work.
const PIECE_ROWS: u64 = 8192;
/// Below this many rows for each key looked up, reading them all in one stream is faster than searching; of a file with
/// sums, below two blocks.
const ROWS_PER_KEY: u64 = 96;
/// Look-ups of one key in one table, some microseconds each, that are made sooner than threads are started for them.
const FEW_LOOK_UPS: usize = 64;
/// Tables of fewer rows have no nodes file: hashing them anew takes a few milliseconds.
pub const NODES_FROM: u64 = 8192;

/// A rows file open for reading.
#[derive(Debug)]
pub struct RowsFile {
    /// Shared with the streams over it.
    source: Arc<Source>,
    /// The rows that were read last by position, as they are encoded, and the first of their positions.
    block: Mutex<(u64, Vec<u8>)>,
}

/// Where rows come from.
#[derive(Debug)]
struct Source {
    path: String,
    file: FileReader,
    header: RowsHeader,
    sums: Option<Sums>,
}

impl RowsFile {
    /// Opens a rows file of this kind.
    ///
    /// # Errors
    /// It does not exist, or its header is not one of such a file.
    pub fn open(disk: &Disk, path: &str, kind: Kind) -> Result<RowsFile, IndexError> {
        Ok(Source::open(disk, path, kind)?.into())
    }

    /// Opens a rows file that was written with this digest; its sums are in another file, if it has several. Damage shows
    /// where it is read.
    ///
    /// # Errors
    /// As [`RowsFile::open`], or the sums are not those of the digest.
    pub(super) fn open_summed(
        disk: &Disk,
        path: &str,
        kind: Kind,
        sums: &str,
        digest: [u8; 32],
    ) -> Result<RowsFile, IndexError> {
        let source = Source::open(disk, path, kind)?;
        let sums = Some(Sums::open(disk, sums, source.header.count, digest)?);
        Ok(Source { sums, ..source }.into())
    }

    /// The same file for another thread: what it reads by position is its own.
    pub(super) fn again(&self) -> RowsFile {
        RowsFile { source: Arc::clone(&self.source), block: Mutex::default() }
    }

    /// Number of rows.
    pub fn count(&self) -> u64 {
        self.source.header.count
    }

    /// Where it is in the ledger.
    pub fn path(&self) -> &str {
        &self.source.path
    }

    /// The row at a position below the count.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn row(&self, position: u64) -> Result<Row, IndexError> {
        let mut block = self.block.lock().unwrap_or_else(PoisonError::into_inner);
        let (first, rows) = &mut *block;
        let at = |first: u64, rows: &[u8]| {
            let place = usize::try_from(position.checked_sub(first)?).ok()?;
            rows.as_chunks::<ROW_LEN>().0.get(place).map(Row::decode)
        };
        if let Some(row) = at(*first, rows) {
            return Ok(row);
        }
        let len = if self.source.sums.is_some() { SUM_ROWS } else { BLOCK_ROWS };
        *first = position - position % len;
        let end = (*first + len).min(self.count());
        // What could not be read, or is damaged, is not kept.
        self.source.read(*first..end, rows).inspect_err(|_| rows.clear())?;
        at(*first, rows).ok_or(IndexError::Rows {
            path: self.path().to_owned(),
            error: rows::RowsError::PositionOutOfRange { position, count: self.count() },
        })
    }

    /// All rows in order. Their order is not checked.
    pub fn stream(&self) -> impl Iterator<Item = Result<Row, IndexError>> + use<> {
        let (source, count) = (Arc::clone(&self.source), self.count());
        let mut next = 0;
        let mut buffer: std::vec::IntoIter<Row> = Vec::new().into_iter();
        std::iter::from_fn(move || {
            if buffer.len() == 0 && next < count {
                let end = (next + STREAM_ROWS).min(count);
                match source.rows(next..end) {
                    Ok(rows) => buffer = rows.into_iter(),
                    Err(error) => {
                        next = count;
                        return Some(Err(error));
                    }
                }
                next = end;
            }
            buffer.next().map(Ok)
        })
    }

    /// The positions of each key's rows, for ascending keys.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn find_all(&self, keys: &[Key]) -> Result<Vec<Range<u64>>, IndexError> {
        rows::find_all(keys, self.count(), |position| self.row(position))
    }

    /// Calls `each` with the place of a key in `keys` and every row that has it, for ascending keys. Few keys are
    /// searched for; many are met in one stream over the file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn join(&self, keys: &[Key], mut each: impl FnMut(usize, Row)) -> Result<(), IndexError> {
        let rows_per_key = if self.source.sums.is_some() { 2 * SUM_ROWS } else { ROWS_PER_KEY };
        if self.count() / rows_per_key > keys.len() as u64 {
            for (i, range) in self.find_all(keys)?.into_iter().enumerate() {
                for position in range {
                    each(i, self.row(position)?);
                }
            }
            return Ok(());
        }
        let (mut bytes, mut from, mut next) = (Vec::new(), 0, 0);
        let mut wanted = keys.first().map_or(u64::MAX, Key::head);
        while next < self.count() && from < keys.len() {
            let end = (next + STREAM_ROWS).min(self.count());
            self.source.read(next..end, &mut bytes)?;
            next = end;
            for encoded in bytes.as_chunks::<ROW_LEN>().0 {
                // Most rows lie between two keys: the first bytes say so.
                if head(encoded) < wanted {
                    continue;
                }
                let row = Row::decode(encoded);
                while keys.get(from).is_some_and(|k| *k < row.key) {
                    from += 1;
                }
                wanted = keys.get(from).map_or(u64::MAX, Key::head);
                let equal = keys.get(from..).unwrap_or_default().iter().take_while(|k| **k == row.key).count();
                (from..from + equal).for_each(|i| each(i, row));
            }
        }
        Ok(())
    }

    pub(super) fn read(&self, positions: Range<u64>) -> Result<Vec<Row>, IndexError> {
        self.source.rows(positions)
    }
}

impl From<Source> for RowsFile {
    fn from(source: Source) -> RowsFile {
        RowsFile { source: Arc::new(source), block: Mutex::default() }
    }
}

impl Source {
    fn open(disk: &Disk, path: &str, kind: Kind) -> Result<Source, IndexError> {
        let file = disk.open_file(path)?;
        let bad = |error| IndexError::Rows { path: path.to_owned(), error };
        let mut bytes = [0; ROWS_HEADER_LEN];
        if file.len() < ROWS_HEADER_LEN as u64 {
            let (expected, actual) = (ROWS_HEADER_LEN as u64, file.len());
            return Err(bad(rows::RowsError::FileLen { expected, actual }));
        }
        file.read_at(0, &mut bytes)?;
        let header = RowsHeader::decode(&bytes, file.len()).map_err(bad)?;
        if header.kind != kind {
            return Err(bad(rows::RowsError::Kind { code: header.kind.code().into() }));
        }
        Ok(Source { path: path.to_owned(), file, header, sums: None })
    }

    /// Reads encoded rows, and of a file with sums whole blocks, which must have theirs.
    fn read(&self, positions: Range<u64>, bytes: &mut Vec<u8>) -> Result<(), IndexError> {
        if positions.is_empty() {
            bytes.clear();
            return Ok(());
        }
        let (mut start, mut end) = (positions.start, positions.end);
        if self.sums.is_some() {
            start -= start % SUM_ROWS;
            end = end.next_multiple_of(SUM_ROWS).min(self.header.count);
        }
        let len = |rows: u64| rows as usize * ROW_LEN;
        bytes.resize(len(end - start), 0);
        self.file.read_at(self.header.row_offset(start), bytes)?;
        if self.sums.as_ref().is_some_and(|sums| !sums.agree(start / SUM_ROWS, bytes)) {
            return Err(IndexError::DamagedRun { path: self.path.clone() });
        }
        bytes.truncate(len(positions.end - start));
        bytes.drain(..len(positions.start - start));
        Ok(())
    }

    fn rows(&self, positions: Range<u64>) -> Result<Vec<Row>, IndexError> {
        let mut bytes = Vec::new();
        self.read(positions, &mut bytes)?;
        Ok(bytes.as_chunks::<ROW_LEN>().0.iter().map(Row::decode).collect())
    }
}

/// For ascending keys, calls `each` with the place of a table and the place of a key that it has, table by table, keys
/// ascending; how many rows a key has does not matter. For more than a few keys, tables are read on every core.
///
/// # Errors
/// A file cannot be read.
pub fn join_all(tables: &[&RowsFile], keys: &[Key], mut each: impl FnMut(usize, usize)) -> Result<(), IndexError> {
    let find = |place: usize| {
        let mut found: Vec<usize> = Vec::new();
        // Rows of one key come together; that it has one is enough.
        tables[place].again().join(keys, |key, _| {
            if found.last() != Some(&key) {
                found.push(key);
            }
        })?;
        Ok(found)
    };
    if tables.len() * keys.len() <= FEW_LOOK_UPS {
        for table in 0..tables.len() {
            find(table)?.into_iter().for_each(|key| each(table, key));
        }
        return Ok(());
    }
    let mut table = 0;
    let joined = in_order(0..tables.len(), find, |found: &mut Result<Vec<usize>, IndexError>| {
        match std::mem::replace(found, Ok(Vec::new())) {
            Ok(found) => found.into_iter().for_each(|key| each(table, key)),
            Err(error) => return ControlFlow::Break(error),
        }
        table += 1;
        ControlFlow::Continue(())
    });
    match joined {
        ControlFlow::Break(error) => Err(error),
        ControlFlow::Continue(()) => Ok(()),
    }
}

/// The first bytes of an encoded row, which are those of its key, as a number.
fn head(row: &[u8]) -> u64 {
    row.first_chunk().map_or(0, |head| u64::from_be_bytes(*head))
}

/// What was written to a rows file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Number of rows.
    pub count: u64,
    /// The digests of its blocks: a quicker check than the root, for files that only this program reads again.
    pub(super) sums: Sums,
}

/// Writes a rows file from rows that come in order; equal rows become one.
///
/// # Errors
/// The rows do not ascend, one cannot be had, or the disk refuses.
pub fn write_rows(
    disk: &Disk,
    path: &str,
    kind: Kind,
    rows: impl Iterator<Item = Result<Row, IndexError>>,
) -> Result<Written, IndexError> {
    let mut writer = RowsWriter::create(disk, path, kind)?;
    let mut last: Option<Row> = None;
    let (mut block, mut count) = (Vec::with_capacity(STREAM_ROWS as usize * ROW_LEN), 0);
    for row in rows {
        let row = row?;
        match last {
            Some(before) if before == row => continue,
            Some(before) if before > row => {
                let error = rows::RowsError::RowOrder { position: writer.count + count };
                return Err(IndexError::Rows { path: path.to_owned(), error });
            }
            _ => {}
        }
        if block.len() == block.capacity() {
            writer.put(&block, count)?;
            block.clear();
            count = 0;
        }
        block.extend_from_slice(&row.encode());
        last = Some(row);
        count += 1;
    }
    writer.put(&block, count)?;
    writer.finish()
}

/// A rows file under way. Whoever fills it sees to the order.
#[derive(Debug)]
pub(super) struct RowsWriter {
    path: String,
    kind: Kind,
    file: FileWriter,
    count: u64,
    sums: Summing,
}

impl RowsWriter {
    pub(super) fn create(disk: &Disk, path: &str, kind: Kind) -> Result<RowsWriter, IndexError> {
        let mut file = disk.create(path)?;
        file.write(&[0; ROWS_HEADER_LEN])?;
        Ok(RowsWriter { path: path.to_owned(), kind, file, count: 0, sums: Summing::default() })
    }

    /// Appends encoded rows.
    pub(super) fn put(&mut self, rows: &[u8], count: u64) -> Result<(), IndexError> {
        self.sums.update(rows);
        self.count += count;
        Ok(self.file.write(rows)?)
    }

    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// A row that was put, by its position below the count.
    pub(super) fn row(&self, position: u64) -> Result<Row, IndexError> {
        let mut encoded = [0; ROW_LEN];
        let header = RowsHeader { kind: self.kind, count: self.count };
        self.file.read_at(header.row_offset(position), &mut encoded)?;
        Ok(Row::decode(&encoded))
    }

    pub(super) fn finish(self) -> Result<Written, IndexError> {
        let path = self.path.clone();
        self.finish_as(&path)
    }

    /// As `finish`, under a name that was not known before.
    pub(super) fn finish_as(mut self, path: &str) -> Result<Written, IndexError> {
        let (kind, count) = (self.kind, self.count);
        Shape::new(count).map_err(|error| IndexError::Rows { path: path.to_owned(), error })?;
        self.file.patch(0, &RowsHeader { kind, count }.encode())?;
        self.file.finish_as(path)?;
        Ok(Written { count, sums: self.sums.finish() })
    }
}

/// The root of a rows file, in one pass that checks its order; with `nodes` also the nodes file for the prover, where
/// the table is large enough to need one.
///
/// # Errors
/// The rows do not ascend, or the disk refuses.
pub fn root_of(disk: &Disk, path: &str, kind: Kind, nodes: bool) -> Result<(u64, Root), IndexError> {
    root_with(disk, path, kind, nodes, |_| (), |()| ())
}

/// As [`root_of`], on every core; `read` is given all rows, some thousands at a time, and `each` what it made of them,
/// in their order.
///
/// # Errors
/// As [`root_of`].
pub fn root_with<T: Send>(
    disk: &Disk,
    path: &str,
    kind: Kind,
    nodes: bool,
    read: impl Fn(&[Row]) -> T + Sync,
    mut each: impl FnMut(T),
) -> Result<(u64, Root), IndexError> {
    let source = Source::open(disk, path, kind)?;
    let bad = |error| IndexError::Rows { path: path.to_owned(), error };
    let named = |error| if let IndexError::Order(error) = error { bad(error) } else { error };
    let count = source.header.count;
    let mut levels = match nodes && count >= NODES_FROM {
        true => Some(NodesWriter { file: disk.create("index/nodes/new")?, levels: Vec::new() }),
        false => None,
    };
    let mut builder = Builder::new(kind, count, |index, node: &Node| match &mut levels {
        Some(levels) => levels.put(index, node),
        None => Ok(()),
    })
    .map_err(bad)?;
    if count > 0 {
        let shape = Shape::new(count).map_err(bad)?;
        let piece = |top| {
            let made = source.rows(shape.positions(top));
            Some(made.and_then(|rows| Ok((Piece::new(kind, shape, top, &rows)?, read(&rows)))))
        };
        let built = in_order(shape.cut(PIECE_ROWS), piece, |made| match made.take().transpose() {
            Ok(Some((piece, read))) => match builder.push_piece(&piece) {
                Ok(()) => {
                    each(read);
                    ControlFlow::Continue(())
                }
                Err(error) => ControlFlow::Break(error),
            },
            Ok(None) => ControlFlow::Continue(()),
            Err(error) => ControlFlow::Break(error),
        });
        if let ControlFlow::Break(error) = built {
            return Err(named(error));
        }
    }
    let root = builder.finish().map_err(bad)?;
    if let Some(levels) = levels {
        levels.finish(&NodesHeader { rows: RowsHeader { kind, count }, root })?;
    }
    Ok((count, root))
}

/// Writes a nodes file level by level: within a level nodes come from left to right, so each level has a buffer, with
/// the tree index of its first node.
struct NodesWriter {
    file: FileWriter,
    levels: Vec<(u64, Vec<u8>)>,
}

/// Bytes buffered for each level.
const LEVEL_BUFFER_LEN: usize = 32 << 10;

impl NodesWriter {
    fn put(&mut self, index: u64, node: &Node) -> Result<(), IndexError> {
        let level = (index + 1).ilog2() as usize;
        if self.levels.len() <= level {
            self.levels.resize(level + 1, (0, Vec::new()));
        }
        let (first, buffer) = &mut self.levels[level];
        if buffer.len() >= LEVEL_BUFFER_LEN {
            self.file.patch(node_offset(*first), buffer)?;
            buffer.clear();
        }
        if buffer.is_empty() {
            *first = index;
        }
        buffer.extend_from_slice(&node.encode());
        Ok(())
    }

    fn finish(mut self, header: &NodesHeader) -> Result<(), IndexError> {
        for (first, buffer) in &self.levels {
            if !buffer.is_empty() {
                self.file.patch(node_offset(*first), buffer)?;
            }
        }
        self.file.patch(0, &header.encode())?;
        self.file.finish_as(&nodes_path(&header.root))?;
        Ok(())
    }
}

fn node_offset(index: u64) -> u64 {
    NODES_HEADER_LEN as u64 + index * NODE_LEN as u64
}

fn nodes_path(root: &Root) -> String {
    format!("index/nodes/{}", root.to_hex())
}

/// A nodes file open for reading.
#[derive(Debug)]
pub struct NodesFile {
    file: FileReader,
    header: NodesHeader,
}

impl NodesFile {
    /// The nodes file of a table, if there is one that belongs to it. It is derived, so one that does not is passed over.
    pub fn open(disk: &Disk, kind: Kind, count: u64, root: &Root) -> Option<NodesFile> {
        let file = disk.open_file(&nodes_path(root)).ok()?;
        let mut bytes = [0; NODES_HEADER_LEN];
        file.read_at(0, &mut bytes).ok()?;
        let header = NodesHeader::decode(&bytes, file.len()).ok()?;
        let fits = header.root == *root && header.rows == RowsHeader { kind, count };
        fits.then_some(NodesFile { file, header })
    }

    /// The inner node of a tree index below the number of stored ones.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn node(&self, index: u64) -> Result<Node, IndexError> {
        let mut bytes = [0; NODE_LEN];
        self.file.read_at(self.header.node_offset(index), &mut bytes)?;
        Ok(Node::decode(&bytes))
    }
}
