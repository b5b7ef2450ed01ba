//! Two proof files held against each other: honest ones never contradict, and what a dishonest log shows to one and hides
//! from another is turned into evidence that its own verifier accepts.

use super::lie::{some_lab, tables_of};
use super::*;
use deedbook::rows::{register_key, work_key};
use deedbook::statement::{Kind, ReleaseName, Statement};
use deedbook::tlog::leaf_hash;
use deedbook::verify::ProofFile;
use deedbook::verify::against::{Evidence, compare};
use deedbook::verify::fork::{Contradiction, verify_fork};
use deedbook::verify::lie::{Hiding, Lie, verify_lie};

/// The proof of a work in a release, which must verify.
fn proof(lab: &Lab, release: u64, work: &[&str]) -> ProofFile {
    proof_of(lab, release, &[work])
}

fn proof_of(lab: &Lab, release: u64, asked: &[&[&str]]) -> ProofFile {
    let bytes = lab.prove(release, &works(asked));
    verify(&bytes, &lab.trust(), &Question::default()).unwrap();
    ProofFile::parse(&bytes).unwrap()
}

/// Compares both ways round; the evidence must be one and the same, and be accepted by its verifier.
fn found(lab: &Lab, one: &ProofFile, other: &ProofFile) -> Option<Evidence> {
    let logs = [lab.key().verifier().clone()];
    let evidence = compare(one, other, &logs).unwrap();
    let turned = compare(other, one, &logs).unwrap();
    assert_eq!(evidence.is_some(), turned.is_some());
    let bytes = evidence.as_ref()?.print();
    match evidence.as_ref()? {
        Evidence::Fork(_, fork) => assert_eq!(verify_fork(&bytes, &logs).as_ref(), Ok(fork)),
        Evidence::Lie(_, lie) => assert_eq!(verify_lie(&bytes, &logs).as_ref(), Ok(lie)),
    }
    evidence
}

fn lie(lab: &Lab, one: &ProofFile, other: &ProofFile) -> Lie {
    match found(lab, one, other) {
        Some(Evidence::Lie(_, lie)) => lie,
        other => panic!("{other:?}"),
    }
}

#[test]
fn honest_proofs_never_contradict() {
    for seed in 0..40 {
        let lab = some_lab(seed);
        let mut proofs = Vec::new();
        // Of every size that ends with a state, and of the whole log.
        for state in tables_of(&lab, deedbook::rows::Kind::Register) {
            let mut then = lab.clone();
            then.entries.truncate(state as usize + 1);
            for release in tables_of(&lab, deedbook::rows::Kind::Release).into_iter().filter(|r| *r < state) {
                for work in [&[FIRST][..], &[SECOND, THIRD, ABSENT]] {
                    proofs.push(proof(&then, release, work));
                }
            }
        }
        for one in &proofs {
            for other in &proofs {
                assert_eq!(found(&lab, one, other), None, "seed {seed}");
            }
        }
    }
}

#[test]
fn an_end_that_one_proof_shows_and_another_hides() {
    // The newer proof hides it, and then an older one of a larger log that hid it before.
    for hides_first in [false, true] {
        let mut s = story();
        let end = s.lab.end(s.grant, "2027-01-01");
        let state = |lab: &mut Lab, hides: bool| {
            lab.state_with(|rows| rows.retain(|r| !hides || r.value != end), |_| {});
            proof(lab, s.release, &[FIRST])
        };
        let one = state(&mut s.lab, hides_first);
        let other = state(&mut s.lab, !hides_first);
        let lie = lie(&s.lab, &other, &one);
        assert_eq!((lie.hidden, lie.hidden_kind), (end, Kind::GrantEnd));
        assert_eq!(lie.missing, [format!("entry:{}", s.grant)]);
        assert_eq!(lie.sizes.len(), 2, "the state that hides it, and the entry that it hides, are each in one proof");
    }
}

