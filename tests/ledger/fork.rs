//! Two checkpoints: one history, or evidence that anybody can check.

use crate::lab::{Lab, books, key};
use deedbook::ledger::LedgerError;
use deedbook::ledger::consistency::{Outcome, compare};
use deedbook::tlog::{
    Checkpoint, Hash, KeyKind, NodeId, SigningKey, VerifiedCheckpoint, inclusion, leaf_hash, node_hash,
};
use deedbook::verify::VerifyError;
use deedbook::verify::fork::{Contradiction, ForkFile, ForkFormat, ForkSide, verify_fork};

fn signed(size: u64, root: Hash) -> VerifiedCheckpoint {
    let checkpoint = Checkpoint { origin: crate::lab::ORIGIN.to_owned(), size, root };
    let note = checkpoint.sign(&key()).unwrap().to_string();
    VerifiedCheckpoint::open(&note, key().verifier()).unwrap()
}

fn lab() -> Lab {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..300));
    lab.seal("books@v1");
    lab
}

#[test]
fn every_two_prefixes_of_one_log_are_consistent() {
    let lab = lab();
    let view = lab.view();
    let size = view.log().size();
    for old in (1..size).step_by(13) {
        let old = signed(old, view.log().root_at(old).unwrap());
        for new in [old.size(), old.size() + 1, size] {
            let new = signed(new, view.log().root_at(new).unwrap());
            assert!(matches!(compare(&view, &old, &new).unwrap(), Outcome::Consistent { .. }));
        }
    }
    let ahead = signed(size + 1, leaf_hash(b"x"));
    let refused = compare(&view, view.log().checkpoint(), &ahead).unwrap_err();
    assert!(matches!(refused, LedgerError::AheadOfCopy { .. }), "{refused}");
}

#[test]
fn two_roots_of_one_size_are_a_fork() {
    let lab = lab();
    let view = lab.view();
    let other = signed(view.log().size(), leaf_hash(b"another history"));
    let Outcome::Fork(file) = compare(&view, view.log().checkpoint(), &other).unwrap() else { panic!("no fork") };
    let logs = [key().verifier().clone()];
    let fork = verify_fork(&file.print(), &logs).unwrap();
    assert_eq!(fork.origin, crate::lab::ORIGIN);
    let Contradiction::Roots { size, roots } = fork.contradiction else { panic!("{fork:?}") };
    assert!(size == view.log().size() && roots.contains(other.root()) && roots.contains(view.log().root()));
    // A published one of an older size, against today's.
    let published = deedbook::log::history::sizes(view.disk()).unwrap();
    let other = signed(published[1], leaf_hash(b"another history"));
    let outcome = compare(&view, &other, view.log().checkpoint()).unwrap();
    assert!(matches!(outcome, Outcome::Fork(_)), "{outcome:?}");
    // Of a size that was never published there is nothing to lay beside it.
    let other = signed(published[2] - 1, leaf_hash(b"another history"));
    let outcome = compare(&view, &other, view.log().checkpoint()).unwrap();
    assert!(matches!(outcome, Outcome::Contradicted { size, .. } if size == other.size()), "{outcome:?}");
}

/// A file whose every byte but the signatures' own is needed: whatever is changed, nobody is accused.
#[test]
fn a_changed_fork_file_accuses_nobody() {
    let one = signed(5, leaf_hash(b"a")).note().to_string();
    let other = signed(5, leaf_hash(b"b")).note().to_string();
    let honest = ForkFile::of_notes(&one, &other).print();
    let logs = [key().verifier().clone()];
    assert!(verify_fork(&honest, &logs).is_ok() && ForkFile::claims(&honest));
    for at in 0..honest.len() {
        for bit in 0..8 {
            let mut bytes = honest.clone();
            bytes[at] ^= 1 << bit;
            assert!(verify_fork(&bytes, &logs).is_err(), "byte {at}, bit {bit}");
        }
        assert!(verify_fork(&honest[..at], &logs).is_err(), "cut at {at}");
    }
    let stranger = SigningKey::from_seed(crate::lab::ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    assert_eq!(verify_fork(&honest, &[stranger.verifier().clone()]), Err(VerifyError::NoLogKey));
    // What does not contradict: one note twice, two sizes, and two notes of one text.
    let larger = signed(6, leaf_hash(b"a")).note().to_string();
    let again = format!("{one}\u{2014} w.example AAAAAAAA\n");
    for (first, second) in [(&one, &one), (&one, &larger), (&one, &again)] {
        let file = ForkFile::of_notes(first, second).print();
        assert_eq!(verify_fork(&file, &logs), Err(VerifyError::NoContradiction));
    }
    let mut turned = ForkFile::of_notes(&one, &other);
    turned.sides.reverse();
    assert_eq!(verify_fork(&turned.print(), &logs), Err(VerifyError::NoContradiction));
}

#[test]
fn two_leaves_at_one_index_are_a_fork() {
    let logs = [key().verifier().clone()];
    for (sizes, index) in [([4u64, 7], 2u64), ([5, 5], 4), ([9, 3], 0)] {
        let leaves = |size: u64, history: u8| (0..size).map(|n| leaf_hash(&[history, n as u8])).collect::<Vec<_>>();
        let side = |size: u64, history: u8| {
            let leaves = leaves(size, history);
            let read = |node: NodeId| Ok::<_, deedbook::tlog::ProofError>(node_of(&leaves, node));
            let path = inclusion::prove(index, size, read).unwrap();
            let note = signed(size, root_of(&leaves)).note().to_string();
            ForkSide { leaf: Some(leaves[index as usize]), note, path: Some(path) }
        };
        let file = |a: ForkSide, b: ForkSide| {
            let mut sides = vec![a, b];
            sides.sort_by(|a, b| a.note.cmp(&b.note));
            ForkFile { format: ForkFormat::V1, index: Some(index), sides }
        };
        let (a, b) = (side(sizes[0], 0), side(sizes[1], 1));
        let fork = verify_fork(&file(a.clone(), b.clone()).print(), &logs).unwrap();
        assert!(matches!(fork.contradiction, Contradiction::Leaves { index: i, .. } if i == index));
        // One history seen twice, a leaf of another place, a member too few.
        if sizes[0] != sizes[1] {
            let honest = file(a.clone(), side(sizes[1], 0));
            assert_eq!(verify_fork(&honest.print(), &logs), Err(VerifyError::NoContradiction));
        }
        let wrong = ForkSide { leaf: Some(leaf_hash(b"x")), ..b.clone() };
        assert!(matches!(verify_fork(&file(a.clone(), wrong).print(), &logs), Err(VerifyError::Inclusion(_))));
        let bare = ForkSide { path: None, ..b.clone() };
        assert_eq!(verify_fork(&file(a.clone(), bare).print(), &logs), Err(VerifyError::NoContradiction));
        let unindexed = ForkFile { index: None, ..file(a, b) };
        assert_eq!(verify_fork(&unindexed.print(), &logs), Err(VerifyError::NoContradiction));
    }
}

/// The hash of a node over leaves, the slow way.
fn node_of(leaves: &[Hash], node: NodeId) -> Hash {
    let start = (node.index << node.level) as usize;
    root_of(&leaves[start..start + (1 << node.level)])
}

/// RFC 9162, section 2.1.1, word for word.
fn root_of(leaves: &[Hash]) -> Hash {
    match leaves {
        [leaf] => *leaf,
        leaves => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&root_of(left), &root_of(right))
        }
    }
}
