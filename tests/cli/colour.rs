//! Colours: on a terminal only, unless the environment says otherwise, and never from data.

use crate::support::{Ran, Scene, finish};

fn with(scene: &Scene, line: &str, env: &[(&str, &str)]) -> Ran {
    let mut command = scene.command(line.split(' '));
    command.envs(env.iter().copied());
    finish(line, command.spawn().unwrap(), b"")
}

const FORCED: &[(&str, &str)] = &[("CLICOLOR_FORCE", "1")];

#[test]
fn words_that_matter() {
    let scene = Scene::sealed();
    let admit = with(&scene, "admit books books.csv --dry-run", FORCED).stdout;
    assert!(admit.contains("\n  \u{1b}[1m\u{1b}[32madmitted\u{1b}[0m  "), "{admit:?}");
    assert!(admit.contains("\n  \u{1b}[1m\u{1b}[31mrefused\u{1b}[0m  "), "{admit:?}");
    assert!(admit.contains("\n  \u{1b}[1m\u{1b}[33mheld\u{1b}[0m  "), "{admit:?}");
    let verify = with(&scene, &format!("verify two.proof --key {}", crate::support::vkey()), FORCED).stdout;
    assert!(verify.starts_with("\u{1b}[1m\u{1b}[32mVALID:\u{1b}[0m signed by"), "{verify:?}");
    assert!(verify.contains("verdict      \u{1b}[1m\u{1b}[32mcovered\u{1b}[0m on "), "{verify:?}");
    let error = with(&scene, "dataset show songs", FORCED).stderr;
    assert!(error.starts_with("\u{1b}[1m\u{1b}[31merror:\u{1b}[0m there is no dataset songs\n"), "{error:?}");
    assert!(error.contains("\u{1b}[36mhint:\u{1b}[0m "), "{error:?}");
    let help = with(&scene, "admit --help", FORCED).stdout;
    assert!(help.contains("\u{1b}[1m\u{1b}[4mExamples:\u{1b}[0m\n"), "{help:?}");
}

/// The same letters, coloured or not: what is painted is not changed.
#[test]
fn colours_change_no_letter() {
    let scene = Scene::sealed();
    for line in ["admit books books.csv --dry-run", "dataset list", "log fsck", "--help", "admit", "show songs"] {
        let plain = with(&scene, line, &[]);
        let coloured = with(&scene, line, FORCED);
        assert_eq!(stripped(&coloured.stdout), plain.stdout, "{line}");
        assert_eq!(stripped(&coloured.stderr), plain.stderr, "{line}");
        assert!(!plain.stdout.contains('\u{1b}') && !plain.stderr.contains('\u{1b}'), "{line}");
    }
}

#[test]
fn no_colour_when_asked() {
    let scene = Scene::sealed();
    for line in ["log fsck", "--help", "nonsense"] {
        let ran = with(&scene, line, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]);
        assert!(!(ran.stdout + &ran.stderr).contains('\u{1b}'), "{line}");
    }
}

/// What other programs read has no colours, whatever the environment says.
#[test]
fn data_has_no_colours() {
    let scene = Scene::sealed();
    for line in [
        "--json log status",
        "log checkpoint",
        "show books@1",
        "prove books@1 --work isbn:9780306406157 -o -",
        "--quiet check books@1 books.csv --report -",
        "completions bash",
    ] {
        let ran = with(&scene, line, FORCED);
        assert!(ran.code == Some(0) && !ran.stdout.contains('\u{1b}'), "{line}");
    }
}

/// A title that spells a word of ours, or a colour, has none.
#[test]
fn data_brings_no_colour() {
    let scene = Scene::books();
    scene.write("nasty.csv", "isbn,title\n9791090636071,\"x\u{1b}[31m\nadmitted\"\n");
    let ran = with(&scene, "admit books nasty.csv", FORCED);
    assert!(!ran.stdout.contains("x\u{1b}"), "{:?}", ran.stdout);
    assert_eq!(ran.stdout.matches("admitted\u{1b}[0m").count(), 1, "{:?}", ran.stdout);
}

fn stripped(text: &str) -> String {
    let mut out = String::new();
    let mut parts = text.split("\u{1b}[");
    out.extend(parts.next());
    for part in parts {
        out += part.split_once('m').unwrap().1;
    }
    out
}
