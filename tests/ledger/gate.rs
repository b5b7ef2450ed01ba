//! The gate, end to end: for each rule of the judge and each cell of the default table, a work that this rule alone
//! decides; then what batches, lists, names and duplicates do.

use super::lab::*;
use deedbook::ingest::{Format, Progress};
use deedbook::ledger::admit::Options;
use deedbook::ledger::check::{Counts, check};
use deedbook::ledger::gate::Tally;
use deedbook::ledger::source::{Input, Opening, asked};
use deedbook::licence::Rules;
use deedbook::statement::identifier::Identifier;
use deedbook::statement::screening::ListKind;
use deedbook::statement::terms::Subject;
use deedbook::statement::{Code, Layer, Purpose, Statement, Use};
use deedbook::tlog::{KeyKind, SigningKey};
use std::collections::BTreeMap;

/// The codes of a single work under one grant, in the order of the rules.
fn codes_under(terms: &str) -> Vec<Code> {
    let lab = Lab::new();
    lab.books();
    lab.grant(terms);
    let outcome = lab.admit("books", &format!("title,isbn\nA book,{}\n", isbn(1).trim_start_matches("isbn:")));
    assert_eq!(outcome.tally.considered, 1);
    outcome.tally.reasons.keys().copied().collect()
}

#[test]
fn each_rule_of_the_judge_refuses_a_work_alone() {
    let this = format!("{{ works = [\"{}\"] }}", isbn(1));
    assert_eq!(codes_under(&contract("covers", &this, &[])), []);
    let cases: &[(&[(&str, &str)], Code)] = &[
        (&[("layers", "[\"translation\"]")], Code::LayerNotCovered),
        (&[("layers", "")], Code::LayerNotCovered),
        (&[("uses", "[\"evaluation\"]")], Code::UseNotGranted),
        (&[("uses", "")], Code::UseNotGranted),
        (&[("not_uses", "[\"generative-training\"]")], Code::UseProhibited),
        (&[("not_uses", "[\"tdm\"]")], Code::UseProhibited),
        (&[("purposes", "[\"research\"]")], Code::PurposeNotCovered),
        (&[("purposes", "")], Code::PurposeNotCovered),
        (&[("territories", "[\"DE\"]")], Code::TerritoryNotCovered),
        (&[("not_territories", "[\"FR\"]")], Code::TerritoryNotCovered),
        // Works are admitted on 2026-02-01.
        (&[("valid_from", "\"2026-02-02\"")], Code::NotYetValid),
        (&[("valid_to", "\"2026-02-01\"")], Code::Expired),
    ];
    for (changes, code) in cases {
        assert_eq!(codes_under(&contract("one", &this, changes)), [*code], "{changes:?}");
    }
    let other = format!("{{ works = [\"{}\"] }}", isbn(2));
    assert_eq!(codes_under(&contract("other", &other, &[])), [Code::NotInSubject]);
    // The last day and the first are inside.
    assert_eq!(
        codes_under(&contract("edge", &this, &[("valid_from", "\"2026-02-01\""), ("valid_to", "\"2026-02-02\"")])),
        []
    );
    // A wider use covers, a narrower does not.
    assert_eq!(codes_under(&contract("wide", &this, &[("uses", "[\"tdm\"]")])), []);
}

#[test]
fn subjects_contain_by_list_by_party_and_by_licence() {
    for (subject, expected) in [
        (format!("{{ works = [\"{}\"] }}", isbn(1)), true),
        ("{ party = \"North Press\" }".to_owned(), true),
        ("{ party = \"South Press\" }".to_owned(), false),
        ("{ licence = \"LicenseRef-north\" }".to_owned(), true),
        ("{ licence = \"LicenseRef-south\" }".to_owned(), false),
    ] {
        let lab = Lab::new();
        lab.books();
        lab.grant(&contract("one", &subject, &[]));
        let text = format!("title,isbn,publisher,licence\nA,{},North Press,LicenseRef-north\n", &isbn(1)[5..]);
        assert_eq!(lab.admit("books", &text).tally.admitted == 1, expected, "{subject}");
    }
}

/// Licence, outcome for commercial generative training, outcome for non-commercial research.
const TABLE: &[(&str, &str, &str)] = &[
    ("CC0-1.0", "admitted", "admitted"),
    ("https://creativecommons.org/publicdomain/mark/1.0/", "admitted", "admitted"),
    ("CC-BY-4.0", "admitted attribution", "admitted attribution"),
    ("MIT", "admitted attribution", "admitted attribution"),
    ("Apache-2.0", "admitted attribution", "admitted attribution"),
    ("CC-BY-SA-4.0", "held needs-review", "admitted attribution, share-alike"),
    ("GPL-3.0-only", "held needs-review", "admitted attribution, share-alike"),
    ("CC-BY-ND-4.0", "held needs-review", "held needs-review"),
    ("CC-BY-NC-4.0", "refused purpose-not-covered", "admitted attribution"),
    ("CC-BY-NC-SA-4.0", "refused purpose-not-covered", "admitted attribution, share-alike"),
    ("CC-BY-NC-ND-4.0", "refused purpose-not-covered", "held needs-review"),
    ("some licence of our own", "held licence-unknown", "held licence-unknown"),
    ("", "held licence-unknown", "held licence-unknown"),
];

