//! The terms of a grant as people write them: TOML, or the same as JSON, checked member by member.
//!
//! Section "Grant" of the domain. Stricter than a statement's own check: words are known, countries are in use, the
//! licence is understood, exactly one subject is there. What is read here passes that check too. A subject that is a
//! list or a catalogue becomes terms once its rows have a root; making rows and opening the catalogue are the caller's.

use super::error::{Fault, FileError};
use super::expression::understand;
use super::reader::{self, Item, Members};
use super::territory;
use crate::rows::Root;
use crate::statement::identifier::Class;
use crate::statement::limit::{MAX_EVIDENCE, MAX_IDENTIFIERS, MAX_MODELS, MAX_ROWS};
use crate::statement::terms::{Evidence, Licensee, Licensor, Models, Subject};
use crate::statement::vocabulary::{Basis, Obligation, OnEnd, Role, Territory};
use crate::statement::{Date, Identifier, Layer, Model, Name, Purpose, RowsRef, Scheme, Set, Terms, Time, Use};

/// The longest terms file, in bytes: room for [`MAX_WORKS`] identifiers of a usual length.
pub const MAX_TERMS_LEN: usize = 1 << 23;
/// The most works that a terms file lists itself; a longer list is a catalogue's.
pub const MAX_WORKS: usize = 100_000;

/// How a terms file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// TOML.
    Toml,
    /// JSON with the same members.
    Json,
}

/// The works that a terms file is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileSubject {
    /// These, in the order of the file; their rows become the catalogue.
    Works(Vec<Identifier>),
    /// Those of this catalogue file.
    Catalogue(String),
    /// Those whose own licence is this canonical expression.
    Licence(String),
    /// Those of the party of this identifier or exact name.
    Party(String),
}

/// A terms file, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsFile {
    /// The works that it is about.
    pub subject: FileSubject,
    /// Everything else; the subject in it is a stand-in until [`TermsFile::into_terms`].
    terms: Terms,
}

/// Reads a terms file.
///
/// # Errors
/// The first thing that is wrong, in which field, and where.
pub fn read_terms(bytes: &[u8], format: Format) -> Result<TermsFile, FileError> {
    let file = match format {
        Format::Toml => reader::toml(bytes, MAX_TERMS_LEN)?,
        Format::Json => reader::json(bytes, MAX_TERMS_LEN)?,
    };
    let mut file = file.members(&[
        "id",
        "basis",
        "licence",
        "licensor",
        "licensee",
        "subject",
        "layers",
        "uses",
        "not_uses",
        "purposes",
        "territories",
        "not_territories",
        "valid_from",
        "valid_to",
        "on_end",
        "obligations",
        "models",
        "evidence",
    ])?;
    let end = file.place_of("valid_to");
    let terms = Terms {
        id: file.required("id")?.parse(Name::parse)?,
        basis: file.required("basis")?.word(Basis::ALL, Basis::word)?,
        licence: file.required("licence")?.parse(licence)?,
        licensor: licensor(file.required("licensor")?)?,
        licensee: licensee(file.required("licensee")?)?,
        layers: words(&mut file, "layers", Layer::ALL, Layer::word)?,
        uses: words(&mut file, "uses", Use::ALL, Use::word)?,
        not_uses: words(&mut file, "not_uses", Use::ALL, Use::word)?,
        purposes: words(&mut file, "purposes", Purpose::ALL, Purpose::word)?,
        territories: territories(&mut file, "territories", territory::parse)?,
        not_territories: territories(&mut file, "not_territories", exception)?,
        valid_from: file.required("valid_from")?.parse(Date::parse)?,
        valid_to: file.optional("valid_to").map(|item| item.parse(Date::parse)).transpose()?,
        on_end: file.optional("on_end").map(|item| item.word(OnEnd::ALL, OnEnd::word)).transpose()?,
        obligations: words(&mut file, "obligations", Obligation::ALL, Obligation::word)?,
        models: file.optional("models").map(models).transpose()?,
        evidence: match file.optional("evidence") {
            Some(list) => list.list(MAX_EVIDENCE)?.into_iter().map(evidence).collect::<Result<_, _>>()?,
            None => Vec::new(),
        },
        rules: None,
        subject: Subject::Catalogue(RowsRef { count: 0, root: Root([0; 32]) }),
    };
    if terms.valid_to.is_some_and(|to| to <= terms.valid_from) {
        return Err(end.fail(Fault::NotAfterStart));
    }
    Ok(TermsFile { subject: subject(file.required("subject")?)?, terms })
}

