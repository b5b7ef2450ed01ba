//! Coverage on a day, and runs: what is counted from sets of grants is what each admission's own entry says.

use super::lab::*;
use super::random::Random;
use deedbook::ledger::coverage::{Coverage, Part, Question, Scope, admissions, coverage};
use deedbook::ledger::exposure::{Range, exposure};
use deedbook::ledger::relied::{from_entries, relied};
use deedbook::ledger::repair::repair;
use deedbook::ledger::run::{self, Declared, Judged};
use deedbook::ledger::{LedgerError, View};
use deedbook::statement::admission::Override;
use deedbook::statement::terms::Standing;
use deedbook::statement::{Admission, Code, Date, GrantEnd, Is, Layer, Model, Purpose, Set, Statement, Time, Use, V1};
use deedbook::tlog::{KeyKind, SigningKey};
use deedbook::verify::{Licensors, Verdict};
use std::collections::{BTreeMap, BTreeSet};

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn of(release_name: &str, at: &str) -> Question {
    Question { scope: Scope::Release(release(release_name)), at: Some(day(at)), as_of: None, if_ended: None }
}

fn asked(view: &View, question: &Question) -> Coverage {
    coverage(view, question, &Licensors::default(), day("2026-03-01")).unwrap()
}

fn part(view: &View, question: &Question) -> Part {
    asked(view, question).parts.remove(0)
}

fn end(lab: &Lab, grant: u64, effective: &str) -> u64 {
    let effective = day(effective);
    lab.append(|w| {
        let (at, salt, because) = (w.now(), w.salt(), "breach".to_owned());
        Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v: V1 })
    })
}

fn isbns(numbers: impl IntoIterator<Item = u64>) -> String {
    let rows = numbers.into_iter().map(|n| format!("Book {n},{}\n", &isbn(n)[5..]));
    "title,isbn\n".to_owned() + &rows.collect::<String>()
}

fn works(numbers: impl IntoIterator<Item = u64>) -> String {
    let ids: Vec<String> = numbers.into_iter().map(|n| format!("{:?}", isbn(n))).collect();
    format!("{{ works = [{}] }}", ids.join(", "))
}

/// Ten books under a contract until the end of 2027, five under CC BY.
fn two_grants() -> (Lab, u64) {
    let lab = Lab::new();
    lab.books();
    let grant = lab.grant(&contract("press", &works(1..=10), &[]));
    lab.admit("books", &isbns(1..=10));
    lab.admit("books", &books(11..=15));
    lab.seal("books@v1");
    (lab, grant)
}

#[test]
fn a_grant_covers_from_its_first_day_to_the_day_before_its_last() {
    let (lab, _) = two_grants();
    let view = lab.view();
    let on = |at: &str| {
        let part = part(&view, &of("books@v1", at));
        assert_eq!(part.works, 15);
        (part.verdicts, part.codes)
    };
    let covered = |count| BTreeMap::from([(Verdict::Covered, count)]);
    assert_eq!(on("2026-01-01"), (covered(15), BTreeMap::new()));
    let gap = |code| (BTreeMap::from([(Verdict::Covered, 5), (Verdict::Gap, 10)]), BTreeMap::from([(code, 10)]));
    assert_eq!(on("2025-12-31"), gap(Code::NotYetValid));
    // What is open to everyone is not known to be covered on a day to come; what is over is over.
    let (verdicts, codes) = on("2028-01-01");
    assert_eq!(verdicts, BTreeMap::from([(Verdict::Unknown, 5), (Verdict::Gap, 10)]));
    assert_eq!(codes, BTreeMap::from([(Code::Expired, 10)]));
    assert_eq!(on("2027-12-31").0, BTreeMap::from([(Verdict::Unknown, 15)]));
}

