//! Small media files, made byte by byte as their formats say.

use std::io::{Cursor, Write};
use zip::write::{SimpleFileOptions, ZipWriter};

// --- MPEG audio and ID3 ---

/// Two silent frames of MPEG-1 layer III at 128 kbit/s: a header, and zeros.
pub fn frames() -> Vec<u8> {
    let frame = [&[0xff, 0xfb, 0x90, 0x00][..], &[0; 413]].concat();
    [&frame[..], &frame].concat()
}

/// Seven bits a byte.
pub fn synchsafe(len: usize) -> [u8; 4] {
    [21, 14, 7, 0].map(|shift| (len >> shift & 0x7f) as u8)
}

/// An ID3v2 tag of this version and flags.
pub fn id3(version: u8, flags: u8, body: &[u8]) -> Vec<u8> {
    [b"ID3", &[version, 0, flags][..], &synchsafe(body.len()), body].concat()
}

/// A frame: of ID3v2.2 with a name of three letters, else of the version.
pub fn frame(version: u8, id: &str, flags: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len() as u32;
    match version {
        2 => [id.as_bytes(), &len.to_be_bytes()[1..], content].concat(),
        3 => [id.as_bytes(), &len.to_be_bytes(), &[0, flags], content].concat(),
        _ => [id.as_bytes(), &synchsafe(content.len()), &[0, flags], content].concat(),
    }
}

/// A text frame of ID3v2.4 in UTF-8.
pub fn text(id: &str, text: &str) -> Vec<u8> {
    frame(4, id, 0, &[&[3], text.as_bytes()].concat())
}

/// A user-defined text frame of ID3v2.4 in UTF-8.
pub fn user_text(name: &str, value: &str) -> Vec<u8> {
    text("TXXX", &format!("{name}\0{value}"))
}

/// UTF-16 with a mark of its order.
pub fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
}

/// An ID3v1 tag.
pub fn id3v1(title: &str, artist: &str, album: &str) -> Vec<u8> {
    let mut tag = b"TAG".to_vec();
    for field in [title, artist, album] {
        tag.extend(field.bytes().chain(std::iter::repeat(0)).take(30));
    }
    tag.resize(128, 0);
    tag
}

// --- Vorbis comments: Ogg and FLAC ---

/// A block of comments.
pub fn comments(fields: &[&str]) -> Vec<u8> {
    let mut block = [4_u32.to_le_bytes().as_slice(), b"none", &(fields.len() as u32).to_le_bytes()].concat();
    for field in fields {
        block.extend((field.len() as u32).to_le_bytes());
        block.extend(field.as_bytes());
    }
    block
}

/// An Ogg stream: each packet begins on a page of its own (RFC 3533).
pub fn ogg(packets: &[&[u8]]) -> Vec<u8> {
    let mut stream = Vec::new();
    let mut number = 0_u32;
    for packet in packets {
        let lengths: Vec<u8> =
            std::iter::repeat_n(255, packet.len() / 255).chain([(packet.len() % 255) as u8]).collect();
        let mut rest = *packet;
        for (i, segments) in lengths.chunks(255).enumerate() {
            let (content, after) = rest.split_at(segments.iter().map(|s| usize::from(*s)).sum());
            rest = after;
            let kind = u8::from(i > 0) | if number == 0 { 2 } else { 0 };
            let mut page = [b"OggS\0", &[kind][..], &[0; 8], &7_u32.to_le_bytes(), &number.to_le_bytes()].concat();
            page.extend([0; 4]);
            page.push(segments.len() as u8);
            page.extend(segments);
            page.extend(content);
            let checksum = crc(&page);
            page[22..26].copy_from_slice(&checksum.to_le_bytes());
            stream.extend(page);
            number += 1;
        }
    }
    stream
}

/// The checksum of a page: polynomial 0x04c11db7, nothing reflected.
fn crc(page: &[u8]) -> u32 {
    page.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc, _| crc << 1 ^ if crc >> 31 == 1 { 0x04c1_1db7 } else { 0 })
    })
}

/// An Ogg Vorbis file: three headers and one packet of nothing.
pub fn vorbis(fields: &[&str]) -> Vec<u8> {
    let ident = [&b"\x01vorbis"[..], &[0; 4], &[1], &44_100_u32.to_le_bytes(), &[0; 12], &[0xb8, 1]].concat();
    let comment = [&b"\x03vorbis"[..], &comments(fields), &[1]].concat();
    ogg(&[&ident, &comment, b"\x05vorbis", b"\0"])
}

