//! Honest files: the answer is the truth, whole and no more.

use super::*;
use deedbook::statement::admission::Override;
use deedbook::statement::dsse::DisputeClaim;
use deedbook::statement::terms::{Evidence, Models, RowsRef, Standing, Subject};
use deedbook::statement::vocabulary::{Code, Codes};
use deedbook::statement::{Identifier, Layer, Model, Purpose, Statement, Terms};
use deedbook::tlog::SigningKey;
use deedbook::verify::facts::Bracket;
use deedbook::verify::{Attestation, Licensors, Verdict};

// ---------------------------------------------------------------------------------------------------------------------
// Present and absent

#[test]
fn a_work_in_the_release_is_present_and_covered() {
    let s = story();
    let work = ask(&s.lab, s.release, &[FIRST]).unwrap();
    assert_eq!((admissions(&work), work.verdict), (vec![s.admissions[0]], Verdict::Covered));
    assert_eq!((work.found_by, work.standing), (ids(&[FIRST]), Some(Standing::Asserted)));
    let admitted = &work.admissions[0];
    assert_eq!(admitted.statement.as_deref(), s.lab.admission(s.admissions[0]).as_ref());
    assert_eq!((admitted.day, admitted.bracket), (Some(date("2026-02-01")), Bracket::default()));
    let layer = &admitted.layers[0];
    assert_eq!((layer.layer, layer.grant, layer.codes), (Layer::Text, Some(s.grant), Codes::NONE));
}

#[test]
fn a_work_outside_the_release_is_absent() {
    let s = story();
    let work =
        ask(&s.lab, s.release, &[ABSENT, "blake3:0000000000000000000000000000000000000000000000000000000000000000"]);
    let work = work.unwrap();
    assert_eq!((admissions(&work), work.verdict, work.standing), (vec![], Verdict::Absent, None));
    assert_eq!((work.found_by, work.identifiers.len()), (vec![], 2));
}

#[test]
fn a_work_is_present_if_one_of_its_identifiers_is() {
    let s = story();
    let work = ask(&s.lab, s.release, &[ABSENT, FIRST_TOO]).unwrap();
    assert_eq!((work.found_by, work.verdict), (ids(&[FIRST_TOO]), Verdict::Covered));
}

#[test]
fn facts_say_what_was_proven_and_as_of_when() {
    let mut s = story();
    s.lab.dataset("later");
    let works = works(&[&[FIRST], &[ABSENT]]);
    let facts = verify(&s.lab.prove(s.release, &works), &s.lab.trust(), &question("songs@1", &works)).unwrap();
    assert_eq!((facts.origin.as_str(), facts.log_size), ("lab.example/deeds", s.lab.size()));
    assert_eq!((facts.release.to_string(), facts.release_entry.0), ("songs@1".to_owned(), s.release));
    assert_eq!((facts.dataset_entry.0, facts.dataset_entry.1.id.as_str()), (s.dataset, "songs"));
    assert_eq!(facts.state, (s.state, s.lab.statement(s.state).unwrap().head().1));
    assert_eq!(Statement::Release(facts.release_entry.1.clone()), s.lab.statement(s.release).unwrap());
    assert_eq!((facts.witnessed_at, facts.witnesses.len(), facts.witnessed), (None, 0, false));
    let grant = &facts.grants[0];
    assert_eq!((facts.grants.len(), grant.index, grant.terms.clone()), (1, s.grant, terms("north")));
    assert_eq!((grant.at, grant.signed_by.as_ref()), (s.lab.statement(s.grant).unwrap().head().1, None));
    assert!(facts.about_dataset.is_empty() && grant.about.is_empty() && grant.ended.is_none());
}

#[test]
fn works_are_answered_in_the_order_asked() {
    let s = story();
    let asked = works(&[&[THIRD], &[ABSENT], &[SECOND, FIRST], &[THIRD]]);
    let facts = verify(&s.lab.prove(s.release, &asked), &s.lab.trust(), &question("songs@1", &asked)).unwrap();
    let answered: Vec<_> = facts.works.iter().map(|w| (w.identifiers.clone(), admissions(w))).collect();
    let [first, second, third] = s.admissions;
    let expected: Vec<_> = asked.into_iter().zip([vec![third], vec![], vec![first, second], vec![third]]).collect();
    assert_eq!(answered, expected);
}

#[test]
fn a_question_left_open_is_chosen_by_the_file() {
    let s = story();
    let claimed = works(&[&[THIRD], &[FIRST, ABSENT]]);
    let facts = verify(&s.lab.prove(s.release, &claimed), &s.lab.trust(), &Question::default()).unwrap();
    let answered: Vec<Vec<Identifier>> = facts.works.iter().map(|w| w.identifiers.clone()).collect();
    assert_eq!(answered, works(&[&[THIRD], &[ABSENT, FIRST]]));
}

#[test]
fn a_question_may_group_the_looked_up_identifiers_anew() {
    let s = story();
    let bytes = s.lab.prove(s.release, &works(&[&[FIRST], &[FIRST_TOO, ABSENT], &[SECOND]]));
    let asked = works(&[&[FIRST, FIRST_TOO], &[ABSENT]]);
    let facts = verify(&bytes, &s.lab.trust(), &question("songs@1", &asked)).unwrap();
    assert_eq!(admissions(&facts.works[0]), [s.admissions[0]]);
    assert_eq!((facts.works[1].verdict, facts.works.len()), (Verdict::Absent, 2));
}

#[test]
fn a_work_that_the_file_does_not_look_up_is_not_answered() {
    let s = story();
    let bytes = s.lab.prove(s.release, &works(&[&[FIRST]]));
    let asked = works(&[&[FIRST], &[SECOND]]);
    let error = verify(&bytes, &s.lab.trust(), &question("songs@1", &asked)).unwrap_err();
    assert_eq!(error, VerifyError::NotAnswered { identifier: id(SECOND) });
}

#[test]
fn a_work_without_identifiers_is_no_question() {
    let s = story();
    let bytes = s.lab.prove(s.release, &works(&[&[FIRST]]));
    let error = verify(&bytes, &s.lab.trust(), &question("songs@1", &works(&[&[]]))).unwrap_err();
    assert_eq!(error, VerifyError::EmptyQuestion);
}

