//! Which field of a [`Record`](super::Record) each column of a catalogue fills.
//!
//! A column is known by its name (the command line document lists them), in any case and with `_`, `-` or a space
//! between words; a mapping overrules that. Columns that fill nothing are ignored, and named so that a person can see it.
//! Invariant: in one file, a field that takes one value comes from one column.

use super::error::Fault;
use crate::statement::Scheme;
use crate::statement::identifier::Class;
use crate::statement::vocabulary::{Role, WorkType};
use std::collections::HashMap;
use std::fmt;

/// Columns of one catalogue: wide research tables have some hundreds.
pub const MAX_COLUMNS: usize = 4096;

/// How many columns an error lists, and how much of each name.
const LISTED: usize = 24;
const LISTED_LEN: usize = 64;

/// What a column says of a work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Why a person decides so.
    Because,
    /// Size in bytes.
    Bytes,
    /// Whether whoever offers the work lets it be downloaded.
    Download,
    /// Identifiers of this scheme.
    Identifier(Scheme),
    /// Identifiers of any scheme, each written `scheme:value`.
    Identifiers,
    /// Nothing: left out on purpose.
    Ignore,
    /// Rights layers.
    Layer,
    /// The work's own licence.
    Licence,
    /// Media type.
    MediaType,
    /// Where another licence for the work is sold.
    Offer,
    /// Someone with a part in it. A `rightsholder` or `creator` has a part that the catalogue does not name.
    Party(Option<Role>),
    /// Where its bytes are.
    Path,
    /// Title.
    Title,
    /// The day of first use.
    UsedFrom,
    /// Who decides so.
    Who,
    /// What binds several records to one work.
    Work,
    /// What kind of work it is.
    WorkType,
}

/// Names of columns besides those of [`Role`] and [`Scheme`]; of several for one field, the first is the field's own.
const NAMES: [(&str, Field); 29] = [
    ("artist", Field::Party(Some(Role::Performer))),
    ("bytes", Field::Bytes),
    ("rightsholder", Field::Party(None)),
    ("creator", Field::Party(None)),
    ("gtin", Field::Identifier(Scheme::Upc)),
    ("identifiers", Field::Identifiers),
    ("identifier", Field::Identifiers),
    ("ignore", Field::Ignore),
    ("isbn10", Field::Identifier(Scheme::Isbn)),
    ("isbn-10", Field::Identifier(Scheme::Isbn)),
    ("isbn13", Field::Identifier(Scheme::Isbn)),
    ("isbn-13", Field::Identifier(Scheme::Isbn)),
    ("issn-l", Field::Identifier(Scheme::Issn)),
    ("layer", Field::Layer),
    ("layers", Field::Layer),
    ("licence", Field::Licence),
    ("license", Field::Licence),
    ("licence_url", Field::Licence),
    ("license_url", Field::Licence),
    ("license_ccurl", Field::Licence),
    ("media_type", Field::MediaType),
    ("path", Field::Path),
    ("audiodownload_allowed", Field::Download),
    ("prourl", Field::Offer),
    ("title", Field::Title),
    ("used_from", Field::UsedFrom),
    ("work", Field::Work),
    ("work_type", Field::WorkType),
    ("type", Field::WorkType),
];

/// What names mean in a response of Jamendo's API; its other names mean what they do elsewhere, or nothing.
const OF_JAMENDO: &[(&str, Field)] = &[
    ("artist_name", Field::Party(Some(Role::Performer))),
    ("id", Field::Identifier(Scheme::Jamendo)),
    ("name", Field::Title),
];

/// The same in the tables of the MTG-Jamendo dataset.
const OF_MTG_JAMENDO: &[(&str, Field)] = &[
    ("ARTIST_NAME", Field::Party(Some(Role::Performer))),
    ("TRACK_ID", Field::Identifier(Scheme::Jamendo)),
    ("TRACK_NAME", Field::Title),
];

/// The same where a person lets works in against the gate; elsewhere these names mean nothing.
const OF_OVERRIDES: &[(&str, Field)] = &[("because", Field::Because), ("who", Field::Who)];

/// How the tables of MTG-Jamendo begin: no other is taken for one.
const MTG_JAMENDO: [&str; 3] = ["TRACK_ID", "ARTIST_ID", "ALBUM_ID"];

/// `--map COLUMN=FIELD`: this column fills that field, whatever its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The column, as the header spells it (case does not count).
    pub column: String,
    /// The field.
    pub field: Field,
}

impl Field {
    /// The field that a column of this name fills.
    pub fn parse(name: &str) -> Option<Field> {
        let named = NAMES.iter().find(|(own, _)| same(own, name)).map(|(_, field)| *field);
        let role = || Role::ALL.iter().find(|r| same(r.word(), name)).map(|r| Field::Party(Some(*r)));
        let scheme = || Scheme::ALL.into_iter().find(|s| same(s.name(), name)).map(Field::Identifier);
        named.or_else(role).or_else(scheme)
    }

