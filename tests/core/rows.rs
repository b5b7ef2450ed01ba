//! What rows promise: one root has one answer per key whatever the prover did, every proof is refused when anything in it
//! changes, and the streaming builder and prover make merkle-cbt's bytes. Formats section 4.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use deedbook::rows::*;
use proptest::prelude::*;

// ---------------------------------------------------------------------------------------------------------------------
// Honest tables

/// xorshift64*: the same rows in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// `count` sorted rows; some keys have several rows.
fn some_rows(count: u64, random: &mut Random) -> Vec<Row> {
    let mut rows = BTreeSet::new();
    while (rows.len() as u64) < count {
        let key = work_key(&format!("id:test/{}", random.below(count * 3 / 4 + 1)));
        rows.insert(Row { key, value: random.next() });
    }
    rows.into_iter().collect()
}

fn at(rows: &[Row], positions: &[u64]) -> Vec<(u64, Row)> {
    positions.iter().map(|&p| (p, rows[p as usize])).collect()
}

fn reader(rows: &[Row]) -> impl FnMut(u64) -> Result<Row, RowsError> {
    |p| Ok(rows[p as usize])
}

fn no_nodes(_: u64) -> Result<Option<Node>, RowsError> {
    Ok(None)
}

fn build(kind: Kind, rows: &[Row]) -> (Root, BTreeMap<u64, Node>) {
    let mut stored = BTreeMap::new();
    let keep = |index, node: &Node| {
        assert!(stored.insert(index, *node).is_none(), "node {index} comes once");
        Ok::<(), RowsError>(())
    };
    let mut builder = Builder::new(kind, rows.len() as u64, keep).unwrap();
    rows.iter().for_each(|row| builder.push(*row).unwrap());
    let root = builder.finish().unwrap();
    (root, stored)
}

fn subset(count: u64, bits: u64) -> Vec<u64> {
    (0..count).filter(|p| bits >> p & 1 == 1).collect()
}

/// Keys 1, 2, 3; 0 and 4 are below and above all of them.
fn small_key(k: u8) -> Key {
    Key([k; 32])
}

// ---------------------------------------------------------------------------------------------------------------------
// Keys, rows, files

#[test]
fn keys_salts_and_digests_are_blake3_in_its_standard_modes() {
    assert_eq!(work_key("isbn:9780306406157").0, blake3::derive_key("deedbook v1 work key", b"isbn:9780306406157"));
    assert_eq!(register_key("grant:g").0, blake3::derive_key("deedbook v1 register key", b"grant:g"));
    assert_ne!(work_key("grant:g"), register_key("grant:g"));
    let material: Vec<u8> = [[7; 32].as_slice(), &258u64.to_be_bytes()].concat();
    assert_eq!(salt(&[7; 32], 258), blake3::derive_key("deedbook v1 entry salt", &material)[..16]);
    // BLAKE3's own test vector for empty input.
    let empty = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262";
    assert_eq!(Key(deedbook::rows::blake3(b"")).to_string(), empty);
    let mut pieces = Blake3::new();
    pieces.update(b"dee");
    pieces.update(b"dbook");
    assert_eq!(pieces.finish(), deedbook::rows::blake3(b"deedbook"));
}

#[test]
fn only_canonical_base64_is_a_root() {
    let root = Root([0xff; 32]);
    let text = root.to_string();
    assert_eq!(text.parse::<Root>(), Ok(root));
    assert_eq!(root.to_hex(), "ff".repeat(32));
    assert_eq!(format!("{root:?}, {:?}", Key(root.0)), format!("Root({text}), Key({})", root.to_hex()));
    let short = "A".repeat(42) + "==";
    let loose_bits = text.replace("8=", "9=");
    for bad in [&text[..43], &format!("{text}="), &format!(" {text}"), &text.replace('/', "_"), &loose_bits, &short, ""]
    {
        assert_eq!(bad.parse::<Root>(), Err(RowsError::Base64 { expected_len: 32 }), "{bad:?}");
    }
}

#[test]
fn json_of_keys_roots_and_nodes_is_base64() {
    let node = Node { first: Key([1; 32]), hash: [2; 32] };
    let json = serde_json::to_string(&(node.first, Root(node.hash), node)).unwrap();
    let members: Vec<String> = serde_json::from_str(&json).unwrap();
    assert_eq!(members.iter().map(String::len).collect::<Vec<_>>(), [44, 44, 88]);
    assert_eq!(serde_json::from_str::<(Key, Root, Node)>(&json).unwrap(), (node.first, Root(node.hash), node));
    assert!(serde_json::from_str::<Node>(&format!("\"{}\"", members[0])).is_err(), "32 bytes are no node");
    assert!(serde_json::from_str::<Key>(&format!("\"{}\"", members[2])).is_err(), "64 bytes are no key");
}

#[test]
fn rows_sort_as_their_bytes_do() {
    let mut random = Random(1);
    let mut rows: Vec<Row> =
        (0..200).map(|_| Row { key: small_key(random.below(9) as u8), value: random.below(999) }).collect();
    rows.sort();
    assert!(rows.is_sorted_by_key(Row::encode));
    assert!(rows.iter().all(|row| Row::decode(&row.encode()) == *row));
    assert_eq!(rows[0].encode()[32..], rows[0].value.to_be_bytes());
}

#[test]
fn two_products_are_equal_where_their_rows_are() {
    let rows = some_rows(600, &mut Random(8));
    let of = |key: u8, rows: &mut dyn Iterator<Item = &Row>| {
        let mut product = KeyedProduct::new(&[key; 32]);
        rows.for_each(|row| product.take(row));
        product
    };
    let product = |rows: &mut dyn Iterator<Item = &Row>| of(3, rows);
    let all = product(&mut rows.iter());
    assert_eq!(product(&mut rows.iter().rev()), all, "in whatever order they come");
    let (some, others) = (product(&mut rows.iter().step_by(2)), product(&mut rows.iter().skip(1).step_by(2)));
    let mut merged = some.clone();
    merged.merge(&others);
    assert_eq!(merged, all);
    merged = others.clone();
    merged.merge(&some);
    assert_eq!(merged, all);
    // A row less, a row twice, another key. No two of these are equal either.
    let mut seen = vec![
        all,
        some,
        others,
        product(&mut rows[1..].iter()),
        product(&mut rows.iter().chain(&rows[..1])),
        product(&mut rows.iter().chain(&rows[..1]).chain(&rows[..1])),
        product(&mut std::iter::empty()),
        of(4, &mut rows.iter()),
    ];
    // A row with any other bit, in its key or its value.
    for bit in 0..8 * ROW_LEN {
        let mut bytes = rows[0].encode();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = Row::decode(&bytes);
        seen.push(product(&mut rows[1..].iter().chain([&changed])));
    }
    for (i, one) in seen.iter().enumerate() {
        assert!(!seen[i + 1..].contains(one), "{i}");
    }
}

