//! Damage: any flipped byte in `log/`, `entries/` or `release/` is found, lies in statements are found, and what is
//! derived can be made again.

use super::lab::*;
use deedbook::ledger::repair::repair;
use deedbook::ledger::{View, Writer};
use deedbook::log::{History, LogWriter};
use deedbook::statement::{Is, Release, RowsRef, Screening, State, Statement, V1};
use std::fs;

fn small() -> Lab {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(900)), &[]));
    lab.admit("books", &(books(1..6) + "Held,9780306406157,who knows\n"));
    lab.seal("books@v1");
    lab
}

#[test]
fn any_flipped_byte_is_found() {
    let lab = small();
    assert_eq!(lab.fsck(), Vec::<String>::new());
    let mut flipped = 0;
    for (path, bytes) in files(lab.path()) {
        let kept = ["log/", "entries/", "release/", "catalogue/", "report/", "rules/", "register/"];
        if !kept.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let full = lab.path().join(&path);
        // Every byte of the small files; of the rules file, which is text with a digest, some.
        let step = if path.starts_with("rules/") { 97 } else { 1 };
        for at in (0..bytes.len()).step_by(step) {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1 << (at % 8);
            fs::write(&full, &wrong).unwrap();
            assert!(!lab.fsck().is_empty(), "{path}, byte {at}");
            flipped += 1;
        }
        fs::write(&full, &bytes).unwrap();
    }
    assert!(flipped > 5000, "{flipped}");
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn missing_files_are_found() {
    let lab = small();
    for (path, bytes) in files(lab.path()) {
        let needed = ["log/checkpoint", "log/tile", "entries/", "release/", "catalogue/", "report/", "rules/"];
        // Partial tiles of older sizes may be gone; that they are named by a published checkpoint is log's to know.
        if needed.iter().any(|folder| path.starts_with(folder)) && !path.contains(".p/") {
            let full = lab.path().join(&path);
            fs::remove_file(&full).unwrap();
            let found = deedbook::ledger::fsck::fsck(lab.path(), now(59));
            assert!(found.map_or(true, |report| !report.damage.is_empty()), "{path}");
            fs::write(&full, &bytes).unwrap();
        }
    }
}

/// A ledger whose log is sound and whose statement is a lie; what fsck says of it.
fn lie(make: impl Fn(&Writer) -> Statement) -> String {
    let lab = small();
    lab.append(make);
    lab.fsck().join("\n")
}

#[test]
fn lies_in_statements_are_found() {
    let dataset = 2;
    let wrong = |w: &Writer, change: &dyn Fn(&mut Release)| {
        let (_, honest) = w.view().release(&release("books@v1")).unwrap();
        let mut r = Release { log_size: w.next(), at: w.now(), salt: w.salt(), version: name("v2"), ..honest };
        change(&mut r);
        Statement::Release(r)
    };
    let none = RowsRef { count: 0, root: deedbook::rows::Root([0; 32]) };
    assert!(lie(|w| wrong(w, &|r| r.log_size = 3)).contains("is a release of log size 3"));
    assert!(lie(|w| wrong(w, &|r| r.works += 1)).contains("release/books/v2"));
    assert!(lie(|w| wrong(w, &|r| r.version = name("v1"))).contains("declares a name again"));
    let state = |w: &Writer| State { at: w.now(), kind: Is, log_size: w.next(), register: none, salt: w.salt(), v: V1 };
    assert!(lie(|w| Statement::State(state(w))).contains("its register is not that of the entries before it"));
    let rules = deedbook::licence::Rules::default_rules().digest().clone();
    let screening = |w: &Writer, admitted: u64| {
        Statement::Screening(Screening {
            admitted,
            at: w.now(),
            considered: admitted,
            dataset,
            duplicates: 0,
            first_entry: w.next(),
            held: 0,
            kind: Is,
            lists: Vec::new(),
            reasons: Default::default(),
            refused: 0,
            report: None,
            rules: rules.clone(),
            salt: w.salt(),
            v: V1,
        })
    };
    assert!(lie(|w| screening(w, 3)).contains("counts other admissions than those before it"));
    assert_eq!(lie(|w| screening(w, 0)), "");
}

#[test]
fn rows_of_a_release_that_are_not_its_admissions_are_found() {
    // The root is that of the file, signed and all: only the entries contradict it.
    use deedbook::index::{root_of, write_rows};
    use deedbook::rows::{Kind, Row, work_key};
    for (what, rows) in [("one too few", 4), ("one too many", 6)] {
        let lab = small();
        let mut all: Vec<Row> = (1..=rows).map(|n| Row { key: work_key(&isbn(n)), value: 7 + n }).collect();
        all.sort();
        let path = "release/books/v2";
        write_rows(&lab.disk, path, Kind::Release, all.into_iter().map(Ok)).unwrap();
        let (count, root) = root_of(&lab.disk, path, Kind::Release, false).unwrap();
        lab.append(|w| {
            let (_, honest) = w.view().release(&release("books@v1")).unwrap();
            let (at, salt, log_size) = (w.now(), w.salt(), w.next());
            Statement::Release(Release {
                log_size,
                at,
                salt,
                version: name("v2"),
                rows: RowsRef { count, root },
                ..honest
            })
        });
        let found = lab.fsck().join("\n");
        assert!(found.contains("the rows in release/books/v2 are not those"), "{what}: {found}");
    }
}

#[test]
fn repair_makes_everything_again_that_is_derived() {
    let lab = small();
    let answers = |lab: &Lab| lab.prove("books@v1", &[&isbn(3), &isbn(77)]).bytes;
    let (before, proof) = (files(lab.path()), answers(&lab));
    for derived in ["index", "register", "release"] {
        fs::remove_dir_all(lab.path().join(derived)).unwrap();
    }
    assert!(View::open(lab.path()).is_err());
    let repaired = repair(lab.path(), now(50), false, false).unwrap();
    assert_eq!(repaired.lost, Vec::<String>::new());
    let after = files(lab.path());
    for (path, bytes) in before.iter().filter(|(path, _)| !path.starts_with("index/")) {
        // Only the newest register is made again.
        if !path.starts_with("register/") || after.contains_key(path) {
            assert_eq!(after.get(path), Some(bytes), "{path}");
        }
    }
    assert_eq!(answers(&lab), proof);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn repair_says_what_it_cannot_make_again() {
    let lab = small();
    fs::remove_dir_all(lab.path().join("catalogue")).unwrap();
    let found = lab.fsck().join("\n");
    assert!(found.contains("catalogue/"), "{found}");
    let dry = repair(lab.path(), now(50), false, true).unwrap();
    assert!(!dry.lost.is_empty());
}

/// Names and ends of grants are taken from the register: one flipped bit in it must stop a writer, not mislead it.
#[test]
fn no_writer_believes_a_damaged_register() {
    let lab = small();
    let newest = lab.view().state().0;
    let full = lab.path().join(format!("register/{newest}"));
    let bytes = fs::read(&full).unwrap();
    for at in 0..bytes.len() {
        let mut wrong = bytes.clone();
        wrong[at] ^= 1 << (at % 8);
        fs::write(&full, &wrong).unwrap();
        assert!(View::open(lab.path()).is_err(), "byte {at}");
    }
    fs::write(&full, &bytes).unwrap();
    assert!(View::open(lab.path()).is_ok());
}

/// A release is signed over what the index says.
#[test]
fn no_release_is_sealed_over_a_damaged_index() {
    let lab = small();
    for kind in ["run", "fact"] {
        let folder = lab.path().join(format!("index/{kind}/2"));
        let full = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
        let bytes = fs::read(&full).unwrap();
        for at in (24..bytes.len()).step_by(3) {
            let mut wrong = bytes.clone();
            wrong[at] ^= 1;
            fs::write(&full, &wrong).unwrap();
            let size = lab.view().log().size();
            assert!(deedbook::ledger::seal::seal(lab.writer(), &release("books@v2")).is_err(), "{kind}, byte {at}");
            assert_eq!(lab.view().log().size(), size);
        }
        fs::write(&full, &bytes).unwrap();
    }
    lab.seal("books@v2");
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn the_newest_register_must_be_there_and_strays_are_named() {
    let lab = small();
    let report = || deedbook::ledger::fsck::fsck(lab.path(), now(59)).unwrap();
    for folder in ["catalogue", "report", "rules", "register", "release", "release/books"] {
        fs::write(lab.path().join(folder).join("stray"), "x").unwrap();
    }
    assert_eq!(report().damage, Vec::<String>::new());
    assert_eq!(report().leftovers.iter().filter(|path| path.ends_with("/stray")).count(), 6);
    let newest = lab.view().state().0;
    fs::remove_file(lab.path().join(format!("register/{newest}"))).unwrap();
    assert!(report().damage.iter().any(|what| what.contains("register/")));
}

/// What is there may be all that is left of the signed rows.
#[test]
fn repair_replaces_a_release_only_by_the_signed_rows() {
    let lab = small();
    let path = lab.path().join("release/books/v1");
    let honest = fs::read(&path).unwrap();
    // An index that lacks a work, as if the log were another's: what repair makes of it is not what was signed.
    let mut wrong = honest.clone();
    let last = wrong.len() - 1;
    wrong[last] ^= 1;
    fs::write(&path, &wrong).unwrap();
    assert_eq!(repair(lab.path(), now(50), false, false).unwrap().files, ["release/books/v1"]);
    assert_eq!(fs::read(&path).unwrap(), honest);
}

/// A log ends with a state or a screening, also where an erased entry excuses the registers of states before it, whose
/// files may be gone.
#[test]
fn what_follows_the_last_commit_is_damage() {
    let lab = small();
    let said = lab.append(|w| super::golden::dispute(w, 3));
    let before = lab.view().state().0;
    lab.erase(said);
    lab.seal("books@v2");
    fs::remove_file(lab.path().join(format!("register/{before}"))).unwrap();
    assert_eq!(lab.fsck(), Vec::<String>::new());
    let at = lab.view().log().size();
    let dispute = super::golden::dispute(&lab.writer(), 3);
    let mut log = LogWriter::open(&lab.disk, key()).unwrap();
    log.append(dispute.print().as_bytes()).unwrap();
    log.commit(History::Keep).unwrap();
    assert_eq!(lab.fsck(), [format!("entry {at}: a commit ends with a state or a screening")]);
}

#[test]
fn an_erased_admission_is_no_damage_and_no_secret() {
    use deedbook::statement::Kind;
    let lab = small();
    let (_, statement) = lab.view().release(&release("books@v1")).map(|(i, r)| (i, r.works)).unwrap();
    assert_eq!(statement, 5);
    // The second book: after the grant of its open licence, which comes first.
    let index = (0..lab.view().log().size())
        .find(|i| matches!(lab.view().statement(*i), Ok(s) if s.head().0 == Kind::Admission))
        .unwrap()
        + 1;
    lab.erase(index);
    assert_eq!(lab.fsck(), Vec::<String>::new());
    let verdict = |release: &str| lab.prove(release, &[&isbn(2)]).facts.works[0].verdict;
    assert_eq!(verdict("books@v1"), deedbook::verify::Verdict::Erased);
    // To later releases it is gone, with an index made of what is left, too.
    fs::remove_dir_all(lab.path().join("index")).unwrap();
    let mut lab = lab;
    lab.disk = deedbook::storage::Disk::open(lab.path()).unwrap();
    assert_eq!(lab.seal("books@v2").works, 4);
    let verdict = lab.prove("books@v2", &[&isbn(2)]).facts.works[0].verdict;
    assert_eq!(verdict, deedbook::verify::Verdict::Absent);
    assert_eq!(lab.fsck(), Vec::<String>::new());
    // Without its erasure, a missing text is damage.
    lab.remove_text(index + 1);
    assert!(lab.fsck().join("\n").contains("no erasure names it"));
}

/// A ledger with a run of twenty blocks, and their bytes in its file.
fn wide() -> (Lab, std::path::PathBuf, Vec<u8>) {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..20_000));
    let folder = lab.path().join("index/run/2");
    let full = fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let bytes = fs::read(&full).unwrap();
    (lab, full, bytes)
}

/// One flipped bit in each block of a run, as `each` sees it.
fn flip_each_block(full: &std::path::Path, bytes: &[u8], mut each: impl FnMut(usize)) {
    let len = deedbook::index::SUM_ROWS as usize * deedbook::rows::ROW_LEN;
    for block in 0..bytes[24..].len().div_ceil(len) {
        let mut wrong = bytes.to_vec();
        wrong[24 + block * len + 7] ^= 1;
        fs::write(full, &wrong).unwrap();
        each(block);
    }
    fs::write(full, bytes).unwrap();
}

/// That a work is new is said for good: a run that hides it must stop the append, and nothing else must.
#[test]
fn no_work_is_new_by_a_damaged_run_and_few_blocks_are_asked() {
    let (lab, full, bytes) = wide();
    let dry = |numbers: std::ops::Range<u64>| {
        lab.try_admit("books", &books(numbers), deedbook::ledger::admit::Options { dry_run: true, ..options() })
    };
    let (mut stopped, mut blocks) = (0, 0);
    flip_each_block(&full, &bytes, |block| {
        // A few are searched for, many are met in one pass.
        for number in [1, 7_000, 19_999] {
            match dry(number..number + 1) {
                Ok(outcome) => assert_eq!(outcome.tally.duplicates, 1, "block {block}, book {number}"),
                Err(error) => {
                    assert!(error.to_string().contains("is damaged"), "{error}");
                    stopped += 1;
                }
            }
        }
        assert!(dry(1..20_000).is_err(), "block {block}");
        blocks += 1;
    });
    assert_eq!(blocks, 20);
    assert!((3..=15).contains(&stopped), "{stopped} of 60 look-ups met the damaged block");
    assert_eq!(dry(1..20_000).unwrap().tally.duplicates, 19_999);
}

#[test]
fn no_release_is_sealed_over_any_damaged_block() {
    let (lab, full, bytes) = wide();
    flip_each_block(&full, &bytes, |block| {
        let sealed = deedbook::ledger::seal::seal(lab.writer(), &release("books@v1"));
        assert!(sealed.is_err(), "block {block}");
    });
    let sums = lab.path().join("index/sums/run/2").join(full.file_name().unwrap());
    let sound = fs::read(&sums).unwrap();
    for wrong in [sound[1..].to_vec(), [&sound[..], &[0]].concat(), vec![0; sound.len()]] {
        fs::write(&sums, wrong).unwrap();
        assert!(deedbook::ledger::seal::seal(lab.writer(), &release("books@v1")).is_err());
    }
    fs::write(&sums, &sound).unwrap();
    assert_eq!(lab.seal("books@v1").works, 19_999);
}