/// What happened to one work, in words.
fn decided(lab: &Lab, dataset: &str, licence: &str) -> String {
    let text = format!("title,isbn,licence\nA book,{},{licence}\n", isbn(1).trim_start_matches("isbn:"));
    let outcome = lab.admit(dataset, &text);
    let codes = outcome.tally.reasons.keys().map(|c| c.word()).collect::<Vec<_>>().join(", ");
    let Tally { admitted, refused, held, .. } = outcome.tally;
    match (admitted, refused, held) {
        (1, 0, 0) => {
            let view = lab.view();
            let found = deedbook::ledger::show::find(&view, &deedbook::ledger::show::What::Work(id(&isbn(1)))).unwrap();
            let Some((_, Statement::Admission(a))) = found.into_iter().next_back() else { panic!("no admission") };
            let duties = a.obligations.iter().map(|o| o.word()).collect::<Vec<_>>().join(", ");
            format!("admitted {duties}").trim_end().to_owned()
        }
        (0, 1, 0) => format!("refused {codes}"),
        (0, 0, 1) => format!("held {codes}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn each_cell_of_the_default_table_decides_a_work() {
    for (licence, commercial, research) in TABLE {
        for (purpose, expected) in [(Purpose::Commercial, commercial), (Purpose::Research, research)] {
            let lab = Lab::new();
            lab.dataset("d", purpose, &[Use::GenerativeTraining], &[Layer::Text]);
            assert_eq!(decided(&lab, "d", licence), *expected, "{licence} for {purpose}");
        }
    }
    // What the table does not name is held.
    for (purpose, uses) in [(Purpose::Education, Use::GenerativeTraining), (Purpose::Commercial, Use::Redistribution)] {
        let lab = Lab::new();
        lab.dataset("d", purpose, &[uses], &[Layer::Text]);
        assert_eq!(decided(&lab, "d", "CC-BY-4.0"), "held needs-review");
    }
}

#[test]
fn a_missing_licence_is_held_without_contracts_and_outside_them_with() {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("other", &format!("{{ works = [\"{}\"] }}", isbn(2)), &[]));
    assert_eq!(decided(&lab, "books", ""), "refused not-in-subject");
    assert_eq!(decided(&lab, "books", "LicenseRef-unknown-contract"), "refused not-in-subject");
    // A licence that is there and that nobody knows leaves the answer open all the same.
    assert_eq!(decided(&lab, "books", "ask the author"), "held licence-unknown");
    let lab = Lab::new();
    lab.books();
    assert_eq!(decided(&lab, "books", "LicenseRef-unknown-contract"), "refused no-grant");
}

#[test]
fn every_layer_needs_its_grant() {
    let lab = Lab::new();
    lab.dataset("songs", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Composition, Layer::Master]);
    let song = |n: u64| format!("isrc:QZDEE26{n:05}");
    let both = format!("{{ works = [\"{}\", \"{}\"] }}", song(1), song(2));
    let one = format!("{{ works = [\"{}\"] }}", song(1));
    lab.grant(&contract("society", &both, &[("layers", "[\"composition\"]")]));
    lab.grant(&contract("label", &one, &[("layers", "[\"master\"]")]));
    let outcome = lab.admit("songs", "title,isrc\nA,QZDEE2600001\nB,QZDEE2600002\n");
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (1, 1));
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::LayerNotCovered, 1)]));
}

