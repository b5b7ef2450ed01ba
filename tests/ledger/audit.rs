//! The auditor's full copy: an honest ledger of every kind of grant is found sound by her key alone; each thing that a
//! gate must not have let in, or a writer must not have said, is found though every byte is signed.

use crate::lab::*;
use deedbook::ledger::Writer;
use deedbook::ledger::fsck::{Audit, Difference, audit};
use deedbook::licence::Rules;
use deedbook::statement::screening::ListKind;
use deedbook::statement::terms::Standing;
use deedbook::statement::vocabulary::Obligation;
use deedbook::statement::{
    Admission, Code, Codes, Date, Grant, GrantEnd, Is, Layer, Purpose, RowsRef, Screening, State, Statement, Terms,
    Use, V1,
};
use deedbook::tlog::{KeyKind, SigningKey, VerifierKey};
use deedbook::verify::{Trust, Verdict};
use std::fs;

fn by(key: &VerifierKey) -> Trust {
    Trust::log(key.clone()).unwrap()
}

fn audited(lab: &Lab) -> Audit {
    audit(lab.path(), &by(key().verifier()), now(200)).unwrap()
}

/// Ends a grant on a day.
fn end(lab: &Lab, grant: u64, day: &str) {
    lab.append(|w| {
        let (at, salt, because) = (w.now(), w.salt(), "it was agreed".to_owned());
        let effective = Date::parse(day).unwrap();
        Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v: V1 })
    });
}

/// Grants by catalogue, by party, by licence and by an open licence; a list; works used before; a withdrawal, an erasure
/// and an end; two releases.
fn lab() -> Lab {
    let lab = Lab::new();
    let dataset = lab.books();
    lab.dataset("study", Purpose::Research, &[Use::GenerativeTraining], &[Layer::Text]);
    let listed = format!("{{ works = [\"{}\", \"{}\"] }}", isbn(100), isbn(101));
    let north = lab.grant(&contract("north", &listed, &[("obligations", "[\"reporting\"]")]));
    lab.grant(&contract("party", "{ party = \"South Press\" }", &[]));
    lab.grant(&contract("by-licence", "{ licence = \"MIT\" }", &[]));
    let rows = format!(
        "title,isbn,licence,publisher,used_from\nNorth,{},,,\nSouth,{},,South Press,2026-01-05\nCode,{},MIT,,\n",
        isbn(100).trim_start_matches("isbn:"),
        isbn(102).trim_start_matches("isbn:"),
        isbn(103).trim_start_matches("isbn:")
    );
    let outcome = lab.admit("books", &rows);
    assert_eq!(outcome.tally.admitted, 3, "{:?}", outcome.examples);
    lab.admit("books", &books(1..6));
    let denied = isbn(7).trim_start_matches("isbn:").to_owned();
    let mut with_list = options();
    with_list.lists = vec![Lab::list(ListKind::Deny, &format!("isbn\n{denied}\n"))];
    let outcome = lab.try_admit("books", &books(6..9), with_list).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (2, 1));
    lab.admit("study", "title,isbn,licence\nShared,9780306406157,CC-BY-NC-SA-4.0\n");
    lab.seal("books@v1");
    let admissions = admissions(&lab);
    lab.withdraw(dataset, admissions[3].0);
    lab.erase(admissions[4].0);
    end(&lab, north, "2026-03-01");
    lab.seal("books@v2");
    lab.seal("study@v1");
    lab
}

fn admissions(lab: &Lab) -> Vec<(u64, Admission)> {
    let view = lab.view();
    let admission = |index| match view.statement(index) {
        Ok(Statement::Admission(admission)) => Some((index, *admission)),
        _ => None,
    };
    (0..view.log().size()).filter_map(admission).collect()
}

#[test]
fn an_honest_copy_is_sound_by_the_auditors_key_alone() {
    let lab = lab();
    for left_behind in ["private", "index"] {
        fs::remove_dir_all(lab.path().join(left_behind)).unwrap();
    }
    let found = audited(&lab);
    assert_eq!((found.report.damage.as_slice(), found.judged.differences.as_slice()), (&[][..], &[][..]));
    assert!(found.is_sound());
    let judged = &found.judged;
    assert_eq!(judged.verdicts.get(&Verdict::Covered), Some(&9));
    assert_eq!(judged.verdicts.get(&Verdict::CoveredAsClaimed), Some(&1));
    assert_eq!(judged.verdicts.len(), 2, "one admission of eleven is erased");
    assert_eq!(judged.standings.get(&Standing::Asserted), Some(&10));
    let releases: Vec<String> = found.report.releases.iter().map(|(_, name, _)| name.to_string()).collect();
    assert_eq!(releases, ["books@v1", "books@v2", "study@v1"]);
    assert_eq!((found.witnessed_at, judged.bracketed), (None, 0));
}

