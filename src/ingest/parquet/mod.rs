//! Parquet: a table read column by column, a batch of rows at a time, and what a batch says as [`Record`](super::Record)s.
//!
//! Two steps, so that they can go on side by side: [`Table::next`] reads and decompresses a [`Batch`] that owns its
//! values, and [`records`] makes records of one, for which it needs no file. Names of columns mean what they do in any
//! catalogue. Text, whole numbers, dates, truth values and lists of these are read; a column of another type is an error
//! where its name means something, and ignored where not.
//!
//! Not here: what stands in a page, which the parquet crate decodes. Spec: [Parquet](https://parquet.apache.org/docs/file-format/).
//! Invariants: nothing is allocated by a claim of the file that was not held against a limit (`thrift`, `pages`); the
//! crate's panics over foreign bytes end here, as errors of the file.

mod delta;
mod embedded;
mod pages;
mod rows;
mod thrift;

pub(super) use embedded::Embedded;
pub use pages::{MAX_OPEN_LEN, MAX_PAGE_HEADER_LEN, MAX_PAGE_LEN};
pub(super) use rows::records;
pub use thrift::{MAX_FOOTER_LIST, MAX_SCHEMA_DEPTH};

use super::Progress;
use super::columns::{Columns, Field};
use super::error::{Fault, Place, Placed};
use pages::{Open, Pages, Source};
use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl, get_column_reader};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::metadata::{
    ColumnChunkMetaData, ParquetMetaData, ParquetMetaDataOptions, ParquetMetaDataReader, ParquetStatisticsPolicy,
    RowGroupMetaData,
};
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};
use std::fs::File;
use std::io::{Seek as _, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use thrift::{Flaw, check_footer};

/// Bytes of a footer: twenty columns in some thousand row groups need four millions.
pub const MAX_FOOTER_LEN: u64 = 16 << 20;

/// Columns of a schema, those inside structures among them.
pub const MAX_LEAVES: usize = 4096;

/// Rows of a table: as many as a release may have.
pub const MAX_TABLE_ROWS: u64 = (1 << 31) - 1;

/// Rows of a batch: their records stay in the processor's cache.
pub const TABLE_BATCH_ROWS: usize = 2048;

/// Bytes that the rows of a batch shall have, by what the footer says of the row group.
pub const TABLE_BATCH_LEN: u64 = 32 << 20;

/// A table, read row group by row group.
pub(super) struct Table {
    source: Arc<Source>,
    len: u64,
    metadata: ParquetMetaData,
    columns: Arc<[Column]>,
    open: Arc<Open>,
    /// The row group to begin with next.
    next_group: usize,
    readers: Vec<ColumnReader>,
    /// Rows of the row group that are still to be read.
    left: u64,
    rows_at_once: usize,
    /// Rows read.
    row: u64,
}

/// A column whose name means something.
#[derive(Debug)]
pub(super) struct Column {
    name: String,
    field: Field,
    kind: Kind,
    /// Its place among the columns of the schema that have values.
    leaf: usize,
    description: ColumnDescPtr,
}

/// What its values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Integer,
    Unsigned,
    Date,
    Boolean,
}

/// Rows that own their values.
pub(super) struct Batch {
    /// The row before the first.
    before: u64,
    rows: usize,
    columns: Vec<Values>,
}

/// Values of a column, without the nulls, and the levels that say where these are and where a list begins.
struct Values {
    values: Typed,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

enum Typed {
    Text(Vec<ByteArray>),
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Boolean(Vec<bool>),
}

impl Table {
    /// Begins to read a table.
    pub fn open(mut file: File, columns: &mut Columns, progress: &Progress) -> Result<Table, Placed> {
        let len = file.seek(SeekFrom::End(0)).map_err(Fault::Read)?;
        let source = Source::new(file, progress);
        let metadata = metadata(&source, len)?;
        let schema = metadata.file_metadata().schema_descr();
        let names = schema.root_schema().get_fields();
        if names.is_empty() {
            return Err(Fault::Empty.into());
        }
        let fields = columns.header(names.iter().map(|node| node.name()))?;
        let wanted = described(schema, fields)?;
        Table::of(source, len, metadata, wanted)
    }

