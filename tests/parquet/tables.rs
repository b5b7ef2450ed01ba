//! What a table says in Parquet is what it says as CSV.

use crate::written::{How, Row, table, texts};
use deedbook::ingest::{Catalogue, Format, IngestError, Mapping, Progress, Record};
use parquet::basic::{Compression, Encoding};
use proptest::prelude::*;
use std::fs::File;
use std::io::Write as _;

/// Reads a file of these bytes.
pub fn read(bytes: &[u8], map: &[&str]) -> Result<Vec<Record>, IngestError> {
    let map: Vec<Mapping> = map.iter().map(|text| Mapping::parse(text).unwrap()).collect();
    opened(bytes, &map)?.collect()
}

fn opened(bytes: &[u8], map: &[Mapping]) -> Result<Catalogue<&'static [u8]>, IngestError> {
    Catalogue::open_table("works.parquet", file(bytes), map, false, &Progress::default())
}

/// A file of these bytes that has no name.
pub fn file(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The same rows as CSV.
fn csv(rows: &[Row]) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let mut text = "isbn,title,bytes,used_from,author,layer,audiodownload_allowed,jamendo,price,image\n".to_owned();
    for row in rows {
        let day =
            |days: i32| deedbook::statement::Time::from_unix(i64::from(days) * 86_400).unwrap().date().to_string();
        let authors: Vec<&str> = row.author.iter().flatten().flatten().map(String::as_str).collect();
        let cells = [
            quoted(row.isbn.as_deref().unwrap_or_default()),
            quoted(&row.title),
            row.bytes.map_or(String::new(), |n| n.to_string()),
            row.used_from.map_or(String::new(), day),
            quoted(&authors.join("|")),
            row.layer.join(";"),
            row.download.map_or(String::new(), |is| is.to_string()),
            row.jamendo.to_string(),
            "0.5,".to_owned(),
        ];
        text.push_str(&(cells.join(",") + "\n"));
    }
    text
}

