//! fsck finds every flipped byte, lays it to its file, and goes on.

use deedbook::log::{FsckReport, History, LogError, LogWriter, fsck};
use deedbook::storage::Disk;

use super::support::*;

fn check(disk: &Disk) -> FsckReport {
    fsck(disk, key().verifier(), |_: &mut (), _, _| (), |_, _: &mut ()| ()).unwrap()
}

#[test]
fn a_sound_log_has_no_damage_and_hands_over_every_entry() {
    for size in [0, 1, 255, 256, 257, 70_000] {
        let (_dir, disk, _writer) = log_of(&[size]);
        let mut next = 0;
        let own = |_: &mut (), index, text: Option<&[u8]>| (index, text.map(<[u8]>::to_vec));
        let report = fsck(&disk, key().verifier(), own, |index, made| {
            assert_eq!((index, made), (next, &mut (next, Some(entry("a", next)))));
            next += 1;
        })
        .unwrap();
        assert!(report.is_sound() && report.leftovers.is_empty(), "{report:?}");
        assert_eq!((next, report.checkpoint.unwrap().size()), (size, size));
    }
}

#[test]
fn every_flipped_bit_of_a_small_log_is_found() {
    let (_dir, disk, writer) = log_of(&[2, 7]);
    drop(writer);
    let all = files(&disk, "log").into_iter().chain(files(&disk, "entries"));
    let mut flipped = 0;
    for (path, bytes) in all {
        for at in 0..bytes.len() {
            for bit in 0..8 {
                flip(&disk, &path, at, 1 << bit);
                let report = check(&disk);
                assert!(!report.is_sound(), "bit {bit} of byte {at} of {path} was not found");
                let named = report.damage.iter().any(|error| error.to_string().contains(&path));
                assert!(named || path.contains("checkpoint") || path.contains("tile"), "{path}: {report:?}");
                flip(&disk, &path, at, 1 << bit);
                flipped += 1;
            }
        }
    }
    assert!(check(&disk).is_sound() && flipped > 5_000, "{flipped}");
}

#[test]
fn flipped_bytes_of_a_larger_log_are_found_in_every_file() {
    let (_dir, disk, mut writer) = log_of(&[40, 256 * 3 + 10]);
    append(&mut writer, "a", 256 * 3 + 20);
    writer.commit(History::Keep).unwrap();
    drop(writer);
    let mut random = Random(5);
    for (path, bytes) in files(&disk, "log").into_iter().chain(files(&disk, "entries")) {
        for _ in 0..12 {
            let (at, bit) = (random.below(bytes.len() as u64) as usize, 1 << random.below(8));
            flip(&disk, &path, at, bit);
            let report = check(&disk);
            assert!(!report.is_sound(), "byte {at} of {path}");
            flip(&disk, &path, at, bit);
        }
    }
    assert!(check(&disk).is_sound());
}

#[test]
fn damage_is_laid_to_its_file_and_the_walk_goes_on() {
    let (_dir, disk, _writer) = log_of(&[1_000]);
    flip(&disk, "entries/001", 3, 1);
    flip(&disk, "log/tile/0/002", 3, 1);
    let mut seen = Vec::new();
    let report = fsck(&disk, key().verifier(), |_: &mut (), _, _| (), |index, _| seen.push(index)).unwrap();
    let damage: Vec<String> = report.damage.iter().map(ToString::to_string).collect();
    assert_eq!(damage.len(), 2, "{damage:?}");
    assert!(matches!(&report.damage[0], LogError::EntryMismatch { path, index: 256 } if path == "entries/001"));
    assert!(matches!(&report.damage[1], LogError::TileMismatch { path } if path == "log/tile/0/002"));
    assert_eq!(seen, (0..1_000).filter(|&index| index != 256).collect::<Vec<_>>());
}