    fn of(source: Source, len: u64, metadata: ParquetMetaData, wanted: Vec<Column>) -> Result<Table, Placed> {
        let progress = source.progress.clone();
        let table = Table {
            source: Arc::new(source),
            len,
            columns: wanted.into(),
            open: Arc::default(),
            next_group: 0,
            readers: Vec::new(),
            left: 0,
            rows_at_once: TABLE_BATCH_ROWS,
            row: 0,
            metadata,
        };
        progress.expect(0, table.wanted_len()?);
        Ok(table)
    }

    /// The columns whose values batches have.
    pub fn columns(&self) -> Arc<[Column]> {
        self.columns.clone()
    }

    /// The next rows; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Batch>, Placed> {
        while self.left == 0 {
            if self.next_group == self.metadata.num_row_groups() {
                return Ok(None);
            }
            self.begin_group()?;
        }
        let rows = usize::try_from(self.left).map_or(self.rows_at_once, |left| left.min(self.rows_at_once));
        self.open.begin();
        let mut columns = Vec::with_capacity(self.readers.len());
        for (reader, column) in self.readers.iter_mut().zip(&*self.columns) {
            columns.push(guarded(|| read(reader, rows)).map_err(|what| at_row(self.row, &column.name, &what))?);
        }
        let batch = Batch { before: self.row, rows, columns };
        self.row += rows as u64;
        self.left -= rows as u64;
        if self.left == 0 {
            self.end_group()?;
        }
        Ok(Some(batch))
    }

    /// Bytes of the columns that are read. Looks at all row groups, so that what cannot be is found before anything is read.
    fn wanted_len(&self) -> Result<u64, Placed> {
        let (mut bytes, mut rows) = (0_u64, 0_u64);
        for group in self.metadata.row_groups() {
            let of_group = u64::try_from(group.num_rows()).map_err(|_| damaged("a row group of less than no rows"))?;
            rows = rows.saturating_add(of_group);
            for column in &*self.columns {
                let (from, to) = self.range(chunk(group, column)?)?;
                bytes = bytes.saturating_add(to - from);
            }
        }
        if rows > MAX_TABLE_ROWS {
            return Err(Fault::TooManyRows.into());
        }
        Ok(bytes)
    }

    /// Where a column chunk lies in the file.
    fn range(&self, chunk: &ColumnChunkMetaData) -> Result<(u64, u64), Placed> {
        // Some writers say that a dictionary lies at 0 where there is none.
        let dictionary = chunk.dictionary_page_offset().filter(|at| *at > 0).unwrap_or(i64::MAX);
        let from = u64::try_from(chunk.data_page_offset().min(dictionary)).ok();
        let to = from.zip(u64::try_from(chunk.compressed_size()).ok()).and_then(|(from, len)| from.checked_add(len));
        match (from, to) {
            _ if chunk.file_path().is_some() => Err(damaged("its columns lie in other files")),
            (Some(from), Some(to)) if to <= self.len => Ok((from, to)),
            _ => Err(damaged("a column that reaches over the end of the file")),
        }
    }

    fn begin_group(&mut self) -> Result<(), Placed> {
        let group = self.metadata.row_group(self.next_group);
        self.next_group += 1;
        self.left = u64::try_from(group.num_rows()).unwrap_or(0);
        self.open.reset(self.columns.len());
        self.readers.clear();
        let mut len = 0_u64;
        for (index, column) in self.columns.iter().enumerate() {
            let chunk = chunk(group, column)?;
            len = len.saturating_add(u64::try_from(chunk.uncompressed_size()).unwrap_or(0));
            let (at, end) = self.range(chunk)?;
            let pages = Pages {
                source: self.source.clone(),
                open: self.open.clone(),
                index,
                column: column.description.clone(),
                codec: chunk.compression_codec(),
                at,
                end,
                next: None,
                has_dictionary: false,
            };
            self.readers.push(get_column_reader(column.description.clone(), Box::new(pages)));
        }
        let of_row = (len / self.left.max(1)).max(1);
        self.rows_at_once = usize::try_from(TABLE_BATCH_LEN / of_row).unwrap_or(usize::MAX).clamp(1, TABLE_BATCH_ROWS);
        Ok(())
    }

    /// Every column must end where the row group does.
    fn end_group(&mut self) -> Result<(), Placed> {
        for (reader, column) in self.readers.iter_mut().zip(&*self.columns) {
            self.open.begin();
            let more = guarded(|| read_some(reader, 1).map(|(read, _)| read));
            if more.map_err(|what| at_row(self.row, &column.name, &what))? > 0 {
                return Err(at_row(self.row, &column.name, "has more rows than the footer says"));
            }
        }
        Ok(())
    }
}

