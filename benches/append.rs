//! Small appends: how long one work takes until it is durable, and how many a second there are, with 1, 16 and 256 writers
//! at one desk; and of a writer that is opened for each.
//!
//! `cargo bench --bench append -- [FOLDER] [WORKS] [LISTED]` makes its ledgers in a new folder in FOLDER (in the system's
//! temporary one without it), each with WORKS works beforehand (none without it). The desks have a deny list of LISTED
//! other works (none without it). Syncs are real: on a disk in memory they cost nothing.

use deedbook::ingest::{Format, Progress};
use deedbook::ledger::admit::{Options, admit};
use deedbook::ledger::dataset::{self, NewDataset};
use deedbook::ledger::source::Input;
use deedbook::ledger::{Desk, Now, Writer, init};
use deedbook::licence::Rules;
use deedbook::statement::screening::ListKind;
use deedbook::statement::{Layer, Name, Purpose, Set, Time, Use};
use deedbook::storage::Disk;
use deedbook::tlog::{KeyKind, SigningKey};
use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Writers, and how many requests each makes.
const DESKS: [(u64, u64); 3] = [(1, 1000), (16, 200), (256, 40)];

/// Appends by a writer of their own.
const ALONE: u64 = 200;

type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    // Cargo adds `--bench`.
    let args: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let place = args.first().map_or_else(std::env::temp_dir, Into::into);
    let number = |place: usize| args.get(place).map_or(Ok(0), |number| number.parse::<u64>());
    let (works, listed) = (number(1)?, number(2)?);
    println!("| writers | works/s | commits | p50 | p95 | p99 | longest |\n|---|---|---|---|---|---|---|");
    let folder = TempDir::new_in(&place)?;
    let disk = ledger(folder.path(), works)?;
    let begun = Instant::now();
    let times = (0..ALONE).map(|n| {
        let begun = Instant::now();
        let writer = Writer::on(&Disk::open(disk.root())?, now(n), false)?;
        admit(writer, &dataset(), vec![book(works + n).into()], options())?;
        Ok(begun.elapsed())
    });
    let times = times.collect::<Result<Vec<_>, Failure>>()?;
    print("1, opened for each", times, begun.elapsed(), ALONE);
    for (writers, requests) in DESKS {
        let folder = TempDir::new_in(&place)?;
        let disk = ledger(folder.path(), works)?;
        let before = commits(&disk)?;
        let mut n = 0;
        let clock = move || {
            n += 1;
            now(n)
        };
        let desk = Desk::on(&disk, Rules::default_rules(), clock, false)?;
        if listed > 0 {
            let ids = (0..listed).map(|n| format!("id:denied/{n}\n")).collect();
            desk.set_lists(vec![(ListKind::Deny, input("deny.txt", Format::List, ids))])?;
        }
        let begun = Instant::now();
        let times = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..writers)
                .map(|writer| {
                    let desk = desk.clone();
                    scope.spawn(move || {
                        let first = works + writer * requests;
                        (first..first + requests).map(|n| one(&desk, n)).collect::<Result<Vec<_>, Failure>>()
                    })
                })
                .collect();
            let joined = threads.into_iter().map(|thread| thread.join().map_err(|_| "a writer panicked")?);
            joined.collect::<Result<Vec<_>, Failure>>()
        })?;
        let took = begun.elapsed();
        drop(desk);
        print(&writers.to_string(), times.concat(), took, commits(&disk)? - before);
    }
    Ok(())
}

/// Admits one work, and gives the time until it is durable.
fn one(desk: &Desk, n: u64) -> Result<Duration, Failure> {
    let begun = Instant::now();
    let outcome = desk.admit(&dataset(), book(n))?;
    if outcome.tally.admitted != 1 {
        return Err(format!("book {n} was not admitted: {:?}", outcome.tally).into());
    }
    Ok(begun.elapsed())
}

fn print(writers: &str, mut times: Vec<Duration>, took: Duration, commits: u64) {
    times.sort_unstable();
    let rate = times.len() as f64 / took.as_secs_f64();
    let at = |part: usize| times[(times.len() * part / 1000).min(times.len() - 1)].as_secs_f64() * 1000.0;
    let [half, most, nearly_all, longest] = [500, 950, 990, 1000].map(at);
    println!(
        "| {writers} | {rate:.0} | {commits} | {half:.1} ms | {most:.1} ms | {nearly_all:.1} ms | {longest:.1} ms |"
    );
}

/// A ledger whose dataset has so many books, and the grant of their licence.
fn ledger(root: &Path, works: u64) -> Result<Disk, Failure> {
    let disk = Disk::open(root)?;
    let key = SigningKey::from_seed("bench.example/deeds", KeyKind::Ed25519, &[7; 32])?;
    init::init_on(&disk, key, None, now(0))?;
    let new = NewDataset {
        id: dataset(),
        uses: [Use::GenerativeTraining].into_iter().collect(),
        purpose: Purpose::Commercial,
        layers: [Layer::Text].into_iter().collect(),
        territories: Set::new(),
        models: Set::new(),
        title: None,
    };
    dataset::new(Writer::on(&disk, now(1), false)?, new)?;
    // One more, so that the grant is there.
    let text = (0..works).chain([u64::from(u32::MAX)]).map(line);
    let text = std::iter::once(HEAD.to_owned()).chain(text).collect::<String>();
    admit(Writer::on(&disk, now(2), false)?, &dataset(), vec![catalogue(text).into()], options())?;
    Ok(disk)
}

fn commits(disk: &Disk) -> Result<u64, Failure> {
    Ok(disk.list("log/history")?.len() as u64)
}

const HEAD: &str = "title,author,isbn,publisher,licence\n";

fn line(n: u64) -> String {
    let body = format!("978{:09}", n % 1_000_000_000);
    let sum: u32 = body.bytes().zip([1, 3].into_iter().cycle()).map(|(c, w)| u32::from(c - b'0') * w).sum();
    format!("The Book of {n},Some Author,{body}{},North Press,CC-BY-4.0\n", (10 - sum % 10) % 10)
}

fn book(n: u64) -> Input {
    catalogue(HEAD.to_owned() + &line(n))
}

fn catalogue(text: String) -> Input {
    input("book.csv", Format::Csv, text)
}

fn input(name: &str, format: Format, text: String) -> Input {
    let reader = Box::new(Cursor::new(text.into_bytes()));
    Input { name: name.to_owned(), format, reader: reader.into(), len: None }
}

fn dataset() -> Name {
    Name::parse("books").expect("a name")
}

/// A time that stands, and another seed for each number.
fn now(n: u64) -> Now {
    let at = Time::parse("2026-02-01T08:00:00Z").expect("a time");
    Now { at, seed: deedbook::rows::blake3(&n.to_be_bytes()) }
}

fn options() -> Options {
    Options {
        grants: Vec::new(),
        rules: Rules::default_rules(),
        lists: Vec::new(),
        overrides: None,
        map: Vec::new(),
        dry_run: false,
        all_or_nothing: false,
        report: None,
        progress: Progress::default(),
    }
}
