//! A licensor signs, the lab adds, an auditor sees it signed; and every envelope that is not one for this ledger.

use crate::support::{BOOKS, NORTH_PRESS, ORIGIN, Ran, Scene, key, vkey};
use base64::prelude::{BASE64_STANDARD, Engine};
use deedbook::statement::dsse;
use deedbook::statement::terms::Subject;
use deedbook::statement::{RowsRef, Terms};
use deedbook::tlog::{KeyKind, SigningKey};
use serde_json::Value;

/// Works of the licensor's catalogue.
const WORKS: u64 = 300;

/// The licensor's key.
fn press() -> SigningKey {
    SigningKey::from_seed("north-press.example", KeyKind::Ed25519, &[9; 32]).unwrap()
}

/// Terms of North Press for this lab's log, with a subject.
fn terms_for(log: &str, subject: &str) -> String {
    let start = NORTH_PRESS.split("licensee").next().unwrap();
    format!("{start}licensee = {{ name = \"Example Lab\", log = \"{log}\" }}\nsubject = {subject}\n")
}

fn terms() -> String {
    terms_for(&key().verifier().short(), "{ catalogue = \"books.csv\" }")
}

/// A folder with the licensor's key, terms and catalogue, and no ledger.
fn licensor() -> Scene {
    let scene = Scene::empty();
    scene.write_private("press.key", &format!("{}\n", press().print_private()));
    scene.write("books.csv", BOOKS);
    scene.write("terms.toml", terms());
    scene
}

/// The same beside a ledger with the dataset `books`, and the signed envelope in `grant.json`.
fn lab() -> Scene {
    let scene = Scene::ledger();
    scene.write_private("press.key", &format!("{}\n", press().print_private()));
    scene.write("books.csv", BOOKS);
    scene.write("terms.toml", terms());
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    scene.ok("grant sign terms.toml --signing-key press.key -o grant.json");
    scene
}

/// The terms in an envelope.
fn terms_in(envelope: &str) -> Terms {
    dsse::Envelope::parse(envelope).unwrap().grant().unwrap()
}

/// Terms as they are, signed by a key.
fn enveloped(terms: &Terms, key: &SigningKey) -> String {
    let (payload, encoding) = dsse::to_sign(terms, dsse::GRANT_TYPE, "grant");
    dsse::seal(&payload, &key.verifier().id().to_string(), &key.sign(&encoding))
}

/// An envelope's JSON, edited.
fn edited(envelope: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::from_str(envelope).unwrap();
    edit(&mut value);
    value.to_string()
}

#[test]
fn a_licensor_signs_offline_what_the_lab_adds_and_an_auditor_verifies() {
    let scene = Scene::ledger();
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    // The lab says which log it keeps.
    let log = scene.ok("--json log status").json()["log"].as_str().unwrap().to_owned();
    // The licensor, in a folder of its own, has a key and a catalogue.
    let press = Scene::empty();
    let key = press.ok("--json key new north-press.example -o press.key").json()["verifier_key"].clone();
    let key = key.as_str().unwrap();
    let mut catalogue = "id,title\n".to_owned();
    (0..WORKS).for_each(|n| catalogue += &format!("example/{n:04},Work {n}\n"));
    press.write("catalogue.csv", &catalogue);
    press.write("terms.toml", terms_for(&log, "{ catalogue = \"catalogue.csv\" }"));
    let signed = press.ok("--json grant sign terms.toml --signing-key press.key -o grant.json").json();
    assert_eq!(signed["key"], key);
    assert_eq!(signed["terms"]["licensor"]["key"], key);
    assert_eq!(signed["terms"]["subject"]["catalogue"]["count"], WORKS);
    // The lab looks at it, adds it, and admits those works and others.
    for file in ["grant.json", "catalogue.csv"] {
        scene.write(file, press.read(file));
    }
    scene.ok("grant add grant.json --catalogue catalogue.csv --dry-run");
    let added = scene.ok("--json grant add grant.json --catalogue catalogue.csv").json();
    assert_eq!((&added["signed"], &added["terms"]), (&Value::Bool(true), &signed["terms"]));
    scene.write("works.csv", catalogue + "example/foreign,Foreign\n");
    let admitted = scene.ok("--json admit books works.csv").json();
    assert_eq!((&admitted["admitted"], &admitted["refused"]), (&WORKS.into(), &1.into()));
    scene.ok("seal books 1");
    scene.ok("prove books@1 --work id:example/0007 --work id:example/0299 -o two.proof");
    scene.sound();
    // The auditor has the licensor's key from the licensor.
    scene.write("licensors", format!("licensor id:example/north-press {key}\n"));
    let verify = format!("verify two.proof --key {} --require signed", vkey());
    let with_keys = scene.run(&format!("{verify} --licensors licensors"));
    assert_eq!(with_keys.code, Some(0), "{}", with_keys.stdout);
    assert_eq!(with_keys.stdout.matches("standing signed").count(), 2, "{}", with_keys.stdout);
    assert_eq!(scene.run(&verify).code, Some(1));
}

