//! `media`: bytes as a work's file of every kind. Read whole or piece by piece they say the same, within the limits; a
//! reader that panics is a finding, although `describe` would catch it.

use crate::corpus::selected;
use crate::make::*;
use deedbook::ingest::{About, HEAD_LEN, MAX_LICENCES, Undescribed, describe};
use deedbook::statement::limit::{MAX_IDENTIFIERS, MAX_PARTIES, MAX_TEXT_LEN, MAX_TITLE_LEN};
use std::io::{Cursor, Read, Seek, SeekFrom};

/// Names that promise something, and one that promises nothing.
const NAMES: [&str; 13] = [
    "a", "a.mp3", "a.wav", "a.aiff", "a.ogg", "a.opus", "a.spx", "a.flac", "a.m4a", "a.mp4", "a.epub", "a.md", "a.svg",
];

/// Hands out pieces of 1 to 7 bytes.
struct Pieces<'a>(Cursor<&'a [u8]>, usize);

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        self.1 = self.1 % 7 + 1;
        let len = self.1.min(out.len());
        self.0.read(&mut out[..len])
    }
}

impl Seek for Pieces<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

/// The first byte chooses the file's name, the rest is the file.
pub fn check(data: &[u8]) {
    let Some((selector, bytes)) = data.split_first() else { return };
    let name = NAMES[usize::from(*selector) % NAMES.len()];
    let head = &bytes[..bytes.len().min(HEAD_LEN)];
    let whole = describe(name, head, Cursor::new(bytes), bytes.len() as u64);
    let pieces = describe(name, head, Pieces(Cursor::new(bytes), 0), bytes.len() as u64);
    // Which of a damaged file's faults a library meets first may depend on the pieces.
    assert_eq!(whole.as_ref().ok(), pieces.as_ref().ok(), "{name} read piece by piece: {whole:?}, {pieces:?}");
    match whole {
        Ok(about) => check_about(&about),
        Err(Undescribed::Archive(what)) => assert!(!what.is_empty()),
        Err(Undescribed::Unreadable(why)) => assert!(!why.is_empty() && !why.contains("gave up"), "{why}"),
    }
}

fn check_about(about: &About) {
    assert!(about.licences.len() <= MAX_LICENCES && about.notices.len() <= MAX_LICENCES);
    let record = &about.record;
    assert!(record.identifiers.len() <= MAX_IDENTIFIERS && record.parties.len() <= MAX_PARTIES);
    assert!(record.problems.len() <= MAX_IDENTIFIERS && record.licence.is_none());
    assert!(record.title.as_ref().is_none_or(|title| !title.is_empty() && title.len() <= MAX_TITLE_LEN));
    let raw = about.licences.iter().chain(&about.notices).map(|licence| &licence.raw);
    let mut texts = raw.chain(record.parties.iter().map(|party| &party.name));
    assert!(texts.all(|text| !text.is_empty() && text.len() <= MAX_TEXT_LEN));
}

/// One small file of each format.
pub fn seeds() -> Vec<Vec<u8>> {
    let comments = ["TITLE=Song", "ARTIST=Ann", "ISRC=USS1Z9900001", "LICENSE=CC-BY-4.0", "COPYRIGHT=2020 Ann"];
    let frames_of_tag =
        [text("TIT2", "Song"), text("TPE1", "Ann"), text("TSRC", "USS1Z9900001"), user_text("LICENSE", "MIT")];
    let tag = id3(4, 0, &frames_of_tag.concat());
    let old = id3(2, 0, &[frame(2, "TT2", 0, b"\0Song"), frame(2, "WCP", 0, b"http://a")].concat());
    let unsynchronised =
        id3(3, 0x80, &frame(3, "TIT2", 0, &[b"\x01".to_vec(), utf16("Song", u16::to_le_bytes)].concat()));
    let metadata = "<dc:title>Book</dc:title><dc:creator opf:role='aut'>Ann</dc:creator><dc:rights>MIT</dc:rights>\
                    <dc:identifier>urn:isbn:9780306406157</dc:identifier>";
    let files = [
        (1, [tag.clone(), frames(), id3v1("a", "b", "c")].concat()),
        (1, [old, frames()].concat()),
        (1, [unsynchronised, frames()].concat()),
        (2, wav(&[chunk(b"id3 ", &tag), chunk(b"LIST", b"INFOINAM\x04\0\0\0Song")])),
        (3, aiff(&[(b"ID3 ", &tag), (b"NAME", b"Song")])),
        (4, vorbis(&comments)),
        (5, opus(&comments)),
        (6, speex(&comments)),
        (7, flac(&comments)),
        (8, m4a(&[item(b"\xa9nam", &["Song"]), freeform("LICENSE", "MIT"), atom(b"covr", &data(13, &[1; 90]))])),
        (10, epub(&package(metadata))),
        (11, b"---\ntitle: Text\nlicense: MIT\n---\nSPDX-License-Identifier: MIT\n".to_vec()),
        (11, b"Title: Tides\nAuthor: Ann\n\nThe Project Gutenberg eBook of Tides\n".to_vec()),
    ];
    files.iter().flat_map(|(name, bytes)| selected([0, *name], bytes)).collect()
}
