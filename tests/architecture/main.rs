//! The house: which module may import which, where third-party code lives, and what the core depends on.
//!
//! Reads the sources as text. A line that breaks a rule fails here, with its file and line.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Module, and what it may import. Downwards only, as in docs/architecture.md.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("tlog", &[]),
    ("rows", &[]),
    ("storage", &[]),
    ("statement", &["tlog", "rows"]),
    ("log", &["tlog", "storage"]),
    ("verify", &["tlog", "rows", "statement"]),
    ("licence", &["rows", "statement"]),
    ("index", &["tlog", "rows", "statement", "storage"]),
    ("ingest", &["rows", "statement", "tlog"]),
    ("ledger", &["tlog", "rows", "storage", "statement", "log", "verify", "licence", "index", "ingest"]),
    // `report` prints what these hand out; of `ledger` only types that it returns.
    ("report", &["statement", "verify", "ledger", "tlog"]),
    ("cli", &["verify", "licence", "ingest", "ledger", "report", "tlog", "statement", "index", "log", "storage"]),
];

/// Third-party crate, and the modules, or folders of one, where its name may stand.
const LIVES_IN: &[(&str, &[&str])] = &[
    ("ed25519_dalek", &["tlog"]),
    ("sha2", &["tlog"]),
    ("merkle_cbt", &["rows"]),
    ("blake3", &["rows"]),
    ("rustix", &["storage", "ingest"]),
    ("rayon", &["ingest", "ledger/admit"]),
    ("tempfile", &["ingest"]),
    ("sled", &["index"]),
    ("spdx", &["licence"]),
    ("csv", &["ingest", "report"]),
    ("lofty", &["ingest"]),
    ("quick_xml", &["ingest"]),
    ("zip", &["ingest"]),
    ("parquet", &["ingest"]),
    ("bytes", &["ingest"]),
    ("flate2", &["ingest"]),
    ("lz4_flex", &["ingest"]),
    ("snap", &["ingest"]),
    ("zstd", &["ingest"]),
    ("toml", &["licence", "ledger"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anstream", &["cli"]),
    ("indicatif", &["cli"]),
    ("mimalloc", &["main"]),
    ("signal_hook", &["cli"]),
    ("getrandom", &["cli"]),
];

/// What the core must not touch: it is pure.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time",
    "std::io",
    " File::",
    "println!",
    "eprintln!",
];

/// What opens a connection.
const NETWORK: &[&str] = &["std::net", "unix::net", "rustix::net", "TcpStream", "UdpSocket", "UnixStream"];

struct Line {
    module: String,
    place: String,
    text: String,
}

fn sources() -> Vec<Line> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for (module, _) in MAY_IMPORT {
        let mut files = Vec::new();
        walk(&root.join(module), &mut files);
        assert!(!files.is_empty(), "src/{module} is not there");
        for file in files {
            let text = std::fs::read_to_string(&file).expect("a source file");
            let shown = file.strip_prefix(&root).expect("below src").display().to_string();
            for (number, line) in text.lines().enumerate() {
                // Comments may name anything.
                let code = line.split("//").next().unwrap_or_default().to_owned();
                lines.push(Line { module: (*module).to_owned(), place: format!("{shown}:{}", number + 1), text: code });
            }
        }
    }
    lines
}

fn walk(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a module's folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            walk(&path, files);
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
}

/// The modules of this crate that a line names, as `crate::module`, also inside `use crate::{a, b}`.
fn named(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let list = rest.strip_prefix('{').and_then(|r| r.split('}').next()).unwrap_or(rest);
        for part in list.split(',') {
            let name: String = part.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push(name);
            if !rest.starts_with('{') {
                break;
            }
        }
    }
    found
}

#[test]
fn imports_run_down_only() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_IMPORT.iter().copied().collect();
    let mut wrong = Vec::new();
    for line in sources() {
        for name in named(&line.text) {
            let known = allowed.contains_key(name.as_str());
            if known && name != line.module && !allowed[line.module.as_str()].contains(&name.as_str()) {
                wrong.push(format!("{}: {} may not import {name}", line.place, line.module));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_crate_has_its_rank() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders: BTreeSet<String> = std::fs::read_dir(root)
        .expect("src")
        .map(|e| e.expect("an entry"))
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect();
    let ranked: BTreeSet<String> = MAY_IMPORT.iter().map(|(m, _)| (*m).to_owned()).collect();
    assert_eq!(folders, ranked);
}

#[test]
fn third_party_code_lives_in_its_module() {
    let mut wrong = Vec::new();
    for line in sources() {
        for (name, homes) in LIVES_IN {
            let uses = line.text.match_indices(&format!("{name}::")).any(|(at, _)| {
                let before = line.text[..at].chars().next_back();
                // `rows::blake3` and `Identifier::blake3` are ours.
                !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
            });
            let at_home = |home: &&str| line.place.strip_prefix(home).is_some_and(|rest| rest.starts_with(['/', '.']));
            if uses && !homes.iter().any(at_home) {
                wrong.push(format!("{}: {name} lives in {}", line.place, homes.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_core_is_pure() {
    let core = ["tlog", "rows", "statement", "verify"];
    let lines = sources().into_iter().filter(|l| core.contains(&l.module.as_str()));
    let wrong: Vec<String> = lines
        .filter_map(|l| IMPURE.iter().find(|i| l.text.contains(**i)).map(|i| format!("{}: {i}", l.place)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is verified is verified where there is no network; nothing else here needs one either.
#[test]
fn nothing_opens_a_connection() {
    let lines = sources().into_iter();
    let wrong: Vec<String> = lines
        .filter_map(|l| NETWORK.iter().find(|n| l.text.contains(**n)).map(|n| format!("{}: {n}", l.place)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Everything that an auditor of the core has to trust. A change of this list is a change of that trust.
#[test]
fn the_core_depends_on_this_and_nothing_else() {
    let args =
        ["tree", "--no-default-features", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--offline"];
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let tree = Command::new(cargo)
        .args(args)
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .args(["--manifest-path", manifest])
        .output();
    let tree = tree.expect("cargo tree runs");
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    let names: BTreeSet<String> = String::from_utf8_lossy(&tree.stdout)
        .lines()
        .filter_map(|line| line.split_whitespace().next().map(str::to_owned))
        .filter(|name| name != "deedbook")
        .collect();
    let golden = include_str!("core-dependencies.txt");
    let golden: BTreeSet<String> = golden.lines().filter(|l| !l.starts_with('#')).map(str::to_owned).collect();
    assert_eq!(names, golden, "tests/architecture/core-dependencies.txt");
}
