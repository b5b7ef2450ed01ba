//! Input as the world has it: catalogues in every dress that spreadsheets give them, policies that cannot be read, and
//! keys, checkpoints and cosignatures that belong to something else. Each is told by file, line and field.

use crate::support::{NORTH_PRESS, Scene, vkey};
use deedbook::tlog::{KeyKind, Note, SigningKey, cosignature};
use deedbook::verify::ProofFile;
use std::time::{SystemTime, UNIX_EPOCH};

/// A trusted key of small order: everybody can sign for it.
const WEAK_LOG: &str = "lab.example/deeds+d8dc9bc5+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const WEAK_WITNESS: &str = "witness.example/w+3fefdc02+BAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The answers of `check`, a line each: the line of the file, the answer, what was found, what is wrong.
fn answers(scene: &Scene, file: &str) -> Vec<String> {
    let ran = scene.ok(&format!("check books@1 {file} --report -"));
    let line = |line: &str| {
        let answer: serde_json::Value = serde_json::from_str(line).unwrap();
        let texts = |member: &str| {
            let list = answer[member].as_array().cloned().unwrap_or_default();
            list.iter().map(|text| text.as_str().unwrap().to_owned()).collect::<Vec<_>>().join(", ")
        };
        format!("{} {} {} {}", answer["line"], answer["answer"].as_str().unwrap(), texts("by"), texts("why"))
    };
    ran.stdout.lines().map(|l| line(l).trim_end().to_owned()).collect()
}

/// One catalogue, as each program writes it: the answers are the same, whatever it wears.
#[test]
fn a_catalogue_in_every_dress() {
    let scene = Scene::sealed();
    let plain = "isbn,title\n9780306406157,One\n9791090636071,Other\n9783161484100,Three\n";
    let quoted = "isbn,title\n\"9780306406157\",\"One,\nand \"\"more\"\"\"\n9791090636071,Other\n9783161484100,Three\n";
    let tabs = plain.replace(',', "\t");
    let json = "{\"isbn\":\"9780306406157\"}\n{\"isbn\":\"9791090636071\"}\n{\"isbn\":\"978-3-16-148410-0\"}\n";
    let windows = |text: &str| text.replace('\n', "\r\n");
    let marked = |text: &str| format!("\u{feff}{text}");
    for (dress, file, text, lines) in [
        ("plain", "a.csv", plain.to_owned(), [2, 3, 4]),
        ("a byte order mark", "a.csv", marked(plain), [2, 3, 4]),
        ("Windows line ends", "a.csv", windows(plain), [2, 3, 4]),
        ("both", "a.csv", marked(&windows(plain)), [2, 3, 4]),
        ("old Mac line ends", "a.csv", plain.replace('\n', "\r"), [2, 3, 4]),
        ("no last line end", "a.csv", plain.trim_end().to_owned(), [2, 3, 4]),
        ("a line end in quotes", "a.csv", quoted.to_owned(), [2, 4, 5]),
        ("the same on Windows", "a.csv", windows(quoted), [2, 4, 5]),
        ("blank lines", "a.csv", plain.replace('\n', "\n\n"), [3, 5, 7]),
        ("white space around", "a.csv", plain.replace(",O", ",  O ").replace("978", " 978"), [2, 3, 4]),
        (
            "quotes around everything",
            "a.csv",
            plain.lines().map(|line| format!("\"{}\"\n", line.replace(',', "\",\""))).collect(),
            [2, 3, 4],
        ),
        ("tabs", "a.tsv", tabs.clone(), [2, 3, 4]),
        ("tabs, marked, on Windows", "a.tsv", marked(&windows(&tabs)), [2, 3, 4]),
        ("JSON lines", "a.jsonl", json.to_owned(), [1, 2, 3]),
        ("JSON lines, marked, on Windows", "a.jsonl", marked(&windows(json)), [1, 2, 3]),
        ("JSON lines, some blank", "a.jsonl", json.replace('\n', "\n\n"), [1, 3, 5]),
    ] {
        scene.write(file, text);
        let wanted = [
            format!("{} present isbn:9780306406157", lines[0]),
            format!("{} absent", lines[1]),
            format!("{} present isbn:9783161484100", lines[2]),
        ];
        assert_eq!(answers(&scene, file), wanted, "{dress}");
    }
}

