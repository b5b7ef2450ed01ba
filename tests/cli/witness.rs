//! Witnesses on the command line: from `log checkpoint` to `verify --require witnessed`, and what is refused.

use crate::support::{Scene, vkey};
use deedbook::tlog::{KeyKind, Note, SigningKey, cosignature};
use std::time::{SystemTime, UNIX_EPOCH};

fn witness() -> SigningKey {
    SigningKey::from_seed("witness.example/w", KeyKind::CosignatureV1, &[5; 32]).unwrap()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A witness's answer to the current checkpoint.
fn answer(scene: &Scene, time: u64) -> String {
    let note = scene.ok("log checkpoint").stdout;
    cosignature::cosign(&witness(), time, Note::parse(&note).unwrap().text()).unwrap().to_string()
}

fn with_policy(scene: &Scene) {
    let policy = format!("log {}\nwitness w {}\nquorum w\n", vkey(), witness().verifier());
    scene.write("witnesses.policy", policy);
}

#[test]
fn a_lab_collects_cosignatures_and_an_auditor_asks_for_them() {
    let scene = Scene::books();
    with_policy(&scene);
    let cosign = |scene: &Scene| {
        scene.write("answer.txt", answer(scene, now()));
        scene.run("log cosign add answer.txt --policy witnesses.policy")
    };
    assert_eq!(cosign(&scene).code, Some(0));
    scene.ok("admit books books.csv");
    scene.ok("seal books 1");
    scene.ok("prove books@1 --work isbn:9780306406157 -o before.proof");
    scene.golden("log-cosign-add", &cosign(&scene));
    scene.golden("log-cosign-add-again", &scene.run("log cosign add answer.txt --policy witnesses.policy"));
    scene.ok("prove books@1 --work isbn:9780306406157 -o after.proof");
    let verify =
        |file: &str| scene.run(&format!("verify {file} --policy witnesses.policy --require witnessed,covered"));
    assert_eq!(verify("before.proof").code, Some(1), "the policy's quorum had not seen that checkpoint");
    scene.golden("verify-witnessed", &verify("after.proof"));
    // The same file serves who asks for no witness.
    scene.ok(&format!("verify after.proof --key {} --require covered", vkey()));
    let checkpoint = scene.ok("log checkpoint").stdout;
    assert_eq!(Note::parse(&checkpoint).unwrap().signatures().len(), 2);
    scene.sound();
}

#[test]
fn cosignatures_that_are_refused() {
    let scene = Scene::books();
    with_policy(&scene);
    scene.write("answer.txt", answer(&scene, now()));
    scene.write("future.txt", answer(&scene, now() + 100_000));
    scene.write("nonsense.txt", "nonsense\n");
    scene.write("bad.policy", format!("log {}\nwitness w {}\nquorum x\n", vkey(), witness().verifier()));
    scene.write(
        "twice.policy",
        format!("log {0}\nwitness a {1}\nwitness b {1}\nquorum a\n", vkey(), witness().verifier()),
    );
    scene.write(
        "other.policy",
        "log other.example/log+b92b493a+AaYcLI8wnhlaBulM+3pt+Oiu3gXT6d9L4v/3XZ/WOBVG\nquorum none\n",
    );
    let add = |file: &str, policy: &str| format!("log cosign add {file} --policy {policy}");
    let future = scene.run(&add("future.txt", "witnesses.policy"));
    assert!(future.code == Some(2) && future.stderr.contains("is from the future"), "{}", future.stderr);
    for (situation, file, policy) in [
        ("cosignature-that-is-none", "nonsense.txt", "witnesses.policy"),
        ("cosignatures-without-a-known-witness", "deeds/log/checkpoint", "witnesses.policy"),
        ("policy-with-an-impossible-quorum", "answer.txt", "bad.policy"),
        ("policy-with-a-repeated-key", "answer.txt", "twice.policy"),
        ("policy-with-a-malformed-key", "answer.txt", "other.policy"),
        ("cosignature-file-that-does-not-exist", "none.txt", "witnesses.policy"),
    ] {
        scene.refused(situation, &add(file, policy));
    }
    scene.ok("seal books 1");
    scene.refused("cosignature-for-another-checkpoint", &add("answer.txt", "witnesses.policy"));
    scene.refused(
        "cosignature-for-an-unpublished-size",
        &format!("{} --size 3000", add("answer.txt", "witnesses.policy")),
    );
    let size = scene.log_size() - 2;
    scene.ok(&format!("{} --size {size}", add("answer.txt", "witnesses.policy")));
}
