//! Files of a real ledger are as long as docs/formats/proof.md says.

use crate::files_size::{Bytes, hold};
use crate::lab::{Lab, books, isbn, release};
use deedbook::ledger::prove::prove;
use deedbook::verify::ProofFile;

/// 2,000 of 12,000 books asked, and as many that are in no release.
#[test]
fn a_catalogue_costs_what_the_page_calls_usual() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(0..12_000));
    lab.seal("books@v1");
    let view = lab.view();
    let asked = |numbers: &[u64]| numbers.iter().map(|n| vec![crate::lab::id(&isbn(*n))]).collect::<Vec<_>>();
    // Scattered in the log as they are in the rows.
    let present: Vec<u64> = (0..2_000).map(|i: u64| (i * 7_919) % 12_000).collect();
    let absent: Vec<u64> = (0..2_000).map(|i| 20_000 + i).collect();
    let both = [&present[..], &absent].concat();
    for numbers in [&present[..], &absent, &both, &present[..1], &absent[..1]] {
        let proven = prove(&view, &release("books@v1"), &asked(numbers)).unwrap();
        hold(&proven.bytes);
    }
    let usual = |numbers: &[u64], is_present: bool| {
        let proven = prove(&view, &release("books@v1"), &asked(numbers)).unwrap();
        let file = ProofFile::parse(&proven.bytes).unwrap();
        let bytes = Bytes::of_the_page();
        let entry = file.entries.iter().map(|entry| bytes.entry(entry)).sum::<usize>() / file.entries.len();
        let k = numbers.len() as f64;
        let hashes = |all: f64| (all / k).log2() - 0.9;
        let claim = 18 + 3 + "isbn:9780306406157".len();
        let row = bytes.of("a row") + 5 + 5;
        let look_up = hashes(12_000.0) * bytes.of("a node") as f64;
        let each = match is_present {
            true => (claim + entry + 3 * row) as f64 + look_up + hashes(12_006.0) * bytes.of("a hash") as f64,
            false => (claim + 2 * row) as f64 + look_up,
        };
        (proven.bytes.len() as f64 / k, each)
    };
    for (numbers, is_present) in [(&present[..500], true), (&absent[..500], false)] {
        let (found, said) = usual(numbers, is_present);
        println!("{found:.0} bytes for each work, {said:.0} by the page");
        assert!((found / said - 1.0).abs() < 0.06, "{found} bytes for each work, not {said}");
    }
}