/// The footer, once it is found to be one that can be read.
fn metadata(source: &Source, len: u64) -> Result<ParquetMetaData, Placed> {
    let magic = |bytes: &[u8]| bytes == b"PAR1";
    let none = || Placed::from(Fault::Parquet("it does not begin and end as Parquet does".to_owned()));
    // The format's name stands at both ends, at the end behind the footer's length.
    let before = len.checked_sub(8).filter(|at| *at >= 4).ok_or_else(none)?;
    let tail = source.read(before, 8).map_err(Fault::Read)?;
    let (footer_len, name) = tail.split_first_chunk::<4>().ok_or_else(none)?;
    if name == b"PARE" {
        return Err(Fault::Parquet("it is encrypted".to_owned()).into());
    }
    if !magic(name) || !magic(&source.read(0, 4).map_err(Fault::Read)?) {
        return Err(none());
    }
    let footer_len = u64::from(u32::from_le_bytes(*footer_len));
    if footer_len > MAX_FOOTER_LEN {
        return Err(Fault::Parquet(format!("its footer has more than {MAX_FOOTER_LEN} bytes")).into());
    }
    let at =
        before.checked_sub(footer_len).filter(|at| *at >= 4).ok_or_else(|| damaged("a footer longer than the file"))?;
    let footer = source.read(at, footer_len as usize).map_err(Fault::Read)?;
    check_footer(&footer).map_err(|flaw| match flaw {
        Flaw::Cut => damaged("a footer that is cut off"),
        Flaw::Bad(what) => damaged(what),
    })?;
    let options = ParquetMetaDataOptions::new()
        .with_encoding_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_column_stats_policy(ParquetStatisticsPolicy::SkipAll)
        .with_size_stats_policy(ParquetStatisticsPolicy::SkipAll);
    let decode = || ParquetMetaDataReader::decode_metadata_with_options(&footer, Some(&options));
    guarded(decode).map_err(|what| Fault::Parquet(format!("its footer: {what}")).into())
}

/// The columns whose names mean something.
fn described(schema: &SchemaDescriptor, fields: Vec<Field>) -> Result<Vec<Column>, Fault> {
    let mut wanted = Vec::new();
    for (at, (field, node)) in fields.into_iter().zip(schema.root_schema().get_fields()).enumerate() {
        if field != Field::Ignore {
            wanted.push(column(node.name().trim(), field, &leaves(schema, at))?);
        }
    }
    Ok(wanted)
}

/// The columns with values below this one of the root's.
fn leaves(schema: &SchemaDescriptor, root: usize) -> Vec<(usize, ColumnDescPtr)> {
    let leaves = (0..schema.num_columns()).filter(|leaf| schema.get_column_root_idx(*leaf) == root);
    leaves.map(|leaf| (leaf, schema.column(leaf))).collect()
}

/// A column whose name means something: what it holds must be something that the field can take.
fn column(name: &str, field: Field, leaves: &[(usize, ColumnDescPtr)]) -> Result<Column, Fault> {
    let unfit = |found: &str| Fault::ColumnType { column: name.to_owned(), field, found: found.to_owned() };
    let [(leaf, description)] = leaves else { return Err(unfit("a structure")) };
    let list = description.max_rep_level() > 0;
    // A list is at most a group of a repeated group of an element.
    let parts = description.path().parts().len();
    if description.max_rep_level() > 1 || parts > if list { 3 } else { 1 } {
        return Err(unfit("a structure"));
    }
    if list && !field.holds_many() {
        return Err(unfit("a list"));
    }
    let kind = kind(description).map_err(|found| unfit(&found))?;
    if kind == Kind::Boolean && field != Field::Download {
        return Err(unfit("truth values"));
    }
    Ok(Column { name: name.to_owned(), field, kind, leaf: *leaf, description: description.clone() })
}