/// A collecting society licenses compositions; nobody licensed the recordings.
#[test]
fn twenty_thousand_songs_under_a_composition_only_grant_all_lack_the_master() {
    const SONGS: u64 = 20_000;
    let lab = Lab::new();
    lab.dataset("songs", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Composition, Layer::Master]);
    let (mut catalogue, mut text) = ("isrc\n".to_owned(), "title,isrc,publisher\n".to_owned());
    for n in 0..SONGS {
        catalogue += &format!("QZDEE26{n:05}\n");
        text += &format!("Song {n},QZDEE26{n:05},Society\n");
    }
    let toml = contract("society", "{ catalogue = \"repertoire.csv\" }", &[("layers", "[\"composition\"]")]);
    let terms = deedbook::licence::read_terms(toml.as_bytes(), deedbook::licence::Format::Toml).unwrap();
    deedbook::ledger::grant::add(lab.writer(), terms, Some(csv(&catalogue)), &[], false).unwrap();
    let outcome = lab.admit("songs", &text);
    assert_eq!((outcome.tally.considered, outcome.tally.refused), (SONGS, SONGS));
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::LayerNotCovered, SONGS)]));
    // The report names the grant that came closest. A dataset of scores alone would have admitted them all.
    assert_eq!(outcome.examples[&Code::LayerNotCovered][0].grants, [name("society")]);
    lab.dataset("scores", Purpose::Commercial, &[Use::GenerativeTraining], &[Layer::Composition]);
    assert_eq!(lab.admit("scores", &text).tally.admitted, SONGS);
    // The label's grant, of the recordings of half of them, lets those in.
    let recordings: String = catalogue.lines().take(1 + SONGS as usize / 2).map(|line| format!("{line}\n")).collect();
    let toml = contract("label", "{ catalogue = \"recordings.csv\" }", &[("layers", "[\"master\"]")]);
    let terms = deedbook::licence::read_terms(toml.as_bytes(), deedbook::licence::Format::Toml).unwrap();
    deedbook::ledger::grant::add(lab.writer(), terms, Some(csv(&recordings)), &[], false).unwrap();
    let outcome = lab.admit("songs", &text);
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (SONGS / 2, SONGS / 2));
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::LayerNotCovered, SONGS / 2)]));
}

#[test]
fn the_best_covering_grant_is_named() {
    // Highest standing, then latest end, then lowest index.
    let this = format!("{{ works = [\"{}\"] }}", isbn(1));
    let evidence = "[{ digest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }]";
    type Changes<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(Changes, Changes, usize)] = &[
        (&[], &[], 0),
        (&[], &[("valid_to", "\"2029-01-01\"")], 1),
        (&[("valid_to", "\"2040-01-01\"")], &[("valid_to", "")], 1),
        (&[("valid_to", "")], &[("evidence", evidence)], 1),
    ];
    for (first, second, best) in cases {
        let lab = Lab::new();
        lab.books();
        let grants = [lab.grant(&contract("a", &this, first)), lab.grant(&contract("b", &this, second))];
        let outcome = lab.admit("books", &format!("title,isbn\nA,{}\n", &isbn(1)[5..]));
        let Statement::Admission(a) = lab.view().statement(outcome.first_entry).unwrap() else {
            panic!("no admission")
        };
        assert_eq!(a.grants[&Layer::Text], grants[*best], "{first:?} {second:?}");
    }
}

/// A licensor's signature over a catalogue that has the work outranks any document that the lab tells of; over a name,
/// which the lab alone says the work bears, it does not.
#[test]
fn a_signed_catalogue_outranks_evidence() {
    let licensor = SigningKey::from_seed("press.example", KeyKind::Ed25519, &[9; 32]).unwrap();
    let evidence = "[{ digest = \"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }]";
    let works = format!("title,isbn,publisher\nA,{},North Press\n", &isbn(1)[5..]);
    for (subject, catalogue) in
        [("{ catalogue = \"works.csv\" }", Some(&*works)), ("{ party = \"North Press\" }", None)]
    {
        let lab = Lab::new();
        lab.books();
        let this = format!("{{ works = [\"{}\"] }}", isbn(1));
        let evidenced = lab.grant(&contract("a", &this, &[("evidence", evidence), ("valid_to", "")]));
        let signed = lab.signed_grant(&licensor, subject, &[], catalogue);
        let outcome = lab.admit("books", &works);
        let Statement::Admission(a) = lab.view().statement(outcome.first_entry).unwrap() else {
            panic!("no admission")
        };
        assert_eq!(a.grants[&Layer::Text], if catalogue.is_some() { signed } else { evidenced }, "{subject}");
    }
}

/// A dataset for these territories and models, and what happens to one book under a grant with these changes.
fn codes_for(territories: &[&str], models: &[&str], changes: &[(&str, &str)]) -> Vec<Code> {
    use deedbook::ledger::dataset::{self, NewDataset};
    use deedbook::statement::Model;
    use deedbook::statement::vocabulary::Territory;
    let lab = Lab::new();
    let new = NewDataset {
        id: name("books"),
        uses: [Use::GenerativeTraining].into_iter().collect(),
        purpose: Purpose::Commercial,
        layers: [Layer::Text].into_iter().collect(),
        territories: territories.iter().map(|t| Territory::parse(t).unwrap()).collect(),
        models: models.iter().map(|m| Model::parse(m).unwrap()).collect(),
        title: None,
    };
    dataset::new(lab.writer(), new).unwrap();
    lab.grant(&contract("one", &format!("{{ works = [\"{}\"] }}", isbn(1)), changes));
    lab.admit("books", &format!("isbn\n{}\n", &isbn(1)[5..])).tally.reasons.keys().copied().collect()
}

