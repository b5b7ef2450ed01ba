//! `schemas/`: in step with the types, and true of real output.
//!
//! `UPDATE_SCHEMAS=1 cargo test --features schema --test schemas` writes them anew.
#![cfg(feature = "cli")]

/// A lab in memory that can lie.
#[allow(dead_code)]
#[path = "../core/lab.rs"]
mod dishonest;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas")
}

#[cfg(feature = "schema")]
#[test]
fn schemas_are_in_step_with_the_types() {
    let schemas = deedbook::cli::schemas();
    let mut wanted = std::collections::BTreeSet::new();
    for (name, schema) in schemas {
        let path = folder().join(format!("{name}.json"));
        let text = serde_json::to_string_pretty(&schema).expect("a schema") + "\n";
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, &text).expect("a schema file");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == text, "{} is out of step: run with UPDATE_SCHEMAS=1", path.display());
        wanted.insert(path);
    }
    for dir in ["", "json", "statement"] {
        for entry in std::fs::read_dir(folder().join(dir)).expect("a folder") {
            let path = entry.expect("an entry").path();
            assert!(path.is_dir() || wanted.contains(&path), "{} belongs to no type", path.display());
        }
    }
}

fn validator(name: &str) -> jsonschema::Validator {
    let text = std::fs::read_to_string(folder().join(format!("{name}.json"))).expect("a schema");
    jsonschema::validator_for(&serde_json::from_str(&text).expect("JSON")).expect("a schema")
}

fn check(name: &str, value: &Value) {
    let errors: Vec<String> =
        validator(name).iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {}\n{value:#}", errors.join("\n"));
}

struct Run<'a>(&'a Path);

impl Run<'_> {
    fn json(&self, schema: &str, args: &[&str]) -> Value {
        let output = Command::new(env!("CARGO_BIN_EXE_deedbook"))
            .args(args)
            .arg("--json")
            .current_dir(self.0)
            .env_remove("DEEDBOOK_LEDGER")
            .output()
            .expect("the command runs");
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"));
        check(&format!("json/{schema}"), &value);
        value
    }
}

