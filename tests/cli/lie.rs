//! Two proof files on the command line, and what shows that a log's key has contradicted itself.

use crate::dishonest::{Lab, ids, terms};
use crate::support::Scene;

/// A log with one dataset, one grant, one work and a release of it.
fn lab() -> (Lab, u64, u64, u64) {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("books");
    let grant = lab.grant(terms("north-press"));
    let admission = lab.admit(dataset, &ids(&["isbn:9780306406157"]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    (lab, grant, admission, release)
}

fn prove(scene: &Scene, name: &str, lab: &Lab, release: u64) {
    scene.write(name, lab.prove(release, &[ids(&["isbn:9780306406157"])]));
}

/// `old.proof` and `new.proof` of a log that shows the end of a grant in the one and hides it in the other, and its key in
/// `lab.pub`.
fn hidden_end() -> Scene {
    let scene = Scene::empty();
    let (mut lab, grant, _, release) = lab();
    let end = lab.end(grant, "2027-01-01");
    lab.state();
    prove(&scene, "old.proof", &lab, release);
    lab.state_with(|rows| rows.retain(|row| row.value != end), |_| {});
    prove(&scene, "new.proof", &lab, release);
    scene.write("lab.pub", lab.key().verifier().to_string());
    scene
}

#[test]
fn a_state_that_hides_an_entry_is_found_written_and_explained() {
    let scene = hidden_end();
    let line = "verify new.proof --key lab.pub --against old.proof";
    for file in ["old", "new"] {
        scene.ok(&format!("verify {file}.proof --key lab.pub"));
    }
    scene.golden("verify-against-a-proof-that-shows-more", &scene.run(&format!("{line} --evidence lie.json")));
    scene.golden("verify-against-without-evidence", &scene.run(line));
    scene.golden("verify-lie", &scene.run("verify lie.json --key lab.pub"));
    let json = scene.run(&format!("--json {line}"));
    assert_eq!(json.code, Some(1));
    let json = json.json();
    assert_eq!((json["valid"].as_bool(), json["against"]["contradiction"].as_bool()), (Some(false), Some(true)));
    assert_eq!(json["against"]["lie"]["hidden"]["kind"].as_str(), Some("grant-end"));
    let lie = scene.run("--json verify lie.json --key lab.pub");
    assert_eq!((lie.code, lie.json()["lie"].as_bool()), (Some(1), Some(true)));
    assert_eq!(lie.json()["missing"], json["against"]["lie"]["missing"]);
    // The other way round it is the same lie; on stdout it is the same file.
    let turned = scene.run("verify old.proof --key lab.pub --against new.proof --evidence -");
    assert_eq!((turned.code, turned.stdout), (Some(1), scene.read("lie.json")));
    assert!(turned.stderr.starts_with("LIE: "), "{}", turned.stderr);
    scene.write("lie.json", scene.read("lie.json").replace("2027-01-01", "2027-01-02"));
    scene.golden("verify-lie-that-is-none", &scene.run("verify lie.json --key lab.pub"));
}

#[test]
fn a_release_that_leaves_an_admission_out_is_found_and_explained() {
    let scene = Scene::empty();
    let (mut lab, _, admission, first) = lab();
    let second = lab.release_with(1, "2", |rows| rows.retain(|row| row.value != admission), |_| {});
    lab.state();
    prove(&scene, "second.proof", &lab, second);
    lab.correct(admission);
    lab.state();
    prove(&scene, "first.proof", &lab, first);
    scene.write("lab.pub", lab.key().verifier().to_string());
    let line = "verify second.proof --key lab.pub --require absent --against first.proof --evidence lie.json";
    scene.golden("verify-against-a-proof-of-a-work-left-out", &scene.run(line));
    scene.golden("verify-lie-of-a-release", &scene.run("verify lie.json --key lab.pub"));
}

#[test]
fn two_histories_are_found_and_explained() {
    let scene = Scene::empty();
    let (lab, grant, ..) = lab();
    let (mut one, mut other) = (lab.clone(), lab);
    one.end(grant, "2027-01-01");
    one.state();
    other.end(grant, "2028-01-01");
    other.state();
    other.state();
    prove(&scene, "one.proof", &one, 4);
    prove(&scene, "other.proof", &other, 4);
    scene.write("lab.pub", one.key().verifier().to_string());
    let line = "verify one.proof --key lab.pub --against other.proof --evidence fork.json";
    scene.golden("verify-against-another-history", &scene.run(line));
    let fork = scene.run("--json verify fork.json --key lab.pub");
    assert_eq!((fork.code, fork.json()["fork"].as_bool()), (Some(1), Some(true)));
}

#[test]
fn proofs_that_do_not_contradict() {
    let scene = Scene::sealed();
    scene.write("lab.pub", crate::support::vkey());
    scene.ok("prove books@1 --work isbn:9781861972712 -o other.proof");
    let ran = scene.run("verify two.proof --key lab.pub --against other.proof --evidence none.json");
    scene.golden("verify-against-a-proof-that-agrees", &ran);
    assert!(!scene.exists("none.json"), "there is nothing to show");
    let json = scene.ok("--json verify two.proof --key lab.pub --against other.proof").json();
    assert_eq!((json["valid"].as_bool(), json["against"]["contradiction"].as_bool()), (Some(true), Some(false)));
    // What is required is asked as ever.
    let ran = scene.run("verify two.proof --key lab.pub --against other.proof --require present");
    assert_eq!(ran.code, Some(1));
    // A file that proves nothing contradicts nothing.
    scene.write("bad.proof", scene.read("other.proof").replace("North Press", "Morth Press"));
    scene.golden("verify-against-an-invalid-proof", &scene.run("verify two.proof --key lab.pub --against bad.proof"));
    let json = scene.run("--json verify bad.proof --key lab.pub --against two.proof").json();
    assert_eq!(json["valid"].as_bool(), Some(false));
    scene.refused("verify-against-a-file-that-does-not-exist", "verify two.proof --key lab.pub --against none.proof");
    scene.refused("evidence-without-another-proof", "verify two.proof --key lab.pub --evidence lie.json");
    let over = "verify two.proof --key lab.pub --against other.proof --evidence other.proof";
    scene.refused("evidence-over-the-other-proof", over);
    scene.write("lie.json", "{\"format\":\"deedbook-lie/v1\"}\n");
    scene.refused("evidence-against-a-proof", "verify lie.json --key lab.pub --against two.proof");
}