#[test]
fn territories_and_exceptions_decide_for_a_dataset_of_some_countries() {
    let none: &[Code] = &[];
    let not = &[Code::TerritoryNotCovered];
    type Changes<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&[&str], Changes, &[Code])] = &[
        (&["DE"], &[], none),
        (&["DE", "FR"], &[("territories", "[\"DE\", \"FR\", \"US\"]")], none),
        (&["DE", "FR"], &[("territories", "[\"DE\"]")], not),
        (&["DE"], &[("not_territories", "[\"FR\"]")], none),
        (&["DE", "FR"], &[("not_territories", "[\"FR\"]")], not),
        (&["worldwide"], &[("not_territories", "[\"FR\"]")], not),
        (&["worldwide"], &[("territories", "[\"DE\"]")], not),
        (&[], &[("not_territories", "[\"FR\"]")], not),
    ];
    for (territories, changes, wanted) in cases {
        assert_eq!(codes_for(territories, &[], changes), *wanted, "{territories:?} {changes:?}");
    }
}

#[test]
fn a_grant_for_some_models_covers_datasets_for_those() {
    let of = |names: &str| format!("{{ names = [{names}] }}");
    let exhausted = vec![Code::ModelsExhausted];
    let (scribe, both) = (of("\"scribe\""), of("\"scribe\", \"painter\""));
    assert_eq!(codes_for(&[], &["scribe@1"], &[("models", &scribe)]), []);
    assert_eq!(codes_for(&[], &["painter@1"], &[("models", &scribe)]), exhausted);
    assert_eq!(codes_for(&[], &["scribe@2", "painter@1"], &[("models", &scribe)]), exhausted);
    assert_eq!(codes_for(&[], &["scribe@2", "painter@1"], &[("models", &both)]), []);
    // With no model known yet the run asks again; and of versions nobody has trained any.
    assert_eq!(codes_for(&[], &[], &[("models", &scribe)]), []);
    assert_eq!(codes_for(&[], &["scribe@1"], &[("models", "{ versions = 1 }")]), []);
}

#[test]
fn used_from_is_the_day_that_is_judged() {
    let lab = Lab::new();
    lab.books();
    let three = format!("{{ works = [\"{}\", \"{}\", \"{}\"] }}", isbn(1), isbn(2), isbn(3));
    lab.grant(&contract("january", &three, &[("valid_from", "\"2026-01-10\""), ("valid_to", "\"2026-01-20\"")]));
    let row = |n: u64, day: &str| format!("{},{day}\n", &isbn(n)[5..]);
    // Recorded in February: only the day of first use lies inside the grant's term.
    let text = "isbn,used_from\n".to_owned() + &row(1, "2026-01-10") + &row(2, "2026-01-09") + &row(3, "2026-01-20");
    let outcome = lab.admit("books", &text);
    assert_eq!(outcome.tally.admitted, 1);
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::NotYetValid, 1), (Code::Expired, 1)]));
    lab.seal("books@v1");
    let verdict = lab.prove("books@v1", &[&isbn(1)]).facts.works[0].verdict;
    assert_eq!(verdict, deedbook::verify::Verdict::CoveredAsClaimed);
    let future = lab.try_admit("books", &format!("isbn,used_from\n{}", row(2, "2026-02-03")), options()).unwrap_err();
    assert!(future.to_string().contains("used_from 2026-02-03"), "{future}");
}

#[test]
fn lists_refuse_whatever_the_grants_say() {
    let lab = Lab::new();
    lab.books();
    let list = |n: u64| format!("isbn\n{}\n", &isbn(n)[5..]);
    let lists = vec![Lab::list(ListKind::Deny, &list(1)), Lab::list(ListKind::Reserve, &list(2))];
    let outcome = lab.try_admit("books", &books(1..4), Options { lists, ..options() }).unwrap();
    assert_eq!(outcome.tally.admitted, 1);
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::Denied, 1), (Code::Reserved, 1)]));
    // The screening names both lists by digest and rows.
    let Statement::Screening(s) = lab.view().statement(outcome.log_size - 2).unwrap() else { panic!("no screening") };
    assert_eq!(s.lists.iter().map(|l| l.rows.count).collect::<Vec<_>>(), [1, 1]);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn only_named_grants_count_when_grants_are_named() {
    let lab = Lab::new();
    lab.books();
    lab.grant(&contract("one", &format!("{{ works = [\"{}\"] }}", isbn(1)), &[]));
    lab.grant(&contract("two", &format!("{{ works = [\"{}\"] }}", isbn(2)), &[]));
    let outcome = lab.try_admit("books", &books(1..4), Options { grants: vec![name("two")], ..options() }).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (1, 2));
    assert!(outcome.open_grants.is_empty());
}

