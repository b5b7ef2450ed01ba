//! The storage promises of their own: durable order, one writer, no more writing after a failed sync.

use std::collections::BTreeMap;

use deedbook::storage::{Disk, Mode, Op, StorageError};

use super::support::*;

#[test]
fn a_swapped_file_is_durable_before_the_call_returns() {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    disk.write_durable_atomic("a/b/c", b"new", Mode::Public).unwrap();
    let path = |path: &str| path.to_owned();
    let expected = [
        Op::CreateDir(path("a")),
        Op::CreateDir(path("a/b")),
        Op::Create(path("a/b/c.tmp")),
        Op::Write { path: path("a/b/c.tmp"), offset: 0, bytes: b"new".to_vec() },
        Op::SyncFile(path("a/b/c.tmp")),
        Op::Rename { from: path("a/b/c.tmp"), to: path("a/b/c") },
        Op::SyncDir(path("")),
        Op::SyncDir(path("a")),
        Op::SyncDir(path("a/b")),
    ];
    assert_eq!(trace.ops(), expected);
}

#[test]
fn a_sync_covers_folders_that_another_process_left() {
    let dir = folder();
    std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    disk.write("a/b/c", b"1").unwrap();
    disk.sync().unwrap();
    let synced: Vec<Op> = trace.ops().split_off(2);
    let dir = |path: &str| Op::SyncDir(path.to_owned());
    assert_eq!(synced, [Op::SyncFile("a/b/c".to_owned()), dir(""), dir("a"), dir("a/b")]);
}

#[test]
fn many_files_are_made_durable_by_one_sync() {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    for name in 0..100 {
        disk.write(&format!("many/{name}"), b"x").unwrap();
    }
    disk.sync().unwrap();
    let syncs = trace.ops().iter().filter(|op| matches!(op, Op::SyncAll | Op::SyncFile(_))).count();
    assert_eq!(syncs, if cfg!(target_os = "linux") { 1 } else { 100 });
}

#[test]
fn after_a_failed_sync_nothing_more_is_written() {
    let (_dir, disk) = disk();
    disk.write("gone/file", b"x").unwrap();
    std::fs::remove_dir_all(disk.full_path("gone").unwrap()).unwrap();
    disk.sync().unwrap_err();
    let poisoned = |error| matches!(error, StorageError::Poisoned { .. });
    assert!(poisoned(disk.write("other", b"x").unwrap_err()));
    assert!(poisoned(disk.write_durable_atomic("other", b"x", Mode::Public).unwrap_err()));
    assert!(poisoned(disk.create("other").unwrap_err()));
    assert!(poisoned(disk.sync().unwrap_err()));
    assert!(!disk.exists("other").unwrap());
    Disk::open(disk.root()).unwrap().write("other", b"x").unwrap();
}

#[test]
fn a_big_file_appears_when_it_is_finished_and_not_before() {
    let (_dir, disk) = disk();
    let mut file = disk.create("release/d/v1").unwrap();
    file.write(b"????").unwrap();
    let body = vec![b'r'; 700_000];
    file.write(&body).unwrap();
    file.write(b"end").unwrap();
    file.patch(0, b"head").unwrap();
    assert_eq!(file.len(), 700_007);
    assert!(!disk.exists("release/d/v1").unwrap());
    file.finish().unwrap();
    assert_eq!(disk.read("release/d/v1", 1 << 20).unwrap(), [b"head".as_slice(), &body, b"end"].concat());
    let opened = disk.open_file("release/d/v1").unwrap();
    let mut tail = [0; 3];
    opened.read_at(opened.len() - 3, &mut tail).unwrap();
    assert_eq!(&tail, b"end");
    assert!(opened.read_at(opened.len() - 2, &mut tail).is_err(), "a read past the end is an error");
}

#[test]
fn a_file_named_by_its_digest_gets_its_name_last() {
    let (_dir, disk) = disk();
    let mut file = disk.create("report/new").unwrap();
    file.write(b"x").unwrap();
    file.finish_as("report/00ff").unwrap();
    assert_eq!(files(&disk, "").into_keys().collect::<Vec<_>>(), ["report/00ff"]);
}

#[test]
fn a_file_that_is_given_up_leaves_nothing() {
    let (_dir, disk) = disk();
    let mut file = disk.create("d/v1").unwrap();
    file.write(&vec![0; 600_000]).unwrap();
    drop(file);
    assert!(files(&disk, "").is_empty());
}

