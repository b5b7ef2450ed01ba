//! `show D@V --works`: what is in a release, as JSON lines and as a catalogue.

use crate::support::Scene;
use std::collections::BTreeSet;

/// A sealed release of one work whose licence is open, with everything that a catalogue says of it, and two others.
fn songs() -> Scene {
    let scene = Scene::ledger();
    scene.ok("dataset new songs --use generative-training --purpose commercial --layer master");
    scene.write(
        "songs.csv",
        "title,artist,label,isrc,iswc,licence,type,layers,path,bytes,media_type,sha256,used_from,work\n\
         One,Ann,Loud,AA6Q72000047,T0345246801,CC-BY-4.0,sound-recording,master,a/1.flac,12,audio/flac,\
         ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad,2020-01-01,w\n\
         ,,,,,CC-BY-4.0,,,a/1.ogg,5,audio/ogg,,,w\n\
         \"Two, or three\",,,AA6Q72000048,,CC0-1.0,,,,,,,,\n",
    );
    scene.ok("admit songs songs.csv");
    scene.ok("seal songs 1");
    scene
}

#[test]
fn as_json_lines() {
    let scene = songs();
    let ran = scene.ok("show songs@1 --works");
    scene.golden("works-as-json-lines", &ran);
    // The same lines, whatever is said of the format.
    assert_eq!(scene.ok("show songs@1 --works --format jsonl").stdout, ran.stdout);
    assert_eq!(scene.ok("--json show songs@1 --works").stdout, ran.stdout);
    // What keeps an erased entry from being guessed is not shown.
    assert!(!ran.stdout.contains("salt"));
    let lines: Vec<serde_json::Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let recorded = scene.ok(&format!("--json show {}", lines[0]["entry"])).json()["entries"][0]["statement"].clone();
    let mut line = lines[0].clone();
    let (mine, theirs) = (line.as_object_mut().unwrap(), recorded.as_object().unwrap());
    // Everything else that was recorded is there as it was recorded; grants by name as well.
    let left_out = ["dataset", "grants", "kind", "salt", "v"];
    for (member, value) in theirs.iter().filter(|(member, _)| !left_out.contains(&member.as_str())) {
        assert_eq!(mine.remove(member).as_ref(), Some(value), "{member}");
    }
    assert_eq!(mine.remove("grants").unwrap()["master"]["entry"], theirs["grants"]["master"]);
    let rest: BTreeSet<&str> = mine.keys().map(String::as_str).collect();
    assert_eq!(rest, BTreeSet::from(["entry", "erased", "withdrawn"]));
}

#[test]
fn as_a_catalogue() {
    let scene = songs();
    let ran = scene.ok("show songs@1 --works --format csv");
    scene.golden("works-as-a-catalogue", &ran);
    scene.golden("works-in-a-file", &scene.run("show songs@1 --works --format csv -o works.csv"));
    assert_eq!(scene.read("works.csv"), ran.stdout);
    let ran = scene.ok("--json show songs@1 --works -o works.jsonl");
    assert_eq!(ran.json()["admissions"], 2);
    assert_eq!(scene.read("works.jsonl"), scene.ok("show songs@1 --works").stdout);
    let ran = scene.ok("--json check songs@1 works.csv --require present");
    assert_eq!((ran.json()["rows"].as_u64(), ran.json()["present"].as_u64()), (Some(2), Some(2)));
    // Admitted again they are the same works.
    let again = scene.ok("--json admit songs works.csv").json();
    assert_eq!((again["duplicates"].as_u64(), again["considered"].as_u64()), (Some(2), Some(2)), "{again}");
}

