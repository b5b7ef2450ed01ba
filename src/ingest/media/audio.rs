//! Audio files: which tags each format has, and the tag library (lofty), which reads Vorbis comments and MPEG-4 items.
//!
//! Lofty gets bytes that are bounded before it sees them, and never an ID3v2 tag (`id3` says why). Properties, cover art
//! and its conversions of track numbers are switched off: nothing of them is recorded, and the last take quadratic time.

use super::super::columns::excerpt;
use super::Undescribed;
use super::bounded::{Bounded, MAX_METADATA_LEN};
use super::fields::{self, Fields};
use super::kind::Audio;
use super::{WORDS_LEN, chunks, id3, mp4};
use lofty::config::{GlobalOptions, ParseOptions, apply_global_options};
use lofty::error::FileParseError;
use lofty::file::AudioFile;
use lofty::flac::FlacFile;
use lofty::mp4::{AtomData, AtomIdent, Mp4File};
use lofty::ogg::tag::VorbisComments;
use lofty::ogg::{OpusFile, SpeexFile, VorbisFile};
use std::error::Error;
use std::io::{Cursor, Read, Seek, SeekFrom};

/// Reads the tags of a file of this format, and says its media type, where the content does.
pub(super) fn read<R: Read + Seek>(
    format: Audio,
    input: &mut Bounded<R>,
    fields: &mut Fields,
) -> Result<Option<&'static str>, Undescribed> {
    apply_global_options(GlobalOptions::new().allocation_limit(MAX_METADATA_LEN as usize));
    let media_type = match format {
        Audio::Id3 => return read_tagged(input, fields).map(Some),
        Audio::Flac => {
            read_flac(input, fields)?;
            "audio/flac"
        }
        Audio::Vorbis => {
            comments(VorbisFile::read_from(input, options()).map_err(no_comments)?.vorbis_comments(), fields);
            "audio/ogg"
        }
        Audio::Opus => {
            comments(OpusFile::read_from(input, options()).map_err(no_comments)?.vorbis_comments(), fields);
            "audio/ogg"
        }
        Audio::Speex => {
            comments(SpeexFile::read_from(input, options()).map_err(no_comments)?.vorbis_comments(), fields);
            "audio/ogg"
        }
        Audio::OtherOgg => {
            let words = "is an Ogg file that begins with none of Vorbis, Opus and Speex";
            return Err(Undescribed::Unreadable(words.to_owned()));
        }
        Audio::Wav => {
            chunks::read_wav(input, fields)?;
            "audio/wav"
        }
        Audio::Aiff => {
            chunks::read_aiff(input, fields)?;
            "audio/aiff"
        }
        Audio::M4a | Audio::Mp4 => {
            for list in mp4::item_lists(input)? {
                items(&list, fields)?;
            }
            return Ok((format == Audio::M4a).then_some("audio/mp4"));
        }
    };
    Ok(Some(media_type))
}

/// ID3v2 stands before MPEG frames, and some programs put it before FLAC.
fn read_tagged<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<&'static str, Undescribed> {
    id3::read(input, fields)?;
    let start = input.position();
    let media_type = match input.next().map_err(super::unreadable)? {
        Some(next) if next == *b"fLaC" => {
            input.seek(SeekFrom::Start(start)).map_err(super::unreadable)?;
            read_flac(input, fields)?;
            return Ok("audio/flac");
        }
        // ISO/IEC 13818-7, 6.2: layer 0 is AAC's.
        Some([0xff, second, _, _]) if second & 0xf6 == 0xf0 => "audio/aac",
        _ => "audio/mpeg",
    };
    id3::read_end(input, fields)?;
    Ok(media_type)
}

fn read_flac<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    let file = FlacFile::read_from(input, options()).map_err(no_comments)?;
    if let Some(found) = file.vorbis_comments() {
        comments(found, fields);
    }
    Ok(())
}

fn comments(comments: &VorbisComments, fields: &mut Fields) {
    for (name, value) in comments.items() {
        if let Some(meaning) = fields::named(name) {
            // Their case does not count.
            fields.put(meaning, &format!("tag:{}", name.to_ascii_uppercase()), value);
        }
    }
}

/// Reads one item list, as the only one of a file that holds nothing else.
fn items(list: &[u8], fields: &mut Fields) -> Result<(), Undescribed> {
    let mut file = b"\0\0\0\x10ftypM4A \0\0\0\0".to_vec();
    // Each atom's length counts the headers inside; `meta` has a version and flags before its first atom.
    for (name, inside) in [(b"moov", 28), (b"udta", 20), (b"meta", 12), (b"ilst", 0)] {
        // A list has at most MAX_METADATA_LEN bytes.
        file.extend((list.len() as u32 + inside + 8).to_be_bytes());
        file.extend(name);
        file.extend(if name == b"meta" { &[0; 4][..] } else { &[] });
    }
    file.extend(list);
    let file = Mp4File::read_from(&mut Cursor::new(file), options()).map_err(|e| unreadable("items", &e))?;
    for atom in file.ilst().into_iter().flatten() {
        let (meaning, name) = match atom.ident() {
            AtomIdent::Fourcc(id) => {
                let id = id3::latin1(id);
                (fields::item(&id), id)
            }
            AtomIdent::Freeform { name, .. } => (fields::named(name), name.to_string()),
        };
        let Some(meaning) = meaning else { continue };
        for value in atom.data() {
            match value {
                AtomData::UTF8(text) | AtomData::UTF16(text) => fields.put(meaning, &format!("tag:{name}"), text),
                AtomData::Unknown { data, .. } => {
                    fields.put(meaning, &format!("tag:{name}"), &String::from_utf8_lossy(data));
                }
                // Numbers and pictures are no texts.
                _ => {}
            }
        }
    }
    Ok(())
}

fn options() -> ParseOptions {
    ParseOptions::new().read_properties(false).read_cover_art(false).implicit_conversions(false)
}

fn no_comments(error: FileParseError) -> Undescribed {
    unreadable("comments", &error)
}

/// The library's words for what is wrong, down to the cause.
fn unreadable(what: &str, error: &FileParseError) -> Undescribed {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| words.len() < WORDS_LEN) {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    let words = excerpt(&words, WORDS_LEN);
    Undescribed::Unreadable(format!("its {what} cannot be read: {words}"))
}