#[test]
fn signing_as_it_is_told() {
    let scene = licensor();
    let ran = scene.run("grant sign terms.toml --signing-key press.key -o grant.json");
    scene.golden("grant-signed", &ran);
    assert_eq!(ran.code, Some(0));
    assert_eq!(scene.run("grant sign terms.toml --signing-key press.key -o -").stdout, scene.read("grant.json"));
    // A subject without rows, and one whose works stand in the terms.
    scene.write("party.toml", terms_for(&key().verifier().short(), "{ party = \"North Press\" }"));
    scene.golden("grant-of-a-party-signed", &scene.run("grant sign party.toml --signing-key press.key -o party.json"));
    let works = "{ works = [\"isbn:9780306406157\", \"isbn:9781861972712\", \"isbn:9783161484100\"] }";
    scene.write("works.toml", terms_for(&key().verifier().short(), works));
    scene.ok("grant sign works.toml --signing-key press.key -o works.json");
    assert_eq!(terms_in(&scene.read("works.json")).subject, terms_in(&scene.read("grant.json")).subject);
}

#[test]
fn signing_that_is_refused() {
    let scene = licensor();
    let sign = |file: &str| format!("grant sign {file} --signing-key press.key -o grant.json");
    let refused = |situation: &str, from: &str, to: &str| {
        assert!(terms().contains(from), "{from}");
        scene.write("changed.toml", terms().replacen(from, to, 1));
        scene.refused(situation, &sign("changed.toml"));
    };
    scene.write("changed.toml", terms().replace(&format!(", log = \"{}\"", key().verifier().short()), ""));
    scene.refused("signing-without-the-labs-log", &sign("changed.toml"));
    refused("signing-without-a-party-identifier", ", ids = [\"id:example/north-press\"]", "");
    let other = SigningKey::from_seed("north-press.example", KeyKind::Ed25519, &[10; 32]).unwrap();
    let named = format!("\"publisher\", key = \"{}\"", other.verifier());
    refused("signing-with-a-key-that-the-terms-do-not-name", "\"publisher\"", &named);
    refused("signing-without-the-catalogue", "books.csv", "no-such-file.csv");
    scene.write("exposed.key", press().print_private());
    crate::support::set_mode(&scene.path("exposed.key"), 0o644);
    scene.refused(
        "signing-with-a-key-readable-by-others",
        "grant sign terms.toml --signing-key exposed.key -o grant.json",
    );
    scene.refused("catalogue-signed-for-a-party", &{
        scene.write("party.toml", terms_for(&key().verifier().short(), "{ party = \"North Press\" }"));
        sign("party.toml --catalogue books.csv")
    });
    scene.ok(&sign("terms.toml"));
    scene.refused("signing-over-an-envelope", &sign("terms.toml"));
    scene.refused("signing-an-envelope", "grant sign grant.json --signing-key press.key -o again.json");
    // The same key in the terms is no contradiction.
    let named = format!("\"publisher\", key = \"{}\"", press().verifier());
    scene.write("named.toml", terms().replace("\"publisher\"", &named));
    scene.ok("grant sign named.toml --signing-key press.key -o named.json");
    assert_eq!(scene.read("named.json"), scene.read("grant.json"));
}

#[test]
fn an_envelope_looked_at_is_not_recorded() {
    let scene = lab();
    let before = scene.snapshot();
    let ran = scene.run("grant add grant.json --catalogue books.csv --dry-run");
    scene.golden("grant-looked-at", &ran);
    assert_eq!(ran.code, Some(0));
    scene.unchanged("grant-looked-at", &before);
    scene.ok("grant add grant.json --catalogue books.csv");
    scene.golden("signed-grant-shown", &scene.run("grant show north-press"));
    scene.sound();
}

