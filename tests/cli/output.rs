//! Where output goes: files whole or not at all, and readers that stop reading.

use crate::support::{Ran, Scene, finish, vkey};
use std::process::Stdio;

/// A failed command leaves no file, and does not touch one that is there.
fn leaves_nothing(scene: &Scene, line: &str, file: &str) {
    let before = scene.snapshot();
    let ran = scene.run(line);
    assert_eq!(ran.code, Some(2), "{line}\n{}", ran.stderr);
    scene.unchanged(line, &before);
    scene.write(file, "mine");
    let before = scene.snapshot();
    assert_eq!(scene.run(line).code, Some(2), "{line}");
    scene.unchanged(line, &before);
    std::fs::remove_file(scene.path(file)).unwrap();
}

#[test]
fn files_of_failed_commands() {
    let scene = Scene::sealed();
    scene.write("bad.csv", "isbn,title\n9780306406157,One\n9791090636071\n");
    leaves_nothing(&scene, "prove books@2 --work isbn:9780306406157 -o out", "out");
    leaves_nothing(&scene, "prove books@1 bad.csv -o out", "out");
    leaves_nothing(&scene, "check books@2 books.csv --report out", "out");
    leaves_nothing(&scene, "show books@2 --works -o out", "out");
    leaves_nothing(&scene, "check books@1 bad.csv --report out", "out");
    leaves_nothing(&scene, "admit songs books.csv --report out", "out");
    leaves_nothing(&scene, "admit books bad.csv --report out", "out");
}

#[test]
fn files_that_cannot_be_written() {
    let scene = Scene::sealed();
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.refused("output-in-a-folder-that-does-not-exist", "prove books@1 --work isbn:9780306406157 -o none/out");
    scene.refused("output-is-a-folder", "prove books@1 --work isbn:9780306406157 -o folder");
    scene.refused("report-in-a-folder-that-does-not-exist", "check books@1 books.csv --report none/out");
    scene.refused("admission-report-in-a-folder-that-does-not-exist", "admit books books.csv --report none/out");
}

/// That a report cannot be kept is known before the batch is recorded, not after.
#[test]
fn admission_report_that_is_a_folder() {
    let scene = Scene::books();
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.refused("admission-report-is-a-folder", "admit books books.csv --report folder");
}

#[test]
fn files_are_replaced_whole() {
    let scene = Scene::sealed();
    scene.write("out", "an older proof");
    scene.ok("prove books@1 --work isbn:9780306406157 -o out");
    scene.ok(&format!("verify out --key {}", vkey()));
}

#[test]
fn stdout_instead_of_a_file() {
    let scene = Scene::sealed();
    let ran = scene.ok("prove books@1 --work isbn:9780306406157 --work doi:10.1000/absent -o -");
    assert_eq!(ran.stdout, scene.read("two.proof"));
    scene.golden("report-on-stdout", &scene.run("check books@1 books.csv --report -"));
    assert!(!scene.exists("-"));
}

/// Where the data goes to stdout there is nothing else on it, `--json` or not.
#[test]
fn json_beside_data_on_stdout() {
    let scene = Scene::sealed();
    let ran = scene.ok("--json prove books@1 --work isbn:9780306406157 --work doi:10.1000/absent -o -");
    assert_eq!(ran.stdout, scene.read("two.proof"));
    let ran = scene.ok("--json check books@1 books.csv --report -");
    assert!(ran.stdout.lines().all(|line| line.starts_with('{')), "{:?}", ran.stdout);
}

/// `-` is never the name of a file.
#[test]
fn dash_is_no_file() {
    let scene = Scene::sealed();
    scene.run("admit books books.csv --report -");
    assert!(!scene.exists("-"), "admit --report -");
    scene.run("key new lab.example -o -");
    assert!(!scene.exists("-") && !scene.exists("-.pub"), "key new -o -");
}

/// Runs a command whose stdout nobody reads.
pub fn unread(scene: &Scene, line: &str) -> Ran {
    let mut child = scene.command(line.split(' ')).stdin(Stdio::null()).spawn().unwrap();
    drop(child.stdout.take());
    finish(line, child, b"")
}

/// More than a pipe holds.
#[test]
fn closed_stdout_ends_a_long_report_quietly() {
    let scene = Scene::sealed();
    scene.write("many.csv", format!("isbn\n{}", "9791090636071\n".repeat(5000)));
    let ran = unread(&scene, "--quiet check books@1 many.csv --report -");
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn closed_stdout_ends_quietly() {
    let scene = Scene::sealed();
    for line in [
        "log checkpoint",
        "--json log status",
        "show 0",
        "show isbn:9780306406157",
        "show books@1 --works",
        "show books@1 --works --format csv",
        "dataset list",
        "grant list",
        "log fsck",
        "completions zsh",
        "man pages",
        "demo",
        "admit books books.csv --dry-run",
        "--quiet admit books books.csv --dry-run --report -",
        "--quiet check books@1 books.csv --report -",
        "check books@1 books.csv",
        "--quiet prove books@1 --work isbn:9780306406157 -o -",
        &format!("verify two.proof --key {}", vkey()),
        "--help",
    ] {
        let ran = unread(&scene, line);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{line}");
    }
    // The answer is in the exit code all the same.
    let ran = unread(&scene, &format!("verify two.proof --key {} --require present", vkey()));
    assert_eq!(ran.code, Some(1));
}

#[test]
fn quiet_says_nothing_beside_the_data() {
    let scene = Scene::sealed();
    assert_eq!(scene.ok("--quiet prove books@1 --work isbn:9780306406157 -o -").stderr, "");
    assert_eq!(scene.ok("--quiet check books@1 books.csv --report -").stderr, "");
    assert!(!scene.ok("--quiet log status").stdout.is_empty());
}

/// What a refused batch had begun is gone too, though some of its works were refused before it.
#[test]
fn reports_of_failed_batches() {
    let scene = Scene::books();
    scene.write("other.csv", "isbn\n9791090636071\n");
    scene.write("bad.csv", "isbn,title\n9780306406157\n");
    let before = scene.snapshot();
    assert_eq!(scene.run("admit books other.csv bad.csv").code, Some(2));
    scene.unchanged("a report that was begun", &before);
}

/// Readers write nothing, not even in `index/`.
#[test]
fn readers_write_nothing() {
    let scene = Scene::sealed();
    let all = |scene: &Scene| {
        let mut files = Vec::new();
        scene.walk("deeds", &mut |path, bytes| files.push((path.to_owned(), bytes.to_vec())));
        files
    };
    let before = all(&scene);
    for line in [
        "dataset list",
        "dataset show books",
        "grant list",
        "grant show north-press",
        "prove books@1 --work isbn:9780306406157 -o -",
        "check books@1 books.csv",
        "show isbn:9780306406157",
        "show books@1",
        "show books@1 --works",
        "log status",
        "log checkpoint",
        "log state",
        "log fsck",
    ] {
        scene.ok(line);
        assert!(all(&scene) == before, "{line}");
    }
}
