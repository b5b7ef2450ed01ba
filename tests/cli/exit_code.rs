//! Exit code 1 is the answer *no*: each kind of `--require`, met and not met.

use crate::support::{NORTH_PRESS, ORIGIN, Scene, key, vkey};
use deedbook::statement::dsse;
use deedbook::tlog::{KeyKind, SigningKey};

fn required(scene: &Scene, line: &str, met: bool) {
    let ran = scene.run(line);
    assert_eq!(ran.code, Some(i32::from(!met)), "{line}\n{}{}", ran.stdout, ran.stderr);
    let json = scene.run(&format!("--json {line}"));
    assert_eq!(json.code, ran.code, "{line}");
    json.json();
}

#[test]
fn verify() {
    let scene = Scene::sealed();
    scene.ok("prove books@1 --work isbn:9780306406157 -o present.proof");
    scene.ok("prove books@1 --work doi:10.1000/absent -o absent.proof");
    let key = vkey();
    for (file, kind, met) in [
        ("present", "present", true),
        ("present", "absent", false),
        ("present", "covered", true),
        ("present", "signed", false),
        ("present", "witnessed", false),
        ("absent", "present", false),
        ("absent", "absent", true),
        ("absent", "covered", false),
        ("absent", "signed", false),
        ("present", "present,covered", true),
        ("present", "present,signed", false),
    ] {
        required(&scene, &format!("verify {file}.proof --key {key} --require {kind}"), met);
    }
    scene.golden(
        "required-and-not-met",
        &scene.run(&format!("verify two.proof --key {key} --require present,witnessed")),
    );
    for (kind, what) in [
        ("present", "every work present"),
        ("absent", "every work absent"),
        ("covered", "every work covered"),
        ("signed", "every work under a signed grant"),
        ("witnessed", "the checkpoint and every admission witnessed"),
    ] {
        let ran = scene.run(&format!("verify two.proof --key {key} --require {kind}"));
        assert!(ran.stdout.ends_with(&format!("\nNOT MET: {what}\n")), "{}", ran.stdout);
        assert_eq!(ran.code, Some(1));
    }
}

/// Who asks about nothing must not be told that all of it is as required.
#[test]
fn an_empty_question_meets_nothing() {
    let scene = Scene::sealed();
    scene.write("none.csv", "isbn\n");
    for line in [
        &format!("verify two.proof --key {} --works none.csv --require absent", vkey()),
        "check books@1 none.csv --require present",
        "check books@1 none.csv --require absent",
    ] {
        let ran = scene.run(line);
        assert_ne!(ran.code, Some(0), "{line}\n{}", ran.stdout);
    }
}

/// Covered on the day of admission, and not on a day before the grant.
#[test]
fn verify_on_another_day() {
    let scene = Scene::sealed();
    scene.ok("prove books@1 --work isbn:9780306406157 -o present.proof");
    let key = vkey();
    required(&scene, &format!("verify present.proof --key {key} --at 2020-01-01 --require covered"), true);
    required(&scene, &format!("verify present.proof --key {key} --at 2019-12-31 --require covered"), false);
    scene.golden("work-not-covered-on-a-day", &scene.run(&format!("verify present.proof --key {key} --at 2019-12-31")));
    scene.golden("coverage-in-the-future", &scene.run(&format!("verify present.proof --key {key} --at 9999-01-01")));
}