#[test]
fn every_missing_file_is_found() {
    let (_dir, disk, _writer) = log_of(&[600]);
    for (path, bytes) in files(&disk, "log").into_iter().chain(files(&disk, "entries")) {
        if path == "log/checkpoint" || path.contains("history") {
            continue;
        }
        disk.remove(&path).unwrap();
        let report = check(&disk);
        let named = |error: &LogError| matches!(error, LogError::Missing { path: missing } if *missing == path);
        assert!(report.damage.iter().any(named), "{path}: {report:?}");
        disk.write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_cut_or_lengthened_file_is_found() {
    let (_dir, disk, _writer) = log_of(&[3, 300]);
    for (path, bytes) in files(&disk, "log").into_iter().chain(files(&disk, "entries")) {
        for other in [&bytes[..bytes.len() - 1], &[], &[bytes.as_slice(), b"\0"].concat()] {
            disk.write(&path, other).unwrap();
            assert!(!check(&disk).is_sound(), "{path} of {} bytes", other.len());
        }
        disk.write(&path, &bytes).unwrap();
    }
}

#[test]
fn with_a_damaged_checkpoint_the_newest_published_one_is_checked() {
    let (_dir, disk, _writer) = log_of(&[5, 300]);
    flip(&disk, "log/checkpoint", 3, 1);
    let mut seen = 0;
    let report = fsck(&disk, key().verifier(), |_: &mut (), _, _| (), |_, _| seen += 1).unwrap();
    assert_eq!((seen, report.checkpoint.as_ref().unwrap().size(), report.damage.len()), (300, 300, 1));
}

#[test]
fn a_published_checkpoint_of_another_tree_or_size_is_damage() {
    let (_dir, disk, _writer) = log_of(&[5, 300]);
    let (_dir2, other) = super::support::disk();
    let mut writer = LogWriter::create(&other, key()).unwrap();
    append(&mut writer, "b", 5);
    writer.commit(History::Keep).unwrap();
    let good = disk.read("log/history/5", 9_999).unwrap();

    disk.write("log/history/5", &other.read("log/history/5", 9_999).unwrap()).unwrap();
    assert!(matches!(check(&disk).damage[..], [LogError::RootMismatch { size: 5, .. }]));
    disk.write("log/history/5", &good).unwrap();
    disk.write("log/history/7", &good).unwrap();
    assert!(matches!(check(&disk).damage[..], [LogError::WrongSize { size: 5, .. }]));
    disk.remove("log/history/7").unwrap();
    disk.write("log/history/301", &good).unwrap();
    assert!(matches!(check(&disk).damage[..], [LogError::AheadOfCheckpoint { checkpoint: 300, .. }]));
}

#[test]
fn what_no_checkpoint_names_is_a_leftover() {
    let (_dir, disk, mut writer) = log_of(&[5, 300]);
    append(&mut writer, "b", 900);
    drop(writer);
    let strays =
        ["entries/000.p/9", "entries/1", "log/history/05", "log/tile/0/001.p/50", "log/tile/9/000", "log/x.tmp"];
    for path in strays {
        disk.write(path, b"garbage").unwrap();
    }
    let report = check(&disk);
    assert!(report.is_sound(), "{:?}", report.damage);
    let garbage = ["entries/001", "entries/002", "log/tile/0/001", "log/tile/0/002"];
    let mut expected: Vec<&str> = strays.into_iter().chain(garbage).collect();
    expected.sort_unstable();
    assert_eq!(report.leftovers, expected);
}

#[test]
fn the_list_of_findings_is_bounded() {
    let (_dir, disk, _writer) = log_of(&[2_000]);
    for (path, mut bytes) in files(&disk, "entries") {
        // The last byte of each entry: its text changes, the bundle's form does not.
        let mut at = 0;
        while at < bytes.len() {
            at += 2 + usize::from(u16::from_be_bytes([bytes[at], bytes[at + 1]]));
            bytes[at - 1] ^= 1;
        }
        disk.write(&path, &bytes).unwrap();
    }
    let report = check(&disk);
    assert_eq!((report.damage.len() as u64, report.damage_omitted), (1_000, 1_000));
}

#[test]
fn an_erased_entry_is_handed_over_as_such() {
    let (_dir, disk, _writer) = log_of(&[3]);
    disk.write("entries/000.p/3", b"\x00\x02a0\x00\x00\x00\x02a2").unwrap();
    let mut texts = Vec::new();
    let report = fsck(
        &disk,
        key().verifier(),
        |_: &mut (), _, text| text.map(<[u8]>::to_vec),
        |_, text| texts.push(text.take()),
    )
    .unwrap();
    assert!(report.is_sound());
    assert_eq!(texts, [Some(b"a0".to_vec()), None, Some(b"a2".to_vec())]);
}
