//! Mistakes on the command line: exit code 2, words on stderr.

use crate::support::Scene;

#[test]
fn mistakes() {
    let scene = Scene::empty();
    scene.refused("usage-unknown-command", "amdit");
    scene.refused("usage-unknown-option", "admit books books.csv --fast");
    scene.refused("usage-argument-missing", "admit books");
    scene.refused("usage-value-missing", "seal");
    scene.refused("usage-no-key", "verify one.proof");
    scene.refused("usage-key-and-policy", "verify one.proof --key a --policy b");
    scene.refused("usage-unknown-requirement", "verify one.proof --key a --require true");
    scene.refused("usage-no-output", "prove books@1 --work isbn:9780306406157");
}

#[test]
fn help_is_an_answer() {
    let scene = Scene::empty();
    for line in ["--help", "--version", "admit --help", "verify --help", "log --help", "log fsck --help"] {
        let ran = scene.ok(line);
        assert!(!ran.stdout.is_empty() && ran.stderr.is_empty(), "{line}");
    }
    scene.golden("help", &scene.run("--help"));
}

#[test]
fn nothing_said_shows_the_help() {
    let scene = Scene::empty();
    let child = scene.command([]).spawn().unwrap();
    let ran = crate::support::finish("", child, b"");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("Usage: deedbook"), "{}", ran.stderr);
}
