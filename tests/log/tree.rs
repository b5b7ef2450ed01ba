//! The log's tree is RFC 9162's, at every size and however the appending was divided.

use deedbook::log::{Entry, History, LogReader, LogWriter};
use deedbook::tlog::{batch, consistency, inclusion, leaf_hash};

use super::support::*;

/// Sizes around every change of shape, up to three tile levels.
const SIZES: [u64; 14] = [1, 2, 3, 7, 255, 256, 257, 300, 511, 512, 513, 65_535, 65_536, 65_537];

#[test]
fn roots_and_proofs_are_those_of_the_naive_tree_at_every_size() {
    let (_dir, disk) = disk();
    let mut writer = LogWriter::create(&disk, key()).unwrap();
    let all = leaves("a", 65_537);
    for (at, &size) in SIZES.iter().enumerate() {
        append(&mut writer, "a", size);
        let signed = writer.commit(History::Keep).unwrap();
        let root = naive_root(&all[..size as usize]);
        assert_eq!((signed.size(), *signed.root()), (size, root));

        let log = reader(&disk);
        assert_eq!((log.size(), *log.root()), (size, root));
        for index in [0, size / 3, size / 2, size.saturating_sub(2), size - 1] {
            let leaf = all[index as usize];
            assert_eq!(log.leaf(index).unwrap(), leaf);
            inclusion::verify(index, size, &leaf, &log.inclusion(index).unwrap(), &root).unwrap();
            assert_eq!(log.entry(index).unwrap(), Entry::Text(entry("a", index)));
        }
        for &old in &SIZES[..=at] {
            let old_root = naive_root(&all[..old as usize]);
            assert_eq!(log.root_at(old).unwrap(), old_root);
            let path = log.consistency(old, size).unwrap();
            consistency::verify(old, &old_root, size, &root, &path).unwrap();
        }
    }
}

#[test]
fn consistency_between_two_past_sizes_is_that_of_those_sizes() {
    let (_dir, disk, _writer) = log_of(&[700]);
    let all = leaves("a", 700);
    let path = reader(&disk).consistency(256, 513).unwrap();
    consistency::verify(256, &naive_root(&all[..256]), 513, &naive_root(&all[..513]), &path).unwrap();
}

#[test]
fn one_batch_proves_scattered_entries() {
    let (_dir, disk, _writer) = log_of(&[3_000]);
    let log = reader(&disk);
    let indices: Vec<u64> = (0..3_000).filter(|index| index % 7 == 0 || index % 256 < 3).collect();
    let batch = log.batch(&indices).unwrap();
    let all = leaves("a", 3_000);
    assert!(batch.leaves.iter().all(|(index, leaf)| all[*index as usize] == *leaf));
    assert_eq!(batch.leaves.len(), indices.len());
    batch::verify(&batch.leaves, 3_000, &batch.path, log.root()).unwrap();
}

#[test]
fn appending_with_interruptions_gives_the_files_of_one_run() {
    let (_dir, once, _writer) = log_of(&[1_500]);
    let mut random = Random(1);
    let (_dir2, often) = disk();
    let mut writer = LogWriter::create(&often, key()).unwrap();
    append(&mut writer, "a", 1);
    writer.commit(History::Skip).unwrap();
    while writer.size() < 1_500 {
        if random.below(2) == 0 {
            drop(writer);
            writer = LogWriter::open(&often, key()).unwrap();
        }
        if random.below(4) == 0 {
            // Abandoned: the rollback is to drop and open again.
            let abandoned = writer.size() + random.below(600);
            append(&mut writer, "b", abandoned);
            writer = LogWriter::open(&often, key()).unwrap();
        }
        let next = (writer.size() + 1 + random.below(200)).min(1_500);
        append(&mut writer, "a", next);
        writer.commit(History::Skip).unwrap();
    }
    for (path, bytes) in files(&once, "log/tile").into_iter().chain(files(&once, "entries")) {
        assert_eq!(often.read(&path, u64::MAX).unwrap(), bytes, "{path}");
    }
    assert_eq!(reader(&often).root(), reader(&once).root());
}

#[test]
fn an_empty_log_can_be_committed_and_begun() {
    let (_dir, disk, mut writer) = log_of(&[0]);
    assert_eq!(reader(&disk).size(), 0);
    drop(writer);
    writer = LogWriter::open(&disk, key()).unwrap();
    append(&mut writer, "a", 1);
    assert_eq!(*writer.commit(History::Keep).unwrap().root(), leaf_hash(b"a0"));
}

#[test]
fn a_commit_without_entries_returns_the_checkpoint_that_stands() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    let before = files(&disk, "");
    let signed = writer.commit(History::Keep).unwrap();
    assert_eq!(signed.size(), 5);
    assert_eq!(files(&disk, ""), before);
}

#[test]
fn a_checkpoint_that_was_skipped_can_be_published_later() {
    let (_dir, disk, mut writer) = log_of(&[5]);
    append(&mut writer, "a", 6);
    writer.commit(History::Skip).unwrap();
    assert!(!disk.exists("log/history/6").unwrap());
    writer.commit(History::Keep).unwrap();
    assert_eq!(LogReader::at(&disk, published(&disk, 6)).unwrap().size(), 6);
}