#[test]
fn a_second_release_of_a_name_a_dispute_and_a_withdrawal_that_are_hidden() {
    // Two audiences, two releases of one name: each state has the one and not the other.
    let mut s = story();
    let again = s.lab.release(s.dataset, "1");
    let hide = |lab: &mut Lab, hidden: u64| _ = lab.state_with(|rows| rows.retain(|r| r.value != hidden), |_| {});
    hide(&mut s.lab, again);
    let one = proof(&s.lab, s.release, &[FIRST]);
    hide(&mut s.lab, s.release);
    let other = proof(&s.lab, again, &[FIRST]);
    let shown = lie(&s.lab, &one, &other);
    assert_eq!((shown.hidden_kind, &shown.missing[..]), (Kind::Release, &["release:songs@1".to_owned()][..]));
    for act in [|s: &mut Story| s.lab.dispute(s.admissions[0]), |s: &mut Story| s.lab.withdraw(s.dataset, 2, 1)] {
        let mut s = story();
        let hidden = act(&mut s);
        s.lab.state();
        let one = proof(&s.lab, s.release, &[FIRST]);
        hide(&mut s.lab, hidden);
        let other = proof(&s.lab, s.release, &[FIRST]);
        assert_eq!(lie(&s.lab, &one, &other).hidden, hidden);
        assert_eq!(lie(&s.lab, &one, &other).hidden, lie(&s.lab, &other, &one).hidden);
    }
}

/// A log of two releases, the second without the first admission; before it, `act`.
fn second_release(act: impl FnOnce(&mut Story)) -> (Story, u64) {
    let mut s = story();
    act(&mut s);
    let hidden = s.admissions[0];
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| r.value != hidden), |_| {});
    s.lab.state();
    (s, release)
}

#[test]
fn an_admission_that_a_later_release_leaves_out() {
    // One checkpoint for both proofs, and then two.
    for more in [false, true] {
        let (mut s, release) = second_release(|s| _ = s.lab.withdraw(s.dataset, s.admissions[1], 1));
        let new = proof(&s.lab, release, &[FIRST]);
        if more {
            s.lab.correct(s.admissions[2]);
            s.lab.state();
        }
        let old = proof(&s.lab, s.release, &[FIRST]);
        let lie = lie(&s.lab, &new, &old);
        assert!(matches!(lie.by, Hiding::Release { index, .. } if index == release), "{lie:?}");
        assert!(lie.hidden == s.admissions[0] && lie.missing.contains(&FIRST.to_owned()));
        assert_eq!(lie.sizes.len(), if more { 2 } else { 1 });
    }
}

/// Left out under one identifier, it is still in the release under another. What the register says of it, and shows that
/// nothing took it out, is in the proof that found it alone.
#[test]
fn an_admission_that_a_release_leaves_out_and_has() {
    // With enough entries that no look-up is answered beside another by chance.
    let mut s = story_with(|lab, dataset, admissions| {
        lab.correct(admissions[0]);
        for i in 0..60 {
            let admission = lab.admit(dataset, &[id(&format!("id:north/{i}"))], dataset + 1);
            lab.correct(admission);
        }
    });
    let key = work_key(FIRST);
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| r.key != key), |_| {});
    s.lab.state();
    let without = proof(&s.lab, release, &[FIRST]);
    let about = register_key(&format!("entry:{}", s.admissions[0]));
    assert!(without.tables.iter().all(|table| table.rows.iter().all(|row| row.key != about)));
    let state = s.lab.state();
    let with = proof(&s.lab, release, &[FIRST_TOO]);
    let shown = lie(&s.lab, &without, &with);
    let name = ReleaseName::parse("songs@2").unwrap();
    assert_eq!((shown.by, shown.hidden), (Hiding::Release { index: release, name, state }, s.admissions[0]));
    assert_eq!(shown.missing, [FIRST]);
    assert_eq!(shown.sizes, [s.lab.size()], "the larger proof discloses all that it takes");
}

