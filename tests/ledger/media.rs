//! What files say of themselves: every field of every format, and what becomes of files that lie.
//!
//! The files are made here, by the formats' specifications; none is real.

mod make;

use deedbook::ingest::{
    About, MAX_ELEMENTS, MAX_LICENCES, MAX_LISTS, MAX_METADATA_LEN, MAX_PART_LEN, MAX_SEEKS, MAX_XML_DEPTH,
    Undescribed, describe,
};
use deedbook::statement::vocabulary::Role;
use make::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::LazyLock;

fn described(name: &str, bytes: &[u8]) -> Result<About, Undescribed> {
    describe(name, &bytes[..bytes.len().min(4096)], Cursor::new(bytes), bytes.len() as u64)
}

/// What a file says, one line for each value.
fn told(name: &str, bytes: &[u8]) -> Vec<String> {
    let about = described(name, bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let record = about.record;
    let mut lines: Vec<String> = record.title.iter().map(|title| format!("title {title}")).collect();
    lines.extend(about.album.map(|album| format!("album {album}")));
    let role = |role: Option<Role>| role.map_or("party", Role::word);
    lines.extend(record.parties.iter().map(|party| format!("{} {}", role(party.role), party.name)));
    lines.extend(record.identifiers.iter().map(|id| id.to_string()));
    lines.extend(record.problems.iter().map(|p| format!("{} {} {} {}", p.code, p.field, p.raw, p.what)));
    lines.extend(about.licences.iter().map(|l| format!("licence {} {}", l.source, l.raw)));
    lines.extend(about.notices.iter().map(|l| format!("notice {} {}", l.source, l.raw)));
    lines
}

/// Why a file is not described.
fn refused(name: &str, bytes: &[u8]) -> String {
    described(name, bytes).expect_err(name).to_string()
}

fn media_type(name: &str, bytes: &[u8]) -> Option<String> {
    described(name, bytes).unwrap().media_type
}

const RECORDING: &str = "ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d";
const WORK: &str = "f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
const RELEASE: &str = "44b7cab1-0ce1-404e-9089-b458eb3fa530";
const BY: &str = "https://creativecommons.org/licenses/by/4.0/";

// --- Vorbis comments ---

/// Every field, in every spelling.
const COMMENTS: &[&str] = &[
    "TITLE=Song",
    "title=A second title",
    "Album=Record",
    "ARTIST=One",
    "artist=Two",
    "ARTIST=One",
    "COMPOSER=Three",
    "LABEL=Four",
    "ORGANIZATION=Five",
    "PUBLISHER=Six",
    "ISRC=US-RC1-76-07839; GBAYE0601498",
    "ISWC=T-034.524.680-1",
    "BARCODE=4006381333931",
    "UPC=036000291452",
    "MUSICBRAINZ_TRACKID=ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
    "MUSICBRAINZ_WORKID=F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6",
    "MUSICBRAINZ_ALBUMID=44b7cab1-0ce1-404e-9089-b458eb3fa530",
    "MUSICBRAINZ_RELEASETRACKID=11111111-0ce1-404e-9089-b458eb3fa530",
    "LICENSE=https://creativecommons.org/licenses/by/4.0/",
    "license=CC-BY-4.0",
    "Licence=CC0-1.0",
    "LICENSE_URL=https://example.org/licence",
    "COPYRIGHT= 2014 One. All rights reserved. ",
    "COMMENT=licence: none",
    "ENCODER=test",
    "LICENSE=",
    "not a field",
];

const TOLD_BY_COMMENTS: &[&str] = &[
    "title Song",
    "album Record",
    "performer One",
    "performer Two",
    "composer Three",
    "label Four",
    "label Five",
    "publisher Six",
    "isrc:USRC17607839",
    "isrc:GBAYE0601498",
    "iswc:T0345246801",
    "upc:04006381333931",
    "upc:00036000291452",
    "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
    "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
    "licence tag:LICENSE https://creativecommons.org/licenses/by/4.0/",
    "licence tag:LICENSE CC-BY-4.0",
    "licence tag:LICENCE CC0-1.0",
    "licence tag:LICENSE_URL https://example.org/licence",
    "notice tag:COPYRIGHT 2014 One. All rights reserved.",
];

#[test]
fn every_vorbis_comment_counts_in_every_format_that_has_them() {
    assert_eq!(told("a.ogg", &vorbis(COMMENTS)), TOLD_BY_COMMENTS);
    assert_eq!(told("a.OGA", &vorbis(COMMENTS)), TOLD_BY_COMMENTS);
    assert_eq!(told("a.opus", &opus(COMMENTS)), TOLD_BY_COMMENTS);
    assert_eq!(told("a.spx", &speex(COMMENTS)), TOLD_BY_COMMENTS);
    assert_eq!(told("a.flac", &flac(COMMENTS)), TOLD_BY_COMMENTS);
    let behind_a_tag = [id3(3, 0, &frame(3, "WCOP", 0, b"CC0-1.0")), flac(&["TITLE=Song"])].concat();
    assert_eq!(told("a.flac", &behind_a_tag), ["title Song", "licence tag:WCOP CC0-1.0"]);
    assert_eq!(told("a.ogg", &vorbis(&[])), [""; 0]);
}

#[test]
fn comments_may_lie_in_many_pages() {
    let picture = format!("METADATA_BLOCK_PICTURE={}", "A".repeat(300_000));
    let fields = ["TITLE=Song", picture.as_str(), "LICENSE=CC0-1.0"];
    for (name, bytes) in [("a.ogg", vorbis(&fields)), ("a.opus", opus(&fields))] {
        assert_eq!(told(name, &bytes), ["title Song", "licence tag:LICENSE CC0-1.0"], "{name}");
    }
}

#[test]
fn a_file_that_is_cut_short_says_what_it_has_said() {
    let whole: [(&str, Vec<u8>); 4] = [
        ("a.ogg", vorbis(&["TITLE=Song"])),
        ("a.flac", flac(&["TITLE=Song"])),
        ("a.m4a", m4a(&[item(b"\xa9nam", &["Song"])])),
        ("a.mp3", [id3(4, 0, &text("TIT2", "Song")), frames()].concat()),
    ];
    for (name, whole) in whole {
        // The last byte of each is sound or padding.
        let mut told_it = 0;
        for len in 0..whole.len() {
            match described(name, &whole[..len]) {
                Ok(about) => {
                    assert_eq!(about.record.title.as_deref(), Some("Song"), "{name} cut to {len} bytes");
                    told_it += 1;
                }
                Err(error) => assert_eq!(told_it, 0, "{name} cut to {len} bytes: {error}"),
            }
        }
        assert!(told_it > 0, "{name}");
    }
}

#[test]
fn damaged_comments_are_named() {
    let mut bytes = vorbis(&["TITLE=Song"]);
    let at = bytes.windows(6).position(|w| w == b"TITLE=").unwrap();
    bytes[at - 1] = 0x7f;
    let words = refused("a.ogg", &bytes);
    assert!(words.starts_with("its comments cannot be read: failed to parse Vorbis file"), "{words}");
    let other = ogg(&[b"\x80theora and so on", b"\x81"]);
    assert_eq!(refused("a.ogg", &other), "is an Ogg file that begins with none of Vorbis, Opus and Speex");
    assert_eq!(media_type("a.ogv", &other).as_deref(), Some("video/ogg"));
}

// --- ID3 ---

fn every_frame() -> Vec<u8> {
    [
        text("TIT2", "Song"),
        text("TALB", "Record"),
        text("TPE1", "One\0Two"),
        text("TCOM", "Three"),
        text("TPUB", "Four"),
        text("TSRC", "USRC17607839"),
        text("TCOP", "2014 One"),
        text("TLEN", "1000"),
        frame(4, "WCOP", 0, BY.as_bytes()),
        frame(4, "WCOP", 0, b"http://creativecommons.org/licenses/by-nc/2.0/\0junk"),
        frame(4, "USER", 0, b"\x03engTerms"),
        frame(4, "APIC", 0, &[0xff; 500]),
        user_text("LICENSE", "CC-BY-4.0"),
        user_text("Licence", "CC0-1.0"),
        user_text("COPYRIGHT", "mine"),
        user_text("BARCODE", "4006381333931"),
        user_text("MusicBrainz Work Id", WORK),
        user_text("MusicBrainz Album Id", RELEASE),
        user_text("MusicBrainz Artist Id", RELEASE),
        frame(4, "WXXX", 0, b"\x03License\0https://example.org/licence"),
        frame(4, "UFID", 0, format!("http://musicbrainz.org\0{RECORDING}").as_bytes()),
        frame(4, "UFID", 0, b"http://example.org\0something else"),
    ]
    .concat()
}

const TOLD_BY_FRAMES: &[&str] = &[
    "title Song",
    "album Record",
    "performer One",
    "performer Two",
    "composer Three",
    "label Four",
    "isrc:USRC17607839",
    "upc:04006381333931",
    "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
    "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
    "licence tag:WCOP https://creativecommons.org/licenses/by/4.0/",
    "licence tag:WCOP http://creativecommons.org/licenses/by-nc/2.0/",
    "licence tag:USER Terms",
    "licence tag:TXXX:LICENSE CC-BY-4.0",
    "licence tag:TXXX:Licence CC0-1.0",
    "licence tag:WXXX:License https://example.org/licence",
    "notice tag:TCOP 2014 One",
    "notice tag:TXXX:COPYRIGHT mine",
];

#[test]
fn every_frame_counts_wherever_the_tag_is() {
    let tag = id3(4, 0, &every_frame());
    assert_eq!(told("a.mp3", &[tag.clone(), frames()].concat()), TOLD_BY_FRAMES);
    assert_eq!(told("a.wav", &wav(&[chunk(b"id3 ", &tag)])), TOLD_BY_FRAMES);
    assert_eq!(told("a.wav", &wav(&[chunk(b"ID3 ", &tag)])), TOLD_BY_FRAMES);
    assert_eq!(told("a.aiff", &aiff(&[(b"ID3 ", &tag)])), TOLD_BY_FRAMES);
    let padded = id3(4, 0, &[every_frame(), vec![0; 2000]].concat());
    assert_eq!(told("a.mp3", &[padded, frames()].concat()), TOLD_BY_FRAMES);
    // With a footer; split in two; behind an extended header.
    let halves = [id3(4, 0x10, &text("TIT2", "Song")), vec![b'3'; 10], id3(4, 0, &every_frame()), frames()].concat();
    assert_eq!(told("a.mp3", &halves), TOLD_BY_FRAMES);
    let extended = id3(4, 0x40, &[&synchsafe(6)[..], &[1, 0], &every_frame()].concat());
    assert_eq!(told("a.mp3", &[extended, frames()].concat()), TOLD_BY_FRAMES);
}

#[test]
fn frames_are_read_in_every_version_encoding_and_disguise() {
    let title = |tag: Vec<u8>| told("a.mp3", &[tag, frames()].concat());
    let wanted = ["title Straße".to_owned()];
    let latin = b"\0Stra\xdfe";
    let little = [vec![1], utf16("Straße", u16::to_le_bytes)].concat();
    let big = [vec![1], utf16("Straße", u16::to_be_bytes)].concat();
    for content in [&latin[..], &little, &big, &[&[1], &little[3..]].concat()] {
        assert_eq!(title(id3(2, 0, &frame(2, "TT2", 0, content))), wanted);
        assert_eq!(title(id3(3, 0, &frame(3, "TIT2", 0, content))), wanted);
        assert_eq!(title(id3(4, 0, &frame(4, "TIT2", 0, content))), wanted);
        // Names of 2.2 in a tag of 2.3; a frame that belongs to a group.
        assert_eq!(title(id3(3, 0, &frame(3, "TT2\0", 0, content))), wanted);
        assert_eq!(title(id3(3, 0, &frame(3, "TIT2", 0x20, &[b"g", content].concat()))), wanted);
        assert_eq!(title(id3(4, 0, &frame(4, "TIT2", 0x41, &[b"g\0\0\0\x01", content].concat()))), wanted);
    }
    assert_eq!(title(id3(4, 0, &frame(4, "TIT2", 0, &[&[2], &big[3..]].concat()))), wanted);
    // The unsynchronisation scheme: of a tag, of a frame.
    let escaped = |bytes: &[u8]| -> Vec<u8> {
        bytes.iter().flat_map(|b| if *b == 0xff { vec![*b, 0] } else { vec![*b] }).collect()
    };
    assert_eq!(title(id3(3, 0x80, &escaped(&frame(3, "TIT2", 0, &little)))), wanted);
    assert_eq!(title(id3(4, 0, &frame(4, "TIT2", 0x02, &escaped(&little)))), wanted);
    assert_eq!(title(id3(4, 0x80, &frame(4, "TIT2", 0, &escaped(&little)))), wanted);
    // A length that is not synchsafe where it should be.
    let long = format!("\x03{}", "x".repeat(200));
    let plain = [frame(3, "TXXX", 0, long.as_bytes()), text("TIT2", "Straße")].concat();
    assert_eq!(title(id3(4, 0, &plain)), wanted);
}

#[test]
fn an_mp3_may_have_no_tag_or_an_old_one() {
    assert_eq!(told("a.mp3", &frames()), [""; 0]);
    assert_eq!(told("a.mp3", &[vec![0; 700], frames()].concat()), [""; 0]);
    let old = [frames(), id3v1("Song", "One", "Record")].concat();
    assert_eq!(told("a.mp3", &old), ["title Song", "album Record", "performer One"]);
    let both = [id3(4, 0, &text("TIT2", "The whole title of the song")), old].concat();
    assert_eq!(told("a.mp3", &both), ["title The whole title of the song"]);
}

#[test]
fn a_tag_that_lies_is_named() {
    let mp3 = |tag: Vec<u8>| refused("a.mp3", &[tag, frames()].concat());
    let claim = |len: [u8; 4]| [b"ID3\x04\0\0", &len[..]].concat();
    assert_eq!(mp3(claim([0x7f; 4])), "its ID3v2 tag claims 268435455 bytes, and 834 follow");
    // 2 GB, if it were a plain number.
    assert_eq!(mp3(claim([0x7f, 0xff, 0xff, 0xff])), "the length of its ID3v2 tag is no length");
    assert_eq!(mp3(b"ID3\x07\0\0\0\0\0\0".to_vec()), "its ID3v2 tag is of version 2.7");
    let long = id3(4, 0, &vec![0; MAX_METADATA_LEN as usize + 1]);
    assert_eq!(mp3(long), "its ID3v2 tag has 16777217 bytes, the most is 16777216");
    let cut = [&b"TCOP"[..], &synchsafe(99), &[0, 0], b"\x032014"].concat();
    assert_eq!(mp3(id3(4, 0, &cut)), "its ID3v2 frame TCOP claims 99 bytes, and 5 follow");
    let packed = frame(4, "WCOP", 0x08, b"\0\0\0\x04zzzz");
    assert_eq!(mp3(id3(4, 0, &packed)), "its ID3v2 frame WCOP is compressed, encrypted or damaged");
    let junk = [text("TIT2", "Song"), b"\xff\xff\xff\xff and more of it".to_vec()].concat();
    assert_eq!(mp3(id3(4, 0, &junk)), "its ID3v2 tag is damaged: something between its frames is none");
    assert_eq!(mp3(id3(3, 0x40, b"\xff\xff\xff\xff")), "the header of its ID3v2 tag is damaged");
    assert_eq!(refused("a.wav", &wav(&[chunk(b"id3 ", b"nothing")])), "its ID3 chunk holds no ID3v2 tag");
}

/// Chapters in chapters, which a reader that calls itself does not survive.
#[test]
fn nested_frames_cost_nothing() {
    let levels: usize = 50_000;
    let header = |inside: usize| [&b"CHAP"[..], &synchsafe(inside * 27 + 17), &[0; 19]].concat();
    let deep: Vec<u8> = (0..levels).rev().flat_map(header).collect();
    let tag = id3(4, 0, &[text("TIT2", "Song"), deep].concat());
    assert_eq!(told("a.mp3", &[tag, frames()].concat()), ["title Song"]);
}

// --- chunks ---

#[test]
fn chunks_of_text_are_read() {
    let info = |chunks: &[Vec<u8>]| chunk(b"LIST", &[&b"INFO"[..], &chunks.concat()].concat());
    let list = info(&[
        chunk(b"INAM", b"Song\0"),
        chunk(b"IPRD", b"Record"),
        chunk(b"IART", b"One"),
        chunk(b"IMUS", b"Beyonc\xe9"),
        chunk(b"ISRC", b"a compact disc"),
        chunk(b"ICOP", "© 2014".as_bytes()),
    ]);
    let wanted = ["title Song", "album Record", "performer One", "composer Beyoncé", "notice tag:ICOP © 2014"];
    assert_eq!(told("a.wav", &wav(std::slice::from_ref(&list))), wanted);
    let other = chunk(b"LIST", &[&b"adtl"[..], &[1; 31]].concat());
    assert_eq!(told("a.wav", &wav(&[other, list])), wanted);
    // A writer that forgets the padding.
    let unpadded = [chunk(b"junk", b"odd")[..11].to_vec(), info(&[chunk(b"INAM", b"Song")])].concat();
    assert_eq!(told("a.wav", &wav(&[unpadded])), ["title Song"]);
    let chunks: [(&[u8; 4], &[u8]); 3] = [(b"NAME", b"Song"), (b"AUTH", b"One"), (b"(c) ", b"2014 One")];
    assert_eq!(told("a.aif", &aiff(&chunks)), ["title Song", "party One", "notice tag:(c) 2014 One"]);
}

#[test]
fn chunks_that_are_cut_short_are_named() {
    let whole = wav(&[chunk(b"LIST", &[&b"INFO"[..], &chunk(b"INAM", b"Song")].concat())]);
    assert_eq!(refused("a.wav", &whole[..58]), "its chunk \"LIST\" claims 16 bytes, and 14 follow");
}

// --- MPEG-4 ---

#[test]
fn every_item_counts() {
    let items = [
        item(b"\xa9nam", &["Song"]),
        item(b"\xa9alb", &["Record"]),
        item(b"\xa9ART", &["One", "Two"]),
        item(b"\xa9wrt", &["Three"]),
        item(b"\xa9pub", &["Six"]),
        item(b"cprt", &["2014 One"]),
        item(b"\xa9too", &["an encoder"]),
        atom(b"covr", &data(14, &[0x89; 700])),
        atom(b"trkn", &data(0, &[0, 0, 0, 1, 0, 9, 0, 0])),
        freeform("LABEL", "Four"),
        freeform("ISRC", "USRC17607839"),
        freeform("BARCODE", "4006381333931"),
        freeform("MusicBrainz Track Id", RECORDING),
        freeform("MusicBrainz Work Id", WORK),
        freeform("MusicBrainz Album Id", RELEASE),
        freeform("LICENSE", "CC-BY-4.0"),
        freeform("Licence", BY),
    ];
    let wanted = [
        "title Song",
        "album Record",
        "performer One",
        "performer Two",
        "composer Three",
        "publisher Six",
        "label Four",
        "isrc:USRC17607839",
        "upc:04006381333931",
        &format!("mbid-recording:{RECORDING}"),
        &format!("mbid-work:{WORK}"),
        &format!("mbid-release:{RELEASE}"),
        "licence tag:LICENSE CC-BY-4.0",
        &format!("licence tag:Licence {BY}"),
        "notice tag:cprt 2014 One",
    ];
    for name in ["a.m4a", "a.M4B", "a.mp4", "a"] {
        assert_eq!(told(name, &m4a(&items)), wanted, "{name}");
    }
    // Values of no type, and of UTF-16.
    let untyped = atom(b"\xa9nam", &data(0, b"Song"));
    assert_eq!(told("a.m4a", &m4a(&[untyped])), ["title Song"]);
    let wide: Vec<u8> = "Song".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(told("a.m4a", &m4a(&[atom(b"\xa9nam", &data(2, &wide))])), ["title Song"]);
}

#[test]
fn an_m4a_without_its_items_is_refused_or_says_nothing() {
    assert_eq!(told("a.m4a", &m4a(&[])), [""; 0]);
    let ftyp = atom(b"ftyp", b"M4A \0\0\0\0");
    assert_eq!(refused("a.m4a", &ftyp), "has no moov atom: it is cut short");
    let whole = m4a(&[item(b"\xa9nam", &["Song"])]);
    let words = "its atom \"moov\" reaches beyond \"file\": it is cut short or damaged";
    assert_eq!(refused("a.m4a", &whole[..200]), words);
    let claims = [&ftyp[..], b"\xff\xff\xff\xffmoov"].concat();
    assert_eq!(refused("a.m4a", &claims), words);
    let lists: Vec<u8> = (0..=MAX_LISTS)
        .flat_map(|_| atom(b"udta", &atom(b"meta", &[&[0; 4], &atom(b"ilst", b"")[..]].concat())))
        .collect();
    let many = [ftyp, atom(b"moov", &lists)].concat();
    assert_eq!(refused("a.m4a", &many), format!("has more than {MAX_LISTS} lists of items"));
}

// --- EPUB ---

#[test]
fn an_epubs_metadata_are_read() {
    let three = r##"
        <dc:title id="t">War &amp; Peace&#33;</dc:title><dc:title>Second</dc:title>
        <dc:creator id="c1">Ann Author</dc:creator><meta refines="#c1" property="role" scheme="marc:relators">aut</meta>
        <dc:creator id="c2">Tom Translator</dc:creator><meta refines="#c2" property="role">trl</meta>
        <dc:creator id="c3">Nobody Known</dc:creator>
        <dc:creator id="c4"><![CDATA[Ed <Composer>]]></dc:creator><meta refines="#c4" property="role">cmp</meta>
        <dc:publisher>North Press</dc:publisher>
        <dc:identifier id="u">urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6</dc:identifier>
        <dc:identifier>urn:isbn:9780306406157</dc:identifier>
        <dc:identifier>978-3-16-148410-0</dc:identifier>
        <dc:identifier>1234567890123</dc:identifier>
        <dc:identifier>doi:10.1000/182</dc:identifier>
        <dc:rights>Copyright 2020</dc:rights>
        <meta property="dcterms:license">CC-BY-4.0</meta>
        <meta property="dcterms:rights">Some rights reserved</meta>
        <meta property="dcterms:modified">2020-01-01T00:00:00Z</meta>
        <link rel="record cc:license" href="https://creativecommons.org/licenses/by/4.0/"/>
        <link rel="stylesheet" href="style.css"/>"##;
    let wanted = [
        "title War & Peace!",
        "author Ann Author",
        "party Tom Translator",
        "party Nobody Known",
        "composer Ed <Composer>",
        "publisher North Press",
        "isbn:9780306406157",
        "isbn:9783161484100",
        "doi:10.1000/182",
        "licence epub:dcterms:license CC-BY-4.0",
        "licence epub:link:license https://creativecommons.org/licenses/by/4.0/",
        "notice epub:dc:rights Copyright 2020",
        "notice epub:dcterms:rights Some rights reserved",
    ];
    assert_eq!(told("a.epub", &epub(&package(three))), wanted);
    assert_eq!(told("named like nothing", &epub(&package(three))), wanted);
    let two = r##"
        <dc-metadata xmlns:dc="http://purl.org/dc/elements/1.0/"><dc:Title/><dc:title>Book</dc:title>
        <dc:creator opf:role="aut" opf:file-as="Author, Ann">Ann Author</dc:creator>
        <dc:creator opf:role="edt">Ed Editor</dc:creator>
        <dc:identifier opf:scheme="ISBN">0-306-40615-2</dc:identifier></dc-metadata>
        <meta name="cc:license" content="https://creativecommons.org/publicdomain/zero/1.0/"/>
        <meta name="cover" content="cover"/>
        <cc:license xmlns:cc="http://creativecommons.org/ns#" rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>"##;
    let wanted = [
        "title Book",
        "author Ann Author",
        "party Ed Editor",
        "isbn:9780306406157",
        "licence epub:cc:license https://creativecommons.org/publicdomain/zero/1.0/",
        "licence epub:license https://creativecommons.org/licenses/by/4.0/",
    ];
    assert_eq!(told("a.epub", &epub(&package(two))), wanted);
    // Only what is metadata.
    assert_eq!(told("a.epub", &epub(b"<package><title>Not this</title><metadata/></package>")), [""; 0]);
    assert_eq!(
        told("a.epub", &epub(&[b"\xef\xbb\xbf", &package("<dc:title>Book</dc:title>")[..]].concat())),
        ["title Book"]
    );
}

#[test]
fn a_damaged_epub_is_refused_by_the_part_that_is() {
    let lacks = |part: &str| format!("lacks {part}: it is no EPUB, or a damaged one");
    assert_eq!(refused("a.epub", &zipped(&[("mimetype", b"application/epub+zip")])), lacks("META-INF/container.xml"));
    let parts: [(&str, &[u8]); 1] = [("META-INF/container.xml", CONTAINER.as_bytes())];
    assert_eq!(refused("a.epub", &zipped(&parts)), lacks("OEBPS/book.opf"));
    let empty: [(&str, &[u8]); 1] = [("META-INF/container.xml", b"<container/>")];
    assert_eq!(refused("a.epub", &zipped(&empty)), "META-INF/container.xml: names no package document");
    let package_of = |bytes: &[u8]| refused("a.epub", &epub(bytes));
    assert_eq!(package_of(b"<package><metadata>"), "OEBPS/book.opf: is cut short");
    assert!(package_of(b"<package></metadata>").starts_with("OEBPS/book.opf: is not well-formed: "));
    assert_eq!(package_of(b"\xff\xfe<\0"), "OEBPS/book.opf: is not UTF-8");
    assert!(refused("a.epub", b"no zip archive").starts_with("its zip archive: cannot be read: "));
    let whole = epub(&package(""));
    assert!(refused("a.epub", &whole[..whole.len() - 30]).starts_with("its zip archive: cannot be read: "));
    // Encryption is a flag of the member, in both places where it is described.
    let mut encrypted = whole.clone();
    for (magic, flags) in [(&b"PK\x01\x02"[..], 8), (b"PK\x03\x04", 6)] {
        for at in 0..encrypted.len() - 4 {
            if encrypted[at..].starts_with(magic) {
                encrypted[at + flags] |= 1;
            }
        }
    }
    assert_eq!(refused("a.epub", &encrypted), "META-INF/container.xml: is encrypted");
    let mut zip64 = whole;
    let end = zip64.len() - 22;
    zip64.splice(end..end, [b"PK\x06\x07", &[0; 16][..]].concat());
    assert_eq!(refused("a.epub", &zip64), "its zip archive is of the ZIP64 kind, which is not read");
}

#[test]
fn an_epub_cannot_grow_without_bound() {
    let bomb = [b"<package><metadata>".to_vec(), vec![b' '; 4 * MAX_PART_LEN as usize]].concat();
    let bomb = epub(&bomb);
    assert!(bomb.len() < 100_000, "it is small: {}", bomb.len());
    assert_eq!(refused("a.epub", &bomb), format!("OEBPS/book.opf: is longer than {MAX_PART_LEN} bytes"));
    let deep = "<a>".repeat(MAX_XML_DEPTH + 1);
    assert_eq!(
        refused("a.epub", &epub(deep.as_bytes())),
        format!("OEBPS/book.opf: has elements more than {MAX_XML_DEPTH} deep")
    );
    let many = package(&"<dc:title>a</dc:title>".repeat(MAX_ELEMENTS + 1));
    let words = format!("OEBPS/book.opf: has more than {MAX_ELEMENTS} elements of metadata");
    assert_eq!(refused("a.epub", &epub(&many)), words);
    let laughs =
        r#"<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><p><metadata><title>&b;&lt;</title></metadata></p>"#;
    assert_eq!(told("a.epub", &epub(laughs.as_bytes())), ["title &b;<"]);
}

// --- drawings ---

/// As drawing programs write it, and as older ones did.
const DRAWING: &str = r##"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [ <!ENTITY ns "http://ns.example/"> ]>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:own="&ns;" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:cc="http://creativecommons.org/ns#">
  <g><title>A part, not the whole</title></g>
  <metadata id="m1"><rdf:RDF><cc:Work rdf:about="">
    <dc:format>image/svg+xml</dc:format>
    <dc:title>Boat &amp; sail</dc:title>
    <dc:date>2020</dc:date>
    <dc:creator><cc:Agent><dc:title>A. Drawer</dc:title></cc:Agent></dc:creator>
    <dc:contributor>B. Colourist</dc:contributor>
    <dc:publisher><cc:Agent><dc:title>North Press</dc:title></cc:Agent></dc:publisher>
    <dc:rights><cc:Agent><dc:title>(c) 2020 A. Drawer</dc:title></cc:Agent></dc:rights>
    <cc:license rdf:resource="https://creativecommons.org/licenses/by/4.0/"/>
  </cc:Work><cc:License rdf:about="https://creativecommons.org/licenses/by/4.0/">
    <cc:permits rdf:resource="http://creativecommons.org/ns#Reproduction"/>
  </cc:License></rdf:RDF></metadata>
  <path d="M0 0"/>
</svg>
"##;

#[test]
fn a_drawings_metadata_are_read() {
    let wanted = [
        "title Boat & sail",
        "party A. Drawer",
        "party B. Colourist",
        "publisher North Press",
        &format!("licence svg:cc:license {BY}"),
        "notice svg:dc:rights (c) 2020 A. Drawer",
    ];
    assert_eq!(told("boat.svg", DRAWING.as_bytes()), wanted);
    assert_eq!(media_type("boat.SVG", DRAWING.as_bytes()).as_deref(), Some("image/svg+xml"));
    let old = r#"<svg><title>Boat</title><metadata><RDF><Work about=""><dc:rights>free</dc:rights>
        <license resource="http://web.resource.org/cc/PublicDomain" /><license>MIT</license></Work></RDF></metadata></svg>"#;
    let wanted = [
        "title Boat",
        "licence svg:cc:license http://web.resource.org/cc/PublicDomain",
        "licence svg:cc:license MIT",
        "notice svg:dc:rights free",
    ];
    assert_eq!(told("old.svg", old.as_bytes()), wanted);
    assert_eq!(told("bare.svg", b"<svg><path d='M0 0'/></svg>"), Vec::<String>::new());
    // Behind everything else, and past a fourth of a megabyte of drawing.
    let path = "<path d='M0 0'/>".repeat(1 << 14);
    let late = DRAWING.replace("<metadata id", &format!("{path}<metadata id"));
    assert_eq!(told("late.svg", late.as_bytes()).len(), 6);
}

#[test]
fn a_damaged_drawing_is_refused_and_cannot_grow_without_bound() {
    let with = |metadata: &str| format!("<svg><metadata>{metadata}</metadata></svg>").into_bytes();
    let cases = [
        (DRAWING.as_bytes()[..DRAWING.len() - 8].to_vec(), "its SVG is cut short"),
        (with("<a></b>"), "its SVG is not well-formed"),
        (with("<license resource='&no;'/>"), "its SVG is not well-formed"),
        (b"<svg>\xff</svg>".to_vec(), "its SVG is not UTF-8"),
        (with(&"<a/>".repeat(MAX_ELEMENTS + 1)), "elements of metadata"),
        (with(&format!("{}{}", "<a>".repeat(MAX_XML_DEPTH + 1), "</a>".repeat(MAX_XML_DEPTH + 1))), "deep"),
        (with(&format!("<a>{}</a>", "x".repeat(MAX_METADATA_LEN as usize))), "longer than"),
        (with(&(0..=MAX_LICENCES).map(|n| format!("<license>L{n}</license>")).collect::<String>()), "licence fields"),
    ];
    for (bytes, expected) in cases {
        let said = refused("boat.svg", &bytes);
        assert!(said.contains(expected), "{said}\nand not {expected}");
    }
    assert_eq!(told("deep.svg", format!("{}{}", "<g>".repeat(100_000), "</g>".repeat(100_000)).as_bytes()), [""; 0]);
    let long = with(&format!("<Work><title>{}</title></Work>", "x".repeat(5000)));
    assert_eq!(described("boat.svg", &long).unwrap().record.problems.len(), 1);
}

// --- text ---

#[test]
fn a_text_says_what_stands_in_fields_at_its_beginning() {
    let wanted = [
        "title A Text",
        "author Ann Author",
        "party Tom Translator",
        "publisher North Press",
        "isbn:9780306406157",
        "doi:10.1000/182",
        "licence text:License CC-BY-4.0",
        "licence text:license-url https://example.org/licence",
        "notice text:Rights 2020",
    ];
    let fields = "Title: A Text\nAuthor: Ann Author\nTranslator: Tom Translator\nPublisher: North Press\n\
                  ISBN: 0-306-40615-2\nDOI: 10.1000/182\nLicense: CC-BY-4.0\nlicense-url: https://example.org/licence\n\
                  Rights: 2020\nDate: yesterday\n";
    let block = format!("{fields}\nTitle: of a chapter\n");
    assert_eq!(told("a.txt", block.as_bytes()), wanted);
    assert_eq!(told("a.TEXT", fields.replace('\n', "\r\n").as_bytes()), wanted);
    assert_eq!(told("a.md", [b"\xef\xbb\xbf", block.as_bytes()].concat().as_slice()), wanted);
    let front = format!("---\n{fields}tags:\n  - Title: not this\nkeywords: [a, b]\n---\n# Title\n");
    assert_eq!(told("a.md", front.as_bytes()), wanted);
    let quoted = "---\ntitle: \"A: Text\" # why\nauthor: 'Ann'\nlicence: MIT # really\nrights: [a]\n---\n";
    assert_eq!(told("a.md", quoted.as_bytes()), ["title A: Text", "author Ann", "licence text:licence MIT"]);
}

#[test]
fn project_gutenbergs_header_is_known() {
    let book = "\u{feff}The Project Gutenberg eBook of A Room\n    \nThis ebook is for the use of anyone anywhere: see the\n\
                terms.\n\nTitle: A Room\n       with a View\n\nAuthor: E. M. Forster\n\nTranslator: Nobody\n\n\
                Release date: January 1, 2001 [eBook #1]\n\n*** START OF THE PROJECT GUTENBERG EBOOK ***\n\nAuthor: no\n";
    let wanted = ["title A Room with a View", "author E. M. Forster", "party Nobody"];
    assert_eq!(told("1.txt", book.as_bytes()), wanted);
}

#[test]
fn an_spdx_line_counts_wherever_it_stands() {
    let text = "# A guide\n\n<!-- SPDX-License-Identifier: CC-BY-4.0 -->\n/* SPDX-License-Identifier: MIT OR Apache-2.0 */\n\
                // SPDX-License-Identifier: CC0-1.0";
    let line = |licence: &str| format!("licence text:SPDX-License-Identifier {licence}");
    assert_eq!(told("a.md", text.as_bytes()), ["CC-BY-4.0", "MIT OR Apache-2.0", "CC0-1.0"].map(line));
}

#[test]
fn nothing_is_read_out_of_sentences() {
    let nothing: [&[u8]; 7] = [
        b"",
        b"Title: of a play\nin two acts\n\nAuthor: is the word\n",
        b"Once upon a time: a tale\n\nTitle: no\nLicense: no\n",
        b"\nTitle: not at the beginning\n",
        b"---\ntitle: never closed\n",
        b"Title:no space\n\n",
        b"Title: Latin-1 \xe9\n\n",
    ];
    for text in nothing {
        assert_eq!(told("a.txt", text), [""; 0], "{}", text.escape_ascii());
    }
    // A line, or a character, that the head cuts in two.
    let long = format!("Title: {}\n", "\u{e9}".repeat(3000));
    assert_eq!(told("a.txt", long.as_bytes()), [""; 0]);
    let whole = format!("Title: A Text\n\n{}", "\u{e9}".repeat(3000));
    assert_eq!(told("a.txt", whole.as_bytes()), ["title A Text"]);
}

// --- what a file is ---

#[test]
fn the_name_and_the_first_bytes_say_what_a_file_is() {
    let known = [
        ("a.mp3", frames(), "audio/mpeg"),
        ("a", [id3(4, 0, b""), frames()].concat(), "audio/mpeg"),
        ("a.ogg", vorbis(&[]), "audio/ogg"),
        ("a", opus(&[]), "audio/ogg"),
        ("a.b", flac(&[]), "audio/flac"),
        ("a", wav(&[]), "audio/wav"),
        ("a", aiff(&[]), "audio/aiff"),
        ("a.m4b", m4a(&[]), "audio/mp4"),
        ("a.mp4", m4a(&[]), "audio/mp4"),
        ("a.m4v", [atom(b"ftyp", b"isom\0\0\0\0"), atom(b"moov", b"")].concat(), "video/mp4"),
        ("a.mp3", vorbis(&[]), "audio/ogg"),
        ("a.aac", [id3(4, 0, b""), b"\xff\xf1\x50\x80\x01\x7f\xfc".to_vec()].concat(), "audio/aac"),
        ("a.mp3", [id3(4, 0, b""), flac(&[])].concat(), "audio/flac"),
        ("a.avif", atom(b"ftyp", b"avif\0\0\0\0"), "image/avif"),
        ("a.mp4", vec![1, 2, 3], "video/mp4"),
        ("a", epub(&package("")), "application/epub+zip"),
        ("a.TXT", b"text".to_vec(), "text/plain"),
        ("a.md", b"text".to_vec(), "text/markdown"),
        ("a.pdf", b"anything".to_vec(), "application/pdf"),
        ("a.b.JPG", b"anything".to_vec(), "image/jpeg"),
        ("a.docx", zipped(&[("a", b"")]), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ];
    for (name, bytes, wanted) in known {
        assert_eq!(media_type(name, &bytes).as_deref(), Some(wanted), "{name}");
    }
    for name in ["a", "a.unknown", "mp3", ".", "", "a.", "\u{e9}"] {
        assert_eq!(media_type(name, b"anything"), None, "{name}");
        assert_eq!(media_type(name, &atom(b"ftyp", b"heic\0\0\0\0")), None, "{name}");
    }
}

#[test]
fn an_archive_is_not_one_work() {
    let mut tar = vec![0; 600];
    tar[257..262].copy_from_slice(b"ustar");
    let archives = [
        ("a.tar", vec![], "a tar archive"),
        ("shard-000", tar, "a tar archive"),
        ("a.tar.gz", vec![], "a compressed tar archive"),
        ("a.TGZ", vec![], "a compressed tar archive"),
        ("a.zip", vec![], "a zip archive"),
        ("a", zipped(&[("song.mp3", b"")]), "a zip archive"),
        ("a", b"7z\xbc\xaf\x27\x1c".to_vec(), "a 7z archive"),
        ("a.rar", vec![], "a RAR archive"),
        ("a", b"Rar!\x1a\x07\x01\0".to_vec(), "a RAR archive"),
        ("a.parquet", vec![], "a Parquet file"),
        ("a", b"PAR1".to_vec(), "a Parquet file"),
    ];
    for (name, bytes, what) in archives {
        let words = format!("is {what}, not one work: admit what is in it, unpacked or by a catalogue");
        assert_eq!(described(name, &bytes), Err(Undescribed::Archive(what)), "{name}");
        assert_eq!(refused(name, &bytes), words);
    }
}

#[test]
fn a_name_that_promises_audio_is_kept_or_refused() {
    let nothing: [&[u8]; 5] = [b"", b"text", &[0; 5000], b"\xff\xd8\xff\xe0\0\x10JFIF", &zipped(&[("a", b"")])];
    for name in ["a.mp3", "a.ogg", "a.opus", "a.flac", "a.wav", "a.m4a", "a.aiff", "a.aac"] {
        for bytes in nothing {
            assert_eq!(refused(name, bytes), "is named like an audio file and does not begin like one", "{name}");
        }
    }
    // The wrong ending of the right kind is no reason to lose a licence.
    assert_eq!(told("a.mp3", &vorbis(&["LICENSE=CC0-1.0"])), ["licence tag:LICENSE CC0-1.0"]);
}

// --- limits ---

#[test]
fn a_wrong_identifier_is_a_problem_that_names_its_field() {
    let lines = told("a.ogg", &vorbis(&["ISRC=US-RC1-76", "BARCODE=4006381333932"]));
    assert!(lines[0].starts_with("bad-identifier tag:ISRC US-RC1-76 "), "{lines:?}");
    assert!(lines[1].starts_with("bad-identifier tag:BARCODE 4006381333932 "), "{lines:?}");
    let long = format!("LICENSE={}", "x".repeat(5000));
    let lines = told("a.ogg", &vorbis(&[&long]));
    assert!(lines[0].starts_with("too-large tag:LICENSE xxx"), "{lines:?}");
}

#[test]
fn licences_are_not_without_number() {
    let fields: Vec<String> = (0..=MAX_LICENCES).map(|i| format!("LICENSE=LicenseRef-{i}")).collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    assert_eq!(told("a.ogg", &vorbis(&fields[1..])).len(), MAX_LICENCES);
    assert_eq!(refused("a.ogg", &vorbis(&fields)), format!("has more than {MAX_LICENCES} licence fields"));
    assert_eq!(told("a.ogg", &vorbis(&["LICENSE=MIT"; 100])), ["licence tag:LICENSE MIT"]);
}

/// A file that goes on for ever, and counts what is read of it.
struct Endless<'a> {
    begin: Vec<u8>,
    then: Vec<u8>,
    at: u64,
    read: &'a mut u64,
}

impl Read for Endless<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let at = usize::try_from(self.at).unwrap();
        let begin = self.begin.get(at..).unwrap_or_default();
        let then = &self.then[at.saturating_sub(self.begin.len()) % self.then.len()..];
        let source = if begin.is_empty() { then } else { begin };
        let len = source.len().min(buf.len());
        buf[..len].copy_from_slice(&source[..len]);
        self.at += len as u64;
        *self.read += len as u64;
        Ok(len)
    }
}

