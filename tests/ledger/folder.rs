//! Folders as sources: what is in them is read whole, joined with a catalogue, remembered, and never passed over.

use crate::lab::{Lab, csv, folder, id, name, options, release};
use deedbook::ingest::{BIG_FILE_LEN, Beside, Catalogue, Format, Known, Progress, Reading, Scan, Walking, path_key};
use deedbook::ledger::admit::{Options, Outcome, ReportLine, admit};
use deedbook::ledger::check::{Counts, check};
use deedbook::ledger::files::{Folder, MAX_SEGMENTS};
use deedbook::ledger::show::{What, find};
use deedbook::ledger::source::{Opening, Source, asked};
use deedbook::ledger::{LedgerError, Now, Writer};
use deedbook::rows::Blake3;
use deedbook::statement::vocabulary::{Code, DigestBy};
use deedbook::statement::{Admission, Statement, Time};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A ledger with the dataset `books`, and a folder beside it.
struct Scene {
    lab: Lab,
    works: TempDir,
    /// The year of the next command: later than any file of the test.
    year: std::cell::Cell<u32>,
    reread: std::cell::Cell<bool>,
}

impl Scene {
    fn new() -> Scene {
        let lab = Lab::new();
        lab.books();
        Scene { lab, works: folder(), year: std::cell::Cell::new(2040), reread: std::cell::Cell::default() }
    }

    fn with(files: &[(&str, &str)]) -> Scene {
        let scene = Scene::new();
        files.iter().for_each(|(path, text)| scene.write(path, text));
        scene
    }

    fn path(&self, path: &str) -> PathBuf {
        self.works.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn source(&self, catalogue: Option<&str>, reading: Reading) -> Source {
        let catalogue = catalogue.map(csv);
        Source::Files(Folder { path: self.works.path().to_owned(), reading, reread: self.reread.get(), catalogue })
    }

    fn admit_with(&self, catalogue: Option<&str>, reading: Reading, options: Options) -> Result<Outcome, LedgerError> {
        self.year.set(self.year.get() + 1);
        let at = Time::parse(&format!("{}-01-01T00:00:00Z", self.year.get())).unwrap();
        let writer = Writer::on(&self.lab.disk, Now { at, seed: [9; 32] }, true).unwrap();
        admit(writer, &name("books"), vec![self.source(catalogue, reading)], options)
    }

    fn admit(&self, catalogue: Option<&str>) -> Outcome {
        self.admit_with(catalogue, READING, options()).unwrap()
    }

    /// The lines of the report, by path.
    fn reported(&self, catalogue: Option<&str>, reading: Reading) -> (Outcome, Vec<ReportLine>) {
        let lines = Lines::default();
        let report: Option<Box<dyn Write>> = Some(Box::new(lines.clone()));
        let outcome = self.admit_with(catalogue, reading, Options { report, ..options() }).unwrap();
        let bytes = lines.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        (outcome, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    /// Code and reason of the one work that was not admitted.
    fn refused(&self, catalogue: Option<&str>, reading: Reading) -> (Vec<Code>, String) {
        let (_, lines) = self.reported(catalogue, reading);
        assert_eq!(lines.len(), 1, "{lines:?}");
        (lines[0].codes.iter().collect(), lines[0].why.join("; "))
    }

    fn check(&self, release_name: &str) -> Counts {
        let progress = Progress::default();
        let sources = vec![self.source(None, Reading { describe: false, ..READING })];
        let opening = Opening::new(&[], &progress);
        check(&self.lab.view(), &release(release_name), sources, &opening, &mut |_| Ok(())).unwrap()
    }
}

const READING: Reading =
    Reading { walking: Walking { follow: false, never: None }, sha256: false, describe: true, shards: false };
const FOLLOWING: Reading = Reading { walking: Walking { follow: true, never: None }, ..READING };

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn admission(lab: &Lab, of: &str) -> Admission {
    let found = find(&lab.view(), &What::Work(id(of))).unwrap();
    match found.into_iter().next_back() {
        Some((_, Statement::Admission(admission))) => *admission,
        other => panic!("{other:?}"),
    }
}

fn blake3(bytes: &[u8]) -> String {
    format!("blake3:{}", deedbook::statement::Identifier::blake3(&deedbook::rows::blake3(bytes)).value())
}

/// The digest that FIPS 180-4 gives for `abc`, and BLAKE3's of the same.
const ABC: [&str; 2] = [
    "blake3:6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85",
    "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
];

#[test]
fn a_file_is_recorded_with_its_path_its_size_and_its_own_digests() {
    let scene = Scene::with(&[("a/b/abc.bin", "abc")]);
    let catalogue = "path,title,licence\na/b/abc.bin,Three letters,CC-BY-4.0\n";
    let outcome = scene.admit_with(Some(catalogue), Reading { sha256: true, ..READING }, options()).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.files_read, outcome.files_known), (1, 1, 0));
    let admission = admission(&scene.lab, ABC[0]);
    let [embodiment] = &admission.embodiments[..] else { panic!("{admission:?}") };
    assert_eq!(embodiment.digests.iter().map(|d| d.as_str()).collect::<Vec<_>>(), ABC);
    assert_eq!((embodiment.bytes, embodiment.digest_by), (Some(3), Some(DigestBy::Deedbook)));
    assert_eq!(embodiment.path.as_deref(), Some("a/b/abc.bin"));
    assert_eq!(admission.title.as_deref(), Some("Three letters"));
    assert_eq!(scene.lab.fsck(), Vec::<String>::new());
}

#[test]
fn what_only_a_catalogue_claims_is_recorded_as_its_claim() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &format!("sha256,licence\n{},CC-BY-4.0\n", &ABC[1][7..]));
    assert_eq!(admission(&lab, ABC[1]).embodiments[0].digest_by, Some(DigestBy::Catalogue));
}

