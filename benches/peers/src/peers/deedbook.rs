//! Deedbook, as whole commands: each a process that reads, checks, writes, syncs and ends.
//!
//! The ledger and the dataset are there before the clock starts, as a user's are; the catalogue is what
//! `make_catalogue --doi` printed.

use super::{ABSENT, must, report};
use crate::Outcome;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

/// How much of the job.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Job {
    /// `admit` alone: from the catalogue to durable, gated, signed state.
    Admit,
    /// `admit`, `seal`, `prove` of one present and one absent work, `verify`, and `admit` of a work that is there.
    Whole,
}

/// Runs the job over the catalogue of `folder`, with a ledger in `own`, and prints seconds, no root and the version.
pub fn run(program: &Path, folder: &Path, own: &Path, job: Job) -> Outcome<()> {
    let catalogue = folder.join("books.csv");
    let ledger = own.join("ledger");
    let proof = own.join("asked.proof");
    let deedbook = |args: &[&OsStr]| -> Outcome<String> {
        let ran = Command::new(program).args(args).env("DEEDBOOK_LEDGER", &ledger).output()?;
        must(ran.status.success(), &format!("{args:?}: {}", String::from_utf8_lossy(&ran.stderr)))?;
        Ok(String::from_utf8(ran.stdout)?)
    };
    let version = deedbook(&args("--version"))?;
    let version = version.split_whitespace().last().unwrap_or_default();
    deedbook(&[OsStr::new("init"), ledger.as_os_str(), OsStr::new("--origin"), OsStr::new("lab.example/deeds")])?;
    deedbook(&args("dataset new books --use generative-training --purpose commercial --layer text"))?;
    let status = deedbook(&args("log status"))?;
    let key = status.lines().find_map(|line| line.strip_prefix("verifier key")).ok_or("no verifier key")?.trim();
    let (isbn, duplicate) = one_row(&catalogue)?;
    let again = own.join("again.csv");
    fs::write(&again, duplicate)?;

    let clock = Instant::now();
    deedbook(&[&args("admit books --require all-admitted")[..], &[catalogue.as_os_str()]].concat())?;
    if job == Job::Whole {
        deedbook(&args("seal books v1"))?;
        let asked = format!("prove books@v1 --work isbn:{isbn} --work {ABSENT} -o");
        deedbook(&[&args(&asked)[..], &[proof.as_os_str()]].concat())?;
        deedbook(&[OsStr::new("verify"), proof.as_os_str(), OsStr::new("--key"), OsStr::new(key)])?;
        let said = deedbook(&[&args("admit books")[..], &[again.as_os_str()]].concat())?;
        must(said.contains("nothing is new"), "Deedbook: a duplicate was admitted")?;
    }
    report(clock, "-", version);
    Ok(())
}

fn args(line: &str) -> Vec<&OsStr> {
    line.split_whitespace().map(OsStr::new).collect()
}

/// The ISBN of the catalogue's first work, and a catalogue of that work alone.
fn one_row(catalogue: &Path) -> Outcome<(String, String)> {
    let text = fs::read_to_string(catalogue)?;
    let mut lines = text.lines();
    let (Some(header), Some(row)) = (lines.next(), lines.next()) else { return Err("an empty catalogue".into()) };
    let isbn = row.split(',').nth(2).ok_or("a row without an ISBN")?;
    Ok((isbn.to_owned(), format!("{header}\n{row}\n")))
}