    /// All names that [`Field::parse`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        let roles = Role::ALL.iter().map(|r| r.word());
        NAMES.iter().map(|(name, _)| *name).chain(roles).chain(Scheme::ALL.iter().map(|s| s.name()))
    }

    /// Whether a record may have several values of it.
    pub fn holds_many(self) -> bool {
        match self {
            Field::Identifier(_) | Field::Identifiers | Field::Party(_) | Field::Layer | Field::Ignore => true,
            Field::Bytes | Field::Download | Field::Licence | Field::MediaType | Field::Offer | Field::Path => false,
            Field::Because | Field::Title | Field::UsedFrom | Field::Who | Field::Work | Field::WorkType => false,
        }
    }

    /// Whether a question about a work, or its answer, has to do with it.
    fn names_works(self) -> bool {
        match self {
            Field::Identifier(_) | Field::Identifiers | Field::Path => true,
            Field::Title | Field::Work | Field::WorkType => true,
            Field::Bytes | Field::Download | Field::Ignore | Field::Layer | Field::Licence | Field::MediaType => false,
            Field::Because | Field::Offer | Field::Party(_) | Field::UsedFrom | Field::Who => false,
        }
    }

    /// Whether a work can be found by it: by an identifier that has rows, or by its bytes.
    fn finds_works(self) -> bool {
        match self {
            // An ISWC is a work's or a group's; both have rows.
            Field::Identifier(scheme) => scheme.class(Some(WorkType::MusicalWork)) != Class::Party,
            Field::Identifiers | Field::Path => true,
            Field::Bytes | Field::Download | Field::Ignore | Field::Layer | Field::Licence | Field::MediaType => false,
            Field::Because | Field::Offer | Field::Party(_) | Field::Who => false,
            Field::Title | Field::UsedFrom | Field::Work | Field::WorkType => false,
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Identifier(scheme) => scheme.name(),
            Field::Party(Some(role)) => role.word(),
            Field::Because => "because",
            Field::Who => "who",
            field => NAMES.iter().find(|(_, named)| named == field).map_or("", |(name, _)| name),
        })
    }
}

impl Mapping {
    /// Reads `COLUMN=FIELD`; the column may hold further equals signs.
    ///
    /// # Errors
    /// [`Fault::Mapping`], [`Fault::UnknownField`].
    pub fn parse(text: &str) -> Result<Mapping, Fault> {
        let parts = text.rsplit_once('=').map(|(column, field)| (column.trim(), field.trim()));
        let Some((column, field)) = parts.filter(|(column, _)| !column.is_empty()) else {
            return Err(Fault::Mapping(text.to_owned()));
        };
        let field = Field::parse(field).ok_or_else(|| Fault::UnknownField(field.to_owned()))?;
        Ok(Mapping { column: column.to_owned(), field })
    }
}

/// The columns of one file, as they are met: in the header, or member by member.
#[derive(Debug)]
pub(super) struct Columns {
    map: Vec<Mapping>,
    names: Vec<String>,
    ignored: Vec<String>,
    finds_works: bool,
    /// Only what a work is known by is wanted.
    only_names: bool,
    /// What names mean in this kind of file, before what they mean in any.
    own: &'static [(&'static str, Field)],
    /// Whether the last column goes on to the end of the line.
    open_end: bool,
}

impl Columns {
    pub(super) fn new(map: &[Mapping]) -> Columns {
        Columns {
            map: map.to_vec(),
            names: Vec::new(),
            ignored: Vec::new(),
            finds_works: false,
            only_names: false,
            own: &[],
            open_end: false,
        }
    }

    /// Leaves out what no question about a work is about, such as its licence.
    pub(super) fn only_names(self) -> Columns {
        Columns { only_names: true, ..self }
    }

    /// The names of an override's columns count.
    pub(super) fn of_overrides(self) -> Columns {
        Columns { own: OF_OVERRIDES, ..self }
    }

    /// The names of Jamendo's API count.
    pub(super) fn of_jamendo(&mut self) {
        self.own = OF_JAMENDO;
    }

    /// Whether a record may have more fields than the header: its last column holds several.
    pub(super) fn open_end(&self) -> bool {
        self.open_end
    }

    /// The file has no columns: none can be mapped.
    pub(super) fn none(&self) -> Result<(), Fault> {
        let mapped = self.map.first().map(|m| m.column.clone());
        mapped.map_or(Ok(()), |column| Err(Fault::UnknownColumn { column, columns: Vec::new() }))
    }

    /// Takes a whole header: the field of each column, in order.
    pub(super) fn header<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<Vec<Field>, Fault> {
        let fields = self.described(names)?;
        self.finish()?;
        Ok(fields)
    }

