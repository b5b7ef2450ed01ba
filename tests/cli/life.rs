//! What changes after works were recorded: `grant end`, `withdraw`, `dispute`, `correct`, as their users see them, and
//! what everybody else sees then.

use crate::support::{BOOKS, Scene, vkey};
use serde_json::json;

/// Of `books.csv`, admitted first.
const ONE: &str = "isbn:9780306406157";

/// Every entry of a kind, with its index.
fn of_kind(scene: &Scene, kind: &str) -> Vec<u64> {
    let size = scene.log_size();
    let is_kind =
        |index: &u64| scene.ok(&format!("--json show {index}")).json()["entries"][0]["statement"]["kind"] == kind;
    (0..size).filter(is_kind).collect()
}

/// Words, wherever lines end.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The rightsholder's key, and a dispute of the first book, signed from `two.proof`; gives the book's entry.
fn with_dispute(scene: &Scene) -> u64 {
    scene.write("lab.pub", format!("{}\n", vkey()));
    scene.ok("key new press.example -o press.key");
    let entry = scene.ok(&format!("--json show {ONE}")).json()["entries"][0]["entry"].as_u64().unwrap();
    let entry_text = entry.to_string();
    let args = sign(&entry_text, "dispute.json");
    let ran = scene.run_args(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    entry
}

fn sign<'a>(entry: &'a str, output: &'a str) -> Vec<&'a str> {
    let claim = ["--claim", "We never licensed this book.", "--name", "North Press", "--id", "id:example/north-press"];
    let rest = ["--signing-key", "press.key", "-o", output];
    [&["dispute", "sign", "two.proof", "--key", "lab.pub", "--entry", entry][..], &claim, &rest].concat()
}

#[test]
fn a_grant_ends() {
    let scene = Scene::sealed();
    let ran = scene.run("grant end north-press --because terminated --effective 2099-01-01");
    scene.golden("grant-end", &ran);
    scene.golden(
        "grant-end-earlier",
        &scene.run_args(&[
            "grant",
            "end",
            "north-press",
            "--because",
            "terminated",
            "--effective",
            "2098-06-01",
            "--note",
            "by letter",
        ]),
    );
    scene.refused("grant-end-again", "grant end north-press --because x --effective 2098-06-01");
    scene.refused("grant-end-of-an-unknown-grant", "grant end south-press --because x --effective 2098-06-01");
    scene.refused("grant-end-on-no-day", "grant end north-press --because x --effective 2098-02-30");
    scene.refused_args(
        "grant-end-without-a-reason",
        &["grant", "end", "north-press", "--because", "", "--effective", "2020-01-01"],
    );
    scene.refused("usage-grant-end-without-a-day", "grant end north-press --because x");
    assert!(scene.ok("grant list").stdout.contains("ended 2098-06-01"));
    assert!(scene.ok("grant show north-press").stdout.contains("ENDED        2098-06-01"));

    let retroactive = scene.ok("grant end north-press --because rescinded --effective 2021-01-01 --json").json();
    assert!(retroactive["retroactive_days"].as_u64().unwrap() > 1800, "{retroactive}");
    assert_eq!((&retroactive["before"], &retroactive["note"]), (&json!("2098-06-01"), &json!(null)));
    assert_eq!(of_kind(&scene, "grant-end").last().copied(), retroactive["entry"].as_u64());
    scene.ok(&format!("prove books@1 --work {ONE} -o later.proof"));
    let line = |proof: &str| format!("verify {proof} --key {} --json", vkey());
    assert_eq!(scene.ok(&line("later.proof")).json()["grants"][0]["ended"], "2021-01-01");
    assert_eq!(scene.ok(&line("later.proof")).json()["present"][0]["verdict"], "gap");
    assert_eq!(scene.ok(&line("two.proof")).json()["present"][0]["verdict"], "covered");
    scene.sound();
}

#[test]
fn works_leave_and_come_back() {
    let scene = Scene::sealed();
    let mixed = "isbn,title\n9780306406157,One\n9780262033848,Elsewhere\n9783161484101,Mistyped\n";
    scene.write("opt-outs.csv", mixed);
    let dry = scene.run("withdraw books --works opt-outs.csv --because opt-out --dry-run");
    scene.golden("withdraw-dry-run", &dry);
    assert!(of_kind(&scene, "withdrawal").is_empty());
    scene.golden(
        "withdraw-a-catalogue",
        &scene.run("withdraw books --works opt-outs.csv --because opt-out --report found.csv"),
    );
    let found = scene.read("found.csv");
    let answers: Vec<&str> = found.lines().skip(1).map(|line| line.split(',').nth(5).unwrap()).collect();
    assert_eq!(answers, ["present", "absent", "invalid"]);
    // In any spelling.
    scene.golden(
        "withdraw-a-work",
        &scene.run_args(&[
            "withdraw",
            "books",
            "--work",
            "isbn:978-1-86197-271-2",
            "--because",
            "request",
            "--note",
            "letter of 3 May",
        ]),
    );
    assert_eq!(scene.ok("--json seal books 2").json()["works"], 1);
    assert_eq!(scene.ok("check books@1 books.csv --require present").code, Some(0));
    let verify = format!("verify two.proof --key {}", vkey());
    assert_eq!(scene.ok(&verify).code, Some(0), "an older proof is as good as before");
    scene.ok(&format!("prove books@1 --work {ONE} --work isbn:9783161484100 -o later.proof"));
    let ran = scene.run(&format!("verify later.proof --key {}", vkey()));
    scene.golden("verify-of-a-withdrawn-work", &ran);
    let said = scene.ok(&format!("verify later.proof --key {} --json", vkey())).json();
    let withdrawal = of_kind(&scene, "withdrawal")[0];
    assert_eq!(said["withdrawals"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&said["withdrawals"][0]["entry"], &said["withdrawals"][0]["entries"]),
        (&json!(withdrawal), &said["present"][0]["entries"])
    );

    let again = scene.ok("--json admit books books.csv").json();
    assert_eq!((&again["admitted"], &again["duplicates"]), (&json!(2), &json!(1)));
    assert_eq!(scene.ok("--json seal books 3").json()["works"], 3);
    // The whole of that second batch was a mistake.
    let batch = again["screening"].as_u64().unwrap();
    let gone = scene.ok(&format!("--json withdraw books --batch {batch} --because mistaken-batch")).json();
    assert_eq!((&gone["works"], &gone["releases"][0]["release"]), (&json!(2), &json!("books@3")));
    assert_eq!(scene.ok("--json seal books 4").json()["works"], 1);
    scene.sound();
    assert_eq!(scene.run(&format!("verify deeds --key {}", vkey())).code, Some(0));
}

#[test]
fn what_cannot_be_withdrawn_is_said_and_nothing_is_written() {
    let scene = Scene::sealed();
    scene.ok("withdraw books --work isbn:9781861972712 --because request");
    scene.write("none.csv", "isbn\n9780262033848\n");
    scene.write("empty.csv", "isbn\n");
    for (situation, line) in [
        (
            "withdraw-works-that-are-not-in",
            "withdraw books --work isbn:9781861972712 --work isbn:978-0-262-03384-8 --because x",
        ),
        ("withdraw-a-catalogue-of-which-none-is-in", "withdraw books --works none.csv --because x --report found.csv"),
        ("withdraw-an-empty-catalogue", "withdraw books --works empty.csv --because x"),
        ("withdraw-from-an-unknown-dataset", "withdraw bocks --work isbn:9780306406157 --because x"),
        ("withdraw-what-is-no-batch", "withdraw books --batch 3 --because x"),
        ("withdraw-a-batch-beyond-the-log", "withdraw books --batch 99 --because x"),
        ("withdraw-a-party", "withdraw books --work isni:000000012146438X --because x"),
        ("withdraw-a-catalogue-that-does-not-exist", "withdraw books --works nowhere.csv --because x"),
        ("withdraw-report-over-the-catalogue", "withdraw books --works none.csv --report none.csv --because x"),
        ("withdraw-report-to-stdout", "withdraw books --works none.csv --report - --because x"),
        ("usage-withdraw-nothing", "withdraw books --because x"),
        ("usage-withdraw-in-two-ways", "withdraw books --work isbn:9780306406157 --batch 8 --because x"),
        ("usage-withdraw-without-a-reason", "withdraw books --work isbn:9780306406157"),
    ] {
        scene.refused(situation, line);
    }
    let batch = of_kind(&scene, "screening")[0];
    scene.ok(&format!("withdraw books --batch {batch} --because x"));
    let ran = scene.run(&format!("withdraw books --batch {batch} --because x"));
    scene.golden("withdraw-a-batch-again", &ran);
    assert_eq!(ran.code, Some(2));
    scene.sound();
}

#[test]
fn a_rightsholder_disputes() {
    let scene = Scene::sealed();
    let entry = with_dispute(&scene);
    let text = entry.to_string();
    scene.golden("dispute-sign", &scene.run_args(&sign(&text, "again.json")));
    assert_eq!(scene.read("again.json"), scene.read("dispute.json"), "signing says the same each time");
    scene.golden("dispute", &scene.run(&format!("dispute {entry} --signed dispute.json")));
    scene.golden("dispute-again", &scene.run(&format!("dispute {entry} --signed dispute.json")));
    scene.ok(&format!("prove books@1 --work {ONE} -o later.proof"));
    scene.ok("key new stranger.example -o stranger.key");
    let keys = |name: &str| format!("licensor id:example/north-press {}", scene.read(name));
    scene.write("known.keys", keys("press.key.pub"));
    scene.write("other.keys", keys("stranger.key.pub"));
    for (situation, licensors, signature) in [
        ("verify-disputed-by-a-known-key", " --licensors known.keys", "signed"),
        ("verify-disputed-by-another-key", " --licensors other.keys", "not-signed"),
        ("verify-disputed-by-an-unknown-key", "", "unchecked"),
    ] {
        let line = format!("verify later.proof --key lab.pub{licensors}");
        scene.golden(situation, &scene.run(&line));
        let said = scene.ok(&format!("{line} --json")).json()["disputes"][0].clone();
        assert_eq!(
            (&said["about"], &said["signature"], &said["name"]),
            (&json!(entry), &json!(signature), &json!("North Press"))
        );
        assert_eq!(said["signed_by"].is_string(), signature == "signed");
        // An auditor of the whole ledger reads the same.
        let copy = scene.ok(&format!("verify deeds --key lab.pub{licensors} --json")).json();
        assert_eq!(copy["disputes"][0], said);
    }
    let ran = scene.run("verify deeds --key lab.pub --licensors known.keys");
    assert!(
        flat(&ran.stdout).contains("We never licensed this book. (signed by id:example/north-press"),
        "{}",
        ran.stdout
    );
    assert_eq!(scene.ok(&format!("verify two.proof --key {} --json", vkey())).json()["disputes"], json!([]));
    scene.sound();
}

/// The same book in ledgers of another origin, and of the same origin and key with other entries.
#[test]
fn a_dispute_of_something_else_is_refused() {
    let scene = Scene::sealed();
    let entry = with_dispute(&scene);
    scene.refused("dispute-of-another-entry", "dispute 2 --signed dispute.json");
    let lies = Scene::sealed();
    lies.write("dispute.json", scene.read("dispute.json"));
    lies.refused("dispute-of-another-leaf", &format!("dispute {entry} --signed dispute.json"));
    let other = Scene::empty();
    other.ok("init deeds --origin other.example/deeds");
    other.write("dispute.json", scene.read("dispute.json"));
    other.refused("dispute-of-another-log", "dispute 0 --signed dispute.json");
    let text = scene.read("dispute.json");
    scene.write("altered.json", text.replacen("\"payload\":\"ey", "\"payload\":\"fy", 1));
    scene.refused("dispute-that-was-altered", &format!("dispute {entry} --signed altered.json"));
    scene.refused("dispute-that-is-none", &format!("dispute {entry} --signed books.csv"));
    scene.refused("dispute-that-does-not-exist", &format!("dispute {entry} --signed nothing.json"));
    scene.refused("usage-dispute-of-nothing", "dispute");
    scene.refused("usage-dispute-without-its-file", "dispute 6");
}

#[test]
fn what_cannot_be_signed_is_said_and_no_file_is_left() {
    let scene = Scene::sealed();
    let entry = with_dispute(&scene).to_string();
    let with = |option: &str, value: &'static str| {
        let mut args = sign(&entry, "new.json");
        let at = args.iter().position(|arg| *arg == option).unwrap();
        args[at + 1] = value;
        args
    };
    scene.write("other.pub", scene.read("press.key.pub"));
    scene.refused_args("dispute-sign-with-another-logs-key", &with("--key", "other.pub"));
    scene.refused_args("dispute-sign-of-an-entry-that-is-not-shown", &with("--entry", "1"));
    scene.refused_args("dispute-sign-in-the-name-of-a-work", &with("--id", "isbn:9780306406157"));
    scene.refused_args("dispute-sign-without-words", &with("--claim", ""));
    scene.refused_args("dispute-sign-with-a-public-key", &with("--signing-key", "press.key.pub"));
    scene.write("cut.proof", &scene.read("two.proof")[..1000]);
    scene.refused_args("dispute-sign-of-a-proof-that-is-cut", &with("sign", "cut.proof"));
    scene.refused_args("dispute-sign-into-a-file-that-exists", &with("-o", "dispute.json"));
    let both = [&["dispute", "6"][..], &sign(&entry, "new.json")[1..]].concat();
    scene.refused_args("dispute-recorded-and-signed", &both);
    // On stdout it is the file itself.
    let ran = scene.run_args(&with("-o", "-"));
    assert_eq!((ran.code, ran.stdout), (Some(0), scene.read("dispute.json")));
}