/// What a proof discloses beside its answers is held against it as well, by whatever other proof.
#[test]
fn a_proof_that_contradicts_itself_does_so_beside_an_older_one() {
    for is_erased in [false, true] {
        let mut s = story();
        let (hidden, old) = (s.admissions[0], proof(&s.lab, s.release, &[FIRST]));
        let (old_size, key) = (s.lab.size(), work_key(FIRST_TOO));
        let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| r.key == key), |_| {});
        if is_erased {
            s.lab.erase(hidden);
        }
        s.lab.state();
        let new = proof(&s.lab, release, &[FIRST_TOO]);
        let shown = lie(&s.lab, &new, &old);
        assert_eq!((shown.hidden, &shown.missing[..]), (hidden, &[FIRST.to_owned()][..]));
        // The text that was erased since is in the older proof.
        assert_eq!(shown.sizes, if is_erased { vec![old_size, s.lab.size()] } else { vec![s.lab.size()] });
        assert_eq!(found(&s.lab, &new, &new).is_some(), !is_erased);
    }
}

/// Of three admissions one is in the second release and one was withdrawn before it: the third is hidden.
#[test]
fn what_is_not_hidden_does_not_cover_what_is() {
    let mut s = story();
    let [_, withdrawn, hidden] = s.admissions;
    s.lab.withdraw(s.dataset, withdrawn, 1);
    let release = s.lab.release_with(s.dataset, "2", |rows| rows.retain(|r| r.value != hidden), |_| {});
    s.lab.state();
    let all: [&[&str]; 3] = [&[FIRST], &[SECOND], &[THIRD]];
    let [new, old] = [release, s.release].map(|release| proof_of(&s.lab, release, &all));
    let shown = lie(&s.lab, &new, &old);
    assert_eq!((shown.hidden, &shown.missing[..]), (hidden, &[THIRD.to_owned()][..]));
}

#[test]
fn an_admission_that_may_have_been_taken_out_is_no_contradiction() {
    let acts: [fn(&mut Story); 2] = [
        |s| _ = s.lab.withdraw(s.dataset, s.admissions[0], 1),
        |s| {
            s.lab.erase(s.admissions[0]);
            // Whoever asked before still has the text.
            s.lab.entries[s.admissions[0] as usize].is_erased = false;
        },
    ];
    for act in acts {
        let (s, release) = second_release(act);
        let (new, old) = (proof(&s.lab, release, &[FIRST]), proof(&s.lab, s.release, &[FIRST]));
        assert_eq!(found(&s.lab, &new, &old), None);
    }
    // The older proof ends before the release: nothing shows that the admission was not erased in between.
    let s = story();
    let old = proof(&s.lab, s.release, &[FIRST]);
    let (later, release) = second_release(|_| {});
    let many: Vec<u64> = later.lab.tables.keys().copied().collect();
    assert!(many.contains(&release));
    let mut lab = later.lab.clone();
    for _ in 0..40 {
        lab.correct(s.admissions[2]);
        lab.correct(s.grant);
        lab.correct(later.lab.size() - 1);
    }
    lab.state();
    let new = proof(&lab, release, &[FIRST]);
    let rows = &new.tables.iter().find(|t| t.statement > release).unwrap().rows;
    let key = register_key(&format!("entry:{}", s.admissions[0]));
    let next_to = rows.windows(2).any(|w| w[0].key < key && key < w[1].key && w[0].position + 1 == w[1].position);
    assert_eq!(found(&lab, &new, &old).is_some(), next_to, "only where the new register answers it by chance");
}

/// A register that leads from the dataset to an erasure of the admission, and not from the admission, is the lie itself.
#[test]
fn an_erasure_in_the_wrong_place_is_hidden_by_the_state() {
    let (mut s, release) = second_release(|s| {
        s.lab.erase(s.admissions[0]);
        s.lab.entries[s.admissions[0] as usize].is_erased = false;
    });
    let erasure = s.state + 1;
    let key = |entry: u64| register_key(&format!("entry:{entry}"));
    let moves = |rows: &mut Vec<deedbook::rows::Row>| {
        rows.iter_mut().filter(|row| row.value == erasure).for_each(|row| row.key = key(s.dataset));
        rows.sort();
    };
    let state = s.lab.state_with(moves, |_| {});
    let file = |release: u64| s.lab.plan_at(release, state, &works(&[&[FIRST]])).file(&s.lab);
    let shown = lie(&s.lab, &file(release), &file(s.release));
    assert_eq!((shown.by, shown.hidden), (Hiding::State { index: state }, erasure));
}