/// Works without any evidence of a licence are held, and each is in the report.
#[test]
fn every_file_is_screened_in_the_order_of_the_paths() {
    let paths = ["Z", "a b/1", "a/1", "a/2/x", "a/b", "a-b", "a.b", ".hidden", "e/\u{e9}", "e/f"];
    let scene = Scene::new();
    paths.iter().for_each(|path| scene.write(path, path));
    let (outcome, lines) = scene.reported(None, READING);
    assert_eq!((outcome.tally.held, outcome.tally.considered), (10, 10));
    let found: Vec<_> = lines.iter().map(|line| line.place.path.clone().unwrap()).collect();
    let mut wanted = paths.map(str::to_owned).to_vec();
    wanted.sort_by_key(|path| path_key(path));
    assert_eq!(found, wanted);
    assert_eq!(wanted[2..7], ["a/1", "a/2/x", "a/b", "a b/1", "a-b"], "a folder stands before its longer neighbours");
}

#[test]
fn a_second_run_admits_nothing_twice_and_reads_nothing_again() {
    let scene = Scene::with(&[("1.bin", "one"), ("2.bin", "two"), ("d/3.bin", "three")]);
    let catalogue = "path,licence\n1.bin,CC0-1.0\n2.bin,CC0-1.0\nd/3.bin,CC0-1.0\n";
    assert_eq!(scene.admit(Some(catalogue)).tally.admitted, 3);
    let again = scene.admit(Some(catalogue));
    assert_eq!((again.tally.admitted, again.tally.duplicates), (0, 3));
    assert_eq!((again.files_read, again.files_known), (0, 3));
    scene.reread.set(true);
    assert_eq!(scene.admit(Some(catalogue)).files_read, 3);
    scene.reread.set(false);
    // New content, even of the same size, is a new file; so is one that got another's name.
    scene.write("2.bin", "TWO");
    fs::rename(scene.path("1.bin"), scene.path("4.bin")).unwrap();
    let third = scene.admit(Some(&catalogue.replace("1.bin", "4.bin")));
    assert_eq!((third.files_read, third.files_known), (2, 1));
    assert_eq!((third.tally.admitted, third.tally.duplicates), (1, 2));
    // Of two things that are remembered of one path the newer counts.
    assert_eq!(scene.admit(None).files_known, 3);
    assert_eq!(admission(&scene.lab, &blake3(b"TWO")).embodiments[0].path.as_deref(), Some("2.bin"));
}

/// Who could change a file back within the clock's resolution would otherwise be believed.
#[test]
fn a_file_that_was_just_changed_is_read_again() {
    let scene = Scene::with(&[("1.bin", "one")]);
    let source = || scene.source(Some("path,licence\n1.bin,CC0-1.0\n"), READING);
    for read in [1, 1] {
        // The writer's clock stands before the file's time.
        let outcome = admit(scene.lab.writer(), &name("books"), vec![source()], options()).unwrap();
        assert_eq!((outcome.files_read, outcome.files_known), (read, 0));
    }
}

/// Size and time can be set by anybody; what the system keeps of a file cannot.
#[cfg(unix)]
#[test]
fn another_file_with_the_size_and_time_of_a_known_one_is_read() {
    let scene = Scene::with(&[("1.bin", "one")]);
    assert_eq!(scene.admit(None).files_read, 1);
    let time = fs::metadata(scene.path("1.bin")).unwrap().modified().unwrap();
    scene.write("new", "two");
    fs::File::open(scene.path("new")).unwrap().set_modified(time).unwrap();
    fs::rename(scene.path("new"), scene.path("1.bin")).unwrap();
    let again = scene.admit(None);
    assert_eq!((again.files_read, again.files_known), (1, 0));
}

/// A file that was changed a moment ago and given an old time is not remembered either.
#[cfg(unix)]
#[test]
fn a_time_that_was_set_back_settles_nothing() {
    let scene = Scene::with(&[("1.bin", "one")]);
    let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    fs::File::open(scene.path("1.bin")).unwrap().set_modified(old).unwrap();
    for _ in 0..2 {
        // The writer's clock stands after the file's time, and before its last change.
        let outcome = admit(scene.lab.writer(), &name("books"), vec![scene.source(None, READING)], options()).unwrap();
        assert_eq!((outcome.files_read, outcome.files_known), (1, 0));
    }
}

