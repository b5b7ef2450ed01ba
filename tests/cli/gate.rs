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

#[test]
fn plain_lists_as_tools_print_them() {
    let scene = Scene::books();
    let sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    scene.write("SHA256SUMS", format!("{sha256}  one.epub\n"));
    scene.write("opted-out.txt", "# by letter, in May\nisbn:978-1-86197-271-2\n");
    scene.write("digests.csv", format!("isbn,title,sha256\n9780306406157,One,{sha256}\n9781861972712,Two,\n"));
    let ran = scene.run("admit books digests.csv --deny SHA256SUMS --reserve opted-out.txt");
    scene.golden("works-on-plain-lists", &ran);
    assert_eq!(ran.code, Some(0));
    // Asked about in the same words, from a pipe.
    scene.ok("admit books books.csv");
    scene.ok("seal books 1");
    let asked = scene.run_with("--json check books@1 - --format list", "isbn:9783161484100\nisbn:9791090636071\n");
    assert_eq!((asked.json()["present"].as_u64(), asked.json()["absent"].as_u64()), (Some(1), Some(1)));
    scene.write("wrong.txt", "isbn:9780306406157\n9781861972712\n");
    scene.refused("plain-list-with-a-line-that-names-nothing", "admit books books.csv --deny wrong.txt");
    scene.sound();
}

#[test]
fn works_let_in_against_the_gate() {
    let scene = Scene::books();
    scene.write("works.csv", "isbn,title,licence\n9780306406157,One,\n9791090636071,Other,\n9781402894626,Third,\n");
    scene.write(
        "decided.csv",
        "isbn,who,because\n9791090636071,C. Curator,the author agreed by letter\n9780306406157,C. Curator,to be sure\n\
         9783161484100,C. Curator,to be sure\n",
    );
    let ran = scene.run("admit books works.csv --override decided.csv");
    scene.golden("works-let-in-against-the-gate", &ran);
    assert_eq!(ran.code, Some(0));
    scene.ok("seal books 1");
    scene.ok("prove books@1 --work isbn:9791090636071 -o other.proof");
    let verify = format!("verify other.proof --key {}", crate::support::vkey());
    scene.golden("proof-of-a-work-let-in-against-the-gate", &scene.run(&verify));
    assert_eq!(scene.run(&format!("{verify} --require covered")).code, Some(1));
    let json = scene.ok("--json admit books works.csv --override decided.csv --dry-run").json();
    let lines = serde_json::json!([
        {"line": 2, "why": "not-possible"},
        {"line": 3, "why": "not-possible"},
        {"line": 4, "why": "no-such-work"}
    ]);
    assert_eq!((&json["overridden"], &json["overrides_unused"]), (&0.into(), &lines));
    scene.sound();
}

#[test]
fn overrides_that_do_not_say_who_or_why() {
    let scene = Scene::books();
    scene.write("nobody.csv", "isbn,because\n9791090636071,the author agreed\n");
    scene.refused("override-without-who", "admit books books.csv --override nobody.csv");
    scene.write("group.csv", "issn,who,because\n2049-3630,C. Curator,all of it\n");
    scene.refused("override-of-a-whole-group", "admit books books.csv --override group.csv");
    scene.refused("overrides-that-do-not-exist", "admit books books.csv --override none.csv");
}
