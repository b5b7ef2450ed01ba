//! Tables whose rows hold works: a column of bytes, and beside it what is said of them.
//!
//! As Hugging Face's datasets write them: a structure with the members `bytes` and `path` (`image`, `audio`), or a column
//! `bytes`. The other columns mean what they mean in a catalogue.

use super::rows::{At, records};
use super::{Column, Kind, Table, Typed, described, leaves, metadata};
use crate::ingest::columns::{Columns, Field};
use crate::ingest::error::{Fault, Placed};
use crate::ingest::{Progress, Record};
use parquet::basic::Type;
use parquet::data_type::ByteArray;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};
use std::fs::File;
use std::io::{Seek as _, SeekFrom};

/// A table of works.
pub(in crate::ingest) struct Embedded {
    table: Table,
    has_paths: bool,
}

/// A row of it.
pub(in crate::ingest) struct Row {
    /// The work's path, where it has one.
    pub path: Option<Vec<u8>>,
    /// Its bytes; none where the row has none.
    pub bytes: Option<ByteArray>,
    /// What the other columns say, with the row's number.
    pub record: Record,
}

impl Embedded {
    /// Begins to read a table of works.
    pub fn open(mut file: File, progress: &Progress) -> Result<Embedded, Placed> {
        let len = file.seek(SeekFrom::End(0)).map_err(Fault::Read)?;
        let source = super::Source::new(file, progress);
        let metadata = metadata(&source, len)?;
        let schema = metadata.file_metadata().schema_descr();
        let (root, bytes, path) = works(schema)?;
        let mut columns = Columns::new(&[]);
        let mut fields = columns.described(schema.root_schema().get_fields().iter().map(|node| node.name()))?;
        if let Some(field) = fields.get_mut(root) {
            *field = Field::Ignore;
        }
        let raw = |name: &str, (leaf, description): (usize, ColumnDescPtr)| {
            let (name, kind) = (name.to_owned(), Kind::Text);
            Column { name, field: Field::Ignore, kind, leaf, description }
        };
        let mut wanted = vec![raw("bytes", bytes)];
        let has_paths = path.is_some();
        wanted.extend(path.map(|path| raw("path", path)));
        wanted.extend(described(schema, fields)?);
        Ok(Embedded { table: Table::of(source, len, metadata, wanted)?, has_paths })
    }

    /// The next rows; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Vec<Row>>, Placed> {
        let Some(batch) = self.table.next()? else { return Ok(None) };
        let columns = self.table.columns();
        let records = records(&batch, &columns)?;
        let (mut at_bytes, mut at_path) = (At::default(), At::default());
        let value = |index: usize, at: &mut At| {
            let (column, values) = columns.get(index).zip(batch.columns.get(index))?;
            let Typed::Text(texts) = &values.values else { return None };
            values.next_row(column, at).next().and_then(|value| texts.get(value)).cloned()
        };
        let rows = records.into_iter().map(|record| {
            let bytes = value(0, &mut at_bytes);
            let path = if self.has_paths { value(1, &mut at_path) } else { None };
            Row { path: path.map(|path| path.data().to_vec()), bytes, record }
        });
        Ok(Some(rows.collect()))
    }
}

/// Where the works are: the column of the root, the values with their bytes, and those with their paths.
#[allow(clippy::type_complexity)] // three values that are used once
fn works(schema: &SchemaDescriptor) -> Result<(usize, (usize, ColumnDescPtr), Option<(usize, ColumnDescPtr)>), Fault> {
    let mut found = None;
    for (root, node) in schema.root_schema().get_fields().iter().enumerate() {
        let leaves = leaves(schema, root);
        let of = |name: &str| {
            let is = |description: &ColumnDescPtr| {
                let parts = description.path().parts();
                let own = if node.is_group() { parts.get(1).map(String::as_str) } else { Some(node.name()) };
                description.physical_type() == Type::BYTE_ARRAY
                    && description.max_rep_level() == 0
                    && parts.len() <= 2
                    && own == Some(name)
            };
            leaves.iter().find(|(_, description)| is(description)).cloned()
        };
        if let Some(bytes) = of("bytes") {
            if found.is_some() {
                return Err(Fault::Parquet("it has more than one column of works' bytes".to_owned()));
            }
            found = Some((root, bytes, of("path")));
        }
    }
    found.ok_or_else(|| Fault::Parquet("it has no column of works' bytes".to_owned()))
}