#[test]
fn real_output_fits_its_schema() {
    let dir = tempfile::tempdir().expect("a folder");
    let run = Run(dir.path());
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("a file");
    let demo = include_str!("../../examples/demo/songs.csv");
    write("songs.csv", demo);
    write("terms.toml", include_str!("../../examples/demo/meridian-2026.toml"));
    let init = run.json("init", &["init", "l", "--origin", "lab.example/deeds", "--title", "A register"]);
    let key = init["verifier_key"].as_str().expect("a key").to_owned();
    let l = ["--ledger", "l"];
    let with = |args: &[&'static str]| [args, &l].concat();
    run.json("key", &["key", "new", "someone.example", "-o", "k"]);
    run.json("key", &["key", "show", "k"]);
    let new =
        ["dataset", "new", "songs", "--use", "generative-training", "--purpose", "commercial", "--layer", "master"];
    run.json("dataset", &with(&new));
    run.json("dataset", &with(&["dataset", "show", "songs"]));
    run.json("dataset-list", &with(&["dataset", "list"]));
    run.json("grant", &with(&["grant", "add", "terms.toml", "--dry-run"]));
    run.json("grant", &with(&["grant", "add", "terms.toml"]));
    run.json("grant", &with(&["grant", "show", "meridian-2026"]));
    run.json("grant-list", &with(&["grant", "list"]));
    run.json("admit", &with(&["admit", "songs", "songs.csv", "--report", "report.jsonl"]));
    run.json("admit", &with(&["admit", "songs", "songs.csv", "--dry-run"]));
    run.json("seal", &with(&["seal", "songs", "v1"]));
    run.json("check", &with(&["check", "songs@v1", "songs.csv", "--report", "answers.jsonl"]));
    run.json(
        "prove",
        &with(&["prove", "songs@v1", "--work", "isrc:QZDEE2600001", "--work", "isrc:QZDEE2600007", "-o", "p"]),
    );
    let valid = run.json("verify", &["verify", "p", "--key", &key]);
    assert_eq!(valid["valid"], true);
    run.json("prove", &with(&["prove", "songs@v1", "songs.csv", "-o", "all"]));
    let all = ["verify", "all", "--key", &key, "--works", "songs.csv", "--report", "verified.jsonl"];
    assert_eq!(run.json("verify", &all)["invalid"].as_array().map(Vec::is_empty), Some(false));
    let invalid = run.json("verify", &["verify", "p", "--key", &key, "--release", "songs@v2"]);
    assert_eq!(invalid["valid"], false);
    let licensors = life(&run, &l, &key);
    let later = ["verify", "all-later", "--key", &key, "--licensors", &licensors];
    let said = run.json("verify", &later);
    for list in ["corrections", "disputes", "withdrawals"] {
        assert_eq!(said[list].as_array().map(Vec::len), Some(1), "{list}");
    }
    let copy = run.json("verify-ledger", &["verify", "l", "--key", &key, "--licensors", &licensors]);
    assert_eq!(copy["disputes"], said["disputes"]);
    run.json("show", &with(&["show", "songs@v1"]));
    run.json("show-works", &with(&["show", "songs@v1", "--works", "-o", "works.jsonl"]));
    let status = run.json("log-status", &with(&["log", "status"]));
    run.json("log-state", &with(&["log", "state"]));
    run.json("log-checkpoint", &with(&["log", "checkpoint"]));
    run.json("log-export", &with(&["log", "export", "tree", "--with-entries"]));
    run.json("log-proof", &with(&["log", "proof", "2", "-o", "t", "--entry", "e"]));
    run.json("verify-tlog-proof", &["verify", "t", "--entry", "e", "--key", &key]);
    run.json("verify-tlog-proof", &["verify", "t", "--entry", "terms.toml", "--key", &key]);
    run.json("log-fsck", &with(&["log", "fsck"]));
    run.json("repair", &with(&["repair"]));
    run.json("demo", &["demo"]);
    run.json("completions", &["completions", "fish"]);
    run.json("man", &["man", "pages"]);
    run.json("dataset", &with(&["dataset", "show", "songs"]));

    let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).expect("a file");
    check("proof", &serde_json::from_str(&read("p")).expect("JSON"));
    let lines = read("report.jsonl");
    assert!(lines.lines().count() > 5);
    lines.lines().for_each(|line| check("report-line", &serde_json::from_str(line).expect("JSON")));
    read("answers.jsonl").lines().for_each(|line| check("check-line", &serde_json::from_str(line).expect("JSON")));
    let verified = read("verified.jsonl");
    assert_eq!(verified.lines().count(), read("answers.jsonl").lines().count());
    verified.lines().for_each(|line| check("verify-line", &serde_json::from_str(line).expect("JSON")));
    let works = read("works.jsonl");
    assert!(works.lines().count() > 1);
    works.lines().for_each(|line| check("works-line", &serde_json::from_str(line).expect("JSON")));
    for index in 0..status["size"].as_u64().expect("a size") {
        let shown = run.json("show", &["show", &index.to_string(), "--ledger", "l"]);
        let statement = &shown["entries"][0]["statement"];
        check(&format!("statement/{}", statement["kind"].as_str().expect("a kind")), statement);
    }
}

