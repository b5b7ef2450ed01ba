//! What is said of works and grants after they were recorded: ends, withdrawals, disputes, corrections. Each is a later
//! statement: proofs made before still verify and say what they said, proofs made after show it, and the whole ledger
//! stays sound.

use crate::lab::*;
use deedbook::ingest::Progress;
use deedbook::ledger::check::Answer;
use deedbook::ledger::correct::{Corrected, Right, correct};
use deedbook::ledger::dispute::{self, Says};
use deedbook::ledger::fsck::audit;
use deedbook::ledger::source::Presence;
use deedbook::ledger::withdraw::{Listed, Which, Withdrawn, withdraw};
use deedbook::ledger::{LedgerError, View, Why, grant, show};
use deedbook::statement::admission::Party;
use deedbook::statement::dsse::{self, DisputeClaim, DsseError};
use deedbook::statement::limit::MAX_RANGES;
use deedbook::statement::vocabulary::Role;
use deedbook::statement::withdrawal::IndexRange;
use deedbook::statement::{Date, Dispute, Is, Layer, Purpose, Set, Statement, Use, V1, Withdrawal};
use deedbook::storage::Disk;
use deedbook::tlog::tile::MAX_ENTRY_LEN;
use deedbook::tlog::{Hash, KeyKind, SigningKey, leaf_hash};
use deedbook::verify::{Attestation, Licensors, Question, Trust, Verdict, VerifyError, verify};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn why() -> Why {
    Why { because: "request".to_owned(), note: None }
}

fn trust() -> Trust {
    Trust::log(key().verifier().clone()).unwrap()
}

fn size(lab: &Lab) -> u64 {
    lab.view().log().size()
}

fn sound(lab: &Lab) {
    assert_eq!(lab.fsck(), Vec::<String>::new());
    let audit = audit(lab.path(), &trust(), now(250)).unwrap();
    assert!(audit.is_sound(), "{:?} {:?}", audit.report.damage, audit.judged.differences);
}

/// The log index of the only admission of a book that is there in this release.
fn entries(lab: &Lab, release: &str, work: &str) -> Vec<u64> {
    let proven = lab.prove(release, &[work]);
    proven.facts.works[0].admissions.iter().map(|a| a.index).collect()
}

/// Books 1 to 3 in `books`, sealed as `books@1`.
fn sealed() -> Lab {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..4));
    lab.seal("books@1");
    lab
}

fn named(lab: &Lab, ids: &[&str]) -> Result<Withdrawn, LedgerError> {
    let ids = ids.iter().map(|text| id(text)).collect();
    withdraw(lab.writer(), &name("books"), Which::Named(ids), why(), false)
}

fn batch(lab: &Lab, screening: u64) -> Result<Withdrawn, LedgerError> {
    withdraw(lab.writer(), &name("books"), Which::Batch(screening), why(), false)
}

/// What was said of a work of a catalogue, and the entries named.
type Said = (Presence, Vec<u64>);

/// Withdraws by a catalogue.
fn listed(lab: &Lab, text: &str) -> Result<(Withdrawn, Vec<Said>), LedgerError> {
    let mut answers = Vec::new();
    let mut each = |answer: &Answer| {
        answers.push((answer.answer, answer.entries.clone()));
        Ok(())
    };
    let (sources, progress) = (vec![csv(text).into()], Progress::default());
    let which = Which::Listed(Listed { sources, map: Vec::new(), progress, each: &mut each });
    let withdrawn = withdraw(lab.writer(), &name("books"), which, why(), false)?;
    Ok((withdrawn, answers))
}

fn withdrawals(view: &View) -> Vec<Withdrawal> {
    let one = |(_, statement)| if let Statement::Withdrawal(w) = statement { Some(w) } else { None };
    view.registered().unwrap().into_iter().filter_map(one).collect()
}

// --- the end of a grant ---

fn end(lab: &Lab, id: &str, effective: &str) -> Result<grant::Ended, LedgerError> {
    grant::end(lab.writer(), &name(id), day(effective), why())
}

#[test]
fn the_earliest_end_counts_and_one_that_changes_nothing_is_refused() {
    let lab = Lab::new();
    let north = lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(1)), &[]));
    let first = end(&lab, "north", "2027-01-01").unwrap();
    assert_eq!((first.grant, first.before), (north, None));
    let second = end(&lab, "north", "2026-01-10").unwrap();
    // The lab's clock stands at 2026-02-01.
    assert_eq!((second.before, second.recorded.days_since(day("2026-01-10"))), (Some(day("2027-01-01")), 22));
    assert_eq!(grant::list(&lab.view()).unwrap()[0].ended, Some(day("2026-01-10")));
    let before = size(&lab);
    for late in ["2026-01-10", "2026-01-11", "2027-01-01"] {
        let Err(LedgerError::AlreadyEnded { id, ended, index }) = end(&lab, "north", late) else { panic!("{late}") };
        assert_eq!((id.as_str(), ended, index), ("north", day("2026-01-10"), second.entry));
    }
    match end(&lab, "south", "2026-01-01") {
        Err(LedgerError::Unknown { what: "grant", known, .. }) => assert_eq!(known, ["north"]),
        other => panic!("{other:?}"),
    }
    assert_eq!(size(&lab), before, "nothing was written");
    sound(&lab);
}

