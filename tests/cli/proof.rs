//! Proof files that prove nothing, and proofs of something else than was asked.

use crate::support::{ORIGIN, Ran, Scene, key, vkey};
use deedbook::statement::Identifier;
use deedbook::tlog::{KeyKind, SigningKey};
use deedbook::verify::{MAX_PROOF_LEN, ProofFile, Question, Trust, verify};
use std::fs::File;

/// Verifying these bytes says INVALID, on stdout, with exit code 1.
fn invalid(scene: &Scene, situation: &str, bytes: impl AsRef<[u8]>) {
    scene.write("bad.proof", bytes);
    rejected(scene, situation, &verify_line("bad.proof", ""));
}

fn rejected(scene: &Scene, situation: &str, line: &str) {
    let ran = scene.run(line);
    scene.golden(situation, &ran);
    assert_eq!(ran.code, Some(1), "{situation}");
    let refused = ["INVALID: ", "NOT ANSWERED: "].into_iter().any(|word| ran.stdout.starts_with(word));
    assert!(refused, "{situation}: {}", ran.stdout);
    let json = scene.run(&format!("--json {line}"));
    assert_eq!((json.code, json.json()["valid"].as_bool()), (Some(1), Some(false)), "{situation}");
}

fn verify_line(file: &str, more: &str) -> String {
    format!("verify {file} --key {}{more}", vkey())
}

