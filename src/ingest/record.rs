//! One record of a catalogue: what it says of one work, or of one embodiment of a work.
//!
//! Identifiers are canonical here. What makes a single work unfit (a wrong check digit, a field over its limit) is kept
//! as a [`Problem`], so that the work is refused and the batch goes on. Invariant: a record without problems is within
//! the limits of an admission.

use super::canonical::canonical;
use super::columns::{Field, excerpt};
use crate::rows;
use crate::statement::admission::Party;
use crate::statement::identifier::{Class, Identifier, Scheme};
use crate::statement::json::MAX_INTEGER;
use crate::statement::limit::{MAX_IDENTIFIERS, MAX_PARTIES, MAX_TEXT_LEN, MAX_TITLE_LEN};
use crate::statement::vocabulary::{Code, Layer, WorkType};
use crate::statement::{Date, Set};
use serde::{Deserialize, Serialize};

/// How much of a raw value a [`Problem`] keeps, in bytes: more than any identifier has.
pub const MAX_EXCERPT_LEN: usize = 1024;

/// What a catalogue says of a work.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Line on which it begins, or row of a Parquet table, from 1; 0 where there is neither.
    pub line: u64,
    /// What binds it to other records of the same work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work: Option<String>,
    /// Title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Who has a part in it, in the order of the columns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Identifiers of the work, and of groups and parties that it belongs to; canonical, each once, no digests.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Digests of its bytes, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub digests: Vec<Identifier>,
    /// Size in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Media type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Where its bytes are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Its rights layers, each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Its licence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub licence: Option<RawLicence>,
    /// What kind of work it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub work_type: Option<WorkType>,
    /// The day of first use.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_from: Option<Date>,
    /// Where another licence for it is sold.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer: Option<String>,
    /// Who lets it in, of a catalogue of overrides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<String>,
    /// Why it must be refused, if it must.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// A licence as found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawLicence {
    /// As it stood.
    pub raw: String,
    /// Where it stood: `catalogue:` and the column's name.
    pub source: String,
}

/// Why a single work must be refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Its code, such as `bad-identifier` or `too-large`.
    pub code: Code,
    /// The column or tag; empty for the file itself.
    pub field: String,
    /// The value, as it stood; of a long one its first [`MAX_EXCERPT_LEN`] bytes. Empty where there is no single one.
    pub raw: String,
    /// What is wrong with it.
    pub what: String,
}

impl Problem {
    /// In words.
    pub fn words(&self) -> String {
        let Problem { field, raw, what, .. } = self;
        match (field.as_str(), raw.as_str()) {
            ("", _) => what.clone(),
            (_, "") => format!("{field}: {what}"),
            _ => format!("{field}: {raw:?} {what}"),
        }
    }
}

