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
fn right_words_in_the_wrong_place() {
    let scene = Scene::books();
    scene.write("books.csv.gz", b"\x1f\x8b");
    scene.write("lab.key.pub", format!("{}\n", crate::support::vkey()));
    scene.refused("source-before-dataset", "admit books.csv books");
    scene.refused("source-before-release", "check books.csv books@1");
    scene.refused("command-of-a-group", "fsck");
    scene.refused("command-of-two-groups", "list");
    scene.refused("source-is-a-compressed-catalogue", "admit books books.csv.gz");
    scene.refused("catalogue-given-as-terms", "grant add books.csv");
    scene.refused("verifier-key-given-as-private-key", "key show lab.key.pub");
    scene.refused("origin-with-a-scheme", "init other --origin https://lab.example/deeds");
}

#[test]
fn what_was_required_and_is_not_so_is_said() {
    let scene = Scene::sealed();
    scene.write("stray.csv", "isbn,title\n9780262033848,Stray\n");
    for (line, what) in [
        ("admit books stray.csv --require all-admitted", "NOT MET: every work admitted, or there already\n"),
        ("check books@1 stray.csv --require present", "NOT MET: every work present\n"),
        ("check books@1 books.csv --require absent", "NOT MET: every work absent\n"),
    ] {
        let ran = scene.run(line);
        assert!(ran.code == Some(1) && ran.stdout.contains(what), "{line}: {:?} {}", ran.code, ran.stdout);
    }
}

/// The way from where the user stands, which the ledger's folder need not be.
#[test]
fn the_report_is_where_it_is_said_to_be() {
    let scene = Scene::books();
    scene.write("stray.csv", "isbn,title\n9780262033848,Stray\n");
    let ran = scene.ok("admit books stray.csv --report copy.jsonl");
    let (_, files) = ran.stdout.split_once("report of the works not admitted:\n").unwrap();
    let files: Vec<&str> = files.lines().map(str::trim).collect();
    assert_eq!((files.len(), files[1]), (2, "copy.jsonl"));
    assert_eq!(scene.read(files[0]), scene.read("copy.jsonl"));
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
