//! Limits and sizes: docs/limits.md is the constants of the sources, docs/audit-guide.md counts the lines that there are.

use super::{quoted, read, root, section, table_rows, walk};
use std::collections::BTreeMap;

/// Constants that are sizes of a format or codes in a file, not bounds.
const NOT_LIMITS: &[&str] = &[
    "BLOCK_WORDS",
    "DAY",
    "DIGEST_LEN",
    "FULL_WIDTH",
    "HASH_LEN",
    "KEY_LEN",
    "NODES_HEADER_LEN",
    "NODE_LEN",
    "PREFIX_LEN",
    "ROW",
    "ROWS_HEADER_LEN",
    "ROW_LEN",
    "RUN",
    "SIGNATURE_LEN",
    "TILE_HEIGHT",
    "VERSION",
    "WIDTH",
];

/// (file, name) -> value of every whole-number constant in the sources.
fn constants() -> BTreeMap<(String, String), u128> {
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    let mut found = BTreeMap::new();
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs")) {
        let path = file.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/");
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let Some((before, rest)) = line.split_once("const ") else { continue };
            let before = before.trim();
            if !before.is_empty() && !before.starts_with("pub") {
                continue;
            }
            let Some((name, rest)) = rest.split_once(": ") else { continue };
            let Some((kind, value)) = rest.split_once(" = ") else { continue };
            if !["u8", "u16", "u32", "u64", "usize", "i64"].contains(&kind) || NOT_LIMITS.contains(&name) {
                continue;
            }
            let value = value.trim_end().trim_end_matches(';');
            let value = evaluate(value).unwrap_or_else(|| panic!("{path}: {name} = {value} cannot be read"));
            found.insert((path.clone(), name.to_owned()), value);
        }
    }
    found
}

/// The value of `12_000`, `4 << 20`, `(1 << 53) - 1`, `u16::MAX as usize`.
fn evaluate(text: &str) -> Option<u128> {
    let text = text.trim();
    if let Some((left, right)) = text.split_once(" - ") {
        return evaluate(left)?.checked_sub(evaluate(right)?);
    }
    if let Some((left, right)) = text.split_once(" << ") {
        return evaluate(left.trim_start_matches('('))?.checked_shl(evaluate(right.trim_end_matches(')'))? as u32);
    }
    match text {
        "u16::MAX as usize" => Some(u16::MAX.into()),
        number => number.replace('_', "").parse().ok(),
    }
}

#[test]
fn every_limit_is_in_the_document_with_its_value_and_no_other_is() {
    let mut listed = BTreeMap::new();
    for row in table_rows(&read("docs/limits.md")).iter().filter(|row| row.len() == 5) {
        let (name, file) = (quoted(&row[0])[0].to_owned(), quoted(&row[2])[0].to_owned());
        let value = row[1].replace(',', "").parse().unwrap_or_else(|_| panic!("{name} has no value"));
        assert!(listed.insert((file, name.clone()), value).is_none(), "{name} is listed twice");
    }
    let constants = constants();
    for (key, value) in &constants {
        assert_eq!(listed.get(key), Some(value), "{} of {} in docs/limits.md", key.1, key.0);
    }
    for key in listed.keys() {
        assert!(constants.contains_key(key), "docs/limits.md lists {} of {}, which is not there", key.1, key.0);
    }
}

#[test]
fn the_audit_guide_counts_the_lines_that_there_are() {
    let guide = read("docs/audit-guide.md");
    let mut counted = 0;
    for row in table_rows(section(&guide, "## 3. Read the code")).iter().filter(|row| row.len() == 3) {
        let module = quoted(&row[0])[0];
        let claimed: f64 = row[1].replace(',', "").parse().unwrap();
        let mut files = Vec::new();
        walk(&root().join("src").join(module), &mut files);
        let code = |text: String| text.lines().filter(|l| !l.trim().is_empty() && !l.trim().starts_with("//")).count();
        let sources = files.iter().filter(|f| f.extension().is_some_and(|e| e == "rs"));
        let lines: usize = sources.map(|f| code(std::fs::read_to_string(f).unwrap())).sum();
        let apart = (claimed - lines as f64).abs() / lines as f64;
        assert!(apart < 0.1, "{module} has {lines} lines of code, docs/audit-guide.md says {claimed}");
        counted += 1;
    }
    assert_eq!(counted, 12, "modules with a count");
}
