//! Dishonest labs and provers: each lie by its name, and what the verifier says to it.

use super::*;
use deedbook::rows::{Key, Kind, Row, RowsError, Table, register_key, work_key};
use deedbook::statement::admission::Embodiment;
use deedbook::statement::dsse::DisputeClaim;
use deedbook::statement::json::JsonError;
use deedbook::statement::terms::{RowsRef, Subject};
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::{Identifier, Layer, Set, Statement, StatementError, Terms, Withdrawal};
use deedbook::tlog::{Checkpoint, Hash, NoteError, ProofError};
use deedbook::verify::proof::{Claim, DisclosedEntry};
use deedbook::verify::{ProofFile, Verdict};
use std::collections::BTreeSet;

/// Why an auditor who leaves everything to the file refuses it.
fn refusal(lab: &Lab, file: &ProofFile) -> VerifyError {
    verify(&file.print(), &lab.trust(), &Question::default()).unwrap_err()
}

/// The refusal of the newest state's honest file about one work.
fn refused(lab: &Lab, release: u64, work: &[&str]) -> VerifyError {
    refusal(lab, &lab.plan(release, &[ids(work)]).file(lab))
}

/// The story's file about FIRST, changed.
fn edited(edit: impl FnOnce(&Story, &mut ProofFile)) -> VerifyError {
    let s = story();
    let mut file = s.lab.plan(s.release, &works(&[&[FIRST]])).file(&s.lab);
    edit(&s, &mut file);
    refusal(&s.lab, &file)
}

fn row(text: &str, value: u64) -> Row {
    Row { key: work_key(text), value }
}

fn registered(text: &str, value: u64) -> Row {
    Row { key: register_key(text), value }
}

/// Adds a row where it belongs.
fn add(rows: &mut Vec<Row>, row: Row) {
    rows.push(row);
    rows.sort();
}

// ---------------------------------------------------------------------------------------------------------------------
// The file, the checkpoint and the anchors

#[test]
fn what_is_no_file_is_refused() {
    let s = story();
    let say = |bytes: &[u8]| verify(bytes, &s.lab.trust(), &Question::default()).unwrap_err();
    assert_eq!(say(b""), VerifyError::Empty);
    assert!(matches!(say(b"\n"), VerifyError::Json(_)));
    // The longest file is read, up to what is wrong with this one: its first number.
    let mut longest = vec![0; 512 << 20];
    longest[..17].fill(b'9');
    assert_eq!(say(&longest), VerifyError::Json(JsonError::IntegerTooLarge { offset: 0 }));
    assert_eq!(say(&vec![0; (512 << 20) + 1]), VerifyError::TooLong { len: (512 << 20) + 1 });
}

#[test]
fn a_checkpoint_of_another_log_is_refused() {
    let (s, mut other) = (story(), Lab::new("other.example/deeds"));
    other.entries = s.lab.entries.clone();
    let mut file = s.lab.plan(s.release, &works(&[&[FIRST]])).file(&s.lab);
    file.checkpoint = other.checkpoint(s.lab.size());
    assert!(matches!(refusal(&s.lab, &file), VerifyError::Checkpoint(NoteError::WrongOrigin { .. })));
    // Another key under the log's name.
    let mut namesake = s.lab.clone();
    namesake.seed ^= 1;
    file.checkpoint = namesake.checkpoint(s.lab.size());
    assert!(matches!(refusal(&s.lab, &file), VerifyError::Checkpoint(NoteError::NotSigned { .. })));
}

#[test]
fn a_checkpoint_of_another_size_is_refused() {
    for less in 1..5 {
        let error = edited(|s, file| file.checkpoint = s.lab.checkpoint(s.lab.size() - less));
        assert!(matches!(error, VerifyError::Inclusion(_)), "{error}");
    }
    let mut s = story();
    let mut file = s.lab.plan(s.release, &works(&[&[FIRST]])).file(&s.lab);
    s.lab.screen(s.dataset, 1);
    file.checkpoint = s.lab.checkpoint(s.lab.size());
    assert!(matches!(refusal(&s.lab, &file), VerifyError::Inclusion(_)));
}

#[test]
fn a_root_that_the_log_signed_for_other_entries_is_refused() {
    let error = edited(|s, file| {
        let checkpoint = Checkpoint { origin: s.lab.origin.clone(), size: s.lab.size(), root: Hash([7; 32]) };
        file.checkpoint = checkpoint.sign(&s.lab.key()).unwrap().to_string();
    });
    assert!(matches!(error, VerifyError::Inclusion(ProofError::RootMismatch { .. })), "{error}");
}

/// The story's file with these anchors, each of a size.
fn anchored(sizes: &[u64], edit: impl FnOnce(&Story, &mut ProofFile)) -> VerifyError {
    edited(|s, file| {
        file.anchors = sizes.iter().map(|size| s.lab.anchor(*size, s.lab.size(), &[])).collect();
        edit(s, file);
    })
}

#[test]
fn anchors_ascend_and_lie_below_the_checkpoint() {
    for sizes in [&[3, 2][..], &[3, 3], &[0], &[9]] {
        let error = if sizes == [0] {
            // The empty log has no consistency proof; nothing needs one.
            edited(|s, file| {
                let note = s.lab.checkpoint(0);
                file.anchors = vec![deedbook::verify::proof::Anchor { note, path: Vec::new() }];
            })
        } else {
            anchored(sizes, |_, _| {})
        };
        assert!(matches!(error, VerifyError::AnchorOrder { .. }), "{sizes:?}: {error}");
    }
    assert_eq!(anchored(&[1, 2, 3, 4, 5], |_, _| {}), VerifyError::TooManyAnchors { count: 5 });
}

#[test]
fn an_anchor_that_is_not_this_logs_past_is_refused() {
    let error = anchored(&[2, 3], |_, file| file.anchors[1].path.swap(0, 1));
    assert!(matches!(error, VerifyError::Consistency { size: 3, .. }), "{error}");
    // A fork, signed by the log's own key.
    let error = anchored(&[4], |s, file| {
        let mut fork = s.lab.clone();
        fork.entries[3].leaf = Hash([7; 32]);
        file.anchors[0].note = fork.checkpoint(4);
    });
    assert!(matches!(error, VerifyError::Consistency { size: 4, .. }), "{error}");
    let error = anchored(&[4], |s, file| {
        let mut namesake = s.lab.clone();
        namesake.seed ^= 1;
        file.anchors[0].note = namesake.checkpoint(4);
    });
    assert!(matches!(error, VerifyError::Anchor(NoteError::NotSigned { .. })), "{error}");
}

