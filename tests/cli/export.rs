//! The log for other people's programs: single proofs and trees of tiles.
//!
//! That programs which nobody here wrote accept them is tested in tests/interop.

use crate::support::{Scene, vkey};
use deedbook::tlog::{Policy, TlogProof, leaf_hash};

#[test]
fn a_single_proof_verifies_for_the_entry_and_for_no_other() {
    let scene = Scene::sealed();
    scene.golden("log-proof", &scene.ok("log proof 3 -o 3.tlog-proof --entry 3.json"));
    let verify = |entry: &str| scene.run(&format!("verify 3.tlog-proof --entry {entry} --key {}", vkey()));
    let valid = verify("3.json");
    scene.golden("verify-tlog-proof", &valid);
    assert_eq!(valid.code, Some(0));
    scene.ok("log proof 4 -o 4.tlog-proof --entry 4.json");
    let other = verify("4.json");
    scene.golden("verify-tlog-proof-of-another-entry", &other);
    assert_eq!(other.code, Some(1));
    // The file is that of the specification, and the entry's bytes are the leaf's.
    let proof = TlogProof::parse(&scene.read("3.tlog-proof")).unwrap();
    assert_eq!((proof.index, proof.to_string()), (3, scene.read("3.tlog-proof")));
    assert_eq!(proof.checkpoint.to_string(), scene.ok("log checkpoint").stdout);
    let policy = Policy::from_log(crate::support::key().verifier().clone()).unwrap();
    assert!(proof.verify(&leaf_hash(scene.read("3.json").as_bytes()), &policy).is_ok());
    assert_eq!(scene.ok("log proof 3 -o -").stdout, scene.read("3.tlog-proof"));
    assert_eq!(scene.ok("log proof 3 -o again --entry -").stdout, scene.read("3.json"));
    let shown = scene.run(&format!("--json verify 3.tlog-proof --entry 3.json --key {}", vkey())).json();
    assert_eq!((shown["valid"].as_bool(), shown["index"].as_u64()), (Some(true), Some(3)));
}

#[test]
fn single_proofs_that_are_refused() {
    let scene = Scene::sealed();
    scene.ok("log proof 3 -o 3.tlog-proof --entry 3.json");
    for (situation, line) in [
        ("tlog-proof-beyond-the-log", "log proof 3000 -o x".to_owned()),
        ("tlog-proof-of-no-number", "log proof books -o x".to_owned()),
        ("tlog-proof-and-entry-in-one-file", "log proof 3 -o x --entry x".to_owned()),
        ("tlog-proof-in-a-folder-that-does-not-exist", "log proof 3 -o 3.new --entry none/x".to_owned()),
        ("tlog-proof-without-its-entry", format!("verify 3.tlog-proof --key {}", vkey())),
        ("entry-for-another-kind-of-proof", format!("verify two.proof --entry 3.json --key {}", vkey())),
    ] {
        scene.refused(situation, &line);
    }
}

#[test]
fn a_tree_of_tiles_is_the_log_to_the_byte() {
    let scene = Scene::sealed();
    let size = scene.log_size();
    scene.golden("log-export", &scene.ok("log export bare"));
    let full = scene.ok("--json log export full --with-entries").json();
    let files = |folder: &str| {
        let mut found = Vec::new();
        scene.walk(folder, &mut |path, _| found.push(path.strip_prefix(scene.path(folder)).unwrap().to_owned()));
        found.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
    };
    let (tile, bundle) = (format!("tile/0/000.p/{size}"), format!("tile/entries/000.p/{size}"));
    assert_eq!(files("bare"), ["checkpoint".to_owned(), tile.clone()]);
    assert_eq!(files("full"), ["checkpoint".to_owned(), tile.clone(), bundle.clone()]);
    let bytes = |name: &str| std::fs::read(scene.path(name)).unwrap();
    assert_eq!(bytes(&format!("full/{tile}")), bytes(&format!("deeds/log/{tile}")));
    assert_eq!(bytes(&format!("full/{bundle}")), bytes(&format!("deeds/entries/000.p/{size}")));
    assert_eq!(bytes("full/checkpoint"), bytes(&format!("deeds/log/history/{size}")));
    let len: usize = files("full").iter().map(|name| bytes(&format!("full/{name}")).len()).sum();
    let report = |member: &str| full[member].as_u64();
    assert_eq!((report("size"), report("bytes")), (Some(size), Some(len as u64)));
    assert_eq!((report("tiles"), report("bundles"), report("erased")), (Some(1), Some(1), Some(0)));
    // Without its entries nothing of the log says what is in them.
    assert!(scene.holds("full", b"9780306406157") && !scene.holds("bare", b"9780306406157"));
}

#[test]
fn exports_that_are_refused() {
    let scene = Scene::sealed();
    std::fs::create_dir(scene.path("full")).unwrap();
    scene.write("full/something", "mine");
    scene.refused("export-into-a-folder-that-holds-something", "log export full");
    scene.refused("export-into-the-ledger", "log export deeds/log/copy");
    scene.refused("export-into-a-file", "log export books.csv");
}

#[test]
fn no_damaged_byte_leaves_the_house() {
    let scene = Scene::sealed();
    let size = scene.log_size();
    std::fs::create_dir(scene.path("made")).unwrap();
    for (situation, path) in [
        ("export-of-a-damaged-entry", format!("deeds/entries/000.p/{size}")),
        ("export-of-a-damaged-tile", format!("deeds/log/tile/0/000.p/{size}")),
    ] {
        let whole = std::fs::read(scene.path(&path)).unwrap();
        let mut damaged = whole.clone();
        damaged[40] ^= 1;
        scene.write(&path, damaged);
        scene.refused(situation, "log export new --with-entries");
        assert!(!scene.exists("new"), "{situation}: a folder that was made is removed");
        scene.refused(situation, "log export new --with-entries");
        assert_eq!(scene.run("log export made --with-entries").code, Some(2));
        assert_eq!(
            std::fs::read_dir(scene.path("made")).unwrap().count(),
            0,
            "{situation}: one that was there is empty"
        );
        scene.write(&path, whole);
    }
    scene.ok("log export made --with-entries");
}
