//! The golden ledger: written once, it opens unchanged by every later version, and the same story writes it again byte
//! for byte.
//!
//! `UPDATE_GOLDEN=1 cargo test --test ledger golden` writes it anew: only before the first release of a format.

use super::lab::*;
use deedbook::ledger::{View, Writer};
use deedbook::rows::{MemoryTree, Row, work_key};
use deedbook::statement::dsse;
use deedbook::statement::terms::{Standing, Subject};
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::{
    Correction, Date, Dispute, GrantEnd, Is, Key, Kind, Model, Purpose, RowsRef, Run, Statement, Time, Use, V1,
    Withdrawal,
};
use deedbook::tlog::{KeyKind, SigningKey};
use deedbook::verify::{self, Question, Verdict};
use std::fs;
use std::path::{Path, PathBuf};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ledger/golden")
}

/// A life with statements of every kind that this version writes or reads unsigned.
fn story() -> Lab {
    let lab = Lab::new();
    let dataset = lab.books();
    let grant = lab.grant(&contract("north", &format!("{{ works = [\"{}\", \"{}\"] }}", isbn(900), isbn(901)), &[]));
    signed_grant(&lab);
    let text = books(1..6)
        + &format!("Signed for,{},\n", &isbn(902)[5..])
        + &format!("Contract,{},\nHeld,9780306406157,who knows\nBad,9780306406158,CC0-1.0\n", &isbn(900)[5..]);
    let first = lab.admit("books", &text);
    let release = lab.seal("books@v1").entry;
    lab.append(|w| dispute(w, first.first_entry + 1));
    lab.append(|w| {
        let (entries, note) =
            (vec![IndexRange { count: 1, first: first.first_entry + 2 }], Some("by letter".to_owned()));
        let (at, because, salt) = (w.now(), "request".to_owned(), w.salt());
        Statement::Withdrawal(Withdrawal { at, because, dataset, entries, kind: Is, note, salt, v: V1 })
    });
    lab.append(|w| {
        let (at, because, salt) = (w.now(), "terminated".to_owned(), w.salt());
        let effective = Date::parse("2026-06-01").unwrap();
        Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v: V1 })
    });
    lab.append(|w| {
        let (at, because, salt) = (w.now(), "a misprint".to_owned(), w.salt());
        let (entry, title) = (first.first_entry + 1, Some("Book One".to_owned()));
        Statement::Correction(Correction { at, because, entry, kind: Is, parties: Vec::new(), salt, title, v: V1 })
    });
    lab.append(|w| {
        Statement::Run(Run {
            at: w.now(),
            end: Time::parse("2026-02-01T07:00:00Z").unwrap(),
            gaps: None,
            kind: Is,
            model: Model::parse("novelist@1").unwrap(),
            purpose: Purpose::Commercial,
            releases: vec![release].into(),
            salt: w.salt(),
            start: Time::parse("2026-02-01T00:00:00Z").unwrap(),
            territories: Vec::new().into(),
            uses: vec![Use::GenerativeTraining].into(),
            v: V1,
            weights: Vec::new().into(),
        })
    });
    lab.append(|w| {
        use deedbook::statement::key::KeyEvent;
        let (at, because, salt) = (w.now(), "yearly".to_owned(), w.salt());
        let key = key().verifier().to_string();
        let effective = Time::parse("2027-01-01T00:00:00Z").unwrap();
        let successor = Some(key.clone());
        Statement::Key(Key { at, because, effective, event: KeyEvent::Rotation, key, kind: Is, salt, successor, v: V1 })
    });
    lab.seal("books@v2");
    lab
}

fn licensor() -> SigningKey {
    SigningKey::from_seed("south-press.example", KeyKind::Ed25519, &[9; 32]).unwrap()
}

/// A grant that the licensor signed over its own catalogue, for this log.
fn signed_grant(lab: &Lab) {
    let toml = contract("south", "{ party = \"stand-in\" }", &[]);
    let file = deedbook::licence::read_terms(toml.as_bytes(), deedbook::licence::Format::Toml).unwrap();
    let mut terms = file.into_terms(None).unwrap();
    let row = Row { key: work_key(&isbn(902)), value: 1 };
    let root = MemoryTree::new(deedbook::rows::Kind::Catalogue, &[row]).unwrap().root();
    terms.subject = Subject::Catalogue(RowsRef { count: 1, root });
    terms.licensor.ids = vec![id("id:example/south-press")].into();
    terms.licensor.key = Some(licensor().verifier().to_string());
    terms.licensee.log = Some(format!("{ORIGIN}+{}", key().verifier().id()));
    let (payload, to_sign) = dsse::to_sign(terms, dsse::GRANT_TYPE, "south");
    let envelope = dsse::seal(&payload, "", &licensor().sign(&to_sign));
    let catalogue = csv(&format!("isbn\n{}\n", &isbn(902)[5..]));
    deedbook::ledger::grant::add_signed(lab.writer(), &envelope, Some(catalogue), &[], false).unwrap();
}

/// A rightsholder's own words about an entry.
pub fn dispute(writer: &Writer, entry: u64) -> Statement {
    let claim = dsse::DisputeClaim {
        claim: "this is not my licence".to_owned(),
        entry,
        ids: vec![id("id:example/south-press")].into(),
        leaf: writer.view().log().leaf(entry).unwrap(),
        name: "South Press".to_owned(),
        origin: ORIGIN.to_owned(),
    };
    let (payload, to_sign) = dsse::to_sign(claim, dsse::DISPUTE_TYPE, "dispute");
    let envelope = dsse::seal(&payload, "", &licensor().sign(&to_sign));
    Statement::Dispute(Dispute { at: writer.now(), envelope, kind: Is, salt: writer.salt(), v: V1 })
}