#[test]
fn an_anchor_with_a_forged_cosignature_is_refused() {
    let s = story();
    let w = witness("witness.example", 21);
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
    // The witness's line of another checkpoint, under this one.
    plan.anchors = vec![s.lab.anchor(2, plan.size, &[])];
    let line = s.lab.cosigned(3, &[(&w, "2026-02-01T06:00:00Z")]);
    plan.anchors[0].note += line.lines().last().unwrap();
    plan.anchors[0].note += "\n";
    let trust = s.lab.trust_witnessed(&[&w]);
    let error = verify(&plan.file(&s.lab).print(), &trust, &Question::default()).unwrap_err();
    assert!(matches!(error, VerifyError::Anchor(NoteError::Key(_))), "{error}");
}

// ---------------------------------------------------------------------------------------------------------------------
// Entries

#[test]
fn an_entry_has_a_text_or_a_leaf_and_not_both() {
    let with = |edit: fn(&mut DisclosedEntry, Hash)| {
        let s = story();
        let mut file = s.lab.plan(s.release, &works(&[&[FIRST]])).file(&s.lab);
        let at = file.entries.iter().position(|e| e.index == s.admissions[0]).unwrap();
        edit(&mut file.entries[at], s.lab.entries[s.admissions[0] as usize].leaf);
        assert_eq!(refusal(&s.lab, &file), VerifyError::TextAndLeaf { index: s.admissions[0] });
    };
    with(|e, leaf| e.leaf = Some(leaf));
    with(|e, _| e.text = None);
    with(|e, _| e.text = Some(String::new()));
}

#[test]
fn an_entry_has_at_most_the_bytes_that_a_log_can_hold() {
    let of_len = |len: usize| {
        let s = story_with(|lab, dataset, _| {
            lab.admit_with(dataset, &ids(&[ABSENT]), dataset + 1, |a| {
                let (bytes, derived_from, digest_by, media_type, role) = (None, None, None, None, None);
                let path = |len: usize| Some("x".repeat(len));
                let file = Embodiment {
                    bytes,
                    derived_from,
                    digest_by,
                    digests: Set::new(),
                    media_type,
                    path: path(4090),
                    role,
                };
                a.embodiments = vec![file; 16];
                a.embodiments[0].path = path(1);
                let rest = len - Statement::Admission(Box::new(a.clone())).print().len();
                a.embodiments[0].path = path(1 + rest);
            });
        });
        ask(&s.lab, s.release, &[ABSENT])
    };
    assert_eq!(of_len(65_535).unwrap().verdict, Verdict::Covered);
    let error = of_len(65_536).unwrap_err();
    assert!(matches!(error, VerifyError::EntryTooLong { len: 65_536, .. }), "{error}");
}

#[test]
fn an_empty_entry_is_no_erased_one() {
    let mut lab = story().lab;
    let entry = lab.push_text(String::new());
    let mut file = lab.plan(lab.size() - 3, &works(&[&[FIRST]]));
    file.entries.insert(entry);
    assert_eq!(refusal(&lab, &file.file(&lab)), VerifyError::TextAndLeaf { index: entry });
}

#[test]
fn an_entry_from_another_log_is_refused() {
    let error = edited(|s, file| {
        let mut other = Lab::new("other.example/deeds");
        let at = file.entries.iter().position(|e| e.index == s.grant).unwrap();
        other.dataset("songs");
        let index = other.grant(Terms { valid_to: None, ..terms("north") });
        file.entries[at].text = Some(other.entries[index as usize].text.clone());
    });
    assert!(matches!(error, VerifyError::Inclusion(ProofError::RootMismatch { .. })), "{error}");
}

#[test]
fn entries_ascend_and_stand_where_they_are() {
    let error = edited(|_, file| file.entries.swap(1, 2));
    assert!(matches!(error, VerifyError::Inclusion(ProofError::IndexNotAscending { .. })), "{error}");
    let error = edited(|_, file| file.entries.insert(1, file.entries[1].clone()));
    assert!(matches!(error, VerifyError::Inclusion(ProofError::IndexNotAscending { .. })), "{error}");
    let error = edited(|_, file| file.entries.clear());
    assert!(matches!(error, VerifyError::Inclusion(ProofError::NoLeaves)), "{error}");
    let error = edited(|_, file| file.path.push(Hash([0; 32])));
    assert!(matches!(error, VerifyError::Inclusion(ProofError::PathTooLong { .. })), "{error}");
}

/// A story in which the register leads from the first admission to this text, which is no row of an honest register.
fn with_foreign_text(text: &str) -> VerifyError {
    let mut s = story();
    let about = format!("entry:{}", s.admissions[0]);
    let foreign = s.lab.push_text(text.to_owned());
    s.lab.state_with(|rows| add(rows, registered(&about, foreign)), |_| {});
    match refused(&s.lab, s.release, &[FIRST]) {
        VerifyError::Statement { index, error } if index == foreign => VerifyError::Statement { index: 0, error },
        other => other,
    }
}

