//! Single stages, in memory and on one core: hashing, the tree, rows, statements, catalogues, the judge.
//!
//! `cargo bench --bench core`, or `cargo bench --bench core -- encode` for one. Works are those of `make_catalogue`, with
//! two identifiers each.

#[allow(dead_code)]
#[path = "../examples/make_catalogue.rs"]
mod make_catalogue;

use deedbook::ingest::{Catalogue, Format};
use deedbook::licence::Rules;
use deedbook::rows::{self, Builder, Key, Kind, MemoryTree, Node, Row, RowsError, Table, disclose, find_all, work_key};
use deedbook::statement::terms::{Facts, Need, cover};
use deedbook::statement::{Admission, Date, Identifier, Layer, Purpose, Salt, Statement, Use, json};
use deedbook::tlog::tile::{FULL_WIDTH, encode_entry, encode_tile};
use deedbook::tlog::{Frontier, leaf_hash};
use divan::counter::{BytesCount, ItemsCount};
use divan::{Bencher, black_box};

/// An entry as a catalogue of books makes it: an admission with an ISBN and a DOI.
const ENTRY: &str = r#"{"at":"2026-02-01T08:00:00Z","dataset":2,"grants":{"text":4},"identifiers":["doi:10.1000/book.99999","isbn:9780002999984"],"kind":"admission","licence":{"raw":"CC-BY-4.0","source":"catalogue:licence","spdx":"CC-BY-4.0"},"obligations":["attribution"],"parties":[{"name":"Winter Shadow","role":"author"},{"name":"Meridian Books","role":"publisher"}],"salt":"izcOMSkUsxvwODJg2Waeww==","title":"House River Letter Daughter","v":1}"#;

/// The average of a million such entries.
const ENTRY_LEN: usize = 426;
const _: () = assert!(ENTRY.len() == ENTRY_LEN);

/// Rows of the table that is asked.
const TABLE_ROWS: u64 = 100_000;

fn main() {
    divan::main();
}

// --- hashing ---

/// The leaf of an entry, RFC 6962: SHA-256.
#[divan::bench(sample_size = 1000)]
fn hash_leaf(bencher: Bencher) {
    let counted = bencher.counter(ItemsCount::new(1u8)).counter(BytesCount::new(ENTRY_LEN));
    counted.bench(|| leaf_hash(black_box(ENTRY.as_bytes())));
}

/// The key of a work in rows: BLAKE3.
#[divan::bench(sample_size = 1000)]
fn hash_key(bencher: Bencher) {
    bencher.counter(ItemsCount::new(1u8)).bench(|| work_key(black_box("isbn:9780306406157")));
}

/// The digest of a file, as far as one core goes: BLAKE3.
#[divan::bench]
fn hash_content(bencher: Bencher) {
    let content = vec![b'x'; 1 << 20];
    bencher.counter(BytesCount::of_slice(&content)).bench(|| rows::blake3(black_box(&content)));
}

// --- the log's tree ---

/// Leaves hashed and pushed.
#[divan::bench(args = [1_000, 100_000])]
fn tree(bencher: Bencher, count: usize) {
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut frontier = Frontier::new();
        (0..count).for_each(|_| frontier.push(leaf_hash(black_box(ENTRY.as_bytes()))));
        frontier.root()
    });
}

// --- rows ---

/// Rows hashed to their root.
#[divan::bench(args = [10_000, 1_000_000])]
fn rows_build(bencher: Bencher, count: u64) {
    let rows = rows(count);
    bencher.counter(ItemsCount::new(count)).bench(|| {
        let mut builder = Builder::new(Kind::Release, count, |_, _| Ok::<(), RowsError>(())).unwrap();
        rows.iter().for_each(|row| builder.push(*row).unwrap());
        builder.finish().unwrap()
    });
}

/// Keys looked up, and one proof made for all.
#[divan::bench(args = [1, 1_000])]
fn rows_prove(bencher: Bencher, asked: u64) {
    let (rows, keys) = (rows(TABLE_ROWS), keys(asked));
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    bencher.counter(ItemsCount::new(asked)).bench(|| proven(black_box(&keys), &rows, &tree));
}

/// That proof verified, and every key looked up in it.
#[divan::bench(args = [1, 1_000])]
fn rows_verify(bencher: Bencher, asked: u64) {
    let (rows, keys) = (rows(TABLE_ROWS), keys(asked));
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    let (disclosed, proof) = proven(&keys, &rows, &tree);
    bencher.counter(ItemsCount::new(asked)).bench(|| {
        let mut table = Table::verify(Kind::Release, TABLE_ROWS, &tree.root(), &disclosed, &proof).unwrap();
        keys.iter().for_each(|key| assert!(!table.look_up(key).unwrap().is_empty()));
        table.finish().unwrap();
    });
}

