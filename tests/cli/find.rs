//! Which ledger a command is about: `--ledger`, else `DEEDBOOK_LEDGER`, else the nearest folder above.

use crate::support::{Scene, finish};
use std::process::Stdio;

fn origin_from(scene: &Scene, folder: &str, env: Option<&str>, args: &[&str]) -> Result<String, String> {
    let mut command = scene.command(args.iter().copied().chain(["--json", "log", "status"]));
    command.current_dir(scene.path(folder)).env_remove("DEEDBOOK_LEDGER").stdin(Stdio::null());
    if let Some(env) = env {
        command.env("DEEDBOOK_LEDGER", scene.path(env));
    }
    let ran = finish("log status", command.spawn().unwrap(), b"");
    match ran.code {
        Some(0) => Ok(ran.json()["origin"].as_str().unwrap().to_owned()),
        _ => Err(ran.stderr),
    }
}

#[test]
fn in_order() {
    let scene = Scene::empty();
    for name in ["one", "two", "three"] {
        scene.ok(&format!("init {name} --origin {name}.example"));
    }
    std::fs::create_dir_all(scene.path("one/notes/deep")).unwrap();
    let two = scene.path("two");
    let three = ["--ledger", two.to_str().unwrap()];
    assert_eq!(origin_from(&scene, "one", None, &[]).unwrap(), "one.example");
    assert_eq!(origin_from(&scene, "one/notes/deep", None, &[]).unwrap(), "one.example");
    assert_eq!(origin_from(&scene, "one/notes/deep", Some("three"), &[]).unwrap(), "three.example");
    assert_eq!(origin_from(&scene, "one/notes/deep", Some("three"), &three).unwrap(), "two.example");
    // The nearest one counts.
    std::fs::rename(scene.path("two"), scene.path("one/notes/two")).unwrap();
    std::fs::create_dir(scene.path("one/notes/two/below")).unwrap();
    assert_eq!(origin_from(&scene, "one/notes/two/below", None, &[]).unwrap(), "two.example");
}

/// An empty variable is as good as none, and `verify` needs no ledger at all.
#[test]
fn empty_variable() {
    let scene = Scene::ledger();
    let mut command = scene.command(["log", "status"]);
    command.env("DEEDBOOK_LEDGER", "").current_dir(scene.path("deeds"));
    let ran = finish("log status", command.spawn().unwrap(), b"");
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[test]
fn none() {
    let scene = Scene::empty();
    let mut command = scene.command(["log", "status"]);
    command.env_remove("DEEDBOOK_LEDGER");
    let ran = finish("log status", command.spawn().unwrap(), b"");
    scene.golden("no-ledger-found", &ran);
    assert_eq!(ran.code, Some(2));
    scene.refused("ledger-of-the-environment-does-not-exist", "log status");
}
