//! Catalogues that cannot be read: refused with file, line and column, and nothing written.

use crate::support::Scene;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Admitting this catalogue is refused.
fn catalogue_refused(situation: &str, bytes: impl AsRef<[u8]>) {
    let scene = Scene::books();
    scene.write("catalogue.csv", bytes);
    scene.refused(situation, "admit books catalogue.csv");
}

fn jsonl_refused(situation: &str, bytes: impl AsRef<[u8]>) {
    let scene = Scene::books();
    scene.write("catalogue.jsonl", bytes);
    scene.refused(situation, "admit books catalogue.jsonl");
}

#[test]
fn column_maps() {
    let scene = Scene::books();
    scene.refused("map-of-an-unknown-column", "admit books books.csv --map ISBN13=isbn");
    scene.refused("map-of-a-misspelt-column", "admit books books.csv --map ISBM=isbn");
    scene.refused("map-to-an-unknown-field", "admit books books.csv --map isbn=isbm");
    scene.refused("map-without-equals-sign", "admit books books.csv --map isbn");
    scene.refused("map-of-two-columns-to-one-field", "admit books books.csv --map isbn=title --map title=title");
}

/// A program without the feature says what is missing, and not that the file is wrong.
#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_without_what_reads_it() {
    let scene = Scene::books();
    scene.write("books.parquet", "PAR1");
    scene.refused("parquet-is-not-built-in", "admit books books.parquet");
    scene.refused_with("parquet-is-not-built-in-from-stdin", "admit books - --format parquet", "PAR1");
}

#[test]
fn headers() {
    catalogue_refused("empty-catalogue", "");
    catalogue_refused("two-columns-of-one-name", "isbn,title,Title\n");
    catalogue_refused("no-column-identifies-a-work", "name,price\nOne,3\n");
}

#[test]
fn too_few_fields() {
    catalogue_refused("too-few-fields", "isbn,title\n9780306406157,One\n9781861972712\n");
}

#[test]
fn bad_quotes() {
    catalogue_refused("quote-inside-a-field", "isbn,title\n9780306406157,The \"One\"\n");
    catalogue_refused("text-after-a-closing-quote", "isbn,title\n9780306406157,\"The\" One\n");
    catalogue_refused("quote-never-closed", "isbn,title\n9780306406157,\"One\n9781861972712,Two\n");
}

#[test]
fn invalid_utf8() {
    catalogue_refused("invalid-utf-8", b"isbn,title\n9780306406157,Caf\xe9\n");
    jsonl_refused("invalid-utf-8-in-json-lines", b"{\"isbn\":\"9780306406157\",\"title\":\"Caf\xe9\"}\n");
}

#[test]
fn nul() {
    catalogue_refused("nul", "isbn,title\n9780306406157,O\0ne\n");
    jsonl_refused("nul-in-json-lines", "{\"isbn\":\"9780306406157\",\"title\":\"O\\u0000ne\"}\n");
}

#[test]
fn json_lines() {
    jsonl_refused("json-line-cut-off", "{\"isbn\":\"9780306406157\"}\n{\"isbn\":\"97818619");
    jsonl_refused("json-line-that-is-no-object", "[\"9780306406157\"]\n");
    jsonl_refused("json-member-twice", "{\"isbn\":\"9780306406157\",\"isbn\":\"9781861972712\"}\n");
    jsonl_refused("json-value-of-another-type", "{\"isbn\":\"9780306406157\",\"title\":{\"en\":\"One\"}}\n");
}

#[test]
fn dates_of_use() {
    catalogue_refused("used-from-a-day-that-does-not-exist", "isbn,used_from\n9780306406157,2026-02-30\n");
    catalogue_refused("used-from-after-today", "isbn,used_from\n9780306406157,9999-01-01\n");
}