// --- statements ---

#[divan::bench(sample_size = 1000)]
fn statement_parse(bencher: Bencher) {
    let counted = bencher.counter(ItemsCount::new(1u8)).counter(BytesCount::new(ENTRY_LEN));
    counted.bench(|| Statement::parse(black_box(ENTRY.as_bytes())).unwrap());
}

#[divan::bench(sample_size = 1000)]
fn statement_print(bencher: Bencher) {
    let statement = Statement::parse(ENTRY.as_bytes()).unwrap();
    let counted = bencher.counter(ItemsCount::new(1u8)).counter(BytesCount::new(ENTRY_LEN));
    counted.bench(|| black_box(&statement).print());
}

/// Admissions on their way to the log: salted, checked, printed, hashed, put in a bundle; with its tile.
#[divan::bench]
fn encode(bencher: Bencher) {
    let Statement::Admission(mut admission) = Statement::parse(ENTRY.as_bytes()).unwrap() else { unreachable!() };
    let counted = bencher.counter(ItemsCount::new(FULL_WIDTH)).counter(BytesCount::new(bundle(&mut admission).0.len()));
    counted.bench_local(|| bundle(black_box(&mut admission)));
}

/// A full bundle of an admission, each time with another salt, and its tile.
fn bundle(admission: &mut Admission) -> (Vec<u8>, Vec<u8>) {
    let (mut bundle, mut text, mut leaves) = (Vec::new(), Vec::new(), Vec::with_capacity(FULL_WIDTH.into()));
    for index in 0..FULL_WIDTH {
        admission.salt = Salt(rows::salt(&[7; 32], index.into()));
        admission.check().unwrap();
        text.clear();
        json::print_into(admission, &mut text);
        leaves.push(leaf_hash(&text));
        encode_entry(&mut bundle, &text).unwrap();
    }
    (bundle, encode_tile(&leaves))
}

#[divan::bench(sample_size = 1000)]
fn identifier_parse(bencher: Bencher) {
    bencher.counter(ItemsCount::new(1u8)).bench(|| Identifier::parse(black_box("isbn:9780306406157")).unwrap());
}

// --- catalogues ---

/// Records read, identifiers made canonical.
#[divan::bench(args = [10_000])]
fn catalogue_read(bencher: Bencher, count: u64) {
    let mut csv = Vec::new();
    make_catalogue::catalogue(count, true, false, &mut csv).unwrap();
    bencher.counter(ItemsCount::new(count)).counter(BytesCount::of_slice(&csv)).bench(|| {
        let records = Catalogue::open("books.csv", black_box(&*csv), Format::Csv, &[]).unwrap();
        assert!(records.map(|record| record.unwrap().identifiers.len()).all(|identifiers| identifiers == 2));
    });
}

// --- the judge ---

/// One question.
#[divan::bench(sample_size = 1000)]
fn judge(bencher: Bencher) {
    let terms = Rules::default_rules().open_grants("CC-BY-4.0").remove(0);
    let uses = [Use::GenerativeTraining];
    let need = Need { uses: &uses, purpose: Purpose::Commercial, territories: &[], models: &[] };
    let facts = Facts { in_subject: true, ..Facts::default() };
    let day = Date::parse("2026-02-01").unwrap();
    let counted = bencher.counter(ItemsCount::new(1u8));
    counted.bench(|| cover(black_box(&need), Layer::Text, black_box(&terms), facts, day));
}

// --- helpers ---

fn key(n: u64) -> Key {
    work_key(&format!("id:bench/{n}"))
}

fn rows(count: u64) -> Vec<Row> {
    let mut rows: Vec<Row> = (0..count).map(|n| Row { key: key(n), value: n }).collect();
    rows.sort_unstable();
    rows
}

/// Keys of works that the table has, spread over all.
fn keys(asked: u64) -> Vec<Key> {
    let mut keys: Vec<Key> = (0..asked).map(|n| key(n * (TABLE_ROWS / asked))).collect();
    keys.sort_unstable();
    keys
}

/// Rows disclosed, each with its position, and the nodes that prove them.
type Proven = (Vec<(u64, Row)>, Vec<Node>);

/// Complete look-ups, proven together.
fn proven(keys: &[Key], rows: &[Row], tree: &MemoryTree) -> Proven {
    let count = rows.len() as u64;
    let row = |position: u64| Ok::<_, RowsError>(rows[position as usize]);
    let positions = disclose(&find_all(keys, count, row).unwrap(), count);
    let node = |index: u64| Ok(Some(tree.nodes()[index as usize]));
    let proof = rows::prove(count, &positions, row, node).unwrap();
    (positions.iter().map(|position| (*position, rows[*position as usize])).collect(), proof)
}
