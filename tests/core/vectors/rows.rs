//! `rows.json`: roots of tables, and complete look-ups in them, honest and forged.

use super::{Group, Vector, judge, publish, same, text};
use crate::lab::{RowsTree, disclosed_table, table_of};
use deedbook::rows::{Key, Kind, Node, Root, Row, RowsError, Table};
use deedbook::verify::proof::{DisclosedRow, DisclosedTable};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ABOUT: &str = "Tables of rows (docs/formats/rows.md): `rows` and `proof` as in a proof file; `keys` are looked up in this \
                     order, each with the values wanted, and every disclosed row must serve one of them.";

const FLAGS: [(&str, &str); 1] = [("order", "the rows that were committed do not ascend")];

/// Keys 32 x 0x02, 32 x 0x04 ...: others lie between them.
fn key(byte: u8) -> Key {
    Key([byte; 32])
}

/// Rows of these key bytes, whose values are their numbers from 1.
fn rows(bytes: &[u8]) -> Vec<Row> {
    bytes.iter().zip(1..).map(|(byte, value)| Row { key: key(*byte), value }).collect()
}

fn base64(key: &Key) -> Value {
    serde_json::to_value(key).unwrap()
}

#[test]
fn roots_and_look_ups_are_as_published() {
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group("roots", "`table` lists [key, value] in order.", roots()),
        group("look-ups", "Each key present, and each gap absent, in tables of several sizes.", look_ups()),
        group(
            "forged look-ups",
            "Over the table of the keys 2, 4, 4, 6, 8, 10, 12 unless the comment says otherwise.",
            forged(),
        ),
    ];
    publish("rows.json", ABOUT, &FLAGS, groups, run);
}

fn roots() -> Vec<Vector> {
    let root = |id: &str, kind: Kind, rows: &[Row]| {
        let table: Vec<Value> = rows.iter().map(|r| json!([base64(&r.key), r.value])).collect();
        let root = RowsTree::new(rows).root(kind).to_string();
        Vector::valid(id, "").with("kind", kind.code()).with("root", root).with("table", table)
    };
    let mut vectors = Vec::new();
    for kind in [Kind::Release, Kind::Catalogue, Kind::Register, Kind::IndexRun] {
        for count in [0, 1] {
            let id = format!("root-of-{count}-rows-of-kind-{}", kind.code());
            vectors.push(root(&id, kind, &rows(&[1][..count])));
        }
    }
    for count in 2..=9 {
        let id = format!("root-of-{count}-rows");
        vectors.push(root(&id, Kind::Release, &rows(&[1, 2, 3, 4, 5, 6, 7, 8, 9][..count])));
    }
    vectors.push(root("root-of-rows-with-one-key", Kind::Release, &rows(&[1, 1, 1])));
    vectors
}

/// A vector over rows: what is disclosed, and the keys that are looked up with their values.
fn asked(vector: Vector, rows: &[Row], table: &DisclosedTable, keys: &[u8]) -> Vector {
    let looked_up = keys.iter().map(|byte| {
        let values: Vec<u64> = rows.iter().filter(|r| r.key == key(*byte)).map(|r| r.value).collect();
        json!({ "key": base64(&key(*byte)), "values": values })
    });
    let vector = vector.with("count", rows.len()).with("keys", looked_up.collect::<Vec<_>>());
    let vector = vector.with("kind", Kind::Release.code()).with("proof", serde_json::to_value(&table.proof).unwrap());
    let root = RowsTree::new(rows).root(Kind::Release).to_string();
    vector.with("root", root).with("rows", serde_json::to_value(&table.rows).unwrap())
}

fn look_ups() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (count, all) in [(0, &[][..]), (1, &[2]), (2, &[2, 4]), (3, &[2, 4, 6]), (7, &[2, 4, 4, 6, 8, 10, 12])] {
        let rows = rows(all);
        for byte in 1..=all.last().map_or(1, |last| last + 1) {
            let what = if all.contains(&byte) { "present" } else { "absent" };
            let table = disclosed_table(&rows, 0, &BTreeSet::from([key(byte)]));
            let vector = Vector::valid(&format!("key-{byte}-{what}-among-{count}-rows"), "");
            vectors.push(asked(vector, &rows, &table, &[byte]));
        }
    }
    let rows = rows(&[2, 4, 4, 6, 8, 10, 12]);
    for keys in [&[1, 13][..], &[3, 4, 5], &[2, 9, 12], &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]] {
        let table = disclosed_table(&rows, 0, &keys.iter().map(|k| key(*k)).collect());
        let names: Vec<String> = keys.iter().map(u8::to_string).collect();
        let vector = Vector::valid(&format!("keys-{}-in-one-proof", names.join("-")), "");
        vectors.push(asked(vector, &rows, &table, keys));
    }
    vectors
}

