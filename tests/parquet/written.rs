//! Tables written with the parquet crate's own writer.

use parquet::basic::{Compression, Encoding};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// The columns of the tables here: of each type that is read one at least, and two that mean nothing.
pub const SCHEMA: &str = "message works {
    optional binary isbn (UTF8);
    required binary title (UTF8);
    optional int64 bytes;
    optional int32 used_from (DATE);
    optional group author (LIST) { repeated group list { optional binary element (UTF8); } }
    repeated binary layer (ENUM);
    optional boolean audiodownload_allowed;
    required int32 jamendo (INTEGER(32, false));
    optional double price;
    optional group image { optional binary bytes; optional binary path (UTF8); }
}";

/// A row of such a table.
#[derive(Debug, Clone, Default)]
pub struct Row {
    pub isbn: Option<String>,
    pub title: String,
    pub bytes: Option<i64>,
    pub used_from: Option<i32>,
    /// No list, or a list of texts and nulls.
    pub author: Option<Vec<Option<String>>>,
    pub layer: Vec<&'static str>,
    pub download: Option<bool>,
    pub jamendo: u32,
}

/// How a table is written.
#[derive(Debug, Clone, Copy)]
pub struct How {
    pub codec: Compression,
    pub v2: bool,
    pub dictionary: bool,
    /// For texts without a dictionary.
    pub encoding: Encoding,
    pub rows_of_group: usize,
    pub rows_of_page: usize,
}

impl Default for How {
    fn default() -> How {
        let (codec, encoding) = (Compression::SNAPPY, Encoding::PLAIN);
        How { codec, v2: false, dictionary: true, encoding, rows_of_group: 1000, rows_of_page: 20_000 }
    }
}

/// A value with its levels.
struct Leaf<T> {
    values: Vec<T>,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
}

fn flat<T>(values: impl Iterator<Item = Option<T>>) -> Leaf<T> {
    let mut leaf = Leaf { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() };
    for value in values {
        leaf.definitions.push(i16::from(value.is_some()));
        leaf.values.extend(value);
    }
    leaf
}

/// `outer` levels of definition are those of the list itself.
fn lists<'a>(rows: impl Iterator<Item = Option<Vec<Option<&'a str>>>>, outer: i16, inner: i16) -> Leaf<ByteArray> {
    let mut leaf = Leaf { values: Vec::new(), definitions: Vec::new(), repetitions: Vec::new() };
    for row in rows {
        let (items, empty) = match row {
            None => (Vec::new(), 0),
            Some(items) => (items, outer),
        };
        if items.is_empty() {
            leaf.definitions.push(empty);
            leaf.repetitions.push(0);
        }
        for (at, item) in items.into_iter().enumerate() {
            leaf.repetitions.push(i16::from(at > 0));
            leaf.definitions.push(if item.is_some() { outer + 1 + inner } else { outer + 1 });
            leaf.values.extend(item.map(ByteArray::from));
        }
    }
    leaf
}

/// A file of these rows.
pub fn table(rows: &[Row], how: How) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut properties = WriterProperties::builder()
        .set_compression(how.codec)
        .set_dictionary_enabled(how.dictionary)
        .set_data_page_row_count_limit(how.rows_of_page)
        .set_write_batch_size(how.rows_of_page)
        .set_writer_version(if how.v2 { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 });
    for name in ["isbn", "title"] {
        properties = properties.set_column_encoding(name.into(), how.encoding);
    }
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    for rows in rows.chunks(how.rows_of_group) {
        let mut group = file.next_row_group().unwrap();
        let mut index = 0;
        while let Some(mut column) = group.next_column().unwrap() {
            write(index, column.untyped(), rows);
            column.close().unwrap();
            index += 1;
        }
        group.close().unwrap();
    }
    file.into_inner().unwrap()
}

fn write(index: usize, column: &mut ColumnWriter<'_>, rows: &[Row]) {
    let bytes = |text: &str| ByteArray::from(text);
    match (index, column) {
        (0, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            let leaf = flat(rows.iter().map(|row| row.isbn.as_deref().map(bytes)));
            writer.write_batch(&leaf.values, Some(&leaf.definitions), None).unwrap();
        }
        (1, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            let titles: Vec<ByteArray> = rows.iter().map(|row| bytes(&row.title)).collect();
            writer.write_batch(&titles, None, None).unwrap();
        }
        (2, ColumnWriter::Int64ColumnWriter(writer)) => {
            let leaf = flat(rows.iter().map(|row| row.bytes));
            writer.write_batch(&leaf.values, Some(&leaf.definitions), None).unwrap();
        }
        (3, ColumnWriter::Int32ColumnWriter(writer)) => {
            let leaf = flat(rows.iter().map(|row| row.used_from));
            writer.write_batch(&leaf.values, Some(&leaf.definitions), None).unwrap();
        }
        (4, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            fn texts(list: &[Option<String>]) -> Vec<Option<&str>> {
                list.iter().map(Option::as_deref).collect()
            }
            let leaf = lists(rows.iter().map(|row| row.author.as_deref().map(texts)), 1, 1);
            writer.write_batch(&leaf.values, Some(&leaf.definitions), Some(&leaf.repetitions)).unwrap();
        }
        (5, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            let leaf = lists(rows.iter().map(|row| Some(row.layer.iter().map(|l| Some(*l)).collect())), 0, 0);
            writer.write_batch(&leaf.values, Some(&leaf.definitions), Some(&leaf.repetitions)).unwrap();
        }
        (6, ColumnWriter::BoolColumnWriter(writer)) => {
            let leaf = flat(rows.iter().map(|row| row.download));
            writer.write_batch(&leaf.values, Some(&leaf.definitions), None).unwrap();
        }
        (7, ColumnWriter::Int32ColumnWriter(writer)) => {
            let numbers: Vec<i32> = rows.iter().map(|row| row.jamendo.cast_signed()).collect();
            writer.write_batch(&numbers, None, None).unwrap();
        }
        (8, ColumnWriter::DoubleColumnWriter(writer)) => {
            writer.write_batch(&vec![0.5; rows.len()], Some(&vec![1; rows.len()]), None).unwrap();
        }
        (_, ColumnWriter::ByteArrayColumnWriter(writer)) => {
            writer.write_batch(&[], Some(&vec![0; rows.len()]), None).unwrap();
        }
        _ => unreachable!("a column that the schema does not have"),
    }
}

/// A file with one column of texts, each a required `BYTE_ARRAY`, whatever the schema says of it.
pub fn texts(schema: &str, values: &[&[u8]]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    while let Some(mut column) = group.next_column().unwrap() {
        if let ColumnWriter::ByteArrayColumnWriter(writer) = column.untyped() {
            let values: Vec<ByteArray> = values.iter().map(|value| ByteArray::from(*value)).collect();
            writer.write_batch(&values, None, None).unwrap();
        }
        column.close().unwrap();
    }
    group.close().unwrap();
    file.into_inner().unwrap()
}
