//! What a file is: the endings of names and the first bytes of contents that are known, all of them here.
//!
//! Not a judge of contents: formats without metadata that are read (most pictures, PDF, video) are taken at their name.

/// What the ending of a name says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    pub(super) media_type: &'static str,
    pub(super) promise: Promise,
}

/// What is in a file by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Promise {
    Audio,
    /// Its tags are read where it is an MPEG-4 file.
    Video,
    Epub,
    Svg,
    Text,
    Archive(&'static str),
    /// Nothing that is read.
    Nothing,
}

/// What is in a file by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Audio(Audio),
    Epub,
    Archive(&'static str),
}

/// How an audio file holds its tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Audio {
    /// ID3v2, then MPEG frames, or FLAC.
    Id3,
    Flac,
    Vorbis,
    Opus,
    Speex,
    /// An Ogg stream of something else.
    OtherOgg,
    Wav,
    Aiff,
    /// MPEG-4 of a brand that is audio.
    M4a,
    /// MPEG-4, with a picture or without.
    Mp4,
}

/// The media type of EPUB, which is also what its first member says.
pub(super) const EPUB: &str = "application/epub+zip";

const TAR: &str = "a tar archive";
const COMPRESSED_TAR: &str = "a compressed tar archive";
const ZIP: &str = "a zip archive";
const SEVEN_ZIP: &str = "a 7z archive";
const RAR: &str = "a RAR archive";
const PARQUET: &str = "a Parquet file";
const ARROW: &str = "an Arrow file";

