//! docs/formats/proof.md says how long a file is, and how long it can be: real files and every shape of tree are held to
//! both.

use super::*;
use crate::size::{Bytes, digits, hold, most_hashes, section};
use deedbook::rows::{self, Key, Node, Row, RowsError};
use deedbook::tlog::{Hash, ProofError, batch, leaf_hash};
use deedbook::verify::proof::{DisclosedRow, DisclosedTable};

/// Nodes of the combined proof for positions among `count` rows, by the real prover.
fn nodes(count: u64, positions: &[u64]) -> u64 {
    let row = |position: u64| Ok::<_, RowsError>(Row { key: Key::default(), value: position });
    rows::prove(count, positions, row, |_| Ok(Some(Node::default()))).unwrap().len() as u64
}

/// Hashes of the inclusion path for indices in a log of `size`, by the real prover.
fn hashes(size: u64, indices: &[u64]) -> u64 {
    let hash = leaf_hash(b"any");
    batch::prove(indices, size, |_| Ok::<Hash, ProofError>(hash)).unwrap().len() as u64
}

struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    /// Some of the numbers below a bound, ascending.
    fn some(&mut self, count: u64, bound: u64) -> Vec<u64> {
        let mut chosen = std::collections::BTreeSet::new();
        while (chosen.len() as u64) < count {
            chosen.insert(self.below(bound));
        }
        chosen.into_iter().collect()
    }
}

#[test]
fn the_example_of_the_pages_is_as_long_as_they_say() {
    hold(include_bytes!("../../../docs/formats/example.proof"));
}

/// Texts with everything that JSON escapes; identifiers with quotes; an erased entry, anchors, a signed catalogue.
#[test]
fn every_byte_of_a_file_is_in_the_pages_table() {
    let odd = "a \"quoted\" \\ title\n\ttab \u{1} \u{7f} é 中 \u{2028}";
    let licensor = key("north.example", 7);
    let s = story_with(|lab, dataset, admissions| {
        let grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[ABSENT, THIRD]));
        lab.admit_with(dataset, &ids(&["id:example/\"5\\"]), grant, |a| a.title = Some(odd.to_owned()));
        lab.admit(dataset, &ids(&[ABSENT]), grant);
        lab.correct(admissions[0]);
    });
    let mut lab = s.lab;
    lab.dispute(s.admissions[0]);
    lab.erase(s.admissions[1]);
    lab.state();
    let w = witness("witness.example", 21);
    let all: [&[&str]; 6] =
        [&[FIRST, FIRST_TOO], &[SECOND], &[THIRD], &[ABSENT], &["id:example/\"5\\"], &["id:example/none"]];
    for subset in 1..1_u32 << all.len() {
        let asked: Vec<&[&str]> =
            all.iter().enumerate().filter(|(i, _)| subset >> i & 1 == 1).map(|(_, w)| *w).collect();
        let mut plan = lab.plan(s.release, &works(&asked));
        hold(&plan.file(&lab).print());
        plan.anchors =
            [1, 2, s.release + 1].map(|size| lab.anchor(size, plan.size, &[(&w, "2026-03-01T00:00:00Z")])).to_vec();
        hold(&plan.file(&lab).print());
    }
}

/// Every subset of every small tree, of both kinds.
#[test]
fn no_small_tree_needs_more_hashes_than_the_bound() {
    for all in 1..=11_u64 {
        for bits in 1..1_u64 << all {
            let chosen: Vec<u64> = (0..all).filter(|i| bits >> i & 1 == 1).collect();
            let most = most_hashes(chosen.len() as u64, all);
            assert!(nodes(all, &chosen) <= most && hashes(all, &chosen) <= most, "{chosen:?} of {all}");
        }
    }
}

/// Where the leaves are 2^h and those disclosed are as far apart as can be, the bound is met: there is no better one.
#[test]
fn the_bound_is_met_by_leaves_that_are_spread_out() {
    for height in [4_u32, 10, 20] {
        let all = 1_u64 << height;
        for count in (1..=all.min(40)).chain([all.min(1_000)]) {
            let spread = |i: u64| i.reverse_bits() >> (64 - height);
            let mut chosen: Vec<u64> = (0..count).map(spread).collect();
            chosen.sort_unstable();
            let most = most_hashes(count, all);
            assert_eq!((nodes(all, &chosen), hashes(all, &chosen)), (most, most), "{count} of {all}");
        }
    }
}

#[test]
fn no_large_tree_needs_more_hashes_than_the_bound() {
    let mut random = Random(1);
    for round in 0..400 {
        let all = 2 + random.below(if round % 2 == 0 { 3_000 } else { 1 << 31 } - 3);
        let count = 1 + random.below(all.min(60));
        let mut chosen = random.some(count, all);
        if round % 4 > 1 {
            // Look-ups: each with its neighbours.
            chosen = chosen.iter().flat_map(|p| [p.saturating_sub(1), *p, (p + 1).min(all - 1)]).collect();
            chosen.sort_unstable();
            chosen.dedup();
        }
        let most = most_hashes(chosen.len() as u64, all);
        assert!(nodes(all, &chosen) <= most && hashes(all, &chosen) <= most, "{chosen:?} of {all}");
    }
}