#[test]
fn a_file_in_use_is_replaced_only_by_durable_bytes() {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    disk.write("d", b"old").unwrap();
    let before = trace.count();
    let mut file = disk.create("d").unwrap();
    file.write(b"new").unwrap();
    file.finish().unwrap();
    let ops = trace.ops().split_off(before);
    let at = |wanted: &Op| ops.iter().position(|op| op == wanted).unwrap();
    let rename = Op::Rename { from: "d.tmp".to_owned(), to: "d".to_owned() };
    assert!(at(&Op::SyncFile("d.tmp".to_owned())) < at(&rename));
}

#[test]
fn a_file_that_moves_is_durable_under_its_new_name() {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    disk.write("new", b"x").unwrap();
    disk.move_to("new", "named/00ff").unwrap();
    disk.sync().unwrap();
    let mut model = super::replay::Model::default();
    trace.ops().iter().for_each(|op| model.apply(op));
    let left = model.crash(super::replay::Crash::AllLost);
    let named = BTreeMap::from([("named/00ff".to_owned(), b"x".to_vec())]);
    assert_eq!(left, named);
    // Onto a file that is in use: at no moment could a crash leave anything but these bytes.
    let before = trace.count();
    disk.write("new", b"x").unwrap();
    disk.move_to("new", "named/00ff").unwrap();
    for op in &trace.ops()[before..] {
        model.apply(op);
        assert_eq!(model.crash(super::replay::Crash::NamesKept)["named/00ff"], b"x");
    }
}

#[test]
fn a_tree_of_derived_files_is_removed_whole() {
    let (_dir, disk) = disk();
    for path in ["index/a", "index/runs/1", "index/runs/deep/2", "kept/3"] {
        disk.write(path, b"x").unwrap();
    }
    disk.remove_tree("index").unwrap();
    disk.remove_tree("index").unwrap();
    disk.write("index/runs/1", b"again").unwrap();
    disk.sync().unwrap();
    assert_eq!(files(&disk, "").into_keys().collect::<Vec<_>>(), ["index/runs/1", "kept/3"]);
}

#[test]
fn reads_are_bounded_and_name_their_path() {
    let (_dir, disk) = disk();
    disk.write("f", b"12345").unwrap();
    assert_eq!(disk.read("f", 5).unwrap(), b"12345");
    let error = disk.read("f", 4).unwrap_err();
    assert!(matches!(&error, StorageError::TooLong { len: 5, max_len: 4, .. }), "{error}");
    let error = disk.read("none", 4).unwrap_err();
    assert!(error.is_not_found() && error.to_string().contains("none"));
}

#[test]
fn paths_do_not_leave_the_ledger() {
    let (_dir, disk) = disk();
    for path in ["", "/etc/passwd", "../up", "a/../../up", "."] {
        assert!(matches!(disk.write(path, b"x").unwrap_err(), StorageError::BadPath { .. }), "{path:?}");
        assert!(matches!(disk.read(path, 9).unwrap_err(), StorageError::BadPath { .. }), "{path:?}");
    }
}

#[test]
fn the_second_writer_is_refused_until_the_first_is_gone() {
    let (_dir, disk) = disk();
    let first = disk.lock("private/lock", false).unwrap();
    let second = Disk::open(disk.root()).unwrap();
    assert!(matches!(second.lock("private/lock", false).unwrap_err(), StorageError::LockHeld { .. }));
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| second.lock("private/lock", true).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(50));
        assert!(!waiting.is_finished(), "the lock is still held");
        drop(first);
        waiting.join().unwrap();
    });
}

#[test]
fn a_private_file_is_private_from_the_first_byte() {
    let (_dir, disk) = disk();
    disk.write("key.tmp", b"left by an earlier attempt, readable by all").unwrap();
    disk.write_durable_atomic("key", b"secret", Mode::Private).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(disk.full_path("key").unwrap()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_new_ledger_folder_may_be_deep() {
    let dir = folder();
    let disk = Disk::create_root(&dir.path().join("x/y/z")).unwrap();
    disk.write("f", b"1").unwrap();
    assert!(dir.path().join("x/y/z/f").exists());
    assert!(Disk::open(&dir.path().join("none")).unwrap_err().is_not_found());
}