/// What changes later: an end, a withdrawal, a dispute, a correction. Gives the file with the rightsholder's key, and
/// leaves a later proof of all songs.
fn life(run: &Run, l: &[&str], key: &str) -> String {
    fn and<'a>(args: &[&'a str], l: &[&'a str]) -> Vec<&'a str> {
        [args, l].concat()
    }
    let song = run.json("show", &and(&["show", "isrc:QZDEE2600001"], l))["entries"][0]["entry"].to_string();
    let why = ["--because", "request", "--note", "by letter"];
    run.json(
        "grant-end",
        &and(&[&["grant", "end", "meridian-2026", "--effective", "2026-06-01"], &why[..]].concat(), l),
    );
    run.json("withdraw", &and(&[&["withdraw", "songs", "--works", "songs.csv", "--dry-run"], &why[..]].concat(), l));
    run.json("withdraw", &and(&[&["withdraw", "songs", "--work", "isrc:QZDEE2600001"], &why[..]].concat(), l));
    let holder = run.json("key", &["key", "new", "holder.example", "-o", "h"]);
    let says = ["--claim", "Not licensed.", "--name", "Holder", "--id", "id:example/holder"];
    let sign = ["dispute", "sign", "all", "--key", key, "--entry", &song, "--signing-key", "h", "-o", "d"];
    run.json("dispute-sign", &[&sign[..], &says].concat());
    run.json("dispute", &and(&["dispute", &song, "--signed", "d"], l));
    run.json("correct", &and(&["correct", &song, "--set", "title=T", "--set", "author=A", "--because", "misprint"], l));
    run.json("prove", &and(&["prove", "songs@v1", "songs.csv", "-o", "all-later"], l));
    let line = format!("licensor id:example/holder {}\n", holder["verifier_key"].as_str().expect("a key"));
    std::fs::write(run.0.join("holders"), line).expect("a file");
    "holders".to_owned()
}

#[test]
fn evidence_and_what_is_said_of_it_fit_their_schemas() {
    use dishonest::{Lab, ids, terms};
    let dir = tempfile::tempdir().expect("a folder");
    let run = Run(dir.path());
    let write = |name: &str, bytes: &[u8]| std::fs::write(dir.path().join(name), bytes).expect("a file");
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("books");
    let grant = lab.grant(terms("north"));
    lab.admit(dataset, &ids(&["id:example/1"]), grant);
    let release = lab.release(dataset, "1");
    let proof = |lab: &Lab| lab.prove(release, &[ids(&["id:example/1"])]);
    let mut fork = lab.clone();
    let end = lab.end(grant, "2027-01-01");
    lab.state();
    write("old.proof", &proof(&lab));
    lab.state_with(|rows| rows.retain(|row| row.value != end), |_| {});
    write("new.proof", &proof(&lab));
    fork.state();
    write("fork.proof", &proof(&fork));
    let key = lab.key().verifier().to_string();
    let verify = ["verify", "old.proof", "--key", &key, "--against"];
    run.json("verify", &[&verify[..], &["old.proof"]].concat());
    for (other, file, schema) in [("new.proof", "lie.json", "lie"), ("fork.proof", "fork.json", "fork")] {
        let against = run.json("verify", &[&verify[..], &[other, "--evidence", file]].concat());
        assert_eq!(against["against"]["contradiction"], true, "{against:#}");
        run.json(&format!("verify-{schema}"), &["verify", file, "--key", &key]);
        let text = std::fs::read_to_string(dir.path().join(file)).expect("a file");
        check(schema, &serde_json::from_str(&text).expect("JSON"));
        let stranger = dishonest::key("other.example/log", 3).verifier().to_string();
        run.json("verify-lie", &["verify", "lie.json", "--key", &stranger]);
    }
}

/// A schema that accepts anything would pass the test above.
#[test]
fn schemas_refuse_what_the_parser_refuses() {
    let entry = include_str!("../../schemas/statement/state.json");
    assert!(entry.contains("\"additionalProperties\": false"));
    let state = serde_json::json!({
        "at": "2026-01-15T09:00:00Z", "kind": "state", "log_size": 1, "salt": "AAAAAAAAAAAAAAAAAAAAAA==", "v": 1,
        "register": {"count": 0, "root": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
    });
    check("statement/state", &state);
    for (member, wrong) in [
        ("at", serde_json::json!("2026-01-15")),
        ("kind", serde_json::json!("release")),
        ("log_size", serde_json::json!(-1)),
        ("salt", serde_json::json!("AAAA")),
        ("v", serde_json::json!(2)),
        ("extra", serde_json::json!(1)),
    ] {
        let mut mutated = state.clone();
        mutated[member] = wrong;
        assert!(!validator("statement/state").is_valid(&mutated), "{member}");
    }
}