#[test]
fn another_key_of_the_same_name_finds_nothing_sound() {
    let lab = lab();
    let other = SigningKey::from_seed(ORIGIN, KeyKind::Ed25519, &[8; 32]).unwrap();
    let found = audit(lab.path(), &by(other.verifier()), now(200)).unwrap();
    assert!(!found.is_sound());
    assert!(found.report.damage.iter().any(|what| what.contains("log/checkpoint")), "{:?}", found.report.damage);
    // What the copy says of its own key does not count.
    let settings = fs::read_to_string(lab.path().join("ledger.toml")).unwrap();
    let own = settings.replace(&key().verifier().to_string(), &other.verifier().to_string());
    fs::write(lab.path().join("ledger.toml"), own).unwrap();
    assert!(audited(&lab).is_sound());
}

/// A batch of one admission, as the gate never made it: the first honest one with a new work and a change.
fn cheat(lab: &Lab, change: impl Fn(&mut Admission)) -> Difference {
    let (_, honest) = admissions(lab).into_iter().find(|(_, a)| a.licence.is_some()).unwrap();
    let mut writer = lab.writer();
    let first_entry = writer.next();
    let mut admission = Admission { at: writer.now(), salt: writer.salt(), same_as: None, ..honest };
    admission.identifiers = vec![id(&isbn(5000))].into();
    change(&mut admission);
    let dataset = admission.dataset;
    let rules = Rules::default_rules().digest().clone();
    writer.append(&Statement::Admission(Box::new(admission))).unwrap();
    writer.append(&Statement::Screening(screened(&writer, dataset, first_entry, rules))).unwrap();
    writer.commit(true).unwrap();
    let found = audited(lab);
    assert_eq!(found.report.damage, Vec::<String>::new(), "every byte is signed, and no other check sees it");
    assert!(!found.is_sound());
    let [difference] = &found.judged.differences[..] else { panic!("{:?}", found.judged.differences) };
    assert_eq!(difference.index, first_entry);
    difference.clone()
}

fn screened(w: &Writer, dataset: u64, first_entry: u64, rules: deedbook::statement::Identifier) -> Screening {
    Screening {
        admitted: 1,
        at: w.now(),
        considered: 1,
        dataset,
        duplicates: 0,
        first_entry,
        held: 0,
        kind: Is,
        lists: Vec::new(),
        reasons: Default::default(),
        refused: 0,
        report: None,
        rules,
        salt: w.salt(),
        v: V1,
    }
}

fn grants(lab: &Lab, name_: &str) -> u64 {
    lab.view().grant(&name(name_)).unwrap().0
}

#[test]
fn every_admission_that_the_gate_must_have_refused_is_found() {
    let codes = |change: &dyn Fn(&Lab, &mut Admission)| {
        let lab = lab();
        // Reading while the writer is open needs its own view.
        let found = cheat(&lab, |a| change(&lab, a));
        assert_eq!(found.what, Vec::<String>::new());
        found.codes
    };
    let covered_by = |name_: &'static str| {
        move |lab: &Lab, a: &mut Admission| {
            a.grants = [(Layer::Text, grants(lab, name_))].into();
            a.licence = None;
            let terms = lab.view().grant(&name(name_)).unwrap().2;
            a.obligations = terms.obligations;
        }
    };
    let without = |_: &Lab, a: &mut Admission| (a.grants, a.obligations) = Default::default();
    assert_eq!(codes(&without), Code::NoGrant.into());
    // The work is not in the catalogue, not this party's, not under this licence.
    assert_eq!(codes(&|lab, a| covered_by("north")(lab, a)), Code::NotInSubject.into());
    assert_eq!(codes(&|lab, a| covered_by("party")(lab, a)), Code::NotInSubject.into());
    assert_eq!(codes(&|lab, a| covered_by("by-licence")(lab, a)), Code::NotInSubject.into());
    // A grant for research, in the commercial dataset.
    let research = |lab: &Lab, a: &mut Admission| {
        let (_, shared) = admissions(lab).into_iter().find(|(_, s)| s.dataset != a.dataset).unwrap();
        (a.grants, a.licence, a.obligations) = (shared.grants, shared.licence, shared.obligations);
    };
    assert_eq!(codes(&research), Code::PurposeNotCovered.into());
    let early = |lab: &Lab, a: &mut Admission| {
        covered_by("north")(lab, a);
        a.identifiers = vec![id(&isbn(101))].into();
        a.used_from = Some(Date::parse("2025-12-31").unwrap());
    };
    assert_eq!(codes(&early), Code::NotYetValid.into());
    // Without a name of its own.
    assert_eq!(codes(&|_, a| a.identifiers = vec![].into()), Code::NoIdentifier.into());
}

