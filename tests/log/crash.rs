//! A crash at every operation, under every state of the disk, and what opening the log again makes of it.
//!
//! Promised: the log has the size of the last commit that was acknowledged or of the one that was under way; every
//! byte of it is sound; appending *other* entries goes on; and no two roots are ever signed for one size.
//! The planted bugs at the end show that the replay finds what breaks the promise.

use std::collections::BTreeMap;

use deedbook::log::{CHECKPOINT, Entry, History, LogError, LogReader, LogWriter, MARK, fsck};
use deedbook::storage::{Disk, Op};
use deedbook::tlog::{Hash, VerifiedCheckpoint};

use super::replay::{Crash, Model, materialise};
use super::support::*;

/// The entries that a log may have after a crash.
type Book = Vec<Vec<u8>>;

/// Every size that a note was signed for, and its root.
type Signed = BTreeMap<u64, Hash>;

/// One commit: what it did to the disk, and the log after it.
struct Segment {
    ops: Vec<Op>,
    book: Book,
}

/// Disk states tried at each operation: the four corners and some mixtures.
fn crashes(mixtures: u64, seed: u64) -> impl Iterator<Item = Crash> {
    let corners = [Crash::AllLost, Crash::AllKept, Crash::NamesKept, Crash::BytesKept];
    corners.into_iter().chain((0..mixtures).map(move |n| Crash::Mixed(seed * 1_000 + n)))
}

/// Commits at each of the sizes on a recording disk, in one process.
fn record(sizes: &[u64]) -> Vec<Segment> {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    let mut writer = LogWriter::create(&disk, key()).unwrap();
    let mut segments: Vec<Segment> = Vec::new();
    let mut done = 0;
    for &size in sizes {
        append(&mut writer, "a", size);
        writer.commit(History::Keep).unwrap();
        let ops = trace.ops().split_off(done);
        done += ops.len();
        segments.push(Segment { ops, book: (0..size).map(|index| entry("a", index)).collect() });
    }
    segments
}

/// Crashes a story at each of its operations; `Err` says what was broken, and where.
fn replay(segments: &[Segment], mixtures: u64) -> Result<u64, String> {
    let (mut model, mut signed, mut cases) = (Model::default(), Signed::new(), 0);
    let mut acknowledged = Book::new();
    for (number, segment) in segments.iter().enumerate() {
        let allowed = [acknowledged, segment.book.clone()];
        for (at, op) in segment.ops.iter().enumerate() {
            for crash in crashes(mixtures, cases) {
                reopen(&model.crash(crash), &allowed, &signed)
                    .map_err(|broken| format!("commit {number}, before operation {at} {op:?}, {crash:?}: {broken}"))?;
                cases += 1;
            }
            model.apply(op);
            collect(op, &mut signed)?;
        }
        acknowledged = segment.book.clone();
    }
    for crash in crashes(mixtures, cases) {
        reopen(&model.crash(crash), std::slice::from_ref(&acknowledged), &signed)
            .map_err(|broken| format!("at the end, {crash:?}: {broken}"))?;
    }
    Ok(cases)
}

/// Opens what a crash left and checks every promise.
fn reopen(files: &BTreeMap<String, Vec<u8>>, allowed: &[Book], signed: &Signed) -> Result<(), String> {
    let dir = folder();
    materialise(files, dir.path());
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    let mut signed = signed.clone();

    // A reader does not wait for recovery.
    match LogReader::open(&disk, key().verifier()) {
        Ok(log) => expect_book(&log, allowed)?,
        Err(LogError::NoLog) if allowed.iter().any(Book::is_empty) => {}
        Err(error) => return Err(format!("a reader cannot open it: {error}")),
    }
    let mut writer = match LogWriter::open(&disk, key()) {
        Ok(writer) => writer,
        Err(LogError::NoLog) if allowed.iter().any(Book::is_empty) => {
            LogWriter::create(&disk, key()).map_err(|e| format!("it is neither a log nor none: {e}"))?
        }
        Err(error) => return Err(format!("it cannot be opened: {error}")),
    };
    if writer.committed().is_some() {
        expect_book(&reader(&disk), allowed)?;
        expect_sound(&disk)?;
    }
    // Other entries, up to the size of the commit that was under way: this is where a second root would be signed.
    let under_way = allowed.iter().map(|book| book.len() as u64).max().unwrap_or(0);
    let size = if writer.size() < under_way { under_way } else { writer.size() + 2 };
    append(&mut writer, "other", size);
    let checkpoint = writer.commit(History::Keep).map_err(|e| format!("it cannot be appended to: {e}"))?;
    trace.ops().iter().try_for_each(|op| collect(op, &mut signed))?;
    drop(writer);
    expect_sound(&disk)?;
    let log = reader(&disk);
    if log.checkpoint() == &checkpoint { Ok(()) } else { Err("the new commit is not there".to_owned()) }
}