#[test]
fn a_header_is_refused_when_any_byte_or_the_file_length_is_wrong() {
    let rows = RowsHeader { kind: Kind::Register, count: 1000 };
    let nodes = NodesHeader { rows, root: Root([9; 32]) };
    let (rows_len, nodes_len) = (24 + 40 * 1000, 64 + 64 * 127);
    assert_eq!(&rows.encode()[..], b"deedrows\0\0\0\x01\0\0\0\x03\0\0\0\0\0\0\x03\xe8");
    assert_eq!(RowsHeader::decode(&rows.encode(), rows_len), Ok(rows));
    assert_eq!(NodesHeader::decode(&nodes.encode(), nodes_len), Ok(nodes));
    assert_eq!((rows.row_offset(999), nodes.node_offset(0)), (24 + 40 * 999, 64));
    for byte in 0..24 {
        let (mut bad_rows, mut bad_nodes) = (rows.encode(), nodes.encode());
        bad_rows[byte] ^= 0x40;
        bad_nodes[byte] ^= 0x40;
        assert!(RowsHeader::decode(&bad_rows, rows_len).is_err(), "byte {byte}");
        // 936 rows store as many nodes as 1000 do: whoever reads the file compares the count with the table's.
        assert_ne!(NodesHeader::decode(&bad_nodes, nodes_len), Ok(nodes), "byte {byte}");
    }
    let mut reserved = nodes.encode();
    reserved[63] = 1;
    assert_eq!(NodesHeader::decode(&reserved, nodes_len), Err(RowsError::Reserved));
    for len in [0, rows_len - 1, rows_len + 1, rows_len + 40] {
        let refused = RowsError::FileLen { expected: rows_len, actual: len };
        assert_eq!(RowsHeader::decode(&rows.encode(), len), Err(refused));
    }
    for count in [MAX_COUNT + 1, u64::MAX / 40, u64::MAX] {
        let bytes = RowsHeader { kind: Kind::Release, count }.encode();
        let refused = RowsError::TooManyRows { count, limit: MAX_COUNT };
        assert_eq!(RowsHeader::decode(&bytes, count.wrapping_mul(40).wrapping_add(24)), Err(refused));
    }
}

#[test]
fn kinds_have_the_settled_codes() {
    let kinds = [Kind::Release, Kind::Catalogue, Kind::Register, Kind::IndexRun];
    assert_eq!(kinds.map(Kind::code), [1, 2, 3, 4]);
    assert_eq!(kinds.map(|kind| Kind::from_code(kind.code().into())), kinds.map(Ok));
    assert_eq!(Kind::from_code(0), Err(RowsError::Kind { code: 0 }));
    assert_eq!(Kind::from_code(257), Err(RowsError::Kind { code: 257 }));
}

// ---------------------------------------------------------------------------------------------------------------------
// The tree: shape, hashes, builder

#[test]
fn leaves_from_left_to_right_are_the_rows() {
    for count in 1..300 {
        let shape = Shape::new(count).unwrap();
        let (mut in_order, mut to_visit) = (Vec::new(), vec![0]);
        while let Some(index) = to_visit.pop() {
            if 2 * index + 2 < 2 * count - 1 {
                assert_eq!(shape.position(index), None);
                to_visit.extend([2 * index + 2, 2 * index + 1]);
            } else {
                in_order.push(index);
            }
        }
        for (position, &index) in in_order.iter().enumerate() {
            assert_eq!(shape.leaf_index(position as u64), Ok(index));
            assert_eq!(shape.position(index), Some(position as u64));
        }
        for index in 0..2 * count - 1 {
            let leftmost =
                std::iter::successors(Some(index), |i| Some(2 * i + 1)).take_while(|i| *i < 2 * count - 1).last();
            assert_eq!(shape.first_position(index), leftmost.and_then(|leaf| shape.position(leaf)));
        }
        let out = RowsError::PositionOutOfRange { position: count, count };
        assert_eq!(shape.leaf_index(count), Err(out));
        assert_eq!(shape.position(2 * count - 1), None);
    }
}

#[test]
fn five_rows_hash_as_the_manual_says() {
    let rows: Vec<Row> = (1..=5).map(|k| Row { key: small_key(k), value: k.into() }).collect();
    let leaf = |i: usize| blake3::derive_key("deedbook v1 row", &[rows[i].encode().as_slice(), &[0; 24]].concat());
    let merge = |l: [u8; 32], r: [u8; 32], right_first: u8| {
        blake3::derive_key("deedbook v1 row node", &[l, r, [right_first; 32], [0; 32]].concat())
    };
    let node1 = merge(merge(leaf(0), leaf(1), 2), leaf(2), 3);
    let top = merge(node1, merge(leaf(3), leaf(4), 5), 4);
    let bytes = [&[1][..], &5u64.to_be_bytes(), &[1; 32], &top].concat();
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    assert_eq!(tree.root().0, blake3::derive_key("deedbook v1 rows root", &bytes));
    assert_eq!(tree.root().to_string(), "c6ho0RQQs78K6D+BE/fHjfBktNuoCoj678Yu5o0VTks=");
    let indices: Vec<_> = rows.iter().map(|row| tree.nodes().iter().position(|n| *n == Node::leaf(row))).collect();
    assert_eq!(indices, [7, 8, 4, 5, 6].map(Some));
    assert_eq!(tree.prove(&[1, 2]), Ok(vec![tree.nodes()[7], tree.nodes()[2]]));
    let empty = [&[3][..], &[0; 72]].concat();
    assert_eq!(build(Kind::Register, &[]).0.0, blake3::derive_key("deedbook v1 rows root", &empty));
}

fn builder_agrees_with_the_crate(count: u64, random: &mut Random) {
    let rows = some_rows(count, random);
    let tree = MemoryTree::new(Kind::Catalogue, &rows).unwrap();
    let (root, stored) = build(Kind::Catalogue, &rows);
    assert_eq!(root, tree.root(), "{count} rows");
    // The stored nodes are exactly the first of the crate's array: a dense file by tree index.
    assert_eq!(stored.len() as u64, Shape::new(count).unwrap().stored_nodes());
    assert!(
        stored.iter().zip(tree.nodes()).enumerate().all(|(i, ((at, ours), theirs))| i as u64 == *at && ours == theirs)
    );
}

#[test]
fn the_streaming_builder_makes_merkle_cbts_tree() {
    let mut random = Random(2);
    (0..=64).for_each(|count| builder_agrees_with_the_crate(count, &mut random));
    for _ in 0..25 {
        let count = random.below(4000);
        builder_agrees_with_the_crate(count, &mut random);
    }
}

/// The same table in pieces: for every cut, the same root and the same nodes, each once.
fn pieces_agree_with_single_rows(rows: &[Row], most: u64) {
    let count = rows.len() as u64;
    let shape = Shape::new(count).unwrap();
    let mut stored = BTreeMap::new();
    let keep = |index, node: &Node| {
        assert!(stored.insert(index, *node).is_none(), "node {index} comes once");
        Ok::<(), RowsError>(())
    };
    let mut builder = Builder::new(Kind::Release, count, keep).unwrap();
    let mut next = 0;
    for top in shape.cut(most) {
        let positions = shape.positions(top);
        assert!(
            positions.start == next && (1..=most).contains(&(positions.end - next)),
            "{count}, {most}: {positions:?}"
        );
        next = positions.end;
        let rows = &rows[positions.start as usize..positions.end as usize];
        builder.push_piece(&Piece::new(Kind::Release, shape, top, rows).unwrap()).unwrap();
    }
    assert_eq!(next, count);
    assert_eq!((builder.finish().unwrap(), stored), build(Kind::Release, rows), "{count} by {most}");
}