#[test]
fn totals_are_by_layer_grant_basis_standing_and_licensor() {
    let lab = Lab::new();
    lab.dataset("songs", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Composition, Layer::Master]);
    let evidence = "[{ digest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }]";
    let until = ("valid_to", "\"2026-12-01\"");
    let whose = |name: &str| format!("{{ name = \"{name}\" }}");
    let (publisher, label) = (whose("Publisher"), whose("Label"));
    let works = works(1..=4);
    let changes = [("layers", "[\"composition\"]"), ("licensor", &*publisher), ("evidence", evidence)];
    let composition = lab.grant(&contract("composition", &works, &changes));
    let master = lab.grant(&contract("master", &works, &[("layers", "[\"master\"]"), ("licensor", &*label), until]));
    lab.admit("songs", &isbns(1..=4));
    lab.seal("songs@v1");
    let covered = part(&lab.view(), &of("songs@v1", "2026-03-01"));
    assert_eq!(covered.layers, BTreeMap::from([(Layer::Composition, (4, 0)), (Layer::Master, (4, 0))]));
    assert_eq!(covered.licensors, BTreeMap::from([("Label".to_owned(), 4), ("Publisher".to_owned(), 4)]));
    assert_eq!(covered.standings, BTreeMap::from([(Standing::Asserted, 4)]));
    let grants: Vec<_> = covered.grants.iter().map(|g| (g.index, g.standing, g.works, g.covered)).collect();
    assert_eq!(grants, [(composition, Standing::Evidenced, 4, 4), (master, Standing::Asserted, 4, 4)]);
    let later = part(&lab.view(), &of("songs@v1", "2026-12-01"));
    assert_eq!(later.layers, BTreeMap::from([(Layer::Composition, (4, 0)), (Layer::Master, (0, 4))]));
    assert!(later.licensors.is_empty() && later.grants.iter().all(|g| g.covered == 0));
}

