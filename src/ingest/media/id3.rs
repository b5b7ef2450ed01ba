//! ID3v2 (versions 2.2, 2.3 and 2.4, <https://id3.org>) and ID3v1 tags.
//!
//! Read here and not by the tag library, for two reasons. Lofty 0.25 follows chapter frames inside chapter frames without
//! a limit: a file of two kilobytes overflows the stack, which ends the program and not only the reading. And it keeps
//! one frame of a kind, where each licence counts. Here frames are walked in one loop, those that mean nothing to
//! `fields` are stepped over, and texts are decoded without failing (what is no text becomes U+FFFD, and a licence of
//! that text is no known licence).
//!
//! Invariant: a tag is held once in memory, and its bytes are passed over once.

use super::Undescribed;
use super::bounded::{Bounded, MAX_METADATA_LEN};
use super::fields::{self, Fields, Meaning};
use crate::statement::Scheme;
use std::borrow::Cow;
use std::io::{Read, Seek, SeekFrom};

/// Whose recordings a unique file identifier numbers.
const MUSICBRAINZ: &str = "http://musicbrainz.org";

/// The header of a tag: ID3v2.4 structure, section 3.1.
struct Header {
    version: u8,
    flags: u8,
    len: u64,
}

/// One frame, its content as the writer meant it.
struct Frame<'a> {
    id: &'a str,
    content: Cow<'a, [u8]>,
}

/// Reads the tags that stand here, one behind the other, and goes to what follows them.
pub(super) fn read<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    loop {
        let start = input.position();
        let header = match input.next().map_err(super::unreadable)? {
            Some(bytes) if bytes.starts_with(b"ID3") => header(&bytes)?,
            // Its first three bytes are why it is read here.
            None if start == 0 => return unreadable("is cut short: it ends in the header of its ID3v2 tag".to_owned()),
            _ => {
                input.seek(SeekFrom::Start(start)).map_err(super::unreadable)?;
                return Ok(());
            }
        };
        if header.len > input.rest() {
            let (len, rest) = (header.len, input.rest());
            return unreadable(format!("its ID3v2 tag claims {len} bytes, and {rest} follow"));
        }
        if header.len > MAX_METADATA_LEN {
            return unreadable(format!("its ID3v2 tag has {} bytes, the most is {MAX_METADATA_LEN}", header.len));
        }
        let body = input.piece(header.len).map_err(super::unreadable)?;
        read_body(&header, body, fields)?;
        // Section 3.4: a copy of the header may stand behind the tag.
        if header.version == 4 && header.flags & 0x10 != 0 {
            input.seek(SeekFrom::Current(10)).map_err(super::unreadable)?;
        }
    }
}

/// Reads a tag that is the content of a chunk.
pub(super) fn read_chunk(content: &[u8], fields: &mut Fields) -> Result<(), Undescribed> {
    let Some((first, body)) = content.split_first_chunk::<10>().filter(|(first, _)| first.starts_with(b"ID3")) else {
        return unreadable("its ID3 chunk holds no ID3v2 tag".to_owned());
    };
    let header = header(first)?;
    match usize::try_from(header.len).ok().and_then(|len| body.get(..len)) {
        Some(body) => read_body(&header, body.to_vec(), fields),
        None => unreadable(format!("its ID3v2 tag claims {} bytes, and {} follow", header.len, body.len())),
    }
}

/// Reads the ID3v1 tag at the end of a file: 128 bytes, `TAG`, then 30 each for title, artist and album. It says less
/// than any other tag, and cut off; so it speaks only where there is none.
pub(super) fn read_end<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    if fields.has_title() || input.len() < 128 {
        return Ok(());
    }
    input.seek(SeekFrom::End(-128)).map_err(super::unreadable)?;
    let Some(tag) = input.next::<128>().map_err(super::unreadable)?.filter(|tag| tag.starts_with(b"TAG")) else {
        return Ok(());
    };
    let names = [("title", Meaning::Title), ("artist", fields::PERFORMER), ("album", Meaning::Album)];
    for ((name, meaning), part) in names.into_iter().zip(tag[3..].chunks(30)) {
        fields.put(meaning, &format!("tag:ID3v1:{name}"), first_value(&latin1(part)));
    }
    Ok(())
}