impl Seek for Endless<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
            SeekFrom::End(_) => unimplemented!("its size is given"),
        };
        Ok(self.at)
    }
}

#[test]
fn no_file_is_read_beyond_its_budget() {
    // A comment packet that never ends: pages full of segments of 255 bytes.
    let page = [&b"OggS\0\x01"[..], &[0; 20], &[255], &[255; 255], &vec![b'x'; 65_025]].concat();
    let packets = vorbis(&[]);
    let first = packets[..58].to_vec();
    // Chunks, far from each other and near.
    let far = [&b"junk"[..], &9000_u32.to_le_bytes(), &[0; 9000]].concat();
    let near = b"junk\0\0\0\0".to_vec();
    let header = b"RIFF\0\0\0\0WAVE".to_vec();
    let long = format!("its metadata are longer than {MAX_METADATA_LEN} bytes");
    let places = format!("its metadata lie in more than {MAX_SEEKS} places");
    let cases = [
        ("a.ogg", first, page, long.as_str()),
        ("a.wav", header.clone(), near, &long),
        ("a.wav", header, far, &places),
        ("a.flac", flac(&[])[..42].to_vec(), b"\x02\0\0\0".to_vec(), &long),
        ("a.m4a", atom(b"ftyp", b"M4A \0\0\0\0"), atom(b"free", b""), &long),
        ("a.mp3", Vec::new(), id3(4, 0, b""), &long),
        ("a.epub", b"PK\x03\x04".to_vec(), vec![0; 100], "its zip archive: cannot be read: "),
    ];
    for (name, begin, then, wanted) in cases {
        let mut read = 0;
        let mut input = Endless { begin, then, at: 0, read: &mut read };
        let mut head = vec![0; 4096];
        input.read_exact(&mut head).unwrap();
        input.at = 0;
        *input.read = 0;
        let error = describe(name, &head, input, 1 << 40).expect_err(name).to_string();
        assert!(error.starts_with(wanted), "{name}: {error}");
        // The buffer reads ahead, at most 8 KiB at each place.
        let most = MAX_METADATA_LEN + u64::from(MAX_SEEKS) * 8192;
        assert!(read <= most, "{name}: {read} bytes");
    }
}