/// An end counts from its day on where it was logged before, and not where it was logged after.
#[test]
fn ends_count_as_far_as_they_were_known() {
    let lab = lab();
    let party = grants(&lab, "party");
    let admit = |number: u64| {
        let number = isbn(number).trim_start_matches("isbn:").to_owned();
        lab.admit("books", &format!("title,isbn,publisher\nSouth,{number},South Press\n")).tally.admitted
    };
    assert_eq!(admit(200), 1);
    end(&lab, party, "2026-01-02");
    assert!(audited(&lab).is_sound(), "it was retroactive: the gate could not know");
    assert_eq!(admit(201), 0, "the gate knows it now");
    let found = cheat(&lab, |a| {
        a.grants = [(Layer::Text, party)].into();
        a.parties = admissions(&lab).into_iter().find(|(_, s)| !s.parties.is_empty()).unwrap().1.parties;
        (a.licence, a.obligations) = (None, vec![].into());
    });
    assert_eq!(found.codes, Codes::from(Code::Ended));
}

#[test]
fn what_an_admission_says_beside_its_grants_must_follow() {
    let what = |change: &dyn Fn(&mut Admission)| {
        let found = cheat(&lab(), change);
        assert!(found.codes.is_empty());
        found.what.join("; ")
    };
    assert_eq!(what(&|a| a.obligations = vec![].into()), "its obligations are not those of its grants");
    let more = vec![Obligation::Attribution, Obligation::Deletion];
    assert_eq!(what(&|a| a.obligations = more.clone().into()), "its obligations are not those of its grants");
    let raw = |a: &mut Admission| a.licence.as_mut().unwrap().raw = "all rights reserved".to_owned();
    assert_eq!(what(&raw), "its licence reads as nothing known");
}

#[test]
fn a_list_that_was_asked_is_asked_again() {
    let lab = lab();
    let view = lab.view();
    let screenings = (0..view.log().size()).filter_map(|index| match view.statement(index) {
        Ok(Statement::Screening(s)) if !s.lists.is_empty() => Some(s),
        _ => None,
    });
    let lists = screenings.last().unwrap().lists;
    let (_, honest) = admissions(&lab).into_iter().find(|(_, a)| a.licence.is_some()).unwrap();
    let mut writer = lab.writer();
    let first_entry = writer.next();
    let mut admission = Admission { at: writer.now(), salt: writer.salt(), ..honest };
    admission.identifiers = vec![id(&isbn(7))].into();
    let dataset = admission.dataset;
    writer.append(&Statement::Admission(Box::new(admission))).unwrap();
    let rules = Rules::default_rules().digest().clone();
    let screening = Screening { lists, ..screened(&writer, dataset, first_entry, rules) };
    writer.append(&Statement::Screening(screening)).unwrap();
    writer.commit(true).unwrap();
    let found = audited(&lab);
    let expected = Difference { index: first_entry, codes: Code::Denied.into(), what: Vec::new() };
    assert_eq!(found.judged.differences, [expected]);
}

/// The lab's reading of an open licence is not wider than the rules file that it names.
#[test]
fn terms_of_an_open_licence_must_follow_from_their_rules() {
    let lab = lab();
    let rules = Rules::default_rules();
    let wide = Terms {
        id: name("open-wide"),
        purposes: vec![Purpose::Commercial, Purpose::Research].into(),
        ..rules.open_grants("CC-BY-NC-4.0").remove(0)
    };
    let index = lab.append(|w| {
        let (at, salt) = (w.now(), w.salt());
        Statement::Grant(Box::new(Grant { at, envelope: None, kind: Is, salt, terms: Some(wide.clone()), v: V1 }))
    });
    let found = audited(&lab);
    let [difference] = &found.judged.differences[..] else { panic!("{:?}", found.judged.differences) };
    assert_eq!((difference.index, difference.codes), (index, Codes::NONE));
    assert!(difference.what[0].starts_with("its terms do not follow from the rules file blake3:"));
}

/// Of an expression with a choice, the grant is one of the choices, with that choice's terms.
#[test]
fn the_choice_of_an_expression_must_be_one_that_it_leaves() {
    let [strict, lenient] = &Rules::default_rules().open_grants("CC-BY-NC-4.0 OR MIT")[..] else { panic!("two") };
    let recorded = |terms: &Terms| {
        let lab = lab();
        lab.append(|w| {
            let (at, salt) = (w.now(), w.salt());
            Statement::Grant(Box::new(Grant { at, envelope: None, kind: Is, salt, terms: Some(terms.clone()), v: V1 }))
        });
        audited(&lab).judged.differences.len()
    };
    assert_eq!((recorded(strict), recorded(lenient)), (0, 0));
    assert_eq!(recorded(&Terms { licence: "ISC".to_owned(), ..lenient.clone() }), 1);
    assert_eq!(recorded(&Terms { licence: strict.licence.clone(), ..lenient.clone() }), 1);
}

