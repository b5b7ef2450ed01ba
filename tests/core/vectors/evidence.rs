//! `evidence.json`: files that show what a log's keeper cannot have done honestly.
//!
//! Each test has the file, the log keys that an auditor knows, and what the file shows. A group stands for each format.

use super::{Group, Vector, judge, publish, same, text};
use crate::lab::{key, tree_hash};
use crate::verify::lie::published;
use crate::verify::story;
use deedbook::tlog::{Checkpoint, Hash, NodeId, ProofError, SigningKey, VerifierKey, inclusion, leaf_hash};
use deedbook::verify::fork::{Contradiction, ForkFile, ForkFormat, ForkSide, verify_fork};
use deedbook::verify::lie::{Hiding, LieFile, verify_lie};
use serde_json::{Value, json};

const ABOUT: &str = "Evidence against a log: forks (docs/formats/fork.md) and lies (docs/formats/lie.md). `keys` are the log keys that the auditor knows.";

#[test]
fn evidence_shows_what_is_published() {
    let group = |name, about, vectors| Group { name, about, vectors };
    let groups = vec![
        group("forks", "One key has signed two histories.", forks()),
        group(
            "no forks",
            "Nothing that two honest checkpoints could not be, or nothing that the key signed.",
            no_forks(),
        ),
        group("lies", "A signed statement leaves out an entry that it must lead to.", lies()),
        group("no lies", "What an honest log may well have signed, or what is left unclear.", no_lies()),
    ];
    publish("evidence.json", ABOUT, &[], groups, run);
}

fn log() -> SigningKey {
    key("lab.example/deeds", 1)
}

/// The leaves of a history: two of them have no leaf in common.
fn leaves(size: u64, history: u8) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&[history, n as u8])).collect()
}

fn note(size: u64, history: u8) -> String {
    signed(&log(), size, tree_hash(&leaves(size, history)))
}

fn signed(key: &SigningKey, size: u64, root: Hash) -> String {
    let origin = key.verifier().name().to_owned();
    Checkpoint { origin, size, root }.sign(key).unwrap().to_string()
}

fn side(size: u64, history: u8, index: u64) -> ForkSide {
    let leaves = leaves(size, history);
    let read = |node: NodeId| {
        let first = (node.index << node.level) as usize;
        Ok::<_, ProofError>(tree_hash(&leaves[first..first + (1 << node.level)]))
    };
    let path = inclusion::prove(index, size, read).unwrap();
    ForkSide { leaf: Some(leaves[index as usize]), note: note(size, history), path: Some(path) }
}

fn file(index: Option<u64>, mut sides: Vec<ForkSide>) -> ForkFile {
    sides.sort_by(|a, b| a.note.cmp(&b.note));
    ForkFile { format: ForkFormat::V1, index, sides }
}

fn written(vector: Vector, bytes: Vec<u8>) -> Vector {
    let vector = vector.with("keys", vec![log().verifier().to_string()]);
    vector.with("file", String::from_utf8(bytes).unwrap())
}

fn forks() -> Vec<Vector> {
    let roots = ForkFile::of_notes(&note(5, 0), &note(5, 1));
    let values = |histories: [u8; 2], of: &dyn Fn(u8) -> Hash| histories.map(|h| of(h).to_string());
    let order = |file: &ForkFile, sizes: [u64; 2]| {
        if file.sides[0].note == note(sizes[0], 0) { [0, 1] } else { [1, 0] }
    };
    let says = |file: &ForkFile, index: Option<u64>, sizes: [u64; 2]| {
        let histories = order(file, sizes);
        let of = |h: u8| index.map_or_else(|| tree_hash(&leaves(sizes[0], h)), |i| leaves(i + 1, h)[i as usize]);
        let sizes = histories.map(|h| sizes[usize::from(h)]);
        json!({ "index": index, "origin": "lab.example/deeds", "sizes": sizes, "values": values(histories, &of) })
    };
    let vector = Vector::valid("two-roots-of-one-size", "").with("expected", says(&roots, None, [5, 5]));
    let mut vectors = vec![written(vector, roots.print())];
    for (sizes, index) in [([4, 7], 2), ([5, 5], 4), ([9, 3], 0)] {
        let fork = file(Some(index), vec![side(sizes[0], 0, index), side(sizes[1], 1, index)]);
        let id = format!("two-leaves-at-{index}-of-{}-and-{}", sizes[0], sizes[1]);
        let vector = Vector::valid(&id, "").with("expected", says(&fork, Some(index), sizes));
        vectors.push(written(vector, fork.print()));
    }
    vectors
}

