//! A crash at every operation of a ledger's life, under every state of the disk: the ledger opens to the old state or
//! the new one, is sound, and goes on. What sled keeps is left out, as if it were lost: it follows from the log.

use super::lab::*;
use super::replay::{Crash, Model, materialise};
use deedbook::ledger::{LedgerError, View, Writer, fsck, repair};
use deedbook::storage::{Disk, Op};
use std::collections::BTreeMap;

/// The files that a ledger is, apart from what is derived.
fn essence(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Vec<u8>> {
    let kept = |path: &String| path.starts_with("entries/") || path == "log/checkpoint";
    files.iter().filter(|(path, _)| kept(path)).map(|(p, b)| (p.clone(), b.clone())).collect()
}

/// What each command did to the disk.
fn story() -> Vec<(&'static str, Vec<Op>)> {
    let dir = folder();
    let (disk, trace) = Disk::recording(dir.path()).unwrap();
    let mut done = 0;
    let mut steps = Vec::new();
    let mut step = |name| {
        let ops = trace.ops().split_off(done);
        done += ops.len();
        steps.push((name, ops));
    };
    let lab = Lab::on(dir, disk);
    step("init");
    lab.books();
    step("dataset new");
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(900)), &[]));
    step("grant add");
    // Enough works for a full bundle and its tile, some of them not admitted.
    lab.admit("books", &(books(1..262) + "A refused one,9780306406157,CC-BY-NC-4.0\n"));
    step("admit");
    lab.seal("books@v1");
    step("seal");
    steps
}

pub fn crashes(seed: u64) -> impl Iterator<Item = Crash> {
    let corners = [Crash::AllLost, Crash::AllKept, Crash::NamesKept, Crash::BytesKept];
    corners.into_iter().chain((0..2).map(move |n| Crash::Mixed(seed * 100 + n)))
}

/// Opens what a crash left. The size must be one of those allowed, and everything must be sound and go on.
pub fn reopen(files: &BTreeMap<String, Vec<u8>>, allowed: &[u64]) -> Result<(), String> {
    let dir = folder();
    materialise(files, dir.path());
    // The replay keeps names and bytes, not modes.
    let secret = dir.path().join("private/key");
    if secret.is_file() {
        let only_owner = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
        std::fs::set_permissions(&secret, only_owner).unwrap();
    }
    if !dir.path().join("ledger.toml").is_file() {
        // Not a ledger yet: only where none was acknowledged.
        return if allowed.contains(&0) { Ok(()) } else { Err("the ledger is gone".to_owned()) };
    }
    let writer = match Writer::open(dir.path(), now(58), false) {
        Ok(writer) => writer,
        // A register is derived: repair makes it again.
        Err(LedgerError::Index(_) | LedgerError::BadRegister { .. }) => {
            repair::repair(dir.path(), now(58), false, false).map_err(|e| format!("it cannot be repaired: {e}"))?;
            Writer::open(dir.path(), now(58), false).map_err(|e| format!("it cannot be opened after repair: {e}"))?
        }
        Err(error) => return Err(format!("it cannot be opened: {error}")),
    };
    let size = writer.view().log().size();
    if !allowed.contains(&size) {
        return Err(format!("it has {size} entries, allowed are {allowed:?}"));
    }
    drop(writer);
    let report = fsck::fsck(dir.path(), now(59)).map_err(|e| format!("it cannot be checked: {e}"))?;
    if !report.damage.is_empty() {
        return Err(format!("it is damaged: {:?}", report.damage));
    }
    let writer = Writer::open(dir.path(), now(58), false).map_err(|e| e.to_string())?;
    if writer.view().look_up("dataset:books").map_err(|e| e.to_string())?.is_empty() {
        return Ok(());
    }
    let outcome =
        deedbook::ledger::admit::admit(writer, &name("books"), vec![csv(&books(5000..5003)).into()], options());
    let outcome = outcome.map_err(|e| format!("nothing can be admitted: {e}"))?;
    if outcome.tally.admitted != 3 {
        return Err(format!("new works were not admitted: {:?}", outcome.tally));
    }
    let report = fsck::fsck(dir.path(), now(59)).map_err(|e| format!("it cannot be checked: {e}"))?;
    if report.damage.is_empty() { Ok(()) } else { Err(format!("damaged afterwards: {:?}", report.damage)) }
}

#[test]
fn a_crash_anywhere_leaves_the_old_state_or_the_new() {
    let sizes = [2, 4, 6, 270, 272];
    let (mut model, mut before, mut cases) = (Model::default(), 0, 0);
    for ((name, ops), size) in story().into_iter().zip(sizes) {
        let allowed = [before, size];
        // Of a long stretch of alike operations, some are enough: the first and last, and every seventh.
        let count = ops.len();
        for (at, op) in ops.iter().enumerate() {
            if at < 12 || at + 24 > count || at % 7 == 0 {
                for crash in crashes(cases) {
                    let outcome = reopen(&model.crash(crash), &allowed);
                    outcome
                        .unwrap_or_else(|broken| panic!("{name}, before operation {at} {op:?}, {crash:?}: {broken}"));
                    cases += 1;
                }
            }
            model.apply(op);
        }
        // Acknowledged: now nothing may take it back.
        for crash in crashes(cases) {
            let outcome = reopen(&model.crash(crash), &[size]);
            outcome.unwrap_or_else(|broken| panic!("after {name}, {crash:?}: {broken}"));
        }
        before = size;
    }
    assert!(cases > 300, "{cases}");
}

#[test]
fn a_failed_command_leaves_the_ledger_as_it_was() {
    let lab = Lab::new();
    lab.books();
    let before = essence(&files(lab.path()));
    let wrong = books(1..3) + "too,few\n";
    assert!(matches!(lab.try_admit("books", &wrong, options()), Err(LedgerError::Ingest(_))));
    assert_eq!(essence(&files(lab.path())), before);
    assert_eq!(View::open(lab.path()).unwrap().log().size(), 4);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}
