//! Two checkpoints: one history, or evidence that anybody can check.

use crate::lab::{Lab, books, key};
use deedbook::ledger::LedgerError;
use deedbook::ledger::consistency::{Outcome, compare};
use deedbook::tlog::{Checkpoint, Hash, VerifiedCheckpoint, leaf_hash};
use deedbook::verify::fork::{Contradiction, verify_fork};

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
