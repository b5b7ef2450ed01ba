//! What leaves the house of a log with erased entries, and of one that is stopped.

use crate::lab::{Lab, files, folder};
use deedbook::ingest::Progress;
use deedbook::ledger::{LedgerError, View, export::export, single};
use deedbook::tlog::{Policy, leaf_hash};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[test]
fn an_erased_entry_is_exported_as_its_leaf() {
    let lab = Lab::new();
    let before = single::prove(&View::open(lab.path()).unwrap(), 0).unwrap();
    lab.erase(0);
    let view = View::open(lab.path()).unwrap();
    let after = single::prove(&view, 0).unwrap();
    assert_eq!((after.leaf, after.entry), (leaf_hash(&before.entry.unwrap()), None));
    let policy = Policy::from_log(view.key().clone()).unwrap();
    assert!(after.proof.verify(&after.leaf, &policy).is_ok(), "the leaf is proven all the same");
    let to = folder();
    let exported = export(&view, to.path(), true, &Progress::default()).unwrap();
    assert_eq!((exported.erased, exported.bundles), (1, 1));
}

#[test]
fn an_entry_that_only_lost_its_bytes_is_damage() {
    let lab = Lab::new();
    lab.remove_text(0);
    let view = View::open(lab.path()).unwrap();
    let to = folder();
    let exported = export(&view, to.path(), true, &Progress::default());
    assert!(matches!(exported, Err(LedgerError::Emptied { index: 0 })), "{exported:?}");
    assert!(files(to.path()).is_empty());
    assert!(matches!(single::prove(&view, 0), Err(LedgerError::Emptied { index: 0 })));
    assert!(export(&view, to.path(), false, &Progress::default()).is_ok(), "its leaf is whole");
}

#[test]
fn a_stopped_export_leaves_nothing() {
    let lab = Lab::new();
    let to = folder();
    let stopped = Progress::stopped_by(Arc::new(AtomicBool::new(true)));
    let exported = export(&View::open(lab.path()).unwrap(), &to.path().join("new"), true, &stopped);
    assert!(matches!(exported, Err(LedgerError::Interrupted)), "{exported:?}");
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 0);
}