fn header(bytes: &[u8; 10]) -> Result<Header, Undescribed> {
    let [_, _, _, version, _, flags, len @ ..] = *bytes;
    if !(2..=4).contains(&version) {
        return unreadable(format!("its ID3v2 tag is of version 2.{version}"));
    }
    match synchsafe(len) {
        Some(len) => Ok(Header { version, flags, len: u64::from(len) }),
        None => unreadable("the length of its ID3v2 tag is no length".to_owned()),
    }
}

fn read_body(header: &Header, body: Vec<u8>, fields: &mut Fields) -> Result<(), Undescribed> {
    // Before 2.4 the scheme covers the whole tag, after that each frame.
    let whole = header.version < 4 && header.flags & 0x80 != 0;
    let body = if whole { resynchronised(&body).into_owned() } else { body };
    let mut rest = body.as_slice();
    if header.flags & 0x40 != 0 {
        rest = match (header.version, rest.split_first_chunk()) {
            (3, Some((len, after))) => after.get(u32::from_be_bytes(*len) as usize..),
            (4, Some((len, _))) => synchsafe(*len).and_then(|len| rest.get(len as usize..)),
            _ => None,
        }
        .ok_or_else(|| Undescribed::Unreadable("the header of its ID3v2 tag is damaged".to_owned()))?;
    }
    while let Some(frame) = next_frame(header, &mut rest)? {
        take(&frame, fields);
    }
    Ok(())
}

/// The next frame that means something; none at the padding or the end.
fn next_frame<'a>(header: &Header, rest: &mut &'a [u8]) -> Result<Option<Frame<'a>>, Undescribed> {
    let header_len = if header.version == 2 { 6 } else { 10 };
    loop {
        let Some((first, after)) = rest.split_at_checked(header_len).filter(|(first, _)| first[0] != 0) else {
            return Ok(None);
        };
        let Some(id) = frame_id(header.version, first) else {
            return unreadable("its ID3v2 tag is damaged: something between its frames is none".to_owned());
        };
        let len = frame_len(header.version, first, after);
        let Some((content, next)) = after.split_at_checked(len) else {
            return unreadable(format!("its ID3v2 frame {id} claims {len} bytes, and {} follow", after.len()));
        };
        *rest = next;
        if id == "TXXX" || id == "TXX" || id == "WXXX" || id == "UFID" || id == "UFI" || fields::frame(id).is_some() {
            return match content_of(header, first, content) {
                Some(content) => Ok(Some(Frame { id, content })),
                None => unreadable(format!("its ID3v2 frame {id} is compressed, encrypted or damaged")),
            };
        }
    }
}

/// The name in a frame's header. Some writers put the short names of 2.2 into headers of 2.3.
fn frame_id(version: u8, first: &[u8]) -> Option<&str> {
    let id = std::str::from_utf8(first.get(..if version == 2 { 3 } else { 4 })?).ok()?;
    let id = id.trim_end_matches(['\0', ' ']);
    let valid = id.len() >= 3 && id.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    valid.then_some(id)
}

/// The length in a frame's header. It is synchsafe in 2.4; since a well-known program forgot that, the plain number is
/// taken where it leads to a frame, padding or the end, and the synchsafe one does not.
fn frame_len(version: u8, first: &[u8], after: &[u8]) -> usize {
    let word = |bytes: &[u8]| bytes.iter().fold(0, |sum, b| sum << 8 | usize::from(*b));
    if version == 2 {
        return word(&first[3..6]);
    }
    let bytes = [first[4], first[5], first[6], first[7]];
    let plain = word(&bytes);
    let Some(synchsafe) = synchsafe(bytes).filter(|_| version == 4) else { return plain };
    let leads = |len: usize| match after.get(len..) {
        Some(next) => next.len() < 10 || next[0] == 0 || frame_id(4, next).is_some(),
        None => false,
    };
    let synchsafe = synchsafe as usize;
    if synchsafe != plain && !leads(synchsafe) && leads(plain) { plain } else { synchsafe }
}