#[test]
fn files() {
    let scene = Scene::books();
    scene.write("books.xlsx", "");
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.refused("catalogue-does-not-exist", "admit books none.csv");
    scene.refused("catalogue-of-an-unknown-format", "admit books books.xlsx");
    scene.refused("folder-without-files", "admit books folder");
    scene.refused("deny-list-is-a-folder", "admit books books.csv --deny folder");
    scene.refused("deny-list-does-not-exist", "admit books books.csv --deny none.csv");
    // What was read before the fault is not recorded either.
    scene.refused("second-catalogue-does-not-exist", "admit books books.csv none.csv");
}

#[test]
fn stdin_needs_a_format() {
    let scene = Scene::books();
    scene.refused("stdin-without-format", "admit books -");
    scene.refused("stdin-of-an-unknown-format", "admit books - --format xlsx");
    scene.refused_with("bad-line-on-stdin", "admit books - --format csv", "isbn\n9780306406157,One\n");
    let ran = scene.run_with("--json admit books - --format csv", crate::support::BOOKS);
    assert_eq!((ran.code, ran.json()["admitted"].as_u64()), (Some(0), Some(3)));
}

const HUGE: usize = 100_000_000;

#[test]
fn line_of_100_mb() {
    for (situation, file, head) in [
        ("line-of-100-mb", "huge.csv", "isbn,title\n9780306406157,"),
        ("line-of-100-mb-in-json-lines", "huge.jsonl", "{\"title\":\""),
    ] {
        let scene = Scene::books();
        let mut out = std::fs::File::create(scene.path(file)).unwrap();
        out.write_all(head.as_bytes()).unwrap();
        let piece = vec![b'a'; 1_000_000];
        (0..HUGE / piece.len()).for_each(|_| out.write_all(&piece).unwrap());
        // Not copied into a snapshot: the ledger is what must not change.
        let started = Instant::now();
        let ran = scene.run(&format!("admit books {file}"));
        assert!(started.elapsed() < Duration::from_secs(5), "it gives up early");
        scene.golden(situation, &ran);
        std::fs::remove_file(scene.path(file)).unwrap();
        assert_eq!(scene.log_size(), 6);
        scene.sound();
    }
}

/// A reader that keeps what it reads would take 100 MB from the pipe; this one stops soon after its limit of 1 MiB.
#[test]
fn line_of_100_mb_is_not_kept_in_memory() {
    for (format, head) in [("csv", "isbn,title\n9780306406157,"), ("jsonl", "{\"title\":\"")] {
        let scene = Scene::books();
        let mut command = scene.command(["admit", "books", "-", "--format", format]);
        let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut pipe = child.stdin.take().unwrap();
        pipe.write_all(head.as_bytes()).unwrap();
        let piece = vec![b'a'; 1 << 16];
        let taken = (0..HUGE / piece.len()).take_while(|_| pipe.write_all(&piece).is_ok()).count() * piece.len();
        drop(pipe);
        assert_eq!(child.wait().unwrap().code(), Some(2));
        assert!(taken < 4 << 20, "{format}: {taken} bytes were read");
    }
}

/// An address space that a line of 200 MB does not fit into is enough.
#[test]
fn a_line_of_200_mb_with_less_memory() {
    let scene = Scene::books();
    scene.write("huge.csv", ["isbn,title\n9780306406157,", &"a".repeat(2 * HUGE)].concat());
    let limited = |file: &str| {
        let exe = env!("CARGO_BIN_EXE_deedbook");
        let script = format!("ulimit -v 190000 && exec {exe} --ledger deeds admit books {file} --dry-run");
        Command::new("/bin/sh").args(["-c", &script]).current_dir(scene.path("")).output().unwrap()
    };
    if !limited("books.csv").status.success() {
        println!("skipped: the program does not start in so little memory here");
        return;
    }
    let output = limited("huge.csv");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("a record longer than 1048576 bytes"), "{stderr}");
    assert_eq!(output.status.code(), Some(2));
}