#[test]
fn what_is_remembered_is_not_believed_when_it_is_damaged() {
    let scene = Scene::with(&[("1.bin", "one"), ("2.bin", "two")]);
    let catalogue = "path,licence\n1.bin,CC0-1.0\n2.bin,CC0-1.0\n";
    scene.admit(Some(catalogue));
    let remembered = crate::lab::files(&scene.lab.path().join("index/files"));
    let (segment, bytes) = remembered.first_key_value().unwrap();
    let path = scene.lab.path().join("index/files").join(segment);
    for at in 0..bytes.len() {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1;
        fs::write(&path, &flipped).unwrap();
        let options = Options { dry_run: true, ..options() };
        let outcome = scene.admit_with(Some(catalogue), READING, options).unwrap();
        assert_eq!((outcome.tally.duplicates, outcome.files_read + outcome.files_known), (2, 2), "byte {at}");
        assert!((1..=2).contains(&outcome.files_read), "byte {at}");
        // What was read again was remembered again.
        fs::remove_file(path.with_file_name("1")).unwrap();
    }
}

/// What an earlier run did not look for is looked for when it is asked for, and of two runs the later one is believed.
#[test]
fn what_is_remembered_is_all_that_is_wanted_or_read_again() {
    let scene = Scene::with(&[("1.bin", "abc")]);
    let claim = format!("path,licence,sha256\n1.bin,CC0-1.0,{}\n", "0".repeat(64));
    let held = |outcome: Outcome| (outcome.tally.held, outcome.files_read);
    let bare = Reading { describe: false, ..READING };
    assert_eq!(held(scene.admit_with(Some("path\n1.bin\n"), bare, options()).unwrap()), (1, 1));
    assert_eq!(held(scene.admit(Some("path\n1.bin\n"))), (1, 1), "what it says of itself");
    assert_eq!(held(scene.admit(Some(&claim))), (1, 1), "its other digest");
    assert_eq!(held(scene.admit(Some(&claim))), (1, 0));
    let outcome = scene.admit_with(Some(&claim.replace(&"0".repeat(64), &ABC[1][7..])), READING, options()).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.files_read), (1, 0));
}

/// Runs that never came to their end leave their segments.
#[test]
fn many_segments_become_one() {
    let scene = Scene::with(&[("1.bin", "one"), ("2.bin", "two")]);
    let catalogue = "path,licence\n1.bin,CC0-1.0\n2.bin,CC0-1.0\n";
    scene.admit(Some(catalogue));
    let index = scene.lab.path().join("index/files");
    let first = index.join(crate::lab::files(&index).first_key_value().unwrap().0);
    for n in 1..=MAX_SEGMENTS {
        fs::copy(&first, first.with_file_name(n.to_string())).unwrap();
    }
    assert_eq!(scene.admit(Some(catalogue)).files_known, 2);
    assert_eq!(crate::lab::files(&index).len(), 1);
    assert_eq!(scene.admit(Some(catalogue)).files_known, 2);
}

#[test]
fn an_interrupted_run_records_nothing_and_goes_on_where_it_was() {
    let scene = Scene::new();
    (0..50).for_each(|n| scene.write(&format!("{n}.bin"), n.to_string()));
    let stop = Arc::new(AtomicBool::new(false));
    let (size, progress) = (scene.lab.view().log().size(), Progress::stopped_by(Arc::clone(&stop)));
    struct Stopping(Arc<AtomicBool>);
    impl Write for Stopping {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.store(true, Ordering::Relaxed);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let report: Option<Box<dyn Write>> = Some(Box::new(Stopping(stop)));
    let options = Options { progress: progress.clone(), report, ..options() };
    let stopped = scene.admit_with(None, READING, options).unwrap_err();
    assert!(matches!(stopped, LedgerError::Interrupted), "{stopped}");
    assert_eq!((scene.lab.view().log().size(), progress.seen().works), (size, 50));
    assert_eq!(scene.lab.fsck(), Vec::<String>::new());
    assert_eq!(scene.admit(None).files_known, 50);
}

#[test]
fn a_run_that_is_stopped_before_it_reads_reads_nothing() {
    let scene = Scene::with(&[("1.bin", "one")]);
    let progress = Progress::stopped_by(Arc::new(AtomicBool::new(true)));
    let stopped = scene.admit_with(None, READING, Options { progress: progress.clone(), ..options() });
    assert!(matches!(stopped, Err(LedgerError::Interrupted)));
    assert_eq!(progress.seen().bytes, 0);
}

/// One byte is written over another once reading has begun; on a busy machine a try may come too late.
#[test]
fn a_file_that_changes_while_it_is_read_is_refused() {
    let scene = Scene::new();
    let path = scene.path("changing.bin");
    fs::File::create(&path).unwrap().set_len(100 << 20).unwrap();
    let refused = (0..50).any(|_| {
        let (progress, over) = (Progress::default(), AtomicBool::new(false));
        let options = Options { progress: progress.clone(), dry_run: true, ..options() };
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while progress.seen().bytes == 0 && !over.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
                fs::OpenOptions::new().write(true).open(&path).unwrap().write_all(b"x").unwrap();
            });
            let outcome = scene.admit_with(None, Reading { describe: false, ..READING }, options).unwrap();
            over.store(true, Ordering::Relaxed);
            outcome.tally.reasons.contains_key(&Code::ChangedWhileRead)
        })
    });
    assert!(refused);
}

