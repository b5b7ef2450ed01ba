//! Two checkpoints on the command line, and a fork that anybody can check.

use crate::support::{ORIGIN, Scene, key, vkey};
use deedbook::tlog::{Checkpoint, KeyKind, SigningKey, leaf_hash};

#[test]
fn an_older_checkpoint_is_compared_with_the_log() {
    let scene = Scene::books();
    scene.write("old.txt", scene.ok("log checkpoint").stdout);
    let size = scene.log_size();
    scene.ok("admit books books.csv");
    scene.golden("log-consistency", &scene.run("log consistency old.txt"));
    let ran = scene.ok(&format!("--json log consistency {size} old.txt")).json();
    assert_eq!((ran["consistent"].as_bool(), ran["old"]["size"].as_u64()), (Some(true), Some(size)));
}

#[test]
fn a_fork_is_found_written_and_explained() {
    let scene = Scene::books();
    let size = scene.log_size();
    let forged = Checkpoint { origin: ORIGIN.to_owned(), size, root: leaf_hash(b"another history") };
    scene.write("theirs.txt", forged.sign(&key()).unwrap().to_string());
    let other = Checkpoint { size: size - 1, ..forged };
    scene.write("unpublished.txt", other.sign(&key()).unwrap().to_string());
    scene.golden("log-consistency-fork", &scene.run("log consistency theirs.txt --evidence fork.json"));
    scene.golden("verify-fork", &scene.run(&format!("verify fork.json --key {}", vkey())));
    scene.golden("log-consistency-contradicted", &scene.run("log consistency unpublished.txt --evidence no.json"));
    assert!(!scene.exists("no.json"), "what is no evidence is not written as such");
    let shown = scene.run(&format!("--json verify fork.json --key {}", vkey()));
    assert_eq!((shown.code, shown.json()["fork"].as_bool()), (Some(1), Some(true)));
    scene.write("fork.json", scene.read("fork.json").replace(&size.to_string(), &(size + 1).to_string()));
    scene.golden("verify-fork-that-is-none", &scene.run(&format!("verify fork.json --key {}", vkey())));
}

#[test]
fn checkpoints_that_are_refused() {
    let scene = Scene::books();
    let other = SigningKey::from_seed("other.example/log", KeyKind::Ed25519, &[3; 32]).unwrap();
    let theirs = Checkpoint { origin: "other.example/log".to_owned(), size: 3, root: leaf_hash(b"x") };
    scene.write("other.txt", theirs.sign(&other).unwrap().to_string());
    let ahead = Checkpoint { origin: ORIGIN.to_owned(), size: 3000, root: leaf_hash(b"x") };
    scene.write("ahead.txt", ahead.sign(&key()).unwrap().to_string());
    for (situation, line) in [
        ("checkpoint-file-that-does-not-exist", "log consistency none.txt"),
        ("checkpoint-of-another-log", "log consistency other.txt"),
        ("checkpoint-of-an-unpublished-size", "log consistency 3000"),
        ("checkpoint-ahead-of-the-log", "log consistency ahead.txt"),
    ] {
        scene.refused(situation, line);
    }
}
