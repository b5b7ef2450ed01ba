//! Evidence of a lie: no honest lab can be accused, whatever is made of all that it ever signed and wrote; and what a
//! dishonest one hides is shown.

use super::mutation::{others, pointers};
use super::*;
use deedbook::rows::{Key, Row, RowsError, register_key, work_key};
use deedbook::statement::dsse::DisputeClaim;
use deedbook::statement::json::JsonError;
use deedbook::statement::{Kind, ReleaseName, Set, Statement};
use deedbook::tlog::{Checkpoint, Hash};
use deedbook::verify::lie::{Hiding, Lie, LieFile, LieFormat, LieSide, MAX_LIE_LEN, verify_lie};
use deedbook::verify::proof::DisclosedTable;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

// ---------------------------------------------------------------------------------------------------------------------
// Making files, as whoever has every byte of a log could

/// These entries of a log, under its checkpoint of a size; texts that were erased since are remembered.
pub(super) fn side(lab: &Lab, size: u64, entries: &[u64]) -> LieSide {
    let mut lab = lab.clone();
    lab.entries.iter_mut().for_each(|entry| entry.is_erased = false);
    let (anchors, claims, keys) = (Vec::new(), BTreeSet::new(), BTreeMap::new());
    let (checkpoint, entries) = (lab.checkpoint(size), entries.iter().copied().collect());
    let file = Plan { checkpoint, size, anchors, claims, entries, keys }.file(&lab);
    LieSide { entries: file.entries, note: file.checkpoint, path: file.path }
}

/// The rows of a statement that answer these keys.
fn table(lab: &Lab, statement: u64, keys: &[Key]) -> DisclosedTable {
    disclosed_table(&lab.tables[&statement].1, statement, &keys.iter().copied().collect())
}

pub(super) fn file(sides: Vec<LieSide>, tables: Vec<DisclosedTable>) -> LieFile {
    LieFile { format: LieFormat::V1, sides, tables }
}

/// A state's register at a name, and an entry that should be under it.
fn of_state(lab: &Lab, state: u64, hidden: u64, name: &str) -> LieFile {
    let dataset = match lab.statement(hidden) {
        Some(Statement::Release(release)) => Some(release.dataset),
        _ => None,
    };
    let entries: Vec<u64> = [state, hidden].into_iter().chain(dataset).collect();
    file(vec![side(lab, lab.size(), &entries)], vec![table(lab, state, &[register_key(name)])])
}

/// What a register has below a release about an entry.
fn about(lab: &Lab, state: u64, release: u64, entry: u64) -> Vec<u64> {
    let key = register_key(&format!("entry:{entry}"));
    lab.tables[&state].1.iter().filter(|r| r.key == key && r.value < release).map(|r| r.value).collect()
}

/// The entries that show that a release leaves an admission out.
fn release_entries(lab: &Lab, release: u64, hidden: u64, state: u64) -> Vec<u64> {
    let Some(Statement::Release(sealed)) = lab.statement(release) else { panic!("no release") };
    let said = [sealed.dataset, hidden].map(|entry| about(lab, state, release, entry)).concat();
    [vec![sealed.dataset, hidden, release, state], said].concat()
}

fn release_tables(lab: &Lab, release: u64, hidden: u64, id: &Identifier, state: u64) -> Vec<DisclosedTable> {
    let Some(Statement::Release(sealed)) = lab.statement(release) else { panic!("no release") };
    let keys = [sealed.dataset, hidden].map(|entry| register_key(&format!("entry:{entry}")));
    vec![table(lab, release, &[work_key(id.as_str())]), table(lab, state, &keys)]
}

fn of_release(lab: &Lab, release: u64, hidden: u64, id: &Identifier, state: u64) -> LieFile {
    let side = side(lab, lab.size(), &release_entries(lab, release, hidden, state));
    file(vec![side], release_tables(lab, release, hidden, id, state))
}

pub(super) fn check(lab: &Lab, file: &LieFile) -> Result<Lie, VerifyError> {
    verify_lie(&file.print(), &[lab.key().verifier().clone()])
}

/// The names under which a register must lead to an entry, word for word after docs/formats/register.md.
fn names(lab: &Lab, index: u64) -> Vec<String> {
    match lab.statement(index) {
        Some(Statement::Dataset(s)) => vec![format!("dataset:{}", s.id)],
        Some(Statement::Grant(s)) => vec![format!("grant:{}", s.terms().unwrap().id)],
        Some(Statement::Release(s)) => match lab.statement(s.dataset) {
            Some(Statement::Dataset(d)) => vec![format!("release:{}@{}", d.id, s.version)],
            _ => vec![],
        },
        Some(Statement::Run(s)) => {
            let releases = s.releases.iter().map(|r| format!("entry:{r}"));
            releases.chain([format!("run:{}", s.model)]).collect()
        }
        Some(Statement::GrantEnd(s)) => vec![format!("entry:{}", s.grant)],
        Some(Statement::Withdrawal(s)) => vec![format!("entry:{}", s.dataset)],
        Some(Statement::Dispute(s)) => vec![format!("entry:{}", s.claim().unwrap().entry)],
        Some(Statement::Correction(s)) => vec![format!("entry:{}", s.entry)],
        Some(Statement::Erasure(s)) => vec![format!("entry:{}", s.entry)],
        _ => vec![],
    }
}

/// A log with everything that a register leads to, and its last release.
fn eventful() -> (Story, Vec<u64>) {
    let mut s = story();
    let release = s.lab.release(s.dataset, "2");
    let dispute = s.lab.dispute(s.admissions[0]);
    let said = vec![
        s.dataset,
        s.grant,
        s.release,
        release,
        s.lab.end(s.grant, "2027-01-01"),
        s.lab.run(release),
        s.lab.correct(s.admissions[1]),
        dispute,
        s.lab.withdraw(s.dataset, s.admissions[2], 1),
        s.lab.erase(dispute),
    ];
    (s, said)
}

// ---------------------------------------------------------------------------------------------------------------------
// For the published vectors