#[test]
fn an_end_counts_from_its_day_and_only_where_the_log_knew_of_it() {
    let (lab, grant) = two_grants();
    let before = lab.view().log().size();
    end(&lab, grant, "2026-01-20");
    end(&lab, grant, "2026-02-20");
    let view = lab.view();
    let gaps = |question: &Question| part(&view, question).codes.get(&Code::Ended).copied().unwrap_or_default();
    assert_eq!(gaps(&of("books@v1", "2026-01-19")), 0);
    assert_eq!(gaps(&of("books@v1", "2026-01-20")), 10);
    let as_of = Question { as_of: Some(before), ..of("books@v1", "2026-01-20") };
    assert_eq!(gaps(&as_of), 0);
    let part = part(&view, &of("books@v1", "2026-01-20"));
    assert_eq!(part.grants[0].ended, Some(day("2026-01-20")));
    // Of a size before the release there is no answer, nor of one that the log has not reached.
    for (size, wanted) in [(5, "was not there"), (before + 100, "entries, not")] {
        let question = Question { as_of: Some(size), ..of("books@v1", "2026-01-20") };
        let error = coverage(&view, &question, &Licensors::default(), day("2026-03-01")).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[test]
fn the_end_of_a_grant_touches_works_releases_runs_and_models() {
    let (lab, _) = two_grants();
    lab.admit("books", &books(16..=20));
    lab.seal("books@v2");
    lab.dataset("other", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Text]);
    lab.admit("other", &books(1..=3));
    lab.seal("other@v1");
    assert!(run_on(&lab, "sonata@1", &["books@v2"], None).recorded.is_some());
    assert!(run_on(&lab, "ballad@1", &["other@v1"], None).recorded.is_some());
    let question = Question { if_ended: Some(name("press")), ..of("books@v2", "2026-02-01") };
    let coverage = asked(&lab.view(), &question);
    assert_eq!(coverage.parts[0].codes, BTreeMap::from([(Code::Ended, 10)]));
    let touched = coverage.touched.unwrap();
    assert_eq!(touched.releases, [(release("books@v1"), 10), (release("books@v2"), 10)]);
    let models: Vec<String> = touched.runs.iter().map(|(_, model)| model.to_string()).collect();
    assert_eq!(models, ["sonata@1"]);
    // Nothing of it is recorded.
    assert!(part(&lab.view(), &of("books@v2", "2026-02-01")).codes.is_empty());
    let unknown = Question { if_ended: Some(name("pres")), ..question };
    let error = coverage_error(&lab, &unknown);
    assert!(matches!(&error, LedgerError::Unknown { what: "grant", known, .. } if known.contains(&"press".to_owned())));
}

fn coverage_error(lab: &Lab, question: &Question) -> LedgerError {
    coverage(&lab.view(), question, &Licensors::default(), day("2026-03-01")).unwrap_err()
}

fn declared(model: &str, releases: &[&str], despite_gaps: Option<&str>) -> Declared {
    Declared {
        model: Model::parse(model).unwrap(),
        releases: releases.iter().map(|r| release(r)).collect(),
        purpose: Purpose::Commercial,
        uses: [Use::GenerativeTraining].into_iter().collect(),
        territories: Set::new(),
        start: Time::parse("2026-02-01T00:00:00Z").unwrap(),
        end: Time::parse("2026-03-01T00:00:00Z").unwrap(),
        weights: Set::new(),
        despite_gaps: despite_gaps.map(str::to_owned),
        dry_run: false,
    }
}

fn run_on(lab: &Lab, model: &str, releases: &[&str], despite_gaps: Option<&str>) -> Judged {
    run::add(lab.writer(), declared(model, releases, despite_gaps)).unwrap()
}

#[test]
fn a_run_for_another_purpose_is_refused_and_nothing_is_written() {
    let (lab, _) = two_grants();
    let before = files(lab.path());
    let research = Declared { purpose: Purpose::Research, ..declared("sonata@1", &["books@v1"], None) };
    let judged = run::add(lab.writer(), research.clone()).unwrap();
    assert!(judged.recorded.is_none());
    assert_eq!(judged.parts[0].codes, BTreeMap::from([(Code::PurposeNotCovered, 10)]));
    let log = |files: &BTreeMap<String, Vec<u8>>| {
        files.iter().filter(|(path, _)| !path.starts_with("index/")).map(|(p, b)| (p.clone(), b.clone())).collect()
    };
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (log(&before), log(&files(lab.path())));
    assert_eq!(before, after);
    let despite = Declared { despite_gaps: Some("counsel's decision of 3 May".to_owned()), ..research };
    let (index, run, _) = run::add(lab.writer(), despite).unwrap().recorded.unwrap();
    let gaps = run.gaps.clone().unwrap();
    assert_eq!((gaps.because.as_str(), gaps.codes.0), ("counsel's decision of 3 May", judged.parts[0].codes.clone()));
    assert_eq!(run::list(&lab.view()).unwrap(), [(index, run, vec![release("books@v1")])]);
    assert_eq!(lab.fsck(), [""; 0]);
}

#[test]
fn a_run_is_covered_from_start_to_end_or_at_the_start_only() {
    let (lab, grant) = two_grants();
    end(&lab, grant, "2026-02-20");
    let judged = run_on(&lab, "sonata@1", &["books@v1"], None);
    assert!(judged.recorded.is_none());
    assert_eq!((judged.parts[0].at_start_only, &judged.parts[0].codes), (10, &BTreeMap::from([(Code::Ended, 10)])));
    // The day of its end is not one of its days; nor is that of the grant's one of the grant's.
    let until = |end: &str| Declared { end: Time::parse(end).unwrap(), ..declared("sonata@1", &["books@v1"], None) };
    assert!(run::add(lab.writer(), until("2026-02-20T00:00:01Z")).unwrap().recorded.is_none());
    assert!(run::add(lab.writer(), until("2026-02-20T00:00:00Z")).unwrap().recorded.is_some());
    let backward = run::add(lab.writer(), until("2026-01-31T23:59:59Z"));
    assert!(matches!(backward, Err(LedgerError::BackwardRun { .. })));
}

#[test]
fn a_run_on_no_release_is_an_error_that_names_the_releases() {
    let (lab, _) = two_grants();
    let error = run::add(lab.writer(), declared("sonata@1", &["books@v2"], None)).unwrap_err();
    assert!(matches!(&error, LedgerError::Unknown { what: "release", known, .. } if *known == ["books@v1"]));
}

#[test]
fn versions_of_models_are_counted_against_what_was_granted() {
    let lab = Lab::new();
    lab.books();
    let models = ("models", "{ names = [\"sonata\"], versions = 2 }");
    lab.grant(&contract("press", &works(1..=3), &[models]));
    lab.admit("books", &isbns(1..=3));
    lab.seal("books@v1");
    assert!(run_on(&lab, "sonata@1", &["books@v1"], None).recorded.is_some());
    // Another model is not granted at all; the same version again is no further one.
    assert!(run_on(&lab, "ballad@1", &["books@v1"], None).recorded.is_none());
    assert!(run_on(&lab, "sonata@1", &["books@v1"], None).recorded.is_some());
    assert!(run_on(&lab, "sonata@2", &["books@v1"], None).recorded.is_some());
    let third = run_on(&lab, "sonata@3", &["books@v1"], None);
    assert!(third.recorded.is_none());
    assert_eq!(third.parts[0].codes, BTreeMap::from([(Code::ModelsExhausted, 3)]));
    run_on(&lab, "sonata@3", &["books@v1"], Some("tried"));
    // A later version takes nothing from the earlier ones.
    let of_model = |model: &str| {
        let scope = Scope::Model(Model::parse(model).unwrap());
        let coverage = asked(&lab.view(), &Question { scope, at: None, as_of: None, if_ended: None });
        coverage.parts.iter().map(|part| part.verdicts.clone()).collect::<Vec<_>>()
    };
    assert_eq!(
        of_model("sonata@1"),
        [BTreeMap::from([(Verdict::Covered, 3)]), BTreeMap::from([(Verdict::Covered, 3)])]
    );
    assert_eq!(of_model("sonata@3"), [BTreeMap::from([(Verdict::Gap, 3)])]);
    let scope = Scope::Model(Model::parse("sonata@4").unwrap());
    let error = coverage_error(&lab, &Question { scope, at: None, as_of: None, if_ended: None });
    assert!(
        matches!(error, LedgerError::Unknown { what: "model", known, .. } if known == ["sonata@1", "sonata@2", "sonata@3"])
    );
}

#[test]
fn exposure_has_the_known_figures() {
    assert_eq!(Range::of(196_640).least, 147_480_000);
    assert_eq!(Range::of(196_640).most_if_wilful, 29_496_000_000);
    assert_eq!(Range::of(20_000).least, 15_000_000);
    assert_eq!(Range::of(20_000).most_if_wilful, 3_000_000_000);
    assert_eq!(Range::of(20_000).most, 600_000_000);
    assert_eq!(Range::of(20_000).least_if_innocent, 4_000_000);
}

#[test]
fn exposure_counts_gaps_by_registration_and_compilation() {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("press", "{ party = \"North Press\" }", &[("valid_to", "\"2026-06-01\"")]));
    let rows = [
        // Two works of one album, one of them registered; two albums bound together by a work of both.
        ("1", "00602547790835", "TX0000000001"),
        ("2", "00602547790835", ""),
        ("3", "00012345678905", ""),
        ("4", "00012345678905|00036000291452", ""),
        ("5", "00036000291452", ""),
        ("6", "", "TX0000000006"),
        ("7", "", ""),
    ];
    let rows = rows
        .map(|(n, upc, registration)| format!("North Press,{},{upc},{registration}\n", &isbn(n.parse().unwrap())[5..]));
    lab.admit("books", &format!("publisher,isbn,upc,uscopyright\n{}", rows.concat()));
    lab.admit("books", &books(20..=25));
    lab.seal("books@v1");
    let view = lab.view();
    let found = |at: &str| exposure(&view, &asked(&view, &of("books@v1", at))).unwrap();
    let exposed = found("2026-06-01");
    // Registered: 1 and 6. One album has a registered work, so it counts as registered.
    assert_eq!((exposed.registered.works, exposed.registered.compilations), (2, 2));
    assert_eq!((exposed.unrecorded.works, exposed.unrecorded.compilations), (5, 2));
    let nothing = found("2026-03-01");
    assert_eq!((nothing.registered.works, nothing.unrecorded.works), (0, 0));
}