/// The folder's names are read first; what is remembered of it is asked for afterwards.
#[test]
fn a_file_that_vanishes_is_told() {
    let works = folder();
    fs::write(works.path().join("here"), "x").unwrap();
    fs::write(works.path().join("gone"), "x").unwrap();
    let gone = works.path().join("gone");
    let known = std::iter::from_fn(|| -> Option<Known> {
        fs::remove_file(&gone).ok();
        None
    });
    let none: Beside<&[u8]> = Beside::Nothing;
    let scan = Scan::folder(works.path(), READING, none, known, &Progress::default()).unwrap();
    let files: Vec<_> = scan.flat_map(Result::unwrap).collect();
    let gone = files[0].content.clone().unwrap_err();
    assert_eq!(
        (files.len(), &*files[0].path, gone.0, &*gone.1),
        (2, "gone", Code::Unreadable, "is not there any more")
    );
    assert!(files[1].content.is_ok());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_not_passed_over() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let outside = folder();
    fs::write(outside.path().join("outside.bin"), "outside").unwrap();
    type Make = fn(&Path, &Path);
    let cases: [(&str, Reading, &str, Make); 9] = [
        ("link", READING, "is a symbolic link; --follow reads what it points to", |at, out| {
            symlink(out.join("outside.bin"), at).unwrap()
        }),
        ("link to a folder", READING, "is a symbolic link; --follow reads what it points to", |at, out| {
            symlink(out, at).unwrap()
        }),
        ("broken", FOLLOWING, "is a symbolic link to nothing", |at, _| symlink("nowhere", at).unwrap()),
        ("itself", FOLLOWING, "is a symbolic link to nothing", |at, _| symlink("itself", at).unwrap()),
        ("loop", FOLLOWING, "is a symbolic link to a folder above it", |at, _| symlink("..", at).unwrap()),
        ("pipe", FOLLOWING, "is a pipe, not a file", |at, _| {
            assert!(std::process::Command::new("mkfifo").arg(at).status().unwrap().success());
        }),
        ("socket", FOLLOWING, "is a socket, not a file", |at, _| drop(UnixListener::bind(at).unwrap())),
        ("device", FOLLOWING, "is a device, not a file", |at, _| symlink("/dev/null", at).unwrap()),
        ("empty name", READING, "has a name that is not UTF-8", |at, _| {
            use std::os::unix::ffi::OsStrExt as _;
            fs::write(at.with_file_name(std::ffi::OsStr::from_bytes(b"caf\xe9.ogg")), "x").unwrap();
        }),
    ];
    for (name, reading, words, make) in cases {
        let scene = Scene::new();
        fs::create_dir(scene.path("d")).unwrap();
        make(&scene.path("d").join(name), outside.path());
        let (codes, why) = scene.refused(None, reading);
        assert_eq!(codes, [Code::Unreadable], "{name}: {why}");
        assert!(why.contains(words), "{name}: {why}");
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_when_asked() {
    use std::os::unix::fs::symlink;
    let outside = folder();
    fs::write(outside.path().join("outside.bin"), "outside").unwrap();
    let scene = Scene::new();
    symlink(outside.path().join("outside.bin"), scene.path("file.bin")).unwrap();
    symlink(outside.path(), scene.path("folder")).unwrap();
    let catalogue = "path,licence\nfile.bin,CC0-1.0\nfolder/outside.bin,CC0-1.0\n";
    let outcome = scene.admit_with(Some(catalogue), FOLLOWING, options()).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.duplicates), (1, 1), "both lead to the same bytes");
}

/// Thirty folders with two links each to the next one: a billion paths, and thirty folders.
#[cfg(unix)]
#[test]
fn links_to_links_do_not_multiply() {
    let scene = Scene::new();
    for n in 0..30 {
        fs::create_dir(scene.path(&format!("{n}"))).unwrap();
        scene.write(&format!("{n}/file.bin"), n.to_string());
        for link in ["a", "b"] {
            std::os::unix::fs::symlink(format!("../{}", n + 1), scene.path(&format!("{n}/{link}"))).unwrap();
        }
    }
    let (outcome, lines) = scene.reported(None, FOLLOWING);
    assert!(outcome.tally.considered < 200, "{:?}", outcome.tally);
    let whole: std::collections::BTreeSet<_> = lines.iter().flat_map(|line| &line.identifiers).collect();
    assert_eq!(whole.len(), 30, "every file was met");
}