/// Files by name: those that show a lie, with what they show, and those that show none.
#[derive(Default)]
pub struct Published {
    pub lies: Vec<(String, LieFile, serde_json::Value)>,
    pub none: Vec<(String, LieFile)>,
}

pub fn published() -> Published {
    let Published { mut lies, mut none } = Published::default();
    let entry = |lab: &Lab, index: u64| serde_json::json!({ "entry": index, "kind": lab.statement(index).unwrap().head().0.to_string() });
    let says = |lab: &Lab, by: u64, hidden: u64, missing: Vec<String>, release: Option<&str>, state: u64| {
        serde_json::json!({
            "hidden": entry(lab, hidden), "missing": missing, "origin": "lab.example/deeds", "release": release,
            "sizes": [lab.size()], "state": state, "statement": entry(lab, by),
        })
    };
    let (s, said) = eventful();
    for hidden in said {
        let name = names(&s.lab, hidden).remove(0);
        let kind = s.lab.statement(hidden).unwrap().head().0;
        let mut lab = s.lab.clone();
        let keys: Vec<Key> = names(&lab, hidden).iter().map(|name| register_key(name)).collect();
        let state = lab.state_with(|rows| rows.retain(|r| r.value != hidden || !keys.contains(&r.key)), |_| {});
        let file = of_state(&lab, state, hidden, &name);
        let missing = check(&lab, &file).unwrap().missing;
        assert!(missing.contains(&name) && missing.iter().all(|m| names(&lab, hidden).contains(m)));
        lies.push((
            format!("state-without-the-{kind}-at-{hidden}"),
            file,
            says(&lab, state, hidden, missing, None, state),
        ));
        let honest = lab.state();
        none.push((format!("state-with-the-{kind}-at-{hidden}"), of_state(&lab, honest, hidden, &name)));
    }
    let mut s = story();
    let release = release_without(&mut s, "2", &[FIRST, FIRST_TOO]);
    let state = s.lab.state();
    let hidden = s.admissions[0];
    let file = of_release(&s.lab, release, hidden, &id(FIRST), state);
    let mut missing = vec![FIRST_TOO.to_owned(), FIRST.to_owned()];
    missing.retain(|m| check(&s.lab, &file).unwrap().missing.contains(m));
    let shown = says(&s.lab, release, hidden, missing, Some("songs@2"), state);
    none.push(("release-with-its-admission".to_owned(), of_release(&s.lab, s.release, hidden, &id(FIRST), state)));
    none.push(("state-older-than-the-release".to_owned(), of_release(&s.lab, release, hidden, &id(FIRST), s.state)));
    let mut turned = file.clone();
    turned.tables.reverse();
    none.push(("tables-descending".to_owned(), turned));
    let mut spare = file.clone();
    spare.sides =
        vec![side(&s.lab, s.lab.size(), &[release_entries(&s.lab, release, hidden, state), vec![s.grant]].concat())];
    none.push(("entry-that-nothing-needs".to_owned(), spare));
    let mut alone = file.clone();
    alone.tables.truncate(1);
    none.push(("release-without-a-state".to_owned(), alone));
    lies.push(("release-without-an-admission".to_owned(), file, shown));
    for (what, act) in [
        ("withdrawn", (|s| _ = s.lab.withdraw(s.dataset, s.admissions[0], 1)) as Act),
        ("erased", |s| _ = s.lab.erase(s.admissions[0])),
    ] {
        let mut s = story();
        act(&mut s);
        let release = s.lab.release(s.dataset, "2");
        let state = s.lab.state();
        none.push((
            format!("admission-that-was-{what}"),
            of_release(&s.lab, release, s.admissions[0], &id(FIRST), state),
        ));
    }
    Published { lies, none }
}

// ---------------------------------------------------------------------------------------------------------------------
// Dishonest labs

#[test]
fn whatever_a_state_hides_is_shown() {
    let (s, said) = eventful();
    for hidden in said {
        for name in names(&s.lab, hidden) {
            let mut lab = s.lab.clone();
            let key = register_key(&name);
            let state = lab.state_with(|rows| rows.retain(|r| (r.key, r.value) != (key, hidden)), |_| {});
            let lie = check(&lab, &of_state(&lab, state, hidden, &name)).unwrap();
            assert_eq!((lie.by, lie.hidden), (Hiding::State { index: state }, hidden), "{name}");
            assert_eq!((lie.origin.as_str(), &lie.sizes), ("lab.example/deeds", &vec![lab.size()]));
            assert_eq!(Some(lie.hidden_kind), lab.statement(hidden).map(|s| s.head().0));
            assert!(lie.missing.contains(&name), "{:?} without {name}", lie.missing);
            // The honest state says nothing of the kind, and neither does the older one, which cannot know.
            let honest = lab.state();
            let refused = check(&lab, &of_state(&lab, honest, hidden, &name));
            assert_eq!(refused, Err(VerifyError::NothingLeftOut { statement: honest, index: hidden }), "{name}");
            if hidden > s.state {
                let refused = check(&lab, &of_state(&lab, s.state, hidden, &name));
                assert_eq!(refused, Err(VerifyError::NothingLeftOut { statement: s.state, index: hidden }), "{name}");
            }
        }
    }
}

#[test]
fn a_state_that_commits_to_nothing_hides_everything() {
    let (mut s, said) = eventful();
    let state = s.lab.state_with(|rows| rows.clear(), |_| {});
    for (hidden, name) in
        said.into_iter().flat_map(|hidden| names(&s.lab, hidden).into_iter().map(move |n| (hidden, n)))
    {
        let lie = check(&s.lab, &of_state(&s.lab, state, hidden, &name)).unwrap();
        assert!(lie.hidden == hidden && lie.missing.contains(&name));
    }
}

