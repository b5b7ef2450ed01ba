//! Creative Commons URLs, as people paste them, to the licence they name.
//!
//! A strict matcher over the path, no URL parser: what Creative Commons never published is no licence. Accepted are
//! `http`, `https`, `//` or no scheme, `www.`, any case, the national ports, the pages below a licence (`deed`,
//! `legalcode`, `rdf`, with a language), a query or a fragment, and a last slash.
//!
//! A port without an SPDX identifier of its own (`by-nc/3.0/fr`) is given as the unported licence of the same version,
//! which has the same elements; the port stays visible here and in the raw text that an admission keeps. Where there is
//! none (`by/2.1/es`) the licence is unknown.

/// The longest text that is looked at; the longest real URL has about 120 bytes.
const MAX_URL_LEN: usize = 512;

/// A licence or mark that a Creative Commons URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreativeCommons {
    /// What the URL itself says of the conditions.
    pub elements: Elements,
    /// The jurisdiction that it was ported to, in lower case.
    pub port: Option<String>,
    /// SPDX identifier.
    pub spdx: &'static str,
}

/// The conditions of a Creative Commons licence; CC0 and the marks have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Elements {
    /// Attribution.
    pub by: bool,
    /// Non-commercial.
    pub nc: bool,
    /// No derivatives.
    pub nd: bool,
    /// Share-alike.
    pub sa: bool,
}

impl CreativeCommons {
    /// Reads a URL; `None` where it names no Creative Commons licence that SPDX knows.
    pub fn parse(url: &str) -> Option<CreativeCommons> {
        if url.len() > MAX_URL_LEN {
            return None;
        }
        let url = url.trim().to_ascii_lowercase();
        let url = ["https://", "http://", "//"].iter().find_map(|s| url.strip_prefix(s)).unwrap_or(&url);
        let url = url.strip_prefix("www.").unwrap_or(url).strip_prefix("creativecommons.org/")?;
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let segments: Vec<&str> = path.strip_suffix('/').unwrap_or(path).split('/').collect();
        let segments = match segments.as_slice() {
            [licence @ .., page] if is_page(page) => licence,
            whole => whole,
        };
        match segments {
            ["publicdomain", "zero", "1.0"] => plain("CC0-1.0"),
            ["publicdomain", "mark", "1.0"] => plain("CC-PDM-1.0"),
            ["licenses", "publicdomain"] => plain("CC-PDDC"),
            ["licenses", elements, version] => licence(elements, version, None),
            ["licenses", elements, version, port] => licence(elements, version, Some(port)),
            _ => None,
        }
    }

    /// Reads a notice, as Creative Commons asks authors to write it into their files: `2011 A. Author. Licensed to the
    /// public under http://creativecommons.org/licenses/by/4.0/ verify at ...`. `None` where the text does not speak of
    /// a licence, names more than one, or makes exceptions.
    pub fn of_notice(text: &str) -> Option<CreativeCommons> {
        let apart = |c: char| c.is_whitespace() || "<>()[]\"',;".contains(c);
        let (addresses, words): (Vec<&str>, Vec<&str>) =
            text.split(apart).partition(|word| holds(word, "creativecommons.org/"));
        let speaks = |of: &[&str]| words.iter().any(|word| of.iter().any(|w| w.eq_ignore_ascii_case(word)));
        let licensed = ["licensed", "licenced", "license", "licence", "license:", "licence:"];
        if !speaks(&licensed) || speaks(&["not", "no", "except", "unless", "without", "only"]) {
            return None;
        }
        let mut named = addresses.iter().map(|word| CreativeCommons::parse(word.trim_end_matches(['.', ':', '!'])));
        let first = named.next()??;
        named.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }
}

/// Whether a text holds a word, in any case.
fn holds(text: &str, word: &str) -> bool {
    text.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes()))
}

fn plain(id: &str) -> Option<CreativeCommons> {
    Some(CreativeCommons { elements: Elements::default(), port: None, spdx: spdx::license_id(id)?.name })
}

fn licence(elements: &str, version: &str, port: Option<&str>) -> Option<CreativeCommons> {
    let code = match elements {
        "by" | "by-nc" | "by-nd" | "by-sa" | "by-nc-nd" | "by-nc-sa" | "sa" => elements,
        "by-nd-nc" => "by-nc-nd", // the order of version 1.0
        _ => return None,
    };
    // Checked, because SPDX identifiers go on after the version: "3.0-de" must not pass for one.
    if !matches!(version, "1.0" | "2.0" | "2.1" | "2.5" | "3.0" | "4.0") || !port.is_none_or(|p| is_port(p, version)) {
        return None;
    }
    let unported = format!("CC-{code}-{version}").to_ascii_uppercase();
    let ported = port.and_then(|p| spdx::license_id(&format!("{unported}-{}", p.to_ascii_uppercase())));
    let has = |element| code.split('-').any(|e| e == element);
    Some(CreativeCommons {
        elements: Elements { by: has("by"), nc: has("nc"), nd: has("nd"), sa: has("sa") },
        port: port.map(str::to_owned),
        spdx: ported.or_else(|| spdx::license_id(&unported))?.name,
    })
}

/// Version 4.0 is international and has no ports.
fn is_port(port: &str, version: &str) -> bool {
    match port {
        "igo" => version == "3.0",
        "scotland" => version == "2.5",
        _ => version != "4.0" && port.len() == 2 && port.bytes().all(|b| b.is_ascii_lowercase()),
    }
}

/// `deed`, `legalcode` or `rdf`, the first two also with a language: `deed.de`, `legalcode.zh-hans`.
fn is_page(segment: &str) -> bool {
    let (page, language) = match segment.split_once('.') {
        Some((page, language)) => (page, Some(language)),
        None => (segment, None),
    };
    let is_language =
        |l: &str| (2..=10).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    match page {
        "deed" | "legalcode" => language.is_none_or(is_language),
        "rdf" => language.is_none(),
        _ => false,
    }
}