fn expect_book(log: &LogReader, allowed: &[Book]) -> Result<(), String> {
    let entries = log.entries(0..log.size()).map(|entry| match entry {
        Ok((_, Entry::Text(text))) => Ok(text),
        Ok((index, Entry::Erased(_))) => Err(format!("entry {index} lost its bytes")),
        Err(error) => Err(error.to_string()),
    });
    let book = entries.collect::<Result<Book, String>>()?;
    if allowed.contains(&book) {
        return Ok(());
    }
    let sizes: Vec<usize> = allowed.iter().map(Book::len).collect();
    Err(format!("the log has size {} and these entries, not one of {sizes:?}", book.len()))
}

fn expect_sound(disk: &Disk) -> Result<(), String> {
    let report = fsck(disk, key().verifier(), |_: &mut (), _, _| (), |_, _: &mut ()| ()).map_err(|e| e.to_string())?;
    if report.is_sound() { Ok(()) } else { Err(format!("damage: {:?}", report.damage)) }
}

/// Collects the notes that an operation lets anybody see.
fn collect(op: &Op, signed: &mut Signed) -> Result<(), String> {
    let Op::Write { bytes, .. } = op else { return Ok(()) };
    let Ok(text) = str::from_utf8(bytes) else { return Ok(()) };
    let Ok(note) = VerifiedCheckpoint::open(text, key().verifier()) else { return Ok(()) };
    let root = *signed.entry(note.size()).or_insert(*note.root());
    if root == *note.root() { Ok(()) } else { Err(format!("two roots were signed for size {}", note.size())) }
}

/// A first commit, a small one, one that fills tile 0, one of many files, and one more.
const STORY: [u64; 5] = [3, 5, 260, 260 + 256 * 9, 260 + 256 * 9 + 1];

#[test]
fn every_crash_leaves_the_old_log_or_the_new_one() {
    let story = record(&STORY);
    let syncs_at_once = story.iter().flat_map(|segment| &segment.ops).any(|op| *op == Op::SyncAll);
    assert!(syncs_at_once || !cfg!(target_os = "linux"), "the story has a commit of many files");
    let cases = replay(&story, 4).unwrap_or_else(|broken| panic!("{broken}"));
    assert!(cases > 1_000, "only {cases} crashes were tried");
}

#[test]
fn every_crash_at_the_edge_of_a_tile_leaves_the_old_log_or_the_new_one() {
    replay(&record(&[255, 256, 257, 512]), 3).unwrap_or_else(|broken| panic!("{broken}"));
}

/// A process dies and its successor inherits what was never synced; then the machine dies.
#[test]
fn a_successor_makes_durable_what_a_killed_process_left() {
    let story = record(&[3, 260]);
    let [first, second] = &story[..] else { unreachable!() };
    let (mut model, mut signed, mut seed) = (Model::default(), Signed::new(), 0);
    for op in &first.ops {
        model.apply(op);
        collect(op, &mut signed).unwrap();
    }
    let crossing = second.ops.iter().enumerate();
    for (at, op) in crossing {
        let dir = folder();
        materialise(&model.crash(Crash::AllKept), dir.path());
        let (disk, trace) = Disk::recording(dir.path()).unwrap();
        let mut writer = LogWriter::open(&disk, key()).unwrap();
        let opened = (trace.count(), book_on(&disk));
        append(&mut writer, "b", 270);
        writer.commit(History::Keep).unwrap();
        let ops = trace.ops();
        let mut successor = (model.clone(), signed.clone());
        for (step, next) in ops.iter().chain([&Op::SyncFile(String::new())]).enumerate() {
            let (old, new) = (first.book.clone(), second.book.clone());
            let last = book_on(&disk);
            let allowed = match step {
                _ if step == ops.len() => vec![last],
                _ if step >= opened.0 => vec![opened.1.clone(), last],
                _ => vec![old, new],
            };
            seed += 1;
            let crash = [Crash::AllLost, Crash::NamesKept, Crash::Mixed(seed)][seed as usize % 3];
            reopen(&successor.0.crash(crash), &allowed, &successor.1)
                .unwrap_or_else(|broken| panic!("killed before {at}, crashed before {step} {next:?}: {broken}"));
            successor.0.apply(next);
            collect(next, &mut successor.1).unwrap();
        }
        model.apply(op);
        collect(op, &mut signed).unwrap();
    }
}