#[test]
fn a_run_that_is_hidden_under_one_name_and_found_under_another_is_shown() {
    let mut s = story();
    let run = s.lab.run(s.release);
    let name = format!("entry:{}", s.release);
    let state = s.lab.state_with(|rows| rows.retain(|r| r.key != register_key(&name)), |_| {});
    assert_eq!(check(&s.lab, &of_state(&s.lab, state, run, &name)).unwrap().missing, [name]);
    let refused = check(&s.lab, &of_state(&s.lab, state, run, "run:m@1"));
    assert_eq!(refused, Err(VerifyError::NothingLeftOut { statement: state, index: run }));
}

/// A release without the first admission's rows, under one of its identifiers or both.
fn release_without(s: &mut Story, version: &str, texts: &[&str]) -> u64 {
    let (hidden, keys) = (s.admissions[0], texts.iter().map(|t| work_key(t)).collect::<Vec<_>>());
    s.lab.release_with(s.dataset, version, |rows| rows.retain(|r| r.value != hidden || !keys.contains(&r.key)), |_| {})
}

#[test]
fn an_admission_that_a_release_leaves_out_is_shown() {
    for texts in [&[FIRST][..], &[FIRST_TOO], &[FIRST, FIRST_TOO]] {
        let mut s = story();
        let release = release_without(&mut s, "2", texts);
        let state = s.lab.state();
        for text in [FIRST, FIRST_TOO] {
            let shown = check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(text), state));
            if !texts.contains(&text) {
                // (Its row may stand beside the gap that the other leaves.)
                assert!(!shown.is_ok_and(|lie| lie.missing.contains(&text.to_owned())), "{text}");
                continue;
            }
            let lie = shown.unwrap();
            let name = ReleaseName::parse("songs@2").unwrap();
            assert_eq!(lie.by, Hiding::Release { index: release, name, state });
            assert_eq!((lie.hidden, lie.hidden_kind), (s.admissions[0], Kind::Admission));
            assert!(lie.missing.contains(&text.to_owned()), "{:?}", lie.missing);
        }
        // The honest release of the same log.
        let refused = check(&s.lab, &of_release(&s.lab, s.release, s.admissions[0], &id(FIRST), state));
        assert_eq!(refused, Err(VerifyError::NothingLeftOut { statement: s.release, index: s.admissions[0] }));
    }
}

type Act = fn(&mut Story);

#[test]
fn an_admission_that_was_taken_out_before_the_release_is_rightly_left_out() {
    let takes_out: [Act; 4] = [
        |s| _ = s.lab.withdraw(s.dataset, s.admissions[0], 1),
        |s| _ = s.lab.withdraw(s.dataset, s.admissions[0] - 1, 5),
        |s| _ = s.lab.erase(s.admissions[0]),
        |s| {
            s.lab.correct(s.dataset);
            s.lab.correct(s.admissions[0]);
            s.lab.withdraw(s.dataset, s.admissions[2], 1);
            s.lab.withdraw(s.dataset, s.admissions[0], 1);
        },
    ];
    for act in takes_out {
        let mut s = story();
        act(&mut s);
        let by = s.lab.size() - 1;
        let release = s.lab.release(s.dataset, "2");
        let state = s.lab.state();
        let refused = check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(FIRST), state));
        assert_eq!(refused, Err(VerifyError::RightlyLeftOut { index: s.admissions[0], by }));
        // Whoever keeps the explanation back has no evidence either.
        let entries = release_entries(&s.lab, release, s.admissions[0], state);
        for kept_back in entries.iter().filter(|e| **e != by) {
            let less: Vec<u64> = entries.iter().copied().filter(|e| e != kept_back).collect();
            let tables = release_tables(&s.lab, release, s.admissions[0], &id(FIRST), state);
            let file = file(vec![side(&s.lab, s.lab.size(), &less)], tables);
            assert!(check(&s.lab, &file).is_err(), "without {kept_back}");
        }
        let less: Vec<u64> = entries.into_iter().filter(|e| *e != by).collect();
        let tables = release_tables(&s.lab, release, s.admissions[0], &id(FIRST), state);
        let file = file(vec![side(&s.lab, s.lab.size(), &less)], tables);
        assert_eq!(check(&s.lab, &file), Err(VerifyError::NotDisclosed { index: by }));
    }
}

#[test]
fn what_takes_nothing_out_explains_nothing() {
    let takes_nothing_out: [Act; 5] = [
        |s| _ = s.lab.withdraw(s.dataset, s.admissions[1], 2),
        |s| {
            let other = s.lab.dataset("other");
            s.lab.withdraw(other, s.admissions[0], 1);
        },
        |s| _ = s.lab.erase(s.admissions[1]),
        |s| _ = s.lab.dispute(s.admissions[0]),
        |s| {
            s.lab.correct(s.admissions[0]);
            s.lab.correct(s.dataset);
        },
    ];
    for act in takes_nothing_out {
        let mut s = story();
        act(&mut s);
        let release = release_without(&mut s, "2", &[FIRST]);
        let state = s.lab.state();
        let lie = check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(FIRST), state)).unwrap();
        assert_eq!(lie.missing, [FIRST]);
        // What comes after the release is no excuse, and need not be shown.
        s.lab.withdraw(s.dataset, s.admissions[0], 1);
        let erasure = s.lab.erase(s.admissions[0]);
        let later = s.lab.state();
        let after = of_release(&s.lab, release, s.admissions[0], &id(FIRST), later);
        assert!(after.sides[0].entries.iter().all(|e| e.index != erasure));
        assert_eq!(check(&s.lab, &after).unwrap().missing, [FIRST]);
    }
}

/// The log cannot have both: either the release or the state is not what it must be.
#[test]
fn a_withdrawal_that_the_state_hides_is_no_excuse() {
    let mut s = story();
    let withdrawal = s.lab.withdraw(s.dataset, s.admissions[0], 1);
    let release = s.lab.release(s.dataset, "2");
    let state = s.lab.state_with(|rows| rows.retain(|r| r.value != withdrawal), |_| {});
    assert!(check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(FIRST), state)).is_ok());
}

