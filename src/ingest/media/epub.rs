//! EPUB: a zip archive whose package document describes the book (EPUB 3.3, sections 4 and 5; OPF 2.0.1).
//!
//! Two parts are read: `META-INF/container.xml`, which says where the package document is, and that document's
//! `metadata`. Not here: rendering, and the book's own pages. Names of elements and attributes count without their
//! prefix, as books in circulation are careless with namespaces. Entities are the five of XML and characters by number.
//!
//! Limits: a part is decompressed up to [`MAX_PART_LEN`], whatever it claims; the archive's directory is within the
//! budget of the file, and ZIP64 is refused, where a directory's size is a claim that the library allocates by.

use super::super::columns::excerpt;
use super::bounded::Bounded;
use super::fields::{Fields, Meaning};
use super::{Undescribed, WORDS_LEN};
use crate::statement::Scheme;
use crate::statement::limit::{MAX_PARTIES, MAX_TEXT_LEN};
use crate::statement::vocabulary::Role;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::{Read, Seek, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// Decompressed bytes of one part. A package document lists every file of the book, a hundred bytes for each.
pub const MAX_PART_LEN: u64 = 1 << 22;

/// Elements inside each other. A package document has some six.
pub const MAX_XML_DEPTH: usize = 64;

/// Elements of the metadata that are kept until all are read, since later ones may refine them.
pub const MAX_ELEMENTS: usize = 1024;

/// The end of a zip archive: 22 bytes, a comment of at most 65,535, and before them a locator of 20.
const TAIL_LEN: u64 = 65_577;

const CONTAINER: &str = "META-INF/container.xml";

/// One element of the metadata.
#[derive(Debug, Default)]
struct Element {
    /// Its name without prefix.
    name: String,
    /// Its text.
    text: String,
    /// What of its attributes is of use, by name without prefix.
    attributes: Vec<(String, String)>,
}

/// Reads an EPUB's metadata.
pub(super) fn read<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    refuse_zip64(input)?;
    input.seek(SeekFrom::Start(0)).map_err(super::unreadable)?;
    let mut archive = ZipArchive::new(input).map_err(|e| failed("its zip archive", &e))?;
    let container = part(&mut archive, CONTAINER)?;
    let rootfiles = elements(&container, None, &["rootfile"]).map_err(|words| named(CONTAINER, &words))?;
    let path = rootfiles.first().and_then(|rootfile| rootfile.attribute("full-path")).map(str::to_owned);
    let path = path.ok_or_else(|| named(CONTAINER, "names no package document"))?;
    let package = part(&mut archive, &path)?;
    let metadata = elements(&package, Some("metadata"), METADATA).map_err(|words| named(&path, &words))?;
    put(&metadata, fields);
    Ok(())
}

/// A ZIP64 archive has a locator before the end of its directory (APPNOTE 6.3.10, section 4.3.15).
fn refuse_zip64<R: Read + Seek>(input: &mut Bounded<R>) -> Result<(), Undescribed> {
    let tail = input.len().min(TAIL_LEN);
    input.seek(SeekFrom::Start(input.len() - tail)).map_err(super::unreadable)?;
    let tail = input.piece(tail).map_err(super::unreadable)?;
    match tail.windows(4).any(|bytes| bytes == b"PK\x06\x07") {
        true => Err(Undescribed::Unreadable("its zip archive is of the ZIP64 kind, which is not read".to_owned())),
        false => Ok(()),
    }
}

/// A part as text.
fn part<R: Read + Seek>(archive: &mut ZipArchive<&mut Bounded<R>>, path: &str) -> Result<String, Undescribed> {
    let file = archive.by_name(path).map_err(|e| failed(path, &e))?;
    let mut bytes = Vec::new();
    let read = file.take(MAX_PART_LEN + 1).read_to_end(&mut bytes);
    read.map_err(|error| named(path, &error.to_string()))?;
    if bytes.len() as u64 > MAX_PART_LEN {
        return Err(named(path, &format!("is longer than {MAX_PART_LEN} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| named(path, "is not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The elements of these names, in `within` or anywhere, with the text inside.
fn elements(xml: &str, within: Option<&str>, names: &[&str]) -> Result<Vec<Element>, String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut found: Vec<Element> = Vec::new();
    // How deep we are; where `within` began; where the element of now began, which is the last one found.
    let (mut depth, mut inside, mut open) = (0, within.is_none().then_some(0), None);
    loop {
        let event = reader.read_event().map_err(|error| format!("is not well-formed: {error}"))?;
        let empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(start) | Event::Empty(start) => {
                depth += 1;
                let name = start.local_name();
                if depth > MAX_XML_DEPTH {
                    return Err(format!("has elements more than {MAX_XML_DEPTH} deep"));
                }
                if inside.is_some() && open.is_none() && names.contains(&name.as_ref()) {
                    if found.len() == MAX_ELEMENTS {
                        return Err(format!("has more than {MAX_ELEMENTS} elements of metadata"));
                    }
                    found.push(element(&start)?);
                    open = (!empty).then_some(depth);
                } else if !empty && inside.is_none() && within == Some(name.as_ref()) {
                    inside = Some(depth);
                }
                depth -= usize::from(empty);
            }
            Event::End(_) => {
                open = open.filter(|at| *at != depth);
                if within.is_some() && inside == Some(depth) {
                    return Ok(found);
                }
                depth = depth.saturating_sub(1);
            }
            Event::Text(text) => put_text(&mut found, open, &text),
            Event::CData(text) => put_text(&mut found, open, &text),
            Event::GeneralRef(reference) => put_text(&mut found, open, &referred(&reference)?),
            Event::Eof if depth > 0 => return Err("is cut short".to_owned()),
            Event::Eof => return Ok(found),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Element, String> {
    let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
    // Looking for attributes of one name takes quadratic time, and there is nothing to fear of them.
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| format!("is not well-formed: {error}"))?;
        let name = attribute.key.local_name().as_ref().to_owned();
        if ATTRIBUTES.contains(&name.as_str()) {
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| format!("is not well-formed: {error}"))?;
            element.attributes.push((name, value.into_owned()));
        }
    }
    Ok(element)
}

/// Adds to the open element's text. What is longer than a record takes is longer already.
fn put_text(found: &mut [Element], open: Option<usize>, text: &str) {
    let Some(element) = open.and(found.last_mut()) else { return };
    if element.text.len() <= MAX_TEXT_LEN {
        element.text.push_str(text);
    }
}

/// A character by its number, one of XML's five, or else what stands there: nothing is expanded.
pub(super) fn referred(reference: &BytesRef<'_>) -> Result<String, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| format!("is not well-formed: {error}"))? {
        return Ok(character.into());
    }
    let name: &str = reference;
    Ok(resolve_xml_entity(name).map_or_else(|| format!("&{name};"), str::to_owned))
}

const METADATA: &[&str] = &["title", "creator", "publisher", "identifier", "rights", "license", "meta", "link"];

const ATTRIBUTES: &[&str] =
    &["id", "role", "scheme", "refines", "property", "name", "content", "rel", "href", "resource", "full-path"];

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.trim())
    }
}

