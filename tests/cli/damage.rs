//! Ledgers that are not what they were.

use crate::support::{ORIGIN, Scene, copy};
use deedbook::tlog::{Checkpoint, KeyKind, SigningKey, VerifiedCheckpoint};

#[test]
fn missing_tile() {
    let scene = Scene::sealed();
    let size = scene.log_size();
    std::fs::remove_file(scene.path(&format!("deeds/log/tile/0/000.p/{size}"))).unwrap();
    scene.refused("missing-tile", "admit books books.csv");
    scene.refused("missing-tile-for-a-reader", "prove books@1 --work isbn:9780306406157 -o 2.proof");
    let ran = scene.run("log fsck");
    scene.golden("missing-tile-found-by-fsck", &ran);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn damaged_entry() {
    let scene = Scene::sealed();
    let size = scene.log_size();
    let bundle = scene.path(&format!("deeds/entries/000.p/{size}"));
    let mut bytes = std::fs::read(&bundle).unwrap();
    let title = bytes.windows(11).position(|w| w == b"North Press").unwrap();
    bytes[title] = b'M';
    std::fs::write(&bundle, bytes).unwrap();
    scene.refused("damaged-entry", "grant list");
    let ran = scene.run("log fsck");
    scene.golden("damaged-entry-found-by-fsck", &ran);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn foreign_checkpoint() {
    let scene = Scene::sealed();
    let own = scene.read("deeds/log/checkpoint");
    let checkpoint = VerifiedCheckpoint::open(&own, crate::support::key().verifier()).unwrap();
    let other = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    let (origin, size, root) = (ORIGIN.to_owned(), checkpoint.size(), *checkpoint.root());
    let forged = Checkpoint { origin, size, root }.sign(&other).unwrap().to_string();
    scene.write("deeds/log/checkpoint", forged);
    scene.refused("foreign-checkpoint", "admit books books.csv");
    scene.refused("foreign-checkpoint-for-a-reader", "log status");
    let ran = scene.run("log fsck");
    scene.golden("foreign-checkpoint-found-by-fsck", &ran);
    assert_eq!(ran.code, Some(1));
}

#[test]
fn key_that_does_not_match() {
    let scene = Scene::sealed();
    let other = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    scene.write_private("deeds/private/key", &format!("{}\n", other.print_private()));
    scene.refused("key-of-another-ledger", "admit books books.csv");
    scene.write_private("deeds/private/key", "not a key\n");
    scene.refused("key-that-is-none", "admit books books.csv");
    std::fs::remove_file(scene.path("deeds/private/key")).unwrap();
    scene.refused("key-missing", "admit books books.csv");
    // Readers need none.
    scene.ok("log status");
}

/// An older copy of the public half is put back, and the key remembers that it signed more.
#[test]
fn older_copy_put_back() {
    let scene = Scene::books();
    copy(&scene.path("deeds"), &scene.path("older"));
    scene.ok("admit books books.csv");
    for folder in ["log", "entries"] {
        std::fs::remove_dir_all(scene.path(&format!("deeds/{folder}"))).unwrap();
        copy(&scene.path(&format!("older/{folder}")), &scene.path(&format!("deeds/{folder}")));
    }
    scene.refused("older-copy-put-back", "admit books books.csv");
    std::fs::remove_file(scene.path("deeds/private/signed")).unwrap();
    scene.refused("high-water-mark-missing", "admit books books.csv");
}

#[test]
fn not_a_ledger() {
    let scene = Scene::ledger();
    scene.refused("no-ledger-there", "--ledger nowhere log status");
    scene.write("deeds/ledger.toml", "format = 2\norigin = \"lab.example/deeds\"\nverifier_key = \"x\"\n");
    scene.refused("ledger-of-a-newer-format", "log status");
    scene.write("deeds/ledger.toml", "origin = 3\n");
    scene.refused("settings-malformed", "log status");
    scene.write("deeds/ledger.toml", "");
    std::fs::create_dir(scene.path("full")).unwrap();
    scene.write("full/file", "");
    scene.refused("init-in-a-folder-that-holds-something", "init full --origin lab.example/other");
    scene.refused("init-where-a-ledger-is", "init deeds --origin lab.example/deeds");
}

#[test]
fn repair_makes_again_what_follows_from_the_log() {
    let scene = Scene::sealed();
    std::fs::remove_file(scene.path("deeds/release/books/1")).unwrap();
    scene.refused("release-rows-missing", "prove books@1 --work isbn:9780306406157 -o 2.proof");
    let before = scene.snapshot();
    scene.golden("repair-dry-run", &scene.run("repair --dry-run"));
    scene.unchanged("repair-dry-run", &before);
    let ran = scene.run("repair");
    scene.golden("repair", &ran);
    assert_eq!(ran.code, Some(0));
    scene.ok("prove books@1 --work isbn:9780306406157 -o 2.proof");
    scene.sound();
}

/// Whatever is derived can be deleted: a writer rebuilds its index by itself.
#[test]
fn index_deleted() {
    let scene = Scene::sealed();
    std::fs::remove_dir_all(scene.path("deeds/index")).unwrap();
    let again = scene.ok("--json admit books books.csv").json();
    assert_eq!(again["duplicates"], 3);
    scene.sound();
}