fn no_forks() -> Vec<Vector> {
    let refused = |id: &str, comment: &str, file: ForkFile| written(Vector::invalid(id, comment), file.print());
    let namesake = key("lab.example/deeds", 2);
    let by_namesake = signed(&namesake, 5, tree_hash(&leaves(5, 1)));
    let (a, b) = (side(4, 0, 2), side(7, 1, 2));
    let mut turned = ForkFile::of_notes(&note(5, 0), &note(5, 1));
    turned.sides.reverse();
    let mut three = ForkFile::of_notes(&note(5, 0), &note(5, 1));
    three.sides.push(ForkSide { leaf: None, note: note(5, 2), path: None });
    three.sides.sort();
    let again = format!("{}\u{2014} w.example AAAAAAAA\n", note(5, 0));
    let other = signed(&key("other.example/deeds", 1), 5, tree_hash(&leaves(5, 1)));
    let with_a_path = |n: u8| ForkSide { leaf: None, note: note(5, n), path: Some(vec![]) };
    let mut vectors = vec![
        refused("one-checkpoint-twice", "", ForkFile::of_notes(&note(5, 0), &note(5, 0))),
        refused("one-text-with-and-without-a-cosignature", "", ForkFile::of_notes(&note(5, 0), &again)),
        refused("two-sizes-of-one-history", "", ForkFile::of_notes(&note(5, 0), &note(6, 0))),
        refused(
            "two-sizes-of-two-histories",
            "Without a leaf they do not contradict.",
            ForkFile::of_notes(&note(5, 0), &note(6, 1)),
        ),
        refused("signed-by-another-key-of-the-name", "", ForkFile::of_notes(&note(5, 0), &by_namesake)),
        refused(
            "checkpoints-of-two-logs",
            "The same key under two names has two key ids.",
            ForkFile::of_notes(&note(5, 0), &other),
        ),
        refused("sides-descending", "", turned),
        refused("three-sides", "", three),
        refused("one-side", "", file(None, vec![ForkSide { leaf: None, note: note(5, 0), path: None }])),
        refused("roots-with-paths", "", file(None, vec![with_a_path(0), with_a_path(1)])),
        refused("one-leaf-in-two-sizes", "", file(Some(2), vec![side(4, 0, 2), side(7, 0, 2)])),
        refused(
            "leaf-that-is-not-in-its-tree",
            "",
            file(Some(2), vec![a.clone(), ForkSide { leaf: Some(leaf_hash(b"x")), ..b.clone() }]),
        ),
        refused(
            "path-with-a-hash-too-few",
            "",
            file(Some(2), vec![a.clone(), ForkSide { path: b.path.clone().map(|p| p[1..].to_vec()), ..b.clone() }]),
        ),
        refused("leaf-without-a-path", "", file(Some(2), vec![a.clone(), ForkSide { path: None, ..b.clone() }])),
        refused("leaves-without-an-index", "", file(None, vec![a.clone(), b.clone()])),
        refused("leaves-at-another-index", "", file(Some(1), vec![a.clone(), b.clone()])),
        refused("index-of-the-smaller-size", "", file(Some(4), vec![a, b])),
    ];
    let honest = String::from_utf8(ForkFile::of_notes(&note(5, 0), &note(5, 1)).print()).unwrap();
    for (id, text) in [
        ("fork-without-a-line-feed", honest.trim_end().to_owned()),
        ("fork-with-a-space", honest.replacen(':', ": ", 1)),
        ("fork-of-a-later-version", honest.replacen("fork/v1", "fork/v2", 1)),
        ("fork-with-a-signature-changed", honest.replacen("\\n\"}", "A\\n\"}", 1)),
        ("fork-with-a-size-changed", honest.replacen("\\n5\\n", "\\n6\\n", 1)),
    ] {
        assert_ne!(text, honest, "{id}");
        vectors.push(written(Vector::invalid(id, ""), text.into_bytes()));
    }
    vectors
}

