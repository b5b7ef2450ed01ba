//! `respond`: one rightsholder's answer is whole, can be verified, and tells nothing about anybody else's works but what
//! the page says it does.

use crate::support::{Scene, vkey};
use base64::{Engine, prelude::BASE64_STANDARD};
use deedbook::rows::work_key;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// An ISBN-13 by its number.
fn isbn(n: u64) -> String {
    let body = format!("978{n:09}");
    let sum: u32 = body.bytes().zip([1, 3].into_iter().cycle()).map(|(c, w)| u32::from(c - b'0') * w).sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

const WORKS: u64 = 400;

/// A dataset of 400 works of many parties, and the request of one of them: every fortieth, one that is not in, and one
/// that cannot be read.
fn requested() -> Scene {
    let scene = Scene::ledger();
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    let mut all = "isbn,id,title,publisher,licence,sha256\n".to_owned();
    for n in 0..WORKS {
        let _ = writeln!(all, "{},house-{n}/own,Secret title {n},Secret house {n},CC-BY-4.0,{n:064x}", isbn(n));
    }
    scene.write("all.csv", all);
    scene.ok("admit books all.csv");
    scene.ok("seal books 1");
    let mut hers = "isbn,title\n".to_owned();
    for n in (0..WORKS).step_by(40).chain([WORKS + 1]) {
        let _ = writeln!(hers, "{},Hers {n}", isbn(n));
    }
    scene.write("hers.csv", hers + "9780306406158,Mistyped\n");
    scene
}

#[test]
fn a_request_is_answered_in_a_folder_that_verifies() {
    let scene = requested();
    let before = scene.log_size();
    scene.golden("respond", &scene.ok("respond books@1 --requester hers.csv -o answer"));
    assert_eq!(scene.log_size(), before, "a request is nobody's business: nothing of it is recorded");
    let read_me = scene.read("answer/ANSWER.txt");
    assert!(
        read_me
            .starts_with("Answer about 12 works of hers.csv, as of the release books@1\n\n  10 in it\n  1 not in it\n")
    );
    assert!(read_me.contains("Never proven by such a file"), "{read_me}");
    assert_eq!(scene.read("answer/lab.pub").trim(), vkey());
    // The command of ANSWER.txt, beside the catalogue.
    let command = read_me.lines().find_map(|line| line.trim().strip_prefix("deedbook ")).unwrap();
    scene.write("answer/hers.csv", scene.read("hers.csv"));
    let mut verify = scene.command(command.split(' '));
    let output = verify.current_dir(scene.path("answer")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(
        scene.read("answer/verified.csv").replace("hers.csv,", ","),
        scene.read("answer/answers.csv").replace("hers.csv,", ",")
    );
}

#[test]
fn what_cannot_be_answered_is_refused() {
    let scene = requested();
    scene.write("none.csv", "isbn\n9780306406158\n");
    scene.ok("respond books@1 --requester hers.csv -o answer");
    scene.refused("respond-over-an-answer", "respond books@1 --requester hers.csv -o answer");
    scene.refused("respond-about-no-release", "respond books@2 --requester hers.csv -o other");
    scene.refused("respond-to-no-catalogue", "respond books@1 --requester missing.csv -o other");
    scene.refused("respond-to-nothing", "respond books@1 --requester none.csv -o other");
    scene.refused("respond-into-no-folder", "respond books@1 --requester hers.csv -o no/such/folder");
}

/// Whoever has every identifier of the ledger tries each on every byte of the answer: as it is, and as the key of its
/// row, raw, in base64 and in hexadecimal digits.
#[test]
fn a_dictionary_finds_her_works_and_the_documented_neighbours_alone() {
    let scene = requested();
    scene.ok("respond books@1 --requester hers.csv -o answer");
    let mut bytes = Vec::new();
    scene.walk("answer", &mut |_, file| bytes.extend_from_slice(file));
    let holds = |what: &[u8]| bytes.windows(what.len()).any(|window| window == what);

    // What the page documents: the rows beside a look-up, and the keys that part the tree on the way to it.
    let proof: serde_json::Value = serde_json::from_str(&scene.read("answer/works.proof")).unwrap();
    let mut documented = BTreeSet::new();
    for table in proof["tables"].as_array().unwrap() {
        let rows = table["rows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap());
        documented.extend(rows.map(|key| BASE64_STANDARD.decode(key).unwrap()));
        let hashes = table["proof"].as_array().unwrap().iter().map(|hash| hash.as_str().unwrap());
        documented.extend(hashes.map(|hash| BASE64_STANDARD.decode(hash).unwrap()[..32].to_vec()));
    }

    let (mut shown, mut her_own) = (0, 0);
    for n in 0..WORKS {
        let hers = n % 40 == 0;
        let identifiers = [format!("isbn:{}", isbn(n)), format!("id:house-{n}/own"), format!("sha256:{n:064x}")];
        let names = [format!("Secret title {n}"), format!("Secret house {n}")];
        // `Secret title 4` is the beginning of `Secret title 40`.
        // Entries stand in the proof as texts, whose quotes are escaped.
        let ends = ["\"", "\\", ",", "\n", ";"];
        let ended = |text: &str| ends.map(|end| format!("{text}{end}"));
        for text in identifiers.iter().chain(&names) {
            let value = text.split_once(':').map_or(text.as_str(), |(_, value)| value);
            let found = ended(value).iter().any(|text| holds(text.as_bytes()));
            assert!(hers || !found, "{text} of another's work is in the answer");
            her_own += u64::from(hers && found);
        }
        for identifier in identifiers {
            let key = work_key(&identifier);
            let base64 = BASE64_STANDARD.encode(key.0);
            // As the first half of a hash of 64 bytes its last two bytes run into the second.
            let found = holds(&key.0) || holds(key.to_string().as_bytes()) || holds(&base64.as_bytes()[..40]);
            if found && !hers {
                assert!(documented.contains(&key.0.to_vec()), "the key of {identifier} is where no page says it is");
                shown += 1;
            }
        }
    }
    // What the test would find if there were more to find.
    assert!(her_own >= 10 * 5, "{her_own}");
    assert!((1..=(WORKS as usize * 3) / 2).contains(&shown), "{shown}");
    println!("{shown} keys of other works can be recognised, all of them documented");
}
