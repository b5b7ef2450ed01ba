//! What is refused, and that nothing is lost by refusing it.

use deedbook::log::{CHECKPOINT, History, LogError, LogReader, LogWriter, MARK};
use deedbook::storage::{Disk, Mode};
use deedbook::tlog::{Checkpoint, Hash, KeyKind, SigningKey};

use super::support::*;

fn set_mark(disk: &Disk, size: u64, root: Hash) {
    let mark = Checkpoint { origin: ORIGIN.to_owned(), size, root }.to_string();
    disk.write_durable_atomic(MARK, mark.as_bytes(), Mode::Private).unwrap();
}

#[test]
fn where_there_is_no_log_none_is_opened_and_where_there_is_one_none_is_made() {
    let (_dir, empty) = disk();
    assert!(matches!(LogWriter::open(&empty, key()).unwrap_err(), LogError::NoLog));
    assert!(matches!(LogReader::open(&empty, key().verifier()).unwrap_err(), LogError::NoLog));
    let (_dir2, disk, _writer) = log_of(&[1]);
    assert!(matches!(LogWriter::create(&disk, key()).unwrap_err(), LogError::AlreadyExists { path: CHECKPOINT }));
}

#[test]
fn entries_that_no_bundle_can_hold_are_refused_and_change_nothing() {
    let (_dir, _disk, mut writer) = log_of(&[5]);
    assert!(matches!(writer.append(&[0; 65_536]).unwrap_err(), LogError::EntryTooLong { len: 65_536 }));
    assert!(matches!(writer.append(b"").unwrap_err(), LogError::EmptyEntry));
    append(&mut writer, "a", 6);
    assert_eq!(*writer.commit(History::Keep).unwrap().root(), naive_root(&leaves("a", 6)));
}

#[test]
fn another_key_neither_reads_nor_appends() {
    let (_dir, disk, writer) = log_of(&[5]);
    drop(writer);
    let stranger = || SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    let renamed = || SigningKey::from_seed("example.com/other", KeyKind::Ed25519, &[7; 32]).unwrap();
    for foreign in [stranger, renamed] {
        let error = LogWriter::open(&disk, foreign()).unwrap_err();
        assert!(matches!(&error, LogError::KeyMismatch { .. }), "{error}");
        let error = LogReader::open(&disk, foreign().verifier()).unwrap_err();
        assert!(matches!(&error, LogError::BadNote { path, .. } if path == CHECKPOINT), "{error}");
    }
    LogWriter::open(&disk, key()).unwrap();
}

#[test]
fn a_foreign_checkpoint_is_not_taken_over() {
    let (_dir, disk, _writer) = log_of(&[5]);
    let other = SigningKey::from_seed("example.com/other", KeyKind::Ed25519, &[9; 32]).unwrap();
    let root = naive_root(&leaves("a", 5));
    let note = Checkpoint { origin: "example.com/other".to_owned(), size: 5, root }.sign(&other).unwrap();
    disk.write_durable_atomic(CHECKPOINT, note.to_string().as_bytes(), Mode::Public).unwrap();
    assert!(matches!(LogWriter::open(&disk, key()).unwrap_err(), LogError::KeyMismatch { .. }));
}

#[test]
fn without_the_mark_nothing_is_appended() {
    let (_dir, disk, _writer) = log_of(&[5]);
    disk.remove(MARK).unwrap();
    assert!(matches!(LogWriter::open(&disk, key()).unwrap_err(), LogError::MarkMissing));
    assert_eq!(reader(&disk).size(), 5);
}

#[test]
fn a_mark_that_is_not_strictly_a_checkpoint_text_is_refused() {
    let (_dir, disk, _writer) = log_of(&[5]);
    let good = String::from_utf8(disk.read(MARK, 999).unwrap()).unwrap();
    for bad in [good.replace("\n5\n", "\n05\n"), good.trim_end().to_owned(), format!("{good}\n"), "x".repeat(9_999)] {
        disk.write_durable_atomic(MARK, bad.as_bytes(), Mode::Private).unwrap();
        assert!(matches!(LogWriter::open(&disk, key()).unwrap_err(), LogError::BadMark), "{bad:?}");
    }
}