/// One work for each scheme, those among them whose identifiers hold what else separates them.
#[test]
fn every_scheme_is_found_again() {
    let scene = Scene::ledger();
    scene.ok("dataset new all --use generative-training --purpose commercial --layer text");
    let ids = [
        "asin:B000002UAL",
        "blake3:af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        "doi:10.1002/(sici)1522-2594(199911)42:5<952::aid-mrm16>3.0.co;2-s",
        "doi:10.1000/a;doi:10.1000/b",
        "eidr:10.5240/7791-8534-2C23-9030-8610-5",
        "grid:A12425GABC1234002M",
        "id:example/A:b|c;d",
        "isbn:9783161484100",
        "iscc:KACYPXW445FTYNJ3CYSXHAFJMA2HUWULUNRFE3BLHRSCXYH2M5AEGQY",
        "isrc:AA6Q72000047",
        "jamendo:214",
        "mbid-recording:ebf79ba5-085e-48d2-9eb8-2d992fbf0f6d",
        "mbid-work:f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "swhid:swh:1:cnt:4d99d2d18326621ccdd70f5ea66c2e2ac236ad8b",
        "url:https://example.org/a;b?c|d",
        "url:https://example.org/;isbn:9780306406157",
    ];
    // Groups and parties do not name a work; they stand beside one that does, all in one cell.
    let others = [
        "isbn:9780306406157",
        "ipi:00014107338",
        "isni:000000012150090X",
        "issn:2434561X",
        "iswc:T0345246801",
        "mbid-release:44b7cab1-0ce1-404e-9089-b458eb3fa530",
        "orcid:000000021694233X",
        "upc:00036000291452",
        "uscopyright:SR0000320918",
    ];
    let line = |ids: &[&str]| format!("{}\n", serde_json::json!({ "identifiers": ids, "licence": "CC0-1.0" }));
    let lines: String = ids.iter().map(|id| line(&[id])).chain([line(&others)]).collect();
    scene.write("all.jsonl", lines);
    let admitted = scene.ok("--json admit all all.jsonl").json();
    assert_eq!(admitted["admitted"], ids.len() + 1, "{admitted}");
    scene.ok("seal all 1");
    scene.ok("show all@1 --works --format csv -o x.csv");
    let check = scene.ok("check all@1 x.csv --report answers.jsonl --require present");
    let count = ids.len() + 1;
    assert_eq!(check.stdout, format!("{count} works asked of all@1\n  present  {count}\n  absent    0\n"));
    let mut by: Vec<String> = Vec::new();
    for answer in scene.read("answers.jsonl").lines() {
        let answer: serde_json::Value = serde_json::from_str(answer).unwrap();
        by.extend(answer["by"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()));
    }
    let looked_up = |id: &&&str| !["ipi", "isni", "orcid"].contains(&id.split(':').next().unwrap());
    let wanted: BTreeSet<&str> = ids.iter().chain(others.iter().filter(looked_up)).copied().collect();
    assert_eq!(by.iter().map(String::as_str).collect::<BTreeSet<_>>(), wanted);
}

#[test]
fn refused() {
    let scene = Scene::sealed();
    scene.refused("works-of-an-unknown-release", "show books@2 --works");
    scene.refused("works-of-a-dataset", "show books --works");
    scene.refused("works-of-an-entry", "show 3 --works");
    scene.refused("list-format-without-works", "show books@1 --format csv");
    scene.refused("list-output-without-works", "show books@1 -o out");
    scene.refused("list-format-unknown", "show books@1 --works --format xml");
    scene.refused("list-in-csv-and-json", "--json show books@1 --works --format csv");
    scene.refused("list-in-a-folder-that-does-not-exist", "show books@1 --works -o none/out");
}

/// A reader that has seen enough is not waited for.
#[test]
fn a_closed_pipe_ends_it_quietly() {
    let scene = Scene::ledger();
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    let line = |n: u32| format!("{{\"title\":\"{}\",\"id\":\"ex/{n}\",\"licence\":\"CC0-1.0\"}}\n", "x".repeat(500));
    scene.write("many.jsonl", (0..1000).map(line).collect::<String>());
    scene.ok("admit books many.jsonl");
    scene.ok("seal books 1");
    for line in ["show books@1 --works", "show books@1 --works --format csv"] {
        let ran = crate::output::unread(&scene, line);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{line}");
    }
}

/// A list that cannot be finished leaves no file.
#[test]
fn a_damaged_entry_leaves_no_file() {
    let scene = Scene::sealed();
    let mut bundles = Vec::new();
    scene.walk("deeds/entries", &mut |path, bytes| bundles.push((path.to_owned(), bytes.to_vec())));
    for (path, mut bytes) in bundles {
        let at = bytes.windows(3).position(|w| w == b"Two").unwrap_or(0);
        bytes[at] ^= 1;
        std::fs::write(path, bytes).unwrap();
    }
    for line in ["show books@1 --works -o out", "show books@1 --works --format csv -o out"] {
        let before = scene.snapshot();
        assert_eq!(scene.run(line).code, Some(2), "{line}");
        scene.unchanged(line, &before);
    }
}
