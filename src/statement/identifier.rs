//! Identifiers of works, groups of works and parties: `scheme:canonical`, with the check digits of each scheme.
//!
//! Only canonical forms are known here; spellings from the wild are made canonical elsewhere. Canonical means that two
//! spellings of one identifier are one text, so that equal works have equal row keys.

use super::text::stands_as_text;
use super::vocabulary::WorkType;
use std::fmt;

/// The longest identifier, scheme included, in bytes.
pub const MAX_IDENTIFIER_LEN: usize = 512;

/// The schemes that Deedbook knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[rustfmt::skip]
#[allow(missing_docs)] // each is its own name
pub enum Scheme {
    Asin, Blake3, Doi, Eidr, Grid, Id, Ipi, Isbn, Iscc, Isni, Isrc, Issn, Iswc, Jamendo, MbidRecording, MbidRelease,
    MbidWork, Orcid, Sha256, Swhid, Upc, Url, Uscopyright,
}

/// What an identifier names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// One work, or the bytes of one of its embodiments.
    Work,
    /// Something that several works share: a release, a serial, a composition behind recordings.
    Group,
    /// A person or an organisation.
    Party,
}

/// An identifier in canonical form.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    text: String,
    /// That of the text.
    scheme: Scheme,
}

/// Why a text is not a canonical identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// No scheme, or one that is not known.
    #[error("has no scheme that Deedbook knows")]
    Scheme,
    /// Longer than [`MAX_IDENTIFIER_LEN`], or not printable ASCII.
    #[error("is not at most 512 bytes of printable ASCII without spaces")]
    Text,
    /// Not of the scheme's form.
    #[error("is not of the form {0}")]
    Shape(&'static str),
    /// The form is right and the check digit is not: a misread or invented identifier.
    #[error("has a wrong check digit")]
    CheckDigit,
}

impl Scheme {
    /// All of them, in the order of their names.
    #[rustfmt::skip]
    pub const ALL: [Scheme; 23] = {
        use Scheme::*;
        [Asin, Blake3, Doi, Eidr, Grid, Id, Ipi, Isbn, Iscc, Isni, Isrc, Issn, Iswc, Jamendo, MbidRecording, MbidRelease,
         MbidWork, Orcid, Sha256, Swhid, Upc, Url, Uscopyright]
    };

    /// The name before the colon.
    #[rustfmt::skip]
    pub const fn name(self) -> &'static str {
        match self {
            Scheme::Asin => "asin", Scheme::Blake3 => "blake3", Scheme::Doi => "doi", Scheme::Eidr => "eidr",
            Scheme::Grid => "grid", Scheme::Id => "id", Scheme::Ipi => "ipi", Scheme::Isbn => "isbn",
            Scheme::Iscc => "iscc", Scheme::Isni => "isni", Scheme::Isrc => "isrc", Scheme::Issn => "issn",
            Scheme::Iswc => "iswc", Scheme::Jamendo => "jamendo", Scheme::MbidRecording => "mbid-recording",
            Scheme::MbidRelease => "mbid-release", Scheme::MbidWork => "mbid-work", Scheme::Orcid => "orcid",
            Scheme::Sha256 => "sha256", Scheme::Swhid => "swhid", Scheme::Upc => "upc", Scheme::Url => "url",
            Scheme::Uscopyright => "uscopyright",
        }
    }

    /// The scheme of this name.
    pub fn parse(name: &str) -> Option<Scheme> {
        Scheme::ALL.into_iter().find(|s| s.name() == name)
    }

    /// What its identifiers name. An ISWC names the composition: that is the work itself where the work *is* one, and
    /// a group where it is a recording of it.
    pub fn class(self, work: Option<WorkType>) -> Class {
        use Scheme::*;
        match self {
            Iswc if work == Some(WorkType::MusicalWork) => Class::Work,
            Iswc | Upc | Issn | Uscopyright | MbidRelease => Class::Group,
            Isni | Orcid | Ipi => Class::Party,
            Asin | Blake3 | Doi | Eidr | Grid | Id | Isbn | Iscc | Isrc | Jamendo | MbidRecording | MbidWork
            | Sha256 | Swhid | Url => Class::Work,
        }
    }

    /// Whether its identifiers are digests of content.
    pub fn is_digest(self) -> bool {
        matches!(self, Scheme::Blake3 | Scheme::Sha256)
    }
}