#[test]
fn an_entry_that_this_program_cannot_read_is_refused() {
    let newer =
        |kind: &str, v: u64| VerifyError::Statement { index: 0, error: StatementError::Newer { kind: kind.into(), v } };
    assert_eq!(with_foreign_text(r#"{"kind":"pardon","v":1}"#), newer("pardon", 1));
    assert_eq!(with_foreign_text(r#"{"kind":"grant-end","v":2}"#), newer("grant-end", 2));
    let mut s = story();
    let correction = s.lab.correct(s.admissions[0]);
    let text = s.lab.entries[correction as usize].text.clone();
    for text in ["nonsense", "{}", &text.replace(",", ", "), &text.replace("misspelt", "")] {
        assert!(matches!(with_foreign_text(text), VerifyError::Statement { .. }), "{text}");
    }
    let error = with_foreign_text(&text);
    assert!(!matches!(error, VerifyError::Statement { .. }), "the text itself can be read: {error}");
}

#[test]
fn an_entry_names_only_what_stands_before_it() {
    let forward = |index: u64, named: u64| VerifyError::ForwardReference { index, named };
    // An admission under a grant that is logged after it.
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let admission = lab.admit(dataset, &ids(&[FIRST]), 3);
    let grant = lab.grant(terms("north"));
    let release = lab.release(dataset, "1");
    lab.state();
    assert_eq!(refused(&lab, release, &[FIRST]), forward(admission, grant));
    // An entry that names itself, and one that names what is yet to come.
    for ahead in [0, 1] {
        let mut s = story();
        let own = s.lab.size();
        let correction = s.lab.correct(own + ahead);
        let about = format!("entry:{}", s.admissions[0]);
        s.lab.state_with(|rows| add(rows, registered(&about, correction)), |_| {});
        assert_eq!(refused(&s.lab, s.release, &[FIRST]), forward(own, own + ahead));
    }
}

#[test]
fn an_entry_names_what_is_of_the_right_kind() {
    let wrong = |index: u64, named: u64| VerifyError::WrongKind { index, named };
    let under = |grant: fn(u64, u64) -> u64| {
        let mut named = (0, 0);
        let s = story_with(|lab, dataset, admissions| {
            let other = lab.dataset("other");
            let grant = grant(other, admissions[1]);
            named = (lab.admit(dataset, &ids(&[ABSENT, SECOND]), grant), grant);
        });
        (refused(&s.lab, s.release, &[ABSENT, SECOND]), wrong(named.0, named.1))
    };
    // The other dataset is disclosed only as what the admission names, the second admission anyhow.
    for (found, expected) in [under(|other, _| other), under(|_, admission| admission)] {
        assert_eq!(found, expected);
    }
    // An erasure of what cannot be erased.
    let mut s = story();
    let erasure = s.lab.erase(s.grant);
    s.lab.entries[s.grant as usize].is_erased = false;
    s.lab.state();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), wrong(erasure, s.grant));
}

#[test]
fn a_release_is_one_of_a_dataset() {
    let mut s = story();
    let release = s.lab.release_with(s.dataset, "2", |_| {}, |r| r.dataset = s.grant);
    let state = s.lab.state();
    let mut plan = s.lab.plan(s.release, &works(&[&[ABSENT]]));
    plan.entries = BTreeSet::from([0, s.grant, release, state]);
    let rows = plan.keys.remove(&s.release).unwrap();
    plan.keys.insert(release, rows);
    let error = refusal(&s.lab, &plan.file(&s.lab));
    assert_eq!(error, VerifyError::WrongKind { index: release, named: s.grant });
}

#[test]
fn a_log_whose_dates_run_backwards_is_refused() {
    let mut s = story();
    s.lab.set_time("2026-01-31T23:59:59Z");
    let state = s.lab.state();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::TimeDecreases { index: state });
}

#[test]
fn entry_zero_is_this_logs_ledger() {
    for other in [Lab::new("other.example/deeds"), story().lab] {
        let mut s = story();
        let from = if other.size() == 1 { 0 } else { 1 };
        s.lab.entries[0] = other.entries[from].clone();
        assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::NotLedger);
    }
}

#[test]
fn every_entry_of_an_honest_file_is_needed() {
    let licensor = key("north.example", 7);
    let mut s = story_with(|lab, dataset, _| {
        let grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[ABSENT]));
        lab.admit(dataset, &ids(&[ABSENT]), grant);
    });
    let erased = s.lab.dispute(s.admissions[1]);
    for about in [s.dataset, s.grant, s.admissions[0]] {
        s.lab.correct(about);
    }
    s.lab.end(s.grant, "2027-01-01");
    s.lab.withdraw(s.dataset, s.admissions[2], 1);
    s.lab.erase(erased);
    s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST], &[SECOND], &[ABSENT]]));
    assert!(verify(&plan.file(&s.lab).print(), &s.lab.trust(), &Question::default()).is_ok());
    for index in 0..s.lab.size() {
        let mut plan = plan.clone();
        if plan.entries.remove(&index) {
            let error = refusal(&s.lab, &plan.file(&s.lab));
            let is_named = match &error {
                VerifyError::NotDisclosed { index: named } => *named == index,
                VerifyError::NotOne { .. } | VerifyError::Tables => true,
                _ => false,
            };
            assert!(is_named, "without {index}: {error}");
        } else {
            plan.entries.insert(index);
            let error = refusal(&s.lab, &plan.file(&s.lab));
            let expected = matches!(error, VerifyError::UnusedEntry { index: named } if named == index)
                || matches!(error, VerifyError::NotOne { .. });
            assert!(expected, "with {index}: {error}");
        }
    }
}

#[test]
fn what_is_hidden_as_erased_needs_an_erasure() {
    let mut s = story();
    let dispute = s.lab.dispute(s.admissions[0]);
    let end = s.lab.end(s.grant, "2026-01-01");
    s.lab.withdraw(s.dataset, s.admissions[2], 1);
    let state = s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    for hidden in plan.entries.clone() {
        let mut lab = s.lab.clone();
        lab.entries[hidden as usize].is_erased = true;
        let error = refusal(&lab, &plan.file(&lab));
        if [s.release, state].contains(&hidden) {
            assert!(matches!(error, VerifyError::NotOne { .. }), "{hidden}: {error}");
        } else {
            // Had the prover disclosed the (empty) look-up of an erasure, it would be missed all the same.
            let mut plan = plan.clone();
            plan.register(&lab, state, &format!("entry:{hidden}"));
            let error = refusal(&lab, &plan.file(&lab));
            assert_eq!(error, VerifyError::Erased { index: hidden });
        }
    }
    assert!(plan.entries.contains(&dispute) && plan.entries.contains(&end));
}

/// A dispute about a dispute, both erased: each needs an erasure of its own.
#[test]
fn what_is_erased_below_what_is_erased_needs_an_erasure_too() {
    let mut s = story();
    let first = s.lab.dispute(s.admissions[0]);
    let second = s.lab.dispute(first);
    s.lab.erase(first);
    let mut honest = s.lab.clone();
    honest.erase(second);
    honest.state();
    let proof = honest.prove(s.release, &works(&[&[FIRST]]));
    assert!(verify(&proof, &honest.trust(), &Question::default()).is_ok());
    s.lab.entries[second as usize].is_erased = true;
    s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::Erased { index: second });
}

// ---------------------------------------------------------------------------------------------------------------------
// Releases and states

#[test]
fn a_proof_is_about_one_release_and_one_state() {
    let mut s = story();
    let next = s.lab.release(s.dataset, "2");
    s.lab.state();
    let plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    for (index, what) in [(next, "release"), (s.state, "state")] {
        let mut plan = plan.clone();
        plan.entries.insert(index);
        assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::NotOne { what });
    }
}

