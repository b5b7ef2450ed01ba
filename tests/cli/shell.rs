//! `completions` and `man`: the definition of the command line in the forms that shells and `man` read.

use crate::support::{Scene, finish};
use std::process::Command;

/// The script of each shell knows commands and options, and the words that options take where the shell can.
#[test]
fn completions_know_the_commands() {
    let scene = Scene::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = scene.ok(&format!("completions {shell}"));
        let values =
            if ["elvish", "powershell"].contains(&shell) { &[][..] } else { &["generative-training", "jsonl"] };
        for word in ["admit", "checkpoint", "all-or-nothing"].iter().chain(values) {
            assert!(ran.stdout.contains(word), "{shell}: {word}");
        }
        let json = scene.ok(&format!("--json completions {shell}")).json();
        assert_eq!((json["shell"].as_str(), json["script"].as_str()), (Some(shell), Some(ran.stdout.as_str())));
    }
    scene.refused("completions-for-an-unknown-shell", "completions tcsh");
}

/// Where bash is installed, it reads the script and completes by it.
#[test]
fn bash_completes() {
    let scene = Scene::empty();
    scene.write("deedbook.bash", scene.ok("completions bash").stdout);
    let script = ". ./deedbook.bash; COMP_WORDS=(deedbook ad); COMP_CWORD=1; _deedbook deedbook ad deedbook; \
        echo \"${COMPREPLY[*]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", script]).current_dir(scene.path(""));
    match bash.output() {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "admit\n", "{output:?}"),
        Err(error) => eprintln!("not tried, there is no bash: {error}"),
    }
}

#[test]
fn manual_pages() {
    let scene = Scene::empty();
    let ran = scene.ok("man share/man/man1");
    assert!(ran.stdout.contains("\ndeedbook-dataset-new.1\n"), "{}", ran.stdout);
    assert!(ran.stdout.ends_with(" pages in share/man/man1\n"), "{}", ran.stdout);
    let page = scene.read("share/man/man1/deedbook-admit.1");
    for part in [".TH deedbook-admit 1", ".SH NAME", "\\-\\-dry\\-run", ".SH \"GLOBAL OPTIONS\"", ".SH EXAMPLES"] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    // An example can be copied from the page: its hyphens are hyphens, its line ends are kept.
    assert!(page.contains("\ndeedbook admit books catalogue.csv \\-\\-dry\\-run\n"), "{page}");
    assert!(!page.contains('\u{1b}'));
    // Nothing is left of how they were written, and writing them again changes nothing.
    let before = scene.snapshot();
    scene.ok("man share/man/man1");
    scene.unchanged("pages written again", &before);
}

#[test]
fn manual_pages_that_cannot_be_written() {
    let scene = Scene::empty();
    scene.write("taken", "a file");
    scene.refused("manual-pages-into-a-file", "man taken");
}

/// A mistake costs one look: what may have been meant is named.
#[test]
fn slips_of_the_hand() {
    let scene = Scene::sealed();
    let hint = |line: &str, words: &str| {
        let ran = scene.run(line);
        assert_eq!(ran.code, Some(2), "{line}");
        assert!(ran.stderr.contains(&format!("\nhint: {words}")), "{line}\n{}", ran.stderr);
    };
    hint("veryfy", "a similar subcommand exists: 'verify'");
    hint("log chekpoint", "a similar subcommand exists: 'checkpoint'");
    hint("admit books books.csv --dry-rn", "a similar argument exists: '--dry-run'");
    hint("verify two.proof --key x --require coverd", "a similar value exists: 'covered'");
    hint("dataset new b --use tdm --purpose reserch --layer text", "did you mean research? There are commercial, ");
    hint("dataset show boks", "the only dataset is books");
    hint("prove books -o p --work doi:10.1000/1", "its releases, newest first: books@1");
    scene.ok("dataset new songs --use tdm --purpose research --layer master");
    hint("prove songs -o p --work doi:10.1000/1", "it has no release yet: `deedbook seal songs VERSION` makes one");
    hint("show books --works", "its releases, newest first: books@1");
    hint("show songs@1", "`deedbook seal DATASET VERSION` makes one");
    hint("seal song 1", "there are songs, books");
    for version in ["2025-11", "2026-10", "2026-11", "2026-12", "1.0"] {
        scene.ok(&format!("seal books {version}"));
    }
    hint("check books@2026-1 books.csv", "did you mean books@2026-1");
    hint("check books books.csv", "its releases, newest first: books@1.0, books@2026-12, books@2026-11, books@2026-10");
}

/// Which of several words was meant is asked of a user, not guessed: a beginning of a command is no command.
#[test]
fn beginnings_of_commands() {
    let scene = Scene::empty();
    assert_eq!(finish("ver", scene.command(["ver"]).spawn().unwrap(), b"").code, Some(2));
}
