//! Evidence of a lie out of a copy of a ledger: of an honest one there is none, of a dishonest one what it hides.

use crate::lab::{Lab, books, id, isbn, release};
use deedbook::index::{RowsFile, register_path, root_of, write_rows};
use deedbook::ledger::lie::{of_release, of_state};
use deedbook::ledger::seal::release_path;
use deedbook::rows::{Kind, Row};
use deedbook::statement::{Correction, Is, Release, RowsRef, State, Statement, V1};
use deedbook::verify::lie::{Hiding, LieFile, verify_lie};

fn correct(lab: &Lab, entry: u64) -> u64 {
    lab.append(|w| {
        let (at, because, salt) = (w.now(), "misspelt".to_owned(), w.salt());
        let (parties, title) = (Vec::new(), Some("The book".to_owned()));
        Statement::Correction(Correction { at, because, entry, kind: Is, parties, salt, title, v: V1 })
    })
}

/// Admits books, and gives the first admission: the grant of their licence may come before it.
fn admit(lab: &Lab, numbers: std::ops::Range<u64>) -> u64 {
    let first = lab.admit("books", &books(numbers)).first_entry;
    let view = lab.view();
    (first..).find(|at| matches!(view.statement(*at), Ok(Statement::Admission(_)))).unwrap()
}

/// The rows of a file, without those that lead to an entry, as another file.
fn rows_without(lab: &Lab, kind: Kind, from: &str, to: &str, hidden: u64) -> RowsRef {
    let all = RowsFile::open(&lab.disk, from, kind).unwrap().stream().collect::<Result<Vec<Row>, _>>().unwrap();
    let kept = all.into_iter().filter(|row| row.value != hidden).map(Ok);
    write_rows(&lab.disk, to, kind, kept).unwrap();
    let (count, root) = root_of(&lab.disk, to, kind, true).unwrap();
    RowsRef { count, root }
}

/// Signs a state whose register does not lead to an entry.
fn state_without(lab: &Lab, hidden: u64) -> u64 {
    let from = register_path(lab.view().state().0);
    let mut writer = lab.writer();
    let log_size = writer.next();
    let register = rows_without(lab, Kind::Register, &from, &register_path(log_size), hidden);
    let (at, salt) = (writer.now(), writer.salt());
    writer.append(&Statement::State(State { at, kind: Is, log_size, register, salt, v: V1 })).unwrap();
    writer.commit(false).unwrap();
    log_size
}

/// Signs a release whose rows do not lead to an entry, made after an honest one.
fn release_without(lab: &Lab, honest: &str, name: &str, hidden: u64) -> u64 {
    let (_, sealed) = lab.view().release(&release(honest)).unwrap();
    let name = release(name);
    let rows = rows_without(lab, Kind::Release, &release_path(&release(honest)), &release_path(&name), hidden);
    let mut writer = lab.writer();
    let (at, log_size, salt) = (writer.now(), writer.next(), writer.salt());
    let lying = Release { at, log_size, rows, salt, version: name.version, ..sealed };
    let index = writer.append(&Statement::Release(lying)).unwrap();
    writer.commit(true).unwrap();
    index
}

fn state_lie(lab: &Lab, state: u64, hidden: u64) -> Option<LieFile> {
    let view = lab.view();
    let register = RowsFile::open(&lab.disk, &register_path(state), Kind::Register).unwrap();
    of_state(view.log(), view.key(), (state, &register), hidden).unwrap()
}

fn release_lie(lab: &Lab, name: &str, hidden: u64) -> Option<LieFile> {
    let view = lab.view();
    let (index, _) = view.release(&release(name)).unwrap();
    let rows = RowsFile::open(&lab.disk, &release_path(&release(name)), Kind::Release).unwrap();
    of_release(view.log(), view.key(), (index, &rows), (view.state().0, view.register()), hidden).unwrap()
}

#[test]
fn of_an_honest_ledger_there_is_no_evidence() {
    let lab = Lab::new();
    let dataset = lab.books();
    let first = admit(&lab, 1..300);
    lab.seal("books@1");
    lab.withdraw(dataset, first);
    correct(&lab, first + 1);
    lab.erase(first + 2);
    lab.seal("books@2");
    let size = lab.view().log().size();
    for hidden in 0..size {
        let states = (hidden + 1..size).filter(|at| lab.disk.exists(&register_path(*at)).unwrap());
        for state in states.collect::<Vec<_>>() {
            assert_eq!(state_lie(&lab, state, hidden), None, "entry {hidden}, state {state}");
        }
    }
    for hidden in first - 2..first + 6 {
        assert_eq!(release_lie(&lab, "books@1", hidden), None, "entry {hidden}");
        assert_eq!(release_lie(&lab, "books@2", hidden), None, "entry {hidden}");
    }
}

#[test]
fn what_a_state_of_a_copy_hides_is_made_portable() {
    let lab = Lab::new();
    let dataset = lab.books();
    let first = admit(&lab, 1..10);
    let sealed = lab.seal("books@1").entry;
    let correction = correct(&lab, first);
    lab.withdraw(dataset, first + 1);
    for hidden in [dataset, sealed, correction] {
        let state = state_without(&lab, hidden);
        let file = state_lie(&lab, state, hidden).unwrap();
        let lie = verify_lie(&file.print(), &[lab.view().key().clone()]).unwrap();
        assert_eq!((lie.by, lie.hidden), (Hiding::State { index: state }, hidden));
        correct(&lab, first);
    }
}

#[test]
fn what_a_release_of_a_copy_leaves_out_is_made_portable() {
    let lab = Lab::new();
    let dataset = lab.books();
    let first = admit(&lab, 1..300);
    lab.seal("books@1");
    lab.withdraw(dataset, first + 7);
    correct(&lab, first);
    let index = release_without(&lab, "books@1", "books@2", first);
    let file = release_lie(&lab, "books@2", first).unwrap();
    let lie = verify_lie(&file.print(), &[lab.view().key().clone()]).unwrap();
    assert!(matches!(&lie.by, Hiding::Release { index: at, name, .. } if (*at, name) == (index, &release("books@2"))));
    assert_eq!((lie.hidden, lie.missing), (first, vec![id(&isbn(1)).to_string()]));
    for other in [first + 1, first + 7] {
        assert_eq!(release_lie(&lab, "books@2", other), None, "entry {other} is there");
    }
    // What was withdrawn before is rightly left out.
    lab.withdraw(dataset, first + 1);
    release_without(&lab, "books@1", "books@3", first + 1);
    assert_eq!(release_lie(&lab, "books@3", first + 1), None);
}

/// A copy whose files are not those signed accuses its copier, not the log.
#[test]
fn a_rows_file_that_is_not_the_signed_one_is_no_evidence() {
    let lab = Lab::new();
    lab.books();
    let first = admit(&lab, 1..10);
    lab.seal("books@1");
    let correction = correct(&lab, first);
    let state = lab.view().state().0;
    let other = Lab::new();
    rows_without(&lab, Kind::Register, &register_path(state), "register/altered", correction);
    let altered = RowsFile::open(&lab.disk, "register/altered", Kind::Register).unwrap();
    let view = lab.view();
    assert_eq!(of_state(view.log(), view.key(), (state, &altered), correction).unwrap(), None);
    let short = RowsFile::open(&other.disk, &register_path(1), Kind::Register).unwrap();
    assert_eq!(of_state(view.log(), view.key(), (state, &short), correction).unwrap(), None);
    assert!(of_state(view.log(), view.key(), (state, &altered), view.log().size()).is_err(), "no such entry");
}
