//! Whole commands over catalogues of 10,000 works and more: `cargo bench --bench bulk`.
//!
//! `cargo bench --bench bulk -- --works 10000000 --runs 3 --dir /a/disk` is another size, elsewhere; with `--catalogue FILE`
//! the works are those of a file, of any format, of which `--works` says how many they are. Each run makes a
//! ledger in a folder of its own; nothing is removed before the end, since creating files soon after many were removed
//! is slow on some filesystems. Beside `admit` stands its roofline, measured in the same run: the slowest of its
//! processor time over all cores, its bytes at the speed at which this disk takes one big file, and its files at the
//! speed at which it makes small ones.

#[allow(dead_code)]
#[path = "../examples/make_catalogue.rs"]
mod make_catalogue;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Clock ticks of `/proc` in a second, on every Linux there is.
const TICKS: f64 = 100.0;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).and_then(|at| arguments.get(at + 1));
    let number = |name: &str| option(name).map(|n| n.parse::<u64>().expect("a number"));
    let sizes = number("--works").map_or(vec![10_000, 100_000, 1_000_000], |works| vec![works]);
    let runs = number("--runs").unwrap_or(3);
    let place = option("--dir").map_or_else(std::env::temp_dir, PathBuf::from);
    let dir = tempfile::tempdir_in(place).expect("a folder");
    for works in sizes {
        let made = dir.path().join(format!("{works}.csv"));
        let catalogue = option("--catalogue").map_or_else(
            || {
                let mut out = BufWriter::new(File::create(&made).expect("a file"));
                make_catalogue::catalogue(works, true, false, &mut out)
                    .and_then(|()| out.flush())
                    .expect("a catalogue");
                made.clone()
            },
            PathBuf::from,
        );
        let mut measured: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for run in 0..runs {
            for (what, value) in measure(&dir.path().join(format!("{works}-{run}")), &catalogue, works) {
                measured.entry(what).or_default().push(value);
            }
        }
        println!("\n{works} works, median of {runs} (least to most)\n\n| what | |\n|---|---|");
        for (what, mut values) in measured {
            values.sort_by(f64::total_cmp);
            let [least, median, most] = [0, values.len() / 2, values.len() - 1].map(|place| shown(values[place]));
            // A digit before the name keeps the order of the run.
            println!("| {} | {median} ({least} to {most}) |", &what[2..]);
        }
    }
}

fn measure(ledger: &Path, catalogue: &Path, works: u64) -> Vec<(&'static str, f64)> {
    fs::create_dir_all(ledger).expect("a folder");
    let (root, count) = (ledger.join("l"), works as f64);
    let command = |arguments: &[&str]| run(&root, arguments);
    command(&["init", root.to_str().expect("a path"), "--origin", "bench.example/deeds"]);
    command(&["dataset", "new", "books", "--use", "generative-training", "--purpose", "commercial", "--layer", "text"]);
    let catalogue = catalogue.to_str().expect("a path");
    let admit = command(&["admit", "books", catalogue]);
    let (bytes, files) = size_of(&root);
    let (entries, _) = size_of(&root.join("entries"));
    let seal = command(&["seal", "books", "v1"]);
    let proof = ledger.join("one.proof");
    let proof = proof.to_str().expect("a path");
    let prove = command(&["prove", "books@v1", "--work", "doi:10.1000/book.7", "-o", proof]);
    let key = fs::read_to_string(root.join("ledger.toml")).expect("settings");
    let key =
        key.lines().find_map(|l| l.strip_prefix("verifier_key = \"")?.strip_suffix('"')).expect("a key").to_owned();
    let verify = command(&["verify", proof, "--key", &key]);
    let absent = ledger.join("absent.proof");
    let absent = absent.to_str().expect("a path");
    let prove_absent = command(&["prove", "books@v1", "--work", "doi:10.1000/absent", "-o", absent]);
    let verify_absent = command(&["verify", absent, "--key", &key]);
    let check = command(&["check", "books@v1", catalogue]);
    let fsck = command(&["log", "fsck"]);
    let repair = command(&["repair"]);
    let cores = std::thread::available_parallelism().map_or(1.0, |n| n.get() as f64);
    let (bandwidth, rate) = (bandwidth(ledger, bytes), file_rate(ledger, files));
    let roofline = [admit.processor / cores, bytes / bandwidth, files / rate];
    let slowest = roofline.into_iter().fold(0.0, f64::max);
    vec![
        ("00admit, works/s", count / admit.wall),
        ("01admit, s", admit.wall),
        ("02admit, processor s", admit.processor),
        ("03admit, MB at its peak", admit.peak),
        ("04bytes of an entry", entries / count),
        ("05bytes of the ledger for each work", bytes / count),
        ("06roofline: processor s / cores", roofline[0]),
        ("07roofline: bytes / bandwidth, s", roofline[1]),
        ("08roofline: files / file rate, s", roofline[2]),
        ("09admit, % of its roofline", 100.0 * slowest / admit.wall),
        ("10seal, rows/s", 2.0 * count / seal.wall),
        ("11seal, MB at its peak", seal.peak),
        ("12prove one, ms", 1000.0 * prove.wall),
        ("13verify one, ms", 1000.0 * verify.wall),
        ("14prove one absent, ms", 1000.0 * prove_absent.wall),
        ("15verify one absent, ms", 1000.0 * verify_absent.wall),
        ("16check all, works/s", count / check.wall),
        ("17log fsck, entries/s", count / fsck.wall),
        ("18repair, entries/s", count / repair.wall),
        ("19repair, MB at its peak", repair.peak),
    ]
}