#[test]
fn a_mark_below_the_checkpoint_is_raised_if_it_is_of_this_log() {
    let (_dir, disk, writer) = log_of(&[5, 300]);
    drop(writer);
    let root = *published(&disk, 5).root();
    set_mark(&disk, 5, root);
    LogWriter::open(&disk, key()).unwrap();
    let raised = Checkpoint::parse(str::from_utf8(&disk.read(MARK, 999).unwrap()).unwrap()).unwrap();
    assert_eq!((raised.size, raised.root), (300, *reader(&disk).root()));
    set_mark(&disk, 5, naive_root(&leaves("b", 5)));
    assert!(matches!(LogWriter::open(&disk, key()).unwrap_err(), LogError::TwoRoots { size: 5, .. }));
}

#[test]
fn a_mark_of_the_same_size_and_another_root_is_a_fork() {
    let (_dir, disk, _writer) = log_of(&[5]);
    set_mark(&disk, 5, naive_root(&leaves("b", 5)));
    assert!(matches!(LogWriter::open(&disk, key()).unwrap_err(), LogError::TwoRoots { size: 5, .. }));
}

#[test]
fn a_backup_that_lacks_what_was_signed_refuses_to_append() {
    let (_dir, disk, _writer) = log_of(&[5]);
    set_mark(&disk, 300, naive_root(&leaves("a", 300)));
    let error = LogWriter::open(&disk, key()).unwrap_err();
    let LogError::MarkAboveCheckpoint { mark: 300, checkpoint: 5, source } = error else { panic!("{error}") };
    assert!(matches!(*source, LogError::Missing { path } if path == "entries/000"));
    assert_eq!(reader(&disk).size(), 5);
}

#[test]
fn a_log_that_went_another_way_than_the_mark_refuses_to_append() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    append(&mut writer, "b", 300);
    writer.commit(History::Keep).unwrap();
    // The checkpoint of an old backup, the mark of the original, the tiles of neither.
    let old = disk.read("log/history/5", 9_999).unwrap();
    disk.write_durable_atomic(CHECKPOINT, &old, Mode::Public).unwrap();
    for level in ["entries", "log/tile/0"] {
        let full = disk.read(&format!("{level}/000"), u64::MAX).unwrap();
        let len = if level == "entries" { 5 * 4 } else { 5 * 32 };
        disk.write(&format!("{level}/000.p/5"), &full[..len]).unwrap();
    }
    set_mark(&disk, 300, naive_root(&leaves("a", 300)));
    let error = LogWriter::open(&disk, key()).unwrap_err();
    assert!(matches!(error, LogError::TwoRoots { size: 300, .. }), "{error}");
    let sizes = files(&disk, "log/history").len();
    assert_eq!(sizes, 2, "nothing was signed or published");
}

#[test]
fn a_mark_above_the_checkpoint_completes_the_commit() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    let old = disk.read(CHECKPOINT, 9_999).unwrap();
    append(&mut writer, "a", 100);
    let signed = writer.commit(History::Keep).unwrap();
    drop(writer);
    disk.write_durable_atomic(CHECKPOINT, &old, Mode::Public).unwrap();
    assert_eq!(reader(&disk).size(), 5);
    let writer = LogWriter::open(&disk, key()).unwrap();
    assert_eq!(writer.committed().unwrap(), &signed, "the same note, byte for byte");
}

#[test]
fn a_commit_is_not_completed_from_damaged_tiles() {
    let named = ["log/tile/0/000", "log/tile/0/002.p/88", "log/tile/1/000.p/2", "entries/002.p/88"];
    for (path, at) in named.into_iter().zip([4_000, 40, 40, 4]) {
        let (_dir, disk, writer) = log_of(&[5, 600]);
        drop(writer);
        let old = disk.read("log/history/5", 9_999).unwrap();
        disk.write_durable_atomic(CHECKPOINT, &old, Mode::Public).unwrap();
        flip(&disk, path, at, 1);
        let error = LogWriter::open(&disk, key()).unwrap_err();
        let LogError::MarkAboveCheckpoint { mark: 600, checkpoint: 5, source } = error else {
            panic!("{path}: {error}")
        };
        assert!(source.to_string().contains("damaged"), "{path}: {source}");
        assert_eq!(disk.read(CHECKPOINT, 9_999).unwrap(), old);
    }
}

