//! The documents are true: links lead somewhere, limits are the constants, vocabularies are complete, and every vector
//! of the formats is computed again.
//!
//! Needs the core only. Documents are read as text; what they say is compared with the crate or with its sources.

mod house;
mod links;
mod vectors;
mod words;

use std::path::{Path, PathBuf};

/// The repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the repository.
fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// All documents, as paths below the repository: those at its top and those in `docs`.
fn documents() -> Vec<String> {
    let mut found = Vec::new();
    let top = std::fs::read_dir(root()).unwrap().map(|e| e.unwrap().path());
    found.extend(top.filter(|path| path.is_file()));
    walk(&root().join("docs"), &mut found);
    let mut documents: Vec<String> = found
        .iter()
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"))
        .collect();
    documents.sort();
    assert!(documents.iter().any(|d| d == "docs/formats/proof.md"), "the documents are not where this test looks");
    documents
}

/// Every file below a folder.
fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            walk(&path, found);
        } else {
            found.push(path);
        }
    }
}

/// The part of a document from a heading to the next one of its level or above.
fn section<'t>(text: &'t str, heading: &str) -> &'t str {
    let start = text.find(&format!("{heading}\n")).unwrap_or_else(|| panic!("no heading {heading:?}"));
    let level = heading.bytes().take_while(|b| *b == b'#').count();
    let rest = &text[start + heading.len()..];
    let ends = |at: &usize| {
        let hashes = rest[at + 1..].bytes().take_while(|b| *b == b'#').count();
        (1..=level).contains(&hashes) && rest[at + 1 + hashes..].starts_with(' ')
    };
    let end = rest.match_indices('\n').map(|(at, _)| at).find(ends).unwrap_or(rest.len());
    &rest[..end]
}

/// The cells of every table row, headers and rules left out.
fn table_rows(text: &str) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let lines: Vec<&str> = text.lines().collect();
    for (i, line) in lines.iter().enumerate() {
        let is_row = |l: &&str| l.starts_with('|');
        let is_rule = |l: &&str| is_row(l) && l.chars().all(|c| "|- ".contains(c)) && l.contains("---");
        if !is_row(line) || is_rule(line) || lines.get(i + 1).is_some_and(is_rule) {
            continue;
        }
        // A pipe inside a cell is written with a backslash.
        let line = line.trim().trim_matches('|').replace("\\|", "\u{1}");
        rows.push(line.split('|').map(|cell| cell.trim().replace('\u{1}', "|")).collect());
    }
    rows
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The blocks of one language, without fences and without the last line end.
fn blocks<'t>(text: &'t str, language: &str) -> Vec<&'t str> {
    let fence = format!("```{language}\n");
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("```") {
        let opening = &rest[start..];
        let body_at = opening.find('\n').unwrap() + 1;
        let len = opening[body_at..].find("```").expect("a fence is closed");
        if opening.starts_with(&fence) {
            found.push(opening[body_at..body_at + len].trim_end_matches('\n'));
        }
        rest = &opening[body_at + len + 3..];
    }
    found
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
