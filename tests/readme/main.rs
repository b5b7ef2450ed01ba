//! The README's claims, run: its tasks, one after another as written, and the demo's transcript. So is the page for
//! rightsholders, and the page of what changes later.
#![cfg(feature = "cli")]

mod changes;
mod rightsholder;
mod suit;

use std::path::Path;
use std::process::Command;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(path)).expect("a file of the project")
}

/// The shell blocks below `## Tasks`, in order.
fn tasks() -> Vec<String> {
    let readme = read("README.md");
    let tasks = readme.split("## Tasks").nth(1).expect("tasks");
    let blocks = tasks.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap_or_default().to_owned());
    blocks.collect()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() { copy(&path, &to) } else { std::fs::copy(&path, &to).map(|_| ()).expect("a copy") }
    }
}

#[test]
fn every_task_of_the_readme_runs_as_written() {
    let dir = tempfile::tempdir().expect("a folder");
    let bin = Path::new(env!("CARGO_BIN_EXE_deedbook")).parent().expect("a folder").display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    // The reader stands in a clone.
    copy(&Path::new(ROOT).join("examples/works"), &dir.path().join("examples/works"));
    let mut script = "set -eu\n".to_owned();
    for block in tasks() {
        script += &block;
    }
    assert!(script.matches("deedbook ").count() > 12, "the tasks were not found");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(dir.path())
        .env("PATH", format!("{bin}:{path}"))
        .env_remove("DEEDBOOK_LEDGER")
        .output()
        .expect("a shell");
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{script}\n{out}\n{err}");
    for said in [
        "\n  admitted                         3\n",
        "purpose-not-covered",
        "conflicting-evidence",
        "4 works asked of songs@2026-11\n  present  2\n  absent   2\n",
        "sealed  books@2026-11",
        "withdrawn from books: 1 work (1 admission)",
        "ENDED     2099-01-01",
        "VALID: signed by the log lab.example/deeds",
        "sound:",
    ] {
        assert!(out.contains(said), "{said:?} is not in\n{out}");
    }
}

#[test]
fn the_two_commands_are_the_ones_that_ci_runs() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    for command in ["cargo run --release -- demo", "cargo test"] {
        assert!(readme.contains(&format!("\n{command} ")), "{command} in README.md");
        assert!(ci.lines().any(|line| line.trim_end().ends_with(command)), "{command} in .ci/run");
    }
}

/// `UPDATE_GOLDEN=1` writes it anew. Times, seeds and the key are fixed, so every run of every machine says this.
#[test]
fn the_demo_tells_its_story_word_for_word() {
    let output = Command::new(env!("CARGO_BIN_EXE_deedbook")).arg("demo").output().expect("the command runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    let golden = Path::new(ROOT).join("tests/readme/demo.txt");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&golden, &told).expect("the golden file");
    }
    assert_eq!(told, std::fs::read_to_string(&golden).unwrap_or_default());
    // What the story must show, whatever its words: each of these rules decides a work of its own.
    for code in [
        "bad-identifier",
        "duplicate",
        "reserved",
        "not-in-subject",
        "layer-not-covered",
        "use-prohibited",
        "purpose-not-covered",
        "expired",
        "licence-unknown",
        "needs-review",
    ] {
        assert!(told.contains(&format!("\n  {code} ")), "{code}");
    }
    assert_eq!(told.matches("INVALID:").count(), 3);
    assert!(told.contains("VALID: signed by") && told.contains("PRESENT") && told.contains("ABSENT"));
}

#[test]
fn a_kept_demo_is_a_sound_ledger() {
    let dir = tempfile::tempdir().expect("a folder");
    let ledger = dir.path().join("demo").display().to_string();
    let run =
        |args: &[&str]| Command::new(env!("CARGO_BIN_EXE_deedbook")).args(args).output().expect("the command runs");
    let demo = run(&["demo", &ledger]);
    assert!(demo.status.success());
    // The commands that it suggests at its end.
    let told = String::from_utf8_lossy(&demo.stdout).into_owned();
    let suggested: Vec<&str> = told.lines().filter_map(|l| l.strip_prefix("  deedbook ")).collect();
    assert_eq!(suggested.len(), 5);
    for command in suggested {
        let output = run(&command.split_whitespace().collect::<Vec<_>>());
        assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn every_column_is_in_the_page_of_catalogues() {
    let page = read("docs/catalogues.md");
    for name in deedbook::ingest::Field::names() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