/// What a column's values are, or in words what else they are.
fn kind(description: &ColumnDescPtr) -> Result<Kind, String> {
    let other = |what: &str| Err(what.to_owned());
    let converted = description.converted_type();
    let described = match description.logical_type_ref() {
        Some(LogicalType::String | LogicalType::Enum | LogicalType::Json) => Some(Kind::Text),
        Some(LogicalType::Date) => Some(Kind::Date),
        Some(LogicalType::Integer(integer)) if integer.is_signed => Some(Kind::Integer),
        Some(LogicalType::Integer(_)) => Some(Kind::Unsigned),
        // A column of nothing but nulls.
        Some(LogicalType::Unknown) => None,
        Some(other) => return Err(format!("values of the type {other:?}").to_lowercase()),
        None => match converted {
            ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON => Some(Kind::Text),
            ConvertedType::DATE => Some(Kind::Date),
            ConvertedType::INT_8 | ConvertedType::INT_16 | ConvertedType::INT_32 | ConvertedType::INT_64 => {
                Some(Kind::Integer)
            }
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                Some(Kind::Unsigned)
            }
            ConvertedType::NONE => None,
            other => return Err(format!("values of the type {other}").to_lowercase()),
        },
    };
    match (description.physical_type(), described) {
        (Type::BYTE_ARRAY, Some(Kind::Text)) => Ok(Kind::Text),
        (Type::INT32, Some(Kind::Date)) => Ok(Kind::Date),
        (Type::INT32 | Type::INT64, None) => Ok(Kind::Integer),
        (Type::INT32 | Type::INT64, Some(kind @ (Kind::Integer | Kind::Unsigned))) => Ok(kind),
        (Type::BOOLEAN, None) => Ok(Kind::Boolean),
        (Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY, _) => other("bytes that are not said to be text"),
        (Type::FLOAT | Type::DOUBLE, _) => other("numbers with fractions"),
        (Type::INT96, _) => other("points in time"),
        (Type::INT32 | Type::INT64 | Type::BOOLEAN, Some(_)) => other("values that contradict their type"),
    }
}

fn chunk<'a>(group: &'a RowGroupMetaData, column: &Column) -> Result<&'a ColumnChunkMetaData, Placed> {
    group.columns().get(column.leaf).ok_or_else(|| damaged("a row group that lacks a column"))
}

/// Reads exactly so many rows of a column.
fn read(reader: &mut ColumnReader, rows: usize) -> Result<Values, ParquetError> {
    let (read, values) = read_some(reader, rows)?;
    if read == rows {
        return Ok(values);
    }
    Err(ParquetError::General("has fewer rows than the footer says".to_owned()))
}

/// Reads at most so many rows of a column.
fn read_some(reader: &mut ColumnReader, rows: usize) -> Result<(usize, Values), ParquetError> {
    fn of<T: DataType>(
        reader: &mut ColumnReaderImpl<T>,
        rows: usize,
        typed: fn(Vec<T::T>) -> Typed,
    ) -> Result<(usize, Values), ParquetError> {
        let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (read, ..) = reader.read_records(rows, Some(&mut definitions), Some(&mut repetitions), &mut values)?;
        Ok((read, Values { values: typed(values), definitions, repetitions }))
    }
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => of(reader, rows, Typed::Text),
        ColumnReader::Int32ColumnReader(reader) => of(reader, rows, Typed::Int32),
        ColumnReader::Int64ColumnReader(reader) => of(reader, rows, Typed::Int64),
        ColumnReader::BoolColumnReader(reader) => of(reader, rows, Typed::Boolean),
        ColumnReader::Int96ColumnReader(_)
        | ColumnReader::FloatColumnReader(_)
        | ColumnReader::DoubleColumnReader(_)
        | ColumnReader::FixedLenByteArrayColumnReader(_) => {
            Err(ParquetError::General("is of a type that is not read".to_owned()))
        }
    }
}

/// What the parquet crate answers, or its panic, in words: it asserts in places what foreign bytes need not keep. The
/// panic's own message still goes to stderr: the hook is the program's, and the message is what a bug report needs.
fn guarded<T>(work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, String> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(ParquetError::General(what))) => Err(what),
        Ok(Err(ParquetError::External(error))) => Err(format!("cannot be read: {error}")),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err("is so damaged that the library that reads it gave up".to_owned()),
    }
}

/// What is wrong with a column, from some row on.
fn at_row(row: u64, column: &str, what: &str) -> Placed {
    Placed(Place::Row(row + 1), Fault::Parquet(format!("its column {column:?}: {what}")))
}

fn damaged(what: &str) -> Placed {
    Fault::Parquet(what.to_owned()).into()
}
