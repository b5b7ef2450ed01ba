//! Terms files that say something impossible, and dates.

use crate::support::{NORTH_PRESS, Scene};

/// Adding a grant of these terms, changed, is refused.
fn terms_refused(situation: &str, from: &str, to: &str) {
    assert!(NORTH_PRESS.contains(from), "{from}");
    let scene = Scene::ledger();
    scene.write("terms.toml", NORTH_PRESS.replacen(from, to, 1));
    scene.refused(situation, "grant add terms.toml");
}

#[test]
fn dates_that_do_not_exist() {
    terms_refused("terms-from-a-day-that-does-not-exist", "\"2020-01-01\"", "\"2026-02-30\"");
    terms_refused("terms-from-a-time", "\"2020-01-01\"", "\"2020-01-01T00:00:00Z\"");
    for (situation, time) in [
        ("captured-at-second-60", "2026-01-05T10:00:60Z"),
        ("captured-at-with-offset", "2026-01-05T10:00:00+01:00"),
        ("captured-at-a-day-that-does-not-exist", "2026-02-30T10:00:00Z"),
    ] {
        let digest = "0".repeat(64);
        let evidence = format!("\n[[evidence]]\ndigest = \"sha256:{digest}\"\ncaptured_at = \"{time}\"\n");
        let scene = Scene::ledger();
        scene.write("terms.toml", format!("{NORTH_PRESS}{evidence}"));
        scene.refused(situation, "grant add terms.toml");
    }
}

#[test]
fn dates_of_questions() {
    let scene = Scene::sealed();
    let key = crate::support::vkey();
    for (situation, at) in [
        ("judged-on-a-day-that-does-not-exist", "2026-02-30"),
        ("judged-at-second-60", "2026-01-01T00:00:60Z"),
        ("judged-on-a-day-with-offset", "2026-01-01+01:00"),
    ] {
        scene.refused(situation, &format!("verify two.proof --key {key} --at {at}"));
    }
}

#[test]
fn terms_that_contradict_the_format() {
    terms_refused("terms-with-an-unknown-use", "[\"generative-training\"]", "[\"generative-trainig\"]");
    terms_refused("terms-that-end-before-they-start", "\"2020-01-01\"", "\"2020-01-01\"\nvalid_to = \"2019-12-31\"");
    terms_refused("terms-with-a-second-subject", "subject = { works", "subject = { party = \"North Press\", works");
    terms_refused("terms-without-subject", "subject = ", "#");
    terms_refused("terms-with-an-unknown-member", "purposes", "purpose");
    terms_refused("terms-without-licensor", "licensor = ", "#");
    terms_refused("terms-with-a-wrong-check-digit", "9780306406157", "9780306406158");
    terms_refused("terms-with-an-unknown-licence", "LicenseRef-north-press", "all rights reserved");
    terms_refused("terms-with-an-unknown-country", "worldwide", "UK");
    terms_refused("terms-that-are-not-toml", "uses = [", "uses = ");
    terms_refused("terms-with-a-bad-name", "id = \"north-press\"", "id = \"North Press\"");
}

#[test]
fn catalogues_of_grants() {
    let scene = Scene::books();
    let by_catalogue = |file: &str| {
        let start = NORTH_PRESS.split("subject").next().unwrap().replace("north-press\"\nbasis", "second\"\nbasis");
        format!("{start}subject = {{ catalogue = \"{file}\" }}\n")
    };
    scene.write("none.toml", by_catalogue("none.csv"));
    scene.refused("catalogue-that-the-terms-name-does-not-exist", "grant add none.toml");
    scene.write("bad.csv", "isbn\n9780306406158\n");
    scene.write("bad.toml", by_catalogue("bad.csv"));
    scene.refused("catalogue-of-a-grant-with-a-wrong-check-digit", "grant add bad.toml");
    scene.write("second.toml", NORTH_PRESS.replace("id = \"north-press\"", "id = \"second\""));
    scene.refused("catalogue-for-terms-without-one", "grant add second.toml --catalogue books.csv");
    scene.refused("terms-that-do-not-exist", "grant add none-at-all.toml");
    scene.write("good.toml", by_catalogue("books.csv"));
    scene.ok("grant add good.toml");
    scene.sound();
}

#[test]
fn a_grant_as_it_is_shown() {
    let scene = Scene::books();
    scene.golden("grant-shown", &scene.run("grant show north-press"));
    scene.golden("grants-listed", &scene.run("grant list"));
}