fn forged() -> Vec<Vector> {
    let rows = rows(&[2, 4, 4, 6, 8, 10, 12]);
    let at = |positions: &[usize]| table_of(&rows, 0, &positions.iter().copied().collect());
    let shown = |id: &str, comment: &str, positions: &[usize], keys: &[u8]| {
        asked(Vector::invalid(id, comment), &rows, &at(positions), keys)
    };
    let mut vectors = vec![
        shown("present-without-the-row-before", "", &[3, 4], &[6]),
        shown("present-without-the-row-after", "", &[2, 3], &[6]),
        shown("present-with-the-first-of-two-rows", "The hidden second row.", &[0, 1], &[4]),
        shown("present-with-the-last-of-two-rows", "", &[2, 3], &[4]),
        shown("present-with-a-hole", "The row between is left out.", &[0, 1, 3], &[4]),
        shown("absent-without-the-row-before", "", &[4], &[7]),
        shown("absent-without-the-row-after", "", &[3], &[7]),
        shown("absent-between-rows-that-are-not-neighbours", "", &[2, 4], &[7]),
        shown("absent-between-rows-elsewhere", "", &[0, 1], &[7]),
        shown("absent-before-a-row-that-is-not-the-first", "", &[1], &[1]),
        shown("absent-after-a-row-that-is-not-the-last", "", &[5], &[13]),
        shown("row-that-no-look-up-needs", "", &[2, 3, 4, 6], &[6]),
        shown("present-key-between-its-neighbours", "Its row is passed over.", &[2, 4], &[6]),
    ];
    let edited = |id: &str, comment: &str, edit: &dyn Fn(&mut DisclosedTable)| {
        let mut table = at(&[2, 3, 4]);
        edit(&mut table);
        asked(Vector::invalid(id, comment), &rows, &table, &[6])
    };
    let nodes: Vec<Node> = rows.iter().map(Node::leaf).collect();
    vectors.extend([
        edited("nothing-disclosed", "", &|t| t.rows.clear()),
        edited("rows-swapped", "", &|t| t.rows.swap(0, 1)),
        edited("row-twice", "One position twice.", &|t| t.rows.insert(0, t.rows[0])),
        edited("row-twice-at-two-positions", "", &|t| t.rows[1] = DisclosedRow { position: 3, ..t.rows[0] }),
        edited("row-never-in-the-table-beside-one-at-its-position", "", &|t| {
            t.rows.insert(1, DisclosedRow { value: 99, ..t.rows[0] });
        }),
        edited("position-beyond-the-table", "", &|t| t.rows[2].position = 7),
        edited("position-far-beyond-the-table", "", &|t| t.rows[2].position = (1 << 32) + 4),
        edited("positions-less-by-one", "", &|t| t.rows.iter_mut().for_each(|r| r.position -= 1)),
        edited("positions-more-by-one", "", &|t| t.rows.iter_mut().for_each(|r| r.position += 1)),
        edited("value-changed", "", &|t| t.rows[1].value += 1),
        edited("key-changed", "", &|t| t.rows[1].key.0[0] ^= 1),
        edited("node-too-few", "", &|t| {
            t.proof.remove(0);
        }),
        edited("node-too-many", "", &|t| t.proof.push(Node::default())),
        edited("nodes-swapped", "", &|t| t.proof.swap(0, 1)),
        edited("nodes-ascending", "", &|t| t.proof.reverse()),
        edited("first-of-a-node-changed", "", &|t| t.proof[0].first.0[0] ^= 1),
        edited("hash-of-a-node-changed", "", &|t| t.proof[0].hash[31] ^= 1),
        edited("inner-node-as-a-leaf", "The node over two rows as the sibling of one.", &|t| {
            t.rows.truncate(2);
            t.proof.insert(0, Node::merge(&nodes[4], &nodes[5]));
        }),
    ]);
    let table = at(&[2, 3, 4]);
    let other = |id: &str, comment: &str, member: &str, value: Value| {
        asked(Vector::invalid(id, comment), &rows, &table, &[6]).with(member, value)
    };
    vectors.extend([
        other("count-more-by-one", "", "count", 8.into()),
        other("count-less-by-one", "", "count", 6.into()),
        other("count-of-2-to-the-31", "", "count", (1u64 << 31).into()),
        other("kind-of-a-catalogue", "The kind is part of the root.", "kind", 2.into()),
        other("kind-of-a-register", "", "kind", 3.into()),
        other("root-of-other-rows", "", "root", RowsTree::new(&rows[1..]).root(Kind::Release).to_string().into()),
    ]);
    let nothing = DisclosedTable { proof: vec![Node::default()], rows: Vec::new(), statement: 0 };
    vectors.push(asked(Vector::invalid("empty-table-with-a-node", "n = 0."), &[], &nothing, &[1]));
    vectors.extend(out_of_order());
    vectors
}

