//! Sorted keys met with tables, one table or many: what is found is what a look at every row finds.

use super::lab::folder;
use deedbook::index::{RowsFile, join_all, write_rows};
use deedbook::rows::{Key, Kind, Row};
use deedbook::storage::Disk;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// Keys of which many have the same first bytes, some nothing but those, and the outermost are there.
fn key() -> impl Strategy<Value = Key> {
    let first = prop_oneof![Just(0), Just(u64::MAX), 0..6_u64];
    let last = prop_oneof![Just(0), Just(u64::MAX), 0..4_u64];
    (first, last).prop_map(|(first, last)| {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&first.to_be_bytes());
        key[24..].copy_from_slice(&last.to_be_bytes());
        Key(key)
    })
}

fn table(disk: &Disk, path: &str, mut rows: Vec<Row>) -> RowsFile {
    rows.sort_unstable();
    write_rows(disk, path, Kind::Catalogue, rows.into_iter().map(Ok)).unwrap();
    RowsFile::open(disk, path, Kind::Catalogue).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..ProptestConfig::default()
    })]

    #[test]
    fn joining_finds_what_looking_at_every_row_finds(
        tables in prop::collection::vec(prop::collection::vec((key(), 0..3_u64), 0..40), 0..4),
        keys in prop::collection::btree_set(key(), 0..12),
    ) {
        let dir = folder();
        let disk = Disk::open(dir.path()).unwrap();
        let keys: Vec<Key> = keys.into_iter().collect();
        let all: Vec<Vec<Row>> =
            tables.iter().map(|t| t.iter().map(|(key, value)| Row { key: *key, value: *value }).collect()).collect();
        let files: Vec<RowsFile> =
            all.iter().enumerate().map(|(i, rows)| table(&disk, &format!("index/sort/{i}"), rows.clone())).collect();
        let mut wanted = Vec::new();
        for (i, (rows, file)) in all.iter().zip(&files).enumerate() {
            let mut of_file: Vec<(usize, Row)> = Vec::new();
            for (place, key) in keys.iter().enumerate() {
                let mut with: Vec<Row> = rows.iter().filter(|row| row.key == *key).copied().collect();
                with.sort_unstable();
                with.dedup();
                if !with.is_empty() {
                    wanted.push((i, place));
                }
                of_file.extend(with.into_iter().map(|row| (place, row)));
            }
            let mut found = Vec::new();
            file.join(&keys, |place, row| found.push((place, row))).unwrap();
            prop_assert_eq!(&found, &of_file);
        }
        let mut found = Vec::new();
        join_all(&files.iter().collect::<Vec<_>>(), &keys, |table, place| found.push((table, place))).unwrap();
        prop_assert_eq!(found, wanted);
    }
}

/// Tables so much longer than the keys are searched, not read; longer than a block, they are read in several.
#[test]
fn long_tables_are_searched_or_read_to_the_same_end() {
    let dir = folder();
    let disk = Disk::open(dir.path()).unwrap();
    let key = |n: u64| deedbook::rows::work_key(&format!("id:example/{n}"));
    let rows = |from: u64| (from..from + 20_000).map(|n| Row { key: key(n), value: n }).collect::<Vec<_>>();
    let files = [table(&disk, "index/sort/a", rows(0)), table(&disk, "index/sort/b", rows(10_000))];
    for step in [4000, 50, 1] {
        let mut numbers: Vec<(Key, u64)> = (0..40_000).step_by(step).map(|n| (key(n), n)).collect();
        numbers.sort_unstable();
        let keys: Vec<Key> = numbers.iter().map(|(key, _)| *key).collect();
        let mut found = [Vec::new(), Vec::new()];
        join_all(&[&files[0], &files[1]], &keys, |table, place| found[table].push(numbers[place].1)).unwrap();
        for (found, from) in found.iter_mut().zip([0, 10_000]) {
            found.sort_unstable();
            let wanted: Vec<u64> = (0..40_000).step_by(step).filter(|n| (from..from + 20_000).contains(n)).collect();
            assert_eq!(*found, wanted, "every {step}th");
        }
    }
}