#[test]
fn damage_is_not_copied_on() {
    let (_dir, disk, writer) = log_of(&[300]);
    drop(writer);
    flip(&disk, "entries/001.p/44", 3, 1);
    let error = LogWriter::open(&disk, key()).unwrap_err();
    assert!(matches!(error, LogError::EntryMismatch { index: 256, .. }), "{error}");
}

#[test]
fn a_missing_tile_is_named() {
    let (_dir, disk, _writer) = log_of(&[600]);
    disk.remove("log/tile/0/001").unwrap();
    let error = reader(&disk).inclusion(300).unwrap_err();
    assert!(matches!(&error, LogError::Missing { path } if path == "log/tile/0/001"), "{error}");
    disk.remove("log/tile/0/002.p/88").unwrap();
    let error = LogReader::open(&disk, key().verifier()).unwrap_err();
    assert!(matches!(&error, LogError::Missing { path } if path == "log/tile/0/002.p/88"), "{error}");
}

#[test]
fn a_tile_under_shared_subtrees_is_authenticated() {
    // At this size a reader that authenticates only some tiles accepts a corrupted tile 48.
    let (_dir, disk, _writer) = log_of(&[70_000]);
    flip(&disk, "log/tile/0/048", 100, 1);
    let log = reader(&disk);
    for index in [48 * 256, 48 * 256 + 3, 48 * 256 + 255] {
        let error = log.leaf(index).unwrap_err();
        assert!(matches!(&error, LogError::TileMismatch { path } if path == "log/tile/0/048"), "{error}");
        assert!(log.inclusion(index).is_err() && log.entry(index).is_err() && log.batch(&[0, index]).is_err());
    }
    log.inclusion(49 * 256).unwrap();
}

#[test]
fn a_writer_that_failed_is_not_used_again() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    // A file where the folder of tiles should be: the same for every user, root included.
    let tiles = disk.full_path("log/tile").unwrap();
    std::fs::rename(&tiles, tiles.with_extension("away")).unwrap();
    std::fs::write(&tiles, b"").unwrap();
    append(&mut writer, "b", 9);
    let error = writer.commit(History::Keep).unwrap_err();
    assert!(matches!(&error, LogError::Storage(e) if e.to_string().contains("log/tile")), "{error}");
    assert!(matches!(writer.append(b"x").unwrap_err(), LogError::WriterFailed));
    assert!(matches!(writer.commit(History::Keep).unwrap_err(), LogError::WriterFailed));
    std::fs::remove_file(&tiles).unwrap();
    std::fs::rename(tiles.with_extension("away"), &tiles).unwrap();
    let mut writer = LogWriter::open(&disk, key()).unwrap();
    assert_eq!(writer.size(), 5);
    append(&mut writer, "a", 9);
    assert_eq!(*writer.commit(History::Keep).unwrap().root(), naive_root(&leaves("a", 9)));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_and_a_read_only_one_are_told_apart() {
    use std::os::unix::fs::FileTypeExt as _;
    use std::path::Path;

    let refused = |root: &str, path: &str| Disk::open(Path::new(root)).unwrap().write(path, b"x").unwrap_err();
    // A device on which every write fails for want of space, and a filesystem that lets nobody make files.
    if std::fs::metadata("/dev/full").is_ok_and(|device| device.file_type().is_char_device()) {
        let error = refused("/dev", "full");
        assert!(error.is_full() && !error.is_read_only() && error.to_string().contains("/dev/full"), "{error}");
    }
    if Path::new("/sys/kernel").is_dir() {
        let error = refused("/sys/kernel", "deedbook");
        assert!(error.is_read_only() && !error.is_full() && error.to_string().contains("/sys/kernel"), "{error}");
    }
}
