//! Private keys: never readable by others, never overwritten, never shown.

use crate::support::{Scene, key, set_mode};
use std::os::unix::fs::PermissionsExt;

/// What of a private key's text nobody may see: all behind its name.
fn secret(text: &str) -> String {
    // PRIVATE+KEY+name+id+base64, which may hold plus signs itself.
    text.trim().splitn(5, '+').last().unwrap().to_owned()
}

#[test]
fn key_new() {
    let scene = Scene::empty();
    let ran = scene.run("key new north-press.example -o press.key");
    scene.golden("key-new", &ran);
    assert_eq!(ran.code, Some(0));
    let mode = |name: &str| std::fs::metadata(scene.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("press.key"), 0o600);
    assert_eq!(scene.read("press.key.pub"), ran.stdout);
    assert_eq!(scene.ok("key show press.key").stdout, ran.stdout);
    assert!(!ran.stdout.contains(&secret(&scene.read("press.key"))));
}

#[test]
fn key_new_over_a_file() {
    let scene = Scene::empty();
    scene.ok("key new north-press.example -o press.key");
    scene.refused("key-file-exists", "key new north-press.example -o press.key");
    std::fs::remove_file(scene.path("press.key")).unwrap();
    scene.refused("public-key-file-exists", "key new north-press.example -o press.key");
    scene.refused("key-name-malformed", "key new north+press -o other.key");
    scene.refused("key-in-a-folder-that-does-not-exist", "key new north-press.example -o none/press.key");
}

#[test]
fn readable_by_others() {
    let scene = Scene::ledger();
    set_mode(&scene.path("lab.key"), 0o640);
    scene.refused("key-file-readable-by-others", "key show lab.key");
    scene.refused("key-for-init-readable-by-others", "init other --origin lab.example/deeds --signing-key lab.key");
    set_mode(&scene.path("deeds/private/key"), 0o604);
    let line = "dataset new books --use tdm --purpose research --layer text";
    scene.refused("ledger-key-readable-by-others", line);
    let ran = scene.run(line);
    assert!(!ran.stderr.contains(&secret(&key().print_private())));
}

#[test]
fn key_files_that_are_none() {
    let scene = Scene::empty();
    scene.write_private("mine.key", "PRIVATE+KEY+mine+00000000+AAAA\n");
    scene.refused("key-file-malformed", "key show mine.key");
    scene.refused("key-file-does-not-exist", "key show none.key");
    scene.write_private("lab.key", &format!("{}\n", key().print_private()));
    scene.refused("origin-is-not-the-keys-name", "init deeds --origin other.example --signing-key lab.key");
}

/// Every command, as text, as JSON and in its errors: the private key is in none of it.
#[test]
fn secrets_are_never_shown() {
    let scene = Scene::sealed();
    let secret = secret(&key().print_private());
    assert!(scene.read("deeds/private/key").contains(&secret));
    let vkey = crate::support::vkey();
    let lines = [
        "key show lab.key",
        "init again --origin lab.example/deeds --signing-key lab.key",
        "init deeds --origin lab.example/deeds --signing-key lab.key",
        "dataset list",
        "dataset show books",
        "grant list",
        "grant show north-press",
        "grant add lab.key",
        "admit books books.csv",
        "admit books lab.key --map x=isbn",
        "seal books 2",
        "prove books@1 --work isbn:9780306406157 -o -",
        &format!("verify two.proof --key {vkey}"),
        "verify two.proof --key lab.key",
        "verify lab.key --key lab.key",
        "verify two.proof --policy lab.key",
        "check books@1 books.csv --report -",
        "show 0",
        "show books",
        "log status",
        "log checkpoint",
        "log state",
        "log fsck",
        "repair --dry-run",
        "repair",
        "--help",
    ];
    for line in lines {
        for json in ["", "--json "] {
            let ran = scene.run(&format!("{json}{line}"));
            assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "{json}{line}");
        }
    }
    // A key that is given as an argument is a mistake that is not repeated on the screen.
    let ran = scene.run_args(&["verify", "two.proof", "--key", key().print_private().as_str()]);
    assert_eq!(ran.code, Some(2));
    assert!(!ran.stdout.contains(&secret) && !ran.stderr.contains(&secret), "{}", ran.stderr);
    // Nor is it anywhere in what may be published.
    for folder in ["log", "entries", "release", "register", "catalogue"] {
        assert!(!scene.holds(&format!("deeds/{folder}"), secret.as_bytes()), "{folder}");
    }
}