#[test]
fn a_proof_about_another_release_is_refused_when_one_was_asked() {
    let mut s = story();
    let next = s.lab.release(s.dataset, "2");
    s.lab.state();
    let asked = works(&[&[FIRST]]);
    for (release, name, other) in [(s.release, "songs@1", "songs@2"), (next, "songs@2", "songs@1")] {
        let bytes = s.lab.prove(release, &asked);
        assert!(verify(&bytes, &s.lab.trust(), &question(name, &asked)).is_ok());
        let error = verify(&bytes, &s.lab.trust(), &question(other, &asked)).unwrap_err();
        assert!(matches!(error, VerifyError::OtherRelease { .. }), "{error}");
    }
}

#[test]
fn every_admission_of_a_key_is_answered_and_the_worst_verdict_counts() {
    let mut again = 0;
    let s = story_with(|lab, dataset, admissions| {
        let short = lab.grant(Terms { valid_to: Some(date("2026-01-31")), ..terms("short") });
        again = lab.admit_with(dataset, &ids(&[FIRST]), short, |a| a.same_as = Some(admissions[0]));
    });
    let work = ask(&s.lab, s.release, &[FIRST]).unwrap();
    assert_eq!(admissions(&work), [s.admissions[0], again]);
    assert_eq!(work.admissions.iter().map(|a| a.verdict).collect::<Vec<_>>(), [Verdict::Covered, Verdict::Gap]);
    assert_eq!(work.verdict, Verdict::Gap);
    assert_eq!(ask(&s.lab, s.release, &[FIRST_TOO]).unwrap().verdict, Verdict::Covered);
}

#[test]
fn a_digest_and_a_group_identifier_are_looked_up_and_a_party_is_not() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let (group, party) = ("upc:00012345678905", "orcid:0000000218250097");
    let mut admission = 0;
    let s = story_with(|lab, dataset, _| admission = lab.admit(dataset, &ids(&[digest, group, party]), dataset + 1));
    for identifier in [digest, group] {
        assert_eq!(admissions(&ask(&s.lab, s.release, &[identifier]).unwrap()), [admission], "{identifier}");
    }
    assert_eq!(ask(&s.lab, s.release, &[party]).unwrap_err(), VerifyError::Claims);
}

#[test]
fn nothing_is_in_an_empty_release() {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let release = lab.release(dataset, "1");
    lab.state();
    assert_eq!(ask(&lab, release, &[FIRST, SECOND]).unwrap().verdict, Verdict::Absent);
}