impl Identifier {
    /// Reads a canonical identifier.
    ///
    /// # Errors
    /// [`IdentifierError`]; other spellings of a right identifier are refused too.
    pub fn parse(text: &str) -> Result<Identifier, IdentifierError> {
        let scheme = scheme_of(text)?;
        Ok(Identifier { text: text.to_owned(), scheme })
    }

    /// As [`Identifier::parse`], of a text that is given away and must be of this scheme.
    ///
    /// # Errors
    /// As [`Identifier::parse`].
    pub fn of(scheme: Scheme, text: String) -> Result<Identifier, IdentifierError> {
        let value = text.strip_prefix(scheme.name()).and_then(|rest| rest.strip_prefix(':'));
        check_text(scheme, text.len(), value.ok_or(IdentifierError::Scheme)?)?;
        Ok(Identifier { text, scheme })
    }

    /// The identifier of this scheme and canonical value.
    ///
    /// # Errors
    /// As [`Identifier::parse`].
    pub fn new(scheme: Scheme, value: &str) -> Result<Identifier, IdentifierError> {
        Identifier::of(scheme, format!("{}:{value}", scheme.name()))
    }

    /// A BLAKE3 content digest.
    pub fn blake3(digest: &[u8; 32]) -> Identifier {
        Identifier { text: format!("blake3:{}", crate::rows::Key(*digest)), scheme: Scheme::Blake3 }
    }

    /// A SHA-256 content digest.
    pub fn sha256(digest: &[u8; 32]) -> Identifier {
        Identifier { text: format!("sha256:{}", crate::rows::Key(*digest)), scheme: Scheme::Sha256 }
    }

    /// Whether it can name a party: by a scheme for parties, or in somebody's own numbering, which numbers anything.
    pub fn may_name_a_party(&self) -> bool {
        self.scheme.class(None) == Class::Party || self.scheme == Scheme::Id
    }

    /// `scheme:value`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What stands after the scheme.
    pub fn value(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, value)| value)
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

stands_as_text!(Identifier, "^[a-z0-9-]+:[!-~]+$", |id, s| s.serialize_str(&id.text));

/// The scheme of a canonical identifier.
fn scheme_of(text: &str) -> Result<Scheme, IdentifierError> {
    let (scheme, value) = text.split_once(':').ok_or(IdentifierError::Scheme)?;
    let scheme = Scheme::parse(scheme).ok_or(IdentifierError::Scheme)?;
    check_text(scheme, text.len(), value).map(|()| scheme)
}

/// Checks the value of an identifier that has so many bytes.
fn check_text(scheme: Scheme, len: usize, value: &str) -> Result<(), IdentifierError> {
    if len > MAX_IDENTIFIER_LEN || !value.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(IdentifierError::Text);
    }
    check(scheme, value)
}