#[test]
fn a_release_or_state_of_another_size_is_refused() {
    for wrong in [0, 8, 10] {
        let mut s = story();
        let release = s.lab.release_with(s.dataset, "2", |_| {}, |r| r.log_size = wrong);
        s.lab.state();
        assert_ne!(release, wrong);
        assert_eq!(refused(&s.lab, release, &[FIRST]), VerifyError::LogSize { index: release });
        let mut s = story();
        let state = s.lab.state_with(|_| {}, |r| r.log_size = wrong);
        assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::LogSize { index: state });
    }
}

#[test]
fn a_state_before_the_release_is_refused() {
    let mut s = story();
    let release = s.lab.release(s.dataset, "2");
    let plan = s.lab.plan_at(release, s.state, &works(&[&[FIRST]]));
    let error = refusal(&s.lab, &plan.file(&s.lab));
    assert_eq!(error, VerifyError::StateBeforeRelease { state: s.state, release });
}

#[test]
fn two_datasets_or_grants_of_one_name_are_refused_with_both() {
    let twice = |name: &str, first: u64, second: u64| VerifyError::NameTwice { name: name.into(), first, second };
    let mut s = story();
    let second = s.lab.dataset("songs");
    s.lab.state();
    assert_eq!(refused(&s.lab, s.release, &[ABSENT]), twice("dataset:songs", s.dataset, second));
    let mut s = story();
    let second = s.lab.grant(Terms { valid_to: None, ..terms("north") });
    s.lab.state();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), twice("grant:north", s.grant, second));
    // The second is no better if the work is under it.
    let mut grants = (0, 0);
    let s = story_with(|lab, dataset, _| {
        grants = (dataset + 1, lab.grant(terms("north")));
        lab.admit(dataset, &ids(&[ABSENT]), grants.1);
    });
    assert_eq!(refused(&s.lab, s.release, &[ABSENT]), twice("grant:north", grants.0, grants.1));
}

#[test]
fn two_releases_of_one_name_are_refused_however_the_second_is_shown() {
    let mut s = story();
    let second = s.lab.release_with(s.dataset, "1", |rows| rows.clear(), |_| {});
    let state = s.lab.state();
    for release in [s.release, second] {
        let plan = s.lab.plan(release, &works(&[&[FIRST]]));
        assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::NotOne { what: "release" });
        let mut one = plan.clone();
        let other = s.release + second - release;
        one.entries.remove(&other);
        assert_eq!(refusal(&s.lab, &one.file(&s.lab)), VerifyError::NotDisclosed { index: other });
        // Hidden behind its leaf hash, as if it had been erased.
        let mut lab = s.lab.clone();
        lab.entries[other as usize].is_erased = true;
        let (first, second) = (s.release, second);
        let name = "release:songs@1".to_owned();
        assert_eq!(refusal(&lab, &plan.file(&lab)), VerifyError::NameTwice { name, first, second });
    }
    assert_eq!(s.lab.size(), state + 1);
}

#[test]
fn what_the_register_does_not_name_is_refused() {
    let without = |name: &'static str| {
        let mut s = story();
        s.lab.state_with(|rows| rows.retain(|r| r.key != register_key(name)), |_| {});
        (refused(&s.lab, s.release, &[FIRST]), s)
    };
    let missing = |name: &str, index: u64| VerifyError::NotRegistered { name: name.into(), index };
    let (error, s) = without("dataset:songs");
    assert_eq!(error, missing("dataset:songs", s.dataset));
    let (error, s) = without("release:songs@1");
    assert_eq!(error, missing("release:songs@1", s.release));
    let (error, s) = without("grant:north");
    assert_eq!(error, missing("grant:north", s.grant));
}

#[test]
fn a_name_that_the_register_gives_to_another_entry_is_refused() {
    // The register knows only the second grant of the name; the admission names the first.
    let mut s = story();
    let second = s.lab.grant(terms("north"));
    s.lab.state_with(|rows| rows.retain(|r| *r != registered("grant:north", s.grant)), |_| {});
    assert_ne!(second, s.grant);
    let name = "grant:north".to_owned();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::NotRegistered { name, index: s.grant });
    // The only entry of the name is erased.
    let mut s = story();
    let second = s.lab.release(s.dataset, "1");
    s.lab.state_with(|rows| rows.retain(|r| *r != registered("release:songs@1", s.release)), |_| {});
    s.lab.entries[second as usize].is_erased = true;
    let name = "release:songs@1".to_owned();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::NotRegistered { name, index: s.release });
}

#[test]
fn a_register_row_that_leads_to_an_entry_saying_something_else_is_refused() {
    // What the register claims to be about an entry, and what is there.
    type Lie = fn(&mut Story) -> (String, u64);
    let lies: [Lie; 6] = [
        |s| (format!("entry:{}", s.admissions[0]), s.lab.dispute(s.admissions[1])),
        |s| (format!("entry:{}", s.grant), s.lab.correct(s.dataset)),
        |s| (format!("entry:{}", s.dataset), s.lab.end(s.grant, "2027-01-01")),
        |s| (format!("entry:{}", s.admissions[0]), s.admissions[1]),
        |s| ("grant:north".into(), s.lab.grant(terms("south"))),
        |s| ("dataset:songs".into(), s.lab.dataset("other")),
    ];
    for lie in lies {
        let mut s = story();
        let (name, index) = lie(&mut s);
        let state = s.lab.state_with(
            |rows| {
                rows.retain(|r| r.value != index);
                add(rows, registered(&name, index));
            },
            |_| {},
        );
        let error = refused(&s.lab, s.release, &[FIRST]);
        assert_eq!(error, VerifyError::RowMismatch { statement: state, index }, "{name}");
    }
}

#[test]
fn a_version_of_another_dataset_is_not_this_release() {
    // A second release "1", of another dataset, under this one's name: hidden as erased, since one is all that is read.
    let mut s = story();
    let other = s.lab.dataset("other");
    let twin = s.lab.release(other, "1");
    s.lab.state_with(|rows| add(rows, registered("release:songs@1", twin)), |_| {});
    s.lab.entries[twin as usize].is_erased = true;
    let error = refused(&s.lab, s.release, &[FIRST]);
    assert!(matches!(error, VerifyError::NameTwice { .. }), "{error}");
    // And alone: the twin's proof, with a register that calls it by the other's name.
    let mut s = story();
    let other = s.lab.dataset("other");
    let twin = s.lab.release(other, "1");
    let rename = |rows: &mut Vec<Row>| {
        rows.retain(|r| r.key != register_key("release:songs@1"));
        add(rows, registered("release:songs@1", twin));
    };
    let state = s.lab.state_with(rename, |_| {});
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.remove(&twin);
    assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::NotDisclosed { index: twin });
    assert_eq!(s.lab.size(), state + 1);
}

