//! Readers keep answering for the checkpoint that they opened, whatever the writer does meanwhile.

use deedbook::log::{Entry, History, LogError, LogReader, LogWriter};
use deedbook::tlog::tile::encode_entry;
use deedbook::tlog::{ProofError, inclusion, leaf_hash};

use super::support::*;

fn assert_answers(log: &LogReader, author: &str) {
    let all = leaves(author, log.size());
    assert_eq!(naive_root(&all), *log.root());
    let entries: Vec<_> = log.entries(0..log.size()).map(|entry| entry.unwrap()).collect();
    assert_eq!(entries.len() as u64, log.size());
    for (index, text) in entries {
        assert_eq!(text, Entry::Text(entry(author, index)));
    }
    for index in 0..log.size() {
        inclusion::verify(index, log.size(), &all[index as usize], &log.inclusion(index).unwrap(), log.root()).unwrap();
    }
}

#[test]
fn a_reader_answers_for_its_size_after_later_commits() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    let early = reader(&disk);
    append(&mut writer, "a", 40);
    writer.commit(History::Keep).unwrap();
    let middle = reader(&disk);
    append(&mut writer, "a", 700);
    writer.commit(History::Keep).unwrap();
    assert_answers(&early, "a");
    assert_answers(&middle, "a");
    // Opened anew at an old checkpoint, when its partial files are gone.
    assert!(!disk.exists("log/tile/0/000.p").unwrap());
    assert_answers(&LogReader::at(&disk, published(&disk, 5)).unwrap(), "a");
}

#[test]
fn what_was_appended_is_invisible_before_the_commit() {
    let (_dir, disk, mut writer) = log_of(&[300]);
    append(&mut writer, "b", 900);
    // The full tile 1 of the uncommitted append stands beside the partial one that the checkpoint names.
    assert!(disk.exists("log/tile/0/001").unwrap() && disk.exists("log/tile/0/001.p/44").unwrap());
    assert_answers(&reader(&disk), "a");
    drop(writer);
    assert_answers(&reader(&disk), "a");
}

#[test]
fn garbage_in_a_full_tile_is_not_taken_for_the_partial_one() {
    let (_dir, disk, mut writer) = log_of(&[300]);
    append(&mut writer, "b", 600);
    drop(writer);
    // Were the partial file lost, the full one is the next to try, but not to trust.
    let garbage = "b".repeat(8_192);
    disk.write("log/tile/0/001", garbage.as_bytes()).unwrap();
    disk.remove("log/tile/0/001.p/44").unwrap();
    let error = LogReader::open(&disk, key().verifier()).unwrap_err();
    assert!(matches!(error, LogError::RootMismatch { size: 300, .. }), "{error}");
}

#[test]
fn threads_read_while_another_writes() {
    let (_dir, disk, mut writer) = log_of(&[1]);
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|seed| {
                let (disk, done) = (&disk, &done);
                scope.spawn(move || {
                    let mut random = Random(seed + 1);
                    let (mut rounds, mut last) = (0, 0);
                    while !done.load(std::sync::atomic::Ordering::Acquire) || rounds == 0 {
                        let log = reader(disk);
                        assert!(log.size() >= last, "a log never shrinks");
                        last = log.size();
                        for _ in 0..20 {
                            let index = random.below(last);
                            assert_eq!(log.entry(index).unwrap(), Entry::Text(entry("a", index)));
                            log.inclusion(index).unwrap();
                        }
                        rounds += 1;
                    }
                    rounds
                })
            })
            .collect();
        let mut random = Random(99);
        while writer.size() < 3_000 {
            let next = writer.size() + 1 + random.below(60);
            append(&mut writer, "a", next);
            writer.commit(History::Skip).unwrap();
        }
        done.store(true, std::sync::atomic::Ordering::Release);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
}

#[test]
fn an_entry_that_was_erased_keeps_its_leaf() {
    let (_dir, disk, writer) = log_of(&[300]);
    drop(writer);
    let mut bundle = Vec::new();
    for index in 256..300 {
        encode_entry(&mut bundle, if index == 260 { b"".into() } else { entry("a", index) }.as_slice()).unwrap();
    }
    disk.write("entries/001.p/44", &bundle).unwrap();
    let leaf = leaf_hash(&entry("a", 260));
    let log = reader(&disk);
    assert_eq!(log.entry(260).unwrap(), Entry::Erased(leaf));
    inclusion::verify(260, 300, &leaf, &log.inclusion(260).unwrap(), log.root()).unwrap();
    // It stays erased when its bundle fills, and the tree does not change.
    let mut writer = LogWriter::open(&disk, key()).unwrap();
    append(&mut writer, "a", 600);
    assert_eq!(*writer.commit(History::Keep).unwrap().root(), naive_root(&leaves("a", 600)));
    assert_eq!(reader(&disk).entry(260).unwrap(), Entry::Erased(leaf));
    assert_eq!(reader(&disk).entry(261).unwrap(), Entry::Text(entry("a", 261)));
}

#[test]
fn ranges_of_entries_begin_and_end_anywhere() {
    let (_dir, disk, _writer) = log_of(&[600]);
    let log = reader(&disk);
    for (begin, end) in [(0, 0), (0, 1), (255, 257), (256, 512), (100, 600), (599, 600), (600, 600)] {
        let indices: Vec<u64> = log.entries(begin..end).map(|entry| entry.unwrap().0).collect();
        assert_eq!(indices, (begin..end).collect::<Vec<_>>());
    }
    let beyond: Vec<_> = log.entries(590..601).collect();
    assert!(matches!(beyond[..], [Err(LogError::Proof(ProofError::IndexOutOfRange { index: 600, size: 600 }))]));
}

#[test]
fn what_the_log_does_not_have_is_refused() {
    let (_dir, disk, _writer) = log_of(&[5]);
    let log = reader(&disk);
    let outside = |error| matches!(error, LogError::Proof(ProofError::IndexOutOfRange { size: 5, .. }));
    assert!(outside(log.entry(5).unwrap_err()));
    assert!(outside(log.leaf(u64::MAX).unwrap_err()));
    assert!(outside(log.inclusion(5).unwrap_err()));
    assert!(outside(log.batch(&[1, 5]).unwrap_err()));
    assert!(outside(log.root_at(6).unwrap_err()));
    assert!(log.consistency(3, 6).is_err() && log.consistency(0, 3).is_err() && log.batch(&[]).is_err());
}