/// The terms of these contracts end on 2028-01-01 by themselves.
#[test]
fn an_end_after_the_terms_are_over_is_refused() {
    let lab = Lab::new();
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(1)), &[]));
    let before = size(&lab);
    assert!(
        matches!(end(&lab, "north", "2028-01-01"), Err(LedgerError::AlreadyOver { to, .. }) if to == day("2028-01-01"))
    );
    assert_eq!(size(&lab), before);
    end(&lab, "north", "2027-12-31").unwrap();
}

#[test]
fn an_end_is_in_every_later_proof_and_in_no_earlier_one() {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("north", &format!("{{ works = [\"{}\"] }}", isbn(1)), &[]));
    lab.admit("books", &format!("title,isbn\nOne,{}\n", isbn(1).trim_start_matches("isbn:")));
    lab.seal("books@1");
    let before = lab.prove("books@1", &[&isbn(1)]);
    let entry = end(&lab, "north", "2026-01-20").unwrap().entry;
    let after = lab.prove("books@1", &[&isbn(1)]);
    let facts = |bytes: &[u8]| verify(bytes, &trust(), &Question::default()).unwrap();
    let (old, new) = (facts(&before.bytes), facts(&after.bytes));
    assert_eq!((old.grants[0].ended, old.works[0].verdict), (None, Verdict::Covered));
    assert_eq!((new.grants[0].ended, new.works[0].verdict), (Some(day("2026-01-20")), Verdict::Gap));
    assert_eq!(new.grants[0].about[0].0, entry);
    // On a day before the end it covered all the same.
    let at = Question { at: Some(day("2026-01-19")), ..Question::default() };
    assert_eq!(verify(&after.bytes, &trust(), &at).unwrap().works[0].verdict, Verdict::Covered);
    // The gate goes by it from now on.
    let refused = lab.admit("books", &format!("title,isbn\nAnother,{}\n", isbn(2).trim_start_matches("isbn:")));
    assert_eq!(refused.tally.admitted, 0);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

// --- withdrawal ---

#[test]
fn a_withdrawn_work_leaves_later_releases_stays_in_earlier_ones_and_may_come_back() {
    let lab = sealed();
    let before = lab.prove("books@1", &[&isbn(1), &isbn(2)]);
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let withdrawn = named(&lab, &[&isbn(1)]).unwrap();
    assert_eq!((withdrawn.works, withdrawn.admissions, withdrawn.ranges), (1, 1, 1));
    assert_eq!(withdrawn.releases, [(release("books@1"), 1)]);
    assert_eq!(lab.seal("books@2").works, 2);
    let absent = lab.prove("books@2", &[&isbn(1)]);
    assert_eq!(absent.facts.works[0].verdict, Verdict::Absent);
    // The earlier release has it as before, and says that it was withdrawn since.
    let old = lab.prove("books@1", &[&isbn(1), &isbn(2)]);
    assert_eq!(old.facts.works[0].admissions[0].index, admission);
    assert_eq!(old.facts.release_entry, before.facts.release_entry);
    let [(index, Statement::Withdrawal(said))] = &old.facts.about_dataset[..] else { panic!() };
    assert!((*index, said.names(admission)) == (withdrawn.entries[0], true));
    assert!(verify(&before.bytes, &trust(), &Question::default()).unwrap().about_dataset.is_empty());

    // It is no duplicate of what has left, and of no work that it was of.
    let again = lab.admit("books", &books(1..4));
    assert_eq!((again.tally.admitted, again.tally.duplicates), (1, 2));
    assert_eq!(lab.seal("books@3").works, 3);
    let back = entries(&lab, "books@3", &isbn(1));
    assert!(back.len() == 1 && back[0] > withdrawn.entries[0], "{back:?}");
    let Statement::Admission(back) = lab.view().statement(back[0]).unwrap() else { panic!() };
    assert_eq!(back.same_as, None);
    // And it can leave again.
    assert_eq!(named(&lab, &[&isbn(1)]).unwrap().admissions, 1);
    assert_eq!(lab.seal("books@4").works, 2);
    sound(&lab);
}

