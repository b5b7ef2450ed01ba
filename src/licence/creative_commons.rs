//! Creative Commons licences as people name them: by their address, by their title, in a notice.
//!
//! A strict matcher over the path, no URL parser: what Creative Commons never published is no licence. Accepted are
//! `http`, `https`, `//` or no scheme, `www.`, any case, the national ports, the pages below a licence (`deed`,
//! `legalcode`, `rdf`, with a language), a query or a fragment, and a last slash.
//!
//! A port without an SPDX identifier of its own (`by-nc/3.0/fr`) is given as the unported licence of the same version,
//! which has the same elements; the port stays visible here and in the raw text that an admission keeps. Where there is
//! none (`by/2.1/es`) the licence is unknown.

/// The longest text that is looked at; the longest real URL has about 120 bytes, the longest title as many.
const MAX_URL_LEN: usize = 512;

/// Jurisdictions with ports of their own, as addresses name them.
const PORTS: &[&str] = &[
    "ar", "at", "au", "az", "be", "bg", "br", "ca", "ch", "cl", "cn", "co", "cr", "cz", "de", "dk", "ec", "ee", "eg",
    "es", "fi", "fr", "ge", "gr", "gt", "hk", "hr", "hu", "ie", "igo", "il", "in", "it", "jp", "kr", "lu", "mk", "mt",
    "mx", "my", "nl", "no", "nz", "pe", "ph", "pl", "pr", "pt", "ro", "rs", "se", "sg", "si", "th", "tw", "ug", "uk",
    "us", "ve", "vn", "za",
];

/// Those that titles name in one or two words; the rest are known by their letters only.
const PORT_NAMES: &[(&[&str], &str)] = &[
    (&["united", "states"], "us"),
    (&["australia"], "au"),
    (&["austria"], "at"),
    (&["brazil"], "br"),
    (&["canada"], "ca"),
    (&["france"], "fr"),
    (&["germany"], "de"),
    (&["italy"], "it"),
    (&["japan"], "jp"),
    (&["netherlands"], "nl"),
    (&["poland"], "pl"),
    (&["spain"], "es"),
    (&["switzerland"], "ch"),
];

/// How titles name the conditions, in words and in letters.
const CONDITIONS: &[(&[&str], &str)] = &[
    (&["attribution"], "by"),
    (&["by"], "by"),
    (&["noncommercial"], "nc"),
    (&["non", "commercial"], "nc"),
    (&["nc"], "nc"),
    (&["no", "derivative", "works"], "nd"),
    (&["no", "derivatives"], "nd"),
    (&["no", "derivs"], "nd"),
    (&["noderivatives"], "nd"),
    (&["noderivs"], "nd"),
    (&["nd"], "nd"),
    (&["share", "alike"], "sa"),
    (&["sharealike"], "sa"),
    (&["sa"], "sa"),
];

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

    /// Reads a title, whole or in letters: `Creative Commons Attribution-NonCommercial 3.0 Unported License`, `CC BY-SA 4.0`,
    /// `CC0 1.0 Universal`, each also with the same in brackets behind it. `None` without a version (but for CC0 and the mark,
    /// of which there is one), where words are left over, and for a combination that was never published.
    pub fn of_title(text: &str) -> Option<CreativeCommons> {
        if text.len() > MAX_URL_LEN {
            return None;
        }
        let Some((title, rest)) = text.split_once('(') else { return title(text) };
        let (again, behind) = rest.split_once(')')?;
        let again = CreativeCommons::parse(again).or_else(|| self::title(again))?;
        self::title(&format!("{title} {behind}")).filter(|named| *named == again)
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

/// A title without brackets.
fn title(text: &str) -> Option<CreativeCommons> {
    let apart = |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '/' | '\u{2010}' | '\u{2011}' | '\u{2013}');
    let lower = text.to_ascii_lowercase();
    let all: Vec<&str> = lower.split(apart).filter(|word| !word.is_empty()).collect();
    let (mut words, cc) = match after(&all, &["creative", "commons"]).or_else(|| after(&all, &["cc"])) {
        Some(rest) => (rest, true),
        None => (&all[..], false),
    };
    for licence in [&["public", "licence"][..], &["public", "license"], &["licence"], &["license"], &["deed"]] {
        words = words.strip_suffix(licence).unwrap_or(words);
    }
    let zero = after(words, &["cc0"]).or_else(|| after(words, &["zero"]).filter(|_| cc));
    if let Some(rest) = zero {
        let rest = after(rest, &["1.0"]).or_else(|| after(rest, &["v1.0"])).unwrap_or(rest);
        let rest = after(rest, &["universal"]).unwrap_or(rest);
        let rest = after(rest, &["public", "domain", "dedication"]).unwrap_or(rest);
        return if rest.is_empty() { plain("CC0-1.0") } else { None };
    }
    if let Some(rest) = after(words, &["public", "domain", "mark"]) {
        return if matches!(rest, [] | ["1.0"]) { plain("CC-PDM-1.0") } else { None };
    }
    named(words, cc)
}

/// The conditions, the version and the port of a title.
fn named(mut words: &[&str], cc: bool) -> Option<CreativeCommons> {
    let (mut elements, mut in_words) = (Vec::new(), true);
    while let Some((rest, element)) = CONDITIONS.iter().find_map(|(name, e)| Some((after(words, name)?, *e))) {
        in_words &= !words.starts_with(&[element]);
        elements.push(element);
        words = rest;
    }
    for licence in ["licence", "license"] {
        words = after(words, &[licence]).unwrap_or(words); // "Attribution License 3.0"
    }
    let (version, rest) = words.split_first()?;
    let version = version.strip_prefix('v').unwrap_or(version);
    let port = match rest {
        [] | ["international"] | ["unported"] | ["generic"] => None,
        [letters] if PORTS.contains(letters) => Some(*letters),
        name => Some(PORT_NAMES.iter().find(|(own, _)| *own == name)?.1),
    };
    let published = match rest {
        ["international"] => version == "4.0",
        ["unported"] => version == "3.0",
        ["generic"] => matches!(version, "1.0" | "2.0" | "2.5"),
        _ => true,
    };
    // Without the name of Creative Commons, one word and a number say too little, and letters nothing.
    let unmistakable = cc || in_words && (elements.len() > 1 || !rest.is_empty());
    let code = match elements[..] {
        ["by"] => "by",
        ["by", "nc"] => "by-nc",
        ["by", "nd"] => "by-nd",
        ["by", "sa"] => "by-sa",
        ["by", "nc", "nd"] | ["by", "nd", "nc"] => "by-nc-nd",
        ["by", "nc", "sa"] => "by-nc-sa",
        _ => return None,
    };
    if published && unmistakable { licence(code, version, port) } else { None }
}

/// What follows these words.
fn after<'a, 'b>(words: &'a [&'b str], first: &[&str]) -> Option<&'a [&'b str]> {
    let (start, rest) = words.split_at_checked(first.len())?;
    (start == first).then_some(rest)
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