#[test]
fn an_admission_is_corrected() {
    let scene = Scene::sealed();
    let entry = of_kind(&scene, "admission")[0];
    let text = entry.to_string();
    let correct = |sets: &[&'static str]| {
        let sets = sets.iter().flat_map(|set| ["--set", set]);
        [&["correct", &text, "--because", "misprint"][..], &sets.collect::<Vec<_>>()].concat()
    };
    scene.golden("correct", &scene.run_args(&correct(&["title=One, again", "author=A. Writer", "party=Somebody"])));
    scene.golden("show-an-entry-that-was-corrected", &scene.run(&format!("show {entry}")));
    scene.ok(&format!("prove books@1 --work {ONE} -o later.proof"));
    let ran = scene.ok(&format!("verify later.proof --key {}", vkey()));
    let corrected = "corrected to title \"One, again\", author A. Writer, party Somebody: misprint";
    assert!(flat(&ran.stdout).contains(corrected), "{}", ran.stdout);
    let said = scene.ok(&format!("verify later.proof --key {} --json", vkey())).json();
    assert_eq!(said["corrections"][0]["parties"][0], json!({ "name": "A. Writer", "role": "author" }));
    assert_eq!((&said["corrections"][0]["about"], &said["present"][0]["verdict"]), (&json!(entry), &json!("covered")));
    scene.refused("correct-a-dataset", "correct 2 --set title=x --because x");
    scene.refused("correct-an-entry-beyond-the-log", "correct 99 --set title=x --because x");
    scene.refused_args("correct-an-unknown-field", &correct(&["isbn=9780306406157"]));
    scene.refused_args("correct-a-misspelt-field", &correct(&["publsher=North Press"]));
    scene.refused_args("correct-without-equals-sign", &correct(&["title"]));
    scene.refused_args("correct-two-titles", &correct(&["title=a", "title=b"]));
    scene.refused_args("correct-to-nothing", &correct(&["title="]));
    scene.refused("usage-correct-nothing", "correct 6 --because x");
    scene.sound();
}

