//! The files of a log, as formats.md sections 1 and 2 settle them.

use std::collections::BTreeSet;

use deedbook::log::{History, LogWriter};
use deedbook::tlog::{Checkpoint, leaf_hash};

use super::support::*;

fn names(disk: &deedbook::storage::Disk, dir: &str) -> BTreeSet<String> {
    files(disk, dir).into_keys().collect()
}

fn set(paths: &[&str]) -> BTreeSet<String> {
    paths.iter().map(|path| path.to_string()).collect()
}

#[test]
fn a_ledger_of_256_entries_has_these_files() {
    let (_dir, disk, _writer) = log_of(&[256]);
    let expected =
        ["entries/000", "log/checkpoint", "log/history/256", "log/tile/0/000", "log/tile/1/000.p/1", "private/signed"];
    assert_eq!(names(&disk, ""), set(&expected));
    assert_eq!(disk.len("log/tile/0/000").unwrap(), 8_192);
    assert_eq!(disk.read("log/tile/1/000.p/1", 99).unwrap(), naive_root(&leaves("a", 256)).0);
}

#[test]
fn a_ledger_of_70_000_entries_has_273_full_tiles_and_the_partial_ones() {
    let (_dir, disk, _writer) = log_of(&[70_000]);
    let tiles = names(&disk, "log/tile");
    let full: BTreeSet<String> = (0..273).map(|index| format!("log/tile/0/{index:03}")).collect();
    let rest = ["log/tile/0/273.p/112", "log/tile/1/000", "log/tile/1/001.p/17", "log/tile/2/000.p/1"];
    assert_eq!(tiles, full.union(&set(&rest)).cloned().collect());
    assert_eq!(names(&disk, "entries").len(), 274);
    assert!(disk.exists("entries/273.p/112").unwrap());
}

#[test]
fn the_thousandth_tile_has_a_folder_of_its_own() {
    let (_dir, disk, _writer) = log_of(&[256_001]);
    for path in ["log/tile/0/x001/000.p/1", "entries/x001/000.p/1", "log/tile/0/999", "log/tile/1/003.p/232"] {
        assert!(disk.exists(path).unwrap(), "{path}");
    }
}

#[test]
fn a_bundle_is_u16_length_and_bytes_for_each_entry() {
    let (_dir, disk, _writer) = log_of(&[3]);
    assert_eq!(disk.read("entries/000.p/3", 99).unwrap(), b"\x00\x02a0\x00\x02a1\x00\x02a2");
    let hashes: Vec<u8> = leaves("a", 3).iter().flat_map(|leaf| leaf.0).collect();
    assert_eq!(disk.read("log/tile/0/000.p/3", 99).unwrap(), hashes);
}

#[test]
fn the_longest_entry_fits_its_bundle() {
    let (_dir, disk, mut writer) = log_of(&[1]);
    let longest = vec![b'x'; 65_535];
    writer.append(&longest).unwrap();
    let signed = writer.commit(History::Keep).unwrap();
    assert_eq!(reader(&disk).leaf(1).unwrap(), leaf_hash(&longest));
    assert_eq!(signed.size(), 2);
    assert_eq!(disk.len("entries/000.p/2").unwrap(), 2 + 2 + 2 + 65_535);
}

#[test]
fn partial_files_stay_until_their_tile_is_full() {
    let (_dir, disk, mut writer) = log_of(&[5, 100]);
    for path in ["entries/000.p/5", "log/tile/0/000.p/5", "entries/000.p/100"] {
        assert!(disk.exists(path).unwrap(), "readers of size 5 need {path}");
    }
    append(&mut writer, "a", 300);
    writer.commit(History::Keep).unwrap();
    let partial: Vec<String> = names(&disk, "").into_iter().filter(|path| path.contains(".p/")).collect();
    assert_eq!(partial, ["entries/001.p/44", "log/tile/0/001.p/44", "log/tile/1/000.p/1"]);
    assert!(!disk.exists("log/tile/0/000.p").unwrap());
}

#[test]
fn the_mark_is_the_text_of_the_checkpoint_and_private() {
    let (_dir, disk, writer) = log_of(&[5]);
    let mark = disk.read("private/signed", 999).unwrap();
    let Checkpoint { origin, size, root } = Checkpoint::parse(str::from_utf8(&mark).unwrap()).unwrap();
    assert_eq!((origin.as_str(), size, &root), (ORIGIN, 5, writer.committed().unwrap().root()));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let metadata = std::fs::metadata(disk.full_path("private/signed").unwrap()).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_checkpoint_replaces_no_published_one_with_cosignatures() {
    let (_dir, disk, writer) = log_of(&[5]);
    drop(writer);
    let cosigned = [disk.read("log/history/5", 9_999).unwrap(), "\u{2014} witness AAAAAAA=\n".into()].concat();
    disk.write_durable_atomic("log/history/5", &cosigned, deedbook::storage::Mode::Public).unwrap();
    LogWriter::open(&disk, key()).unwrap();
    assert_eq!(disk.read("log/history/5", 9_999).unwrap(), cosigned);
}

#[test]
fn a_published_checkpoint_that_a_crash_lost_is_published_again() {
    let (_dir, disk, writer) = log_of(&[5]);
    drop(writer);
    disk.remove("log/history/5").unwrap();
    LogWriter::open(&disk, key()).unwrap();
    assert_eq!(disk.read("log/history/5", 9_999).unwrap(), disk.read("log/checkpoint", 9_999).unwrap());
}