#[test]
fn a_grant_that_ended_covers_no_more() {
    use deedbook::statement::{Date, GrantEnd, Is, V1};
    let lab = Lab::new();
    lab.books();
    let grant = lab.grant(&contract("one", &format!("{{ works = [\"{}\", \"{}\"] }}", isbn(1), isbn(2)), &[]));
    let text = |n: u64| format!("title,isbn\nA,{}\n", &isbn(n)[5..]);
    assert_eq!(lab.admit("books", &text(1)).tally.admitted, 1);
    lab.append(|w| {
        Statement::GrantEnd(GrantEnd {
            at: w.now(),
            because: "terminated".to_owned(),
            effective: Date::parse("2026-01-20").unwrap(),
            grant,
            kind: Is,
            note: None,
            salt: w.salt(),
            v: V1,
        })
    });
    let outcome = lab.admit("books", &text(2));
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::Ended, 1)]));
    // What was admitted before is now a gap, since the end is retroactive.
    lab.seal("books@v1");
    let proven = lab.prove("books@v1", &[&isbn(1)]);
    assert_eq!(proven.facts.works[0].verdict, deedbook::verify::Verdict::Gap);
}

#[test]
fn duplicates_within_and_across_batches() {
    let lab = Lab::new();
    lab.books();
    let outcome = lab.admit("books", &(books(1..4) + &books(2..5).replace("title,isbn,licence\n", "")));
    assert_eq!((outcome.tally.admitted, outcome.tally.duplicates), (4, 2));
    let outcome = lab.admit("books", &books(1..6));
    assert_eq!((outcome.tally.admitted, outcome.tally.duplicates), (1, 4));
    // The same work in another dataset is no duplicate.
    lab.dataset("more", Purpose::Research, &[Use::Tdm], &[Layer::Text]);
    assert_eq!(lab.admit("more", &books(1..6)).tally.admitted, 5);
}

#[test]
fn a_further_embodiment_names_the_first_admission_and_is_counted_once() {
    let lab = Lab::new();
    lab.books();
    let row = |n: u64, digest: char| format!("A,{},CC0-1.0,{}\n", &isbn(n)[5..], String::from(digest).repeat(64));
    let head = "title,isbn,licence,sha256\n";
    // In one batch, and again in later ones: each has the ISBN of the first and bytes of its own.
    let first = lab.admit("books", &(head.to_owned() + &row(1, 'a') + &row(1, 'b') + &row(2, 'c')));
    let later = lab.admit("books", &(head.to_owned() + &row(1, 'd')));
    let again = lab.admit("books", &(head.to_owned() + &row(1, 'd')));
    assert_eq!((first.tally.admitted, later.tally.admitted, again.tally.duplicates), (3, 1, 1));
    let same_as = |index: u64| match lab.view().statement(index).unwrap() {
        Statement::Admission(a) => a.same_as,
        other => panic!("{other:?}"),
    };
    let one = first.first_entry + 1; // the open licence's grant comes first
    assert_eq!(
        [same_as(one), same_as(one + 1), same_as(one + 2), same_as(later.first_entry)],
        [None, Some(one), None, Some(one)]
    );
    let sealed = lab.seal("books@v1");
    assert_eq!((sealed.works, sealed.rows), (2, 8));
    // One key, three admissions, all of them in the answer.
    assert_eq!(lab.prove("books@v1", &[&isbn(1)]).facts.works[0].admissions.len(), 3);
}

#[test]
fn a_withdrawn_work_leaves_later_releases_and_may_come_back() {
    let lab = Lab::new();
    let dataset = lab.books();
    let outcome = lab.admit("books", &books(1..4));
    lab.seal("books@v1");
    let second = outcome.first_entry + 2;
    lab.withdraw(dataset, second);
    let sealed = lab.seal("books@v2");
    assert_eq!((sealed.works, sealed.rows), (2, 2));
    let present = |release: &str| !lab.prove(release, &[&isbn(2)]).facts.works[0].admissions.is_empty();
    assert_eq!((present("books@v1"), present("books@v2")), (true, false));
    assert_eq!(lab.admit("books", &books(1..4)).tally.admitted, 1);
    let sealed = lab.seal("books@v3");
    assert_eq!((sealed.works, sealed.rows), (3, 3));
    assert!(present("books@v3"));
    assert_eq!(lab.fsck(), Vec::<String>::new());
}

#[test]
fn a_dry_run_and_all_or_nothing_record_nothing() {
    let lab = Lab::new();
    lab.books();
    let text = books(1..3) + "A,9780306406157,CC-BY-NC-4.0\n";
    let size = lab.view().log().size();
    let dry = lab.try_admit("books", &text, Options { dry_run: true, ..options() }).unwrap();
    let all = lab.try_admit("books", &text, Options { all_or_nothing: true, ..options() }).unwrap();
    for outcome in [dry, all] {
        assert_eq!((outcome.tally.admitted, outcome.tally.refused, outcome.recorded), (2, 1, false));
        assert_eq!(lab.view().log().size(), size);
    }
    let outcome = lab.try_admit("books", &books(1..3), Options { all_or_nothing: true, ..options() }).unwrap();
    assert!(outcome.recorded);
}

