//! Folders read: files of a track's size, small files, one big file; digests and what the files say of themselves.
//!
//! From the page cache: the files were written just before. Whole commands are in docs/performance.md.

use deedbook::ingest::{BIG_FILE_LEN, Beside, Progress, Reading, Scan, Walking};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};
use std::path::Path;
use tempfile::TempDir;

const READING: Reading =
    Reading { walking: Walking { follow: false, never: None }, sha256: false, describe: true, shards: false };

fn main() {
    divan::main();
}

fn folder(files: usize, len: usize, ending: &str) -> TempDir {
    let dir = TempDir::new().expect("a folder");
    for n in 0..files {
        let mut bytes = vec![b' '; len];
        bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
        std::fs::write(dir.path().join(format!("{n:06}.{ending}")), bytes).expect("a file");
    }
    dir
}

fn scan(root: &Path, reading: Reading) -> u64 {
    let none: Beside<&[u8]> = Beside::Nothing;
    let scan = Scan::folder(root, reading, none, std::iter::empty(), &Progress::default()).expect("a folder");
    scan.flat_map(|batch| batch.expect("files")).filter(|file| file.content.is_ok()).count() as u64
}

#[divan::bench(args = [false, true], sample_count = 10)]
fn tracks_of_4_mib(bencher: Bencher, sha256: bool) {
    let dir = folder(64, 4 << 20, "bin");
    let reading = Reading { sha256, ..READING };
    bencher.counter(BytesCount::new(256u64 << 20)).bench(|| black_box(scan(dir.path(), reading)));
}

#[divan::bench(sample_count = 10)]
fn files_of_1_kib(bencher: Bencher) {
    let dir = folder(10_000, 1024, "txt");
    bencher.counter(ItemsCount::new(10_000u64)).bench(|| black_box(scan(dir.path(), READING)));
}

#[divan::bench(sample_count = 10)]
fn one_big_file(bencher: Bencher) {
    let dir = folder(1, 4 * BIG_FILE_LEN as usize, "bin");
    bencher.counter(BytesCount::new(4 * BIG_FILE_LEN)).bench(|| black_box(scan(dir.path(), READING)));
}