/// A dispute that was erased keeps its row in every register, also in one that is made of what is left.
#[test]
fn an_erased_dispute_keeps_its_row() {
    let lab = Lab::new();
    lab.books();
    let admission = lab.admit("books", &books(1..3)).first_entry + 1;
    lab.seal("books@v1");
    let said = lab.append(|w| dispute(w, admission));
    lab.erase(said);
    let about = |lab: &Lab| lab.view().look_up(&format!("entry:{admission}")).unwrap();
    assert_eq!((about(&lab), lab.fsck()), (vec![said], Vec::new()));
    fs::remove_dir_all(lab.path().join("index")).unwrap();
    let mut lab = lab;
    lab.disk = deedbook::storage::Disk::open(lab.path()).unwrap();
    lab.admit("books", &books(3..5));
    lab.seal("books@v2");
    assert_eq!((about(&lab), lab.fsck()), (vec![said], Vec::new()));
    // Older registers may have been deleted; the newest is all that tells.
    let newest = lab.view().state().0;
    for file in fs::read_dir(lab.path().join("register")).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy() != newest.to_string() {
            fs::remove_file(file.path()).unwrap();
        }
    }
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

/// What the golden ledger consists of: everything but what is derived, and the key.
fn kept(path: &str) -> bool {
    !path.starts_with("index/") && !path.starts_with("private/lock")
}

#[test]
fn the_same_story_writes_the_same_bytes() {
    let lab = story();
    assert_eq!(lab.fsck(), Vec::<String>::new());
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        let _ = fs::remove_dir_all(golden());
        for (path, bytes) in files(lab.path()).iter().filter(|(path, _)| kept(path)) {
            fs::create_dir_all(golden().join(path).parent().unwrap()).unwrap();
            fs::write(golden().join(path), bytes).unwrap();
        }
    }
    let (now, golden) = (files(lab.path()), files(&golden()));
    let names = |all: &std::collections::BTreeMap<String, Vec<u8>>| {
        all.keys().filter(|path| kept(path)).cloned().collect::<Vec<_>>()
    };
    assert_eq!(names(&now), names(&golden));
    for (path, bytes) in golden {
        assert!(now[&path] == bytes, "{path} differs");
    }
}

#[test]
fn the_golden_ledger_opens_answers_and_goes_on() {
    let dir = folder();
    for (path, bytes) in files(&golden()) {
        let target = dir.path().join(&path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, bytes).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(if path == "private/key" { 0o600 } else { 0o644 });
        fs::set_permissions(&target, mode).unwrap();
    }
    let report = deedbook::ledger::fsck::fsck(dir.path(), now(59)).unwrap();
    assert_eq!(report.damage, Vec::<String>::new());
    // An erasure comes with an entry taken out, which no command does yet.
    for kind in Kind::ALL.into_iter().filter(|k| *k != Kind::Erasure) {
        assert!(report.entries.contains_key(&kind), "{kind}");
    }
    let view = View::open(dir.path()).unwrap();
    let works = [vec![id(&isbn(1))], vec![id(&isbn(2))], vec![id(&isbn(900))], vec![id(&isbn(902))]];
    let proven = deedbook::ledger::prove::prove(&view, &release("books@v2"), &works).unwrap();
    let verdicts: Vec<_> = proven.facts.works.iter().map(|w| (w.identifiers[0].clone(), w.verdict)).collect();
    let expected = [(1, Verdict::Covered), (2, Verdict::Absent), (900, Verdict::Covered), (902, Verdict::Covered)];
    assert_eq!(verdicts, expected.map(|(n, v)| (id(&isbn(n)), v)));
    assert!(proven.facts.works[0].admissions[0].about.iter().any(|(_, s)| s.head().0 == Kind::Dispute));
    let mut trust = deedbook::verify::Trust::log(view.key().clone()).unwrap();
    let line = format!("licensor id:example/south-press {}", licensor().verifier());
    trust.licensors = deedbook::verify::Licensors::parse(&line).unwrap();
    let facts = verify::verify(&proven.bytes, &trust, &Question::default()).unwrap();
    let standings: Vec<_> = facts.works.iter().map(|w| w.standing).collect();
    assert_eq!(standings, [Some(Standing::Asserted), None, Some(Standing::Asserted), Some(Standing::Signed)]);
    let audit = deedbook::ledger::fsck::audit(dir.path(), &trust, now(59)).unwrap();
    assert_eq!((audit.is_sound(), audit.judged.standings.get(&Standing::Signed)), (true, Some(&1)), "{audit:?}");
    let at = |day: &str| {
        let question = Question { at: Some(Date::parse(day).unwrap()), ..Question::default() };
        verify::verify(&proven.bytes, &trust, &question).unwrap().works[2].verdict
    };
    // The contract starts in 2026 and was ended later; of days after the register's state nobody can tell.
    assert_eq!(
        [at("2025-12-31"), at("2026-01-01"), at("2026-05-31")],
        [Verdict::Gap, Verdict::Covered, Verdict::Unknown]
    );
    let writer = deedbook::ledger::Writer::open(dir.path(), now(58), false).unwrap();
    let outcome =
        deedbook::ledger::admit::admit(writer, &name("books"), vec![csv(&books(1..9)).into()], options()).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.duplicates), (4, 4));
}