/// A frame's content without what its flags add. Nothing if it is compressed or encrypted, which nobody does.
fn content_of<'a>(header: &Header, first: &[u8], content: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    let flags = first.get(9).copied().unwrap_or(0);
    match header.version {
        // ID3v2.3, section 3.3.1: compression, encryption, grouping.
        3 if flags & 0xc0 != 0 => None,
        3 => content.get(usize::from(flags & 0x20 != 0)..).map(Cow::Borrowed),
        // ID3v2.4, section 4.1.2: grouping, compression, encryption, unsynchronisation, length.
        4 if flags & 0x0c != 0 => None,
        4 => {
            let added = usize::from(flags & 0x40 != 0) + 4 * usize::from(flags & 0x01 != 0);
            let content = content.get(added..)?;
            let escaped = flags & 0x02 != 0 || header.flags & 0x80 != 0;
            Some(if escaped { resynchronised(content) } else { Cow::Borrowed(content) })
        }
        _ => Some(Cow::Borrowed(content)),
    }
}

/// What a frame says.
fn take(frame: &Frame<'_>, fields: &mut Fields) {
    let Some((&first, rest)) = frame.content.split_first() else { return };
    match frame.id {
        "UFID" | "UFI" => {
            let (owner, id) = split(0, &frame.content);
            if latin1(owner) == MUSICBRAINZ {
                fields.put(Meaning::Identifier(Scheme::MbidRecording), "tag:UFID", &latin1(id));
            }
        }
        "TXXX" | "TXX" | "WXXX" => {
            let (name, value) = split(first, rest);
            let (name, value) =
                (decoded(first, name), if frame.id == "WXXX" { latin1(value) } else { decoded(first, value) });
            let name = name.trim_start_matches('\u{feff}');
            if let Some(meaning) = fields::named(name) {
                put_values(meaning, &format!("tag:{}:{name}", frame.id), &value, fields);
            }
        }
        id => {
            let Some(meaning) = fields::frame(id) else { return };
            let value = match id {
                // An address has no encoding; a frame holds one.
                "WCOP" | "WCP" => first_value(&latin1(&frame.content)).to_owned(),
                // A language of three letters stands before the terms of use.
                "USER" => decoded(first, rest.get(3..).unwrap_or_default()),
                _ => decoded(first, rest),
            };
            put_values(meaning, &format!("tag:{id}"), &value, fields);
        }
    }
}

/// ID3v2.4 parts values by NULs, and so do writers of 2.3.
fn put_values(meaning: Meaning, source: &str, values: &str, fields: &mut Fields) {
    for value in values.split('\0') {
        fields.put(meaning, source, value);
    }
}

fn first_value(text: &str) -> &str {
    text.split('\0').next().unwrap_or_default()
}

/// What stands before and after the first terminator, which is as wide as the encoding's characters.
fn split(encoding: u8, bytes: &[u8]) -> (&[u8], &[u8]) {
    let width = if matches!(encoding, 1 | 2) { 2 } else { 1 };
    let end = bytes.chunks_exact(width).position(|c| c.iter().all(|b| *b == 0)).map(|at| at * width);
    end.map_or((bytes, &[]), |end| (&bytes[..end], &bytes[end + width..]))
}

/// ID3v2.4, section 4: 0 is Latin-1, 1 UTF-16 with a mark of its order, 2 UTF-16 without, 3 UTF-8.
fn decoded(encoding: u8, bytes: &[u8]) -> String {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match (encoding, bytes) {
        (1, [0xfe, 0xff, ..]) | (2, _) => utf16(u16::from_be_bytes),
        // Where the mark is forgotten, it was forgotten on Windows.
        (1, _) => utf16(u16::from_le_bytes),
        (3, _) => String::from_utf8_lossy(bytes).into_owned(),
        _ => latin1(bytes),
    }
}

pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}

/// Takes back the unsynchronisation scheme: a zero behind each 0xff.
fn resynchronised(bytes: &[u8]) -> Cow<'_, [u8]> {
    if !bytes.windows(2).any(|pair| pair == [0xff, 0]) {
        return Cow::Borrowed(bytes);
    }
    let mut previous = 0;
    let escape = |byte: &u8| std::mem::replace(&mut previous, *byte) == 0xff && *byte == 0;
    let mut escape = escape;
    Cow::Owned(bytes.iter().copied().filter(|byte| !escape(byte)).collect())
}

/// Seven bits a byte; none if the eighth is set.
fn synchsafe(bytes: [u8; 4]) -> Option<u32> {
    let word = bytes.iter().fold(0, |sum, b| sum << 7 | u32::from(*b));
    bytes.iter().all(|b| b & 0x80 == 0).then_some(word)
}

fn unreadable<T>(words: String) -> Result<T, Undescribed> {
    Err(Undescribed::Unreadable(words))
}