impl TermsFile {
    /// The name of the grant.
    pub fn id(&self) -> &Name {
        &self.terms.id
    }

    /// Whoever grants.
    pub fn licensor(&self) -> &Licensor {
        &self.terms.licensor
    }

    /// Whoever is granted to.
    pub fn licensee(&self) -> &Licensee {
        &self.terms.licensee
    }

    /// The terms, given the rows of the subject's list or catalogue where it is one.
    ///
    /// # Errors
    /// Rows that are missing, or that nothing asked for, or none at all, or too many.
    pub fn into_terms(self, catalogue: Option<RowsRef>) -> Result<Terms, FileError> {
        let fail = |fault| Err(FileError { at: None, field: "subject".to_owned(), fault });
        let subject = match (self.subject, catalogue) {
            (FileSubject::Works(_) | FileSubject::Catalogue(_), Some(rows)) => match rows.count {
                0 => return fail(Fault::Empty),
                MAX_ROWS.. => {
                    let [count, most] = [rows.count, MAX_ROWS - 1].map(|n| usize::try_from(n).unwrap_or(usize::MAX));
                    return fail(Fault::TooMany { count, most });
                }
                _ => Subject::Catalogue(rows),
            },
            (FileSubject::Licence(expression), None) => Subject::Licence(expression),
            (FileSubject::Party(party), None) => Subject::Party(party),
            (FileSubject::Works(_) | FileSubject::Catalogue(_), None) => return fail(Fault::NoCatalogue),
            (FileSubject::Licence(_) | FileSubject::Party(_), Some(_)) => return fail(Fault::NotACatalogue),
        };
        Ok(Terms { subject, ..self.terms })
    }
}

fn subject(item: Item) -> Result<FileSubject, FileError> {
    let place = item.place.clone();
    let mut members = item.members(&["works", "catalogue", "licence", "party"])?;
    let works = members.optional("works").map(|list| list.distinct(MAX_WORKS, |item| item.parse(work))).transpose()?;
    let catalogue = members.optional("catalogue").map(Item::text).transpose()?;
    let expression = members.optional("licence").map(|item| item.parse(licence)).transpose()?;
    let party = members.optional("party").map(|item| item.parse(party)).transpose()?;
    match (works, catalogue, expression, party) {
        (Some(works), None, None, None) => Ok(FileSubject::Works(works)),
        (None, Some(file), None, None) => Ok(FileSubject::Catalogue(file)),
        (None, None, Some(expression), None) => Ok(FileSubject::Licence(expression)),
        (None, None, None, Some(party)) => Ok(FileSubject::Party(party)),
        (a, b, c, d) => {
            let count = [a.is_some(), b.is_some(), c.is_some(), d.is_some()].into_iter().filter(|is| *is).count();
            Err(place.fail(Fault::NotOneSubject { count }))
        }
    }
}

fn licensor(item: Item) -> Result<Licensor, FileError> {
    let mut members = item.members(&["name", "role", "ids", "key"])?;
    Ok(Licensor {
        name: members.required("name")?.text()?,
        role: members.optional("role").map(|item| item.word(Role::ALL, Role::word)).transpose()?,
        ids: identifiers(&mut members)?,
        key: members.optional("key").map(Item::text).transpose()?,
    })
}

fn licensee(item: Item) -> Result<Licensee, FileError> {
    let mut members = item.members(&["name", "ids", "log"])?;
    Ok(Licensee {
        name: members.required("name")?.text()?,
        ids: identifiers(&mut members)?,
        log: members.optional("log").map(|item| item.parse(log)).transpose()?,
    })
}

