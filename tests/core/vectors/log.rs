//! `log.json`: leaves, roots and paths of the log's tree.

use super::{Group, Vector, judge, publish, same, text};
use crate::lab::{batch_path, consistency, tree_hash};
use deedbook::tlog::{self, Frontier, Hash, NodeId, ProofError, leaf_hash};
use serde_json::{Value, json};

const ABOUT: &str = "The log's tree (docs/formats/log.md, RFC 9162 section 2.1). Entries are texts; hashes are base64.";

/// The leaves of the entries `a`, `b` ...
fn leaves(size: usize) -> Vec<Hash> {
    entries(size).iter().map(|entry| leaf_hash(entry.as_bytes())).collect()
}

fn entries(size: usize) -> Vec<String> {
    (b'a'..b'a' + size as u8).map(|letter| char::from(letter).to_string()).collect()
}

fn hash(value: &Value) -> Hash {
    serde_json::from_value(value.clone()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    serde_json::from_value(value.clone()).unwrap()
}

fn written(hashes: &[Hash]) -> Value {
    serde_json::to_value(hashes).unwrap()
}

#[test]
fn the_tree_is_as_published() {
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group("leaves", "SHA-256 of 0x00 and the entry.", leaf_vectors()),
        group("roots", "Of the entries `a`, `b` ...", roots()),
        group("batch inclusion", "One path for all `leaves`.", batches()),
        group("forged batch inclusion", "", forged_batches()),
        group("inclusion", "One leaf, RFC 9162 section 2.1.3.", inclusions()),
        group("consistency", "RFC 9162 section 2.1.4.", consistencies()),
    ];
    publish("log.json", ABOUT, &[], groups, run);
}

fn leaf_vectors() -> Vec<Vector> {
    let texts = [
        ("leaf-of-a-letter", "a".to_owned()),
        ("leaf-of-two-bytes-of-utf-8", "\u{e9}".into()),
        ("leaf-of-a-line-feed", "\n".into()),
        ("leaf-of-a-hundred-bytes", "x".repeat(100)),
    ];
    let leaf = |(id, entry): (&str, String)| {
        Vector::valid(id, "").with("leaf", leaf_hash(entry.as_bytes()).to_string()).with("entry", entry)
    };
    texts.into_iter().map(leaf).collect()
}

fn roots() -> Vec<Vector> {
    let root = |size: usize| {
        let vector = Vector::valid(&format!("root-of-{size}-entries"), "").with("entries", entries(size));
        vector.with("root", tree_hash(&leaves(size)).to_string())
    };
    (0..=9).chain([16, 17]).map(root).collect()
}

/// A vector of disclosed leaves under the root of a size.
fn batch(vector: Vector, size: usize, disclosed: &[(u64, Hash)], path: &[Hash]) -> Vector {
    let disclosed: Vec<Value> = disclosed.iter().map(|(index, leaf)| json!({ "index": index, "leaf": leaf })).collect();
    let vector = vector.with("leaves", disclosed).with("path", written(path)).with("size", size);
    vector.with("root", tree_hash(&leaves(size)).to_string())
}

fn honest(size: usize, indices: &[u64]) -> (Vec<(u64, Hash)>, Vec<Hash>) {
    let all = leaves(size);
    let mut path = Vec::new();
    batch_path(&all, 0, &indices.iter().copied().collect(), &mut path);
    (indices.iter().map(|i| (*i, all[*i as usize])).collect(), path)
}

fn batches() -> Vec<Vector> {
    let mut vectors = Vec::new();
    let cases: [(usize, &[u64]); 14] = [
        (1, &[0]),
        (2, &[0]),
        (2, &[0, 1]),
        (3, &[2]),
        (5, &[4]),
        (6, &[0, 5]),
        (7, &[2, 5]),
        (7, &[0, 1, 2, 3, 4, 5, 6]),
        (8, &[3, 4]),
        (9, &[8]),
        (9, &[0, 8]),
        (13, &[0, 2, 4, 6, 9, 12]),
        (16, &[7, 8]),
        (17, &[15, 16]),
    ];
    for (size, indices) in cases {
        let (disclosed, path) = honest(size, indices);
        let names: Vec<String> = indices.iter().map(u64::to_string).collect();
        let vector = Vector::valid(&format!("leaves-{}-of-{size}", names.join("-")), "");
        vectors.push(batch(vector, size, &disclosed, &path));
    }
    vectors
}