#[test]
fn a_release_of_another_dataset_does_not_pass_for_the_one_asked() {
    let mut s = story();
    let other = s.lab.dataset("other");
    let empty = s.lab.release(other, "1");
    s.lab.state();
    let asked = works(&[&[FIRST]]);
    let bytes = s.lab.prove(empty, &asked);
    assert_eq!(verify(&bytes, &s.lab.trust(), &Question::default()).unwrap().works[0].verdict, Verdict::Absent);
    let error = verify(&bytes, &s.lab.trust(), &question("songs@1", &asked)).unwrap_err();
    assert!(matches!(error, VerifyError::OtherRelease { .. }), "{error}");
}

#[test]
fn rows_lead_only_below_their_statement() {
    for ahead in [0, 1, 1 << 40] {
        let mut s = story();
        let index = s.lab.size() + ahead;
        let release = s.lab.release_with(s.dataset, "2", |rows| add(rows, row(ABSENT, index)), |_| {});
        s.lab.state();
        let mut plan = s.lab.plan_at(s.release, s.lab.size() - 1, &works(&[&[ABSENT]]));
        plan = replace_release(&s, plan, release, ABSENT);
        assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::RowBeyond { statement: release, index });

        let mut s = story();
        let index = s.lab.size() + ahead;
        let name = format!("entry:{}", s.admissions[0]);
        let state = s.lab.state_with(|rows| add(rows, registered(&name, index)), |_| {});
        assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::RowBeyond { statement: state, index });
    }
}

/// A plan about one work that was not found, of another release of the same dataset.
fn replace_release(s: &Story, mut plan: Plan, release: u64, work: &str) -> Plan {
    let Some(Statement::Release(sealed)) = s.lab.statement(release) else { panic!("a release") };
    let state = s.lab.size() - 1;
    plan.entries.remove(&s.release);
    plan.keys.remove(&s.release);
    plan.keys.get_mut(&state).unwrap().remove(&register_key("release:songs@1"));
    plan.register(&s.lab, state, &format!("release:songs@{}", sealed.version));
    plan.keys.insert(release, BTreeSet::from([work_key(work)]));
    plan
}

// ---------------------------------------------------------------------------------------------------------------------
// Rows of a release

#[test]
fn a_row_that_leads_to_an_admission_without_the_identifier_is_refused() {
    let mut s = story();
    let admission = s.admissions[0];
    let release = s.lab.release_with(s.dataset, "2", |rows| add(rows, row(ABSENT, admission)), |_| {});
    s.lab.state();
    let error = refused(&s.lab, release, &[ABSENT]);
    assert_eq!(error, VerifyError::RowMismatch { statement: release, index: admission });
}

#[test]
fn a_row_that_leads_to_no_admission_of_the_dataset_is_refused() {
    let mut s = story();
    let other = s.lab.dataset("other");
    let foreign = s.lab.admit(other, &ids(&[ABSENT]), s.grant);
    for (text, index) in [(ABSENT, foreign), (ABSENT, s.grant), (ABSENT, s.release - 1)] {
        let mut s = Story { lab: s.lab.clone(), ..s };
        let release = s.lab.release_with(s.dataset, "2", |rows| add(rows, row(text, index)), |_| {});
        s.lab.state();
        let error = refused(&s.lab, release, &[text]);
        assert_eq!(error, VerifyError::RowMismatch { statement: release, index });
    }
}

#[test]
fn an_admission_hidden_from_one_of_its_identifiers_is_refused() {
    let mut s = story();
    let admission = s.admissions[0];
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != row(FIRST, admission)), |_| {});
    s.lab.state();
    let error = refused(&s.lab, release, &[FIRST, FIRST_TOO]);
    assert_eq!(error, VerifyError::RowMissing { index: admission, identifier: id(FIRST) });
    // In two works of one file, it is no less a contradiction.
    let plan = s.lab.plan(release, &works(&[&[FIRST], &[FIRST_TOO]]));
    let error = refusal(&s.lab, &plan.file(&s.lab));
    assert_eq!(error, VerifyError::RowMissing { index: admission, identifier: id(FIRST) });
    // Asked alone, the lie stands: it takes the admission to catch it.
    assert_eq!(ask(&s.lab, release, &[FIRST]).unwrap().verdict, Verdict::Absent);
}

#[test]
fn a_second_admission_hidden_from_a_shared_identifier_is_refused_once_it_is_seen() {
    let mut again = 0;
    let mut s = story_with(|lab, dataset, [first, ..]| {
        again = lab.admit_with(dataset, &ids(&[FIRST, ABSENT]), dataset + 1, |a| a.same_as = Some(first));
    });
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != row(FIRST, again)), |_| {});
    s.lab.state();
    let error = refused(&s.lab, release, &[FIRST, ABSENT]);
    assert_eq!(error, VerifyError::RowMissing { index: again, identifier: id(FIRST) });
    assert_eq!(admissions(&ask(&s.lab, release, &[FIRST]).unwrap()), [s.admissions[0]]);
}

#[test]
fn a_digest_is_as_good_a_witness_of_a_hidden_row() {
    let digest = "blake3:0000000000000000000000000000000000000000000000000000000000000001";
    let mut admission = 0;
    let mut s = story_with(|lab, dataset, _| admission = lab.admit(dataset, &ids(&[ABSENT, digest]), dataset + 1));
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| *r != row(digest, admission)), |_| {});
    s.lab.state();
    let error = refused(&s.lab, release, &[ABSENT, digest]);
    assert_eq!(error, VerifyError::RowMissing { index: admission, identifier: id(digest) });
}