/// Rows that say nothing, twice the same, or something of another scheme: each has its answer, and touches no other.
#[test]
fn rows_that_cannot_be_asked() {
    let scene = Scene::sealed();
    scene.write(
        "hers.csv",
        "title,isbn,identifiers\n\
         One,9780306406157,\n\
         One again,0-306-40615-2,\n\
         ,,\n\
         \"  \",\"  \",\" ; \"\n\
         Another scheme,T-034.524.680-1,\n\
         In its column,,iswc:T0345246801\n\
         No scheme,,9780306406157\n\
         Of no scheme there is,,ean:9780306406157\n\
         One good and one bad,9780306406157,doi:nonsense\n\
         Nothing found and one bad,9791090636071,doi:nonsense\n\
         Two in a cell,9780306406157; 9783161484100,\n\
         As a number,9.78031E+12,\n",
    );
    let found = answers(&scene, "hers.csv");
    let wanted = [
        "2 present isbn:9780306406157",
        "3 present isbn:9780306406157",
        "4 invalid  no identifier of a work",
        "5 invalid  no identifier of a work",
        "6 invalid  isbn: \"T-034.524.680-1\" is not of the form",
        "7 absent",
        "8 invalid  identifiers: \"9780306406157\" does not begin with a scheme",
        "9 invalid  identifiers: \"ean:9780306406157\" does not begin with a scheme",
        "10 present isbn:9780306406157 identifiers: \"nonsense\"",
        "11 invalid  identifiers: \"nonsense\"",
        "12 present isbn:9780306406157, isbn:9783161484100",
        "13 invalid  isbn: \"9.78031E+12\" is not of the form",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    found
        .iter()
        .zip(wanted)
        .for_each(|(found, wanted)| assert!(found.starts_with(wanted), "{found:?}, not {wanted:?}"));
    scene.golden("check-of-rows-that-cannot-be-asked", &scene.run("check books@1 hers.csv"));
    scene.golden("prove-of-rows-that-cannot-be-asked", &scene.run("prove books@1 hers.csv -o hers.proof"));
    let verify = format!("verify hers.proof --key {} --works hers.csv", vkey());
    scene.golden("verify-of-rows-that-cannot-be-asked", &scene.run(&verify));
    let json = scene.ok(&format!("--json {verify} --report answers.csv")).json();
    let count = |member: &str| json[member].as_array().unwrap().len();
    assert_eq!((count("present"), count("absent"), count("invalid")), (4, 1, 7));
    // What has no answer meets no requirement.
    scene.write("bad.csv", "isbn\n9791090636071\nn/a\n");
    scene.ok("prove books@1 bad.csv -o bad.proof");
    let line = format!("verify bad.proof --key {} --works bad.csv", vkey());
    scene.ok(&line);
    for kind in ["present", "absent", "covered"] {
        assert_eq!(scene.run(&format!("{line} --require {kind}")).code, Some(1), "{kind}");
    }
    scene.write("none.csv", "isbn,title\nn/a,One\n,Two\n");
    scene.refused("nothing-that-can-be-asked", "prove books@1 none.csv -o none.proof");
}

/// The same rows at the gate: refused or held one by one, and the rest goes in.
#[test]
fn rows_that_cannot_be_admitted() {
    let scene = Scene::books();
    scene.write(
        "in.csv",
        "\u{feff}isbn,title\r\n9780306406157,One\r\n\r\n,\r\nISRC QZDEE2600001,A song\r\n0306406152,One again\r\n",
    );
    let ran = scene.ok("--json admit books in.csv --report report.jsonl").json();
    let count = |member: &str| ran[member].as_u64().unwrap();
    assert_eq!(
        (count("considered"), count("admitted"), count("refused"), count("held"), count("duplicates")),
        (4, 1, 1, 1, 1)
    );
    let lines: Vec<serde_json::Value> =
        scene.read("report.jsonl").lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let told: Vec<(u64, &str)> =
        lines.iter().map(|l| (l["line"].as_u64().unwrap(), l["codes"][0].as_str().unwrap())).collect();
    assert_eq!(told, [(4, "no-identifier"), (5, "bad-identifier"), (6, "duplicate")]);
}

/// A table for a spreadsheet: nothing in it is a formula, and a name that ends in `.csv` asks for it.
#[test]
fn the_table_of_answers() {
    let scene = Scene::sealed();
    scene.write("hers.csv", "isbn,title\n9780306406157,=cmd()\n9791090636071,\"+1, \"\"two\"\"\"\nn/a,-3\n");
    scene.ok("prove books@1 hers.csv -o hers.proof");
    scene.ok("check books@1 hers.csv --report lab.CSV");
    scene.ok(&format!("verify hers.proof --key {} --works hers.csv --report hers-answers.csv", vkey()));
    let checked = "\u{feff}source,line,path,title,identifiers,answer,by,entries,why\n\
        hers.csv,2,,'=cmd(),isbn:9780306406157,present,isbn:9780306406157,6,\n\
        hers.csv,3,,\"'+1, \"\"two\"\"\",isbn:9791090636071,absent,,,\n";
    assert!(scene.read("lab.CSV").starts_with(checked), "{}", scene.read("lab.CSV"));
    let verified = "\u{feff}source,line,path,title,identifiers,answer,by,entries,verdict,standing,grants,codes,why\n\
        hers.csv,2,,'=cmd(),isbn:9780306406157,present,isbn:9780306406157,6,covered,asserted,north-press,,\n\
        hers.csv,3,,\"'+1, \"\"two\"\"\",isbn:9791090636071,absent,,,absent,,,,\n\
        hers.csv,4,,'-3,,invalid,,,,,,,\"isbn: \"\"n/a\"\" is not";
    assert!(scene.read("hers-answers.csv").starts_with(verified), "{}", scene.read("hers-answers.csv"));
    // As JSON lines, and without a catalogue the claims of the file.
    scene.golden("verify-report-on-stdout", &scene.run(&format!("verify two.proof --key {} --report -", vkey())));
    // An invalid proof answers nothing, and what is read is not written over.
    scene.write("bad.proof", "{}\n");
    let ran = scene.run(&format!("verify bad.proof --key {} --works hers.csv --report none.csv", vkey()));
    assert_eq!((ran.code, scene.exists("none.csv")), (Some(1), false));
    scene.refused(
        "report-over-the-catalogue",
        &format!("verify hers.proof --key {} --works hers.csv --report hers.csv", vkey()),
    );
}

fn witness() -> SigningKey {
    SigningKey::from_seed("witness.example/w", KeyKind::CosignatureV1, &[5; 32]).unwrap()
}

/// A policy is all that stands between a fork and a reader: what is wrong with it is told by its line, and nothing is
/// verified, or recorded, under it.
#[test]
fn policies_that_cannot_be_trusted() {
    let scene = Scene::sealed();
    let (log, w) = (format!("log {}\n", vkey()), witness().verifier().to_string());
    let x =
        SigningKey::from_seed("witness.example/x", KeyKind::CosignatureV1, &[6; 32]).unwrap().verifier().to_string();
    let two = format!("{log}witness w {w}\nwitness x {x}\n");
    scene.write("answer.txt", "— nobody AAAAAAAA\n");
    for (wrong, text, line, words) in [
        ("a word that is none", format!("{log}wittness w {w}\nquorum none\n"), 2, "not a log, witness"),
        ("a word too many", format!("{log}quorum none please\n"), 2, "not a log, witness"),
        ("a byte order mark", format!("\u{feff}{log}quorum none\n"), 1, "hint: save it without a byte order mark"),
        (
            "Windows line ends",
            format!("{log}quorum none\n").replace('\n', "\r\n"),
            1,
            "hint: save it with Unix line ends",
        ),
        ("a weak log", format!("log {WEAK_LOG}\nquorum none\n"), 1, "the public key is weak"),
        ("a weak witness", format!("{log}witness w {WEAK_WITNESS}\nquorum w\n"), 2, "the public key is weak"),
        ("a key cut off", format!("{log}witness w {}\nquorum w\n", &w[..w.len() - 2]), 2, "key"),
        ("a log twice", format!("{log}{log}quorum none\n"), 2, "already in the policy"),
        ("a witness twice", format!("{log}witness w {w}\nwitness v {w}\nquorum w\n"), 3, "already in the policy"),
        ("a log as a witness", format!("{log}witness w {}\nquorum w\n", vkey()), 2, "the type of its role"),
        ("a witness as a log", format!("log {w}\nquorum none\n"), 1, "the type of its role"),
        ("two of one name", format!("{log}witness w {w}\nwitness w {x}\nquorum w\n"), 3, "the name \"w\" is taken"),
        ("three of two", format!("{two}group g 3 w x\nquorum g\n"), 4, "number of members, not \"3\""),
        ("none of two", format!("{two}group g 0 w x\nquorum g\n"), 4, "number of members, not \"0\""),
        ("half of two", format!("{two}group g 1.5 w x\nquorum g\n"), 4, "number of members, not \"1.5\""),
        ("all of none", format!("{two}group g all\nquorum g\n"), 4, "a threshold is between 1"),
        ("the same one twice", format!("{two}group g 2 w w\nquorum g\n"), 4, "\"w\" is already a member of a group"),
        ("a group of itself", format!("{two}group g any g\nquorum g\n"), 4, "the name \"g\" is not defined above"),
        ("somebody unknown", format!("{two}quorum y\n"), 4, "the name \"y\" is not defined above"),
        ("two quorums", format!("{two}quorum w\nquorum none\n"), 5, "there is a quorum already"),
        ("no quorum", two.clone(), 4, "the policy ends without a quorum"),
        ("nothing", String::new(), 1, "the policy ends without a quorum"),
    ] {
        scene.write("the.policy", text);
        let before = scene.snapshot();
        for command in ["verify two.proof --policy the.policy", "log cosign add answer.txt --policy the.policy"] {
            let ran = scene.run(command);
            let said = ran.stderr.starts_with(&format!("error: the.policy: line {line} of the policy: "));
            assert!(said && ran.stderr.contains(words), "{wrong}: {command}\n{}", ran.stderr);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{wrong}: {command}");
        }
        scene.unchanged(wrong, &before);
    }
}

/// A proof, a checkpoint and a key of two logs.
#[test]
fn what_belongs_to_another_log() {
    let (ours, theirs) = (Scene::sealed(), Scene::empty());
    let other = SigningKey::from_seed("other.example/deeds", KeyKind::Ed25519, &[8; 32]).unwrap();
    theirs.write_private("other.key", &other.print_private());
    theirs.ok("init deeds --origin other.example/deeds --signing-key other.key");
    theirs.write("books.csv", crate::support::BOOKS);
    theirs.write("north-press.toml", NORTH_PRESS);
    for line in [
        "dataset new books --use generative-training --purpose commercial --layer text",
        "grant add north-press.toml",
        "admit books books.csv",
        "seal books 1",
        "prove books@1 books.csv -o theirs.proof",
    ] {
        theirs.ok(line);
    }
    ours.write("theirs.proof", theirs.read("theirs.proof"));
    ours.write("theirs.txt", theirs.ok("log checkpoint").stdout);
    ours.write("theirs.policy", format!("log {}\nquorum none\n", other.verifier()));
    let before = ours.snapshot();
    let refused = |line: &str, code: i32, said: &str| {
        let ran = ours.run(line);
        let told = format!("{}{}", ran.stdout, ran.stderr);
        assert!(ran.code == Some(code) && told.contains(said), "{line}: {told}");
    };
    for line in [
        "log consistency theirs.txt",
        "log consistency theirs.proof",
        "log consistency two.proof theirs.proof",
        "log consistency theirs.proof theirs.txt",
    ] {
        refused(line, 2, "error: theirs.");
        refused(line, 2, "is no checkpoint of this log\ncaused by: the checkpoint is of log \"other.example/deeds\"");
    }
    refused(&format!("verify theirs.proof --key {}", vkey()), 1, "INVALID: the checkpoint is not one of this log");
    refused("verify two.proof --policy theirs.policy", 1, "INVALID: the checkpoint is not one of this log");
    refused("log cosign add theirs.txt --policy theirs.policy", 2, "the policy is not about this log alone");
    ours.unchanged("what is another log's", &before);
    // Two proof files of one log are two checkpoints of it.
    ours.ok("seal books 2");
    ours.ok("prove books@2 books.csv -o later.proof");
    assert!(ours.ok("log consistency two.proof later.proof").stdout.starts_with("CONSISTENT"));
    ours.write("cut.proof", &ours.read("later.proof")[..200]);
    refused("log consistency cut.proof", 2, "cut.proof holds no checkpoint");
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// A witness's clock may be wrong, or the reader's. `log cosign add` refuses a time that has not come; of a proof that
/// has one already it is said, and `--require witnessed` is not met.
#[test]
fn a_cosignature_from_the_future() {
    let scene = Scene::sealed();
    scene.write("w.policy", format!("log {}\nwitness w {}\nquorum w\n", vkey(), witness().verifier()));
    let checkpoint = scene.ok("log checkpoint").stdout;
    let cosigned = |time: u64| cosignature::cosign(&witness(), time, Note::parse(&checkpoint).unwrap().text()).unwrap();
    scene.write("future.txt", cosigned(now() + 100_000).to_string());
    let before = scene.snapshot();
    let ran = scene.run("log cosign add future.txt --policy w.policy");
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the cosignature of witness.example/w is from the future"), "{}", ran.stderr);
    scene.unchanged("log cosign add", &before);

    let proof = |time: u64| {
        let mut file = ProofFile::parse(scene.read("two.proof").as_bytes()).unwrap();
        let mut note = Note::parse(&file.checkpoint).unwrap();
        note.add(cosigned(time)).unwrap();
        file.checkpoint = note.to_string();
        scene.write("w.proof", file.print());
    };
    for (ahead, said) in [(100_000, true), (400, true), (200, false), (0, false)] {
        proof(now() + ahead);
        let line = "verify w.proof --policy w.policy";
        let (text, json) = (scene.run(line), scene.run(&format!("--json {line}")));
        assert_eq!((text.code, json.code), (Some(0), Some(0)), "{}", text.stdout);
        assert_eq!(text.stdout.contains("NOT YET by this machine's clock"), said, "{ahead}: {}", text.stdout);
        assert_eq!(json.json()["witnesses_ahead"].as_u64().is_some(), said, "{ahead}");
        let required = scene.run(&format!("{line} --require witnessed"));
        assert_eq!(required.code, Some(1), "the admissions have no start");
        assert_eq!(required.stdout.contains("NOT MET: witnessed by a time that has come"), said, "{ahead}");
    }
}