#[test]
fn an_error_of_the_disk_is_not_taken_for_the_end_of_the_file() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is broken"))
        }
    }
    impl Seek for Broken {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            Ok(0)
        }
    }
    for (name, bytes) in [("a.ogg", vorbis(&[])), ("a.flac", flac(&[])), ("a.m4a", m4a(&[])), ("a.epub", epub(b""))] {
        let error = describe(name, &bytes[..100], Broken, bytes.len() as u64).expect_err(name);
        assert_eq!(error.to_string(), "its metadata cannot be read: the disk is broken", "{name}");
    }
}

#[test]
fn a_library_that_panics_costs_one_work() {
    struct Panicking;
    impl Read for Panicking {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            panic!("as a library might");
        }
    }
    impl Seek for Panicking {
        fn seek(&mut self, _: SeekFrom) -> io::Result<u64> {
            panic!("as a library might");
        }
    }
    let error = describe("a.ogg", &vorbis(&[])[..100], Panicking, 1000).expect_err("a panic");
    assert_eq!(error.to_string(), "its metadata cannot be read: the library that reads them gave up");
}

/// Proptest with one sequence of inputs, the same on every run.
fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..ProptestConfig::default() }
}

/// One file of each format.
static SAMPLES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(|| {
    let tag = id3(4, 0, &every_frame());
    vec![
        ("a.mp3", [tag.clone(), frames(), id3v1("a", "b", "c")].concat()),
        ("a.wav", wav(&[chunk(b"id3 ", &tag), chunk(b"LIST", b"INFOINAM\x04\0\0\0Song")])),
        ("a.aiff", aiff(&[(b"ID3 ", &tag), (b"NAME", b"Song")])),
        ("a.ogg", vorbis(COMMENTS)),
        ("a.opus", opus(COMMENTS)),
        ("a.spx", speex(COMMENTS)),
        ("a.flac", flac(COMMENTS)),
        ("a.m4a", m4a(&[item(b"\xa9nam", &["Song"]), freeform("LICENSE", "MIT"), atom(b"covr", &data(13, &[1; 90]))])),
        ("a.epub", epub(&package("<dc:title>Book</dc:title><dc:creator opf:role='aut'>Ann</dc:creator>"))),
        ("a.md", b"---\ntitle: Text\nlicense: MIT\n---\nSPDX-License-Identifier: MIT\n".to_vec()),
    ]
});