/// Checks shape and check digit of a canonical value.
fn check(scheme: Scheme, value: &str) -> Result<(), IdentifierError> {
    use IdentifierError::{CheckDigit, Shape};
    let b = value.as_bytes();
    let shape = |ok: bool, form: &'static str| if ok { Ok(()) } else { Err(Shape(form)) };
    let digit = |ok: bool| if ok { Ok(()) } else { Err(CheckDigit) };
    match scheme {
        Scheme::Isrc => {
            let fits = b.len() == 12 && all(&b[..2], upper) && all(&b[2..5], upper_or_digit) && all(&b[5..], is_digit);
            shape(fits, "isrc:CCXXXYYNNNNN")
        }
        Scheme::Iswc => {
            shape(b.len() == 11 && b[0] == b'T' && all(&b[1..], is_digit), "iswc:T and 10 digits")?;
            // 1 + the sum of each digit times its position, and the check digit, is a multiple of 10.
            let sum: u32 = (1..10).map(|i| u32::from(b[i] - b'0') * i as u32).sum();
            digit((1 + sum + u32::from(b[10] - b'0')).is_multiple_of(10))
        }
        Scheme::Isbn => {
            // 9790 is printed music's (ISMN).
            let prefix = value.starts_with("978") || value.starts_with("979") && !value.starts_with("9790");
            shape(b.len() == 13 && all(b, is_digit) && prefix, "isbn:13 digits, from 978 or 979 on")?;
            digit(gs1(b))
        }
        Scheme::Upc => {
            shape(b.len() == 14 && all(b, is_digit), "upc:14 digits (GTIN-14)")?;
            digit(gs1(b))
        }
        Scheme::Issn => {
            shape(b.len() == 8 && digits_then_check(b), "issn:7 digits and a check character")?;
            // Weights 8 down to 2 and 1 for the check character, modulo 11.
            let sum: u32 = b.iter().zip((1..=8).rev()).map(|(c, w)| check_value(*c) * w).sum();
            digit(sum.is_multiple_of(11))
        }
        Scheme::Isni | Scheme::Orcid => {
            shape(b.len() == 16 && digits_then_check(b), "15 digits and a check character")?;
            let body = b[..15].iter().fold(0, |m, c| (m + check_value(*c)) * 2 % 11);
            digit((body + check_value(b[15])) % 11 == 1)
        }
        Scheme::Ipi => shape(b.len() == 11 && all(b, is_digit), "ipi:11 digits"),
        Scheme::Grid => {
            shape(b.len() == 18 && value.starts_with("A1") && all(b, upper_or_digit), "grid:A1 and 16 of 0-9 A-Z")?;
            digit(mod_37_36(b.iter()))
        }
        Scheme::Eidr => {
            let form = "eidr:10.5240/XXXX-XXXX-XXXX-XXXX-XXXX-C";
            let suffix = value.strip_prefix("10.5240/").ok_or(Shape(form))?.as_bytes();
            let dashes = suffix.iter().enumerate().all(|(i, c)| (i % 5 == 4) == (*c == b'-'));
            let hex = |c: &u8| matches!(c, b'0'..=b'9' | b'A'..=b'F' | b'-');
            let fits = suffix.len() == 26 && dashes && all(&suffix[..25], hex) && upper_or_digit(&suffix[25]);
            shape(fits, form)?;
            digit(mod_37_36(suffix.iter().filter(|c| **c != b'-')))
        }
        Scheme::Doi => {
            let form = "doi:10.REGISTRANT/suffix in lower case";
            let (registrant, suffix) = value.strip_prefix("10.").and_then(|v| v.split_once('/')).ok_or(Shape(form))?;
            let lower = !b.iter().any(u8::is_ascii_uppercase);
            let numbers = registrant.starts_with(|c: char| c.is_ascii_digit())
                && registrant.bytes().all(|c| c.is_ascii_digit() || c == b'.');
            shape(numbers && lower && !suffix.is_empty() && percent_encoded(b), form)
        }
        Scheme::MbidRecording | Scheme::MbidRelease | Scheme::MbidWork => {
            let dash = |i| matches!(i, 8 | 13 | 18 | 23);
            let fits = b.iter().enumerate().all(|(i, c)| if dash(i) { *c == b'-' } else { lower_hex(c) });
            shape(b.len() == 36 && fits, "a UUID in lower case")
        }
        Scheme::Swhid => {
            let form = "swhid:swh:1:TYPE:40 hexadecimal digits";
            let (kind, hex) = value.strip_prefix("swh:1:").and_then(|v| v.split_once(':')).ok_or(Shape(form))?;
            let known = matches!(kind, "cnt" | "dir" | "rev" | "rel" | "snp");
            shape(known && hex.len() == 40 && all(hex.as_bytes(), lower_hex), form)
        }
        Scheme::Asin => shape(b.len() == 10 && all(b, upper_or_digit), "asin:10 of 0-9 A-Z"),
        Scheme::Iscc => {
            let base32 = |c: &u8| matches!(c, b'A'..=b'Z' | b'2'..=b'7');
            shape((10..=128).contains(&b.len()) && all(b, base32), "iscc:its base32 text, without ISCC:")
        }
        Scheme::Url => {
            let form = "url:SCHEME://rest";
            let (start, rest) = value.split_once("://").ok_or(Shape(form))?;
            let letters = start.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"+.-".contains(&c));
            shape(start.starts_with(|c: char| c.is_ascii_lowercase()) && letters && !rest.is_empty(), form)
        }
        Scheme::Uscopyright => {
            let letters = b.iter().take_while(|c| upper(c)).count();
            let fits = b.len() == 12 && (1..=3).contains(&letters) && all(&b[letters..], is_digit);
            shape(fits, "uscopyright:1 to 3 letters and digits, 12 characters")
        }
        Scheme::Jamendo => {
            shape((1..=20).contains(&b.len()) && all(b, is_digit) && b[0] != b'0', "jamendo:a track number")
        }
        Scheme::Blake3 | Scheme::Sha256 => shape(b.len() == 64 && all(b, lower_hex), "64 hexadecimal digits"),
        Scheme::Id => {
            let fits = value.split_once('/').is_some_and(|(space, own)| !space.is_empty() && !own.is_empty());
            shape(fits, "id:NAMESPACE/VALUE")
        }
    }
}