#[test]
fn folders_end_somewhere() {
    let scene = Scene::new();
    let deep = "d/".repeat(deedbook::ingest::MAX_DEPTH + 1);
    scene.write(&format!("{deep}file.bin"), "x");
    let (codes, why) = scene.refused(None, READING);
    assert!(codes == [Code::Unreadable] && why.contains("lies deeper"), "{why}");
}

#[test]
fn names_of_works_may_hold_anything() {
    let scene = Scene::with(&[("1", "1"), ("2", "2"), ("3", "3"), ("4", "4")]);
    let works = ["a", "a\0b", "a", "a\0b"];
    let records = (1..).zip(works).map(|(n, work)| {
        let record = serde_json::json!({ "path": n.to_string(), "work": work, "licence": "CC0-1.0" });
        format!("{record}\n")
    });
    let reader = Box::new(std::io::Cursor::new(records.collect::<String>().into_bytes()));
    let format = deedbook::ingest::Format::Jsonl;
    let input =
        deedbook::ledger::source::Input { name: "works.jsonl".to_owned(), format, reader: reader.into(), len: None };
    let (path, catalogue) = (scene.works.path().to_owned(), Some(input));
    let source = Source::Files(Folder { path, reading: READING, reread: false, catalogue });
    match admit(scene.lab.writer(), &name("books"), vec![source], options()) {
        Ok(outcome) => assert_eq!(outcome.tally.admitted, 2),
        Err(error) => assert!(error.to_string().contains("works.jsonl:2"), "{error}"),
    }
}

#[test]
fn the_ledger_itself_is_no_source() {
    let lab = Lab::new();
    lab.books();
    let above = lab.path().parent().unwrap().to_owned();
    for path in [lab.path().to_owned(), above.join(lab.path().file_name().unwrap())] {
        let source = Source::Files(Folder { path, reading: READING, reread: false, catalogue: None });
        let refused = admit(lab.writer(), &name("books"), vec![source], options()).unwrap_err();
        assert!(refused.to_string().contains("holds this ledger"), "{refused}");
    }
}

/// Not by a folder of its own, by one of its files, nor by a link.
#[cfg(unix)]
#[test]
fn what_the_ledger_holds_is_no_source_either() {
    let scene = Scene::new();
    let ledger = scene.lab.path();
    std::os::unix::fs::symlink(ledger.join("ledger.toml"), scene.path("link")).unwrap();
    for (path, reading) in [
        (ledger.join("entries"), READING),
        (ledger.join("ledger.toml"), READING),
        (scene.works.path().to_owned(), FOLLOWING),
    ] {
        let source = Source::Files(Folder { path: path.clone(), reading, reread: false, catalogue: None });
        let Err(refused) = admit(scene.lab.writer(), &name("books"), vec![source], options()) else {
            panic!("{}", path.display())
        };
        assert!(refused.to_string().contains("is part of this ledger"), "{refused}");
    }
}

#[test]
fn a_catalogue_speaks_of_files_by_their_path() {
    let scene = Scene::with(&[("x/1.bin", "one"), ("x/2.bin", "two"), ("3.bin", "three")]);
    let absolute = scene.path("3.bin").display().to_string();
    let catalogue =
        format!("title,path,licence\nOne,./x/1.bin,CC0-1.0\nThree,{absolute},CC0-1.0\nTwo,x/2.bin,CC-BY-4.0\n");
    assert_eq!(scene.admit(Some(&catalogue)).tally.admitted, 3);
    for (bytes, title) in [("one", "One"), ("two", "Two"), ("three", "Three")] {
        assert_eq!(admission(&scene.lab, &blake3(bytes.as_bytes())).title.as_deref(), Some(title));
    }
}

/// A record that misses its file by its spelling would leave the file to speak for itself.
#[test]
fn a_path_may_be_absolute_or_spelled_with_dots_and_empty_names() {
    let working = std::env::current_dir().unwrap();
    // The folder itself is named by a relative path.
    let works = tempfile::tempdir_in(&working).unwrap();
    fs::create_dir(works.path().join("d")).unwrap();
    fs::write(works.path().join("d/1.bin"), "one").unwrap();
    let root = works.path().strip_prefix(&working).unwrap();
    let absolute = works.path().join("d//1.bin").display().to_string();
    let elsewhere = format!("/elsewhere{absolute}");
    for (path, joined) in [
        ("d//1.bin", 1),
        ("./d/./1.bin", 1),
        (".//d/1.bin", 1),
        (&*absolute, 1),
        (&*elsewhere, 0),
        ("/d/1.bin", 0),
        ("d/../d/1.bin", 0),
        ("d/1.bin/.", 0),
        ("D/1.bin", 0),
    ] {
        let text = format!("path,licence\n{path},CC0-1.0\n");
        let mut records = Catalogue::open("works.csv", text.as_bytes(), Format::Csv, &[]).unwrap();
        let scan =
            Scan::folder(root, READING, Beside::Catalogue(&mut records), std::iter::empty(), &Progress::default())
                .unwrap();
        let files: Vec<_> = scan.flat_map(Result::unwrap).collect();
        let file = files.iter().find(|file| file.path == "d/1.bin" && file.content.is_ok()).unwrap();
        assert_eq!((file.records.len(), files.len()), (joined, 2 - joined), "{path}");
    }
}