/// The machine dies, and dies again while the log is being opened.
#[test]
fn a_crash_during_recovery_changes_nothing() {
    let story = record(&[3, 260]);
    let [first, second] = &story[..] else { unreachable!() };
    let (mut model, mut signed, mut rolled_forward) = (Model::default(), Signed::new(), 0);
    for op in &first.ops {
        model.apply(op);
        collect(op, &mut signed).unwrap();
    }
    let mut seed = 0;
    for op in &second.ops {
        model.apply(op);
        collect(op, &mut signed).unwrap();
        for crash in crashes(2, seed) {
            let left = model.crash(crash);
            let dir = folder();
            materialise(&left, dir.path());
            let (disk, trace) = Disk::recording(dir.path()).unwrap();
            let size = reader(&disk).size();
            let recovered = LogWriter::open(&disk, key()).unwrap().size();
            rolled_forward += u64::from(recovered > size);
            let (mut again, mut signed) = (Model::after(&left), signed.clone());
            for (step, next) in trace.ops().iter().enumerate() {
                seed += 1;
                let crash = [Crash::AllLost, Crash::NamesKept, Crash::AllKept, Crash::Mixed(seed)][seed as usize % 4];
                let allowed = [first.book.clone(), second.book.clone()];
                reopen(&again.crash(crash), &allowed, &signed).unwrap_or_else(|e| panic!("{step} {next:?}: {e}"));
                again.apply(next);
                collect(next, &mut signed).unwrap();
            }
        }
    }
    assert!(rolled_forward > 10, "only {rolled_forward} recoveries had anything to do");
}

fn book_on(disk: &Disk) -> Book {
    let log = reader(disk);
    let texts = log.entries(0..log.size()).map(|entry| match entry.unwrap().1 {
        Entry::Text(text) => text,
        Entry::Erased(_) => unreachable!(),
    });
    texts.collect()
}

// --- planted bugs: the replay can fail ---

fn planted(plant: impl Fn(Vec<Op>) -> Vec<Op>) -> String {
    let story = record(&STORY[..4]).into_iter();
    let story: Vec<Segment> = story.map(|Segment { ops, book }| Segment { ops: plant(ops), book }).collect();
    replay(&story, 4).expect_err("the planted bug was not found")
}

/// Whether an operation belongs to the durable replacement of `file`, from its temporary name to its folder's sync.
fn replaces(op: &Op, file: &str) -> bool {
    let temp = format!("{file}.tmp");
    match op {
        Op::Create(path) | Op::Write { path, .. } | Op::SyncFile(path) => *path == temp,
        Op::Rename { from, .. } => *from == temp,
        Op::SyncDir(dir) => file.rsplit_once('/').is_some_and(|(parent, _)| parent == dir),
        Op::CreateDir(_) | Op::SyncAll | Op::Remove(_) | Op::RemoveDir(_) => false,
    }
}

#[test]
fn planted_names_are_never_synced() {
    let found = planted(|ops| ops.into_iter().filter(|op| !matches!(op, Op::SyncDir(_))).collect());
    assert!(found.contains("two roots") || found.contains("not one of"), "{found}");
}

#[test]
fn planted_bytes_are_never_synced() {
    let found = planted(|ops| ops.into_iter().filter(|op| !matches!(op, Op::SyncFile(_) | Op::SyncAll)).collect());
    assert!(found.contains("cannot be opened"), "{found}");
}

/// Moves the replacement of a file to the beginning, behind the making of its folder.
fn first(ops: Vec<Op>, file: &str) -> Vec<Op> {
    let folder = |op: &Op| matches!(op, Op::CreateDir(dir) if file.starts_with(&format!("{dir}/")));
    let (folders, rest): (Vec<Op>, Vec<Op>) = ops.into_iter().partition(folder);
    let (early, late): (Vec<Op>, Vec<Op>) = rest.into_iter().partition(|op| replaces(op, file));
    [folders, early, late].concat()
}

#[test]
fn planted_the_checkpoint_is_swapped_before_the_tiles_are_written() {
    let found = planted(|ops| first(ops, CHECKPOINT));
    assert!(found.contains("two roots"), "{found}");
}

#[test]
fn planted_the_mark_is_written_before_the_tiles() {
    let found = planted(|ops| first(ops, MARK));
    assert!(found.contains("cannot be carried"), "{found}");
}

#[test]
fn planted_the_mark_is_written_after_the_swap() {
    let found = planted(|ops| {
        let late = |op: &Op| replaces(op, MARK) || *op == Op::CreateDir("private".to_owned());
        let (mark, rest): (Vec<Op>, Vec<Op>) = ops.into_iter().partition(late);
        let swapped = rest.iter().rposition(|op| *op == Op::SyncDir("log".to_owned())).unwrap();
        let (before, after) = rest.split_at(swapped + 1);
        [before, &mark, after].concat()
    });
    assert!(found.contains("two roots"), "{found}");
}