/// What a file tells about works is what their entries tell, whatever happened to them.
#[test]
fn counted_sets_are_those_of_the_entries() {
    let mut several = 0;
    for seed in 0..12 {
        let mut random = Random(1 + seed);
        let lab = Lab::new();
        let dataset = lab.books();
        lab.grant(&contract("odd", &works((1..60).filter(|n| n % 2 == 1)), &[]));
        for batch in 0..4 {
            if batch == 2 {
                // It ends later than the other, so that further embodiments of works enter under it.
                let works = works((1..60).filter(|n| n % 3 == 0));
                lab.grant(&contract("third", &works, &[("valid_to", "\"2029-01-01\"")]));
            }
            let rows = (0..20).map(|i| {
                let (n, form) = (1 + random.below(60), random.below(4));
                let registered = if n % 5 == 0 { "TX0000000001" } else { "" };
                let licence = if n % 2 == 0 && n % 3 != 0 { "CC-BY-4.0" } else { "" };
                format!(
                    "{},{:064x},{licence},{registered}\n",
                    &isbn(n)[5..],
                    1000 * n + form + 100_000 * batch * (i % 2)
                )
            });
            let text = format!("isbn,sha256,licence,uscopyright\n{}", rows.collect::<String>());
            lab.admit("books", &text);
            let sealed = lab.seal(&format!("books@v{batch}"));
            let size = lab.view().log().size();
            let admissions: Vec<u64> =
                (0..size).filter(|i| matches!(lab.view().statement(*i), Ok(Statement::Admission(_)))).collect();
            let release_name = release(&format!("books@v{batch}"));
            let (kept, erased) = relied(&lab.view(), &release_name).unwrap();
            assert_eq!((kept.total(), erased), (sealed.works, 0));
            let (read, _) = from_entries(&lab.view(), &release_name).unwrap();
            assert_eq!(by_sets(&kept), by_sets(&read), "seed {seed}, batch {batch}");
            several += by_sets(&kept).keys().filter(|sets| sets.len() > 1).count();
            lab.withdraw(dataset, admissions[random.below(admissions.len() as u64) as usize]);
        }
    }
    assert!(several > 20, "{several}");
}