#[test]
fn a_work_that_is_not_in_is_named_and_nothing_is_written() {
    let lab = sealed();
    named(&lab, &[&isbn(2)]).unwrap();
    let before = size(&lab);
    match named(&lab, &[&isbn(1), &isbn(2), &isbn(9), "doi:10.1000/none"]) {
        Err(LedgerError::NotIn { dataset, missing }) => {
            assert_eq!(dataset, name("books"));
            assert_eq!(missing, [id(&isbn(2)), id(&isbn(9)), id("doi:10.1000/none")]);
        }
        other => panic!("{other:?}"),
    }
    let none = "isbn\n".to_owned() + isbn(9).trim_start_matches("isbn:") + "\n";
    assert!(matches!(listed(&lab, &none), Err(LedgerError::NoneIn { asked: 1, .. })));
    assert!(matches!(listed(&lab, "isbn\n"), Err(LedgerError::NothingAsked)));
    let unknown = withdraw(lab.writer(), &name("bocks"), Which::Batch(0), why(), false);
    assert!(matches!(unknown, Err(LedgerError::Unknown { known, .. }) if known == ["books"]));
    assert_eq!(size(&lab), before);
    sound(&lab);
}

/// A recording in three files, of which each was met in another batch.
#[test]
fn a_work_leaves_with_all_its_embodiments() {
    let lab = Lab::new();
    lab.dataset("books", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Master]);
    let digest = |c: char| c.to_string().repeat(64);
    let songs = |rows: &str| format!("title,isrc,blake3,licence\n{rows}");
    let row = |isrc: &str, c: char| format!("Song,{isrc},{},CC-BY-4.0\n", digest(c));
    lab.admit("books", &songs(&row("QZDEE2600001", 'a')));
    lab.admit("books", &songs(&(row("QZDEE2600001", 'b') + &row("QZDEE2600002", 'd'))));
    lab.admit("books", &songs(&row("QZDEE2600001", 'c')));
    assert_eq!(lab.seal("books@1").works, 2);
    // By the bytes of one of its files.
    let withdrawn = named(&lab, &[&format!("blake3:{}", digest('b'))]).unwrap();
    assert_eq!((withdrawn.works, withdrawn.admissions), (1, 3));
    assert_eq!(lab.seal("books@2").works, 1);
    for gone in ["isrc:QZDEE2600001", &format!("blake3:{}", digest('a')), &format!("blake3:{}", digest('c'))] {
        assert_eq!(lab.prove("books@2", &[gone]).facts.works[0].verdict, Verdict::Absent, "{gone}");
    }
    sound(&lab);
}

/// Articles of one journal: a record that names an article means the article, one that has only the journal's number
/// means the journal.
#[test]
fn a_record_that_names_a_work_does_not_mean_its_group() {
    let lab = Lab::new();
    lab.books();
    let articles = "title,doi,issn,licence\nA,10.1000/a,0317-8471,CC-BY-4.0\nB,10.1000/b,0317-8471,CC-BY-4.0\n\
                    C,10.1000/c,0317-8471,CC-BY-4.0\nD,10.1000/d,,CC-BY-4.0\n";
    assert_eq!(lab.admit("books", articles).tally.admitted, 4);
    let (withdrawn, answers) = listed(&lab, "doi,issn\n10.1000/a,0317-8471\n10.1000/none,0317-8471\n").unwrap();
    assert_eq!((withdrawn.works, withdrawn.asked.present, withdrawn.asked.absent), (1, 1, 1));
    assert_eq!((answers[0].0, answers[1].0), (Presence::Present, Presence::Absent));
    let (withdrawn, _) = listed(&lab, "issn\n0317-8471\n").unwrap();
    assert_eq!((withdrawn.works, withdrawn.asked.present), (2, 1));
    assert_eq!(lab.seal("books@1").works, 1);
    sound(&lab);
}

#[test]
fn works_of_a_catalogue_that_are_not_in_or_cannot_be_asked_are_counted() {
    let lab = sealed();
    let catalogue = books([3, 1, 77]) + "Mistyped,9783161484101,\nNothing,,\n";
    let (withdrawn, answers) = listed(&lab, &catalogue).unwrap();
    let asked = withdrawn.asked;
    assert_eq!((asked.rows, asked.present, asked.absent, asked.invalid), (5, 2, 1, 2));
    let wanted = [Presence::Present, Presence::Present, Presence::Absent, Presence::Invalid, Presence::Invalid];
    assert_eq!(answers.iter().map(|(answer, _)| *answer).collect::<Vec<_>>(), wanted);
    assert_eq!(answers[0].1, entries(&lab, "books@1", &isbn(3)));
    assert_eq!((withdrawn.works, lab.seal("books@2").works), (2, 1));
    sound(&lab);
}

