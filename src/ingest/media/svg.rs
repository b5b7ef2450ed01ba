//! SVG: what the RDF in its `metadata` says of the drawing (SVG 2, section 5.8; Dublin Core; Creative Commons' ccREL).
//!
//! The form that drawing programs write and that collections of drawings hand on: a `cc:Work` with `dc:title`, `dc:creator`,
//! `dc:publisher`, `dc:rights` and `cc:license`, the parties as text or as a `cc:Agent` with a `dc:title`. Names count
//! without their prefix. Not here: RDFa, XMP in attributes, the drawing, and what a licence permits according to the file.
//!
//! The whole file is gone through, since metadata may stand anywhere in it. Invariants: the file is within the budget of
//! [`Bounded`]; memory is a few times what is read.

use super::bounded::Bounded;
use super::epub::{MAX_ELEMENTS, MAX_XML_DEPTH, referred};
use super::fields::{Fields, Meaning};
use super::{Undescribed, unreadable};
use crate::statement::limit::MAX_TEXT_LEN;
use crate::statement::vocabulary::Role;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use std::io::{Read, Seek, SeekFrom};

/// Reads a drawing's metadata.
pub(super) fn read<R: Read + Seek>(input: &mut Bounded<R>, fields: &mut Fields) -> Result<(), Undescribed> {
    input.seek(SeekFrom::Start(0)).map_err(unreadable)?;
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(unreadable)?;
    let words = |what: &str| Undescribed::Unreadable(format!("its SVG {what}"));
    let text = std::str::from_utf8(&bytes).map_err(|_| words("is not UTF-8"))?;
    drawing(text.strip_prefix('\u{feff}').unwrap_or(text), fields).map_err(|what| words(&what))
}

/// Where the reading stands.
#[derive(Default)]
struct Place {
    /// How many elements are open.
    depth: usize,
    /// The elements inside `metadata` that are open, with their text; none outside.
    open: Option<Vec<(String, String)>>,
    /// The title of the drawing itself, while it is open.
    title: Option<String>,
    /// Elements of metadata so far.
    count: usize,
}

fn drawing(xml: &str, fields: &mut Fields) -> Result<(), String> {
    let mut reader = quick_xml::Reader::from_str(xml);
    let mut place = Place::default();
    loop {
        match reader.read_event().map_err(|error| format!("is not well-formed: {error}"))? {
            Event::Start(start) => place.start(&start, fields)?,
            Event::Empty(start) => {
                place.start(&start, fields)?;
                place.end(fields);
            }
            Event::End(_) => place.end(fields),
            Event::Text(text) => place.text(&text),
            Event::CData(text) => place.text(&text),
            Event::GeneralRef(reference) => place.text(&referred(&reference)?),
            Event::Eof if place.depth > 0 => return Err("is cut short".to_owned()),
            Event::Eof => return Ok(()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
        }
    }
}

impl Place {
    fn start(&mut self, start: &BytesStart<'_>, fields: &mut Fields) -> Result<(), String> {
        let name = start.local_name().as_ref().to_owned();
        self.depth += 1;
        let Some(open) = &mut self.open else {
            match (name.as_str(), self.depth) {
                ("metadata", _) => self.open = Some(Vec::new()),
                ("title", 2) => self.title = Some(String::new()),
                _ => {}
            }
            return Ok(());
        };
        self.count += 1;
        if self.count > MAX_ELEMENTS {
            return Err(format!("has more than {MAX_ELEMENTS} elements of metadata"));
        }
        if open.len() == MAX_XML_DEPTH {
            return Err(format!("has metadata more than {MAX_XML_DEPTH} deep"));
        }
        if name == "license" {
            fields.put(Meaning::Licence, "svg:cc:license", &resource(start)?);
        }
        open.push((name, String::new()));
        Ok(())
    }

    fn text(&mut self, text: &str) {
        let last = self.open.as_mut().and_then(|open| open.last_mut()).map(|(_, text)| text);
        // What is longer than a record takes is longer already.
        if let Some(kept) = last.or(self.title.as_mut()).filter(|kept| kept.len() <= MAX_TEXT_LEN) {
            kept.push_str(text);
        }
    }

    fn end(&mut self, fields: &mut Fields) {
        self.depth = self.depth.saturating_sub(1);
        if let Some(title) = self.title.take_if(|_| self.depth == 1) {
            fields.put(Meaning::Title, "svg:title", &title);
        }
        match self.open.as_mut().map(|open| (open.pop(), open)) {
            Some((Some((name, text)), around)) => put(&name, &text, around, fields),
            Some((None, _)) => self.open = None,
            None => {}
        }
    }
}

/// Takes an element that is complete; `around` are those that it stands in, the outermost first.
fn put(name: &str, text: &str, around: &[(String, String)], fields: &mut Fields) {
    let within = |of: &str| around.iter().any(|(name, _)| name == of);
    // An agent's title is its name.
    let role = ["creator", "contributor", "publisher", "rights"].into_iter().find(|role| name == *role || within(role));
    match (role, name) {
        (Some("creator"), "title" | "creator") => fields.put(Meaning::Party(None), "svg:dc:creator", text),
        (Some("contributor"), "title" | "contributor") => fields.put(Meaning::Party(None), "svg:dc:contributor", text),
        (Some("publisher"), "title" | "publisher") => {
            fields.put(Meaning::Party(Some(Role::Publisher)), "svg:dc:publisher", text);
        }
        (Some("rights"), "title" | "rights") => fields.put(Meaning::Notice, "svg:dc:rights", text),
        (None, "title") => fields.put(Meaning::Title, "svg:dc:title", text),
        (None, "license") => fields.put(Meaning::Licence, "svg:cc:license", text),
        _ => {}
    }
}

/// `rdf:resource`, or nothing.
fn resource(start: &BytesStart<'_>) -> Result<String, String> {
    for attribute in start.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| format!("is not well-formed: {error}"))?;
        if attribute.key.local_name().as_ref() == "resource" {
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            return Ok(value.map_err(|error| format!("is not well-formed: {error}"))?.into_owned());
        }
    }
    Ok(String::new())
}