fn all(bytes: &[u8], is: impl Fn(&u8) -> bool) -> bool {
    bytes.iter().all(is)
}

fn upper(c: &u8) -> bool {
    c.is_ascii_uppercase()
}

fn is_digit(c: &u8) -> bool {
    c.is_ascii_digit()
}

fn upper_or_digit(c: &u8) -> bool {
    upper(c) || is_digit(c)
}

fn lower_hex(c: &u8) -> bool {
    matches!(c, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether `%` stands only where it must: before two digits of a byte that is not printable, or is `%` itself.
fn percent_encoded(b: &[u8]) -> bool {
    let value = |c: u8| char::from(c).to_digit(16).filter(|_| lower_hex(&c));
    let mut percents = b.iter().enumerate().filter(|(_, c)| **c == b'%');
    percents.all(|(i, _)| match (b.get(i + 1).copied().and_then(value), b.get(i + 2).copied().and_then(value)) {
        (Some(high), Some(low)) => {
            let byte = high * 16 + low;
            byte == u32::from(b'%') || !(0x21..=0x7e).contains(&byte)
        }
        _ => false,
    })
}

fn digits_then_check(b: &[u8]) -> bool {
    b.split_last().is_some_and(|(last, body)| all(body, is_digit) && (is_digit(last) || *last == b'X'))
}

/// The value of a decimal check character, X being ten.
fn check_value(c: u8) -> u32 {
    if c == b'X' { 10 } else { u32::from(c - b'0') }
}

/// GS1 (ISBN-13, GTIN): from the right, weights 1 and 3 in turn, a multiple of 10.
fn gs1(b: &[u8]) -> bool {
    let weight = |place: usize| if place.is_multiple_of(2) { 1 } else { 3 };
    let sum: u32 = b.iter().rev().enumerate().map(|(place, c)| u32::from(c - b'0') * weight(place)).sum();
    sum.is_multiple_of(10)
}

/// ISO 7064 mod 37,36 over upper-case letters and digits, the check character last.
fn mod_37_36<'a>(chars: impl Iterator<Item = &'a u8>) -> bool {
    let mut product = 36;
    let mut last = 0;
    for c in chars {
        let value = u32::from(if c.is_ascii_digit() { c - b'0' } else { c - b'A' + 10 });
        last = (product + value) % 36;
        product = if last == 0 { 36 } else { last } * 2 % 37;
    }
    last == 1
}