#[test]
fn two_histories_are_a_fork() {
    // Of one size, by their roots; of two sizes, by an entry.
    let s = story();
    for more in [0, 3] {
        let mut fork = story_with(|lab, dataset, _| _ = lab.withdraw(dataset, 2, 1)).lab;
        let mut own = s.lab.clone();
        own.correct(s.dataset);
        own.state();
        for _ in 0..more {
            fork.state();
        }
        let release = s.release + 1;
        let (one, other) = (proof(&own, s.release, &[FIRST]), proof(&fork, release, &[FIRST]));
        let Some(Evidence::Fork(_, shown)) = found(&own, &one, &other) else { panic!("no fork") };
        let by_roots = own.size() == fork.size();
        assert_eq!(matches!(shown.contradiction, Contradiction::Roots { .. }), by_roots, "{shown:?}");
    }
    // An anchor of one against the checkpoint of the other.
    let mut longer = s.lab.clone();
    longer.correct(s.dataset);
    longer.state();
    let mut fork = s.lab.clone();
    fork.entries[s.grant as usize + 4].leaf = leaf_hash(b"another history");
    fork.state();
    longer.entries.push(longer.entries[0].clone());
    let anchored = {
        let mut plan = longer.plan(s.release, &works(&[&[FIRST]]));
        plan.anchors = vec![longer.anchor(fork.size(), plan.size, &[])];
        plan.file(&longer)
    };
    let other = fork.plan(s.release, &works(&[&[SECOND]])).file(&fork);
    let Some(Evidence::Fork(_, shown)) = found(&s.lab, &anchored, &other) else { panic!("no fork") };
    assert!(matches!(shown.contradiction, Contradiction::Roots { size, .. } if size == fork.size()));
}

#[test]
fn proofs_of_two_logs_are_not_compared() {
    let (s, mut other) = (story(), Lab::new("other.example/deeds"));
    let dataset = other.dataset("songs");
    let release = other.release(dataset, "1");
    other.state();
    let (one, two) = (proof(&s.lab, s.release, &[FIRST]), proof(&other, release, &[FIRST]));
    let logs = [s.lab.key().verifier().clone(), other.key().verifier().clone()];
    assert_eq!(compare(&one, &two, &logs), Err(VerifyError::TwoLogs));
    assert_eq!(compare(&one, &one, &logs[1..]), Err(VerifyError::TwoLogs));
    for proof in [&one, &two] {
        assert_eq!(compare(proof, proof, &logs), Ok(None));
    }
}

/// The evidence has what it needs and no more, however much the two proofs disclose.
#[test]
fn evidence_is_narrowed_to_what_it_needs() {
    let many: Vec<Identifier> = (0..60).map(|i| id(&format!("id:north/{i}"))).collect();
    let mut s = story_with(|lab, dataset, _| {
        for work in &many {
            lab.admit(dataset, std::slice::from_ref(work), dataset + 1);
        }
    });
    let all: Vec<Vec<Identifier>> = many.iter().map(|work| vec![work.clone()]).collect();
    let parse = |lab: &Lab| ProofFile::parse(&lab.prove(s.release, &all)).unwrap();
    let end = s.lab.end(s.grant, "2027-01-01");
    s.lab.state();
    let old = parse(&s.lab);
    s.lab.state_with(|rows| rows.retain(|r| r.value != end), |_| {});
    let new = parse(&s.lab);
    let Some(Evidence::Lie(file, _)) = found(&s.lab, &new, &old) else { panic!("no lie") };
    let entries: Vec<usize> = file.sides.iter().map(|side| side.entries.len()).collect();
    assert_eq!((entries, file.tables.len()), (vec![1, 1], 1));
    assert!(file.tables[0].rows.len() <= 2 && old.entries.len() > 60);
    assert!(matches!(s.lab.statement(end), Some(Statement::GrantEnd(_))) && work_key(FIRST) != work_key(SECOND));
}