#[test]
fn a_batch_leaves_as_a_whole_and_no_other_admission_with_it() {
    let lab = sealed();
    lab.dataset("other", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    let digest = "e".repeat(64);
    // One more form of book 1, and books 10 and 11.
    let rows = format!("Book 1,{},CC-BY-4.0,{digest}\n", isbn(1).trim_start_matches("isbn:"));
    let more = books([10, 11]).lines().skip(1).map(|l| format!("{l},\n")).collect::<String>();
    let mistaken = lab.admit("books", &format!("title,isbn,licence,blake3\n{rows}{more}"));
    let other = lab.admit("other", &books([1, 10]));
    let (mistaken, other) = (mistaken.screening.unwrap(), other.screening.unwrap());
    lab.seal("books@2");
    let withdrawn = batch(&lab, mistaken).unwrap();
    assert_eq!((withdrawn.works, withdrawn.admissions, withdrawn.ranges), (3, 3, 1));
    assert_eq!(withdrawn.releases, [(release("books@2"), 3)]);
    let sealed = lab.seal("books@3");
    assert_eq!((sealed.works, sealed.root), (3, lab.view().release(&release("books@1")).unwrap().1.rows.root));
    let before = size(&lab);
    assert!(matches!(batch(&lab, mistaken), Err(LedgerError::BatchGone { index }) if index == mistaken));
    for wrong in [other, mistaken - 1, 0] {
        let Err(LedgerError::NoBatch { index, known, .. }) = batch(&lab, wrong) else { panic!("{wrong}") };
        assert_eq!((index, known[0], known.len()), (wrong, mistaken, 2));
    }
    assert!(batch(&lab, 1000).is_err());
    assert_eq!(size(&lab), before);
    sound(&lab);
}

#[test]
fn a_dry_run_says_the_same_and_writes_nothing() {
    let lab = sealed();
    let before = files(lab.path());
    let which = || Which::Named(vec![id(&isbn(2)), id(&isbn(3))]);
    let would = withdraw(lab.writer(), &name("books"), which(), why(), true).unwrap();
    let log = |files: &std::collections::BTreeMap<String, Vec<u8>>| files["log/checkpoint"].clone();
    assert_eq!(log(&files(lab.path())), log(&before));
    assert!(would.checkpoint.is_none() && would.entries.is_empty());
    let does = withdraw(lab.writer(), &name("books"), which(), why(), false).unwrap();
    assert_eq!((would.works, would.admissions, would.ranges), (does.works, does.admissions, does.ranges));
    assert_eq!(would.releases, does.releases);
}

/// The fewest ranges: the taken ones, apart only where one that stays lies between.
fn fewest(all: &[u64], taken: &BTreeSet<u64>, stays: &BTreeSet<u64>) -> Vec<IndexRange> {
    let mut ranges: Vec<Vec<u64>> = Vec::new();
    let mut apart = true;
    for index in all {
        if taken.contains(index) {
            if apart {
                ranges.push(Vec::new());
            }
            ranges.last_mut().unwrap().push(*index);
            apart = false;
        }
        apart |= stays.contains(index);
    }
    let range = |r: Vec<u64>| IndexRange { count: r[r.len() - 1] - r[0] + 1, first: r[0] };
    ranges.into_iter().map(range).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(5), ..ProptestConfig::with_cases(12) })]

    /// Batches to two datasets in turn, some works gone before: the ranges name what is meant, nothing that stays, and are
    /// as few as can be; a release then has exactly what stays.
    #[test]
    fn ranges_reach_over_what_is_not_there_and_never_over_what_stays(
        first in prop::collection::btree_set(0..40u64, 0..12),
        second in prop::collection::btree_set(0..40u64, 1..30),
        erased in 0..40u64,
    ) {
        let lab = Lab::new();
        let dataset = lab.books();
        lab.dataset("other", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
        for part in 0..4 {
            lab.admit("books", &books(10 * part..10 * part + 10));
            lab.admit("other", &books(part..part + 2));
        }
        let view = lab.view();
        let is_own = |i: &u64| matches!(view.statement(*i), Ok(Statement::Admission(a)) if a.dataset == dataset);
        let all: Vec<u64> = (0..view.log().size()).filter(is_own).collect();
        lab.erase(all[erased as usize]);
        let mut stays: BTreeSet<u64> = all.iter().copied().filter(|i| *i != all[erased as usize]).collect();
        for chosen in [first, second] {
            let taken: BTreeSet<u64> = chosen.iter().map(|n| all[*n as usize]).filter(|i| stays.contains(i)).collect();
            if taken.is_empty() {
                continue;
            }
            let ids: Vec<String> = chosen.iter().filter(|n| stays.contains(&all[**n as usize])).map(|n| isbn(*n)).collect();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            stays = &stays - &taken;
            let withdrawn = named(&lab, &ids).unwrap();
            let said = withdrawals(&lab.view()).pop().unwrap();
            prop_assert_eq!(&said.entries, &fewest(&all, &taken, &stays));
            prop_assert_eq!(withdrawn.admissions, taken.len() as u64);
        }
        prop_assert_eq!(lab.seal("books@1").works, stays.len() as u64);
        prop_assert_eq!(lab.fsck(), Vec::<String>::new());
    }
}

