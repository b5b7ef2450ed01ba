//! Ctrl-C: a run that is interrupted ends with 130, and the ledger and the user's files are as they were.

use crate::support::{Ran, Scene, finish};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Whoever runs the tests may have signals ignored, and children inherit that: one that is caught here is the default's
/// again in a child.
fn heed_signals() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let ignored = mask.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
        for signal in [1, 2, 15].into_iter().filter(|signal| ignored >> (signal - 1) & 1 == 1) {
            signal_hook::flag::register(signal, std::sync::Arc::default()).unwrap();
        }
    });
}

/// A command that reads a catalogue from stdin and has begun: its report, not yet whole, is there.
fn begun(scene: &Scene, line: &str) -> Child {
    let mut child = scene.command(line.split(' ')).stdin(Stdio::piped()).spawn().unwrap();
    started(scene, &mut child);
    child
}

/// The report's temporary file is made after the signals' handlers.
fn started(scene: &Scene, child: &mut Child) {
    child.stdin.as_mut().unwrap().write_all(b"isbn\n9780306406157\n").unwrap();
    let temp = format!("out.{}.tmp", child.id());
    for _ in 0..3000 {
        if scene.exists(&temp) {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("{temp} never appeared: {:?}", child.try_wait());
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success(), "{signal}");
}

/// The catalogue goes on, as that of a program which was not interrupted.
fn rest(line: &str, child: Child) -> Ran {
    finish(line, child, &b"9781861972712\n".repeat(2000))
}

#[test]
fn each_signal_ends_a_run_in_order() {
    heed_signals();
    let scene = Scene::sealed();
    for signal in ["INT", "TERM", "HUP"] {
        for line in ["admit books - --format csv --report out", "check books@1 - --format csv --report out"] {
            let before = scene.snapshot();
            let child = begun(&scene, line);
            send(signal, &child);
            let ran = rest(line, child);
            assert_eq!(ran.code, Some(130), "{signal} {line}: {}", ran.stderr);
            assert_eq!((ran.stdout.as_str(), ran.stderr.as_str()), ("", "error: interrupted; nothing was recorded\n"));
            scene.unchanged(line, &before);
        }
    }
    scene.sound();
    // The same batch again, undisturbed.
    scene.write("again.csv", "isbn\n9780306406157\n");
    scene.ok("admit books again.csv --report out");
}

#[test]
fn an_interrupt_in_json() {
    heed_signals();
    let scene = Scene::books();
    let line = "--json admit books - --format csv --report out";
    let child = begun(&scene, line);
    send("INT", &child);
    let ran = rest(line, child);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(130), ""));
    let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
    assert_eq!(error["error"], "interrupted; nothing was recorded");
}

/// A run that is held up, by a pipe here that nobody reads, does not see the first signal; the second does not wait.
#[test]
fn a_second_signal_ends_the_process_at_once() {
    heed_signals();
    let scene = Scene::sealed();
    assert!(Command::new("mkfifo").arg(scene.path("pipe")).status().unwrap().success());
    let mut child = scene.command("check books@1 books.csv --report pipe".split(' ')).spawn().unwrap();
    while !catches_interrupts(&child) {
        std::thread::sleep(Duration::from_millis(10));
    }
    send("INT", &child);
    std::thread::sleep(Duration::from_millis(100));
    assert!(child.try_wait().unwrap().is_none(), "the first one only asks");
    send("INT", &child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    scene.sound();
}

/// Whether the process has a handler for SIGINT, signal 2. Without /proc, after half a second it will.
fn catches_interrupts(child: &Child) -> bool {
    let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", child.id())) else {
        std::thread::sleep(Duration::from_millis(500));
        return true;
    };
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
    u64::from_str_radix(mask.unwrap().trim(), 16).unwrap() & 0b10 != 0
}

/// `nohup`, and what a shell runs in the background: a signal that was ignored stays ignored.
#[test]
fn ignored_signals_stay_ignored() {
    heed_signals();
    let scene = Scene::books();
    let script =
        format!("trap '' HUP; exec '{}' admit books - --format csv --report out", env!("CARGO_BIN_EXE_deedbook"));
    let mut command = Command::new("sh");
    command.args(["-c", &script]).env_clear().env("DEEDBOOK_LEDGER", "deeds").current_dir(scene.path(""));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    started(&scene, &mut child);
    send("HUP", &child);
    let ran = rest("admit", child);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}