impl Record {
    /// The row keys that the work is looked up by: of its work and group identifiers, and of its digests.
    pub fn keys(&self) -> impl Iterator<Item = rows::Key> + '_ {
        let named = self.identifiers.iter().filter(|id| id.scheme().class(self.work_type) != Class::Party);
        named.chain(&self.digests).map(|id| rows::work_key(id.as_str()))
    }

    /// The row keys of a record of a catalogue or list: those that name the work itself. Only a record that names none
    /// means the group: else every article of a journal would be in a catalogue that has one of them.
    pub fn subject_keys(&self) -> impl Iterator<Item = rows::Key> + '_ {
        let class = |id: &Identifier| id.scheme().class(self.work_type);
        let wanted = match self.identifiers.iter().any(|id| class(id) == Class::Work) || !self.digests.is_empty() {
            true => Class::Work,
            false => Class::Group,
        };
        let named = self.identifiers.iter().filter(move |id| class(id) == wanted);
        named.chain(&self.digests).map(|id| rows::work_key(id.as_str()))
    }

    /// Whether another record, of the same file, says the same of it: where each stands, and how it spells the path, does
    /// not count.
    pub(super) fn says_the_same(&self, other: &Record) -> bool {
        let here = Record { line: self.line, path: self.path.clone(), ..other.clone() };
        here == *self
    }

    /// Takes a cell, which may hold several values: identifiers and layers between `;` or `|`, parties between `|`.
    /// Identifiers of any scheme may also be a JSON list, which no character inside them can be mistaken in.
    pub(super) fn put_cell(&mut self, field: Field, column: &str, cell: &str) -> Result<(), String> {
        if field == Field::Identifiers && cell.trim_start().starts_with('[') {
            let Ok(values) = serde_json::from_str::<Vec<String>>(cell) else {
                self.problem(Code::BadIdentifier, column, cell, "is not a JSON list of texts".to_owned());
                return Ok(());
            };
            return values.iter().try_for_each(|value| self.put(field, column, value));
        }
        let mut rest = cell;
        while let Some(at) = separator(field, rest) {
            self.put(field, column, &rest[..at])?;
            rest = &rest[at + 1..];
        }
        self.put(field, column, rest)
    }

    /// Takes one value. An error is one of the whole catalogue.
    pub(super) fn put(&mut self, field: Field, column: &str, value: &str) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() {
            return Ok(());
        }
        match field {
            Field::Ignore => Ok(()),
            Field::Identifier(scheme) => {
                self.put_identifier(scheme, column, value);
                Ok(())
            }
            Field::Identifiers => {
                self.put_named(column, value);
                Ok(())
            }
            Field::Party(role) => {
                if self.parties.len() == MAX_PARTIES {
                    self.too_large(column, value, format!("is one of more than {MAX_PARTIES} parties"));
                } else if let Some(name) = self.text(column, value, MAX_TEXT_LEN) {
                    self.parties.push(Party { ids: Set::new(), name, role });
                }
                Ok(())
            }
            Field::Layer => {
                let layer = word(Layer::ALL, Layer::word, Layer::parse, "layer", value)?;
                if !self.layers.contains(&layer) {
                    self.layers.push(layer);
                }
                Ok(())
            }
            Field::Because => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.because, text)
            }
            Field::Who => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.who, text)
            }
            Field::Bytes => once(&mut self.bytes, Some(number(value)?)),
            Field::UsedFrom => once(&mut self.used_from, Some(Date::parse(value).map_err(|e| e.to_string())?)),
            Field::WorkType => {
                let kind = word(WorkType::ALL, WorkType::word, WorkType::parse, "work type", value)?;
                once(&mut self.work_type, Some(kind))
            }
            Field::Licence => {
                let raw = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.licence, raw.map(|raw| RawLicence { raw, source: ["catalogue:", column].concat() }))
            }
            Field::Download => {
                match value.to_ascii_lowercase().as_str() {
                    "true" | "1" => {}
                    "false" | "0" => {
                        // No licence says so, and no licence takes it away: whoever offers the work keeps it to listening.
                        let what = "keeps the work from being downloaded, whatever its licence permits".to_owned();
                        self.problem(Code::NeedsReview, column, value, what);
                    }
                    _ => return Err("is neither true nor false".to_owned()),
                }
                Ok(())
            }
            Field::Offer => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.offer, text)
            }
            Field::MediaType => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.media_type, text)
            }
            Field::Path => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.path, text)
            }
            Field::Title => {
                let text = self.text(column, value, MAX_TITLE_LEN);
                once(&mut self.title, text)
            }
            Field::Work => {
                let text = self.text(column, value, MAX_TEXT_LEN);
                once(&mut self.work, text)
            }
        }
    }

    /// Takes an identifier that names its scheme.
    fn put_named(&mut self, column: &str, value: &str) {
        // What is canonical stays as it is, also where its value begins like a label.
        if let Ok(identifier) = Identifier::parse(value) {
            return self.add_identifier(column, value, identifier);
        }
        match named(value) {
            Some((scheme, raw)) => self.put_identifier(scheme, column, raw),
            None => {
                let what = "does not begin with a scheme, as in isbn:9780306406157".to_owned();
                self.problem(Code::BadIdentifier, column, value, what);
            }
        }
    }

    fn put_identifier(&mut self, scheme: Scheme, column: &str, raw: &str) {
        match canonical(scheme, raw) {
            Ok(identifier) => self.add_identifier(column, raw, identifier),
            Err(error) => self.problem(Code::BadIdentifier, column, raw, error.to_string()),
        }
    }

    fn add_identifier(&mut self, column: &str, raw: &str, identifier: Identifier) {
        let list = if identifier.scheme().is_digest() { &mut self.digests } else { &mut self.identifiers };
        if list.contains(&identifier) {
            return;
        }
        if list.len() < MAX_IDENTIFIERS {
            return list.push(identifier);
        }
        self.too_large(column, raw, format!("is one of more than {MAX_IDENTIFIERS} identifiers"));
    }

    /// A text of at most `most` bytes; a longer one is a problem.
    pub(super) fn text(&mut self, column: &str, value: &str, most: usize) -> Option<String> {
        if value.len() <= most {
            return Some(value.to_owned());
        }
        self.too_large(column, value, format!("has {} bytes, the most is {most}", value.len()));
        None
    }

    /// A column is too large once, however many of its values are.
    fn too_large(&mut self, column: &str, raw: &str, what: String) {
        if !self.problems.iter().any(|p| p.code == Code::TooLarge && p.field == column) {
            self.problem(Code::TooLarge, column, raw, what);
        }
    }

    fn problem(&mut self, code: Code, column: &str, raw: &str, what: String) {
        // As many as there can be identifiers are enough to say that a record is unfit.
        if self.problems.len() < MAX_IDENTIFIERS {
            let (field, raw) = (column.to_owned(), excerpt(raw, MAX_EXCERPT_LEN));
            self.problems.push(Problem { code, field, raw, what });
        }
    }
}

