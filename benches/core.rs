//! The core's hot paths: `cargo bench --bench core`.

use deedbook::rows::{Builder, Kind, MemoryTree, Row, RowsError, Table, disclose, find_all, register_key, work_key};
use deedbook::statement::terms::{Facts, cover};
use deedbook::statement::{Date, Identifier, Layer, Purpose, Statement, Use};
use deedbook::tlog::{Frontier, leaf_hash};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

fn rows(count: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..count).map(|n| Row { key: work_key(&format!("id:bench/{n}")), value: n }).collect();
    rows.sort_unstable();
    rows
}

/// Leaves hashed and pushed, a second; entries of 350 bytes.
#[divan::bench(args = [1_000, 100_000])]
fn tree(bencher: Bencher, count: usize) {
    let entry = vec![b'x'; 350];
    bencher.counter(divan::counter::ItemsCount::new(count)).bench(|| {
        let mut frontier = Frontier::new();
        (0..count).for_each(|_| frontier.push(leaf_hash(black_box(&entry))));
        frontier.root()
    });
}

#[divan::bench(args = [10_000, 1_000_000])]
fn rows_root(bencher: Bencher, count: u64) {
    let rows = rows(count);
    bencher.counter(divan::counter::ItemsCount::new(count)).bench(|| {
        let mut builder = Builder::new(Kind::Release, count, |_, _| Ok::<(), RowsError>(())).unwrap();
        rows.iter().for_each(|row| builder.push(*row).unwrap());
        builder.finish().unwrap()
    });
}

/// Complete look-ups proven together out of 100,000 rows: verified.
#[divan::bench(args = [1, 1_000])]
fn rows_verify(bencher: Bencher, asked: u64) {
    let rows = rows(100_000);
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    let mut keys: Vec<_> = (0..asked).map(|n| work_key(&format!("id:bench/{}", n * 90))).collect();
    keys.sort_unstable();
    let count = rows.len() as u64;
    let found = find_all(&keys, count, |p| Ok::<_, RowsError>(rows[p as usize])).unwrap();
    let positions = disclose(&found, count);
    let proof = tree.prove(&positions).unwrap();
    let disclosed: Vec<(u64, Row)> = positions.iter().map(|p| (*p, rows[*p as usize])).collect();
    bencher.counter(divan::counter::ItemsCount::new(asked)).bench(|| {
        let mut table = Table::verify(Kind::Release, count, &tree.root(), &disclosed, &proof).unwrap();
        keys.iter().for_each(|key| assert!(!table.look_up(key).unwrap().is_empty()));
        table.finish().unwrap();
    });
}

#[divan::bench]
fn keys(bencher: Bencher) {
    bencher.bench(|| (work_key(black_box("isbn:9780306406157")), register_key(black_box("entry:17"))));
}

const ADMISSION: &str = r#"{"at":"2026-02-01T08:00:00Z","dataset":2,"grants":{"text":4},"identifiers":["isbn:9780306406157"],"kind":"admission","licence":{"raw":"CC-BY-4.0","source":"catalogue:licence","spdx":"CC-BY-4.0"},"obligations":["attribution"],"parties":[{"name":"Ann Author","role":"author"},{"name":"North Press","role":"publisher"}],"salt":"izcOMSkUsxvwODJg2Waeww==","title":"A Book","v":1}"#;

#[divan::bench]
fn statement_parse(bencher: Bencher) {
    bencher.bench(|| Statement::parse(black_box(ADMISSION.as_bytes())).unwrap());
}

#[divan::bench]
fn statement_print(bencher: Bencher) {
    let statement = Statement::parse(ADMISSION.as_bytes()).unwrap();
    bencher.bench(|| black_box(&statement).print());
}

#[divan::bench]
fn identifier_parse(bencher: Bencher) {
    bencher.bench(|| Identifier::parse(black_box("isbn:9780306406157")).unwrap());
}

/// One question to the judge.
#[divan::bench]
fn judge(bencher: Bencher) {
    let terms = deedbook::licence::Rules::default_rules().open_grants("CC-BY-4.0").remove(0);
    let uses = [Use::GenerativeTraining];
    let need =
        deedbook::statement::terms::Need { uses: &uses, purpose: Purpose::Commercial, territories: &[], models: &[] };
    let facts = Facts { in_subject: true, ..Facts::default() };
    let day = Date::parse("2026-02-01").unwrap();
    bencher.bench(|| cover(black_box(&need), Layer::Text, black_box(&terms), facts, day));
}