/// More ranges than one statement has room for, by their number and by their bytes, are several in one commit.
#[test]
fn many_ranges_are_several_statements_of_one_commit() {
    let lab = Lab::new();
    lab.books();
    let works = 2 * MAX_RANGES as u64 + 20;
    lab.admit("books", &books(0..works));
    let catalogue = books((0..works).filter(|n| n.is_multiple_of(2)));
    // Quotation marks take two bytes in JSON, and so leave less room.
    let (sources, progress) = (vec![csv(&catalogue).into()], Progress::default());
    let each = &mut |_: &Answer| Ok(());
    let which = Which::Listed(Listed { sources, map: Vec::new(), progress, each });
    let why = Why { because: "\u{1}".repeat(4096), note: Some("\"".repeat(4096)) };
    let before = size(&lab);
    let withdrawn = withdraw(lab.writer(), &name("books"), which, why, false).unwrap();
    assert_eq!((withdrawn.works, withdrawn.ranges), (works / 2, works / 2));
    let view = lab.view();
    let said = withdrawals(&view);
    assert!(said.len() > 1 && said.len() == withdrawn.entries.len());
    assert_eq!(withdrawn.entries, (before..before + said.len() as u64).collect::<Vec<_>>());
    assert_eq!(view.log().size(), before + said.len() as u64 + 1, "one state for all of them");
    for (statement, next) in said.iter().zip(said.iter().skip(1)) {
        let len = Statement::Withdrawal(statement.clone()).print().len();
        assert!(len <= MAX_ENTRY_LEN && len > MAX_ENTRY_LEN - 60, "{len}: there was room for another range");
        assert!(statement.entries.last().unwrap().first < next.entries[0].first);
    }
    assert_eq!(lab.seal("books@1").works, works / 2);
    sound(&lab);

    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(0..works));
    listed(&lab, &catalogue).unwrap();
    let counts: Vec<usize> = withdrawals(&lab.view()).iter().map(|w| w.entries.len()).collect();
    assert_eq!(counts, [MAX_RANGES, 10]);
}

/// What is derived may be deleted at any time: the same commands then write the same bytes.
#[test]
fn a_ledger_without_its_index_withdraws_and_seals_the_same() {
    let run = |delete: bool| {
        let mut lab = sealed();
        let step = |lab: &mut Lab| {
            if delete {
                std::fs::remove_dir_all(lab.path().join("index")).unwrap();
                // As another process opens it.
                lab.disk = Disk::open(lab.path()).unwrap();
            }
        };
        lab.admit("books", &books(4..9));
        step(&mut lab);
        named(&lab, &[&isbn(2), &isbn(5)]).unwrap();
        step(&mut lab);
        let admission = entries(&lab, "books@1", &isbn(1))[0];
        fix(&lab, admission, "Uno").unwrap();
        step(&mut lab);
        lab.admit("books", &books(5..6));
        step(&mut lab);
        lab.seal("books@2");
        sound(&lab);
        let view = lab.view();
        (view.log().size(), *view.log().root(), lab.prove("books@2", &[&isbn(5), &isbn(2)]).bytes)
    };
    assert_eq!(run(false), run(true));
}

// --- disputes ---

fn press() -> SigningKey {
    SigningKey::from_seed("press.example", KeyKind::Ed25519, &[9; 32]).unwrap()
}

fn says(entry: u64) -> Says {
    let ids = [id("id:example/press")].into_iter().collect();
    Says { entry, claim: "We never licensed it.".to_owned(), name: "The Press".to_owned(), ids }
}

/// As a rightsholder makes it, from a proof.
fn signed(lab: &Lab, says: Says) -> String {
    let proof = lab.prove("books@1", &[&isbn(1)]);
    dispute::sign(&proof.bytes, &trust(), says, &press()).unwrap().0
}

/// As nobody should.
fn signed_claim(claim: &DisputeClaim) -> String {
    let (payload, message) = dsse::to_sign(claim, dsse::DISPUTE_TYPE, "x");
    dsse::seal(&payload, "", &press().sign(&message))
}

fn claim(lab: &Lab, entry: u64) -> DisputeClaim {
    let leaf = lab.view().log().leaf(entry).unwrap();
    let (claim, name, origin) = ("No.".to_owned(), "The Press".to_owned(), ORIGIN.to_owned());
    DisputeClaim { claim, entry, ids: Set::new(), leaf, name, origin }
}