    /// The same of columns that need not name works: these are there beside them.
    pub(super) fn described<'a>(&mut self, names: impl Iterator<Item = &'a str>) -> Result<Vec<Field>, Fault> {
        let mut positions = HashMap::new();
        let mut fields: Vec<Field> = Vec::new();
        let names: Vec<&str> = names.map(str::trim).collect();
        if names.starts_with(&MTG_JAMENDO) {
            self.own = OF_MTG_JAMENDO;
            // Each tag of a track is a field of its own.
            self.open_end = names.last() == Some(&"TAGS");
        }
        for (i, name) in names.into_iter().enumerate() {
            // Spreadsheets export blank columns; they have no name to be confused by.
            let twin = if name.is_empty() { None } else { positions.insert(name.to_lowercase(), i) };
            if let Some(first) = twin {
                let name = excerpt(name, LISTED_LEN);
                return Err(Fault::DuplicateColumn { name, first: first + 1, second: i + 1 });
            }
            let field = self.add(name)?;
            if let Some(first) = fields.iter().position(|f| *f == field && !field.holds_many()) {
                return Err(Fault::TwoColumns { field, first: self.names[first].clone(), second: name.to_owned() });
            }
            fields.push(field);
        }
        Ok(fields)
    }

    /// Takes one column: the field that it fills.
    pub(super) fn add(&mut self, name: &str) -> Result<Field, Fault> {
        if self.names.len() == MAX_COLUMNS {
            return Err(Fault::TooManyColumns);
        }
        self.names.push(name.to_owned());
        let mapped = self.map.iter().find(|m| same(&m.column, name)).map(|m| m.field);
        // A mapping takes the place of the column that would have filled the field by its name.
        let free = |f: &Field| f.holds_many() || self.map.iter().all(|m| m.field != *f);
        let own = || self.own.iter().find(|(own, _)| same(own, name)).map(|(_, field)| *field);
        let by_name = || own().or_else(|| Field::parse(name)).filter(|f| free(f) && *f != Field::Ignore);
        let field = mapped.or_else(by_name).unwrap_or_else(|| {
            self.ignored.push(name.to_owned());
            Field::Ignore
        });
        self.finds_works |= field.finds_works();
        Ok(if self.only_names && !field.names_works() { Field::Ignore } else { field })
    }

    /// All columns are known now: checks that the mapped ones were among them, and that works can be found.
    pub(super) fn finish(&self) -> Result<(), Fault> {
        let there = |m: &&Mapping| self.names.iter().any(|name| same(name, &m.column));
        if let Some(missing) = self.map.iter().find(|m| !there(m)) {
            return Err(Fault::UnknownColumn { column: missing.column.clone(), columns: self.names.clone() });
        }
        if self.finds_works { Ok(()) } else { Err(Fault::NoIdentifier(self.names.clone())) }
    }

    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }
}

/// Whether two names are one: case does not count, nor which of `_`, `-` and space stands between words.
fn same(a: &str, b: &str) -> bool {
    let fold = |b: u8| if matches!(b, b'-' | b' ') { b'_' } else { b.to_ascii_lowercase() };
    a.len() == b.len() && a.bytes().zip(b.bytes()).all(|(a, b)| fold(a) == fold(b))
}

/// Names for an error: the first few, each cut to a length that a line can hold.
pub(super) fn listed(names: &[String]) -> String {
    let mut out = names.iter().take(LISTED).map(|n| format!("{:?}", excerpt(n, LISTED_LEN))).collect::<Vec<_>>();
    if names.len() > LISTED {
        out.push(format!("and {} more", names.len() - LISTED));
    }
    if out.is_empty() { "none".to_owned() } else { out.join(", ") }
}

/// The beginning of a text, at most `most` bytes of it and a mark that it goes on.
pub fn excerpt(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    let end = (0..=most).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
    format!("{}...", &text[..end])
}

/// The candidate that is spelled most like `text`, if any is alike: a third of its letters may differ.
pub fn nearest<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = text.to_lowercase().chars().take(LISTED_LEN).collect();
    let near = candidates.filter(|c| c.len() <= LISTED_LEN).map(|c| (distance(&wanted, c), c));
    near.filter(|(distance, _)| *distance <= wanted.len().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|n| n.1)
}

/// The candidates, those spelled most like `text` first.
pub fn nearest_first<'a>(text: &str, candidates: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted: Vec<char> = text.to_lowercase().chars().take(LISTED_LEN).collect();
    let mut sorted: Vec<&str> = candidates.collect();
    sorted.sort_by_cached_key(|c| distance(&wanted, c));
    sorted
}

/// Levenshtein's distance: letters to add, remove or replace.
fn distance(wanted: &[char], text: &str) -> usize {
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (i, c) in text.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, w) in wanted.iter().enumerate() {
            let replaced = diagonal + usize::from(*w != c);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[wanted.len()]
}
