//! One writer at a time.

use crate::support::{Scene, finish};
use std::fs::File;
use std::process::Stdio;
use std::time::Duration;

fn hold(scene: &Scene) -> File {
    let lock = File::options().create(true).truncate(false).write(true).open(scene.path("deeds/private/lock")).unwrap();
    lock.lock().unwrap();
    lock
}

#[test]
fn second_writer() {
    let scene = Scene::books();
    let lock = hold(&scene);
    scene.refused("second-writer", "admit books books.csv");
    scene.refused("second-writer-seals", "seal books 1");
    scene.refused("second-writer-repairs", "repair");
    // Readers need no lock.
    scene.ok("log status");
    scene.ok("dataset list");
    drop(lock);
    scene.ok("admit books books.csv");
}

#[test]
fn second_writer_that_waits() {
    let scene = Scene::books();
    let lock = hold(&scene);
    let line = "--wait admit books books.csv";
    let mut child = scene.command(line.split(' ')).stdin(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "it waits");
    drop(lock);
    let ran = finish(line, child, b"");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    scene.sound();
}
