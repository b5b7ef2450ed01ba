//! `catalogue`: bytes as CSV, TSV or JSON lines, as a plain list, and as what Jamendo and Debian write. Read whole or piece by piece they are the same records and the same
//! error; an error names its file and place; a record without problems is within the limits of an admission.

use crate::corpus::selected;
use crate::repository;
use deedbook::ingest::{
    Catalogue, Copyright, Fault, Format, IngestError, MAX_EXCERPT_LEN, MAX_RECORD_LEN, Mapping, Place, Record,
};
use deedbook::statement::Identifier;
use deedbook::statement::limit::{MAX_IDENTIFIERS, MAX_PARTIES, MAX_TEXT_LEN, MAX_TITLE_LEN};
use std::collections::BTreeSet;
use std::io::Read;

const FILE: &str = "works.csv";

/// Hands out pieces of 1 to 7 bytes, so that every boundary falls everywhere.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1 % 7 + 1;
        let len = self.1.min(self.0.len()).min(out.len());
        let (piece, rest) = self.0.split_at(len);
        out[..len].copy_from_slice(piece);
        self.0 = rest;
        Ok(len)
    }
}

/// The first byte chooses the format and a mapping, the rest is the catalogue.
pub fn check(data: &[u8]) {
    let Some((selector, text)) = data.split_first() else { return };
    match selector {
        254 => return drop(Copyright::read(FILE, text).map(|read| read.unfitted().count())),
        251..=253 => {
            let format = [Format::List, Format::Json, Format::MtgLicences][usize::from(selector - 251)];
            return read(text, format, &[]).0.iter().for_each(check_record);
        }
        _ => {}
    }
    let format = [Format::Csv, Format::Tsv, Format::Jsonl][usize::from(selector % 3)];
    let map = match selector / 3 % 2 {
        0 => Vec::new(),
        _ => vec![Mapping::parse("name=isbn").expect("a mapping")],
    };
    let (records, error) = read(text, format, &map);
    let (again, same_error) = read(Pieces(text, 0), format, &map);
    assert_eq!(records, again, "read piece by piece, {} records are {}", records.len(), again.len());
    assert_eq!(error.as_ref().map(ToString::to_string), same_error.map(|e| e.to_string()));
    let lines = text.iter().filter(|b| matches!(b, b'\r' | b'\n')).count() as u64 + 1;
    let mut line = 0;
    for record in &records {
        assert!(line < record.line && record.line <= lines, "line {} after {line} of {lines}", record.line);
        line = record.line;
        check_record(record);
    }
    if let Some(error) = error {
        check_error(&error, lines);
    }
}

fn read(input: impl Read, format: Format, map: &[Mapping]) -> (Vec<Record>, Option<IngestError>) {
    let mut records = Vec::new();
    let mut catalogue = match Catalogue::open(FILE, input, format, map) {
        Ok(catalogue) => catalogue,
        Err(error) => return (records, Some(error)),
    };
    for record in catalogue.by_ref() {
        match record {
            Ok(record) => records.push(record),
            Err(error) => return (records, Some(error)),
        }
    }
    assert!(catalogue.next().is_none(), "an end is an end");
    (records, None)
}

fn check_error(error: &IngestError, lines: u64) {
    let words = error.to_string();
    assert!(words.starts_with(FILE) && !error.hint().is_empty() && words.len() < 16_384, "{words}");
    match error.place {
        Place::File => assert!(is_of_the_whole(&error.fault), "{words} has no place"),
        Place::Line(line) => assert!((1..=lines).contains(&line), "{words}"),
        Place::Row(_) => panic!("{words}: what is fuzzed here has lines"),
        Place::At(line, column) => {
            assert!((1..=lines).contains(&line) && (1..=MAX_RECORD_LEN as u64 + 2).contains(&column), "{words}");
        }
    }
}

/// Faults that no line has.
fn is_of_the_whole(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Empty
            | Fault::DuplicateColumn { .. }
            | Fault::TooManyColumns
            | Fault::UnknownColumn { .. }
            | Fault::TwoColumns { .. }
            | Fault::NoIdentifier(_)
    )
}

fn check_record(record: &Record) {
    let ids = || record.identifiers.iter().chain(&record.digests);
    assert_eq!(ids().collect::<BTreeSet<_>>().len(), ids().count(), "an identifier twice");
    assert!(ids().all(|id| Identifier::parse(id.as_str()).as_ref() == Ok(id)));
    assert!(record.identifiers.iter().all(|id| !id.scheme().is_digest()));
    assert!(record.digests.iter().all(|id| id.scheme().is_digest()));
    assert!(record.subject_keys().count() <= record.keys().count());
    assert!(record.problems.iter().all(|p| p.raw.len() <= MAX_EXCERPT_LEN && !p.words().is_empty()));
    let counts = [record.identifiers.len(), record.digests.len(), record.problems.len()];
    assert!(counts.iter().all(|count| *count <= MAX_IDENTIFIERS) && record.parties.len() <= MAX_PARTIES, "{counts:?}");
    let texts = [&record.work, &record.path, &record.media_type].into_iter().flatten();
    let texts = texts.chain(record.licence.iter().map(|l| &l.raw)).chain(record.parties.iter().map(|p| &p.name));
    assert!(texts.into_iter().all(|text| !text.is_empty() && text.len() <= MAX_TEXT_LEN && !text.contains('\0')));
    assert!(record.title.as_ref().is_none_or(|title| title.len() <= MAX_TITLE_LEN));
}

/// Catalogues of the examples, and the corners of each format.
pub fn seeds() -> Vec<Vec<u8>> {
    let csv: [&[u8]; 6] = [
        &repository!("examples/demo/songs.csv"),
        &repository!("examples/demo/opt-outs.csv"),
        &repository!("examples/works/songs.csv"),
        b"\xef\xbb\xbfTitle,ISBN,Rightsholder\r\n\"A, \"\"book\"\"\r\nin two lines\",0-306-40615-2,Ann | Bob\r\n\r\n",
        b"identifiers,bytes,used_from,work_type,layers,work,media_type,licence\n\"[\"\"id:a/b;c\"\"]\",9,2026-01-01,book,text,w,text/plain,CC0-1.0\nid:a/1;isbn:9780306406157,,,,,,,\n",
        b"name,isrc\nx,USS1Z9900001\ry,US-S1Z-99-00002\r",
    ];
    let tsv: [&[u8]; 1] = [b"title\tisbn\tshelf\nA \"book\"\t9780306406157\t12\n"];
    let jsonl: [&[u8]; 2] = [
        b"{\"title\":\"A\",\"isbn\":[\"0-306-40615-2\",9780306406157],\"rightsholder\":null,\"x\":{\"y\":[1.5]}}\n\n",
        b"\xef\xbb\xbf{\"identifiers\":[\"id:a/1\",\"doi:10.1/X\"],\"bytes\":12,\"sha256\":\"e3b0\"}\r\n{\"path\":\"a/b\"}",
    ];
    let all = [(0, &csv[..]), (1, &tsv), (2, &jsonl)];
    all.iter().flat_map(|(n, texts)| texts.iter().flat_map(move |text| selected([*n, n + 3], text))).collect()
}
