//! Tables whose rows hold works: each row is what its bytes are as a file.

use crate::written::texts;
use deedbook::ingest::{Beside, Known, Progress, Reading, Scan, Scanned};
use deedbook::rows;
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::sync::Arc;

/// As Hugging Face's datasets write pictures.
const SCHEMA: &str = "message pictures {
    optional group image { optional binary bytes; optional binary path (UTF8); }
    optional binary title (UTF8);
    optional int64 label;
}";

/// Bytes, path and title of a row.
type Row<'a> = (Option<&'a [u8]>, Option<&'a str>, &'a str);

fn pictures(rows: &[Row<'_>]) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::default()).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut index = 0;
    while let Some(mut column) = group.next_column().unwrap() {
        let value = |row: &Row<'_>| match index {
            0 => row.0.map(ByteArray::from),
            1 => row.1.map(ByteArray::from),
            _ => Some(ByteArray::from(row.2)),
        };
        let values: Vec<Option<ByteArray>> = rows.iter().map(value).collect();
        let there = if index < 2 { 2 } else { 1 };
        let levels: Vec<i16> = values.iter().map(|value| if value.is_some() { there } else { there - 1 }).collect();
        match column.untyped() {
            ColumnWriter::ByteArrayColumnWriter(writer) => {
                let values: Vec<ByteArray> = values.into_iter().flatten().collect();
                writer.write_batch(&values, Some(&levels), None).unwrap();
            }
            ColumnWriter::Int64ColumnWriter(writer) => {
                writer.write_batch(&vec![7; rows.len()], Some(&vec![1; rows.len()]), None).unwrap();
            }
            _ => unreachable!("a column that the schema does not have"),
        };
        column.close().unwrap();
        index += 1;
    }
    group.close().unwrap();
    file.into_inner().unwrap()
}

fn scan(bytes: &[u8], shards: bool) -> Vec<Scanned> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.parquet"), bytes).unwrap();
    let reading = Reading { describe: true, shards, ..Reading::default() };
    let (known, progress) = (std::iter::empty::<Known>(), Progress::default());
    let beside: Beside<'_, &[u8]> = Beside::Nothing;
    Scan::folder(dir.path(), reading, beside, known, &progress).unwrap().flat_map(Result::unwrap).collect()
}

#[test]
fn each_row_is_a_work() {
    let rows: [Row<'_>; 5] = [
        (Some(b"one"), Some("a/1.jpg"), "One"),
        (Some(b"two"), None, "Two"),
        (None, Some("3.jpg"), "Three"),
        (Some(b"four"), Some("a/1.jpg"), "Four"),
        (Some(b""), Some("../5.jpg"), "Five"),
    ];
    let found = scan(&pictures(&rows), true);
    let names = ["a/1.jpg", "2", "3.jpg", "a/1.jpg", "../5.jpg"].map(|name| format!("a.parquet!{name}"));
    assert_eq!(found.iter().map(|file| &*file.path).collect::<Vec<_>>(), names);
    for ((file, row), number) in found.iter().zip(rows).zip(1..) {
        assert_eq!((file.records[0].title.as_deref(), file.records[0].line), (Some(row.2), number));
        let why = match number {
            3 => Some("is a row without bytes"),
            4 => Some("is a second member of this name"),
            _ => None,
        };
        match (&file.content, why) {
            (Err((_, found)), Some(why)) => assert_eq!(found, why),
            (Ok(content), None) => {
                let digest = rows::blake3(row.0.unwrap());
                assert_eq!(content.blake3, deedbook::statement::Identifier::blake3(&digest));
            }
            other => panic!("{number}: {other:?}"),
        }
    }
}

/// The command takes such a table for a catalogue, unless it is told that it is a shard.
#[test]
fn a_table_as_a_source_is_a_shard_where_shards_are_asked_for() {
    let scene = crate::support::Scene::books();
    scene.write("pictures.parquet", pictures(&[(Some(b"one"), Some("1.jpg"), "One")]));
    scene.golden("admit-a-table-of-works", &scene.run("admit books pictures.parquet --shards --dry-run"));
    scene.refused("table-of-works-as-a-catalogue", "admit books pictures.parquet");
}

#[test]
fn a_table_without_works_is_one_refused_shard() {
    let why = |bytes: &[u8]| scan(bytes, true).remove(0).content.unwrap_err().1;
    let plain = texts("message m { required binary isbn (UTF8); }", &[b"9780306406157"]);
    assert_eq!(why(&plain), "cannot be read as Parquet: it has no column of works' bytes");
    let two = texts("message m { required binary bytes; required group b { required binary bytes; } }", &[b"1"]);
    assert_eq!(why(&two), "cannot be read as Parquet: it has more than one column of works' bytes");
    assert_eq!(why(b"PAR1"), "cannot be read as Parquet: it does not begin and end as Parquet does");
    // A column `bytes` is no size here, and the column `path` names the row.
    let flat = texts("message m { required binary bytes; required binary path (UTF8); }", &[b"1"]);
    let found = scan(&flat, true);
    assert_eq!((&*found[0].path, found[0].content.is_ok()), ("a.parquet!1", true));
    assert_eq!(scan(&flat, false)[0].path, "a.parquet");
}

#[test]
fn damaged_tables_are_refused_or_read() {
    let good = pictures(&[(Some(b"one"), Some("1.jpg"), "One"), (Some(b"two"), Some("2.jpg"), "Two")]);
    let mut random = crate::random::Random(5);
    for _ in 0..600 {
        let mut bytes = good.clone();
        let at = random.below(good.len() as u64) as usize;
        bytes[at] = random.next() as u8;
        assert!(scan(&bytes, true).iter().all(|file| file.path.starts_with("a.parquet")));
    }
}
