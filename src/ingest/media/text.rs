//! Plain text: what stands in fields at its beginning, and an SPDX line.
//!
//! Three forms are known: lines `Key: value` at the very beginning, ended by an empty line; the same between two lines
//! `---` (front matter, of which only plain scalars are read); and the header of Project Gutenberg. Nothing is read out
//! of sentences. Only the head of the file is looked at, and text that is not UTF-8 says nothing, as Latin-1 is normal.

use super::fields::{Fields, Meaning};
use crate::statement::Scheme;
use crate::statement::vocabulary::Role;

const SPDX: &str = "SPDX-License-Identifier:";

/// Keys, in lower case, with spaces for `_` and `-`.
const KEYS: &[(&str, Meaning)] = &[
    ("title", Meaning::Title),
    ("author", Meaning::Party(Some(Role::Author))),
    ("creator", Meaning::Party(Some(Role::Author))),
    // Our vocabulary has no word for this part.
    ("translator", Meaning::Party(None)),
    ("publisher", Meaning::Party(Some(Role::Publisher))),
    ("isbn", Meaning::Identifier(Scheme::Isbn)),
    ("doi", Meaning::Identifier(Scheme::Doi)),
    ("license", Meaning::Licence),
    ("licence", Meaning::Licence),
    ("license url", Meaning::Licence),
    ("licence url", Meaning::Licence),
    ("rights", Meaning::Notice),
    ("copyright", Meaning::Notice),
];

/// Reads the head of a text; `longer` if the text goes on behind it.
pub(super) fn read(head: &[u8], longer: bool, fields: &mut Fields) {
    let Some(text) = utf8(head, longer) else { return };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // A last line that goes on behind the head is no line.
    let end = if longer { text.rfind('\n').map_or(0, |at| at + 1) } else { text.len() };
    let text = &text[..end];
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    if first == "---" {
        front_matter(text, fields);
    } else if first.contains("Project Gutenberg") {
        gutenberg(text, fields);
    } else {
        block(text, longer, fields);
    }
    for line in text.lines() {
        if let Some((_, licence)) = line.split_once(SPDX) {
            fields.put(Meaning::Licence, "text:SPDX-License-Identifier", without_comment(licence));
        }
    }
}

/// UTF-8, but for a last character that the head cuts in two.
fn utf8(head: &[u8], longer: bool) -> Option<&str> {
    match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if longer && error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok(),
        Err(_) => None,
    }
}

/// Lines `Key: value` and nothing else, up to an empty line or the end of the text.
fn block(text: &str, longer: bool, fields: &mut Fields) {
    let lines = || text.lines().take_while(|line| !line.trim().is_empty());
    let ends = !longer || lines().count() < text.lines().count();
    if ends && lines().all(|line| key_and_value(line).is_some()) {
        lines().filter_map(key_and_value).for_each(|(key, value)| put(key, value, fields));
    }
}

/// YAML 1.2: plain and quoted scalars of the topmost mapping. Lists and mappings are left alone.
fn front_matter(text: &str, fields: &mut Fields) {
    let inside = || text.lines().skip_while(|line| line.trim() != "---").skip(1);
    let Some(len) = inside().position(|line| matches!(line.trim_end(), "---" | "...")) else { return };
    for (key, value) in
        inside().take(len).filter(|line| !line.starts_with(char::is_whitespace)).filter_map(key_and_value)
    {
        let quoted = ['"', '\''].iter().find_map(|q| value.strip_prefix(*q)?.split_once(*q)).map(|(inside, _)| inside);
        let plain = !value.starts_with(['[', '{', '|', '>', '&', '*', '!', '%', '@', '`', '#', '"', '\'']);
        let scalar = quoted.or_else(|| plain.then(|| value.split(" #").next()).flatten());
        if let Some(scalar) = scalar {
            put(key, scalar, fields);
        }
    }
}

/// Fields up to the line that starts the book; an indented line goes on with the field above.
fn gutenberg(text: &str, fields: &mut Fields) {
    let mut field: Option<(&str, String)> = None;
    for line in text.lines().take_while(|line| !line.trim_start().starts_with("***")) {
        if line.starts_with(char::is_whitespace) && !line.trim().is_empty() {
            if let Some((_, value)) = &mut field {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        if let Some((key, value)) = field.take() {
            put(key, &value, fields);
        }
        field = key_and_value(line).map(|(key, value)| (key, value.to_owned()));
    }
    if let Some((key, value)) = field {
        put(key, &value, fields);
    }
}

/// A key of letters, digits and what joins words, a colon, and a value behind a space.
fn key_and_value(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.split_once(':')?;
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let valid = key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.chars().all(name);
    (valid && (value.is_empty() || value.starts_with([' ', '\t']))).then_some((key.trim_end(), value.trim()))
}

fn put(key: &str, value: &str, fields: &mut Fields) {
    let folded = || key.chars().map(|c| if matches!(c, '_' | '-') { ' ' } else { c.to_ascii_lowercase() });
    if let Some((_, meaning)) = KEYS.iter().find(|(own, _)| folded().eq(own.chars())) {
        fields.put(*meaning, &format!("text:{key}"), value);
    }
}

/// What stands before the end of a comment.
fn without_comment(text: &str) -> &str {
    let ends = ["*/", "-->", "--}}", "#}", "*)", "\"\"\""];
    ends.iter().filter_map(|end| text.find(end)).min().map_or(text, |at| &text[..at])
}