proptest! {
    #![proptest_config(config(4000))]

    /// Bytes replaced, put in and taken away: an answer or an error, never a panic, which would be one.
    #[test]
    fn damaged_files_are_described_or_refused(
        sample in 0_usize..10,
        edits in proptest::collection::vec((any::<proptest::sample::Index>(), 0_u8..5, any::<[u8; 4]>()), 1..6),
    ) {
        let (name, mut bytes) = SAMPLES[sample].clone();
        for (at, kind, with) in edits {
            let at = at.index(bytes.len());
            match kind {
                0 => bytes[at] = with[0],
                1 => bytes.truncate(at + 1),
                2 => drop(bytes.splice(at..at, with)),
                3 => drop(bytes.drain(at..(at + usize::from(with[0])).min(bytes.len()))),
                _ => bytes.iter_mut().skip(at).zip(with).for_each(|(byte, with)| *byte = with),
            }
            if bytes.is_empty() {
                bytes.push(0);
            }
        }
        if let Err(error) = described(name, &bytes) {
            prop_assert!(!error.to_string().contains("gave up"), "{name}: {error}");
        }
    }

    #[test]
    fn any_bytes_are_described_or_refused(
        sample in 0_usize..10,
        kept in 0_usize..40,
        noise in proptest::collection::vec(any::<u8>(), 0..2000),
    ) {
        let (name, bytes) = &SAMPLES[sample];
        let bytes = [&bytes[..kept], &noise].concat();
        for name in [*name, "a"] {
            if let Err(error) = described(name, &bytes) {
                prop_assert!(!error.to_string().contains("gave up"), "{name}: {error}");
            }
        }
    }
}