#[test]
fn a_release_of_one_row_answers_on_both_sides_of_it() {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.grant(terms("north"));
    let admission = lab.admit(dataset, &ids(&[FIRST_TOO]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    assert_eq!(admissions(&ask(&lab, release, &[FIRST_TOO]).unwrap()), [admission]);
    let key = |text: &str| deedbook::rows::work_key(text);
    assert!(key(SECOND) < key(FIRST_TOO) && key(FIRST_TOO) < key(THIRD), "the works chosen lie on both sides");
    for absent in [SECOND, THIRD] {
        assert_eq!(ask(&lab, release, &[absent]).unwrap().verdict, Verdict::Absent);
    }
}

#[test]
fn a_release_answers_for_its_own_time() {
    let mut s = story();
    let withdrawal = s.lab.withdraw(s.dataset, s.admissions[1], 2);
    let erasure = s.lab.erase(s.admissions[0]);
    let next = s.lab.release(s.dataset, "2");
    let readmitted = s.lab.admit(s.dataset, &ids(&[SECOND]), s.grant);
    let third = s.lab.release(s.dataset, "3");
    s.lab.state();
    // The first release had it; that it was withdrawn since is shown.
    let asked = works(&[&[SECOND]]);
    let facts = verify(&s.lab.prove(s.release, &asked), &s.lab.trust(), &question("songs@1", &asked)).unwrap();
    assert_eq!(admissions(&facts.works[0]), [s.admissions[1]]);
    assert_eq!(facts.about_dataset.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [withdrawal]);
    let erased = ask(&s.lab, s.release, &[FIRST]).unwrap();
    assert_eq!((erased.verdict, erased.admissions[0].about[0].0), (Verdict::Erased, erasure));
    for work in [FIRST, SECOND, THIRD] {
        assert_eq!(ask(&s.lab, next, &[work]).unwrap().verdict, Verdict::Absent, "{work}");
    }
    assert_eq!(admissions(&ask(&s.lab, third, &[SECOND]).unwrap()), [readmitted]);
}

#[test]
fn a_withdrawal_of_another_dataset_touches_nothing() {
    let s = story_with(|lab, _, [first, ..]| {
        let other = lab.dataset("other");
        lab.withdraw(other, first, 3);
    });
    assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Covered);
}

#[test]
fn a_withdrawal_takes_out_the_indices_that_it_names_and_no_others() {
    let mut last = 0;
    let s = story_with(|lab, dataset, [first, second, third]| {
        lab.withdraw(dataset, first, 1);
        lab.withdraw(dataset, third, 1);
        last = second;
    });
    assert_eq!(admissions(&ask(&s.lab, s.release, &[SECOND]).unwrap()), [last]);
    assert_eq!(ask(&s.lab, s.release, &[FIRST, THIRD]).unwrap().verdict, Verdict::Absent);
}

// ---------------------------------------------------------------------------------------------------------------------
// Verdicts

#[test]
fn a_verdict_has_one_spelling_and_the_worse_is_greater() {
    let from_best = [
        (Verdict::Absent, "absent"),
        (Verdict::Covered, "covered"),
        (Verdict::CoveredAsClaimed, "covered-as-claimed"),
        (Verdict::Override, "override"),
        (Verdict::Erased, "erased"),
        (Verdict::Unknown, "unknown"),
        (Verdict::Gap, "gap"),
    ];
    assert!(from_best.is_sorted_by(|a, b| a.0 < b.0));
    for (verdict, word) in from_best {
        assert_eq!(verdict.word(), word);
        assert_eq!(serde_json::to_value(verdict).unwrap(), word);
    }
}

/// The verdict and codes of the only layer of the only admission of one work, judged under these terms.
fn judged(terms: Terms) -> (Verdict, Codes) {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.grant(terms);
    lab.admit(dataset, &ids(&[FIRST]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    let work = ask(&lab, release, &[FIRST]).unwrap();
    (work.verdict, work.admissions[0].layers[0].codes)
}

#[test]
fn the_judge_hears_the_dataset_the_terms_the_subject_and_the_day() {
    let gap = |code: Code| (Verdict::Gap, Codes::from(code));
    let north = || terms("north");
    let rows = RowsRef { count: 1, root: deedbook::rows::Root([7; 32]) };
    assert_eq!(judged(north()), (Verdict::Covered, Codes::NONE));
    assert_eq!(judged(Terms { subject: Subject::Catalogue(rows), ..north() }), (Verdict::Covered, Codes::NONE));
    let by_licence = |text: &str| Terms { subject: Subject::Licence(text.into()), ..north() };
    assert_eq!(judged(by_licence("LicenseRef-north")), (Verdict::Covered, Codes::NONE));
    assert_eq!(judged(by_licence("CC-BY-4.0")), gap(Code::NotInSubject));
    assert_eq!(judged(Terms { subject: Subject::Party("South".into()), ..north() }), gap(Code::NotInSubject));
    assert_eq!(judged(Terms { layers: vec![Layer::Image].into(), ..north() }), gap(Code::LayerNotCovered));
    assert_eq!(judged(Terms { uses: vec![].into(), ..north() }), gap(Code::UseNotGranted));
    assert_eq!(judged(Terms { purposes: vec![Purpose::Research].into(), ..north() }), gap(Code::PurposeNotCovered));
    assert_eq!(judged(Terms { territories: vec![].into(), ..north() }), gap(Code::TerritoryNotCovered));
    assert_eq!(judged(Terms { valid_from: date("2026-02-02"), ..north() }), gap(Code::NotYetValid));
    assert_eq!(judged(Terms { valid_to: Some(date("2026-02-01")), ..north() }), gap(Code::Expired));
}

#[test]
fn a_grant_for_other_models_does_not_cover() {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset_with("songs", |d| d.models = vec![Model::parse("m@2").unwrap()].into());
    let models = |name: &str| Some(Models { names: vec![name.to_owned()].into(), versions: None });
    let grants = ["m", "n"].map(|n| lab.grant(Terms { models: models(n), ..terms(n) }));
    lab.admit(dataset, &ids(&[FIRST]), grants[0]);
    lab.admit(dataset, &ids(&[SECOND]), grants[1]);
    let release = lab.release(dataset, "1");
    lab.state();
    assert_eq!(ask(&lab, release, &[FIRST]).unwrap().verdict, Verdict::Covered);
    assert_eq!(ask(&lab, release, &[SECOND]).unwrap().verdict, Verdict::Gap);
}

#[test]
fn another_day_may_be_asked_but_none_after_the_state() {
    let s = story();
    let asked = works(&[&[FIRST]]);
    let bytes = s.lab.prove(s.release, &asked);
    let on = |day: &str| {
        let question = Question { at: Some(date(day)), ..question("songs@1", &asked) };
        let facts = verify(&bytes, &s.lab.trust(), &question).unwrap();
        let admitted = &facts.works[0].admissions[0];
        assert_eq!(admitted.day, Some(date(day)));
        (admitted.verdict, admitted.layers[0].codes)
    };
    assert_eq!(on("2025-12-31"), (Verdict::Gap, Code::NotYetValid.into()));
    assert_eq!(on("2026-01-01"), (Verdict::Covered, Codes::NONE));
    assert_eq!(on("2026-02-01"), (Verdict::Covered, Codes::NONE));
    assert_eq!(on("2026-02-02"), (Verdict::Unknown, Codes::NONE));
    assert_eq!(on("2028-01-01"), (Verdict::Gap, Code::Expired.into()));
}

#[test]
fn a_use_before_the_record_is_covered_as_claimed() {
    let mut indices = Vec::new();
    let s = story_with(|lab, dataset, _| {
        for (work, day) in [(ABSENT, "2026-01-15"), ("id:example/5", "2025-12-31")] {
            indices.push(lab.admit_with(dataset, &ids(&[work]), dataset + 1, |a| a.used_from = Some(date(day))));
        }
    });
    let work = ask(&s.lab, s.release, &[ABSENT]).unwrap();
    assert_eq!((work.verdict, work.admissions[0].day), (Verdict::CoveredAsClaimed, Some(date("2026-01-15"))));
    assert_eq!(ask(&s.lab, s.release, &["id:example/5"]).unwrap().verdict, Verdict::Gap);
    // The auditor's own day is not the lab's claim.
    let asked = works(&[&[ABSENT]]);
    let question = Question { at: Some(date("2026-01-20")), ..question("songs@1", &asked) };
    let facts = verify(&s.lab.prove(s.release, &asked), &s.lab.trust(), &question).unwrap();
    assert_eq!(facts.works[0].verdict, Verdict::Covered);
}

#[test]
fn an_override_is_its_own_verdict_covered_or_not() {
    let by_hand = || Some(Override { because: "asked".into(), by: "A. Person".into(), codes: Codes::NONE });
    let s = story_with(|lab, dataset, _| {
        let short = lab.grant(Terms { valid_to: Some(date("2026-01-31")), ..terms("short") });
        lab.admit_with(dataset, &ids(&[ABSENT]), short, |a| a.override_ = by_hand());
        lab.admit_with(dataset, &ids(&["id:example/5"]), dataset + 1, |a| a.override_ = by_hand());
    });
    assert_eq!(ask(&s.lab, s.release, &[ABSENT]).unwrap().verdict, Verdict::Override);
    assert_eq!(ask(&s.lab, s.release, &["id:example/5"]).unwrap().verdict, Verdict::Override);
}

#[test]
fn an_erased_admission_is_present_and_erased() {
    let mut s = story();
    let erasure = s.lab.erase(s.admissions[0]);
    s.lab.state();
    let work = ask(&s.lab, s.release, &[FIRST, FIRST_TOO]).unwrap();
    assert_eq!((admissions(&work), work.verdict), (vec![s.admissions[0]], Verdict::Erased));
    assert_eq!((work.found_by.len(), work.standing), (2, None));
    let admitted = &work.admissions[0];
    assert_eq!((admitted.statement.is_none(), admitted.day, admitted.about[0].0), (true, None, erasure));
}

#[test]
fn an_erased_entry_about_a_grant_or_dataset_makes_coverage_unknown() {
    for about_grant in [true, false] {
        let mut s = story();
        let about = if about_grant { s.grant } else { s.dataset };
        let dispute = s.lab.dispute(about);
        s.lab.state();
        assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Covered);
        s.lab.erase(dispute);
        s.lab.state();
        assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Unknown);
    }
}

#[test]
fn an_end_is_applied_from_its_day_on_and_the_earliest_counts() {
    let ended = |days: &[&str]| {
        let mut s = story();
        for day in days {
            s.lab.end(s.grant, day);
        }
        s.lab.state();
        let works = works(&[&[FIRST]]);
        let facts = verify(&s.lab.prove(s.release, &works), &s.lab.trust(), &question("songs@1", &works)).unwrap();
        assert_eq!(facts.grants[0].about.len(), days.len());
        assert_eq!(facts.grants[0].ended, days.iter().map(|d| date(d)).min());
        (facts.works[0].verdict, facts.works[0].admissions[0].layers[0].codes)
    };
    assert_eq!(ended(&["2026-02-02"]), (Verdict::Covered, Codes::NONE));
    assert_eq!(ended(&["2026-02-01"]), (Verdict::Gap, Code::Ended.into()));
    assert_eq!(ended(&["2026-03-01", "2026-01-01", "2026-04-01"]), (Verdict::Gap, Code::Ended.into()));
}

#[test]
fn what_is_logged_after_the_state_is_not_said() {
    let mut s = story();
    s.lab.end(s.grant, "2026-01-01");
    // The log goes on; the state proven from is older than the end.
    assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Covered);
    s.lab.state();
    assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Gap);
}