#[test]
fn records_that_no_file_belongs_to_are_told() {
    let scene = Scene::with(&[("1.bin", "one")]);
    for (record, words) in [
        ("2.bin", "is not in the folder"),
        ("../1.bin", "is not in the folder"),
        ("1.bin/", "is not in the folder"),
        ("", "the record names no path"),
    ] {
        let catalogue = format!("path,title,licence\n1.bin,One,CC0-1.0\n{record},Two,CC0-1.0\n");
        let (_, lines) = scene.reported(Some(&catalogue), READING);
        let line = lines.iter().find(|line| line.title.as_deref() == Some("Two")).unwrap();
        assert!(line.codes.has(Code::Unreadable), "{line:?}");
        assert_eq!(line.place.line, Some(3));
        assert!(line.why.join("; ").contains(words), "{line:?}");
    }
}

#[test]
fn two_records_for_one_file_are_held_unless_they_say_the_same() {
    let header = "path,title,isrc,licence\n";
    let one = "1.bin,One,QZDEE2600001,CC0-1.0\n";
    let scene = Scene::with(&[("1.bin", "one")]);
    let (codes, why) = scene.refused(Some(&format!("{header}{one}1.bin,One,QZDEE2600002,CC0-1.0\n")), READING);
    assert_eq!(codes, [Code::ConflictingEvidence]);
    assert!(why.contains("line 3"), "{why}");
    assert_eq!(scene.admit(Some(&format!("{header}{one}{one}"))).tally.admitted, 1);
}

/// However often the others agree.
#[test]
fn the_last_of_many_records_for_one_file_counts() {
    let agreeing = "1.bin,CC0-1.0\n./1.bin,CC0-1.0\n".repeat(50);
    let scene = Scene::with(&[("1.bin", "one")]);
    let other = format!("path,licence\n{agreeing}1.bin,All rights reserved\n");
    let (codes, why) = scene.refused(Some(&other), READING);
    assert_eq!(codes, [Code::ConflictingEvidence]);
    assert!(why.contains("line 102"), "{why}");
    assert_eq!(scene.admit(Some(&format!("path,licence\n{agreeing}"))).tally.admitted, 1);
}

/// A contract's name says as little to Deedbook as a reservation in the file does; they are not the same.
#[test]
fn two_licences_that_nobody_knows_contradict_each_other() {
    let scene = Scene::with(&[("t.txt", "License: All rights reserved by Another\n\nText\n")]);
    let (codes, why) = scene.refused(Some("path,licence\nt.txt,North Press 2026\n"), READING);
    assert!(codes.contains(&Code::ConflictingEvidence), "{codes:?}");
    assert!(why.contains("All rights reserved by Another"), "{why}");
    let (codes, _) = scene.refused(Some("path,licence\nt.txt,All rights reserved by Another\n"), READING);
    assert_eq!(codes, [Code::LicenceUnknown]);
}

#[test]
fn what_a_catalogue_claims_of_a_file_is_checked() {
    let claims = |scene: &Scene, claim: &str| {
        let catalogue = format!("path,licence,{claim}");
        scene.reported(Some(&catalogue), READING).1.iter().map(|l| (l.codes, l.why.join("; "))).collect::<Vec<_>>()
    };
    let wrong = "0".repeat(64);
    for (claim, words) in [
        (format!("sha256\n1.bin,CC0-1.0,{wrong}\n"), "sha256: "),
        (format!("blake3\n1.bin,CC0-1.0,{wrong}\n"), "blake3: "),
        ("bytes\n1.bin,CC0-1.0,4\n".to_owned(), "bytes: \"4\" and the file has 3"),
    ] {
        let scene = Scene::with(&[("1.bin", "abc")]);
        let [(codes, why)] = &claims(&scene, &claim)[..] else { panic!("{claim}") };
        assert!(codes.has(Code::ConflictingEvidence) && why.contains(words), "{why}");
    }
    // A true claim is no longer a claim.
    let scene = Scene::with(&[("1.bin", "abc")]);
    assert!(claims(&scene, &format!("bytes,sha256\n1.bin,CC0-1.0,3,{}\n", &ABC[1][7..])).is_empty());
    let embodiment = admission(&scene.lab, ABC[1]).embodiments[0].clone();
    assert_eq!((embodiment.digest_by, embodiment.digests.len()), (Some(DigestBy::Deedbook), 2));
}

