//! What a user would pick instead of Deedbook, doing as much of the same job as it can, side by side with it.
//!
//! Not a test and not part of the crate: a measuring tool, started by `benches/peers/run`. A peer's version is the one in
//! this folder's `Cargo.lock`, or what `run` installs.
//!
//! The job: take the works of a catalogue, hash and append all, get a root, make and verify a proof of one; and where a
//! peer can: keep all of it on disk, look a duplicate up, prove an absence. Peers get the entries that Deedbook logged of
//! that catalogue, ready made; Deedbook gets the catalogue.
//!
//! Invariants: the clock of a run starts before its input is read and stops when its last answer is checked; peers with
//! the same tree over the same entries must find the same root, and those with the tree of RFC 6962 the root of
//! Deedbook's checkpoint, or there is no table.

mod entries;
mod peers;
mod table;

use std::path::Path;
use std::process::ExitCode;

/// What any step may end with: whoever runs this reads the message.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const USAGE: &str = "usage: deedbook-peers prepare LEDGER FOLDER
       deedbook-peers one PEER FOLDER OWN WORKS
       deedbook-peers table WORKS ROUNDS FOLDER DEEDBOOK PYTHON MODULES";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let ran = match args.as_slice() {
        ["prepare", ledger, folder] => entries::prepare(Path::new(ledger), Path::new(folder)),
        ["one", peer, folder, own, works] => peers::one(peer, Path::new(folder), Path::new(own), works),
        ["table", works, rounds, folder, deedbook, python, modules] => {
            table::Setting::new(works, rounds, folder, deedbook, python, modules).and_then(|setting| setting.print())
        }
        _ => Err(USAGE.into()),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