#[test]
fn every_required_layer_needs_its_grant() {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset_with("songs", |d| d.layers = vec![Layer::Composition, Layer::Master].into());
    let composition = lab.grant(Terms { layers: vec![Layer::Composition].into(), ..terms("composition") });
    let master = lab.grant(Terms { layers: vec![Layer::Master].into(), ..terms("master") });
    let under = |lab: &mut Lab, work: &str, grants: &[(Layer, u64)]| {
        lab.admit_with(dataset, &ids(&[work]), composition, |a| a.grants = grants.iter().copied().collect())
    };
    let (c, m) = ((Layer::Composition, composition), (Layer::Master, master));
    under(&mut lab, FIRST, &[c, m]);
    under(&mut lab, SECOND, &[c]);
    under(&mut lab, THIRD, &[c, (Layer::Master, composition)]);
    // What the dataset does not require is not asked, so its grant is not even disclosed.
    let text = lab.grant(terms("text"));
    under(&mut lab, ABSENT, &[c, m, (Layer::Text, text)]);
    let release = lab.release(dataset, "1");
    lab.state();
    let codes = |work: &str| {
        let work = ask(&lab, release, &[work]).unwrap();
        let layers = work.admissions[0].layers.iter().map(|l| l.codes).collect::<Vec<_>>();
        (work.verdict, layers)
    };
    assert_eq!(codes(FIRST), (Verdict::Covered, vec![Codes::NONE, Codes::NONE]));
    assert_eq!(codes(SECOND), (Verdict::Gap, vec![Codes::NONE, Code::NoGrant.into()]));
    assert_eq!(codes(THIRD), (Verdict::Gap, vec![Codes::NONE, Code::LayerNotCovered.into()]));
    assert_eq!(codes(ABSENT), (Verdict::Covered, vec![Codes::NONE, Codes::NONE]));
}

#[test]
fn disputes_and_corrections_are_shown_and_change_nothing() {
    let mut s = story();
    let about_admission = [s.lab.dispute(s.admissions[0]), s.lab.correct(s.admissions[0])];
    let about_grant = [s.lab.dispute(s.grant), s.lab.correct(s.grant)];
    let about_dataset = [s.lab.dispute(s.dataset), s.lab.correct(s.dataset)];
    s.lab.state();
    let works = works(&[&[FIRST]]);
    let facts = verify(&s.lab.prove(s.release, &works), &s.lab.trust(), &question("songs@1", &works)).unwrap();
    assert_eq!(facts.works[0].verdict, Verdict::Covered);
    let shown = |about: &[(u64, Statement)]| about.iter().map(|(i, _)| *i).collect::<Vec<_>>();
    assert_eq!(shown(&facts.works[0].admissions[0].about), about_admission);
    assert_eq!(shown(&facts.grants[0].about), about_grant);
    assert_eq!(shown(&facts.about_dataset), about_dataset);
    assert_eq!(Some(facts.about_dataset[0].1.clone()), s.lab.statement(about_dataset[0]));
}

/// A dispute of the first admission in the name of the party `id:example/south`; its key is that of `dispute_of`.
fn disputed(s: &mut Story) -> u64 {
    let (entry, ids) = (s.admissions[0], vec![id("id:example/south")].into());
    let (claim, name, origin) = ("no".to_owned(), "South".to_owned(), s.lab.origin.clone());
    let leaf = s.lab.entries[entry as usize].leaf;
    s.lab.dispute_of(DisputeClaim { claim, entry, ids, leaf, name, origin })
}