/// Where the first value of a cell ends, if others follow.
fn separator(field: Field, cell: &str) -> Option<usize> {
    match field {
        Field::Identifier(scheme) => {
            let ends = |(i, b): (usize, u8)| b == b'|' || b == b';' && begins(scheme, cell[i + 1..].trim_start());
            cell.bytes().enumerate().position(ends)
        }
        // Where an identifier may hold separators itself, one ends it that has white space beside it, which no canonical
        // identifier holds, or another scheme behind it.
        Field::Identifiers => {
            let holds = |scheme| matches!(scheme, Scheme::Doi | Scheme::Id | Scheme::Swhid | Scheme::Url);
            let never_holds = named(cell.trim_start()).is_some_and(|(scheme, _)| !holds(scheme));
            let apart = |before: &str, after: &str| {
                before.ends_with(char::is_whitespace)
                    || after.starts_with(char::is_whitespace)
                    || named(after).is_some()
            };
            let ends =
                |(i, b): (usize, u8)| matches!(b, b';' | b'|') && (never_holds || apart(&cell[..i], &cell[i + 1..]));
            cell.bytes().enumerate().position(ends)
        }
        Field::Layer => cell.find([';', '|']),
        // Names hold semicolons ("Simon &amp; Garfunkel").
        Field::Party(_) => cell.find('|'),
        Field::Because | Field::Who => None,
        Field::Bytes | Field::Download | Field::Ignore | Field::Licence | Field::MediaType => None,
        Field::Offer | Field::Path | Field::Title | Field::UsedFrom | Field::Work | Field::WorkType => None,
    }
}

/// The scheme and the value of `scheme:value`, the scheme in any case.
fn named(text: &str) -> Option<(Scheme, &str)> {
    Scheme::ALL.into_iter().find_map(|scheme| {
        let (name, value) = text.split_at_checked(scheme.name().len())?;
        let value = value.strip_prefix(':').filter(|_| name.eq_ignore_ascii_case(scheme.name()))?;
        Some((scheme, value))
    })
}

/// Whether an identifier may begin here, after a semicolon. In some schemes identifiers hold semicolons themselves:
/// then only what looks like another one does.
fn begins(scheme: Scheme, rest: &str) -> bool {
    let starts = |prefix: &str| rest.get(..prefix.len()).is_some_and(|s| s.eq_ignore_ascii_case(prefix));
    match scheme {
        Scheme::Doi => ["10.", "doi:", "http"].into_iter().any(starts),
        Scheme::Swhid => ["swh:", "http"].into_iter().any(starts),
        Scheme::Url => rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with("://"),
        Scheme::Id => false,
        _ => true,
    }
}

fn once<T>(slot: &mut Option<T>, value: Option<T>) -> Result<(), String> {
    if slot.is_some() {
        return Err("is a second value, and there is room for one".to_owned());
    }
    *slot = value;
    Ok(())
}

fn number(value: &str) -> Result<u64, String> {
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    let number = value.parse().ok().filter(|n| digits && *n <= MAX_INTEGER);
    number.ok_or_else(|| "is not a whole number from 0 to 2^53-1".to_owned())
}

/// A word of a vocabulary, in any case and with `_` or a space for its hyphens.
fn word<T: Copy>(
    all: &[T],
    spelled: fn(T) -> &'static str,
    parse: fn(&str) -> Option<T>,
    what: &str,
    value: &str,
) -> Result<T, String> {
    let known = parse(value).or_else(|| parse(&value.to_ascii_lowercase().replace(['_', ' '], "-")));
    let words = || all.iter().map(|t| spelled(*t)).collect::<Vec<_>>().join(", ");
    known.ok_or_else(|| format!("is not a {what}; there are {}", words()))
}
