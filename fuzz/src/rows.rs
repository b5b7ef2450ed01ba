//! `rows`: a table of rows as a liar would commit it, and proofs from it. One root never answers one key in two ways, and
//! an honest table always answers.
//!
//! The liar chooses the rows in any order and, above them, the first key of every inner node; then it discloses what it
//! likes, several times.

use crate::lab::{RowsTree, disclosed_table};
use arbitrary::{Arbitrary, Unstructured};
use deedbook::rows::{self, Key, Kind, MemoryTree, Node, Root, Row, RowsError, Table};
use std::collections::{BTreeMap, BTreeSet};

pub use crate::corpus::none as seeds;

/// The most rows: three levels, and each lowest level from empty to full.
const MAX_ROWS: usize = 20;

/// Keys that are asked: all that rows may have, in two groups, so that keys differ in their first or their last byte.
const KEYS: u8 = 16;

#[derive(Arbitrary, Debug)]
struct Input {
    /// Key and value of each row, as they are committed.
    rows: Vec<(u8, u8)>,
    is_sorted: bool,
    /// Inner nodes with another first key than that of their first row.
    firsts: Vec<(u8, u8)>,
    proofs: Vec<Disclosure>,
}

/// One proof from the table.
#[derive(Arbitrary, Debug)]
struct Disclosure {
    /// A bit for each position.
    positions: u32,
    edits: Vec<Edit>,
}

#[derive(Arbitrary, Debug)]
enum Edit {
    Row(u8, u8, u8),
    Position(u8, u8),
    /// A proof node becomes any node of the tree.
    Node(u8, u8),
    /// A proof node gets another first key.
    First(u8, u8),
    Drop(u8),
    Twice(u8),
    Count(u8),
    Kind,
}

fn key(number: u8) -> Key {
    let mut bytes = [0; 32];
    (bytes[0], bytes[31]) = (number % KEYS / 4, number % 4);
    Key(bytes)
}

/// A tree whose inner nodes begin with any key.
struct Liar {
    nodes: Vec<Node>,
    count: usize,
}

impl Liar {
    fn new(rows: &[Row], firsts: &[(u8, u8)]) -> Liar {
        let count = rows.len();
        let mut nodes = vec![Node::default(); (2 * count).saturating_sub(1)];
        for (row, position) in rows.iter().zip(0..) {
            nodes[leaf_index(position, count)] = Node::leaf(row);
        }
        for index in (0..count.saturating_sub(1)).rev() {
            nodes[index] = Node::merge(&nodes[2 * index + 1], &nodes[2 * index + 2]);
            let lie = firsts.iter().find(|(at, _)| usize::from(*at) % (count - 1) == index);
            nodes[index].first = lie.map_or(nodes[index].first, |(_, first)| key(*first));
        }
        Liar { nodes, count }
    }

    /// Formats section 4: what the root is the hash of.
    fn root(&self) -> Root {
        let mut bytes = vec![Kind::Release.code()];
        bytes.extend((self.count as u64).to_be_bytes());
        bytes.extend(self.nodes.first().map_or([0; 64], Node::encode));
        Root(blake3::derive_key("deedbook v1 rows root", &bytes))
    }

    /// The siblings that are not known, in descending tree index.
    fn prove(&self, positions: &BTreeSet<usize>) -> Vec<Node> {
        let mut known: BTreeSet<usize> = positions.iter().map(|p| leaf_index(*p, self.count)).collect();
        let mut proof = Vec::new();
        while let Some(index) = known.pop_last().filter(|index| *index > 0) {
            let sibling = if index % 2 == 1 { index + 1 } else { index - 1 };
            if !known.remove(&sibling) {
                proof.push(self.nodes[sibling]);
            }
            known.insert((index - 1) / 2);
        }
        proof
    }
}

fn leaf_index(position: usize, count: usize) -> usize {
    let width = count.next_power_of_two();
    let lowest = 2 * count - width;
    if position < lowest { width - 1 + position } else { count - 1 + position - lowest }
}

/// What a prover hands over.
struct Proof {
    kind: Kind,
    count: u64,
    rows: Vec<(u64, Row)>,
    nodes: Vec<Node>,
}