/// A dispute must not hide behind the number of works asked.
#[test]
fn among_many_works_disputes_are_shown_all_the_same() {
    let scene = Scene::ledger();
    scene.ok("dataset new tracks --use generative-training --purpose commercial --layer master");
    let rows = (1..=30).map(|n| format!("t/{n},Track {n},CC0-1.0\n")).collect::<String>();
    scene.write("tracks.csv", format!("id,title,licence\n{rows}"));
    scene.ok("admit tracks tracks.csv");
    scene.ok("seal tracks 1");
    scene.ok("prove tracks@1 tracks.csv -o two.proof");
    scene.write("lab.pub", format!("{}\n", vkey()));
    scene.ok("key new press.example -o press.key");
    let entry = of_kind(&scene, "admission")[16].to_string();
    assert_eq!(scene.run_args(&sign(&entry, "dispute.json")).code, Some(0));
    scene.ok(&format!("dispute {entry} --signed dispute.json"));
    scene.ok("withdraw tracks --work id:t/3 --because opt-out");
    scene.ok("prove tracks@1 tracks.csv -o later.proof");
    let ran = scene.ok("verify later.proof --key lab.pub --works tracks.csv");
    scene.golden("verify-of-many-works-one-disputed", &ran);
    assert!(ran.stdout.contains("disputed by North Press"), "{}", ran.stdout);
}