fn licensors(lines: &[String]) -> Trust {
    Trust { licensors: Licensors::parse(&lines.join("\n")).unwrap(), ..trust() }
}

fn line(party: &str, key: &SigningKey, after: &str) -> String {
    format!("licensor {party} {}{after}", key.verifier())
}

/// What a proof made now says of the only dispute of book 1.
fn attested(lab: &Lab, trust: &Trust) -> Attestation {
    let proof = lab.prove("books@1", &[&isbn(1)]).bytes;
    let facts = verify(&proof, trust, &Question::default()).unwrap();
    assert_eq!(facts.disputes.len(), 1);
    assert_eq!(facts.works[0].verdict, Verdict::Covered, "a dispute changes no coverage");
    facts.disputes[0].attestation.clone()
}

#[test]
fn a_dispute_is_recorded_as_it_was_signed_and_shown_by_every_later_proof() {
    let lab = sealed();
    let before = lab.prove("books@1", &[&isbn(1)]);
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let envelope = signed(&lab, says(admission));
    let recorded = dispute::record(lab.writer(), admission, &format!("{envelope}\n")).unwrap();
    match lab.view().statement(recorded.entry).unwrap() {
        Statement::Dispute(dispute) => assert_eq!(dispute.envelope, envelope, "without the file's last line end"),
        other => panic!("{other:?}"),
    }
    assert!(verify(&before.bytes, &trust(), &Question::default()).unwrap().disputes.is_empty());
    let after = lab.prove("books@1", &[&isbn(1), &isbn(2)]);
    let [disputed] = &after.facts.disputes[..] else { panic!() };
    assert_eq!((disputed.index, disputed.claim.entry), (recorded.entry, admission));
    assert_eq!((&*disputed.claim.claim, &*disputed.claim.name), ("We never licensed it.", "The Press"));
    // Of another work alone nothing is said.
    assert!(lab.prove("books@1", &[&isbn(2)]).facts.disputes.is_empty());
    match dispute::record(lab.writer(), admission, &envelope) {
        Err(LedgerError::SameDispute { index }) => assert_eq!(index, recorded.entry),
        other => panic!("{other:?}"),
    }
    sound(&lab);
}

#[test]
fn an_auditors_keys_tell_whose_signature_a_dispute_has() {
    let lab = sealed();
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    dispute::record(lab.writer(), admission, &signed(&lab, says(admission))).unwrap();
    let stranger = SigningKey::from_seed("stranger.example", KeyKind::Ed25519, &[8; 32]).unwrap();
    let party = "id:example/press";
    let by = || Attestation::Signed(id(party));
    for (lines, wanted) in [
        (vec![], Attestation::Unchecked),
        (vec![line("id:example/other", &press(), "")], Attestation::Unchecked),
        (vec![line(party, &press(), "")], by()),
        (vec![line(party, &stranger, "")], Attestation::NotSigned),
        (vec![line(party, &stranger, ""), line("id:example/other", &press(), "")], Attestation::NotSigned),
        (vec![line(party, &stranger, ""), line(party, &press(), "")], by()),
        // Nothing proves when it was logged.
        (vec![line(party, &press(), " not-after 2030-01-01")], Attestation::NotSigned),
    ] {
        assert_eq!(attested(&lab, &licensors(&lines)), wanted, "{lines:?}");
        let audit = audit(lab.path(), &licensors(&lines), now(250)).unwrap();
        assert_eq!(audit.judged.disputes[0].attestation, wanted, "{lines:?}");
        assert!(audit.is_sound());
    }
}

/// Nobody here can tell that it was altered: the key is for auditors to know.
#[test]
fn a_signature_that_was_altered_is_kept_and_counts_for_nobody() {
    let lab = sealed();
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let envelope = signed(&lab, says(admission));
    let at = envelope.find("\"sig\":\"").unwrap() + 7;
    let other = if &envelope[at..=at] == "A" { "B" } else { "A" };
    let altered = format!("{}{other}{}", &envelope[..at], &envelope[at + 1..]);
    dispute::record(lab.writer(), admission, &altered).unwrap();
    assert_eq!(attested(&lab, &licensors(&[line("id:example/press", &press(), "")])), Attestation::NotSigned);
    assert_eq!(attested(&lab, &trust()), Attestation::Unchecked);
    sound(&lab);
}