#[test]
fn a_release_that_keeps_what_was_withdrawn_is_refused() {
    let kept = |ranges: &[(u64, u64)], work: usize| {
        let mut s = story();
        let rows = s.lab.release_rows(s.dataset, s.lab.size());
        let mut by = 0;
        for (first, count) in ranges {
            by = s.lab.withdraw(s.dataset, s.admissions[0] + first, *count);
        }
        let release = s.lab.release_with(s.dataset, "2", |all| *all = rows, |_| {});
        s.lab.state();
        (refused(&s.lab, release, &[[FIRST, SECOND, THIRD][work]]), s.admissions[work], by)
    };
    for (ranges, work) in [(&[(0, 1)][..], 0), (&[(0, 3)], 1), (&[(0, 3)], 2), (&[(1, 2)], 2), (&[(1, 1)], 1)] {
        let (error, index, by) = kept(ranges, work);
        assert_eq!(error, VerifyError::TakenOut { index, by }, "{ranges:?} {work}");
    }
    // Several withdrawals: apart, touching, one within another, in any order; each admission that one names is out.
    for ranges in [&[(0, 1), (2, 1)][..], &[(2, 1), (0, 1)], &[(0, 2), (1, 2)], &[(0, 3), (1, 1)], &[(1, 1), (0, 3)]] {
        for work in (0..3).filter(|w| ranges.iter().any(|(first, count)| (*first..first + count).contains(w))) {
            let (error, index, _) = kept(ranges, work as usize);
            assert!(
                matches!(error, VerifyError::TakenOut { index: found, .. } if found == index),
                "{ranges:?}: {error}"
            );
        }
    }
}

#[test]
fn one_withdrawal_of_many_ranges_takes_out_each() {
    for (work, index) in [(FIRST, 0), (THIRD, 2)] {
        let mut s = story();
        let rows = s.lab.release_rows(s.dataset, s.lab.size());
        let ranges = [0, 2].map(|i| IndexRange { count: 1, first: s.admissions[i] });
        let withdrawal = Withdrawal {
            at: s.lab.now,
            because: "opt-out".into(),
            dataset: s.dataset,
            entries: ranges.to_vec(),
            kind: Default::default(),
            note: None,
            salt: s.lab.salt(),
            v: Default::default(),
        };
        let by = s.lab.push(Statement::Withdrawal(withdrawal));
        let release = s.lab.release_with(s.dataset, "2", |all| *all = rows, |_| {});
        s.lab.state();
        let index = s.admissions[index];
        assert_eq!(refused(&s.lab, release, &[work]), VerifyError::TakenOut { index, by });
        assert_eq!(ask(&s.lab, release, &[SECOND]).unwrap().verdict, Verdict::Covered);
    }
}

#[test]
fn a_release_that_keeps_what_was_erased_is_refused() {
    for is_erased in [true, false] {
        let mut s = story();
        let rows = s.lab.release_rows(s.dataset, s.lab.size());
        let by = s.lab.erase(s.admissions[0]);
        // The lab may still have the text; that it said otherwise is enough.
        s.lab.entries[s.admissions[0] as usize].is_erased = is_erased;
        let release = s.lab.release_with(s.dataset, "2", |all| *all = rows, |_| {});
        s.lab.state();
        assert_eq!(refused(&s.lab, release, &[FIRST]), VerifyError::TakenOut { index: s.admissions[0], by });
    }
}

#[test]
fn rows_out_of_order_never_give_two_answers() {
    let story = story();
    for (a, b) in [(1, 2), (2, 3), (0, 3)] {
        let mut s = Story { lab: story.lab.clone(), ..story };
        let release = s.lab.release_with(s.dataset, "2", |rows| rows.swap(a, b), |_| {});
        s.lab.state();
        let rows = s.lab.tables[&release].1.clone();
        let root = rows_ref(Kind::Release, &rows).root;
        let is_moved = |work: &&str| [rows[a].key, rows[b].key].contains(&work_key(work));
        for work in [FIRST, FIRST_TOO, SECOND, THIRD].into_iter().filter(is_moved) {
            let present = s.lab.plan(release, &works(&[&[work]]));
            let value = rows.iter().find(|r| r.key == work_key(work)).unwrap().value;
            let files = [present.file(&s.lab), plan_of_absence(&present, &s, value).file(&s.lab)];
            let mut verdicts = BTreeSet::new();
            for chosen in 1..16u32 {
                let positions: BTreeSet<usize> = (0..4).filter(|p| chosen >> p & 1 == 1).collect();
                let table = table_of(&rows, release, &positions);
                let disclosed: Vec<(u64, Row)> = table.rows.iter().map(|r| r.at()).collect();
                if Table::verify(Kind::Release, 4, &root, &disclosed, &table.proof).is_err() {
                    continue; // and so no file with it is accepted; this spares the signatures
                }
                for mut file in files.clone() {
                    *file.tables.iter_mut().find(|t| t.statement == release).unwrap() = table.clone();
                    let facts = verify(&file.print(), &s.lab.trust(), &Question::default());
                    verdicts.extend(facts.ok().map(|f| f.works[0].verdict));
                }
            }
            assert!(verdicts.len() <= 1, "{work} with rows {a} and {b} swapped: {verdicts:?}");
        }
    }
}

/// What a plan about an absent work discloses.
fn plan_of_absence(plan: &Plan, s: &Story, admission: u64) -> Plan {
    let mut plan = plan.clone();
    let state = s.lab.size() - 1;
    plan.entries.remove(&s.grant);
    plan.entries.remove(&admission);
    let names = ["dataset:songs".to_owned(), "release:songs@2".to_owned(), format!("entry:{}", s.dataset)];
    plan.keys.insert(state, names.iter().map(|n| register_key(n)).collect());
    plan
}

// ---------------------------------------------------------------------------------------------------------------------
// Tables

