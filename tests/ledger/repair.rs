//! Repair: what is derived is made again byte for byte, a damaged log is left as it is, and whatever was made is checked.

use super::golden::dispute;
use super::lab::*;
use deedbook::ledger::Writer;
use deedbook::ledger::repair::{Repaired, repair};
use deedbook::log::{History, LogWriter};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Two datasets, several bundles, works with two embodiments; a work withdrawn, a dispute erased; releases before and
/// after.
fn full() -> Lab {
    let lab = Lab::new();
    let dataset = lab.books();
    lab.dataset(
        "more",
        deedbook::statement::Purpose::Commercial,
        &[deedbook::statement::Use::GenerativeTraining],
        &[deedbook::statement::Layer::Text],
    );
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(900)), &[]));
    let first = lab.admit("books", &books(1..1500)).first_entry + 1;
    lab.admit("more", &books(300..400));
    lab.seal("books@v1");
    lab.withdraw(dataset, first + 7);
    let said = lab.append(|w| dispute(w, first));
    lab.erase(said);
    lab.admit("books", &books(2000..2300));
    lab.seal("books@v2");
    lab.seal("more@v1");
    lab
}

/// A copy, with another handle on its folder.
fn copy(lab: &Lab) -> tempfile::TempDir {
    let dir = folder();
    for (path, bytes) in files(lab.path()) {
        let target = dir.path().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    let only_owner = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
    fs::set_permissions(dir.path().join("private/key"), only_owner).unwrap();
    dir
}

fn repaired(dir: &Path) -> Repaired {
    repair(dir, now(58), false, false).unwrap()
}

/// All files but the working copy of the register, whose bytes are sled's affair, and the lock.
fn kept(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let own = |path: &str| path.starts_with("index/register/") || path == "private/lock";
    files(dir).into_iter().filter(|(path, _)| !own(path)).collect()
}

fn below(files: &BTreeMap<String, Vec<u8>>, folders: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let is_below = |path: &str| folders.iter().any(|folder| path.starts_with(folder));
    files.iter().filter(|(path, _)| is_below(path)).map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
}

fn names(files: &BTreeMap<String, Vec<u8>>) -> Vec<&String> {
    files.keys().collect()
}

/// What repair makes from the entries that the check has read is what a writer makes that reads them for itself.
#[test]
fn an_index_is_made_again_as_a_writer_makes_it() {
    let lab = full();
    let (by_repair, by_writer) = (copy(&lab), copy(&lab));
    for dir in [&by_repair, &by_writer] {
        fs::remove_dir_all(dir.path().join("index")).unwrap();
    }
    let made = repaired(by_repair.path());
    assert_eq!((made.files, made.lost), (Vec::new(), Vec::new()));
    assert_eq!(made.entries, lab.view().log().size());
    drop(Writer::open(by_writer.path(), now(58), false).unwrap());
    let runs = ["index/run/", "index/fact/", "index/sums/"];
    let (own, others) = (below(&kept(by_repair.path()), &runs), below(&kept(by_writer.path()), &runs));
    assert_eq!(names(&own), names(&others));
    assert!(own == others && own.len() >= 6, "{:?}", names(&own));
    // The rest is what it was before, the nodes of tables and the counts of releases among it.
    let rest = |dir: &Path| {
        let all = kept(dir).into_iter().filter(|(path, _)| !runs.iter().any(|folder| path.starts_with(folder)));
        all.collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (rest(lab.path()), rest(by_repair.path()));
    assert_eq!(names(&before), names(&after));
    assert!(before == after);
}

/// Whatever the damage in what is derived, and in which files: afterwards all is as after the repair of a sound ledger.
#[test]
fn every_damage_to_what_is_derived_is_repaired_to_the_same_bytes() {
    let lab = full();
    let sound = copy(&lab);
    repaired(sound.path());
    let wanted = kept(sound.path());
    let newest = format!("register/{}", lab.view().state().0);
    let derived: Vec<String> = files(lab.path()).into_keys().filter(|path| path.starts_with("index/")).collect();
    let releases = ["release/books/v1", "release/books/v2", "release/more/v1"].map(str::to_owned);
    for path in derived.iter().chain(&releases).chain([&newest]) {
        let dir = copy(&lab);
        let full = dir.path().join(path);
        let mut bytes = fs::read(&full).unwrap();
        // In a row of the register that no erased entry had: of those, the register is all that tells.
        let at = if *path == newest { 24 + 7 } else { bytes.len() / 2 };
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1;
        }
        fs::write(&full, bytes).unwrap();
        let made = repaired(dir.path());
        assert_eq!(made.lost, Vec::<String>::new(), "{path}");
        let expected: Vec<&String> = releases.iter().chain([&newest]).filter(|made| *made == path).collect();
        assert_eq!(made.files.iter().collect::<Vec<_>>(), expected, "{path}");
        assert!(kept(dir.path()) == wanted, "{path}");
    }
}

/// Each file of the log in turn has a wrong byte, or is missing: a repair ends as the opening of a writer does whose index
/// is missing, and nothing was written but the index, which is derived.
#[test]
fn a_damaged_log_stops_a_repair_before_it_writes_anything() {
    let lab = full();
    for derived in ["release/books/v1", "release/books/v2"] {
        fs::remove_file(lab.path().join(derived)).unwrap();
    }
    let of_log = |path: &String| path.starts_with("entries/") || path.starts_with("log/tile/");
    let (mut stopped, mut went_on) = (0, 0);
    for path in files(lab.path()).into_keys().filter(of_log) {
        for missing in [false, true] {
            let dir = copy(&lab);
            let full = dir.path().join(&path);
            let mut bytes = fs::read(&full).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
            if missing {
                fs::remove_file(&full).unwrap()
            } else {
                fs::write(&full, bytes).unwrap()
            }
            let before = kept(dir.path());
            fs::remove_dir_all(dir.path().join("index")).unwrap();
            let own = Writer::open(dir.path(), now(58), false).map(drop).map_err(|error| error.to_string());
            let repaired = repair(dir.path(), now(58), false, false);
            match (own, repaired) {
                (Err(own), Err(error)) => {
                    assert_eq!(error.to_string(), own, "{path}");
                    let outside = |all: &BTreeMap<String, Vec<u8>>| {
                        let mut all = all.clone();
                        all.retain(|path, _| !path.starts_with("index/"));
                        all
                    };
                    assert!(outside(&kept(dir.path())) == outside(&before), "{path}");
                    stopped += 1;
                }
                // What only an earlier checkpoint names stops nobody, and is named.
                (Ok(()), Ok(repaired)) => {
                    assert_eq!(repaired.files, ["release/books/v1", "release/books/v2"], "{path}");
                    let named = repaired.lost.iter().any(|what| what.contains(&path));
                    assert!(named || missing, "{path}: {:?}", repaired.lost);
                    went_on += 1;
                }
                (own, repaired) => panic!("{path}: {own:?}, {repaired:?}"),
            }
        }
    }
    assert!(stopped >= 30 && went_on > 0, "{stopped} {went_on}");
}

/// An entry that is whole and says nothing known.
#[test]
fn an_entry_that_cannot_be_read_stops_a_repair() {
    let lab = full();
    let at = lab.view().log().size();
    let mut log = LogWriter::open(&lab.disk, key()).unwrap();
    log.append(br#"{"at":"2026-02-01T08:50:00Z","kind":"oath","v":2}"#).unwrap();
    log.commit(History::Keep).unwrap();
    fs::remove_file(lab.path().join("release/books/v1")).unwrap();
    let error = repair(lab.path(), now(58), false, false).unwrap_err().to_string();
    assert!(error.contains(&format!("entry {at}")) && error.contains("oath"), "{error}");
    assert!(!lab.path().join("release/books/v1").exists());
}

/// A lie among statements stops no repair, and is named beside what was made.
#[test]
fn a_ledger_that_lies_is_repaired_and_the_lie_is_named() {
    use deedbook::statement::{RowsRef, Statement};
    let lab = full();
    lab.append(|w| {
        let (_, honest) = w.view().release(&release("books@v1")).unwrap();
        let rows = RowsRef { count: 0, root: deedbook::rows::Root([0; 32]) };
        let (at, salt, log_size) = (w.now(), w.salt(), w.next());
        Statement::Release(deedbook::statement::Release { at, salt, log_size, rows, version: name("lie"), ..honest })
    });
    let (by_repair, by_writer) = (copy(&lab), copy(&lab));
    for dir in [&by_repair, &by_writer] {
        fs::remove_dir_all(dir.path().join("index")).unwrap();
    }
    let lost = repaired(by_repair.path()).lost;
    assert!(matches!(&lost[..], [only] if only.contains("release/books/lie")), "{lost:?}");
    drop(Writer::open(by_writer.path(), now(58), false).unwrap());
    let runs = |dir: &Path| below(&kept(dir), &["index/run/", "index/fact/", "index/sums/"]);
    assert!(runs(by_repair.path()) == runs(by_writer.path()));
}