#[test]
fn the_auditors_keys_tell_by_whom_a_dispute_is_signed() {
    let (mut s, right, wrong) = (story(), key("south.example", 99), key("south.example", 98));
    let dispute = disputed(&mut s);
    s.lab.state();
    let w = witness("witness.example", 21);
    let asked = works(&[&[FIRST]]);
    let attested = |lines: &[(&str, &SigningKey, &str)], seen: Option<&str>| {
        let line =
            |(party, key, rest): &(&str, &SigningKey, &str)| format!("licensor {party} {}{rest}\n", key.verifier());
        let mut trust = s.lab.trust_with(&lines.iter().map(line).collect::<String>());
        let mut plan = s.lab.plan(s.release, &asked);
        if let Some(seen) = seen {
            trust.policy = s.lab.trust_witnessed(&[&w]).policy;
            plan.checkpoint = s.lab.cosigned(s.lab.size(), &[(&w, seen)]);
        }
        let facts = verify(&plan.file(&s.lab).print(), &trust, &question("songs@1", &asked)).unwrap();
        assert_eq!((facts.disputes.len(), facts.disputes[0].index), (1, dispute));
        assert_eq!(facts.works[0].verdict, Verdict::Covered);
        facts.disputes[0].attestation.clone()
    };
    let (south, other) = ("id:example/south", "id:example/other");
    let signed = Attestation::Signed(id(south));
    assert_eq!(attested(&[], None), Attestation::Unchecked);
    // Another party's key says nothing, though it is the one that signed.
    assert_eq!(attested(&[(other, &right, "")], None), Attestation::Unchecked);
    assert_eq!(attested(&[(south, &wrong, ""), (other, &right, "")], None), Attestation::NotSigned);
    assert_eq!(attested(&[(other, &wrong, ""), (south, &wrong, ""), (south, &right, "")], None), signed);
    // A key that is over counts for what was witnessed before.
    let until = |after, seen| attested(&[(south, &right, after)], seen);
    assert_eq!(until(" not-after 2026-03-02", Some("2026-03-01T23:59:59Z")), signed);
    assert_eq!(until(" not-after 2026-03-01", Some("2026-03-01T00:00:00Z")), Attestation::NotSigned);
    assert_eq!(until(" not-after 9999-12-31", None), Attestation::NotSigned);
}

#[test]
fn disputes_are_those_of_what_the_answers_rest_on() {
    let mut s = story();
    let of_first = s.lab.dispute(s.admissions[0]);
    let of_second = s.lab.dispute(s.admissions[1]);
    let of_grant = s.lab.dispute(s.grant);
    let of_dataset = s.lab.dispute(s.dataset);
    s.lab.state();
    // One file answers both, and is asked about one of them.
    let both = works(&[&[FIRST], &[SECOND]]);
    let file = s.lab.prove(s.release, &both);
    let of = |asked: &[Vec<Identifier>]| {
        let facts = verify(&file, &s.lab.trust(), &question("songs@1", asked)).unwrap();
        facts.disputes.iter().map(|d| d.index).collect::<Vec<_>>()
    };
    assert_eq!(of(&both), [of_first, of_second, of_grant, of_dataset]);
    assert_eq!(of(&works(&[&[SECOND]])), [of_second, of_grant, of_dataset]);
}

#[test]
fn a_dispute_about_an_erased_admission_is_shown() {
    let mut s = story();
    let dispute = s.lab.dispute(s.admissions[0]);
    let erasure = s.lab.erase(s.admissions[0]);
    s.lab.state();
    let work = ask(&s.lab, s.release, &[FIRST]).unwrap();
    let shown: Vec<u64> = work.admissions[0].about.iter().map(|(i, _)| *i).collect();
    assert_eq!((work.verdict, shown), (Verdict::Erased, vec![dispute, erasure]));
}

#[test]
fn an_erased_dispute_needs_its_erasure_and_no_more() {
    let mut s = story();
    let dispute = s.lab.dispute(s.admissions[0]);
    s.lab.correct(dispute);
    s.lab.erase(dispute);
    s.lab.state();
    assert_eq!(ask(&s.lab, s.release, &[FIRST]).unwrap().verdict, Verdict::Covered);
}

// ---------------------------------------------------------------------------------------------------------------------
// Standing