#[test]
fn files_of_one_work_are_one_work_wherever_they_lie() {
    let scene = Scene::with(&[("flac/a.bin", "fa"), ("mp3/a.bin", "ma"), ("flac/b.bin", "fb"), ("mp3/b.bin", "mb")]);
    let catalogue = "path,work,title,licence\n\
        flac/a.bin,song a,A,CC0-1.0\nflac/b.bin,song b,B,CC0-1.0\nmp3/a.bin,song a,A,CC0-1.0\nmp3/b.bin,song b,B,CC0-1.0\n";
    assert_eq!(scene.admit(Some(catalogue)).tally.admitted, 2);
    let work = admission(&scene.lab, &blake3(b"mb"));
    assert_eq!(
        work.embodiments.iter().filter_map(|e| e.path.as_deref()).collect::<Vec<_>>(),
        ["flac/b.bin", "mp3/b.bin"]
    );
    // One part that cannot be read makes the work unfit.
    fs::remove_file(scene.path("mp3/a.bin")).unwrap();
    scene.write("flac/a.bin", "another");
    let (_, lines) = scene.reported(Some(catalogue), READING);
    let line = lines.iter().find(|line| line.title.as_deref() == Some("A")).unwrap();
    assert!(line.codes.has(Code::Unreadable), "{line:?}");
}

#[test]
fn one_bit_makes_a_file_absent_and_a_folder_is_asked_by_its_bytes() {
    let scene = Scene::with(&[("1.bin", "one"), ("2.bin", "two")]);
    scene.admit(Some("path,licence,isrc\n1.bin,CC0-1.0,QZDEE2600001\n2.bin,CC0-1.0,QZDEE2600002\n"));
    deedbook::ledger::seal::seal(
        Writer::on(&scene.lab.disk, Now { at: Time::parse("2090-01-01T00:00:00Z").unwrap(), seed: [1; 32] }, false)
            .unwrap(),
        &release("books@1"),
    )
    .unwrap();
    assert_eq!(scene.check("books@1").present, 2);
    scene.write("2.bin", "twp");
    let counts = scene.check("books@1");
    assert_eq!((counts.present, counts.absent, counts.invalid), (1, 1, 0));
    let progress = Progress::default();
    let single = Folder {
        path: scene.path("1.bin"),
        reading: Reading { describe: false, ..READING },
        reread: false,
        catalogue: None,
    };
    let works = asked(Source::Files(single), &Opening::new(&[], &progress)).unwrap();
    assert_eq!(works.len(), 1);
    assert_eq!(works[0].identifiers, [id(&blake3(b"one"))]);
}

/// Every core works on a big file; the digest is that of its bytes all the same.
#[test]
fn a_big_file_has_the_digest_of_its_bytes() {
    let works = folder();
    let len = BIG_FILE_LEN + 3;
    let file = fs::File::create(works.path().join("big.bin")).unwrap();
    file.set_len(len).unwrap();
    let reading = Reading { sha256: true, describe: false, ..READING };
    let scan = Scan::file(&works.path().join("big.bin"), reading, &Progress::default()).unwrap();
    let content = scan.flat_map(Result::unwrap).next().unwrap().content.unwrap();
    let (mut hash, zeros) = (Blake3::new(), vec![0; 1 << 20]);
    let mut sha256 = deedbook::tlog::Sha256::new();
    for start in (0..len).step_by(zeros.len()) {
        let piece = &zeros[..zeros.len().min((len - start) as usize)];
        hash.update(piece);
        sha256.update(piece);
    }
    assert_eq!(content.blake3, deedbook::statement::Identifier::blake3(&hash.finish()));
    assert_eq!(content.sha256, Some(deedbook::statement::Identifier::sha256(&sha256.finish())));
}

/// What became of one text with this header and this record beside it: the recorded licence, or why it is held.
fn evidence(header: &str, columns: &str, record: &str) -> Result<Admission, Vec<String>> {
    let scene = Scene::with(&[("work.txt", &format!("{header}\n\nText.\n"))]);
    let catalogue = (!columns.is_empty()).then(|| format!("path,{columns}\nwork.txt,{record}\n"));
    let (_, lines) = scene.reported(catalogue.as_deref(), READING);
    match lines.into_iter().next() {
        Some(line) => {
            assert!(line.codes.has(Code::ConflictingEvidence) || line.why.is_empty(), "{line:?}");
            Err(line.codes.iter().map(|c| c.word().to_owned()).chain(line.why).collect())
        }
        None => Ok(admission(&scene.lab, &blake3(format!("{header}\n\nText.\n").as_bytes()))),
    }
}

const BY: &str = "https://creativecommons.org/licenses/by/4.0/";