/// What a command took: seconds, seconds of processors, megabytes.
struct Took {
    wall: f64,
    processor: f64,
    peak: f64,
}

fn run(ledger: &Path, arguments: &[&str]) -> Took {
    let (before, start) = (children(), Instant::now());
    let mut child = Command::new(env!("CARGO_BIN_EXE_deedbook"))
        .args(arguments)
        .env("DEEDBOOK_LEDGER", ledger)
        .stdout(Stdio::null())
        .spawn()
        .expect("the command");
    // Its highest memory is read while it runs: afterwards nothing tells it. A pause is a fiftieth of what has passed.
    let (status, mut peak) = (format!("/proc/{}/status", child.id()), 0.0);
    let ended = loop {
        let now = fs::read_to_string(&status).unwrap_or_default();
        let line = now.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = line.and_then(|kb| kb.parse::<f64>().ok()).map_or(peak, |kb| kb / 1000.0);
        if let Some(ended) = child.try_wait().expect("a child") {
            break ended;
        }
        std::thread::sleep((start.elapsed() / 50).clamp(Duration::from_micros(100), Duration::from_millis(20)));
    };
    assert!(ended.success(), "{arguments:?}");
    Took { wall: start.elapsed().as_secs_f64(), processor: children() - before, peak }
}

/// Processor time of all children that have ended, in seconds (proc(5): `cutime`, `cstime`).
fn children() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |place: usize| fields.get(place).and_then(|ticks| ticks.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / TICKS
}

/// Bytes and files below a folder.
fn size_of(dir: &Path) -> (f64, f64) {
    let (mut bytes, mut files) = (0.0, 0.0);
    for entry in fs::read_dir(dir).expect("a folder") {
        let entry = entry.expect("an entry");
        let below = match entry.file_type().expect("a type").is_dir() {
            true => size_of(&entry.path()),
            false => (entry.metadata().expect("metadata").len() as f64, 1.0),
        };
        bytes += below.0;
        files += below.1;
    }
    (bytes, files)
}

/// Bytes a second at which one big file is written and durable.
fn bandwidth(dir: &Path, bytes: f64) -> f64 {
    let (block, blocks) = (vec![0x5a; 8 << 20], (bytes as usize >> 23).clamp(1, 512));
    let start = Instant::now();
    let mut file = File::create(dir.join("bandwidth")).expect("a file");
    (0..blocks).for_each(|_| file.write_all(&block).expect("written"));
    file.sync_all().expect("synced");
    let seconds = start.elapsed().as_secs_f64();
    // One big file, not many: its room is given back at once.
    fs::remove_file(dir.join("bandwidth")).expect("removed");
    (block.len() * blocks) as f64 / seconds
}

/// Files of 8 KiB a second, in folders of 256, not synced.
fn file_rate(dir: &Path, files: f64) -> f64 {
    let (block, files) = (vec![0x5a; 8 << 10], (files as usize).clamp(1, 20_000));
    let start = Instant::now();
    for file in 0..files {
        let folder = dir.join(format!("files/{}", file >> 8));
        if file.is_multiple_of(256) {
            fs::create_dir_all(&folder).expect("a folder");
        }
        fs::write(folder.join(file.to_string()), &block).expect("a file");
    }
    files as f64 / start.elapsed().as_secs_f64()
}

fn shown(value: f64) -> String {
    match value {
        value if value >= 100.0 => {
            let digits = format!("{value:.0}");
            let from = |place: usize| place > 0 && (digits.len() - place).is_multiple_of(3);
            digits.chars().enumerate().flat_map(|(i, c)| from(i).then_some(',').into_iter().chain([c])).collect()
        }
        value => format!("{value:.2}"),
    }
}