/// What is wrong with an envelope is wrong in a dry run too.
fn refused(scene: &Scene, situation: &str, envelope: &str) {
    scene.write("wrong.json", envelope);
    scene.refused(situation, "grant add wrong.json --catalogue books.csv");
    let dry: Ran = scene.run("grant add wrong.json --catalogue books.csv --dry-run");
    assert_eq!(dry.code, Some(2), "{situation}");
}

#[test]
fn envelopes_that_are_not_the_licensors_for_this_log() {
    let scene = lab();
    let envelope = scene.read("grant.json");
    let terms = terms_in(&envelope);
    let other = SigningKey::from_seed("north-press.example", KeyKind::Ed25519, &[10; 32]).unwrap();
    refused(&scene, "envelope-signed-by-another-key", &enveloped(&terms, &other));
    // The widened payload under the old signature, its digest right; and with the digest of the old terms.
    let wider = Terms { valid_to: None, purposes: Default::default(), ..terms.clone() };
    let (payload, _) = dsse::to_sign(&wider, dsse::GRANT_TYPE, "grant");
    let altered = edited(&envelope, |e| e["payload"] = BASE64_STANDARD.encode(&payload).into());
    refused(&scene, "envelope-with-altered-terms", &altered);
    let text = String::from_utf8(payload).unwrap();
    let stale = text.replace("\"id\":\"north-press\"", "\"id\":\"north-pres2\"");
    assert_ne!(stale, text);
    let stale = edited(&envelope, |e| e["payload"] = BASE64_STANDARD.encode(stale).into());
    refused(&scene, "envelope-with-the-digest-of-other-terms", &stale);
    let twice = edited(&envelope, |e| {
        let first = e["signatures"][0].clone();
        e["signatures"].as_array_mut().unwrap().push(first);
    });
    refused(&scene, "envelope-with-two-signatures", &twice);
    refused(&scene, "envelope-without-signature", &edited(&envelope, |e| e["signatures"] = serde_json::json!([])));
    let mut without = terms.clone();
    without.licensor.key = None;
    refused(&scene, "envelope-without-the-licensors-key", &enveloped(&without, &press()));
    let witness = SigningKey::from_seed("north-press.example", KeyKind::CosignatureV1, &[9; 32]).unwrap();
    let mut cosigned = terms.clone();
    cosigned.licensor.key = Some(witness.verifier().to_string());
    refused(&scene, "envelope-of-a-witnesss-key", &enveloped(&cosigned, &press()));
    let mut elsewhere = terms.clone();
    elsewhere.licensee.log = Some(format!("{ORIGIN}+00000000"));
    refused(&scene, "envelope-for-another-lab", &enveloped(&elsewhere, &press()));
    let claim = envelope_of_a_dispute();
    refused(&scene, "envelope-of-a-dispute", &claim);
    // It is whole: what was refused was refused for what was changed.
    scene.ok("grant add grant.json --catalogue books.csv");
    scene.sound();
}

fn envelope_of_a_dispute() -> String {
    let claim = dsse::DisputeClaim {
        claim: "never licensed".to_owned(),
        entry: 2,
        ids: Default::default(),
        leaf: deedbook::tlog::leaf_hash(b"an entry"),
        name: "A. Writer".to_owned(),
        origin: ORIGIN.to_owned(),
    };
    let (payload, encoding) = dsse::to_sign(claim, dsse::DISPUTE_TYPE, "dispute");
    dsse::seal(&payload, "", &press().sign(&encoding))
}

#[test]
fn catalogues_that_are_not_the_signed_one() {
    let scene = lab();
    for (situation, swapped) in [
        ("signed-catalogue-with-a-work-swapped", BOOKS.replace("9783161484100", "9791090636071")),
        ("signed-catalogue-with-a-work-more", format!("{BOOKS}9791090636071,Four\n")),
        ("signed-catalogue-in-another-order", "isbn\n9781861972712\n9780306406157\n9783161484100\n".to_owned()),
    ] {
        scene.write("swapped.csv", swapped);
        scene.refused(situation, "grant add grant.json --catalogue swapped.csv");
    }
    // A licensor who signs a count that its catalogue does not have has signed no catalogue at all.
    let mut lying = terms_in(&scene.read("grant.json"));
    let Subject::Catalogue(rows) = &lying.subject else { panic!("a catalogue") };
    lying.subject = Subject::Catalogue(RowsRef { count: rows.count + 1, root: rows.root });
    refused(&scene, "signed-catalogue-whose-count-lies", &enveloped(&lying, &press()));
    scene.ok("grant add grant.json --catalogue books.csv");
    scene.sound();
}