#[test]
fn what_is_unclear_is_no_evidence() {
    // A dispute about the admission whose text is gone could have been anything.
    let mut s = story();
    let dispute = s.lab.dispute(s.admissions[0]);
    let release = release_without(&mut s, "2", &[FIRST]);
    let state = s.lab.state();
    let mut file = of_release(&s.lab, release, s.admissions[0], &id(FIRST), state);
    assert!(check(&s.lab, &file).is_ok());
    let entry = file.sides[0].entries.iter_mut().find(|e| e.index == dispute).unwrap();
    (entry.text, entry.leaf) = (None, Some(s.lab.entries[dispute as usize].leaf));
    assert_eq!(check(&s.lab, &file), Err(VerifyError::NoText { index: dispute }));
    // So could a statement that this program cannot read.
    let mut s = story();
    let newer = s.lab.push_text(r#"{"kind":"pardon","v":1}"#.to_owned());
    let release = release_without(&mut s, "2", &[FIRST]);
    let row = Row { key: register_key(&format!("entry:{}", s.dataset)), value: newer };
    let state = s.lab.state_with(
        |rows| {
            rows.push(row);
            rows.sort();
        },
        |_| {},
    );
    let refused = check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(FIRST), state));
    assert!(matches!(refused, Err(VerifyError::Statement { index, .. }) if index == newer), "{refused:?}");
    // A state that is older than the release, or the look-up of the admission missing.
    let mut s = story();
    let release = release_without(&mut s, "2", &[FIRST]);
    let state = s.lab.state();
    let [hidden, ..] = s.admissions;
    let older = of_release(&s.lab, release, hidden, &id(FIRST), s.state);
    assert_eq!(check(&s.lab, &older), Err(VerifyError::EvidenceTables));
    let mut reversed = older;
    reversed.tables.reverse();
    assert_eq!(check(&s.lab, &reversed), Err(VerifyError::EvidenceTables));
    let mut file = of_release(&s.lab, release, hidden, &id(FIRST), state);
    s.lab.correct(0);
    // (More rows, so that the two look-ups have different neighbours.)
    for entry in 0..20 {
        s.lab.correct(entry % s.state);
    }
    let state = s.lab.state();
    file.sides = vec![side(&s.lab, s.lab.size(), &release_entries(&s.lab, release, hidden, state))];
    for entry in [s.dataset, hidden] {
        let key = register_key(&format!("entry:{entry}"));
        file.tables[1] = table(&s.lab, state, &[key]);
        assert!(matches!(check(&s.lab, &file), Err(VerifyError::Rows { error: RowsError::Incomplete { .. }, .. })));
    }
}

#[test]
fn a_dispute_of_another_log_is_about_nothing_here() {
    for (origin, is_ours) in [("lab.example/deeds", true), ("other.example/deeds", false)] {
        let mut s = story();
        let leaf = s.lab.entries[s.admissions[0] as usize].leaf;
        let (claim, name) = ("It is mine.".to_owned(), "South Press".to_owned());
        let entry = s.admissions[0];
        let claim = DisputeClaim { claim, entry, ids: Set::new(), leaf, name, origin: origin.into() };
        let dispute = s.lab.dispute_of(claim);
        let state = s.lab.state_with(|rows| rows.retain(|r| r.value != dispute), |_| {});
        let shown = check(&s.lab, &of_state(&s.lab, state, dispute, &format!("entry:{}", s.admissions[0])));
        assert_eq!(shown.is_ok(), is_ours, "{shown:?}");
    }
}

#[test]
fn statements_that_are_not_of_their_own_place_show_nothing() {
    // A state, and a release, that give another log size than their index: what their rows are of is not defined.
    for more in [-1, 1] {
        let mut s = story();
        let end = s.lab.end(s.grant, "2027-01-01");
        let edit = |state: &mut deedbook::statement::State| state.log_size = state.log_size.strict_add_signed(more);
        let state = s.lab.state_with(|rows| rows.retain(|r| r.value != end), edit);
        let refused = check(&s.lab, &of_state(&s.lab, state, end, &format!("entry:{}", s.grant)));
        assert_eq!(refused, Err(VerifyError::LogSize { index: state }));
        let edit = |r: &mut deedbook::statement::Release| r.log_size = r.log_size.strict_add_signed(more);
        let release = s.lab.release_with(s.dataset, "2", |rows| rows.clear(), edit);
        let state = s.lab.state();
        let refused = check(&s.lab, &of_release(&s.lab, release, s.admissions[0], &id(FIRST), state));
        assert_eq!(refused, Err(VerifyError::LogSize { index: release }));
    }
    // An admission to another dataset, and one that is logged after the release.
    let mut s = story();
    let other = s.lab.dataset("other");
    let foreign = s.lab.admit(other, &ids(&[ABSENT]), s.grant);
    let release = s.lab.release(s.dataset, "2");
    let late = s.lab.admit(s.dataset, &ids(&[ABSENT]), s.grant);
    let state = s.lab.state();
    for hidden in [foreign, late] {
        let refused = check(&s.lab, &of_release(&s.lab, release, hidden, &id(ABSENT), state));
        assert_eq!(refused, Err(VerifyError::NothingLeftOut { statement: release, index: hidden }));
    }
    // An erasure of what cannot be erased, disclosed beside the one that it names and on the other side.
    let mut s = story();
    let erasure = s.lab.erase(s.dataset);
    let release = release_without(&mut s, "2", &[FIRST]);
    let state = s.lab.state();
    let wrong = Err(VerifyError::WrongKind { index: erasure, named: s.dataset });
    let one = of_release(&s.lab, release, s.admissions[0], &id(FIRST), state);
    assert_eq!(check(&s.lab, &one), wrong);
    let sides = vec![
        side(&s.lab, s.admissions[0] + 1, &[s.dataset, s.admissions[0]]),
        side(&s.lab, s.lab.size(), &[erasure, release, state]),
    ];
    assert_eq!(check(&s.lab, &file(sides, one.tables)), wrong);
    // An entry that names what comes later.
    let mut s = story();
    let end = s.lab.end(s.lab.size() + 5, "2027-01-01");
    let state = s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    let refused = check(&s.lab, &of_state(&s.lab, state, end, &format!("entry:{}", end + 5)));
    assert_eq!(refused, Err(VerifyError::ForwardReference { index: end, named: end + 5 }));
}