/// A ledger with the dataset `books`, and `signed.json`, which the licensor has signed; and its key.
fn signed() -> (Scene, SigningKey) {
    let scene = Scene::ledger();
    let press = SigningKey::from_seed("north-press.example", KeyKind::Ed25519, &[9; 32]).unwrap();
    scene.write("books.csv", crate::support::BOOKS);
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    // Terms as the lab would assert them, taken from another ledger of the same log, then signed by the licensor.
    let draft = Scene::ledger();
    let with_key =
        NORTH_PRESS.replace("role = \"publisher\"", &format!("role = \"publisher\", key = \"{}\"", press.verifier()));
    let log = format!("{ORIGIN}+{}", key().verifier().id());
    draft.write("draft.toml", with_key.replace("\"Example Lab\"", &format!("\"Example Lab\", log = \"{log}\"")));
    let terms: deedbook::statement::Terms =
        serde_json::from_value(draft.ok("--json grant add draft.toml").json()["terms"].clone()).unwrap();
    let (payload, to_sign) = dsse::to_sign(&terms, dsse::GRANT_TYPE, "north-press");
    let envelope = dsse::seal(&payload, &press.verifier().id().to_string(), &press.sign(&to_sign));
    scene.write("signed.json", envelope);
    scene.write("forged.json", dsse::seal(&payload, "00000000", &press.sign(b"something else")));
    (scene, press)
}

#[test]
fn signed_grants_that_are_refused() {
    let (scene, _) = signed();
    scene.refused("signed-grant-without-its-catalogue", "grant add signed.json");
    scene.refused("signed-grant-with-a-bad-signature", "grant add forged.json --catalogue books.csv");
    scene.write("unfinished.json", "{\"payloadType\":\"application/vnd.in-toto+json\"}");
    scene.refused("signed-grant-that-is-no-envelope", "grant add unfinished.json --catalogue books.csv");
    // The envelope is for one log: it cannot serve another.
    let other = Scene::empty();
    other.write("signed.json", scene.read("signed.json"));
    other.write("books.csv", crate::support::BOOKS);
    let key = SigningKey::from_seed("other.example/deeds", KeyKind::Ed25519, &[8; 32]).unwrap();
    other.write_private("other.key", &key.print_private());
    other.ok("init deeds --origin other.example/deeds --signing-key other.key");
    other.refused("signed-grant-for-another-log", "grant add signed.json --catalogue books.csv");
}

#[test]
fn signed_grant_with_another_catalogue() {
    let (scene, _) = signed();
    scene.write("other.csv", "isbn\n9780306406157\n");
    scene.refused("signed-grant-with-another-catalogue", "grant add signed.json --catalogue other.csv");
}

#[test]
fn verify_signed() {
    let (scene, press) = signed();
    scene.ok("grant add signed.json --catalogue books.csv");
    scene.ok("admit books books.csv");
    scene.ok("seal books 1");
    scene.ok("prove books@1 --work isbn:9780306406157 -o signed.proof");
    scene.write("licensors", format!("licensor id:example/north-press {}\n", press.verifier()));
    let key = vkey();
    required(&scene, &format!("verify signed.proof --key {key} --require signed"), false);
    required(&scene, &format!("verify signed.proof --key {key} --licensors licensors --require signed"), true);
    let ran = scene.run(&format!("verify signed.proof --key {key} --licensors licensors"));
    scene.golden("proof-of-a-work-under-a-signed-grant", &ran);
}

#[test]
fn check() {
    let scene = Scene::sealed();
    scene.write("absent.csv", "isbn\n9791090636071\n");
    scene.write("both.csv", "isbn\n9780306406157\n9791090636071\n");
    for (file, kind, met) in [
        ("books", "present", true),
        ("books", "absent", false),
        ("absent", "present", false),
        ("absent", "absent", true),
        ("both", "present", false),
        ("both", "absent", false),
    ] {
        required(&scene, &format!("check books@1 {file}.csv --require {kind}"), met);
    }
    scene.golden("check", &scene.run("check books@1 both.csv"));
}

#[test]
fn admit() {
    let scene = Scene::books();
    scene.write("four.csv", format!("{}9791090636071,Other\n", crate::support::BOOKS));
    required(&scene, "admit books four.csv --require all-admitted", false);
    // What can be admitted was admitted; being there already is no failure.
    required(&scene, "admit books books.csv --require all-admitted", true);
}