#[test]
fn the_report_holds_what_was_not_admitted_and_the_screening_its_digest() {
    let lab = Lab::new();
    lab.books();
    let text = books(1..3) + "Bad,9780306406158,CC0-1.0\nHeld,9780306406157,who knows\nDup,9780000000019,CC0-1.0\n";
    let outcome = lab.admit("books", &text);
    let path = outcome.report.clone().unwrap();
    let report = std::fs::read(lab.path().join(&path)).unwrap();
    let digest = Identifier::blake3(&deedbook::rows::blake3(&report));
    assert_eq!(path, format!("report/{}", digest.value()));
    let view = lab.view();
    let Statement::Screening(s) = view.statement(outcome.log_size - 2).unwrap() else { panic!("no screening") };
    assert_eq!(s.report, Some(digest));
    assert_eq!((s.considered, s.admitted, s.refused, s.held, s.duplicates), (5, 2, 1, 1, 1));
    let lines: Vec<serde_json::Value> =
        String::from_utf8(report).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let seen: Vec<_> = lines.iter().map(|l| (l["line"].as_u64().unwrap(), l["outcome"].as_str().unwrap())).collect();
    assert_eq!(seen, [(4, "refused"), (5, "held"), (6, "duplicate")]);
    assert_eq!(lines[0]["codes"], serde_json::json!(["bad-identifier"]));
    assert!(lines[0]["why"][0].as_str().unwrap().contains("9780306406158"));
}

/// Rows of one `work` are one work: what is too much in it is refused, or nobody could read the ledger again.
#[test]
fn records_that_add_up_to_too_much_are_refused() {
    let rows = |column: &str, value: &dyn Fn(u64) -> String| {
        let mut text = format!("work,isbn,licence,{column}\n");
        for n in 0..300 {
            text += &format!("w,{},CC0-1.0,{}\n", &isbn(1)[5..], value(n));
        }
        text
    };
    let cases = [
        rows("doi", &|n| format!("10.1/{n}")),
        rows("sha256", &|n| format!("{n:064x}")),
        rows("artist", &|n| format!("Player {n}")),
    ];
    for text in cases {
        let lab = Lab::new();
        lab.books();
        let outcome = lab.admit("books", &text);
        assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::TooLarge, 1)]), "{}", &text[..60]);
        assert_eq!(lab.fsck(), Vec::<String>::new());
        std::fs::remove_dir_all(lab.path().join("index")).unwrap();
        deedbook::ledger::Writer::open(lab.path(), now(58), false).unwrap();
    }
}

#[test]
fn records_of_one_work_that_contradict_each_other_are_held() {
    for order in [["CC-BY-4.0", "CC-BY-NC-4.0"], ["CC-BY-NC-4.0", "CC-BY-4.0"]] {
        let lab = Lab::new();
        lab.books();
        let row = |licence: &str| format!("w,{},{licence}\n", &isbn(1)[5..]);
        let outcome = lab.admit("books", &format!("work,isbn,licence\n{}{}", row(order[0]), row(order[1])));
        assert_eq!((outcome.tally.considered, outcome.tally.admitted), (1, 0));
        assert!(outcome.tally.reasons.contains_key(&Code::ConflictingEvidence), "{:?}", outcome.tally);
    }
}

/// A licensor that grants one article of a journal has not granted the journal.
#[test]
fn a_group_identifier_does_not_bring_the_whole_group_into_a_catalogue() {
    let admit = |catalogue: &str| {
        let lab = Lab::new();
        lab.books();
        let toml = contract("articles", "{ catalogue = \"articles.csv\" }", &[]);
        let terms = deedbook::licence::read_terms(toml.as_bytes(), deedbook::licence::Format::Toml).unwrap();
        deedbook::ledger::grant::add(lab.writer(), terms, Some(csv(catalogue)), &[], false).unwrap();
        let outcome = lab.admit("books", "doi,issn\n10.1/licensed,2049-3630\n10.1/other,2049-3630\n");
        (outcome.tally.admitted, outcome.tally.refused)
    };
    assert_eq!(admit("doi,issn\n10.1/licensed,2049-3630\n"), (1, 1));
    // A line that names nothing but the group means the group.
    assert_eq!(admit("issn\n2049-3630\n"), (2, 0));
}

#[test]
fn a_list_line_that_names_no_work_is_an_error() {
    let lab = Lab::new();
    lab.books();
    let lists = vec![Lab::list(ListKind::Deny, "isbn,title\n,A Secret Book\n")];
    let error = lab.try_admit("books", &books(1..3), Options { lists, ..options() }).unwrap_err().to_string();
    assert!(error.contains("works.csv:2"), "{error}");
}

