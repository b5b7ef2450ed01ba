//! The auditor's copy of a whole ledger: `verify DIR`.

use crate::support::{Ran, Scene, vkey};
use deedbook::ledger::{Now, Writer};
use deedbook::statement::{Admission, Identifier, Screening, Statement, Time};
use deedbook::tlog::{KeyKind, SigningKey};

/// Copies what an auditor is given: everything but the private folder and the index.
fn handed_over(scene: &Scene) {
    for part in ["private", "index"] {
        std::fs::remove_dir_all(scene.path("deeds").join(part)).unwrap();
    }
    std::fs::rename(scene.path("deeds"), scene.path("handed-over")).unwrap();
}

fn verify(scene: &Scene, more: &str) -> Ran {
    scene.run(&format!("verify handed-over --key {}{more}", vkey()))
}

#[test]
fn a_copy_that_is_whole() {
    let scene = Scene::sealed();
    let days = "--start 2026-02-01 --end 2026-02-02";
    let run = format!("run add --model sonata@1 --release books@1 --purpose research --use ai-training {days}");
    assert_eq!(scene.run(&format!("{run} --record-gaps --because decided")).code, Some(0));
    handed_over(&scene);
    let ran = verify(&scene, "");
    scene.golden("copy-that-is-whole", &ran);
    assert_eq!(ran.code, Some(0));
    let json = verify(&scene, " --json").json();
    assert_eq!((json["valid"].as_bool(), json["verdicts"]["covered"].as_u64()), (Some(true), Some(3)));
    assert_eq!((json["runs_judged"].as_u64(), json["runs_left_out"].as_u64()), (Some(1), Some(0)));
    assert_eq!(verify(&scene, " --require covered").code, Some(0));
    for unmet in ["signed", "witnessed"] {
        let ran = verify(&scene, &format!(" --require {unmet}"));
        assert_eq!((ran.code, ran.stdout.contains("NOT MET: ")), (Some(1), true), "{unmet}");
    }
}

#[test]
fn a_copy_of_another_log_and_questions_that_a_copy_does_not_answer() {
    let scene = Scene::sealed();
    handed_over(&scene);
    let other = SigningKey::from_seed("lab.example/deeds", KeyKind::Ed25519, &[8; 32]).unwrap();
    let ran = scene.run(&format!("verify handed-over --key {}", other.verifier()));
    scene.golden("copy-of-another-log", &ran);
    assert_eq!(ran.code, Some(1));
    let refused = |situation, more: &str| {
        scene.refused(situation, &format!("verify handed-over --key {}{more}", vkey()));
    };
    refused("work-asked-of-a-copy", " --work isbn:9780306406157");
    refused("presence-asked-of-a-copy", " --require present");
    scene.refused("folder-that-is-no-copy", &format!("verify . --key {}", vkey()));
}

/// Signed and consistent to the last byte; only the grant does not cover what it is named for.
#[test]
fn a_work_that_the_gate_must_have_refused() {
    let scene = Scene::sealed();
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let now = Now { at: Time::from_unix(seconds + 60).unwrap(), seed: [3; 32] };
    let mut writer = Writer::open(&scene.path("deeds"), now, false).unwrap();
    let at_of = |kind: fn(&Statement) -> bool| {
        (0..writer.view().log().size()).find(|i| kind(&writer.view().statement(*i).unwrap())).unwrap()
    };
    let (a, s) = (at_of(|s| matches!(s, Statement::Admission(_))), at_of(|s| matches!(s, Statement::Screening(_))));
    let (Statement::Admission(honest), Statement::Screening(screening)) =
        (writer.view().statement(a).unwrap(), writer.view().statement(s).unwrap())
    else {
        panic!()
    };
    let first_entry = writer.next();
    let identifiers = vec![Identifier::parse("isbn:9780000000019").unwrap()].into();
    let forged = Admission { at: writer.now(), salt: writer.salt(), identifiers, ..*honest };
    writer.append(&Statement::Admission(Box::new(forged))).unwrap();
    let (at, salt) = (writer.now(), writer.salt());
    let counts = Screening { admitted: 1, at, considered: 1, first_entry, salt, ..screening };
    writer.append(&Statement::Screening(counts)).unwrap();
    writer.commit(true).unwrap();
    handed_over(&scene);
    let ran = verify(&scene, "");
    scene.golden("copy-with-a-work-that-no-grant-covers", &ran);
    assert_eq!(ran.code, Some(1));
    let json = verify(&scene, " --json").json();
    assert_eq!(json["codes"]["not-in-subject"].as_u64(), Some(1));
}

/// A state that leaves the grant out: its own key signed it, and the copy gives what shows that to anybody.
#[test]
fn what_a_state_hides_becomes_evidence() {
    use deedbook::index::{RowsFile, register_path, root_of, write_rows};
    use deedbook::rows;
    use deedbook::statement::{Is, RowsRef, State, V1};
    let scene = Scene::sealed();
    let seconds = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    let now = Now { at: Time::from_unix(seconds + 60).unwrap(), seed: [3; 32] };
    let mut writer = Writer::open(&scene.path("deeds"), now, false).unwrap();
    let grant = writer.view().look_up("grant:north-press").unwrap()[0];
    let newest = register_path(writer.view().state().0);
    let disk = writer.disk().clone();
    let honest = RowsFile::open(&disk, &newest, rows::Kind::Register).unwrap();
    let kept = honest.stream().filter(|row| row.as_ref().unwrap().value != grant);
    let (at, salt, log_size) = (writer.now(), writer.salt(), writer.next());
    let path = register_path(log_size);
    write_rows(&disk, &path, rows::Kind::Register, kept).unwrap();
    let (count, root) = root_of(&disk, &path, rows::Kind::Register, false).unwrap();
    let register = RowsRef { count, root };
    writer.append(&Statement::State(State { at, kind: Is, log_size, register, salt, v: V1 })).unwrap();
    writer.commit(true).unwrap();
    handed_over(&scene);
    let ran = verify(&scene, " --evidence shown.json");
    scene.golden("copy-with-a-state-that-hides-an-entry", &ran);
    assert_eq!(ran.code, Some(1));
    let shown = scene.run(&format!("verify shown.json --key {}", vkey()));
    assert!(shown.code == Some(1) && shown.stdout.starts_with("LIE: "), "{}", shown.stdout);
    // Where nothing is hidden there is nothing to write.
    let whole = Scene::sealed();
    handed_over(&whole);
    assert_eq!((verify(&whole, " --evidence shown.json").code, whole.exists("shown.json")), (Some(0), false));
}
