//! WAV and AIFF: chunks, each with a name and a length (Multimedia Programming Interface 1.0, chapter 2; AIFF 1.3).
//!
//! Walked here and not by the tag library, since the `id3 ` chunk must not reach it (see `id3`). Of the chunks only
//! those with texts are read. A file that is cut short inside its sound has said what stands before.

use super::Undescribed;
use super::bounded::{Bounded, MAX_METADATA_LEN};
use super::fields::{self, Fields};
use super::id3;
use std::io::{Read, Seek, SeekFrom};

/// Reads a file of chunks with little-endian lengths, as WAV has.
pub(super) fn read_wav<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    read(input, u32::from_le_bytes, fields)
}

/// Reads a file of chunks with big-endian lengths, as AIFF has.
pub(super) fn read_aiff<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    read(input, u32::from_be_bytes, fields)
}

fn read<R: Read + Seek>(
    input: &mut Bounded<R>,
    number: fn([u8; 4]) -> u32,
    fields: &mut Fields,
) -> Result<(), Undescribed> {
    // The outer chunk's header, and what it holds.
    input.seek(SeekFrom::Start(12)).map_err(super::unreadable)?;
    while let Some(header) = input.next::<8>().map_err(super::unreadable)? {
        let [a, b, c, d, len @ ..] = header;
        let Some(id) = name(&[a, b, c, d]).map(str::to_owned) else { return Ok(()) };
        let len = u64::from(number(len));
        let end = input.position() + len;
        let texts = matches!(id.as_str(), "LIST" | "id3 " | "ID3 ") || fields::chunk(&id).is_some();
        if texts && len > input.rest() {
            let words = format!("its chunk {id:?} claims {len} bytes, and {} follow", input.rest());
            return Err(Undescribed::Unreadable(words));
        }
        if texts {
            read_chunk(&id, len, input, number, fields)?;
        }
        input.seek(SeekFrom::Start(end)).map_err(super::unreadable)?;
        step_over_padding(len, input)?;
    }
    Ok(())
}

fn read_chunk<R: Read + Seek>(
    id: &str,
    len: u64,
    input: &mut Bounded<R>,
    number: fn([u8; 4]) -> u32,
    fields: &mut Fields,
) -> Result<(), Undescribed> {
    // Other lists than INFO can be long, and are not read.
    if id == "LIST" && input.next().map_err(super::unreadable)? != Some(*b"INFO") {
        return Ok(());
    }
    let len = if id == "LIST" { len.saturating_sub(4) } else { len };
    if len > MAX_METADATA_LEN {
        let words = format!("its chunk {id:?} has {len} bytes, the most is {MAX_METADATA_LEN}");
        return Err(Undescribed::Unreadable(words));
    }
    let content = input.piece(len).map_err(super::unreadable)?;
    match id {
        "LIST" => {
            read_info(&content, number, fields);
            Ok(())
        }
        "id3 " | "ID3 " => id3::read_chunk(&content, fields),
        _ => {
            put(id, &content, fields);
            Ok(())
        }
    }
}

/// The texts of an `INFO` list.
fn read_info(list: &[u8], number: fn([u8; 4]) -> u32, fields: &mut Fields) {
    let mut rest = list;
    while let Some((header, after)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, len @ ..] = *header;
        let Some(id) = name(&[a, b, c, d]).map(str::to_owned) else { return };
        // A last text that is shorter than it says is taken as it is.
        let (text, next) = after.split_at(after.len().min(number(len) as usize));
        put(&id, text, fields);
        rest = match next {
            [0, padded @ ..] if text.len() % 2 == 1 => padded,
            next => next,
        };
    }
}

/// A text ends at its first NUL. Writers of old used the encoding of their system.
fn put(id: &str, text: &[u8], fields: &mut Fields) {
    let Some(meaning) = fields::chunk(id) else { return };
    let text = text.split(|b| *b == 0).next().unwrap_or_default();
    let text = std::str::from_utf8(text).map_or_else(|_| id3::latin1(text), str::to_owned);
    fields.put(meaning, &format!("tag:{}", id.trim_end()), &text);
}

/// Chunks begin at even places. Some writers count the padding byte, or forget it.
fn step_over_padding<R: Read + Seek>(len: u64, input: &mut Bounded<R>) -> Result<(), Undescribed> {
    if len % 2 == 1 && input.next().map_err(super::unreadable)?.is_some_and(|[padding]| padding != 0) {
        input.seek(SeekFrom::Current(-1)).map_err(super::unreadable)?;
    }
    Ok(())
}

/// Four printable characters.
fn name(id: &[u8; 4]) -> Option<&str> {
    std::str::from_utf8(id).ok().filter(|id| id.bytes().all(|b| (b' '..=b'~').contains(&b)))
}