/// Works by their sets, whatever the order in which the sets are listed.
fn by_sets(relied: &deedbook::index::Relied) -> BTreeMap<BTreeSet<deedbook::index::Reliance>, u64> {
    let named = |sets: &Vec<u32>| sets.iter().map(|set| relied.sets[*set as usize].clone()).collect();
    relied.works.iter().map(|(sets, count)| (named(sets), *count)).collect()
}

#[test]
fn what_was_counted_is_passed_over_where_it_is_damaged_and_made_again() {
    let (lab, _) = two_grants();
    let path = lab.path().join("index/relied").join(lab.view().release(&release("books@v1")).unwrap().0.to_string());
    let whole = std::fs::read(&path).unwrap();
    let right = part(&lab.view(), &of("books@v1", "2026-02-01")).verdicts;
    assert_eq!(right, BTreeMap::from([(Verdict::Covered, 15)]));
    let text = String::from_utf8(whole.clone()).unwrap();
    for damaged in [text.replace("10]", "11]"), text.replacen(':', ";", 1), String::new()] {
        assert_ne!(damaged, text);
        std::fs::write(&path, damaged).unwrap();
        assert_eq!(part(&lab.view(), &of("books@v1", "2026-02-01")).verdicts, right);
    }
    std::fs::remove_dir_all(lab.path().join("index")).unwrap();
    assert_eq!(part(&lab.view(), &of("books@v1", "2026-02-01")).verdicts, right);
    repair(lab.path(), now(59), false, false).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[test]
fn of_an_erased_admission_nothing_is_known() {
    let (lab, _) = two_grants();
    let view = lab.view();
    let listed = part(&view, &of("books@v1", "2026-02-01"));
    let first = admissions(&view, &listed).unwrap().next().unwrap().unwrap().index;
    drop(view);
    lab.erase(first);
    let erased = part(&lab.view(), &of("books@v1", "2026-02-01"));
    assert_eq!(erased.verdicts, BTreeMap::from([(Verdict::Covered, 14), (Verdict::Erased, 1)]));
    assert_eq!(erased.works, 15);
}

#[test]
fn each_admission_is_listed_with_what_was_counted() {
    let (lab, grant) = two_grants();
    end(&lab, grant, "2026-02-20");
    let view = lab.view();
    let part = part(&view, &of("books@v1", "2026-02-20"));
    let mut verdicts: BTreeMap<Verdict, u64> = BTreeMap::new();
    for found in admissions(&view, &part).unwrap() {
        let found = found.unwrap();
        *verdicts.entry(found.verdict).or_default() += 1;
        let codes: Vec<Code> = found.layers.iter().flat_map(|(_, _, codes)| codes.iter()).collect();
        assert_eq!(codes.is_empty(), found.verdict == Verdict::Covered);
        assert_eq!(found.layers[0].1 == Some(grant), found.verdict == Verdict::Gap);
    }
    assert_eq!(verdicts, part.verdicts);
}

/// What a person let in was let in for what the dataset declares: else an override for research would be a licence for
/// sale.
#[test]
fn a_run_on_a_work_that_a_person_let_in_is_refused() {
    let (lab, _) = two_grants();
    let view = lab.view();
    let listed = part(&view, &of("books@v1", "2026-02-01"));
    let first = admissions(&view, &listed).unwrap().next().unwrap().unwrap().admission.unwrap();
    drop(view);
    lab.append(|w| {
        let (codes, because, by) = (Code::PurposeNotCovered.into(), "wanted".to_owned(), "A. Person".to_owned());
        let override_ = Some(Override { because, by, codes });
        let identifiers = vec![id(&isbn(50))].into();
        let (at, salt) = (w.now(), w.salt());
        Statement::Admission(Box::new(Admission { at, identifiers, override_, salt, ..first.clone() }))
    });
    // The bulk path was passed by, so its rows come from the log.
    repair(lab.path(), now(50), false, false).unwrap();
    assert_eq!(lab.seal("books@v2").works, 16);
    let found = part(&lab.view(), &of("books@v2", "2026-02-01"));
    assert_eq!(found.verdicts, BTreeMap::from([(Verdict::Covered, 15), (Verdict::Override, 1)]));
    assert!(run_on(&lab, "sonata@1", &["books@v2"], None).recorded.is_none());
    let (_, run, _) = run_on(&lab, "sonata@1", &["books@v2"], Some("tried")).recorded.unwrap();
    assert_eq!(run.gaps.unwrap().codes.0, BTreeMap::from([(Code::NeedsReview, 1)]));
    assert!(run_on(&lab, "sonata@1", &["books@v1"], None).recorded.is_some());
}

#[test]
fn a_run_on_an_erased_admission_is_refused() {
    let (lab, _) = two_grants();
    let view = lab.view();
    let listed = part(&view, &of("books@v1", "2026-02-01"));
    let first = admissions(&view, &listed).unwrap().next().unwrap().unwrap().index;
    drop(view);
    lab.erase(first);
    assert!(run_on(&lab, "sonata@1", &["books@v1"], None).recorded.is_none());
}

#[test]
fn what_was_counted_for_another_release_is_passed_over() {
    let (lab, _) = two_grants();
    lab.admit("books", &books(16..=20));
    lab.seal("books@v2");
    let file = |name: &str| {
        let entry = lab.view().release(&release(name)).unwrap().0;
        lab.path().join("index/relied").join(entry.to_string())
    };
    let (first, second) = (std::fs::read(file("books@v1")).unwrap(), std::fs::read(file("books@v2")).unwrap());
    std::fs::write(file("books@v2"), &first).unwrap();
    assert_eq!(part(&lab.view(), &of("books@v2", "2026-02-01")).works, 20);
    // One that is whole, and counts works of a set that is not there.
    let text = String::from_utf8(second).unwrap();
    let (_, json) = text.trim_end().split_once('\n').unwrap();
    let json = json.replace("[[[0],", "[[[7],");
    let forged = format!("{}\n{json}\n", blake3::hash(json.as_bytes()));
    assert_ne!(forged, text);
    std::fs::write(file("books@v2"), forged).unwrap();
    assert_eq!(part(&lab.view(), &of("books@v2", "2026-02-01")).verdicts, BTreeMap::from([(Verdict::Covered, 20)]));
}

/// As for `verify`: by a key that the auditor knows for that party, for this log, over a catalogue.
#[test]
fn a_grant_is_signed_only_by_a_known_key_over_a_catalogue() {
    let licensor = SigningKey::from_seed("press.example", KeyKind::Ed25519, &[9; 32]).unwrap();
    let known = format!("licensor id:example/press {}\n", licensor.verifier());
    let stranger = SigningKey::from_seed("other.example", KeyKind::Ed25519, &[8; 32]).unwrap();
    let other = format!("licensor id:example/press {}\n", stranger.verifier());
    for (subject, catalogue, standing) in [
        ("{ catalogue = \"works.csv\" }", Some(isbns(1..=3)), Standing::Signed),
        ("{ party = \"North Press\" }", None, Standing::Asserted),
    ] {
        let lab = Lab::new();
        lab.books();
        lab.signed_grant(&licensor, subject, &[], catalogue.as_deref());
        lab.admit("books", &isbns(1..=3).replace('\n', ",North Press\n").replacen("North Press", "publisher", 1));
        assert_eq!(lab.seal("books@v1").works, 3);
        let found = |file: &str| {
            let licensors = Licensors::parse(file).unwrap();
            let found = coverage(&lab.view(), &of("books@v1", "2026-02-01"), &licensors, day("2026-03-01"));
            found.unwrap().parts.remove(0).standings
        };
        assert_eq!(found(&known), BTreeMap::from([(standing, 3)]));
        assert_eq!(found(&other), BTreeMap::from([(Standing::Asserted, 3)]));
        assert_eq!(found(""), BTreeMap::from([(Standing::Asserted, 3)]));
    }
}
