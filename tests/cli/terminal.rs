//! Control characters in data never reach a terminal raw: not from titles, names, paths or files that others made.

use crate::support::{NORTH_PRESS, Ran, Scene, vkey};

/// Clears the screen, sets a colour, rings, moves left, turns the direction of writing, and begins a sequence in C1.
const NASTY: &str = "x\u{1b}[2J\u{1b}[31m\u{7}\u{8}\u{202e}\u{9b}31m\u{7f}y";

fn tame(ran: &Ran) {
    for (name, text) in [("stdout", &ran.stdout), ("stderr", &ran.stderr)] {
        let wild =
            |c: char| c.is_control() && c != '\n' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let found = text.chars().find(|c| wild(*c));
        assert!(found.is_none(), "{}: {found:?} on {name}: {text:?}", ran.line);
    }
}

fn csv() -> String {
    format!("isbn,title,author\n9780306406157,{NASTY},{NASTY}\n9791090636071,{NASTY},{NASTY}\n")
}

#[test]
fn titles_and_names() {
    titles_and_names_as("--quiet");
}

#[test]
fn titles_and_names_in_json() {
    titles_and_names_as("--json");
}

fn titles_and_names_as(json: &str) {
    let scene = Scene::ledger();
    let escaped: String = NASTY.chars().map(|c| format!("\\u{:04X}", u32::from(c))).collect();
    scene.write("terms.toml", NORTH_PRESS.replace("North Press", &escaped));
    scene.write("books.csv", csv());
    let nasty = |args: &[&str]| {
        let ran = scene.run_args(args);
        tame(&ran);
        ran
    };
    nasty(&[
        "dataset",
        "new",
        "books",
        "--use",
        "generative-training",
        "--purpose",
        "commercial",
        "--layer",
        "text",
        "--title",
        NASTY,
    ]);
    nasty(&[json, "dataset", "show", "books"]);
    nasty(&[json, "dataset", "list"]);
    nasty(&["grant", "add", "terms.toml"]);
    let admit = nasty(&["admit", "books", "books.csv"]);
    assert!(admit.stdout.contains("not-in-subject"), "{}{}", admit.stdout, admit.stderr);
    nasty(&["seal", "books", "1"]);
    nasty(&["prove", "books@1", "--work", "isbn:9780306406157", "-o", "one.proof"]);
    let key = vkey();
    nasty(&[json, "grant", "show", "north-press"]);
    nasty(&[json, "grant", "list"]);
    nasty(&[json, "admit", "books", "books.csv"]);
    nasty(&[json, "show", "isbn:9780306406157"]);
    nasty(&[json, "show", "books"]);
    let listed = nasty(&["show", "books@1", "--works"]);
    let line: serde_json::Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(line["title"], NASTY);
    // What is no terminal gets every title as it was recorded.
    assert!(scene.ok("show books@1 --works --format csv").stdout.contains(NASTY));
    scene.ok("show books@1 --works --format csv -o works.csv");
    assert!(scene.read("works.csv").contains(NASTY));
    nasty(&[json, "show", "north-press"]);
    let verify = nasty(&[json, "verify", "one.proof", "--key", &key]);
    assert_eq!(verify.code, Some(0));
    nasty(&[json, "log", "fsck"]);
    nasty(&[json, "log", "status"]);
}

#[test]
fn arguments_and_paths() {
    arguments_and_paths_as("--quiet");
}

#[test]
fn arguments_and_paths_in_json() {
    arguments_and_paths_as("--json");
}

#[test]
fn mistakes_of_usage() {
    let scene = Scene::empty();
    for args in [&[NASTY][..], &["log", NASTY], &["verify", "two.proof", "--key", "x", "--require", NASTY]] {
        tame(&scene.run_args(args));
    }
}

fn arguments_and_paths_as(json: &str) {
    let scene = Scene::sealed();
    let file = format!("{NASTY}.csv");
    scene.write(&file, "isbn,title\n9780306406157\n");
    scene.write("nasty.csv", format!("isbn,{NASTY}\n9780306406157,3\n"));
    scene.write("nasty.jsonl", format!("{{\"isbn\":\"{}\"", NASTY.escape_unicode()));
    scene.write("nasty.toml", format!("{NASTY}\n"));
    scene.write("nasty.proof", format!("{{\"{NASTY}\":1}}\n"));
    scene.write("licensors", format!("{NASTY}\n"));
    let key = vkey();
    for args in [
        &["admit", "books", &file][..],
        &["admit", "books", NASTY],
        &["admit", NASTY, "books.csv"],
        &["admit", "books", "nasty.csv"],
        &["admit", "books", "nasty.jsonl"],
        &["admit", "books", "books.csv", "--map", &format!("{NASTY}=isbn")],
        &["admit", "books", "books.csv", "--map", &format!("isbn={NASTY}")],
        &["check", "books@1", &file],
        &["check", NASTY, "books.csv"],
        &["show", NASTY],
        &["show", &format!("isbn:{NASTY}")],
        &["show", &format!("id:a/{NASTY}")],
        &["prove", "books@1", "--work", "isbn:9780306406157", "-o", &format!("none/{NASTY}")],
        &["prove", "books@1", "--work", "isbn:9780306406157", "-o", &format!("{NASTY}.proof")],
        &["verify", "nasty.proof", "--key", &key],
        &["verify", NASTY, "--key", &key],
        &["verify", "two.proof", "--key", NASTY],
        &["verify", "two.proof", "--key", &key, "--at", NASTY],
        &["verify", "two.proof", "--key", &key, "--licensors", "licensors"],
        &["grant", "add", "nasty.toml"],
        &["grant", "add", NASTY],
        &["--ledger", NASTY, "log", "status"],
        &["init", NASTY, "--origin", "other.example"],
        &["init", "other", "--origin", NASTY],
        &["key", "new", NASTY, "-o", "k"],
        &["key", "show", NASTY],
    ] {
        let mut all = vec![json];
        all.extend(args);
        tame(&scene.run_args(&all));
    }
}

/// Columns that mean nothing are named to the user.
#[test]
fn ignored_columns() {
    let scene = Scene::books();
    scene.write("nasty.csv", format!("isbn,{NASTY}\n9780306406157,3\n"));
    tame(&scene.run("admit books nasty.csv"));
}