/// What the lab's other programs read.
#[test]
fn each_gives_one_object() {
    let scene = Scene::sealed();
    let entry = with_dispute(&scene);
    scene.write("more.csv", BOOKS);
    let has = |line: &str, members: &[&str]| {
        let json = scene.ok(&format!("--json {line}")).json();
        for member in members {
            assert!(!json[member].is_null(), "{line}: no {member} in {json}");
        }
        json
    };
    let recorded = ["about", "claim", "entry", "ids", "log_size", "name"];
    let dispute = has(&format!("dispute {entry} --signed dispute.json"), &recorded);
    assert_eq!((&dispute["about"], &dispute["ids"]), (&json!(entry), &json!(["id:example/north-press"])));
    let text = entry.to_string();
    // A global option may stand anywhere.
    let signed = scene.run_args(&[&["dispute", "--json"][..], &sign(&text, "d2.json")[1..]].concat()).json();
    assert_eq!((&signed["origin"], &signed["file"]), (&json!("lab.example/deeds"), &json!("d2.json")));
    assert!(signed["verifier_key"].as_str().unwrap().starts_with("press.example+"));
    let correction = ["about", "because", "entry", "log_size", "parties", "title"];
    has(&format!("correct {entry} --set title=x --because misprint"), &correction);
    let said = scene.ok(&format!("--json show {entry}")).json();
    let kinds: Vec<&str> = said["entries"][0]["about"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| s["statement"]["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["dispute", "correction"]);
    let members = [
        "absent",
        "admissions",
        "asked",
        "because",
        "dataset",
        "dry_run",
        "entries",
        "invalid",
        "log_size",
        "ranges",
        "releases",
        "works",
    ];
    let withdrawn = has("withdraw books --works more.csv --because opt-out", &members);
    assert_eq!(
        (&withdrawn["works"], &withdrawn["ranges"], &withdrawn["dry_run"]),
        (&json!(3), &json!(1), &json!(false))
    );
    let members = ["because", "effective", "entry", "grant", "id", "log_size", "retroactive_days"];
    has("grant end north-press --because terminated --effective 2099-01-01", &members);
    assert_eq!(scene.ok("--json log status").json()["entries"]["withdrawal"], 1);
    scene.sound();
}
