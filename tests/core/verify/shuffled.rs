//! Rows in any order: whatever a dishonest lab commits to, all that can be shown of one root is one answer.
//!
//! A release or a register of a random lab is sealed with some of its rows in each other's place. Then every look-up is
//! tried that could pass for complete: around the rows that have the key, and between any two neighbours, or at an edge,
//! where it could be missing. [`crate::rows`] does the same for tables alone, over all small trees.

use super::property::act;
use super::truth::Case;
use super::world::{World, chosen, day};
use super::*;
use deedbook::rows::{Key, Row, Table};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

/// How to answer a key from rows in whatever order they stand: around the rows that have it, and between any two
/// neighbours, or at an edge, where it could be missing.
fn windows(rows: &[Row], key: Key) -> Vec<BTreeSet<usize>> {
    let own: Vec<usize> = (0..rows.len()).filter(|p| rows[*p].key == key).collect();
    let around = own.iter().flat_map(|p| p.saturating_sub(1)..(p + 2).min(rows.len())).collect();
    let mut windows = if own.is_empty() { Vec::new() } else { vec![around] };
    let gaps = 0..rows.len().saturating_sub(1);
    windows.extend(gaps.filter(|p| rows[*p].key < key && key < rows[p + 1].key).map(|p| BTreeSet::from([p, p + 1])));
    windows.extend(rows.first().filter(|r| key < r.key).map(|_| BTreeSet::from([0])));
    windows.extend(rows.last().filter(|r| r.key < key).map(|_| BTreeSet::from([rows.len() - 1])));
    windows
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128, rng_seed: RngSeed::Fixed(41), failure_persistence: None, ..ProptestConfig::default()
    })]

    /// Whatever order the rows of a release or register stand in, all files over it that are accepted say the same.
    #[test]
    fn rows_out_of_order_give_one_answer(
        layers in 1..4u8,
        before in proptest::collection::vec(act(), 2..14),
        asked in 1..128u8,
        at in proptest::option::weighted(0.3, 0..120u8),
        is_state in any::<bool>(),
        swaps in proptest::collection::vec(any::<[usize; 2]>(), 1..4),
        picks in proptest::collection::vec(any::<[usize; 4]>(), 40),
    ) {
        let mut world = World::new(layers);
        before.iter().for_each(|a| world.act(a));
        let shuffle = |rows: &mut Vec<Row>, is_it: bool| {
            let n = rows.len();
            for [a, b] in swaps.iter().filter(|_| is_it && n > 0) {
                rows.swap(a % n, b % n);
            }
        };
        let release = world.lab.release_with(world.dataset, "final", |rows| shuffle(rows, !is_state), |_| {});
        let state = world.lab.state_with(|rows| shuffle(rows, is_state), |_| {});
        let lab = &world.lab;
        let shuffled = if is_state { state } else { release };
        let rows = &lab.tables[&shuffled].1;
        let root = rows_ref(lab.tables[&shuffled].0, rows).root;
        let work = [chosen(asked)];
        let question = Question { at: at.map(day), ..question("songs@final", &work) };
        let keys = lab.plan_at(release, state, &work).keys[&shuffled].clone();
        let mut answers = BTreeSet::new();
        for pick in &picks {
            let window = |(key, n): (&Key, usize)| {
                let windows = windows(rows, *key);
                windows.get(pick[n % 4] % windows.len().max(1)).cloned().unwrap_or_default()
            };
            let positions: BTreeSet<usize> = keys.iter().zip(0..).flat_map(window).collect();
            let table = table_of(rows, shuffled, &positions);
            let disclosed: Vec<(u64, Row)> = table.rows.iter().map(|r| r.at()).collect();
            if Table::verify(lab.tables[&shuffled].0, rows.len() as u64, &root, &disclosed, &table.proof).is_err() {
                continue; // and so no file with it is accepted; this spares the signatures
            }
            // What a verifier who sees these rows will want to see.
            let mut view = lab.clone();
            view.tables.get_mut(&shuffled).unwrap().1 = disclosed.iter().map(|(_, row)| *row).collect();
            let mut file = view.plan_at(release, state, &work).file(&view);
            *file.tables.iter_mut().find(|t| t.statement == shuffled).unwrap() = table;
            let facts = verify(&file.print(), &lab.trust(), &question);
            answers.extend(facts.ok().map(|f| format!("{:?}", Case::of(&f.works[0]))));
        }
        prop_assert!(answers.len() <= 1, "{:?}", answers);
    }
}