fn forged_batches() -> Vec<Vector> {
    type Edit = fn(&mut Vec<(u64, Hash)>, &mut Vec<Hash>);
    let edits: [(&str, &str, Edit); 19] = [
        ("no-leaves", "", |l, _| l.clear()),
        ("leaves-swapped", "", |l, _| l.swap(0, 1)),
        ("leaf-twice", "", |l, _| l.insert(0, l[0])),
        ("leaf-never-in-the-tree-beside-one-of-its-index", "", |l, _| l.insert(1, (l[0].0, leaf_hash(b"z")))),
        ("leaf-of-another-entry", "", |l, _| l[0].1 = leaf_hash(b"z")),
        ("hashes-of-the-leaves-swapped", "", |l, _| (l[0].1, l[1].1) = (l[1].1, l[0].1)),
        ("index-more-by-one", "", |l, _| l[1].0 += 1),
        ("index-less-by-one", "", |l, _| l[1].0 -= 1),
        ("index-of-the-size", "", |l, _| l[1].0 = 7),
        ("index-far-beyond-the-size", "", |l, _| l[1].0 = (1 << 32) + 5),
        ("leaf-left-out", "Its hash is not in the path.", |l, _| drop_last(l)),
        ("hash-too-few", "", |_, p| drop_last(p)),
        ("hash-too-many", "", |_, p| p.push(p[0])),
        ("hashes-swapped", "", |_, p| p.swap(0, 1)),
        ("hashes-reversed", "", |_, p| p.reverse()),
        ("hash-changed", "", |_, p| p[3].0[0] ^= 1),
        ("inner-node-as-a-leaf", "The node over entries 4 and 5 as leaf 4.", |l, p| {
            l[1] = (4, tlog::node_hash(&p[2], &l[1].1));
            p.remove(2);
        }),
        ("root-as-a-leaf", "", |l, p| {
            *l = vec![(0, tree_hash(&leaves(7)))];
            p.clear();
        }),
        ("entry-hashed-without-its-prefix", "SHA-256 of the entry alone.", |l, _| l[0].1 = Hash(tlog::sha256(b"c"))),
    ];
    let mut vectors = Vec::new();
    for (id, comment, edit) in edits {
        let (mut disclosed, mut path) = honest(7, &[2, 5]);
        edit(&mut disclosed, &mut path);
        vectors.push(batch(Vector::invalid(&format!("batch-{id}"), comment), 7, &disclosed, &path));
    }
    let (disclosed, path) = honest(7, &[2, 5]);
    for size in [6usize, 8] {
        let vector = Vector::invalid(&format!("batch-in-a-tree-of-{size}"), "The path is that of size 7.");
        vectors.push(batch(vector, size, &disclosed, &path));
    }
    let vector = Vector::invalid("batch-with-the-size-6", "The root is that of size 7.");
    vectors.push(batch(vector, 7, &disclosed, &path).with("size", 6));
    let comment =
        "The root is that of size 7, and fits: a root does not bind its size, which comes from a signed text.";
    vectors.push(batch(Vector::valid("batch-with-the-size-8", comment), 7, &disclosed, &path).with("size", 8));
    vectors
}

fn drop_last<T>(items: &mut Vec<T>) {
    items.truncate(items.len() - 1);
}

/// The path of one leaf is its batch's, in the order of RFC 9162: from the leaf up.
fn inclusion(size: usize, index: u64) -> Vec<Hash> {
    let all = leaves(size);
    let read = |node: NodeId| {
        let first = (node.index << node.level) as usize;
        Ok::<_, ProofError>(tree_hash(&all[first..first + (1 << node.level)]))
    };
    tlog::inclusion::prove(index, size as u64, read).unwrap()
}

