//! `coverage` and `run`: what a lab's counsel sees of a release and of a model, and what is refused.

use crate::support::{NORTH_PRESS, Scene};

/// Three books under a contract from 2020 on, and one that is open to all.
fn sealed() -> Scene {
    let scene = Scene::ledger();
    scene.ok("dataset new books --use generative-training --purpose commercial --layer text");
    scene.write("north-press.toml", NORTH_PRESS);
    scene.write(
        "books.csv",
        "isbn,title,uscopyright,licence\n9780306406157,One,TX0001234567,\n9781861972712,Two,,\n9783161484100,Three,,\n\
         9791090636071,Open,,CC0-1.0\n",
    );
    scene.ok("grant add north-press.toml");
    scene.ok("admit books books.csv");
    scene.ok("seal books 1");
    scene
}

const RUN: &str = "run add --model sonata@2 --release books@1 --purpose commercial --use generative-training \
                   --start 2026-02-01 --end 2026-03-01";

#[test]
fn coverage_of_a_release_is_shown() {
    let scene = sealed();
    scene.golden("coverage", &scene.ok("coverage books@1 --at 2020-01-01"));
    let gaps = scene.run("coverage books@1 --at 2019-12-31 --exposure --require no-gaps");
    assert_eq!(gaps.code, Some(1));
    scene.golden("coverage-with-gaps", &gaps);
    assert_eq!(scene.run("coverage books@1 --at 2020-01-01 --require no-gaps").code, Some(0));
}

#[test]
fn what_the_end_of_a_grant_touches_is_shown_and_not_recorded() {
    let scene = sealed();
    scene.ok(RUN);
    let before = scene.snapshot();
    scene.golden("coverage-if-ended", &scene.ok("coverage books@1 --at 2026-03-01 --if-ended north-press"));
    scene.unchanged("coverage", &before);
}

#[test]
fn each_admission_is_told_in_lines_and_in_a_table() {
    let scene = sealed();
    scene.ok("coverage books@1 --at 2019-12-31 --report works.csv");
    let table = scene.read("works.csv");
    assert!(table.starts_with('\u{feff}'));
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 5);
    assert!(
        rows[1].contains("isbn:9780306406157; uscopyright:TX0001234567,gap,not-yet-valid,text: north-press,"),
        "{}",
        rows[1]
    );
    let ran = scene.ok("coverage books@1 --at 2019-12-31 --report -");
    let lines: Vec<serde_json::Value> = ran.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let verdicts: Vec<&str> = lines.iter().map(|l| l["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["gap", "gap", "gap", "covered"]);
    assert!(ran.stderr.contains("  gap              3"), "{}", ran.stderr);
}

#[test]
fn exposure_never_goes_without_its_assumptions() {
    let scene = sealed();
    let json = scene.ok("--json coverage books@1 --at 2019-12-31 --exposure").json();
    let exposure = &json["exposure"];
    assert_eq!(exposure["registered"]["works"], 1);
    assert_eq!(exposure["unrecorded"]["most_if_wilful"], 300_000);
    assert!(exposure["assumptions"].as_array().is_some_and(|lines| lines.len() > 3));
    let without = scene.ok("--json coverage books@1 --at 2019-12-31").json();
    assert!(without.get("exposure").is_none());
}

#[test]
fn a_run_is_recorded_refused_or_recorded_with_its_gaps() {
    let scene = sealed();
    let ran = scene.ok(RUN);
    scene.golden("run", &ran);
    let before = scene.snapshot();
    scene.golden("run-dry", &scene.ok(&format!("{RUN} --dry-run")));
    scene.unchanged("run", &before);
    let research = RUN.replace("commercial", "research");
    let before = scene.snapshot();
    let refused = scene.run(&research);
    assert_eq!(refused.code, Some(1));
    scene.golden("run-refused", &refused);
    scene.unchanged("run", &before);
    let lines = scene.run(&format!("{research} --report -"));
    assert_eq!((lines.code, lines.stdout.lines().count()), (Some(1), 4));
    assert!(lines.stdout.contains("\"codes\":[\"purpose-not-covered\"]"), "{}", lines.stdout);
    scene.unchanged("run", &before);
    let despite = research + " --record-gaps --because settled";
    scene.golden("run-with-gaps", &scene.ok(&despite));
    scene.golden("run-list", &scene.ok("run list"));
    scene.golden("coverage-of-a-model", &scene.ok("coverage --model sonata@2"));
    scene.sound();
}

#[test]
fn the_weights_of_a_model_are_digests_of_files() {
    let scene = sealed();
    scene.write("sonata.bin", "weights");
    let run = scene.ok(&format!("--json {RUN} --weights sonata.bin")).json();
    let digest = format!("blake3:{}", blake3::hash(b"weights"));
    assert_eq!(run["run"]["weights"], serde_json::json!([digest]));
    std::fs::create_dir(scene.path("empty")).unwrap();
    scene.refused("run-with-a-folder-of-no-weights", &format!("{RUN} --weights empty"));
    scene.refused("run-without-its-weights", &format!("{RUN} --weights missing.bin"));
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let scene = sealed();
    scene.ok("dataset new songs --use generative-training --purpose commercial --layer master");
    scene.refused("coverage-of-no-release", "coverage books@2");
    scene.refused("coverage-of-no-model", "coverage --model sonata@2");
    scene.refused("coverage-on-no-day", "coverage books@1 --at 2026-02-30");
    scene.refused("coverage-before-the-release", "coverage books@1 --as-of 3");
    scene.refused("coverage-beyond-the-log", "coverage books@1 --as-of 300");
    scene.refused("coverage-if-no-grant-ended", "coverage books@1 --if-ended south-press");
    scene.refused("run-on-a-dataset-that-is-not-sealed", &RUN.replace("books@1", "songs@1"));
    scene.refused("run-backwards", &RUN.replace("2026-03-01", "2026-01-01"));
    scene.refused("run-at-no-time", &RUN.replace("2026-03-01", "March"));
    scene.refused("run-of-no-model", &RUN.replace("sonata@2", "sonata"));
    scene.refused("run-in-no-country", &format!("{RUN} --territory XX"));
    scene.refused("run-with-gaps-and-no-reason", &format!("{RUN} --record-gaps"));
}
