//! `--json`: one object on stdout, or one on stderr and nothing on stdout.

use crate::support::{NORTH_PRESS, Scene};

#[test]
fn every_command_gives_one_object() {
    let scene = Scene::empty();
    scene.write("books.csv", crate::support::BOOKS);
    scene.write("north-press.toml", NORTH_PRESS);
    let has = |line: &str, members: &[&str]| {
        let ran = scene.ok(&format!("{line} --json"));
        let json = ran.json();
        for member in members {
            assert!(!json[member].is_null(), "{line}: no {member} in {json}");
        }
        assert!(!ran.stdout.contains('\u{1b}'));
        json
    };
    let key = has("key new lab.example -o lab.key", &["name", "verifier_key"]);
    assert_eq!(has("key show lab.key", &["name", "verifier_key"]), key);
    let init = has("init deeds --origin lab.example --signing-key lab.key", &["dir", "origin", "verifier_key"]);
    assert_eq!(init["verifier_key"], key["verifier_key"]);
    has("dataset new books --use generative-training --purpose commercial --layer text", &["id", "entry"]);
    assert_eq!(has("dataset list", &["datasets"])["datasets"][0]["id"], "books");
    has("dataset show books", &["id", "uses", "purpose", "layers"]);
    has("grant add north-press.toml", &["id", "entry", "terms"]);
    assert_eq!(has("grant list", &["grants"])["grants"][0]["id"], "north-press");
    has("grant show north-press", &["id", "terms"]);
    let admit = has(
        "admit books books.csv",
        &["considered", "admitted", "refused", "held", "duplicates", "reasons", "first_entry", "log_size", "seconds"],
    );
    assert_eq!((admit["considered"].as_u64(), admit["admitted"].as_u64()), (Some(3), Some(3)));
    assert!(admit["reasons"].is_object());
    let again = has("admit books books.csv", &["reasons"]);
    assert_eq!(again["reasons"], serde_json::json!({ "duplicate": 3 }));
    let seal = has("seal books 1", &["dataset", "version", "works", "rows", "root", "entry", "seconds"]);
    assert_eq!((seal["works"].as_u64(), seal["version"].as_str()), (Some(3), Some("1")));
    let prove = has(
        "prove books@1 --work isbn:9780306406157 --work doi:10.1000/absent -o two.proof",
        &["proof", "present", "absent", "bytes"],
    );
    let len = std::fs::metadata(scene.path("two.proof")).unwrap().len();
    assert_eq!((prove["present"].as_u64(), prove["bytes"].as_u64()), (Some(1), Some(len)));
    let line = format!("verify two.proof --key {}", key["verifier_key"].as_str().unwrap());
    let members = ["valid", "origin", "log_size", "release", "present", "absent", "grants", "witnesses", "not_proven"];
    let verify = has(&line, &members);
    assert_eq!(verify["valid"], true);
    let work = &verify["present"][0];
    assert_eq!(work["work"], serde_json::json!(["isbn:9780306406157"]));
    assert_eq!((work["verdict"].as_str(), work["covered"].as_bool()), (Some("covered"), Some(true)));
    assert_eq!((work["standing"].as_str(), work["entries"].as_array().map(Vec::len)), (Some("asserted"), Some(1)));
    assert_eq!(verify["absent"][0]["verdict"], "absent");
    has("check books@1 books.csv", &["rows", "present", "absent", "invalid"]);
    has("show 0", &["entries"]);
    has("show books@1", &["entries"]);
    has("show books@1 --works -o works.jsonl", &["admissions", "withdrawn", "erased", "release", "output"]);
    has("show isbn:9780306406157", &["entries"]);
    let status = has("log status", &["origin", "size", "root", "entries"]);
    assert_eq!(status["entries"]["admission"], 3);
    has("log checkpoint", &["note", "origin", "size", "root"]);
    has("log state", &["entry", "root"]);
    assert_eq!(has("log fsck", &["damage", "sound"])["sound"], true);
    has("repair", &["files", "lost"]);
    has("completions bash", &["shell", "script"]);
    has("man pages", &["dir", "files"]);
    let list = has("dataset list", &["datasets"]);
    assert_eq!(list["datasets"][0]["releases"][0]["release"], "books@1");
}

#[test]
fn demo_gives_one_object() {
    let scene = Scene::empty();
    scene.ok("--json demo").json();
}

#[test]
fn an_error_is_one_object_on_stderr() {
    let scene = Scene::sealed();
    for line in [
        "admit songs books.csv",
        "admit books none.csv",
        "prove books@2 --work isbn:9780306406157 -o 2.proof",
        "--ledger none log status",
        "verify none.proof --key x",
    ] {
        let ran = scene.run(&format!("--json {line}"));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}");
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap();
        assert!(error["error"].as_str().is_some_and(|e| !e.is_empty()), "{line}: {error}");
        assert!(error["caused_by"].is_array(), "{line}: {error}");
    }
    scene.golden("error-as-json", &scene.run("--json admit songs books.csv"));
}

/// A script that asks for JSON gets it for its own mistakes too.
#[test]
fn an_error_of_usage_is_one_object_on_stderr() {
    let scene = Scene::empty();
    for line in ["--json admit", "--json nonsense", "--json verify x.proof --key a --policy b"] {
        let ran = scene.run(line);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}");
        let error: serde_json::Value = serde_json::from_str(&ran.stderr).unwrap_or_default();
        assert!(error["error"].is_string(), "{line}: {}", ran.stderr);
    }
}