#[test]
fn a_row_that_is_missing_or_not_needed_is_refused() {
    let licensor = key("north.example", 7);
    let many: Vec<Identifier> = (0..20).map(|i| id(&format!("id:north/{i}"))).collect();
    let mut s = story_with(|lab, dataset, _| {
        let grant = lab.signed_grant(&licensor, terms("signed"), &many);
        for i in &many {
            lab.admit(dataset, std::slice::from_ref(i), grant);
        }
    });
    // Rows of the register that are about something else.
    for i in 0..20 {
        s.lab.correct(s.release);
        s.lab.correct(s.admissions[2] + 5 + i);
    }
    s.lab.state();
    let plan = s.lab.plan(s.release, &[many[..1].to_vec()]);
    let honest = plan.file(&s.lab);
    assert!(verify(&honest.print(), &s.lab.trust(), &Question::default()).is_ok());
    for (table, (index, keys)) in plan.keys.iter().enumerate() {
        let rows = &s.lab.tables[index].1;
        let needed: BTreeSet<usize> = honest.tables[table].rows.iter().map(|r| r.position as usize).collect();
        assert_eq!(disclosed_table(rows, *index, keys), honest.tables[table]);
        for position in 0..rows.len() {
            let mut positions = needed.clone();
            let is_needed = positions.remove(&position);
            if !is_needed {
                positions.insert(position);
            }
            let mut file = honest.clone();
            file.tables[table] = table_of(rows, *index, &positions);
            match refusal(&s.lab, &file) {
                VerifyError::Rows { statement, error: RowsError::Incomplete { .. } } if is_needed => {
                    assert_eq!(statement, *index);
                }
                VerifyError::Rows { statement, error: RowsError::UnusedRow { position: unused } } if !is_needed => {
                    assert_eq!((statement, unused), (*index, position as u64));
                }
                // Without its row the grant, or what is said of it, is missing in the register, or not in the release.
                error => panic!("position {position} of the rows of entry {index}: {error}"),
            }
        }
    }
}

#[test]
fn a_table_under_another_kind_of_root_is_refused() {
    // The state commits to its rows as a release would.
    let mut s = story();
    let rows = s.lab.register_rows(s.lab.size());
    let state = s.lab.state_with(|_| {}, |r| r.register = rows_ref(Kind::Release, &rows));
    let error = refused(&s.lab, s.release, &[FIRST]);
    assert!(
        matches!(error, VerifyError::Rows { statement, error: RowsError::RootMismatch { .. } } if statement == state)
    );
    // The release commits to its rows as a catalogue would.
    let mut s = story();
    let rows = s.lab.release_rows(s.dataset, s.lab.size());
    let release = s.lab.release_with(s.dataset, "2", |_| {}, |r| r.rows = rows_ref(Kind::Catalogue, &rows));
    s.lab.state();
    let error = refused(&s.lab, release, &[FIRST]);
    assert!(
        matches!(error, VerifyError::Rows { statement, error: RowsError::RootMismatch { .. } } if statement == release)
    );
}

#[test]
fn a_count_that_is_not_the_rows_own_is_refused() {
    for more in [-1, 1] {
        let mut s = story();
        let edit = |r: &mut deedbook::statement::Release| r.rows.count = r.rows.count.strict_add_signed(more);
        let release = s.lab.release_with(s.dataset, "2", |_| {}, edit);
        s.lab.state();
        let error = refused(&s.lab, release, &[ABSENT]);
        assert!(matches!(error, VerifyError::Rows { .. }), "{error}");
    }
}

#[test]
fn tables_stand_once_ascending_and_whole() {
    assert_eq!(edited(|_, file| file.tables.swap(0, 1)), VerifyError::Tables);
    assert_eq!(edited(|_, file| file.tables.insert(0, file.tables[0].clone())), VerifyError::Tables);
    assert_eq!(edited(|_, file| drop(file.tables.remove(0))), VerifyError::Tables);
    assert_eq!(edited(|_, file| drop(file.tables.remove(1))), VerifyError::Tables);
    // Tables of what has none: the ledger, the dataset, an asserted grant, an entry that is not there.
    for statement in 0..3 {
        let error = edited(|_, file| {
            let table = deedbook::verify::proof::DisclosedTable { statement, ..file.tables[0].clone() };
            file.tables.insert(0, table);
        });
        assert_eq!(error, VerifyError::Tables);
    }
    let error = edited(|_, file| {
        let table = deedbook::verify::proof::DisclosedTable { statement: 99, ..file.tables[0].clone() };
        file.tables.push(table);
    });
    assert_eq!(error, VerifyError::NotDisclosed { index: 99 });
}

#[test]
fn a_catalogue_that_is_the_labs_word_is_not_proven_as_if_it_were_signed() {
    let rows = catalogue_rows(&ids(&[FIRST]));
    let licensor = key("north.example", 7);
    for subject in [Subject::Catalogue(rows_ref(Kind::Catalogue, &rows)), Subject::Party("North Press".into())] {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let mut north = Terms { subject: subject.clone(), ..terms("north") };
        let grant = if let Subject::Catalogue(_) = subject {
            lab.grant(north)
        } else {
            north.licensee.log = Some(format!("{}+{}", lab.origin, lab.key().verifier().id()));
            lab.enveloped(&licensor, north)
        };
        lab.tables.insert(grant, (Kind::Catalogue, rows.clone()));
        lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.state();
        assert_eq!(refused(&lab, release, &[FIRST]), VerifyError::Tables);
    }
}

#[test]
fn a_foreign_catalogue_is_refused() {
    let licensor = key("north.example", 7);
    let mut grant = 0;
    let mut s = story_with(|lab, dataset, _| {
        grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[FIRST]));
        lab.admit(dataset, &ids(&[ABSENT]), grant);
    });
    s.lab.tables.insert(grant, (Kind::Catalogue, catalogue_rows(&ids(&[ABSENT]))));
    let error = refused(&s.lab, s.release, &[ABSENT]);
    assert!(
        matches!(error, VerifyError::Rows { statement, error: RowsError::RootMismatch { .. } } if statement == grant)
    );
}

#[test]
fn a_catalogue_that_no_work_needs_is_refused() {
    let licensor = key("north.example", 7);
    let mut grant = 0;
    let s = story_with(|lab, _, _| grant = lab.signed_grant(&licensor, terms("signed"), &ids(&[FIRST])));
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.insert(grant);
    plan.keys.insert(grant, BTreeSet::from([work_key(FIRST)]));
    assert_eq!(refusal(&s.lab, &plan.file(&s.lab)), VerifyError::Tables);
}

// ---------------------------------------------------------------------------------------------------------------------
// Claims, grants and what is said of them

#[test]
fn claims_ascend_and_each_has_an_identifier_of_a_work() {
    let claim = |texts: &[&str]| Claim { identifiers: ids(texts).into_iter().collect::<Set<_>>() };
    for claims in [
        vec![],
        vec![claim(&[])],
        vec![claim(&[FIRST]), claim(&[FIRST])],
        vec![claim(&[FIRST]), claim(&[FIRST_TOO])],
        vec![claim(&["orcid:0000000218250097", FIRST])],
    ] {
        assert_eq!(edited(|_, file| file.claims = claims), VerifyError::Claims);
    }
}

