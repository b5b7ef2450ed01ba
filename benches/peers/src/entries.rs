//! The records that every peer takes: the entries of a Deedbook log, as bytes, with their identifiers beside them.
//!
//! `entries.tsv` has a line per entry, in the log's order: first identifier, second identifier, the entry's JSON, with
//! tabs between. Canonical JSON has neither tabs nor line ends in it. An entry that admits no work (the ledger, the
//! dataset, the grant, states, the screening) has empty identifiers: it is a leaf of the tree as any other.
//! `root` holds the root in the ledger's checkpoint, which covers exactly these entries.

use crate::Outcome;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Entries in a full bundle (C2SP tlog-tiles).
const BUNDLE: u64 = 256;

/// One entry of the log. `first` and `second` are empty where it admits no work.
#[derive(Clone, Copy)]
pub struct Entry<'a> {
    pub first: &'a str,
    pub second: &'a str,
    pub bytes: &'a [u8],
}

impl Entry<'_> {
    pub fn is_work(&self) -> bool {
        !self.first.is_empty()
    }
}

/// Writes `entries.tsv` and `root` of a ledger into a folder, and says on stderr what they hold.
pub fn prepare(ledger: &Path, folder: &Path) -> Outcome<()> {
    let checkpoint = fs::read_to_string(ledger.join("log/checkpoint"))?;
    let mut lines = checkpoint.lines().skip(1);
    let (Some(size), Some(root)) = (lines.next(), lines.next()) else { return Err("a checkpoint of one line".into()) };
    let size: u64 = size.parse()?;
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(folder.join("entries.tsv"))?);
    let (mut works, mut bytes) = (0u64, 0);
    for bundle in 0..size.div_ceil(BUNDLE) {
        let width = (size - bundle * BUNDLE).min(BUNDLE);
        let partial = if width < BUNDLE { format!(".p/{width}") } else { String::new() };
        let file = fs::read(ledger.join(format!("entries/{}{partial}", tile_number(bundle))))?;
        let mut rest = file.as_slice();
        while let Some((len, after)) = rest.split_first_chunk::<2>() {
            let (entry, after) =
                after.split_at_checked(u16::from_be_bytes(*len).into()).ok_or("a bundle ends within an entry")?;
            let (first, second) = identifiers(entry)?;
            if !first.is_empty() {
                works += 1;
                bytes += entry.len() as u64;
            }
            write!(out, "{first}\t{second}\t")?;
            out.write_all(entry)?;
            out.write_all(b"\n")?;
            rest = after;
        }
    }
    out.flush()?;
    fs::write(folder.join("root"), root)?;
    eprintln!("{size} entries, of which {works} works; {:.0} bytes each on average", bytes as f64 / works as f64);
    Ok(())
}

/// Bundle N's path: digits in groups of three, all but the last marked `x`.
fn tile_number(number: u64) -> String {
    let mut path = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    path
}

/// The two identifiers of an admission; two empty texts for any other entry.
fn identifiers(entry: &[u8]) -> Outcome<(String, String)> {
    let statement: serde_json::Value = serde_json::from_slice(entry)?;
    if statement["kind"] != "admission" {
        return Ok(Default::default());
    }
    match statement["identifiers"].as_array().map(Vec::as_slice) {
        Some([first, second]) => {
            Ok((first.as_str().unwrap_or_default().to_owned(), second.as_str().unwrap_or_default().to_owned()))
        }
        _ => Err("a work without two identifiers: was the catalogue made with --doi?".into()),
    }
}

/// The entries up to and with the given number of works: all, with those behind the last work, where there are no more.
pub fn parse(text: &str, works: u64) -> Outcome<Vec<Entry<'_>>> {
    let mut entries = Vec::new();
    let mut left = works;
    for line in text.lines() {
        let mut parts = line.splitn(3, '\t');
        let (Some(first), Some(second), Some(json)) = (parts.next(), parts.next(), parts.next()) else {
            return Err("a line of entries.tsv without three parts".into());
        };
        let entry = Entry { first, second, bytes: json.as_bytes() };
        if entry.is_work() {
            if left == 0 {
                break;
            }
            left -= 1;
        }
        entries.push(entry);
    }
    Ok(entries)
}
