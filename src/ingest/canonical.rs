//! Raw spellings of identifiers made canonical: one identifier, one text.
//!
//! Takes away what is only presentation (labels, resolvers, hyphens, case) and adds what presentation left out (leading
//! zeros, the ISBN prefix). Never repairs: a wrong check digit stays wrong, a lost one stays lost. What is canonical, and
//! whether it is right, [`Identifier::parse`] decides. Invariant: a canonical identifier is its own canonical spelling, and
//! so is its value alone, unless that begins like a label (`id:id:press/1`): whoever has the whole asks `parse` first.

use crate::statement::Scheme;
use crate::statement::identifier::{Identifier, IdentifierError};
use std::borrow::Cow;

/// The longest raw spelling that is looked at, in bytes: a canonical identifier has at most 512, and percent-encoding or
/// a resolver's address at most trebles it, with room for parameters.
pub const MAX_RAW_IDENTIFIER_LEN: usize = 2048;

/// The identifier that `raw` spells.
///
/// # Errors
/// [`IdentifierError`]: of the canonical form, or of an ISBN-10's own check digit.
pub fn canonical(scheme: Scheme, raw: &str) -> Result<Identifier, IdentifierError> {
    if raw.len() > MAX_RAW_IDENTIFIER_LEN {
        return Err(IdentifierError::Text);
    }
    let raw = without_label(raw.trim(), scheme);
    let mut text = String::with_capacity(scheme.name().len() + 1 + raw.len());
    text.push_str(scheme.name());
    text.push(':');
    match scheme {
        Scheme::Isbn => isbn(raw, &mut text)?,
        Scheme::Upc => gtin(raw, &mut text),
        Scheme::Ipi => zero_padded(&compact(raw), 11, &mut text),
        Scheme::Uscopyright => us_registration(raw, &mut text),
        Scheme::Iswc => text.extend(compact(raw).chars().filter(|c| *c != '.')),
        Scheme::Asin | Scheme::Grid | Scheme::Isrc | Scheme::Issn | Scheme::Iscc => text.push_str(&compact(raw)),
        Scheme::Orcid => text.push_str(&compact(after_host(raw, &["orcid.org"]).unwrap_or(raw))),
        Scheme::Isni => {
            let path = after_host(raw, &["isni.org"]).map(|p| p.strip_prefix("isni/").unwrap_or(p));
            text.push_str(&compact(path.unwrap_or(raw)));
        }
        Scheme::Eidr => eidr(raw, &mut text),
        Scheme::Doi => doi(raw, &mut text),
        Scheme::MbidRecording => musicbrainz(raw, "recording", &mut text)?,
        Scheme::MbidRelease => musicbrainz(raw, "release", &mut text)?,
        Scheme::MbidWork => musicbrainz(raw, "work", &mut text)?,
        Scheme::Swhid => {
            let core = after_host(raw, &["archive.softwareheritage.org"]).unwrap_or(raw);
            // SWHID specification 1.0, section 6: qualifiers say where an object was seen, not which object it is.
            let core = core.split(';').next().unwrap_or(core).trim_end_matches('/');
            text.push_str(&core.to_ascii_lowercase());
        }
        Scheme::Jamendo => text.push_str(jamendo(raw).trim_start_matches('0')),
        Scheme::Blake3 | Scheme::Sha256 => text.push_str(&raw.to_ascii_lowercase()),
        Scheme::Url => url(raw, &mut text),
        Scheme::Id => text.push_str(raw),
    }
    Identifier::of(scheme, text)
}

/// Takes away `ISBN `, `isbn:`, `urn:isbn:` and their like.
fn without_label(raw: &str, scheme: Scheme) -> &str {
    let bare = strip(raw, "urn:").unwrap_or(raw);
    let labels: &[&str] = match scheme {
        Scheme::Isbn => &["isbn-13", "isbn-10", "isbn"],
        Scheme::MbidRecording | Scheme::MbidRelease | Scheme::MbidWork => &[scheme.name(), "uuid"],
        _ => &[scheme.name()],
    };
    let labelled = labels.iter().find_map(|label| strip(bare, label)?.strip_prefix([':', ' ']));
    labelled.map_or(raw, str::trim_start)
}

/// What follows `prefix`, in any case.
fn strip<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// The path of an address at one of these hosts, without parameters; `http:`, `https:` and `www.` may be left out.
fn after_host<'a>(raw: &'a str, hosts: &[&str]) -> Option<&'a str> {
    let rest = strip(raw, "https://").or_else(|| strip(raw, "http://")).unwrap_or(raw);
    let rest = strip(rest, "www.").unwrap_or(rest);
    let path = hosts.iter().find_map(|host| strip(rest, host)?.strip_prefix('/'))?;
    path.split(['?', '#']).next()
}