#[test]
fn a_claim_that_the_rows_do_not_answer_is_refused() {
    let many: Vec<Identifier> = (0..20).map(|i| id(&format!("id:north/{i}"))).collect();
    let s = story_with(|lab, dataset, _| {
        for i in &many {
            lab.admit(dataset, std::slice::from_ref(i), dataset + 1);
        }
    });
    let mut plan = s.lab.plan(s.release, &[many[..1].to_vec()]);
    plan.claims.insert(Claim { identifiers: many[1..2].iter().cloned().collect() });
    let error = refusal(&s.lab, &plan.file(&s.lab));
    let key = work_key(many[1].as_str());
    assert_eq!(error, VerifyError::Rows { statement: s.release, error: RowsError::Incomplete { key } });
}

#[test]
fn an_answer_has_a_limit() {
    let s = story_with(|lab, dataset, _| {
        for _ in 0..64 {
            lab.admit(dataset, &ids(&[ABSENT]), dataset + 1);
        }
    });
    let bytes = s.lab.prove(s.release, &works(&[&[ABSENT]]));
    let asking = |times: usize| Question { works: Some(vec![vec![id(ABSENT); times]]), ..Question::default() };
    assert_eq!(verify(&bytes, &s.lab.trust(), &asking(2)).unwrap().works[0].admissions.len(), 64);
    let most = deedbook::verify::MAX_ANSWERS / 64;
    assert_eq!(verify(&bytes, &s.lab.trust(), &asking(most)).unwrap().works[0].admissions.len(), 64);
    let error = verify(&bytes, &s.lab.trust(), &asking(most + 1)).unwrap_err();
    assert_eq!(error, VerifyError::TooManyAnswers);
}

#[test]
fn a_grant_that_is_none_for_a_layer_not_required_is_no_harm_and_one_for_a_required_layer_is_refused() {
    let mut other = 0;
    let s = story_with(|lab, dataset, _| {
        other = lab.dataset("other");
        lab.admit_with(dataset, &ids(&[ABSENT]), dataset + 1, |a| {
            a.grants.insert(Layer::Image, other);
        });
        lab.admit(dataset, &ids(&["id:example/5"]), other);
    });
    assert_eq!(ask(&s.lab, s.release, &[ABSENT]).unwrap().verdict, Verdict::Covered);
    let error = refused(&s.lab, s.release, &["id:example/5"]);
    assert!(matches!(error, VerifyError::WrongKind { named, .. } if named == other), "{error}");
}

#[test]
fn a_dispute_of_another_log_or_entry_is_refused() {
    let claim = |s: &Story| DisputeClaim {
        claim: "It is mine.".into(),
        entry: s.admissions[0],
        ids: Set::new(),
        leaf: s.lab.entries[s.admissions[0] as usize].leaf,
        name: "South Press".into(),
        origin: s.lab.origin.clone(),
    };
    let edits: [fn(&mut DisputeClaim); 3] =
        [|_| {}, |c| c.leaf = Hash([7; 32]), |c| c.origin = "other.example/deeds".into()];
    for (edit, is_right) in edits.into_iter().zip([true, false, false]) {
        let mut s = story();
        let mut claim = claim(&s);
        edit(&mut claim);
        let index = s.lab.dispute_of(claim);
        s.lab.state();
        match ask(&s.lab, s.release, &[FIRST]) {
            Ok(work) => assert!(is_right && work.admissions[0].about.len() == 1),
            Err(error) => assert_eq!((is_right, error), (false, VerifyError::Dispute { index })),
        }
    }
}

/// The second dispute is about the first, which was erased and is still disclosed by its leaf hash.
#[test]
fn a_dispute_of_another_entry_is_refused_below_an_erased_one_too() {
    for is_right in [true, false] {
        let mut s = story();
        let first = s.lab.dispute(s.admissions[0]);
        let leaf = if is_right { s.lab.entries[first as usize].leaf } else { Hash([7; 32]) };
        let (claim, name, origin) = ("It is mine.".into(), "South Press".into(), s.lab.origin.clone());
        let second = s.lab.dispute_of(DisputeClaim { claim, entry: first, ids: Set::new(), leaf, name, origin });
        s.lab.erase(first);
        s.lab.state();
        match ask(&s.lab, s.release, &[FIRST]) {
            Ok(work) => assert!(is_right && work.verdict == Verdict::Covered),
            Err(error) => assert_eq!((is_right, error), (false, VerifyError::Dispute { index: second })),
        }
    }
}

#[test]
fn an_end_cannot_be_hidden_under_an_honest_register() {
    let mut s = story();
    let end = s.lab.end(s.grant, "2026-01-01");
    let state = s.lab.state();
    let rows = &s.lab.tables[&state].1;
    let hidden = rows.iter().position(|r| r.value == end).unwrap();
    let mut plan = s.lab.plan(s.release, &works(&[&[FIRST]]));
    plan.entries.remove(&end);
    let without_row: Vec<Row> = rows.iter().filter(|r| r.value != end).copied().collect();
    for table in [
        disclosed_table(&without_row, state, &plan.keys[&state]),
        table_of(rows, state, &(0..rows.len()).filter(|p| *p != hidden).collect()),
    ] {
        let mut file = plan.file(&s.lab);
        *file.tables.iter_mut().find(|t| t.statement == state).unwrap() = table;
        let error = refusal(&s.lab, &file);
        assert!(matches!(error, VerifyError::Rows { statement, .. } if statement == state), "{error}");
    }
}

#[test]
fn an_end_missing_in_a_dishonest_register_is_seen_by_who_holds_the_entry_and_by_no_verifier() {
    let mut s = story();
    let end = s.lab.end(s.grant, "2026-01-01");
    let state = s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Covered);
    // The evidence: the entry is below the state, which says that nothing is about the grant.
    let key: Key = register_key(&format!("entry:{}", s.grant));
    assert!(end < state && s.lab.tables[&state].1.iter().all(|r| r.key != key));
    assert!(s.lab.register_rows(state).contains(&Row { key, value: end }));
}

#[test]
fn a_state_that_commits_to_nothing_names_nothing() {
    let mut s = story();
    let nothing = RowsRef { count: 0, root: rows_ref(Kind::Register, &[]).root };
    s.lab.state_with(|rows| rows.clear(), |state| state.register = nothing);
    let name = "dataset:songs".to_owned();
    assert_eq!(refused(&s.lab, s.release, &[FIRST]), VerifyError::NotRegistered { name, index: s.dataset });
}