#[test]
fn the_grant_of_an_open_licence_is_recorded_once_whatever_its_name() {
    use deedbook::statement::{Date, GrantEnd, Is, V1};
    let lab = Lab::new();
    lab.books();
    // A lab's own grant has the name that the rules would give.
    lab.grant(&contract("open-cc-by-4.0", &format!("{{ works = [\"{}\"] }}", isbn(900)), &[]));
    let first = lab.admit("books", &books(1..2));
    assert_eq!(first.open_grants, [name("open-cc-by-4.0-2")]);
    assert!(lab.admit("books", &books(2..3)).open_grants.is_empty());
    // Once it is ended, no new one takes its place by itself.
    lab.append(|w| {
        let (at, because, salt) = (w.now(), "withdrawn".to_owned(), w.salt());
        let effective = Date::parse("2026-01-01").unwrap();
        let grant = first.first_entry;
        Statement::GrantEnd(GrantEnd { at, because, effective, grant, kind: Is, note: None, salt, v: V1 })
    });
    assert_eq!(lab.admit("books", &books(3..4)).tally.reasons, BTreeMap::from([(Code::Ended, 1)]));
}

/// A choice is the licensee's, and the record says which was taken, for whoever asks later.
#[test]
fn the_choice_that_an_expression_leaves_is_taken_on_the_record() {
    let lab = Lab::new();
    lab.books();
    let text = |from: u64| {
        let row = |n: u64, licence: &str| format!("{},{licence}\n", &isbn(from + n)[5..]);
        let either = row(1, "CC-BY-NC-4.0 OR MIT") + &row(2, "(MIT) or cc-by-nc-4.0");
        format!("isbn,licence\n{either}{}{}", row(3, "CC-BY-NC-4.0 AND MIT"), row(4, "GPL-2.0-only AND MIT"))
    };
    let outcome = lab.admit("books", &text(1));
    assert_eq!((outcome.tally.admitted, outcome.tally.refused, outcome.tally.held), (2, 1, 1));
    let [grant] = &outcome.open_grants[..] else { panic!("{:?}", outcome.open_grants) };
    let (index, _, terms) = lab.view().grant(grant).unwrap();
    assert_eq!(terms.licence, "MIT");
    assert_eq!(terms.subject, Subject::Licence("CC-BY-NC-4.0 OR MIT".to_owned()));
    assert!(grant.as_str().starts_with("open-mit-"), "{grant}");
    assert!(lab.admit("books", &text(5)).open_grants.is_empty(), "found again by later runs");
    assert_eq!(index, outcome.first_entry);
}

#[test]
fn a_reference_that_the_rules_list_is_an_open_licence() {
    let rules = String::from_utf8(Rules::default_rules().bytes().to_vec()).unwrap() + "\"LicenseRef-own\" = [\"by\"]\n";
    let lab = Lab::new();
    lab.books();
    let text = format!("isbn,licence\n{},LicenseRef-own\n{},LicenseRef-other\n", &isbn(1)[5..], &isbn(2)[5..]);
    let own = Options { rules: Rules::parse(rules.as_bytes()).unwrap(), ..options() };
    let outcome = lab.try_admit("books", &text, own).unwrap();
    assert_eq!((outcome.tally.admitted, outcome.tally.refused), (1, 1));
}

#[test]
fn a_distributor_is_no_rightsholder_and_a_party_may_be_named_by_number() {
    let admitted = |subject: &str, text: &str| {
        let lab = Lab::new();
        lab.books();
        lab.grant(&contract("all", subject, &[]));
        lab.admit("books", text).tally.admitted
    };
    let by = |column: &str| format!("isbn,{column}\n{},North Press\n", &isbn(1)[5..]);
    assert_eq!(admitted("{ party = \"North Press\" }", &by("publisher")), 1);
    assert_eq!(admitted("{ party = \"North Press\" }", &by("distributor")), 0);
    let numbered = format!("isbn,isni\n{},0000 0001 2103 2683\n", &isbn(1)[5..]);
    assert_eq!(admitted("{ party = \"isni:0000000121032683\" }", &numbered), 1);
}

#[test]
fn a_dry_run_decides_as_the_real_one_and_a_refused_work_leaves_no_grant() {
    // Parties fill the entry beyond its 65,535 bytes.
    let parties: Vec<String> = (0..40).map(|n| format!("{n} {}", "x".repeat(2000))).collect();
    let text = format!("isbn,artist,licence\n{},\"{}\",CC0-1.0\n", &isbn(1)[5..], parties.join("|"));
    let lab = Lab::new();
    lab.books();
    let dry = lab.try_admit("books", &text, Options { dry_run: true, ..options() }).unwrap();
    let real = lab.admit("books", &text);
    assert_eq!(dry.tally, real.tally);
    assert_eq!(real.tally.reasons, BTreeMap::from([(Code::TooLarge, 1)]));
    assert!(real.open_grants.is_empty() && lab.view().look_up("grant:open-cc0-1.0").unwrap().is_empty());
}