#[test]
fn a_dispute_of_another_log_entry_or_leaf_is_refused_and_so_is_an_altered_one() {
    let lab = sealed();
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let before = size(&lab);
    let record = |claim: DisputeClaim| dispute::record(lab.writer(), admission, &signed_claim(&claim)).unwrap_err();
    let right = claim(&lab, admission);
    let origin = "other.example/deeds".to_owned();
    assert!(matches!(record(DisputeClaim { origin, ..right.clone() }), LedgerError::OtherOrigin { .. }));
    let other = claim(&lab, admission + 1);
    assert!(matches!(record(other), LedgerError::OtherEntry { found, asked } if found == asked + 1));
    let leaf = Hash([7; 32]);
    assert!(matches!(record(DisputeClaim { leaf, ..right.clone() }), LedgerError::OtherLeaf { .. }));
    for (empty, member) in [
        (DisputeClaim { claim: String::new(), ..right.clone() }, "claim"),
        (DisputeClaim { claim: "x".repeat(4097), ..right.clone() }, "claim"),
        (DisputeClaim { name: String::new(), ..right.clone() }, "name"),
        (DisputeClaim { ids: (0..65).map(|n| id(&format!("id:a/{n}"))).collect(), ..right.clone() }, "ids"),
    ] {
        assert!(matches!(record(empty), LedgerError::Invalid { error, .. } if error.field == member), "{member}");
    }
    // Another payload in the envelope of the first.
    let (mine, theirs) =
        (signed_claim(&right), signed_claim(&DisputeClaim { claim: "Nay".to_owned(), ..right.clone() }));
    let payload = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["payload"].clone();
    let mut mixed: serde_json::Value = serde_json::from_str(&mine).unwrap();
    mixed["payload"] = payload(&theirs);
    // Well-formed, and so kept, but signed by nobody; a payload that contradicts its own digest is none.
    use base64::{Engine, prelude::BASE64_STANDARD};
    let inner = BASE64_STANDARD.decode(payload(&mine).as_str().unwrap()).unwrap();
    let inner = String::from_utf8(inner).unwrap().replace("No.", "Na.");
    mixed["payload"] = BASE64_STANDARD.encode(inner).into();
    let altered = dispute::record(lab.writer(), admission, &mixed.to_string());
    assert!(matches!(altered, Err(LedgerError::Envelope(DsseError::Subject))), "{altered:?}");
    let grant = dispute::record(lab.writer(), admission, "{}");
    assert!(matches!(grant, Err(LedgerError::Envelope(DsseError::Envelope(_)))));
    let beyond = DisputeClaim { entry: 1000, ..right };
    assert!(dispute::record(lab.writer(), 1000, &signed_claim(&beyond)).is_err());
    assert_eq!(size(&lab), before);
    sound(&lab);
}

/// Whoever wrote a dispute of something else into the log is found out, since no proof can show it.
#[test]
fn fsck_finds_a_dispute_of_another_log_or_leaf() {
    for (edit, sound) in [
        ((|_| {}) as fn(&mut DisputeClaim), true),
        (|claim| claim.origin = "other.example".to_owned(), false),
        (|claim| claim.leaf = leaf_hash(b"another"), false),
    ] {
        let lab = sealed();
        let mut claim = claim(&lab, entries(&lab, "books@1", &isbn(1))[0]);
        edit(&mut claim);
        let index = lab.append(|w| {
            let (at, salt, envelope) = (w.now(), w.salt(), signed_claim(&claim));
            Statement::Dispute(Dispute { at, envelope, kind: Is, salt, v: V1 })
        });
        let wanted = if sound { vec![] } else { vec![format!("entry {index}: is a dispute of another log or entry")] };
        assert_eq!(lab.fsck(), wanted);
    }
}

/// Its leaf hash is left, and the rightsholder may have an older proof.
#[test]
fn an_erased_entry_can_be_disputed() {
    let lab = sealed();
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let envelope = signed(&lab, says(admission));
    lab.erase(admission);
    let entry = dispute::record(lab.writer(), admission, &envelope).unwrap().entry;
    let facts = lab.prove("books@1", &[&isbn(1)]).facts;
    assert_eq!((facts.disputes[0].index, facts.works[0].verdict), (entry, Verdict::Erased));
    assert_eq!(lab.fsck(), Vec::<String>::new());
    // A text that is gone without an erasure is damage, of which nothing is known.
    let lab = sealed();
    let envelope = signed(&lab, says(admission));
    lab.remove_text(admission);
    let emptied = dispute::record(lab.writer(), admission, &envelope);
    assert!(matches!(emptied, Err(LedgerError::Emptied { index }) if index == admission), "{emptied:?}");
}