/// Scattered look-ups share most of what is above them.
#[test]
fn many_look_ups_cost_what_the_page_calls_usual() {
    assert!(section().contains("k (log2(n / k) - 0.9)"));
    let mut random = Random(2);
    for (all, count) in [(10_000_000, 100), (10_000_000, 1_000), (1_000_000, 2_000), (100_000, 2_000)] {
        for rows in [2, 3] {
            let mut chosen: Vec<u64> =
                random.some(count, all - 3).iter().flat_map(|first| *first..first + rows).collect();
            chosen.sort_unstable();
            chosen.dedup();
            let usual = count as f64 * ((all as f64 / count as f64).log2() - 0.9);
            let found = nodes(all, &chosen) as f64;
            assert!(
                (found / usual - 1.0).abs() < 0.03,
                "{count} look-ups of {rows} rows in {all}: {found}, not {usual}"
            );
        }
    }
}

/// The depth of the lowest node above two rows of a table, and of each.
fn depths(count: u64, left: u64, right: u64) -> (u64, u64, u64) {
    let shape = rows::Shape::new(count).unwrap();
    // From 1 on, a node's number in binary is the way to it.
    let [a, b] = [left, right].map(|position| shape.leaf_index(position).unwrap() + 1);
    let (x, y) = (a.ilog2(), b.ilog2());
    let common = x.min(y);
    let differ = (a >> (x - common)) ^ (b >> (y - common));
    (u64::from(common) - u64::from(64 - differ.leading_zeros()), x.into(), y.into())
}

/// Every place where one work can be absent from 10 million rows: by a formula that agrees with the prover.
#[test]
fn the_absence_of_one_work_of_10_million() {
    const ALL: u64 = 10_000_000;
    let by_formula = |place: u64| {
        let (common, x, y) = depths(ALL, place - 1, place);
        x + y - common - 2
    };
    let mut random = Random(3);
    for place in (0..300).map(|_| 1 + random.below(ALL - 1)).chain([1, 1 << 21, 1 << 22, ALL / 2, ALL - 1]) {
        assert_eq!(by_formula(place), nodes(ALL, &[place - 1, place]), "{place}");
    }
    let bytes = Bytes::of_the_page();
    let table = |nodes: u64, rows: u64| {
        let row = |position| DisclosedRow { key: Key::default(), position, value: ALL };
        let rows = (ALL - rows..ALL).map(row).collect();
        bytes.table(&DisclosedTable { proof: vec![Node::default(); nodes as usize], rows, statement: ALL })
    };
    let mut how_many = [0_u64; 64];
    (1..ALL).for_each(|place| how_many[by_formula(place) as usize] += 1);
    let median = how_many
        .iter()
        .scan(0, |sum, n| {
            *sum += n;
            Some(*sum)
        })
        .position(|sum| sum >= ALL / 2)
        .unwrap() as u64;
    let worst = how_many.iter().rposition(|n| *n > 0).unwrap() as u64;
    let (usual, most) = (table(median, 2), table(worst, 2));
    println!("{median} nodes, {usual} bytes; at worst {worst}, {most} bytes; bound {}", most_hashes(2, ALL));
    assert!(usual < 4_096, "the aim");
    let grouped = |n: usize| format!("{},{:03}", n / 1000, n % 1000);
    let row = format!("| absent | 2 | {median} | {} | {worst} | {} |", grouped(usual), grouped(most));
    assert!(section().contains(&row), "{row}");
    assert!(worst <= most_hashes(2, ALL));
}

/// The whole file about one absent work, but for what entries and note say.
#[test]
fn the_worst_file_about_one_absent_work() {
    let bytes = Bytes::of_the_page();
    let (log, release, register) = (1 << 24, 1 << 24, 1_000);
    let table = |rows: u64, all: u64| {
        let disclosed = rows as usize * (bytes.of("a row") + digits(all) + digits(log));
        bytes.of("a table") + digits(log) + disclosed + most_hashes(rows, all) as usize * bytes.of("a node") - 2
    };
    let entries = 4 * (bytes.of("an entry") + digits(log)) - 1;
    let path = most_hashes(4, log) as usize * bytes.of("a hash") - 1;
    let claim = bytes.of("a claim") + bytes.of("an identifier") + 512 - 1;
    let tables = table(2, release) + 1 + table(8, register);
    let most = bytes.of("the file") + claim + entries + path + tables;
    println!("{most} bytes, the release's rows {}, the register's {}", table(2, release), table(8, register));
    assert!(section().contains(&format!("{},{:03} bytes", most / 1000, most % 1000)), "{most}");
}