#[test]
fn pieces_hashed_apart_make_the_same_table() {
    let mut random = Random(5);
    for count in 1..=70 {
        let rows = some_rows(count, &mut random);
        [2, 3, 4, 8, 15, 16, 64, 1_000].into_iter().for_each(|most| pieces_agree_with_single_rows(&rows, most));
    }
    for _ in 0..20 {
        let rows = some_rows(1 + random.below(4000), &mut random);
        [16, 100, 512].into_iter().for_each(|most| pieces_agree_with_single_rows(&rows, most));
    }
}

#[test]
fn a_piece_is_of_its_place_and_in_order() {
    let rows = some_rows(11, &mut Random(6));
    let shape = Shape::new(11).unwrap();
    let piece = |top, rows: &[Row]| Piece::new(Kind::Release, shape, top, rows);
    let tops: Vec<u64> = shape.cut(4).collect();
    let own = |top| {
        let positions = shape.positions(top);
        &rows[positions.start as usize..positions.end as usize]
    };
    for (few_or_many, actual) in [(&rows[1..4], 3), (&rows[..5], 5)] {
        assert_eq!(piece(tops[0], few_or_many).err(), Some(RowsError::Count { expected: 4, actual }));
    }
    assert!(piece(tops[0], &[]).is_err());
    let mut swapped = own(tops[1]).to_vec();
    swapped.swap(0, 1);
    assert_eq!(piece(tops[1], &swapped).err(), Some(RowsError::RowOrder { position: 5 }));
    let builder = || Builder::new(Kind::Release, 11, |_, _: &Node| Ok::<(), RowsError>(())).unwrap();
    let second = piece(tops[1], own(tops[1])).unwrap();
    assert_eq!(builder().push_piece(&second), Err(RowsError::PositionOrder { position: 0 }));
    let mut twice = builder();
    twice.push_piece(&piece(tops[0], &rows[4..8]).unwrap()).unwrap();
    assert_eq!(twice.push_piece(&second), Err(RowsError::RowOrder { position: 4 }), "its rows are not greater");
}

#[test]
fn stored_nodes_take_at_most_sixteen_bytes_a_row() {
    for count in [17, 1000, 1 << 20, (1 << 20) + 1, 10_000_000, MAX_COUNT] {
        let len = Shape::new(count).unwrap().stored_nodes() * NODE_LEN as u64;
        assert!((count * 7..=count * 16).contains(&len), "{len} bytes for {count} rows");
    }
}

#[test]
fn a_table_is_built_only_from_the_announced_number_of_ascending_rows() {
    let rows = some_rows(9, &mut Random(3));
    let builder = |count| Builder::new(Kind::Release, count, |_, _: &Node| Ok::<(), RowsError>(())).unwrap();
    let mut short = builder(10);
    rows.iter().for_each(|row| short.push(*row).unwrap());
    assert_eq!(short.finish(), Err(RowsError::Count { expected: 10, actual: 9 }));
    let mut long = builder(8);
    rows[..8].iter().for_each(|row| long.push(*row).unwrap());
    assert_eq!(long.push(rows[8]), Err(RowsError::Count { expected: 8, actual: 9 }));
    let mut twice = builder(9);
    twice.push(rows[4]).unwrap();
    assert_eq!(twice.push(rows[4]), Err(RowsError::RowOrder { position: 1 }));
    assert_eq!(twice.push(rows[3]), Err(RowsError::RowOrder { position: 1 }));
    let unsorted = [rows[1], rows[0]];
    assert_eq!(MemoryTree::new(Kind::Release, &unsorted).err(), Some(RowsError::RowOrder { position: 1 }));
    let too_many = vec![rows[0]; MEMORY_ROWS as usize + 1];
    let refused = RowsError::TooManyRows { count: MEMORY_ROWS + 1, limit: MEMORY_ROWS };
    assert_eq!(MemoryTree::new(Kind::Release, &too_many).err(), Some(refused));
    let count = MAX_COUNT + 1;
    let refused = Some(RowsError::TooManyRows { count, limit: MAX_COUNT });
    assert_eq!(Builder::new(Kind::Release, count, |_, _: &Node| Ok::<(), RowsError>(())).err(), refused);
}

// ---------------------------------------------------------------------------------------------------------------------
// The prover

fn prover_agrees_with_the_crate(rows: &[Row], tree: &MemoryTree, positions: &[u64]) {
    let count = rows.len() as u64;
    let proof = prove(count, positions, reader(rows), no_nodes).unwrap();
    assert_eq!(Ok(&proof), tree.prove(positions).as_ref(), "{positions:?} of {count}");
    let stored = Shape::new(count).unwrap().stored_nodes();
    let read_node = |index| {
        assert!(index < stored);
        Ok::<_, RowsError>(Some(tree.nodes()[index as usize]))
    };
    assert_eq!(prove(count, positions, reader(rows), read_node), Ok(proof.clone()));
    let table = Table::verify(Kind::Release, count, &tree.root(), &at(rows, positions), &proof);
    assert_eq!(table.unwrap().rows(), at(rows, positions));
}

#[test]
fn the_prover_makes_merkle_cbts_combined_proofs() {
    let mut random = Random(4);
    for count in 1..=8 {
        let rows = some_rows(count, &mut random);
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        (1..1 << count).for_each(|bits| prover_agrees_with_the_crate(&rows, &tree, &subset(count, bits)));
    }
    for _ in 0..40 {
        let count = 1 + random.below(3000);
        let rows = some_rows(count, &mut random);
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        let share = 1 + random.below(count);
        let mut positions: Vec<u64> = (0..count).filter(|_| random.below(count) < share).collect();
        positions.push(count - 1);
        positions.dedup();
        prover_agrees_with_the_crate(&rows, &tree, &positions);
    }
}

/// Every subset of every subset of small tables, and one of some large ones.
#[test]
fn a_narrowed_proof_is_the_one_that_would_have_been_made() {
    let mut random = Random(6);
    for count in 1..=7 {
        let rows = some_rows(count, &mut random);
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        for bits in 1u64..1 << count {
            let positions = subset(count, bits);
            let proof = tree.prove(&positions).unwrap();
            for wanted in (1..=bits).filter(|w| w & bits == *w).map(|w| subset(count, w)) {
                let narrowed = narrow(count, &at(&rows, &positions), &proof, &wanted);
                assert_eq!(narrowed, tree.prove(&wanted), "{wanted:?} of {positions:?} of {count}");
            }
        }
    }
    for _ in 0..20 {
        let count = 1 + random.below(3000);
        let rows = some_rows(count, &mut random);
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        let mut positions: Vec<u64> = (0..count).filter(|_| random.below(9) == 0).collect();
        positions.push(count - 1);
        positions.dedup();
        let wanted: Vec<u64> = positions.iter().copied().step_by(3).collect();
        let narrowed = narrow(count, &at(&rows, &positions), &tree.prove(&positions).unwrap(), &wanted);
        assert_eq!(narrowed, tree.prove(&wanted));
    }
    assert_eq!(narrow(0, &[], &[], &[]), Ok(vec![]));
}