fn put(metadata: &[Element], fields: &mut Fields) {
    // More creators than a work may have parties are too many, refined or not.
    let mut refined = 0;
    for element in metadata {
        let text = element.text.trim();
        match element.name.as_str() {
            "title" => fields.put(Meaning::Title, "epub:dc:title", text),
            "creator" => {
                refined += 1;
                let role = (refined <= MAX_PARTIES).then(|| role(element, metadata)).flatten();
                fields.put(Meaning::Party(role), "epub:dc:creator", text);
            }
            "publisher" => fields.put(Meaning::Party(Some(Role::Publisher)), "epub:dc:publisher", text),
            "identifier" => put_identifier(text, element.attribute("scheme"), fields),
            "rights" => fields.put(Meaning::Notice, "epub:dc:rights", text),
            "license" => {
                let value = if text.is_empty() { element.attribute("resource").unwrap_or_default() } else { text };
                fields.put(Meaning::Licence, "epub:license", value);
            }
            "link" => {
                let licence = |rel: &str| local(rel) == "license";
                if element.attribute("rel").is_some_and(|rel| rel.split_whitespace().any(licence)) {
                    fields.put(Meaning::Licence, "epub:link:license", element.attribute("href").unwrap_or_default());
                }
            }
            _ => put_meta(element, text, fields),
        }
    }
}

/// `<meta property="dcterms:license">text</meta>` in EPUB 3, `<meta name="..." content="text"/>` in EPUB 2.
fn put_meta(element: &Element, text: &str, fields: &mut Fields) {
    if element.attribute("refines").is_some() {
        return;
    }
    let (name, value) = match element.attribute("property") {
        Some(property) => (property, text),
        None => (element.attribute("name").unwrap_or_default(), element.attribute("content").unwrap_or_default()),
    };
    match local(name) {
        "license" => fields.put(Meaning::Licence, &format!("epub:{name}"), value),
        "rights" => fields.put(Meaning::Notice, &format!("epub:{name}"), value),
        _ => {}
    }
}

/// The creator's part: a MARC relator, as an attribute in EPUB 2, in an element that refines this one in EPUB 3.
fn role(creator: &Element, metadata: &[Element]) -> Option<Role> {
    let refines = |meta: &&Element| {
        let target = meta.attribute("refines").and_then(|target| target.strip_prefix('#'));
        meta.attribute("property") == Some("role") && target.is_some() && target == creator.attribute("id")
    };
    let refined = || metadata.iter().find(refines).map(|meta| meta.text.trim());
    match creator.attribute("role").or_else(refined)? {
        "aut" => Some(Role::Author),
        "cmp" => Some(Role::Composer),
        "cur" => Some(Role::Curator),
        "dst" => Some(Role::Distributor),
        "pbl" => Some(Role::Publisher),
        "prf" | "nrt" => Some(Role::Performer),
        // Translators, editors, illustrators: our vocabulary has no word.
        _ => None,
    }
}

/// Books number themselves in many ways, most of them their own; only those that say which they are count.
fn put_identifier(text: &str, scheme: Option<&str>, fields: &mut Fields) {
    let starts = |prefix: &str| text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let says = |name: &str| scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(name));
    let digits = text.chars().filter(|c| *c != '-').collect::<String>();
    let bare = digits.len() == 13
        && digits.bytes().all(|b| b.is_ascii_digit())
        && ["978", "979"].iter().any(|prefix| digits.starts_with(prefix));
    let found = if starts("urn:isbn:") || starts("isbn") || says("isbn") || bare {
        Scheme::Isbn
    } else if starts("doi:") || starts("urn:doi:") || starts("https://doi.org/") || says("doi") {
        Scheme::Doi
    } else {
        return;
    };
    fields.put(Meaning::Identifier(found), "epub:dc:identifier", text);
}

/// A name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn failed(part: &str, error: &ZipError) -> Undescribed {
    match error {
        ZipError::FileNotFound => Undescribed::Unreadable(format!("lacks {part}: it is no EPUB, or a damaged one")),
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => named(part, "is encrypted"),
        error => named(part, &format!("cannot be read: {error}")),
    }
}

fn named(part: &str, words: &str) -> Undescribed {
    let words = excerpt(&format!("{part}: {words}"), WORDS_LEN);
    Undescribed::Unreadable(words)
}
