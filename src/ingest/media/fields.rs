//! What the names of metadata fields mean, and what becomes of their values.
//!
//! Every value counts where several are given, but for titles, of which the first does. Invariant: after
//! [`Fields::finish`] the record holds what an admission can hold; what is beyond is among its problems.

use super::super::columns::Field;
use super::super::record::RawLicence;
use super::{About, Undescribed};
use crate::statement::Scheme;
use crate::statement::limit::MAX_TEXT_LEN;
use crate::statement::vocabulary::Role;

/// Licence fields, and as many notices, of one file. Real files have one or two.
pub const MAX_LICENCES: usize = 64;

/// What a field says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    Title,
    Album,
    Party(Option<Role>),
    Identifier(Scheme),
    /// The licence, or the address of one.
    Licence,
    /// A text about copyright or rights.
    Notice,
}

pub(super) const PERFORMER: Meaning = Meaning::Party(Some(Role::Performer));
const COMPOSER: Meaning = Meaning::Party(Some(Role::Composer));
const LABEL: Meaning = Meaning::Party(Some(Role::Label));
const PUBLISHER: Meaning = Meaning::Party(Some(Role::Publisher));

/// Names that Vorbis comments, user-defined ID3v2 frames and freeform MPEG-4 items share, without case, spaces and
/// underscores: `MUSICBRAINZ_ALBUMID` and `MusicBrainz Album Id` are one. MusicBrainz calls a recording's identifier
/// that of the track, for history's sake.
const NAMED: &[(&str, Meaning)] = &[
    ("title", Meaning::Title),
    ("album", Meaning::Album),
    ("artist", PERFORMER),
    ("composer", COMPOSER),
    ("label", LABEL),
    ("organization", LABEL),
    ("publisher", PUBLISHER),
    ("isrc", Meaning::Identifier(Scheme::Isrc)),
    ("iswc", Meaning::Identifier(Scheme::Iswc)),
    ("barcode", Meaning::Identifier(Scheme::Upc)),
    ("upc", Meaning::Identifier(Scheme::Upc)),
    ("musicbrainztrackid", Meaning::Identifier(Scheme::MbidRecording)),
    ("musicbrainzworkid", Meaning::Identifier(Scheme::MbidWork)),
    ("musicbrainzalbumid", Meaning::Identifier(Scheme::MbidRelease)),
    ("license", Meaning::Licence),
    ("licence", Meaning::Licence),
    ("licenseurl", Meaning::Licence),
    ("licenceurl", Meaning::Licence),
    ("copyright", Meaning::Notice),
];

/// Frames of ID3v2.3 and 2.4, and of 2.2.
const FRAMES: &[(&str, &str, Meaning)] = &[
    ("TIT2", "TT2", Meaning::Title),
    ("TALB", "TAL", Meaning::Album),
    ("TPE1", "TP1", PERFORMER),
    ("TCOM", "TCM", COMPOSER),
    ("TPUB", "TPB", LABEL),
    ("TSRC", "TRC", Meaning::Identifier(Scheme::Isrc)),
    ("WCOP", "WCP", Meaning::Licence),
    ("USER", "", Meaning::Licence),
    ("TCOP", "TCR", Meaning::Notice),
];

/// Items of an MPEG-4 file that have a four-character name.
const ITEMS: &[(&str, Meaning)] = &[
    ("\u{a9}nam", Meaning::Title),
    ("\u{a9}alb", Meaning::Album),
    ("\u{a9}ART", PERFORMER),
    ("\u{a9}wrt", COMPOSER),
    ("\u{a9}pub", PUBLISHER),
    ("cprt", Meaning::Notice),
];

/// Chunks of a RIFF `INFO` list (where `ISRC` is the source, not an identifier), and text chunks of AIFF.
const CHUNKS: &[(&str, Meaning)] = &[
    ("INAM", Meaning::Title),
    ("IPRD", Meaning::Album),
    ("IART", PERFORMER),
    ("IMUS", COMPOSER),
    ("ICOP", Meaning::Notice),
    ("NAME", Meaning::Title),
    ("AUTH", Meaning::Party(None)),
    ("(c) ", Meaning::Notice),
];

/// What a named field means.
pub(super) fn named(name: &str) -> Option<Meaning> {
    let folded = || name.chars().filter(|c| !matches!(c, ' ' | '_')).map(|c| c.to_ascii_lowercase());
    NAMED.iter().find(|(own, _)| folded().eq(own.chars())).map(|(_, meaning)| *meaning)
}

/// What an ID3v2 frame means.
pub(super) fn frame(id: &str) -> Option<Meaning> {
    FRAMES.iter().find(|(new, old, _)| *new == id || *old == id).map(|(_, _, meaning)| *meaning)
}

/// What an MPEG-4 item means.
pub(super) fn item(id: &str) -> Option<Meaning> {
    ITEMS.iter().find(|(own, _)| *own == id).map(|(_, meaning)| *meaning)
}

/// What a chunk means.
pub(super) fn chunk(id: &str) -> Option<Meaning> {
    CHUNKS.iter().find(|(own, _)| *own == id).map(|(_, meaning)| *meaning)
}

/// What has been found so far.
#[derive(Debug, Default)]
pub(super) struct Fields {
    about: About,
    too_many: bool,
}

impl Fields {
    /// Takes the value of a field; `source` is where it stood, as a problem or a licence names it.
    pub(super) fn put(&mut self, meaning: Meaning, source: &str, value: &str) {
        let value = value.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'));
        if value.is_empty() {
            return;
        }
        let record = &mut self.about.record;
        let put = match meaning {
            Meaning::Title if record.title.is_some() => Ok(()),
            Meaning::Title => record.put(Field::Title, source, value),
            // A file may hold two tags that agree.
            Meaning::Party(role) if record.parties.iter().any(|p| p.role == role && p.name == value) => Ok(()),
            Meaning::Party(role) => record.put(Field::Party(role), source, value),
            Meaning::Identifier(scheme) => record.put_cell(Field::Identifier(scheme), source, value),
            Meaning::Album => {
                if self.about.album.is_none() {
                    self.about.album = record.text(source, value, MAX_TEXT_LEN);
                }
                Ok(())
            }
            Meaning::Licence | Meaning::Notice => {
                let list = if meaning == Meaning::Licence { &mut self.about.licences } else { &mut self.about.notices };
                let raw = record.text(source, value, MAX_TEXT_LEN);
                let found = raw.map(|raw| RawLicence { raw, source: source.to_owned() });
                if let Some(found) = found.filter(|found| !list.contains(found)) {
                    match list.len() < MAX_LICENCES {
                        true => list.push(found),
                        false => self.too_many = true,
                    }
                }
                Ok(())
            }
        };
        debug_assert!(put.is_ok(), "these fields take any text, any number of times, or are put once");
    }

    /// Whether a title has been found.
    pub(super) fn has_title(&self) -> bool {
        self.about.record.title.is_some()
    }

    /// What the file says.
    pub(super) fn finish(self) -> Result<About, Undescribed> {
        if self.too_many {
            return Err(Undescribed::Unreadable(format!("has more than {MAX_LICENCES} licence fields")));
        }
        Ok(self.about)
    }
}