#[test]
fn a_file_and_its_catalogue_agree_in_any_spelling() {
    for (header, catalogue, source) in [
        (format!("License: {BY}"), "", "text:License"),
        (format!("License: {BY}"), "CC-BY-4.0", "catalogue:licence"),
        ("License: cc-by-4.0\nSPDX-License-Identifier: CC-BY-4.0".to_owned(), BY, "catalogue:licence"),
        (format!("Rights: Licensed under {BY} by the author"), "CC-BY-4.0", "catalogue:licence"),
        (format!("Rights: Licensed under {BY} by the author"), "", "text:Rights"),
        // A copyright line that names no licence contradicts none.
        ("Copyright: 2026 Dee Line. All rights reserved.".to_owned(), "CC-BY-4.0", "catalogue:licence"),
        ("Title: A".to_owned(), "CC-BY-4.0", "catalogue:licence"),
    ] {
        let licence = evidence(&header, "licence", catalogue).unwrap().licence.unwrap();
        assert_eq!((licence.spdx.as_deref(), &*licence.source), (Some("CC-BY-4.0"), source), "{header}");
    }
}

#[test]
fn where_a_file_and_its_catalogue_contradict_each_other_the_report_shows_both() {
    for (header, columns, record, both) in [
        (
            "License: CC0-1.0",
            "licence",
            "CC-BY-4.0",
            ["\"CC-BY-4.0\" (catalogue:licence)", "\"CC0-1.0\" (text:License)"],
        ),
        ("License: all rights reserved", "licence", "CC0-1.0", ["\"CC0-1.0\"", "\"all rights reserved\""]),
        ("License: CC0-1.0", "licence", "our own terms", ["\"our own terms\"", "\"CC0-1.0\""]),
        (
            "Rights: licensed under https://creativecommons.org/licenses/by-nc/4.0/",
            "licence",
            "CC-BY-4.0",
            ["\"CC-BY-4.0\"", "by-nc/4.0/\" (text:Rights)"],
        ),
        ("License: CC0-1.0\nSPDX-License-Identifier: MIT", "", "", ["\"CC0-1.0\"", "\"MIT\""]),
        ("ISBN: 9780306406157\nLicense: CC0-1.0", "isbn", "9781861972712", ["9781861972712", "9780306406157"]),
        ("DOI: 10.1000/1\nLicense: CC0-1.0", "doi", "10.1000/2", ["10.1000/2", "10.1000/1"]),
    ] {
        let held = evidence(header, columns, record).unwrap_err();
        assert_eq!(held[0], "conflicting-evidence", "{held:?}");
        assert!(both.iter().all(|said| held.iter().any(|why| why.contains(said))), "{held:?}");
    }
}

#[test]
fn a_file_fills_in_what_its_catalogue_leaves_open() {
    let header = "Title: The file's\nAuthor: A. File\nPublisher: File Press\nISBN: 9780306406157\nLicense: CC0-1.0";
    let both = evidence(header, "author,isbn", "B. Catalogue,9780306406157").unwrap();
    let parties: Vec<_> = both.parties.iter().map(|p| (&*p.name, p.role.map(|r| r.word()))).collect();
    assert_eq!(parties, [("B. Catalogue", Some("author")), ("File Press", Some("publisher"))]);
    assert_eq!(both.title.as_deref(), Some("The file's"));
    assert_eq!(both.identifiers.len(), 1);
    assert_eq!(both.embodiments[0].media_type.as_deref(), Some("text/plain"));
    let titled = evidence(header, "title,media_type", "The catalogue's,text/x-poem").unwrap();
    assert_eq!(titled.title.as_deref(), Some("The catalogue's"));
    assert_eq!(titled.embodiments[0].media_type.as_deref(), Some("text/x-poem"));
}

#[test]
fn what_is_wrong_with_a_files_own_words_refuses_it() {
    let scene = Scene::with(&[("1.txt", "ISBN: 9780306406158\nLicense: CC0-1.0\n\nText.\n")]);
    let (codes, why) = scene.refused(None, READING);
    assert!(codes == [Code::BadIdentifier] && why.contains("text:ISBN"), "{codes:?} {why}");
}

#[test]
fn files_of_one_work_that_contradict_each_other_are_held() {
    for (column, one, other, words) in [
        ("used_from", "2020-01-01", "2021-01-01", "used_from"),
        ("type", "book", "article", "type"),
        ("licence", "CC0-1.0", "MIT", "licence"),
    ] {
        let scene = Scene::with(&[("1.txt", "License: CC0-1.0\n\n1"), ("2.txt", "2")]);
        let catalogue = format!("path,work,{column}\n1.txt,w,{one}\n2.txt,w,{other}\n");
        let (codes, why) = scene.refused(Some(&catalogue), READING);
        assert!(codes.contains(&Code::ConflictingEvidence) && why.contains(words), "{column}: {codes:?} {why}");
        let agreeing = format!("path,work,{column}\n1.txt,w,{one}\n2.txt,w,{one}\n");
        assert_eq!(scene.admit(Some(&agreeing)).tally.admitted, 1, "{column}");
    }
}