// ---------------------------------------------------------------------------------------------------------------------
// Two checkpoints

/// A lab whose last state hides the end of its grant; the end, and the state.
pub(super) fn hiding_an_end() -> (Story, u64, u64) {
    let mut s = story();
    let end = s.lab.end(s.grant, "2027-01-01");
    s.lab.state();
    s.lab.correct(s.dataset);
    let state = s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    (s, end, state)
}

#[test]
fn statement_and_entry_may_stand_under_two_checkpoints_of_one_key() {
    let (s, end, state) = hiding_an_end();
    let (lab, name) = (&s.lab, format!("entry:{}", s.grant));
    let tables = vec![table(lab, state, &[register_key(&name)])];
    let say = |sides: Vec<LieSide>| check(lab, &file(sides, tables.clone()));
    let (old, new) = (side(lab, end + 1, &[end]), side(lab, lab.size(), &[state]));
    let lie = say(vec![old.clone(), new.clone()]).unwrap();
    assert_eq!((lie.hidden, lie.sizes), (end, vec![end + 1, lab.size()]));
    assert_eq!(say(vec![new.clone(), old.clone()]), Err(VerifyError::Sides));
    assert_eq!(say(vec![]), Err(VerifyError::Sides));
    let middle = side(lab, end + 2, &[s.dataset]);
    assert_eq!(say(vec![old.clone(), middle.clone(), new.clone()]), Err(VerifyError::Sides));
    assert_eq!(say(vec![old.clone()]), Err(VerifyError::EvidenceTables));
    assert_eq!(say(vec![new.clone()]), Err(VerifyError::EvidenceEntries));
    // One checkpoint twice; an entry on both sides; an entry that nothing needs.
    assert_eq!(say(vec![side(lab, lab.size(), &[end]), new.clone()]), Err(VerifyError::Sides));
    let both = side(lab, lab.size(), &[end, state]);
    assert_eq!(say(vec![old.clone(), both]), Err(VerifyError::OnBothSides { index: end }));
    for more in [0, s.dataset, s.grant, s.release, s.admissions[0]] {
        let more = side(lab, lab.size(), &[more, state]);
        assert_eq!(say(vec![old.clone(), more]), Err(VerifyError::EvidenceEntries));
    }
    // A side without entries proves nothing of its checkpoint.
    let bare = LieSide { entries: vec![], path: vec![], ..old };
    assert!(matches!(say(vec![bare, side(lab, lab.size(), &[end, state])]), Err(VerifyError::Inclusion(_))));
}

#[test]
fn sides_of_two_logs_or_keys_accuse_nobody() {
    let (s, end, state) = hiding_an_end();
    let name = format!("entry:{}", s.grant);
    let tables = vec![table(&s.lab, state, &[register_key(&name)])];
    let mut other = Lab::new("other.example/deeds");
    other.entries = s.lab.entries.clone();
    let mut namesake = s.lab.clone();
    namesake.seed ^= 1;
    // The key that counts may be any of those that the auditor knows.
    let logs = [&other, &namesake, &s.lab].map(|lab| lab.key().verifier().clone());
    for stranger in [&other, &namesake] {
        let sides = vec![side(stranger, end + 1, &[end]), side(&s.lab, s.lab.size(), &[state])];
        let bytes = file(sides, tables.clone()).print();
        assert_eq!(verify_lie(&bytes, &logs), Err(VerifyError::NoLogKey));
        let honest = of_state(&s.lab, state, end, &name).print();
        assert_eq!(verify_lie(&honest, &[stranger.key().verifier().clone()]), Err(VerifyError::NoLogKey));
        assert!(verify_lie(&honest, &logs).is_ok());
    }
    assert_eq!(verify_lie(&of_state(&s.lab, state, end, &name).print(), &[]), Err(VerifyError::NoLogKey));
}

/// Two histories of one key: one has the end, the other never had it. No log can have signed both and be honest.
#[test]
fn an_entry_of_another_history_is_evidence_all_the_same() {
    let mut s = story();
    let mut fork = s.lab.clone();
    let end = s.lab.end(s.grant, "2027-01-01");
    s.lab.state();
    fork.correct(s.dataset);
    fork.correct(s.dataset);
    let state = fork.state();
    let sides = vec![side(&s.lab, end + 1, &[end]), side(&fork, fork.size(), &[state])];
    let tables = vec![table(&fork, state, &[register_key(&format!("entry:{}", s.grant))])];
    assert_eq!(check(&s.lab, &file(sides, tables)).unwrap().hidden, end);
}

// ---------------------------------------------------------------------------------------------------------------------
// Honest labs

/// xorshift64*: the same labs in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16) % bound
    }
}

/// A lab of two datasets that does everything a log can hold, in any order, and keeps its books.
pub(super) fn some_lab(seed: u64) -> Lab {
    let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let mut lab = Lab::new("lab.example/deeds");
    let datasets = [lab.dataset("songs"), lab.dataset("books")];
    let grant = lab.grant(terms("north"));
    let world = [FIRST, FIRST_TOO, SECOND, THIRD, ABSENT];
    let (mut releases, mut admissions) = (Vec::new(), Vec::new());
    for _ in 0..6 + random.below(16) {
        let dataset = datasets[random.below(2) as usize];
        let entry = random.below(lab.size());
        let admission = admissions.get(random.below(8) as usize).copied();
        match random.below(16) {
            0..=4 => {
                let works = [random.below(5), random.below(5)].map(|n| world[n as usize]);
                let works: BTreeSet<&str> = works.into_iter().collect();
                admissions.push(lab.admit(dataset, &ids(&works.into_iter().collect::<Vec<_>>()), grant));
            }
            5 | 6 => {
                let count = 1 + random.below(3).min(lab.size() - entry - 1);
                lab.withdraw(dataset, entry, count);
            }
            7 => _ = admission.map(|a| lab.erase(a)),
            8 => {
                let dispute = lab.dispute(entry);
                if random.below(2) == 0 {
                    lab.erase(dispute);
                }
            }
            9 => _ = lab.correct(entry),
            10 => _ = lab.end(grant, "2027-01-01"),
            11 => _ = releases.last().map(|release| lab.run(*release)),
            12 => _ = lab.screen(dataset, lab.size()),
            13 => _ = lab.state(),
            _ => releases.push(lab.release(dataset, &releases.len().to_string())),
        }
    }
    let version = releases.len().to_string();
    lab.release(datasets[0], &version);
    lab.state();
    lab
}

