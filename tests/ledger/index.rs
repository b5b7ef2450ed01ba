//! The index: caught up where it is behind, rebuilt where it is not of this log, and readers beside a writer.

use super::lab::*;
use deedbook::ledger::{View, Writer};
use std::fs;

/// Copies a folder over another.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for (path, bytes) in files(from) {
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
}

/// Goes on as another process: the handle of this one remembers which folders there were.
fn another_process(lab: &mut Lab) {
    lab.disk = deedbook::storage::Disk::open(lab.path()).unwrap();
}

/// The duplicate check needs a true index: all of these must be duplicates, and nothing else may be.
fn index_is_true(lab: &Lab, known: std::ops::Range<u64>) {
    let works = known.end - known.start;
    let outcome = lab.admit("books", &books(known));
    assert_eq!((outcome.tally.duplicates, outcome.tally.admitted), (works, 0));
}

#[test]
fn an_index_of_an_older_size_is_caught_up() {
    let mut lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..10));
    let older = folder();
    copy(&lab.path().join("index"), older.path());
    lab.admit("books", &books(10..20));
    lab.grant(&contract("late", &format!("{{ works = [\"{}\"] }}", isbn(900)), &[]));
    fs::remove_dir_all(lab.path().join("index")).unwrap();
    copy(older.path(), &lab.path().join("index"));
    another_process(&mut lab);
    index_is_true(&lab, 1..20);
    // The register is whole again, too: the state after this commit is right.
    lab.seal("books@v1");
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn an_index_of_another_log_is_rebuilt() {
    let (mut lab, other) = (Lab::new(), Lab::new());
    lab.books();
    lab.admit("books", &books(1..10));
    other.books();
    other.admit("books", &books(100..109));
    fs::remove_dir_all(lab.path().join("index")).unwrap();
    copy(&other.path().join("index"), &lab.path().join("index"));
    another_process(&mut lab);
    index_is_true(&lab, 1..10);
    assert_eq!(lab.admit("books", &books(100..109)).tally.admitted, 9);
}

#[test]
fn a_missing_run_rebuilds_the_index() {
    let mut lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..10));
    fs::remove_dir_all(lab.path().join("index/run")).unwrap();
    another_process(&mut lab);
    index_is_true(&lab, 1..10);
}

#[test]
fn missing_sums_rebuild_the_index() {
    let mut lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..1100));
    fs::remove_dir_all(lab.path().join("index/sums")).unwrap();
    lab.disk = deedbook::storage::Disk::open(lab.path()).unwrap();
    index_is_true(&lab, 1..1100);
    assert_eq!(fs::read_dir(lab.path().join("index/sums/run/2")).unwrap().count(), 1);
}

#[test]
fn many_small_batches_leave_few_runs() {
    let lab = Lab::new();
    lab.books();
    for n in 0..20 {
        lab.admit("books", &books(n * 3 + 1..n * 3 + 4));
    }
    let runs = fs::read_dir(lab.path().join("index/run/2")).unwrap().count();
    assert!(runs <= 5, "{runs}");
    index_is_true(&lab, 1..61);
    let sealed = lab.seal("books@v1");
    assert_eq!((sealed.works, sealed.rows), (60, 60));
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn readers_work_while_a_writer_does() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..300));
    lab.seal("books@v1");
    let path = lab.path().to_owned();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut asked = 0;
                    while !stop.load(std::sync::atomic::Ordering::Relaxed) || asked == 0 {
                        let view = View::open(&path).unwrap();
                        let works = [vec![id(&isbn(7))], vec![id(&isbn(9999))]];
                        let proven = deedbook::ledger::prove::prove(&view, &release("books@v1"), &works).unwrap();
                        assert_eq!(proven.facts.works.iter().filter(|w| w.admissions.is_empty()).count(), 1);
                        asked += 1;
                    }
                    asked
                })
            })
            .collect();
        for n in 0..6 {
            lab.admit("books", &books(1000 + n * 300..1300 + n * 300));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        readers.into_iter().for_each(|r| assert!(r.join().unwrap() > 0));
    });
}

#[test]
fn a_second_writer_is_told_so() {
    let lab = Lab::new();
    let _first = lab.writer();
    let second = Writer::open(lab.path(), now(40), false).unwrap_err();
    assert!(second.to_string().contains("private/lock"), "{second}");
}

/// Bulk input goes through batches, parts and merges; the same works one by one do not. Both must come to the same.
#[test]
fn one_batch_and_many_single_ones_come_to_the_same_release() {
    let (bulk, single) = (Lab::new(), Lab::new());
    for lab in [&bulk, &single] {
        lab.books();
    }
    bulk.admit("books", &books(1..40));
    for n in 1..40 {
        single.admit("books", &books(n..n + 1));
    }
    let keys = |lab: &Lab| {
        lab.seal("books@v1");
        let file =
            deedbook::index::RowsFile::open(&lab.disk, "release/books/v1", deedbook::rows::Kind::Release).unwrap();
        file.stream().map(|row| row.unwrap().key).collect::<Vec<_>>()
    };
    assert_eq!(keys(&bulk), keys(&single));
}

/// Readers take what the index lacks from the log.
#[test]
fn a_work_is_shown_without_an_index() {
    use deedbook::ledger::show::{What, find};
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..10));
    let older = folder();
    copy(&lab.path().join("index"), older.path());
    lab.admit("books", &books(10..20));
    let shown = |n: u64| find(&lab.view(), &What::Work(id(&isbn(n)))).map(|found| found.len());
    assert_eq!((shown(3).unwrap(), shown(15).unwrap()), (1, 1));
    fs::remove_dir_all(lab.path().join("index")).unwrap();
    assert_eq!((shown(3).unwrap(), shown(15).unwrap()), (1, 1));
    copy(older.path(), &lab.path().join("index"));
    assert_eq!((shown(3).unwrap(), shown(15).unwrap()), (1, 1));
    assert!(shown(99).is_err());
}
