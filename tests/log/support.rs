//! A key, entries that can be told apart, and folders that vanish.

use std::path::Path;

use deedbook::log::{History, LogReader, LogWriter};
use deedbook::storage::Disk;
use deedbook::tlog::{Hash, KeyKind, SigningKey, VerifiedCheckpoint, empty_root, leaf_hash, node_hash};
use tempfile::TempDir;

pub use super::random::Random;

pub const ORIGIN: &str = "example.com/deeds";

pub fn key() -> SigningKey {
    SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[7; 32]).unwrap()
}

/// A folder in memory where there is one: these tests sync thousands of times.
pub fn folder() -> TempDir {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { tempfile::tempdir_in(shm).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn disk() -> (TempDir, Disk) {
    let dir = folder();
    let disk = Disk::open(dir.path()).unwrap();
    (dir, disk)
}

/// The entry that `author` writes at `index`; two authors write different ones.
pub fn entry(author: &str, index: u64) -> Vec<u8> {
    format!("{author}{index}").into_bytes()
}

pub fn append(writer: &mut LogWriter, author: &str, size: u64) {
    for index in writer.size()..size {
        assert_eq!(writer.append(&entry(author, index)).unwrap(), index);
    }
}

/// A log by author `a` with a commit at each of the sizes.
pub fn log_of(sizes: &[u64]) -> (TempDir, Disk, LogWriter) {
    let (dir, disk) = disk();
    let mut writer = LogWriter::create(&disk, key()).unwrap();
    for &size in sizes {
        append(&mut writer, "a", size);
        writer.commit(History::Keep).unwrap();
    }
    (dir, disk, writer)
}

pub fn reader(disk: &Disk) -> LogReader {
    LogReader::open(disk, key().verifier()).unwrap()
}

pub fn published(disk: &Disk, size: u64) -> VerifiedCheckpoint {
    let note = disk.read(&format!("log/history/{size}"), 1 << 20).unwrap();
    VerifiedCheckpoint::open(str::from_utf8(&note).unwrap(), key().verifier()).unwrap()
}

/// MTH(D) word for word as in RFC 9162 section 2.1.1.
pub fn naive_root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let mut k = 1;
            while 2 * k < leaves.len() {
                k *= 2;
            }
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

pub fn leaves(author: &str, size: u64) -> Vec<Hash> {
    (0..size).map(|index| leaf_hash(&entry(author, index))).collect()
}

/// Every file below a folder and its bytes, by path.
pub fn files(disk: &Disk, dir: &str) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut files = std::collections::BTreeMap::new();
    for at in disk.list(dir).unwrap() {
        let path = if dir.is_empty() { at.name } else { format!("{dir}/{}", at.name) };
        if at.is_dir {
            files.extend(self::files(disk, &path));
        } else {
            files.insert(path.clone(), disk.read(&path, u64::MAX).unwrap());
        }
    }
    files
}

/// Flips bits of one byte of a file in place.
pub fn flip(disk: &Disk, path: &str, at: usize, bits: u8) {
    let mut bytes = disk.read(path, u64::MAX).unwrap();
    bytes[at] ^= bits;
    std::fs::write(disk.full_path(path).unwrap(), bytes).unwrap();
}