pub(super) fn tables_of(lab: &Lab, kind: deedbook::rows::Kind) -> Vec<u64> {
    lab.tables.iter().filter(|(_, table)| table.0 == kind).map(|(index, _)| *index).collect()
}

/// Every pair of a state and an entry, under every name; every release, admission, identifier and state: as files.
fn attempts(lab: &Lab) -> Vec<LieFile> {
    let (states, releases) =
        (tables_of(lab, deedbook::rows::Kind::Register), tables_of(lab, deedbook::rows::Kind::Release));
    let mut files = Vec::new();
    for hidden in 0..lab.size() {
        for (state, name) in states.iter().flat_map(|s| names(lab, hidden).into_iter().map(move |name| (*s, name))) {
            if state == hidden {
                continue;
            }
            files.push(of_state(lab, state, hidden, &name));
            // The same under two checkpoints, where one can lack the other.
            let (least, most) = (state.min(hidden), state.max(hidden));
            if !matches!(lab.statement(hidden), Some(Statement::Release(_))) && least + 1 < lab.size() {
                let sides = vec![side(lab, least + 1, &[least]), side(lab, lab.size(), &[most])];
                files.push(file(sides, vec![table(lab, state, &[register_key(&name)])]));
            }
        }
        let Some(admission) = lab.admission(hidden) else { continue };
        for (release, state) in releases.iter().flat_map(|r| states.iter().map(move |s| (*r, *s))) {
            for id in carried(&admission) {
                files.push(of_release(lab, release, hidden, &id, state));
            }
        }
    }
    files
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_honest_lab_can_be_accused(seed in any::<u64>()) {
        let lab = some_lab(seed);
        for file in attempts(&lab) {
            let shown = check(&lab, &file);
            prop_assert!(shown.is_err(), "{shown:#?}");
        }
    }

    /// Whatever entries, checkpoints and look-ups of its are put together.
    #[test]
    fn no_honest_lab_can_be_accused_by_a_file_made_at_random(seed in any::<u64>()) {
        let lab = some_lab(seed);
        let mut random = Random(seed | 1);
        let tables: Vec<u64> = lab.tables.keys().copied().collect();
        let all: Vec<Key> = lab.tables.values().flat_map(|t| t.1.iter().map(|row| row.key)).collect();
        for _ in 0..60 {
            let mut statements: Vec<u64> = (0..1 + random.below(2)).map(|_| tables[random.below(tables.len() as u64) as usize]).collect();
            statements.sort();
            statements.dedup();
            let mut entries: BTreeSet<u64> = statements.iter().copied().collect();
            entries.extend((0..1 + random.below(4)).map(|_| random.below(lab.size())));
            entries.extend((0..random.below(2)).map(|_| 1));
            let key = |random: &mut Random, hidden: u64| match random.below(4) {
                0 => all[random.below(all.len() as u64) as usize],
                1 => register_key(&format!("entry:{}", random.below(lab.size()))),
                2 => lab.admission(hidden).map_or(register_key("entry:1"), |a| work_key(carried(&a)[0].as_str())),
                _ => names(&lab, hidden).first().map_or(work_key(FIRST), |name| register_key(name)),
            };
            let picked: Vec<u64> = entries.iter().copied().collect();
            let tables = statements.iter().map(|statement| {
                let keys: Vec<Key> = (0..1 + random.below(2)).map(|_| {
                    let hidden = picked[random.below(picked.len() as u64) as usize];
                    key(&mut random, hidden)
                }).collect();
                table(&lab, *statement, &keys)
            });
            let tables = tables.collect();
            let split = random.below(2 * picked.len() as u64) as usize;
            let sides = match picked.split_at(split.min(picked.len())) {
                (low, high) if low.is_empty() || high.is_empty() || low[low.len() - 1] + 1 >= lab.size() => {
                    vec![side(&lab, lab.size(), &picked)]
                }
                (low, high) => vec![side(&lab, low[low.len() - 1] + 1, low), side(&lab, lab.size(), high)],
            };
            let shown = check(&lab, &file(sides, tables));
            prop_assert!(shown.is_err(), "{shown:#?}");
        }
    }

    /// Of a lab with one row too few in one table: what is shown is that row, and everything that row should have led to.
    #[test]
    fn of_a_dishonest_lab_nothing_is_shown_but_the_lie(seed in any::<u64>(), which in any::<usize>()) {
        let mut lab = some_lab(seed);
        let all: Vec<(u64, Row)> = lab.tables.iter().flat_map(|(at, t)| t.1.iter().map(|row| (*at, *row))).collect();
        let (at, gone) = all[which % all.len()];
        let without = |rows: &mut Vec<Row>| rows.retain(|row| *row != gone);
        // The log again up to that statement, which then lies; and a state after it.
        let (statement, kind) = (lab.statement(at), lab.tables[&at].0);
        lab.entries.truncate(at as usize);
        lab.tables.split_off(&at);
        lab.now = statement.as_ref().unwrap().head().1;
        match statement {
            Some(Statement::Release(release)) => lab.release_with(release.dataset, release.version.as_str(), without, |_| {}),
            _ => lab.state_with(without, |_| {}),
        };
        lab.state();
        let shown: Vec<Lie> = attempts(&lab).iter().filter_map(|file| check(&lab, file).ok()).collect();
        prop_assert!(!shown.is_empty(), "{kind:?} {gone:?}");
        for lie in shown {
            match lie.by {
                Hiding::State { index } => prop_assert_eq!((index, lie.hidden), (at, gone.value)),
                // An honest release is contradicted by a state that hides what took the admission out.
                Hiding::Release { index, state, .. } if index != at => prop_assert_eq!(state, at),
                Hiding::Release { .. } => prop_assert_eq!(lie.hidden, gone.value),
            }
        }
    }
}

