//! The peers that are Rust programs, one file each, and Deedbook. Each file says what its peer does of the job.
//!
//! A run prints one line: seconds, root, version. The programs in other languages beside this folder do the same.

mod akd;
mod ct_merkle;
mod deedbook;
mod rs_merkle;
mod sqlite;
mod tlog_tiles;

use crate::Outcome;
use crate::entries::{self, Entry};
use std::path::Path;
use std::time::Instant;

/// An identifier that no catalogue of `make_catalogue` has.
const ABSENT: &str = "doi:10.1000/absent";

/// Runs one peer over the entries of `folder`, with files of its own in the empty folder `own`, and prints seconds, root
/// (`-` where it has none) and version.
pub fn one(peer: &str, folder: &Path, own: &Path, works: &str) -> Outcome<()> {
    if let Some(program) = peer.strip_prefix("deedbook=") {
        return deedbook::run(Path::new(program), folder, own, deedbook::Job::Whole);
    }
    if let Some(program) = peer.strip_prefix("deedbook-admit=") {
        return deedbook::run(Path::new(program), folder, own, deedbook::Job::Admit);
    }
    let works = works.parse()?;
    let clock = Instant::now();
    let text = std::fs::read_to_string(folder.join("entries.tsv"))?;
    let entries = entries::parse(&text, works)?;
    let asked = asked(&entries).ok_or("no work in entries.tsv")?;
    let (root, version) = match peer {
        "akd" => (akd::run(&entries, asked)?, locked("akd")),
        "ct-merkle" => (ct_merkle::run(&entries, asked)?, locked("ct-merkle")),
        "rs_merkle" => (rs_merkle::run(&entries, asked)?, locked("rs_merkle")),
        "sqlite" => (sqlite::run(&entries, asked, own, sqlite::Commit::Once)?, sqlite::version()),
        "sqlite-each" => (sqlite::run(&entries, asked, own, sqlite::Commit::EachWork)?, sqlite::version()),
        "tlog_tiles" => (tlog_tiles::in_memory(&entries, asked)?, locked("tlog_tiles")),
        "tlog_tiles-files" => (tlog_tiles::in_files(&entries, asked, own)?, locked("tlog_tiles")),
        other => return Err(format!("no peer is called {other}").into()),
    };
    report(clock, &root, &version);
    Ok(())
}

fn report(clock: Instant, root: &str, version: &str) {
    println!("{:.6} {root} {version}", clock.elapsed().as_secs_f64());
}

/// The index of the work that is looked up and proven: the one in the middle.
fn asked(entries: &[Entry<'_>]) -> Option<usize> {
    (0..entries.len()).rev().skip(entries.len() / 2).find(|&index| entries[index].is_work())
}

/// A hash as checkpoints have it.
fn base64(hash: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(hash)
}

/// An answer that a peer must give.
fn must(holds: bool, what: &str) -> Outcome<()> {
    if holds { Ok(()) } else { Err(what.into()) }
}

/// The version of a crate that was built in.
fn locked(name: &str) -> String {
    let wanted = format!("name = \"{name}\"\nversion = \"");
    let after = include_str!("../../Cargo.lock").split_once(wanted.as_str()).map(|(_, after)| after);
    after.and_then(|after| after.split_once('"')).map_or_else(String::new, |(version, _)| version.to_owned())
}