#[test]
fn a_dispute_is_signed_only_of_what_a_verified_proof_shows() {
    let lab = sealed();
    let proof = lab.prove("books@1", &[&isbn(1)]).bytes;
    let (shown, hidden) = (entries(&lab, "books@1", &isbn(1))[0], entries(&lab, "books@1", &isbn(2))[0]);
    let sign = |trust: &Trust, proof: &[u8], says: Says, key: &SigningKey| dispute::sign(proof, trust, says, key);
    let (_, claim) = sign(&trust(), &proof, says(shown), &press()).unwrap();
    assert_eq!((claim.leaf, &*claim.origin), (lab.view().log().leaf(shown).unwrap(), ORIGIN));
    let unseen = sign(&trust(), &proof, says(hidden), &press());
    assert!(matches!(unseen, Err(LedgerError::NotDisclosed { index }) if index == hidden));
    let stranger = Trust::log(press().verifier().clone()).unwrap();
    let other = sign(&stranger, &proof, says(shown), &press());
    assert!(matches!(&other, Err(LedgerError::Proof(e)) if matches!(**e, VerifyError::Checkpoint(_))), "{other:?}");
    let cut = sign(&trust(), &proof[..proof.len() - 2], says(shown), &press());
    assert!(matches!(cut, Err(LedgerError::Proof(_))));
    let mute = Says { claim: String::new(), ..says(shown) };
    assert!(matches!(sign(&trust(), &proof, mute, &press()), Err(LedgerError::Invalid { .. })));
    let witness = SigningKey::from_seed("w.example", KeyKind::CosignatureV1, &[1; 32]).unwrap();
    assert!(matches!(sign(&trust(), &proof, says(shown), &witness), Err(LedgerError::WitnessSigns)));
}

// --- corrections ---

fn fix(lab: &Lab, entry: u64, title: &str) -> Result<Corrected, LedgerError> {
    let right = Right { title: Some(title.to_owned()), parties: Vec::new() };
    correct(lab.writer(), entry, right, "misprint".to_owned())
}

#[test]
fn a_correction_stands_beside_the_entry_and_changes_nothing_else() {
    let lab = sealed();
    let before = lab.prove("books@1", &[&isbn(1)]).facts;
    let admission = before.works[0].admissions[0].index;
    let party = |name: &str, role| Party { ids: Set::new(), name: name.to_owned(), role };
    let parties = vec![party("A. Writer", Some(Role::Author)), party("Somebody", None)];
    let right = Right { title: Some("Uno".to_owned()), parties: parties.clone() };
    let entry = correct(lab.writer(), admission, right, "misprint".to_owned()).unwrap().entry;
    let after = lab.prove("books@1", &[&isbn(1)]).facts;
    let work = &after.works[0].admissions[0];
    assert_eq!(work.statement, before.works[0].admissions[0].statement, "the entry stays");
    assert_eq!((after.works[0].verdict, &after.release_entry), (Verdict::Covered, &before.release_entry));
    let [(index, Statement::Correction(said))] = &work.about[..] else { panic!() };
    assert_eq!((*index, said.title.as_deref(), &said.parties), (entry, Some("Uno"), &parties));
    // The rows of later releases too.
    assert_eq!(lab.seal("books@2").root, before.release_entry.1.rows.root);
    sound(&lab);
}

#[test]
fn only_an_admission_that_is_there_is_corrected() {
    let lab = sealed();
    let admission = entries(&lab, "books@1", &isbn(1))[0];
    let last = size(&lab) - 1;
    for other in [0, 2, last] {
        let refused = fix(&lab, other, "Uno");
        assert!(matches!(refused, Err(LedgerError::WrongKind { wanted: "an admission", .. })), "{other}: {refused:?}");
    }
    assert!(matches!(fix(&lab, admission, ""), Err(LedgerError::Invalid { .. })));
    assert!(matches!(
        correct(lab.writer(), admission, Right::default(), "x".to_owned()),
        Err(LedgerError::Invalid { .. })
    ));
    assert!(fix(&lab, 1000, "Uno").is_err());
    assert_eq!(size(&lab), last + 1);
    lab.erase(admission);
    assert!(matches!(fix(&lab, admission, "Uno"), Err(LedgerError::Erased { .. })));
}

// --- looking ---

#[test]
fn show_has_what_was_said_of_an_entry() {
    let lab = sealed();
    let (one, two) = (entries(&lab, "books@1", &isbn(1))[0], entries(&lab, "books@1", &isbn(2))[0]);
    let disputed = dispute::record(lab.writer(), one, &signed(&lab, says(one))).unwrap().entry;
    let corrected = fix(&lab, one, "Uno").unwrap().entry;
    let withdrawn = named(&lab, &[&isbn(1)]).unwrap().entries[0];
    let view = lab.view();
    let said = |index: u64| {
        let statement = view.statement(index).unwrap();
        let said = show::said_of(&view, index, &statement).unwrap();
        said.into_iter().map(|(at, _)| at).collect::<Vec<_>>()
    };
    assert_eq!(said(one), [disputed, corrected, withdrawn]);
    assert!(said(two).is_empty());
    let dataset = view.dataset(&name("books")).unwrap().0;
    assert_eq!(said(dataset), [withdrawn]);
}