#[test]
fn nothing_is_narrowed_to_what_was_not_disclosed() {
    let rows = some_rows(6, &mut Random(7));
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    let (disclosed, proof) = (at(&rows, &[1, 3, 4]), tree.prove(&[1, 3, 4]).unwrap());
    let to = |wanted: &[u64]| narrow(6, &disclosed, &proof, wanted);
    assert_eq!(to(&[]), Err(RowsError::NothingDisclosed));
    assert_eq!(to(&[1, 2]), Err(RowsError::NotDisclosed { position: 2 }));
    assert_eq!(to(&[4, 3]), Err(RowsError::PositionOrder { position: 3 }));
    assert_eq!(to(&[6]), Err(RowsError::PositionOutOfRange { position: 6, count: 6 }));
    let cut = narrow(6, &disclosed, &proof[1..], &[1]);
    assert!(matches!(cut, Err(RowsError::ProofLen { .. })), "{cut:?}");
    let beyond = [(9, rows[0])];
    assert_eq!(narrow(6, &beyond, &[], &[1]), Err(RowsError::PositionOutOfRange { position: 9, count: 6 }));
}

#[test]
fn no_proof_is_made_for_positions_that_make_no_sense() {
    let rows = some_rows(6, &mut Random(5));
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    let cases = [
        (vec![], RowsError::NothingDisclosed),
        (vec![2, 1], RowsError::PositionOrder { position: 1 }),
        (vec![2, 2], RowsError::PositionOrder { position: 2 }),
        (vec![6], RowsError::PositionOutOfRange { position: 6, count: 6 }),
        (vec![u64::MAX], RowsError::PositionOutOfRange { position: u64::MAX, count: 6 }),
        (vec![1 << 32], RowsError::PositionOutOfRange { position: 1 << 32, count: 6 }),
    ];
    for (positions, error) in cases {
        assert_eq!(tree.prove(&positions), Err(error.clone()));
        assert_eq!(prove(6, &positions, reader(&rows), no_nodes), Err(error));
    }
    assert_eq!(prove(0, &[], reader(&[]), no_nodes), Ok(vec![]));
}

/// The naive search, as an oracle.
fn scan(key: &Key, rows: &[Row]) -> Range<u64> {
    let start = rows.iter().filter(|row| row.key < *key).count() as u64;
    start..start + rows.iter().filter(|row| row.key == *key).count() as u64
}