/// A signed grant that the lab recorded past its own checks.
#[test]
fn a_signed_grant_is_by_its_licensor_and_for_this_log() {
    use deedbook::statement::dsse;
    let press = SigningKey::from_seed("press.example", KeyKind::Ed25519, &[9; 32]).unwrap();
    let found = |log: &str, signer: &SigningKey| {
        let lab = Lab::new();
        let toml = contract("north", "{ party = \"North Press\" }", &[]);
        let file = deedbook::licence::read_terms(toml.as_bytes(), deedbook::licence::Format::Toml).unwrap();
        let mut terms = file.into_terms(None).unwrap();
        terms.licensor.key = Some(press.verifier().to_string());
        terms.licensee.log = Some(log.to_owned());
        let (payload, to_sign) = dsse::to_sign(terms, dsse::GRANT_TYPE, "north");
        let envelope = Some(dsse::seal(&payload, "", &signer.sign(&to_sign)));
        lab.append(|w| {
            let (at, salt, envelope) = (w.now(), w.salt(), envelope.clone());
            Statement::Grant(Box::new(Grant { at, envelope, kind: Is, salt, terms: None, v: V1 }))
        });
        let differences = audited(&lab).judged.differences;
        differences.into_iter().flat_map(|d| d.what).collect::<Vec<_>>()
    };
    let this = format!("{ORIGIN}+{}", key().verifier().id());
    assert_eq!(found(&this, &press), Vec::<String>::new());
    assert_eq!(found("other.example/deeds+00000000", &press), ["is signed for another log"]);
    assert_eq!(found(&this, &key()), ["is not signed by the licensor's key that it names"]);
}

/// A state that leaves out an end, and a release that leaves out a work: signed, and named with what they hide.
#[test]
fn what_a_state_or_a_release_hides_is_named() {
    use deedbook::index::{RowsFile, register_path, root_of, write_rows};
    use deedbook::rows;
    let lab = lab();
    let north = grants(&lab, "north");
    let ends = lab.view().look_up(&format!("entry:{north}")).unwrap();
    let newest = register_path(lab.view().state().0);
    let honest = RowsFile::open(&lab.disk, &newest, rows::Kind::Register).unwrap();
    let kept = honest.stream().filter(|row| !ends.contains(&row.as_ref().unwrap().value));
    let kept: Vec<_> = kept.collect();
    let size = lab.view().log().size();
    let path = register_path(size);
    write_rows(&lab.disk, &path, rows::Kind::Register, kept.into_iter()).unwrap();
    let (count, root) = root_of(&lab.disk, &path, rows::Kind::Register, false).unwrap();
    let register = RowsRef { count, root };
    let state = lab.append(|w| {
        let (at, salt, log_size) = (w.now(), w.salt(), w.next());
        Statement::State(State { at, kind: Is, log_size, register, salt, v: V1 })
    });
    assert_eq!(state, size);
    assert_eq!(audited(&lab).report.hidden, [(state, ends[0])]);

    let lab = lab_with_hidden_work();
    let found = audited(&lab.0);
    assert_eq!(found.report.hidden, [(lab.1, lab.2)]);
    assert!(found.report.damage.join("\n").contains("its rows leave out entry"));
}

/// The lab, the release that leaves a work out, and the work's admission.
fn lab_with_hidden_work() -> (Lab, u64, u64) {
    use deedbook::index::{RowsFile, root_of, write_rows};
    use deedbook::rows;
    let lab = lab();
    let hidden = admissions(&lab)[0].0;
    let honest = RowsFile::open(&lab.disk, "release/books/v2", rows::Kind::Release).unwrap();
    let kept: Vec<_> = honest.stream().filter(|row| row.as_ref().unwrap().value != hidden).collect();
    let path = "release/books/v3";
    write_rows(&lab.disk, path, rows::Kind::Release, kept.into_iter()).unwrap();
    let (count, root) = root_of(&lab.disk, path, rows::Kind::Release, false).unwrap();
    let release_at = lab.append(|w| {
        let (_, before) = w.view().release(&release("books@v2")).unwrap();
        let (at, salt, log_size) = (w.now(), w.salt(), w.next());
        let (rows, works, version) = (RowsRef { count, root }, before.works - 1, name("v3"));
        Statement::Release(deedbook::statement::Release { at, log_size, rows, salt, version, works, ..before })
    });
    (lab, release_at, hidden)
}