fn inclusions() -> Vec<Vector> {
    let vector = |vector: Vector, size: usize, index: u64, path: &[Hash]| {
        let vector = vector.with("index", index).with("path", written(path)).with("size", size);
        let vector = vector.with("leaf", leaves(size)[index as usize].to_string());
        vector.with("root", tree_hash(&leaves(size)).to_string())
    };
    let mut vectors = Vec::new();
    for (size, index) in [(1, 0), (2, 1), (3, 2), (5, 4), (7, 0), (7, 5), (7, 6), (8, 3), (9, 8), (17, 16)] {
        let id = format!("leaf-{index}-of-{size}");
        vectors.push(vector(Vector::valid(&id, ""), size, index, &inclusion(size, index)));
    }
    let path = inclusion(7, 5);
    let forged = |id: &str, path: &[Hash]| vector(Vector::invalid(&format!("inclusion-{id}"), ""), 7, 5, path);
    vectors.push(forged("hash-too-few", &path[..2]));
    vectors.push(forged("hash-too-many", &[&path[..], &path[..1]].concat()));
    vectors.push(forged("hashes-reversed", &path.iter().rev().copied().collect::<Vec<_>>()));
    vectors.push(forged("path-of-another-leaf", &inclusion(7, 4)));
    vectors.push(forged("index-more-by-one", &path).with("index", 6));
    vectors.push(forged("index-less-by-one", &path).with("index", 4));
    vectors.push(forged("index-of-the-size", &path).with("index", 7));
    vectors.push(forged("size-less-by-one", &path).with("size", 6));
    vectors.push(forged("size-zero", &[]).with("size", 0).with("index", 0));
    vectors
}

fn consistency_vector(vector: Vector, old: usize, new: usize, path: &[Hash]) -> Vector {
    let vector = vector.with("new", new).with("old", old).with("path", written(path));
    let vector = vector.with("old_root", tree_hash(&leaves(old)).to_string());
    vector.with("new_root", tree_hash(&leaves(new)).to_string())
}

fn consistencies() -> Vec<Vector> {
    let honest = |old: usize, new: usize| {
        let mut path = Vec::new();
        consistency(old, &leaves(new), true, &mut path);
        path
    };
    let mut vectors = Vec::new();
    for (old, new) in [(1, 2), (1, 7), (2, 3), (3, 7), (4, 7), (6, 7), (4, 8), (7, 8), (6, 13), (8, 13)] {
        let id = format!("from-{old}-to-{new}");
        vectors.push(consistency_vector(Vector::valid(&id, ""), old, new, &honest(old, new)));
    }
    let path = honest(6, 7);
    let forged =
        |id: &str, path: &[Hash]| consistency_vector(Vector::invalid(&format!("consistency-{id}"), ""), 6, 7, path);
    vectors.push(forged("hash-too-few", &path[..2]));
    vectors.push(forged("hash-too-many", &[&path[..], &path[..1]].concat()));
    vectors.push(forged("hashes-swapped", &[path[1], path[0], path[2]]));
    vectors.push(forged("without-a-path", &[]));
    vectors.push(forged("old-size-less-by-one", &path).with("old", 5));
    let comment = "The path fits size 8 as well: sizes come from signed texts.";
    let vector = Vector::valid("consistency-new-size-more-by-one", comment);
    vectors.push(consistency_vector(vector, 6, 7, &path).with("new", 8));
    vectors.push(forged("old-root-of-another-history", &path).with("old_root", leaf_hash(b"z").to_string()));
    vectors.push(forged("new-root-of-another-history", &path).with("new_root", leaf_hash(b"z").to_string()));
    vectors.push(
        consistency_vector(Vector::invalid("consistency-with-the-old-root-for-the-new", ""), 4, 7, &honest(4, 7))
            .with("new_root", tree_hash(&leaves(4)).to_string()),
    );
    vectors
}

fn run(vector: &Value) -> Result<(), String> {
    let number = |member: &str| vector[member].as_u64().unwrap();
    if vector.get("entry").is_some() {
        return same(vector, "leaf", leaf_hash(text(vector, "entry").as_bytes()).to_string());
    }
    if let Some(entries) = vector.get("entries") {
        let mut frontier = Frontier::new();
        entries.as_array().unwrap().iter().for_each(|e| frontier.push(leaf_hash(e.as_str().unwrap().as_bytes())));
        return same(vector, "root", frontier.root().to_string());
    }
    let path = hashes(&vector["path"]);
    let answer = if let Some(leaves) = vector.get("leaves") {
        let leaf = |item: &Value| (item["index"].as_u64().unwrap(), hash(&item["leaf"]));
        let leaves: Vec<(u64, Hash)> = leaves.as_array().unwrap().iter().map(leaf).collect();
        tlog::batch::verify(&leaves, number("size"), &path, &hash(&vector["root"]))
    } else if vector.get("leaf").is_some() {
        tlog::inclusion::verify(number("index"), number("size"), &hash(&vector["leaf"]), &path, &hash(&vector["root"]))
    } else {
        let (old, new) = (hash(&vector["old_root"]), hash(&vector["new_root"]));
        tlog::consistency::verify(number("old"), &old, number("new"), &new, &path)
    };
    judge(vector, &answer)
}