proptest! {
    #[test]
    fn searching_finds_what_scanning_finds(
        spread in prop::collection::btree_set((0u8..40, 0u64..4), 0..60),
        asked in prop::collection::vec(0u8..42, 0..30),
        skew in prop::option::of(prop::sample::select(vec![0, 7, u8::MAX])),
    ) {
        // Skewed keys defeat interpolation: they differ only in the last byte.
        let byte = |k: u8, i: usize| if i == 31 { k } else { skew.unwrap_or(k.wrapping_mul(6)) };
        let key = |k: u8| Key(std::array::from_fn(|i| byte(k, i)));
        let mut rows: Vec<Row> = spread.into_iter().map(|(k, value)| Row { key: key(k), value }).collect();
        rows.sort();
        let count = rows.len() as u64;
        let mut keys: Vec<Key> = asked.into_iter().map(key).collect();
        keys.sort();
        let found = find_all(&keys, count, reader(&rows)).unwrap();
        let expected: Vec<_> = keys.iter().map(|key| scan(key, &rows)).collect();
        prop_assert_eq!(&found, &expected);
        let one_by_one: Result<Vec<_>, _> = keys.iter().map(|key| find(key, count, reader(&rows))).collect();
        prop_assert_eq!(one_by_one, Ok(expected));
        let mut union = BTreeSet::new();
        found.iter().for_each(|r| union.extend(r.start.saturating_sub(1)..(r.end + 1).min(count)));
        prop_assert_eq!(disclose(&found, count), union.into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn a_search_reads_few_rows_and_never_more_than_its_bound() {
    let count = 200_000;
    let rows: Vec<Row> = some_rows(count, &mut Random(6));
    let mut keys: Vec<Key> = (0..2000).map(|i| work_key(&format!("id:test/{}", i * 149))).collect();
    keys.sort();
    let mut reads = 0;
    let counting = |p: u64| {
        reads += 1;
        Ok::<_, RowsError>(rows[p as usize])
    };
    find_all(&keys, count, counting).unwrap();
    assert!(reads < 7 * keys.len(), "{reads} reads for {} uniform keys", keys.len());
    // Keys of somebody else's choice: most crowd at one end, so that every guess is far off.
    let crowded = |p: u64| std::array::from_fn(|i| (1u64 << (p >> 25)).to_be_bytes().get(i).copied().unwrap_or(0));
    let mut worst = 0;
    for missing in 0..64 {
        let mut reads = 0;
        let read = |p: u64| {
            reads += 1;
            Ok::<_, RowsError>(Row { key: Key(crowded(p)), value: p })
        };
        let mut key = Key(crowded(missing << 25));
        key.0[31] = 1;
        assert!(find(&key, MAX_COUNT, read).unwrap().is_empty());
        worst = worst.max(reads);
    }
    assert!(worst <= 16 + 31 + 1, "{worst} reads");
    let descending = [small_key(2), small_key(1)];
    assert_eq!(find_all(&descending, count, reader(&rows)), Err(RowsError::KeyOrder { index: 1 }));
}

// ---------------------------------------------------------------------------------------------------------------------
// Complete look-ups

/// Every table of at most 8 rows over keys 1, 2, 3: up to three rows of one key.
fn small_tables() -> Vec<Vec<Row>> {
    let table = |counts: [u64; 3]| -> Vec<Row> {
        (0..3).flat_map(|k| (0..counts[k]).map(move |value| Row { key: small_key(k as u8 + 1), value })).collect()
    };
    let all = (0..64).map(|i| table([i % 4, i / 4 % 4, i / 16]));
    all.filter(|rows| rows.len() <= 8).collect()
}

#[test]
fn a_look_up_answers_exactly_when_rows_neighbours_and_edges_are_disclosed() {
    for rows in small_tables().into_iter().filter(|rows| !rows.is_empty()) {
        let count = rows.len() as u64;
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        for bits in 1..1 << count {
            let positions = subset(count, bits);
            let proof = tree.prove(&positions).unwrap();
            let disclosed = at(&rows, &positions);
            let mut table = Table::verify(Kind::Release, count, &tree.root(), &disclosed, &proof).unwrap();
            let mut needed = BTreeSet::new();
            for key in (0..=4).map(small_key) {
                let answer = scan(&key, &rows);
                let must: Vec<u64> = disclose(std::slice::from_ref(&answer), count);
                if must.iter().all(|p| positions.contains(p)) {
                    assert_eq!(table.look_up(&key), Ok(&at(&rows, &answer.collect::<Vec<_>>())[..]));
                    needed.extend(must);
                } else {
                    assert_eq!(table.look_up(&key), Err(RowsError::Incomplete { key }));
                }
            }
            let unused = positions.iter().find(|p| !needed.contains(p));
            assert_eq!(table.finish().err(), unused.map(|&position| RowsError::UnusedRow { position }));
        }
    }
}

#[test]
fn an_empty_table_proves_every_key_absent() {
    let (root, _) = build(Kind::Register, &[]);
    let mut table = Table::verify(Kind::Register, 0, &root, &[], &[]).unwrap();
    assert_eq!(table.look_up(&small_key(1)), Ok(&[][..]));
    assert_eq!(table.finish(), Ok(()));
    assert!(Table::verify(Kind::Release, 0, &root, &[], &[]).is_err(), "an empty table has a kind too");
    let refused = RowsError::ProofLen { expected: 0, actual: 1 };
    assert_eq!(Table::verify(Kind::Register, 0, &root, &[], &[Node::default()]).err(), Some(refused));
    let (one, _) = build(Kind::Register, &[Row { key: small_key(1), value: 0 }]);
    assert_eq!(Table::verify(Kind::Register, 1, &one, &[], &[]).err(), Some(RowsError::NothingDisclosed));
}

#[test]
fn thousands_of_look_ups_share_one_proof() {
    let rows = some_rows(30_000, &mut Random(7));
    let (root, stored) = build(Kind::Release, &rows);
    let mut keys: Vec<Key> = (0..3000).map(|i| work_key(&format!("id:test/{}", i * 11))).collect();
    keys.sort();
    let found = find_all(&keys, 30_000, reader(&rows)).unwrap();
    assert!(found.iter().any(|r| r.is_empty()) && found.iter().any(|r| r.end - r.start > 1));
    let positions = disclose(&found, 30_000);
    let proof = prove(30_000, &positions, reader(&rows), |i| Ok::<_, RowsError>(stored.get(&i).copied())).unwrap();
    let mut table = Table::verify(Kind::Release, 30_000, &root, &at(&rows, &positions), &proof).unwrap();
    for (key, range) in keys.iter().zip(found) {
        assert_eq!(table.look_up(key), Ok(&at(&rows, &range.collect::<Vec<_>>())[..]));
    }
    assert_eq!(table.finish(), Ok(()));
}

/// A path to the top with made-up siblings stands for a table too large to build.
#[test]
fn the_largest_table_is_verified_without_overflow() {
    let count = MAX_COUNT;
    let shape = Shape::new(count).unwrap();
    for position in [0, shape.lowest() - 1, shape.lowest(), count - 1] {
        let row = Row { key: small_key(2), value: position };
        let (mut index, mut node, mut proof) = (shape.leaf_index(position).unwrap(), Node::leaf(&row), vec![]);
        while index > 0 {
            let on_left = index % 2 == 1;
            let sibling = Node { first: small_key(if on_left { 3 } else { 1 }), hash: [proof.len() as u8; 32] };
            node = if on_left { Node::merge(&node, &sibling) } else { Node::merge(&sibling, &node) };
            proof.push(sibling);
            index = (index - 1) / 2;
        }
        let bytes = [&[1][..], &count.to_be_bytes(), &node.encode()].concat();
        let root = Root(blake3::derive_key("deedbook v1 rows root", &bytes));
        assert!(Table::verify(Kind::Release, count, &root, &[(position, row)], &proof).is_ok(), "position {position}");
        let wrapped = [(position + (1 << 32), row)];
        let out = RowsError::PositionOutOfRange { position: wrapped[0].0, count };
        assert_eq!(Table::verify(Kind::Release, count, &root, &wrapped, &proof).err(), Some(out));
        let refused = RowsError::TooManyRows { count: count + 1, limit: MAX_COUNT };
        assert_eq!(Table::verify(Kind::Release, count + 1, &root, &[(position, row)], &proof).err(), Some(refused));
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Attack: change anything in an honest proof

struct Case {
    kind: Kind,
    count: u64,
    root: Root,
    rows: Vec<(u64, Row)>,
    proof: Vec<Node>,
}

impl Case {
    fn verify(&self) -> Result<Table, RowsError> {
        Table::verify(self.kind, self.count, &self.root, &self.rows, &self.proof)
    }

    fn refused(&self, what: &str, change: impl FnOnce(&mut Case)) {
        let Case { kind, count, root, ref rows, ref proof } = *self;
        let mut changed = Case { kind, count, root, rows: rows.clone(), proof: proof.clone() };
        change(&mut changed);
        assert!(changed.verify().is_err(), "{what} changed, {count} rows");
    }
}

#[test]
fn an_honest_proof_is_refused_when_anything_in_it_changes() {
    let mut random = Random(8);
    for count in 1..=10 {
        let rows = some_rows(count, &mut random);
        let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
        for _ in 0..12 {
            let positions = subset(count, 1 + random.below((1 << count) - 1));
            let proof = tree.prove(&positions).unwrap();
            let case = Case { kind: Kind::Release, count, root: tree.root(), rows: at(&rows, &positions), proof };
            assert!(case.verify().is_ok());
            change_each_field(&case);
        }
    }
}

fn change_each_field(case: &Case) {
    for (i, byte, bit) in (0..case.rows.len()).flat_map(|i| (0..ROW_LEN).flat_map(move |b| [(i, b, 1), (i, b, 0x80)])) {
        case.refused("row", |c| {
            let mut bytes = c.rows[i].1.encode();
            bytes[byte] ^= bit;
            c.rows[i].1 = Row::decode(&bytes);
        });
    }
    for (i, byte, bit) in (0..case.proof.len()).flat_map(|i| (0..NODE_LEN).flat_map(move |b| [(i, b, 1), (i, b, 0x80)]))
    {
        case.refused("proof hash", |c| {
            let mut bytes = c.proof[i].encode();
            bytes[byte] ^= bit;
            c.proof[i] = Node::decode(&bytes);
        });
    }
    for i in 0..case.rows.len() {
        for position in (0..case.count + 2).chain([u64::MAX, 1 << 31, 1 << 32]).filter(|p| *p != case.rows[i].0) {
            case.refused("position", |c| c.rows[i].0 = position);
        }
        case.refused("row dropped", |c| _ = c.rows.remove(i));
        case.refused("row twice", |c| c.rows.insert(i, c.rows[i]));
        for j in 0..i {
            case.refused("rows swapped", |c| c.rows.swap(i, j));
            case.refused("positions kept, rows swapped", |c| (c.rows[i].1, c.rows[j].1) = (c.rows[j].1, c.rows[i].1));
        }
    }
    for i in 0..case.proof.len() {
        case.refused("hash dropped", |c| _ = c.proof.remove(i));
        case.refused("hash twice", |c| c.proof.insert(i, c.proof[i]));
        (0..i).for_each(|j| case.refused("hashes swapped", |c| c.proof.swap(i, j)));
    }
    case.refused("hash added", |c| c.proof.push(Node::default()));
    case.refused("count", |c| c.count += 1);
    case.refused("count", |c| c.count -= 1);
    case.refused("count", |c| c.count += 1 << 32);
    for kind in [Kind::Catalogue, Kind::Register, Kind::IndexRun] {
        case.refused("kind", |c| c.kind = kind);
    }
    (0..32).for_each(|byte| case.refused("root", |c| c.root.0[byte] ^= 1));
}

#[test]
fn a_refusal_says_what_is_wrong() {
    let rows = some_rows(7, &mut Random(9));
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    let proof = tree.prove(&[2, 3]).unwrap();
    let verify = |rows: &[(u64, Row)], proof: &[Node]| Table::verify(Kind::Release, 7, &tree.root(), rows, proof).err();
    let honest = at(&rows, &[2, 3]);
    let lengths = RowsError::ProofLen { expected: proof.len(), actual: proof.len() - 1 };
    assert_eq!(verify(&honest, &proof[1..]), Some(lengths));
    assert_eq!(verify(&[honest[0], honest[0]], &proof), Some(RowsError::PositionOrder { position: 2 }));
    assert_eq!(verify(&[(2, rows[3]), (3, rows[2])], &proof), Some(RowsError::RowOrder { position: 3 }));
    let out = RowsError::PositionOutOfRange { position: 7, count: 7 };
    assert_eq!(verify(&[(7, rows[3])], &proof), Some(out));
    let mut other = proof.clone();
    other[0].hash = [0; 32];
    assert!(
        matches!(verify(&honest, &other), Some(RowsError::RootMismatch { expected, .. }) if expected == tree.root())
    );
}

// ---------------------------------------------------------------------------------------------------------------------
// Attack: a dishonest prover's tree, any rows in any order under any separators

/// A tree whose rows and separators are the prover's choice. `firsts[i]` is what node i is said to begin with; hashes
/// commit it where i is a right child or the top. Any other choice for a proof is refused with the hashes.
struct Dishonest {
    rows: Vec<Row>,
    firsts: Vec<Key>,
    hashes: Vec<[u8; 32]>,
    root: Root,
}

/// Nodes whose `first` is committed: the top and the right children, one for each row.
fn committed(count: usize) -> impl Iterator<Item = usize> {
    (0..2 * count - 1).step_by(2)
}

/// Hashing a context anew for each of millions of roots would double the test's time.
fn root_of(count: u64, top: &Node) -> Root {
    use blake3::hazmat::{HasherExt, hash_derive_key_context};
    static CONTEXT: std::sync::LazyLock<[u8; 32]> =
        std::sync::LazyLock::new(|| hash_derive_key_context("deedbook v1 rows root"));
    let mut hasher = blake3::Hasher::new_from_context_key(&CONTEXT);
    hasher.update(&[1]).update(&count.to_be_bytes()).update(&top.encode());
    Root(*hasher.finalize().as_bytes())
}

impl Dishonest {
    fn new(rows: Vec<Row>, separators: &[Key]) -> Self {
        let count = rows.len();
        let shape = Shape::new(count as u64).unwrap();
        let mut firsts = vec![Key::default(); 2 * count - 1];
        committed(count).zip(separators).for_each(|(i, key)| firsts[i] = *key);
        (1..firsts.len()).step_by(2).for_each(|left| firsts[left] = firsts[left / 2]);
        let mut hashes = vec![[0; 32]; 2 * count - 1];
        for (position, row) in rows.iter().enumerate() {
            hashes[shape.leaf_index(position as u64).unwrap() as usize] = Node::leaf(row).hash;
        }
        for i in (0..count - 1).rev() {
            let child = |c: usize| Node { first: firsts[c], hash: hashes[c] };
            hashes[i] = Node::merge(&child(2 * i + 1), &child(2 * i + 2)).hash;
        }
        let root = root_of(count as u64, &Node { first: firsts[0], hash: hashes[0] });
        Self { rows, firsts, hashes, root }
    }

    /// The proof for some positions, its nodes found naively: siblings of what is known, from the bottom up.
    fn open(&self, positions: &[u64]) -> Result<Table, RowsError> {
        let count = self.rows.len() as u64;
        let shape = Shape::new(count).unwrap();
        let mut known = vec![false; self.firsts.len()];
        positions.iter().for_each(|&p| known[shape.leaf_index(p).unwrap() as usize] = true);
        let mut proof = Vec::new();
        for right in (2..known.len()).step_by(2).rev() {
            for (i, sibling) in [(right, right - 1), (right - 1, right)] {
                if !known[i] && known[sibling] {
                    proof.push(Node { first: self.firsts[i], hash: self.hashes[i] });
                }
            }
            known[right / 2 - 1] |= known[right] || known[right - 1];
        }
        Table::verify(Kind::Release, count, &self.root, &at(&self.rows, positions), &proof)
    }
}

/// All answers that a root gives, by key; the test's claim is that no key gets a second one.
#[derive(Default)]
struct Answers([Option<Vec<(u64, Row)>>; 3]);

impl Answers {
    fn add(&mut self, table: &mut Table, tree: &Dishonest) {
        for k in 0..3 {
            if let Ok(rows) = table.look_up(&small_key(k as u8 + 1)) {
                let first = self.0[k].get_or_insert_with(|| rows.to_vec());
                assert_eq!(first, rows, "key {k} has two answers: {:?} under {:?}", tree.rows, tree.firsts);
            }
        }
    }
}

/// `digits` of `number` in base 3.
fn base3(mut number: u64, digits: usize) -> Vec<u8> {
    let mut next = || {
        let digit = (number % 3) as u8;
        number /= 3;
        digit
    };
    (0..digits).map(|_| next()).collect()
}

fn dishonest(digits: &[u8], values: impl Fn(usize) -> u64) -> Dishonest {
    let (keys, separators) = digits.split_at(digits.len() / 2);
    let rows = keys.iter().enumerate().map(|(i, &k)| Row { key: small_key(k + 1), value: values(i) }).collect();
    Dishonest::new(rows, &separators.iter().map(|&k| small_key(k + 1)).collect::<Vec<_>>())
}

/// Every tree of up to four rows: three keys and two values for each row, three keys for each separator and for the top's
/// first; every set of positions.
#[test]
fn no_tree_of_four_rows_gives_a_key_two_answers() {
    let mut opened = 0;
    for count in 1..=4 {
        for values in 0..1 << count {
            for number in 0..9u64.pow(count as u32) {
                let tree = dishonest(&base3(number, 2 * count), |i| values >> i & 1);
                let mut answers = Answers::default();
                for bits in 1..1 << count {
                    if let Ok(mut table) = tree.open(&subset(count as u64, bits)) {
                        opened += 1;
                        answers.add(&mut table, &tree);
                    }
                }
            }
        }
    }
    assert!(opened > 100_000, "only {opened} openings: the test tests nothing");
}

#[test]
fn random_larger_trees_give_no_key_two_answers() {
    let mut random = Random(10);
    let (mut opened, mut lied) = (0, 0);
    for round in 0..6000 {
        let count = 5 + (round % 12) as usize;
        // An honest tree first, as random ones open nowhere; then a few rows and separators are changed.
        let mut keys: Vec<u8> = (0..count).map(|_| random.below(3) as u8).collect();
        keys.sort();
        let shape = Shape::new(count as u64).unwrap();
        let first = |i: usize| keys[shape.first_position(i as u64).unwrap() as usize];
        let mut digits: Vec<u8> = keys.iter().copied().chain(committed(count).map(first)).collect();
        for _ in 0..round % 5 {
            digits[random.below(2 * count as u64) as usize] = random.below(3) as u8;
        }
        let tree = dishonest(&digits, |i| i as u64);
        let mut answers = Answers::default();
        for (a, b) in (0..count as u64).flat_map(|a| (a..count as u64).map(move |b| (a, b))) {
            if let Ok(mut table) = tree.open(&(a..=b).collect::<Vec<_>>()) {
                opened += 1;
                lied += u64::from(!tree.rows.is_sorted());
                answers.add(&mut table, &tree);
            }
        }
    }
    assert!(opened > 100_000 && lied > 10_000, "{opened} openings, {lied} of dishonest trees");
}

/// What the rule of separators says about one opening of a tree: comparisons between digits (row keys, then separators),
/// written from the format's text, without hashes and so fast enough for all trees of seven rows.
struct Opening {
    range: Range<usize>,
    /// digits[.0] <= digits[.1]
    at_most: Vec<(usize, usize)>,
    /// digits[.0] == digits[.1]: what the verifier computes itself is what the hashes commit.
    equal: Vec<(usize, usize)>,
}

impl Opening {
    fn new(count: usize, range: Range<usize>) -> Self {
        let shape = Shape::new(count as u64).unwrap();
        let first = |i: usize| shape.first_position(i as u64).unwrap() as usize;
        let mut opening = Self { range: range.clone(), at_most: vec![], equal: vec![] };
        for (nth, node) in committed(count).enumerate() {
            let separator = count + nth;
            if range.contains(&first(node)) {
                opening.equal.push((first(node), separator));
            }
            if node > 0 {
                // The right child of an inner node: rows lie left of it from `from`, below it from `middle` to `end`.
                let (from, middle) = (first(node - 1), first(node));
                let end = (middle..count).find(|&p| !below(&shape, p, node)).unwrap_or(count);
                opening.at_most.extend(range.clone().filter(|p| (from..middle).contains(p)).map(|p| (p, separator)));
                opening.at_most.extend(range.clone().filter(|p| (middle..end).contains(p)).map(|p| (separator, p)));
            }
        }
        opening.at_most.extend(range.clone().skip(1).map(|p| (p - 1, p)));
        opening
    }

    fn is_accepted(&self, digits: &[u8]) -> bool {
        self.equal.iter().all(|&(a, b)| digits[a] == digits[b])
            && self.at_most.iter().all(|&(a, b)| digits[a] <= digits[b])
    }

    /// The complete answer for key `k`, if this opening gives one: its positions.
    fn answer(&self, digits: &[u8], k: u8, count: usize) -> Option<Range<usize>> {
        let place =
            |wanted: &dyn Fn(u8) -> bool| self.range.start + self.range.clone().filter(|&p| wanted(digits[p])).count();
        let (start, end) = (place(&|key| key < k), place(&|key| key <= k));
        let settled = (start > self.range.start || start == 0) && (end < self.range.end || end == count);
        // An absent key has no position of its own: every absence is the same answer.
        settled.then_some(if start == end { 0..0 } else { start..end })
    }
}

fn below(shape: &Shape, position: usize, node: usize) -> bool {
    let mut index = shape.leaf_index(position as u64).unwrap() as usize;
    while index > node {
        index = (index - 1) / 2;
    }
    index == node
}

fn openings(count: usize) -> Vec<Opening> {
    (0..count).flat_map(|a| (a + 1..=count).map(move |b| Opening::new(count, a..b))).collect()
}

/// How many (tree, key) have two answers among all trees of `count` rows.
fn contradictions(count: usize, openings: &[Opening]) -> u64 {
    let mut found = 0;
    let mut digits = vec![0; 2 * count];
    for _ in 0..9u64.pow(count as u32) {
        let mut answers: [Option<Range<usize>>; 3] = Default::default();
        for opening in openings.iter().filter(|opening| opening.is_accepted(&digits)) {
            for k in 0..3 {
                if let Some(answer) = opening.answer(&digits, k, count) {
                    let first = answers[k as usize].get_or_insert(answer.clone());
                    found += u64::from(*first != answer);
                }
            }
        }
        for digit in &mut digits {
            *digit = (*digit + 1) % 3;
            if *digit != 0 {
                break;
            }
        }
    }
    found
}

/// Dropping a disclosed row from an opening only drops comparisons, so two openings that contradict each other hold two
/// runs of consecutive rows that do: runs are enough.
#[test]
fn no_tree_of_seven_rows_gives_a_key_two_answers() {
    for count in 1..=7 {
        assert_eq!(contradictions(count, &openings(count)), 0, "{count} rows");
    }
    // The rule that does it: without the comparisons with separators, there are trees with two answers.
    let mut careless = openings(4);
    careless.iter_mut().for_each(|opening| opening.at_most.retain(|&(a, b)| a < 4 && b < 4));
    assert_eq!(contradictions(4, &careless), 27);
}

#[test]
fn the_verifier_accepts_exactly_what_the_rule_of_separators_allows() {
    // Every tree of up to five rows, one in eleven of the trees of six.
    for (count, step) in [(1, 1), (2, 1), (3, 1), (4, 1), (5, 1), (6, 11)] {
        let openings = openings(count);
        for number in (0..9u64.pow(count as u32)).step_by(step) {
            let digits = base3(number, 2 * count);
            let tree = dishonest(&digits, |i| i as u64);
            for opening in &openings {
                let positions: Vec<u64> = opening.range.clone().map(|p| p as u64).collect();
                let table = tree.open(&positions);
                assert_eq!(table.is_ok(), opening.is_accepted(&digits), "{digits:?} {positions:?} {table:?}");
                for k in 0..3 {
                    let look_up = table.clone().ok().and_then(|mut table| {
                        let rows = table.look_up(&small_key(k + 1)).ok()?;
                        Some(rows.first().map_or(0..0, |(p, _)| *p as usize..*p as usize + rows.len()))
                    });
                    let expected = opening.answer(&digits, k, count).filter(|_| table.is_ok());
                    assert_eq!(look_up, expected, "{digits:?} {positions:?} key {k}");
                }
            }
        }
    }
}

#[test]
fn a_row_that_stands_twice_is_never_shown_twice() {
    let rows = [1, 2, 2, 3].map(|k| Row { key: small_key(k), value: 0 });
    let first = |i: usize| rows[Shape::new(4).unwrap().first_position(i as u64).unwrap() as usize].key;
    let tree = Dishonest::new(rows.to_vec(), &committed(4).map(first).collect::<Vec<_>>());
    assert!(tree.open(&[0, 1]).is_ok());
    assert_eq!(tree.open(&[0, 1, 2, 3]).err(), Some(RowsError::RowOrder { position: 2 }));
    assert_eq!(
        tree.open(&[0, 1]).unwrap().look_up(&small_key(2)).err(),
        Some(RowsError::Incomplete { key: small_key(2) })
    );
}

/// The attack that separators answer: a work is in the table, at the wrong place. One audience is shown the row, another
/// the gap where it should be.
#[test]
fn one_row_out_of_order_cannot_be_both_shown_and_denied() {
    let sorted: Vec<Row> = [1, 3, 5, 7, 9, 11, 13].map(|k| Row { key: small_key(k), value: k.into() }).to_vec();
    let hidden = Row { key: small_key(6), value: 6 };
    let mut deniable = 0;
    for place in (0..=7).filter(|place| *place != 3) {
        let mut rows = sorted.clone();
        rows.insert(place, hidden);
        let first = |i: usize| rows[Shape::new(8).unwrap().first_position(i as u64).unwrap() as usize].key;
        let tree = Dishonest::new(rows.clone(), &committed(8).map(first).collect::<Vec<_>>());
        // Absence: the rows of keys 5 and 7 stand side by side, unless the hidden row itself is between them.
        let five = rows.iter().position(|row| row.value == 5).unwrap() as u64;
        let denied = tree.open(&[five, five + 1]);
        deniable += u64::from(denied.is_ok());
        let shown: Vec<_> = (0..8u64)
            .flat_map(|a| (a..8).map(move |b| (a..=b).collect::<Vec<_>>()))
            .filter(|run| tree.open(run).is_ok_and(|mut table| table.look_up(&hidden.key).is_ok_and(|r| !r.is_empty())))
            .collect();
        assert!(denied.is_err() || shown.is_empty(), "at {place}: denied, and shown by {shown:?}");
        // Without the neighbours that a look-up needs, too, the row meets a separator that contradicts it.
        let alone = tree.open(&[place as u64]);
        assert!(denied.is_err() || matches!(alone, Err(RowsError::Separator { .. })), "at {place}: {alone:?}");
    }
    assert!(deniable > 3, "the attack needs trees in which the row can be denied");
}

// ---------------------------------------------------------------------------------------------------------------------
// Attack: what merkle-cbt's own verifier lets pass

mod bare {
    use deedbook::rows::Node;
    use merkle_cbt::merkle_tree::{CBMT, Merge, MerkleProof};

    pub struct NodeMerge;

    impl Merge for NodeMerge {
        type Item = Node;

        fn merge(left: &Node, right: &Node) -> Node {
            Node::merge(left, right)
        }
    }

    pub type Tree = CBMT<Node, NodeMerge>;
    pub type Proof = MerkleProof<Node, NodeMerge>;
}

fn four_rows() -> (Vec<Row>, MemoryTree) {
    let rows: Vec<Row> = (1..=4).map(|k| Row { key: small_key(k), value: k.into() }).collect();
    let tree = MemoryTree::new(Kind::Release, &rows).unwrap();
    (rows, tree)
}

#[test]
fn an_inner_node_passes_as_a_leaf_of_the_bare_crate_but_not_here() {
    let (_, tree) = four_rows();
    let top = tree.nodes()[0];
    assert!(bare::Proof::new(vec![0], vec![]).verify(&top, &[top]), "the root is a leaf of itself");
    assert!(bare::Proof::new(vec![1], vec![tree.nodes()[2]]).verify(&top, &[tree.nodes()[1]]), "so is an inner node");
    // Here a leaf is a row. Any 40 bytes of an inner node are refused, for the count signed and for the count under
    // which node 1 would be a leaf.
    for offset in 0..=NODE_LEN - ROW_LEN {
        let bytes = tree.nodes()[1].encode();
        let row = Row::decode(bytes[offset..offset + ROW_LEN].try_into().unwrap());
        for (count, proof) in [(1, vec![]), (2, vec![tree.nodes()[2]]), (4, vec![tree.nodes()[4], tree.nodes()[2]])] {
            let refused = Table::verify(Kind::Release, count, &tree.root(), &[(0, row)], &proof);
            assert!(refused.is_err(), "{count}: {refused:?}");
        }
    }
}

#[test]
fn a_leaf_never_in_the_tree_passes_beside_a_genuine_one_in_the_bare_crate_but_not_here() {
    let (rows, tree) = four_rows();
    let foreign = Row { key: small_key(9), value: 9 };
    // The crate hands indices to leaves in the order of their values, and drops a node that finds neither a sibling nor
    // a proof hash: the second one at index 3.
    let leaves: Vec<Node> = rows.iter().chain([&foreign]).map(Node::leaf).collect();
    assert!(bare::Proof::new(vec![3, 4, 5, 6, 3], vec![]).verify(&tree.nodes()[0], &leaves));
    let mut disclosed = at(&rows, &[0, 1, 2, 3]);
    for place in 0..=4 {
        disclosed.insert(place, (0, foreign));
        let refused = Table::verify(Kind::Release, 4, &tree.root(), &disclosed, &[]).err();
        assert!(matches!(refused, Some(RowsError::PositionOrder { .. })), "{refused:?}");
        disclosed.remove(place);
    }
}

#[test]
fn the_bare_crate_pairs_leaves_with_indices_by_value_and_we_by_position() {
    let (rows, tree) = four_rows();
    let leaves: Vec<Node> = rows.iter().map(Node::leaf).collect();
    let proof = tree.prove(&[1, 2]).unwrap();
    let swapped = [leaves[2], leaves[1]];
    assert!(bare::Proof::new(vec![4, 5], proof.clone()).verify(&tree.nodes()[0], &swapped));
    let rows = [(1, rows[2]), (2, rows[1])];
    let refused = Table::verify(Kind::Release, 4, &tree.root(), &rows, &proof).err();
    assert_eq!(refused, Some(RowsError::RowOrder { position: 2 }));
}

#[test]
fn the_bare_crate_wraps_or_panics_on_an_index_out_of_range_and_we_refuse_it() {
    let (rows, tree) = four_rows();
    let leaves: Vec<Node> = rows.iter().map(Node::leaf).collect();
    let wrapped = std::panic::catch_unwind(|| {
        let proof = bare::Tree::build_merkle_proof(&leaves, &[u32::MAX]);
        proof.map(|proof| proof.indices().to_vec())
    });
    // With overflow checks it panics; without them position 2^32 - 1 "is" inner node 2.
    assert!(
        wrapped.as_ref().is_err() || wrapped.as_ref().is_ok_and(|indices| *indices == Some(vec![2])),
        "{wrapped:?}"
    );
    let position = u64::from(u32::MAX);
    let refused = RowsError::PositionOutOfRange { position, count: 4 };
    assert_eq!(tree.prove(&[position]), Err(refused.clone()));
    let disclosed = [(position, rows[3])];
    assert_eq!(Table::verify(Kind::Release, 4, &tree.root(), &disclosed, &[]).err(), Some(refused));
}