impl Edit {
    fn apply(&self, proof: &mut Proof, tree: &Liar) {
        let (rows, nodes) = (proof.rows.len(), proof.nodes.len());
        match *self {
            Edit::Row(at, number, value) if rows > 0 => {
                proof.rows[usize::from(at) % rows].1 = Row { key: key(number), value: u64::from(value % 4) };
            }
            Edit::Position(at, position) if rows > 0 => proof.rows[usize::from(at) % rows].0 = position.into(),
            Edit::Node(at, node) if nodes > 0 => {
                proof.nodes[usize::from(at) % nodes] = tree.nodes[usize::from(node) % tree.nodes.len()];
            }
            Edit::First(at, first) if nodes > 0 => proof.nodes[usize::from(at) % nodes].first = key(first),
            Edit::Drop(at) if nodes > 0 => drop(proof.nodes.remove(usize::from(at) % nodes)),
            Edit::Twice(at) if nodes > 0 => {
                let at = usize::from(at) % nodes;
                proof.nodes.insert(at, proof.nodes[at]);
            }
            Edit::Count(count) => proof.count = count.into(),
            Edit::Kind => proof.kind = Kind::Register,
            Edit::Row(..) | Edit::Position(..) | Edit::Node(..) | Edit::First(..) | Edit::Drop(_) | Edit::Twice(_) => {}
        }
    }
}

/// Requires that all that is accepted under one root is one answer.
pub fn check(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else { return };
    let row = |(number, value): &(u8, u8)| Row { key: key(*number), value: u64::from(value % 4) };
    let mut committed: Vec<Row> = input.rows.iter().take(MAX_ROWS).map(row).collect();
    if input.is_sorted {
        committed.sort_unstable();
        committed.dedup();
    }
    let tree = Liar::new(&committed, &input.firsts);
    let root = tree.root();
    let mut answers: BTreeMap<Key, Vec<(u64, Row)>> = BTreeMap::new();
    if committed.windows(2).all(|w| w[0] < w[1]) && input.firsts.is_empty() {
        check_honest(&committed, &root);
        answers = (0..KEYS).map(|n| (key(n), all_rows(&committed, &key(n)))).collect();
    }
    for disclosure in input.proofs.iter().take(6) {
        let positions: BTreeSet<usize> = (0..committed.len()).filter(|p| disclosure.positions >> p & 1 == 1).collect();
        let mut proof = Proof {
            kind: Kind::Release,
            count: committed.len() as u64,
            rows: positions.iter().map(|p| (*p as u64, committed[*p])).collect(),
            nodes: if positions.is_empty() { Vec::new() } else { tree.prove(&positions) },
        };
        ask(&proof, &root, &committed, &mut answers);
        for edit in disclosure.edits.iter().take(4) {
            edit.apply(&mut proof, &tree);
            ask(&proof, &root, &committed, &mut answers);
        }
    }
}

/// Verifies a proof and asks it every key; what it answers must be what every other proof answered.
fn ask(proof: &Proof, root: &Root, committed: &[Row], answers: &mut BTreeMap<Key, Vec<(u64, Row)>>) {
    let Ok(mut table) = Table::verify(proof.kind, proof.count, root, &proof.rows, &proof.nodes) else { return };
    assert_eq!((proof.kind, proof.count), (Kind::Release, committed.len() as u64), "the root commits both");
    for (position, row) in table.rows() {
        assert_eq!(committed.get(*position as usize), Some(row), "position {position}");
    }
    for number in 0..KEYS {
        let Ok(found) = table.look_up(&key(number)) else { continue };
        let before = answers.entry(key(number)).or_insert_with(|| found.to_vec());
        assert_eq!(before, found, "two answers for key {number} under one root");
    }
}

fn all_rows(committed: &[Row], key: &Key) -> Vec<(u64, Row)> {
    committed.iter().zip(0..).filter(|(row, _)| row.key == *key).map(|(row, position)| (position, *row)).collect()
}

/// An honest table has one root, however it is built, and its prover answers every key.
fn check_honest(committed: &[Row], root: &Root) {
    assert_eq!(RowsTree::new(committed).root(Kind::Release), *root);
    assert_eq!(MemoryTree::new(Kind::Release, committed).map(|tree| tree.root()), Ok(*root));
    let count = committed.len() as u64;
    let read = |position: u64| -> Result<Row, RowsError> { Ok(committed[position as usize]) };
    for number in 0..KEYS {
        let found = rows::find_all(&[key(number)], count, read).expect("rows that ascend");
        let positions = rows::disclose(&found, count);
        let nodes = rows::prove(count, &positions, read, |_| Ok(None)).expect("rows that ascend");
        let naive = disclosed_table(committed, 0, &BTreeSet::from([key(number)]));
        assert_eq!((&positions, &nodes), (&naive.rows.iter().map(|r| r.position).collect(), &naive.proof));
        let disclosed: Vec<(u64, Row)> = positions.iter().map(|p| (*p, committed[*p as usize])).collect();
        let mut table = Table::verify(Kind::Release, count, root, &disclosed, &nodes).expect("an honest proof");
        assert_eq!(table.look_up(&key(number)), Ok(&all_rows(committed, &key(number))[..]));
        assert_eq!(table.finish(), Ok(()), "an honest proof has no row too many");
    }
}
