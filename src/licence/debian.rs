//! Licences as Debian's machine-readable copyright files name them, spelled as SPDX spells them.
//!
//! Machine-readable `debian/copyright`, format 1.0, sections 7.1 (short names) and 7.2 (syntax): short names such as
//! `GPL-2+` and `Expat`, `and` before `or` unless a comma stands between (`A or B, and C`), `with NAME exception`. Only names
//! that mean one licence: `GPL` has no version, `Artistic` and `BSD` have several texts, and `public-domain` is a statement
//! about a work and no licence.

use spdx::identifiers;

/// Names of section 7.1 that SPDX has under another.
const NAMES: [(&str, &str); 6] = [
    ("cc0", "CC0-1.0"),
    ("expat", "MIT"),
    ("w3c-software", "W3C"),
    ("zope-1.1", "ZPL-1.1"),
    ("zope-2.0", "ZPL-2.0"),
    ("zope-2.1", "ZPL-2.1"),
];

/// Exceptions whose SPDX name is not theirs and `-exception`.
const EXCEPTIONS: [(&str, &str); 3] = [
    ("classpath", "Classpath-exception-2.0"),
    ("font", "Font-exception-2.0"),
    ("linux-syscall-note", "Linux-syscall-note"),
];

/// The expression that a licence line means, in SPDX's words; `None` where one of its names is not known.
pub(super) fn to_spdx(line: &str) -> Option<String> {
    let mut groups = line.split(',').map(str::trim);
    let mut whole = expression(groups.next()?)?;
    for group in groups {
        // Section 7.2: what stands behind a comma is joined to all that stands before it.
        let (operator, rest) = group.split_once(char::is_whitespace)?;
        whole = format!("({whole}) {} ({})", joint(operator)?, expression(rest)?);
    }
    Some(whole)
}

/// Names and operators, without commas.
fn expression(text: &str) -> Option<String> {
    let mut words = text.split_whitespace();
    let mut spelled = vec![name(words.next()?)?];
    while let Some(word) = words.next() {
        if word.eq_ignore_ascii_case("with") {
            let described = words.by_ref().take_while(|word| !word.eq_ignore_ascii_case("exception"));
            let exception = exception(&described.collect::<Vec<_>>().join("-"))?;
            spelled.extend(["WITH".to_owned(), exception.to_owned()]);
        } else {
            spelled.extend([joint(word)?.to_owned(), name(words.next()?)?]);
        }
    }
    Some(spelled.join(" "))
}

fn joint(word: &str) -> Option<&'static str> {
    match word {
        "and" | "AND" => Some("AND"),
        "or" | "OR" => Some("OR"),
        _ => None,
    }
}

fn name(word: &str) -> Option<String> {
    let same = |(own, _): &&(&str, &str)| own.eq_ignore_ascii_case(word);
    if let Some((_, spdx)) = NAMES.iter().find(same) {
        return Some((*spdx).to_owned());
    }
    gnu(word).or_else(|| super::expression::licence_id(word.strip_suffix('+').unwrap_or(word)).map(|_| word.to_owned()))
}

/// `GPL-2`, `LGPL-2.1+`: without the plus, this version only.
fn gnu(word: &str) -> Option<String> {
    let (bare, range) = word.strip_suffix('+').map_or((word, "only"), |bare| (bare, "or-later"));
    let (family, version) = bare.split_once('-')?;
    let family = ["AGPL", "GPL", "LGPL"].into_iter().find(|own| own.eq_ignore_ascii_case(family))?;
    let version = if version.contains('.') { version.to_owned() } else { format!("{version}.0") };
    let id = super::expression::licence_id(&format!("{family}-{version}-{range}"))?;
    Some(id.name.to_owned())
}

fn exception(named: &str) -> Option<&'static str> {
    let known = EXCEPTIONS.iter().find(|(own, _)| own.eq_ignore_ascii_case(named)).map(|(_, spdx)| *spdx);
    let listed = || {
        let whole = format!("{named}-exception");
        identifiers::EXCEPTIONS.iter().find(|e| e.name.eq_ignore_ascii_case(&whole)).map(|e| e.name)
    };
    known.or_else(listed)
}