fn models(item: Item) -> Result<Models, FileError> {
    let mut members = item.members(&["names", "versions"])?;
    let names = members.optional("names").map(|list| list.set(MAX_MODELS, |item| item.parse(model))).transpose()?;
    Ok(Models {
        names: names.unwrap_or_default(),
        versions: members.optional("versions").map(Item::count).transpose()?,
    })
}

fn evidence(item: Item) -> Result<Evidence, FileError> {
    let mut members = item.members(&["digest", "what", "captured_at", "by"])?;
    Ok(Evidence {
        digest: members.required("digest")?.parse(digest)?,
        what: members.optional("what").map(Item::text).transpose()?,
        captured_at: members.optional("captured_at").map(|item| item.parse(Time::parse)).transpose()?,
        by: members.optional("by").map(Item::text).transpose()?,
    })
}

fn words<T: Copy + Ord>(
    members: &mut Members,
    name: &str,
    all: &[T],
    spelling: fn(T) -> &'static str,
) -> Result<Set<T>, FileError> {
    Ok(members.optional(name).map(|list| list.words(all, spelling)).transpose()?.unwrap_or_default())
}

fn territories(
    members: &mut Members,
    name: &str,
    parse: fn(&str) -> Result<Territory, String>,
) -> Result<Set<Territory>, FileError> {
    let most = territory::COUNTRIES.len() + 1;
    let read = |list: Item| list.set(most, |item| item.parse(parse));
    match members.optional(name) {
        Some(list) => read(list),
        None => Ok(Set::new()),
    }
}

fn identifiers(members: &mut Members) -> Result<Set<Identifier>, FileError> {
    let read = |list: Item| list.set(MAX_IDENTIFIERS, |item| item.parse(Identifier::parse));
    members.optional("ids").map_or(Ok(Set::new()), read)
}

fn licence(text: &str) -> Result<String, &'static str> {
    let understood = understand(text);
    understood.expression().map(str::to_owned).ok_or("is neither an SPDX expression nor LicenseRef-...")
}

fn work(text: &str) -> Result<Identifier, String> {
    let id = Identifier::parse(text).map_err(|e| e.to_string())?;
    if id.scheme().class(None) == Class::Party { Err("names a party, not a work".to_owned()) } else { Ok(id) }
}

/// An identifier, or a name. A text that starts like an identifier is one: as a name it would silently match nobody.
fn party(text: &str) -> Result<String, String> {
    if text.split_once(':').is_some_and(|(scheme, _)| Scheme::parse(scheme).is_some()) {
        let scheme = Identifier::parse(text).map_err(|e| e.to_string())?.scheme();
        if scheme.class(None) != Class::Party && !matches!(scheme, Scheme::Id | Scheme::Url) {
            return Err("names a work, not a party".to_owned());
        }
    }
    Ok(text.to_owned())
}

fn exception(text: &str) -> Result<Territory, String> {
    match territory::parse(text)? {
        Territory::Worldwide => Err("leaves no territory".to_owned()),
        country @ Territory::Country(_) => Ok(country),
    }
}

fn digest(text: &str) -> Result<Identifier, String> {
    let id = Identifier::parse(text).map_err(|e| e.to_string())?;
    if id.scheme().is_digest() { Ok(id) } else { Err("is not a digest (blake3 or sha256)".to_owned()) }
}

fn model(text: &str) -> Result<String, &'static str> {
    let is_name = Model::parse(&format!("{text}@1")).is_ok();
    if is_name {
        Ok(text.to_owned())
    } else {
        Err("is not a model's name: printable ASCII without space, @ or version")
    }
}

/// The origin and key id of the one log that a signed grant is for.
fn log(text: &str) -> Result<String, &'static str> {
    let is_id = |id: &str| id.len() == 8 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let is_origin = |o: &str| !o.is_empty() && !o.contains('+') && !o.chars().any(char::is_whitespace);
    match text.rsplit_once('+') {
        Some((origin, id)) if is_origin(origin) && is_id(id) => Ok(text.to_owned()),
        _ => Err("is not a log: ORIGIN+KEYID, the key id 8 hexadecimal digits"),
    }
}
