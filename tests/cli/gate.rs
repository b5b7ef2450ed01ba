//! What the gate says to people: refused, held and reported, with exit code 0, because the question was answered.

use crate::support::Scene;

#[test]
fn isbn_with_a_wrong_check_digit() {
    let scene = Scene::books();
    scene.write("catalogue.csv", "isbn,title\n9780306406158,Mistyped\n9781861972712,Two\n");
    let ran = scene.run("admit books catalogue.csv --report report.jsonl");
    scene.golden("isbn-with-a-wrong-check-digit", &ran);
    assert_eq!(ran.code, Some(0));
    let line: serde_json::Value = serde_json::from_str(&scene.read("report.jsonl")).unwrap();
    assert_eq!(line["line"], 2);
    assert_eq!(line["outcome"], "refused");
    assert_eq!(line["codes"], serde_json::json!(["bad-identifier"]));
    assert!(line["why"][0].as_str().unwrap().contains("9780306406158"), "{line}");
    scene.sound();
}

#[test]
fn licence_nobody_knows_is_held_and_not_guessed() {
    let scene = Scene::ledger();
    scene.ok("dataset new songs --use generative-training --purpose commercial --layer master");
    scene.write(
        "songs.csv",
        "jamendo,licence\n1,CC BY maybe\n2,https://creativecommons.org/licenses/by/4.0/\n3,\n4,CC-BY-NC-4.0\n5,CC-BY-ND-4.0\n",
    );
    let ran = scene.run("admit songs songs.csv --report report.jsonl");
    scene.golden("licence-nobody-knows", &ran);
    assert_eq!(ran.code, Some(0));
    let lines: Vec<serde_json::Value> =
        scene.read("report.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<(u64, &str, &str)> = lines
        .iter()
        .map(|l| (l["line"].as_u64().unwrap(), l["outcome"].as_str().unwrap(), l["codes"][0].as_str().unwrap()))
        .collect();
    let wanted = [
        (2, "held", "licence-unknown"),
        (4, "held", "licence-unknown"),
        (5, "refused", "purpose-not-covered"),
        (6, "held", "needs-review"),
    ];
    assert_eq!(told, wanted);
}

#[test]
fn lists_of_works_to_refuse() {
    let scene = Scene::books();
    scene.write("deny.csv", "isbn\n9780306406157\n");
    scene.write("reserved.csv", "isbn\n9781861972712\n");
    let ran = scene.run("admit books books.csv --deny deny.csv --reserve reserved.csv");
    scene.golden("works-on-deny-and-reserve-lists", &ran);
    assert_eq!(ran.code, Some(0));
    scene.sound();
}

#[test]
fn works_without_grant_and_twice() {
    let scene = Scene::books();
    scene.write(
        "catalogue.csv",
        "isbn,title\n9780306406157,One\n9780306406157,One again\n9791090636071,Other\n,Nameless\n",
    );
    let ran = scene.run("admit books catalogue.csv");
    scene.golden("works-without-grant-and-twice", &ran);
    assert_eq!(ran.code, Some(0));
    scene.sound();
}

#[test]
fn dry_run_records_nothing() {
    let scene = Scene::books();
    let before = scene.snapshot();
    let ran = scene.run("admit books books.csv --dry-run");
    scene.golden("dry-run", &ran);
    assert_eq!(ran.code, Some(0));
    scene.unchanged("dry-run", &before);
    // It is the same answer as the one that counts.
    let told = |line: &str| scene.ok(line).json()["admitted"].clone();
    assert_eq!(told("--json admit books books.csv --dry-run"), told("--json admit books books.csv"));
}

#[test]
fn all_or_nothing_records_nothing() {
    let scene = Scene::books();
    scene.write("four.csv", format!("{}9791090636071,Other\n", crate::support::BOOKS));
    let before = scene.snapshot();
    let ran = scene.run("admit books four.csv --all-or-nothing");
    scene.golden("all-or-nothing", &ran);
    assert_eq!(ran.code, Some(1));
    scene.unchanged("all-or-nothing", &before);
    let json = scene.run("--json admit books four.csv --all-or-nothing");
    assert_eq!((json.code, json.json()["recorded"].as_bool()), (Some(1), Some(false)));
    let all = scene.ok("--json admit books books.csv --all-or-nothing");
    assert_eq!(all.json()["recorded"], true);
    scene.sound();
}

#[test]
fn unknown_columns_are_named() {
    let scene = Scene::books();
    scene.write("catalogue.csv", "isbn,price,shelf\n9780306406157,3,A\n");
    let ran = scene.run("admit books catalogue.csv");
    scene.golden("unknown-columns", &ran);
    assert_eq!(ran.code, Some(0));
    assert_eq!(scene.run("--quiet admit books catalogue.csv").stderr, "");
}