/// An Ogg Opus file.
pub fn opus(fields: &[&str]) -> Vec<u8> {
    let ident = [&b"OpusHead\x01\x01"[..], &[0; 2], &48_000_u32.to_le_bytes(), &[0; 3]].concat();
    ogg(&[&ident, &[&b"OpusTags"[..], &comments(fields)].concat(), b"\xf8\xff\xfe"])
}

/// An Ogg Speex file.
pub fn speex(fields: &[&str]) -> Vec<u8> {
    let ident = [&b"Speex   1.2\0"[..], &[0; 68]].concat();
    ogg(&[&ident, &comments(fields), b"\0"])
}

/// A FLAC file: the stream's facts, a picture, comments, padding.
pub fn flac(fields: &[&str]) -> Vec<u8> {
    let block = |kind: u8, content: &[u8]| [&[kind], &(content.len() as u32).to_be_bytes()[1..], content].concat();
    let comments = comments(fields);
    [b"fLaC".to_vec(), block(0, &[0; 34]), block(6, &[9; 999]), block(4, &comments), block(0x81, &[0; 50])].concat()
}

// --- chunks and atoms ---

/// A chunk with a little-endian length, padded.
pub fn chunk(id: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let padding = &[0][..content.len() % 2];
    [id, &(content.len() as u32).to_le_bytes(), content, padding].concat()
}

/// A WAV file with these chunks between its format and its sound.
pub fn wav(chunks: &[Vec<u8>]) -> Vec<u8> {
    let format = chunk(b"fmt ", &[1, 0, 1, 0, 0x44, 0xac, 0, 0, 0x88, 0x58, 1, 0, 2, 0, 16, 0]);
    chunk(b"RIFF", &[b"WAVE", format.as_slice(), &chunks.concat(), &chunk(b"data", &[0; 99])].concat())
}

/// An AIFF file with these chunks behind its sound.
pub fn aiff(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let chunk = |id: &[u8; 4], content: &[u8]| {
        [id, &(content.len() as u32).to_be_bytes(), content, &[0][..content.len() % 2]].concat()
    };
    let chunks: Vec<u8> = chunks.iter().flat_map(|(id, content)| chunk(id, content)).collect();
    chunk(b"FORM", &[b"AIFF", chunk(b"SSND", &[0; 33]).as_slice(), &chunks].concat())
}

/// An MPEG-4 atom.
pub fn atom(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    [&(content.len() as u32 + 8).to_be_bytes(), name, content].concat()
}

/// An item: a name and values in UTF-8.
pub fn item(name: &[u8; 4], values: &[&str]) -> Vec<u8> {
    atom(name, &values.iter().flat_map(|value| data(1, value.as_bytes())).collect::<Vec<u8>>())
}

/// A value of an item, of a type that has this number.
pub fn data(kind: u32, value: &[u8]) -> Vec<u8> {
    atom(b"data", &[&kind.to_be_bytes()[..], &[0; 4], value].concat())
}

/// A freeform item.
pub fn freeform(name: &str, value: &str) -> Vec<u8> {
    let text = |id, text: &str| atom(id, &[&[0; 4], text.as_bytes()].concat());
    atom(b"----", &[text(b"mean", "com.apple.iTunes"), text(b"name", name), data(1, value.as_bytes())].concat())
}

/// An M4A file with these items, its sound behind them.
pub fn m4a(items: &[Vec<u8>]) -> Vec<u8> {
    let handler = atom(b"hdlr", &[0; 25]);
    let meta = atom(b"meta", &[[0; 4].to_vec(), handler, atom(b"ilst", &items.concat())].concat());
    let moov = atom(b"moov", &[atom(b"mvhd", &[0; 100]), atom(b"trak", &[0; 8]), atom(b"udta", &meta)].concat());
    [atom(b"ftyp", b"M4A \0\0\0\0mp42isom"), moov, atom(b"mdat", &[0; 500])].concat()
}

// --- EPUB ---

/// The part that says where the package document is.
pub const CONTAINER: &str = r#"<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>
<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"#;

/// A zip archive of these parts, the first one stored.
pub fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (i, (name, content)) in parts.iter().enumerate() {
        let method = if i == 0 { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// An EPUB with this package document.
pub fn epub(package: &[u8]) -> Vec<u8> {
    let parts: [(&str, &[u8]); 3] = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("OEBPS/book.opf", package),
    ];
    zipped(&parts)
}

/// A package document with this metadata.
pub fn package(metadata: &str) -> Vec<u8> {
    format!(
        r##"<?xml version="1.0" encoding="utf-8"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">{metadata}</metadata>
<manifest><item id="title" href="title.xhtml"/></manifest></package>"##
    )
    .into_bytes()
}