// ---------------------------------------------------------------------------------------------------------------------
// Changed files

/// Files of each kind that show a lie, each with its lab and what it says.
fn honest_files() -> Vec<(Lab, LieFile, Lie)> {
    let (s, end, state) = hiding_an_end();
    let name = format!("entry:{}", s.grant);
    let one = of_state(&s.lab, state, end, &name);
    let sides = vec![side(&s.lab, end + 1, &[end]), side(&s.lab, s.lab.size(), &[state])];
    let two = file(sides, vec![table(&s.lab, state, &[register_key(&name)])]);
    let lab = s.lab;
    let mut r = story();
    r.lab.withdraw(r.dataset, r.admissions[1], 1);
    r.lab.dispute(r.admissions[0]);
    let release = release_without(&mut r, "2", &[FIRST]);
    let state = r.lab.state();
    let three = of_release(&r.lab, release, r.admissions[0], &id(FIRST), state);
    let mut t = story();
    let again = t.lab.release(t.dataset, "1");
    let name = "release:songs@1";
    let state = t.lab.state_with(|rows| rows.retain(|row| row.value != again), |_| {});
    let four = of_state(&t.lab, state, again, name);
    let files = [(lab.clone(), one), (lab, two), (r.lab, three), (t.lab, four)];
    files
        .into_iter()
        .map(|(lab, file)| (check(&lab, &file).unwrap(), lab, file))
        .map(|(l, lab, f)| (lab, f, l))
        .collect()
}

#[test]
fn a_lie_file_has_at_most_64_mebibytes() {
    let mut bytes = vec![b'9'; MAX_LIE_LEN as usize];
    *bytes.last_mut().unwrap() = b'\n';
    let read = verify_lie(&bytes, &[]);
    assert_eq!(read, Err(VerifyError::Json(JsonError::IntegerTooLarge { offset: 0 })), "the longest is read");
    bytes.insert(0, b'9');
    let (len, most) = (MAX_LIE_LEN + 1, MAX_LIE_LEN);
    assert_eq!(verify_lie(&bytes, &[]), Err(VerifyError::EvidenceTooLong { len, most }));
}

#[test]
fn no_byte_of_a_lie_file_can_be_changed() {
    for (lab, file, _) in honest_files() {
        let (honest, logs) = (file.print(), [lab.key().verifier().clone()]);
        assert!(LieFile::claims(&honest));
        for at in (0..honest.len()).step_by(23) {
            let refused = |bytes: &[u8], what| {
                assert!(bytes == honest || verify_lie(bytes, &logs).is_err(), "byte {at} {what}");
            };
            let mut bytes = honest.clone();
            bytes[at] ^= 1 << (at / 23 % 8);
            refused(&bytes, "flipped");
            let byte = bytes.remove(at);
            refused(&bytes, "removed");
            bytes.insert(at, byte ^ (1 << (at / 23 % 8)));
            bytes.insert(at, byte ^ (1 << (at / 23 % 8)));
            refused(&bytes, "twice");
            refused(&honest[..at], "and the rest cut off");
        }
    }
}

#[test]
fn no_member_of_a_lie_file_can_be_changed_or_taken_from_another() {
    let files = honest_files();
    for (n, (lab, file, said)) in files.iter().enumerate() {
        let logs = [lab.key().verifier().clone()];
        let value: serde_json::Value = serde_json::from_slice(&file.print()).unwrap();
        let mut all = Vec::new();
        pointers(&value, String::new(), &mut all);
        for (m, foreign) in files.iter().map(|(_, file, _)| file).enumerate().filter(|(m, _)| *m != n) {
            let foreign: serde_json::Value = serde_json::from_slice(&foreign.print()).unwrap();
            for pointer in &all {
                let here = value.pointer(pointer).unwrap();
                for (what, other) in others(here, foreign.pointer(pointer)) {
                    // The whole of another file is a file.
                    if other == *here || pointer.is_empty() && what == "foreign" {
                        continue;
                    }
                    let mut changed = value.clone();
                    *changed.pointer_mut(pointer).unwrap() = other;
                    let shown = verify_lie((changed.to_string() + "\n").as_bytes(), &logs);
                    // (The same lie is told under one checkpoint and under two.)
                    let is_same =
                        |lie: &Lie| (&lie.by, lie.hidden, &lie.missing) == (&said.by, said.hidden, &said.missing);
                    let same = shown.as_ref().map_or(true, is_same);
                    assert!(same, "{n} {pointer} {what} ({m}): {shown:#?}");
                }
            }
        }
    }
}

#[test]
fn a_table_of_another_state_or_release_is_refused() {
    let (s, end, state) = hiding_an_end();
    let key = register_key(&format!("entry:{}", s.grant));
    for (other, rows) in s.lab.tables.iter().filter(|(index, _)| **index != state) {
        let mut file = of_state(&s.lab, state, end, &format!("entry:{}", s.grant));
        file.tables = vec![disclosed_table(&rows.1, state, &BTreeSet::from([key]))];
        assert!(matches!(check(&s.lab, &file), Err(VerifyError::Rows { .. })), "{other}");
    }
    // Without the row, under the root of an honest state.
    let honest = tables_of(&s.lab, deedbook::rows::Kind::Register)[1];
    let rows: Vec<Row> = s.lab.tables[&honest].1.iter().filter(|r| r.value != end).copied().collect();
    let mut file = of_state(&s.lab, honest, end, &format!("entry:{}", s.grant));
    file.tables = vec![disclosed_table(&rows, honest, &BTreeSet::from([key]))];
    assert!(matches!(check(&s.lab, &file), Err(VerifyError::Rows { .. })));
    // More tables, fewer, one twice.
    let file = of_state(&s.lab, state, end, &format!("entry:{}", s.grant));
    for tables in [vec![], [file.tables.clone(), file.tables.clone()].concat(), vec![file.tables[0].clone(); 3]] {
        let edited = LieFile { tables, ..file.clone() };
        assert_eq!(check(&s.lab, &edited), Err(VerifyError::EvidenceTables));
    }
}