fn of_csv(text: &str) -> Vec<Record> {
    let records = Catalogue::open("works.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
    records.zip(1..).map(|(record, line)| Record { line, ..record.unwrap() }).collect()
}

fn row() -> impl Strategy<Value = Row> {
    let isbn = prop::option::of("978030640615[0-9](; ?9781861972712)?");
    // Prefixes in common, so that encodings have something to do.
    let title = "(The (same )?beginning of )?[a-zA-Z\u{e9}\u{4e16}\" ,;]{0,30}";
    let author = prop::option::of(prop::collection::vec(prop::option::of("[a-c ;&]{0,6}"), 0..4));
    let layer = prop::collection::vec(prop::sample::select(vec!["text", "master", "image"]), 0..3);
    let rest = (prop::option::of(0..1_i64 << 53), prop::option::of(-700_000..2_900_000_i32));
    (isbn, title, author, layer, rest, any::<(Option<bool>, u32)>()).prop_map(|row| {
        let (isbn, title, author, layer, (bytes, used_from), (download, jamendo)) = row;
        Row { isbn, title, bytes, used_from, author, layer, download, jamendo }
    })
}

fn how() -> impl Strategy<Value = How> {
    let codecs = vec![
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(Default::default()),
        Compression::ZSTD(Default::default()),
        Compression::LZ4_RAW,
    ];
    let encodings = vec![Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY];
    let choices = (prop::sample::select(codecs), prop::sample::select(encodings), any::<bool>(), any::<bool>());
    (choices, 1..80_usize, 1..40_usize).prop_map(|((codec, encoding, v2, dictionary), rows_of_group, rows_of_page)| {
        How { codec, v2, dictionary, encoding, rows_of_group, rows_of_page }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_table_says_in_parquet_what_it_says_as_csv(rows in prop::collection::vec(row(), 0..160), how in how()) {
        let found = read(&table(&rows, how), &[]).unwrap();
        prop_assert_eq!(found, of_csv(&csv(&rows)));
    }
}

/// More rows than a batch has, in row groups that do not end where batches do, and pages of nothing but nulls.
#[test]
fn a_long_table_is_read_to_its_end() {
    let row =
        |n: u32| Row { title: format!("Title {n}"), jamendo: n, bytes: (n > 15_000).then_some(7), ..Row::default() };
    let rows: Vec<Row> = (0..20_000).map(row).collect();
    let how = How { rows_of_group: 19_000, rows_of_page: 700, ..How::default() };
    let found = read(&table(&rows, how), &[]).unwrap();
    assert_eq!(found, of_csv(&csv(&rows)));
    assert_eq!(found.last().map(|record| record.line), Some(20_000));
}

#[test]
fn columns_of_other_types_are_ignored_until_a_name_means_something() {
    let bytes = table(&[Row { title: "One".to_owned(), ..Row::default() }], How::default());
    assert_eq!(opened(&bytes, &[]).unwrap().ignored(), ["price", "image"]);
    let refused = |map: &str| read(&bytes, &[map]).unwrap_err().to_string();
    for (map, wanted) in [
        (
            "price=prourl",
            "works.parquet: column \"price\" has numbers with fractions, and prourl is text, a whole number, a day",
        ),
        ("image=path", "works.parquet: column \"image\" has a structure, and path is text, a whole number, a day"),
        ("author=prourl", "works.parquet: column \"author\" has a list, and prourl is text, a whole number, a day"),
        (
            "audiodownload_allowed=label",
            "works.parquet: column \"audiodownload_allowed\" has truth values, and label is text, a whole number, a day, or a list of them",
        ),
    ] {
        assert_eq!(refused(map), wanted);
    }
    assert!(read(&bytes, &["price=ignore"]).is_ok());
    let raw = texts("message m { required binary isbn; }", &[b"9780306406157"]);
    assert!(read(&raw, &[]).unwrap_err().to_string().contains("\"isbn\" has bytes that are not said to be text"));
}

#[test]
fn what_one_row_says_wrongly_is_told_with_its_row() {
    let schema = "message m { required binary isbn (UTF8); }";
    let good: &[u8] = b"9780306406157";
    for (bad, wanted) in [
        (&b"97803\xff"[..], "works.parquet, row 3: isbn: is not UTF-8 from its byte 6 on"),
        (b"978\0", "works.parquet, row 3: isbn: \"978\\0\" holds a NUL character"),
        (&[b'9'; (1 << 20) + 1], "works.parquet, row 3: a record longer than 1048576 bytes"),
    ] {
        assert_eq!(read(&texts(schema, &[good, good, bad]), &[]).unwrap_err().to_string(), wanted);
    }
    // A work that is unfit by itself does not end the reading.
    let unfit = read(&texts(schema, &[good, b"9780306406158"]), &[]).unwrap();
    assert_eq!((unfit[1].line, unfit[1].problems.len()), (2, 1));
    let mapped = read(&texts(schema, &[b"x"]), &["isbn=bytes"]).unwrap_err().to_string();
    assert!(mapped.contains("no column identifies a work"), "{mapped}");
}

#[test]
fn questions_read_only_what_names_works() {
    let bytes = table(&[Row { title: "One".to_owned(), bytes: Some(-1), ..Row::default() }], How::default());
    assert!(read(&bytes, &[]).unwrap_err().to_string().contains("row 1: bytes: \"-1\" is not a whole number"));
    let asked = Catalogue::<&[u8]>::open_table("works.parquet", file(&bytes), &[], true, &Progress::default());
    let records: Vec<Record> = asked.unwrap().map(Result::unwrap).collect();
    assert_eq!((records[0].title.as_deref(), records[0].bytes), (Some("One"), None));
}

#[test]
fn a_stream_is_refused() {
    let refused = Catalogue::open("-", &b"PAR1"[..], Format::Parquet, &[]).err().unwrap();
    assert_eq!(refused.to_string(), "-: is Parquet, which is read from its end: not from a stream, and not as a list");
}

/// A second opinion: tables that another program wrote (tests/interop/tables.py), each beside its rows as JSON lines.
#[test]
fn tables_of_another_writer_say_what_their_rows_say() {
    let Some(folder) = std::env::var_os("DEEDBOOK_TABLES") else {
        return eprintln!("skipped: DEEDBOOK_TABLES names no folder of tables");
    };
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "parquet") {
            let found = read(&std::fs::read(&path).unwrap(), &[]).unwrap();
            let lines = std::fs::read_to_string(path.with_extension("jsonl")).unwrap();
            let wanted = Catalogue::open("works.jsonl", lines.as_bytes(), Format::Jsonl, &[]).unwrap();
            let wanted: Vec<Record> = wanted.map(Result::unwrap).collect();
            assert!(found == wanted, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0, "no tables are there");
}