fn edited(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn honest() {
    let scene = Scene::sealed();
    let ran = scene.run(&verify_line("two.proof", ""));
    scene.golden("proof-of-one-present-and-one-absent", &ran);
    assert_eq!(ran.code, Some(0));
}

#[test]
fn files_that_are_no_proof() {
    let scene = Scene::sealed();
    let proof = scene.read("two.proof");
    invalid(&scene, "proof-empty", "");
    invalid(&scene, "proof-truncated", &proof[..proof.len() / 2]);
    invalid(&scene, "proof-without-its-last-byte", &proof[..proof.len() - 1]);
    invalid(&scene, "proof-with-more-behind-it", format!("{proof}\n"));
    invalid(&scene, "proof-of-another-format", edited(&proof, "deedbook-proof/v1", "deedbook-proof/v2"));
    invalid(&scene, "proof-that-is-not-utf-8", b"{\"checkpoint\":\"\xff\"}\n");
    scene.refused("proof-does-not-exist", &verify_line("none.proof", ""));
}

#[test]
fn over_its_limit() {
    let scene = Scene::sealed();
    File::create(scene.path("huge.proof")).unwrap().set_len(MAX_PROOF_LEN + 1).unwrap();
    let ran = scene.run(&verify_line("huge.proof", ""));
    scene.golden("proof-over-its-limit", &ran);
    assert_eq!(ran.code, Some(2));
}

#[test]
fn members() {
    let scene = Scene::sealed();
    let proof = scene.read("two.proof");
    let format = "\"format\":\"deedbook-proof/v1\"";
    invalid(&scene, "proof-with-a-duplicate-member", edited(&proof, format, &format!("{format},{format}")));
    invalid(&scene, "proof-with-an-unknown-member", edited(&proof, format, &format!("{format},\"note\":\"trust me\"")));
    invalid(&scene, "proof-with-a-null", edited(&proof, format, &format!("{format},\"anchors\":null")));
    invalid(
        &scene,
        "proof-with-members-out-of-order",
        edited(&proof, "{\"index\":0,\"text\":", "{\"text\":\"\",\"index\":0,\"text\":"),
    );
    invalid(&scene, "proof-with-white-space", edited(&proof, format, &format!(" {format}")));
}

#[test]
fn numbers() {
    let scene = Scene::sealed();
    let proof = scene.read("two.proof");
    for (situation, number) in [
        ("proof-with-a-fraction", "0.0"),
        ("proof-with-an-exponent", "0e0"),
        ("proof-with-a-minus-zero", "-0"),
        ("proof-with-a-leading-zero", "00"),
        ("proof-with-a-number-as-text", "\"0\""),
        ("proof-with-a-number-above-2-to-the-53", "9007199254740992"),
    ] {
        invalid(&scene, situation, edited(&proof, "\"index\":0,", &format!("\"index\":{number},")));
    }
}

/// Everything in a proof is needed by a claim.
#[test]
fn unused() {
    let scene = Scene::sealed();
    let honest = ProofFile::parse(scene.read("two.proof").as_bytes()).unwrap();
    let mut file = honest.clone();
    // The admission that this work led to stays in the file.
    file.claims.retain(|claim| claim.identifiers.iter().all(|id| id.as_str() != "isbn:9780306406157"));
    invalid(&scene, "proof-with-an-entry-that-nothing-needs", file.print());
    let mut file = honest.clone();
    let table = file.tables[0].clone();
    file.tables.push(table);
    invalid(&scene, "proof-with-a-table-twice", file.print());
    let mut file = honest.clone();
    let extra = file.path[0];
    file.path.push(extra);
    invalid(&scene, "proof-with-a-hash-too-many", file.print());
    let mut file = honest;
    file.entries.pop();
    invalid(&scene, "proof-with-an-entry-left-out", file.print());
}

/// No byte of a proof can be changed: each flip of a bit is tried on the library's verifier. The question is stated: a
/// flip may turn the claim about one absent work into that about another, which is as true.
#[test]
fn one_flipped_bit_anywhere() {
    let scene = Scene::sealed();
    let honest = std::fs::read(scene.path("two.proof")).unwrap();
    let trust = Trust::log(key().verifier().clone()).unwrap();
    let ids = ["isbn:9780306406157", "doi:10.1000/absent"].map(|id| vec![Identifier::parse(id).unwrap()]);
    let question = Question { works: Some(ids.to_vec()), ..Question::default() };
    assert!(verify(&honest, &trust, &question).is_ok());
    let mut bytes = honest.clone();
    for place in 0..bytes.len() {
        for bit in [place % 8, (place + 3) % 8] {
            bytes[place] ^= 1 << bit;
            assert!(verify(&bytes, &trust, &question).is_err(), "byte {place}, bit {bit}");
            bytes[place] ^= 1 << bit;
        }
    }
    // The same through the command, here and there.
    let asked = " --work isbn:9780306406157 --work doi:10.1000/absent";
    for place in [1, bytes.len() / 3, bytes.len() / 2, bytes.len() - 3] {
        bytes[place] ^= 1;
        scene.write("bad.proof", &bytes);
        let ran = scene.run(&verify_line("bad.proof", asked));
        assert_eq!(ran.code, Some(1), "byte {place}");
        bytes[place] ^= 1;
    }
    scene.write("bad.proof", edited(&scene.read("two.proof"), "North Press", "Morth Press"));
    rejected(&scene, "proof-with-a-changed-entry", &verify_line("bad.proof", ""));
}

#[test]
fn does_not_answer_what_was_asked() {
    let scene = Scene::sealed();
    let asks = |situation: &str, more: &str| rejected(&scene, situation, &verify_line("two.proof", more));
    asks("proof-that-does-not-answer-a-work", " --work isbn:9781861972712");
    asks("proof-of-another-release", " --release books@2");
    scene.write("asked.csv", crate::support::BOOKS);
    asks("proof-that-does-not-answer-a-catalogue", " --works asked.csv");
    let ran = scene.run(&verify_line("two.proof", " --work isbn:0306406152 --release books@1"));
    assert_eq!(ran.code, Some(0), "an ISBN-10 is the same book\n{}", ran.stdout);
}

#[test]
fn another_key() {
    let scene = Scene::sealed();
    let other = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    rejected(&scene, "proof-of-another-key", &format!("verify two.proof --key {}", other.verifier()));
    let other = SigningKey::from_seed("other.example/deeds", KeyKind::Ed25519, &[7; 32]).unwrap();
    rejected(&scene, "proof-of-another-log", &format!("verify two.proof --key {}", other.verifier()));
}

#[test]
fn trust_that_cannot_be_read() {
    let scene = Scene::sealed();
    scene.refused("key-given-is-none", "verify two.proof --key lab.example/deeds");
    scene.write("lab.pub", "no key\n");
    scene.refused("key-file-holds-none", "verify two.proof --key lab.pub");
    scene.write("policy", "log nobody\n");
    scene.refused("policy-malformed", "verify two.proof --policy policy");
    scene.write("licensors", "licensor isni:000000012146438X not-a-key\n");
    scene.refused("licensors-malformed", &verify_line("two.proof", " --licensors licensors"));
    scene.refused("licensors-do-not-exist", &verify_line("two.proof", " --licensors none"));
    scene.refused("work-asked-that-names-a-party", &verify_line("two.proof", " --work isni:000000012146438X"));
    scene.refused("works-asked-with-a-wrong-check-digit", &verify_line("two.proof", " --work isbn:9780306406158"));
}

/// A key may be given in a file.
#[test]
fn key_in_a_file() {
    let scene = Scene::sealed();
    scene.write("lab.pub", format!("{}\n", vkey()));
    let answers = |ran: Ran| ran.json()["present"].as_array().map(Vec::len);
    assert_eq!(answers(scene.ok("--json verify two.proof --key lab.pub")), Some(1));
}

/// What a catalogue's column `identifiers` takes as it stands, `--work` asks as it stands: not `id:press/1`, which is
/// another work, and absent.
#[test]
fn a_work_is_asked_by_the_very_identifier_that_was_given() {
    let scene = Scene::sealed();
    scene.ok("prove books@1 --work id:id:press/1 -o asked.proof");
    assert!(scene.read("asked.proof").contains("{\"identifiers\":[\"id:id:press/1\"]}"));
}