/// By the key of the lab that lies.
fn of_lab(vector: Vector, bytes: Vec<u8>) -> Vector {
    written(vector, bytes).with("keys", vec![story().lab.key().verifier().to_string()])
}

fn lies() -> Vec<Vector> {
    let vector = |(id, file, shown): (String, LieFile, Value)| {
        of_lab(Vector::valid(&id, "").with("expected", shown), file.print())
    };
    published().lies.into_iter().map(vector).collect()
}

fn no_lies() -> Vec<Vector> {
    let mut vectors: Vec<Vector> =
        published().none.into_iter().map(|(id, file)| of_lab(Vector::invalid(&id, ""), file.print())).collect();
    let (_, file, _) = published().lies.remove(0);
    let honest = String::from_utf8(file.print()).unwrap();
    for (id, text) in [
        ("lie-without-a-line-feed", honest.trim_end().to_owned()),
        ("lie-of-a-later-version", honest.replacen("lie/v1", "lie/v2", 1)),
        ("lie-with-a-position-changed", honest.replacen("\"position\":", "\"position\":1", 1)),
        ("lie-with-a-size-changed", honest.replacen("deeds\\n", "deeds\\n1", 1)),
    ] {
        assert_ne!(text, honest, "{id}");
        vectors.push(of_lab(Vector::invalid(id, ""), text.into_bytes()));
    }
    vectors
}

fn run(vector: &Value) -> Result<(), String> {
    if LieFile::claims(text(vector, "file").as_bytes()) { run_lie(vector) } else { run_fork(vector) }
}

fn keys(vector: &Value) -> Vec<VerifierKey> {
    let key = |text: &Value| VerifierKey::parse(text.as_str().unwrap()).unwrap();
    vector["keys"].as_array().unwrap().iter().map(key).collect()
}

fn run_lie(vector: &Value) -> Result<(), String> {
    let answer = verify_lie(text(vector, "file").as_bytes(), &keys(vector));
    judge(vector, &answer)?;
    let Ok(lie) = answer else { return Ok(()) };
    let (index, kind, release, state) = match &lie.by {
        Hiding::State { index } => (*index, "state", None, *index),
        Hiding::Release { index, name, state } => (*index, "release", Some(name.to_string()), *state),
    };
    let shown = json!({
        "hidden": { "entry": lie.hidden, "kind": lie.hidden_kind.to_string() }, "missing": lie.missing, "origin": lie.origin,
        "release": release, "sizes": lie.sizes, "state": state, "statement": { "entry": index, "kind": kind },
    });
    same(vector, "expected", shown)
}

fn run_fork(vector: &Value) -> Result<(), String> {
    let answer = verify_fork(text(vector, "file").as_bytes(), &keys(vector));
    judge(vector, &answer)?;
    let Ok(fork) = answer else { return Ok(()) };
    let (index, sizes, values) = match fork.contradiction {
        Contradiction::Roots { size, roots } => (None, [size; 2], roots),
        Contradiction::Leaves { index, sizes, leaves } => (Some(index), sizes, leaves),
    };
    let values = values.map(|hash| hash.to_string());
    same(vector, "expected", json!({ "index": index, "origin": fork.origin, "sizes": sizes, "values": values }))
}