/// The endings, in lower case; of several that fit, the longest.
const ENDINGS: &[(&str, &str, Promise)] = &[
    // Audio whose tags are read.
    ("mp3", "audio/mpeg", Promise::Audio),
    ("mp2", "audio/mpeg", Promise::Audio),
    ("mpga", "audio/mpeg", Promise::Audio),
    ("aac", "audio/aac", Promise::Audio),
    ("ogg", "audio/ogg", Promise::Audio),
    ("oga", "audio/ogg", Promise::Audio),
    ("opus", "audio/ogg", Promise::Audio),
    ("spx", "audio/ogg", Promise::Audio),
    ("flac", "audio/flac", Promise::Audio),
    ("wav", "audio/wav", Promise::Audio),
    ("aif", "audio/aiff", Promise::Audio),
    ("aiff", "audio/aiff", Promise::Audio),
    ("aifc", "audio/aiff", Promise::Audio),
    ("m4a", "audio/mp4", Promise::Audio),
    ("m4b", "audio/mp4", Promise::Audio),
    // Audio whose tags are not.
    ("ape", "audio/x-ape", Promise::Nothing),
    ("mid", "audio/midi", Promise::Nothing),
    ("midi", "audio/midi", Promise::Nothing),
    ("mka", "audio/matroska", Promise::Nothing),
    ("mpc", "audio/x-musepack", Promise::Nothing),
    ("wma", "audio/x-ms-wma", Promise::Nothing),
    ("wv", "audio/x-wavpack", Promise::Nothing),
    // Video.
    ("mp4", "video/mp4", Promise::Video),
    ("m4v", "video/mp4", Promise::Video),
    ("avi", "video/vnd.avi", Promise::Nothing),
    ("mkv", "video/matroska", Promise::Nothing),
    ("mov", "video/quicktime", Promise::Nothing),
    ("mpeg", "video/mpeg", Promise::Nothing),
    ("mpg", "video/mpeg", Promise::Nothing),
    ("ogv", "video/ogg", Promise::Nothing),
    ("webm", "video/webm", Promise::Nothing),
    // Text.
    ("txt", "text/plain", Promise::Text),
    ("text", "text/plain", Promise::Text),
    ("md", "text/markdown", Promise::Text),
    ("markdown", "text/markdown", Promise::Text),
    ("epub", EPUB, Promise::Epub),
    ("csv", "text/csv", Promise::Nothing),
    ("html", "text/html", Promise::Nothing),
    ("htm", "text/html", Promise::Nothing),
    ("json", "application/json", Promise::Nothing),
    ("xhtml", "application/xhtml+xml", Promise::Nothing),
    ("xml", "application/xml", Promise::Nothing),
    ("mobi", "application/x-mobipocket-ebook", Promise::Nothing),
    ("pdf", "application/pdf", Promise::Nothing),
    ("doc", "application/msword", Promise::Nothing),
    ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", Promise::Nothing),
    ("odt", "application/vnd.oasis.opendocument.text", Promise::Nothing),
    ("rtf", "application/rtf", Promise::Nothing),
    ("tex", "application/x-tex", Promise::Nothing),
    // Pictures; the metadata of SVG are read.
    ("avif", "image/avif", Promise::Nothing),
    ("bmp", "image/bmp", Promise::Nothing),
    ("gif", "image/gif", Promise::Nothing),
    ("heic", "image/heic", Promise::Nothing),
    ("jpeg", "image/jpeg", Promise::Nothing),
    ("jpg", "image/jpeg", Promise::Nothing),
    ("png", "image/png", Promise::Nothing),
    ("svg", "image/svg+xml", Promise::Svg),
    ("tif", "image/tiff", Promise::Nothing),
    ("tiff", "image/tiff", Promise::Nothing),
    ("webp", "image/webp", Promise::Nothing),
    // What holds many works.
    ("7z", "application/x-7z-compressed", Promise::Archive(SEVEN_ZIP)),
    ("arrow", "application/vnd.apache.arrow.file", Promise::Archive(ARROW)),
    ("parquet", "application/vnd.apache.parquet", Promise::Archive(PARQUET)),
    ("rar", "application/vnd.rar", Promise::Archive(RAR)),
    ("tar", "application/x-tar", Promise::Archive(TAR)),
    ("tar.bz2", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tar.gz", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tar.xz", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tar.zst", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tbz2", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tgz", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("txz", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("tzst", "application/x-tar", Promise::Archive(COMPRESSED_TAR)),
    ("zip", "application/zip", Promise::Archive(ZIP)),
];

/// What a name's ending says; case does not count.
pub(super) fn by_name(name: &str) -> Option<Ending> {
    let ends = |ending: &str| {
        let at = name.len().checked_sub(ending.len() + 1)?;
        let tail = name.as_bytes().get(at..)?;
        (tail.first() == Some(&b'.') && tail[1..].eq_ignore_ascii_case(ending.as_bytes())).then_some(ending.len())
    };
    let fitting = ENDINGS.iter().filter_map(|entry| Some((ends(entry.0)?, entry)));
    let (_, (_, media_type, promise)) = fitting.max_by_key(|(len, _)| *len)?;
    Some(Ending { media_type, promise: *promise })
}

/// What the first bytes say.
pub(super) fn by_content(head: &[u8]) -> Option<Content> {
    let has = |at: usize, magic: &[u8]| head.get(at..).is_some_and(|rest| rest.starts_with(magic));
    if has(0, b"ID3") {
        return Some(Content::Audio(Audio::Id3));
    }
    if has(0, b"OggS") {
        return Some(Content::Audio(ogg(head)));
    }
    if has(0, b"fLaC") {
        return Some(Content::Audio(Audio::Flac));
    }
    if (has(0, b"RIFF") || has(0, b"RF64")) && has(8, b"WAVE") {
        return Some(Content::Audio(Audio::Wav));
    }
    if has(0, b"FORM") && (has(8, b"AIFF") || has(8, b"AIFC")) {
        return Some(Content::Audio(Audio::Aiff));
    }
    if has(4, b"ftyp") {
        return mp4(head.get(8..12).unwrap_or_default()).map(Content::Audio);
    }
    if has(0, b"PK\x03\x04") || has(0, b"PK\x05\x06") {
        return Some(if is_epub(head) { Content::Epub } else { Content::Archive(ZIP) });
    }
    // POSIX ustar and GNU tar, which has a space where the former has a NUL.
    let archives: [(usize, &[u8], &str); 5] = [
        (257, b"ustar", TAR),
        (0, b"PAR1", PARQUET),
        (0, b"ARROW1", ARROW),
        (0, b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
        (0, b"Rar!\x1a\x07", RAR),
    ];
    archives.iter().find(|(at, magic, _)| has(*at, magic)).map(|(_, _, what)| Content::Archive(what))
}

/// RFC 3533, section 6: 27 bytes and the segment table stand before a page's first packet.
fn ogg(head: &[u8]) -> Audio {
    let segments = head.get(26).copied().unwrap_or(0);
    let packet = head.get(27 + usize::from(segments)..).unwrap_or_default();
    let signatures: [(&[u8], Audio); 3] =
        [(b"\x01vorbis", Audio::Vorbis), (b"OpusHead", Audio::Opus), (b"Speex   ", Audio::Speex)];
    signatures.iter().find(|(magic, _)| packet.starts_with(magic)).map_or(Audio::OtherOgg, |(_, codec)| *codec)
}

/// By the brand; pictures come in the same container.
fn mp4(brand: &[u8]) -> Option<Audio> {
    match brand {
        b"M4A " | b"M4B " | b"M4P " => Some(Audio::M4a),
        b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" | b"avif" | b"avis" | b"crx " => None,
        _ => Some(Audio::Mp4),
    }
}

/// EPUB OCF 3.3, section 4.3: the first member is `mimetype`, stored, without an extra field.
fn is_epub(head: &[u8]) -> bool {
    head.get(30..38) == Some(b"mimetype") && head.get(38..).is_some_and(|rest| rest.starts_with(EPUB.as_bytes()))
}

/// Whether MPEG audio begins here: a frame header (ISO/IEC 11172-3, 2.4.1.3; for AAC ISO/IEC 13818-7, 6.2) and another
/// one after the frame, unless the file ends there. Zeros and junk of other programs may stand before.
pub(super) fn begins_with_frames(head: &[u8], longer: bool) -> bool {
    head.windows(6).enumerate().any(|(at, window)| {
        let Some(len) = frame_len(window) else { return false };
        match head.get(at + len..at + len + 6) {
            Some(next) => frame_len(next).is_some(),
            None => at == 0 || !longer,
        }
    })
}

/// The length of the frame whose header this is.
fn frame_len(header: &[u8]) -> Option<usize> {
    /// Kilobits a second, by index: version 1 layers I, II, III, then version 2 layer I, then its II and III.
    const BIT_RATES: [[usize; 14]; 5] = [
        [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let [0xff, second, third, fourth, fifth, sixth] = *header else { return None };
    if second & 0xf6 == 0xf0 {
        let len = usize::from(fourth & 3) << 11 | usize::from(fifth) << 3 | usize::from(sixth >> 5);
        return (len >= 7).then_some(len);
    }
    let (version, layer) = (second >> 3 & 3, second >> 1 & 3);
    let (rate, sampling) = (usize::from(third >> 4), usize::from(third >> 2 & 3));
    if second & 0xe0 != 0xe0 || version == 1 || layer == 0 {
        return None;
    }
    let row = match (version, layer) {
        (3, layer) => 3 - usize::from(layer),
        (_, 3) => 3,
        _ => 4,
    };
    let halved = match version {
        3 => 0,
        2 => 1,
        _ => 2,
    };
    let bits = BIT_RATES[row].get(rate.checked_sub(1)?)? * 1000;
    let hertz = [44_100, 48_000, 32_000].get(sampling)? >> halved;
    let padding = usize::from(third >> 1 & 1);
    Some(match layer {
        3 => (12 * bits / hertz + padding) * 4,
        1 if version != 3 => 72 * bits / hertz + padding,
        _ => 144 * bits / hertz + padding,
    })
}