fn checked(lab: &Lab, text: &str) -> Counts {
    let progress = Progress::default();
    let opening = Opening::new(&[], &progress);
    check(&lab.view(), &release("books@v1"), vec![csv(text).into()], &opening, &mut |_| Ok(())).unwrap()
}

/// Many works that share a group with many rows of a list: each pair would be too many.
#[test]
fn a_shared_group_costs_no_square() {
    let lab = Lab::new();
    lab.books();
    let issues: String = (0..20_000).map(|n| format!("10.1/{n},2049-3630,CC0-1.0\n")).collect();
    let issues = format!("doi,issn,licence\n{issues}");
    let lists = vec![Lab::list(ListKind::Deny, &format!("issn\n{}", "2049-3630\n".repeat(20_000)))];
    let outcome = lab.try_admit("books", &issues, Options { lists, ..options() }).unwrap();
    assert_eq!(outcome.tally.reasons, BTreeMap::from([(Code::Denied, 20_000)]));
    assert_eq!(lab.admit("books", &issues).tally.admitted, 20_000);
    lab.seal("books@v1");
    assert_eq!(checked(&lab, &issues).present, 20_000);
}

#[test]
fn a_record_with_an_unreadable_identifier_is_not_answered_absent() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..3));
    lab.seal("books@v1");
    let text = format!("isbn,id\n9780306406158,x/1\n{},x/2\n9780306406157,x/3\n", &isbn(1)[5..]);
    let counts = checked(&lab, &text);
    assert_eq!((counts.invalid, counts.present, counts.absent), (1, 1, 1));
}

/// What `admit` would refuse the catalogue or the work for, a question has nothing to do with.
#[test]
fn a_question_reads_only_what_names_a_work() {
    let lab = Lab::new();
    lab.books();
    lab.admit("books", &books(1..3));
    lab.seal("books@v1");
    let row = |n| format!("{},{},no-layer,no-day,CC0-1.0,MIT\n", &isbn(n)[5..], "x".repeat(70_000));
    let text = format!("isbn,artist,layer,used_from,licence,license_url\n{}{}", row(1), row(9));
    let counts = checked(&lab, &text);
    assert_eq!((counts.invalid, counts.present, counts.absent), (0, 1, 1));
    let lines = "{\"isbn\":\"9780306406157\",\"layer\":\"no-layer\",\"bytes\":\"many\"}\n";
    let progress = Progress::default();
    let source = Input { format: Format::Jsonl, ..csv(lines) };
    let asked = asked(source.into(), &Opening::new(&[], &progress)).unwrap();
    assert_eq!((asked[0].identifiers.len(), asked[0].why.len()), (1, 0));
}

/// More works than one batch holds: what an earlier batch admitted, a later one knows.
#[test]
fn batches_of_one_command_know_of_each_other() {
    let lab = Lab::new();
    lab.books();
    let row = |n: u64, digest: u64| format!("A,{},CC0-1.0,{digest:064x}\n", &isbn(n)[5..]);
    let many = deedbook::ledger::source::BATCH_WORKS as u64 + 100;
    let mut text = "title,isbn,licence,sha256\n".to_owned() + &row(1, 1) + &row(1, 2);
    (2..many).for_each(|n| text += &row(n, n + 10));
    text += &(row(1, 3) + &row(1, 2) + &row(5, 15));
    let outcome = lab.admit("books", &text);
    assert_eq!((outcome.tally.admitted, outcome.tally.duplicates), (many + 1, 2));
    let first = outcome.first_entry + 1;
    let Statement::Admission(last) = lab.view().statement(outcome.log_size - 3).unwrap() else {
        panic!("no admission")
    };
    assert_eq!((last.same_as, last.embodiments[0].digests[0].value().ends_with("03")), (Some(first), true));
    let sealed = lab.seal("books@v1");
    assert_eq!((sealed.works, sealed.rows), (many - 1, 2 * (many + 1)));
    // A table of this size is proven from its nodes file, and without it all the same.
    let (one, none) = (isbn(9), isbn(many + 9));
    let proven = lab.prove("books@v1", &[&one, &none]);
    let present: Vec<bool> = proven.facts.works.iter().map(|w| !w.admissions.is_empty()).collect();
    assert_eq!(present.iter().filter(|p| **p).count(), 1);
    std::fs::remove_dir_all(lab.path().join("index/nodes")).unwrap();
    assert_eq!(lab.prove("books@v1", &[&one, &none]).bytes, proven.bytes);
    assert_eq!(lab.fsck(), Vec::<String>::new());
}
