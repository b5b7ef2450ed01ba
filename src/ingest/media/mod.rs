//! What a work's file says of itself: audio tags, the metadata of an EPUB or a drawing, the header of a plain text.
//!
//! Which reader a file gets follows from the ending of its name, and where that says nothing, from its first bytes. Not
//! here: digests, media properties (length, bit rate), other pictures, and whether a licence is one. Nothing is guessed: a
//! value counts under a name of the tables (`fields`, `text`), docs/files.md lists them.
//!
//! Files are hostile until read. Invariants: whatever the bytes are, at most [`MAX_METADATA_LEN`] of them are read, in at
//! most [`MAX_SEEKS`] places; that takes less than a second and sixteen times their memory at worst (a list of nothing
//! but one-letter items); and the answer is an [`About`] or an [`Undescribed`]. Metadata that a reader knows and cannot
//! read are an error, never silence: they might have held another licence.
//!
//! Reading order: `kind` (what a file is), `bounded` (the reader with a budget), `fields` (what names mean), then one
//! file for each way to write metadata: `audio` (the tag library), `id3`, `mp4`, `chunks`, `epub`, `svg`, `text`.

mod audio;
mod bounded;
mod chunks;
mod epub;
mod fields;
mod id3;
mod kind;
mod mp4;
mod svg;
mod text;

use super::record::{RawLicence, Record};
use bounded::Bounded;
use fields::Fields;
use kind::{Audio, Content, Promise};
use serde::{Deserialize, Serialize};
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};

pub use bounded::{MAX_METADATA_LEN, MAX_SEEKS};
pub use epub::{MAX_ELEMENTS, MAX_PART_LEN, MAX_XML_DEPTH};
pub use fields::MAX_LICENCES;
pub use mp4::MAX_LISTS;

/// What a file says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct About {
    /// Media type, by the content where that says it, else by the ending of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Title, parties, identifiers, problems; its `licence` is none.
    pub record: Record,
    /// What fields for the licence hold, in the order of the file. `source` is `tag:`, `epub:`, `svg:` or `text:` and the field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub licences: Vec<RawLicence>,
    /// What fields for copyright and rights hold: texts that may name a licence or none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notices: Vec<RawLicence>,
    /// The title of the album that it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub album: Option<String>,
}

/// Why a file does not say what it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Undescribed {
    /// Not one work: a container of works.
    #[error("is {0}, not one work: admit what is in it, unpacked or by a catalogue")]
    Archive(&'static str),
    /// Its metadata are damaged, cut short, too large, or not there where its name promises them.
    #[error("{0}")]
    Unreadable(String),
}

/// Reads what a file says of itself. `name` is the file's name, `head` its first bytes (4 KiB, or all that there are),
/// `input` the file from its start and `len` its size.
///
/// # Errors
/// [`Undescribed`].
pub fn describe<R: Read + Seek>(name: &str, head: &[u8], input: R, len: u64) -> Result<About, Undescribed> {
    let ending = kind::by_name(name);
    let mut fields = Fields::default();
    let mut input = Bounded::new(input, len);
    // The libraries that read foreign bytes should not panic; if one does, it costs this work and not the whole run. The
    // panic's own message still goes to stderr: the hook is the program's, and the message is what a bug report needs.
    let read = || read(ending.map(|e| e.promise), head, &mut input, &mut fields);
    let outcome = catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| {
        Err(Undescribed::Unreadable("its metadata cannot be read: the library that reads them gave up".to_owned()))
    });
    if let Some(fault) = input.fault() {
        // A library may take an error for the end of the file.
        return Err(Undescribed::Unreadable(fault));
    }
    let found = outcome?;
    let mut about = fields.finish()?;
    about.media_type = found.or(ending.map(|e| e.media_type)).map(str::to_owned);
    Ok(about)
}

/// Lets the right reader fill the fields; the media type, where the content says it better than the name.
fn read<R: Read + Seek>(
    promise: Option<Promise>,
    head: &[u8],
    input: &mut Bounded<R>,
    fields: &mut Fields,
) -> Result<Option<&'static str>, Undescribed> {
    let longer = input.len() > head.len() as u64;
    match (promise, kind::by_content(head)) {
        (Some(Promise::Archive(what)), _) | (None, Some(Content::Archive(what))) => Err(Undescribed::Archive(what)),
        (Some(Promise::Text), _) => {
            text::read(head, longer, fields);
            Ok(None)
        }
        (Some(Promise::Epub), _) | (None, Some(Content::Epub)) => {
            epub::read(input, fields)?;
            Ok(Some(kind::EPUB))
        }
        (Some(Promise::Svg), _) => {
            svg::read(input, fields)?;
            Ok(None)
        }
        (Some(Promise::Audio) | None, Some(Content::Audio(format)))
        | (Some(Promise::Video), Some(Content::Audio(format @ (Audio::M4a | Audio::Mp4)))) => {
            audio::read(format, input, fields)
        }
        (Some(Promise::Audio), None) if kind::begins_with_frames(head, longer) => {
            id3::read_end(input, fields)?;
            Ok(None)
        }
        (Some(Promise::Audio), _) => {
            let words = "is named like an audio file and does not begin like one".to_owned();
            Err(Undescribed::Unreadable(words))
        }
        (Some(Promise::Video | Promise::Nothing), _) | (None, None) => Ok(None),
    }
}

/// How much of a library's words is passed on, in bytes.
const WORDS_LEN: usize = 300;

fn unreadable(error: std::io::Error) -> Undescribed {
    Undescribed::Unreadable(format!("its metadata cannot be read: {error}"))
}