/// A row that leads to the entry and is disclosed beside the gap by chance does not spoil the evidence, and one that no
/// gap needs is refused.
#[test]
fn rows_that_no_gap_needs_are_refused() {
    let mut s = story();
    for entry in 0..20 {
        s.lab.correct(entry % s.state);
    }
    let end = s.lab.end(s.grant, "2027-01-01");
    let name = format!("entry:{}", s.grant);
    let state = s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    let file = of_state(&s.lab, state, end, &name);
    let rows = &s.lab.tables[&state].1;
    let needed: BTreeSet<usize> = file.tables[0].rows.iter().map(|row| row.position as usize).collect();
    assert!(check(&s.lab, &file).is_ok() && needed.len() < rows.len());
    for position in (0..rows.len()).filter(|p| !needed.contains(p)) {
        let mut more = needed.clone();
        more.insert(position);
        let mut file = file.clone();
        file.tables[0] = table_of(rows, state, &more);
        assert!(matches!(check(&s.lab, &file), Err(VerifyError::Rows { .. } | VerifyError::NothingLeftOut { .. })));
    }
}

/// In a file about a release nothing is spare either: no entry, and no row of its two tables.
#[test]
fn what_no_look_up_of_a_release_needs_is_refused() {
    let many: Vec<Identifier> = (0..20).map(|i| id(&format!("id:north/{i}"))).collect();
    let mut s = story_with(|lab, dataset, _| {
        for work in &many {
            lab.admit(dataset, std::slice::from_ref(work), dataset + 1);
        }
    });
    for entry in 0..20 {
        s.lab.correct(entry % s.state);
    }
    let release = release_without(&mut s, "2", &[FIRST]);
    let state = s.lab.state();
    let honest = of_release(&s.lab, release, s.admissions[0], &id(FIRST), state);
    assert!(check(&s.lab, &honest).is_ok());
    let needed = release_entries(&s.lab, release, s.admissions[0], state);
    for spare in (0..s.lab.size()).filter(|entry| !needed.contains(entry)) {
        let entries = [&needed[..], &[spare]].concat();
        let file = file(vec![side(&s.lab, s.lab.size(), &entries)], honest.tables.clone());
        let is_second = s.lab.admission(spare).is_some();
        let refused = if is_second { VerifyError::EvidenceEntries } else { VerifyError::UnusedEntry { index: spare } };
        assert_eq!(check(&s.lab, &file), Err(refused), "entry {spare}");
    }
    for (n, statement) in [release, state].into_iter().enumerate() {
        let rows = &s.lab.tables[&statement].1;
        let needed: BTreeSet<usize> = honest.tables[n].rows.iter().map(|row| row.position as usize).collect();
        for position in (0..rows.len()).filter(|p| !needed.contains(p)) {
            let mut more = needed.clone();
            more.insert(position);
            let mut file = honest.clone();
            file.tables[n] = table_of(rows, statement, &more);
            let refused = check(&s.lab, &file).unwrap_err();
            assert!(matches!(refused, VerifyError::Rows { error: RowsError::UnusedRow { .. }, .. }), "{refused}");
        }
    }
}

/// A release is registered under the name of its own dataset, and of no other that is disclosed.
#[test]
fn the_dataset_of_a_hidden_release_is_its_own() {
    let mut lab = Lab::new("lab.example/deeds");
    let (other, dataset) = (lab.dataset("other"), lab.dataset("songs"));
    let release = lab.release(dataset, "1");
    let state = lab.state();
    let absent = table(&lab, state, &[register_key("release:other@1")]);
    for entries in [vec![other, release, state], vec![release, state], vec![other, dataset, release, state]] {
        let file = file(vec![side(&lab, lab.size(), &entries)], vec![absent.clone()]);
        let refused = check(&lab, &file).unwrap_err();
        let nothing = VerifyError::NothingLeftOut { statement: state, index: release };
        assert!([VerifyError::EvidenceEntries, nothing].contains(&refused), "{entries:?}: {refused}");
    }
}

/// Rows that lead to what says something else explain nothing: no honest register has them.
#[test]
fn what_takes_another_admission_out_is_no_excuse_even_where_the_register_leads_to_it() {
    let acts: [fn(&mut Story) -> u64; 2] = [
        |s| {
            let other = s.lab.dataset("other");
            s.lab.withdraw(other, s.admissions[0], 1)
        },
        |s| s.lab.erase(s.admissions[1]),
    ];
    for act in acts {
        let mut s = story();
        let value = act(&mut s);
        let release = release_without(&mut s, "2", &[FIRST]);
        let add = |rows: &mut Vec<Row>| {
            rows.push(Row { key: register_key(&format!("entry:{}", s.dataset)), value });
            rows.sort();
        };
        let state = s.lab.state_with(add, |_| {});
        let file = of_release(&s.lab, release, s.admissions[0], &id(FIRST), state);
        assert!(file.sides[0].entries.iter().any(|entry| entry.index == value));
        assert_eq!(check(&s.lab, &file).unwrap().missing, [FIRST]);
    }
}

#[test]
fn a_root_of_nothing_and_a_note_of_nothing_accuse_nobody() {
    let (s, end, state) = hiding_an_end();
    let mut file = of_state(&s.lab, state, end, &format!("entry:{}", s.grant));
    let checkpoint = Checkpoint { origin: s.lab.origin.clone(), size: s.lab.size(), root: Hash([7; 32]) };
    file.sides[0].note = checkpoint.sign(&s.lab.key()).unwrap().to_string();
    assert!(matches!(check(&s.lab, &file), Err(VerifyError::Inclusion(_))));
    file.sides[0].note = String::new();
    assert_eq!(check(&s.lab, &file), Err(VerifyError::NoLogKey));
}