/// Four rows of which two stand in each other's place: key 6 can be denied, and then never shown.
fn out_of_order() -> [Vector; 3] {
    let rows = rows(&[2, 6, 4, 8]);
    let shown = |vector: Vector, positions: &[usize]| {
        let table = table_of(&rows, 0, &positions.iter().copied().collect());
        asked(vector, &rows, &table, &[6]).flag("order")
    };
    let denied = shown(Vector::valid("moved-row-denied", "Rows 2, 6, 4, 8: key 6 lies between the last two."), &[2, 3]);
    let nothing: [u64; 0] = [];
    [
        denied.with("keys", json!([{ "key": base64(&key(6)), "values": nothing }])),
        shown(Vector::invalid("moved-row-shown", "Rows 2, 6, 4, 8: key 6 with its neighbours."), &[0, 1, 2]),
        shown(Vector::invalid("moved-row-shown-without-a-neighbour", "Rows 2, 6, 4, 8."), &[0, 1, 3]),
    ]
}

fn run(vector: &Value) -> Result<(), String> {
    let kind = Kind::from_code(vector["kind"].as_u64().unwrap() as u32).unwrap();
    if let Some(table) = vector.get("table") {
        let row = |pair: &Value| Row {
            key: serde_json::from_value(pair[0].clone()).unwrap(),
            value: pair[1].as_u64().unwrap(),
        };
        let rows: Vec<Row> = table.as_array().unwrap().iter().map(row).collect();
        let mut builder =
            deedbook::rows::Builder::new(kind, rows.len() as u64, |_, _| Ok::<(), RowsError>(())).unwrap();
        rows.iter().for_each(|row| builder.push(*row).unwrap());
        return same(vector, "root", builder.finish().unwrap().to_string());
    }
    let answer = look_up(vector, kind);
    judge(vector, &answer)?;
    let keys = vector["keys"].as_array().unwrap();
    keys.iter().zip(answer.into_iter().flatten()).try_for_each(|(asked, values)| same(asked, "values", values))
}

/// The values of each key, where every look-up is complete and no row is left over.
fn look_up(vector: &Value, kind: Kind) -> Result<Vec<Vec<u64>>, String> {
    let rows: Vec<DisclosedRow> = serde_json::from_value(vector["rows"].clone()).unwrap();
    let proof: Vec<Node> = serde_json::from_value(vector["proof"].clone()).unwrap();
    let root: Root = text(vector, "root").parse().unwrap();
    let rows: Vec<(u64, Row)> = rows.iter().map(DisclosedRow::at).collect();
    let table = Table::verify(kind, vector["count"].as_u64().unwrap(), &root, &rows, &proof);
    let mut table = table.map_err(|e| e.to_string())?;
    let mut answers = Vec::new();
    for asked in vector["keys"].as_array().unwrap() {
        let key: Key = serde_json::from_value(asked["key"].clone()).unwrap();
        let found = table.look_up(&key).map_err(|e| e.to_string())?;
        answers.push(found.iter().map(|(_, row)| row.value).collect());
    }
    table.finish().map_err(|e| e.to_string())?;
    Ok(answers)
}