/// Without white space and hyphens (typographic ones too), in upper case.
fn compact(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let hyphen = |c: char| matches!(c, '-' | '\u{ad}' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    text.chars().filter(|c| !c.is_whitespace() && !hyphen(*c)).map(|c| c.to_ascii_uppercase()).collect()
}

fn zero_padded(digits: &str, len: usize, out: &mut String) {
    if digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty() {
        out.extend(std::iter::repeat_n('0', len.saturating_sub(digits.len())));
    }
    out.push_str(digits);
}

/// ISO 2108: an ISBN-10 becomes 978, its first nine digits and a new check digit, if its own (mod 11) is right.
fn isbn(raw: &str, out: &mut String) -> Result<(), IdentifierError> {
    let text = compact(raw);
    let Some((body, check)) = text.split_at_checked(9).filter(|(_, check)| check.len() == 1) else {
        out.push_str(&text);
        return Ok(());
    };
    let digits = |weights: fn(usize) -> u32| {
        body.bytes().enumerate().map(move |(i, b)| weights(i) * u32::from(b.wrapping_sub(b'0'))).sum::<u32>()
    };
    let value = if check == "X" { Some(10) } else { check.parse::<u32>().ok() };
    let (true, Some(value)) = (body.bytes().all(|b| b.is_ascii_digit()), value) else {
        return Err(IdentifierError::Shape("isbn:13 digits, or 9 digits and a check character"));
    };
    if (digits(|i| 10 - i as u32) + value) % 11 != 0 {
        return Err(IdentifierError::CheckDigit);
    }
    // 9, 7 and 8 weigh 1, 3 and 1 (38 in all), so the next weighs 3.
    let sum = 38 + digits(|i| if i % 2 == 0 { 3 } else { 1 });
    out.push_str("978");
    out.push_str(body);
    out.extend(char::from_digit((10 - sum % 10) % 10, 10));
    Ok(())
}

/// GS1: GTIN-8, UPC-A (12) and EAN-13 are GTIN-14 without leading zeros. Other lengths have lost a digit.
fn gtin(raw: &str, out: &mut String) {
    let text = compact(raw);
    zero_padded(&text, if matches!(text.len(), 8 | 12 | 13) { 14 } else { 0 }, out);
}

/// Compendium of U.S. Copyright Office Practices, 2309.13(A)(4): 12 characters, zeros between prefix and number.
fn us_registration(raw: &str, out: &mut String) {
    let text = compact(raw);
    let (prefix, number) = text.split_at(text.bytes().take_while(u8::is_ascii_alphabetic).count());
    out.push_str(prefix);
    zero_padded(number, 12_usize.saturating_sub(prefix.len()), out);
}

/// EIDR ID Format, sections 2 and 3: the suffix in groups of four; as a DOI, as an address, as a URN (RFC 7972).
fn eidr(raw: &str, out: &mut String) {
    let name = after_host(raw, &["doi.org", "dx.doi.org"]).or_else(|| strip(raw, "doi:")).unwrap_or(raw);
    let text = compact(name).replacen(':', "/", 1);
    let Some(suffix) = text.strip_prefix("10.5240/").filter(|s| s.is_ascii()) else {
        out.push_str(&text);
        return;
    };
    out.push_str("10.5240/");
    for (i, c) in suffix.chars().enumerate() {
        if i > 0 && i % 4 == 0 {
            out.push('-');
        }
        out.push(c);
    }
}

/// ISO 26324: a DOI name is any text and ASCII case does not count. What is not printable ASCII is percent-encoded, and
/// so is a percent sign that encodes nothing; encoded bytes are decoded first, since addresses encode at will.
fn doi(raw: &str, out: &mut String) {
    let name = after_host(raw, &["doi.org", "dx.doi.org"]).or_else(|| strip(raw, "info:doi/")).unwrap_or(raw);
    if name.bytes().all(|b| b.is_ascii_graphic() && b != b'%') {
        let start = out.len();
        out.push_str(name);
        return out[start..].make_ascii_lowercase();
    }
    let mut rest = name.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let encoded = match rest {
            [b'%', high, low, after @ ..] => hex(*high).zip(hex(*low)).map(|(h, l)| (h << 4 | l, after)),
            _ => None,
        };
        let (byte, after) = encoded.unwrap_or((first, after));
        rest = after;
        if byte.is_ascii_graphic() && byte != b'%' {
            out.push(char::from(byte.to_ascii_lowercase()));
        } else {
            percent_encoded(byte, b"0123456789abcdef", out);
        }
    }
}

/// As recorded, except that the scheme is in lower case, and that spaces and what is not ASCII are percent-encoded
/// (RFC 3987, section 3.1).
fn url(raw: &str, out: &mut String) {
    let scheme = raw.find("://").unwrap_or(0);
    for (i, byte) in raw.bytes().enumerate() {
        match byte {
            b' ' | 0x80.. => percent_encoded(byte, b"0123456789ABCDEF", out),
            _ if i < scheme => out.push(char::from(byte.to_ascii_lowercase())),
            _ => out.push(char::from(byte)),
        }
    }
}

fn percent_encoded(byte: u8, digits: &[u8; 16], out: &mut String) {
    out.push('%');
    out.push(char::from(digits[usize::from(byte >> 4)]));
    out.push(char::from(digits[usize::from(byte & 15)]));
}

fn hex(digit: u8) -> Option<u8> {
    // A hexadecimal digit is below 16.
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// A UUID, or an address of the right kind of thing at MusicBrainz.
fn musicbrainz(raw: &str, kind: &str, out: &mut String) -> Result<(), IdentifierError> {
    let uuid = match after_host(raw, &["musicbrainz.org", "beta.musicbrainz.org"]) {
        None => raw,
        Some(path) => match path.split_once('/') {
            Some((of, rest)) if of == kind => rest.split('/').next().unwrap_or(rest),
            _ => return Err(IdentifierError::Shape("a UUID, or a MusicBrainz address of this kind")),
        },
    };
    out.push_str(&uuid.to_ascii_lowercase());
    Ok(())
}

/// A track's number: alone, in an address (`/track/214/title`, `/t/214`), or as datasets write it (`track_0000214`).
fn jamendo(raw: &str) -> &str {
    let Some(path) = after_host(raw, &["jamendo.com", "jamen.do"]) else {
        return strip(raw, "track_").unwrap_or(raw);
    };
    let mut segments = path.split('/').skip_while(|s| !matches!(*s, "track" | "t"));
    segments.nth(1).unwrap_or(raw)
}