/// A log whose works are under North Press's signed grant, and whose catalogue has FIRST and SECOND only.
fn signed_story(edit: impl FnOnce(&mut Terms)) -> (Lab, u64, SigningKey) {
    let licensor = key("north.example", 7);
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let mut north = terms("north");
    edit(&mut north);
    let grant = lab.signed_grant(&licensor, north, &ids(&[FIRST, SECOND]));
    lab.admit(dataset, &ids(&[FIRST, FIRST_TOO]), grant);
    lab.admit(dataset, &ids(&[SECOND]), grant);
    lab.admit(dataset, &ids(&[THIRD]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    (lab, release, licensor)
}

/// The standing of works and the grant's signer, with these licensors' keys.
fn standing(lab: &Lab, release: u64, licensors: &str, work: &[&str]) -> (Option<Standing>, Option<Identifier>) {
    let works = [ids(work)];
    let facts = verify(&lab.prove(release, &works), &lab.trust_with(licensors), &question("songs@1", &works)).unwrap();
    assert_eq!(facts.works[0].verdict, Verdict::Covered);
    (facts.works[0].standing, facts.grants[0].signed_by.clone())
}

#[test]
fn standing_is_signed_only_by_the_licensors_own_key_over_the_identifier_asked() {
    let (lab, release, licensor) = signed_story(|_| {});
    let file = format!("licensor {} {}\n", north(), licensor.verifier());
    let (signed, asserted) = (Some(Standing::Signed), Some(Standing::Asserted));
    assert_eq!(standing(&lab, release, &file, &[FIRST]), (signed, Some(north())));
    assert_eq!(standing(&lab, release, &file, &[FIRST, ABSENT]).0, signed);
    // A foreign identifier borrows nothing, alone or beside one of the catalogue.
    assert_eq!(standing(&lab, release, &file, &[FIRST_TOO]), (asserted, Some(north())));
    assert_eq!(standing(&lab, release, &file, &[FIRST, FIRST_TOO]).0, asserted);
    assert_eq!(standing(&lab, release, &file, &[FIRST, THIRD]).0, asserted);
    // No file, another key, another party: the lab's word.
    let others = format!(
        "licensor {} {}\nlicensor id:example/south {}\n",
        north(),
        key("north.example", 8).verifier(),
        licensor.verifier()
    );
    for file in ["", others.as_str()] {
        assert_eq!(standing(&lab, release, file, &[FIRST]), (asserted, None));
    }
}

#[test]
fn a_document_makes_a_grant_evidenced_and_no_more() {
    let document =
        Evidence { by: None, captured_at: None, digest: Identifier::sha256(&[1; 32]), what: Some("contract".into()) };
    let (lab, release, licensor) = signed_story(|t| t.evidence = vec![document.clone()]);
    let file = format!("licensor {} {}\n", north(), licensor.verifier());
    assert_eq!(standing(&lab, release, "", &[FIRST]).0, Some(Standing::Evidenced));
    assert_eq!(standing(&lab, release, &file, &[FIRST]).0, Some(Standing::Signed));
    let s = story_with(|lab, dataset, _| {
        let grant = lab.grant(Terms { evidence: vec![document], ..terms("documented") });
        lab.admit(dataset, &ids(&[ABSENT]), grant);
    });
    assert_eq!(ask(&s.lab, s.release, &[ABSENT]).unwrap().standing, Some(Standing::Evidenced));
    assert_eq!(ask(&s.lab, s.release, &[ABSENT, FIRST]).unwrap().standing, Some(Standing::Asserted));
}

#[test]
fn a_work_stands_as_the_lowest_of_its_layers() {
    let licensor = key("north.example", 7);
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset_with("songs", |d| d.layers = vec![Layer::Text, Layer::Translation].into());
    let text = lab.signed_grant(&licensor, terms("text"), &ids(&[FIRST, SECOND]));
    let translation = lab.grant(Terms { layers: vec![Layer::Translation].into(), ..terms("translation") });
    lab.admit_with(dataset, &ids(&[FIRST]), text, |a| {
        a.grants.insert(Layer::Translation, translation);
    });
    let release = lab.release(dataset, "1");
    lab.state();
    let file = format!("licensor {} {}\n", north(), licensor.verifier());
    let asked = works(&[&[FIRST]]);
    let facts = verify(&lab.prove(release, &asked), &lab.trust_with(&file), &question("songs@1", &asked)).unwrap();
    let layers: Vec<_> = facts.works[0].admissions[0].layers.iter().map(|l| l.standing).collect();
    assert_eq!(layers, [Some(Standing::Signed), Some(Standing::Asserted)]);
    assert_eq!(facts.works[0].standing, Some(Standing::Asserted));
}

#[test]
fn a_catalogue_that_is_not_disclosed_signs_nothing() {
    let (lab, release, licensor) = signed_story(|_| {});
    let trust = lab.trust_with(&format!("licensor {} {}\n", north(), licensor.verifier()));
    let asked = works(&[&[FIRST]]);
    let mut file = lab.plan(release, &asked).file(&lab);
    file.tables.retain(|t| lab.tables[&t.statement].0 != deedbook::rows::Kind::Catalogue);
    let facts = verify(&file.print(), &trust, &question("songs@1", &asked)).unwrap();
    assert_eq!((facts.works[0].standing, facts.works[0].verdict), (Some(Standing::Asserted), Verdict::Covered));
}

#[test]
fn a_signature_over_other_terms_signs_nothing() {
    let licensor = key("north.example", 7);
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.signed_grant(&licensor, terms("north"), &ids(&[FIRST]));
    // The lab puts a wider payload under the licensor's signature.
    let Some(Statement::Grant(mut forged)) = lab.statement(grant) else { panic!("a grant") };
    let mut wider = forged.terms().unwrap();
    wider.valid_to = None;
    let (payload, _) = deedbook::statement::dsse::to_sign(wider, deedbook::statement::dsse::GRANT_TYPE, "grant");
    let mut envelope: serde_json::Value = serde_json::from_str(forged.envelope.as_ref().unwrap()).unwrap();
    use base64::Engine;
    envelope["payload"] = base64::prelude::BASE64_STANDARD.encode(payload).into();
    forged.envelope = Some(envelope.to_string());
    lab.entries.truncate(grant as usize);
    lab.push(Statement::Grant(forged));
    lab.admit(dataset, &ids(&[FIRST]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    let file = format!("licensor {} {}\n", north(), licensor.verifier());
    assert_eq!(standing(&lab, release, &file, &[FIRST]), (Some(Standing::Asserted), None));
}

#[test]
fn a_key_that_is_over_counts_for_what_was_witnessed_before() {
    let (mut lab, release, licensor) = signed_story(|_| {});
    lab.state();
    let w = witness("witness.example", 21);
    let asked = works(&[&[FIRST]]);
    let signed_by = |not_after: &str, seen: Option<&str>| {
        let file = format!("licensor {} {} not-after {not_after}\n", north(), licensor.verifier());
        let mut trust = lab.trust_with(&file);
        let mut plan = lab.plan(release, &asked);
        if let Some(seen) = seen {
            trust.policy = lab.trust_witnessed(&[&w]).policy;
            plan.checkpoint = lab.cosigned(lab.size(), &[(&w, seen)]);
        }
        let facts = verify(&plan.file(&lab).print(), &trust, &question("songs@1", &asked)).unwrap();
        assert_eq!(facts.works[0].standing == Some(Standing::Signed), facts.grants[0].signed_by.is_some());
        facts.grants[0].signed_by.is_some()
    };
    assert!(signed_by("2026-03-02", Some("2026-03-01T23:59:59Z")));
    assert!(!signed_by("2026-03-01", Some("2026-03-01T00:00:00Z")));
    assert!(!signed_by("2026-03-01", Some("2026-04-01T00:00:00Z")));
    assert!(!signed_by("9999-12-31", None));
}

#[test]
fn a_grant_signed_for_another_log_is_refused() {
    let licensor = key("north.example", 7);
    let mut lab = Lab::new("lab.example/deeds");
    let same_name = key(&lab.origin, 200).verifier().id();
    for log in [None, Some(format!("{}+{same_name}", lab.origin)), Some("other.example+00000000".to_owned())] {
        let mut north = terms("north");
        north.licensee.log = log;
        lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let grant = lab.enveloped(&licensor, north);
        lab.admit(dataset, &ids(&[FIRST]), grant);
        let release = lab.release(dataset, "1");
        lab.state();
        assert_eq!(ask(&lab, release, &[FIRST]).unwrap_err(), VerifyError::OtherLicensee { index: grant });
    }
}

#[test]
fn a_signed_grant_of_a_licence_or_party_is_the_labs_word_for_each_work() {
    let licensor = key("north.example", 7);
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let mut north = terms("north");
    north.licensee.log = Some(format!("{}+{}", lab.origin, lab.key().verifier().id()));
    let grant = lab.enveloped(&licensor, north);
    lab.admit(dataset, &ids(&[FIRST]), grant);
    let release = lab.release(dataset, "1");
    lab.state();
    let file = format!("licensor {} {}\n", north_id_text(), licensor.verifier());
    assert_eq!(standing(&lab, release, &file, &[FIRST]), (Some(Standing::Asserted), Some(self::north())));
}

fn north_id_text() -> String {
    north().to_string()
}

#[test]
fn the_licensors_file_has_one_form_of_line() {
    let key_text = key("north.example", 7).verifier().to_string();
    let good = format!(
        "# keys\n\nlicensor {} {key_text} not-after 2027-01-01\n  \nlicensor isni:0000000121032683 {key_text}\n",
        north()
    );
    let keys = Licensors::parse(&good).unwrap();
    assert_eq!(keys.keys().len(), 2);
    assert_eq!(keys.keys()[0].not_after, Some(date("2027-01-01")));
    assert_eq!((keys.keys()[1].party.clone(), keys.keys()[1].not_after), (id("isni:0000000121032683"), None));
    for bad in [
        "licensor id:example/x".to_owned(),
        format!("licencee {} {key_text}", north()),
        format!("licensor isbn:9780306406157 {key_text}"),
        format!("licensor nobody {key_text}"),
        format!("licensor {} {key_text}x", north()),
        format!("licensor {} {key_text} not-after 2027-02-30", north()),
        format!("licensor {} {key_text} until 2027-01-01", north()),
        format!("licensor {} {}", north(), witness("north.example", 7).verifier()),
    ] {
        let error = Licensors::parse(&format!("# line 1\n{bad}\n")).unwrap_err();
        assert!(error.to_string().starts_with("line 2: "), "{bad}: {error}");
    }
    assert!(Licensors::parse(&"#".repeat(4 << 20)).is_ok());
    assert!(Licensors::parse(&"#".repeat((4 << 20) + 1)).is_err());
}

// ---------------------------------------------------------------------------------------------------------------------
// Time

/// The verified answer about FIRST in a story, with anchors and a checkpoint cosigned at these times.
fn witnessed(s: &Story, anchors: &[(u64, &str)], seen: &str) -> Result<Verified, VerifyError> {
    let w = witness("witness.example", 21);
    let asked = works(&[&[FIRST]]);
    let mut plan = s.lab.plan(s.release, &asked);
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, seen)]);
    plan.anchors = anchors.iter().map(|(size, at)| s.lab.anchor(*size, plan.size, &[(&w, at)])).collect();
    verify(&plan.file(&s.lab).print(), &s.lab.trust_witnessed(&[&w]), &question("songs@1", &asked))
}

fn bracket(start: Option<&str>, end: Option<&str>) -> Bracket {
    Bracket { start: start.map(time), end: end.map(time) }
}

#[test]
fn an_entry_is_bracketed_by_the_witnessed_checkpoints_around_it() {
    let s = story();
    let first = s.admissions[0];
    let (noon, feb, march) = ("2026-02-01T12:00:00Z", "2026-02-10T00:00:00Z", "2026-03-01T00:00:00Z");
    let of = |anchors: &[(u64, &str)]| {
        let facts = witnessed(&s, anchors, march).unwrap();
        assert_eq!(facts.witnessed_at, Some(time(march)));
        assert_eq!(facts.witnesses, [("witness.example".to_owned(), seconds(march))]);
        (facts.works[0].admissions[0].bracket, facts.witnessed)
    };
    assert_eq!(of(&[]), (bracket(None, Some(march)), false));
    assert_eq!(of(&[(first, noon)]), (bracket(Some(noon), Some(march)), true));
    assert_eq!(of(&[(first + 1, feb)]), (bracket(None, Some(feb)), false));
    assert_eq!(of(&[(first, noon), (first + 1, feb)]), (bracket(Some(noon), Some(feb)), true));
    assert_eq!(
        of(&[(1, noon), (first - 1, noon), (first + 1, feb), (first + 2, march)]).0,
        bracket(Some(noon), Some(feb))
    );
    // A quorum that saw the larger log earlier had seen the smaller one by then.
    assert_eq!(of(&[(first, noon), (first + 1, "2026-04-01T00:00:00Z")]).0, bracket(Some(noon), Some(march)));
}

#[test]
fn without_witnesses_in_the_policy_no_time_is_proven() {
    let s = story();
    let w = witness("witness.example", 21);
    let asked = works(&[&[FIRST]]);
    let mut plan = s.lab.plan(s.release, &asked);
    plan.anchors = vec![s.lab.anchor(2, plan.size, &[(&w, "2026-01-20T00:00:00Z")])];
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
    let facts = verify(&plan.file(&s.lab).print(), &s.lab.trust(), &question("songs@1", &asked)).unwrap();
    assert_eq!(facts.works[0].admissions[0].bracket, Bracket::default());
    assert_eq!((facts.witnessed_at, facts.witnessed, facts.witnesses.len()), (None, false, 0));
    // Nor is the absence of a work witnessed, though it relies on no admission.
    let asked = works(&[&[ABSENT]]);
    let facts = verify(&s.lab.prove(s.release, &asked), &s.lab.trust(), &question("songs@1", &asked)).unwrap();
    assert!(!facts.witnessed);
}

#[test]
fn an_anchor_that_misses_the_quorum_proves_no_time_and_does_no_harm() {
    let s = story();
    let (w, other) = (witness("witness.example", 21), witness("other.example", 22));
    let asked = works(&[&[FIRST]]);
    let mut plan = s.lab.plan(s.release, &asked);
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
    plan.anchors = vec![s.lab.anchor(2, plan.size, &[(&other, "2026-01-20T00:00:00Z")])];
    let trust = s.lab.trust_witnessed(&[&w]);
    let facts = verify(&plan.file(&s.lab).print(), &trust, &question("songs@1", &asked)).unwrap();
    assert_eq!(facts.works[0].admissions[0].bracket, bracket(None, Some("2026-03-01T00:00:00Z")));
}

#[test]
fn a_checkpoint_that_misses_the_quorum_is_refused() {
    let s = story();
    let (w, other) = (witness("witness.example", 21), witness("other.example", 22));
    let asked = works(&[&[FIRST]]);
    let mut plan = s.lab.plan(s.release, &asked);
    plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
    let trust = s.lab.trust_witnessed(&[&w, &other]);
    let error = verify(&plan.file(&s.lab).print(), &trust, &question("songs@1", &asked)).unwrap_err();
    assert!(matches!(error, VerifyError::Checkpoint(_)), "{error}");
}

#[test]
fn a_date_before_its_bracket_is_judged_on_both_days() {
    let judged = |valid_from: &str, valid_to: &str, seen_without: &str, used_from: Option<&str>| {
        let mut lab = Lab::new("lab.example/deeds");
        let dataset = lab.dataset("songs");
        let (valid_from, valid_to) = (date(valid_from), Some(date(valid_to)));
        let grant = lab.grant(Terms { valid_from, valid_to, ..terms("north") });
        let admission = lab.admit_with(dataset, &ids(&[FIRST]), grant, |a| a.used_from = used_from.map(date));
        let release = lab.release(dataset, "1");
        // The state is dated late, so that the later day is one that it can speak of.
        lab.set_time("2026-07-01T00:00:00Z");
        let state = lab.state();
        let s = Story { lab, dataset, grant, admissions: [admission; 3], release, state };
        let facts = witnessed(&s, &[(admission, seen_without)], "2026-08-01T00:00:00Z").unwrap();
        let admitted = &facts.works[0].admissions[0];
        (admitted.verdict, admitted.layers[0].codes, admitted.day.unwrap().to_string())
    };
    let (year, june) = ("2026-01-01", "2026-06-01T00:00:00Z");
    let covered = (Verdict::Covered, Codes::NONE, "2026-02-01".to_owned());
    let gap = |code: Code| (Verdict::Gap, Codes::from(code), "2026-02-01".to_owned());
    assert_eq!(judged(year, "2026-06-02", june, None), covered);
    assert_eq!(judged(year, "2026-06-01", june, None), gap(Code::Expired));
    assert_eq!(judged("2026-02-02", "2026-12-31", june, None), gap(Code::NotYetValid));
    assert_eq!(judged(year, "2026-06-01", "2026-02-01T00:03:00Z", None), covered);
    // A day that the lab claims has no witness on either side of it.
    let claimed = (Verdict::CoveredAsClaimed, Codes::NONE, "2026-01-15".to_owned());
    assert_eq!(judged(year, "2026-01-16", june, Some("2026-01-15")), claimed);
}

#[test]
fn witnesses_later_than_the_state_leave_coverage_unknown() {
    let s = story();
    let facts = witnessed(&s, &[(s.admissions[0], "2026-02-02T00:00:00Z")], "2026-03-01T00:00:00Z").unwrap();
    assert_eq!(facts.works[0].verdict, Verdict::Unknown);
}

#[test]
fn the_answer_rests_on_the_labs_clock_unless_witnesses_saw_the_log_before_the_state_that_day_or_later() {
    let mut lab = Lab::new("lab.example/deeds");
    let dataset = lab.dataset("songs");
    let grant = lab.grant(terms("north"));
    lab.set_time("2026-02-02T00:00:00Z");
    let admission = lab.admit(dataset, &ids(&[FIRST]), grant);
    let release = lab.release(dataset, "1");
    let state = lab.state();
    let s = Story { lab, dataset, grant, admissions: [admission; 3], release, state };
    let rests = |anchors: &[(u64, &str)]| {
        witnessed(&s, anchors, "2026-03-01T00:00:00Z").unwrap().works[0].admissions[0].rests_on_clock
    };
    assert!(rests(&[]));
    assert!(rests(&[(admission, "2026-02-01T23:59:59Z")]));
    assert!(!rests(&[(admission, "2026-02-01T23:59:59Z"), (state, "2026-02-02T00:01:00Z")]));
    assert!(ask(&s.lab, s.release, &[FIRST]).unwrap().admissions[0].rests_on_clock);
}

#[test]
fn a_date_after_its_bracket_is_refused() {
    let s = story();
    let at = |index: u64| s.lab.statement(index).unwrap().head().1.to_string();
    let end = at(s.admissions[0]);
    assert!(witnessed(&s, &[(s.admissions[0] + 1, &end)], "2026-03-01T00:00:00Z").is_ok());
    let too_early = at(s.admissions[0] - 1);
    let error = witnessed(&s, &[(s.admissions[0] + 1, &too_early)], "2026-03-01T00:00:00Z").unwrap_err();
    assert_eq!(error, VerifyError::TimeAfterWitnesses { index: s.admissions[0] });
    let error = witnessed(&s, &[], "2026-01-01T00:00:00Z").unwrap_err();
    assert_eq!(error, VerifyError::TimeAfterWitnesses { index: 0 });
}

#[test]
fn witnessed_is_said_only_if_every_admission_relied_on_has_both_ends() {
    let s = story();
    let w = witness("witness.example", 21);
    let trust = s.lab.trust_witnessed(&[&w]);
    let says = |asked: &[Vec<Identifier>], anchor: Option<u64>| {
        let mut plan = s.lab.plan(s.release, asked);
        plan.checkpoint = s.lab.cosigned(plan.size, &[(&w, "2026-03-01T00:00:00Z")]);
        plan.anchors.extend(anchor.map(|size| s.lab.anchor(size, plan.size, &[(&w, "2026-02-01T12:00:00Z")])));
        verify(&plan.file(&s.lab).print(), &trust, &question("songs@1", asked)).unwrap().witnessed
    };
    assert!(says(&works(&[&[ABSENT]]), None));
    assert!(!says(&works(&[&[FIRST]]), None));
    assert!(says(&works(&[&[FIRST], &[SECOND]]), Some(s.admissions[0])));
    assert!(!says(&works(&[&[FIRST], &[SECOND]]), Some(s.admissions[1])));
    assert!(says(&works(&[&[SECOND], &[ABSENT]]), Some(s.admissions[1])));
}
